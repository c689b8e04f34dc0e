//! The caller's recent sound, kept for the recogniser: voice and its surroundings, not the silence
//! between, so that a turn with long pauses stays small.

use crate::audio::prosody::Prosody;
use crate::audio::{FRAME_SAMPLES, Frame, Heard};
use crate::call::{Span, Tick, ticks};
use crate::dialogue::Tone;
use std::collections::VecDeque;

/// Sound kept before a tick with voice: as much as the engine asks for, and some.
const BEFORE: usize = 14;
/// Sound kept after a tick with voice.
const AFTER: usize = 12;
/// Voice level (0–255) from which a tick and its surroundings are kept.
const VOICE: u8 = 64;

#[derive(Clone, Copy)]
struct Kept {
    tick: Tick,
    frame: Frame,
    /// A keypad tone: never for the recogniser's ears.
    tone: bool,
}

/// The last seconds of a caller's voice.
pub struct Sound {
    /// Ticks kept.
    longest: usize,
    /// Old enough to know that it is wanted.
    kept: VecDeque<Kept>,
    /// The last [`BEFORE`] ticks: voice may still follow.
    recent: VecDeque<Kept>,
    /// Ticks for which sound is kept without question, since the last voice.
    wanted: usize,
}

impl Sound {
    /// Keeps turns up to `max_speech_ms`, and their surroundings: 32 KB a second, as they come.
    pub fn new(max_speech_ms: u32) -> Self {
        let longest = ticks(max_speech_ms) as usize + BEFORE + AFTER;
        Self {
            longest,
            kept: VecDeque::new(),
            recent: VecDeque::new(),
            wanted: 0,
        }
    }

    /// Takes in a tick; `frame` is silence for a gap.
    pub fn push(&mut self, tick: Tick, frame: &Frame, heard: Heard) {
        if heard.voice >= VOICE {
            self.keep(self.recent.len());
            self.wanted = AFTER;
        }
        self.recent.push_back(Kept {
            tick,
            frame: *frame,
            tone: heard.tone,
        });
        if heard.tone {
            // A tone is found a little after it began.
            let newest_first = self
                .recent
                .iter_mut()
                .rev()
                .chain(self.kept.iter_mut().rev());
            newest_first.take(3).for_each(|kept| kept.tone = true);
        }
        if self.wanted > 0 {
            self.wanted -= 1;
            self.keep(self.recent.len());
        } else if self.recent.len() > BEFORE {
            self.recent.pop_front();
        }
    }

    fn keep(&mut self, count: usize) {
        if self.kept.capacity() - self.kept.len() < count {
            // A second at a time: doubling would hold far more than a turn has.
            self.kept.reserve_exact(count + 50);
        }
        self.kept.extend(self.recent.drain(..count));
        while self.kept.len() > self.longest {
            self.kept.pop_front();
        }
    }

    /// The samples of these spans, joined; what is not kept any more, or was a tone, is left out. The
    /// sound before them is forgotten: a later turn never begins before this one.
    pub fn samples(&mut self, spans: &[Span]) -> Vec<i16> {
        let first = spans.first().map_or(0, |span| span.from);
        while self.kept.pop_front_if(|kept| kept.tick < first).is_some() {}
        let wanted: usize = spans
            .iter()
            .map(|span| (span.to.saturating_sub(span.from)) as usize)
            .sum();
        let mut samples = Vec::with_capacity(wanted.min(self.longest) * FRAME_SAMPLES);
        for span in spans {
            let inside = |kept: &&Kept| (span.from..span.to).contains(&kept.tick) && !kept.tone;
            let frames = self.kept.iter().chain(&self.recent).filter(inside);
            frames.for_each(|kept| samples.extend_from_slice(&kept.frame.0));
        }
        samples
    }

    /// Makes silence of everything after tick `after`.
    pub fn hide(&mut self, after: Tick) {
        let kept = self.kept.iter_mut().chain(&mut self.recent);
        let late = kept.rev().take_while(|kept| kept.tick > after);
        late.for_each(|kept| kept.frame = Frame::SILENCE);
    }

    /// Bytes held.
    pub fn size(&self) -> usize {
        (self.kept.capacity() + self.recent.capacity()) * size_of::<Kept>()
    }
}

/// How the words in these samples sounded; none where there is too little voice.
pub fn tone(samples: &[i16]) -> Option<Tone> {
    let mut prosody = Prosody::new();
    let (frames, _) = samples.as_chunks::<FRAME_SAMPLES>();
    for frame in frames {
        prosody.push(&Frame(*frame));
    }
    let measured = prosody.finish()?;
    Some(Tone {
        pitch_hz: measured.pitch_hz,
        level_db: measured.level_db,
        rate: measured.rate,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_has_a_tone_and_silence_none() {
        // 125 Hz with its harmonics, a second of it.
        let voice: Vec<i16> = (0..16_000)
            .map(|n| {
                let turn = (n % 128) as f32 / 128.0;
                ((0.5 - turn) * 12_000.0) as i16
            })
            .collect();
        let pitch = tone(&voice).map(|tone| tone.pitch_hz);
        assert!(
            pitch.is_some_and(|hz| (122..=128).contains(&hz)),
            "{pitch:?}"
        );
        assert_eq!(tone(&[0; 16_000]), None);
        assert_eq!(tone(&[]), None);
    }

    fn heard(voice: u8) -> Heard {
        Heard {
            voice,
            level: 30,
            tone: false,
        }
    }

    fn frame(value: Tick) -> Frame {
        Frame([value as i16; FRAME_SAMPLES])
    }

    #[test]
    fn the_surroundings_of_voice_are_there_and_long_silence_is_not() {
        let mut sound = Sound::new(15_000);
        for tick in 1..=500 {
            let voice = if (100..110).contains(&tick) || (400..410).contains(&tick) {
                200
            } else {
                0
            };
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
        let mut sound = Sound::new(15_000);
        for tick in 1..=20 {
            sound.push(
                tick,
                &frame(tick),
                Heard {
                    voice: 200,
                    level: 10,
                    tone: (8..12).contains(&tick),
                },
            );
        }
        let samples = sound.samples(&[Span { from: 1, to: 21 }]);
        assert_eq!(
            samples.len(),
            (20 - 6) * FRAME_SAMPLES,
            "the tone and its first two ticks"
        );
    }

    #[test]
    fn what_is_hidden_afterwards_is_silence() {
        let mut sound = Sound::new(15_000);
        (1..=20).for_each(|tick| sound.push(tick, &frame(tick), heard(200)));
        sound.push(21, &frame(21), heard(0));
        sound.hide(11);
        let samples = sound.samples(&[Span { from: 1, to: 22 }]);
        assert_eq!(samples.len(), 21 * FRAME_SAMPLES);
        let (plain, hidden) = samples.split_at(11 * FRAME_SAMPLES);
        assert!(plain.iter().all(|sample| *sample > 0));
        assert!(hidden.iter().all(|sample| *sample == 0));
    }

    #[test]
    fn an_endless_talker_does_not_fill_the_memory() {
        let mut sound = Sound::new(15_000);
        (1..=20_000).for_each(|tick| sound.push(tick, &Frame::SILENCE, heard(255)));
        assert!(sound.size() < 1_100_000, "{} bytes", sound.size());
        assert_eq!(
            sound
                .samples(&[Span {
                    from: 1,
                    to: 20_001
                }])
                .len(),
            sound.longest * FRAME_SAMPLES
        );
    }
}
