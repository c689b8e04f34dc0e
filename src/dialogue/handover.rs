//! Passing the caller to a person: why, and what that person gets to know of the caller and of what
//! was tried. Decides what is said to the agent before the two are joined, and which few values may
//! travel with the call itself.
//!
//! Secrets are never in here: of a PIN it is only known that it was given.

use super::reply::Confidence;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest summary among [`Handover::parameters`], in characters: carriers cap a header or a query
/// string (Twilio's `<Parameter>` takes 500 characters for name and value together).
const SHORT: usize = 200;

/// Passing the caller to a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Handover {
    pub reason: Reason,
    /// Two sentences for the person who takes over, in the language that the business's calls begin
    /// with.
    pub summary: String,
    /// What else is known. Journals of before have nothing here.
    #[serde(default, skip_serializing_if = "Case::is_unknown")]
    pub case: Box<Case>,
}

/// What the conversation knows when it is passed on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Case {
    /// How soon somebody should be there.
    pub priority: Priority,
    /// The task that the caller wanted done, by its name in the business's files; empty: none was begun.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub intent: String,
    /// The same in words, for people: "the return of an order".
    #[serde(skip_serializing_if = "String::is_empty")]
    pub topic: String,
    /// What the caller gave, by the slot's name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub slots: BTreeMap<String, Given>,
    /// What the caller has shown of who he is.
    pub verified: Identified,
    /// The `id` of the caller's record in the business's own data; empty: nobody known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub customer: String,
    /// The language that the caller speaks ("es").
    pub language: String,
    pub mood: Feelings,
    pub tried: Tried,
    /// What the agent hears before the caller is joined, see [`Handover::whisper`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub whisper: String,
}

impl Case {
    fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// A value that the caller gave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Given {
    /// In its canonical form (a date as `2026-11-29`, money in cents); `given` for a secret.
    pub value: String,
    /// As a person writes it, where that differs: "November 29th".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// How sure it is, per mille: 1000 where it was keyed, or read back and agreed to.
    pub confidence: Confidence,
    #[serde(default)]
    pub how: How,
}

/// How a value came to be known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Heard, and believed.
    #[default]
    Said,
    /// Heard, read back, and agreed to.
    Confirmed,
    Keyed,
    /// Heard, but neither believed nor agreed to.
    Doubtful,
    /// From the business's data, or from before in the call.
    Known,
}

/// What the caller has shown of who he is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Identified {
    /// Nothing.
    #[default]
    No,
    /// Recognised, by number or id, which anybody can have.
    Known,
    /// Verified: by PIN, facts or a code.
    Verified,
}

impl Identified {
    /// As written in packets and parameters.
    pub fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Known => "known",
            Self::Verified => "verified",
        }
    }
}

/// How soon a person should be there.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    #[default]
    Normal,
    /// Money is at risk, or the caller is angry or in distress.
    High,
    /// A danger to health: before everybody else.
    Urgent,
}

impl Priority {
    /// As written in packets and parameters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
}

/// How the caller feels, as far as words and voice tell: 0 to 1000 each, `now` from -1000 to 1000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Feelings {
    pub now: i16,
    pub anger: u16,
    pub distress: u16,
    pub frustration: u16,
}

/// What was tried before a person was called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Tried {
    /// Tasks that were done, in words, with what was given for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub done: Vec<String>,
    /// Turns at the last question that led nowhere.
    pub failures: u8,
    /// Values that were denied, not found or not valid in the task that is open.
    pub misses: u8,
    /// Back ends that did not answer, in a row.
    pub faults: u8,
    /// How often nobody took the call.
    pub returned: u8,
}

/// Why a person takes over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The caller asked for a person, in words or with key 0.
    #[default]
    Requested,
    ThirdFailure,
    /// A back end is dead.
    Fault,
    Closing,
    /// A danger to health.
    Emergency,
    /// Money is at risk.
    Fraud,
    /// The caller could not show who he is.
    Verification,
    /// Anger or distress that lasts.
    Distress,
    /// The business wants a person to deal with it.
    Topic,
    /// It was never sure that the caller wants what cannot be taken back.
    Doubt,
    /// The recogniser is dead, or the house too busy to hear.
    Overload,
}

impl Reason {
    const ALL: [(&'static str, Self); 11] = [
        ("requested", Self::Requested),
        ("third_failure", Self::ThirdFailure),
        ("fault", Self::Fault),
        ("closing", Self::Closing),
        ("emergency", Self::Emergency),
        ("fraud", Self::Fraud),
        ("verification", Self::Verification),
        ("distress", Self::Distress),
        ("topic", Self::Topic),
        ("doubt", Self::Doubt),
        ("overload", Self::Overload),
    ];

    /// All names, as businesses write them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.into_iter().map(|(name, _)| name)
    }

    /// As written in files and journals.
    pub fn name(self) -> &'static str {
        Self::ALL
            .into_iter()
            .find(|&(_, reason)| reason == self)
            .map_or("", |(name, _)| name)
    }

    /// The reason of this name; `Topic` for one that is none.
    pub fn from_name(name: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|&(known, _)| known == name)
            .map_or(Self::Topic, |(_, reason)| reason)
    }

    /// How soon somebody should be there.
    pub fn priority(self) -> Priority {
        match self {
            Self::Emergency => Priority::Urgent,
            Self::Fraud | Self::Distress => Priority::High,
            _ => Priority::Normal,
        }
    }
}

impl Handover {
    /// A handover of which nothing else is known.
    pub fn new(reason: Reason, summary: impl Into<String>) -> Self {
        Self {
            reason,
            summary: summary.into(),
            case: Box::new(Case {
                priority: reason.priority(),
                ..Case::default()
            }),
        }
    }

    /// What the agent hears before the caller is joined: one or two short sentences in the language
    /// that the business's calls begin with. Which key takes the call is for the line to add.
    pub fn whisper(&self) -> String {
        let said = match self.case.whisper.as_str() {
            "" => &self.summary,
            whisper => whisper,
        };
        one_line(said)
    }

    /// Short values that may travel with the call itself, as headers or in a query: `reason`,
    /// `priority`, `intent`, `language`, `verified`, `summary`. Each is one line without control
    /// characters, none is empty, and the summary is cut at 200 characters. No number, name or
    /// record is among them beside what the summary says; letters may be accented, so a line whose
    /// headers are ASCII encodes them.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("reason", self.reason.name().to_owned()),
            ("priority", self.case.priority.name().to_owned()),
            ("intent", self.case.intent.clone()),
            ("language", self.case.language.clone()),
            ("verified", self.case.verified.name().to_owned()),
            ("summary", cut(&one_line(&self.summary), SHORT)),
        ];
        all.into_iter()
            .map(|(name, value)| (name, one_line(&value)))
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }
}

/// Without line breaks and control characters, single-spaced.
fn one_line(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most so many characters, at the end of a word, with `…` where something is missing.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let head: String = text.chars().take(most.saturating_sub(1)).collect();
    let whole = head
        .rsplit_once(' ')
        .map_or(head.as_str(), |(head, _)| head);
    format!("{whole}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_journals_have_a_reason_and_a_summary_only() {
        let old = r#"{"reason":"requested","summary":"Asked for a person."}"#;
        let handover: Handover = serde_json::from_str(old).expect("it parses");
        assert_eq!(*handover.case, Case::default());
        assert_eq!(serde_json::to_string(&handover).expect("JSON"), old);
    }

    #[test]
    fn the_agent_hears_the_whisper_or_else_the_summary() {
        let mut handover = Handover::new(Reason::Requested, "Wants a refund.\nAsked for a person.");
        assert_eq!(handover.whisper(), "Wants a refund. Asked for a person.");
        handover.case.whisper = "A refund, in Spanish.".into();
        assert_eq!(handover.whisper(), "A refund, in Spanish.");
    }

    #[test]
    fn parameters_are_short_lines_without_empty_ones() {
        let long = format!("Order\r\nEvil: header\u{7} {}", "palabra ñandú ".repeat(40));
        let parameters = Handover::new(Reason::Emergency, long).parameters();
        let names: Vec<_> = parameters.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["reason", "priority", "verified", "summary"]);
        for (_, value) in &parameters {
            assert!(!value.contains(char::is_control), "{value}");
            assert!(value.chars().count() <= SHORT, "{value}");
        }
        assert!(parameters.contains(&("priority", "urgent".to_owned())));
        assert!(parameters[3].1.ends_with('…'));
    }

    #[test]
    fn every_reason_has_a_name_that_is_read_again() {
        for name in Reason::names() {
            let reason = Reason::from_name(name);
            assert_eq!(reason.name(), name);
            assert_eq!(
                serde_json::to_value(reason).expect("JSON"),
                serde_json::Value::from(name)
            );
        }
    }
}
