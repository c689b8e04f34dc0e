//! Collects keys into an entry: by length, terminator or the pause after a key (VoiceXML
//! `termchar`, `interdigittimeout`). Of a secret entry it knows only how many keys there are.

use super::{Tick, ticks};
use crate::audio::Digit;
use crate::dialogue::Keypad;
use crate::pii::stand_in::KEY;

/// Longest entry kept; what is keyed beyond it is dropped.
const LONGEST: usize = 64;
/// A terminator this soon after an entry that ended by its length belongs to that entry.
const LATE_TERMINATOR: Tick = ticks(2000);

/// Keys pressed since the last complete entry.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    keys: String,
    deadline: Option<Tick>,
    /// The last entry was complete by its length, then.
    full: Option<Tick>,
}

impl Entry {
    /// Takes a key; returns the entry when it is complete. A terminator alone is an entry of its own.
    pub fn press(&mut self, now: Tick, digit: Digit, rules: &Keypad) -> Option<String> {
        let key = digit.as_char();
        let full = self.full.take();
        if rules.termchar == Some(key) {
            // Many press # after an entry that was over with its last digit.
            if self.keys.is_empty() && full.is_some_and(|then| now < then + LATE_TERMINATOR) {
                return None;
            }
            if self.keys.is_empty() {
                self.keys.push(key);
            }
            return self.take();
        }
        // A star begins a secret anew.
        let restarted = self.keys.contains(KEY);
        if restarted {
            self.keys.clear();
        }
        self.push(now, key, restarted, rules)
    }

    /// Takes a key of a secret, see [`press`](Self::press); `•` stands for each in the entry.
    pub fn press_secret(&mut self, now: Tick, rules: &Keypad) -> Option<String> {
        self.full = None;
        if !self.keys.starts_with(KEY) {
            self.keys.clear();
        }
        self.push(now, KEY, false, rules)
    }

    fn push(&mut self, now: Tick, key: char, restarted: bool, rules: &Keypad) -> Option<String> {
        if self.len() < LONGEST {
            self.keys.push(key);
        }
        // A star starts the entry again; before it, it is an entry of its own, but not where it takes back
        // the first keys of a secret.
        let counted = self
            .keys
            .rsplit('*')
            .next()
            .map_or(0, |keys| keys.chars().count());
        let alone = self.keys == "*" && !restarted;
        if rules.max_digits > 0 && (alone || counted >= usize::from(rules.max_digits)) {
            self.full = Some(now).filter(|_| rules.max_digits > 1);
            return self.take();
        }
        self.deadline = Some(now + ticks(rules.interdigit_ms));
        None
    }

    fn len(&self) -> usize {
        self.keys.chars().count()
    }

    /// The entry, when the pause after its last key has passed.
    pub fn poll(&mut self, now: Tick) -> Option<String> {
        if self.deadline.is_some_and(|deadline| now >= deadline) {
            self.take()
        } else {
            None
        }
    }

    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub fn clear(&mut self) {
        self.keys.clear();
        self.deadline = None;
    }

    fn take(&mut self) -> Option<String> {
        self.deadline = None;
        Some(std::mem::take(&mut self.keys)).filter(|keys| !keys.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(entry: &mut Entry, now: Tick, keys: &str, rules: &Keypad) -> Vec<String> {
        keys.chars()
            .filter_map(|c| entry.press(now, Digit::new(c).expect("a key"), rules))
            .collect()
    }

    #[test]
    fn length_terminator_and_pause_each_end_an_entry() {
        let rules = Keypad {
            max_digits: 6,
            termchar: Some('#'),
            interdigit_ms: 3000,
        };
        let mut entry = Entry::default();
        assert_eq!(press(&mut entry, 0, "456712", &rules), ["456712"]);
        assert_eq!(press(&mut entry, 0, "45#", &rules), ["45"]);
        assert_eq!(press(&mut entry, 100, "4", &rules), [""; 0]);
        assert_eq!(entry.poll(249), None);
        assert_eq!(entry.poll(250).as_deref(), Some("4"));
        assert_eq!(entry.poll(9999), None);
    }

    #[test]
    fn a_terminator_alone_is_an_entry() {
        let mut entry = Entry::default();
        assert_eq!(press(&mut entry, 0, "#", &Keypad::default()), ["#"]);
    }

    #[test]
    fn a_star_starts_the_entry_again_and_is_one_by_itself() {
        let rules = Keypad {
            max_digits: 6,
            ..Keypad::default()
        };
        let mut entry = Entry::default();
        assert_eq!(press(&mut entry, 0, "45*456712", &rules), ["45*456712"]);
        assert_eq!(press(&mut entry, 0, "*", &rules), ["*"]);
        assert_eq!(press(&mut entry, 0, "*", &Keypad::default()), ["*"]);
    }

    #[test]
    fn a_secret_entry_is_counted_and_a_star_begins_it_anew() {
        let rules = Keypad {
            max_digits: 4,
            termchar: Some('#'),
            interdigit_ms: 3000,
        };
        let mut entry = Entry::default();
        let mut typed = |keys: &str| -> Vec<String> {
            let press = |key| match key {
                '•' => entry.press_secret(0, &rules),
                key => entry.press(0, Digit::new(key).expect("a key"), &rules),
            };
            keys.chars().filter_map(press).collect()
        };
        assert_eq!(typed("••••"), ["••••"]);
        assert_eq!(typed("••#"), ["••"]);
        assert_eq!(typed("••*••••"), ["••••"]);
        assert_eq!(typed("*#"), ["*"]);
        assert_eq!(typed("••*#"), ["*"]);
        assert_eq!(typed("#"), ["#"]);
    }

    #[test]
    fn an_endless_entry_stays_small() {
        let rules = Keypad {
            max_digits: 0,
            termchar: Some('#'),
            interdigit_ms: 3000,
        };
        let mut entry = Entry::default();
        assert!(press(&mut entry, 0, &"1".repeat(10_000), &rules).is_empty());
        assert_eq!(press(&mut entry, 0, "#", &rules)[0].len(), LONGEST);
    }
}
