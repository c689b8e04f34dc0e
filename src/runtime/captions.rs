//! What a screen shows of a call, from what passes through its session: the caller's words while they
//! are being recognised and once the dialogue has them, and each sentence of the bot when it begins to
//! sound. Decides which words replace which; a secret is dots.

use super::contract::{Caption, Out, Who, Words};
use crate::call::{Action, Event, Mark, Note, PlaybackId, Recognition};
use crate::dialogue::Sentence;
use crate::pii::stand_in::{KEY, StandIn, masked};
use std::collections::BTreeMap;

/// Replies whose sentences are known: more are never waiting to be said.
const REPLIES: usize = 16;

/// Makes a call's captions.
#[derive(Debug, Default)]
pub struct Captions {
    /// Sentences of the last replies, and the number of the first of them.
    replies: BTreeMap<PlaybackId, (Vec<Sentence>, u32)>,
    /// Numbers given to sentences so far.
    sentences: u32,
    /// The sentence that sounds, or did last.
    sounding: Option<Mark>,
    /// What is resumed keeps its numbers.
    resumed: Option<u32>,
    /// Number of the caller's turn.
    turn: u32,
    /// Words of this turn that are on the screen and may still change.
    interim: Option<String>,
    /// Number of the first sentence of the reply that was cut last.
    cut: Option<u32>,
    secret: bool,
}

impl Captions {
    /// An event that the engine is about to handle. `hidden`: the caller is at a secret.
    pub fn event(&mut self, event: &Event, hidden: bool, out: &mut Vec<Out>) {
        match event {
            Event::Started(mark) => self.started(*mark, out),
            Event::Recognized {
                outcome: Recognition::Words(words),
                ..
            } if !hidden => {
                if let Some(best) = words.first() {
                    self.interim = Some(best.text.clone());
                    self.caller(&best.text, Words::Interim, out);
                }
            }
            _ => {}
        }
    }

    /// What the engine wants done.
    pub fn action(&mut self, action: &Action, out: &mut Vec<Out>) {
        match action {
            Action::Say {
                playback,
                sentences,
                ..
            } => self.say(*playback, sentences),
            Action::Note(note) => self.note(note, out),
            _ => {}
        }
    }

    /// Whether the open question is a secret one, now.
    pub fn secret(&mut self, secret: bool, out: &mut Vec<Out>) {
        if std::mem::replace(&mut self.secret, secret) != secret {
            out.push(Out::Caption(Caption::Secret(secret)));
        }
    }

    /// Something was typed at a secret question and is not looked at: dots.
    pub fn dots(&mut self, count: usize, out: &mut Vec<Out>) {
        let dots: String = std::iter::repeat_n(KEY, count.clamp(1, 12)).collect();
        self.end_turn(&dots, out);
    }

    fn say(&mut self, playback: PlaybackId, sentences: &[Sentence]) {
        let first = self.resumed.take().unwrap_or_else(|| {
            let first = self.sentences;
            self.sentences += sentences.len() as u32;
            first
        });
        self.replies.insert(playback, (sentences.to_vec(), first));
        while self.replies.len() > REPLIES {
            self.replies.pop_first();
        }
    }

    fn note(&mut self, note: &Note, out: &mut Vec<Out>) {
        match note {
            Note::Caller(heard) => self.end_turn(&heard.text.clone(), out),
            Note::Keys(entry) => match StandIn::of(entry) {
                Some(secret) => self.dots(secret.digits, out),
                None => self.end_turn(&entry.replace(KEY, ""), out),
            },
            // The words that were a turn are to be said anew, with more.
            Note::TakenBack => self.turn = self.turn.saturating_sub(1),
            Note::BargedIn { mark } => self.interrupted(*mark, out),
            Note::Resumed { .. } => {
                self.resumed = self.cut.take();
                // A nod stays as it was heard.
                if let Some(words) = self.interim.take() {
                    self.end_turn(&words, out);
                }
            }
            _ => {}
        }
    }

    fn started(&mut self, mark: Mark, out: &mut Vec<Out>) {
        self.sounding = Some(mark);
        self.bot(mark, Words::Final, out);
    }

    fn interrupted(&mut self, mark: Mark, out: &mut Vec<Out>) {
        self.cut = self.replies.get(&mark.playback).map(|(_, first)| *first);
        // What had not begun to sound was never shown.
        if self.sounding == Some(mark) {
            self.bot(mark, Words::Cut, out);
        }
    }

    fn bot(&self, mark: Mark, state: Words, out: &mut Vec<Out>) {
        let Some((sentences, first)) = self.replies.get(&mark.playback) else {
            return;
        };
        let Some(sentence) = sentences.get(usize::from(mark.sentence)) else {
            return;
        };
        out.push(Out::Caption(Caption::Words {
            who: Who::Bot,
            id: first + u32::from(mark.sentence),
            text: masked(&sentence.text),
            language: sentence.language.clone(),
            state,
        }));
    }

    fn end_turn(&mut self, text: &str, out: &mut Vec<Out>) {
        if !text.is_empty() {
            self.caller(text, Words::Final, out);
            self.turn += 1;
        }
        self.interim = None;
    }

    fn caller(&self, text: &str, state: Words, out: &mut Vec<Out>) {
        out.push(Out::Caption(Caption::Words {
            who: Who::Caller,
            id: self.turn,
            text: text.to_owned(),
            language: String::new(),
            state,
        }));
    }
}

#[cfg(test)]
#[path = "captions_tests.rs"]
mod tests;
