//! What the person who takes over is told.

use super::{Call, hypotheses};
use attendant::dialogue::handover::{How, Priority};
use attendant::dialogue::{Handover, Input, LookupResult, Reason, Then};

/// The reason and the summary that these words lead to.
fn handed_over(words: &[&str]) -> (Reason, String) {
    let mut call = Call::answer();
    for words in words {
        call.step(Input::Speech(&hypotheses(words)));
    }
    told(&call.then)
}

fn told(then: &Then) -> (Reason, String) {
    match then {
        Then::HandOver(handover) => (handover.reason, handover.summary.clone()),
        other => panic!("no handover: {other:?}"),
    }
}

#[test]
fn a_wish_for_a_person_at_once_says_that_nothing_is_known() {
    let (reason, summary) = handed_over(&["I want to talk to a real person"]);
    assert_eq!(reason, Reason::Requested);
    assert!(
        summary.contains("not known what the caller wants"),
        "{summary}"
    );
    assert!(summary.contains("Asked for a person."), "{summary}");
}

#[test]
fn what_was_given_is_passed_on_with_its_doubts() {
    let words = [
        "where is my order",
        "four five six seven one two @600",
        "speak to a human",
    ];
    let (reason, summary) = handed_over(&words);
    assert_eq!(reason, Reason::Requested);
    assert!(
        summary.contains("The call is about the status of an order: the order number 456712 (?)."),
        "{summary}"
    );
    assert!(summary.contains("Asked for a person."), "{summary}");
}

#[test]
fn what_was_answered_already_is_passed_on() {
    let (_, summary) = handed_over(&["order 456712", "agent"]);
    assert!(
        summary.contains("has asked for the status of an order") && summary.contains("456712"),
        "{summary}"
    );
}

#[test]
fn numbers_that_are_not_found_are_a_failure_with_the_wish() {
    let words = [
        "order one one one one one one",
        "two two two two two two",
        "three three three three three three",
    ];
    let (reason, summary) = handed_over(&words);
    assert_eq!(reason, Reason::ThirdFailure);
    assert!(
        summary.contains("The call is about the status of an order"),
        "{summary}"
    );
}

#[test]
fn a_dead_back_end_is_a_fault_with_the_number() {
    let mut call = Call::answer();
    let words = hypotheses("where is order four five six seven one two");
    let Then::LookUp(lookup) = call.dialogue.step(Input::Speech(&words)).then else {
        panic!("nothing is asked");
    };
    let result = LookupResult::Failed;
    let failed = Input::Found {
        lookup: lookup.id,
        result: &result,
    };
    assert_eq!(call.dialogue.step(failed).then, Then::Listen);
    let (reason, summary) = told(&call.dialogue.step(Input::Speech(&hypotheses("yes"))).then);
    assert_eq!(reason, Reason::Fault);
    assert!(summary.contains("456712"), "{summary}");
}

#[test]
fn closing_says_that_the_bot_had_to_stop() {
    let mut call = Call::answer();
    call.step(Input::Speech(&hypotheses("where is my order")));
    call.step(Input::Closing);
    let (reason, summary) = told(&call.then);
    assert_eq!(reason, Reason::Closing);
    assert!(
        summary.contains("The call is about the status of an order."),
        "{summary}"
    );
    assert!(summary.contains("The line is being closed."), "{summary}");
}

/// The whole handover that these words lead to.
fn handover(words: &[&str]) -> Handover {
    let mut call = Call::answer();
    for words in words {
        call.step(Input::Speech(&hypotheses(words)));
    }
    match call.then {
        Then::HandOver(handover) => handover,
        other => panic!("no handover: {other:?}"),
    }
}

#[test]
fn the_case_says_what_was_wanted_given_and_how_surely() {
    let words = [
        "where is my order",
        "four five six seven one two @600",
        "speak to a human",
    ];
    let handover = handover(&words);
    assert_eq!(handover.case.intent, "order_status");
    assert_eq!(handover.case.language, "en");
    assert_eq!(handover.case.priority, Priority::Normal);
    let order = &handover.case.slots["order"];
    assert_eq!((order.value.as_str(), order.how), ("456712", How::Doubtful));
    assert!(order.confidence < 1000, "{order:?}");
}

#[test]
fn what_was_read_back_and_agreed_to_is_sure() {
    let words = [
        "where is my order",
        "four five six seven one two @600",
        "yes",
        "agent",
    ];
    let handover = handover(&words);
    let order = &handover.case.slots["order"];
    assert_eq!(order.value, "456712");
    assert_eq!(handover.case.tried.done.len(), 1, "{handover:?}");
}

#[test]
fn the_whisper_is_short_and_has_the_topic_and_the_why() {
    let whisper = handover(&["where is my order", "agent"]).whisper();
    assert!(
        whisper.contains("about the status of an order. Asked for a person."),
        "{whisper}"
    );
    assert!(whisper.len() < 160, "{whisper}");
}
