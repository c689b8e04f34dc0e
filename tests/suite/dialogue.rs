//! Conversations with a small shop (`businesses/small-shop`), and properties that hold for every
//! conversation. `dialogue/*.txt` are calls as they sound, in the form of `src/domains/EXAMPLES.md`. The
//! clock stands at Monday 2026-11-23, 10:30.

mod careful;
mod desk;
mod examples;
mod speechless;
mod summary;
mod turns;
mod warm;

use super::support::small_shop;
use attendant::dialogue::*;
use attendant::store::{Request, Store};
use proptest::prelude::*;
use std::sync::Arc;

fn context() -> Context {
    Context {
        now: jiff::civil::date(2026, 11, 23).at(10, 30, 0, 0),
        caller: None,
        language: String::new(),
    }
}

fn hypothesis(text: &str, confidence: u16) -> Hypothesis {
    let words = text
        .split_whitespace()
        .map(|word| Word {
            text: word.into(),
            confidence,
        })
        .collect();
    Hypothesis {
        text: text.into(),
        confidence,
        words,
        ..Hypothesis::default()
    }
}

/// `words @700 | other words @600`
fn hypotheses(line: &str) -> Vec<Hypothesis> {
    let one = |text: &str| match text.split_once('@') {
        Some((words, confidence)) => hypothesis(
            words.trim(),
            confidence.trim().parse().expect("a confidence"),
        ),
        None => hypothesis(text.trim(), 950),
    };
    line.split('|').map(one).collect()
}

struct Call {
    dialogue: Dialogue,
    store: Store,
    said: Vec<Sentence>,
    then: Then,
    understood: Understood,
}

impl Call {
    fn answer() -> Self {
        let mut call = Self {
            dialogue: Dialogue::new(Arc::clone(&small_shop().domain), context()),
            store: small_shop().store(None, context().now.date()).unwrap(),
            said: Vec::new(),
            then: Then::Listen,
            understood: Understood::default(),
        };
        call.step(Input::Start);
        call
    }

    /// Steps, and lets the back end answer.
    fn step(&mut self, input: Input<'_>) {
        let reply = self.dialogue.step(input);
        check(&reply, &self.dialogue);
        self.said = reply.say;
        self.then = reply.then;
        self.understood = reply.understood.unwrap_or_default();
        while let Then::LookUp(lookup) = self.then.clone() {
            let result = self.store.ask(&Request {
                call: "call".into(),
                id: lookup.id,
                name: lookup.name,
                arguments: lookup.arguments,
                now: context().now,
                secrets: Default::default(),
            });
            let reply = self.dialogue.step(Input::Found {
                lookup: lookup.id,
                result: &result,
            });
            check(&reply, &self.dialogue);
            self.said.extend(reply.say);
            self.then = reply.then;
        }
    }

    fn text(&self) -> String {
        self.said
            .iter()
            .map(|sentence| sentence.text.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn end(&self) -> String {
        let name = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        match &self.then {
            Then::HangUp(disposition) => {
                name(serde_json::to_value(disposition).expect("plain data"))
            }
            Then::HandOver(handover) => {
                name(serde_json::to_value(handover.reason).expect("plain data"))
            }
            Then::Listen | Then::CallOff | Then::LookUp(_) => String::new(),
        }
    }
}

/// What every reply must keep to.
fn check(reply: &Reply, dialogue: &Dialogue) {
    // Most back ends answer at once; what is said to those that do not comes with `Input::Slow`.
    let asks = matches!(reply.then, Then::LookUp(_));
    assert!(asks || !reply.say.is_empty(), "an empty reply");
    for sentence in &reply.say {
        assert!(
            sentence.text.chars().any(char::is_alphanumeric),
            "an empty sentence"
        );
        assert!(
            !sentence.spoken().contains(['{', '}']),
            "a place without its value: {sentence:?}"
        );
    }
    if reply.then == Then::Listen {
        assert!(
            reply.say.last().is_some_and(|last| last.question),
            "no question: {:?}",
            reply.say
        );
        assert!(dialogue.question().no_input_ms >= 4000);
        assert!(!dialogue.question().bias.is_empty(), "nothing to expect");
        assert_eq!(reply.barge_in, BargeIn::Any);
    }
}

#[test]
fn order_numbers_are_spoken_in_groups() {
    let mut call = Call::answer();
    call.step(Input::Speech(&hypotheses("order 456712")));
    let answer = call
        .said
        .iter()
        .find(|sentence| sentence.text.contains("456712"))
        .expect("the answer");
    assert!(answer.spoken().contains("4 5 6, 7 1 2"));
}

#[test]
fn variants_take_turns() {
    let mut call = Call::answer();
    call.step(Input::Noise);
    let first = call.text();
    call.step(Input::Noise);
    assert!(
        !call
            .text()
            .contains(first.split('.').next().unwrap_or_default())
    );
}

#[test]
fn the_open_question_sets_the_keypad() {
    let mut call = Call::answer();
    assert_eq!(call.dialogue.question().keypad.max_digits, 1);
    call.step(Input::Keys("1"));
    let keypad = &call.dialogue.question().keypad;
    assert_eq!((keypad.max_digits, keypad.termchar), (6, Some('#')));
    call.step(Input::Speech(&hypotheses("hold on")));
    assert!(call.dialogue.question().no_input_ms > 6000);
}

#[test]
fn a_late_answer_of_the_back_end_is_harmless() {
    let mut call = Call::answer();
    call.step(Input::Speech(&hypotheses("order 456712")));
    let before = call.dialogue.question().clone();
    call.step(Input::Found {
        lookup: 1,
        result: &LookupResult::Rows(Vec::new()),
    });
    assert_eq!(call.then, Then::Listen);
    assert_eq!(call.dialogue.question(), &before);
}

#[test]
fn waiting_for_a_slow_back_end_is_bridged_and_can_be_left() {
    let mut call = Call::answer();
    let words = hypotheses("order 456712");
    let Then::LookUp(lookup) = call.dialogue.step(Input::Speech(&words)).then else {
        panic!("nothing is asked");
    };
    let mut said = Vec::new();
    for input in [Input::Slow, Input::NoInput, Input::Noise] {
        let reply = call.dialogue.step(input);
        assert_eq!(reply.then, Then::Listen);
        assert!(reply.say.iter().all(|sentence| !sentence.question));
        said.extend(reply.say.into_iter().map(|sentence| sentence.text));
    }
    assert!(
        said[0].contains("One moment") && said[1].contains("still"),
        "{said:?}"
    );
    // The answer is still awaited.
    let mut patient = call.dialogue.clone();
    let result = call.store.ask(&Request {
        call: "call".into(),
        id: lookup.id,
        name: lookup.name,
        arguments: lookup.arguments,
        now: context().now,
        secrets: Default::default(),
    });
    let reply = patient.step(Input::Found {
        lookup: lookup.id,
        result: &result,
    });
    assert!(reply.say[0].text.contains("coffee machine"), "{reply:?}");
    let reply = call
        .dialogue
        .step(Input::Speech(&hypotheses("talk to a person")));
    assert!(matches!(reply.then, Then::HandOver(_)));
}

#[derive(Clone, Debug)]
enum Act {
    Say(String, u16),
    Key(String),
    Silence,
    Noise,
    Deaf,
    Returned,
    Closing,
    Late(u32),
}

fn act() -> impl Strategy<Value = Act> {
    let word = prop::sample::select(vec![
        "four",
        "five",
        "oh",
        "double",
        "hundred",
        "forty",
        "no",
        "yes",
        "order",
        "where",
        "is",
        "my",
        "open",
        "return",
        "person",
        "repeat",
        "um",
        "the",
        "goodbye",
        "thanks",
        "for",
        "to",
        "wait",
        "456712",
        "9",
        "é",
        "\u{1F600}",
        "'",
    ]);
    let words = prop::collection::vec(word, 0..9).prop_map(|words| words.join(" "));
    prop_oneof![
        6 => (prop_oneof![words, ".{0,40}"], 0u16..1200).prop_map(|(text, confidence)| Act::Say(text, confidence)),
        3 => "[0-9*#]{0,8}".prop_map(Act::Key),
        1 => Just(Act::Silence),
        1 => Just(Act::Noise),
        1 => Just(Act::Deaf),
        1 => Just(Act::Returned),
        1 => Just(Act::Closing),
        1 => (0u32..4).prop_map(Act::Late),
    ]
}

fn perform(call: &mut Call, act: &Act) {
    match act {
        Act::Say(text, confidence) => call.step(Input::Speech(&[hypothesis(text, *confidence)])),
        Act::Key(entry) => call.step(Input::Keys(entry)),
        Act::Silence => call.step(Input::NoInput),
        Act::Noise => call.step(Input::Noise),
        Act::Deaf => call.step(Input::Deaf),
        Act::Returned => call.step(Input::Returned),
        Act::Closing => call.step(Input::Closing),
        Act::Late(id) => call.step(Input::Found {
            lookup: *id,
            result: &LookupResult::Rows(Vec::new()),
        }),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// `Call::step` checks each reply; here nothing may panic, and equal inputs give equal replies.
    #[test]
    fn any_conversation_keeps_its_form_and_is_deterministic(acts in prop::collection::vec(act(), 1..25)) {
        let (mut one, mut two) = (Call::answer(), Call::answer());
        for act in &acts {
            let before = one.dialogue.clone();
            if let Act::Say(text, confidence) = act {
                let words = [hypothesis(text, *confidence)];
                let _ = (before.completeness(&words), before.interruption(&words, true));
            }
            perform(&mut one, act);
            perform(&mut two, act);
            prop_assert_eq!(&one.said, &two.said);
            prop_assert_eq!(one.dialogue.question(), two.dialogue.question());
        }
    }

    /// Whatever happened before, a caller who is not understood any more reaches an end.
    #[test]
    fn endless_failure_ends(acts in prop::collection::vec(act(), 0..12), failures in prop::collection::vec(0..4usize, 40)) {
        let mut call = Call::answer();
        for act in &acts {
            perform(&mut call, act);
        }
        let silence = [Act::Silence, Act::Noise, Act::Deaf, Act::Say("colourless green ideas".into(), 900)];
        for failure in failures {
            if matches!(call.then, Then::HangUp(_) | Then::HandOver(_)) {
                return Ok(());
            }
            perform(&mut call, &silence[failure]);
        }
        prop_assert!(false, "still going on: {:?}", call.said);
    }
}
