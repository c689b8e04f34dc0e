//! Tasks: steps that are run from the top after every turn, and the slots that they ask for.

use super::super::value::Kind;
use super::Limits;
use std::collections::BTreeMap;

/// Something that callers want done.
#[derive(Clone, Debug)]
pub struct Task {
    /// Also the name of the intent that begins it.
    pub name: String,
    /// Its key in the main menu.
    pub key: Option<char>,
    /// What the caller must have shown first.
    pub needs: Level,
    /// Answers at once and goes back to what was being done: a question, not an undertaking.
    pub aside: bool,
    /// Nothing is expected to follow the words that ask for it.
    pub whole_turn: bool,
    /// Every business has it.
    pub shared: bool,
    pub steps: Vec<Step>,
    /// Slots that may be filled before they are asked, in the order of the steps.
    pub slots: Vec<String>,
    /// Line in its file, from 1.
    pub line: usize,
}

/// How much is known of who calls.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Anybody.
    #[default]
    Anyone,
    /// Recognised, by number or id.
    Known,
    /// Verified: by PIN, birth date and postcode, or a code.
    Verified,
}

/// One step of a task.
#[derive(Clone, Debug)]
pub struct Step {
    /// The step counts only while this holds.
    pub when: Option<String>,
    pub act: Act,
    /// Said first; with verbs that end or turn the task.
    pub say: Option<String>,
    pub line: usize,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Asks for the slot until it has a value.
    Ask(String),
    /// Takes the slot's value where it was said, and asks nothing.
    Take(String),
    /// Lets the caller add to the slot's text, turn by turn, until that is all.
    More(String),
    /// Asks a back end; the first row, or all of them, is known by `name` from then on.
    Look {
        operation: String,
        arguments: BTreeMap<String, String>,
        name: String,
        all: bool,
    },
    /// Has a back end do something, once.
    Do {
        operation: String,
        arguments: BTreeMap<String, String>,
        name: String,
    },
    /// Asks "is that right?" with this prompt.
    Confirm(String),
    /// Says only.
    Say,
    /// Sets values by expressions.
    Set(BTreeMap<String, String>),
    /// Forgets these values and runs the task from the top.
    Again(Vec<String>),
    /// The caller has shown who he is; `caller` names the row, where it is a new one.
    Grant {
        level: Level,
        caller: Option<String>,
    },
    /// Passes the caller to a person, for this reason.
    Person(String),
    /// Goes on with another task, values kept.
    Go(String),
    /// The task is over.
    End,
    /// The call is over, after what was said.
    HangUp,
    /// Goes on in this language.
    Speak(String),
}

/// One thing that must be known.
#[derive(Clone, Debug)]
pub struct Slot {
    pub name: String,
    pub kind: SlotKind,
    pub limits: Limits,
    /// Read back whatever the confidence.
    pub always_confirm: bool,
    /// Keyed only, and seen by nobody.
    pub secret: bool,
    /// A condition on `value` (and the other values) that must hold.
    pub valid: Option<String>,
    /// Taken without asking when there is only one choice.
    pub only: bool,
    /// Remembered within the call: "cancel it".
    pub recall: bool,
    pub bias: String,
    pub line: usize,
}

/// What kind of value a slot takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlotKind {
    Value(Kind),
    /// One of the words that the wording lists under this name.
    Choice(Vec<String>),
    /// One of the rows that were looked up.
    Record(Options),
}

impl SlotKind {
    /// As prompts and files name it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Choice(_) => "choice",
            Self::Record(_) => "record",
            Self::Value(kind) => match kind {
                Kind::Digits { .. } => "digits",
                Kind::Letters { .. } => "letters",
                Kind::Code { .. } => "code",
                Kind::Amount => "amount",
                Kind::Count => "count",
                Kind::Date => "date",
                Kind::Time => "time",
                Kind::Phone => "phone",
                Kind::YesNo => "yes_no",
                Kind::Text => "text",
            },
        }
    }
}

/// Rows to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Name of the looked-up rows.
    pub from: String,
    /// Column that is said and heard.
    pub label: String,
    /// More columns whose words pick a row.
    pub also: Vec<String>,
}

/// How callers are recognised and verified.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// Lookup by the caller's number (argument `phone`).
    pub look: Option<String>,
    /// Task that asks who calls.
    pub known: Option<String>,
    /// Task that verifies the caller.
    pub verified: Option<String>,
    /// Column of the caller's row with his language.
    pub language: String,
}
