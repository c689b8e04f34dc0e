//! The caller's recent sound, kept for the recogniser: voice and its surroundings, not the silence
//! between, so that a turn with long pauses stays small.

use crate::audio::{FRAME_SAMPLES, Frame, Heard};
use crate::call::{Span, Tick};
use std::collections::VecDeque;

/// Sound kept before a tick with voice: as much as the engine asks for, and some.
const BEFORE: usize = 14;
/// Sound kept after a tick with voice.
const AFTER: usize = 12;
/// Voice level (0–255) from which a tick and its surroundings are kept.
const VOICE: u8 = 64;
/// Longest turn kept: 15 s, 480 KB.
const LONGEST: usize = 750;

#[derive(Clone, Copy)]
struct Kept {
    tick: Tick,
    frame: Frame,
    /// A keypad tone: never for the recogniser's ears.
    tone: bool,
}

/// The last seconds of a caller's voice.
#[derive(Default)]
pub struct Sound {
    /// Old enough to know that it is wanted.
    kept: VecDeque<Kept>,
    /// The last [`BEFORE`] ticks: voice may still follow.
    recent: VecDeque<Kept>,
    /// Ticks for which sound is kept without question, since the last voice.
    wanted: usize,
}

impl Sound {
    /// Takes in a tick; `frame` is silence for a gap.
    pub fn push(&mut self, tick: Tick, frame: &Frame, heard: Heard) {
        if heard.voice >= VOICE {
            self.keep(self.recent.len());
            self.wanted = AFTER;
        }
        self.recent.push_back(Kept { tick, frame: *frame, tone: heard.tone });
        if heard.tone {
            // A tone is found a little after it began.
            self.recent.iter_mut().rev().take(3).for_each(|kept| kept.tone = true);
        }
        if self.wanted > 0 {
            self.wanted -= 1;
            self.keep(self.recent.len());
        } else if self.recent.len() > BEFORE {
            self.recent.pop_front();
        }
    }

    fn keep(&mut self, count: usize) {
        self.kept.extend(self.recent.drain(..count));
        while self.kept.len() > LONGEST {
            self.kept.pop_front();
        }
    }

    /// The samples of these spans, joined; what is not kept any more, or was a tone, is left out.
    pub fn samples(&self, spans: &[Span]) -> Vec<i16> {
        let ticks: usize = spans.iter().map(|span| (span.to.saturating_sub(span.from)) as usize).sum();
        let mut samples = Vec::with_capacity(ticks.min(LONGEST) * FRAME_SAMPLES);
        for span in spans {
            let inside = |kept: &&Kept| (span.from..span.to).contains(&kept.tick) && !kept.tone;
            let frames = self.kept.iter().chain(&self.recent).filter(inside);
            frames.for_each(|kept| samples.extend_from_slice(&kept.frame.0));
        }
        samples
    }

    /// Bytes held.
    pub fn size(&self) -> usize {
        (self.kept.capacity() + self.recent.capacity()) * size_of::<Kept>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(voice: u8) -> Heard {
        Heard { voice, level: 30, tone: false }
    }

    fn frame(value: Tick) -> Frame {
        Frame([value as i16; FRAME_SAMPLES])
    }

    #[test]
    fn the_surroundings_of_voice_are_there_and_long_silence_is_not() {
        let mut sound = Sound::default();
        for tick in 1..=500 {
            let voice = if (100..110).contains(&tick) || (400..410).contains(&tick) { 200 } else { 0 };
            sound.push(tick, &frame(tick), heard(voice));
        }
        let first = sound.samples(&[Span { from: 88, to: 120 }]);
        assert_eq!(first.len(), 32 * FRAME_SAMPLES);
        assert_eq!(first[0], 88);
        assert!(sound.samples(&[Span { from: 200, to: 300 }]).is_empty());
        assert!(sound.kept.len() < 100);
    }

    #[test]
    fn tones_are_left_out() {
        let mut sound = Sound::default();
        for tick in 1..=20 {
            sound.push(tick, &frame(tick), Heard { voice: 200, level: 10, tone: (8..12).contains(&tick) });
        }
        let samples = sound.samples(&[Span { from: 1, to: 21 }]);
        assert_eq!(samples.len(), (20 - 6) * FRAME_SAMPLES, "the tone and its first two ticks");
    }

    #[test]
    fn an_endless_talker_does_not_fill_the_memory() {
        let mut sound = Sound::default();
        (1..=20_000).for_each(|tick| sound.push(tick, &Frame::SILENCE, heard(255)));
        assert!(sound.size() < 1_100_000, "{} bytes", sound.size());
        assert_eq!(sound.samples(&[Span { from: 1, to: 20_001 }]).len(), LONGEST * FRAME_SAMPLES);
    }
}
