//! Spelled words and codes: "s m i t h", "B as in Bravo", "double l", "be de Barcelona", "SW1A 1AA".
//! Decides which letters and digits were spelled.

use super::digits::{Fit, number};
use super::letter_words::letter;
use super::number::Num;
use super::said::Said;
use super::settle::once;
use super::tongue::is_function_word;
use super::{Found, overall};
use crate::dialogue::reply::Confidence;
use std::ops::Range;

/// Fewer letters in a row spell nothing that nobody asked for.
const UNASKED: usize = 3;
/// How much less certain a word is that is more often something else.
const DOUBT: Confidence = 150;

/// One or more letters or digits that were said together.
#[derive(Clone, Debug)]
struct Piece {
    text: String,
    words: Range<usize>,
    sure: bool,
    /// Written as a letter, not by its name.
    single: bool,
}

#[derive(Clone, Debug, Default)]
struct Run {
    pieces: Vec<Piece>,
    correction: bool,
}

impl Run {
    fn len(&self) -> usize {
        self.pieces
            .iter()
            .map(|piece| piece.text.chars().count())
            .sum()
    }

    /// Drops doubtful words at the edges while there are too many letters, and all where nothing is sure.
    fn trimmed(mut self, fit: Fit, whole_turn: bool) -> Self {
        let sure = self.pieces.iter().filter(|piece| piece.sure).count();
        if sure == 0 && !whole_turn {
            self.pieces.clear();
        }
        let doubtful = |piece: Option<&Piece>| piece.is_some_and(|piece| !piece.sure);
        while sure > 0 && doubtful(self.pieces.first()) {
            let exact = fit.min == fit.max && fit.has(self.len());
            // "a b c": an article is a letter among letters.
            let article = self.pieces[0].single && self.pieces.len() > 2;
            if self.len() <= fit.max && (whole_turn || exact || article) {
                break;
            }
            self.pieces.remove(0);
        }
        while self.len() > fit.max && doubtful(self.pieces.last()) {
            self.pieces.pop();
        }
        self
    }
}

/// The words spelled in a turn; `code`: with digits among the letters.
pub fn spelled(said: &Said<'_>, fit: Fit, code: bool, asked: bool) -> Vec<Found> {
    let mut out: Vec<Found> = Vec::new();
    let mut waiting: Option<Found> = None;
    for run in runs(said, code, fit) {
        let correction = run.correction;
        let count = run.len();
        if count == 0 || !(asked || enough(&run, fit, code)) {
            continue;
        }
        let one = assemble(said, &run, fit, code);
        if correction {
            let before = out.pop().or(waiting.take());
            let mut one = one;
            if let Some(before) = before {
                one = correct(&before, one, fit);
            }
            out.push(one);
        } else if one.partial {
            // The longest part counts where nothing is whole.
            if waiting
                .as_ref()
                .is_none_or(|before| before.value.len() <= one.value.len())
            {
                waiting = Some(one);
            }
        } else {
            out.push(one);
        }
    }
    if out.is_empty() {
        out.extend(waiting);
    }
    once(out)
}

/// Letters that nobody asked for, but that are surely spelled.
fn enough(run: &Run, fit: Fit, code: bool) -> bool {
    let text: String = run.pieces.iter().map(|piece| piece.text.as_str()).collect();
    let mixed =
        text.contains(|c: char| c.is_ascii_digit()) && text.contains(|c: char| c.is_alphabetic());
    let sure = run.pieces.iter().filter(|piece| piece.sure).count();
    fit.has(run.len()) && sure >= 2 && run.len() >= UNASKED && (!code || mixed)
}

fn runs(said: &Said<'_>, code: bool, fit: Fit) -> Vec<Run> {
    let mut out = Vec::new();
    let mut run = Run::default();
    let mut pending = false;
    let mut at = 0;
    let mut others = 0;
    while at < said.len() {
        if let Some(piece) = piece(said, at, code) {
            if run.pieces.is_empty() {
                run.correction = std::mem::take(&mut pending);
            }
            at = piece.words.end;
            run.pieces.push(piece);
            continue;
        }
        let kind = said.kind(at);
        let filler = matches!(kind, Num::Filler | Num::And)
            || said.is(
                at,
                &[
                    "capital",
                    "letter",
                    "upper",
                    "lower",
                    "case",
                    "mayuscula",
                    "minuscula",
                    "letra",
                    "punto",
                    "guion",
                ],
            );
        if !filler {
            out.push(std::mem::take(&mut run));
            pending |= kind == Num::Correction;
            others += usize::from(kind != Num::Correction);
        }
        at += 1;
    }
    out.push(run);
    out.into_iter()
        .map(|run| run.trimmed(fit, others == 0))
        .filter(|run| !run.pieces.is_empty())
        .collect()
}

fn piece(said: &Said<'_>, at: usize, code: bool) -> Option<Piece> {
    let sure = |text: String, words: Range<usize>| {
        Some(Piece {
            text,
            words,
            sure: true,
            single: false,
        })
    };
    // "double l", "doble ele"
    if let Num::Times(times) = said.kind(at)
        && letter_long(said, at).is_none()
        && let Some(letter) = letter(said, at + 1)
    {
        let text = String::from(letter.letter).repeat(usize::from(times));
        return sure(text, at..at + 1 + letter.words);
    }
    if let Some(letter) = letter(said, at) {
        // "oh" among digits is a zero.
        let before = at > 0 && (digit_at(said, at - 1) || said.is(at - 1, &["oh"]));
        let letter_next = super::letter_words::letter(said, at + 1).is_some();
        if code
            && said.is(at, &["o", "oh"])
            && before
            && (digit_at(said, at + 1) || !letter_next || said.is(at + 1, &["oh", "o"]))
        {
            return sure("0".into(), at..at + 1);
        }
        let end = at + letter.words;
        if let Some((first, after)) = example(said, end) {
            // The word is heard better than the letter.
            return sure(first.to_string(), at..after);
        }
        return Some(Piece {
            text: letter.letter.to_string(),
            words: at..end,
            sure: letter.sure,
            single: said.word(at).chars().count() == 1,
        });
    }
    if !code {
        return None;
    }
    if let Some((digits, end)) = number(said, at) {
        let certain = !matches!(said.kind(at), Num::Digit { sure: false, .. });
        return Some(Piece {
            text: digits,
            words: at..end,
            sure: certain,
            single: false,
        });
    }
    // "SW1A 1AA" comes as "sw 1 a 1 aa".
    let word = said.word(at);
    let near = digit_at(said, at + 1) || (at > 0 && digit_at(said, at - 1));
    let short = word.chars().count() <= 3 && word.chars().all(|c| c.is_ascii_lowercase());
    let ordinary = is_function_word(word, said.language) || said.kind(at) != Num::Other;
    (near && short && !word.is_empty() && !ordinary).then(|| Piece {
        text: word.to_ascii_uppercase(),
        words: at..at + 1,
        sure: true,
        single: false,
    })
}

/// A long name that starts with "doble".
fn letter_long(said: &Said<'_>, at: usize) -> Option<char> {
    letter(said, at)
        .filter(|letter| letter.words > 1)
        .map(|letter| letter.letter)
}

fn digit_at(said: &Said<'_>, at: usize) -> bool {
    matches!(
        said.kind(at),
        Num::Literal | Num::Digit { sure: true, .. } | Num::Teen(_) | Num::Tens(_)
    )
}

/// "… as in Bravo", "… de Barcelona": the first letter of the word, and where it ends.
fn example(said: &Said<'_>, at: usize) -> Option<(char, usize)> {
    let leads: &[&str] = if said.is_spanish() {
        &["de", "como", "como en", "de la palabra", "como de"]
    } else {
        &["as in", "for", "like", "like in", "as", "is for"]
    };
    let after = said.any(at, leads)?;
    if let Some(end) = said.phrase(after, "x ray") {
        return Some(('X', end));
    }
    let word = said.word(after);
    // "pe e de erre o": a "de" before a letter is a letter.
    let names = said.is_spanish() && letter(said, after).is_some();
    let number = !matches!(said.kind(after), Num::Other) && said.is(at, &["for"]);
    let first = word.chars().next().filter(|c| c.is_alphabetic())?;
    let long = word.chars().count() >= 3;
    (long && !names && !number).then(|| (first.to_ascii_uppercase(), after + 1))
}

fn assemble(said: &Said<'_>, run: &Run, fit: Fit, code: bool) -> Found {
    let mut value = String::new();
    let mut each = Vec::new();
    for piece in &run.pieces {
        let words = &said.tokens[piece.words.clone()];
        let best = words
            .iter()
            .map(|token| token.confidence)
            .max()
            .unwrap_or(0);
        let certainty = if piece.sure {
            best
        } else {
            best.saturating_sub(DOUBT)
        };
        value.push_str(&piece.text);
        each.extend(std::iter::repeat_n(certainty, piece.text.chars().count()));
    }
    let start = run.pieces.first().map_or(0, |piece| piece.words.start);
    let end = run.pieces.last().map_or(0, |piece| piece.words.end);
    let count = each.len();
    let goes_on = matches!(
        said.kinds.get(end..),
        Some([.., Num::Times(_) | Num::Filler | Num::And])
    ) || said.any(end, &["as", "as in", "for", "like", "de", "como"])
        == Some(said.len());
    let swapped = value.replace('O', "0");
    Found {
        alternatives: if code && swapped != value {
            vec![swapped]
        } else {
            Vec::new()
        },
        confidence: if count > fit.max { 0 } else { overall(&each) },
        partial: count < fit.min,
        hanging: goes_on || (said.ends(end) && fit.has(count) && count < fit.max),
        corrected: false,
        words: start..end,
        each,
        value,
    }
}

/// "s m i t, no, t h": a shorter correction replaces the tail.
fn correct(before: &Found, after: Found, fit: Fit) -> Found {
    let (long, short) = (before.value.chars().count(), after.value.chars().count());
    let mut out = after;
    out.corrected = true;
    if short < long && !fit.has(short) && fit.has(long) {
        let keep = long - short;
        let head: String = before.value.chars().take(keep).collect();
        out.value.insert_str(0, &head);
        out.each
            .splice(0..0, before.each.iter().take(keep).copied());
        out.words.start = before.words.start;
        out.confidence = overall(&out.each);
        out.partial = false;
        out.alternatives.clear();
    }
    out
}
