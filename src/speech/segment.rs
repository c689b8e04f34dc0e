//! Cutting long sound: into utterances at its pauses, and into pieces a model can take.
//!
//! Pure. Decides by energy alone, against a noise floor that it follows; who speaks when in a live
//! call is the endpointer's affair, not this file's. Memory is bounded by the longest utterance.

use crate::audio::{FRAME_SAMPLES, TICK_MS};

/// Quieter than this is never speech, in dB below full scale.
const SILENCE_DB: f32 = 60.0;
/// A frame this far above the noise floor may be speech, in dB.
const ABOVE_FLOOR_DB: f32 = 9.0;
/// Sound kept before the first and after the last voiced frame, in frames (200 ms).
const MARGIN: usize = 10;
/// Pause that ends an utterance, in frames (600 ms).
const PAUSE: usize = 30;
/// Voiced frames that an utterance needs (80 ms): less is a click.
const LEAST_VOICED: usize = 4;

/// A stretch of sound with speech in it, or something like it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Utterance {
    /// Begin, in samples from the start of the stream.
    pub start: u64,
    /// 16 kHz mono.
    pub samples: Vec<i16>,
}

/// Cuts a stream into utterances. Push samples, take what comes; [`Segmenter::finish`] at the end.
#[derive(Clone, Debug)]
pub struct Segmenter {
    /// Longest utterance, in samples.
    longest: usize,
    /// Follows the level of the quiet frames, in dB below full scale.
    floor_db: f32,
    /// Position after the last whole frame, in samples.
    position: u64,
    /// Less than a frame, waiting for the rest.
    rest: Vec<i16>,
    /// The utterance so far, or the margin before the next one.
    open: Vec<i16>,
    voiced: usize,
    /// Frames since the last voiced one.
    quiet: usize,
}

impl Segmenter {
    /// `longest`: most samples in an utterance; a longer one is cut where it is quietest.
    pub fn new(longest: usize) -> Self {
        Self {
            longest: longest.max(4 * MARGIN * FRAME_SAMPLES),
            floor_db: 50.0,
            position: 0,
            rest: Vec::new(),
            open: Vec::new(),
            voiced: 0,
            quiet: 0,
        }
    }

    /// Takes more of the stream; finished utterances go to `out`.
    pub fn push(&mut self, samples: &[i16], out: &mut impl FnMut(Utterance)) {
        self.rest.extend_from_slice(samples);
        let whole = self.rest.len() - self.rest.len() % FRAME_SAMPLES;
        let rest = self.rest.split_off(whole);
        let frames = std::mem::replace(&mut self.rest, rest);
        for frame in frames.chunks_exact(FRAME_SAMPLES) {
            self.frame(frame, out);
        }
    }

    /// The stream is over.
    pub fn finish(mut self, out: &mut impl FnMut(Utterance)) {
        let rest = std::mem::take(&mut self.rest);
        self.open.extend_from_slice(&rest);
        self.position += rest.len() as u64;
        if self.voiced >= LEAST_VOICED {
            self.emit(self.open.len(), out);
        }
    }

    fn frame(&mut self, frame: &[i16], out: &mut impl FnMut(Utterance)) {
        let db = level_db(frame);
        let voiced = db < SILENCE_DB && db < self.floor_db - ABOVE_FLOOR_DB;
        self.follow_floor(db);
        self.open.extend_from_slice(frame);
        self.position += frame.len() as u64;
        if voiced {
            self.voiced += 1;
            self.quiet = 0;
        } else {
            self.quiet += 1;
        }
        if self.voiced == 0 {
            self.forget_all_but_margin();
        } else if self.quiet >= PAUSE {
            let end = self.open.len() - (PAUSE - MARGIN) * FRAME_SAMPLES;
            if self.voiced >= LEAST_VOICED {
                self.emit(end, out);
            }
            (self.voiced, self.quiet) = (0, 0);
            self.forget_all_but_margin();
        } else if self.open.len() >= self.longest {
            let cut = quietest_cut(&self.open, self.longest);
            self.emit(cut, out);
            // The second part of one utterance: it counts as speech however short it is.
            self.voiced = LEAST_VOICED;
        }
    }

    /// Down at once, up slowly (6 dB a second): speech does not last without a gap, noise does.
    fn follow_floor(&mut self, db: f32) {
        let db = db.min(80.0);
        self.floor_db = if db > self.floor_db {
            self.floor_db + (db - self.floor_db) * 0.3
        } else {
            self.floor_db - 0.12_f32.min(self.floor_db - db)
        };
    }

    fn forget_all_but_margin(&mut self) {
        let excess = self.open.len().saturating_sub(MARGIN * FRAME_SAMPLES);
        self.open.drain(..excess);
    }

    /// Hands out the first `end` samples of what is open.
    fn emit(&mut self, end: usize, out: &mut impl FnMut(Utterance)) {
        let start = self.position - self.open.len() as u64;
        let rest = self.open.split_off(end.min(self.open.len()));
        let samples = std::mem::replace(&mut self.open, rest);
        out(Utterance { start, samples });
    }
}

/// Level of a stretch in dB below full scale (RMS); 100 for digital silence.
pub fn level_db(samples: &[i16]) -> f32 {
    let energy: i64 = samples.iter().map(|s| i64::from(*s) * i64::from(*s)).sum();
    if energy == 0 {
        return 100.0;
    }
    let mean = energy as f32 / samples.len() as f32 / (32768.0 * 32768.0);
    (-10.0 * mean.log10()).clamp(0.0, 100.0)
}

/// Where to cut `samples` so that the first part has at most `longest`: in the middle of the
/// quietest 100 ms of the last half of what is allowed. All of it, when it is short enough.
pub fn quietest_cut(samples: &[i16], longest: usize) -> usize {
    if samples.len() <= longest {
        return samples.len();
    }
    let window = 100 / TICK_MS as usize * FRAME_SAMPLES;
    if longest <= 2 * window {
        return longest.max(1);
    }
    (longest / 2..=longest - window)
        .step_by(FRAME_SAMPLES)
        .max_by(|a, b| {
            level_db(&samples[*a..*a + window]).total_cmp(&level_db(&samples[*b..*b + window]))
        })
        .map_or(longest, |at| at + window / 2)
}

/// The pieces of `samples`, none longer than `longest`, cut where it is quietest.
pub fn pieces(mut samples: &[i16], longest: usize) -> Vec<&[i16]> {
    let mut pieces = Vec::new();
    while !samples.is_empty() {
        let (piece, rest) = samples.split_at(quietest_cut(samples, longest));
        pieces.push(piece);
        samples = rest;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ms` of a buzz in bursts like syllables, or of silence at `level` 0.
    fn sound(ms: usize, level: i16) -> Vec<i16> {
        (0..ms * 16)
            .map(|n| {
                if n % 3200 < 2400 && n / 40 % 2 == 0 {
                    level
                } else {
                    -level / 8
                }
            })
            .collect()
    }

    fn cut(parts: &[(usize, i16)], longest: usize) -> Vec<(u64, usize)> {
        let all: Vec<i16> = parts
            .iter()
            .flat_map(|(ms, level)| sound(*ms, *level))
            .collect();
        let mut segmenter = Segmenter::new(longest);
        let mut found = Vec::new();
        // An odd length, as decoders hand out.
        for chunk in all.chunks(777) {
            segmenter.push(chunk, &mut |u| {
                found.push((u.start / 16, u.samples.len() / 16))
            });
        }
        segmenter.finish(&mut |u| found.push((u.start / 16, u.samples.len() / 16)));
        found
    }

    #[test]
    fn two_sentences_are_two_utterances_with_their_times() {
        let found = cut(
            &[(1000, 0), (1500, 6000), (1000, 0), (800, 6000), (1000, 0)],
            160_000,
        );
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found[0].0.abs_diff(800) <= 40 && found[0].1.abs_diff(1900) <= 80,
            "{found:?}"
        );
        assert!(found[1].0.abs_diff(3300) <= 40, "{found:?}");
    }

    #[test]
    fn a_short_pause_does_not_cut() {
        assert_eq!(
            cut(
                &[(500, 0), (900, 6000), (400, 0), (900, 6000), (800, 0)],
                160_000
            )
            .len(),
            1
        );
    }

    #[test]
    fn silence_and_a_click_are_no_utterance() {
        assert_eq!(cut(&[(5000, 0)], 160_000), []);
        assert_eq!(cut(&[(1000, 0), (20, 9000), (1000, 0)], 160_000), []);
    }

    #[test]
    fn endless_speech_is_cut_within_the_limit_and_nothing_is_lost() {
        let found = cut(&[(500, 0), (30_000, 6000), (1000, 0)], 80_000);
        assert!(found.len() >= 6, "{found:?}");
        assert!(found.iter().all(|(_, ms)| *ms <= 5020), "{found:?}");
        for pair in found.windows(2) {
            assert!(
                (pair[0].0 + pair[0].1 as u64).abs_diff(pair[1].0) <= 1,
                "{found:?}"
            );
        }
    }

    #[test]
    fn the_cut_falls_into_the_pause() {
        let all: Vec<i16> = [(3000, 6000), (300, 0), (3000, 6000)]
            .iter()
            .flat_map(|(ms, l)| sound(*ms, *l))
            .collect();
        let at = quietest_cut(&all, 80_000) / 16;
        assert!((3000..3300).contains(&at), "{at}");
        assert_eq!(
            pieces(&all, 80_000).iter().map(|p| p.len()).sum::<usize>(),
            all.len()
        );
        assert!(pieces(&all, 1).iter().all(|p| p.len() == 1));
    }
}
