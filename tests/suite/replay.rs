//! A journaled call, run again, gives the same: bit for bit, from any point.

use crate::support::rig::{ENDPOINTING, Parrot, Rig};
use attendant::call::journal::{Entry, FORMAT, Header, Journal, Writer};
use attendant::call::replay::{bless, replay};
use attendant::call::{Call, Endpointing, Event};
use proptest::prelude::*;

fn header() -> Header {
    Header {
        journal: FORMAT,
        attendant: "0.1.0".into(),
        call: "c1".into(),
        line: "recording".into(),
        endpointing: ENDPOINTING,
        domain: "parrot".into(),
        domain_digest: String::new(),
        recognizer: "scripted".into(),
    }
}

/// The journal of events, with the actions of today's engine.
fn journal(events: &[Event]) -> Vec<u8> {
    let entries = events
        .iter()
        .map(|event| (0, Entry::In(event.clone())))
        .collect();
    bless(
        &Journal {
            header: header(),
            entries,
            truncated: false,
        },
        &header(),
        Parrot::new(),
    )
}

fn parsed(bytes: &[u8]) -> Journal {
    Journal::parse(std::str::from_utf8(bytes).expect("UTF-8")).expect("a journal")
}

fn a_call() -> Vec<Event> {
    let mut rig = Rig::greeted();
    rig.says(500, "explain");
    rig.silence(2300);
    rig.says(300, "mm-hm");
    rig.silence(6000);
    rig.press("456712");
    rig.silence(1500);
    rig.says(500, "look");
    rig.silence(3000);
    rig.says(500, "bye");
    rig.silence(3000);
    rig.events
}

#[test]
fn a_replayed_call_is_the_same() {
    let journal = parsed(&journal(&a_call()));
    let replay = replay(&journal, Parrot::new());
    assert!(replay.given.len() > 20, "{:#?}", replay.given);
    assert_eq!(replay.first_difference(), None);
}

#[test]
fn another_engine_is_found_out_at_the_first_different_action() {
    let mut journal = parsed(&journal(&a_call()));
    journal.header.endpointing = Endpointing {
        open_ms: 800,
        ..ENDPOINTING
    };
    let replay = replay(&journal, Parrot::new());
    let index = replay
        .first_difference()
        .expect("a later end of turn differs");
    assert!(
        format!("{:?}", replay.expected[index].1).contains("TurnEnded"),
        "{:?}",
        replay.expected[index]
    );
    assert_ne!(replay.expected.get(index), replay.given.get(index));
}

#[test]
fn the_journal_of_a_killed_process_replays_up_to_its_end() {
    let bytes = journal(&a_call());
    let start = bytes.iter().position(|b| *b == b'\n').expect("a header") + 1;
    for cut in (start..bytes.len()).step_by(97) {
        let journal = parsed(&bytes[..cut]);
        if journal.truncated {
            assert_eq!(
                replay(&journal, Parrot::new()).first_difference(),
                None,
                "cut at byte {cut}"
            );
        }
    }
}

#[test]
fn a_long_call_replays_in_a_moment() {
    // The length is what matters here, not the clock: 30 minutes in a unit test's time.
    let mut rig = Rig::greeted();
    for _ in 0..150 {
        rig.says(900, "where is my order");
        rig.silence(11_000);
    }
    let replay = replay(&parsed(&journal(&rig.events)), Parrot::new());
    assert_eq!(replay.first_difference(), None);
    assert!(replay.ticks > 30 * 60 * 50 - 2000);
}

fn script() -> impl Strategy<Value = Vec<(u16, u8, u16)>> {
    prop::collection::vec((60..1500u16, 0..6u8, 20..5000u16), 1..12)
}

fn events(script: &[(u16, u8, u16)]) -> Vec<Event> {
    const WORDS: [&str; 6] = [
        "",
        "mm-hm",
        "explain",
        "four five six seven one two",
        "look",
        "legal",
    ];
    let mut rig = Rig::answered();
    for (speak, words, silence) in script {
        rig.says(u32::from(*speak), WORDS[usize::from(*words)]);
        rig.silence(u32::from(*silence));
        if silence % 5 == 0 {
            rig.press("12#");
        }
    }
    rig.events
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_same_journal_twice_gives_the_same_bytes(script in script()) {
        let bytes = journal(&events(&script));
        let again = parsed(&bytes);
        prop_assert_eq!(bless(&again, &header(), Parrot::new()), bytes);
    }

    #[test]
    fn a_call_cut_anywhere_and_resumed_gives_the_same(script in script(), at in 0.0..1.0f64) {
        let events = events(&script);
        let at = (events.len() as f64 * at) as usize;
        let mut whole = Call::new(ENDPOINTING, Parrot::new());
        let mut resumed = None;
        for (index, event) in events.iter().enumerate() {
            if index == at {
                resumed = Some(whole.clone());
            }
            let mut actions = [Vec::new(), Vec::new()];
            let both = [Some(&mut whole), resumed.as_mut()];
            for (call, actions) in both.into_iter().zip(&mut actions) {
                let Some(call) = call else { continue };
                call.handle(event);
                actions.extend(std::iter::from_fn(|| call.poll_action()));
            }
            if resumed.is_some() {
                prop_assert_eq!(&actions[0], &actions[1]);
            }
        }
    }

    /// Whatever stands in a file: an error with a line, or a journal; never a panic.
    #[test]
    fn garbage_is_refused(lines in prop::collection::vec("[ -~]{0,60}", 0..6)) {
        let mut bytes = Vec::new();
        Writer::default().header(&header(), &mut bytes);
        let text = String::from_utf8(bytes).expect("UTF-8") + &lines.join("\n");
        let _ = Journal::parse(&text);
        let _ = Journal::parse(&lines.join("\n"));
    }
}
