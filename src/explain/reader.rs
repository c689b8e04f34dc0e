//! Reads a journal into a [`Timeline`]: one pass, entry by entry. The turns are those that
//! `bundle::story` tells; what was taken back stays here, marked.

mod bot;

use super::measure;
use super::rules::{Rules, Told};
use super::timeline::{End, Hearing, Key, Kind, Overheard, Timeline, Turn};
use crate::audio::Heard;
use crate::call::endpoint::{Edge, Endpointer};
use crate::call::journal::{Entry, Journal};
use crate::call::{
    Action, EndOfTurn, Event, Note, PlaybackId, Recognition, RecognitionId, Span, Tick,
};
use crate::dialogue::{Disposition, Hypothesis, LookupId};
use crate::pii::stand_in::{KEY, masked};
use std::collections::BTreeMap;

/// No call is longer, in ticks: a week. A damaged journal may say otherwise.
const LONGEST: Tick = 7 * 24 * 3600 * 50;

/// Reads one call.
pub(super) struct Reader<'a> {
    journal: &'a Journal,
    rules: &'a Rules,
    line: Timeline,
    now: Tick,
    endpointer: Endpointer,
    /// The stretch of voice that runs.
    voice: Option<Tick>,
    /// When the turn in the making began.
    speech_from: Option<Tick>,
    ended: Option<(Tick, EndOfTurn)>,
    /// Requests that belong to no turn yet.
    hearings: Vec<(RecognitionId, Hearing)>,
    playbacks: BTreeMap<PlaybackId, usize>,
    lookups: BTreeMap<LookupId, (usize, usize)>,
    /// What is said next under this number is the rest of a prompt that was cut.
    resumed: Option<PlaybackId>,
    /// The first key of an entry.
    keyed_from: Option<Tick>,
    draining: bool,
    answered: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(journal: &'a Journal, rules: &'a Rules) -> Self {
        Self {
            journal,
            rules,
            line: Timeline {
                endpointing: journal.header.endpointing,
                ticks: 0,
                truncated: journal.truncated,
                turns: Vec::new(),
                speech: Vec::new(),
                gaps: Vec::new(),
                keys: Vec::new(),
                voice: Vec::new(),
                level: Vec::new(),
            },
            now: 0,
            endpointer: Endpointer::new(journal.header.endpointing.early_ms),
            voice: None,
            speech_from: None,
            ended: None,
            hearings: Vec::new(),
            playbacks: BTreeMap::new(),
            lookups: BTreeMap::new(),
            resumed: None,
            keyed_from: None,
            draining: false,
            answered: false,
        }
    }

    pub(super) fn read(mut self) -> Timeline {
        let journal = self.journal;
        let mut cause = None;
        for (index, (tick, entry)) in journal.entries.iter().enumerate() {
            match entry {
                Entry::In(event) => {
                    self.learn(cause.replace(index));
                    self.event(*tick, event);
                }
                Entry::Out(action) => self.action(*tick, action),
            }
        }
        self.learn(cause);
        self.finish()
    }

    /// What the rules told of an event, now that its actions are known.
    fn learn(&mut self, cause: Option<usize>) {
        let told = cause.map_or(&[][..], |index| self.rules.at(index));
        for one in told {
            match one {
                Told::Judged(judged) => {
                    if let Some(hearing) = self.judging() {
                        hearing.judged.get_or_insert(*judged);
                    }
                }
                Told::Step {
                    question,
                    why,
                    path,
                    mood,
                } => {
                    if let Some(turn) = self.line.turns.last_mut() {
                        turn.question.get_or_insert_with(|| question.clone());
                        turn.rules.extend(why.iter().map(|line| masked(line)));
                        // Its steps are run from the top after every turn and answer: once will do.
                        for step in path.iter().map(|step| masked(step)) {
                            if !turn.path.contains(&step) {
                                turn.path.push(step);
                            }
                        }
                        turn.mood = Some(*mood);
                    }
                }
            }
        }
    }

    /// The request whose answer has just come: it may have ended a turn already, or been a nod.
    fn judging(&mut self) -> Option<&mut Hearing> {
        if let Some((_, hearing)) = self.hearings.last_mut() {
            return Some(hearing);
        }
        let turn = self.line.turns.last_mut()?;
        match turn.overheard.last_mut() {
            Some(aside) if aside.resumed == Some(self.now) => aside.hearings.last_mut(),
            _ => turn.hearings.last_mut(),
        }
    }

    fn event(&mut self, tick: Tick, event: &Event) {
        self.now = self.now.max(tick.min(LONGEST));
        match event {
            Event::Answered(_) => {
                self.answered = true;
                self.begin(Kind::Answered, "(answered)".into(), Vec::new());
            }
            Event::Heard(heard) => self.tick(*heard, false),
            Event::Gap => {
                let silent = Heard {
                    level: 127,
                    ..Heard::default()
                };
                self.tick(silent, true);
            }
            Event::Digit { digit, .. } => self.key(digit.as_char()),
            Event::SecretDigit => self.key(KEY),
            Event::Typed { .. } => self.quiet(),
            Event::Recognized { id, outcome } => self.recognized(*id, outcome),
            Event::Started(mark) => self.started(*mark),
            Event::Played {
                mark,
                cleared: false,
            } => self.played(*mark),
            Event::Found { id, result } => self.found(*id, result),
            Event::Calling => {
                self.quiet();
                self.begin(Kind::Calling, "(a person is called)".into(), Vec::new());
            }
            Event::Returned => {
                self.quiet();
                self.begin(Kind::Returned, "(nobody took the call)".into(), Vec::new());
            }
            Event::Drain => self.draining = true,
            Event::HungUp => {
                self.silence();
                self.end(Disposition::Abandoned, String::new());
            }
            // It is the end of the turn that wanted the person.
            Event::Joined
            | Event::Hurry
            | Event::Sealed { .. }
            | Event::Played { cleared: true, .. } => {}
        }
    }

    fn tick(&mut self, heard: Heard, gap: bool) {
        let now = self.line.voice.len() as Tick + 1;
        self.line.voice.push(heard.voice);
        self.line.level.push(heard.level);
        if gap {
            match self.line.gaps.last_mut() {
                Some(last) if last.to == now => last.to = now + 1,
                _ => self.line.gaps.push(Span {
                    from: now,
                    to: now + 1,
                }),
            }
        }
        if !self.answered {
            return;
        }
        match self.endpointer.hear(now, heard) {
            Some(Edge::Started { from }) => self.voice = Some(from),
            Some(Edge::Paused) => self.pause(),
            None => {}
        }
    }

    fn pause(&mut self) {
        if let Some(from) = self.voice.take() {
            let to = self.endpointer.last_voice() + 1;
            self.line.speech.push(Span { from, to });
        }
    }

    /// As the engine does: what is said now is not listened to any more.
    fn quiet(&mut self) {
        self.pause();
        self.endpointer.reset();
    }

    fn key(&mut self, key: char) {
        self.quiet();
        self.keyed_from.get_or_insert(self.now);
        self.line.keys.push(Key { at: self.now, key });
    }

    fn recognize(&mut self, id: RecognitionId, spans: &[Span], language: &str) {
        // The words of before are no longer all: voice came after them.
        let went_on = self.line.speech.last().map_or(self.now, |last| last.from);
        for (_, before) in &mut self.hearings {
            before.dropped.get_or_insert(went_on);
        }
        self.hearings.push((
            id,
            Hearing {
                asked: self.now,
                spans: spans.to_vec(),
                language: language.to_owned(),
                answered: None,
                guesses: Vec::new(),
                failed: false,
                dropped: None,
                judged: None,
            },
        ));
    }

    fn recognized(&mut self, id: RecognitionId, outcome: &Recognition) {
        let Some((_, hearing)) = self.hearings.iter_mut().find(|(known, _)| *known == id) else {
            return;
        };
        hearing.answered = Some(self.now);
        match outcome {
            Recognition::Words(words) => hearing.guesses.clone_from(words),
            Recognition::Nothing => {}
            Recognition::Failed => hearing.failed = true,
        }
    }

    fn action(&mut self, tick: Tick, action: &Action) {
        self.now = self.now.max(tick.min(LONGEST));
        let answers = matches!(
            action,
            Action::Say { .. } | Action::LookUp(_) | Action::HandOver(_) | Action::HangUp(_)
        );
        // The dialogue answers, and nobody said to what: there was no answer of the recogniser.
        if answers && self.ended.is_some() {
            self.begin(Kind::Deaf, "(not recognised)".into(), Vec::new());
        }
        match action {
            Action::Note(note) => self.note(note),
            Action::Recognize {
                id,
                spans,
                language,
                ..
            } => self.recognize(*id, spans, language),
            Action::Abandon(id) => {
                let now = self.now;
                let mut known = self.hearings.iter_mut();
                if let Some((_, hearing)) = known.find(|(known, _)| known == id) {
                    hearing.dropped = Some(now);
                }
            }
            Action::Say {
                playback,
                sentences,
                first,
            } => self.say(*playback, sentences, *first),
            Action::Clear(_) => self.silence(),
            Action::LookUp(lookup) => self.look_up(lookup),
            Action::HandOver(handover) => {
                let told = format!("{:?}: {}", handover.reason, masked(&handover.summary));
                self.end(Disposition::HandedOver, told);
            }
            Action::HangUp(disposition) => self.end(*disposition, String::new()),
            Action::CallOff | Action::Seal { .. } => {}
        }
    }

    fn end(&mut self, disposition: Disposition, handover: String) {
        let at = self.now;
        if let Some(turn) = self.line.turns.last_mut() {
            turn.end.get_or_insert(End {
                at,
                disposition,
                handover,
            });
        }
    }

    fn note(&mut self, note: &Note) {
        match note {
            Note::SpeechStarted => {
                let from = self.voice.unwrap_or(self.now);
                // What was in the making came to nothing: too short for a noise.
                self.aside(None);
                self.speech_from = Some(from);
            }
            Note::TurnEnded { speech_end, why } => {
                self.ended = Some(((*speech_end).min(self.now), *why));
            }
            Note::Caller(best) => {
                let used = self.hearings.iter().rev().map(|(_, hearing)| hearing);
                let heard = used.filter(|hearing| hearing.guesses.first() == Some(best));
                let heard = heard.map(|hearing| hearing.guesses.clone()).next();
                let guesses = heard.unwrap_or_else(|| vec![best.clone()]);
                self.begin(Kind::Speech, masked(&best.text), guesses);
            }
            Note::Keys(keys) => self.begin(Kind::Keys, masked(keys), Vec::new()),
            Note::NoInput => self.begin(Kind::Silence, "(silence)".into(), Vec::new()),
            Note::Noise => self.begin(Kind::Noise, "(noise)".into(), Vec::new()),
            Note::Hurried => {
                self.draining = false;
                self.begin(Kind::Hurry, "(closing at once)".into(), Vec::new());
            }
            Note::Understood(more) => {
                let Some(turn) = self.line.turns.last_mut() else {
                    return;
                };
                let known = turn.understood.get_or_insert_default();
                if known.intent.is_empty() {
                    known.intent.clone_from(&more.intent);
                    known.confidence = more.confidence;
                }
                let slots = more.slots.iter();
                known
                    .slots
                    .extend(slots.map(|(name, value)| (name.clone(), masked(value))));
            }
            Note::BargedIn { mark } => {
                let turn = self.playbacks.get(&mark.playback).copied();
                if let Some(turn) = turn.and_then(|turn| self.line.turns.get_mut(turn)) {
                    turn.cut = Some(self.now);
                }
            }
            Note::Resumed { mark } => {
                self.resumed = Some(mark.playback);
                self.aside(Some(self.now));
                if let Some(turn) = self.line.turns.last_mut() {
                    turn.cut = None;
                }
            }
            Note::TakenBack => {
                if let Some(turn) = self.line.turns.last_mut() {
                    turn.taken_back = Some(self.now);
                    turn.cut = None;
                    self.speech_from = turn.speech_end.map(|_| turn.from);
                }
            }
        }
    }

    /// What was heard so far is no turn: it stays beside the turn before it.
    fn aside(&mut self, resumed: Option<Tick>) {
        let hearings: Vec<Hearing> = self
            .hearings
            .drain(..)
            .map(|(_, hearing)| hearing)
            .collect();
        let at = self.speech_from.take();
        if hearings.is_empty() && resumed.is_none() {
            return;
        }
        if let Some(turn) = self.line.turns.last_mut() {
            turn.overheard.push(Overheard {
                at: at.unwrap_or(self.now),
                resumed,
                words: hearings.last().map(Hearing::text).unwrap_or_default(),
                hearings,
            });
        }
    }

    fn begin(&mut self, kind: Kind, words: String, guesses: Vec<Hypothesis>) {
        let ended = self.ended.take();
        let spoken = ended.is_some().then(|| self.speech_from.take()).flatten();
        let keyed = self.keyed_from.take().filter(|_| kind == Kind::Keys);
        let hearings = if ended.is_some() {
            self.hearings
                .drain(..)
                .map(|(_, hearing)| hearing)
                .collect()
        } else {
            self.aside(None);
            Vec::new()
        };
        self.line.turns.push(Turn {
            number: self.line.turns.len(),
            kind,
            words,
            guesses,
            from: spoken.or(keyed).unwrap_or(self.now),
            at: self.now,
            speech_end: ended.map(|(speech_end, _)| speech_end),
            why: ended.map(|(_, why)| why),
            ended: String::new(),
            question: None,
            hearings,
            overheard: Vec::new(),
            understood: None,
            rules: Vec::new(),
            path: Vec::new(),
            mood: None,
            asked: Vec::new(),
            said: Vec::new(),
            reply_at: None,
            stages: Vec::new(),
            cut: None,
            taken_back: None,
            end: None,
        });
    }

    fn finish(mut self) -> Timeline {
        self.pause();
        self.aside(None);
        self.line.ticks = self.now.max(self.line.voice.len() as Tick);
        measure::all(&mut self.line);
        self.line
    }
}
