//! The cascade over named fakes at the recognisers' edge.

use super::super::scripted::{Scripted, sure};
use super::*;
use crate::dialogue::Hypothesis;
use crate::speech::Recognizer;
use std::sync::mpsc;

/// What a test waits at most; nothing here takes that long.
const LONG: Duration = Duration::from_secs(20);

fn heard(text: &str, confidence: Confidence) -> Vec<Hypothesis> {
    vec![Hypothesis {
        confidence,
        ..sure(text)
    }]
}

/// Says the same every time.
fn says(text: &'static str, confidence: Confidence) -> HearingPool {
    pool(move || Scripted::new(move |_| Ok(heard(text, confidence))))
}

fn pool<R: Recognizer + 'static>(make: impl Fn() -> R + Send + Sync + 'static) -> HearingPool {
    HearingPool::start(move || Ok(Box::new(make()) as Box<dyn Recognizer>), 1, 8).unwrap()
}

/// Found words and believed none.
struct Doubtful;

impl Recognizer for Doubtful {
    fn recognize(&mut self, _: &Request, _: &Cancel) -> Result<Vec<Hypothesis>, SpeechError> {
        Ok(Vec::new())
    }

    fn doubted(&self) -> bool {
        true
    }
}

/// Answers only when it is given up, and says so.
struct Stuck(mpsc::Sender<&'static str>);

impl Recognizer for Stuck {
    fn recognize(&mut self, _: &Request, cancel: &Cancel) -> Result<Vec<Hypothesis>, SpeechError> {
        let _ = self.0.send("asked");
        while !cancel.is_cancelled() {
            std::thread::yield_now();
        }
        let _ = self.0.send("given up");
        Err(SpeechError::Abandoned)
    }
}

fn stuck() -> (HearingPool, mpsc::Receiver<&'static str>) {
    let (sender, receiver) = mpsc::channel();
    (pool(move || Stuck(sender.clone())), receiver)
}

/// A second model that must not be asked.
fn unasked() -> HearingPool {
    pool(|| Scripted::new(|_| panic!("the second model was asked")))
}

fn rules(budget: Duration) -> Rules {
    Rules {
        below: 600,
        strange: Box::new(|text| text.contains("zebra")),
        budget,
        name: "general".into(),
    }
}

fn cascade(first: HearingPool, second: HearingPool) -> Cascade {
    Cascade::start(first, second, rules(LONG)).unwrap()
}

fn ask(cascade: &Cascade) -> (Cancel, mpsc::Receiver<Recognized>) {
    let (sender, receiver) = mpsc::channel();
    let done = move |recognized| drop(sender.send(recognized));
    (
        cascade.recognize(Request::default(), Box::new(done)),
        receiver,
    )
}

fn answer(cascade: &Cascade) -> Recognized {
    ask(cascade).1.recv_timeout(LONG).unwrap()
}

/// Text, confidence and model of all hypotheses.
fn told(recognized: &Recognized) -> Vec<(&str, Confidence, &str)> {
    let all = recognized.result.as_ref().unwrap();
    all.iter()
        .map(|h| (h.text.as_str(), h.confidence, h.model.as_str()))
        .collect()
}

#[test]
fn a_sure_first_is_the_answer() {
    let cascade = cascade(says("yes", 900), unasked());
    assert_eq!(told(&answer(&cascade)), [("yes", 900, "")]);
}

#[test]
fn an_unsure_first_and_a_surer_second_are_both_told_with_the_models_name() {
    let cascade = cascade(says("four five", 300), says("for life", 700));
    assert_eq!(
        told(&answer(&cascade)),
        [("for life", 700, "general"), ("four five", 300, "")]
    );
}

#[test]
fn a_second_that_is_less_sure_comes_second() {
    let cascade = cascade(says("four five", 500), says("for life", 400));
    assert_eq!(
        told(&answer(&cascade)),
        [("four five", 500, ""), ("for life", 400, "general")]
    );
}

#[test]
fn a_second_that_agrees_makes_the_first_surer() {
    let cascade = cascade(
        says("my order is four five", 500),
        says("My order is 45.", 600),
    );
    assert_eq!(
        told(&answer(&cascade)),
        [("my order is four five", 800, "")]
    );
}

#[test]
fn sure_words_from_outside_the_domain_are_heard_again() {
    let cascade = cascade(says("zebra", 950), says("Debra", 500));
    assert_eq!(
        told(&answer(&cascade)),
        [("Debra", 500, "general"), ("zebra", 950, "")]
    );
}

#[test]
fn words_that_were_not_believed_are_heard_again_and_silence_is_not() {
    let doubted = cascade(pool(|| Doubtful), says("hello there", 700));
    assert_eq!(told(&answer(&doubted)), [("hello there", 700, "general")]);
    let silence = cascade(pool(|| Scripted::texts([""])), unasked());
    assert!(told(&answer(&silence)).is_empty());
}

#[test]
fn a_second_that_hears_nothing_or_fails_leaves_the_first() {
    let nothing = cascade(says("four", 300), pool(|| Scripted::texts([""])));
    assert_eq!(told(&answer(&nothing)), [("four", 300, "")]);
    let fails = || Scripted::new(|_| Err(SpeechError::Model("broken".into())));
    let failing = cascade(says("four", 300), pool(fails));
    assert_eq!(told(&answer(&failing)), [("four", 300, "")]);
    let panics = || Scripted::new(|_| panic!("as the test wants it"));
    let panicking = cascade(says("four", 300), pool(panics));
    assert_eq!(told(&answer(&panicking)), [("four", 300, "")]);
}

#[test]
fn a_first_that_fails_is_replaced_by_the_second() {
    let fails = || Scripted::new(|_| Err(SpeechError::Model("broken".into())));
    let both = cascade(pool(fails), says("yes", 800));
    assert_eq!(told(&answer(&both)), [("yes", 800, "general")]);
}

#[test]
fn a_slow_second_costs_its_budget_and_is_given_up() {
    let (second, seen) = stuck();
    let budget = Duration::from_millis(30);
    let cascade = Cascade::start(says("four", 300), second, rules(budget)).unwrap();
    let start = Instant::now();
    assert_eq!(told(&answer(&cascade)), [("four", 300, "")]);
    assert!(start.elapsed() >= budget);
    assert_eq!(seen.recv_timeout(LONG), Ok("asked"));
    assert_eq!(seen.recv_timeout(LONG), Ok("given up"));
}

#[test]
fn the_first_hears_other_calls_while_the_second_computes() {
    let (second, seen) = stuck();
    let first = HearingPool::start(
        || {
            let texts = [heard("four", 300), heard("yes", 900)];
            let mut texts = texts.into_iter();
            let script = move |_: &Request| Ok(texts.next().unwrap_or_default());
            Ok(Box::new(Scripted::new(script)) as Box<dyn Recognizer>)
        },
        1,
        8,
    )
    .unwrap();
    let cascade = cascade(first, second);
    let (held, waiting) = ask(&cascade);
    assert_eq!(seen.recv_timeout(LONG), Ok("asked"));
    assert_eq!(told(&answer(&cascade)), [("yes", 900, "")]);
    assert!(waiting.try_recv().is_err(), "the first call still waits");
    held.cancel();
}

#[test]
fn a_caller_who_goes_on_gives_up_both() {
    let (second, seen) = stuck();
    let cascade = cascade(says("four", 300), second);
    let (cancel, waiting) = ask(&cascade);
    assert_eq!(seen.recv_timeout(LONG), Ok("asked"));
    cancel.cancel();
    assert_eq!(seen.recv_timeout(LONG), Ok("given up"));
    let recognized = waiting.recv_timeout(LONG).unwrap();
    assert!(matches!(recognized.result, Err(SpeechError::Abandoned)));
}

#[test]
fn what_waits_when_the_house_closes_is_answered_once() {
    let (second, seen) = stuck();
    let cascade = cascade(says("four", 300), second);
    let (_, waiting) = ask(&cascade);
    assert_eq!(seen.recv_timeout(LONG), Ok("asked"));
    drop(cascade);
    let recognized = waiting.recv_timeout(LONG).unwrap();
    assert_eq!(told(&recognized), [("four", 300, "")]);
    assert!(waiting.recv_timeout(LONG).is_err(), "only once");
}

/// Knows no Spanish.
fn english_only() -> HearingPool {
    let refuses = || Scripted::new(|_| Err(SpeechError::Foreign(Language::Spanish)));
    pool(refuses).of(vec![Language::English])
}

#[test]
fn a_language_that_the_first_does_not_know_is_the_seconds() {
    let both = cascade(english_only(), says("buenos días", 300));
    assert!(both.hears(Language::English) && both.hears(Language::Spanish));
    assert_eq!(told(&answer(&both)), [("buenos días", 300, "general")]);
    // No words, and a failure, are its answer too.
    let silence = cascade(english_only(), pool(|| Scripted::texts([""])));
    assert!(told(&answer(&silence)).is_empty());
    let neither = cascade(english_only(), english_only());
    assert!(!neither.hears(Language::Spanish));
    assert!(matches!(
        answer(&neither).result,
        Err(SpeechError::Foreign(Language::Spanish))
    ));
}
