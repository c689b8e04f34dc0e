//! Digits spoken in any usual way: one by one, "oh", "double four", "forty five sixty seven",
//! "four hundred fifty six", with hesitations, homophones and corrections.
//!
//! Decides which digits were said; whether they fit the open question is `slot`'s business.

use super::reply::Confidence;
use super::words::{Token, is_hesitation};
use std::ops::Range;

/// Digits found in a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digits {
    pub value: String,
    pub confidence: Confidence,
    /// The caller corrected himself in the middle: worth reading back.
    pub corrected: bool,
    /// The last word may go on to a longer number ("seventy …", "four hundred …").
    pub hanging: bool,
    /// Words from the first to the last digit.
    pub words: Range<usize>,
    /// For each digit the confidence of its word.
    pub each: Vec<Confidence>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind<'a> {
    /// `sure` is false for words that are more often something else ("for", "to", "oh").
    Digit { digit: u8, sure: bool },
    Teen(u8),
    Tens(u8),
    Hundred,
    Thousand,
    /// "double", "triple".
    Times(u8),
    Literal(&'a str),
    Filler,
    Correction,
    Other,
}

fn kind(word: &str) -> Kind<'_> {
    if word.bytes().all(|b| b.is_ascii_digit()) && !word.is_empty() {
        return Kind::Literal(word);
    }
    let sure = |digit| Kind::Digit { digit, sure: true };
    let weak = |digit| Kind::Digit { digit, sure: false };
    match word {
        "zero" | "nought" | "naught" | "nil" => sure(0),
        "one" => sure(1),
        "two" => sure(2),
        "three" | "thee" => sure(3),
        "four" => sure(4),
        "five" | "fife" => sure(5),
        "six" => sure(6),
        "seven" | "sevin" => sure(7),
        "eight" => sure(8),
        "nine" | "niner" => sure(9),
        "o" | "oh" | "owe" => weak(0),
        "won" | "wun" => weak(1),
        "to" | "too" | "tu" => weak(2),
        "free" | "tree" => weak(3),
        "for" | "fore" | "fur" => weak(4),
        "hive" => weak(5),
        "sicks" | "sex" | "sick" => weak(6),
        "ate" => weak(8),
        "nein" | "mine" => weak(9),
        "ten" => Kind::Teen(10),
        "eleven" => Kind::Teen(11),
        "twelve" => Kind::Teen(12),
        "thirteen" => Kind::Teen(13),
        "fourteen" => Kind::Teen(14),
        "fifteen" => Kind::Teen(15),
        "sixteen" => Kind::Teen(16),
        "seventeen" => Kind::Teen(17),
        "eighteen" => Kind::Teen(18),
        "nineteen" => Kind::Teen(19),
        "twenty" => Kind::Tens(2),
        "thirty" => Kind::Tens(3),
        "forty" | "fourty" => Kind::Tens(4),
        "fifty" => Kind::Tens(5),
        "sixty" => Kind::Tens(6),
        "seventy" => Kind::Tens(7),
        "eighty" => Kind::Tens(8),
        "ninety" => Kind::Tens(9),
        "hundred" => Kind::Hundred,
        "thousand" => Kind::Thousand,
        "double" => Kind::Times(2),
        "triple" | "treble" => Kind::Times(3),
        "and" | "then" | "dash" | "hyphen" | "comma" | "space" | "next" => Kind::Filler,
        "no" | "sorry" | "wait" | "rather" | "correction" | "mean" | "actually" | "scratch" | "nope" => {
            Kind::Correction
        }
        _ if is_hesitation(word) => Kind::Filler,
        _ => Kind::Other,
    }
}

/// A stretch of number words that belong together, as digits.
#[derive(Clone, Debug)]
struct Piece {
    digits: String,
    words: Range<usize>,
    sure: bool,
}

/// Pieces without other words between them; a correction or other words start a new run.
#[derive(Clone, Debug, Default)]
struct Run {
    pieces: Vec<Piece>,
    /// Comes after "no", "sorry", "I mean".
    correction: bool,
    /// Another word stands directly before it, so that a leading "for" or "to" is a preposition.
    led: bool,
}

impl Run {
    fn len(&self) -> usize {
        self.pieces.iter().map(|piece| piece.digits.len()).sum()
    }

    fn is_sure(&self) -> bool {
        self.pieces.iter().any(|piece| piece.sure)
    }

    /// Drops doubtful words at the edges unless they are needed for `expected` digits.
    fn trimmed(mut self, expected: Option<usize>) -> Self {
        let total = self.len();
        let keep = expected.filter(|&n| total <= n && (total == n || !self.led));
        let surplus = |run: &Self| keep.is_none() && expected.is_none_or(|n| run.len() != n);
        while surplus(&self) && self.pieces.first().is_some_and(|piece| !piece.sure) {
            self.pieces.remove(0);
        }
        while surplus(&self) && self.pieces.last().is_some_and(|piece| !piece.sure) {
            self.pieces.pop();
        }
        self
    }
}

/// The digits in `tokens`; `expected` is the length that the open question asks for, and decides
/// doubtful words ("for" before five digits is a four when six are due).
pub fn digits(tokens: &[Token], expected: Option<usize>) -> Option<Digits> {
    let kinds: Vec<Kind<'_>> = tokens.iter().map(|token| kind(&token.text)).collect();
    let runs = runs(&kinds, expected);
    let (pieces, corrected) = choose(runs, expected)?;
    Some(assemble(&pieces, corrected, tokens, &kinds))
}

fn runs(kinds: &[Kind<'_>], expected: Option<usize>) -> Vec<Run> {
    let mut out: Vec<Run> = Vec::new();
    let mut run = Run::default();
    let mut at = 0;
    let mut pending_correction = false;
    while at < kinds.len() {
        if let Some((digits, next)) = number(kinds, at) {
            let sure = !matches!(kinds[at], Kind::Digit { sure: false, .. });
            if run.pieces.is_empty() {
                run.led = at > 0 && kinds[at - 1] == Kind::Other;
                run.correction = std::mem::take(&mut pending_correction);
            }
            run.pieces.push(Piece { digits, words: at..next, sure });
            at = next;
            continue;
        }
        if kinds[at] != Kind::Filler {
            out.push(std::mem::take(&mut run));
            pending_correction |= kinds[at] == Kind::Correction;
        }
        at += 1;
    }
    out.push(run);
    let unsure_is_enough = |run: &Run| expected.is_some_and(|n| n >= 3 && run.len() == n);
    out.retain(|run| run.is_sure() || unsure_is_enough(run));
    out.into_iter().map(|run| run.trimmed(expected)).collect()
}

/// Reads one number at `at`: its digits and where it ends.
fn number(kinds: &[Kind<'_>], at: usize) -> Option<(String, usize)> {
    match kinds[at] {
        Kind::Literal(text) => Some((text.to_owned(), at + 1)),
        Kind::Times(times) => {
            // "double" alone is a word, not a number.
            let digit = match *kinds.get(at + 1)? {
                Kind::Digit { digit, .. } => char::from(b'0' + digit),
                Kind::Literal(text) if text.len() == 1 => text.chars().next()?,
                _ => return None,
            };
            Some((String::from(digit).repeat(usize::from(times)), at + 2))
        }
        Kind::Digit { .. } | Kind::Teen(_) | Kind::Tens(_) => Some(cardinal(kinds, at)),
        _ => None,
    }
}

/// Reads "four", "forty five", "four hundred and six", "forty five thousand six hundred".
fn cardinal(kinds: &[Kind<'_>], at: usize) -> (String, usize) {
    let (value, next) = below_thousand(kinds, at);
    if kinds.get(next) != Some(&Kind::Thousand) {
        return match (kinds[at], next - at) {
            // A zero alone keeps its digit.
            (Kind::Digit { digit, .. }, 1) => (digit.to_string(), next),
            _ => (value.to_string(), next),
        };
    }
    let rest = skip_and(kinds, next + 1);
    let (low, end) = match kinds.get(rest) {
        Some(Kind::Digit { digit: 1.., sure: true } | Kind::Teen(_) | Kind::Tens(_)) => below_thousand(kinds, rest),
        _ => (0, next + 1),
    };
    ((value * 1000 + low).to_string(), end)
}

fn below_thousand(kinds: &[Kind<'_>], at: usize) -> (u32, usize) {
    let (value, next) = below_hundred(kinds, at);
    if kinds.get(next) != Some(&Kind::Hundred) || value == 0 {
        return (value, next);
    }
    let rest = skip_and(kinds, next + 1);
    let (low, end) = match kinds.get(rest) {
        Some(Kind::Digit { digit: 1.., sure: true } | Kind::Teen(_) | Kind::Tens(_)) => below_hundred(kinds, rest),
        _ => (0, next + 1),
    };
    if kinds.get(end) == Some(&Kind::Hundred) {
        return (value * 100, next + 1); // "one hundred, two hundred"
    }
    (value * 100 + low, end)
}

fn below_hundred(kinds: &[Kind<'_>], at: usize) -> (u32, usize) {
    match kinds[at] {
        Kind::Digit { digit, .. } => (u32::from(digit), at + 1),
        Kind::Teen(value) => (u32::from(value), at + 1),
        Kind::Tens(tens) => match kinds.get(at + 1) {
            Some(Kind::Digit { digit: digit @ 1.., .. }) => (u32::from(tens) * 10 + u32::from(*digit), at + 2),
            _ => (u32::from(tens) * 10, at + 1),
        },
        _ => (0, at + 1),
    }
}

/// Position after an "and" (or a hesitation) inside a number.
fn skip_and(kinds: &[Kind<'_>], at: usize) -> usize {
    if kinds.get(at) == Some(&Kind::Filler) { at + 1 } else { at }
}

/// Picks the pieces that answer: a correction beats what it corrects, a run of the right length
/// beats the others, and runs that only together have the right length are one answer.
fn choose(runs: Vec<Run>, expected: Option<usize>) -> Option<(Vec<Piece>, bool)> {
    let mut best: Vec<Piece> = Vec::new();
    let mut corrected = false;
    // Segments between corrections.
    let mut segments: Vec<Vec<Run>> = vec![Vec::new()];
    for run in runs.into_iter().filter(|run| !run.pieces.is_empty()) {
        if run.correction && segments.last().is_some_and(|segment| !segment.is_empty()) {
            segments.push(Vec::new());
        }
        segments.last_mut()?.push(run);
    }
    for segment in segments {
        let pieces = pick(segment, expected);
        if pieces.is_empty() {
            continue;
        }
        if best.is_empty() {
            best = pieces;
            continue;
        }
        corrected = true;
        best = correct(best, pieces, expected);
    }
    (!best.is_empty()).then_some((best, corrected))
}

fn pick(segment: Vec<Run>, expected: Option<usize>) -> Vec<Piece> {
    if let Some(n) = expected {
        if let Some(exact) = segment.iter().rposition(|run| run.len() == n) {
            return segment.into_iter().nth(exact).map(|run| run.pieces).unwrap_or_default();
        }
        if segment.iter().map(Run::len).sum::<usize>() == n {
            return segment.into_iter().flat_map(|run| run.pieces).collect();
        }
    }
    // The last of the longest: what is said last counts.
    segment.into_iter().max_by_key(Run::len).map(|run| run.pieces).unwrap_or_default()
}

/// "four five six seven one three, no, one two": a shorter correction replaces the tail.
fn correct(before: Vec<Piece>, after: Vec<Piece>, expected: Option<usize>) -> Vec<Piece> {
    let (long, short) = (length(&before), length(&after));
    if expected != Some(long) || short >= long {
        return after;
    }
    let mut keep = long - short;
    let mut out = Vec::new();
    for mut piece in before {
        piece.digits.truncate(keep);
        keep -= piece.digits.len();
        if !piece.digits.is_empty() {
            out.push(piece);
        }
    }
    out.extend(after);
    out
}

fn length(pieces: &[Piece]) -> usize {
    pieces.iter().map(|piece| piece.digits.len()).sum()
}

fn assemble(pieces: &[Piece], corrected: bool, tokens: &[Token], kinds: &[Kind<'_>]) -> Digits {
    let mut each = Vec::new();
    let mut value = String::new();
    for piece in pieces {
        let said = &tokens[piece.words.clone()];
        let lowest = said.iter().map(|token| token.confidence).min().unwrap_or(0);
        let lowest = if piece.sure { lowest } else { lowest.saturating_sub(150) };
        each.extend(std::iter::repeat_n(lowest, piece.digits.len()));
        value.push_str(&piece.digits);
    }
    let first = pieces.iter().map(|piece| piece.words.start).min().unwrap_or(0);
    let end = pieces.iter().map(|piece| piece.words.end).max().unwrap_or(0);
    let hanging = matches!(kinds.get(end.wrapping_sub(1)), Some(Kind::Tens(_) | Kind::Hundred | Kind::Thousand))
        || matches!(kinds.get(end..), Some([.., Kind::Times(_) | Kind::Filler]));
    Digits { confidence: overall(&each), value, corrected, hanging, words: first..end, each }
}

/// Halfway between the mean and the worst: one doubtful digit spoils the number.
fn overall(each: &[Confidence]) -> Confidence {
    let Some(&worst) = each.iter().min() else { return 0 };
    let sum: u32 = each.iter().map(|&one| u32::from(one)).sum();
    let mean = sum / u32::try_from(each.len()).unwrap_or(u32::MAX).max(1);
    u16::try_from((mean + u32::from(worst)) / 2).unwrap_or(1000)
}

/// One digit too many, and two neighbours alike: small recognisers stutter ("four one one five").
/// The digits with the less certain twin dropped; to be read back, never taken as they are.
pub fn unstutter(digits: &Digits, expected: usize) -> Option<Digits> {
    if digits.value.len() != expected + 1 {
        return None;
    }
    let bytes = digits.value.as_bytes();
    let twin = (1..bytes.len())
        .filter(|&at| bytes[at] == bytes[at - 1])
        .min_by_key(|&at| digits.each[at].min(digits.each[at - 1]))?;
    let mut out = digits.clone();
    out.value.remove(twin);
    out.each.remove(twin);
    out.confidence = overall(&out.each);
    Some(out)
}

#[cfg(test)]
#[path = "number_tests.rs"]
mod tests;
