//! Answers to the questions that the dialogue puts by itself: is that right, what should I change,
//! anything else, shall I?

use super::domain::{Act, Command, Label, Slot};
use super::flow::LAST_MISS;
use super::handover::How;
use super::hear::{Intent, Meaning};
use super::policy::{ACCEPT, ELSEWHERE, SURE};
use super::reply::{Reason, Reply};
use super::spoken::Language;
use super::state::{Dialogue, Done, Open};
use super::value::tongue::{courtesy, essence};
use std::sync::Arc;

/// A yes to what cannot be taken back that is heard badly so often goes to a person.
const LAST_DOUBT: u8 = 2;

impl Dialogue {
    pub(super) fn at_check(&mut self, meaning: &Meaning) -> Reply {
        let domain = Arc::clone(&self.domain);
        let Some(slot) = self.slot().and_then(|slot| domain.slots.get(&slot.name)) else {
            return self.run(Vec::new());
        };
        let yes_no = Self::answered(meaning);
        let denied = yes_no.as_ref().is_some_and(|answer| !answer.yes);
        if !yes_no.as_ref().is_some_and(|answer| answer.alone)
            && let Some((found, _)) = self.best_reading(slot, meaning)
        {
            return self.recheck(slot, &found, meaning, denied);
        }
        let intent = Self::accepted(meaning, ELSEWHERE);
        if let Some(answer) = yes_no
            && (answer.alone || intent.is_none())
        {
            self.note_yes_no(&answer);
            if answer.yes {
                return self.checked();
            }
            return self.denied();
        }
        match intent {
            Some(intent) => self.act_carefully(intent, meaning),
            None => self.page_or("no_match", meaning),
        }
    }

    /// What was read back is wrong.
    pub(super) fn denied(&mut self) -> Reply {
        let mut out = Vec::new();
        self.say(&mut out, "denied", &[]);
        self.missed(out)
    }

    /// Another value while one is read back: a correction, or the same once more.
    fn recheck(
        &mut self,
        slot: &Slot,
        found: &super::value::Found,
        meaning: &Meaning,
        denied: bool,
    ) -> Reply {
        let old = self.stack.last().and_then(|frame| frame.candidate.clone());
        let old = old
            .map(|candidate| super::template::plain(&candidate.value))
            .unwrap_or_default();
        if super::asking::is_number(slot) && found.value.len() < old.len() {
            if let Some(whole) = super::value::regroup(&old, &found.value) {
                let found = super::value::Found {
                    value: whole,
                    confidence: found.confidence.min(650),
                    ..found.clone()
                };
                return self.take(slot, &found, meaning);
            }
            if !denied {
                return self.on_failure("no_match");
            }
        }
        if found.value == old {
            return match denied {
                // The same again after a "no": hearing does not get better, so another way.
                true => self.denied(),
                false if found.confidence < SURE => self.on_failure("no_match"),
                false => self.checked(), // Said twice: heard right.
            };
        }
        self.open = Open::Slot;
        if let Some(frame) = self.stack.last_mut() {
            frame.candidate = None;
        }
        let found = super::value::Found {
            corrected: true,
            ..self.same_month(slot, &old, found.clone(), &meaning.tokens)
        };
        self.take(slot, &found, meaning)
    }

    pub(super) fn at_confirmation(&mut self, meaning: &Meaning, step: usize) -> Reply {
        let yes_no = Self::answered(meaning);
        let leaves = |intent: &Intent| {
            matches!(
                intent.label,
                Label::Command(Command::Cancel | Command::Person | Command::Wait | Command::Repeat)
            )
        };
        let intent = Self::accepted(meaning, ACCEPT)
            .filter(|intent| intent.confidence >= ELSEWHERE || leaves(intent))
            .filter(|intent| !self.is_current(*intent));
        // "How much is in my savings?" is a question, not another account.
        let asks = intent.filter(|_| yes_no.is_none());
        if asks.is_none()
            && !yes_no.as_ref().is_some_and(|answer| answer.alone)
            && self.correct(meaning, true)
        {
            self.because("a value was corrected");
            self.progress();
            return self.run(Vec::new());
        }
        if let Some(answer) = yes_no
            && (answer.alone || intent.is_none())
        {
            self.note_yes_no(&answer);
            return self.confirmed(step, answer.yes);
        }
        match intent {
            Some(intent) => self.act_carefully(intent, meaning),
            None if self.stays_doubtful(meaning, step) => {
                self.failures += 1;
                self.give_up_with(Vec::new(), Reason::Doubt)
            }
            None => self.page_or("no_match", meaning),
        }
    }

    /// Whether a yes was heard badly once more, and what it would let happen cannot be taken back.
    fn stays_doubtful(&mut self, meaning: &Meaning, step: usize) -> bool {
        let doubtful = meaning
            .yes_no
            .as_ref()
            .is_some_and(|answer| answer.yes && answer.confidence < SURE);
        if doubtful && self.is_irreversible(step) {
            self.doubts = self.doubts.saturating_add(1);
        }
        doubtful && self.doubts >= LAST_DOUBT
    }

    /// Whether what follows the confirmation at this step cannot be taken back.
    fn is_irreversible(&self, step: usize) -> bool {
        let steps = self.task().map_or(&[][..], |task| task.steps.as_slice());
        let after = steps.iter().skip(step + 1).map(|step| &step.act);
        after
            .take_while(|act| !matches!(act, Act::Confirm(_)))
            .any(|act| match act {
                Act::Do { operation, .. } => {
                    let undo = self.domain.actions.get(operation);
                    undo.is_some_and(Option::is_none)
                }
                _ => false,
            })
    }

    /// "What should I change?"
    pub(super) fn at_change(&mut self, meaning: &Meaning) -> Reply {
        if self.correct(meaning, true) {
            self.progress();
            return self.run(Vec::new());
        }
        if let Some(slot) = self.named_slot(meaning) {
            if let Some(frame) = self.stack.last_mut() {
                frame.values.remove(&slot);
                frame.said.clear();
                frame.taken.clear();
            }
            self.progress();
            return self.run(Vec::new());
        }
        if let Some(answer) = Self::answered(meaning).filter(|answer| answer.alone) {
            self.note_yes_no(&answer);
            if answer.yes {
                // Yes to what? "Yes, change it", or "yes, do it after all": that is asked once more.
                self.because("a yes to no question: the confirmation is asked again");
                return self.run(Vec::new());
            }
            return self.drop_task();
        }
        match Self::accepted(meaning, ACCEPT) {
            Some(intent) => self.act_carefully(intent, meaning),
            None => self.on_failure("no_match"),
        }
    }

    pub(super) fn at_intent(&mut self, meaning: &Meaning, asked: usize) -> Reply {
        let intent = Self::accepted(meaning, ACCEPT);
        match Self::answered(meaning) {
            Some(answer) if answer.alone || intent.is_none() => {
                self.note_yes_no(&answer);
                self.open = Open::Main;
                if answer.yes {
                    self.act_on(asked)
                } else {
                    self.on_failure("understood")
                }
            }
            _ => match intent {
                Some(intent) if !self.is_rash(intent, meaning) => {
                    self.open = Open::Main;
                    self.act(intent, meaning)
                }
                _ => self.on_failure("no_match"),
            },
        }
    }

    pub(super) fn at_anything_else(&mut self, meaning: &Meaning) -> Reply {
        let intent = Self::accepted(meaning, ACCEPT);
        let thanks = intent.is_some_and(|intent| intent.label == Label::Command(Command::Thanks));
        // A no ends the call here, so it must be as sure as a yes.
        if let Some(answer) = Self::answered(meaning).filter(|answer| answer.confidence >= SURE)
            && (answer.alone || intent.is_none())
            && !(thanks && answer.yes)
        {
            self.note_yes_no(&answer);
            return self.answer_anything_else(answer.yes);
        }
        if thanks && meaning.heard >= SURE && only_courtesy(meaning, self.language) {
            // "Anything else?" – "Thank you": the caller is done.
            if let Some(intent) = intent {
                self.note_intent(intent);
            }
            let mut out = Vec::new();
            self.say(&mut out, "thanks", &[]);
            return self.goodbye(out);
        }
        self.open_wish(meaning)
    }

    pub(super) fn answer_anything_else(&mut self, yes: bool) -> Reply {
        self.progress();
        if !yes {
            return self.goodbye(Vec::new());
        }
        self.open = Open::Main;
        self.ask(Vec::new())
    }

    pub(super) fn at_offer(&mut self, meaning: &Meaning) -> Reply {
        let intent = Self::accepted(meaning, ACCEPT);
        match Self::answered(meaning) {
            Some(answer) if answer.alone || intent.is_none() => {
                self.note_yes_no(&answer);
                self.offered(answer.yes)
            }
            _ => {
                self.drop_faulty();
                self.open = Open::AnythingElse;
                self.open_wish(meaning)
            }
        }
    }

    /// What a dead back end keeps from being done is not tried again.
    fn drop_faulty(&mut self) {
        if self.faults > 0 {
            self.stack.clear();
            self.queue.clear();
        }
    }

    pub(super) fn offered(&mut self, yes: bool) -> Reply {
        if yes {
            let mut out = Vec::new();
            let reason = if self.faults > 0 {
                Reason::Fault
            } else {
                Reason::Distress
            };
            self.announce(&mut out, "person", reason);
            return self.hand_over(out, reason);
        }
        self.progress();
        self.drop_faulty();
        let mut out = Vec::new();
        self.say(&mut out, "go_on", &[]);
        self.run(out)
    }

    pub(super) fn at_undo(&mut self, meaning: &Meaning) -> Reply {
        match Self::answered(meaning) {
            Some(answer) => {
                self.note_yes_no(&answer);
                self.undo_confirmed(answer.yes)
            }
            None => match Self::accepted(meaning, ELSEWHERE) {
                Some(intent) => self.act_carefully(intent, meaning),
                None => self.on_failure("no_match"),
            },
        }
    }

    /// The task's "is that right?" was answered.
    pub(super) fn confirmed(&mut self, step: usize, yes: bool) -> Reply {
        self.progress();
        if yes {
            let slots = self.filled();
            if let Some(frame) = self.stack.last_mut() {
                frame.done.insert(step, Done::Confirmed(slots));
                // What was read back with it was agreed to.
                for (confidence, how) in frame.heard.values_mut() {
                    if *how == How::Said {
                        (*confidence, *how) = (super::slots::SURE, How::Confirmed);
                    }
                }
            }
            return self.run(Vec::new());
        }
        let filled = self.filled();
        let changeable = filled
            .keys()
            .filter(|name| {
                self.domain
                    .slots
                    .get(*name)
                    .is_some_and(|slot| !slot.secret)
            })
            .count();
        let asked = self.task().map_or(0, |task| task.slots.len());
        if changeable == 0 || asked == 0 {
            return self.drop_task();
        }
        let misses = self.stack.last_mut().map_or(0, |frame| {
            frame.misses += 1;
            frame.misses
        });
        if misses >= LAST_MISS {
            return self.give_up_with(Vec::new(), Reason::ThirdFailure);
        }
        self.open = Open::Change(step);
        self.ask(Vec::new())
    }

    /// The slot whose name the caller says: "the date", "the amount".
    pub(super) fn named_slot(&self, meaning: &Meaning) -> Option<String> {
        let words = self.words();
        let said: Vec<&str> = meaning
            .tokens
            .iter()
            .map(|token| token.text.as_str())
            .collect();
        let said = format!(" {} ", said.join(" "));
        let filled = self.filled();
        let task = self.task()?;
        let named = |slot: &&String| {
            let label = words.slot_label(slot);
            filled.contains_key(*slot)
                && label
                    .split(' ')
                    .filter(|word| word.len() > 3)
                    .any(|word| said.contains(&format!(" {word} ")))
        };
        task.slots.iter().find(named).cloned()
    }
}

/// Nothing but thanks and politeness.
fn only_courtesy(meaning: &Meaning, language: Language) -> bool {
    let words: Vec<&str> = meaning
        .tokens
        .iter()
        .map(|token| token.text.as_str())
        .collect();
    words.len() <= 4
        || essence(&words, language)
            .iter()
            .all(|word| courtesy(&[word], language) > 0)
}
