//! The models: what hears and what speaks, each behind a trait, each on its own threads.
//!
//! Edge: nothing here is replayed; what the models say enters the engine as journaled events.

pub mod calibration;
pub mod cascade;
#[cfg(feature = "speech")]
pub mod espeak;
#[cfg(feature = "speech")]
mod espeak_data;
pub mod expected;
pub mod ggml;
pub mod hearing;
pub mod hearing_pool;
pub mod logits;
pub mod loudness;
pub mod mel;
#[cfg(feature = "speech")]
pub mod onnxruntime;
pub mod opening;
pub mod packed;
pub mod phrase;
#[cfg(feature = "speech")]
pub mod piper;
pub mod plausible;
pub mod scripted;
pub mod segment;
mod sentence_cache;
pub mod tone_voice;
pub mod voice_pool;
pub mod wer;
#[cfg(feature = "speech")]
pub mod whisper;
pub mod widen;
pub mod words;

use crate::audio::RATE_HZ;
use crate::dialogue::spoken::Language;
use crate::dialogue::{Hypothesis, Sentence};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Samples to recognise, and what is expected in them.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// 16 kHz mono.
    pub samples: Vec<i16>,
    /// Words that are expected, or phrases separated by commas; may be empty (see expected.rs).
    pub bias: String,
    /// What is spoken; none: English.
    pub language: Option<Language>,
}

impl Request {
    /// Length of the sound.
    pub fn duration(&self) -> Duration {
        Duration::from_micros(self.samples.len() as u64 * 1_000_000 / u64::from(RATE_HZ))
    }
}

/// Why a model gave no answer. The text says what to do next.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SpeechError {
    #[error("the recognition was abandoned")]
    Abandoned,
    #[error("every recogniser is busy and the queue is full")]
    Busy,
    #[error("the model cannot hear the language {:?}", .0.code())]
    Foreign(Language),
    #[error("{0}")]
    Model(String),
}

/// One recogniser, owned by one thread.
pub trait Recognizer: Send {
    /// The words in `request`, best guess first; empty where nothing was said.
    ///
    /// # Errors
    /// [`SpeechError::Abandoned`] soon after `cancel` was set; [`SpeechError::Model`] when the model fails.
    fn recognize(
        &mut self,
        request: &Request,
        cancel: &Cancel,
    ) -> Result<Vec<Hypothesis>, SpeechError>;

    /// Whether the last answer left out words that were found but not believed.
    fn doubted(&self) -> bool {
        false
    }
}

/// How much longer a slow sentence takes.
pub const SLOWER: f32 = 1.25;

/// One voice, owned by one thread.
pub trait Synthesizer: Send {
    /// Speech for `text`, 16 kHz mono, telephone loudness, silent at both ends. Empty text: no samples.
    ///
    /// # Errors
    /// [`SpeechError::Model`] when the engine fails.
    fn synthesize(&mut self, text: &str) -> Result<Vec<i16>, SpeechError>;

    /// The same, [`SLOWER`] as long, for a caller who asked for it. A voice that knows one pace only
    /// keeps it.
    ///
    /// # Errors
    /// As [`Self::synthesize`].
    fn synthesize_slowly(&mut self, text: &str) -> Result<Vec<i16>, SpeechError> {
        self.synthesize(text)
    }
}

/// A sentence for a voice. Ordered, because its sound is kept under it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Saying {
    /// As the voice must read it.
    pub text: Arc<str>,
    /// None: the one that calls of the business begin with.
    pub language: Option<Language>,
    /// The caller asked for a slower voice.
    pub slow: bool,
}

impl From<&str> for Saying {
    fn from(text: &str) -> Self {
        Self {
            text: text.into(),
            language: None,
            slow: false,
        }
    }
}

impl From<String> for Saying {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&Sentence> for Saying {
    fn from(sentence: &Sentence) -> Self {
        Self {
            text: sentence.spoken().into(),
            language: Language::from_code(&sentence.language),
            slow: sentence.slow,
        }
    }
}

/// Set when the answer is no longer wanted; shared between the call and the model thread.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The flag itself, for a model's abort callback.
    pub fn flag(&self) -> &AtomicBool {
        &self.0
    }
}

/// What a pool hands back for a recognition.
#[derive(Clone, Debug)]
pub struct Recognized {
    pub result: Result<Vec<Hypothesis>, SpeechError>,
    /// Computing time, without the wait in the queue.
    pub took: Duration,
    /// Wait in the queue.
    pub queued: Duration,
    /// Words were found in the sound, and not believed.
    pub doubted: bool,
}

/// What a pool hands back for a sentence.
#[derive(Clone, Debug)]
pub struct Rendered {
    pub result: Result<Arc<[i16]>, SpeechError>,
    pub took: Duration,
}

/// How long requests wait for a recogniser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// Requests since the start that were answered or refused…
    pub heard: u64,
    /// … and those of them that waited longer than 400 ms, or were refused.
    pub waited: u64,
    /// Age of the oldest one that waits now.
    pub oldest: Duration,
}

/// Hears for all calls. `done` is called exactly once, from any thread, also when refused.
pub trait Hearing: Send + Sync {
    fn recognize(&self, request: Request, done: Box<dyn FnOnce(Recognized) + Send>) -> Cancel;

    /// Is there a model for this language?
    fn hears(&self, _language: Language) -> bool {
        true
    }

    /// How many requests it works on at the same time.
    fn at_once(&self) -> usize {
        1
    }

    /// How long requests wait.
    fn waits(&self) -> Waits {
        Waits::default()
    }

    /// Can it hear at all? `false`: new calls had better go elsewhere.
    fn is_alive(&self) -> bool {
        true
    }
}

/// Speaks for all calls. `done` is called exactly once, from any thread; from this one when cached.
pub trait Speaking: Send + Sync {
    fn speak(&self, saying: Saying, done: Box<dyn FnOnce(Rendered) + Send>);
}
