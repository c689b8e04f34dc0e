//! How a turn sounds, as three figures: pitch, level, pace. Decides what they are; what they say about
//! a mood is decided from words and figures together, elsewhere.
//!
//! Pitch is the median of a normalised cross-correlation over 40 ms at 4 kHz: harmonics up to about 1
//! kHz are enough, so a telephone that cuts everything below 300 Hz changes nothing. Pace counts
//! peaks of loudness that are voiced and have a dip before them (N. de Jong, T. Wempe, Behavior
//! Research Methods, 2009). All of it is taken frame by frame, in memory that is set aside once.

mod pace;
mod pitch;

use super::{FRAME_SAMPLES, Frame};
use pace::Pace;
use pitch::Tracker;
use serde::{Deserialize, Serialize};

/// Lowest and highest pitch that is looked for, Hz.
pub const PITCH_HZ: std::ops::RangeInclusive<u16> = 60..=400;
/// Voiced frames that a figure needs: 200 ms.
const ENOUGH_VOICED: u32 = 10;
/// Pauses up to this many frames belong to speaking: 240 ms.
const BRIDGED: u32 = 12;
/// Quieter than this many dB below full scale is no voice.
const QUIET_DB: f32 = 55.0;
/// So much below the loudest is somebody else, or an echo.
const BELOW_LOUDEST_DB: f32 = 30.0;

/// How a turn sounded. The dialogue has the same figures under its own name, since it knows no sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tone {
    /// Median pitch of the voiced frames.
    pub pitch_hz: u16,
    /// Level of the voiced frames in dB, negative below full scale.
    pub level_db: i16,
    /// Syllables per minute of speaking, pauses left out.
    pub rate: u16,
}

/// Measures a turn, frame by frame.
#[derive(Clone, Debug)]
pub struct Prosody {
    tracker: Tracker,
    pace: Pace,
    /// Voiced frames by pitch, one place per Hz.
    pitches: [u16; Self::PLACES],
    voiced: u32,
    /// Sum of the voiced frames' mean squares.
    power: f64,
    /// Level of the loudest voiced frame, dB below full scale.
    loudest: f32,
    /// Frames of speaking, short pauses in it included.
    speaking: u32,
    /// Frames since the last voiced one.
    pause: u32,
}

impl Default for Prosody {
    fn default() -> Self {
        Self::new()
    }
}

impl Prosody {
    const PLACES: usize = (*PITCH_HZ.end() - *PITCH_HZ.start()) as usize + 1;

    /// Nothing heard yet.
    pub fn new() -> Self {
        Self {
            tracker: Tracker::new(),
            pace: Pace::new(),
            pitches: [0; Self::PLACES],
            voiced: 0,
            power: 0.0,
            loudest: super::level::SILENT_DB,
            speaking: 0,
            pause: BRIDGED,
        }
    }

    /// Takes in the next 20 ms. Allocates nothing.
    pub fn push(&mut self, frame: &Frame) {
        let level = super::level::level_db(&frame.0);
        let loud = level < QUIET_DB && level < self.loudest + BELOW_LOUDEST_DB;
        let pitch = self.tracker.push(&frame.0, loud);
        let voiced = pitch.is_some();
        if let Some(pitch) = pitch {
            let place = (pitch.round() as u16).clamp(*PITCH_HZ.start(), *PITCH_HZ.end());
            let count = &mut self.pitches[usize::from(place - *PITCH_HZ.start())];
            *count = count.saturating_add(1);
            self.voiced += 1;
            self.power += mean_square(&frame.0);
            self.loudest = self.loudest.min(level);
            // A short pause turns out to have been one.
            self.speaking += 1 + if self.pause < BRIDGED { self.pause } else { 0 };
            self.pause = 0;
        } else {
            self.pause = self.pause.saturating_add(1);
        }
        self.pace.push(&frame.0, voiced);
    }

    /// The figures so far; none with less than 200 ms of voice. More frames may follow.
    pub fn finish(&self) -> Option<Tone> {
        if self.voiced < ENOUGH_VOICED {
            return None;
        }
        let mut left = self.voiced.div_ceil(2);
        let median = self.pitches.iter().position(|&count| {
            let count = u32::from(count);
            let found = count >= left;
            left -= count.min(left);
            found
        });
        let mean = self.power / f64::from(self.voiced);
        let level = 10.0 * (mean / f64::from(1u32 << 30)).max(1e-12).log10();
        // 50 frames a second, 3000 a minute.
        let rate = u64::from(self.pace.syllables()) * 3000 / u64::from(self.speaking.max(1));
        Some(Tone {
            pitch_hz: *PITCH_HZ.start() + median.unwrap_or(0) as u16,
            level_db: level.round() as i16,
            rate: rate.min(2000) as u16,
        })
    }
}

fn mean_square(samples: &[i16; FRAME_SAMPLES]) -> f64 {
    let sum: u64 = samples
        .iter()
        .map(|&s| u64::from(s.unsigned_abs()).pow(2))
        .sum();
    sum as f64 / FRAME_SAMPLES as f64
}

#[cfg(test)]
#[path = "prosody/tests.rs"]
mod tests;
