//! Days told from today: "tomorrow", "in two weeks", "a week from Monday", "next Friday", "el viernes
//! que viene". Decides those dates; days of the calendar are `date`'s.

use super::date::{Day, Parsed, Rank, calendar, figures, plain_day};
use super::date_words::weekday;
use super::number::quantity;
use super::said::Said;
use jiff::Span;
use jiff::civil::Date;
use std::ops::Range;

fn plus_days(date: Date, days: i64) -> Option<Date> {
    date.checked_add(Span::new().try_days(days).ok()?).ok()
}

fn sure(dates: Vec<Date>, words: Range<usize>) -> Parsed {
    Parsed {
        day: Day::At(dates),
        words,
        rank: Rank::Sure,
    }
}

/// "tomorrow", "the day after tomorrow", "pasado mañana".
pub fn relative(said: &Said<'_>, at: usize, today: Date) -> Option<Parsed> {
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
    const SPANISH: [(&str, i64); 15] = [
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
        ("de hoy en ocho", 7),
        ("de hoy en quince", 14),
        ("de manana en ocho", 8),
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
pub fn span(said: &Said<'_>, at: usize, today: Date) -> Option<Parsed> {
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
    // "two Fridays from now"
    if let Some(day) = weekday(said, unit)
        && let Some(end) = said.any(unit + 1, &["from now", "from today"])
    {
        let date = plus_days(coming(today, day)?, 7 * (count - 1))?;
        return Some(sure(vec![date], at..end));
    }
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
pub fn on_weekday(said: &Said<'_>, at: usize, today: Date) -> Option<Parsed> {
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
    if let Some(mut date) = calendar(said, after, today)
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
    if let Some(end) = said.any(end, &["after next"]) {
        return Some(sure(vec![plus_days(coming(today, day)?, 7)?], at..end));
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
        Which::Last => vec![plus_days(coming, if same { -14 } else { -7 })?],
        Which::This if same => vec![today, coming],
        Which::This => vec![coming],
        Which::Next => {
            let next = in_next_week(today, day)?;
            // At the end of a week some mean the one after.
            let other = if next == coming {
                plus_days(next, 7)?
            } else {
                coming
            };
            vec![next, other]
        }
        Which::Coming if same => vec![coming, today],
        Which::Coming => vec![coming, plus_days(coming, -7)?],
    };
    Some(sure(dates, at..end))
}
