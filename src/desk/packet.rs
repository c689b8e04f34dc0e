//! A handover as other systems read it: an event of the Standard Webhooks form with `type`,
//! `timestamp` and `data`. Fields are only ever added.

use crate::dialogue::Handover;
use crate::dialogue::handover::{Feelings, Given, Identified, Priority, Reason, Tried};
use crate::pii::Pii;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Longest text of a value, in characters: a packet stays well below what receivers take.
const LONGEST: usize = 1000;

/// A call is passed on to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Packet {
    /// `handover.requested`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it was decided, RFC 3339, UTC.
    pub timestamp: String,
    pub data: About,
}

/// The call, why it is passed on, and what is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct About {
    /// The call's id: the carrier's, where the line has one.
    pub call: String,
    /// The line that it came in on: "twilio", "asterisk".
    pub line: String,
    /// The business, by its short name.
    pub business: String,
    /// The caller's number, E.164; null where it is withheld.
    #[schemars(with = "Option<String>")]
    pub caller: Option<Pii<String>>,
    /// When the call was answered, RFC 3339, UTC.
    pub started_at: String,
    pub reason: Reason,
    pub priority: Priority,
    /// Two sentences, in the language that the business's calls begin with.
    pub summary: String,
    /// The task that the caller wanted done, by its name in the business's files; may be empty.
    pub intent: String,
    /// The same in words; may be empty.
    pub topic: String,
    /// The language that the caller speaks ("es").
    pub language: String,
    pub verified: Identified,
    /// The `id` of the caller's record in the business's own data; null: nobody known.
    pub customer: Option<String>,
    /// What the caller gave, by the slot's name. Of a secret only that it was `given`.
    pub slots: BTreeMap<String, Given>,
    pub mood: Feelings,
    pub tried: Tried,
    /// Null where calls leave no record.
    pub links: Option<Links>,
}

/// Where to read and hear what was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Links {
    /// The call's journal: words of both sides, one JSON value per line.
    pub transcript: String,
    /// Both sides, stereo, WAV: whole once the call is over.
    pub audio: String,
    /// Where in the sound the call was passed on, in ms from its beginning.
    pub offset_ms: u64,
}

impl Links {
    /// To the call's folder: below `base` by its name, else as a path.
    pub fn new(folder: &Path, base: Option<&str>, offset_ms: u64) -> Self {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let link = |file: &str| match base {
            Some(base) => format!("{base}/{name}/{file}"),
            None => folder.join(file).display().to_string(),
        };
        Self {
            transcript: link("journal.jsonl"),
            audio: link("call.wav"),
            offset_ms,
        }
    }
}

/// What the runtime knows of a call.
#[derive(Clone, Debug)]
pub struct Around<'a> {
    pub call: &'a str,
    pub line: &'a str,
    pub business: &'a str,
    pub caller: Option<&'a str>,
    pub links: Option<Links>,
    /// Since the call was answered.
    pub elapsed_ms: u64,
}

impl Packet {
    /// The packet of a handover that was decided `at`.
    pub fn new(handover: &Handover, around: Around<'_>, at: jiff::Timestamp) -> Self {
        let case = &handover.case;
        let elapsed = jiff::SignedDuration::from_millis(around.elapsed_ms as i64);
        let started = at.checked_sub(elapsed).unwrap_or(at);
        let slots = case.slots.iter().map(|(name, given)| {
            let given = Given {
                value: short(&given.value),
                text: short(&given.text),
                ..given.clone()
            };
            (name.clone(), given)
        });
        Self {
            kind: "handover.requested".into(),
            timestamp: rfc3339(at),
            data: About {
                call: around.call.into(),
                line: around.line.into(),
                business: around.business.into(),
                caller: around.caller.map(|number| Pii::new(number.to_owned())),
                started_at: rfc3339(started),
                reason: handover.reason,
                priority: case.priority,
                summary: short(&handover.summary),
                intent: case.intent.clone(),
                topic: case.topic.clone(),
                language: case.language.clone(),
                verified: case.verified,
                customer: (!case.customer.is_empty()).then(|| case.customer.clone()),
                slots: slots.collect(),
                mood: case.mood,
                tried: case.tried.clone(),
                links: around.links,
            },
        }
    }
}

fn rfc3339(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// The JSON Schema of a packet.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Packet).to_value()
}
