//! Values for slots: found in the words of a turn, keyed, pointed back to, or the only one there is;
//! believed, read back, or asked for again.

use super::domain::{Options, Slot, SlotKind};
use super::handover::How;
use super::reply::Confidence;
use super::spoken::Language;
use super::state::{Candidate, Dialogue};
use super::template::{View, plain};
use super::value::{self, Choice, Found, Kind};
use super::words::{Token, tokens_of};
use serde_json::Value;
use std::sync::Arc;

/// Keyed, agreed to, or from a record: as sure as can be.
pub(super) const SURE: Confidence = 1000;

/// Where a slot's value comes from, before anybody is asked.
enum Known {
    /// With how sure it is.
    Value(Value, Confidence, How),
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
            Known::Value(value, confidence, how) if self.is_valid(slot, &value) => {
                self.put(slot, value, confidence, how);
                Filled::Yes
            }
            Known::Doubtful(found) => {
                let candidate = self.candidate(slot, &found.value, found.confidence);
                let valid = candidate
                    .as_ref()
                    .is_some_and(|candidate| self.is_valid(slot, &candidate.value));
                match candidate {
                    Some(candidate) if valid => {
                        self.note_slot(&slot.name, &candidate.name);
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
            let only = |value| Known::Value(value, SURE, How::Known);
            return self.chosen(slot, "0").map_or(Known::No, only);
        }
        // A yes or no that was said before answers another question.
        let answer = slot.kind == SlotKind::Value(Kind::YesNo);
        if let Some(found) = self.in_words(slot, &choices).filter(|_| !answer) {
            self.take_words(&found);
            if found.confidence < slot.limits.reject_below {
                return Known::No;
            }
            let corrected = found.corrected && slot.limits.confirm_below > 0;
            if slot.always_confirm || corrected || found.confidence < slot.limits.confirm_below {
                return Known::Doubtful(found);
            }
            return self.chosen(slot, &found.value).map_or(Known::No, |value| {
                Known::Value(value, found.confidence, How::Said)
            });
        }
        let points_back = self.stack.last().is_some_and(|frame| frame.points_back);
        if slot.recall
            && points_back
            && let Some((value, confidence, how)) = self.memory.get(&slot.name).cloned()
        {
            return Known::Value(value, confidence, how);
        }
        Known::No
    }

    /// A value for the slot among the words of the turn that no other slot took.
    pub(super) fn in_words(&self, slot: &Slot, choices: &[Choice]) -> Option<Found> {
        let frame = self.stack.last()?;
        let words = self.words();
        let free = |found: &Found| {
            !frame
                .taken
                .get(found.words.clone())
                .is_none_or(|taken| taken.contains(&true))
        };
        let mut all: Vec<Found> = self.readings(slot, choices, &frame.said, false);
        drop_ambiguous(&mut all);
        all.retain(free);
        // "send fifty to Anna": where only one slot takes a number, a bare one is its.
        if all.is_empty() && self.is_only_number(slot) {
            all = self.readings(slot, choices, &frame.said, true);
            all.retain(free);
        }
        let cues = |name: &str| words.cues.get(name).map_or(&[][..], Vec::as_slice);
        let cued = |found: &Found, name: &str| {
            let before = frame.said.get(..found.words.start).unwrap_or_default();
            let before: Vec<&str> = before.iter().map(|token| token.text.as_str()).collect();
            let before = before.join(" ");
            cues(name).iter().any(|cue| {
                let near = |skipped: &str| {
                    before
                        .strip_suffix(skipped)
                        .is_some_and(|rest| ends_with_words(rest, cue))
                };
                near("") || near(" the") || near(" my") || near(" la") || near(" el") || near(" mi")
            })
        };
        if let Some(at) = all.iter().position(|found| cued(found, &slot.name)) {
            return Some(all.swap_remove(at));
        }
        // What follows another slot's cue is that slot's.
        let task = self.task()?;
        let of_others = |found: &Found| {
            task.slots.iter().any(|other| {
                let alike = self
                    .domain
                    .slots
                    .get(other)
                    .is_some_and(|other| takes_alike(other, slot));
                alike && *other != slot.name && cued(found, other)
            })
        };
        all.retain(|found| !of_others(found));
        (!all.is_empty()).then(|| all.swap_remove(0))
    }

    /// Whether it takes an amount or a count, and no other slot of the task takes a number of any kind.
    fn is_only_number(&self, slot: &Slot) -> bool {
        let numeric = |slot: &Slot| match &slot.kind {
            SlotKind::Value(Kind::Text | Kind::YesNo | Kind::Letters { .. }) => false,
            SlotKind::Value(_) => !slot.secret,
            SlotKind::Choice(_) | SlotKind::Record(_) => false,
        };
        let others = self.task().map_or(&[][..], |task| task.slots.as_slice());
        matches!(slot.kind, SlotKind::Value(Kind::Amount | Kind::Count))
            && !others
                .iter()
                .filter(|name| **name != slot.name)
                .filter_map(|name| self.domain.slots.get(name))
                .any(numeric)
    }

    pub(super) fn take_words(&mut self, found: &Found) {
        if let Some(frame) = self.stack.last_mut()
            && let Some(taken) = frame.taken.get_mut(found.words.clone())
        {
            taken.fill(true);
        }
    }

    /// All readings of the words as a value of this slot.
    pub(super) fn readings(
        &self,
        slot: &Slot,
        choices: &[Choice],
        said: &[Token],
        asked: bool,
    ) -> Vec<Found> {
        let language = self.language;
        match &slot.kind {
            SlotKind::Value(kind) => value::find(kind, said, language, self.context.now, asked),
            SlotKind::Choice(_) => {
                let mut found = value::choose(choices, said, language, asked, asked);
                // A business wrote these words: a part of them is something else ("pain" in "back
                // pain"), unless the question is open and nothing fits better.
                let whole = |found: &Found| is_whole(found, choices, said);
                if !asked || found.iter().any(whole) {
                    found.retain(whole);
                }
                found
            }
            SlotKind::Record(_) => {
                let ordinals = asked || choices.len() > 1;
                value::choose(choices, said, language, asked, ordinals)
            }
        }
    }

    /// What there is to choose from, in order; for records the value is the row's place.
    pub(super) fn choices(&self, slot: &Slot) -> Vec<Choice> {
        match &slot.kind {
            SlotKind::Value(_) => Vec::new(),
            SlotKind::Choice(_) => self
                .words()
                .options
                .get(&slot.name)
                .cloned()
                .unwrap_or_default(),
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
        let rows = self
            .stack
            .last()
            .and_then(|frame| frame.values.get(&options.from));
        rows.and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// A found or keyed text as the slot's value: whole numbers for amounts and counts, the row for
    /// records.
    pub(super) fn chosen(&self, slot: &Slot, text: &str) -> Option<Value> {
        Some(match &slot.kind {
            SlotKind::Value(Kind::Amount | Kind::Count) => text.parse::<i64>().ok()?.into(),
            SlotKind::Value(Kind::YesNo) => matches!(text, "yes" | "true").into(),
            SlotKind::Value(_) | SlotKind::Choice(_) => text.into(),
            SlotKind::Record(options) => {
                self.rows(options).get(text.parse::<usize>().ok()?)?.clone()
            }
        })
    }

    /// The value with its name, for reading back.
    pub(super) fn candidate(
        &self,
        slot: &Slot,
        text: &str,
        confidence: Confidence,
    ) -> Option<Candidate> {
        let value = self.chosen(slot, text)?;
        let name = self.name_of(slot, &value);
        Some(Candidate {
            value,
            name,
            confidence,
        })
    }

    /// A value as callers know it.
    pub(super) fn name_of(&self, slot: &Slot, value: &Value) -> String {
        match &slot.kind {
            SlotKind::Value(_) => plain(value),
            SlotKind::Choice(_) => {
                let words = self.words();
                let choices = words.options.get(&slot.name);
                let choice = choices.and_then(|choices| {
                    choices
                        .iter()
                        .find(|choice| value.as_str() == Some(choice.value.as_str()))
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
        self.words().templates.holds(valid, &View::from(&view))
    }

    /// Sets a slot's value, of which it is known how sure it is.
    pub(super) fn put(&mut self, slot: &Slot, value: Value, confidence: Confidence, how: How) {
        let name = self.name_of(slot, &value);
        if slot.secret {
            self.met(format!("slot:{}", slot.name));
        } else {
            self.note_slot(&slot.name, &name);
        }
        if slot.recall {
            let remembered = (value.clone(), confidence, how);
            self.memory.insert(slot.name.clone(), remembered);
        }
        if let Some(frame) = self.stack.last_mut() {
            frame.values.insert(slot.name.clone(), value);
            frame.heard.insert(slot.name.clone(), (confidence, how));
            frame.candidate = None;
            frame.part.clear();
        }
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

/// The same words that fit several choices alike are none of them: the question is asked.
fn drop_ambiguous(found: &mut Vec<Found>) {
    let all = found.clone();
    let rivals = |one: &Found| {
        all.iter()
            .filter(|other| other.words == one.words && other.value != one.value)
            .map(|other| other.confidence)
            .max()
    };
    found.retain(|one| rivals(one).is_none_or(|rival| rival < one.confidence));
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

/// Whether the words are one of the choice's names, or its number, rather than a part of a name.
fn is_whole(found: &Found, choices: &[Choice], said: &[Token]) -> bool {
    let words: Vec<&str> = said
        .get(found.words.clone())
        .unwrap_or_default()
        .iter()
        .map(|token| token.text.as_str())
        .collect();
    let words = words.join(" ");
    let choice = choices.iter().find(|choice| choice.value == found.value);
    let parts = choice.into_iter().flat_map(|choice| &choice.names);
    let mut named = false;
    for name in parts {
        let name: Vec<String> = tokens_of(name)
            .into_iter()
            .map(|token| token.text)
            .collect();
        let name = name.join(" ");
        if strsim::jaro_winkler(&name, &words) >= 0.88 {
            return true;
        }
        named |= name
            .split(' ')
            .any(|part| words.split(' ').any(|word| word == part));
    }
    // "the second one", "number two": no part of any name.
    !named
}

/// Whether the same words could be a value of both.
fn takes_alike(one: &Slot, other: &Slot) -> bool {
    let kind = |slot: &Slot| match &slot.kind {
        SlotKind::Value(kind) => std::mem::discriminant(kind),
        SlotKind::Choice(_) | SlotKind::Record(_) => std::mem::discriminant(&Kind::Text),
    };
    kind(one) == kind(other)
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
            "lo",
            "la",
            "ese",
            "esa",
            "eso",
            "este",
            "esta",
            "mismo",
            "misma",
            "cancelarlo",
            "cancélalo",
            "devolverlo",
            "cambiarlo",
            "moverla",
            "cancelarla",
        ],
    };
    said.iter().any(|token| back.contains(&token.text.as_str()))
}
