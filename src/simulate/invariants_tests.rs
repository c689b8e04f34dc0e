//! Each invariant is broken by a fake here: a check that cannot fail is no check.

use super::*;
use crate::dialogue::{Disposition, Handover, Hypothesis, Reason, Sentence};

const ALIVE: Moment = Moment {
    caller: false,
    bot: false,
    limit: Some(300),
};

fn quiet(ticks: usize) -> Vec<Moment> {
    vec![ALIVE; ticks]
}

/// A call that is as it should be: words, an answer, a goodbye.
fn good() -> Called {
    let mut moments = quiet(100);
    moments.extend(
        [Moment {
            caller: true,
            ..ALIVE
        }; 50],
    );
    moments.extend(quiet(60));
    moments.extend([Moment { bot: true, ..ALIVE }; 80]);
    moments.extend([Moment::default(); 100]);
    Called {
        entries: vec![
            (210, say("Goodbye.")),
            (290, Entry::Out(Action::HangUp(Disposition::Completed))),
        ],
        moments,
        said: vec![150],
        disposition: Some(Disposition::Completed),
        ..Called::default()
    }
}

fn say(text: &str) -> Entry {
    Entry::Out(Action::Say {
        playback: 1,
        sentences: vec![Sentence {
            text: text.into(),
            ..Sentence::default()
        }],
        first: 0,
    })
}

fn rules(called: &Called) -> Vec<Rule> {
    let broken = broken(called, &Facts::default());
    broken.into_iter().map(|broken| broken.rule).collect()
}

#[test]
fn a_good_call_breaks_nothing() {
    assert_eq!(rules(&good()), []);
}

#[test]
fn a_caller_who_gets_no_answer_is_left_alone() {
    let mut called = good();
    let after = called.moments.split_off(150);
    called.moments.extend(quiet(260));
    called.moments.extend(after);
    assert_eq!(rules(&called), [Rule::Silence]);
    // Who goes on speaking is not left alone.
    called.moments[300].caller = true;
    assert_eq!(rules(&called), []);
    called.said.clear();
    called.moments[300].caller = false;
    assert_eq!(rules(&called), [], "nothing was said");
    let keyed = Entry::Out(Action::Note(Note::Keys("1".into())));
    called.entries.insert(0, (150, keyed));
    assert_eq!(rules(&called), [Rule::Silence], "keys are a turn");
}

#[test]
fn both_sides_silent_for_too_long_is_told() {
    let mut called = good();
    let mut moments = quiet(300 + PATIENCE as usize);
    moments.extend(called.moments.split_off(100));
    called.moments = moments;
    called.said.clear();
    assert_eq!(rules(&called), []);
    called.moments.splice(0..0, quiet(1));
    assert_eq!(rules(&called), [Rule::Silence]);
}

#[test]
fn a_word_after_the_end_is_told() {
    let mut called = good();
    called.entries.push((300, say("Still there?")));
    assert_eq!(rules(&called), [Rule::AfterTheEnd]);
    let mut called = good();
    called.late.push(300);
    assert_eq!(rules(&called), [Rule::AfterTheEnd]);
    let mut called = good();
    called.entries.insert(0, (5, Entry::In(Event::HungUp)));
    assert_eq!(rules(&called), [Rule::AfterTheEnd, Rule::Outcome]);
}

#[test]
fn a_call_ends_once_and_one_that_comes_back_once_more() {
    let handed_over = || {
        let handover = Handover::new(Reason::Requested, "Asked.");
        Entry::Out(Action::HandOver(handover))
    };
    let mut called = good();
    called.entries.insert(0, (100, handed_over()));
    assert!(rules(&called).contains(&Rule::Outcome), "ended twice");
    called.entries.insert(1, (150, Entry::In(Event::Returned)));
    assert_eq!(rules(&called), []);
    let mut called = good();
    called.entries.pop();
    assert_eq!(rules(&called), [Rule::Outcome], "never ended");
    let mut called = good();
    called.disposition = None;
    assert_eq!(rules(&called), [Rule::Outcome]);
}

#[test]
fn a_secret_in_the_journal_or_the_log_is_told() {
    let mut called = good();
    called.secrets.push("4821".into());
    assert_eq!(rules(&called), []);
    called.log = "DEBUG pin=4821".into();
    assert_eq!(rules(&called), [Rule::Secret]);
    called.log.clear();
    called.entries.insert(0, (20, say("You keyed 4 8 2 1.")));
    assert_eq!(rules(&called), [Rule::Secret]);
    called.entries.remove(0);
    let heard = Hypothesis {
        text: "four eight two one".into(),
        ..Hypothesis::default()
    };
    called
        .entries
        .insert(0, (20, Entry::Out(Action::Note(Note::Caller(heard)))));
    assert_eq!(rules(&called), [Rule::Secret]);
    called.open = "my pin is four eight two one".into();
    assert_eq!(rules(&called), [], "the caller says it openly");
}
