//! A fake business for the tests of this folder: a tiny dialogue that cancels orders, and a fake table
//! as its back end. Neither is part of the program.

use super::{Answers, Header, Speaker, Stage, Step};
use crate::call::Converse;
use crate::dialogue::{
    BargeIn, Completeness, Disposition, Handover, Hypothesis, Input, Interruption, Keypad, Lookup,
    LookupResult, Question, Reason, Reply, Sentence, Then, Understood,
};
use jiff::civil::DateTime;
use std::collections::BTreeMap;

#[derive(Clone, Default)]
pub(super) struct FakeDialogue {
    question: Question,
    order: String,
    lookups: u32,
    trail: Vec<Step>,
}

fn reply(say: &[&str], then: Then) -> Reply {
    let sentence = |text: &&str| Sentence {
        text: (*text).to_owned(),
        question: text.ends_with('?'),
        ..Sentence::default()
    };
    Reply {
        say: say.iter().map(sentence).collect(),
        barge_in: BargeIn::Any,
        then,
        understood: None,
    }
}

impl FakeDialogue {
    fn ask(&mut self, slot: &str, keys: u8) {
        self.question = Question {
            slot: slot.into(),
            keypad: Keypad {
                max_digits: keys,
                ..Keypad::default()
            },
            no_input_ms: 6000,
            ..Question::default()
        };
    }

    fn look_up(&mut self, name: &str, say: &[&str]) -> Reply {
        self.lookups += 1;
        let lookup = Lookup {
            id: self.lookups,
            name: name.into(),
            arguments: BTreeMap::from([("order".to_owned(), self.order.clone())]),
            action: name == "cancel_order",
        };
        self.ask("waiting", 1);
        reply(say, Then::LookUp(lookup))
    }

    fn hear(&mut self, words: &str) -> Reply {
        let digits: String = words.chars().filter(char::is_ascii_digit).collect();
        let mut understood = Understood::default();
        let mut answer = if words.contains("person") {
            understood.intent = "person".into();
            let handover = Handover::new(Reason::Requested, "");
            reply(&["One moment."], Then::HandOver(handover))
        } else if words.contains("bye") {
            reply(&["Goodbye!"], Then::HangUp(Disposition::Completed))
        } else if !digits.is_empty() {
            self.order.clone_from(&digits);
            understood.intent = "cancel_order".into();
            understood.slots.insert("order".into(), digits);
            self.look_up("order", &["One moment."])
        } else if words == "yes" && self.question.slot == "confirm" {
            self.trail.push("branch:cancel_order/2:yes".into());
            self.look_up("cancel_order", &[])
        } else if words.contains("cancel") {
            understood.intent = "cancel_order".into();
            self.ask("order", 4);
            reply(&["Which order?"], Then::Listen)
        } else if self.question.slot == "waiting" {
            self.look_up("order", &["Still looking."])
        } else {
            reply(&["Sorry, I didn't catch that."], Then::Listen)
        };
        answer.understood = Some(understood);
        answer
    }

    fn found(&mut self, result: &LookupResult) -> Reply {
        match result {
            LookupResult::Rows(rows) if rows.is_empty() => {
                self.ask("order", 4);
                reply(&["There is no such order.", "Which order?"], Then::Listen)
            }
            LookupResult::Rows(rows) if rows[0].contains_key("item") => {
                self.ask("confirm", 1);
                reply(&["That's the coffee machine.", "Cancel it?"], Then::Listen)
            }
            LookupResult::Rows(_) => {
                self.ask("", 1);
                reply(&["It's cancelled.", "Anything else?"], Then::Listen)
            }
            LookupResult::Failed => reply(&["Out of order."], Then::HangUp(Disposition::Failed)),
        }
    }
}

impl Converse for FakeDialogue {
    fn step(&mut self, input: Input<'_>) -> Reply {
        match input {
            Input::Start => {
                self.ask("", 1);
                reply(&["Fake shop.", "How can I help you?"], Then::Listen)
            }
            Input::Speech(hypotheses) => {
                let words = hypotheses[0].text.clone();
                self.hear(&words)
            }
            Input::Keys(keys) => self.hear(keys),
            Input::Found { result, .. } => self.found(result),
            Input::Returned => reply(&["Nobody is there."], Then::Listen),
            Input::NoInput => reply(&["Hello?"], Then::Listen),
            Input::Slow => reply(&[], Then::Listen),
            _ => reply(&["Sorry?"], Then::Listen),
        }
    }

    fn question(&self) -> &Question {
        &self.question
    }

    fn completeness(&self, _: &[Hypothesis]) -> Completeness {
        Completeness::Open
    }

    fn interruption(&self, hypotheses: &[Hypothesis], asked: bool) -> Interruption {
        if hypotheses[0].text == "yes" && !asked {
            Interruption::Backchannel
        } else {
            Interruption::Meant
        }
    }
}

impl Speaker for FakeDialogue {
    fn trail(&mut self) -> Vec<Step> {
        std::mem::take(&mut self.trail)
    }

    fn why(&self) -> String {
        format!("asks {:?}", self.question.slot)
    }
}

/// Knows the order 4567, and cancels anything.
pub(super) struct FakeTable;

impl Answers for FakeTable {
    fn ask(&mut self, lookup: &Lookup, _: DateTime) -> LookupResult {
        match (lookup.name.as_str(), lookup.arguments["order"].as_str()) {
            ("order", "4567") => LookupResult::Rows(vec![BTreeMap::from([(
                "item".to_owned(),
                "coffee machine".into(),
            )])]),
            ("order", _) => LookupResult::Rows(Vec::new()),
            _ => LookupResult::Rows(vec![BTreeMap::from([("changed".to_owned(), 1.into())])]),
        }
    }

    fn changes(&self, operation: &str) -> bool {
        operation == "cancel_order"
    }
}

/// The stage of both.
pub(super) struct FakeShop;

impl Stage for FakeShop {
    type Speaker = FakeDialogue;
    type Answers = FakeTable;

    fn open(&self, call: &Header) -> Result<(FakeDialogue, FakeTable), String> {
        match call.language.as_deref() {
            None | Some("en") => Ok((FakeDialogue::default(), FakeTable)),
            Some(other) => Err(format!("the fake shop does not speak {other}")),
        }
    }

    fn universe(&self) -> Vec<Step> {
        [
            "intent:cancel_order",
            "intent:person",
            "slot:order",
            "branch:cancel_order/2:yes",
        ]
        .map(Into::into)
        .into()
    }
}
