//! The talk loop against a scripted session and a loudspeaker that sounds one frame per tick.

use super::*;
use crate::dialogue::Disposition;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

const LOUD: Frame = Frame([8000; 320]);

/// Emits one scripted item per tick and keeps what it was told.
#[derive(Default)]
struct Script {
    ticks: VecDeque<Vec<Out>>,
    told: Arc<Mutex<Vec<String>>>,
}

impl CallSession for Script {
    fn answered(&mut self, _: Option<String>) {}
    fn tick(&mut self, heard: Option<&Frame>, out: &mut Vec<Out>) {
        let silent = heard.is_none_or(|frame| *frame == Frame::SILENCE);
        self.told
            .lock()
            .unwrap()
            .push(if silent { "-" } else { "voice" }.into());
        out.extend(self.ticks.pop_front().unwrap_or_default());
    }
    fn digit(&mut self, _: Digit) {}
    fn played(&mut self, mark: Mark) {
        self.told.lock().unwrap().push(mark.to_string());
    }
    fn returned(&mut self) {}
    fn hung_up(&mut self) {}
    fn drain(&mut self) {}
}

/// Sounds one frame per tick, as a device on the same clock does.
#[derive(Default)]
struct Speaker {
    waiting: VecDeque<Frame>,
    sounded: Vec<Frame>,
    latency_ms: u32,
}

impl Player for Speaker {
    fn room(&self) -> usize {
        20 - self.waiting.len().min(20)
    }
    fn play(&mut self, frame: &Frame) {
        self.waiting.push_back(*frame);
    }
    fn clear(&mut self) {
        self.waiting.clear();
    }
    fn pending(&self) -> usize {
        self.waiting.len()
    }
    fn latency_ms(&self) -> u32 {
        self.latency_ms
    }
    fn cushion(&self) -> usize {
        2
    }
}

const MARK: Mark = Mark {
    playback: 1,
    sentence: 0,
};

/// Runs `ticks` ticks of a loud room.
fn run(
    script: Vec<Vec<Out>>,
    ticks: usize,
    full_duplex: bool,
) -> (Vec<String>, Speaker, Kiosk<Script>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let session = Script {
        ticks: script.into(),
        told: told.clone(),
    };
    let mut kiosk = Kiosk::new(session, full_duplex);
    let mut speaker = Speaker::default();
    for _ in 0..ticks {
        speaker.sounded.extend(speaker.waiting.pop_front());
        kiosk.tick(&LOUD, &mut speaker);
    }
    let told = told.lock().unwrap().clone();
    (told, speaker, kiosk)
}

#[test]
fn the_microphone_is_muted_while_the_bot_speaks_and_its_echo_rings() {
    let (told, speaker, _) = run(vec![vec![], vec![Out::Media(LOUD)]], 20, false);
    // Cushion and frame sound in two ticks, then 150 ms of tail in eight.
    let muted = told.iter().filter(|heard| *heard == "-").count();
    assert_eq!(told[..2], ["voice", "voice"]);
    assert_eq!(muted, 1 + 8, "{told:?}");
    assert_eq!(told.last().unwrap(), "voice");
    assert_eq!(speaker.sounded, [Frame::SILENCE, LOUD]);
}

#[test]
fn full_duplex_never_mutes() {
    let (told, _, _) = run(vec![vec![Out::Media(LOUD); 5]], 20, true);
    assert!(told.iter().all(|heard| heard == "voice"), "{told:?}");
}

#[test]
fn a_mark_is_reported_when_everything_before_it_has_sounded() {
    let script = vec![vec![
        Out::Media(LOUD),
        Out::Media(LOUD),
        Out::Media(LOUD),
        Out::Mark(MARK),
    ]];
    let (told, _, _) = run(script, 3, true);
    assert!(
        !told.contains(&"p1s0".to_owned()),
        "two of three frames have sounded: {told:?}"
    );
    let script = vec![vec![
        Out::Media(LOUD),
        Out::Media(LOUD),
        Out::Media(LOUD),
        Out::Mark(MARK),
    ]];
    let (told, _, _) = run(script, 4, true);
    assert_eq!(
        told.iter().filter(|item| *item == "p1s0").count(),
        1,
        "{told:?}"
    );
}

#[test]
fn clear_drops_what_waits_and_returns_its_marks_once() {
    let say: Vec<Out> = std::iter::repeat_n(Out::Media(LOUD), 100)
        .chain([Out::Mark(MARK)])
        .collect();
    let (told, speaker, _) = run(vec![say, vec![], vec![Out::Clear]], 20, true);
    assert_eq!(
        told.iter().filter(|item| *item == "p1s0").count(),
        1,
        "{told:?}"
    );
    assert_eq!(told[3], "p1s0", "at once: {told:?}");
    assert_eq!(speaker.sounded.len(), 2);
}

#[test]
fn a_player_that_takes_bursts_gets_a_longer_cushion_instead_of_gaps() {
    let session = Script {
        ticks: vec![vec![Out::Media(LOUD)]; 200].into(),
        ..Script::default()
    };
    let mut kiosk = Kiosk::new(session, true);
    let (mut speaker, mut sounded) = (Speaker::default(), Vec::new());
    for tick in 0..200 {
        if tick % 6 == 3 {
            sounded.extend((0..6).map(|_| speaker.waiting.pop_front().unwrap_or_default()));
        }
        kiosk.tick(&Frame::SILENCE, &mut speaker);
    }
    assert!(
        (1..=4).contains(&kiosk.starved()),
        "{} gaps",
        kiosk.starved()
    );
    let last: Vec<_> = sounded[sounded.len() - 120..]
        .iter()
        .map(|frame| *frame == LOUD)
        .collect();
    assert!(last.iter().all(|loud| *loud), "still gaps: {last:?}");
}

#[test]
fn the_call_is_over_when_its_last_words_have_sounded() {
    let end = Out::End(Ending::HangUp(Disposition::Completed));
    let script = || vec![vec![Out::Media(LOUD), Out::Media(LOUD), end.clone()]];
    let (_, speaker, kiosk) = run(script(), 2, false);
    assert!(kiosk.ended(&speaker).is_none());
    let (told, speaker, kiosk) = run(script(), 9, false);
    assert!(kiosk.ended(&speaker).is_some());
    assert_eq!(told.len(), 1, "nothing follows the end: {told:?}");
}

#[test]
fn a_session_that_talks_without_end_is_cut_not_stored() {
    let (_, _, kiosk) = run(vec![vec![Out::Media(LOUD); MAX_QUEUE + 10]], 1, false);
    assert_eq!(kiosk.lost(), 10);
}
