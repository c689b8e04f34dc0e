//! A journaled call as turns: what the dialogue was given, and what it answered. What is compared when a
//! call is run again with other words, another business or another model, and what is told about it.

use crate::call::journal::{Entry, Journal};
use crate::call::{Action, EndOfTurn, Event, Mark, Note, PlaybackId, Recognition, Tick};
use crate::dialogue::{
    Disposition, Handover, Hypothesis, Lookup, LookupId, LookupResult, Sentence, Understood,
};
use std::collections::BTreeMap;

/// What a turn began with: an input of the dialogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// The call was answered.
    Start,
    /// Best guess first, never empty.
    Speech(Vec<Hypothesis>),
    /// As the dialogue got them: a secret entry is what stands for it.
    Keys(String),
    NoInput,
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

/// A question to the back end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub lookup: Lookup,
    pub at: Tick,
    /// The answer, and when it came; `None`: none came.
    pub answer: Option<(Tick, LookupResult)>,
}

/// One turn: an input, and all that followed from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    pub given: Given,
    /// When the dialogue got it.
    pub at: Tick,
    /// Last tick with the caller's voice in it, where words or a noise began the turn.
    pub speech_end: Option<Tick>,
    /// When the caller's voice began.
    pub speech_from: Option<Tick>,
    pub why: Option<EndOfTurn>,
    pub understood: Option<Understood>,
    pub said: Vec<Sentence>,
    /// When the first of them began to sound.
    pub reply_at: Option<Tick>,
    pub asked: Vec<Asked>,
    /// Where the caller cut in, and when.
    pub cut: Option<(Tick, Mark)>,
    pub end: Option<End>,
}

/// How a call was over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    HungUp(Disposition),
    HandedOver(Box<Handover>),
    /// The caller was gone.
    Gone,
}

impl End {
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::HungUp(disposition) => *disposition,
            Self::HandedOver(_) => Disposition::HandedOver,
            Self::Gone => Disposition::Abandoned,
        }
    }
}

impl Turn {
    fn new(given: Given, at: Tick) -> Self {
        Self {
            given,
            at,
            speech_end: None,
            speech_from: None,
            why: None,
            understood: None,
            said: Vec::new(),
            reply_at: None,
            asked: Vec::new(),
            cut: None,
            end: None,
        }
    }

    /// The caller's words or keys, for people. Secrets are `…`.
    pub fn words(&self) -> String {
        match &self.given {
            Given::Start => "(answered)".into(),
            Given::Speech(words) => words.first().map_or_else(String::new, |w| w.text.clone()),
            Given::Keys(keys) => format!("# {}", crate::pii::stand_in::masked(keys)),
            Given::NoInput => "(silence)".into(),
            Given::Noise => "(noise)".into(),
            Given::Deaf => "(not recognised)".into(),
            Given::Calling => "(a person is called)".into(),
            Given::Returned => "(nobody took the call)".into(),
            Given::Closing => "(closing)".into(),
            Given::Hurry => "(closing at once)".into(),
        }
    }

    /// What the bot said, as one text.
    pub fn text(&self) -> String {
        let said = self.said.iter().map(|sentence| sentence.text.as_str());
        said.collect::<Vec<_>>().join(" ")
    }

    /// From the caller's last voice to the bot's first sound, in ticks. `None`: the turn did not begin
    /// with a voice, or got no reply.
    pub fn reply_gap(&self) -> Option<Tick> {
        Some(self.reply_at?.saturating_sub(self.speech_end?))
    }
}

/// The turns of a call, in order. Replies that were taken back because the caller simply went on are left
/// out, as they were in the call.
pub fn turns(journal: &Journal) -> Vec<Turn> {
    let mut teller = Teller::default();
    for (tick, entry) in &journal.entries {
        match entry {
            Entry::In(event) => teller.event(*tick, event),
            Entry::Out(action) => teller.action(*tick, action),
        }
    }
    teller.turns
}

#[derive(Default)]
struct Teller {
    turns: Vec<Turn>,
    /// The last words of the recogniser.
    heard: Vec<Hypothesis>,
    speech_from: Option<Tick>,
    /// A turn of the caller is over, and what it was is not said yet.
    ended: Option<(Tick, EndOfTurn)>,
    /// Which turn a playback belongs to.
    playbacks: BTreeMap<PlaybackId, usize>,
    lookups: BTreeMap<LookupId, (usize, usize)>,
    /// A playback that only goes on with what was cut.
    resumed: Option<PlaybackId>,
    draining: bool,
}

impl Teller {
    fn begin(&mut self, given: Given, at: Tick) {
        let mut turn = Turn::new(given, at);
        if let Some((speech_end, why)) = self.ended.take() {
            turn.speech_end = Some(speech_end);
            turn.speech_from = self.speech_from.take();
            turn.why = Some(why);
        }
        self.turns.push(turn);
    }

    fn event(&mut self, now: Tick, event: &Event) {
        match event {
            Event::Answered(_) => self.begin(Given::Start, now),
            Event::Recognized {
                outcome: Recognition::Words(words),
                ..
            } => self.heard.clone_from(words),
            Event::Started(mark) => {
                let turn = self.playbacks.get(&mark.playback).copied();
                if let Some(turn) = turn.and_then(|turn| self.turns.get_mut(turn)) {
                    turn.reply_at.get_or_insert(now);
                }
            }
            Event::Found { id, result } => {
                let place = self.lookups.get(id).copied();
                let asked =
                    place.and_then(|(turn, nth)| self.turns.get_mut(turn)?.asked.get_mut(nth));
                if let Some(asked) = asked {
                    asked.answer = Some((now, result.clone()));
                }
            }
            Event::Calling => self.begin(Given::Calling, now),
            Event::Returned => self.begin(Given::Returned, now),
            Event::Drain => self.draining = true,
            Event::HungUp => self.end(End::Gone),
            _ => {}
        }
    }

    fn end(&mut self, end: End) {
        if let Some(turn) = self.turns.last_mut() {
            turn.end.get_or_insert(end);
        }
    }

    fn action(&mut self, now: Tick, action: &Action) {
        // The dialogue answers, and nobody said to what: there was no answer of the recogniser.
        let answers = matches!(
            action,
            Action::Say { .. } | Action::LookUp(_) | Action::HandOver(_) | Action::HangUp(_)
        );
        if answers && self.ended.is_some() {
            self.begin(Given::Deaf, now);
        }
        match action {
            Action::Note(note) => self.note(now, note),
            Action::Say {
                playback,
                sentences,
                first,
            } => {
                if self.draining && self.closes(sentences) {
                    self.draining = false;
                    self.begin(Given::Closing, now);
                }
                let Some(nth) = self.turns.len().checked_sub(1) else {
                    return;
                };
                self.playbacks.insert(*playback, nth);
                // The rest of what was said already, after a nod, is nothing new.
                if *first == 0
                    && self.resumed != Some(*playback)
                    && let Some(turn) = self.turns.last_mut()
                {
                    turn.said.extend(sentences.iter().cloned());
                }
            }
            Action::LookUp(lookup) => {
                let Some(nth) = self.turns.len().checked_sub(1) else {
                    return;
                };
                let asked = &mut self.turns[nth].asked;
                self.lookups.insert(lookup.id, (nth, asked.len()));
                asked.push(Asked {
                    lookup: lookup.clone(),
                    at: now,
                    answer: None,
                });
            }
            Action::HandOver(handover) => self.end(End::HandedOver(Box::new(handover.clone()))),
            Action::HangUp(disposition) => self.end(End::HungUp(*disposition)),
            Action::Recognize { .. }
            | Action::Abandon(_)
            | Action::Clear(_)
            | Action::CallOff
            | Action::Seal { .. } => {}
        }
    }

    /// Whether what is said now is due to the house closing: nothing else has just happened.
    fn closes(&self, sentences: &[Sentence]) -> bool {
        !sentences.is_empty() && self.turns.last().is_some_and(|turn| !turn.said.is_empty())
    }

    fn note(&mut self, now: Tick, note: &Note) {
        match note {
            Note::SpeechStarted => {
                self.speech_from.get_or_insert(now);
            }
            Note::TurnEnded { speech_end, why } => self.ended = Some((*speech_end, *why)),
            Note::Caller(best) => {
                let heard = std::mem::take(&mut self.heard);
                let guesses = if heard.first() == Some(best) {
                    heard
                } else {
                    vec![best.clone()]
                };
                self.begin(Given::Speech(guesses), now);
            }
            Note::Keys(keys) => self.begin(Given::Keys(keys.clone()), now),
            Note::NoInput => self.begin(Given::NoInput, now),
            Note::Noise => self.begin(Given::Noise, now),
            Note::Hurried => {
                self.draining = false;
                self.begin(Given::Hurry, now);
            }
            Note::Understood(understood) => {
                if let Some(turn) = self.turns.last_mut() {
                    Understood::join(&mut turn.understood, understood.clone());
                }
            }
            Note::BargedIn { mark } => {
                let turn = self.playbacks.get(&mark.playback).copied();
                if let Some(turn) = turn.and_then(|turn| self.turns.get_mut(turn)) {
                    turn.cut = Some((now, *mark));
                }
            }
            Note::Resumed { mark } => {
                self.resumed = Some(mark.playback);
                self.speech_from = None;
                if let Some(turn) = self.turns.last_mut() {
                    turn.cut = None;
                }
            }
            Note::TakenBack => {
                if let Some(turn) = self.turns.pop() {
                    self.speech_from = turn.speech_from;
                }
            }
        }
    }
}
