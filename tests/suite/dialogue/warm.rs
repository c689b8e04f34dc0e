//! A warm transfer, as the caller hears it.

use super::{Call, context, hypotheses};
use crate::support::small_shop;
use attendant::bundle::Bundle;
use attendant::bundle::expect::end;
use attendant::bundle::story::{End, Turn, turns};
use attendant::call::journal::{Entry, FORMAT, Header, Journal};
use attendant::call::{Action, Endpointing, Event, Mark};
use attendant::config::Config;
use attendant::dialogue::{Dialogue, Disposition, Input, Then};
use attendant::explain::{self, Rules, Timeline};
use attendant::replay::text;
use std::sync::Arc;

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

/// The journal of a call to the small shop: events, in the order in which they come; what is said is heard at once.
fn journal(events: impl IntoIterator<Item = Event>) -> Journal {
    let domain = &small_shop().domain;
    let endpointing = Endpointing::from(&Config::default().call);
    let mut call =
        attendant::call::Call::new(endpointing, Dialogue::new(Arc::clone(domain), context()));
    let mut entries = Vec::new();
    for event in events {
        let mut due = std::collections::VecDeque::from([event]);
        while let Some(event) = due.pop_front() {
            entries.push((call.now(), Entry::In(event.clone())));
            call.handle(&event);
            while let Some(action) = call.poll_action() {
                if let Action::Say {
                    playback,
                    sentences,
                    ..
                } = &action
                {
                    for sentence in 0..sentences.len() as u16 {
                        let mark = Mark {
                            playback: *playback,
                            sentence,
                        };
                        due.push_back(Event::Started(mark));
                        due.push_back(Event::Played {
                            mark,
                            cleared: false,
                        });
                    }
                }
                entries.push((call.now(), Entry::Out(action)));
            }
        }
    }
    let header = Header {
        journal: FORMAT,
        attendant: String::new(),
        call: "c1".into(),
        line: "twilio".into(),
        endpointing,
        domain: domain.name.clone(),
        domain_digest: domain.digest(),
        recognizer: String::new(),
    };
    Journal {
        header,
        entries,
        truncated: false,
    }
}

fn typed(text: &str) -> Event {
    Event::Typed { text: text.into() }
}

#[test]
fn its_record_tells_the_waiting_apart_and_runs_again_by_text() {
    let silence = || std::iter::repeat_n(Event::Gap, 600);
    let wish = [
        Event::Answered(context()),
        typed("I want to talk to a real person"),
    ];
    let waits = wish.into_iter().chain([Event::Calling]).chain(silence());
    let back = [Event::Returned, Event::HungUp];
    for (ends, last, disposition) in [
        (vec![Event::Joined], "(silence)", Disposition::HandedOver),
        (
            back.to_vec(),
            "(nobody took the call)",
            Disposition::Abandoned,
        ),
    ] {
        let journal = journal(waits.clone().chain(ends));
        let told = turns(&journal);
        let words: Vec<String> = told.iter().map(Turn::words).collect();
        assert_eq!(
            words[..4],
            [
                "(answered)",
                "I want to talk to a real person",
                "(a person is called)",
                "(silence)"
            ]
        );
        assert_eq!(words.last().map(String::as_str), Some(last));
        assert!(told[2].text().contains("press 2"), "{:?}", told[2]);
        assert_eq!(end(&told).map(End::disposition), Some(disposition));
        let line = Timeline::of(
            &journal,
            &Rules::run(
                &journal,
                explain::Business::Open(Arc::clone(&small_shop().domain)),
            ),
        );
        for (turn, told) in line.turns.iter().zip(&told) {
            assert!(turn.is(told), "{turn:#?}\n{told:#?}");
        }
        let bundle = Bundle {
            folder: "nowhere".into(),
            journal,
            manifest: None,
        };
        let again = text::run(&bundle, small_shop()).expect("it runs");
        let said = |turns: &[Turn]| {
            turns
                .iter()
                .map(|turn| (turn.words(), turn.text()))
                .collect::<Vec<_>>()
        };
        assert_eq!(said(&again.now), said(&again.then));
    }
}
