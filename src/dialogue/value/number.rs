//! Number words and how they combine to numbers. Whether a number is a count, money or a row of digits
//! is decided by the readers of those.

use super::said::Said;
use super::tongue::is_hesitation;
use crate::dialogue::spoken::Language;

/// What a word is in a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Num {
    /// `sure` is false for words that are more often something else ("for", "to", "oh").
    Digit {
        digit: u8,
        sure: bool,
    },
    /// 10 to 29 in one word.
    Teen(u8),
    /// "forty": 4.
    Tens(u8),
    /// "hundred", said after its count.
    Hundred,
    /// "doscientos": 200.
    Hundreds(u16),
    Thousand,
    Million,
    /// "double", "triple".
    Times(u8),
    /// Written in figures.
    Literal,
    /// "and", "y".
    And,
    Filler,
    Correction,
    Other,
}

/// What `word`, without accents, is in a number.
pub fn num(word: &str, language: Language) -> Num {
    if !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()) {
        return Num::Literal;
    }
    let known = match language {
        Language::English => english(word),
        Language::Spanish => spanish(word),
    };
    match known {
        Some(kind) => kind,
        None if is_hesitation(word, language) => Num::Filler,
        None => Num::Other,
    }
}

fn english(word: &str) -> Option<Num> {
    let sure = |digit| Num::Digit { digit, sure: true };
    let weak = |digit| Num::Digit { digit, sure: false };
    Some(match word {
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
        "ten" => Num::Teen(10),
        "eleven" => Num::Teen(11),
        "twelve" => Num::Teen(12),
        "thirteen" => Num::Teen(13),
        "fourteen" => Num::Teen(14),
        "fifteen" => Num::Teen(15),
        "sixteen" => Num::Teen(16),
        "seventeen" => Num::Teen(17),
        "eighteen" => Num::Teen(18),
        "nineteen" => Num::Teen(19),
        "twenty" => Num::Tens(2),
        "thirty" => Num::Tens(3),
        "forty" | "fourty" => Num::Tens(4),
        "fifty" => Num::Tens(5),
        "sixty" => Num::Tens(6),
        "seventy" => Num::Tens(7),
        "eighty" => Num::Tens(8),
        "ninety" => Num::Tens(9),
        "hundred" => Num::Hundred,
        "thousand" => Num::Thousand,
        "million" => Num::Million,
        "double" => Num::Times(2),
        "triple" | "treble" => Num::Times(3),
        "and" => Num::And,
        "then" | "dash" | "hyphen" | "comma" | "space" | "next" => Num::Filler,
        "no" | "sorry" | "wait" | "rather" | "correction" | "mean" | "actually" | "scratch"
        | "nope" => Num::Correction,
        _ => return None,
    })
}

fn spanish(word: &str) -> Option<Num> {
    let sure = |digit| Num::Digit { digit, sure: true };
    Some(match word {
        "cero" | "sero" => sure(0),
        "uno" | "una" | "un" => sure(1),
        "dos" => sure(2),
        "tres" => sure(3),
        "cuatro" | "quatro" => sure(4),
        "cinco" | "sinco" => sure(5),
        "seis" => sure(6),
        "siete" => sure(7),
        "ocho" => sure(8),
        "nueve" => sure(9),
        "diez" | "dies" => Num::Teen(10),
        "once" => Num::Teen(11),
        "doce" | "dose" => Num::Teen(12),
        "trece" | "trese" => Num::Teen(13),
        "catorce" => Num::Teen(14),
        "quince" => Num::Teen(15),
        "dieciseis" => Num::Teen(16),
        "diecisiete" => Num::Teen(17),
        "dieciocho" => Num::Teen(18),
        "diecinueve" => Num::Teen(19),
        "veinte" => Num::Tens(2),
        "veintiuno" | "veintiun" | "veintiuna" => Num::Teen(21),
        "veintidos" => Num::Teen(22),
        "veintitres" => Num::Teen(23),
        "veinticuatro" => Num::Teen(24),
        "veinticinco" => Num::Teen(25),
        "veintiseis" => Num::Teen(26),
        "veintisiete" => Num::Teen(27),
        "veintiocho" => Num::Teen(28),
        "veintinueve" => Num::Teen(29),
        "treinta" => Num::Tens(3),
        "cuarenta" => Num::Tens(4),
        "cincuenta" => Num::Tens(5),
        "sesenta" => Num::Tens(6),
        "setenta" => Num::Tens(7),
        "ochenta" => Num::Tens(8),
        "noventa" => Num::Tens(9),
        "cien" | "ciento" => Num::Hundreds(100),
        "doscientos" | "doscientas" => Num::Hundreds(200),
        "trescientos" | "trescientas" => Num::Hundreds(300),
        "cuatrocientos" | "cuatrocientas" => Num::Hundreds(400),
        "quinientos" | "quinientas" => Num::Hundreds(500),
        "seiscientos" | "seiscientas" => Num::Hundreds(600),
        "setecientos" | "setecientas" => Num::Hundreds(700),
        "ochocientos" | "ochocientas" => Num::Hundreds(800),
        "novecientos" | "novecientas" => Num::Hundreds(900),
        "mil" => Num::Thousand,
        "millon" | "millones" => Num::Million,
        "doble" => Num::Times(2),
        "triple" => Num::Times(3),
        "y" => Num::And,
        "guion" | "coma" | "espacio" | "luego" | "despues" | "entonces" => Num::Filler,
        "no" | "perdon" | "perdona" | "perdone" | "digo" | "mejor" | "espera" | "espere"
        | "corrijo" | "decir" | "equivocado" | "equivoque" => Num::Correction,
        _ => return None,
    })
}

/// The number at `at`, in words, and where it ends; `loose`: words that are more often something else
/// count as digits. A zero is a number of its own.
pub fn cardinal(said: &Said<'_>, at: usize, loose: bool) -> Option<(u64, usize)> {
    let (mut value, mut next) = if said.kind(at) == Num::Thousand && said.is_spanish() {
        (1, at)
    } else {
        below_thousand(said, at, loose)?
    };
    let mut total = 0;
    if said.kind(next) == Num::Million && value > 0 {
        total = value * 1_000_000;
        let rest = skip_and(said, next + 1);
        if said.kind(rest) == Num::Thousand && said.is_spanish() {
            (value, next) = (1, rest);
        } else if starts_tail(said, rest) {
            (value, next) = below_thousand(said, rest, loose)?;
        } else {
            return Some((total, next + 1));
        }
    }
    if said.kind(next) == Num::Thousand && value > 0 {
        total += value * 1000;
        let rest = skip_and(said, next + 1);
        if !starts_tail(said, rest) {
            return Some((total, next + 1));
        }
        let (low, end) = below_thousand(said, rest, loose)?;
        if said.kind(end) == Num::Thousand {
            return Some((total, next + 1)); // "one thousand, two thousand"
        }
        return Some((total + low, end));
    }
    Some((total + value, next))
}

fn below_thousand(said: &Said<'_>, at: usize, loose: bool) -> Option<(u64, usize)> {
    if let Num::Hundreds(hundreds) = said.kind(at) {
        let (low, end) = if starts_tail(said, at + 1) && below_hundred_starts(said, at + 1) {
            below_hundred(said, at + 1, loose)?
        } else {
            (0, at + 1)
        };
        return Some((u64::from(hundreds) + low, end));
    }
    let (value, next) = below_hundred(said, at, loose)?;
    if said.kind(next) != Num::Hundred || value == 0 {
        return Some((value, next));
    }
    let rest = skip_and(said, next + 1);
    if !starts_tail(said, rest) {
        return Some((value * 100, next + 1));
    }
    let (low, end) = below_hundred(said, rest, loose)?;
    if said.kind(end) == Num::Hundred {
        return Some((value * 100, next + 1)); // "one hundred, two hundred"
    }
    Some((value * 100 + low, end))
}

fn below_hundred_starts(said: &Said<'_>, at: usize) -> bool {
    matches!(
        said.kind(at),
        Num::Digit { .. } | Num::Teen(_) | Num::Tens(_)
    )
}

pub fn below_hundred(said: &Said<'_>, at: usize, loose: bool) -> Option<(u64, usize)> {
    match said.kind(at) {
        Num::Digit { digit, sure } if sure || loose => Some((digit.into(), at + 1)),
        Num::Teen(value) => Some((value.into(), at + 1)),
        Num::Tens(tens) => {
            let tens = u64::from(tens) * 10;
            // "cuarenta y cinco"; the "y" is easily lost.
            let joined = said.is_spanish() && said.kind(at + 1) == Num::And;
            let unit = at + 1 + usize::from(joined);
            Some(match said.kind(unit) {
                Num::Digit {
                    digit: digit @ 1..,
                    sure,
                } if sure || loose => (tens + u64::from(digit), unit + 1),
                _ => (tens, at + 1),
            })
        }
        _ => None,
    }
}

/// Whether the word can be the lower part of a larger number.
fn starts_tail(said: &Said<'_>, at: usize) -> bool {
    matches!(
        said.kind(at),
        Num::Digit {
            digit: 1..,
            sure: true,
        } | Num::Teen(_)
            | Num::Tens(_)
            | Num::Hundreds(_)
    )
}

/// Position after an "and" (or a hesitation) inside a number.
fn skip_and(said: &Said<'_>, at: usize) -> usize {
    if matches!(said.kind(at), Num::Filler | Num::And) {
        at + 1
    } else {
        at
    }
}

/// A quantity in words or figures ("2 thousand" too), and where it ends.
pub fn quantity(said: &Said<'_>, at: usize) -> Option<(u64, usize)> {
    let Some(value) = said.literal(at) else {
        return cardinal(said, at, false);
    };
    let (factor, end) = match said.kind(at + 1) {
        Num::Hundred => (100, at + 2),
        Num::Thousand => (1000, at + 2),
        Num::Million => (1_000_000, at + 2),
        _ => (1, at + 1),
    };
    Some((value.checked_mul(factor)?, end))
}

/// "third", "twenty first", "3rd", "tercero": a place in a sequence, and where it ends.
pub fn ordinal(said: &Said<'_>, at: usize) -> Option<(u64, usize)> {
    if let Some(value) = said.literal(at) {
        let ends: &[&str] = match said.language {
            Language::English => &["st", "nd", "rd", "th"],
            Language::Spanish => &["o", "a", "er", "º", "ª", "ro", "ra", "do", "da"],
        };
        return said.is(at + 1, ends).then_some((value, at + 2));
    }
    if said.is_spanish() {
        return spanish_ordinal(said.word(at)).map(|value| (value, at + 1));
    }
    if let Num::Tens(tens @ (2 | 3)) = said.kind(at)
        && let Some(unit @ 1..=9) = english_ordinal(said.word(at + 1))
    {
        return Some((u64::from(tens) * 10 + unit, at + 2));
    }
    english_ordinal(said.word(at)).map(|value| (value, at + 1))
}

fn english_ordinal(word: &str) -> Option<u64> {
    const WORDS: [&str; 20] = [
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
    ];
    match word {
        "thirtieth" => Some(30),
        "forth" => Some(4),
        _ => (1..)
            .zip(WORDS)
            .find(|(_, name)| *name == word)
            .map(|(n, _)| n),
    }
}

fn spanish_ordinal(word: &str) -> Option<u64> {
    const STEMS: [&str; 10] = [
        "primer", "segund", "tercer", "cuart", "quint", "sext", "septim", "octav", "noven", "decim",
    ];
    (1..).zip(STEMS).find_map(|(n, stem)| {
        let end = word.strip_prefix(stem)?;
        let short = end.is_empty() && matches!(n, 1 | 3);
        (short || matches!(end, "o" | "a")).then_some(n)
    })
}
