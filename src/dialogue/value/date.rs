//! Days: "tomorrow", "next Friday", "the 15th", "March third nineteen eighty five", "3/15", "a week from
//! Monday", "el quince de marzo". Decides the date as seen from today; without a year or a month the
//! coming one, and the one before as an alternative.

use super::Found;
use super::date_relative::{on_weekday, relative, span};
use super::date_words::{DayNumber, day_number, month, two_digits, year};
use super::number::Num;
use super::said::Said;
use super::settle::{keep, once};
use jiff::Span;
use jiff::civil::Date;
use std::ops::Range;

/// How surely words are a date: bare numbers, days of the month, dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    Bare,
    Day,
    Sure,
}

/// What the words name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Day {
    /// The date, and other readings.
    At(Vec<Date>),
    Calendar {
        month: Option<i8>,
        day: i8,
        year: Option<i16>,
        /// As the month, where it is not sure which number is which.
        swapped: bool,
    },
}

/// A day as said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    pub day: Day,
    pub words: Range<usize>,
    pub rank: Rank,
}

pub fn dates(said: &Said<'_>, today: Date, asked: bool) -> Vec<Found> {
    let mut parsed = Vec::new();
    let mut at = 0;
    while at < said.len() {
        let Some(one) = parse(said, at, today).filter(|one| asked || one.rank == Rank::Sure) else {
            at += 1;
            continue;
        };
        at = one.words.end.max(at + 1);
        parsed.push(one);
    }
    let best = parsed.iter().map(|one| one.rank).max();
    // "March third, no, the fourth": days of the month may correct dates.
    let least = best.map(|best| if best == Rank::Sure { Rank::Day } else { best });
    parsed.retain(|one| Some(one.rank) >= least);
    let mut found: Vec<Found> = parsed
        .iter()
        .map(|one| build(said, one, today).unwrap_or_default())
        .collect();
    let kept = keep(said, &found);
    let mut out = Vec::new();
    for one in kept {
        if let Some(before) = one.corrects {
            let (whole, part) = (&parsed[before].day, &parsed[one.place]);
            if let Some(merged) = merge(whole, &part.day).and_then(|day| {
                build(
                    said,
                    &Parsed {
                        day,
                        ..part.clone()
                    },
                    today,
                )
            }) {
                found[one.place] = merged;
            }
            found[one.place].corrected = found[before].value != found[one.place].value;
        }
        let chosen = found[one.place].clone();
        let stray = parsed[one.place].rank < best.unwrap_or(Rank::Bare) && one.corrects.is_none();
        if !chosen.value.is_empty() && !stray {
            out.push(chosen);
        }
    }
    once(out)
}

fn merge(whole: &Day, part: &Day) -> Option<Day> {
    match (whole, part) {
        (
            Day::Calendar { month, year, .. },
            Day::Calendar {
                month: None,
                day,
                year: None,
                ..
            },
        ) => Some(Day::Calendar {
            month: *month,
            day: *day,
            year: *year,
            swapped: false,
        }),
        _ => None,
    }
}

fn build(said: &Said<'_>, parsed: &Parsed, today: Date) -> Option<Found> {
    let mut readings = resolve(&parsed.day, today)?.into_iter();
    let mut found = Found::of(said, parsed.words.clone(), readings.next()?.to_string());
    found.alternatives = readings.map(|date| date.to_string()).collect();
    found.alternatives.retain(|other| *other != found.value);
    Some(found)
}

fn resolve(day: &Day, today: Date) -> Option<Vec<Date>> {
    let Day::Calendar {
        month,
        day,
        year,
        swapped,
    } = day
    else {
        let Day::At(dates) = day else { return None };
        return Some(dates.clone());
    };
    let mut out = match (month, year) {
        (Some(month), Some(year)) => vec![Date::new(*year, *month, *day).ok()?],
        (Some(month), None) => {
            // The 29th of February is at most eight years away.
            let years = |step: i16| {
                (0..=8).filter_map(move |n| {
                    Date::new(today.year().checked_add(n * step)?, *month, *day).ok()
                })
            };
            let next = years(1).find(|date| *date >= today);
            let last = years(-1).find(|date| *date < today);
            next.into_iter().chain(last).collect()
        }
        (None, _) => {
            let first = today.first_of_month();
            let months = |step: i32| {
                (0..=12).filter_map(move |n: i32| {
                    let month = first
                        .checked_add(Span::new().try_months(n * step).ok()?)
                        .ok()?;
                    Date::new(month.year(), month.month(), *day).ok()
                })
            };
            let next = months(1).find(|date| *date >= today);
            let last = months(-1).find(|date| *date < today);
            next.into_iter().chain(last).collect()
        }
    };
    if *swapped && let (Some(month), true) = (month, *day <= 12) {
        let other = Day::Calendar {
            month: Some(*day),
            day: *month,
            year: *year,
            swapped: false,
        };
        out.extend(resolve(&other, today).unwrap_or_default().first());
    }
    (!out.is_empty()).then_some(out)
}

fn parse(said: &Said<'_>, at: usize, today: Date) -> Option<Parsed> {
    relative(said, at, today)
        .or_else(|| span(said, at, today))
        .or_else(|| on_weekday(said, at, today))
        .or_else(|| calendar(said, at, today))
        .or_else(|| figures(said, at, today.year()))
        .or_else(|| bare(said, at))
}

/// A day of the month in figures or words without anything.
pub fn plain_day(said: &Said<'_>, at: usize) -> Option<Parsed> {
    let number = day_number(said, at)?;
    let joined = said.is(number.end, &["and"]);
    if counts(said, number.end) || joined || is_choice(said, at, number.end) {
        return None;
    }
    // "Friday three thirty" is a time.
    let more = matches!(
        said.kind(number.end),
        Num::Literal | Num::Teen(_) | Num::Tens(_) | Num::Digit { sure: true, .. }
    );
    (!more || number.ordinal).then_some(Parsed {
        day: Day::Calendar {
            month: None,
            day: number.day,
            year: None,
            swapped: false,
        },
        words: at..number.end,
        rank: Rank::Day,
    })
}

/// "March third", "the third of March 1985", "3 de marzo", "the 15th".
pub fn calendar(said: &Said<'_>, at: usize, today: Date) -> Option<Parsed> {
    if let Some(month) = month(said, at) {
        let the = usize::from(said.is(at + 1, &["the"]));
        let DayNumber { day, end, .. } = day_number(said, at + 1 + the)?;
        return Some(dated(said, month, day, at..end, today.year()));
    }
    if let Some((month, day, end)) = holiday(said, at) {
        return Some(dated(said, month, day, at..end, today.year()));
    }
    let the = said.any(at, &["the", "el", "el dia", "dia"]);
    let start = the.unwrap_or(at);
    let number = day_number(said, start)?;
    let of = usize::from(said.is(number.end, &["of", "de", "day of"]));
    if let Some(month) = month(said, number.end + of) {
        // "one may come": a month by that name needs more than a number.
        let modal = said.is(number.end, &["may"]) && !number.ordinal && the.is_none();
        let end = number.end + of + 1;
        return (!modal).then(|| dated(said, month, number.day, at..end, today.year()));
    }
    // "el 3 del 3 del 85"
    if said.is_spanish()
        && said.is(number.end, &["del", "de"])
        && let Some((month @ 1..=12, end)) = two_digits(said, number.end + 1)
        && let Ok(month) = i8::try_from(month)
        && !counts(said, end)
    {
        return Some(dated(said, month, number.day, at..end, today.year()));
    }
    if counts(said, number.end) || (the.is_none() && !number.ordinal) {
        return None;
    }
    // "the fifteenth of next month"
    let next_month = said.any(
        number.end,
        &["of next month", "del mes que viene", "del proximo mes"],
    );
    let this_month = said.any(number.end, &["of this month", "de este mes"]);
    if let Some(end) = next_month.or(this_month) {
        let first = today.first_of_month();
        let ahead = i32::from(next_month.is_some());
        let month = first
            .checked_add(Span::new().try_months(ahead).ok()?)
            .ok()?;
        let date = Date::new(month.year(), month.month(), number.day).ok()?;
        return Some(Parsed {
            day: Day::At(vec![date]),
            words: at..end,
            rank: Rank::Sure,
        });
    }
    // "el dos" is a day; "the two" is not.
    let spanish_day = said.is_spanish() && the.is_some();
    if is_choice(said, start, number.end) || !(number.ordinal || spanish_day) {
        return None;
    }
    let marked = said.is_spanish() && said.word(start.wrapping_sub(1)) == "dia"
        || (matches!(said.before(at), "on" | "by") && number.ordinal)
        || (said.kind(start) == Num::Literal && number.ordinal && the.is_some());
    Some(Parsed {
        day: Day::Calendar {
            month: None,
            day: number.day,
            year: None,
            swapped: false,
        },
        words: at..number.end,
        rank: if marked { Rank::Sure } else { Rank::Day },
    })
}

/// Days that have names: month, day, and where the name ends.
fn holiday(said: &Said<'_>, at: usize) -> Option<(i8, i8, usize)> {
    const ENGLISH: [(&str, i8, i8); 7] = [
        ("christmas", 12, 25),
        ("christmas day", 12, 25),
        ("christmas eve", 12, 24),
        ("new years eve", 12, 31),
        ("new years day", 1, 1),
        ("valentines day", 2, 14),
        ("halloween", 10, 31),
    ];
    const SPANISH: [(&str, i8, i8); 6] = [
        ("navidad", 12, 25),
        ("nochebuena", 12, 24),
        ("nochevieja", 12, 31),
        ("ano nuevo", 1, 1),
        ("san valentin", 2, 14),
        ("dia de reyes", 1, 6),
    ];
    let names: &[(&str, i8, i8)] = if said.is_spanish() {
        &SPANISH
    } else {
        &ENGLISH
    };
    names
        .iter()
        .filter_map(|&(name, month, day)| Some((month, day, said.phrase(at, name)?)))
        .max_by_key(|&(_, _, end)| end)
}

/// A month and a day, and the year if it follows.
fn dated(said: &Said<'_>, month: i8, day: i8, words: Range<usize>, this_year: i16) -> Parsed {
    let joined = said
        .any(words.end, &["of", "de", "del", "in", "de el", "del ano"])
        .unwrap_or(words.end);
    let year = year(said, joined, this_year, true);
    let end = year.map_or(words.end, |(_, end)| end);
    Parsed {
        day: Day::Calendar {
            month: Some(month),
            day,
            year: year.map(|(year, _)| year),
            swapped: false,
        },
        words: words.start..end,
        rank: Rank::Sure,
    }
}

/// "3/15", "3/15/2026", "2026-03-15", "oh three fifteen nineteen eighty five", "03151985".
pub fn figures(said: &Said<'_>, at: usize, this_year: i16) -> Option<Parsed> {
    if let Some(parsed) = block(said, at) {
        return Some(parsed);
    }
    let literal = said.kind(at) == Num::Literal;
    if literal && said.word(at).len() == 4 {
        let (year, next) = year(said, at, this_year, false)?;
        let (month, next) = two_digits(said, next)?;
        let (day, end) = two_digits(said, next)?;
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        Date::new(year, month, day).ok()?;
        return Some(numbers(month, day, Some(year), at..end, Rank::Sure));
    }
    let (first, next) = two_digits(said, at)?;
    let (second, end) = two_digits(said, next)?;
    let (first, second) = (i8::try_from(first).ok()?, i8::try_from(second).ok()?);
    let (month, day) = if said.is_spanish() {
        (second, first)
    } else {
        (first, second)
    };
    let (month, day) = if month > 12 {
        (day, month)
    } else {
        (month, day)
    };
    // A leap year allows all days.
    Date::new(2024, month, day).ok()?;
    let year = year(said, end, this_year, true);
    let end = year.map_or(end, |(_, end)| end);
    if counts(said, end) {
        return None;
    }
    let rank = if year.is_some_and(|_| literal && said.word(end - 1).len() == 4) {
        Rank::Sure
    } else {
        Rank::Bare
    };
    Some(numbers(
        month,
        day,
        year.map(|(year, _)| year),
        at..end,
        rank,
    ))
}

fn numbers(month: i8, day: i8, year: Option<i16>, words: Range<usize>, rank: Rank) -> Parsed {
    Parsed {
        day: Day::Calendar {
            month: Some(month),
            day,
            year,
            swapped: rank == Rank::Bare,
        },
        words,
        rank,
    }
}

/// Eight digits in a row: month, day, year (day first in Spanish).
fn block(said: &Said<'_>, at: usize) -> Option<Parsed> {
    let mut digits = String::new();
    let mut end = at;
    while digits.len() < 8 {
        match said.kind(end) {
            Num::Digit { digit, sure } if sure || said.is(end, &["oh", "o"]) => {
                digits.push(char::from(b'0' + digit));
            }
            Num::Literal if said.word(end).len() == 1 || said.word(end).len() == 8 => {
                digits.push_str(said.word(end));
            }
            _ => return None,
        }
        end += 1;
    }
    let part = |range: Range<usize>| digits.get(range).and_then(|part| part.parse::<i16>().ok());
    let (first, second, year) = (part(0..2)?, part(2..4)?, part(4..8)?);
    let (month, day) = if said.is_spanish() {
        (second, first)
    } else {
        (first, second)
    };
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    Date::new(year, month, day).ok()?;
    (digits.len() == 8 && (1880..=2199).contains(&year))
        .then(|| numbers(month, day, Some(year), at..end, Rank::Day))
}

/// "one second", "the first one", "the second option": a place, but no day.
fn is_choice(said: &Said<'_>, start: usize, end: usize) -> bool {
    let the = matches!(said.before(start), "the" | "el" | "la" | "dia");
    let second = said.is(start, &["second", "segundo", "segunda"]) && !the;
    let wait = matches!(said.before(start), "one" | "a" | "un" | "just");
    second
        || (wait && said.is(start, &["second", "segundo"]))
        || said.is(
            end,
            &[
                "one", "ones", "option", "choice", "time", "number", "account", "opcion", "cuenta",
                "vez", "half",
            ],
        )
}

/// "fifteen" where a day is asked for.
fn bare(said: &Said<'_>, at: usize) -> Option<Parsed> {
    // "the first one"
    let one = said.is(at, &["one", "un", "una"]) && said.len() > 1;
    if one || said.len() > 4 {
        return None;
    }
    let mut parsed = plain_day(said, at)?;
    parsed.rank = Rank::Bare;
    Some(parsed)
}

/// The number counts something.
fn counts(said: &Said<'_>, at: usize) -> bool {
    const WORDS: [&str; 34] = [
        "dollars", "days", "day", "weeks", "week", "months", "month", "people", "minutes",
        "minute", "hours", "hour", "oclock", "am", "pm", "moment", "second", "percent", "euros",
        "dolares", "dias", "dia", "semanas", "semana", "meses", "personas", "minutos", "horas",
        "momento", "segundo", "hundred", "thousand", "cents", "sec",
    ];
    said.is(at, &WORDS)
}
