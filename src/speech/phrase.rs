//! An utterance with pauses, made into pieces that a model trained on fluent sentences can hear.
//!
//! Pure. Such a model fills pauses with invented words: "four … five … six" said with 1 s pauses has
//! 94 % word errors, "my order number is … four five six" 29 %. So long pauses are taken out.

use super::segment::level_db;

/// Length of the steps in which pauses are looked for, in samples (10 ms).
const STEP: usize = 160;
/// This much below the loudest steps, in dB, nobody speaks; in noise nearer than that no pause is found.
const PAUSE_DB: f32 = 25.0;
/// A pause from here on is no stop consonant, in steps.
const SHORTEST: usize = 15;
/// Up to here a pause may belong to fluent speech, in samples (350 ms).
const BREATH: usize = 5_600;
/// What is left of a pause on either side, in steps.
const KEPT: usize = 3;
/// Stretches are joined to phrases up to this long, in samples (5 s): a sentence, not two.
const PHRASE: usize = 80_000;

/// One way to cut an utterance: its pieces in order.
pub type Reading = Vec<Vec<i16>>;

/// The ways to hear an utterance (16 kHz), the likeliest first: as it is, when its pauses are short;
/// as phrases without pauses; each stretch apart. Which one is right only hearing them tells: "my
/// order is … four five" is one sentence, "where is my order? … where are you?" is two.
pub fn readings(samples: &[i16]) -> Vec<Reading> {
    let stretches = stretches(samples);
    let kept: usize = stretches.iter().map(|s| s.len()).sum();
    let mut readings = Vec::new();
    if samples.len() <= PHRASE && samples.len() - kept <= BREATH * (stretches.len() - 1) {
        readings.push(vec![samples.to_vec()]);
    }
    if readings.is_empty() || stretches.len() > 1 {
        let mut joined: Reading = Vec::new();
        for stretch in &stretches {
            match joined.last_mut() {
                Some(phrase) if phrase.len() + stretch.len() <= PHRASE => {
                    phrase.extend_from_slice(stretch)
                }
                _ => joined.push(stretch.to_vec()),
            }
        }
        let as_apart = joined.len() == stretches.len();
        readings.push(joined);
        if !as_apart {
            readings.push(stretches.iter().map(|s| s.to_vec()).collect());
        }
    }
    readings
}

/// What lies between the pauses, with the edges of the pauses; all of it, when there is none.
fn stretches(samples: &[i16]) -> Vec<&[i16]> {
    let levels: Vec<f32> = samples.chunks_exact(STEP).map(level_db).collect();
    let mut sorted = levels.clone();
    sorted.sort_by(f32::total_cmp);
    let Some(loud) = sorted.get(sorted.len() / 20) else {
        return vec![samples];
    };
    let quiet: Vec<bool> = levels.iter().map(|db| *db > loud + PAUSE_DB).collect();
    let mut stretches = Vec::new();
    let (mut from, mut at) = (0, 0);
    for run in quiet.chunk_by(|a, b| a == b) {
        let end = at + run.len();
        // Silence before the first and after the last word stays: the models know it.
        if run[0] && at > 0 && end < quiet.len() && run.len() >= SHORTEST {
            stretches.push(&samples[from * STEP..(at + KEPT) * STEP]);
            from = end - KEPT;
        }
        at = end;
    }
    stretches.push(&samples[from * STEP..]);
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(parts: &[(usize, i16)]) -> Vec<i16> {
        parts
            .iter()
            .flat_map(|(ms, level)| {
                (0..ms * 16).map(|n| if n / 40 % 2 == 0 { *level } else { -*level })
            })
            .collect()
    }

    fn lengths_ms(parts: &[(usize, i16)]) -> Vec<usize> {
        readings(&sound(parts))[0]
            .iter()
            .map(|p| p.len() / 16)
            .collect()
    }

    fn apart_ms(parts: &[(usize, i16)]) -> Option<Vec<usize>> {
        readings(&sound(parts))
            .iter()
            .find(|reading| reading.len() > 1)
            .map(|reading| reading.iter().map(|p| p.len() / 16).collect())
    }

    #[test]
    fn a_pause_within_a_sentence_is_shortened() {
        assert_eq!(
            lengths_ms(&[(200, 0), (1000, 8000), (1000, 0), (2000, 8000), (300, 0)]),
            [3560]
        );
    }

    #[test]
    fn words_said_one_by_one_can_be_heard_apart() {
        let parts = [
            (200, 0),
            (400, 8000),
            (1000, 0),
            (400, 8000),
            (600, 0),
            (500, 8000),
            (200, 0),
        ];
        assert_eq!(apart_ms(&parts), Some(vec![630, 460, 730]));
    }

    #[test]
    fn short_pauses_are_first_heard_as_they_are() {
        let parts = [(1000, 8000), (250, 0), (1500, 8000)];
        assert_eq!(lengths_ms(&parts), [2750]);
        assert_eq!(apart_ms(&parts), Some(vec![1030, 1530]));
    }

    #[test]
    fn two_long_sentences_are_apart() {
        assert_eq!(
            lengths_ms(&[(3000, 8000), (500, 0), (3000, 8000)]),
            [3030, 3030]
        );
    }

    #[test]
    fn fluent_speech_stop_consonants_and_noise_are_left_alone() {
        assert_eq!(
            lengths_ms(&[(200, 0), (300, 8000), (100, 0), (400, 8000), (300, 0)]),
            [1300]
        );
        assert_eq!(lengths_ms(&[(500, 8000), (500, 800), (500, 8000)]), [1500]);
        assert_eq!(lengths_ms(&[(1000, 0)]), [1000]);
        assert_eq!(readings(&[1; 5]), [[vec![1; 5]]]);
        assert_eq!(apart_ms(&[(1000, 8000)]), None);
    }
}
