//! Nobody is there: by the hours of the human line, and in which words.

use super::hypotheses;
use attendant::dialogue::domain::trade;
use attendant::dialogue::{
    Context, Dialogue, Disposition, Domain, Input, LookupResult, Reason, Row, Then,
};
use std::sync::Arc;

/// The shop with this added to its `business.toml`, called on a Tuesday at this time.
fn called(more: &str, time: &str) -> Dialogue {
    let mut files = trade("shop").unwrap();
    let business = files.get_mut("business.toml").unwrap();
    // In front of the first table: tables cannot be added to.
    business.push_str(more);
    let context = Context {
        now: format!("2026-11-24T{time}").parse().unwrap(),
        caller: None,
        language: String::new(),
    };
    let mut dialogue = Dialogue::new(Arc::new(Domain::parse(&files).unwrap()), context);
    dialogue.step(Input::Start);
    dialogue
}

fn says(dialogue: &mut Dialogue, words: &str) -> Then {
    dialogue.step(Input::Speech(&hypotheses(words))).then
}

const LATE: &str = "\n[human_line]\ntuesday = \"12:00-20:00\"\n";

#[test]
fn people_are_there_when_the_human_line_says_so() {
    let person = "I want to talk to a person";
    for (more, time, there) in [
        ("", "10:30", true),
        ("", "19:00", false),
        (LATE, "10:30", false),
        (LATE, "19:00", true),
    ] {
        let then = says(&mut called(more, time), person);
        let passed_on = matches!(then, Then::HandOver(_));
        assert_eq!(passed_on, there, "{more:?} {time} {then:?}");
    }
}

#[test]
fn danger_is_passed_on_at_all_hours() {
    let then = says(&mut called("", "23:00"), "my toaster caught fire");
    let Then::HandOver(handover) = then else {
        panic!("{then:?}")
    };
    assert_eq!(handover.reason, Reason::Emergency);
}

#[test]
fn the_caller_hears_how_many_wait_before() {
    let mut dialogue = called("", "23:00");
    let Then::LookUp(lookup) = says(&mut dialogue, "I want to talk to a person") else {
        panic!("the queue is not asked for")
    };
    assert_eq!(lookup.name, "desk_waiting");
    let result = LookupResult::Rows(vec![Row::from([("waiting".to_owned(), 2.into())])]);
    let reply = dialogue.step(Input::Found {
        lookup: lookup.id,
        result: &result,
    });
    let said: Vec<&str> = reply.say.iter().map(|said| said.text.as_str()).collect();
    let said = said.join(" ");
    assert!(
        said.contains("2 callers wait for a call back before you"),
        "{said}"
    );
    assert_eq!(dialogue.question().slot, "desk_way");
}

#[test]
fn without_time_nobody_is_offered_what_takes_longer() {
    // At night a callback is being left; by day two transfers have failed.
    let mut night = called("", "23:00");
    says(&mut night, "I want to talk to a person");
    let mut day = called("", "10:30");
    for _ in 0..2 {
        assert!(matches!(
            says(&mut day, "I want to talk to a person"),
            Then::HandOver(_)
        ));
        day.step(Input::Returned);
    }
    for mut dialogue in [night, day] {
        let reply = dialogue.step(Input::Hurry);
        assert_eq!(reply.then, Then::HangUp(Disposition::Failed), "{reply:?}");
        assert!(reply.say[0].text.contains("about to close"), "{reply:?}");
    }
    let mut first = called("", "10:30");
    let then = first.step(Input::Hurry).then;
    let Then::HandOver(handover) = then else {
        panic!("{then:?}")
    };
    assert_eq!(handover.reason, Reason::Closing);
}
