//! Names of days and months, years and days of the month, as said. Which date they make together is
//! `date`'s business.

use super::number::{Num, below_hundred, cardinal, ordinal};
use super::said::Said;
use crate::dialogue::spoken::Language;

/// Monday is 0.
pub fn weekday(said: &Said<'_>, at: usize) -> Option<i8> {
    let day = match (said.language, said.word(at)) {
        (Language::English, word) => match word.strip_suffix('s').unwrap_or(word) {
            "monday" | "mon" => 0,
            "tuesday" | "tue" => 1,
            "wednesday" | "wedne" | "wed" | "wensday" => 2,
            "thursday" | "thur" | "thu" => 3,
            "friday" | "fri" => 4,
            "saturday" => 5,
            "sunday" => 6,
            _ => return None,
        },
        (Language::Spanish, word) => match word {
            "lunes" => 0,
            "martes" => 1,
            "miercoles" => 2,
            "jueves" => 3,
            "viernes" => 4,
            "sabado" | "sabados" => 5,
            "domingo" | "domingos" => 6,
            _ => return None,
        },
    };
    Some(day)
}

/// January is 1.
pub fn month(said: &Said<'_>, at: usize) -> Option<i8> {
    const ENGLISH: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    const SPANISH: [&str; 12] = [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ];
    let word = said.word(at);
    let names = match said.language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    };
    if let Some(month) = (1..).zip(names).find(|(_, name)| **name == word) {
        return Some(month.0);
    }
    let short = match (said.language, word) {
        (_, "setiembre") => 9,
        (Language::Spanish, _) => return None,
        (_, "jan") => 1,
        (_, "feb") => 2,
        (_, "apr") => 4,
        (_, "jun") => 6,
        (_, "jul") => 7,
        (_, "aug") => 8,
        (_, "sep" | "sept") => 9,
        (_, "oct") => 10,
        (_, "nov") => 11,
        (_, "dec") => 12,
        _ => return None,
    };
    Some(short)
}

/// A day of the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayNumber {
    pub day: i8,
    pub end: usize,
    /// Said as a place ("third"), which hardly anything but a day is.
    pub ordinal: bool,
}

pub fn day_number(said: &Said<'_>, at: usize) -> Option<DayNumber> {
    let (value, end, is_ordinal) = match ordinal(said, at) {
        Some((value, end)) => (value, end, true),
        None => {
            let (value, end) = two_digits(said, at)?;
            (value, end, false)
        }
    };
    let day = i8::try_from(value)
        .ok()
        .filter(|day| (1..=31).contains(day))?;
    Some(DayNumber {
        day,
        end,
        ordinal: is_ordinal,
    })
}

/// A number below 100, "oh three" too.
pub fn two_digits(said: &Said<'_>, at: usize) -> Option<(u64, usize)> {
    if said.kind(at) == Num::Literal {
        return (said.word(at).len() <= 2).then_some((said.literal(at)?, at + 1));
    }
    if let (Num::Digit { digit: 0, .. }, Num::Digit { digit, sure: true }) =
        (said.kind(at), said.kind(at + 1))
    {
        return Some((digit.into(), at + 2));
    }
    below_hundred(said, at, false)
}

/// A year: "nineteen eighty five", "two thousand and five", "1985", "85"; `short`: in two digits too,
/// which lie up to ten years ahead of `this_year`.
pub fn year(said: &Said<'_>, at: usize, this_year: i16, short: bool) -> Option<(i16, usize)> {
    let fits = |value: u64| {
        i16::try_from(value)
            .ok()
            .filter(|year| (1880..=2199).contains(year))
    };
    if said.kind(at) == Num::Literal {
        let value = said.literal(at)?;
        return match said.word(at).len() {
            4 => Some((fits(value)?, at + 1)),
            2 if short => Some((century(value, this_year)?, at + 1)),
            _ => None,
        };
    }
    if said.is_spanish() {
        if let Some((value, end)) = cardinal(said, at, false)
            && let Some(year) = fits(value)
        {
            return Some((year, end));
        }
        // "diecinueve ochenta y cinco"
        if said.kind(at) == Num::Teen(19)
            && let Some((low @ 10..=99, end)) = below_hundred(said, at + 1, false)
        {
            return Some((fits(1900 + low)?, end));
        }
    } else {
        if said.kind(at + 1) == Num::Thousand
            && let Some((value, end)) = cardinal(said, at, false)
        {
            return Some((fits(value)?, end));
        }
        let hundreds = match said.kind(at) {
            Num::Teen(value @ (18 | 19)) => u64::from(value),
            Num::Tens(2) => 20,
            _ => 0,
        };
        if hundreds > 0 {
            match said.kind(at + 1) {
                Num::Hundred => return Some((fits(hundreds * 100)?, at + 2)),
                Num::Digit { digit: 0, .. } => {
                    let (low, end) = two_digits(said, at + 1)?;
                    return Some((fits(hundreds * 100 + low)?, end));
                }
                Num::Teen(_) | Num::Tens(_) => {
                    let (low, end) = below_hundred(said, at + 1, false)?;
                    return Some((fits(hundreds * 100 + low)?, end));
                }
                _ => {}
            }
        }
    }
    if !short {
        return None;
    }
    // "eighty five"; lower ones are easily a time.
    let (value, end) = below_hundred(said, at, false).filter(|&(value, _)| value >= 30)?;
    Some((century(value, this_year)?, end))
}

fn century(value: u64, this_year: i16) -> Option<i16> {
    let low = i16::try_from(value).ok()?;
    let recent = this_year - this_year.rem_euclid(100) + low;
    Some(if recent > this_year + 10 {
        recent - 100
    } else {
        recent
    })
}
