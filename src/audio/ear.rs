//! The ear: everything that is measured in a tick of the caller's sound, in one place.
//!
//! Decides nothing but that a keypad tone is not a voice; turns, barge-in and digits are the call's
//! business.

use super::digit::Digit;
use super::dtmf::Dtmf;
use super::level::level_db;
use super::vad::Vad;
use super::{Frame, Heard};

/// Hears one caller. About 24 KiB; allocates only when made.
#[derive(Default)]
pub struct Ear {
    vad: Vad,
    dtmf: Dtmf,
}

impl Ear {
    pub fn new() -> Self {
        Self::default()
    }

    /// Measures the next 20 ms; a key where one was pressed (about 40 ms after it began to sound).
    pub fn hear(&mut self, frame: &Frame) -> (Heard, Option<Digit>) {
        let level = level_db(&frame.0);
        let keys = self.dtmf.push(frame);
        let voice = if keys.tone {
            // What the voice detector never hears, it cannot take for a voice afterwards.
            self.vad.push(&Frame::SILENCE);
            0
        } else {
            self.vad.push_at_level(frame, level)
        };
        (Heard { voice, level: level.round() as u8, tone: keys.tone }, keys.digit)
    }
}
