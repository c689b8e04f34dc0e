//! Days: "tomorrow", "next Friday", "the 15th", "March third nineteen eighty five", "3/15", "a week from
//! Monday", "el quince de marzo". Decides the date as seen from today; without a year or a month the
//! coming one, and the one before as an alternative.

use super::Found;
use super::date_words::{DayNumber, day_number, month, two_digits, weekday, year};
use super::number::{Num, quantity};
use super::said::Said;
use super::settle::{keep, once};
use jiff::Span;
use jiff::civil::Date;
use std::ops::Range;

/// How surely words are a date: bare numbers, days of the month, dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Bare,
    Day,
    Sure,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Day {
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

#[derive(Clone, Debug, PartialEq, Eq)]
struct Parsed {
    day: Day,
    words: Range<usize>,
    rank: Rank,
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

fn plus_days(date: Date, days: i64) -> Option<Date> {
    date.checked_add(Span::new().try_days(days).ok()?).ok()
}

fn parse(said: &Said<'_>, at: usize, today: Date) -> Option<Parsed> {
    relative(said, at, today)
        .or_else(|| span(said, at, today))
        .or_else(|| on_weekday(said, at, today))
        .or_else(|| calendar(said, at, today.year()))
        .or_else(|| figures(said, at, today.year()))
        .or_else(|| bare(said, at))
}

fn sure(dates: Vec<Date>, words: Range<usize>) -> Parsed {
    Parsed {
        day: Day::At(dates),
        words,
        rank: Rank::Sure,
    }
}

/// "tomorrow", "the day after tomorrow", "pasado mañana".
fn relative(said: &Said<'_>, at: usize, today: Date) -> Option<Parsed> {
    const ENGLISH: [(&str, i64); 13] = [
        ("today", 0),
        ("tonight", 0),
        ("this morning", 0),
        ("this afternoon", 0),
        ("this evening", 0),
        ("tomorrow", 1),
        ("tomorow", 1),
        ("day after tomorrow", 2),
        ("the day after tomorrow", 2),
        ("yesterday", -1),
        ("day before yesterday", -2),
        ("the day before yesterday", -2),
        ("last night", -1),
    ];
    const SPANISH: [(&str, i64); 12] = [
        ("hoy", 0),
        ("esta noche", 0),
        ("esta tarde", 0),
        ("esta manana", 0),
        ("manana", 1),
        ("pasado manana", 2),
        ("ayer", -1),
        ("anoche", -1),
        ("anteayer", -2),
        ("antes de ayer", -2),
        ("antier", -2),
        ("hoy mismo", 0),
    ];
    let phrases: &[(&str, i64)] = if said.is_spanish() {
        &SPANISH
    } else {
        &ENGLISH
    };
    let (end, days) = phrases
        .iter()
        .filter_map(|(phrase, days)| Some((said.phrase(at, phrase)?, *days)))
        .max_by_key(|&(end, _)| end)?;
    // "por la mañana" is a time of day.
    if said.is_spanish() && said.is(at, &["manana"]) && matches!(said.before(at), "la" | "esta") {
        return None;
    }
    Some(sure(vec![plus_days(today, days)?], at..end))
}

/// "in two weeks", "three days ago", "a week from Monday", "dentro de una semana".
fn span(said: &Said<'_>, at: usize, today: Date) -> Option<Parsed> {
    let leads: &[&str] = if said.is_spanish() {
        &["en", "dentro de", "de aqui a", "hace"]
    } else {
        &["in", "within"]
    };
    let lead = said.any(at, leads);
    let ago_first = said.is_spanish() && said.is(at, &["hace"]);
    let start = lead.unwrap_or(at);
    let (count, unit) =
        if let Some(after) = said.any(start, &["a couple of", "a couple", "un par de"]) {
            (2, after)
        } else if said.is(start, &["a", "un", "una"]) {
            (1, start + 1)
        } else {
            quantity(said, start)?
        };
    let count = i64::try_from(count).ok().filter(|&count| count <= 1000)?;
    let end = unit + 1;
    let length = match said.word(unit) {
        "day" | "days" | "dia" | "dias" => Span::new().try_days(count),
        "week" | "weeks" | "semana" | "semanas" => Span::new().try_weeks(count),
        "fortnight" => Span::new().try_weeks(count * 2),
        "month" | "months" | "mes" | "meses" => Span::new().try_months(count),
        _ => return None,
    }
    .ok()?;
    let days = |date: Date| date.checked_add(length).ok();
    if ago_first {
        return Some(sure(vec![today.checked_sub(length).ok()?], at..end));
    }
    if let Some(end) = said.any(end, &["ago", "back", "atras"]) {
        return Some(sure(vec![today.checked_sub(length).ok()?], start..end));
    }
    if let Some(end) = said.any(end, &["from now", "from today", "a partir de hoy"]) {
        return Some(sure(vec![days(today)?], at..end));
    }
    if let Some(from) = said.any(end, &["from", "on", "after", "a partir de", "despues de"]) {
        let base = relative(said, from, today).or_else(|| on_weekday(said, from, today))?;
        let Day::At(dates) = &base.day else {
            return None;
        };
        return Some(sure(vec![days(*dates.first()?)?], at..base.words.end));
    }
    lead?;
    Some(sure(vec![days(today)?], at..end))
}

/// The coming `day` after `from`.
fn coming(from: Date, day: i8) -> Option<Date> {
    let ahead = i64::from((day - from.weekday().to_monday_zero_offset()).rem_euclid(7));
    plus_days(from, if ahead == 0 { 7 } else { ahead })
}

/// `day` in the calendar week after that of `today`.
fn in_next_week(today: Date, day: i8) -> Option<Date> {
    let offset = i64::from(today.weekday().to_monday_zero_offset());
    plus_days(today, 7 - offset + i64::from(day))
}

/// "Friday", "next Friday", "this Friday", "Friday the 15th", "el viernes que viene".
fn on_weekday(said: &Said<'_>, at: usize, today: Date) -> Option<Parsed> {
    #[derive(PartialEq)]
    enum Which {
        Coming,
        This,
        Next,
        Last,
    }
    let article = usize::from(said.is(at, &["el", "the"]));
    let mut which = match said.word(at + article) {
        "this" | "este" => Which::This,
        "coming" | "proximo" | "upcoming" => Which::Coming,
        "next" => Which::Next,
        "last" | "pasado" | "past" => Which::Last,
        _ => Which::Coming,
    };
    let marked = usize::from(said.is(
        at + article,
        &[
            "this", "este", "coming", "proximo", "upcoming", "next", "last", "pasado", "past",
        ],
    ));
    let extra = usize::from(marked == 1 && said.is(at + article + 1, &["coming", "proximo"]));
    let place = at + article + marked + extra;
    let day = weekday(said, place)?;
    let mut end = place + 1;
    // The date that follows counts: "Friday the 15th", "lunes 3 de marzo".
    let after = said
        .any(end, &["the", "el", "dia", "el dia"])
        .unwrap_or(end);
    if let Some(mut date) = calendar(said, after, today.year())
        .or_else(|| figures(said, after, today.year()))
        .filter(|date| date.rank >= Rank::Day)
        .or_else(|| plain_day(said, after).filter(|_| after > end || said.is_spanish()))
    {
        date.words.start = at;
        date.rank = Rank::Sure;
        return Some(date);
    }
    let next_week = [
        "next week",
        "of next week",
        "week",
        "de la semana que viene",
        "de la proxima semana",
        "la semana que viene",
        "la proxima semana",
    ];
    let week = said.any(end, &next_week);
    let led = said.ends_with(
        at,
        &[
            "next week",
            "next week on",
            "la semana que viene",
            "la proxima semana",
            "semana que viene el",
        ],
    );
    if let Some(after) = week {
        // "Friday week" is a week after Friday; "a Friday week day" is not heard of.
        let plain = after == end + 1;
        end = after;
        let date = if plain {
            plus_days(coming(today, day)?, 7)?
        } else {
            in_next_week(today, day)?
        };
        return Some(sure(vec![date], at..end));
    }
    if led.is_some() {
        return Some(sure(vec![in_next_week(today, day)?], at..end));
    }
    if let Some(after) = said.any(end, &["que viene", "proximo", "siguiente"]) {
        end = after;
    } else if let Some(after) = said
        .any(end, &["pasado"])
        .filter(|&after| !said.is(after, &["manana"]))
    {
        which = Which::Last;
        end = after;
    }
    let coming = coming(today, day)?;
    let same = today.weekday().to_monday_zero_offset() == day;
    let dates = match which {
        Which::Last => vec![plus_days(coming, if same { -7 } else { -7 })?],
        Which::This if same => vec![today, coming],
        Which::This => vec![coming],
        Which::Next => vec![in_next_week(today, day)?, coming],
        Which::Coming if same => vec![coming, today],
        Which::Coming => vec![coming, plus_days(coming, -7)?],
    };
    let dates = match which {
        Which::Last if same => vec![plus_days(today, -7)?],
        _ => dates,
    };
    Some(sure(dates, at..end))
}

/// A day of the month in figures or words without anything.
fn plain_day(said: &Said<'_>, at: usize) -> Option<Parsed> {
    let number = day_number(said, at)?;
    if counts(said, number.end) || said.is(number.end, &["and"]) {
        return None;
    }
    // "Friday three thirty" is a time.
    let more = matches!(
        said.kind(number.end),
        Num::Literal | Num::Teen(_) | Num::Tens(_) | Num::Digit { sure: true, .. }
    );
    (!more || number.ordinal).then(|| Parsed {
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
fn calendar(said: &Said<'_>, at: usize, this_year: i16) -> Option<Parsed> {
    if let Some(month) = month(said, at) {
        let the = usize::from(said.is(at + 1, &["the"]));
        let DayNumber { day, end, .. } = day_number(said, at + 1 + the)?;
        return Some(dated(said, month, day, at..end, this_year));
    }
    let the = said.any(at, &["the", "el", "el dia", "dia"]);
    let start = the.unwrap_or(at);
    let number = day_number(said, start)?;
    let of = usize::from(said.is(number.end, &["of", "de", "day of"]));
    if let Some(month) = month(said, number.end + of) {
        // "one may come": a month by that name needs more than a number.
        let modal = said.is(number.end, &["may"]) && !number.ordinal && the.is_none();
        let end = number.end + of + 1;
        return (!modal).then(|| dated(said, month, number.day, at..end, this_year));
    }
    if counts(said, number.end) || (the.is_none() && !number.ordinal) {
        return None;
    }
    // "one second", "the first one", "the second option".
    let second = said.is(start, &["second", "segundo", "segunda"]) && the.is_none();
    let choice = said.is(
        number.end,
        &[
            "one", "ones", "option", "choice", "time", "number", "account", "opcion", "cuenta",
            "vez", "half",
        ],
    );
    // "el dos" is a day; "the two" is not.
    let spanish_day = said.is_spanish() && the.is_some();
    if second || choice || !(number.ordinal || spanish_day) {
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
fn figures(said: &Said<'_>, at: usize, this_year: i16) -> Option<Parsed> {
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

/// "fifteen" where a day is asked for.
fn bare(said: &Said<'_>, at: usize) -> Option<Parsed> {
    if said.len() > 4 {
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
