//! A stand-in for a voice: one beep per word. For builds without the `speech` feature and for tests;
//! nobody could understand it, and its name says so.

use super::{SLOWER, SpeechError, Synthesizer, loudness};
use crate::audio::RATE_HZ;

/// What this voice is called wherever a voice is named.
pub const NAME: &str = "tone (no speech: beeps, one for each word)";

/// Beeps, about as long as the words would take.
#[derive(Clone, Copy, Debug, Default)]
pub struct ToneVoice;

impl Synthesizer for ToneVoice {
    fn synthesize(&mut self, text: &str) -> Result<Vec<i16>, SpeechError> {
        Ok(beeps(text, 1.0))
    }

    fn synthesize_slowly(&mut self, text: &str) -> Result<Vec<i16>, SpeechError> {
        Ok(beeps(text, SLOWER))
    }
}

fn beeps(text: &str, longer: f32) -> Vec<i16> {
    let mut out = Vec::new();
    for word in text.split_whitespace() {
        // 70 ms a letter is ordinary speech; a long word is still one beep of at most half a second.
        let letters = word.chars().filter(|c| c.is_alphanumeric()).count();
        let samples = (letters as u32 * 70).min(500) * RATE_HZ / 1000;
        let samples = (samples as f32 * longer) as u32;
        let hz = 300.0 + 40.0 * (letters % 8) as f32;
        out.extend((0..samples).map(|i| {
            let turn = (i as f32 * hz / RATE_HZ as f32).fract();
            ((turn * std::f32::consts::TAU).sin() * 6000.0) as i16
        }));
        out.extend(std::iter::repeat_n(0, RATE_HZ as usize / 20));
    }
    loudness::normalize(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_texts_beep_longer_and_nothing_is_silent() {
        let length = |text: &str| ToneVoice.synthesize(text).expect("tones").len();
        assert!(length("two words and more") > length("two words"));
        let slow = ToneVoice.synthesize_slowly("two words").expect("tones");
        assert!(slow.len() > length("two words"));
        assert_eq!(length("…"), 0);
        assert_eq!(length(""), 0);
    }
}
