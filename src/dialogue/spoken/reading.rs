//! Values in prompts: each as written in the transcript and as the voice reads it. The words are those of
//! the languages' own files.

use super::{Currency, DAY_ENDS, Language, english, spanish};
use jiff::civil::{Date, Time, Weekday};

/// A value as written in the transcript and as the voice reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

    fn new(text: impl Into<String>, speak: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            speak: speak.into(),
        }
    }
}

impl Language {
    /// An id: digits in groups, letters spelled: "456712" is read "4 5 6, 7 1 2".
    pub fn read_id(self, value: &str) -> Reading {
        let digits = value.chars().all(|c| !c.is_alphabetic());
        let speak = if digits {
            self.digits(value)
        } else {
            self.identifier(value)
        };
        Reading::new(value, speak)
    }

    /// An amount in minor units: "$12.50", "12 dollars and 50 cents".
    pub fn read_money(self, minor: i64, currency: Currency) -> Reading {
        let (whole, cents) = (minor.unsigned_abs() / 100, minor.unsigned_abs() % 100);
        let sign = if minor < 0 { "-" } else { "" };
        let (thousands, point) = match (self, currency) {
            // Spain writes a comma, the Americas a point; euros are Spain's.
            (Self::Spanish, Currency::Euro) => ('.', ','),
            _ => (',', '.'),
        };
        let mut number = grouped(whole, thousands);
        if cents > 0 {
            number += &format!("{point}{cents:02}");
        }
        let text = match (self, currency) {
            (_, Currency::Dollar) => format!("{sign}${number}"),
            (_, Currency::Pound) => format!("{sign}£{number}"),
            (Self::English, Currency::Euro) => format!("{sign}€{number}"),
            (Self::Spanish, Currency::Euro) => format!("{sign}{number} €"),
        };
        Reading::new(text, self.money(minor, currency))
    }

    /// A day seen from `today`: "today", "tomorrow", "Thursday", "last Thursday", "March 3rd", and the
    /// year where it is another one.
    pub fn read_date(self, value: Date, today: Date) -> Reading {
        let days = today.until(value).map_or(i32::MAX, |span| span.get_days());
        let day = self.weekday(value.weekday());
        let year = value.year();
        let other_year = year != today.year();
        Reading::plain(match (self, days) {
            (_, -1..=1) => self.date(value, Some(today)),
            (Self::English, 2..=6) => day.to_owned(),
            (Self::English, -6..=-2) => format!("last {day}"),
            (Self::Spanish, 2..=6) => format!("el {day}"),
            (Self::Spanish, -6..=-2) => format!("el {day} pasado"),
            (Self::English, _) => {
                let month = english::month(value.month());
                let number = english::ordinal(value.day().unsigned_abs().into());
                if other_year {
                    format!("{month} {number}, {year}")
                } else {
                    format!("{month} {number}")
                }
            }
            (Self::Spanish, _) => {
                let month = spanish::month(value.month());
                let number = spanish::day_of_month(value.day());
                if other_year {
                    format!("el {number} de {month} de {year}")
                } else {
                    format!("el {number} de {month}")
                }
            }
        })
    }

    /// A day of birth or of a contract, always in full: "March 3rd, 1985".
    pub fn read_full_date(self, value: Date) -> Reading {
        let year = value.year();
        Reading::plain(match self {
            Self::English => {
                let number = english::ordinal(value.day().unsigned_abs().into());
                format!("{} {number}, {year}", english::month(value.month()))
            }
            Self::Spanish => {
                let number = spanish::day_of_month(value.day());
                format!("el {number} de {} de {year}", spanish::month(value.month()))
            }
        })
    }

    /// "2:30 p.m.", read "2 30 p.m."; "las 2:30 de la tarde", read "las dos y media de la tarde".
    pub fn read_time(self, value: Time) -> Reading {
        let speak = self.time(value);
        if value.minute() == 0 || value == DAY_ENDS {
            return Reading::plain(speak);
        }
        let hour = (value.hour() + 11) % 12 + 1;
        let minute = value.minute();
        let text = match self {
            Self::English => {
                let half = if value.hour() < 12 { "a.m." } else { "p.m." };
                format!("{hour}:{minute:02} {half}")
            }
            Self::Spanish => format!(
                "{} {hour}:{minute:02} {}",
                spanish::article(value),
                spanish::half(value)
            ),
        };
        Reading::new(text, speak)
    }

    pub fn read_weekday(self, day: Weekday) -> Reading {
        Reading::plain(self.weekday(day))
    }

    /// A telephone number.
    pub fn read_phone(self, value: &str) -> Reading {
        Reading::new(value, self.phone(value))
    }

    /// Letter by letter: "S, M, I, T, H".
    pub fn read_spelled(self, value: &str) -> Reading {
        let letters: Vec<String> = value
            .chars()
            .filter(|c| c.is_alphanumeric())
            .map(|c| c.to_uppercase().to_string())
            .collect();
        Reading::new(value, letters.join(", "))
    }

    /// A number of things: "1,250".
    pub fn read_count(self, value: i64) -> Reading {
        let sign = if value < 0 { "-" } else { "" };
        let mark = match self {
            Self::English => ',',
            Self::Spanish => '.',
        };
        let text = format!("{sign}{}", grouped(value.unsigned_abs(), mark));
        let speak = match self {
            Self::English => value.to_string(),
            Self::Spanish => {
                let minus = if value < 0 { "menos " } else { "" };
                let words = spanish::number(value.unsigned_abs(), spanish::Gender::Alone);
                format!("{minus}{words}")
            }
        };
        Reading::new(text, speak)
    }

    /// "1st", "primero".
    pub fn read_ordinal(self, value: u32) -> Reading {
        Reading::plain(self.ordinal(value))
    }

    /// "a, b and c".
    pub fn read_list(self, items: &[Reading]) -> Reading {
        let texts: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
        let spoken: Vec<&str> = items.iter().map(|item| item.speak.as_str()).collect();
        Reading::new(self.list(&texts), self.list(&spoken))
    }

    /// "a, b or c".
    pub fn read_choice(self, items: &[Reading]) -> Reading {
        let texts: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
        let spoken: Vec<&str> = items.iter().map(|item| item.speak.as_str()).collect();
        Reading::new(self.choice(&texts), self.choice(&spoken))
    }
}

/// "1,250".
fn grouped(value: u64, mark: char) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(mark);
        }
        out.push(digit);
    }
    out
}
