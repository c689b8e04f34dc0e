//! The voice pool with scripted voices: order, joining, failure, shutdown.

use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

const LONG: Duration = Duration::from_secs(10);

/// Says one sample per byte; fails or panics on request; counts.
struct Scripted {
    made: Arc<AtomicUsize>,
    /// Taken before each sentence: holds the worker until the test lets it go.
    gate: Option<mpsc::Receiver<()>>,
    sample: i16,
}

impl Synthesizer for Scripted {
    fn synthesize(&mut self, text: &str) -> Result<Vec<i16>, SpeechError> {
        if let Some(gate) = &self.gate {
            let _ = gate.recv_timeout(LONG);
        }
        self.made.fetch_add(1, Ordering::SeqCst);
        match text {
            "fail" => Err(SpeechError::Model("broken".into())),
            "panic" => panic!("scripted"),
            text => Ok(vec![self.sample; text.len()]),
        }
    }

    fn synthesize_slowly(&mut self, text: &str) -> Result<Vec<i16>, SpeechError> {
        Ok(vec![self.sample; 2 * text.len()])
    }
}

fn scripted(sample: i16) -> (Box<dyn Synthesizer>, Arc<AtomicUsize>) {
    let made = Arc::new(AtomicUsize::new(0));
    (
        Box::new(Scripted {
            made: Arc::clone(&made),
            gate: None,
            sample,
        }),
        made,
    )
}

fn one(voice: Box<dyn Synthesizer>, stand_in: Option<Box<dyn Synthesizer>>) -> Vec<Voices> {
    vec![(voice, stand_in).into()]
}

fn ask(pool: &VoicePool, text: &str) -> mpsc::Receiver<Rendered> {
    let (send, receive) = mpsc::channel();
    pool.speak(
        text.into(),
        Box::new(move |rendered| send.send(rendered).expect("the test listens")),
    );
    receive
}

fn samples(receive: &mpsc::Receiver<Rendered>) -> Result<Arc<[i16]>, SpeechError> {
    let rendered = receive.recv_timeout(LONG).expect("an answer");
    assert!(receive.try_recv().is_err(), "one answer only");
    rendered.result
}

#[test]
fn the_second_time_comes_from_the_store() {
    let (voice, made) = scripted(1);
    let pool = VoicePool::new("test".into(), one(voice, None));
    for _ in 0..3 {
        assert_eq!(samples(&ask(&pool, "hello")).expect("speech").len(), 5);
    }
    assert_eq!(made.load(Ordering::SeqCst), 1);
    assert!(samples(&ask(&pool, "  ")).expect("nothing").is_empty());
}

#[test]
fn asked_for_by_many_it_is_made_once_and_callers_go_before_prompts_made_ahead() {
    let (open, gate) = mpsc::channel();
    let made = Arc::new(AtomicUsize::new(0));
    let voice = Scripted {
        made: Arc::clone(&made),
        gate: Some(gate),
        sample: 1,
    };
    let pool = VoicePool::new("test".into(), one(Box::new(voice), None));
    pool.prerender(["first", "prompt a", "prompt b"]);
    let order = Arc::new(Mutex::new(Vec::new()));
    let (send, receive) = mpsc::channel();
    for text in ["urgent", "prompt b", "urgent"] {
        let (order, send) = (Arc::clone(&order), send.clone());
        pool.speak(
            text.into(),
            Box::new(move |_| {
                order.lock().expect("order").push(text);
                send.send(()).expect("the test listens");
            }),
        );
    }
    for _ in 0..8 {
        open.send(()).expect("the worker listens");
    }
    for _ in 0..3 {
        receive.recv_timeout(LONG).expect("an answer");
    }
    assert!(pool.settle(LONG));
    assert_eq!(
        *order.lock().expect("order"),
        ["urgent", "urgent", "prompt b"]
    );
    assert_eq!(
        made.load(Ordering::SeqCst),
        4,
        "first, urgent, prompt b, prompt a"
    );
}

#[test]
fn a_failing_voice_is_stood_in_for_and_given_up_after_three() {
    let (voice, made) = scripted(1);
    let (stand_in, stood_in) = scripted(2);
    let pool = VoicePool::new("test".into(), one(voice, Some(stand_in)));
    assert_eq!(samples(&ask(&pool, "one")).expect("speech")[0], 1);
    // "panic" makes both panic: an error for the caller, and the worker lives.
    assert!(samples(&ask(&pool, "panic")).is_err());
    assert_eq!(
        samples(&ask(&pool, "two")).expect("speech")[0],
        1,
        "one failure is forgiven"
    );
    for _ in 0..3 {
        assert!(samples(&ask(&pool, "fail")).is_err());
    }
    assert_eq!(
        samples(&ask(&pool, "three")).expect("speech")[0],
        2,
        "given up"
    );
    assert_eq!(
        (made.load(Ordering::SeqCst), stood_in.load(Ordering::SeqCst)),
        (6, 5)
    );
}

#[test]
fn a_receiver_that_panics_does_not_stop_the_voice() {
    let (voice, _) = scripted(1);
    let pool = VoicePool::new("test".into(), one(voice, None));
    pool.speak("one".into(), Box::new(|_| panic!("scripted")));
    assert!(samples(&ask(&pool, "two")).is_ok());
}

#[test]
fn everybody_is_answered_when_the_pool_closes() {
    let (open, gate) = mpsc::channel();
    let made = Arc::default();
    let pool = VoicePool::new(
        "test".into(),
        one(
            Box::new(Scripted {
                made,
                gate: Some(gate),
                sample: 1,
            }),
            None,
        ),
    );
    let asked: Vec<_> = (0..20)
        .map(|n| ask(&pool, &format!("sentence {n}")))
        .collect();
    drop(open);
    drop(pool);
    for receive in asked {
        let _ = samples(&receive);
    }
}

#[test]
fn a_flood_is_refused_not_stored() {
    let (open, gate) = mpsc::channel::<()>();
    let made = Arc::default();
    let pool = VoicePool::new(
        "test".into(),
        one(
            Box::new(Scripted {
                made,
                gate: Some(gate),
                sample: 1,
            }),
            None,
        ),
    );
    let asked: Vec<_> = (0..MAX_WAITING + 50)
        .map(|n| ask(&pool, &format!("sentence {n}")))
        .collect();
    let refused = asked
        .iter()
        .filter(|receive| receive.try_recv().is_ok_and(|r| r.result.is_err()))
        .count();
    assert!((49..=50).contains(&refused), "{refused} refused");
    drop(open);
}

#[test]
fn long_prompts_are_made_sentence_by_sentence_and_endless_ones_refused() {
    let (voice, made) = scripted(1);
    let pool = VoicePool::new("test".into(), one(voice, None));
    let long = "This is one of many sentences. ".repeat(100);
    assert_eq!(samples(&ask(&pool, &long)).expect("speech").len(), 30 * 100);
    assert_eq!(made.load(Ordering::SeqCst), 100);
    assert!(
        samples(&ask(&pool, &long.repeat(100)))
            .expect_err("refused")
            .to_string()
            .contains("hint:")
    );
}

#[test]
fn every_language_has_its_voice_and_a_slow_one() {
    let (english, spanish) = (scripted(1).0, scripted(2).0);
    let voices = Voices {
        main: (english, None),
        others: BTreeMap::from([(Language::Spanish, (spanish, None))]),
    };
    let pool = VoicePool::new("test".into(), vec![voices]);
    for (language, slow, want) in [
        (None, false, [1; 2].as_slice()),
        (Some(Language::English), false, &[1; 2]),
        (Some(Language::Spanish), false, &[2; 2]),
        (Some(Language::Spanish), true, &[2; 4]),
        (None, true, &[1; 4]),
        // From the store by now: not what was said otherwise.
        (None, false, &[1; 2]),
    ] {
        let (send, receive) = mpsc::channel();
        let saying = Saying {
            text: "no".into(),
            language,
            slow,
        };
        pool.speak(
            saying,
            Box::new(move |rendered| send.send(rendered).expect("the test listens")),
        );
        assert_eq!(
            &*samples(&receive).expect("speech"),
            want,
            "{language:?} {slow}"
        );
    }
}
