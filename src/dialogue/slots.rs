//! Values for slots: found in the words of a turn, keyed, pointed back to, or the only one there is;
//! believed, read back, or asked for again.

use super::domain::{Options, Slot, SlotKind, Stage};
use super::flow::LAST_MISS;
use super::hear::Meaning;
use super::reply::{Reason, Reply, Sentence};
use super::spoken::Language;
use super::state::{Candidate, Dialogue, Open};
use super::template::plain;
use super::value::{self, Choice, Found, Kind};
use super::words::Token;
use crate::pii::stand_in;
use serde_json::Value;
use std::sync::Arc;

/// Where a slot's value comes from, before anybody is asked.
enum Known {
    Value(Value),
    /// In the words, but not believed.
    Doubtful(Found),
    No,
}

impl Dialogue {
    /// Whether the slot has a value; tries to find one. Where one was heard but is not believed, it is
    /// read back: the caller of this asks, and the open question becomes [`Open::Check`].
    pub(super) fn fill(&mut self, name: &str) -> Filled {
        let has = |dialogue: &Self| {
            let frame = dialogue.stack.last();
            frame.is_some_and(|frame| frame.values.get(name).is_some_and(|value| !value.is_null()))
        };
        if has(self) {
            return Filled::Yes;
        }
        let domain = Arc::clone(&self.domain);
        let Some(slot) = domain.slots.get(name) else {
            return Filled::Yes;
        };
        match self.known(slot) {
            Known::Value(value) if self.is_valid(slot, &value) => {
                self.put(slot, value);
                Filled::Yes
            }
            Known::Doubtful(found) => {
                let candidate = self.candidate(slot, &found.value);
                let valid = candidate.as_ref().is_some_and(|candidate| self.is_valid(slot, &candidate.value));
                match candidate {
                    Some(candidate) if valid => {
                        if let Some(frame) = self.stack.last_mut() {
                            frame.candidate = Some(candidate);
                        }
                        Filled::Doubtful
                    }
                    _ => Filled::No,
                }
            }
            _ => Filled::No,
        }
    }

    fn known(&mut self, slot: &Slot) -> Known {
        if slot.secret {
            return Known::No;
        }
        let choices = self.choices(slot);
        if let (SlotKind::Record(_), [_]) = (&slot.kind, choices.as_slice())
            && slot.only
        {
            return self.chosen(slot, "0").map_or(Known::No, Known::Value);
        }
        if let Some(found) = self.in_words(slot, &choices) {
            self.take_words(&found);
            if found.confidence < slot.limits.reject_below {
                return Known::No;
            }
            if slot.always_confirm || found.confidence < slot.limits.confirm_below {
                return Known::Doubtful(found);
            }
            return self.chosen(slot, &found.value).map_or(Known::No, Known::Value);
        }
        let points_back = self.stack.last().is_some_and(|frame| frame.points_back);
        if slot.recall
            && points_back
            && let Some(value) = self.memory.get(&slot.name)
        {
            return Known::Value(value.clone());
        }
        Known::No
    }

    /// A value for the slot among the words of the turn that no other slot took.
    fn in_words(&self, slot: &Slot, choices: &[Choice]) -> Option<Found> {
        let frame = self.stack.last()?;
        let words = self.words();
        let free = |found: &Found| {
            !frame
                .taken
                .get(found.words.clone())
                .is_none_or(|taken| taken.contains(&true))
        };
        let mut all: Vec<Found> = self.readings(slot, choices, &frame.said, false);
        all.retain(free);
        let cues = |name: &str| words.cues.get(name).map_or(&[][..], Vec::as_slice);
        let cued = |found: &Found, name: &str| {
            let before = frame.said.get(..found.words.start).unwrap_or_default();
            let before: Vec<&str> = before.iter().map(|token| token.text.as_str()).collect();
            let before = before.join(" ");
            cues(name).iter().any(|cue| {
                let near = |skipped: &str| before.strip_suffix(skipped).is_some_and(|rest| ends_with_words(rest, cue));
                near("") || near(" the") || near(" my") || near(" la") || near(" el") || near(" mi")
            })
        };
        if let Some(at) = all.iter().position(|found| cued(found, &slot.name)) {
            return Some(all.swap_remove(at));
        }
        // What follows another slot's cue is that slot's.
        let task = self.task()?;
        let of_others = |found: &Found| {
            task.slots
                .iter()
                .any(|other| *other != slot.name && cued(found, other))
        };
        all.retain(|found| !of_others(found));
        (!all.is_empty()).then(|| all.swap_remove(0))
    }

    fn take_words(&mut self, found: &Found) {
        if let Some(frame) = self.stack.last_mut()
            && let Some(taken) = frame.taken.get_mut(found.words.clone())
        {
            taken.fill(true);
        }
    }

    /// All readings of the words as a value of this slot.
    pub(super) fn readings(&self, slot: &Slot, choices: &[Choice], said: &[Token], asked: bool) -> Vec<Found> {
        match &slot.kind {
            SlotKind::Value(kind) => value::find(kind, said, self.language, self.context.now, asked),
            SlotKind::Choice(_) => value::choose(choices, said, self.language, asked, asked),
            SlotKind::Record(_) => value::choose(choices, said, self.language, asked, asked || choices.len() > 1),
        }
    }

    /// What there is to choose from, in order; for records the value is the row's place.
    pub(super) fn choices(&self, slot: &Slot) -> Vec<Choice> {
        match &slot.kind {
            SlotKind::Value(_) => Vec::new(),
            SlotKind::Choice(_) => self.words().options.get(&slot.name).cloned().unwrap_or_default(),
            SlotKind::Record(options) => self
                .rows(options)
                .iter()
                .enumerate()
                .map(|(at, row)| Choice {
                    value: at.to_string(),
                    names: names(options, row),
                })
                .collect(),
        }
    }

    fn rows(&self, options: &Options) -> &[Value] {
        let rows = self.stack.last().and_then(|frame| frame.values.get(&options.from));
        rows.and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// A found or keyed text as the slot's value: whole numbers for amounts and counts, the row for
    /// records.
    pub(super) fn chosen(&self, slot: &Slot, text: &str) -> Option<Value> {
        Some(match &slot.kind {
            SlotKind::Value(Kind::Amount | Kind::Count) => text.parse::<i64>().ok()?.into(),
            SlotKind::Value(Kind::YesNo) => matches!(text, "yes" | "true").into(),
            SlotKind::Value(_) | SlotKind::Choice(_) => text.into(),
            SlotKind::Record(options) => self.rows(options).get(text.parse::<usize>().ok()?)?.clone(),
        })
    }

    /// The value with its name, for reading back.
    fn candidate(&self, slot: &Slot, text: &str) -> Option<Candidate> {
        let value = self.chosen(slot, text)?;
        let name = self.name_of(slot, &value);
        Some(Candidate { value, name })
    }

    /// A value as callers know it.
    pub(super) fn name_of(&self, slot: &Slot, value: &Value) -> String {
        match &slot.kind {
            SlotKind::Value(_) => plain(value),
            SlotKind::Choice(_) => {
                let words = self.words();
                let choices = words.options.get(&slot.name);
                let choice = choices.and_then(|choices| {
                    choices.iter().find(|choice| value.as_str() == Some(choice.value.as_str()))
                });
                choice
                    .and_then(|choice| choice.names.first().cloned())
                    .unwrap_or_else(|| plain(value))
            }
            SlotKind::Record(options) => value.get(&options.label).map(plain).unwrap_or_default(),
        }
    }

    pub(super) fn is_valid(&self, slot: &Slot, value: &Value) -> bool {
        let Some(valid) = &slot.valid else {
            return true;
        };
        let mut view = self.view();
        view.insert("value".into(), value.clone());
        self.words().templates.holds(valid, &view)
    }

    /// Sets a slot's value.
    pub(super) fn put(&mut self, slot: &Slot, value: Value) {
        let name = self.name_of(slot, &value);
        if slot.secret {
            self.met(format!("slot:{}", slot.name));
        } else {
            self.note_slot(&slot.name, &name);
        }
        if slot.recall {
            self.memory.insert(slot.name.clone(), value.clone());
        }
        if let Some(frame) = self.stack.last_mut() {
            frame.values.insert(slot.name.clone(), value);
            frame.candidate = None;
            frame.part.clear();
        }
    }

    /// An answer to the open slot: believed, read back, or asked for again.
    pub(super) fn take(&mut self, slot: &Slot, found: &Found, meaning: &Meaning) -> Reply {
        let name = if slot.secret { "…" } else { &found.value };
        self.because(format!("{} = {name} ({} per mille)", slot.name, found.confidence));
        if let SlotKind::Value(Kind::Digits { min, max }) = slot.kind {
            return self.take_digits(slot, found, (min.into(), max.into()), meaning);
        }
        let Some(candidate) = self.candidate(slot, &found.value) else {
            return self.on_failure("no_match");
        };
        self.judge(slot, candidate, found.confidence, meaning.rival || found.corrected)
    }

    fn judge(&mut self, slot: &Slot, candidate: Candidate, confidence: u16, doubtful: bool) -> Reply {
        if confidence < slot.limits.reject_below {
            return self.on_failure("no_match");
        }
        if !self.is_valid(slot, &candidate.value) {
            return self.invalid(slot, candidate);
        }
        let unsure = confidence < slot.limits.confirm_below;
        if slot.always_confirm || (slot.limits.confirm_below > 0 && (unsure || doubtful)) {
            if let Some(frame) = self.stack.last_mut() {
                frame.candidate = Some(candidate);
            }
            return self.check();
        }
        self.progress();
        self.put(slot, candidate.value);
        self.run(Vec::new())
    }

    /// "I heard …, is that right?"
    pub(super) fn check(&mut self) -> Reply {
        self.open = Open::Check;
        self.failures = 0;
        self.ask(Vec::new())
    }

    /// The value cannot be: say why, and ask again.
    fn invalid(&mut self, slot: &Slot, candidate: Candidate) -> Reply {
        self.because(format!("{}: not valid", slot.name));
        let mut out = Vec::new();
        let values = [("value", candidate.value), ("name", candidate.name.into())];
        self.say_slot(&mut out, slot, Stage::Invalid, &values);
        self.missed(out)
    }

    /// A value was denied, not found or not valid: ask again, for a while.
    pub(super) fn missed(&mut self, out: Vec<Sentence>) -> Reply {
        let Some(frame) = self.stack.last_mut() else {
            return self.run(out);
        };
        frame.candidate = None;
        frame.part.clear();
        frame.misses += 1;
        if frame.misses >= LAST_MISS {
            return self.give_up_with(out, Reason::ThirdFailure);
        }
        self.failures = frame.misses.min(2);
        self.open = Open::Slot;
        self.ask(out)
    }

    /// Digits may come in parts.
    fn take_digits(
        &mut self,
        slot: &Slot,
        found: &Found,
        (min, max): (usize, usize),
        meaning: &Meaning,
    ) -> Reply {
        let before = self.stack.last().map(|frame| frame.part.clone()).unwrap_or_default();
        let whole = (min..=max).contains(&found.value.len());
        let digits = match whole || before.is_empty() {
            true => found.value.clone(),
            false => format!("{before}{}", found.value),
        };
        if digits.len() < min {
            if found.confidence < slot.limits.reject_below {
                return self.on_failure("no_match");
            }
            let grew = digits.len() > before.len();
            if let Some(frame) = self.stack.last_mut() {
                frame.part.clone_from(&digits);
            }
            self.open = Open::Slot;
            if !grew || digits.len() * 2 < min {
                let mut out = Vec::new();
                self.say_slot(&mut out, slot, Stage::Few, &[]);
                if let Some(frame) = self.stack.last_mut() {
                    frame.part.clear();
                }
                return self.failed_with(out);
            }
            self.failures = 0;
            return self.ask(Vec::new());
        }
        if digits.len() > max {
            let mut out = Vec::new();
            if let Some(frame) = self.stack.last_mut() {
                frame.part.clear();
            }
            self.say_slot(&mut out, slot, Stage::Many, &[]);
            return self.failed_with(out);
        }
        let candidate = Candidate {
            value: digits.clone().into(),
            name: digits,
        };
        let doubtful = meaning.rival || found.corrected || !before.is_empty() && !whole;
        self.judge(slot, candidate, found.confidence, doubtful)
    }

    /// Keys at the open slot.
    pub(super) fn keyed(&mut self, slot: &Slot, entry: &str) -> Reply {
        let text = match &slot.kind {
            SlotKind::Value(kind) => value::keyed(kind, entry, self.context.now, self.language).ok(),
            SlotKind::Choice(_) | SlotKind::Record(_) => {
                let choices = self.choices(slot);
                let nth = entry.parse::<usize>().ok().and_then(|nth| nth.checked_sub(1));
                nth.and_then(|nth| choices.get(nth)).map(|choice| choice.value.clone())
            }
        };
        if let SlotKind::Value(Kind::Digits { min, max }) = slot.kind {
            let (min, max) = (usize::from(min), usize::from(max));
            let count = stand_in::length(entry).unwrap_or(entry.len());
            let stage = if count < min { Stage::Few } else { Stage::Many };
            if !(min..=max).contains(&count) {
                let mut out = Vec::new();
                self.say_slot(&mut out, slot, stage, &[]);
                return self.failed_with(out);
            }
        }
        let Some(candidate) = text.and_then(|text| self.candidate(slot, &text)) else {
            return self.on_failure("bad_key");
        };
        if !self.is_valid(slot, &candidate.value) {
            return self.invalid(slot, candidate);
        }
        self.progress();
        self.put(slot, candidate.value);
        self.run(Vec::new())
    }

    /// The value that was read back is right.
    pub(super) fn checked(&mut self) -> Reply {
        let domain = Arc::clone(&self.domain);
        let slot = self.slot().and_then(|slot| domain.slots.get(&slot.name));
        let candidate = self.stack.last_mut().and_then(|frame| frame.candidate.take());
        self.progress();
        if let (Some(slot), Some(candidate)) = (slot, candidate) {
            self.put(slot, candidate.value);
        }
        self.run(Vec::new())
    }

    /// Values in the words that correct what is known: "no, the 15th", "to Anna, not to Ben".
    pub(super) fn correct(&mut self, meaning: &Meaning) -> bool {
        let domain = Arc::clone(&self.domain);
        let Some(task) = self.task() else {
            return false;
        };
        let slots: Vec<&Slot> = task.slots.iter().filter_map(|name| domain.slots.get(name)).collect();
        let known = self.filled();
        self.hear_more(meaning.tokens.clone());
        let mut changed = false;
        for slot in slots.iter().filter(|slot| known.contains_key(&slot.name) && !slot.secret) {
            let choices = self.choices(slot);
            let Some(found) = self.in_words(slot, &choices).or_else(|| self.alone(slot, &choices, meaning)) else {
                continue;
            };
            let value = match &slot.kind {
                SlotKind::Value(Kind::Digits { min, .. }) if found.value.len() < usize::from(*min) => {
                    let old = known.get(&slot.name).map(plain).unwrap_or_default();
                    value::regroup(&old, &found.value).map(Value::from)
                }
                _ => self.chosen(slot, &found.value),
            };
            let Some(value) = value.filter(|value| known.get(&slot.name) != Some(value)) else {
                continue;
            };
            if self.is_valid(slot, &value) {
                self.take_words(&found);
                self.put(slot, value);
                changed = true;
            }
        }
        changed
    }

    /// A lenient reading, where only one kind of value can be meant.
    fn alone(&self, slot: &Slot, choices: &[Choice], meaning: &Meaning) -> Option<Found> {
        let kinds = self.task()?.slots.iter().filter(|name| {
            let kind = self.domain.slots.get(*name).map(|slot| &slot.kind);
            kind.is_some_and(|kind| std::mem::discriminant(kind) == std::mem::discriminant(&slot.kind))
        });
        if kinds.count() > 1 && !matches!(slot.kind, SlotKind::Value(Kind::Date | Kind::Time | Kind::Amount)) {
            return None;
        }
        self.readings(slot, choices, &meaning.tokens, true).into_iter().next()
    }
}

/// What [`Dialogue::fill`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filled {
    Yes,
    /// A candidate is to be read back.
    Doubtful,
    No,
}

fn names(options: &Options, row: &Value) -> Vec<String> {
    [&options.label]
        .into_iter()
        .chain(&options.also)
        .filter_map(|column| row.get(column))
        .map(plain)
        .filter(|name| !name.is_empty())
        .collect()
}

fn ends_with_words(text: &str, words: &str) -> bool {
    text.strip_suffix(words)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with(' '))
}

/// "cancel it", "the same one", "esa".
pub(super) fn points_back(said: &[Token], language: Language) -> bool {
    let back: &[&str] = match language {
        Language::English => &["it", "that", "this", "same", "them", "one"],
        Language::Spanish => &[
            "lo", "la", "ese", "esa", "eso", "este", "esta", "mismo", "misma", "cancelarlo",
            "cancélalo", "devolverlo", "cambiarlo", "moverla", "cancelarla",
        ],
    };
    said.iter().any(|token| back.contains(&token.text.as_str()))
}
