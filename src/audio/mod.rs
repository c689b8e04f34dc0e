//! Samples: what a frame is, and the pure signal processing done on it.
//!
//! Everything inside attendant is 16 kHz, mono, 16-bit; lines convert at the edge.

pub mod digit;
pub mod dtmf;
pub mod dtmf_merge;
pub mod ear;
pub mod g711;
pub mod level;
pub mod prosody;
pub mod resample;
pub mod tone;
pub mod vad;
pub mod wav;

pub use digit::{Digit, DigitSource};
pub use dtmf_merge::DigitMerge;
pub use ear::Ear;
use serde::{Deserialize, Serialize};

/// Sampling rate of every [`Frame`], in Hz.
pub const RATE_HZ: u32 = 16_000;
/// Length of a tick, the call's unit of time, in ms.
pub const TICK_MS: u32 = 20;
/// Samples in a [`Frame`]: 20 ms at 16 kHz.
pub const FRAME_SAMPLES: usize = 320;

/// 20 ms of sound: 320 samples, 16 kHz, mono, signed 16-bit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Frame(pub [i16; FRAME_SAMPLES]);

impl Frame {
    /// 20 ms of digital silence.
    pub const SILENCE: Self = Self([0; FRAME_SAMPLES]);
}

impl Default for Frame {
    fn default() -> Self {
        Self::SILENCE
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Frame(peak {})",
            self.0.iter().map(|s| s.unsigned_abs()).max().unwrap_or(0)
        )
    }
}

/// What the ear measured in one tick: the only thing about the sound that the call engine sees, so
/// that a journal can replay it without a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// Probability that somebody speaks, 0 (certainly not) to 255 (certainly).
    pub voice: u8,
    /// Level in dB below full scale, 0 (loudest) to 127 (digital silence).
    pub level: u8,
    /// A keypad tone sounds in this tick: not speech, and kept out of the recogniser's input.
    pub tone: bool,
}
