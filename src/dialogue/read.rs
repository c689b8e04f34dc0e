//! How values are read: digits in groups, dates and times the way people say them (English).
//! Each gives the written and the spoken form.

use jiff::civil::{Date, DateTime, Time, Weekday};

/// A value as written in the transcript and as the voice reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    pub text: String,
    pub speak: String,
}

impl Reading {
    /// Written and spoken alike.
    pub fn plain(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { speak: text.clone(), text }
    }
}

/// A number that is read digit by digit, in groups of three: "4 5 6, 7 1 2".
pub fn id(value: &str) -> Reading {
    let chars: Vec<char> = value.chars().collect();
    let group = |group: &[char]| group.iter().map(char::to_string).collect::<Vec<_>>().join(" ");
    let speak = chars.chunks(3).map(group).collect::<Vec<_>>().join(", ");
    Reading { text: value.to_owned(), speak }
}

/// A day seen from `today`: "tomorrow", "on Thursday", "on November 30th".
pub fn date(value: Date, today: Date) -> Reading {
    let days = today.until(value).map_or(i32::MAX, |span| span.get_days());
    Reading::plain(match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        2..=6 => format!("on {}", weekday(value.weekday())),
        -6..=-2 => format!("last {}", weekday(value.weekday())),
        _ => format!("on {}, {} {}", weekday(value.weekday()), month(value.month()), ordinal(value.day())),
    })
}

/// "9 a.m.", "2:30 p.m.", "noon".
pub fn time(value: Time) -> Reading {
    let (hour, minute) = (value.hour(), value.minute());
    if (hour, minute) == (12, 0) {
        return Reading::plain("noon");
    }
    let half = if hour < 12 { "a.m." } else { "p.m." };
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    match minute {
        0 => Reading::plain(format!("{hour} {half}")),
        1..=9 => Reading { text: format!("{hour}:{minute:02} {half}"), speak: format!("{hour} oh {minute} {half}") },
        _ => Reading { text: format!("{hour}:{minute:02} {half}"), speak: format!("{hour} {minute} {half}") },
    }
}

pub fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

fn month(month: i8) -> &'static str {
    const MONTHS: [&str; 12] = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ];
    usize::try_from(month - 1).ok().and_then(|index| MONTHS.get(index)).copied().unwrap_or_default()
}

fn ordinal(day: i8) -> String {
    let suffix = match (day % 10, day) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{day}{suffix}")
}

/// A date as files give it: `2026-11-24`, `today`, `today+3`, `today-2`.
pub fn parse_date(value: &str, now: DateTime) -> Option<Date> {
    match value.strip_prefix("today") {
        Some("") => Some(now.date()),
        Some(offset) => {
            let days: i32 = offset.parse().ok()?;
            now.date().checked_add(jiff::Span::new().try_days(days).ok()?).ok()
        }
        None => value.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date as day, time as clock};

    #[test]
    fn values_are_read_as_people_say_them() {
        assert_eq!(id("456712").speak, "4 5 6, 7 1 2");
        assert_eq!(id("45").speak, "4 5");
        let today = day(2026, 11, 22);
        for (value, expected) in [
            (day(2026, 11, 22), "today"),
            (day(2026, 11, 23), "tomorrow"),
            (day(2026, 11, 21), "yesterday"),
            (day(2026, 11, 25), "on Wednesday"),
            (day(2026, 11, 18), "last Wednesday"),
            (day(2026, 12, 1), "on Tuesday, December 1st"),
            (day(2026, 10, 13), "on Tuesday, October 13th"),
        ] {
            assert_eq!(date(value, today).text, expected);
        }
        assert_eq!(time(clock(9, 0, 0, 0)).speak, "9 a.m.");
        assert_eq!(time(clock(14, 30, 0, 0)).speak, "2 30 p.m.");
        assert_eq!(time(clock(12, 0, 0, 0)).speak, "noon");
        assert_eq!(time(clock(0, 5, 0, 0)).speak, "12 oh 5 a.m.");
    }

    #[test]
    fn dates_count_from_the_call() {
        let now = day(2026, 11, 30).at(10, 0, 0, 0);
        assert_eq!(parse_date("today+2", now), Some(day(2026, 12, 2)));
        assert_eq!(parse_date("today-1", now), Some(day(2026, 11, 29)));
        assert_eq!(parse_date("2026-01-31", now), Some(day(2026, 1, 31)));
        assert_eq!(parse_date("today+99999999999", now), None);
        assert_eq!(parse_date("soon", now), None);
    }
}
