//! Texts that stand for the digits of a secret: `•2:4•` is the second secret of a call, with four
//! digits. Whoever holds one knows how long the secret is and which others it equals, and nothing else.
//!
//! Decides how a stand-in is written, and finds them in texts. The digits are in [`super::vault`].

use super::HIDDEN;
use std::ops::Range;

/// Stands for one key of a secret; no telephone has it.
pub const KEY: char = '•';

/// A stand-in, found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    at: Range<usize>,
    nth: usize,
    digits: usize,
}

/// What stands for the secret with this number in the call.
pub fn stand_in(nth: usize, digits: usize) -> String {
    format!("{KEY}{nth}:{digits}{KEY}")
}

/// How many digits the secret has that `text` stands for; `None`: it is not one stand-in.
pub fn length(text: &str) -> Option<usize> {
    let found = first(text)?;
    (found.at == (0..text.len())).then_some(found.digits)
}

/// `text` with something else in the place of every stand-in; `with` gets its number and its length.
pub fn replace(text: &str, mut with: impl FnMut(usize, usize) -> String) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(found) = first(rest) {
        out.push_str(&rest[..found.at.start]);
        out.push_str(&with(found.nth, found.digits));
        rest = &rest[found.at.end..];
    }
    out + rest
}

/// `text` for people: `…` in the place of every stand-in.
pub fn masked(text: &str) -> String {
    replace(text, |_, _| HIDDEN.into())
}

fn first(text: &str) -> Option<Found> {
    let mut bullets = text.match_indices(KEY);
    bullets.find_map(|(start, key)| {
        let inner = start + key.len();
        let end = inner + text[inner..].find(KEY)?;
        let (nth, digits) = text[inner..end].split_once(':')?;
        Some(Found {
            at: start..end + key.len(),
            nth: number(nth)?,
            digits: number(digits)?,
        })
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
        assert_eq!(stand_in(2, 4), "•2:4•");
        assert_eq!(length("•2:4•"), Some(4));
        for other in ["", "1234", "•", "••••", "•2:4• ", "•2:4••3:4•", "•a:4•", "•:•", "•2:4"] {
            assert_eq!(length(other), None, "{other:?}");
        }
        assert_eq!(masked("a•2:4••11:8•1"), "a……1");
        assert_eq!(masked("••2:4• and • or •x:1•"), "•… and • or •x:1•");
    }
}
