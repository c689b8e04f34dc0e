//! A question whose template cannot read its values has no words: nobody may wait for it, nor say yes to it.

use super::hypotheses;
use attendant::dialogue::domain::trade;
use attendant::dialogue::{Context, Dialogue, Domain, Input, Reason, Then};
use std::sync::Arc;

/// How the shop asks for the order number.
const QUESTION: &str = "[\"Please say or key in your six-digit order number.\", \"What's your six-digit order number?\"]";

/// The shop, with that question without words, called at this time of a Tuesday.
fn called(time: &str) -> Dialogue {
    let mut files = trade("shop").unwrap();
    let prompts = files.get_mut("en/prompts.toml").unwrap();
    let from = prompts.find(QUESTION).expect("a prompt of the shop");
    prompts.replace_range(from..from + QUESTION.len(), "\"{{ 'no price' | money }}\"");
    let context = Context {
        now: format!("2026-11-24T{time}").parse().unwrap(),
        caller: None,
        language: String::new(),
    };
    let mut dialogue = Dialogue::new(Arc::new(Domain::parse(&files).unwrap()), context);
    dialogue.step(Input::Start);
    dialogue
}

#[test]
fn a_question_without_words_is_passed_on_to_a_person() {
    let mut dialogue = called("10:30");
    let then = dialogue
        .step(Input::Speech(&hypotheses("where is my order")))
        .then;
    let Then::HandOver(handover) = then else {
        panic!("{then:?}")
    };
    assert_eq!(handover.reason, Reason::Fault);
}

#[test]
fn where_nobody_is_there_the_caller_is_not_left_in_silence() {
    let mut dialogue = called("23:00");
    let reply = dialogue.step(Input::Speech(&hypotheses("where is my order")));
    assert!(!reply.say.is_empty(), "{reply:?}");
    assert!(
        !dialogue.question().slot.contains("order"),
        "{:?}",
        dialogue.question()
    );
}
