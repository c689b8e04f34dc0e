//! The call engine: one call as a state machine. Pure: events in ([`Call::handle`]), actions out
//! ([`Call::poll_action`], to be drained after every event); its clock is the media clock.
//!
//! [`Call`] owns the small machines (endpointer, keypad entry, playout, the caller's turn) and
//! decides what each of their results means. What is said is the dialogue's affair.

pub mod endpoint;
pub mod event;
pub mod journal;
pub mod keypad;
pub mod playout;
pub mod replay;
mod reply;
mod turn;
mod typed;

pub use event::*;

use crate::audio::{Digit, DigitMerge, DigitSource, Heard};
use crate::dialogue::{
    BargeIn, Completeness, Dialogue, Disposition, Hypothesis, Input, Interruption, LookupId,
    LookupResult, Question, Reply, Then,
};
use crate::pii::stand_in::KEY;
use endpoint::{Edge, Endpointer};
use keypad::Entry;
use playout::Playout;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use turn::{CallerTurn, Committed};

/// What the engine needs of a dialogue.
pub trait Converse: Clone {
    fn step(&mut self, input: Input<'_>) -> Reply;
    /// The question that is open after the last step.
    fn question(&self) -> &Question;
    /// Can these words be the whole turn?
    fn completeness(&self, hypotheses: &[Hypothesis]) -> Completeness;
    /// Words over a prompt; `asked`: the sentence with the open question had begun to sound.
    fn interruption(&self, hypotheses: &[Hypothesis], asked: bool) -> Interruption;
    /// Whether the open question's rule allows this secret: for who keeps the digits.
    fn allows(&self, _digits: &str) -> bool {
        true
    }
}

impl Converse for Dialogue {
    fn step(&mut self, input: Input<'_>) -> Reply {
        Self::step(self, input)
    }

    fn question(&self) -> &Question {
        Self::question(self)
    }

    fn completeness(&self, hypotheses: &[Hypothesis]) -> Completeness {
        Self::completeness(self, hypotheses)
    }

    fn interruption(&self, hypotheses: &[Hypothesis], asked: bool) -> Interruption {
        Self::interruption(self, hypotheses, asked)
    }

    fn allows(&self, digits: &str) -> bool {
        Self::allows(self, digits)
    }
}

/// When a caller's turn is over, in ms of silence after its last voice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpointing {
    /// Recognition starts, while the caller may still go on.
    pub early_ms: u32,
    /// The words fill the open question.
    pub complete_ms: u32,
    /// The words are a whole sentence.
    pub whole_ms: u32,
    /// The words may be the whole turn.
    pub open_ms: u32,
    /// The words surely go on.
    pub incomplete_ms: u32,
    /// Longest turn; pauses do not count.
    pub max_speech_ms: u32,
}

/// A back end that has not answered after this long is taken for dead.
const PATIENCE: Tick = ticks(5000);

/// One that has not answered after this long is spoken about, where nothing else is.
const BRIDGE: Tick = ticks(900);

/// Keys this close to each other are pressed without listening.
const BURST: Tick = ticks(700);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Not answered yet.
    Ringing,
    Talking,
    /// Handed over, hung up or gone: nothing happens any more (but a return from a handover).
    Over,
}

/// A question that was passed on to the back end.
#[derive(Clone, Copy, Debug)]
struct Asked {
    /// The engine's number for it.
    id: LookupId,
    /// The dialogue's.
    own: LookupId,
    at: Tick,
    /// The caller was told that it takes a while.
    bridged: bool,
}

/// One call.
#[derive(Clone, Debug)]
pub struct Call<D> {
    now: Tick,
    phase: Phase,
    endpointing: Endpointing,
    dialogue: D,
    endpointer: Endpointer,
    keys: Entry,
    merge: DigitMerge,
    /// The last key, when it led nowhere.
    useless_key: Option<Tick>,
    /// A secret entry is complete, and what stands for it not known yet.
    sealing: bool,
    playout: Playout,
    /// What follows once everything was heard; `None` while it is done already.
    then: Option<Then>,
    turn: Option<CallerTurn>,
    committed: Option<Committed<D>>,
    /// Voice over the prompt of a secret question.
    spoken_secret: Option<Span>,
    /// A question that the back end has not answered.
    lookup: Option<Asked>,
    /// An answer that came while the caller was speaking.
    found: Option<(LookupId, LookupResult)>,
    /// Silence since this tick counts as no input.
    waiting_since: Option<Tick>,
    draining: bool,
    /// A person is being called meanwhile.
    calling: bool,
    /// The caller's side has not been quiet since a turn reached its limit.
    shouting: bool,
    disposition: Option<Disposition>,
    next_playback: PlaybackId,
    next_recognition: RecognitionId,
    next_lookup: LookupId,
    actions: VecDeque<Action>,
}

impl<D: Converse> Call<D> {
    /// A call that waits to be answered. `dialogue` is fresh: its first step is `Input::Start`.
    pub fn new(endpointing: Endpointing, dialogue: D) -> Self {
        Self {
            now: 0,
            phase: Phase::Ringing,
            endpointing,
            dialogue,
            endpointer: Endpointer::new(endpointing.early_ms),
            keys: Entry::default(),
            merge: DigitMerge::default(),
            useless_key: None,
            sealing: false,
            playout: Playout::default(),
            then: None,
            turn: None,
            committed: None,
            spoken_secret: None,
            lookup: None,
            found: None,
            waiting_since: None,
            draining: false,
            calling: false,
            shouting: false,
            disposition: None,
            next_playback: 1,
            next_recognition: 1,
            next_lookup: 1,
            actions: VecDeque::with_capacity(8),
        }
    }

    /// Takes one event. Drain [`Self::poll_action`] before the next.
    pub fn handle(&mut self, event: &Event) {
        debug_assert!(
            self.actions.is_empty(),
            "actions are drained after every event"
        );
        match (event, self.phase) {
            (Event::Heard(_) | Event::Gap, Phase::Ringing | Phase::Over) => self.now += 1,
            (Event::Heard(heard), Phase::Talking) => self.tick(*heard),
            // Nothing arrived: as good as silence, and it moves the clock.
            (Event::Gap, Phase::Talking) => self.tick(Heard {
                voice: 0,
                level: 127,
                tone: false,
            }),
            (Event::Answered(_), Phase::Ringing) => {
                self.phase = Phase::Talking;
                self.step(Input::Start);
            }
            (Event::Calling, Phase::Over) if self.disposition == Some(Disposition::HandedOver) => {
                self.calling()
            }
            (Event::Joined, Phase::Talking) => self.joined(),
            (Event::Returned, Phase::Over) if self.disposition == Some(Disposition::HandedOver) => {
                self.returned()
            }
            (Event::Returned, Phase::Talking) if self.calling => self.returned(),
            (Event::Digit { digit, source }, Phase::Talking) => self.digit(*digit, *source),
            (Event::SecretDigit, Phase::Talking) => self.secret_digit(),
            (Event::Sealed { entry }, Phase::Talking) => self.sealed(entry),
            (Event::Typed { text }, Phase::Talking) => self.typed(text),
            (Event::Recognized { id, outcome }, Phase::Talking) => self.recognized(*id, outcome),
            (Event::Started(mark), Phase::Talking) => self.playout.started(self.now, *mark),
            (
                Event::Played {
                    mark,
                    cleared: false,
                },
                Phase::Talking,
            ) => self.played(*mark),
            (Event::Found { id, result }, Phase::Talking) => self.found(*id, result),
            (Event::Drain, Phase::Talking) => self.drain(),
            (Event::Hurry, Phase::Talking) => self.hurry(),
            (Event::HungUp, Phase::Ringing | Phase::Talking) => self.hung_up(),
            // Late, repeated or impossible: changes nothing.
            _ => {}
        }
    }

    /// What the call wants done, in order; `None` when that was all.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Ticks since the first.
    pub fn now(&self) -> Tick {
        self.now
    }

    /// How the call ended; `None` while it goes on.
    pub fn disposition(&self) -> Option<Disposition> {
        self.disposition
    }

    /// The dialogue as it stands.
    pub fn dialogue(&self) -> &D {
        &self.dialogue
    }

    fn act(&mut self, action: Action) {
        self.actions.push_back(action);
    }

    fn note(&mut self, note: Note) {
        self.actions.push_back(Action::Note(note));
    }

    fn tick(&mut self, heard: Heard) {
        self.now += 1;
        match self.endpointer.hear(self.now, heard) {
            Some(Edge::Started { from }) => self.speech_started(from),
            Some(Edge::Paused) => self.speech_paused(),
            None => {}
        }
        self.poll_turn();
        if let Some(entry) = self.keys.poll(self.now) {
            self.keyed(&entry);
        }
        self.poll_lookup();
        self.poll_silence();
    }

    fn poll_lookup(&mut self) {
        if let Some(asked) = self.lookup {
            let since = self.now.saturating_sub(asked.at);
            if since >= PATIENCE {
                self.found(asked.id, &LookupResult::Failed);
            } else if since >= BRIDGE
                && !asked.bridged
                && self.turn.is_none()
                && self.playout.is_silent()
            {
                self.lookup = Some(Asked {
                    bridged: true,
                    ..asked
                });
                self.step(Input::Slow);
            }
        }
        if self.turn.is_none()
            && let Some((id, result)) = self.found.take()
        {
            self.step(Input::Found {
                lookup: id,
                result: &result,
            });
        }
    }

    /// Fires when the caller, having heard everything, says and keys nothing.
    fn poll_silence(&mut self) {
        let Some(since) = self.waiting_since else {
            return;
        };
        let speaking = self.endpointer.is_speaking() && !self.shouting;
        if self.turn.is_some() || !self.keys.is_empty() || speaking {
            return;
        }
        if self.draining {
            self.draining = false;
            self.step(Input::Closing);
        } else if self.now.saturating_sub(since) >= ticks(self.dialogue.question().no_input_ms) {
            self.note(Note::NoInput);
            self.step(Input::NoInput);
        }
    }

    fn digit(&mut self, digit: Digit, source: DigitSource) {
        if !self.merge.accept(digit, source, self.now) || !self.pressed() {
            return;
        }
        let rules = self.dialogue.question().keypad.clone();
        if let Some(entry) = self.keys.press(self.now, digit, &rules) {
            self.keyed(&entry);
        }
    }

    /// Doubles were left out already: only who feeds the call can tell them.
    fn secret_digit(&mut self) {
        if !self.dialogue.question().secret || !self.pressed() {
            return;
        }
        let rules = self.dialogue.question().keypad.clone();
        if let Some(entry) = self.keys.press_secret(self.now, &rules) {
            self.keyed(&entry);
        }
    }

    /// What any key does, whichever it is; `false`: it counts for nothing.
    fn pressed(&mut self) -> bool {
        if self.is_farewell() {
            return false;
        }
        // An order number keyed at a yes-or-no question is one mistake, not six.
        if self
            .useless_key
            .is_some_and(|then| self.since(then) < BURST)
        {
            self.useless_key = Some(self.now);
            return false;
        }
        self.useless_key = None;
        // Keys win over speech, and over a prompt that may be cut; over another they are kept.
        self.committed = None;
        self.spoken_secret = None;
        self.drop_turn();
        if self
            .playout
            .current()
            .is_some_and(|playing| playing.barge_in != BargeIn::Never)
        {
            self.cut();
        }
        self.waiting_since = self.waiting_since.map(|_| self.now);
        true
    }

    /// An entry is complete. What stands for a secret one must be fetched first.
    fn keyed(&mut self, entry: &str) {
        if entry.contains(KEY) {
            self.sealing = true;
            self.waiting_since = self.waiting_since.map(|_| self.now);
            let keys = u8::try_from(entry.chars().count()).unwrap_or(u8::MAX);
            self.act(Action::Seal { keys });
        } else {
            self.entered(entry);
        }
    }

    fn sealed(&mut self, entry: &str) {
        if std::mem::take(&mut self.sealing) {
            self.entered(entry);
        }
    }

    fn entered(&mut self, entry: &str) {
        self.note(Note::Keys(entry.to_owned()));
        let asked = self.dialogue.question().clone();
        self.step(Input::Keys(entry));
        let stuck = self.phase == Phase::Talking && *self.dialogue.question() == asked;
        self.useless_key = stuck.then_some(self.now);
    }

    /// The last words before the call leaves us sound, and may not be cut.
    fn is_farewell(&self) -> bool {
        let leaving = matches!(self.then, Some(Then::HandOver(_) | Then::HangUp(_)));
        leaving
            && self
                .playout
                .current()
                .is_some_and(|playing| playing.barge_in == BargeIn::Never)
    }

    fn found(&mut self, id: LookupId, result: &LookupResult) {
        let Some(asked) = self.lookup else {
            return;
        };
        if asked.id == id {
            self.lookup = None;
            self.found = Some((asked.own, result.clone()));
            if self.turn.is_none() {
                self.poll_lookup();
            }
        }
    }

    /// A person is called, and the caller stays.
    fn calling(&mut self) {
        self.calling = true;
        self.phase = Phase::Talking;
        self.disposition = None;
        self.endpointer.reset();
        self.step(Input::Calling);
    }

    /// That person has the caller now.
    fn joined(&mut self) {
        self.silence();
        self.dialogue.step(Input::Joined);
        self.end(Disposition::HandedOver);
    }

    fn returned(&mut self) {
        if self.phase == Phase::Talking {
            self.silence();
        }
        self.calling = false;
        self.phase = Phase::Talking;
        self.disposition = None;
        self.endpointer.reset();
        self.step(Input::Returned);
    }

    /// Nobody speaks any more: neither the caller's turn nor what is playing counts.
    fn silence(&mut self) {
        self.committed = None;
        self.drop_turn();
        self.cut();
    }

    fn drain(&mut self) {
        self.draining = true;
        self.poll_silence();
    }

    /// Nobody waits for the floor any more. Who is leaving already, or about to be joined to a person, goes on.
    fn hurry(&mut self) {
        self.draining = false;
        let leaving = matches!(self.then, Some(Then::HandOver(_) | Then::HangUp(_)));
        if self.calling || leaving {
            return;
        }
        self.silence();
        if self.phase != Phase::Talking {
            return;
        }
        self.keys.clear();
        self.lookup = None;
        self.found = None;
        self.note(Note::Hurried);
        self.step(Input::Hurry);
    }

    fn hung_up(&mut self) {
        self.forget_answer();
        self.turn = None;
        self.end(Disposition::Abandoned);
    }

    fn end(&mut self, disposition: Disposition) {
        self.phase = Phase::Over;
        self.disposition = Some(disposition);
        self.playout.clear();
        self.keys.clear();
        self.then = None;
        self.lookup = None;
        self.found = None;
        self.waiting_since = None;
        self.committed = None;
        self.calling = false;
    }
}
