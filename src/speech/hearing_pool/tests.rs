//! The pool under load, failure and shutdown, with scripted recognisers.

use super::*;
use crate::speech::scripted::{Scripted, sure};

/// Answers with its request's first sample; panics at -1, fails at -2, and at -3 waits for the cancel.
fn pool(workers: usize, queue: usize, longest_wait: Duration) -> HearingPool {
    let make = || {
        let script = |request: &Request| match request.samples.first() {
            Some(-1) => panic!("asked to"),
            Some(-2) => Err(SpeechError::Model("asked to".into())),
            first => Ok(vec![sure(&format!("{first:?}"))]),
        };
        Ok(Box::new(WaitsForCancel(Scripted::new(script))) as Box<dyn Recognizer>)
    };
    HearingPool::start_patient(make, workers, queue, longest_wait).unwrap()
}

struct WaitsForCancel(Scripted);

impl Recognizer for WaitsForCancel {
    fn recognize(
        &mut self,
        request: &Request,
        cancel: &Cancel,
    ) -> Result<Vec<crate::dialogue::Hypothesis>, SpeechError> {
        if request.samples.first() == Some(&-3) {
            while !cancel.is_cancelled() {
                std::thread::yield_now();
            }
            return Err(SpeechError::Abandoned);
        }
        self.0.recognize(request, cancel)
    }
}

fn ask(pool: &HearingPool, sample: i16) -> (Cancel, mpsc::Receiver<Recognized>) {
    let (done, answer) = mpsc::channel();
    let request = Request {
        samples: vec![sample],
        ..Request::default()
    };
    (
        pool.recognize(request, Box::new(move |r| done.send(r).unwrap())),
        answer,
    )
}

const PATIENT: Duration = Duration::from_secs(600);

#[test]
fn every_request_is_answered_with_its_own_words() {
    let pool = pool(3, 64, PATIENT);
    let answers: Vec<_> = (0..50).map(|n| (n, ask(&pool, n).1)).collect();
    for (n, answer) in answers {
        assert_eq!(
            answer.recv().unwrap().result.unwrap()[0].text,
            format!("Some({n})")
        );
        assert!(answer.recv().is_err(), "answered once");
    }
    assert_eq!(
        pool.counts(),
        Counts {
            answered: 50,
            refused: 0,
            rebuilt: 0
        }
    );
}

#[test]
fn a_recogniser_that_panics_or_fails_is_replaced() {
    let pool = pool(1, 8, PATIENT);
    for sample in [-1, -2] {
        assert!(matches!(
            ask(&pool, sample).1.recv().unwrap().result,
            Err(SpeechError::Model(_))
        ));
    }
    assert!(ask(&pool, 7).1.recv().unwrap().result.is_ok());
    assert_eq!(pool.counts().rebuilt, 2);
}

#[test]
fn who_waits_is_seen_and_who_gave_up_is_not() {
    let pool = pool(1, 8, PATIENT);
    assert_eq!(pool.waits(), Waits::default());
    let (blocker, _blocked) = ask(&pool, -3);
    while pool.shared.lock().running.is_empty() {
        std::thread::yield_now();
    }
    let (given_up, _unheard) = ask(&pool, 1);
    given_up.cancel();
    assert_eq!(pool.waits().oldest, Duration::ZERO);
    let (_, wanted) = ask(&pool, 2);
    while pool.waits().oldest < Duration::from_millis(2) {
        std::thread::yield_now();
    }
    blocker.cancel();
    assert!(wanted.recv().unwrap().result.is_ok());
    let waits = pool.waits();
    assert_eq!((waits.heard, waits.oldest), (2, Duration::ZERO));
    // A refusal is a wait, too.
    let mut asked = vec![ask(&pool, -3)];
    while pool.waits().waited <= waits.waited {
        asked.push(ask(&pool, 1));
    }
    asked[0].0.cancel();
    for (_, answer) in asked {
        answer.recv().unwrap();
    }
}

#[test]
fn a_full_queue_refuses_at_once_and_abandoned_requests_make_room() {
    let pool = pool(1, 1, PATIENT);
    let (blocker, blocked) = ask(&pool, -3);
    // Until the worker has taken the blocker, the queue holds it.
    while pool.shared.lock().running.is_empty() {
        std::thread::yield_now();
    }
    let (waiting, waited) = ask(&pool, 1);
    assert!(matches!(
        ask(&pool, 2).1.recv().unwrap().result,
        Err(SpeechError::Busy)
    ));
    waiting.cancel();
    let (_, third) = ask(&pool, 3);
    assert!(matches!(
        waited.recv().unwrap().result,
        Err(SpeechError::Abandoned)
    ));
    blocker.cancel();
    assert!(matches!(
        blocked.recv().unwrap().result,
        Err(SpeechError::Abandoned)
    ));
    assert!(third.recv().unwrap().result.is_ok());
    assert_eq!(pool.counts().refused, 1);
}

#[test]
fn a_request_that_waited_too_long_is_refused() {
    let pool = pool(1, 8, Duration::ZERO);
    assert!(matches!(
        ask(&pool, 1).1.recv().unwrap().result,
        Err(SpeechError::Busy)
    ));
}

#[test]
fn closing_gives_up_what_runs_and_answers_what_waits() {
    let pool = pool(1, 8, PATIENT);
    let answers = [ask(&pool, -3).1, ask(&pool, 1).1];
    drop(pool);
    for answer in answers {
        assert!(matches!(
            answer.recv().unwrap().result,
            Err(SpeechError::Abandoned)
        ));
    }
}

#[test]
fn a_recogniser_that_does_not_load_is_an_error_at_the_start() {
    let make = || {
        Err(SpeechError::Model(
            "no such file
hint: copy it"
                .into(),
        ))
    };
    let error = HearingPool::start(make, 2, 8).err().unwrap();
    assert!(error.to_string().contains("hint: copy it"), "{error}");
}

#[test]
fn without_a_recogniser_the_answer_says_so() {
    let (done, answer) = mpsc::channel();
    Deaf.recognize(Request::default(), Box::new(move |r| done.send(r).unwrap()));
    assert!(
        answer
            .recv()
            .unwrap()
            .result
            .unwrap_err()
            .to_string()
            .contains("hint:")
    );
}
