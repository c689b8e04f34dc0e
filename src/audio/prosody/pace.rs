//! Counts syllables: voiced peaks of loudness with a dip before each.

use crate::audio::FRAME_SAMPLES;

/// Samples per step of the envelope: 5 ms.
const STEP: usize = 80;
/// Steps that the envelope is smoothed over: 45 ms, more than a period, less than a syllable.
const SMOOTH: usize = 9;
/// A dip so deep parts two syllables, dB.
const DIP_DB: f32 = 3.0;
/// A peak so far below the loudest one so far is none, dB.
const FAINT_DB: f32 = 22.0;
/// The loudest is forgotten so fast, dB per step: 4 dB a second.
const FORGET_DB: f32 = 0.02;

/// Where the envelope goes.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// Up: the top so far, and whether it was voiced there.
    Up { top: f32, voiced: bool },
    /// Down: the bottom so far.
    Down { bottom: f32 },
}

/// See the file.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    /// Mean squares of the last steps.
    last: [f32; SMOOTH],
    at: usize,
    way: Way,
    loudest: f32,
    syllables: u32,
    was_voiced: bool,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self {
            last: [0.0; SMOOTH],
            at: 0,
            way: Way::Down { bottom: 0.0 },
            loudest: 0.0,
            syllables: 0,
            was_voiced: false,
        }
    }

    pub(super) fn push(&mut self, frame: &[i16; FRAME_SAMPLES], voiced: bool) {
        // The smoothed envelope lags behind the frame it belongs to.
        let near_voice = voiced || self.was_voiced;
        self.was_voiced = voiced;
        for step in frame.chunks_exact(STEP) {
            let sum: f32 = step.iter().map(|&s| f32::from(s) * f32::from(s)).sum();
            self.last[self.at] = sum / STEP as f32;
            self.at = (self.at + 1) % SMOOTH;
            // dB above one step of the converter.
            let mean = self.last.iter().sum::<f32>() / SMOOTH as f32;
            self.step(10.0 * mean.max(1.0).log10(), near_voice);
        }
    }

    fn step(&mut self, level: f32, voiced: bool) {
        self.loudest = (self.loudest - FORGET_DB).max(level);
        self.way = match self.way {
            Way::Up { top, voiced: was } if level > top => Way::Up {
                top: level,
                voiced: voiced || was,
            },
            Way::Up { top, voiced: was } if level < top - DIP_DB => {
                self.syllables += u32::from(is_syllable(top, was, self.loudest));
                Way::Down { bottom: level }
            }
            Way::Up { top, voiced: was } => Way::Up {
                top,
                voiced: was || voiced,
            },
            Way::Down { bottom } if level > bottom + DIP_DB => Way::Up { top: level, voiced },
            Way::Down { bottom } => Way::Down {
                bottom: bottom.min(level),
            },
        };
    }

    /// Syllables so far, the one that sounds included.
    pub(super) fn syllables(&self) -> u32 {
        let open = match self.way {
            Way::Up { top, voiced } => is_syllable(top, voiced, self.loudest),
            Way::Down { .. } => false,
        };
        self.syllables + u32::from(open)
    }
}

fn is_syllable(top: f32, voiced: bool, loudest: f32) -> bool {
    voiced && top > loudest - FAINT_DB
}
