//! Digits spoken in any usual way: one by one, "oh", "double four", "forty five sixty seven", "four
//! hundred fifty six", "cuarenta y cinco", with hesitations, homophones and corrections.
//!
//! Decides which digits were said, knowing how many the question takes.

use super::number::{Num, cardinal};
use super::said::Said;
use super::settle::once;
use super::{Found, overall};
use crate::dialogue::reply::Confidence;
use std::ops::Range;

/// Fewer digits in a row are no number that nobody asked for.
const UNASKED: usize = 3;
/// How much less certain a word is that is more often something else.
const DOUBT: Confidence = 150;

/// How many digits a value has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    pub min: usize,
    pub max: usize,
}

impl Fit {
    pub fn new(min: u8, max: u8) -> Self {
        let min = usize::from(min).max(1);
        Self {
            min,
            max: usize::from(max).max(min),
        }
    }

    pub fn has(self, count: usize) -> bool {
        (self.min..=self.max).contains(&count)
    }

    fn exact(self) -> bool {
        self.min == self.max
    }
}

/// Of a telephone number.
pub const PHONE: Fit = Fit { min: 7, max: 15 };

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
    /// Another word stands directly behind it.
    followed: bool,
    /// "not the …".
    denied: bool,
}

impl Run {
    fn len(&self) -> usize {
        length(&self.pieces)
    }

    fn is_sure(&self) -> bool {
        self.pieces.iter().any(|piece| piece.sure)
    }

    /// Drops doubtful words at the edges unless they are needed for the length.
    fn trimmed(mut self, fit: Fit) -> Self {
        let total = self.len();
        let keep = total <= fit.max && (fit.has(total) || !self.led);
        while let Some(first) = self.pieces.first().filter(|piece| !piece.sure) {
            let rest = self.len() - first.digits.len();
            // "for five six seven eight" where four or five digits are due: a preposition.
            let preposition = !fit.exact() && self.led && fit.has(rest);
            if !preposition && (keep || fit.has(self.len())) {
                break;
            }
            self.pieces.remove(0);
        }
        while let Some(last) = self.pieces.last().filter(|piece| !piece.sure) {
            let rest = self.len() - last.digits.len();
            let preposition = !fit.exact() && self.followed && fit.has(rest);
            if !preposition && (keep || fit.has(self.len())) {
                break;
            }
            self.pieces.pop();
        }
        self
    }
}

fn length(pieces: &[Piece]) -> usize {
    pieces.iter().map(|piece| piece.digits.len()).sum()
}

/// The rows of digits in a turn.
pub fn digits(said: &Said<'_>, fit: Fit, asked: bool) -> Vec<Found> {
    let mut found = Vec::new();
    for (pieces, corrected) in rows(runs(said, fit, asked), fit) {
        let mut one = assemble(said, &pieces, fit, corrected);
        let count = one.value.len();
        if count > fit.max {
            if let Some(shorter) = fit.exact().then(|| unstutter(&one, fit.max)).flatten() {
                one = shorter;
            } else {
                one.confidence = 0;
            }
        }
        let sure = count >= UNASKED.max(fit.min) && count <= fit.max;
        if asked || sure {
            found.push(one);
        }
    }
    once(found)
}

/// Telephone numbers: digits, with the plus of an international one.
pub fn phone(said: &Said<'_>, asked: bool) -> Vec<Found> {
    let mut found = digits(said, PHONE, asked);
    for one in &mut found {
        let plus = said.before(one.words.start);
        if matches!(plus, "plus" | "mas") {
            one.value.insert(0, '+');
            one.words.start -= 1;
        }
        // Ten digits are a whole number wherever fewer are not.
        one.hanging &= one.value.len() < 10;
    }
    found
}

fn runs(said: &Said<'_>, fit: Fit, asked: bool) -> Vec<Run> {
    let mut out: Vec<Run> = Vec::new();
    let mut run = Run::default();
    let mut at = 0;
    let mut pending = false;
    while at < said.len() {
        if let Some((digits, next)) = round(said, at, fit).or_else(|| number(said, at)) {
            // "una" is an article more often than a one.
            let article = said.is(at, &["un", "una"]) && next == at + 1;
            let sure = !article && !matches!(said.kind(at), Num::Digit { sure: false, .. });
            if run.pieces.is_empty() {
                run.led = at > 0 && matches!(said.kind(at - 1), Num::Other);
                run.correction = std::mem::take(&mut pending);
                run.denied = said.is(at.wrapping_sub(1), &["not", "isnt"]);
            }
            run.pieces.push(Piece {
                digits,
                words: at..next,
                sure,
            });
            at = next;
            continue;
        }
        let kind = said.kind(at);
        if !matches!(kind, Num::Filler | Num::And) {
            run.followed = true;
            if is_unit(said, at) {
                // "fifty dollars", "one moment": a number, but not digits.
                let counted = run.pieces.pop();
                pending |= counted.is_some() && run.pieces.is_empty() && run.correction;
            }
            out.push(std::mem::take(&mut run));
            pending |= kind == Num::Correction;
        }
        at += 1;
    }
    out.push(run);
    let mut out: Vec<Run> = out
        .into_iter()
        .flat_map(|run| parted(run, said, fit))
        .collect();
    let unsure_is_enough = |run: &Run| asked && fit.min >= 3 && fit.has(run.len());
    // "the first one": a word of the sentence.
    let pronoun = |run: &Run| {
        let start = run.pieces.first().map_or(0, |piece| piece.words.start);
        run.len() == 1 && said.is(start, &["one"]) && said.len() > 2 && fit.min > 1
    };
    out.retain(|run| !run.denied && !pronoun(run) && (run.is_sure() || unsure_is_enough(run)));
    out.into_iter().map(|run| run.trimmed(fit)).collect()
}

/// "eight hundred five five five": a round number before single digits, where many lengths would do.
fn round(said: &Said<'_>, at: usize, fit: Fit) -> Option<(String, usize)> {
    let digit = |at: usize| matches!(said.kind(at), Num::Digit { .. });
    let (
        Num::Digit {
            digit: hundreds @ 1..,
            ..
        },
        Num::Hundred,
    ) = (said.kind(at), said.kind(at + 1))
    else {
        return None;
    };
    let spelled = digit(at + 2) && digit(at + 3);
    (!fit.exact() && spelled).then(|| (format!("{hundreds}00"), at + 2))
}

/// "from 4455 to 7788": two numbers that a preposition joins, where many lengths would do.
fn parted(run: Run, said: &Said<'_>, fit: Fit) -> Vec<Run> {
    if fit.exact() {
        return vec![run];
    }
    let zero = |piece: &Piece| said.is(piece.words.start, &["o", "oh"]);
    let seam = (1..run.pieces.len()).find(|&at| {
        let (left, right) = run.pieces.split_at(at);
        let middle = !right[0].sure && !zero(&right[0]);
        middle && fit.has(length(left)) && fit.has(length(&right[1..]))
    });
    let Some(seam) = seam else {
        return vec![run];
    };
    let mut left = run;
    let right = Run {
        pieces: left.pieces.split_off(seam + 1),
        followed: left.followed,
        led: true,
        ..Run::default()
    };
    left.pieces.truncate(seam);
    left.followed = true;
    let mut out = vec![left];
    out.extend(parted(right, said, fit));
    out
}

/// Words that a number counts, so that it is no row of digits.
fn is_unit(said: &Said<'_>, at: usize) -> bool {
    const ENGLISH: [&str; 34] = [
        "dollar", "dollars", "bucks", "cent", "cents", "euro", "euros", "pounds", "percent",
        "moment", "second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "week",
        "weeks", "month", "months", "year", "years", "oclock", "people", "am", "pm", "times",
        "more", "thing", "question", "things", "of",
    ];
    const SPANISH: [&str; 32] = [
        "dolar",
        "dolares",
        "centavo",
        "centavos",
        "centimo",
        "centimos",
        "euro",
        "euros",
        "pesos",
        "libras",
        "momento",
        "momentito",
        "segundo",
        "segundos",
        "minuto",
        "minutos",
        "hora",
        "horas",
        "dia",
        "dias",
        "semana",
        "semanas",
        "mes",
        "meses",
        "ano",
        "anos",
        "personas",
        "veces",
        "pregunta",
        "cosa",
        "cosas",
        "consulta",
    ];
    if said.is_spanish() {
        said.is(at, &SPANISH)
    } else {
        said.is(at, &ENGLISH)
    }
}

/// Reads one number at `at`: its digits and where it ends.
pub fn number(said: &Said<'_>, at: usize) -> Option<(String, usize)> {
    match said.kind(at) {
        Num::Literal => Some((said.word(at).to_owned(), at + 1)),
        Num::Times(times) => {
            // "double" alone is a word, not a number.
            let digit = match said.kind(at + 1) {
                Num::Digit { digit, .. } => char::from(b'0' + digit),
                Num::Literal if said.word(at + 1).len() == 1 => said.word(at + 1).chars().next()?,
                _ => return None,
            };
            Some((String::from(digit).repeat(usize::from(times)), at + 2))
        }
        Num::Digit { .. } | Num::Teen(_) | Num::Tens(_) | Num::Hundreds(_) => {
            let (value, next) = cardinal(said, at, true)?;
            Some((value.to_string(), next))
        }
        Num::Thousand if said.is_spanish() => {
            let (value, next) = cardinal(said, at, true)?;
            Some((value.to_string(), next))
        }
        _ => None,
    }
}

/// The rows that answer: a correction beats what it corrects, a run of the right length beats the
/// others, and runs that only together have the right length are one answer.
fn rows(runs: Vec<Run>, fit: Fit) -> Vec<(Vec<Piece>, bool)> {
    // Segments between corrections.
    let mut segments: Vec<Vec<Run>> = vec![Vec::new()];
    for run in runs.into_iter().filter(|run| !run.pieces.is_empty()) {
        let begun = segments.last().is_some_and(|segment| !segment.is_empty());
        if run.correction && begun {
            segments.push(Vec::new());
        }
        if let Some(segment) = segments.last_mut() {
            segment.push(run);
        }
    }
    let mut out: Vec<(Vec<Piece>, bool)> = Vec::new();
    for segment in segments {
        let mut chosen = pick(segment, fit).into_iter();
        if let Some(first) = chosen.next() {
            match out.pop() {
                Some((before, _)) => out.push((correct(before, first, fit), true)),
                None => out.push((first, false)),
            }
        }
        out.extend(chosen.map(|pieces| (pieces, false)));
    }
    out
}

fn pick(segment: Vec<Run>, fit: Fit) -> Vec<Vec<Piece>> {
    if segment.iter().any(|run| fit.has(run.len())) {
        return segment
            .into_iter()
            .filter(|run| fit.has(run.len()))
            .map(|run| run.pieces)
            .collect();
    }
    if fit.has(segment.iter().map(Run::len).sum()) {
        return vec![segment.into_iter().flat_map(|run| run.pieces).collect()];
    }
    // The last of the longest: what is said last counts.
    segment
        .into_iter()
        .max_by_key(Run::len)
        .map(|run| vec![run.pieces])
        .unwrap_or_default()
}

/// "four five six seven one three, no, one two": a shorter correction replaces the tail.
fn correct(before: Vec<Piece>, after: Vec<Piece>, fit: Fit) -> Vec<Piece> {
    let (long, short) = (length(&before), length(&after));
    let whole = !fit.exact() && fit.has(short);
    if !fit.has(long) || short >= long || whole {
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

fn assemble(said: &Said<'_>, pieces: &[Piece], fit: Fit, corrected: bool) -> Found {
    let mut each = Vec::new();
    let mut value = String::new();
    for piece in pieces {
        let words = &said.tokens[piece.words.clone()];
        let lowest = words.iter().map(|token| token.confidence).min();
        let lowest = lowest.unwrap_or(0);
        let lowest = if piece.sure {
            lowest
        } else {
            lowest.saturating_sub(DOUBT)
        };
        each.extend(std::iter::repeat_n(lowest, piece.digits.len()));
        value.push_str(&piece.digits);
    }
    let start = pieces.iter().map(|piece| piece.words.start).min();
    let end = pieces.iter().map(|piece| piece.words.end).max();
    let (start, end) = (start.unwrap_or(0), end.unwrap_or(0));
    let open_word = matches!(
        said.kind(end.wrapping_sub(1)),
        Num::Tens(_) | Num::Hundred | Num::Hundreds(_) | Num::Thousand
    );
    let goes_on = matches!(
        said.kinds.get(end..),
        Some([.., Num::Times(_) | Num::Filler | Num::And])
    );
    let count = value.len();
    Found {
        confidence: overall(&each),
        partial: count < fit.min,
        hanging: goes_on || said.ends(end) && (open_word || (fit.has(count) && count < fit.max)),
        corrected,
        words: start..end,
        each,
        value,
        alternatives: Vec::new(),
    }
}

/// One digit too many, and two neighbours alike: small recognisers stutter ("four one one five").
/// The digits with the less certain twin dropped; to be read back, never taken as they are.
fn unstutter(found: &Found, expected: usize) -> Option<Found> {
    if found.value.len() != expected + 1 {
        return None;
    }
    let bytes = found.value.as_bytes();
    let twin = (1..bytes.len())
        .filter(|&at| bytes[at] == bytes[at - 1])
        .min_by_key(|&at| found.each[at].min(found.each[at - 1]))?;
    let mut out = found.clone();
    out.value.remove(twin);
    out.each.remove(twin);
    out.confidence = overall(&out.each);
    out.corrected = true;
    Some(out)
}
