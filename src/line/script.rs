//! A caller that follows a script: clips and keys, each said when the bot has finished (or into its
//! words). Makes the recorded calls in `audio-fixtures/`, and lets a developer phone by text file.

use crate::audio::tone::dtmf;
use crate::audio::{Digit, FRAME_SAMPLES, Frame, TICK_MS};
use serde::Deserialize;
use std::collections::VecDeque;

/// A script, as written in TOML: `[[step]]` tables.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    pub step: Vec<Step>,
}

/// One thing that the caller does.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// A WAV file to say, relative to the script.
    pub say: Option<String>,
    /// Keys to press: tones in the sound, as a telephone makes them.
    pub keys: Option<String>,
    /// Silence after the bot has finished, in ms; 600 if absent.
    pub after: Option<u32>,
    /// Do not wait for the bot to finish: cut in so many ms after it began to speak.
    pub cut_in: Option<u32>,
}

/// Keys are pressed for this long, with as long a pause, in ms.
const KEY_MS: u32 = 100;
/// Level of each of a key's two tones, in dB below full scale.
const KEY_DB: f64 = -13.0;

/// A script presses something that no telephone has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no telephone key; hint: keys are 0-9, *, #, A-D")]
pub struct NoSuchKey(char);

/// Plays a script, 20 ms at a time.
pub struct ScriptedCaller {
    steps: VecDeque<(Step, Vec<i16>)>,
    sounding: VecDeque<i16>,
    /// How long the bot has been silent, or speaking, in ms.
    bot_quiet_ms: u32,
    bot_speaks_ms: u32,
    /// The bot has spoken since the last step.
    answered: bool,
}

impl ScriptedCaller {
    /// `clip` gives the samples (16 kHz) of a step's file.
    ///
    /// # Errors
    /// What `clip` gives; a key that no telephone has.
    pub fn new<E: From<NoSuchKey>>(
        script: Script,
        mut clip: impl FnMut(&str) -> Result<Vec<i16>, E>,
    ) -> Result<Self, E> {
        let mut steps = VecDeque::new();
        for step in script.step {
            let mut samples = match &step.say {
                Some(file) => clip(file)?,
                None => Vec::new(),
            };
            for key in step.keys.iter().flat_map(|keys| keys.chars()) {
                let digit = Digit::new(key).ok_or(NoSuchKey(key))?;
                samples.extend(dtmf(digit, KEY_DB, KEY_MS));
                samples.extend(std::iter::repeat_n(0, (KEY_MS * 16) as usize));
            }
            steps.push_back((step, samples));
        }
        Ok(Self {
            steps,
            sounding: VecDeque::new(),
            bot_quiet_ms: 0,
            bot_speaks_ms: 0,
            answered: false,
        })
    }

    /// The next 20 ms; `None` when the script is over.
    pub fn next(&mut self, bot_speaks: bool) -> Option<Frame> {
        self.listen(bot_speaks);
        if self.sounding.is_empty() && self.is_due() {
            let (_, samples) = self.steps.pop_front()?;
            self.sounding.extend(samples);
            self.answered = false;
        }
        if self.sounding.is_empty() {
            return if self.steps.is_empty() {
                None
            } else {
                Some(Frame::SILENCE)
            };
        }
        // What the bot says meanwhile is no answer yet.
        self.answered = false;
        let mut frame = Frame::SILENCE;
        let count = self.sounding.len().min(FRAME_SAMPLES);
        for (sample, value) in frame.0.iter_mut().zip(self.sounding.drain(..count)) {
            *sample = value;
        }
        Some(frame)
    }

    /// Steps that have not begun.
    pub fn steps_left(&self) -> usize {
        self.steps.len()
    }

    fn listen(&mut self, bot_speaks: bool) {
        if bot_speaks {
            self.bot_speaks_ms = if self.bot_quiet_ms > 0 {
                TICK_MS
            } else {
                self.bot_speaks_ms + TICK_MS
            };
            self.bot_quiet_ms = 0;
            self.answered = true;
        } else {
            self.bot_quiet_ms += TICK_MS;
        }
    }

    fn is_due(&self) -> bool {
        let Some((step, _)) = self.steps.front() else {
            return false;
        };
        match step.cut_in {
            Some(ms) => self.answered && self.bot_quiet_ms == 0 && self.bot_speaks_ms >= ms,
            None => self.answered && self.bot_quiet_ms >= step.after.unwrap_or(600),
        }
    }
}
