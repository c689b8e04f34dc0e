//! What keys mean at the open question.

use super::hear::Meaning;
use super::reply::Reply;
use super::state::{Dialogue, Open};
use crate::pii::stand_in::KEY;
use std::sync::Arc;

impl Dialogue {
    /// Keys, terminator removed.
    pub(super) fn on_keys(&mut self, entry: &str) -> Reply {
        self.patience = false;
        let domain = Arc::clone(&self.domain);
        let slot = self.slot().and_then(|slot| domain.slots.get(&slot.name));
        if matches!(self.open, Open::Waiting | Open::Ended) {
            return if entry == "0" {
                self.person()
            } else {
                self.on_slow()
            };
        }
        let secret = slot.is_some_and(|slot| slot.secret) && self.open == Open::Slot;
        match entry {
            "0" => return self.person(),
            "#" if matches!(self.open, Open::Main | Open::AnythingElse) => {
                // The next of the languages, round and round.
                if let Some(language) = self.other_languages().into_iter().next() {
                    return self.change_language(language);
                }
            }
            "*" if secret => return self.cannot_say(),
            "*" => return self.repeat(),
            "" => return self.on_failure("no_input"),
            // A secret that nobody asked for.
            entry if !secret && entry.contains(KEY) => return self.on_failure("bad_key"),
            _ => {}
        }
        if let Open::More(step) = self.open {
            return match entry {
                "#" => self.settle(step),
                _ => self.on_failure("bad_key"),
            };
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
            (Open::Check, "2", _) => self.denied(),
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
        self.domain
            .tasks
            .iter()
            .position(|task| task.key == Some(key))
    }

    /// "press one", "two": a key of the menu, said.
    pub(super) fn spoken_key(&mut self, meaning: &Meaning) -> Option<Reply> {
        if self.failures == 0 || meaning.tokens.len() > 3 {
            return None;
        }
        let one = super::value::Kind::Digits { min: 1, max: 1 };
        let found =
            super::value::find(&one, &meaning.tokens, self.language, self.context.now, true);
        let key = found.first()?.value.chars().next()?;
        let task = self.by_key(key)?;
        Some(self.begin_keyed(task))
    }
}
