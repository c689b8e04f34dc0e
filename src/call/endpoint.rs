//! Where speech starts and pauses, from the voice levels of the ticks. Decides nothing about turns:
//! that needs the words, and is `turn`'s.

use super::{Tick, ticks};
use crate::audio::Heard;

/// A tick is voice from this level on (0–255); Silero's own default of 0.5.
const VOICE: u8 = 128;
/// Once speech runs, a tick counts as voice from this level on, so that word ends are not lost.
const STILL_VOICE: u8 = 90;
/// Speech starts when this many of the last eight ticks are voice: 80 ms. A "no" has 200 ms; a knock
/// has less.
const ONSET_TICKS: u32 = 4;

/// Finds speech in a stream of ticks.
#[derive(Clone, Debug, Default)]
pub struct Endpointer {
    /// One bit per tick, newest lowest: was it voice?
    recent: u32,
    speaking: bool,
    last_voice: Tick,
    /// Ticks without voice that close a segment.
    pause: Tick,
}

/// What one tick told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Speech runs since `from` (the first tick with voice).
    Started { from: Tick },
    /// Speech paused: the early pause has passed since the last voice.
    Paused,
}

impl Endpointer {
    /// `early_ms`: the pause after which recognition may start.
    pub fn new(early_ms: u32) -> Self {
        Self { pause: ticks(early_ms).max(1), ..Self::default() }
    }

    /// Takes in the tick `now`.
    pub fn hear(&mut self, now: Tick, heard: Heard) -> Option<Edge> {
        let threshold = if self.speaking { STILL_VOICE } else { VOICE };
        let voiced = !heard.tone && heard.voice >= threshold;
        self.recent = self.recent << 1 | u32::from(voiced);
        if voiced {
            self.last_voice = now;
        }
        if self.speaking {
            let paused = now.saturating_sub(self.last_voice) >= self.pause;
            if paused {
                self.speaking = false;
                self.recent = 0;
            }
            return paused.then_some(Edge::Paused);
        }
        let window = self.recent & 0xff;
        if window.count_ones() < ONSET_TICKS {
            return None;
        }
        self.speaking = true;
        let oldest = 7 - (window as u8).leading_zeros();
        Some(Edge::Started { from: now.saturating_sub(oldest) })
    }

    /// Does the caller speak right now (pauses shorter than the early pause included)?
    pub fn is_speaking(&self) -> bool {
        self.speaking
    }

    /// The last tick with voice in it; 0 before the first.
    pub fn last_voice(&self) -> Tick {
        self.last_voice
    }

    /// Forgets what was heard: the next voice starts anew.
    pub fn reset(&mut self) {
        self.recent = 0;
        self.speaking = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(pattern: &str) -> Vec<(Tick, Edge)> {
        let mut endpointer = Endpointer::new(200);
        let heard = |c| Heard { voice: if c == 'x' { 200 } else { 0 }, level: 30, tone: c == 't' };
        let ticks = pattern.chars().enumerate();
        ticks.filter_map(|(t, c)| endpointer.hear(t as Tick, heard(c)).map(|e| (t as Tick, e))).collect()
    }

    #[test]
    fn a_short_word_starts_and_pauses() {
        let pattern = format!("{}{}{}", ".".repeat(10), "x".repeat(9), ".".repeat(20));
        assert_eq!(edges(&pattern), [(13, Edge::Started { from: 10 }), (28, Edge::Paused)]);
    }

    #[test]
    fn a_knock_of_three_ticks_is_no_speech() {
        assert_eq!(edges("....xxx................xxx......."), []);
    }

    #[test]
    fn a_keypad_tone_is_no_speech() {
        assert_eq!(edges("....ttttttttttttt....."), []);
    }

    #[test]
    fn a_gap_inside_a_word_does_not_pause() {
        assert_eq!(edges("xxxxx.........xxxxx").len(), 1);
    }
}
