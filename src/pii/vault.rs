//! The digits of a call's secrets, kept apart from everything that is written down.
//!
//! Decides which stand-in a secret gets: the same digits get the same one within a call, so that a
//! business can compare two entries, and nothing else can be told from it. Memory that held digits is
//! overwritten when they are no longer needed.

use super::stand_in::{StandIn, replace};
use std::fmt;
use std::sync::atomic::{Ordering, compiler_fence};

/// Keys kept of one entry: the last ones.
const LONGEST: usize = 64;

/// The secrets of one call.
#[derive(Clone, Default)]
pub struct Vault {
    /// Keys that belong to no entry yet.
    pressed: Digits,
    /// Boxed, so that a growing list leaves no copies behind.
    #[expect(
        clippy::vec_box,
        reason = "moving a secret would leave a copy of it in memory"
    )]
    sealed: Vec<Box<Digits>>,
}

impl Vault {
    /// Takes a key; what is no digit is not kept.
    pub fn press(&mut self, key: char) {
        if key.is_ascii_digit() {
            self.pressed.push(key as u8);
        }
    }

    /// Are there keys that belong to no entry yet?
    pub fn has_keys(&self) -> bool {
        self.pressed.len > 0
    }

    /// Makes a secret of the last `keys` keys, forgets those before, and gives what stands for it. A
    /// single 0 is no secret: it asks for a person. `allows`: the rule of the question.
    pub fn seal(&mut self, keys: usize, allows: impl FnOnce(&str) -> bool) -> String {
        self.pressed.keep_last(keys);
        if self.pressed.as_bytes() == b"0" {
            self.pressed.wipe();
            return "0".into();
        }
        let known = self
            .sealed
            .iter()
            .position(|sealed| **sealed == self.pressed);
        let place = known.unwrap_or_else(|| {
            let mut sealed = Box::<Digits>::default();
            (*sealed).clone_from(&self.pressed);
            self.sealed.push(sealed);
            self.sealed.len() - 1
        });
        let text = std::str::from_utf8(self.pressed.as_bytes()).unwrap_or_default();
        let stand_in = StandIn {
            nth: place + 1,
            digits: text.len(),
            allowed: allows(text),
        };
        self.pressed.wipe();
        stand_in.to_string()
    }

    /// The secrets that `texts` stand for.
    pub fn open<'a>(&self, texts: impl IntoIterator<Item = &'a String>) -> Opened {
        let mut opened = Opened::default();
        for text in texts {
            replace(text, |StandIn { nth, .. }| {
                let known = opened.0.iter().any(|(known, _)| *known == nth);
                let sealed = nth.checked_sub(1).and_then(|place| self.sealed.get(place));
                opened.0.extend(
                    sealed
                        .filter(|_| !known)
                        .map(|digits| (nth, digits.clone())),
                );
                String::new()
            });
        }
        opened
    }

    /// Forgets everything.
    pub fn wipe(&mut self) {
        self.pressed.wipe();
        // Each is overwritten as it is dropped.
        self.sealed.clear();
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({})", self.sealed.len())
    }
}

/// Secrets on their way to the one place that may see them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Opened(Vec<(usize, Box<Digits>)>);

impl Opened {
    /// `text` with the digits in the place of their stand-ins. Not for logs, not for files.
    pub fn expose(&self, text: &str) -> String {
        replace(text, |stand_in| {
            let opened = self.0.iter().find(|(nth, _)| *nth == stand_in.nth);
            match opened {
                Some((_, digits)) => digits
                    .as_bytes()
                    .iter()
                    .map(|&digit| char::from(digit))
                    .collect(),
                None => stand_in.to_string(),
            }
        })
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opened({})", self.0.len())
    }
}

/// Digits in a place of their own, overwritten when dropped.
struct Digits {
    digits: [u8; LONGEST],
    len: usize,
}

impl Default for Digits {
    fn default() -> Self {
        Self {
            digits: [0; LONGEST],
            len: 0,
        }
    }
}

impl Digits {
    fn as_bytes(&self) -> &[u8] {
        &self.digits[..self.len]
    }

    fn push(&mut self, digit: u8) {
        self.keep_last(LONGEST - 1);
        self.digits[self.len] = digit;
        self.len += 1;
    }

    fn keep_last(&mut self, count: usize) {
        let surplus = self.len.saturating_sub(count);
        self.digits.copy_within(surplus..self.len, 0);
        self.digits[self.len - surplus..].fill(0);
        self.len -= surplus;
    }

    fn wipe(&mut self) {
        self.digits.fill(0);
        self.len = 0;
        // Nobody reads it again, and it must be written all the same.
        std::hint::black_box(&mut self.digits);
        compiler_fence(Ordering::SeqCst);
    }
}

impl Clone for Digits {
    fn clone(&self) -> Self {
        let mut clone = Self::default();
        clone.clone_from(self);
        clone
    }

    fn clone_from(&mut self, other: &Self) {
        self.digits.copy_from_slice(&other.digits);
        self.len = other.len;
    }
}

impl PartialEq for Digits {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Digits {}

impl Drop for Digits {
    fn drop(&mut self) {
        self.wipe();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(vault: &mut Vault, keys: &str) -> String {
        keys.chars().for_each(|key| vault.press(key));
        vault.seal(keys.len(), |_| true)
    }

    #[test]
    fn equal_secrets_have_equal_stand_ins_and_others_do_not_mix() {
        let mut vault = Vault::default();
        let (wrong, right) = (entry(&mut vault, "1235"), entry(&mut vault, "1234"));
        assert_eq!((wrong.as_str(), right.as_str()), ("•1:4•", "•2:4•"));
        assert_eq!(entry(&mut vault, "1235"), wrong);
        assert_ne!(entry(&mut vault, "12351234"), wrong);
        let texts = [
            right.clone(),
            "account 7".into(),
            format!("{wrong}/{right}"),
        ];
        let opened = vault.open(&texts);
        let exposed: Vec<_> = texts.iter().map(|text| opened.expose(text)).collect();
        assert_eq!(exposed, ["1234", "account 7", "1235/1234"]);
        assert_eq!(
            vault.open(&texts[..1]).expose(&wrong),
            wrong,
            "only what was asked for"
        );
        assert_eq!(opened.expose("•9:4•"), "•9:4•", "of another call");
    }

    #[test]
    fn an_entry_is_its_last_keys_and_a_single_zero_is_no_secret() {
        let mut vault = Vault::default();
        "99".chars().for_each(|key| vault.press(key));
        "1234".chars().for_each(|key| vault.press(key));
        let texts = [vault.seal(4, |_| true)];
        assert_eq!(vault.open(&texts).expose(&texts[0]), "1234");
        assert_eq!(entry(&mut vault, "0"), "0");
        assert_eq!(entry(&mut vault, "00"), "•2:2•");
        assert_eq!(vault.seal(3, |_| true), "•3:0•", "nothing was pressed");
        "7".repeat(1000).chars().for_each(|key| vault.press(key));
        "1234".chars().for_each(|key| vault.press(key));
        assert_eq!(vault.seal(4, |_| true), "•1:4•");
    }

    #[test]
    fn a_secret_that_is_not_allowed_says_so() {
        let mut vault = Vault::default();
        "1111".chars().for_each(|key| vault.press(key));
        let refused = vault.seal(4, |digits| digits != "1111");
        assert_eq!(refused, "•1:4!•");
        assert_eq!(
            entry(&mut vault, "1111"),
            "•1:4•",
            "another question may allow it"
        );
    }

    #[test]
    fn nothing_shows_the_digits_and_nothing_keeps_them() {
        let mut vault = Vault::default();
        let texts = [entry(&mut vault, "4711")];
        let opened = vault.open(&texts);
        let shown = format!("{vault:?} {vault:#?} {opened:?} {opened:#?}");
        assert!(!shown.contains("4711") && !shown.contains("52"), "{shown}");
        "4711".chars().for_each(|key| vault.press(key));
        vault.wipe();
        assert_eq!(vault.pressed.digits, [0; LONGEST]);
        assert_eq!(vault.open(&texts).expose(&texts[0]), texts[0]);
        let mut digits = Digits::default();
        b"4711".iter().for_each(|&digit| digits.push(digit));
        digits.keep_last(1);
        assert_eq!(digits.digits[1..], [0; LONGEST - 1]);
    }
}
