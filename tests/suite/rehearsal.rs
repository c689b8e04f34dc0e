//! `attendant test` and `attendant chat`: examples in a business's folder run as tests, the outcome is
//! told in every form, and a typed conversation becomes an example.

use crate::support::{attendant, small_shop, told};
use attendant::audio::wav::{Channel, WavReader};
use attendant::cli::test::aloud::Aloud;
use attendant::dialogue::domain::Files;
use attendant::rehearsal::parse;
use attendant::runtime::house::House;
use attendant::speech::scripted::sure;
use attendant::speech::{Cancel, Hearing, Recognized, Request, SpeechError, Synthesizer};
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

/// A conversation with the small shop that passes.
const GOOD: &str = "\
# An order that is on its way
call: from +15550102, 2026-11-24 10:15, en
bot: Thanks for calling
bot: *How can I help*

caller: where is my order
  intent order_status
  asks order
bot: order number
keys: 456712
  does order order=456712
  does nothing
bot: coffee machine * on its way
bot: anything else
caller: no thank you
bot: goodbye
end completed
---
# The table does not answer
caller: where is my order
back end: order dead
caller: four five six seven one two
bot: put you through
caller: yes please
end handed over: fault
";
/// One that does not.
const BAD: &str = "\
# Somebody else's shop
bot: Welcome to the zoo
caller: what are your opening hours
  intent returns
";

/// A folder with the small shop and these examples.
fn shop(examples: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let mut files = Files::clone(&small_shop().files);
    for (name, text) in examples {
        files.insert(format!("examples/{name}"), (*text).to_owned());
    }
    std::fs::create_dir(dir.path().join("examples")).unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

fn test(dir: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = attendant(dir);
    told(&command.args(["test", "."]).args(args).output().unwrap())
}

#[test]
fn examples_that_hold_pass() {
    let dir = shop(&[("orders.txt", GOOD)]);
    let (code, out, err) = test(dir.path(), &[]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.starts_with("2 passed, 0 failed   (8 turns; "), "{out}");
}

#[test]
fn a_failure_is_shown_and_can_be_blessed() {
    let dir = shop(&[("bad.txt", BAD), ("orders.txt", GOOD)]);
    let (code, out, _) = test(dir.path(), &[]);
    assert_eq!(code, Some(1));
    for part in [
        "FAIL ./examples/bad.txt:1  Somebody else's shop\n",
        "  -    2  bot: Welcome to the zoo\n",
        "  +       bot: Thanks for calling Harbor Goods.\n",
        "  -    4    intent returns\n  +         intent opening_hours\n",
        "2 passed, 1 failed",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert!(!out.contains('\x1b'), "no colours in a pipe");
    let (code, _, err) = test(dir.path(), &["--bless"]);
    assert_eq!(
        code,
        Some(1),
        "it failed, and what was understood is not blessed"
    );
    assert!(err.contains("blessed: ./examples/bad.txt"), "{err}");
    let blessed = std::fs::read_to_string(dir.path().join("examples/bad.txt")).unwrap();
    assert!(blessed.contains("bot: Thanks for calling Harbor Goods.\n"));
    assert!(blessed.contains("  intent returns\n"));
    let dir = shop(&[
        ("wording.txt", "# t\nbot: Welcome to the zoo\n"),
        ("orders.txt", GOOD),
    ]);
    for args in [&["--bless"][..], &[]] {
        let (code, out, _) = test(dir.path(), args);
        assert_eq!(code, Some(0), "{args:?}: {out}");
    }
    let kept = std::fs::read_to_string(dir.path().join("examples/orders.txt")).unwrap();
    assert_eq!(kept, GOOD);
}

#[test]
fn a_filter_chooses_by_title_or_file() {
    let dir = shop(&[("bad.txt", BAD), ("orders.txt", GOOD)]);
    for (filter, count) in [("ON ITS WAY", 1), ("orders.", 2)] {
        let (code, out, _) = test(dir.path(), &[filter]);
        let start = format!("{count} passed, 0 failed");
        assert!(
            code == Some(0) && out.starts_with(&start),
            "{filter}: {out}"
        );
    }
    let (code, _, err) = test(dir.path(), &["zebra"]);
    assert_eq!(code, Some(2));
    assert!(
        err.contains("3 are there") && err.contains("hint: "),
        "{err}"
    );
}

#[test]
fn programs_get_json_and_build_servers_xml() {
    let dir = shop(&[("bad.txt", BAD), ("orders.txt", GOOD)]);
    let (code, out, _) = test(
        dir.path(),
        &["--json", "--coverage", "--junit", "report.xml"],
    );
    assert_eq!(code, Some(1));
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&json["passed"], &json["failed"]), (&2.into(), &1.into()));
    assert_eq!(json["examples"][0]["misses"][0]["line"], 2);
    assert_eq!(json["coverage"]["slot"]["met"], 1);
    let missing = json["coverage"]["intent"]["missing"].as_array().unwrap();
    assert!(missing.contains(&"returns".into()), "{missing:?}");
    let xml = std::fs::read_to_string(dir.path().join("report.xml")).unwrap();
    assert!(
        xml.contains("tests=\"3\"") && xml.contains("failures=\"1\""),
        "{xml}"
    );
    let (_, out, _) = test(dir.path(), &["--coverage"]);
    assert!(out.contains("  never met: intent returns\n"), "{out}");
}

#[test]
fn faults_in_examples_name_file_and_line() {
    let dir = shop(&[
        ("a.txt", "# t\ncalller: hi\n"),
        ("b.txt", "# t\ncall: eo\nsilence\n"),
    ]);
    let (code, _, err) = test(dir.path(), &[]);
    assert_eq!(code, Some(2));
    assert!(
        err.contains("./examples/a.txt:2: ") && err.contains("hint: did you mean caller:"),
        "{err}"
    );
    std::fs::remove_file(dir.path().join("examples/a.txt")).unwrap();
    let (code, _, err) = test(dir.path(), &[]);
    assert_eq!(code, Some(2));
    assert!(
        err.contains("./examples/b.txt:1: the business does not speak \"eo\""),
        "{err}"
    );
    std::fs::remove_dir_all(dir.path().join("examples")).unwrap();
    let (code, _, err) = test(dir.path(), &[]);
    assert_eq!(code, Some(2));
    assert!(
        err.contains("hint: example dialogues are .txt files"),
        "{err}"
    );
}

/// Types `lines` into a chat.
fn chat(dir: &Path, lines: &str) -> (Option<i32>, String, String) {
    let mut child = attendant(dir)
        .args(["chat", ".", "--now", "2026-11-24 10:15"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(lines.as_bytes()).unwrap();
    drop(stdin);
    told(&child.wait_with_output().unwrap())
}

#[test]
fn a_typed_conversation_is_saved_as_an_example_that_passes() {
    let dir = shop(&[]);
    let lines = "where is my order\n/why\n/keys 456712\nthat's all thanks\n\
                 /save examples/typed.txt\n/save examples/typed.txt\n/quit\nnot read\n";
    let (code, out, err) = chat(dir.path(), lines);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    for part in [
        "Thanks for calling Harbor Goods.\n",
        "heard: where is my order",
        "intent: order_status (",
        "rule: does order_status\n",
        "── asks order order=456712\n",
        "── the call is over: completed\n",
        "saved in examples/typed.txt\n",
        "cannot write examples/typed.txt: ",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let (code, out, _) = test(dir.path(), &[]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.starts_with("1 passed, 0 failed"), "{out}");
}

#[test]
fn the_end_of_what_is_typed_ends_the_chat() {
    let dir = shop(&[]);
    let (code, out, _) = chat(dir.path(), "/help\n/noise");
    assert_eq!(code, Some(0));
    assert!(
        out.contains("/silence") && out.contains("noise on the line"),
        "{out}"
    );
}

/// A voice that plays recordings: no speech library is needed.
struct Clips;

impl Synthesizer for Clips {
    fn synthesize(&mut self, text: &str) -> Result<Vec<i16>, SpeechError> {
        let name = if text.contains("order") {
            "order"
        } else {
            "no"
        };
        let path = format!("audio-fixtures/hearing/{name}.wav");
        let file = std::fs::File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let frames = WavReader::new(std::io::BufReader::new(file), Channel::Mix).unwrap();
        Ok(frames.flat_map(|frame| frame.0).collect())
    }
}

/// Hears which of the two clips it was by its length.
struct ByLength;

impl Hearing for ByLength {
    fn recognize(&self, request: Request, done: Box<dyn FnOnce(Recognized) + Send>) -> Cancel {
        let long = request.duration() > Duration::from_millis(1300);
        let words = if long {
            "where is my order"
        } else {
            "no thank you"
        };
        done(Recognized {
            doubted: false,
            result: Ok(vec![sure(words)]),
            took: Duration::ZERO,
            queued: Duration::ZERO,
        });
        Cancel::default()
    }
}

#[test]
fn the_same_example_passes_by_sound() {
    let text = "\
# By sound
caller: where's my order, please
  intent order_status
  asks nothing_that_can_be_told
bot: order number
keys: 456712
  does order order=456712
bot: coffee machine
silence
bot: hear anything
caller: no thanks
end completed
---
# Not by sound
noise
---
# A caller who has enough
caller: where is my order
bot: order number
hangs up
end abandoned
---
# Too short a call
caller: no thank you
end completed
caller: where is my order
";
    let business = small_shop().clone();
    let house = House {
        domain: business.domain.clone(),
        back_end: super::house::back_end(jiff::civil::date(2026, 11, 24)),
        hearing: Arc::new(ByLength),
        speaking: Arc::new(super::house::Beeps),
        endpointing: (&attendant::config::Config::default().call).into(),
        recorder: None,
        recognizer: "by length".into(),
        desk: None,
        now: None,
    };
    let mut aloud = Aloud::new(house, business, Box::new(Clips));
    let examples = parse(text).unwrap();
    let outcomes: Vec<_> = examples
        .iter()
        .map(|example| aloud.rehearse(example).unwrap())
        .collect();
    assert!(outcomes[0].passed(), "{:?}", outcomes[0]);
    let heard = &outcomes[0].heard;
    assert_eq!(heard.len(), 3, "{heard:?}");
    assert_eq!(
        heard[0],
        (
            2,
            "caller: where's my order, please".into(),
            "where is my order".into()
        )
    );
    assert_eq!(heard[1].2, "456712");
    assert!(outcomes[1].skipped.is_some() && !outcomes[1].passed());
    assert!(outcomes[2].passed(), "{:?}", outcomes[2]);
    assert!(!outcomes[3].passed());
}
