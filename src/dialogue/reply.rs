//! What goes into a dialogue step and what comes out: the types that the call engine sees.

pub use super::handover::{Handover, Reason};
pub use super::mood::Tone;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Certainty in thousandths, 0 to 1000. Whole numbers, because decisions hang on it and replay must
/// take the same ones on every machine.
pub type Confidence = u16;

/// One word as recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    pub text: String,
    pub confidence: Confidence,
}

/// One thing that the caller may have said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hypothesis {
    pub text: String,
    /// Of the whole text: how often out of 1000 it is what was said, as far as that was measured.
    pub confidence: Confidence,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<Word>,
    /// The model's own confidence, where measuring changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<Confidence>,
    /// The model that heard it, where it was the second one; empty: the first.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub model: String,
    /// How it sounded, measured on the first guess's sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tone: Option<Tone>,
}

/// What the dialogue knows before the first word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// Local date and time at which the call was answered: "tomorrow" counts from here.
    pub now: DateTime,
    /// The caller's number, E.164, where the line gave one.
    pub caller: Option<String>,
    /// The language that the caller chose before the call ("es"), where the line has such a choice; empty: the business's
    /// first.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub language: String,
}

/// One thing that happened to the conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum Input<'a> {
    /// The call was answered: greet.
    Start,
    /// The caller spoke; best guess first, never empty.
    Speech(&'a [Hypothesis]),
    /// The caller keyed an entry (terminator removed).
    Keys(&'a str),
    /// The caller said and keyed nothing.
    NoInput,
    /// There was a voice, but no words could be made of it.
    Noise,
    /// The recogniser is too slow or dead: go on by keys.
    Deaf,
    /// The back end takes its time: say that it is being asked.
    Slow,
    /// A back end answered.
    Found {
        lookup: LookupId,
        result: &'a LookupResult,
    },
    /// A person is being called, and the caller stays with us meanwhile: say so.
    Calling,
    /// The person has taken the call. Nothing is said any more.
    Joined,
    /// Nobody took the transferred call: the caller is back.
    Returned,
    /// The house is closing (drain): say so and pass the caller on.
    Closing,
    /// It closes in some seconds: the same, and nothing that takes longer.
    Hurry,
}

/// The dialogue's answer to one [`Input`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Spoken in order, each on its own so that the first plays while the next is made.
    pub say: Vec<Sentence>,
    /// Whether the caller may cut this reply short.
    pub barge_in: BargeIn,
    pub then: Then,
    /// What was made of the caller's words, for the transcript.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub understood: Option<Understood>,
}

/// A sentence to speak.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// As written in a transcript: "Your order 456712 …".
    pub text: String,
    /// As the voice must read it: "Your order 4 5 6, 7 1 2 …". Empty: same as `text`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub speak: String,
    /// This sentence asks the open question: from here on a "yeah" is an answer, not a nod.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub question: bool,
    /// The language it is in ("es"); empty: the one that calls of this business begin with.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// To be spoken slower: the caller asked for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub slow: bool,
}

impl Sentence {
    /// What the synthesizer gets.
    pub fn spoken(&self) -> &str {
        if self.speak.is_empty() {
            &self.text
        } else {
            &self.speak
        }
    }
}

/// May the caller cut a prompt short (VoiceXML `bargein`, `bargeintype`)?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BargeIn {
    Never,
    Keys,
    #[default]
    Any,
}

/// What happens after the reply was spoken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// Wait for the caller; [`Question`] says for what.
    #[default]
    Listen,
    /// Ask a back end; its answer comes as [`Input::Found`].
    LookUp(Lookup),
    /// Pass the caller to a person.
    HandOver(Handover),
    /// The person who is being called is not to be called any longer; then listen.
    CallOff,
    HangUp(Disposition),
}

/// What was made of the caller's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Understood {
    /// Name of the intent, or of the answered slot's kind ("digits", "yes_no"); empty: none of these.
    pub intent: String,
    pub confidence: Confidence,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub slots: BTreeMap<String, String>,
}

impl Understood {
    /// Adds what a later reply of the same turn understood.
    pub fn join(into: &mut Option<Self>, more: Self) {
        match into {
            None => *into = Some(more),
            Some(known) => {
                if known.intent.is_empty() {
                    known.intent = more.intent;
                    known.confidence = more.confidence;
                }
                known.slots.extend(more.slots);
            }
        }
    }
}

/// Number of a back-end question within the call.
pub type LookupId = u32;

/// A question to a back end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    pub id: LookupId,
    /// Name of the lookup in the domain.
    pub name: String,
    pub arguments: BTreeMap<String, String>,
    /// It changes something: done once, and not taken back with the turn.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub action: bool,
}

/// A record as a back end gave it: texts, whole numbers, truth values or nothing.
pub type Row = BTreeMap<String, serde_json::Value>;

/// What a back end answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookupResult {
    /// Records in the back end's order; none: nothing was found.
    Rows(Vec<Row>),
    /// The back end is dead or too slow.
    Failed,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Said goodbye.
    Completed,
    HandedOver,
    /// The caller hung up first.
    Abandoned,
    /// Ended by us without an answer.
    Failed,
}

/// The open question: drives endpointing, keypad entry, no-input time and recognition bias.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Name of the slot, or empty at the open "how can I help".
    pub slot: String,
    pub keypad: Keypad,
    /// Silence, after the prompt was heard, that counts as no input, in ms.
    pub no_input_ms: u32,
    /// Words to expect, as a text that the recogniser is primed with.
    pub bias: String,
    /// The answer is keyed, and neither heard, recorded nor written down.
    pub secret: bool,
    /// The language that is spoken ("en").
    pub language: String,
}

/// How keys are collected for the open question (VoiceXML `interdigittimeout`, `termchar`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keypad {
    /// The entry is complete at this many digits; 0: any number, ended by `termchar` or time.
    pub max_digits: u8,
    /// Ends an entry and is not part of it.
    pub termchar: Option<char>,
    /// Pause after a key that ends the entry, in ms.
    pub interdigit_ms: u32,
}

impl Default for Keypad {
    fn default() -> Self {
        Self {
            max_digits: 1,
            termchar: Some('#'),
            interdigit_ms: 3000,
        }
    }
}

/// Whether what was heard so far can be the whole turn (VoiceXML `completetimeout`,
/// `incompletetimeout`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Completeness {
    /// Fills the open slot, or can be nothing but the whole turn: answer at once.
    Complete,
    /// A whole sentence, as far as the business's examples tell: wait a short time.
    Whole,
    /// May be the whole turn: wait the usual time.
    Open,
    /// Surely goes on ("my number is four two…"): wait longer.
    Incomplete,
}

/// What words spoken over a prompt are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interruption {
    /// A nod ("mm-hm", "okay") or noise: the prompt goes on from where it was.
    Backchannel,
    /// Meant for us: the prompt is over.
    Meant,
}
