//! Words that are more likely wrong than right let nothing happen: nobody is handed over, hung up on or
//! looked up on them. They are asked about, or asked again.

use super::{Call, hypothesis};
use attendant::dialogue::{Input, Then};

/// Below this the recogniser is more likely wrong than right.
const LIKELY_WRONG: [u16; 6] = [1, 100, 250, 300, 400, 499];

/// What lets something happen somewhere, rightly heard.
const WISHES: [&str; 16] = [
    "I want to talk to a real person",
    "operator please",
    "human",
    "goodbye",
    "okay bye",
    "no that's all thank you",
    "thank you very much",
    "start over please",
    "where is my order",
    "where is my order four five six seven one two",
    "four five six seven one two",
    "no four five six seven one three",
    "zero",
    "press one",
    "yes",
    "no",
];

fn after(turns: &[(&str, u16)]) -> Call {
    let mut call = Call::answer();
    for (words, confidence) in turns {
        call.step(Input::Speech(&[hypothesis(words, *confidence)]));
    }
    assert_eq!(call.then, Then::Listen, "{turns:?}");
    call
}

/// A call at each of the questions that a caller can be asked.
fn everywhere() -> [(&'static str, Call); 5] {
    [
        ("how can I help", after(&[])),
        ("which number", after(&[("where is my order", 950)])),
        (
            "is that number right",
            after(&[
                ("where is my order", 950),
                ("four five six seven one two", 600),
            ]),
        ),
        (
            "is that what you want",
            after(&[("I want to talk to a real person", 450)]),
        ),
        (
            "anything else",
            after(&[("where is my order four five six seven one two", 990)]),
        ),
    ]
}

/// What one more turn leads to.
fn leads_to(call: &Call, words: &str, confidence: u16) -> Then {
    call.dialogue
        .clone()
        .step(Input::Speech(&[hypothesis(words, confidence)]))
        .then
}

#[test]
fn words_that_are_likely_wrong_let_nothing_happen() {
    for (place, call) in everywhere() {
        for words in WISHES {
            for confidence in LIKELY_WRONG {
                let then = leads_to(&call, words, confidence);
                assert_eq!(then, Then::Listen, "at \"{place}\": {words} @{confidence}");
            }
        }
    }
}

#[test]
fn the_same_words_surely_heard_do() {
    for (place, call) in everywhere() {
        let happens = WISHES
            .iter()
            .any(|words| leads_to(&call, words, 950) != Then::Listen);
        assert!(happens, "at \"{place}\" nothing can happen at all");
    }
}

#[test]
fn a_doubtful_wish_for_a_person_is_asked_about_and_granted_on_a_sure_yes() {
    let mut call = after(&[("I want to talk to a real person", 450)]);
    assert!(call.text().contains("right?"), "{}", call.text());
    call.step(Input::Speech(&[hypothesis("yes", 420)]));
    assert_eq!(call.then, Then::Listen, "an unsure yes is no yes");
    call.step(Input::Speech(&[hypothesis("yes", 900)]));
    assert_eq!(call.end(), "requested");
}

#[test]
fn words_that_two_models_dispute_are_not_acted_upon() {
    let call = after(&[("where is my order", 950)]);
    let heard = [
        hypothesis("four five six seven one two", 640),
        hypothesis("four five six seven one three", 600),
    ];
    let reply = call.dialogue.clone().step(Input::Speech(&heard));
    assert_eq!(reply.then, Then::Listen, "the number is read back");
}
