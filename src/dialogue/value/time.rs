//! Times of day: "half past three", "three thirty pm", "noon", "a las tres y media de la tarde". Decides
//! the time; where the half of the day is not said, that of business hours, and the other one as an
//! alternative.

use super::Found;
use super::date_words::two_digits;
use super::number::{Num, below_hundred, ordinal};
use super::said::Said;
use super::settle::{corrected, settle};
use jiff::civil::Time;
use std::ops::Range;

/// The last hour that is of the afternoon when nothing is said: people say "at eight" of a morning.
const LAST_AFTERNOON: i8 = 7;

/// Which half of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
    /// Twelve at night is midnight, eleven is not.
    Night,
}

/// A time as said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    hour: i8,
    minute: i8,
    half: Option<Half>,
    pub words: Range<usize>,
    /// Hardly anything but a time.
    sure: bool,
}

impl Clock {
    /// The times that it can be, likeliest first.
    pub fn readings(&self) -> Vec<Time> {
        let time = |hour: i8| Time::new(hour, self.minute, 0, 0).ok();
        let noon = self.hour % 12 + 12;
        let hours: Vec<i8> = match (self.hour, self.half) {
            (0 | 13.., _) => vec![self.hour % 24],
            (12, Some(Half::Morning | Half::Night)) => vec![0],
            (1..=4, Some(Half::Night)) => vec![self.hour],
            (_, Some(Half::Morning)) => vec![self.hour],
            (_, Some(_)) => vec![noon],
            (12, None) => vec![12, 0],
            (1..=LAST_AFTERNOON, None) => vec![noon, self.hour],
            _ => vec![self.hour, noon],
        };
        hours.into_iter().filter_map(time).collect()
    }
}

pub fn times(said: &Said<'_>, asked: bool) -> Vec<Found> {
    let mut clocks = Vec::new();
    let mut at = 0;
    while at < said.len() {
        let Some(mut clock) = clock(said, at).filter(|clock| asked || clock.sure) else {
            at += 1;
            continue;
        };
        at = clock.words.end.max(at + 1);
        // "the second one", "una": a pronoun.
        let start = clock.words.start;
        let pronoun = clock.words.len() == 1 && said.is(start, &["one", "un", "una", "uno"]);
        let led = said.is(
            start.wrapping_sub(1),
            &["at", "around", "about", "by", "or", "no", "maybe"],
        );
        if pronoun && !clock.sure && !led && said.len() > 2 {
            continue;
        }
        clock.half = clock.half.or_else(|| elsewhere(said));
        clocks.push(clock);
    }
    if clocks.iter().any(|clock| clock.sure) {
        // "March 3 at 4": only the 4 is surely a time.
        let corrects: Vec<bool> = (0..clocks.len())
            .map(|n| {
                let before = n.checked_sub(1).and_then(|before| clocks.get(before));
                before
                    .is_some_and(|before| corrected(said, before.words.end, clocks[n].words.start))
            })
            .collect();
        let mut corrects = corrects.into_iter();
        clocks.retain(|clock| clock.sure | corrects.next().unwrap_or(false));
    }
    let found = clocks.iter().filter_map(|clock| {
        let mut readings = clock.readings().into_iter().map(written);
        let mut found = Found::of(said, clock.words.clone(), readings.next()?);
        found.alternatives = readings.collect();
        let last = clock.words.end == said.len();
        found.hanging = last && !clock.sure && clock.minute == 0;
        Some(found)
    });
    let found = found.collect();
    settle(said, found)
}

fn written(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// The half of the day that is named anywhere in the turn: "tomorrow afternoon at three".
fn elsewhere(said: &Said<'_>) -> Option<Half> {
    (0..said.len()).find_map(|at| {
        if said.before(at) == "good" {
            return None;
        }
        let spanish = said.is_spanish() && matches!(said.before(at), "la" | "esta");
        match said.word(at) {
            "morning" => Some(Half::Morning),
            "afternoon" | "evening" => Some(Half::Afternoon),
            "tonight" | "night" => Some(Half::Night),
            "manana" if spanish => Some(Half::Morning),
            "tarde" if spanish => Some(Half::Afternoon),
            "noche" if spanish => Some(Half::Night),
            "madrugada" => Some(Half::Morning),
            _ => None,
        }
    })
}

/// A time that starts at `at`.
pub fn clock(said: &Said<'_>, at: usize) -> Option<Clock> {
    if let Some(clock) = named(said, at) {
        return Some(clock);
    }
    let clock = if said.is_spanish() {
        spanish(said, at)?
    } else {
        english(said, at)?
    };
    Some(with_half(said, clock))
}

fn named(said: &Said<'_>, at: usize) -> Option<Clock> {
    if let Some(end) = said.phrase(at, "medio dia") {
        return Some(Clock {
            hour: 12,
            minute: 0,
            half: Some(Half::Afternoon),
            words: at..end,
            sure: true,
        });
    }
    let hour = match said.word(at) {
        "noon" | "midday" | "mediodia" => 12,
        "midnight" | "medianoche" => 0,
        _ => return None,
    };
    Some(Clock {
        hour,
        minute: 0,
        half: (hour == 12).then_some(Half::Afternoon),
        words: at..at + 1,
        sure: true,
    })
}

/// "am", "p m", "oclock", "in the morning" behind a time.
fn with_half(said: &Said<'_>, mut clock: Clock) -> Clock {
    const ENGLISH: [(&str, Option<Half>); 16] = [
        ("am", Some(Half::Morning)),
        ("a m", Some(Half::Morning)),
        ("pm", Some(Half::Afternoon)),
        ("p m", Some(Half::Afternoon)),
        ("oclock", None),
        ("o clock", None),
        ("in the morning", Some(Half::Morning)),
        ("in the afternoon", Some(Half::Afternoon)),
        ("in the evening", Some(Half::Afternoon)),
        ("at night", Some(Half::Night)),
        ("this morning", Some(Half::Morning)),
        ("this afternoon", Some(Half::Afternoon)),
        ("this evening", Some(Half::Afternoon)),
        ("tonight", Some(Half::Night)),
        ("hours", None),
        ("sharp", None),
    ];
    const SPANISH: [(&str, Option<Half>); 16] = [
        ("de la manana", Some(Half::Morning)),
        ("por la manana", Some(Half::Morning)),
        ("de la tarde", Some(Half::Afternoon)),
        ("por la tarde", Some(Half::Afternoon)),
        ("de la noche", Some(Half::Night)),
        ("por la noche", Some(Half::Night)),
        ("de la madrugada", Some(Half::Morning)),
        ("del mediodia", Some(Half::Afternoon)),
        ("de mediodia", Some(Half::Afternoon)),
        ("en punto", None),
        ("horas", None),
        ("am", Some(Half::Morning)),
        ("a m", Some(Half::Morning)),
        ("pm", Some(Half::Afternoon)),
        ("p m", Some(Half::Afternoon)),
        ("esta tarde", Some(Half::Afternoon)),
    ];
    let marks: &[(&str, Option<Half>)] = if said.is_spanish() {
        &SPANISH
    } else {
        &ENGLISH
    };
    // "three o'clock in the afternoon"
    for _ in 0..2 {
        let end = clock.words.end;
        let Some((after, half)) = marks
            .iter()
            .filter_map(|(mark, half)| Some((said.phrase(end, mark)?, *half)))
            .max_by_key(|&(after, _)| after)
        else {
            break;
        };
        clock.words.end = after;
        clock.half = clock.half.or(half);
        clock.sure = true;
    }
    if said.is_spanish() && clock.hour == 12 && clock.half == Some(Half::Morning) {
        // "las doce de la mañana" is noon.
        clock.half = Some(Half::Afternoon);
    }
    clock
}

fn hour(said: &Said<'_>, at: usize) -> Option<(i8, usize)> {
    if ordinal(said, at).is_some() {
        return None;
    }
    let (hour, end) = two_digits(said, at)?;
    let hour = i8::try_from(hour).ok().filter(|hour| *hour <= 24)?;
    Some((hour, end))
}

/// Minutes in two digits: "thirty", "oh five", "15".
fn minutes(said: &Said<'_>, at: usize) -> Option<(i8, usize)> {
    let (minute, end) = match said.kind(at) {
        Num::Literal if said.word(at).len() == 2 => (said.literal(at)?, at + 1),
        Num::Teen(_) | Num::Tens(_) => below_hundred(said, at, false)?,
        Num::Digit { digit: 0, .. } => two_digits(said, at)?,
        _ => return None,
    };
    let minute = i8::try_from(minute).ok().filter(|minute| *minute < 60)?;
    Some((minute, end))
}

/// "1430", "330" in one figure.
fn figure(said: &Said<'_>, at: usize) -> Option<(i8, i8)> {
    let text = said.word(at);
    if said.kind(at) != Num::Literal || !(3..=4).contains(&text.len()) {
        return None;
    }
    let (hour, minute) = text.split_at(text.len() - 2);
    let (hour, minute): (i8, i8) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour <= 24 && minute < 60).then_some((hour, minute))
}

fn english(said: &Said<'_>, at: usize) -> Option<Clock> {
    if let Some(clock) = around(said, at) {
        return Some(clock);
    }
    let at_word = matches!(said.before(at), "at" | "around" | "about" | "by" | "past");
    if let Some((hour, minute)) = figure(said, at)
        && said.kind(at + 1) != Num::Literal
    {
        return Some(Clock {
            hour,
            minute,
            half: None,
            words: at..at + 1,
            sure: at_word && closes(said, at + 1),
        });
    }
    let (hour, mut end) = hour(said, at)?;
    let mut minute = 0;
    if hour >= 1 && said.kind(end) == Num::Hundred {
        end += 1; // "fifteen hundred"
        let zero = matches!(said.kind(at), Num::Digit { digit: 0, .. });
        if hour < 10 && !zero && !said.is(end, &["hours"]) {
            return None;
        }
    } else if let Some((found, after)) = minutes(said, end) {
        (minute, end) = (found, after);
    }
    let hundred = said.kind(end.wrapping_sub(1)) == Num::Hundred;
    if counts(said, end) && !hundred {
        return None;
    }
    // "09:30", "zero nine thirty"
    let morning = (1..12).contains(&hour)
        && (said.word(at).starts_with('0') || matches!(said.kind(at), Num::Digit { digit: 0, .. }));
    Some(Clock {
        hour,
        minute,
        half: morning.then_some(Half::Morning),
        words: at..end,
        sure: said.before(at) == "at" && closes(said, end),
    })
}

/// "at 12 main street", "at 45": a place, unless the sentence goes on as one with a time does.
fn closes(said: &Said<'_>, end: usize) -> bool {
    end == said.len()
        || said.is(
            end,
            &[
                "on",
                "in",
                "tomorrow",
                "today",
                "tonight",
                "please",
                "and",
                "or",
                "for",
                "if",
                "with",
                "monday",
                "tuesday",
                "wednesday",
                "thursday",
                "friday",
                "saturday",
                "sunday",
                "this",
                "next",
                "no",
                "works",
                "is",
                "would",
                "then",
                "not",
                "sorry",
                "would",
                "but",
            ],
        )
}

/// "half past three", "quarter to four", "ten past three", "twenty to four".
fn around(said: &Said<'_>, at: usize) -> Option<Clock> {
    let a = usize::from(said.is(at, &["a"]));
    let start = at + a;
    let (minutes, next) = match said.word(start) {
        "half" => (30, start + 1),
        "quarter" => (15, start + 1),
        _ => {
            let (minutes, next) = two_digits(said, start)?;
            let next = next + usize::from(said.is(next, &["minutes"]));
            (i8::try_from(minutes).ok()?, next)
        }
    };
    let quarter = said.is(start, &["quarter"]);
    let before = match said.word(next) {
        "past" | "after" => false,
        "to" | "till" | "before" if minutes != 30 => said.before(at) != "from",
        "of" if quarter => true,
        // British: "half three".
        _ if minutes == 30 && said.is(start, &["half"]) && a == 0 => {
            let (hour, end) = hour(said, next).filter(|(hour, _)| (1..=12).contains(hour))?;
            return Some(Clock {
                hour,
                minute: 30,
                half: None,
                words: at..end,
                sure: false,
            });
        }
        _ => return None,
    };
    if !said.is(next, &["past", "after"]) && !before {
        return None;
    }
    let tens = quarter || matches!(minutes, 5 | 10 | 20 | 25 | 30);
    let spelled = said.is(next - 1, &["minutes"]);
    if !(tens || spelled) || minutes >= 60 || minutes == 0 {
        return None;
    }
    let (hour, end) = match said.word(next + 1) {
        "noon" | "midday" => (12, next + 2),
        "midnight" => (0, next + 2),
        _ => hour(said, next + 1).filter(|(hour, _)| (1..=24).contains(hour))?,
    };
    Some(offset(hour, minutes, before, at..end))
}

/// Minutes before or after an hour.
fn offset(hour: i8, minutes: i8, before: bool, words: Range<usize>) -> Clock {
    let (hour, minute) = match (before, hour) {
        (false, _) => (hour, minutes),
        (true, 1) => (12, 60 - minutes),
        (true, 0) => (23, 60 - minutes),
        (true, _) => (hour - 1, 60 - minutes),
    };
    Clock {
        hour,
        minute,
        half: None,
        words,
        sure: true,
    }
}

fn spanish(said: &Said<'_>, at: usize) -> Option<Clock> {
    // "cuarto para las cuatro", "diez para las cuatro"
    if let Some(to) = (1..=3).find(|n| {
        said.any(at + n, &["para las", "para la", "pa las"])
            .is_some()
    }) {
        let minutes = match said.word(at) {
            "cuarto" if to == 1 => Some(15),
            "un" if to == 2 && said.is(at + 1, &["cuarto"]) => Some(15),
            _ => two_digits(said, at)
                .filter(|&(_, end)| end == at + to)
                .and_then(|(minutes, _)| i8::try_from(minutes).ok()),
        };
        if let Some(minutes) = minutes.filter(|minutes| (1..60).contains(minutes))
            && let Some((hour, end)) = hour(said, at + to + 2).filter(|(hour, _)| *hour >= 1)
        {
            return Some(offset(hour, minutes, true, at..end));
        }
    }
    let start = said.any(at, &["a las", "a la", "las", "la"]).unwrap_or(at);
    let article = start > at;
    if let Some((hour, minute)) = figure(said, start) {
        return Some(Clock {
            hour,
            minute,
            half: None,
            words: at..start + 1,
            sure: article,
        });
    }
    let (hour, end) = hour(said, start)?;
    let single = said.is(start.wrapping_sub(1), &["la"]) && start > at;
    if single && hour != 1 {
        return None;
    }
    let mut clock = Clock {
        hour,
        minute: 0,
        half: None,
        words: at..end,
        // "la una" may be "the one".
        sure: article && (!single || said.is(at, &["a"])),
    };
    let joined = said.is(end, &["y"]);
    let less = said.is(end, &["menos"]);
    let next = end + usize::from(joined || less);
    let quantity = match said.word(next) {
        "media" if joined => Some((30, next + 1)),
        "cuarto" if joined || less => Some((15, next + 1)),
        "un" if (joined || less) && said.is(next + 1, &["cuarto"]) => Some((15, next + 2)),
        "cinco" if joined || less => Some((5, next + 1)),
        _ => minutes(said, next),
    };
    match quantity {
        Some((minutes, after)) if less => {
            let before = offset(hour.max(1), minutes, true, at..after);
            clock = before;
        }
        Some((minutes, after)) => {
            clock.minute = minutes;
            clock.words.end = after;
            clock.sure |= joined && matches!(said.word(after - 1), "media" | "cuarto");
        }
        None if counts(said, end) => return None,
        None => {}
    }
    (!counts(said, clock.words.end)).then_some(clock)
}

/// The number counts something.
fn counts(said: &Said<'_>, at: usize) -> bool {
    const WORDS: [&str; 44] = [
        "dollars", "days", "day", "weeks", "week", "months", "month", "people", "minutes",
        "minute", "hours", "hour", "moment", "second", "percent", "euros", "dolares", "dias",
        "dia", "semanas", "semana", "meses", "personas", "minutos", "minuto", "momento", "segundo",
        "thousand", "cents", "st", "nd", "rd", "th", "of", "de", "times", "person", "guests",
        "veces", "persona", "mil", "sec", "hora", "millones",
    ];
    let spanish_half = said.is_spanish() && said.any(at, &["de la", "de mediodia"]).is_some();
    said.is(at, &WORDS) && !spanish_half
}
