//! Which reading of the caller's words counts at the open question, and what keys mean there.

use super::domain::{Command, Label, Slot};
use super::hear::{Intent, Meaning, hear};
use super::reply::{Confidence, Hypothesis, Reason, Reply};
use super::spoken::Language;
use super::state::{Dialogue, Open};
use super::value::YesNo;
use super::value::tongue::{courtesy, essence};
use crate::pii::stand_in::KEY;
use std::sync::Arc;

/// An intent at or above this is acted upon.
pub(super) const ACCEPT: Confidence = 420;
/// An intent at or above this is asked about ("You'd like to …, is that right?").
const ASK: Confidence = 280;
/// An intent in the middle of a task, beside a value for the open slot.
const ELSEWHERE: Confidence = 700;
/// A page answers a question from here on; where an intent is likely too, from there on.
const PAGE: Confidence = 550;
const SURE_PAGE: Confidence = 800;
/// Words below this are more likely wrong than right: what hands over, hangs up, begins a task or ends
/// one is not done on them, but asked about, or asked again.
pub(super) const SURE: Confidence = 500;
/// A no below this is not one. A yes must be [`SURE`]: it lets something happen.
const NO: Confidence = 300;

impl Dialogue {
    pub(super) fn on_speech(&mut self, hypotheses: &[Hypothesis]) -> Reply {
        self.deaf = false;
        self.patience = false;
        if self.question.secret {
            // Whatever it is: it is not looked at.
            return self.on_failure("secret_spoken");
        }
        let words = self.words();
        let domain = Arc::clone(&self.domain);
        let meaning = hear(&domain, &words, hypotheses, self.context.now);
        self.explain(&meaning);
        self.feel(&meaning, hypotheses);
        if let Some(reply) = self.red_flag(&meaning) {
            return reply;
        }
        if let Some(reply) = self.other_language(&meaning) {
            return reply;
        }
        if self.mood.wants_person() && self.open != Open::OfferPerson && self.soothed < 2 {
            if let Some(reply) = self.offer_person(&meaning) {
                return reply;
            }
        }
        match self.open.clone() {
            Open::Main => self.at_main(&meaning),
            Open::Slot => self.at_slot(&meaning),
            Open::Check => self.at_check(&meaning),
            Open::Confirm(step) => self.at_confirmation(&meaning, step),
            Open::Change(step) => self.at_change(&meaning, step),
            Open::Intent(place) => self.at_intent(&meaning, place),
            Open::AnythingElse => self.at_anything_else(&meaning),
            Open::OfferPerson => self.at_offer(&meaning),
            Open::Undo => self.at_undo(&meaning),
            Open::Waiting | Open::Ended => self.at_waiting(&meaning),
        }
    }

    /// The intent if it is sure enough to act upon.
    pub(super) fn accepted(meaning: &Meaning, least: Confidence) -> Option<Intent> {
        meaning.intent.filter(|intent| intent.confidence >= least)
    }

    /// Whether this would let something happen on words that are likely wrong.
    fn is_rash(&self, intent: Intent, meaning: &Meaning) -> bool {
        let matters = match intent.label {
            Label::Task(task) => self.domain.tasks.get(task).is_some_and(|task| !task.aside),
            Label::Command(command) => matches!(
                command,
                Command::Person | Command::Goodbye | Command::Restart | Command::Cancel | Command::Undo
            ),
        };
        matters && meaning.heard < SURE
    }

    /// Does what was accepted, or asks first where that would be rash.
    fn act_carefully(&mut self, intent: Intent, meaning: &Meaning) -> Reply {
        if !self.is_rash(intent, meaning) {
            return self.act(intent, meaning);
        }
        if matches!(self.open, Open::Main | Open::AnythingElse) {
            self.note_intent(intent);
            return self.ask_about(intent.place);
        }
        // In the middle of something: the open question again, with its keys.
        self.on_failure("no_match")
    }

    /// "You'd like to …, is that right?" Failures are kept: a caller who denies again and again gets to
    /// a person.
    fn ask_about(&mut self, place: usize) -> Reply {
        self.open = Open::Intent(place);
        let failures = std::mem::take(&mut self.failures);
        let reply = self.ask(Vec::new());
        self.failures = failures;
        reply
    }

    /// The yes or no, if it is sure enough to be one.
    pub(super) fn answered(meaning: &Meaning) -> Option<YesNo> {
        meaning
            .yes_no
            .clone()
            .filter(|answer| answer.confidence >= if answer.yes { SURE } else { NO })
    }

    fn at_main(&mut self, meaning: &Meaning) -> Reply {
        if let Some(reply) = self.spoken_key(meaning) {
            return reply;
        }
        self.open_wish(meaning)
    }

    /// What the caller wants, at a question that is open to everything.
    pub(super) fn open_wish(&mut self, meaning: &Meaning) -> Reply {
        let intent = Self::accepted(meaning, ACCEPT);
        let page = self.page(meaning);
        let page_sure = page.as_ref().map_or(0, |page| page.score);
        // A business's own page that answers just that goes before a guess.
        if page_sure >= SURE_PAGE && intent.is_none_or(|intent| intent.confidence < page_sure)
            && let Some(page) = page
        {
            return self.tell(&page);
        }
        if let Some(intent) = intent {
            return self.act_carefully(intent, meaning);
        }
        if let Some(reply) = self.bare_value(meaning) {
            return reply;
        }
        if page_sure >= PAGE
            && let Some(page) = page
        {
            return self.tell(&page);
        }
        match meaning.intent.filter(|intent| intent.confidence >= ASK) {
            Some(intent) if matches!(intent.label, Label::Task(_) | Label::Command(Command::Person | Command::Goodbye)) => {
                self.note_intent(intent);
                self.ask_about(intent.place)
            }
            _ if meaning.heard >= SURE && meaning.outside >= SURE && meaning.tokens.len() >= 3 => {
                self.on_failure("out_of_scope")
            }
            _ => self.on_failure("no_match"),
        }
    }

    /// A number without another wish is the first slot of the first task that begins with one.
    fn bare_value(&mut self, meaning: &Meaning) -> Option<Reply> {
        let domain = Arc::clone(&self.domain);
        for (place, task) in domain.tasks.iter().enumerate() {
            let Some(slot) = task.slots.first().and_then(|slot| domain.slots.get(slot)) else {
                continue;
            };
            if task.key.is_none() || !super::asking::is_number(slot) || slot.secret {
                continue;
            }
            let found = self.readings(slot, &[], &meaning.tokens, true);
            if found.iter().any(|found| super::asking::fits(slot, found)) {
                self.note(&task.name, meaning.heard);
                return Some(self.begin(place, meaning.tokens.clone(), Vec::new()));
            }
        }
        None
    }

    fn at_slot(&mut self, meaning: &Meaning) -> Reply {
        let domain = Arc::clone(&self.domain);
        let Some(slot) = self.slot().and_then(|slot| domain.slots.get(&slot.name)) else {
            return self.run(Vec::new());
        };
        let intent = Self::accepted(meaning, ACCEPT);
        let found = self.best_reading(slot, meaning);
        if let Some((found, covers)) = found
            && (covers || intent.is_none_or(|intent| intent.confidence < ELSEWHERE || self.is_current(intent)))
        {
            self.hear_more(meaning.tokens.clone());
            if let Some(frame) = self.stack.last_mut()
                && let Some(taken) = frame.taken.get_mut(found.words.clone())
            {
                taken.fill(true);
            }
            return self.take(slot, &found, meaning);
        }
        if let Some(intent) = intent {
            return self.act_carefully(intent, meaning);
        }
        // A value for another slot of the same task: it is taken on the way.
        if self.other_slot(slot, meaning) {
            self.progress();
            return self.run(Vec::new());
        }
        if let Some(page) = self.page(meaning).filter(|page| page.score >= SURE_PAGE) {
            return self.tell(&page);
        }
        self.on_failure("no_match")
    }

    fn is_current(&self, intent: Intent) -> bool {
        let current = self.stack.last().map(|frame| Label::Task(frame.task));
        Some(intent.label) == current
    }

    /// The reading of the words as the open slot's value, over all hypotheses, and whether it is
    /// what the turn is about: most of its telling words.
    fn best_reading(&self, slot: &Slot, meaning: &Meaning) -> Option<(super::value::Found, bool)> {
        let choices = self.choices(slot);
        let all = std::iter::once(&meaning.tokens).chain(&meaning.others);
        for (place, tokens) in all.enumerate() {
            let mut found = self.readings(slot, &choices, tokens, true);
            found.sort_by_key(|found| !super::asking::fits(slot, found));
            let Some(mut found) = found.into_iter().next() else {
                continue;
            };
            if place > 0 {
                if !super::asking::fits(slot, &found) {
                    continue;
                }
                found.confidence = found.confidence.min(650);
            }
            let words: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
            let telling = essence(&words, self.language).len();
            let covers = found.words.len() * 2 >= telling;
            return Some((found, covers));
        }
        None
    }

    /// Whether the words hold a value for another open slot of the task.
    fn other_slot(&mut self, asked: &Slot, meaning: &Meaning) -> bool {
        let domain = Arc::clone(&self.domain);
        let names = self.task().map(|task| task.slots.clone()).unwrap_or_default();
        self.hear_more(meaning.tokens.clone());
        let filled = self.filled();
        let others = names.iter().filter(|name| **name != asked.name && !filled.contains_key(*name));
        let others: Vec<&Slot> = others.filter_map(|name| domain.slots.get(name)).collect();
        others.into_iter().any(|slot| {
            let choices = self.choices(slot);
            !slot.secret && !self.readings(slot, &choices, &meaning.tokens, false).is_empty()
        })
    }

    fn at_check(&mut self, meaning: &Meaning) -> Reply {
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
            let mut out = Vec::new();
            self.say(&mut out, "denied", &[]);
            return self.missed(out);
        }
        match intent {
            Some(intent) => self.act_carefully(intent, meaning),
            None => self.on_failure("no_match"),
        }
    }

    /// Another value while one is read back: a correction, or the same once more.
    fn recheck(&mut self, slot: &Slot, found: &super::value::Found, meaning: &Meaning, denied: bool) -> Reply {
        let old = self.stack.last().and_then(|frame| frame.candidate.clone());
        let old = old.map(|candidate| super::template::plain(&candidate.value)).unwrap_or_default();
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
        if found.value == old && !denied {
            return self.checked(); // Said twice: heard right.
        }
        self.open = Open::Slot;
        if let Some(frame) = self.stack.last_mut() {
            frame.candidate = None;
        }
        let found = super::value::Found {
            corrected: true,
            ..found.clone()
        };
        self.take(slot, &found, meaning)
    }

    fn at_confirmation(&mut self, meaning: &Meaning, step: usize) -> Reply {
        let yes_no = Self::answered(meaning);
        if !yes_no.as_ref().is_some_and(|answer| answer.alone) && self.correct(meaning) {
            self.because("a value was corrected");
            self.progress();
            return self.run(Vec::new());
        }
        let intent = Self::accepted(meaning, ELSEWHERE).filter(|intent| !self.is_current(*intent));
        if let Some(answer) = yes_no
            && (answer.alone || intent.is_none())
        {
            self.note_yes_no(&answer);
            return self.confirmed(step, answer.yes);
        }
        match intent {
            Some(intent) => self.act_carefully(intent, meaning),
            None => self.on_failure("no_match"),
        }
    }

    /// "What should I change?"
    fn at_change(&mut self, meaning: &Meaning, step: usize) -> Reply {
        if self.correct(meaning) {
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
                return self.confirmed(step, true);
            }
            return self.drop_task();
        }
        match Self::accepted(meaning, ACCEPT) {
            Some(intent) => self.act_carefully(intent, meaning),
            None => self.on_failure("no_match"),
        }
    }

    fn at_intent(&mut self, meaning: &Meaning, asked: usize) -> Reply {
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

    fn at_anything_else(&mut self, meaning: &Meaning) -> Reply {
        let intent = Self::accepted(meaning, ACCEPT);
        let thanks = intent.is_some_and(|intent| intent.label == Label::Command(Command::Thanks));
        // A no ends the call here, so it must be as sure as a yes.
        if let Some(answer) = Self::answered(meaning).filter(|answer| answer.confidence >= SURE)
            && (answer.alone || intent.is_none())
            && !thanks
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

    fn at_offer(&mut self, meaning: &Meaning) -> Reply {
        let intent = Self::accepted(meaning, ACCEPT);
        match Self::answered(meaning) {
            Some(answer) if answer.alone || intent.is_none() => {
                self.note_yes_no(&answer);
                self.offered(answer.yes)
            }
            _ => {
                self.open = Open::AnythingElse;
                self.open_wish(meaning)
            }
        }
    }

    pub(super) fn offered(&mut self, yes: bool) -> Reply {
        if yes {
            let mut out = Vec::new();
            self.say(&mut out, "person", &[]);
            let reason = if self.faults > 0 { Reason::Fault } else { Reason::Distress };
            return self.hand_over(out, reason);
        }
        self.progress();
        let mut out = Vec::new();
        self.say(&mut out, "go_on", &[]);
        self.run(out)
    }

    fn at_undo(&mut self, meaning: &Meaning) -> Reply {
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

    /// Words while a back end is being asked: only the ways out count.
    fn at_waiting(&mut self, meaning: &Meaning) -> Reply {
        match Self::accepted(meaning, ACCEPT) {
            Some(intent)
                if matches!(
                    intent.label,
                    Label::Command(Command::Person | Command::Goodbye)
                ) && !self.is_rash(intent, meaning) =>
            {
                self.act(intent, meaning)
            }
            _ => self.on_slow(),
        }
    }

    /// Keys, terminator removed.
    pub(super) fn on_keys(&mut self, entry: &str) -> Reply {
        self.patience = false;
        let domain = Arc::clone(&self.domain);
        let slot = self.slot().and_then(|slot| domain.slots.get(&slot.name));
        if matches!(self.open, Open::Waiting | Open::Ended) {
            return if entry == "0" { self.person() } else { self.on_slow() };
        }
        let secret = slot.is_some_and(|slot| slot.secret) && self.open == Open::Slot;
        match entry {
            "0" => return self.person(),
            "*" if secret => return self.cannot_say(),
            "*" => return self.repeat(),
            "" => return self.on_failure("no_input"),
            // A secret that nobody asked for.
            entry if !secret && entry.contains(KEY) => return self.on_failure("bad_key"),
            _ => {}
        }
        match (self.open.clone(), entry, slot) {
            (Open::Slot, _, Some(slot)) => self.keyed(slot, entry),
            (Open::Main, _, _) => match entry.chars().next().and_then(|key| self.by_key(key)) {
                Some(task) if entry.len() == 1 => self.begin_keyed(task),
                _ => self.on_failure("bad_key"),
            },
            (Open::AnythingElse, "1", _) => self.answer_anything_else(true),
            (Open::AnythingElse, "2", _) => self.answer_anything_else(false),
            (Open::Check, "1", _) => self.checked(),
            (Open::Check, "2", _) => {
                let mut out = Vec::new();
                self.say(&mut out, "denied", &[]);
                self.missed(out)
            }
            (Open::Confirm(step), "1" | "2", _) => self.confirmed(step, entry == "1"),
            (Open::Change(_), "2", _) => self.drop_task(),
            (Open::Intent(place), "1", _) => {
                self.open = Open::Main;
                self.act_on(place)
            }
            (Open::Intent(_), "2", _) => {
                self.open = Open::Main;
                self.on_failure("understood")
            }
            (Open::OfferPerson, "1" | "2", _) => self.offered(entry == "1"),
            (Open::Undo, "1" | "2", _) => self.undo_confirmed(entry == "1"),
            _ => self.on_failure("bad_key"),
        }
    }

    fn begin_keyed(&mut self, task: usize) -> Reply {
        let name = self.domain.tasks.get(task).map(|task| task.name.clone());
        self.met(format!("intent:{}", name.unwrap_or_default()));
        self.progress();
        self.begin(task, Vec::new(), Vec::new())
    }

    fn by_key(&self, key: char) -> Option<usize> {
        self.domain.tasks.iter().position(|task| task.key == Some(key))
    }

    /// "press one", "two": a key of the menu, said.
    fn spoken_key(&mut self, meaning: &Meaning) -> Option<Reply> {
        if self.failures == 0 || meaning.tokens.len() > 3 {
            return None;
        }
        let one = super::value::Kind::Digits { min: 1, max: 1 };
        let found = super::value::find(&one, &meaning.tokens, self.language, self.context.now, true);
        let key = found.first()?.value.chars().next()?;
        let task = self.by_key(key)?;
        Some(self.begin_keyed(task))
    }
}

/// Nothing but thanks and politeness.
fn only_courtesy(meaning: &Meaning, language: Language) -> bool {
    let words: Vec<&str> = meaning.tokens.iter().map(|token| token.text.as_str()).collect();
    words.len() <= 4 || essence(&words, language)
        .iter()
        .all(|word| courtesy(&[word], language) > 0)
}
