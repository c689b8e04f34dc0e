//! What a caller keys as a secret is nowhere: not in the journal, the recordings, the logs, what a
//! narrator sees, what the recogniser gets, nor, but for its hash, in the store. Whole calls through a
//! real session, the digits as tones, as signals, and said aloud.

mod house;
mod spoken;

use crate::support::CapturedLogs;
use attendant::audio::dtmf::Dtmf;
use attendant::audio::tone::dtmf;
use attendant::audio::wav::{Channel, WavReader};
use attendant::audio::{Digit, FRAME_SAMPLES, Frame};
use attendant::call::journal::{Entry, Journal};
use attendant::call::replay::{bless, replay};
use attendant::call::{Action, Endpointing, Event, Tick};
use attendant::config::Config;
use attendant::dialogue::{Dialogue, Disposition, Domain, LookupResult};
use attendant::pii::vault::{Opened, Vault};
use attendant::rehearsal;
use attendant::runtime::business::Business;
use attendant::runtime::house::House;
use attendant::runtime::recorder::Recorder;
use attendant::runtime::session::{LineTraits, Narrator, Out, Session};
use attendant::speech::scripted::sure;
use attendant::speech::{Cancel, Hearing, Recognized, Rendered, Request, Saying, Speaking};
use attendant::store::{self, BackEnd, Store};
use house::*;
use jiff::civil::DateTime;
use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

struct Caller {
    session: Session,
    out: Vec<Out>,
}

impl Caller {
    fn tick(&mut self, frame: &Frame) {
        self.session.tick(Some(frame), &mut self.out);
        self.out.clear();
    }

    fn quiet(&mut self, ms: u32) {
        (0..ms / 20).for_each(|_| self.tick(&Frame::SILENCE));
    }

    /// Waits until the bot has said everything.
    fn listens(&mut self) {
        self.quiet(200);
        while self.session.is_speaking() {
            self.quiet(20);
        }
        self.quiet(600);
    }

    fn sounds(&mut self, sound: &[i16]) {
        for chunk in sound.chunks(FRAME_SAMPLES) {
            let mut frame = Frame::SILENCE;
            frame.0[..chunk.len()].copy_from_slice(chunk);
            self.tick(&frame);
        }
    }

    /// Keys as tones, each as long as its pause.
    fn tones(&mut self, keys: &str, ms: u32) {
        for key in keys.chars() {
            self.sounds(&dtmf(Digit::new(key).unwrap(), -13.0, ms));
            self.quiet(ms);
        }
    }

    /// Keys that the line signals, and that are heard as well.
    fn both(&mut self, keys: &str) {
        for key in keys.chars() {
            self.session.digit(Digit::new(key).unwrap());
            self.tones(&key.to_string(), 100);
        }
    }

    fn signals(&mut self, keys: &str) {
        for key in keys.chars() {
            self.session.digit(Digit::new(key).unwrap());
            self.quiet(140);
        }
    }
}

/// Somebody says a few words: one of the recorded callers.
fn speech() -> Vec<i16> {
    let path = "audio-fixtures/calls/person/caller.wav";
    let file = std::fs::File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let frames = WavReader::new(BufReader::new(file), Channel::Mix).unwrap();
    let all: Vec<i16> = frames.flat_map(|frame| frame.0).collect();
    let loud = |sample: &i16| sample.unsigned_abs() > 500;
    let from = all.iter().position(loud).unwrap();
    all[from..(from + 24_000).min(all.len())].to_vec()
}

/// A call, and everything that came of it.
struct Called {
    folder: tempfile::TempDir,
    ears: Arc<Ears>,
    mouth: Arc<Mouth>,
    witness: Witness,
    disposition: Option<Disposition>,
}

impl Called {
    fn of(call: impl FnOnce(&mut Caller)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (ears, mouth) = (Arc::<Ears>::default(), Arc::<Mouth>::default());
        let witness = Witness::default();
        let store = Store::open(
            &files(),
            Some(&folder.path().join("store.db")),
            now().date(),
            &|_| None,
        );
        let house = Arc::new(House {
            domain: domain(),
            back_end: BackEnd::new(Arc::new(store.unwrap())),
            hearing: Arc::<Ears>::clone(&ears),
            speaking: Arc::<Mouth>::clone(&mouth),
            endpointing: Endpointing::from(&Config::default().call),
            recorder: Some(Recorder::start(&folder.path().join("calls"), true)),
            recognizer: "scripted".into(),
            desk: None,
            now: Some(now()),
        });
        let mut caller = Caller {
            session: Session::new("c1", Arc::clone(&house), LINE),
            out: Vec::new(),
        };
        caller.session.narrate(Box::new(witness.clone()));
        caller.session.answered(None);
        caller.listens();
        call(&mut caller);
        caller.session.hung_up();
        let disposition = caller.session.disposition();
        drop(caller);
        let house = Arc::into_inner(house).unwrap();
        assert_eq!(house.recorder.unwrap().finish(), 0);
        Self {
            folder,
            ears,
            mouth,
            witness,
            disposition,
        }
    }

    fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join(name)).unwrap()
    }

    fn journal_text(&self) -> String {
        String::from_utf8(self.file("calls/c1/journal.jsonl")).unwrap()
    }

    fn journal(&self) -> Journal {
        Journal::parse(&self.journal_text()).unwrap()
    }

    fn dialogue(&self) -> Dialogue {
        let journal = self.journal();
        let context = journal.entries.iter().find_map(|(_, entry)| match entry {
            Entry::In(Event::Answered(context)) => Some(context.clone()),
            _ => None,
        });
        Dialogue::new(domain(), context.unwrap())
    }

    /// When this was first begun to be said.
    fn said_at(&self, text: &str) -> Tick {
        let journal = self.journal();
        let says = journal
            .entries
            .iter()
            .find_map(|(tick, entry)| match entry {
                Entry::Out(Action::Say { sentences, .. }) => {
                    let said = sentences
                        .iter()
                        .any(|sentence| sentence.text.contains(text));
                    said.then_some(*tick)
                }
                _ => None,
            });
        says.unwrap_or_else(|| panic!("no {text:?} in {:#?}", self.mouth.0.lock().unwrap()))
    }

    fn wav(&self, name: &str, channel: Channel) -> Vec<Frame> {
        let bytes = self.file(&format!("calls/c1/{name}"));
        WavReader::new(bytes.as_slice(), channel).unwrap().collect()
    }

    /// Whatever was written or told must not hold what was planted.
    fn holds_nothing(&self) {
        let journal = self.journal_text();
        for planted in PLANTED {
            assert!(!journal.contains(planted), "{planted} in {journal}");
            for told in self.witness.0.lock().unwrap().iter() {
                assert!(!told.contains(planted), "{planted} in {told}");
            }
            for said in self.mouth.0.lock().unwrap().iter() {
                assert!(!said.contains(planted), "{planted} in {said}");
            }
            for entry in std::fs::read_dir(self.folder.path()).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    let bytes = std::fs::read(&path).unwrap();
                    let held = bytes
                        .windows(planted.len())
                        .any(|part| part == planted.as_bytes());
                    assert!(!held, "{planted} in {}", path.display());
                }
            }
        }
        let replay = replay(&self.journal(), self.dialogue());
        assert_eq!(replay.first_difference(), None);
        assert!(!format!("{replay:?}").contains(RIGHT));
        let journaled = self.journal();
        let again = bless(&journaled, &journaled.header, self.dialogue());
        assert!(again == journal.into_bytes(), "to the same bytes");
    }

    /// Digits that the engine was given as they are.
    fn plain_digits(&self) -> String {
        let journal = self.journal();
        let digits = journal.entries.iter().filter_map(|(_, entry)| match entry {
            Entry::In(Event::Digit { digit, .. }) => Some(digit.as_char()),
            _ => None,
        });
        digits.filter(char::is_ascii_digit).collect()
    }

    /// Keys that sound in a recording.
    fn keys_in(frames: &[Frame]) -> String {
        let mut detector = Dtmf::new();
        let keys = frames.iter().filter_map(|frame| detector.push(frame).digit);
        keys.map(Digit::as_char).collect()
    }
}

/// Both recordings of the caller have no key in them but `plain`, and no sound in this time.
fn is_silent(called: &Called, from: Tick, to: Tick, plain: &str) {
    let caller = called.wav("caller.wav", Channel::Mix);
    let left = called.wav("call.wav", Channel::Left);
    for frames in [&caller, &left] {
        assert_eq!(Called::keys_in(frames), plain);
        let hidden = &frames[from as usize..to as usize];
        let loud = hidden
            .iter()
            .position(|frame| frame.0.iter().any(|&sample| sample != 0));
        assert_eq!(loud, None, "from tick {from}");
    }
    assert_eq!(caller.len(), left.len());
}

#[test]
fn a_pin_that_is_keyed_and_changed_leaves_no_trace() {
    let logs = CapturedLogs::start();
    let called = Called::of(|caller| {
        // The menu's key may be heard by anybody.
        caller.tones("1", 100);
        caller.listens();
        caller.tones(WRONG, 80);
        caller.listens();
        caller.both(RIGHT);
        caller.listens();
        caller.tones(&format!("{WEAK}#"), 100);
        caller.listens();
        caller.tones(&format!("{NEW}#"), 100);
        caller.listens();
        // One digit is wrong: from the start.
        caller.signals(&format!("59*{NEW}#"));
        caller.listens();
        caller.tones("5", 100);
        caller.listens();
    });
    let (asked, changed) = (
        called.said_at("key in your PIN"),
        called.said_at("is changed"),
    );
    assert!(called.said_at("not your PIN") < called.said_at("a new PIN"));
    assert!(called.said_at("a new PIN") < called.said_at("too easy"));
    called.holds_nothing();
    is_silent(&called, asked - 9, changed, "5");
    assert_eq!(called.plain_digits(), "15");
    assert!(called.ears.0.lock().unwrap().is_empty());
    assert_eq!(logs.leaks(PLANTED), Vec::<String>::new());
    let file = called.folder.path().join("store.db");
    let store = Store::open(&files(), Some(&file), now().date(), &|_| None).unwrap();
    let pin = [("account", "1001"), ("pin", NEW)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let answer = store.ask(&store::Request {
        call: "c2".into(),
        id: 1,
        name: "check_pin".into(),
        arguments: pin.into(),
        secrets: Opened::default(),
        now: now(),
    });
    let LookupResult::Rows(rows) = answer else {
        panic!("failed");
    };
    assert_eq!(rows[0]["right"], 1, "the digits have reached the back end");
}

#[test]
fn what_is_said_at_a_secret_question_is_not_listened_to() {
    let logs = CapturedLogs::start();
    let called = Called::of(|caller| {
        caller.signals("1");
        caller.listens();
        caller.sounds(&speech());
        caller.listens();
        caller.signals(RIGHT);
        caller.listens();
    });
    let (asked, answered) = (
        called.said_at("key in your PIN"),
        called.said_at("a new PIN"),
    );
    assert!(called.said_at("don't say it aloud") < answered);
    called.holds_nothing();
    is_silent(&called, asked - 9, answered, "");
    assert!(
        called.ears.0.lock().unwrap().is_empty(),
        "nothing was recognised"
    );
    assert_eq!(logs.leaks(PLANTED), Vec::<String>::new());
}

#[test]
fn a_voice_before_and_after_the_secret_is_heard_without_it() {
    let called = Called::of(|caller| {
        caller.sounds(&speech());
        caller.listens();
        caller.signals("1");
        caller.listens();
        caller.tones(RIGHT, 100);
        caller.listens();
        caller.signals("*");
        caller.quiet(4000);
        caller.listens();
    });
    let heard = called.ears.0.lock().unwrap();
    assert!(!heard.is_empty());
    for samples in heard.iter() {
        let frames: Vec<Frame> = attendant::audio::tone::frames(samples).collect();
        assert_eq!(Called::keys_in(&frames), "");
    }
}

#[test]
fn too_many_keys_and_keys_after_the_last_are_hidden_as_well() {
    let called = Called::of(|caller| {
        caller.tones("1", 100);
        caller.listens();
        // Held for long, one too many, and the line signals late.
        caller.sounds(&dtmf(Digit::new('4').unwrap(), -13.0, 100));
        caller.quiet(100);
        caller.tones("7193", 100);
        caller.sounds(&dtmf(Digit::new('8').unwrap(), -13.0, 2000));
        caller.session.digit(Digit::new('8').unwrap());
        caller.tones("9", 100);
        caller.listens();
        caller.listens();
    });
    called.holds_nothing();
    assert_eq!(called.plain_digits(), "1");
    let asked = called.said_at("key in your PIN");
    let end = called.wav("caller.wav", Channel::Mix).len() as Tick;
    is_silent(&called, asked - 9, end, "");
}

#[test]
fn who_does_not_know_the_secret_or_wants_a_person_can_say_so_by_keys() {
    let star = Called::of(|caller| {
        caller.signals("1");
        caller.listens();
        caller.tones("47", 100);
        caller.signals("*");
        caller.quiet(4000);
        caller.listens();
    });
    star.said_at("Then I can't change it.");
    let zero = Called::of(|caller| {
        caller.signals("1");
        caller.listens();
        caller.tones("0", 100);
        caller.quiet(4000);
        caller.listens();
    });
    assert_eq!(zero.disposition, Some(Disposition::HandedOver));
    let seconds = Called::of(|caller| {
        caller.signals("1");
        caller.listens();
        caller.tones("04", 100);
        caller.quiet(4000);
        caller.listens();
    });
    assert!(seconds.said_at("too short") > 0);
    assert_eq!(seconds.plain_digits(), "1");
}

/// Examples go the same way, with plain keys in them.
#[test]
fn an_example_keys_a_secret_and_sees_none() {
    let text = format!(
        "# A wrong PIN, said and keyed\nkeys: 1\nasks pin\n\
         caller: four seven one nine\nbot: don't say it aloud\nasks pin\n\
         keys: {WRONG}\nbot: not your PIN\ndoes check_pin account=1001 pin=…\n\
         keys: {RIGHT}\nasks new_pin\n\
         ---\n# A new PIN\nkeys: 1\nkeys: {RIGHT}\n\
         keys: {WEAK}#\nbot: too easy\nasks new_pin\n\
         keys: {NEW}#\nasks again\nkeys: {NEW}1#\nbot: differ\nasks new_pin\n\
         keys: {NEW}#\nkeys: {NEW}#\nbot: PIN is changed\ndoes change_pin pin=…\n"
    );
    let business = Business::parse(files()).unwrap();
    for example in rehearsal::parse(&text).unwrap() {
        let outcome = rehearsal::judge::rehearse(&business, &example).unwrap();
        assert_eq!(outcome.misses, []);
        let shown = format!("{outcome:?}");
        assert!(
            PLANTED.iter().all(|planted| !shown.contains(planted)),
            "{shown}"
        );
    }
}

/// The store keeps a sum of what was asked; a few digits would soon be guessed from it.
#[test]
fn what_the_store_keeps_of_a_request_is_the_same_for_any_secret() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(
        &files(),
        Some(&folder.path().join("store.db")),
        now().date(),
        &|_| None,
    );
    let store = store.unwrap();
    let ask = |pin: &str| {
        let mut vault = Vault::default();
        pin.chars().for_each(|key| vault.press(key));
        let arguments = BTreeMap::from([
            ("account".to_owned(), "1001".to_owned()),
            ("pin".to_owned(), vault.seal(pin.len(), |_| true)),
        ]);
        let request = store::Request {
            call: "c1".into(),
            id: 1,
            name: "check_pin".into(),
            secrets: vault.open(arguments.values()),
            arguments,
            now: now(),
        };
        store.ask(&request)
    };
    let first = ask(RIGHT);
    assert!(matches!(&first, LookupResult::Rows(rows) if rows[0]["right"] == 1));
    assert_eq!(
        ask(WRONG),
        first,
        "the answer of the first time: as far as the file tells, it is the same"
    );
}
