//! A value that was given: believed, read back, asked for again, or corrected.

use super::domain::{Slot, SlotKind, Stage};
use super::flow::LAST_MISS;
use super::hear::Meaning;
use super::reply::{Reason, Reply, Sentence};
use super::state::{Candidate, Dialogue, Open};
use super::template::plain;
use super::value::{self, Choice, Found, Kind};
use crate::pii::HIDDEN;
use crate::pii::stand_in::StandIn;
use serde_json::Value;
use std::sync::Arc;

impl Dialogue {
    /// An answer to the open slot: believed, read back, or asked for again.
    pub(super) fn take(&mut self, slot: &Slot, found: &Found, meaning: &Meaning) -> Reply {
        let name = if slot.secret { "…" } else { &found.value };
        self.because(format!(
            "{} = {name} ({} per mille)",
            slot.name, found.confidence
        ));
        if let SlotKind::Value(Kind::Digits { min, max }) = slot.kind {
            return self.take_digits(slot, found, (min.into(), max.into()), meaning);
        }
        let Some(candidate) = self.candidate(slot, &found.value) else {
            return self.on_failure("no_match");
        };
        self.judge(
            slot,
            candidate,
            found.confidence,
            meaning.rival || found.corrected,
        )
    }

    fn judge(
        &mut self,
        slot: &Slot,
        candidate: Candidate,
        confidence: u16,
        doubtful: bool,
    ) -> Reply {
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
        let before = self
            .stack
            .last()
            .map(|frame| frame.part.clone())
            .unwrap_or_default();
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
        if let Some(secret) = StandIn::of(entry) {
            return self.keyed_secret(slot, secret);
        }
        let text = match &slot.kind {
            SlotKind::Value(kind) => {
                value::keyed(kind, entry, self.context.now, self.language).ok()
            }
            SlotKind::Choice(_) | SlotKind::Record(_) => {
                let choices = self.choices(slot);
                let nth = entry
                    .parse::<usize>()
                    .ok()
                    .and_then(|nth| nth.checked_sub(1));
                nth.and_then(|nth| choices.get(nth))
                    .map(|choice| choice.value.clone())
            }
        };
        if let SlotKind::Value(Kind::Digits { min, max }) = slot.kind {
            let (min, max) = (usize::from(min), usize::from(max));
            let stage = if entry.len() < min {
                Stage::Few
            } else {
                Stage::Many
            };
            if !(min..=max).contains(&entry.len()) {
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

    /// What stands for a secret: nothing of it but its length can be looked at. Whether the slot's rule
    /// allows it was decided by who knows the digits, see [`allows`](Self::allows).
    fn keyed_secret(&mut self, slot: &Slot, secret: StandIn) -> Reply {
        let SlotKind::Value(Kind::Digits { min, max }) = slot.kind else {
            return self.on_failure("bad_key");
        };
        if !(usize::from(min)..=usize::from(max)).contains(&secret.digits) {
            let few = secret.digits < usize::from(min);
            let mut out = Vec::new();
            self.say_slot(&mut out, slot, if few { Stage::Few } else { Stage::Many }, &[]);
            return self.failed_with(out);
        }
        let candidate = Candidate {
            value: secret.to_string().into(),
            name: HIDDEN.into(),
        };
        if !secret.allowed {
            return self.invalid(slot, candidate);
        }
        self.progress();
        self.put(slot, candidate.value);
        self.run(Vec::new())
    }

    /// Whether the rule of the secret slot that is asked for allows these digits. The one thing of a
    /// dialogue that sees them; it keeps nothing.
    pub fn allows(&self, digits: &str) -> bool {
        let slot = self.slot().filter(|slot| slot.secret);
        slot.is_none_or(|slot| self.is_valid(slot, &digits.into()))
    }

    /// The value that was read back is right.
    pub(super) fn checked(&mut self) -> Reply {
        let domain = Arc::clone(&self.domain);
        let slot = self.slot().and_then(|slot| domain.slots.get(&slot.name));
        let candidate = self
            .stack
            .last_mut()
            .and_then(|frame| frame.candidate.take());
        self.progress();
        if let (Some(slot), Some(candidate)) = (slot, candidate) {
            self.put(slot, candidate.value);
        }
        self.run(Vec::new())
    }

    /// Values in the words that correct what is known: "no, the 15th", "to Anna, not to Ben". `lenient`:
    /// also bare ones, as they are said when the values were just read back.
    pub(super) fn correct(&mut self, meaning: &Meaning, lenient: bool) -> bool {
        let domain = Arc::clone(&self.domain);
        let Some(task) = self.task() else {
            return false;
        };
        let slots: Vec<&Slot> = task
            .slots
            .iter()
            .filter_map(|name| domain.slots.get(name))
            .collect();
        let known = self.filled();
        self.hear_more(meaning.tokens.clone());
        let mut changed = false;
        for slot in slots
            .iter()
            .filter(|slot| known.contains_key(&slot.name) && !slot.secret)
        {
            let choices = self.choices(slot);
            let Some(found) = self
                .in_words(slot, &choices)
                .or_else(|| self.alone(slot, &choices, meaning).filter(|_| lenient))
            else {
                continue;
            };
            let value = match &slot.kind {
                SlotKind::Value(Kind::Digits { min, .. })
                    if found.value.len() < usize::from(*min) =>
                {
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
            kind.is_some_and(|kind| {
                std::mem::discriminant(kind) == std::mem::discriminant(&slot.kind)
            })
        });
        if kinds.count() > 1
            && !matches!(
                slot.kind,
                SlotKind::Value(Kind::Date | Kind::Time | Kind::Amount)
            )
        {
            return None;
        }
        let frame = self.stack.last()?;
        let free = |found: &Found| {
            let taken = frame.taken.get(found.words.clone());
            !taken.is_some_and(|taken| taken.contains(&true))
        };
        let found = self.readings(slot, choices, &meaning.tokens, true);
        found.into_iter().find(free)
    }
}
