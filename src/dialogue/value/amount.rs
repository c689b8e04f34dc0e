//! Amounts of money: "fifty dollars", "twelve fifty", "a hundred bucks", "veinte con cincuenta".
//! Decides the amount in minor units; "all of it" and "half" are none, their meaning is the task's.

use super::Found;
use super::number::{Num, below_hundred, cardinal, quantity};
use super::said::Said;
use super::settle::{corrected, settle};
use std::ops::Range;

/// More money than anybody moves by telephone, in whole units.
const MOST: u64 = 1_000_000_000;

/// An amount as read.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Amount {
    minor: u64,
    other: Option<u64>,
    words: Range<usize>,
    /// A currency was named.
    named: bool,
}

pub fn amounts(said: &Said<'_>, asked: bool) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    // A number beside money that is named is something else: "fifty dollars from 4455".
    let mut named: Vec<bool> = Vec::new();
    let mut at = 0;
    while at < said.len() {
        let Some(amount) = amount(said, at) else {
            at += 1;
            continue;
        };
        at = amount.words.end.max(at + 1);
        // "half of the five hundred" is the task's to reckon.
        let halves = [
            "half of the",
            "half the",
            "half of",
            "half of my",
            "la mitad de los",
            "la mitad de",
        ];
        if said.ends_with(amount.words.start, &halves).is_some() {
            continue;
        }
        // "one for my mother", "una": a pronoun.
        let pronoun = amount.words.len() == 1
            && said.is(amount.words.start, &["one", "un", "una", "uno"])
            && (said.len() > 2 || said.is(amount.words.start, &["una"]));
        let counted = !amount.named && (pronoun || counts_else(said, at));
        if counted || !(asked || amount.named) || amount.minor > MOST * 100 {
            continue;
        }
        let mut one = Found::of(said, amount.words.clone(), amount.minor.to_string());
        one.alternatives
            .extend(amount.other.map(|other| other.to_string()));
        let last = said.kind(at.wrapping_sub(1));
        let open = matches!(
            last,
            Num::Tens(_) | Num::Hundred | Num::Hundreds(_) | Num::Thousand
        );
        let trails = at + 1 == said.len()
            && (said.kind(at) == Num::And || said.is(at, &["point", "con", "coma", "punto"]));
        one.hanging = open && said.ends(at) || trails;
        let corrects = found
            .last()
            .is_some_and(|before| corrected(said, before.words.end, one.words.start));
        named.push(amount.named || corrects || named_next(said, at));
        found.push(one);
    }
    if named.contains(&true) {
        let mut named = named.into_iter();
        found.retain(|_| named.next().unwrap_or(true));
    }
    settle(said, found)
}

/// "fifty, no, sixty dollars", "fifty or sixty dollars": the currency of the next one counts here too.
fn named_next(said: &Said<'_>, at: usize) -> bool {
    let links = [
        "or", "o", "y", "and", "to", "no", "sorry", "not", "perdon", "sino", "i", "mean",
    ];
    let next = (at..said.len().min(at + 4)).find(|&at| !said.is(at, &links));
    next.is_some_and(|next| next > at && amount(said, next).is_some_and(|amount| amount.named))
}

/// The number counts something that is not money.
fn counts_else(said: &Said<'_>, at: usize) -> bool {
    const WORDS: &[&str] = &[
        "percent", "days", "day", "weeks", "week", "months", "month", "years", "year", "people",
        "minutes", "minute", "hours", "hour", "oclock", "am", "pm", "moment", "second", "st", "nd",
        "rd", "th", "times", "question", "thing", "more", "dias", "dia", "semanas", "semana",
        "meses", "mes", "anos", "ano", "personas", "minutos", "minuto", "horas", "hora", "momento",
        "segundo", "veces", "pregunta", "cosa", "por", "of", "ciento", "things", "account",
        "quarters", "quarter", "halves", "tercios", "cuartos",
    ];
    said.is(at, WORDS)
}

fn amount(said: &Said<'_>, at: usize) -> Option<Amount> {
    // "$50" is written with its currency in front.
    let prefix = usize::from(is_currency(said, at));
    let from = at + prefix;
    let found = spoken(said, from).or_else(|| figures(said, from))?;
    let named = found.named || prefix == 1;
    Some(Amount {
        words: at..found.words.end,
        named,
        other: found.other.filter(|_| prefix == 0),
        ..found
    })
}

fn is_currency(said: &Said<'_>, at: usize) -> bool {
    const ENGLISH: [&str; 14] = [
        "dollar", "dollars", "buck", "bucks", "euro", "euros", "pound", "pounds", "quid", "usd",
        "eur", "gbp", "dolars", "smackers",
    ];
    const SPANISH: [&str; 15] = [
        "dolar", "dolares", "euro", "euros", "libra", "libras", "peso", "pesos", "pavos", "usd",
        "eur", "dollar", "dollars", "pounds", "eurillos",
    ];
    if said.is_spanish() {
        said.is(at, &SPANISH)
    } else {
        said.is(at, &ENGLISH)
    }
}

fn is_cents(said: &Said<'_>, at: usize) -> bool {
    said.is(
        at,
        &[
            "cent", "cents", "penny", "pennies", "pence", "centavo", "centavos", "centimo",
            "centimos",
        ],
    )
}

/// "1,250.75": the marks are gone, so groups of three are thousands and a last group of two is cents.
fn figures(said: &Said<'_>, at: usize) -> Option<Amount> {
    let first = said.literal(at)?;
    if matches!(
        said.kind(at + 1),
        Num::Thousand | Num::Million | Num::Hundred
    ) {
        return None;
    }
    let mut whole = first;
    let mut end = at + 1;
    if said.word(at).len() <= 3 && first > 0 {
        while said.kind(end) == Num::Literal && said.word(end).len() == 3 && whole < MOST {
            whole = whole * 1000 + said.literal(end)?;
            end += 1;
        }
    }
    let mut cents = 0;
    if said.kind(end) == Num::Literal && said.word(end).len() == 2 {
        cents = said.literal(end)?;
        end += 1;
    }
    // "50.5"
    let tenths = said.kind(end) == Num::Literal && said.word(end).len() == 1;
    if tenths && cents == 0 && said.word(at).len() >= 2 && said.kind(end + 1) != Num::Literal {
        cents = said.literal(end)? * 10;
        end += 1;
    }
    if said.is(end, &["k", "grand"]) && cents == 0 {
        return Some(whole_units(whole.checked_mul(1000)?, at..end + 1, true));
    }
    finish(said, at, whole, cents, end)
}

fn whole_units(whole: u64, words: Range<usize>, named: bool) -> Amount {
    Amount {
        minor: whole.saturating_mul(100),
        other: None,
        words,
        named,
    }
}

/// What follows a written number: its currency, and cents in words.
fn finish(said: &Said<'_>, at: usize, whole: u64, cents: u64, end: usize) -> Option<Amount> {
    if whole > MOST {
        return None;
    }
    if cents == 0 && is_cents(said, end) {
        return Some(Amount {
            minor: whole,
            other: None,
            words: at..end + 1,
            named: true,
        });
    }
    let mut amount = whole_units(whole, at..end, false);
    amount.minor += cents;
    if cents == 0 {
        return Some(tail(said, amount, end));
    }
    if is_currency(said, end) {
        amount.words.end = end + 1;
        amount.named = true;
    }
    Some(amount)
}

/// "… dollars and fifty cents", "… point five", "… con cincuenta": all that can follow whole units.
fn tail(said: &Said<'_>, mut amount: Amount, mut end: usize) -> Amount {
    if let Some((cents, after)) = decimals(said, end) {
        amount.minor += cents;
        end = after;
        amount.words.end = end;
        if is_currency(said, end) || is_cents(said, end) {
            amount.named = true;
            amount.words.end = end + 1;
        }
        return amount;
    }
    // "two and a half dollars", "dos euros y medio"
    if let Some(after) = said.any(end, &["and a half", "y medio", "y media"])
        && !matches!(said.kind(after), Num::Thousand | Num::Million)
        && (is_currency(said, after) || amount.minor < 10_000)
    {
        amount.minor += 50;
        amount.named |= is_currency(said, after);
        amount.words.end = after + usize::from(is_currency(said, after));
        return amount;
    }
    if !is_currency(said, end) {
        return amount;
    }
    amount.named = true;
    amount.words.end = end + 1;
    end += 1;
    let joined = said.kind(end) == Num::And || said.is(end, &["con"]);
    let start = end + usize::from(joined);
    if let Some((cents, after)) = hundredths(said, start) {
        let marked = is_cents(said, after);
        // "twenty dollars and three …" goes on to something else; "twenty dollars fifty" does not.
        let plain = said.is_spanish() || !joined;
        if cents < 100 && (marked || (plain && cents >= 10 && !counts_else(said, after))) {
            amount.minor += cents;
            amount.words.end = after + usize::from(marked);
        }
    } else if let Some(after) = said.any(end, &["and a half", "y medio"]) {
        amount.minor += 50;
        amount.words.end = after;
    }
    amount
}

fn hundredths(said: &Said<'_>, at: usize) -> Option<(u64, usize)> {
    if let Some(value) = said.literal(at).filter(|_| said.word(at).len() <= 2) {
        return Some((value, at + 1));
    }
    below_hundred(said, at, false)
}

/// "point five", "point two five", "con cincuenta", "coma cinco": cents.
fn decimals(said: &Said<'_>, at: usize) -> Option<(u64, usize)> {
    let point = said.is(at, &["point", "dot", "punto", "coma"]);
    let with = said.is_spanish() && said.is(at, &["con"]);
    if !point && !with {
        return None;
    }
    let digit = |at: usize| match said.kind(at) {
        Num::Digit { digit, sure } if sure || said.is(at, &["oh", "o"]) => Some(u64::from(digit)),
        Num::Literal if said.word(at).len() == 1 => said.literal(at),
        _ => None,
    };
    if let Some(tenths) = digit(at + 1) {
        return Some(match digit(at + 2) {
            Some(rest) => (tenths * 10 + rest, at + 3),
            None if with => (tenths, at + 2),
            None => (tenths * 10, at + 2),
        });
    }
    hundredths(said, at + 1).filter(|&(cents, _)| cents < 100)
}

/// An amount whose whole units are said in words ("2 thousand" too).
fn spoken(said: &Said<'_>, at: usize) -> Option<Amount> {
    if let Some(amount) = article(said, at).or_else(|| spelled(said, at)) {
        return Some(amount);
    }
    if said.kind(at) == Num::Literal
        && !matches!(
            said.kind(at + 1),
            Num::Thousand | Num::Million | Num::Hundred
        )
    {
        return None;
    }
    let (value, end) = quantity(said, at)?;
    if value > MOST {
        return None;
    }
    if said.is(end, &["grand", "k"]) {
        return Some(whole_units(value.checked_mul(1000)?, at..end + 1, true));
    }
    // "two and a half thousand"
    if let Some(after) = said.any(end, &["and a half thousand", "and a half grand"]) {
        return Some(whole_units(value.checked_mul(1000)? + 500, at..after, true));
    }
    if is_cents(said, end) {
        return Some(Amount {
            minor: value,
            other: None,
            words: at..end + 1,
            named: true,
        });
    }
    if let Some(amount) = pair(said, at, value, end) {
        return Some(amount);
    }
    Some(tail(said, whole_units(value, at..end, false), end))
}

/// "a hundred", "a dollar fifty", "a couple hundred", "a grand".
fn article(said: &Said<'_>, at: usize) -> Option<Amount> {
    if said.is_spanish() || !said.is(at, &["a"]) {
        return None;
    }
    if said.is(at + 1, &["couple"]) {
        let of = usize::from(said.is(at + 2, &["of"]));
        let scale = match said.kind(at + 2 + of) {
            _ if is_currency(said, at + 2 + of) => {
                return Some(whole_units(2, at..at + 3 + of, true));
            }
            Num::Hundred => 200,
            Num::Thousand => 2000,
            _ => return None,
        };
        let end = at + 3 + of;
        return Some(tail(said, whole_units(scale, at..end, false), end));
    }
    if said.is(at + 1, &["grand"]) {
        return Some(whole_units(1000, at..at + 2, true));
    }
    let scale = match said.kind(at + 1) {
        Num::Hundred => 100,
        Num::Thousand => 1000,
        Num::Million => 1_000_000,
        _ if is_currency(said, at + 1) => {
            return Some(tail(said, whole_units(1, at..at + 1, false), at + 1));
        }
        _ => return None,
    };
    let mut end = at + 2;
    let mut whole = scale;
    let rest = end + usize::from(said.kind(end) == Num::And);
    if let Some((low, after)) =
        cardinal(said, rest, false).filter(|&(low, _)| low > 0 && low < scale)
    {
        whole += low;
        end = after;
    }
    Some(tail(said, whole_units(whole, at..end, false), end))
}

/// "one two five zero": three and more digits in a row are one number.
fn spelled(said: &Said<'_>, at: usize) -> Option<Amount> {
    let mut end = at;
    let mut whole: u64 = 0;
    while let Num::Digit { digit, sure } = said.kind(end)
        && (sure || (end > at && said.is(end, &["oh", "o"])))
        && end - at < 7
    {
        whole = whole * 10 + u64::from(digit);
        end += 1;
    }
    let goes_on = matches!(said.kind(end), Num::Hundred | Num::Thousand | Num::Million);
    (end - at >= 3 && !goes_on).then(|| tail(said, whole_units(whole, at..end, false), end))
}

/// "twelve fifty", "two fifty": dollars and cents, or hundreds.
fn pair(said: &Said<'_>, at: usize, value: u64, end: usize) -> Option<Amount> {
    if said.kind(at) == Num::Literal {
        return None;
    }
    let (second, after) = match said.kind(end) {
        Num::Teen(_) | Num::Tens(_) => below_hundred(said, end, false)?,
        // "twelve oh five"
        Num::Digit { digit: 0, .. } => match said.kind(end + 1) {
            Num::Digit {
                digit: digit @ 1..,
                sure: true,
            } => (u64::from(digit), end + 2),
            _ => return None,
        },
        _ => return None,
    };
    let as_cents = value * 100 + second;
    let as_whole = as_cents * 100;
    if value == 0 || value >= 1_000_000 {
        return None;
    }
    if value >= 100 || said.is_spanish() {
        // "a hundred twenty fifty" is none; "doce cincuenta" is never 1250.
        return Some(named(said, as_cents, None, at, after));
    }
    let hundreds = (1..=9).contains(&value);
    let currency = is_currency(said, after);
    Some(if hundreds || currency {
        named(said, as_whole, Some(as_cents), at, after)
    } else {
        named(said, as_cents, Some(as_whole), at, after)
    })
}

fn named(said: &Said<'_>, minor: u64, other: Option<u64>, at: usize, end: usize) -> Amount {
    let currency = is_currency(said, end);
    Amount {
        minor,
        other,
        words: at..end + usize::from(currency),
        named: currency,
    }
}
