//! The load tool against a server with fake sessions: what it measures is true, what breaks is told.

use super::house::{self, Ears};
use super::line::house::{AUTH_TOKEN, House, options, signed};
use super::support;
use attendant::call::Event;
use attendant::call::journal::{Entry, Journal};
use attendant::cli::load::recorded;
use attendant::config::Config;
use attendant::line::provider::PROVIDERS;
use attendant::line::server::Options;
use attendant::load::clip::Clip;
use attendant::load::dialect::{DialStatus, Target, dialect};
use attendant::load::report::{Limits, Report};
use attendant::load::twilio::Twilio;
use attendant::load::{Plan, Turn, run, run_taped, script};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

fn plan(house: &House, turns: Vec<Turn>) -> Plan {
    Plan {
        dialect: Arc::new(Twilio::new(&house.base, Some(AUTH_TOKEN.into()))),
        callers: 2,
        duration: Duration::from_millis(1200),
        every: Duration::from_millis(400),
        turns,
        barge_in_after: None,
        hang_up_after: None,
        dial_status: DialStatus::Completed,
        ring: Duration::ZERO,
    }
}

async fn guarded(max_calls: usize) -> House {
    House::open(Options {
        max_calls,
        ..signed()
    })
    .await
}

async fn measured(plan: Plan) -> Report {
    let report = run(plan).await;
    assert_eq!(
        (report.dropped, report.refused_messages),
        (0, 0),
        "{report}"
    );
    report
}

#[tokio::test(start_paused = true)]
async fn calls_are_held_and_replies_timed() {
    let house = guarded(4).await;
    let report = measured(plan(&house, vec![Turn::Keys("1".into())])).await;
    assert_eq!((report.calls, report.turned_away), (2, 0), "{report}");
    // The fake session answers a key with its next tick.
    assert!(
        report.key_reply_gap_ms.count >= 2 && report.key_reply_gap_ms.p50 < 100.0,
        "{report}"
    );
    assert!(
        report.frames_sent > 60 && report.frames_received >= 104,
        "{report}"
    );
    assert!(report.marks >= 2, "{report}");
    assert_eq!(
        report.failures(Limits {
            late_ms: Some(1000.0),
            gap_ms: Some(1000.0)
        }),
        [""; 0],
        "{report}"
    );
    assert_eq!(
        report
            .failures(Limits {
                late_ms: None,
                gap_ms: Some(0.001)
            })
            .len(),
        1,
        "limits can be broken"
    );
    assert!(house.log().all().contains(&"hung up".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_clear_is_the_end_of_a_prompt_spoken_over() {
    let house = guarded(4).await;
    // The first turn starts a prompt of 1 s, the second, keyed over it, clears it.
    let turns = vec![Turn::Keys("1".into()), Turn::Keys("2".into())];
    let barge = Plan {
        callers: 1,
        barge_in_after: Some(Duration::from_millis(100)),
        ..plan(&house, turns)
    };
    let report = measured(barge).await;
    assert!(report.clears >= 1, "{report}");
    // The mark of the cleared prompt came back before the second that it had to play.
    house.log().wait_for("played p1s0").await;
}

#[tokio::test(start_paused = true)]
async fn speech_that_gets_no_reply_is_told() {
    let house = guarded(4).await;
    let said = Turn::Say(Arc::new(Clip::synthetic()));
    let one = Plan {
        callers: 1,
        every: Duration::from_secs(5),
        duration: Duration::from_secs(2),
        ..plan(&house, vec![said])
    };
    let report = measured(one).await;
    assert_eq!(
        (report.turns, report.unanswered, report.reply_gap_ms.count),
        (1, 1, 0),
        "{report}"
    );
    assert_eq!(
        report.failures(Limits {
            late_ms: None,
            gap_ms: Some(500.0)
        }),
        ["reply gap (median): nothing measured"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_transfer_brings_the_caller_back() {
    let house = guarded(4).await;
    let turns = vec![Turn::Keys("0".into()), Turn::Keys("9".into())];
    let one = Plan {
        callers: 1,
        dial_status: DialStatus::NoAnswer,
        ring: Duration::ZERO,
        ..plan(&house, turns)
    };
    let report = measured(one).await;
    assert!(report.ended_by_bot >= 1, "{report}");
    let told = house.log().all();
    let returned = told
        .iter()
        .position(|line| line == "returned")
        .expect("back with its state");
    assert!(told[returned..].contains(&"digit 9".to_owned()), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn callers_beyond_the_limit_are_turned_away() {
    let house = guarded(1).await;
    let report = run(plan(&house, vec![Turn::Keys("1".into())])).await;
    assert_eq!((report.calls, report.dropped), (1, 0), "{report}");
    assert!(report.turned_away >= 1, "{report}");
}

#[tokio::test]
async fn a_wrong_token_and_a_dead_server_are_told() {
    let house = guarded(4).await;
    let mut short = plan(&house, vec![]);
    short.duration = Duration::from_millis(100);
    let report = run(Plan {
        dialect: Arc::new(Twilio::new(&house.base, None)),
        ..short.clone()
    })
    .await;
    assert_eq!((report.calls, report.dropped), (0, 2), "{report}");
    assert!(
        report.errors[0].contains("403") && report.errors[0].contains("hint:"),
        "{report}"
    );
    let report = run(Plan {
        dialect: Arc::new(Twilio::new("http://127.0.0.1:1", None)),
        ..short
    })
    .await;
    assert!(report.errors[0].contains("hint:"), "{report}");
    assert!(!report.failures(Limits::default()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_script_is_played_to_its_end_and_what_was_heard_is_kept() {
    let house = guarded(4).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("caller.toml");
    // A prompt of 1 s, cut off; nothing more is said; another one; the end.
    let script =
        "[[step]]\nkeys = \"1\"\n[[step]]\nkeys = \"2\"\ncut_in = 300\n[[step]]\nkeys = \"1\"\n";
    std::fs::write(&file, script).unwrap();
    let turns = script::read(&file).unwrap();
    let one = Plan {
        callers: 1,
        duration: Duration::from_secs(40),
        ..plan(&house, turns.into_iter().map(Turn::Step).collect())
    };
    let report = run_taped(one, Some(folder.path())).await;
    assert_eq!(
        (report.dropped, report.refused_messages),
        (0, 0),
        "{report}"
    );
    assert!(
        report.scripts >= 2,
        "a caller whose script is over calls again: {report}"
    );
    // Each script has one cut and three turns; the last call may have been ended by the clock.
    assert!(report.clears >= 2 && report.turns >= 6, "{report}");
    let tapes: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "wav"))
        .collect();
    assert_eq!(tapes.len() as u64, report.calls);
    let longest = tapes
        .iter()
        .map(|tape| hound::WavReader::open(tape).unwrap())
        .max_by_key(|wav| wav.duration());
    let samples: Vec<i16> = longest.unwrap().samples().map(Result::unwrap).collect();
    let heard = samples
        .iter()
        .skip(1)
        .step_by(2)
        .filter(|&&bot| bot != 0)
        .count();
    // 1 s and what was heard before the cut, not the 2 s that were sent.
    assert!(
        (8_000..14_500).contains(&heard),
        "{heard} samples of the bot"
    );
}

/// The keys that a call got.
fn keys(journal: &Journal) -> String {
    let keys = journal.entries.iter().filter_map(|(_, entry)| match entry {
        Entry::In(Event::Digit { digit, .. }) => Some(digit.as_char()),
        _ => None,
    });
    keys.collect()
}

fn heard(journal: &Journal) -> usize {
    let heard = |entry: &Entry| matches!(entry, Entry::In(Event::Recognized { .. }));
    journal
        .entries
        .iter()
        .filter(|(_, entry)| heard(entry))
        .count()
}

#[tokio::test(start_paused = true)]
async fn the_caller_of_a_recorded_call_phones_again_over_any_line() {
    let (first, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let script = folder.path().join("caller.toml");
    let steps = "[[step]]\nsay = \"builtin:yes\"\n[[step]]\nkeys = \"1\"\n[[step]]\nkeys = \"871309#\"\ncut_in = 200\n\
                 [[step]]\nhang_up = true\n";
    std::fs::write(&script, steps).unwrap();
    let house = house::shop(Ears::hearing(&["where is my order"]), first.path());
    let server = house::serve(&house, options()).await;
    let steps = script::read(&script).unwrap();
    let report = run(house::plan(
        &server,
        25,
        steps.into_iter().map(Turn::Step).collect(),
    ))
    .await;
    assert!(report.scripts >= 1, "{report}");
    house::close(server, house).await;
    let calls = house::journals(first.path());
    let whole = |(_, journal): &&(_, Journal)| keys(journal) == "1871309#" && heard(journal) > 0;
    let (call, journal) = calls.iter().find(whole).expect("a whole call");

    let name = call.display().to_string();
    for line in ["twilio", "kiosk", "genesys", "freeswitch"] {
        let again = tempfile::tempdir().unwrap();
        let house = house::shop(Ears::hearing(&["where is my order"]), again.path());
        let server = house::serve(&house, options()).await;
        let target = Target {
            base: &server.base,
            way: "",
            config: &Config::default(),
            rest: None,
        };
        let turns = recorded::calls(Path::new(""), std::slice::from_ref(&name)).unwrap();
        let report = run(Plan {
            dialect: (dialect(line).unwrap().open)(&target).unwrap(),
            ..house::plan(&server, 30, turns)
        })
        .await;
        assert_eq!(report.dropped, 0, "{line}: {report}\n{:?}", report.errors);
        assert!(
            report.scripts >= 1,
            "{line}: who hung up does again: {report}"
        );
        house::close(server, house).await;
        let calls = house::journals(again.path());
        let told: Vec<_> = calls
            .iter()
            .map(|(_, call)| (keys(call), heard(call)))
            .collect();
        let same = |(pressed, words): &(String, usize)| *pressed == keys(journal) && *words > 0;
        assert!(told.iter().any(same), "{line}: {told:?}");
    }
}

#[test]
fn the_tool_plays_the_part_of_every_line_and_its_page_says_how() {
    let told = |page: &str| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        std::fs::read_to_string(root.join(page)).expect("a page")
    };
    let table = told("load/README.md");
    for provider in PROVIDERS {
        let name = provider.name;
        let entry = dialect(name).unwrap_or_else(|| panic!("{name} has no dialect"));
        assert!(table.contains(&format!("`{name}`")), "{name}");
        for way in entry.ways {
            assert!(table.contains(&format!("`{way}`")), "{name}:{way}");
        }
        let page = match name {
            "audiosocket" => "asterisk",
            "freeswitch_playback" => "freeswitch",
            name => name,
        };
        let page = told(&format!("line/{}.md", page.to_uppercase()));
        let shown = match name {
            "twilio" => "attendant load --calls".to_owned(),
            name => format!("attendant load --line {name}"),
        };
        assert!(page.contains(&shown), "{name}: {shown}");
    }
}

#[test]
fn wrong_use_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("bad.toml");
    std::fs::write(&script, "[[step]]\nsya = \"a.wav\"\n").unwrap();
    let script = script.to_string_lossy();
    let cases: &[(&[&str], &str)] = &[
        (&["--line", "carrier-pigeon"], "one of "),
        (&["--line", "twilio:fast"], "there is but one"),
        (&["--line", "asterisk:x"], "one of json, words, old, slin16"),
        (&["--line", "audiosocket"], "ATTENDANT_AUDIOSOCKET_LISTEN"),
        (&["--line", "telnyx"], "--rest 127.0.0.1:9099"),
        (&["--url", "https://127.0.0.1:8080"], "plain http"),
        (
            &["--url", "http://127.0.0.1:8080/twilio/voice"],
            "knows the paths",
        ),
        (&["--calls", "0"], "give 1 or more"),
        (&["--seconds", "0"], "above 0"),
        (&["--keys", "12x"], "no telephone key"),
        (&["--script", &script], "unknown field `sya`"),
        (&["--script", "no-such-file.toml"], "cannot be read"),
        (&["--script", &script, "--keys", "1"], "cannot be used with"),
        (&["--bundle", "last"], "no call is recorded"),
        (&["--bundle", "last", "--keys", "1"], "cannot be used with"),
        (&["--scripted"], "--table"),
        (&["--table=0"], "numbers from 1 up"),
    ];
    for (args, told) in cases {
        let (code, _, said) = support::run(&[&["load"], *args].concat());
        assert_eq!(code, Some(2), "{args:?}: {said}");
        assert!(said.contains(told), "{args:?}: {said}");
    }
}
