//! Guards against invented text: a Whisper writes fluent sentences on silence, noise and music.
//!
//! Pure. Decides before a run whether the sound can be speech at all, and after it whether the text
//! can be what was said. A wrong "no" costs a question asked again, a wrong "yes" a wrong answer: the
//! limits were set by measuring both.

use super::segment::level_db;
use crate::audio::{FRAME_SAMPLES, RATE_HZ};

/// One token as decoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Token {
    /// UTF-8, perhaps a part of a character; a leading space begins a word.
    pub text: Vec<u8>,
    pub probability: f32,
}

/// What one run of the model gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decoded {
    pub tokens: Vec<Token>,
    /// Probability of the end of the text; 0 when the text was cut off.
    pub end: f32,
    /// Probability that nobody speaks, by the model (only the general models know).
    pub no_speech: f32,
}

impl Decoded {
    /// Geometric mean of all probabilities, the end's included; 0 without tokens.
    pub fn mean(&self) -> f32 {
        if self.tokens.is_empty() {
            return 0.0;
        }
        let all = self.tokens.iter().map(|t| t.probability).chain([self.end]);
        (all.map(|p| p.max(1e-3).ln()).sum::<f32>() / (self.tokens.len() + 1) as f32).exp()
    }

    /// The least probability, the end's included; 0 without tokens.
    pub fn lowest(&self) -> f32 {
        if self.tokens.is_empty() {
            0.0
        } else {
            self.tokens
                .iter()
                .map(|t| t.probability)
                .fold(self.end, f32::min)
        }
    }

    fn first(&self) -> f32 {
        self.tokens.first().map_or(0.0, |t| t.probability)
    }
}

/// What a text must reach to be believed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Least probability of the first token. It is the telling one: noise gives no reason for any
    /// beginning, but a sentence once begun goes on by itself, each token more certain.
    pub first: f32,
    /// The same for a text of a single token, where no second one can bear it out but real voices
    /// are often less certain.
    pub alone: f32,
    /// A text with a token below this …
    pub lowest: f32,
    /// … and with a mean below this is not believed.
    pub mean: f32,
}

impl Limits {
    /// For a small model trained for a business: it learned to answer with nothing where nothing is said,
    /// and its confidence tells how often it is right, so next to nothing is left to these. Measured in
    /// models/README.md.
    pub const TRAINED: Self = Self {
        first: 0.05,
        alone: 0.08,
        lowest: 0.02,
        mean: 0.25,
    };
    /// For the general models, which spread probability over spellings and punctuation. The mean is
    /// OpenAI's limit, an average log probability of -1.
    pub const GENERAL: Self = Self {
        first: 0.05,
        alone: 0.05,
        lowest: 0.2,
        mean: 0.37,
    };
}

/// Why a sound or its text was not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Nothing but line noise.
    Silent,
    /// A tone, hum or steady noise: speech rises and falls.
    Steady,
    /// The model says that nobody speaks.
    NoSpeech,
    /// The model guesses.
    Guessed,
    /// More words than can be said in the time.
    TooFast,
    /// The same words over and over.
    Loop,
}

/// Quieter than this nobody speaks into a telephone, in dB below full scale.
const SILENT_DB: f32 = 55.0;
/// Speech moves by more than this between its loud and its quiet 20 ms, in dB; pink noise by 5.4.
const STEADY_DB: f32 = 6.0;
/// OpenAI's `no_speech_threshold`.
const NO_SPEECH: f32 = 0.6;

/// A reason not to run the model on this sound (16 kHz).
pub fn doubt_sound(samples: &[i16]) -> Option<Doubt> {
    let mut levels: Vec<f32> = samples.chunks_exact(FRAME_SAMPLES).map(level_db).collect();
    if levels.is_empty() {
        return Some(Doubt::Silent);
    }
    levels.sort_by(f32::total_cmp);
    // Louder comes first: dB below full scale. 95 % and 10 %: a click or a cut does not count.
    let (loud, quiet) = (levels[levels.len() / 20], levels[levels.len() * 9 / 10]);
    if loud > SILENT_DB {
        Some(Doubt::Silent)
    } else if quiet - loud < STEADY_DB {
        Some(Doubt::Steady)
    } else {
        None
    }
}

/// A reason not to believe this text of a sound of `samples` (16 kHz).
pub fn doubt_text(
    decoded: &Decoded,
    words: &[&str],
    samples: usize,
    limits: Limits,
) -> Option<Doubt> {
    let seconds = samples as f32 / RATE_HZ as f32;
    let mean = decoded.mean();
    if decoded.no_speech > NO_SPEECH && mean < Limits::GENERAL.mean {
        Some(Doubt::NoSpeech)
    } else if is_guessed(decoded, limits) {
        Some(Doubt::Guessed)
    } else if words.len() as f32 > 3.0 + 6.0 * seconds {
        // The fastest talkers reach 6 words a second.
        Some(Doubt::TooFast)
    } else if is_loop(words) {
        Some(Doubt::Loop)
    } else {
        None
    }
}

fn is_guessed(decoded: &Decoded, limits: Limits) -> bool {
    let first = if decoded.tokens.len() == 1 {
        limits.alone
    } else {
        limits.first
    };
    decoded.first() < first || (decoded.lowest() < limits.lowest && decoded.mean() < limits.mean)
}

/// Whether up to six words come again and again. Digits may: "zero zero zero zero" is a number.
fn is_loop(words: &[&str]) -> bool {
    (1..=6).any(|period| {
        let needed = if period == 1 { 7 } else { 3 * period };
        let mut run = 0;
        words.iter().zip(words.iter().skip(period)).any(|(a, b)| {
            run = if a.eq_ignore_ascii_case(b) {
                run + 1
            } else {
                0
            };
            run >= needed
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(probabilities: &[f32]) -> Decoded {
        let tokens = probabilities
            .iter()
            .map(|p| Token {
                text: b" one".to_vec(),
                probability: *p,
            })
            .collect();
        Decoded {
            tokens,
            end: 0.9,
            no_speech: 0.0,
        }
    }

    fn tone(hz: f32, ms: usize, peak: f32) -> Vec<i16> {
        (0..ms * 16)
            .map(|n| (peak * (n as f32 * hz * std::f32::consts::TAU / 16_000.0).sin()) as i16)
            .collect()
    }

    #[test]
    fn silence_hum_and_dial_tone_never_reach_the_model() {
        assert_eq!(doubt_sound(&[]), Some(Doubt::Silent));
        assert_eq!(doubt_sound(&[3; 16_000]), Some(Doubt::Silent));
        assert_eq!(doubt_sound(&tone(50.0, 2000, 9000.0)), Some(Doubt::Steady));
        let dial: Vec<i16> = tone(350.0, 3000, 6000.0)
            .iter()
            .zip(tone(440.0, 3000, 6000.0))
            .map(|(a, b)| a + b)
            .collect();
        assert_eq!(doubt_sound(&dial), Some(Doubt::Steady));
    }

    #[test]
    fn a_quiet_word_between_silences_reaches_the_model() {
        let mut sound = vec![0; 3200];
        sound.extend(tone(200.0, 300, 700.0));
        sound.extend([0; 4800]);
        assert_eq!(doubt_sound(&sound), None);
    }

    #[test]
    fn a_text_with_a_guessed_beginning_is_not_believed() {
        let words = ["one"; 4];
        assert_eq!(
            doubt_text(
                &decoded(&[0.04, 0.99, 0.99, 0.99]),
                &words,
                32_000,
                Limits::TRAINED
            ),
            Some(Doubt::Guessed)
        );
        assert_eq!(
            doubt_text(
                &decoded(&[0.9, 0.5, 0.9, 0.9]),
                &words,
                32_000,
                Limits::TRAINED
            ),
            None
        );
        assert_eq!(
            doubt_text(
                &decoded(&[0.5, 0.01, 0.1, 0.1]),
                &words,
                32_000,
                Limits::TRAINED
            ),
            Some(Doubt::Guessed)
        );
    }

    #[test]
    fn impossible_speed_and_loops_are_not_believed() {
        let sure = decoded(&[0.9; 12]);
        let words = "I want to pay my bill and then I want to go"
            .split(' ')
            .collect::<Vec<_>>();
        assert_eq!(
            doubt_text(&sure, &words, 16_000, Limits::TRAINED),
            Some(Doubt::TooFast)
        );
        assert_eq!(doubt_text(&sure, &words, 48_000, Limits::TRAINED), None);
        let looped = "my pin my pin my pin my pin my pin"
            .split(' ')
            .collect::<Vec<_>>();
        assert_eq!(
            doubt_text(&sure, &looped, 80_000, Limits::TRAINED),
            Some(Doubt::Loop)
        );
        assert_eq!(
            doubt_text(&sure, &["zero"; 6], 80_000, Limits::TRAINED),
            None
        );
    }

    #[test]
    fn the_general_models_own_doubt_counts() {
        let mut text = decoded(&[0.2, 0.2]);
        text.no_speech = 0.9;
        assert_eq!(
            doubt_text(&text, &["Thank", "you"], 32_000, Limits::GENERAL),
            Some(Doubt::NoSpeech)
        );
    }
}
