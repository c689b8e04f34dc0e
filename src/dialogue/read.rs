//! Values in prompts: each as written in the transcript and as the voice reads it. The words are
//! `spoken`'s.

use super::spoken::Language;
use jiff::civil::{Date, DateTime, Time, Weekday};

/// The only language so far.
const LANGUAGE: Language = Language::English;

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
        Self {
            speak: text.clone(),
            text,
        }
    }
}

/// A number that is read digit by digit, in groups of three: "4 5 6, 7 1 2".
pub fn id(value: &str) -> Reading {
    Reading {
        text: value.to_owned(),
        speak: LANGUAGE.digits(value),
    }
}

/// A day seen from `today`: "tomorrow", "on Thursday", "on Monday, November 30th".
pub fn date(value: Date, today: Date) -> Reading {
    let days = today.until(value).map_or(i32::MAX, |span| span.get_days());
    Reading::plain(match days {
        -1..=1 => LANGUAGE.date(value, Some(today)),
        2..=6 => format!("on {}", weekday(value.weekday())),
        -6..=-2 => format!("last {}", weekday(value.weekday())),
        _ => format!("on {}", LANGUAGE.date(value, Some(today))),
    })
}

/// "9 a.m.", "2:30 p.m.", "noon".
pub fn time(value: Time) -> Reading {
    let speak = LANGUAGE.time(value);
    let text = match (value.minute(), speak.rsplit_once(' ')) {
        (minute @ 1.., Some((_, half))) => {
            let hour = (value.hour() + 11) % 12 + 1;
            format!("{hour}:{minute:02} {half}")
        }
        _ => speak.clone(),
    };
    Reading { text, speak }
}

pub fn weekday(day: Weekday) -> &'static str {
    LANGUAGE.weekday(day)
}

/// A date as files give it: `2026-11-24`, `today`, `today+3`, `today-2`.
pub fn parse_date(value: &str, now: DateTime) -> Option<Date> {
    match value.strip_prefix("today") {
        Some("") => Some(now.date()),
        Some(offset) => {
            let days: i32 = offset.parse().ok()?;
            now.date()
                .checked_add(jiff::Span::new().try_days(days).ok()?)
                .ok()
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
