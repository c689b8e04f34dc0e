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
/// Ticks in which voice or speech-like loudness may be a word that begins: the voice-activity
/// detector is sure of a word only 40–100 ms after it began.
const STIR_TICKS: u32 = 3;
/// A tick this close to the voice's usual level, in dB, may be a word that begins.
const STIR_DB: u8 = 10;

/// Finds speech in a stream of ticks.
#[derive(Clone, Debug, Default)]
pub struct Endpointer {
    /// One bit per tick, newest lowest: was it voice?
    recent: u32,
    speaking: bool,
    last_voice: Tick,
    /// Ticks without voice that close a segment.
    pause: Tick,
    /// One bit per tick, newest lowest: was it voice, or as loud as one?
    stirred: u32,
    /// Usual level of this voice in sixteenths of a dB below full scale; 0 before the first.
    usual: u16,
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
        Self {
            pause: ticks(early_ms).max(1),
            ..Self::default()
        }
    }

    /// Takes in the tick `now`.
    pub fn hear(&mut self, now: Tick, heard: Heard) -> Option<Edge> {
        let threshold = if self.speaking { STILL_VOICE } else { VOICE };
        let voiced = !heard.tone && heard.voice >= threshold;
        self.recent = self.recent << 1 | u32::from(voiced);
        let loud = !heard.tone
            && self.usual > 0
            && u16::from(heard.level.saturating_sub(STIR_DB)) * 16 <= self.usual;
        self.stirred = self.stirred << 1 | u32::from(voiced || loud);
        if voiced {
            self.last_voice = now;
            let level = u16::from(heard.level.min(127)) * 16;
            self.usual = if self.usual == 0 {
                level
            } else {
                (self.usual * 15 + level) / 16
            };
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
        Some(Edge::Started {
            from: now.saturating_sub(oldest),
        })
    }

    /// Does the caller speak right now (pauses shorter than the early pause included)?
    pub fn is_speaking(&self) -> bool {
        self.speaking
    }

    /// May a word have begun just now? Soon it will be known for sure.
    pub fn is_stirring(&self) -> bool {
        self.stirred & ((1 << STIR_TICKS) - 1) != 0
    }

    /// The last tick with voice in it; 0 before the first.
    pub fn last_voice(&self) -> Tick {
        self.last_voice
    }

    /// Forgets what was heard: the next voice starts anew.
    pub fn reset(&mut self) {
        self.recent = 0;
        self.speaking = false;
        self.stirred = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(pattern: &str) -> Vec<(Tick, Edge)> {
        let mut endpointer = Endpointer::new(200);
        let heard = |c| Heard {
            voice: if c == 'x' { 200 } else { 0 },
            level: 30,
            tone: c == 't',
        };
        let ticks = pattern.chars().enumerate();
        ticks
            .filter_map(|(t, c)| endpointer.hear(t as Tick, heard(c)).map(|e| (t as Tick, e)))
            .collect()
    }

    #[test]
    fn a_short_word_starts_and_pauses() {
        let pattern = format!("{}{}{}", ".".repeat(10), "x".repeat(9), ".".repeat(20));
        assert_eq!(
            edges(&pattern),
            [(13, Edge::Started { from: 10 }), (28, Edge::Paused)]
        );
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
    fn a_word_stirs_before_it_is_sure_and_a_hum_in_the_line_does_not() {
        let mut endpointer = Endpointer::new(200);
        let mut hear = |now, voice, level| {
            endpointer.hear(
                now,
                Heard {
                    voice,
                    level,
                    tone: false,
                },
            );
            endpointer.is_stirring()
        };
        assert!((1..=20).all(|now| hear(now, 230, 20)), "it speaks");
        assert!(
            !(21..=40)
                .map(|now| hear(now, 0, 45))
                .last()
                .expect("twenty"),
            "a noisy line"
        );
        assert!(hear(41, 60, 25), "as loud as the voice before");
        assert!(
            !(42..=45).map(|now| hear(now, 0, 45)).last().expect("four"),
            "it was a click"
        );
    }

    #[test]
    fn a_gap_inside_a_word_does_not_pause() {
        assert_eq!(edges("xxxxx.........xxxxx").len(), 1);
    }
}
