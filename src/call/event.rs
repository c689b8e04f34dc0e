//! The whole contract of the call engine: what goes in ([`Event`]) and what comes out ([`Action`]).

use crate::audio::{Digit, DigitSource, Heard};
use crate::dialogue::spoken::Language;
use crate::dialogue::{
    Context, Disposition, Handover, Hypothesis, Lookup, LookupId, LookupResult, Sentence,
    Understood,
};
use serde::{Deserialize, Serialize};

/// Time since the call was answered, in ticks of 20 ms of line audio.
pub type Tick = u32;

/// Ticks in `ms` milliseconds, rounded up.
pub const fn ticks(ms: u32) -> Tick {
    ms.div_ceil(crate::audio::TICK_MS)
}

/// Number of a recognition within the call. An answer to a number that is no longer current is
/// dropped.
pub type RecognitionId = u32;

/// Number of a reply's playback within the call.
pub type PlaybackId = u32;

/// A point in what we play: the end of one sentence of one playback. On the wire: `p<playback>s<sentence>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mark {
    pub playback: PlaybackId,
    /// Index into the reply's sentences.
    pub sentence: u16,
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "p{}s{}", self.playback, self.sentence)
    }
}

impl std::str::FromStr for Mark {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (playback, sentence) = text
            .strip_prefix('p')
            .and_then(|t| t.split_once('s'))
            .ok_or(())?;
        Ok(Self {
            playback: playback.parse().map_err(|_| ())?,
            sentence: sentence.parse().map_err(|_| ())?,
        })
    }
}

/// A stretch of the caller's sound, in ticks, `from` included, `to` excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub from: Tick,
    pub to: Tick,
}

/// What happens to a call. `Heard` and `Gap` are the clock: each moves it by one tick.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    Answered(Context),
    /// One tick of the caller's sound.
    Heard(Heard),
    /// One tick in which no sound arrived.
    Gap,
    Digit {
        digit: Digit,
        source: DigitSource,
    },
    /// A digit at a secret question. Which one is not said: it is kept by who feeds the call.
    SecretDigit,
    /// What stands for a secret entry: the answer to [`Action::Seal`].
    Sealed {
        entry: String,
    },
    /// The caller typed this instead of saying it. Empty at a secret question: what it was is nobody's
    /// affair.
    Typed {
        text: String,
    },
    Recognized {
        id: RecognitionId,
        outcome: Recognition,
    },
    /// The first sample of this sentence goes out.
    Started(Mark),
    /// The caller has heard this sentence to its end, or (`cleared`) it was dropped by a clear.
    Played {
        mark: Mark,
        cleared: bool,
    },
    Found {
        id: LookupId,
        result: LookupResult,
    },
    /// A person is being called while the caller stays with us (a warm transfer).
    Calling,
    /// That person and the caller are brought together.
    Joined,
    /// The transfer to a person failed: the caller is with us again.
    Returned,
    /// The caller is gone.
    HungUp,
    /// The operator wants the house empty.
    Drain,
    /// It will be empty in some seconds, whoever speaks.
    Hurry,
}

/// What the recogniser made of the spans it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recognition {
    /// Best guess first, never empty.
    Words(Vec<Hypothesis>),
    /// Nothing was said.
    Nothing,
    /// No answer: the recogniser is overloaded, dead or absent.
    Failed,
}

fn english() -> String {
    Language::English.code().into()
}

fn is_english(code: &String) -> bool {
    code == Language::English.code()
}

/// What the call wants done. Drained with `poll_action` after every event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Recognise these spans, joined in order.
    Recognize {
        id: RecognitionId,
        spans: Vec<Span>,
        bias: String,
        /// What is spoken. Not written where it is English, which all journals of before were in.
        #[serde(default = "english", skip_serializing_if = "is_english")]
        language: String,
    },
    /// The answer to this recognition is no longer wanted.
    Abandon(RecognitionId),
    /// Speak these sentences in order, from index `first` on.
    Say {
        playback: PlaybackId,
        sentences: Vec<Sentence>,
        first: u16,
    },
    /// Stop playing at once and drop what is queued; the line reports cleared marks.
    Clear(PlaybackId),
    LookUp(Lookup),
    /// A secret entry is complete: its last so many keys. What stands for it is to follow at once.
    Seal {
        keys: u8,
    },
    HandOver(Handover),
    /// The person who is being called is not wanted any more.
    CallOff,
    HangUp(Disposition),
    /// Something worth showing or keeping; nobody has to act on it.
    Note(Note),
}

/// Facts for the transcript, the terminal and the latency waterfall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    SpeechStarted,
    /// The caller's turn is over. `speech_end`: last tick with voice in it.
    TurnEnded {
        speech_end: Tick,
        why: EndOfTurn,
    },
    /// The words of the turn, as the dialogue got them.
    Caller(Hypothesis),
    Keys(String),
    Understood(Understood),
    /// The prompt was stopped because the caller speaks or keys.
    BargedIn {
        mark: Mark,
    },
    /// It was a nod: the prompt goes on from this sentence.
    Resumed {
        mark: Mark,
    },
    /// The caller went on after the turn had been taken for over: the reply is taken back.
    TakenBack,
    NoInput,
    Noise,
    /// The house closes at once: what was being said is left.
    Hurried,
}

/// Why a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndOfTurn {
    /// The words fill the open question.
    Complete,
    /// The words are a whole sentence, and a short pause passed.
    Whole,
    /// The usual pause passed.
    Pause,
    /// The longer pause passed although more was expected.
    Incomplete,
    /// The turn reached the limit.
    MaxSpeech,
    /// It was typed.
    Typed,
}
