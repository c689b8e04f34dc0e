//! When people could call back: the mornings, afternoons and evenings in which they take calls, from now
//! on, with the names that callers use for them.

use super::hours::Hours;
use super::spoken::Language;
use jiff::civil::{Date, DateTime, Time};
use serde_json::{Value, json};

/// So many are offered: few enough for one menu.
const MOST: usize = 6;
/// Days that are looked at.
const AHEAD: usize = 14;
/// A window shorter than this is none, in minutes.
const SHORTEST: i64 = 45;
/// What is left of an evening that is shorter than this belongs to the afternoon, in minutes.
const EVENING: i64 = 90;

const NOON: Time = Time::constant(12, 0, 0, 0);
const FIVE: Time = Time::constant(17, 0, 0, 0);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Morning,
    Afternoon,
    Evening,
}

/// The next windows as rows of `id`, `name`, `soon` (other words for the first), `from` and `to`
/// (`2026-11-24T14:30`).
pub(super) fn windows(hours: &Hours, now: DateTime, language: Language) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut date = now.date();
    for _ in 0..AHEAD {
        if let Some((open, close)) = hours.on(date) {
            for (part, from, to) in parts(open, close) {
                let from = match date == now.date() {
                    true => from.max(quarter(now.time())),
                    false => from,
                };
                if from >= to || minutes(from, to) < SHORTEST || rows.len() >= MOST {
                    continue;
                }
                let soon = match (rows.is_empty(), language) {
                    (true, Language::English) => "as soon as possible",
                    (true, Language::Spanish) => "lo antes posible",
                    (false, _) => "",
                };
                let at = |time: Time| {
                    date.to_datetime(time)
                        .strftime("%Y-%m-%dT%H:%M")
                        .to_string()
                };
                rows.push(json!({
                    "id": at(from), "name": name(date, now.date(), part, language), "soon": soon,
                    "from": at(from), "to": at(to),
                }));
            }
        }
        let Ok(tomorrow) = date.tomorrow() else { break };
        date = tomorrow;
    }
    rows
}

fn parts(open: Time, close: Time) -> Vec<(Part, Time, Time)> {
    let evening = close > FIVE && minutes(FIVE, close) >= EVENING;
    let late = if evening { FIVE } else { close };
    [
        (Part::Morning, open, close.min(NOON)),
        (Part::Afternoon, open.max(NOON), late),
        (Part::Evening, open.max(FIVE), close),
    ]
    .into_iter()
    .filter(|(part, from, to)| from < to && (*part != Part::Evening || evening))
    .collect()
}

fn minutes(from: Time, to: Time) -> i64 {
    from.duration_until(to).as_mins()
}

/// The next full quarter of an hour; midnight becomes the last minute.
fn quarter(time: Time) -> Time {
    let minutes = (i16::from(time.hour()) * 60 + i16::from(time.minute())).div_euclid(15) * 15 + 15;
    let (hour, minute) = (minutes / 60, minutes % 60);
    Time::new(hour as i8, minute as i8, 0, 0).unwrap_or(Time::constant(23, 59, 0, 0))
}

fn name(date: Date, today: Date, part: Part, language: Language) -> String {
    let weekday = language.read_weekday(date.weekday()).text;
    let tomorrow = today.tomorrow().is_ok_and(|tomorrow| tomorrow == date);
    match language {
        Language::English => {
            let part = match part {
                Part::Morning => "morning",
                Part::Afternoon => "afternoon",
                Part::Evening => "evening",
            };
            match (date == today, tomorrow) {
                (true, _) => format!("this {part}"),
                (_, true) => format!("tomorrow {part}"),
                _ => format!("{weekday} {part}"),
            }
        }
        Language::Spanish => {
            let part = match part {
                Part::Morning => "mañana",
                Part::Afternoon => "tarde",
                Part::Evening => "noche",
            };
            match (date == today, tomorrow) {
                (true, _) => format!("esta {part}"),
                (_, true) => format!("mañana por la {part}"),
                _ => format!("el {weekday} por la {part}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::hours::parse_day;

    fn names(hours: &str, now: &str, language: Language) -> Vec<String> {
        let mut week = Hours {
            week: [parse_day(hours).expect("hours"); 7],
            ..Hours::default()
        };
        week.week[6] = None;
        let rows = windows(&week, now.parse().expect("a time"), language);
        let name = |row: &Value| format!("{} {}-{}", row["name"], row["from"], row["to"]);
        rows.iter().map(|row| name(row).replace('"', "")).collect()
    }

    #[test]
    fn the_rest_of_today_and_the_days_after_but_no_sunday() {
        // A Saturday.
        let all = names("09:00-18:00", "2026-11-28T16:05", Language::English);
        assert_eq!(
            all[..3],
            [
                "this afternoon 2026-11-28T16:15-2026-11-28T18:00",
                "Monday morning 2026-11-30T09:00-2026-11-30T12:00",
                "Monday afternoon 2026-11-30T12:00-2026-11-30T18:00",
            ]
        );
        assert_eq!(all.len(), MOST);
    }

    #[test]
    fn too_little_left_is_no_window_and_long_evenings_are_one() {
        let all = names("08:00-20:00", "2026-11-24T19:30", Language::Spanish);
        assert_eq!(
            all[..3],
            [
                "mañana por la mañana 2026-11-25T08:00-2026-11-25T12:00",
                "mañana por la tarde 2026-11-25T12:00-2026-11-25T17:00",
                "mañana por la noche 2026-11-25T17:00-2026-11-25T20:00",
            ]
        );
        assert_eq!(quarter(Time::constant(23, 50, 0, 0)).hour(), 23);
    }

    #[test]
    fn who_is_never_there_has_no_windows() {
        let now = "2026-11-24T10:00".parse().expect("a time");
        assert!(windows(&Hours::default(), now, Language::English).is_empty());
    }
}
