//! The facts of a call as a value: its turns with all that led to them and followed from them, what was
//! recognised, what of each prompt was heard, and where the time went. Pure: a journal (and what running
//! it again told) in, this out. Secrets are `…` in every text.

use super::reader::Reader;
use super::rules::Rules;
use crate::audio::TICK_MS;
use crate::bundle::story::{Given, Turn as Told};
use crate::call::journal::Journal;
use crate::call::{EndOfTurn, Endpointing, Span, Tick};
use crate::dialogue::{Completeness, Disposition, Hypothesis, Question, Understood};
use crate::pii::stand_in::masked;
use serde::Serialize;

/// A call.
#[derive(Clone, Debug, Serialize)]
pub struct Timeline {
    pub endpointing: Endpointing,
    /// Length of the call.
    pub ticks: Tick,
    /// The process died in it: what is here goes up to then.
    pub truncated: bool,
    pub turns: Vec<Turn>,
    /// Stretches of the caller's voice, as the endpointer saw them.
    pub speech: Vec<Span>,
    /// Stretches in which no sound arrived.
    pub gaps: Vec<Span>,
    /// The caller's keys, when they came.
    pub keys: Vec<Key>,
    /// Voice activity of every tick, 0 to 255.
    #[serde(skip)]
    pub voice: Vec<u8>,
    /// Level of every tick, in dB below full scale.
    #[serde(skip)]
    pub level: Vec<u8>,
}

/// One input of the dialogue, and all that followed from it.
#[derive(Clone, Debug, Serialize)]
pub struct Turn {
    /// 0 is the answered call itself.
    pub number: usize,
    pub kind: Kind,
    /// The caller's words or keys, for people.
    pub words: String,
    /// All guesses, the best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub guesses: Vec<Hypothesis>,
    /// When it began: the first voice or key, or the moment itself.
    pub from: Tick,
    /// When the dialogue got it.
    pub at: Tick,
    /// Last tick with the caller's voice in it.
    pub speech_end: Option<Tick>,
    pub why: Option<EndOfTurn>,
    /// Why it ended, in words.
    pub ended: String,
    /// The question that was open; `None`: not known, see [`Rules`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
    pub hearings: Vec<Hearing>,
    /// Voices over the reply that led to no turn: nods and noises.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overheard: Vec<Overheard>,
    pub understood: Option<Understood>,
    /// What the dialogue says of its decisions, in its order; empty: not known, see [`Rules`].
    pub rules: Vec<String>,
    /// Intents, prompts and branches on the way.
    pub path: Vec<String>,
    /// How the caller felt after it, -1000 to 1000; `None`: not known.
    pub mood: Option<i16>,
    pub asked: Vec<Asked>,
    pub said: Vec<Sentence>,
    /// When the first of it began to sound.
    pub reply_at: Option<Tick>,
    /// Where the time of the reply went, in ms after the caller's last sound.
    pub stages: Vec<Stage>,
    /// The caller cut in on the reply.
    pub cut: Option<Tick>,
    /// The caller simply went on: the turn was none, and its reply was taken back.
    pub taken_back: Option<Tick>,
    pub end: Option<End>,
}

/// What a turn began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Answered,
    Speech,
    Keys,
    Silence,
    Noise,
    /// The recogniser gave no answer.
    Deaf,
    /// A person is being called, and the caller waits with us.
    Calling,
    /// Nobody took the transferred call.
    Returned,
    /// The house was closing.
    Closing,
    /// It closed in some seconds.
    Hurry,
}

/// One request to the recogniser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hearing {
    pub asked: Tick,
    pub spans: Vec<Span>,
    pub language: String,
    /// When it answered; `None`: it never did, or nobody waited for it.
    pub answered: Option<Tick>,
    /// Best guess first; empty: nothing was said, or there was no answer.
    pub guesses: Vec<Hypothesis>,
    /// It said that it cannot tell.
    pub failed: bool,
    /// The caller went on before or after the answer: it was of no use any more.
    pub dropped: Option<Tick>,
    /// What the dialogue took the words for; `None`: not known, see [`Rules`].
    pub judged: Option<Completeness>,
}

/// A voice over a prompt that was no turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overheard {
    pub at: Tick,
    /// The prompt goes on from here; `None`: no prompt was cut.
    pub resumed: Option<Tick>,
    /// What was heard; empty: no words.
    pub words: String,
    pub hearings: Vec<Hearing>,
}

/// A question to the back end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    pub name: String,
    pub arguments: Vec<(String, String)>,
    pub action: bool,
    pub at: Tick,
    pub answered: Option<Tick>,
    /// "1 row", "failed", …
    pub result: String,
    /// Fields of the first row.
    pub row: Vec<(String, String)>,
}

/// A sentence of the bot, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sentence {
    pub text: String,
    /// It asks the open question.
    pub question: bool,
    /// When it was handed to the voice.
    pub said: Tick,
    /// When it began to sound.
    pub from: Option<Tick>,
    /// When it was over, or cut.
    pub to: Option<Tick>,
    pub fate: Fate,
    /// Characters that were heard of it: all, none, or an estimate by how fast the others were spoken.
    pub heard_chars: usize,
    /// It is the rest of a prompt that a nod had stopped.
    pub again: bool,
    #[serde(skip)]
    pub playback: u32,
    #[serde(skip)]
    pub index: u16,
}

/// How much of a sentence the caller heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    Heard,
    /// It stopped half way.
    Cut,
    /// It was dropped before it began.
    Unheard,
    /// The record ends before that was known.
    Unknown,
}

/// A key of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Key {
    pub at: Tick,
    /// `•` at a secret question.
    pub key: char,
}

/// A part of the time between the caller's last sound and the bot's first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stage {
    pub what: Part,
    pub from_ms: u32,
    pub to_ms: u32,
}

/// What was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The early pause: is there one at all?
    EarlyPause,
    Recognizer,
    /// More words, or the next key.
    More,
    BackEnd,
    /// The first sentence's sound.
    Voice,
}

/// How the call was over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct End {
    pub at: Tick,
    pub disposition: Disposition,
    /// Why a person takes over, and what he is told; empty: none does.
    pub handover: String,
}

impl Timeline {
    /// The facts of a call.
    pub fn of(journal: &Journal, rules: &Rules) -> Self {
        Reader::new(journal, rules).read()
    }

    /// Reply gaps of all turns that began with a voice, in ms.
    pub fn gaps_ms(&self) -> Vec<u32> {
        let turns = self.turns.iter().filter(|turn| turn.taken_back.is_none());
        turns.filter_map(Turn::gap_ms).collect()
    }

    /// Turns that the caller made and that stood.
    pub fn spoken(&self) -> usize {
        let made = |turn: &&Turn| matches!(turn.kind, Kind::Speech | Kind::Keys | Kind::Deaf);
        let turns = self.turns.iter().filter(made);
        turns.filter(|turn| turn.taken_back.is_none()).count()
    }

    /// How long both spoke at once, in ms.
    pub fn both_ms(&self) -> u32 {
        let said = self.turns.iter().flat_map(|turn| &turn.said);
        let sounding = said.filter_map(|sentence| Some((sentence.from?, sentence.to?)));
        let both = sounding.flat_map(|(from, to)| {
            let shared = move |span: &Span| span.to.min(to).saturating_sub(span.from.max(from));
            self.speech.iter().map(shared)
        });
        both.sum::<Tick>() * TICK_MS
    }

    /// How the call was over.
    pub fn end(&self) -> Option<&End> {
        self.turns.iter().rev().find_map(|turn| turn.end.as_ref())
    }
}

impl Turn {
    /// From the caller's last voice to the bot's first sound, in ms.
    pub fn gap_ms(&self) -> Option<u32> {
        Some(self.reply_at?.saturating_sub(self.speech_end?) * TICK_MS)
    }

    /// The last moment that belongs to the turn.
    pub fn to(&self) -> Tick {
        let said = self.said.iter().filter_map(|sentence| sentence.to).max();
        said.unwrap_or(self.at).max(self.at)
    }

    /// The rule that decided, in a word or two; empty: not known.
    pub fn rule(&self) -> String {
        let named = |start: &str| {
            let mut lines = self.rules.iter();
            lines.find_map(|line| line.strip_prefix(start).map(str::to_owned))
        };
        let fired = named("rule: ")
            .or_else(|| named("handed over: ").map(|why| format!("handover: {why}")));
        let intent = || {
            let mut path = self.path.iter();
            path.find_map(|step| {
                step.strip_prefix("intent:")
                    .map(|name| format!("intent {name}"))
            })
        };
        let slot = || {
            let mut path = self.path.iter();
            path.find_map(|step| {
                step.strip_prefix("slot:")
                    .map(|name| format!("slot {name}"))
            })
        };
        let prompt = || {
            let mut path = self.path.iter();
            path.find_map(|step| {
                step.strip_prefix("prompt:")
                    .map(|name| format!("prompt {name}"))
            })
        };
        fired
            .or_else(intent)
            .or_else(slot)
            .or_else(prompt)
            .unwrap_or_default()
    }

    /// Whether this is one of the turns that [`crate::bundle::story`] tells, and the same.
    pub fn is(&self, told: &Told) -> bool {
        let kind = match &told.given {
            Given::Start => Kind::Answered,
            Given::Speech(_) => Kind::Speech,
            Given::Keys(_) => Kind::Keys,
            Given::NoInput => Kind::Silence,
            Given::Noise => Kind::Noise,
            Given::Deaf => Kind::Deaf,
            Given::Calling => Kind::Calling,
            Given::Returned => Kind::Returned,
            Given::Closing => Kind::Closing,
            Given::Hurry => Kind::Hurry,
        };
        kind == self.kind
            && told.at == self.at
            && told.why == self.why
            && told.speech_end == self.speech_end
            && told.understood == self.understood
            && told.reply_at == self.reply_at
            && told.end.as_ref().map(|end| end.disposition())
                == self.end.as_ref().map(|end| end.disposition)
    }
}

impl Hearing {
    /// The best guess; empty: nothing was heard.
    pub fn text(&self) -> String {
        self.guesses
            .first()
            .map_or_else(String::new, |best| masked(&best.text))
    }
}
