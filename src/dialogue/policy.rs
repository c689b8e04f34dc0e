//! Which reading of the caller's words counts at the open question, and what keys mean there.

use super::domain::{Command, Label, Slot, SlotKind};
use super::handover::How;
use super::hear::{Intent, Meaning, hear};
use super::reply::{Confidence, Hypothesis, Reply};
use super::spoken::Language;
use super::state::{Dialogue, Open};
use super::value::tongue::{essence, is_function_word};
use super::value::{Found, Kind, YesNo};
use std::sync::Arc;

/// An intent at or above this is acted upon.
pub(super) const ACCEPT: Confidence = 420;
/// An intent at or above this is asked about ("You'd like to …, is that right?").
const ASK: Confidence = 280;
/// An intent in the middle of a task, beside a value for the open slot.
pub(super) const ELSEWHERE: Confidence = 700;
/// A page answers a question from here on; where an intent is likely too, from there on.
const PAGE: Confidence = super::pages::SURE;
pub(super) const SURE_PAGE: Confidence = 800;
/// Words that are that surely none of the business's are not answered from a page.
const STRANGE: Confidence = 800;
/// An intent that sure goes before any page.
const SURE_INTENT: Confidence = 700;
/// Words below this are more likely wrong than right: what hands over, hangs up, begins a task or ends
/// one is not done on them, but asked about, or asked again.
pub(super) const SURE: Confidence = 500;
/// A no below this is not one. A yes must be [`SURE`]: it lets something happen.
const NO: Confidence = 300;

impl Dialogue {
    pub(super) fn on_speech(&mut self, hypotheses: &[Hypothesis]) -> Reply {
        self.deaf = false;
        self.patience = false;
        let said = hypotheses.first().map_or("", |best| best.text.trim());
        said.clone_into(&mut self.said);
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
        if self.mood.wants_person()
            && let Some(reply) = self.offer_person(&meaning)
        {
            return reply;
        }
        match self.open.clone() {
            Open::Main => self.at_main(&meaning),
            Open::Slot => self.at_slot(&meaning),
            Open::Check => self.at_check(&meaning),
            Open::Confirm(step) => self.at_confirmation(&meaning, step),
            Open::Change(_) => self.at_change(&meaning),
            Open::More(step) => self.at_more(&meaning, step),
            Open::Intent(place) => self.at_intent(&meaning, place),
            Open::AnythingElse => self.at_anything_else(&meaning),
            Open::OfferPerson => self.at_offer(&meaning),
            Open::Undo => self.at_undo(&meaning),
            Open::Waiting | Open::Calling | Open::Ended => self.at_waiting(&meaning),
        }
    }

    /// The intent if it is sure enough to act upon.
    pub(super) fn accepted(meaning: &Meaning, least: Confidence) -> Option<Intent> {
        meaning.intent.filter(|intent| intent.confidence >= least)
    }

    /// Whether this would let something happen on words that are likely wrong.
    pub(super) fn is_rash(&self, intent: Intent, meaning: &Meaning) -> bool {
        let matters = match intent.label {
            Label::Page => false,
            Label::Task(task) => self.domain.tasks.get(task).is_some_and(|task| !task.aside),
            Label::Command(command) => matches!(
                command,
                Command::Person
                    | Command::Goodbye
                    | Command::Restart
                    | Command::Cancel
                    | Command::Undo
            ),
        };
        matters && meaning.heard < SURE
    }

    /// Does what was accepted, or asks first where that would be rash.
    pub(super) fn act_carefully(&mut self, intent: Intent, meaning: &Meaning) -> Reply {
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
        // A business's own page that answers just that goes before a guess, but a word that it shares
        // with what is none of its business answers nothing.
        if page_sure >= SURE_PAGE
            && meaning.outside < STRANGE
            && intent.is_none_or(|intent| intent.by_words < page_sure.min(SURE_INTENT))
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
            && meaning.outside < STRANGE
            && meaning.intent.is_none_or(|intent| intent.by_words < ASK)
            && let Some(page) = page
        {
            return self.tell(&page);
        }
        match meaning.intent.filter(|intent| intent.confidence >= ASK) {
            Some(intent)
                if matches!(
                    intent.label,
                    Label::Task(_) | Label::Command(Command::Person | Command::Goodbye)
                ) =>
            {
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
        // Small talk in the middle of something must be surely that.
        let idle =
            |intent: &Intent| matches!(intent.label, Label::Command(command) if command.is_idle());
        let intent = Self::accepted(meaning, ACCEPT)
            .filter(|intent| !idle(intent) || intent.confidence >= ELSEWHERE);
        // "Never mind" is no name.
        let free = slot.kind == SlotKind::Value(Kind::Text);
        let leaves = free
            // A message may well say what else would be a wish.
            && (!self.is_at_desk() || meaning.tokens.len() <= 4)
            && intent.is_some_and(|intent| {
                intent.confidence >= ELSEWHERE && matches!(intent.label, Label::Command(_))
            });
        // "No, I want to cancel the cups" is no answer to "which order?".
        let denied = meaning
            .yes_no
            .as_ref()
            .is_some_and(|answer| !answer.yes && !answer.alone);
        let turns = denied
            && !(free && self.is_at_desk())
            && slot.kind != SlotKind::Value(Kind::YesNo)
            && intent.is_some_and(|intent| {
                matches!(intent.label, Label::Task(_)) && !self.is_current(intent)
            });
        let found = self
            .best_reading(slot, meaning)
            .filter(|(found, _)| !leaves && !turns && !self.is_part_of_other(slot, found, meaning));
        if let Some((found, covers)) = found
            && (covers
                || intent
                    .is_none_or(|intent| intent.confidence < ELSEWHERE || self.is_current(intent)))
        {
            self.hear_more(meaning.tokens.clone());
            if let Some(frame) = self.stack.last_mut()
                && let Some(taken) = frame.taken.get_mut(found.words.clone())
            {
                taken.fill(true);
            }
            return self.take(slot, &found, meaning);
        }
        // A value for another slot of the same task: it is taken on the way.
        let current =
            intent.is_none_or(|intent| intent.confidence < ELSEWHERE || self.is_current(intent));
        match self.other_slot(slot, meaning) {
            Some(covers) if covers || current => {
                self.progress();
                return self.run(Vec::new());
            }
            _ => {}
        }
        if let Some(intent) = intent {
            return self.act_carefully(intent, meaning);
        }
        if self.correct(meaning, false) {
            self.because("a value was corrected");
            self.progress();
            return self.run(Vec::new());
        }
        if let Some(page) = self.page(meaning).filter(|page| page.score >= SURE_PAGE) {
            return self.tell(&page);
        }
        self.on_failure("no_match")
    }

    /// Whether an open time, day or amount of the task is said in these words and more: "half past two"
    /// where one of the choices is two o'clock.
    fn is_part_of_other(&self, slot: &Slot, found: &Found, meaning: &Meaning) -> bool {
        let names = self.task().map_or(&[][..], |task| task.slots.as_slice());
        let filled = self.filled();
        matches!(slot.kind, SlotKind::Choice(_) | SlotKind::Record(_))
            && names
                .iter()
                .filter(|name| **name != slot.name && !filled.contains_key(*name))
                .filter_map(|name| self.domain.slots.get(name))
                .filter(|other| is_quantity(other))
                .flat_map(|other| self.readings(other, &[], &meaning.tokens, true))
                .any(|other| {
                    other.words.len() > found.words.len()
                        && other.words.start <= found.words.start
                        && other.words.end >= found.words.end
                })
    }

    pub(super) fn is_current(&self, intent: Intent) -> bool {
        let current = self.stack.last().map(|frame| Label::Task(frame.task));
        Some(intent.label) == current
    }

    /// The reading of the words as the open slot's value, over all hypotheses, and whether it is
    /// what the turn is about: most of its telling words.
    pub(super) fn best_reading(&self, slot: &Slot, meaning: &Meaning) -> Option<(Found, bool)> {
        let choices = self.choices(slot);
        let all = std::iter::once(&meaning.tokens).chain(&meaning.others);
        let readings = all.map(|tokens| {
            let mut found = self.readings(slot, &choices, tokens, true);
            found.sort_by_key(|found| !super::asking::fits(slot, found));
            (found.into_iter().next(), tokens)
        });
        let readings: Vec<_> = readings.collect();
        // A later guess counts where it fits and the first one does not, and is doubted.
        let fits = |(found, _): &&(Option<Found>, _)| {
            found
                .as_ref()
                .is_some_and(|found| super::asking::fits(slot, found))
        };
        let best = readings.iter().position(|reading| fits(&reading));
        let place = best.unwrap_or_default();
        let (found, tokens) = readings.into_iter().nth(place)?;
        let mut found = found?;
        if place > 0 {
            found.confidence = found.confidence.min(650);
        }
        let words: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        let telling = telling(&words, self.language);
        let covers = found.words.len() * 2 >= telling;
        Some((found, covers))
    }

    /// Whether the words hold a value for another open slot of the task, and whether they are nothing
    /// else.
    fn other_slot(&mut self, asked: &Slot, meaning: &Meaning) -> Option<bool> {
        let domain = Arc::clone(&self.domain);
        let names = self
            .task()
            .map(|task| task.slots.clone())
            .unwrap_or_default();
        self.hear_more(meaning.tokens.clone());
        let filled = self.filled();
        let words: Vec<&str> = meaning
            .tokens
            .iter()
            .map(|token| token.text.as_str())
            .collect();
        let telling = telling(&words, self.language).max(1);
        let others = names
            .iter()
            .filter(|name| **name != asked.name && !filled.contains_key(*name))
            .filter_map(|name| domain.slots.get(name))
            .filter(|slot| !slot.secret && slot.kind != SlotKind::Value(Kind::YesNo))
            .filter(|slot| slot.kind != SlotKind::Value(Kind::Text));
        let mut others: Vec<&Slot> = others.collect();
        // A bare number is a time sooner than a day.
        others.sort_by_key(|slot| slot.kind != SlotKind::Value(Kind::Time));
        let mut covers = None;
        for slot in others {
            let choices = self.choices(slot);
            if let Some(found) = self.in_words(slot, &choices) {
                let all = found.words.len() * 2 >= telling;
                covers = Some(covers == Some(true) || all);
                continue;
            }
            // "eleven thirty", where a time is still open: nothing but a value.
            let quantity = is_quantity(slot);
            let found = self
                .readings(slot, &choices, &meaning.tokens, true)
                .into_iter()
                .next();
            if let Some(found) = found.filter(|found| quantity && found.words.len() >= telling)
                && found.confidence >= slot.limits.confirm_below
                && let Some(value) = self.chosen(slot, &found.value)
                && self.is_valid(slot, &value)
            {
                self.put(slot, value, found.confidence, How::Said);
                return Some(true);
            }
        }
        covers
    }

    /// Words while a back end is being asked: only the ways out count.
    pub(super) fn at_waiting(&mut self, meaning: &Meaning) -> Reply {
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
}

/// "nine thirty then", "Thursday is fine", "mañana está bien".
const FILLERS: [&str; 14] = [
    "then", "please", "fine", "good", "works", "great", "perfect", "ok", "okay", "entonces",
    "favor", "bien", "está", "vale",
];

fn is_quantity(slot: &Slot) -> bool {
    matches!(
        slot.kind,
        SlotKind::Value(Kind::Time | Kind::Date | Kind::Amount)
    )
}

/// How many of the words say something, beside those that every sentence is built with.
fn telling(words: &[&str], language: Language) -> usize {
    let all = essence(words, language);
    let says = |word: &&&str| !is_function_word(word, language) && !FILLERS.contains(*word);
    let content = all.iter().filter(says).count();
    if content == 0 { all.len() } else { content }
}
