//! Says back what it hears, and beeps at keys: proves microphone and loudspeaker before anything
//! else is blamed (`attendant talk --echo`). No recogniser, no voice, no dialogue.

use super::CallSession;
use super::mic::level_db;
use crate::audio::{Digit, Frame, RATE_HZ};
use crate::call::Mark;
use crate::runtime::session::Out;
use std::collections::VecDeque;

/// Louder than this is speech, in dB relative to full scale.
const SPEECH_DB: f32 = -45.0;
/// So much quiet ends what is to be said back, in ticks (600 ms).
const PAUSE_TICKS: usize = 30;
/// Longest sound that is said back, in ticks (10 s).
const MAX_TICKS: usize = 500;
/// Length of the beep, in ticks (100 ms).
const BEEP_TICKS: usize = 5;
/// Pitch of the beep.
const BEEP_HZ: f32 = 880.0;

/// A session that repeats the caller.
#[derive(Default)]
pub struct Parrot {
    heard: Vec<Frame>,
    /// Ticks of quiet at the end of `heard`.
    quiet: usize,
    playing: VecDeque<Frame>,
}

impl CallSession for Parrot {
    fn answered(&mut self, _caller: Option<String>) {}

    fn tick(&mut self, heard: Option<&Frame>, out: &mut Vec<Out>) {
        if let Some(frame) = self.playing.pop_front() {
            out.push(Out::Media(frame));
            return;
        }
        self.listen(heard.unwrap_or(&Frame::SILENCE));
    }

    fn digit(&mut self, _d: Digit) {
        self.playing.extend((0..BEEP_TICKS).map(beep));
    }

    fn played(&mut self, _m: Mark) {}

    fn returned(&mut self) {}

    fn hung_up(&mut self) {
        self.playing.clear();
    }

    fn drain(&mut self) {}
}

impl Parrot {
    fn listen(&mut self, frame: &Frame) {
        let speech = level_db(frame) > SPEECH_DB;
        if self.heard.is_empty() && !speech {
            return;
        }
        self.heard.push(*frame);
        self.quiet = if speech { 0 } else { self.quiet + 1 };
        if self.quiet >= PAUSE_TICKS || self.heard.len() >= MAX_TICKS {
            // The pause itself need not be said back.
            let said = self.heard.len() - self.quiet;
            self.playing.extend(self.heard.drain(..).take(said));
            self.quiet = 0;
        }
    }
}

fn beep(tick: usize) -> Frame {
    let mut frame = Frame::SILENCE;
    let start = tick * frame.0.len();
    for (n, sample) in frame.0.iter_mut().enumerate() {
        let seconds = (start + n) as f32 / RATE_HZ as f32;
        *sample = (8000.0 * (std::f32::consts::TAU * BEEP_HZ * seconds).sin()) as i16;
    }
    frame
}
