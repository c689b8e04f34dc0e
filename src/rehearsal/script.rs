//! An example dialogue as a value, and how each of its lines is written. What the lines mean when they
//! are run is `play`'s and `judge`'s.

use super::pattern::Pattern;
use crate::dialogue::{Confidence, Disposition, Reason};
use jiff::civil::DateTime;
use std::fmt;

/// Certainty of words whose line gives none.
pub const DEFAULT_CONFIDENCE: Confidence = 950;
/// The same for a second or later guess.
pub const DEFAULT_ALTERNATIVE: Confidence = 500;

/// One call, as it should go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    pub title: String,
    /// Line of the title, from 1.
    pub first: usize,
    /// Last line that belongs to it.
    pub last: usize,
    pub header: Header,
    pub lines: Vec<Line>,
}

/// What is known before the first word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// E.164; none: withheld.
    pub from: Option<String>,
    /// Local time.
    pub now: DateTime,
    /// `en`; none: the business's first.
    pub language: Option<String>,
}

impl Default for Header {
    fn default() -> Self {
        Self {
            from: None,
            // A Tuesday, in opening hours.
            now: DateTime::constant(2026, 11, 24, 10, 30, 0, 0),
            language: None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// From 1.
    pub number: usize,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Something happens, and the bot answers.
    Act(Act),
    /// Something is arranged for later.
    Set(Setting),
    /// Something must be so.
    Check(Check),
}

/// What happens to the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Best guess first.
    Says(Vec<Guess>),
    BargesIn {
        after_ms: u32,
        guesses: Vec<Guess>,
    },
    Keys(String),
    /// The caller waits: no input, or time for a slow back end.
    Silence,
    Noise,
    Deaf,
    /// Nobody took the transferred call.
    Returned,
    /// The house is closing.
    Closing,
    HangsUp,
}

/// One thing that may have been said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    pub text: String,
    pub confidence: Confidence,
}

/// How the back end behaves the next time that `operation` is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub operation: String,
    pub mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Answers when the caller is silent.
    Slow,
    /// Fails.
    Dead,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// The reply has these words, after those of the line before.
    Bot(Pattern),
    /// The next sentences of the reply, to the letter.
    BotExactly(String),
    /// The reply has these words nowhere.
    BotNot(Pattern),
    /// Empty: none of them.
    Intent(String),
    Slot {
        name: String,
        value: String,
    },
    NoSlot(String),
    /// Name of the open question; empty: any wish.
    Asks(String),
    Does {
        operation: String,
        arguments: Vec<(String, String)>,
    },
    DoesNothing,
    /// The caller only nodded into the reply.
    GoesOn,
    End(Ended),
}

/// How a call is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Completed,
    /// None: for any reason.
    HandedOver(Option<Reason>),
    Abandoned,
    Failed,
}

impl Ended {
    /// Whether a call that ended as `other` ended like this.
    pub fn covers(self, other: Self) -> bool {
        match (self, other) {
            (Self::HandedOver(None), Self::HandedOver(_)) => true,
            _ => self == other,
        }
    }
}

impl From<Disposition> for Ended {
    fn from(disposition: Disposition) -> Self {
        match disposition {
            Disposition::Completed => Self::Completed,
            Disposition::HandedOver => Self::HandedOver(None),
            Disposition::Abandoned => Self::Abandoned,
            Disposition::Failed => Self::Failed,
        }
    }
}

/// The name of a reason as it is written: "third failure".
pub(super) fn reason_name(reason: Reason) -> String {
    match serde_json::to_value(reason) {
        Ok(serde_json::Value::String(name)) => name.replace('_', " "),
        _ => String::new(),
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Completed => f.write_str("completed"),
            Self::HandedOver(None) => f.write_str("handed over"),
            Self::HandedOver(Some(reason)) => write!(f, "handed over: {}", reason_name(*reason)),
            Self::Abandoned => f.write_str("abandoned"),
            Self::Failed => f.write_str("failed"),
        }
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = self.from.as_deref().unwrap_or("withheld");
        let from = if self.from.is_some() {
            format!("from {from}")
        } else {
            from.into()
        };
        write!(f, "call: {from}, {}", self.now.strftime("%Y-%m-%d %H:%M"))?;
        match &self.language {
            Some(language) => write!(f, ", {language}"),
            None => Ok(()),
        }
    }
}

/// `0.62`.
pub(super) fn write_confidence(confidence: Confidence) -> String {
    let text = format!("{}.{:03}", confidence / 1000, confidence % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn write_guesses(f: &mut fmt::Formatter<'_>, guesses: &[Guess]) -> fmt::Result {
    for (place, guess) in guesses.iter().enumerate() {
        let usual = if place == 0 {
            DEFAULT_CONFIDENCE
        } else {
            f.write_str(" | ")?;
            DEFAULT_ALTERNATIVE
        };
        f.write_str(&guess.text)?;
        // Brackets at the end of the words would be taken for the confidence.
        if guess.confidence != usual || guess.text.ends_with(')') {
            write!(f, " ({})", write_confidence(guess.confidence))?;
        }
    }
    Ok(())
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Says(guesses) => {
                f.write_str("caller: ")?;
                write_guesses(f, guesses)
            }
            Self::BargesIn { after_ms, guesses } => {
                write!(f, "barge-in after {after_ms}ms: ")?;
                write_guesses(f, guesses)
            }
            Self::Keys(keys) => write!(f, "keys: {keys}"),
            Self::Silence => f.write_str("silence"),
            Self::Noise => f.write_str("noise"),
            Self::Deaf => f.write_str("deaf"),
            Self::Returned => f.write_str("returned"),
            Self::Closing => f.write_str("closing"),
            Self::HangsUp => f.write_str("hangs up"),
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = match self.mode {
            Mode::Slow => "slow",
            Mode::Dead => "dead",
        };
        write!(f, "back end: {} {mode}", self.operation)
    }
}

/// `a=b c="d e"`, each with a blank before it.
pub(super) fn write_arguments<'a>(
    arguments: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> String {
    let quote = |value: &str| value.is_empty() || value.contains(char::is_whitespace);
    let write = |(name, value): (&String, &String)| {
        if quote(value) {
            format!(" {name}=\"{value}\"")
        } else {
            format!(" {name}={value}")
        }
    };
    arguments.into_iter().map(write).collect()
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or = |name: &'_ str, nothing: &str| {
            if name.is_empty() {
                nothing.to_owned()
            } else {
                name.to_owned()
            }
        };
        match self {
            Self::Bot(pattern) => write!(f, "bot: {pattern}"),
            Self::BotExactly(text) => write!(f, "bot= {text}"),
            Self::BotNot(pattern) => write!(f, "bot not: {pattern}"),
            Self::Intent(name) => write!(f, "intent {}", or(name, "none")),
            Self::Slot { name, value } => write!(f, "slot {name} = {value}"),
            Self::NoSlot(name) => write!(f, "no slot {name}"),
            Self::Asks(name) => write!(f, "asks {}", or(name, "anything")),
            Self::Does {
                operation,
                arguments,
            } => write!(
                f,
                "does {operation}{}",
                write_arguments(arguments.iter().map(|(name, value)| (name, value)))
            ),
            Self::DoesNothing => f.write_str("does nothing"),
            Self::GoesOn => f.write_str("goes on"),
            Self::End(ended) => write!(f, "end {ended}"),
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Act(act) => act.fmt(f),
            Self::Set(setting) => setting.fmt(f),
            Self::Check(check) => check.fmt(f),
        }
    }
}
