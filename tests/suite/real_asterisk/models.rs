//! The bundled recogniser and voice on a real Asterisk: the built program answers, callers speak and
//! press keys, cut in, and are joined to a person.

use super::asterisk::{Asterisk, ENTRIES, SECRET, SPEECH};
use crate::support::{attendant, told};
use attendant::audio::wav::{Channel, WavReader};
use attendant::call::journal::{Entry, Journal};
use attendant::call::{Action, Event, Note};
use attendant::dialogue::Reason;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

/// A call takes about 45 s.
const LONGEST: Duration = Duration::from_secs(150);
/// The person of the dialplan, Hz.
const PERSON: f32 = 1004.0;

/// The program that answers. It ends with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The sample shop with people on the human line at any hour: who judges a call at night wants one, too.
fn always_open(dir: &Path) -> PathBuf {
    let shop = dir.join("my-shop");
    let made = attendant(dir)
        .args(["init", "shop"])
        .arg(&shop)
        .output()
        .expect("the program runs");
    assert!(made.status.success(), "{made:?}");
    let file = shop.join("business.toml");
    let business = std::fs::read_to_string(&file).expect("readable");
    let open: String = business
        .lines()
        .map(|line| match line.split_once(" = ") {
            Some((day, _)) if day.ends_with("day") => format!("{day} = \"00:00-24:00\"\n"),
            _ if line.contains("= \"closed\"") => String::new(),
            _ => format!("{line}\n"),
        })
        .collect();
    std::fs::write(&file, open).expect("room");
    shop
}

/// `attendant serve` in `dir`, and the ports of HTTP and AudioSocket that it announces.
fn serve(dir: &Path) -> (Program, String, String) {
    let calls = dir.join("calls");
    let store = dir.join("store.sqlite");
    let shop = always_open(dir);
    let mut child = attendant(dir)
        .env("ATTENDANT_ASTERISK_SECRET", SECRET)
        .env("ATTENDANT_AUDIOSOCKET_LISTEN", "127.0.0.1:0")
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(["--human-line", "+15557654321"])
        .arg("--set")
        .arg(format!("recordings.dir={}", calls.display()))
        .arg("--set")
        .arg(format!("business.store={}", store.display()))
        .arg("--set")
        .arg(format!("business.domain={}", shop.display()))
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let program = Program(child);
    let (mut http, mut audiosocket) = (None, None);
    for line in lines.map(|line| line.expect("text")) {
        let port = |address: &str| {
            let digits = address.rsplit_once(':')?.1;
            Some(digits.split_whitespace().next()?.to_owned())
        };
        if let Some(address) = line.strip_prefix("listening on") {
            http = port(address);
        } else if line.contains("AudioSocket(") {
            audiosocket = line.split("   (").next().and_then(port);
        }
        if let (Some(http), Some(audiosocket)) = (&http, &audiosocket) {
            return (program, http.clone(), audiosocket.clone());
        }
    }
    panic!("the program announces no ports");
}

/// A file of the fixtures, as Asterisk plays it: linear, 8 kHz.
fn playable(fixture: &str, to: &Path) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("audio-fixtures")
        .join(fixture);
    let file = BufReader::new(File::open(path).expect("a fixture"));
    let frames = WavReader::new(file, Channel::Mix).expect("a WAV file");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(to, spec).expect("room");
    // The fixtures were made of 8 kHz: every second sample has it all.
    for sample in frames.flat_map(|frame| frame.0).step_by(2) {
        wav.write_sample(sample).expect("room");
    }
    wav.finalize().expect("room");
}

/// The journals of all calls.
fn journals(calls: &Path) -> Vec<(PathBuf, Journal)> {
    let folders = std::fs::read_dir(calls).expect("calls were recorded");
    let mut journals: Vec<_> = folders
        .map(|folder| {
            let folder = folder.expect("readable").path();
            let bytes = std::fs::read(folder.join("journal.jsonl")).expect("a journal");
            let journal = Journal::from_bytes(&bytes).expect("it can be read");
            (folder, journal)
        })
        .collect();
    journals.sort_by(|a, b| a.0.cmp(&b.0));
    journals
}

fn actions(journal: &Journal) -> impl Iterator<Item = &Action> {
    journal.entries.iter().filter_map(|(_, entry)| match entry {
        Entry::Out(action) => Some(action),
        Entry::In(_) => None,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a built Asterisk: make asterisk-test"]
async fn a_real_asterisk_is_answered_by_the_bundled_models() {
    let dir = tempfile::tempdir().expect("a folder");
    let (_program, port, audiosocket) = serve(dir.path());
    playable("hearing/order.wav", &dir.path().join("order.wav"));
    playable("hearing/hours.wav", &dir.path().join("hours.wav"));
    let asterisk = Asterisk::start(
        dir.path(),
        BTreeMap::from([
            ("PORT", port),
            ("AUDIOSOCKET", audiosocket),
            ("SECRET", SECRET.to_owned()),
        ]),
    );
    asterisk.ready().await;
    asterisk.tell("dialplan set global NOBODY 0");
    asterisk.play(&["asks"], LONGEST).await;

    let journals = journals(&dir.path().join("calls"));
    if std::env::var_os("ASTERISK_SHOW").is_some() {
        eprintln!("{}", asterisk.log());
    }
    assert_eq!(journals.len(), ENTRIES.len());
    for (folder, journal) in &journals {
        let words: Vec<&str> = actions(journal)
            .filter_map(|action| match action {
                Action::Note(Note::Caller(said)) => Some(said.text.as_str()),
                _ => None,
            })
            .collect();
        println!("{:<28}{words:?}", journal.header.line);
        assert!(words.iter().any(|said| said.contains("order")), "{words:?}");
        let looked_up = actions(journal).any(
            |action| matches!(action, Action::LookUp(lookup) if lookup.arguments.values().any(|value| value == "456712")),
        );
        assert!(looked_up, "the keys were not read: {words:?}");
        let cut_in =
            actions(journal).any(|action| matches!(action, Action::Note(Note::BargedIn { .. })));
        assert!(cut_in, "the caller could not cut in");
        let reason = actions(journal).find_map(|action| match action {
            Action::HandOver(handover) => Some(handover.reason),
            _ => None,
        });
        assert_eq!(reason, Some(Reason::Requested));
        let gone = journal
            .entries
            .iter()
            .any(|(_, entry)| *entry == Entry::In(Event::HungUp));
        assert!(gone, "the call does not end");
        let replayed = attendant(dir.path())
            .arg("replay")
            .arg(folder)
            .arg("--set")
            .arg(format!(
                "business.domain={}",
                dir.path().join("my-shop").display()
            ))
            .output()
            .expect("the program runs");
        let (code, out, _) = told(&replayed);
        assert_eq!(code, Some(0), "{out}");
    }
    for entry in ENTRIES {
        let recording = asterisk.recording(entry, "asks");
        let loud = |block: &&[i16]| block.iter().any(|sample| sample.unsigned_abs() > SPEECH);
        let heard = recording.heard.chunks_exact(80).filter(loud).count() / 100;
        // Greeting, question, the order's state, and what was cut short.
        assert!(heard > 8, "{entry}: the caller heard {heard} s of sound");
        let (_, _, long) = recording.tone(PERSON);
        assert!(long > 1_000, "{entry}: the person was heard for {long} ms");
    }
}
