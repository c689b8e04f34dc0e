//! Where somebody speaks in a file, as a call would find it.
//!
//! Decides which utterances are worth hearing. The recogniser writes words on music and coughs now and then;
//! in a call the voice-activity detector keeps those from it, so here it does the same.

use crate::audio::vad::Vad;
use crate::audio::{FRAME_SAMPLES, Frame};
use std::collections::VecDeque;

/// The detector says "speech" from here on.
const VOICED: u8 = 128;
/// So many ticks of it (60 ms) make a voice: the shortest "no" has three times as many.
const LEAST: usize = 3;
/// Ticks that the detector may be late.
const LATE: u64 = 3;

/// Follows one stream.
pub(super) struct Voiced {
    vad: Vad,
    /// Ticks so far.
    position: u64,
    /// The voiced ones that no utterance has covered yet.
    ticks: VecDeque<u64>,
}

impl Voiced {
    pub(super) fn new() -> Self {
        Self {
            vad: Vad::new(),
            position: 0,
            ticks: VecDeque::new(),
        }
    }

    pub(super) fn push(&mut self, frame: &Frame) {
        if self.vad.push(frame) >= VOICED {
            self.ticks.push_back(self.position);
        }
        self.position += 1;
    }

    /// The stream is over: what the detector still holds back is seen.
    pub(super) fn finish(&mut self) {
        for _ in 0..LATE {
            self.push(&Frame::SILENCE);
        }
    }

    /// Whether somebody speaks between these samples. What lies before is forgotten.
    pub(super) fn within(&mut self, start: u64, samples: usize) -> bool {
        let first = start / FRAME_SAMPLES as u64;
        let last = (start + samples as u64).div_ceil(FRAME_SAMPLES as u64) + LATE;
        while self.ticks.front().is_some_and(|tick| *tick < first) {
            self.ticks.pop_front();
        }
        self.ticks.iter().take_while(|tick| **tick < last).count() >= LEAST
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::wav::{Channel, WavReader};

    fn spoken(frames: &[Frame]) -> bool {
        let mut voiced = Voiced::new();
        frames.iter().for_each(|frame| voiced.push(frame));
        voiced.finish();
        voiced.within(0, frames.len() * FRAME_SAMPLES)
    }

    #[test]
    fn a_word_is_a_voice_and_a_tone_is_none() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/audio-fixtures/hearing/yes.wav"
        );
        let file = std::fs::File::open(path).unwrap();
        let word: Vec<Frame> = WavReader::new(file, Channel::Mix).unwrap().collect();
        assert!(spoken(&word));
        let tone = |i: usize| (8000.0 * (i as f32 * 0.3).sin()) as i16;
        let tone: Vec<Frame> = (0..100)
            .map(|n| Frame(std::array::from_fn(|i| tone(n * FRAME_SAMPLES + i))))
            .collect();
        assert!(!spoken(&tone));
        assert!(!spoken(&[Frame::SILENCE; 100]));
    }
}
