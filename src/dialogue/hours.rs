//! Opening hours: is the shop open at a time, and when next. How it is said is the prompts' business.

use jiff::civil::{Date, DateTime, Time};
use std::collections::BTreeMap;

/// Opening and closing time of one day; none: closed.
pub type Day = Option<(Time, Time)>;

/// Hours of a week, Monday first, and days of the year that differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    pub week: [Day; 7],
    /// By month and day of the month.
    pub holidays: BTreeMap<(i8, i8), Day>,
}

/// The shop at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Open {
        close: Time,
    },
    /// Opens later on the same day.
    OpensToday {
        open: Time,
    },
    /// Opens on a later day; none within a fortnight: no date to tell.
    Closed {
        next: Option<(Date, Time)>,
    },
}

impl Hours {
    pub fn on(&self, date: Date) -> Day {
        let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
        self.holidays
            .get(&(date.month(), date.day()))
            .copied()
            .unwrap_or(self.week[weekday])
    }

    pub fn at(&self, now: DateTime) -> State {
        if let Some((open, close)) = self.on(now.date()) {
            if now.time() < open {
                return State::OpensToday { open };
            }
            if now.time() < close {
                return State::Open { close };
            }
        }
        let mut date = now.date();
        for _ in 0..14 {
            let Ok(tomorrow) = date.tomorrow() else { break };
            date = tomorrow;
            if let Some((open, _)) = self.on(date) {
                return State::Closed {
                    next: Some((date, open)),
                };
            }
        }
        State::Closed { next: None }
    }

    /// Neighbouring weekdays with the same hours: first and last day (Monday is 0) and their hours.
    pub fn rows(&self) -> Vec<(usize, usize, Day)> {
        let mut rows: Vec<(usize, usize, Day)> = Vec::new();
        for (day, &hours) in self.week.iter().enumerate() {
            match rows.last_mut() {
                Some((_, last, same)) if *same == hours => *last = day,
                _ => rows.push((day, day, hours)),
            }
        }
        rows
    }
}

/// The end of a day, `24:00`: a time of day has no later one.
pub(super) const DAY_ENDS: Time = Time::constant(23, 59, 59, 999_999_999);

/// Reads `09:00-18:00` or `closed`; `00:00-24:00` is the whole day.
pub fn parse_day(text: &str) -> Option<Day> {
    if text == "closed" {
        return Some(None);
    }
    let (open, close) = text.split_once('-')?;
    let time = |text: &str| -> Option<Time> {
        let (hour, minute) = text.trim().split_once(':')?;
        Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
    };
    let close = match close.trim() {
        "24:00" => DAY_ENDS,
        close => time(close)?,
    };
    let open = time(open)?;
    (open < close).then_some(Some((open, close)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    fn hours() -> Hours {
        let weekday = parse_day("09:00-18:00").expect("hours");
        let mut hours = Hours {
            week: [weekday; 7],
            ..Hours::default()
        };
        hours.week[6] = None;
        hours.holidays.insert((12, 25), None);
        hours
    }

    #[test]
    fn open_now_later_and_not_before_monday() {
        let at = |d, h, m| hours().at(date(2026, 11, d).at(h, m, 0, 0));
        let nine = time(9, 0, 0, 0);
        assert_eq!(
            at(23, 9, 0),
            State::Open {
                close: time(18, 0, 0, 0)
            }
        );
        assert_eq!(at(23, 8, 59), State::OpensToday { open: nine });
        assert_eq!(
            at(23, 18, 0),
            State::Closed {
                next: Some((date(2026, 11, 24), nine))
            }
        );
        assert_eq!(
            at(22, 12, 0),
            State::Closed {
                next: Some((date(2026, 11, 23), nine))
            },
            "a Sunday"
        );
        let christmas = hours().at(date(2026, 12, 24).at(20, 0, 0, 0));
        assert_eq!(
            christmas,
            State::Closed {
                next: Some((date(2026, 12, 26), nine))
            }
        );
        assert_eq!(
            Hours::default().at(date(2026, 11, 23).at(9, 0, 0, 0)),
            State::Closed { next: None }
        );
    }

    #[test]
    fn open_day_and_night() {
        let week = [parse_day("00:00-24:00").expect("hours"); 7];
        let hours = Hours {
            week,
            ..Hours::default()
        };
        let last = date(2026, 11, 22).at(23, 59, 59, 0);
        assert_eq!(hours.at(last), State::Open { close: DAY_ENDS });
    }

    #[test]
    fn equal_days_are_one_row() {
        assert_eq!(
            hours()
                .rows()
                .iter()
                .map(|row| (row.0, row.1))
                .collect::<Vec<_>>(),
            [(0, 5), (6, 6)]
        );
    }

    #[test]
    fn strange_hours_are_refused() {
        for text in [
            "",
            "9-18",
            "25:00-26:00",
            "18:00-09:00",
            "24:00-24:00",
            "09:00-24:30",
            "Closed",
        ] {
            assert_eq!(parse_day(text), None, "{text}");
        }
    }
}
