//! Texts that stand for the digits of a secret: `•2:4•` is the second secret of a call, with four
//! digits; `•2:4!•` is one that its question does not allow. Whoever holds one knows how long the secret
//! is and which others it equals, and nothing else.
//!
//! Decides how a stand-in is written, and finds them in texts. The digits are in [`super::vault`].

use super::HIDDEN;
use std::fmt;
use std::ops::Range;

/// Stands for one key of a secret; no telephone has it.
pub const KEY: char = '•';
/// Marks a secret that its question does not allow.
const REFUSED: &str = "!";

/// A secret entry, as far as its stand-in tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandIn {
    /// Its number in the call.
    pub nth: usize,
    pub digits: usize,
    /// The rule of its question allows it.
    pub allowed: bool,
}

impl StandIn {
    /// What `text` stands for; `None`: it is not one stand-in.
    pub fn of(text: &str) -> Option<Self> {
        let (at, found) = first(text)?;
        (at == (0..text.len())).then_some(found)
    }
}

impl fmt::Display for StandIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { nth, digits, .. } = self;
        let mark = if self.allowed { "" } else { REFUSED };
        write!(f, "{KEY}{nth}:{digits}{mark}{KEY}")
    }
}

/// `text` with something else in the place of every stand-in.
pub fn replace(text: &str, mut with: impl FnMut(StandIn) -> String) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((at, found)) = first(rest) {
        out.push_str(&rest[..at.start]);
        out.push_str(&with(found));
        rest = &rest[at.end..];
    }
    out + rest
}

/// `text` for people: `…` in the place of every stand-in.
pub fn masked(text: &str) -> String {
    replace(text, |_| HIDDEN.into())
}

fn first(text: &str) -> Option<(Range<usize>, StandIn)> {
    let mut bullets = text.match_indices(KEY);
    bullets.find_map(|(start, key)| {
        let inner = start + key.len();
        let end = inner + text[inner..].find(KEY)?;
        let (nth, digits) = text[inner..end].split_once(':')?;
        let allowed = !digits.ends_with(REFUSED);
        let found = StandIn {
            nth: number(nth)?,
            digits: number(digits.strip_suffix(REFUSED).unwrap_or(digits))?,
            allowed,
        };
        Some((start..end + key.len(), found))
    })
}

fn number(text: &str) -> Option<usize> {
    let plain = (1..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_are_found_wherever_they_are() {
        for (text, nth, digits, allowed) in [("•2:4•", 2, 4, true), ("•13:8!•", 13, 8, false)]
        {
            let stand_in = StandIn {
                nth,
                digits,
                allowed,
            };
            assert_eq!(StandIn::of(text), Some(stand_in));
            assert_eq!(stand_in.to_string(), text);
        }
        for other in [
            "",
            "1234",
            "•",
            "••••",
            "•2:4• ",
            "•2:4••3:4•",
            "•a:4•",
            "•:•",
            "•2:4",
            "•2:!•",
        ] {
            assert_eq!(StandIn::of(other), None, "{other:?}");
        }
        assert_eq!(masked("a•2:4••11:8!•1"), "a……1");
        assert_eq!(masked("••2:4• and • or •x:1•"), "•… and • or •x:1•");
    }
}
