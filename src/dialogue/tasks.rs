//! Filling a form digit by digit and asking the back end. Where the caller is led when that fails
//! for good is `ending`'s business.

use super::domain::SlotKind;
use super::number::{Digits, unstutter};
use super::policy::SURE;
use super::prompt::Values;
use super::reply::{Lookup, LookupId, LookupResult, Reason, Reply, Sentence, Then};
use super::state::{Dialogue, FormState, Open, last_words};
use super::understand::Meaning;
use std::sync::Arc;

/// Values denied or not found after which a person takes over.
const LAST_MISS: u8 = 3;
/// Turns that a caller waits for the back end.
const LAST_WAIT: u8 = 4;
/// Digits in a group when a number is read back.
const GROUP: usize = 3;

impl Dialogue {
    pub(super) fn start_form(&mut self, name: &str, meaning: &Meaning) -> Reply {
        let same = self.form.as_ref().is_some_and(|form| form.name == name);
        let digits = meaning
            .digits
            .as_ref()
            .filter(|digits| digits.value.len() > 1);
        if same && digits.is_none() {
            // The wish again instead of an answer.
            return self.on_failure("understood");
        }
        if !same {
            self.form = Some(FormState {
                name: name.to_owned(),
                ..FormState::default()
            });
            self.progress();
        }
        self.open = Open::Slot;
        match digits {
            Some(digits) => self.take_digits(digits, meaning.rival),
            None => self.ask(Vec::new()),
        }
    }

    /// Spoken digits for the open slot.
    pub(super) fn take_digits(&mut self, digits: &Digits, rival: bool) -> Reply {
        let Some(slot) = self.slot().cloned() else {
            return self.on_failure("no_match");
        };
        let SlotKind::Digits(count) = slot.kind;
        let part = self
            .form
            .as_mut()
            .map(|form| std::mem::take(&mut form.part))
            .unwrap_or_default();
        let mut value = digits.value.clone();
        let mut confidence = digits.confidence;
        let mut certain = !digits.corrected && !rival;
        if value.len() < count && value != part && value.len() + part.len() == count {
            value = part.clone() + &value;
            certain = false;
        } else if let Some(shorter) = unstutter(digits, count) {
            (value, confidence) = (shorter.value, shorter.confidence);
            certain = false;
        }
        self.note_digits(&slot.name, &value, confidence);
        if confidence < slot.reject_below {
            return self.on_failure("no_match");
        }
        if value.len() == count {
            return if certain && confidence >= slot.confirm_below {
                self.fill(value)
            } else {
                self.read_back(value)
            };
        }
        if part.is_empty() && (2..count - 1).contains(&value.len()) {
            self.set(|form| form.part = value);
            return self.ask(Vec::new());
        }
        self.wrong_length(&slot.few, &slot.many, value.len(), count)
    }

    fn wrong_length(&mut self, few: &str, many: &str, got: usize, count: usize) -> Reply {
        let values = Values::from([("count".to_owned(), got.to_string())]);
        self.fail(if got < count { few } else { many }, &values)
    }

    fn note_digits(&mut self, slot: &str, value: &str, confidence: u16) {
        // An intent with its number keeps the intent's name.
        let intent = self
            .understood
            .as_ref()
            .map(|understood| understood.intent.clone())
            .unwrap_or_default();
        self.note(
            if intent.is_empty() { "digits" } else { &intent },
            confidence,
            &[(slot, value)],
        );
    }

    /// Keyed digits for the open slot; `*` starts the entry again.
    pub(super) fn keyed_digits(&mut self, entry: &str) -> Reply {
        let Some(slot) = self.slot().cloned() else {
            return self.on_failure("bad_key");
        };
        let SlotKind::Digits(count) = slot.kind;
        let part = self
            .form
            .as_mut()
            .map(|form| std::mem::take(&mut form.part))
            .unwrap_or_default();
        let entry = entry.rsplit('*').next().unwrap_or_default();
        let entry: String = entry
            .chars()
            .filter(char::is_ascii_digit)
            .take(count + 1)
            .collect();
        match entry.len() {
            0 => self.on_failure("no_input"),
            len if len == count => self.fill(entry),
            len if len + part.len() == count => self.fill(part + &entry),
            len => self.wrong_length(&slot.few, &slot.many, len, count),
        }
    }

    fn set(&mut self, change: impl FnOnce(&mut FormState)) {
        if let Some(form) = &mut self.form {
            change(form);
        }
    }

    /// "I heard …, is that right?"
    fn read_back(&mut self, value: String) -> Reply {
        self.set(|form| form.candidate = value);
        self.failures = 0;
        self.open = Open::ConfirmSlot;
        self.ask(Vec::new())
    }

    /// The value that was read back is right.
    pub(super) fn confirmed(&mut self) -> Reply {
        let value = self
            .form
            .as_mut()
            .map(|form| std::mem::take(&mut form.candidate))
            .unwrap_or_default();
        self.fill(value)
    }

    /// The value that was read back is wrong.
    pub(super) fn denied(&mut self) -> Reply {
        self.set(|form| form.candidate.clear());
        let mut out = Vec::new();
        self.say(&mut out, "understood", &[]);
        self.miss(out)
    }

    /// One more value that was no good: ask again, with keys the second time.
    fn miss(&mut self, out: Vec<Sentence>) -> Reply {
        self.set(|form| form.misses += 1);
        let misses = self.form.as_ref().map_or(LAST_MISS, |form| form.misses);
        if misses >= LAST_MISS {
            return self.give_up_with(out, Reason::ThirdFailure);
        }
        self.open = Open::Slot;
        self.failures = misses;
        self.ask(out)
    }

    /// "No, four five six": all digits again, or those of one group.
    pub(super) fn correct_digits(&mut self, digits: &Digits, denied: bool) -> Reply {
        let Some(slot) = self.slot().cloned() else {
            return self.on_failure("no_match");
        };
        let SlotKind::Digits(count) = slot.kind;
        let candidate = self
            .form
            .as_ref()
            .map(|form| form.candidate.clone())
            .unwrap_or_default();
        self.note_digits(&slot.name, &digits.value, digits.confidence);
        if digits.confidence < slot.reject_below {
            return self.on_failure("no_match");
        }
        if digits.value == candidate && !denied {
            return if digits.confidence >= SURE {
                self.confirmed()
            } else {
                self.on_failure("no_match")
            };
        }
        let shorter = unstutter(digits, count).map(|digits| digits.value);
        let value = match shorter.unwrap_or_else(|| digits.value.clone()) {
            value if value.len() == count => Some(value),
            value => regroup(&candidate, &value),
        };
        self.set(|form| form.misses += 1);
        let misses = self.form.as_ref().map_or(LAST_MISS, |form| form.misses);
        match value {
            _ if misses > LAST_MISS => self.give_up(Reason::ThirdFailure),
            // The same again after a "no": hearing does not get better, so the keys.
            Some(value) if value != candidate => self.read_back(value),
            _ => {
                self.set(|form| form.misses -= 1);
                self.denied()
            }
        }
    }

    /// Takes a value for the open slot, then asks the next one or the back end.
    fn fill(&mut self, value: String) -> Reply {
        let Some(name) = self.slot().map(|slot| slot.name.clone()) else {
            return self.on_failure("no_match");
        };
        self.set(|form| {
            form.values.insert(name, value);
            form.part.clear();
            form.candidate.clear();
        });
        self.progress();
        if self.slot().is_some() {
            self.open = Open::Slot;
            return self.ask(Vec::new());
        }
        self.waits = 0;
        self.look_up("bridge")
    }

    fn look_up(&mut self, bridge: &str) -> Reply {
        let Some(form) = &self.form else {
            return self.on_failure("no_match");
        };
        let name = self
            .domain
            .forms
            .get(&form.name)
            .map(|form| form.lookup.clone())
            .unwrap_or_default();
        let arguments = form.values.clone();
        self.lookup = Lookup {
            id: self.lookup.id.wrapping_add(1),
            name,
            arguments,
        };
        self.open = Open::Waiting;
        let mut out = Vec::new();
        self.say(&mut out, bridge, &[]);
        last_words(out, Then::LookUp(self.lookup.clone()))
    }

    /// Something other than the answer happened: ask again, for a limited time.
    pub(super) fn still_looking(&mut self) -> Reply {
        self.waits += 1;
        if self.waits >= LAST_WAIT {
            self.lookup_failed()
        } else {
            self.look_up("still_looking")
        }
    }

    pub(super) fn on_found(&mut self, lookup: LookupId, result: &LookupResult) -> Reply {
        if self.open != Open::Waiting {
            return self.ask(Vec::new()); // Too late: the caller is elsewhere.
        }
        if lookup != self.lookup.id {
            return self.still_looking();
        }
        match result {
            LookupResult::Found(record) => self.answer(record),
            LookupResult::NotFound | LookupResult::Rows(_) => self.not_found(),
            LookupResult::Failed => self.lookup_failed(),
        }
    }

    fn answer(&mut self, record: &Values) -> Reply {
        let domain = Arc::clone(&self.domain);
        let form = self
            .form
            .as_ref()
            .and_then(|state| domain.forms.get(&state.name));
        let prompt = form.and_then(|form| form.answers.get(record.get(&form.answer_by)?));
        let (Some(form), Some(prompt)) = (form, prompt) else {
            return self.lookup_failed();
        };
        let mut out = Vec::new();
        let values: Vec<(&str, &str)> = record
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.say(&mut out, prompt, &values);
        let given = self.given();
        self.done.push(if given.is_empty() {
            form.topic.clone()
        } else {
            format!("{} ({given})", form.topic)
        });
        self.form = None;
        self.progress();
        self.open = Open::AnythingElse;
        self.ask(out)
    }

    fn not_found(&mut self) -> Reply {
        let domain = Arc::clone(&self.domain);
        let state = self.form.clone().unwrap_or_default();
        let Some(form) = domain.forms.get(&state.name) else {
            return self.lookup_failed();
        };
        let mut out = Vec::new();
        self.say_nth(&mut out, &form.not_found, state.misses, &[]);
        self.set(|form| form.values.clear());
        self.miss(out)
    }

    fn lookup_failed(&mut self) -> Reply {
        let mut out = Vec::new();
        self.say(&mut out, "lookup_failed", &[]);
        self.hand_over(out, Reason::Fault)
    }
}

/// `candidate` with one group of digits, as it was read back, replaced by `value`: the group that
/// differs least, so that a one-digit slip in it is repaired. None where no group has that length.
fn regroup(candidate: &str, value: &str) -> Option<String> {
    let groups: Vec<&[u8]> = candidate.as_bytes().chunks(GROUP).collect();
    let differing = |group: &[u8]| {
        group
            .iter()
            .zip(value.bytes())
            .filter(|&(&a, b)| a != b)
            .count()
    };
    let best = groups
        .iter()
        .enumerate()
        .filter(|(_, group)| group.len() == value.len() && differing(group) > 0)
        .min_by_key(|(_, group)| differing(group))?
        .0;
    let mut out = candidate.to_owned();
    out.replace_range(best * GROUP..best * GROUP + value.len(), value);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_replaces_the_one_it_resembles() {
        assert_eq!(regroup("456712", "457").as_deref(), Some("457712"));
        assert_eq!(regroup("456712", "713").as_deref(), Some("456713"));
        assert_eq!(regroup("456712", "71"), None);
        assert_eq!(regroup("456456", "456"), None);
    }
}
