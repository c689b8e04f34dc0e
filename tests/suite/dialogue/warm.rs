//! A warm transfer, as the caller hears it.

use super::{Call, hypotheses};
use attendant::dialogue::{Disposition, Input, Then};

/// A caller who waits while somebody's telephone rings.
fn waiting() -> Call {
    let mut call = Call::answer();
    call.step(Input::Speech(&hypotheses(
        "I want to talk to a real person",
    )));
    assert!(matches!(call.then, Then::HandOver(_)), "{:?}", call.then);
    call.step(Input::Calling);
    assert_eq!(call.then, Then::Listen);
    assert!(call.text().contains("press 2"), "{}", call.text());
    call
}

#[test]
fn a_caller_who_says_nothing_is_reassured_again_and_again() {
    let mut call = waiting();
    let mut said = Vec::new();
    for _ in 0..3 {
        call.step(Input::NoInput);
        assert_eq!(call.then, Then::Listen);
        said.push(call.text());
    }
    said.dedup();
    assert_eq!(said.len(), 3, "in other words each time: {said:?}");
    call.step(Input::Speech(&hypotheses("how long will it take")));
    assert_eq!(call.then, Then::Listen, "{}", call.text());
    call.step(Input::Closing);
    assert_eq!(call.then, Then::Listen, "{}", call.text());
}

#[test]
fn a_caller_who_would_rather_go_on_with_us_calls_it_off() {
    for input in [
        Input::Keys("2"),
        Input::Speech(&hypotheses("never mind")),
        Input::Speech(&hypotheses("no")),
        Input::Speech(&hypotheses("forget it")),
    ] {
        let mut call = waiting();
        let what = format!("{input:?}");
        call.step(input);
        assert_eq!(call.then, Then::CallOff, "{what}: {}", call.text());
        call.step(Input::Speech(&hypotheses("where is my order")));
        assert_eq!(call.then, Then::Listen, "{}", call.text());
    }
    let mut call = waiting();
    call.step(Input::Speech(&hypotheses("goodbye")));
    assert_eq!(call.then, Then::HangUp(Disposition::Completed));
}

#[test]
fn nobody_who_takes_the_call_is_told_as_ever() {
    let mut call = waiting();
    call.step(Input::NoInput);
    call.step(Input::Returned);
    assert!(
        call.text().contains("nobody could take your call"),
        "{}",
        call.text()
    );
}
