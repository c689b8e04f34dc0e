//! Example dialogues that run as tests, and conversations that are typed.
//!
//! An example is plain text that reads like a call (`src/domains/EXAMPLES.md`): `parse` reads it into a
//! `script`, `play` performs it against a dialogue and a back end, `judge` compares. `report`, `junit`
//! and `bless` tell or write down what came out, `coverage` what was never met, and `chat` is the same
//! performance with a person typing. Knows no sound and no business: both come in through [`Stage`].

pub mod bless;
pub mod chat;
pub mod coverage;
pub mod judge;
pub mod junit;
pub mod parse;
mod pattern;
pub mod play;
pub mod report;
pub mod script;

pub use judge::{Miss, Outcome, judge};
pub use parse::{Problem, parse};
pub use play::{Operation, Performer, Play, Turn};
pub use script::{Act, Ended, Example, Header, Mode, Setting};

use crate::call::Converse;
use crate::dialogue::{Dialogue, Lookup, LookupResult};
use jiff::civil::DateTime;

/// Something that an example can meet: `intent:cancel_order`, `prompt:order_shipped`,
/// `branch:cancel_order/3:yes`. What stands before the colon is its kind.
pub type Step = String;

/// A dialogue that can say how it came to its words.
pub trait Speaker: Converse {
    /// What was met since the last call of this. Intents and slots that were understood are counted
    /// anyway.
    fn trail(&mut self) -> Vec<Step> {
        Vec::new()
    }

    /// How the last turn was understood and which rule spoke; empty: it cannot tell.
    fn why(&self) -> String {
        String::new()
    }
}

impl Speaker for Dialogue {
    fn trail(&mut self) -> Vec<Step> {
        Self::trail(self)
    }

    fn why(&self) -> String {
        Self::why(self)
    }
}

/// What answers the dialogue's questions.
pub trait Answers {
    fn ask(&mut self, lookup: &Lookup, now: DateTime) -> LookupResult;

    /// Whether this operation changes something: `does nothing` is about those.
    fn changes(&self, operation: &str) -> bool;
}

/// Where examples are performed: a business. Every example gets a dialogue and a back end of its own.
pub trait Stage {
    type Speaker: Speaker;
    type Answers: Answers;

    /// A dialogue that has not begun, and a back end that nobody has changed yet.
    ///
    /// # Errors
    /// What this business cannot do: a language that it does not speak.
    fn open(&self, call: &Header) -> Result<(Self::Speaker, Self::Answers), String>;

    /// Every step that there is.
    fn universe(&self) -> Vec<Step>;
}

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
