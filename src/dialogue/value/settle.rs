//! What a caller takes back: "not the 16th", "fifty, no, sixty", "no el 16, el 15". Decides which of the
//! values stay; reading them is done before.

use super::Found;
use super::said::Said;
use crate::dialogue::spoken::Language;

/// Most words between a value and the one that corrects it.
const GAP: usize = 7;
/// Most small words between a "not" and its value.
const REACH: usize = 4;

/// A value that stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    pub place: usize,
    /// The place of the value that it corrects.
    pub corrects: Option<usize>,
}

/// Which of `found`, in the order they were said, stay.
pub fn keep(said: &Said<'_>, found: &[Found]) -> Vec<Kept> {
    let mut kept: Vec<Kept> = Vec::new();
    for (place, one) in found.iter().enumerate() {
        let next = found.get(place + 1).map(|next| next.words.start);
        if denied(said, one, kept.last().is_some(), next) {
            continue;
        }
        let corrects = kept
            .last()
            .filter(|last| corrected(said, found[last.place].words.end, one.words.start))
            .map(|last| last.place);
        if corrects.is_some() {
            kept.pop();
        }
        kept.push(Kept { place, corrects });
    }
    kept
}

/// [`keep`], with equal values that were said again only once.
pub fn settle(said: &Said<'_>, found: Vec<Found>) -> Vec<Found> {
    let kept = keep(said, &found);
    let chosen = kept.into_iter().map(|kept| {
        let mut one = found[kept.place].clone();
        // The same again is no correction.
        one.corrected |= kept
            .corrects
            .is_some_and(|before| found[before].value != one.value);
        one
    });
    once(chosen.collect())
}

/// Equal values only once: where they were heard best.
pub fn once(found: Vec<Found>) -> Vec<Found> {
    let mut out: Vec<Found> = Vec::new();
    for one in found {
        match out.iter_mut().find(|before| before.value == one.value) {
            Some(before) if before.confidence < one.confidence => *before = one,
            Some(_) => {}
            None => out.push(one),
        }
    }
    out
}

/// Whether the value is one that the caller does not want.
fn denied(said: &Said<'_>, one: &Found, after_another: bool, next: Option<usize>) -> bool {
    let Some(at) = denial(said, one.words.start) else {
        return false;
    };
    if said.word(at) != "no" {
        return !matches!(said.before(at), "why" | "if");
    }
    // A Spanish "no" is a "not" before the first of two values ("no el 16, el 15"), and after an "and";
    // else it denies what we said, or corrects what the caller said before.
    let rest_follows = next.is_some_and(|next| {
        (one.words.end..next).all(|at| is_link(said, at) || said.is(at, &["sino", "pero"]))
    });
    matches!(said.before(at), "y" | "que") || (rest_follows && !after_another)
}

/// Where the "not" stands that belongs to a value that starts at `start`.
fn denial(said: &Said<'_>, start: usize) -> Option<usize> {
    let mut at = start;
    for _ in 0..=REACH {
        let phrases: &[&str] = match said.language {
            Language::English => &[
                "instead of",
                "rather than",
                "anything but",
                "anyone but",
                "anybody but",
                "except",
            ],
            Language::Spanish => &["en vez de", "en lugar de", "excepto", "menos el"],
        };
        if let Some(start) = said.ends_with(at, phrases) {
            return Some(start);
        }
        at = at.checked_sub(1)?;
        let words: &[&str] = match said.language {
            Language::English => &["not", "isnt", "wasnt", "arent"],
            Language::Spanish => &["no"],
        };
        if said.is(at, words) {
            return Some(at);
        }
        if !is_link(said, at) {
            return None;
        }
    }
    None
}

/// Small words between a denial and its value.
fn is_link(said: &Said<'_>, at: usize) -> bool {
    let words: &[&str] = match said.language {
        Language::English => &[
            "the", "a", "an", "on", "for", "at", "it", "its", "is", "to", "of", "my", "that",
            "number", "one", "in", "uh", "um",
        ],
        Language::Spanish => &[
            "el", "la", "los", "las", "es", "son", "a", "de", "en", "para", "por", "dia", "mi",
            "un", "una", "numero", "con", "eh", "era", "del",
        ],
    };
    said.is(at, words)
}

/// Whether what starts at `start` corrects what ends at `end`.
pub fn corrected(said: &Said<'_>, end: usize, start: usize) -> bool {
    if start < end || start - end > GAP {
        return false;
    }
    (end..start).any(|at| {
        let marks: &[&str] = match said.language {
            Language::English => &[
                "no",
                "nope",
                "sorry",
                "wait",
                "rather",
                "correction",
                "actually",
                "i mean",
                "i meant",
                "make that",
                "make it",
                "scratch that",
                "my mistake",
                "change that",
            ],
            Language::Spanish => &[
                "no",
                "perdon",
                "perdona",
                "perdone",
                "digo",
                "quiero decir",
                "queria decir",
                "quise decir",
                "corrijo",
                "espera",
                "espere",
                "mejor",
                "me equivoque",
                "sino",
                "disculpe",
                "disculpa",
                "me he equivocado",
                "me confundi",
            ],
        };
        said.any(at, marks).is_some_and(|end| end <= start)
    })
}
