//! Ears that know what was said and a voice that nobody needs to understand, so that thousands of calls
//! take minutes. Fakes at the edge: between them the pipeline is the real one.
//!
//! The caller's sound is a voice (the detector must find it), and each frame of it carries the number of
//! its word in its lowest bits. So the ears hear exactly the words whose sound the engine asked for: a
//! turn that was cut off is heard cut off.

use super::script::{Guess, SURE, Step};
use crate::audio::wav::{Channel, WavReader};
use crate::audio::{Ear, FRAME_SAMPLES, Frame, TICK_MS};
use crate::dialogue::spoken::Language;
use crate::dialogue::{Confidence, Hypothesis, Word};
use crate::speech::{
    Cancel, Hearing, Recognized, Rendered, Request, Saying, Speaking, SpeechError,
};
use std::io::Cursor;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// A recorded voice, 8 kHz.
const VOICE: &[u8] = include_bytes!("../../audio-fixtures/hearing/hours.wav");
/// Samples as loud as this are the voice, not its pauses.
const LOUD: u16 = 1200;
/// Marks a frame that has a number.
const MAGIC: u16 = 0xa6d3;
/// Bits of a mark.
const BITS: usize = 16;
/// Time to say a letter, in ms, by the caller and by the bot.
const LETTER_MS: u32 = 65;
/// The shortest word, in ticks.
const SHORTEST: u32 = 12;
/// The voice detector's level (0–255) for a voice, and the ticks of the shortest word that must reach it.
const VOICED: u8 = 128;
const ENOUGH_VOICE: usize = 8;
/// Of a word's frames so many must be there for it to be heard, in percent.
const ENOUGH: usize = 60;

/// The frames of [`VOICE`] that are loud.
static LOUD_FRAMES: LazyLock<Vec<Frame>> = LazyLock::new(|| {
    let frames = WavReader::new(Cursor::new(VOICE), Channel::Mix);
    let frames = frames.into_iter().flatten();
    frames
        .filter(|frame: &Frame| frame.0.iter().any(|sample| sample.unsigned_abs() > LOUD))
        .collect()
});

/// Where in them the detector finds a voice soon: half a second from there on sounds like a word's beginning,
/// not like the end of one.
static STARTS: LazyLock<Vec<usize>> = LazyLock::new(|| {
    let frames = &*LOUD_FRAMES;
    let soon = |start: &usize| {
        let mut ear = Ear::new();
        for _ in 0..20 {
            ear.hear(&Frame::SILENCE);
        }
        let word = frames.iter().cycle().skip(*start).take(SHORTEST as usize);
        let voiced = word.filter(|frame| ear.hear(frame).0.voice >= VOICED);
        voiced.count() >= ENOUGH_VOICE
    };
    let starts: Vec<usize> = (0..frames.len())
        .step_by(frames.len() / 8 + 1)
        .filter(soon)
        .collect();
    if starts.is_empty() { vec![0] } else { starts }
});

/// One word, as the ears hear it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    hears: String,
    frames: usize,
    utterance: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Utterance {
    first: usize,
    words: usize,
    confidence: Confidence,
    also: Vec<Guess>,
    deaf: bool,
}

/// Everything that a caller will say: its sound, and what is heard in it.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    parts: Vec<Part>,
    utterances: Vec<Utterance>,
}

impl Lines {
    /// The sound of a step that says something.
    pub fn say(&mut self, step: &Step) -> Vec<Frame> {
        let words: Vec<&str> = step.say.text().split_whitespace().collect();
        let heard = step.hears.as_deref().unwrap_or(step.say.text());
        let heard: Vec<&str> = heard.split_whitespace().collect();
        let first = self.parts.len();
        let utterance = self.utterances.len();
        let mut sound = Vec::new();
        for (at, word) in words.iter().enumerate() {
            let (from, to) = (share(at, &heard, &words), share(at + 1, &heard, &words));
            let letters = u32::try_from(word.chars().count()).unwrap_or(u32::MAX);
            let ticks = (letters.saturating_mul(LETTER_MS) / TICK_MS).clamp(SHORTEST, 60);
            self.word(heard[from..to].join(" "), ticks, utterance, &mut sound);
            if let Some(pause) = step.pause
                && pause.words == at + 1
                && pause.words < words.len()
            {
                sound.extend((0..pause.ms / TICK_MS).map(|_| Frame::SILENCE));
            }
        }
        self.utterances.push(Utterance {
            first,
            words: words.len(),
            confidence: step.confidence.unwrap_or(SURE),
            also: step.also.clone(),
            deaf: step.deaf,
        });
        sound
    }

    /// A voice without words.
    pub fn noise(&mut self, ms: u32) -> Vec<Frame> {
        let first = self.parts.len();
        let mut sound = Vec::new();
        self.word(
            String::new(),
            (ms / TICK_MS).max(1),
            self.utterances.len(),
            &mut sound,
        );
        self.utterances.push(Utterance {
            first,
            words: 1,
            confidence: SURE,
            also: Vec::new(),
            deaf: false,
        });
        sound
    }

    fn word(&mut self, hears: String, ticks: u32, utterance: usize, sound: &mut Vec<Frame>) {
        let number = u16::try_from(self.parts.len()).unwrap_or(u16::MAX);
        let voice = &*LOUD_FRAMES;
        let start = STARTS[usize::from(number) % STARTS.len()];
        for tick in 0..ticks as usize {
            let at = (start + tick) % voice.len().max(1);
            sound.push(marked(voice.get(at).copied().unwrap_or_default(), number));
        }
        self.parts.push(Part {
            hears,
            frames: ticks as usize,
            utterance,
        });
    }

    /// What is heard in these samples; `None`: the ears give no answer.
    pub fn hear(&self, samples: &[i16]) -> Option<Vec<Hypothesis>> {
        let mut found = vec![0_usize; self.parts.len()];
        for frame in samples.chunks_exact(FRAME_SAMPLES) {
            if let Some(part) = number(frame).and_then(|number| found.get_mut(number)) {
                *part += 1;
            }
        }
        let whole = |at: &usize| found[*at] * 100 >= self.parts[*at].frames * ENOUGH;
        let heard: Vec<usize> = (0..self.parts.len()).filter(whole).collect();
        let Some(last) = heard.last() else {
            return Some(Vec::new());
        };
        let utterance = &self.utterances[self.parts[*last].utterance];
        if heard
            .iter()
            .any(|at| self.utterances[self.parts[*at].utterance].deaf)
        {
            return None;
        }
        let texts = heard.iter().map(|at| self.parts[*at].hears.as_str());
        let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
        if texts.is_empty() {
            return Some(Vec::new());
        }
        let mut out = vec![hypothesis(&texts.join(" "), utterance.confidence)];
        // Other guesses are of the whole, and of nothing else.
        if heard.len() == utterance.words && heard.first() == Some(&utterance.first) {
            let also = utterance.also.iter().filter(|also| !also.hears.is_empty());
            out.extend(also.map(|also| hypothesis(&also.hears, also.confidence)));
        }
        Some(out)
    }
}

/// Heard words before the word at `at`: both sides are divided alike.
fn share(at: usize, heard: &[&str], said: &[&str]) -> usize {
    (at * heard.len()).div_ceil(said.len().max(1))
}

fn hypothesis(text: &str, confidence: Confidence) -> Hypothesis {
    let words = text.split_whitespace().map(|word| Word {
        text: word.to_owned(),
        confidence,
    });
    Hypothesis {
        text: text.to_owned(),
        confidence,
        words: words.collect(),
        ..Hypothesis::default()
    }
}

fn marked(mut frame: Frame, number: u16) -> Frame {
    for (bit, sample) in frame.0.iter_mut().take(2 * BITS).enumerate() {
        let of = if bit < BITS { MAGIC } else { number };
        *sample = *sample & !1 | i16::from(of >> (bit % BITS) & 1 == 1);
    }
    frame
}

fn number(frame: &[i16]) -> Option<usize> {
    let bits = |samples: &[i16]| {
        let bits = samples.iter().enumerate();
        bits.fold(0_u16, |of, (bit, sample)| {
            of | u16::from(*sample & 1 == 1) << bit
        })
    };
    (bits(&frame[..BITS]) == MAGIC).then(|| usize::from(bits(&frame[BITS..2 * BITS])))
}

/// See the module.
pub struct ScriptedEars {
    pub lines: Lines,
    pub took: Duration,
}

impl Hearing for ScriptedEars {
    fn recognize(&self, request: Request, done: Box<dyn FnOnce(Recognized) + Send>) -> Cancel {
        let heard = self.lines.hear(&request.samples);
        done(Recognized {
            result: heard.ok_or(SpeechError::Busy),
            took: self.took,
            queued: Duration::ZERO,
            doubted: false,
        });
        Cancel::default()
    }

    fn hears(&self, _language: Language) -> bool {
        true
    }
}

/// Sounds as long as the words would.
pub struct Murmur(pub Duration);

impl Speaking for Murmur {
    fn speak(&self, saying: Saying, done: Box<dyn FnOnce(Rendered) + Send>) {
        let letters = saying.text.chars().count();
        let ms = letters * LETTER_MS as usize * if saying.slow { 5 } else { 4 } / 4;
        let samples: Arc<[i16]> = (0..ms * FRAME_SAMPLES / TICK_MS as usize)
            .map(|at| if at / 40 % 2 == 0 { 900 } else { -900 })
            .collect();
        done(Rendered {
            result: Ok(samples),
            took: self.0,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(frames: &[Frame]) -> Vec<i16> {
        frames.iter().flat_map(|frame| frame.0).collect()
    }

    #[test]
    fn the_ears_hear_the_words_whose_sound_they_get() {
        let mut lines = Lines::default();
        let step = Step {
            hears: Some("cancel odor".into()),
            also: vec![Guess {
                hears: "cancel my order".into(),
                confidence: 300,
            }],
            ..Step::say("cancel my order")
        };
        let sound = lines.say(&step);
        let all = lines.hear(&samples(&sound)).expect("an answer");
        assert_eq!(all[0].text, "cancel odor");
        assert_eq!(all[1].text, "cancel my order");
        let half = lines
            .hear(&samples(&sound[..sound.len() / 2]))
            .expect("an answer");
        assert_eq!(half.len(), 1);
        assert_eq!(half[0].text, "cancel");
        assert_eq!(
            lines.hear(&samples(&[Frame::SILENCE; 20])),
            Some(Vec::new())
        );
        let noise = lines.noise(800);
        assert_eq!(lines.hear(&samples(&noise)), Some(Vec::new()));
        let deaf = lines.say(&Step {
            deaf: true,
            ..Step::say("hello")
        });
        assert_eq!(lines.hear(&samples(&deaf)), None);
    }

    /// What stands for a voice is one to the detector: found soon, and throughout.
    #[test]
    fn the_callers_sound_is_a_voice() {
        let mut lines = Lines::default();
        for text in [
            "yes",
            "where is my order",
            "four five six seven one two",
            "no",
        ] {
            let mut ear = Ear::new();
            for _ in 0..50 {
                ear.hear(&Frame::SILENCE);
            }
            let sound = lines.say(&Step::say(text));
            let voice: Vec<u8> = sound.iter().map(|frame| ear.hear(frame).0.voice).collect();
            let voiced = voice.iter().filter(|voice| **voice >= VOICED).count();
            assert!(voiced * 10 >= voice.len() * 6, "{text}: {voice:?}");
        }
    }
}
