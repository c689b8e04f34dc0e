//! The timeline of recorded calls: what it must tell, what it must not, and that it agrees with the story.

use super::rules::Source;
use super::timeline::{Fate, Kind, Part};
use super::{Business, Explained, Rules, Timeline, html, terminal};
use crate::bundle::story::turns;
use crate::bundle::{Bundle, JOURNAL};
use crate::call::journal::{Entry, Journal};
use crate::call::{Action, EndOfTurn, Event, Note};
use crate::dialogue::{Completeness, Disposition, Domain};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

const CALLS: [&str; 10] = [
    "correction",
    "cut-short",
    "digits-one-by-one",
    "keys-only",
    "nod",
    "noise",
    "pause-in-sentence",
    "person",
    "shop-demo",
    "silent-caller",
];

fn folder(call: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("audio-fixtures/calls")
        .join(call)
}

fn journal(call: &str) -> Journal {
    Bundle::open(&folder(call)).expect("a call").journal
}

/// Read once: that takes a while.
fn shop() -> Business {
    static SHOP: OnceLock<Arc<Domain>> = OnceLock::new();
    Business::Open(Arc::clone(SHOP.get_or_init(|| Arc::new(Domain::shop()))))
}

fn timeline(call: &str) -> Timeline {
    let journal = journal(call);
    Timeline::of(&journal, &Rules::run(&journal, shop()))
}

fn explained(journal: Journal) -> Explained {
    let bundle = Bundle {
        folder: PathBuf::from("nowhere"),
        journal,
        manifest: None,
    };
    Explained::new(bundle, shop())
}

#[test]
fn its_turns_are_those_of_the_story_but_for_what_was_taken_back() {
    for call in CALLS {
        let told = turns(&journal(call));
        let line = timeline(call);
        let stood: Vec<_> = line
            .turns
            .iter()
            .filter(|turn| turn.taken_back.is_none())
            .collect();
        assert_eq!(stood.len(), told.len(), "{call}");
        for (turn, told) in stood.iter().zip(&told) {
            assert!(turn.is(told), "{call}: {turn:#?}\n{told:#?}");
        }
    }
}

#[test]
fn every_turn_says_why_it_ended_and_which_rule_decided() {
    for call in CALLS {
        for turn in timeline(call).turns {
            assert!(!turn.ended.is_empty(), "{call}: {turn:?}");
            assert!(!turn.rule().is_empty(), "{call}: {turn:?}");
        }
    }
}

#[test]
fn the_time_of_a_reply_is_told_without_gaps() {
    for call in CALLS {
        for turn in timeline(call).turns {
            let mut at = 0;
            for stage in &turn.stages {
                assert_eq!(stage.from_ms, at, "{call}: {:?}", turn.stages);
                assert!(stage.to_ms > at, "{call}: {:?}", turn.stages);
                at = stage.to_ms;
            }
            if let Some(gap) = turn.gap_ms() {
                assert_eq!(gap, at, "{call}: turn {}", turn.number);
            }
        }
    }
}

#[test]
fn a_pause_in_a_sentence_is_seen_with_what_the_words_were_taken_for() {
    let line = timeline("pause-in-sentence");
    let turn = line
        .turns
        .iter()
        .find(|turn| turn.hearings.len() > 1)
        .expect("a turn that was recognised twice");
    let (first, last) = (&turn.hearings[0], turn.hearings.last().expect("two"));
    assert!(
        first.dropped.is_some() && last.dropped.is_none(),
        "{turn:#?}"
    );
    assert!(first.judged.is_some() && last.judged.is_some(), "{turn:#?}");
    assert!(turn.from < first.asked && first.asked < last.asked);
}

#[test]
fn the_demo_is_told_to_the_tick() {
    let line = timeline("shop-demo");
    let order = &line.turns[1];
    assert_eq!((order.words.as_str(), order.at), ("where is my order", 360));
    assert_eq!(order.why, Some(EndOfTurn::Pause));
    assert_eq!(order.hearings[0].judged, Some(Completeness::Open));
    assert_eq!(order.rule(), "does order_status");
    let parts: Vec<_> = order
        .stages
        .iter()
        .map(|stage| (stage.what, stage.to_ms))
        .collect();
    assert_eq!(
        parts,
        [
            (Part::EarlyPause, 160),
            (Part::Recognizer, 380),
            (Part::More, 720)
        ]
    );
    let number = &line.turns[2];
    assert_eq!(number.asked[0].result, "1 row");
    assert!(
        number.ended.contains("held it up by 200 ms"),
        "{}",
        number.ended
    );
    let returns = &line.turns[4];
    let fates: Vec<_> = returns.said.iter().map(|said| said.fate).collect();
    assert_eq!(fates[0], Fate::Cut);
    assert!(
        fates[1..].iter().all(|fate| *fate == Fate::Unheard),
        "{fates:?}"
    );
    let whole = returns.said[0].text.chars().count();
    assert!((10..whole).contains(&returns.said[0].heard_chars));
    assert!(returns.cut.is_some());
    assert_eq!(
        line.end().map(|end| end.disposition),
        Some(Disposition::Completed)
    );
}

#[test]
fn a_nod_is_no_turn_and_the_prompt_is_heard_again() {
    let line = timeline("nod");
    let turn = line
        .turns
        .iter()
        .find(|turn| !turn.overheard.is_empty())
        .expect("something was overheard");
    let aside = &turn.overheard[0];
    assert!(
        aside.resumed.is_some() && !aside.words.is_empty(),
        "{aside:?}"
    );
    assert!(aside.hearings.iter().any(|heard| heard.answered.is_some()));
    assert!(
        turn.said
            .iter()
            .any(|said| said.again && said.fate == Fate::Heard)
    );
    assert!(turn.cut.is_none(), "it was no interruption");
    let unheard = turn.said.iter().filter(|said| said.fate == Fate::Unheard);
    assert_eq!(unheard.count(), 0, "all of it was heard in the end");
}

#[test]
fn keys_end_by_their_number() {
    let line = timeline("keys-only");
    let keyed: Vec<_> = line
        .turns
        .iter()
        .filter(|turn| turn.kind == Kind::Keys)
        .collect();
    assert!(keyed.len() >= 2);
    let whole = keyed.iter().any(|turn| {
        turn.ended == "the entry has all its 6 keys" || turn.ended == "one key is the whole entry"
    });
    assert!(
        whole,
        "{:?}",
        keyed.iter().map(|turn| &turn.ended).collect::<Vec<_>>()
    );
    assert!(line.keys.len() >= keyed.len());
}

#[test]
fn a_caller_who_goes_on_is_seen_as_a_turn_taken_back() {
    // Built from a real call: the reply to its first turn is taken back a moment after it began.
    let mut journal = journal("shop-demo");
    let said = |(_, entry): &(u32, Entry)| matches!(entry, Entry::In(Event::Started(mark)) if mark.playback == 2);
    let at = journal.entries.iter().position(said).expect("a reply");
    let tick = journal.entries[at].0;
    let notes = [
        Action::Note(Note::SpeechStarted),
        Action::Clear(2),
        Action::Note(Note::TakenBack),
    ];
    let notes = notes.map(|action| (tick + 3, Entry::Out(action)));
    journal.entries.splice(at + 1.., notes);
    journal.truncated = true;
    let line = Timeline::of(&journal, &Rules::default());
    let last = line.turns.last().expect("a turn");
    assert_eq!(last.taken_back, Some(tick + 3));
    assert_eq!(last.said[0].fate, Fate::Cut);
    assert_eq!(line.spoken(), 0);
}

#[test]
fn a_call_that_was_cut_off_anywhere_is_told_up_to_there() {
    let text = std::fs::read_to_string(folder("nod").join(JOURNAL)).expect("a journal");
    let whole = timeline("nod").turns.len();
    let (mut before, header) = (0, text.find('\n').expect("a header") + 1);
    for cut in (header..text.len()).step_by(97) {
        let journal = Journal::parse(&text[..cut]).expect("what is there parses");
        let call = explained(journal);
        assert!(
            !matches!(call.rules.source, Source::Differs { .. }),
            "{cut}: {:?}",
            call.rules.source
        );
        let turns = call.timeline.turns.len();
        assert!(turns >= before && turns <= whole);
        before = turns;
        assert!(terminal::call(&call, false).contains("the record stops"));
        assert!(html::page(&call, None, None).contains("The call has no end"));
    }
}

#[test]
fn without_the_business_all_but_the_rules_is_told() {
    let journal = journal("shop-demo");
    let other = Business::Open(Arc::new(Domain::sample("bank")));
    for business in [other, Business::Unread("it is gone".into())] {
        let rules = Rules::run(&journal, business);
        let line = Timeline::of(&journal, &rules);
        assert!(line.turns.iter().all(|turn| turn.rules.is_empty()));
        assert_eq!(line.turns[1].words, "where is my order");
        assert!(!line.turns[1].ended.is_empty());
    }
}

#[test]
fn a_business_that_has_changed_is_named_as_such() {
    let mut journal = journal("shop-demo");
    journal.header.domain_digest = "0123456789abcdef".into();
    let call = explained(journal.clone());
    assert_eq!(call.rules.source, Source::Changed);
    let told = terminal::call(&call, false);
    assert!(told.contains("files have changed since the call"), "{told}");
    // And where it would have said something else, that is where the rules end.
    let say = |(_, entry): &&mut (u32, Entry)| {
        matches!(entry, Entry::Out(Action::Say { playback: 4, .. }))
    };
    let place = journal
        .entries
        .iter_mut()
        .find(say)
        .expect("a fourth reply");
    let Entry::Out(Action::Say { sentences, .. }) = &mut place.1 else {
        unreachable!("found as such")
    };
    sentences[0].text = "Something else.".into();
    let from = place.0;
    let call = explained(journal);
    assert_eq!(
        call.rules.source,
        Source::Differs {
            from,
            changed: true
        }
    );
    assert!(!call.timeline.turns[1].rules.is_empty());
    assert!(call.timeline.turns[3].rules.is_empty(), "not from there on");
    assert!(terminal::call(&call, false).contains("would go another way"));
}

#[test]
fn a_hostile_caller_steers_neither_terminal_nor_page() {
    const HOSTILE: &str =
        "</script><script>alert(1)</script><img src=x onerror=alert(1)>\u{1b}[2J\u{202e}";
    let mut journal = journal("shop-demo");
    for (_, entry) in &mut journal.entries {
        if let Entry::Out(Action::Note(Note::Caller(best))) = entry {
            best.text = HOSTILE.into();
            best.words
                .iter_mut()
                .for_each(|word| word.text = HOSTILE.into());
        }
    }
    journal.header.call = HOSTILE.into();
    let call = Explained {
        name: HOSTILE.into(),
        ..explained(journal)
    };
    let told = terminal::call(&call, false);
    assert!(!told.contains('\u{1b}') && !told.contains('\u{202e}'));
    let page = html::page(&call, None, None);
    assert_eq!(page.matches("<script").count(), 2, "its own two");
    assert!(!page.contains("<img") && !page.contains('\u{1b}') && !page.contains('\u{202e}'));
}

#[test]
fn what_stands_for_a_secret_is_not_shown() {
    let mut journal = journal("keys-only");
    for (_, entry) in &mut journal.entries {
        match entry {
            Entry::Out(Action::Note(Note::Keys(keys))) => *keys = "•1:4•".into(),
            Entry::Out(Action::LookUp(lookup)) => {
                lookup.arguments.insert("pin".into(), "•1:4•".into());
            }
            _ => {}
        }
    }
    let call = explained(journal);
    let all = [
        terminal::call(&call, false),
        html::page(&call, None, None),
        super::json(&call, None).expect("plain data"),
    ];
    for text in all {
        assert!(!text.contains("1:4") && text.contains('…'));
    }
}

#[test]
fn the_page_of_an_hour_stays_small() {
    let mut journal = journal("shop-demo");
    let (first, rest) = journal.entries.split_at(3);
    let mut entries = first.to_vec();
    // The same minute sixty times over: more turns than any call has.
    let minute = 3200;
    for nth in 0..60u32 {
        let late = rest.iter().filter(|(_, entry)| {
            !matches!(
                entry,
                Entry::Out(Action::HangUp(_)) | Entry::In(Event::HungUp)
            )
        });
        entries.extend(late.map(|(tick, entry)| (tick + nth * minute, entry.clone())));
    }
    journal.entries = entries;
    let call = explained(journal);
    let page = html::page(&call, None, None);
    assert!(call.timeline.turns.len() > 400);
    assert!(page.len() < 4_000_000, "{} bytes", page.len());
}
