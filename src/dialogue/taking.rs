//! A value that was given: believed, read back, asked for again, or corrected.

use super::domain::{Slot, SlotKind, Stage};
use super::flow::LAST_MISS;
use super::handover::How;
use super::hear::Meaning;
use super::reply::{Reason, Reply, Sentence};
use super::slots::SURE;
use super::state::{Candidate, Dialogue, Open};
use super::template::plain;
use super::value::{self, Choice, Found, Kind};
use super::words::Token;
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
            return self.take_digits(slot, found, (min.into(), max.into()), meaning.rival);
        }
        // A message is kept as it was said, but for the words that end it.
        let verbatim = self.is_verbatim(slot);
        let text = match verbatim {
            true => self.without_end(),
            false => found.value.clone(),
        };
        let Some(candidate) = self.candidate(slot, &text, found.confidence) else {
            return self.on_failure("no_match");
        };
        self.judge(slot, candidate, meaning.rival || found.corrected)
    }

    fn judge(&mut self, slot: &Slot, candidate: Candidate, doubtful: bool) -> Reply {
        let confidence = candidate.confidence;
        if confidence < slot.limits.reject_below {
            return self.on_failure("no_match");
        }
        if !self.is_valid(slot, &candidate.value) {
            return self.invalid(slot, candidate);
        }
        let unsure = confidence < slot.limits.confirm_below;
        if slot.always_confirm || (slot.limits.confirm_below > 0 && (unsure || doubtful)) {
            self.note_slot(&slot.name, &candidate.name);
            if let Some(frame) = self.stack.last_mut() {
                frame.candidate = Some(candidate);
            }
            return self.check();
        }
        self.progress();
        self.put(slot, candidate.value, confidence, How::Said);
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
        rival: bool,
    ) -> Reply {
        let frame = self.stack.last_mut();
        let before = frame.map(|frame| std::mem::take(&mut frame.part));
        let before = before.unwrap_or_default();
        let got = found.value.len();
        // The same part once more is no second one.
        let rest =
            got < min && found.value != before && (min..=max).contains(&(before.len() + got));
        let digits = match rest && !before.is_empty() {
            true => format!("{before}{}", found.value),
            false => found.value.clone(),
        };
        if digits.len() < min && found.confidence < slot.limits.reject_below {
            return self.on_failure("no_match");
        }
        // One short is a digit that was not heard, rather than a part.
        if before.is_empty() && got > 1 && got + 1 < min {
            self.note_slot(&slot.name, &digits);
            if let Some(frame) = self.stack.last_mut() {
                frame.part = digits;
            }
            self.open = Open::Slot;
            self.failures = 0;
            return self.ask(Vec::new());
        }
        if !(min..=max).contains(&digits.len()) {
            return self.wrong_length(slot, digits.len() < min);
        }
        let doubtful = rival || found.corrected || rest;
        let candidate = Candidate {
            value: digits.clone().into(),
            name: digits,
            confidence: found.confidence,
        };
        self.judge(slot, candidate, doubtful)
    }

    fn wrong_length(&mut self, slot: &Slot, few: bool) -> Reply {
        self.open = Open::Slot;
        let mut out = Vec::new();
        let stage = if few { Stage::Few } else { Stage::Many };
        self.say_slot(&mut out, slot, stage, &[]);
        self.failed_with(out)
    }

    /// Digits among the words of a wish that are not as many as the number that it begins with has:
    /// they are a part of it, or the caller is told. None where nothing of that kind was said.
    pub(super) fn misfit(&mut self, slot: &Slot) -> Option<Reply> {
        let SlotKind::Value(Kind::Digits { min, max }) = slot.kind else {
            return None;
        };
        let frame = self.stack.last()?;
        if slot.secret || frame.said.is_empty() || self.task()?.slots.len() > 1 {
            return None;
        }
        let other = [Kind::Date, Kind::Time, Kind::Amount];
        let (said, language, now) = (&frame.said, self.language, self.context.now);
        let mut others = other
            .iter()
            .flat_map(|kind| value::find(kind, said, language, now, false));
        let found = self.readings(slot, &[], said, true).into_iter().next()?;
        let free = frame
            .taken
            .get(found.words.clone())?
            .iter()
            .all(|taken| !taken);
        let own = !others.any(|other| other.words.contains(&found.words.start));
        if !free || !own || found.value.len() < 2 {
            return None;
        }
        self.take_words(&found);
        Some(self.take_digits(slot, &found, (min.into(), max.into()), false))
    }

    /// Keys at the open slot. Of a number they can be the rest; `*` starts it again.
    pub(super) fn keyed(&mut self, slot: &Slot, entry: &str) -> Reply {
        if let Some(secret) = StandIn::of(entry) {
            return self.keyed_secret(slot, secret);
        }
        let text = match &slot.kind {
            SlotKind::Value(Kind::Digits { min, max }) => {
                let right = usize::from(*min)..=usize::from(*max);
                let frame = self.stack.last_mut();
                let part = frame.map(|frame| std::mem::take(&mut frame.part));
                let part = part.unwrap_or_default();
                let keys = entry.rsplit('*').next().unwrap_or_default();
                let keys: String = keys.chars().filter(char::is_ascii_digit).collect();
                let rest =
                    !right.contains(&keys.len()) && right.contains(&(part.len() + keys.len()));
                let digits = if rest { part + &keys } else { keys };
                if digits.is_empty() {
                    return self.on_failure("no_input");
                }
                if !right.contains(&digits.len()) {
                    return self.wrong_length(slot, digits.len() < *right.start());
                }
                Some(digits)
            }
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
        let Some(candidate) = text.and_then(|text| self.candidate(slot, &text, SURE)) else {
            return self.on_failure("bad_key");
        };
        if !self.is_valid(slot, &candidate.value) {
            return self.invalid(slot, candidate);
        }
        self.progress();
        self.put(slot, candidate.value, SURE, How::Keyed);
        self.run(Vec::new())
    }

    /// What stands for a secret: nothing of it but its length can be looked at. Whether the slot's rule
    /// allows it was decided by who knows the digits, see [`allows`](Self::allows).
    fn keyed_secret(&mut self, slot: &Slot, secret: StandIn) -> Reply {
        let SlotKind::Value(Kind::Digits { min, max }) = slot.kind else {
            return self.on_failure("bad_key");
        };
        if !(usize::from(min)..=usize::from(max)).contains(&secret.digits) {
            return self.wrong_length(slot, secret.digits < usize::from(min));
        }
        let candidate = Candidate {
            value: secret.to_string().into(),
            name: HIDDEN.into(),
            confidence: SURE,
        };
        if !secret.allowed {
            return self.invalid(slot, candidate);
        }
        self.progress();
        self.put(slot, candidate.value, SURE, How::Keyed);
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
            self.put(slot, candidate.value, SURE, How::Confirmed);
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
        let open = [Kind::YesNo, Kind::Text].map(SlotKind::Value);
        for slot in slots.iter().filter(|slot| !slot.secret) {
            let choices = self.choices(slot);
            let has = known.contains_key(&slot.name);
            // A value that was never asked for can be given now, but must be said clearly.
            if !has && (!lenient || open.contains(&slot.kind)) {
                continue;
            }
            let Some(found) = self.in_words(slot, &choices).or_else(|| {
                self.alone(slot, &choices, meaning)
                    .filter(|_| lenient && has)
            }) else {
                continue;
            };
            let old = known.get(&slot.name).map(plain).unwrap_or_default();
            let found = self.same_month(slot, &old, found, &meaning.tokens);
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
                self.put(slot, value, found.confidence, How::Said);
                changed = true;
            }
        }
        changed
    }

    /// "No, the 8th" of June 7th, 1980: the month and year that were said stay.
    pub(super) fn same_month(&self, slot: &Slot, old: &str, found: Found, said: &[Token]) -> Found {
        let words = said.get(found.words.clone()).unwrap_or_default();
        let bare = |token: &Token| {
            let text = token.text.as_str();
            !matches!(text, "today" | "tomorrow" | "hoy" | "mañana")
                && !text.ends_with("day")
                && !matches!(
                    text,
                    "lunes" | "martes" | "miércoles" | "jueves" | "viernes" | "sábado" | "domingo"
                )
        };
        let first = old
            .parse::<jiff::civil::Date>()
            .ok()
            .map(|old| old.first_of_month());
        if slot.kind != SlotKind::Value(Kind::Date) || words.len() > 3 || !words.iter().all(bare) {
            return found;
        }
        let again = first.and_then(|first| {
            let then = first.to_datetime(jiff::civil::Time::midnight());
            let kind = Kind::Date;
            let found = value::find(&kind, words, self.language, then, true)
                .into_iter()
                .next()?;
            let day: jiff::civil::Date = found.value.parse().ok()?;
            (day.first_of_month() == first).then_some(found.value)
        });
        match again {
            Some(value) => Found { value, ..found },
            None => found,
        }
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
