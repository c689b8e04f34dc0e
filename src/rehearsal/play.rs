//! Performs an example's acts against a dialogue and a back end, by text: what the call engine would do
//! with them, without its sound and its clock.

use super::script::{Act, Ended, Guess, Mode, Setting};
use super::{Answers, Speaker, Step};
use crate::audio::Digit;
use crate::call::keypad::Entry;
use crate::dialogue::{
    BargeIn, Hypothesis, Input, Interruption, Lookup, LookupResult, Reply, Then, Understood, Word,
};
use crate::pii::stand_in::{KEY, masked};
use crate::pii::vault::Vault;
use jiff::civil::DateTime;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Questions to the back end in one turn, after which it is taken to go round in circles.
const MOST_LOOKUPS: usize = 64;
/// How fast a reply is spoken, in ms per letter: where a barge-in cuts it is an estimate.
const LETTER_MS: u32 = 65;

/// What one act led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// Sentences, in order.
    pub said: Vec<String>,
    pub understood: Option<Understood>,
    /// Name of the open question (empty: any wish); `None`: it cannot be told.
    pub asks: Option<String>,
    pub done: Vec<Operation>,
    /// How the call is over, if it is.
    pub ended: Option<Ended>,
    /// The caller only nodded: the reply before goes on.
    pub goes_on: bool,
    /// The words that were heard, where that may differ from what was said.
    pub heard: Option<String>,
}

impl Turn {
    /// Intents and slots that were understood.
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        let understood = self.understood.iter();
        understood.flat_map(|understood| {
            let intent = Some(&understood.intent).filter(|intent| !intent.is_empty());
            let slots = understood.slots.keys().map(|name| format!("slot:{name}"));
            intent
                .map(|intent| format!("intent:{intent}"))
                .into_iter()
                .chain(slots)
        })
    }
}

/// A question that a back end has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub name: String,
    /// Secrets are `…`.
    pub arguments: BTreeMap<String, String>,
    /// It changed something.
    pub changes: bool,
}

/// Acts on one call.
pub trait Performer {
    /// The call is answered.
    fn begin(&mut self) -> Turn;

    /// # Errors
    /// Why this cannot happen now: the call is over.
    fn act(&mut self, act: &Act) -> Result<Turn, String>;

    fn arrange(&mut self, setting: &Setting);

    /// Arrangements that nothing came of.
    fn arranged(&self) -> Vec<Setting>;
}

/// A call by text.
#[derive(Clone, Debug)]
pub struct Play<S, A> {
    speaker: S,
    answers: A,
    now: DateTime,
    arranged: Vec<Setting>,
    vault: Vault,
    /// A question that a slow back end has not answered.
    pending: Option<Lookup>,
    ended: Option<Ended>,
    /// What was said last, for cutting in.
    last: Option<Reply>,
    met: BTreeSet<Step>,
    took: Vec<Duration>,
}

impl<S: Speaker, A: Answers> Play<S, A> {
    /// A call that is about to be answered at `now`.
    pub fn new(speaker: S, answers: A, now: DateTime) -> Self {
        Self {
            speaker,
            answers,
            now,
            arranged: Vec::new(),
            vault: Vault::default(),
            pending: None,
            ended: None,
            last: None,
            met: BTreeSet::new(),
            took: Vec::new(),
        }
    }

    pub fn speaker(&self) -> &S {
        &self.speaker
    }

    /// How the call is over, if it is.
    pub fn ended(&self) -> Option<Ended> {
        self.ended
    }

    /// Steps that were met so far.
    pub fn met(&self) -> &BTreeSet<Step> {
        &self.met
    }

    /// Computing time of each turn so far.
    pub fn took(&self) -> &[Duration] {
        &self.took
    }

    /// One step, and what follows from it without the caller.
    fn step(&mut self, input: Input<'_>, turn: &mut Turn) {
        let mut reply = self.speaker.step(input);
        for _ in 0..MOST_LOOKUPS {
            turn.said
                .extend(reply.say.iter().map(|sentence| one_line(&sentence.text)));
            if let Some(understood) = reply.understood.take() {
                Understood::join(&mut turn.understood, understood);
            }
            self.last = Some(reply.clone());
            let lookup = match reply.then {
                Then::Listen | Then::CallOff => return,
                Then::HandOver(handover) => {
                    self.ended = Some(Ended::HandedOver(Some(handover.reason)));
                    return;
                }
                Then::HangUp(disposition) => {
                    self.ended = Some(disposition.into());
                    return;
                }
                Then::LookUp(lookup) => lookup,
            };
            // Asked again while it is slow: it still is.
            let was_slow = self.pending.take().is_some();
            let mode = self.arrangement(&lookup.name);
            if was_slow && mode.is_none() || mode == Some(Mode::Slow) {
                self.pending = Some(lookup);
                // What the engine says to a back end that takes its time.
                let bridge = self.speaker.step(Input::Slow);
                turn.said
                    .extend(bridge.say.iter().map(|sentence| one_line(&sentence.text)));
                return;
            }
            let result = self.ask(&lookup, mode == Some(Mode::Dead), turn);
            reply = self.speaker.step(Input::Found {
                lookup: lookup.id,
                result: &result,
            });
        }
        turn.said
            .push("(the back end is asked again and again)".into());
        self.ended = Some(Ended::Failed);
    }

    fn arrangement(&mut self, operation: &str) -> Option<Mode> {
        let at = self
            .arranged
            .iter()
            .position(|setting| setting.operation == operation)?;
        Some(self.arranged.remove(at).mode)
    }

    /// What the back end says.
    fn ask(&mut self, lookup: &Lookup, dead: bool, turn: &mut Turn) -> LookupResult {
        if dead {
            return LookupResult::Failed;
        }
        let secrets = self.vault.open(lookup.arguments.values());
        let arguments = lookup.arguments.iter();
        let exposed = Lookup {
            arguments: arguments
                .clone()
                .map(|(name, value)| (name.clone(), secrets.expose(value)))
                .collect(),
            ..lookup.clone()
        };
        let result = self.answers.ask(&exposed, self.now);
        if result != LookupResult::Failed {
            turn.done.push(Operation {
                name: lookup.name.clone(),
                arguments: arguments
                    .map(|(name, value)| (name.clone(), masked(value)))
                    .collect(),
                changes: self.answers.changes(&lookup.name),
            });
        }
        result
    }

    /// The slow answer has come.
    fn deliver(&mut self, lookup: &Lookup, turn: &mut Turn) {
        let result = self.ask(lookup, false, turn);
        let lookup = lookup.id;
        self.step(
            Input::Found {
                lookup,
                result: &result,
            },
            turn,
        );
    }

    /// Keys as the telephone delivers them, one by one: the open question says where an entry ends.
    fn key(&mut self, keys: &str, turn: &mut Turn) {
        let mut entry = Entry::default();
        for digit in keys.chars().filter_map(Digit::new) {
            let question = self.speaker.question();
            let (rules, key) = (question.keypad.clone(), digit.as_char());
            let pressed = if question.secret && key.is_ascii_digit() {
                self.vault.press(key);
                entry.press_secret(0, &rules)
            } else {
                entry.press(0, digit, &rules)
            };
            if let Some(keyed) = pressed
                && (self.keyed(&keyed, turn) || self.ended.is_some())
            {
                // The rest was keyed without listening.
                return;
            }
        }
        if let Some(keyed) = entry.poll(u32::MAX) {
            self.keyed(&keyed, turn);
        }
    }

    /// Whether the entry led nowhere.
    fn keyed(&mut self, entry: &str, turn: &mut Turn) -> bool {
        let asked = self.speaker.question().clone();
        let secret = entry.contains(KEY);
        let (vault, speaker) = (&mut self.vault, &self.speaker);
        let sealed =
            secret.then(|| vault.seal(entry.chars().count(), |digits| speaker.allows(digits)));
        self.step(Input::Keys(sealed.as_deref().unwrap_or(entry)), turn);
        *self.speaker.question() == asked
    }

    /// Whether words into the reply before leave it as it was: it may not be cut, or they are a nod.
    fn is_nod(&self, after_ms: u32, hypotheses: &[Hypothesis]) -> bool {
        let Some(last) = &self.last else {
            return false;
        };
        if last.barge_in != BargeIn::Any || self.speaker.question().secret {
            return true;
        }
        let (mut start, mut asked) = (0, false);
        for sentence in &last.say {
            asked |= sentence.question && start <= after_ms;
            let letters = u32::try_from(sentence.spoken().chars().count()).unwrap_or(u32::MAX);
            start = letters.saturating_mul(LETTER_MS).saturating_add(start);
        }
        self.speaker.interruption(hypotheses, asked) == Interruption::Backchannel
    }

    fn perform(&mut self, act: &Act, turn: &mut Turn) {
        match act {
            // Nobody listens to what may be a secret.
            Act::Says(_) if self.speaker.question().secret => self.step(Input::Noise, turn),
            Act::Says(guesses) => self.step(Input::Speech(&hypotheses(guesses)), turn),
            Act::BargesIn { after_ms, guesses } => {
                let hypotheses = hypotheses(guesses);
                if self.is_nod(*after_ms, &hypotheses) {
                    turn.goes_on = true;
                } else {
                    self.step(Input::Speech(&hypotheses), turn);
                }
            }
            Act::Keys(keys) => self.key(keys, turn),
            Act::Silence => match self.pending.take() {
                Some(lookup) => self.deliver(&lookup, turn),
                None => self.step(Input::NoInput, turn),
            },
            Act::Noise => self.step(Input::Noise, turn),
            Act::Deaf => self.step(Input::Deaf, turn),
            Act::Returned => {
                self.ended = None;
                self.step(Input::Returned, turn);
            }
            Act::Closing => self.step(Input::Closing, turn),
            Act::HangsUp => self.ended = Some(Ended::Abandoned),
        }
    }

    fn finish(&mut self, turn: &mut Turn, started: Instant) {
        self.took.push(started.elapsed());
        turn.asks = Some(self.speaker.question().slot.clone());
        turn.ended = self.ended;
        if self.ended.is_some() {
            self.pending = None;
        }
        self.met.extend(self.speaker.trail());
        self.met.extend(turn.steps());
    }
}

impl<S: Speaker, A: Answers> Performer for Play<S, A> {
    fn begin(&mut self) -> Turn {
        let (mut turn, started) = (Turn::default(), Instant::now());
        self.step(Input::Start, &mut turn);
        self.finish(&mut turn, started);
        turn
    }

    fn act(&mut self, act: &Act) -> Result<Turn, String> {
        match self.ended {
            Some(Ended::HandedOver(_)) if *act == Act::Returned => {}
            Some(ended) => return Err(format!("the call is over: {ended}")),
            None if *act == Act::Returned => return Err("nobody was passed on".into()),
            None => {}
        }
        let (mut turn, started) = (Turn::default(), Instant::now());
        self.perform(act, &mut turn);
        self.finish(&mut turn, started);
        Ok(turn)
    }

    fn arrange(&mut self, setting: &Setting) {
        self.arranged.push(setting.clone());
    }

    fn arranged(&self) -> Vec<Setting> {
        self.arranged.clone()
    }
}

/// What the recogniser would give: words as sure as the whole.
pub fn hypotheses(guesses: &[Guess]) -> Vec<Hypothesis> {
    let hypothesis = |guess: &Guess| Hypothesis {
        text: guess.text.clone(),
        confidence: guess.confidence,
        words: guess
            .text
            .split_whitespace()
            .map(|word| Word {
                text: word.to_owned(),
                confidence: guess.confidence,
            })
            .collect(),
        ..Hypothesis::default()
    };
    guesses.iter().map(hypothesis).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
