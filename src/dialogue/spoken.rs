//! How written things are read aloud: numbers, money, dates, times, phone numbers, ids. Pure text.
//!
//! Decides the words only. A voice still reads the digits that are left ("12 dollars"), so that its own
//! rules for its language apply. [`find`] recognises such things in free text; each language says them
//! in its own file.

mod english;
mod find;
mod reading;
pub mod sentences;
mod spanish;

pub use reading::Reading;

use super::hours::DAY_ENDS;
use jiff::civil::{Date, Time, Weekday};
use std::fmt::Write as _;

/// A language to read in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// American: month before day, twelve-hour clock.
    #[default]
    English,
    /// Day before month, twelve-hour clock.
    Spanish,
}

/// Money that callers are told about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Currency {
    Dollar,
    Euro,
    Pound,
}

impl Currency {
    /// By its ISO 4217 code.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "USD" => Some(Self::Dollar),
            "EUR" => Some(Self::Euro),
            "GBP" => Some(Self::Pound),
            _ => None,
        }
    }

    /// ISO 4217.
    pub fn code(self) -> &'static str {
        match self {
            Self::Dollar => "USD",
            Self::Euro => "EUR",
            Self::Pound => "GBP",
        }
    }
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::Spanish];

    /// ISO 639-1: "en".
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| language.code() == code)
    }

    /// A number that is not a quantity, digit by digit in groups: "4 5 6, 7 1 2". What is not a digit
    /// separates groups.
    pub fn digits(self, number: &str) -> String {
        let written: Vec<&str> = number
            .split(|c: char| !c.is_ascii_digit())
            .filter(|part| !part.is_empty())
            .collect();
        match written.as_slice() {
            [one] => spaced(&groups(one)),
            several => spaced(several),
        }
    }

    /// A telephone number: "plus 1, 2 0 2, 5 5 5, 0 1 2 3". E.164 is grouped after its country code;
    /// a national number keeps the groups it is written in.
    pub fn phone(self, number: &str) -> String {
        let number = number.trim();
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        if !number.starts_with('+') || digits.is_empty() {
            return self.digits(number);
        }
        let (country, national) = digits.split_at(country_code(&digits));
        match self {
            Self::English => english::phone(&spaced(&[country]), &spaced(&groups(national))),
            Self::Spanish => spanish::phone(&spaced(&[country]), &spaced(&groups(national))),
        }
    }

    /// An id of letters and digits, spelled: "B 7, 9 3". Hyphens, dots, slashes and spaces separate
    /// groups; a comma after an A keeps voices from reading it as the article.
    pub fn identifier(self, id: &str) -> String {
        let parts: Vec<&str> = id
            .split(|c: char| !c.is_alphanumeric())
            .filter(|part| !part.is_empty())
            .collect();
        let spelled = |part: &&str| match part.chars().all(|c| c.is_ascii_digit()) {
            true => spaced(&groups(part)),
            false => {
                let letters = part.chars().flat_map(char::to_uppercase);
                letters
                    .map(String::from)
                    .collect::<Vec<_>>()
                    .join(" ")
                    .replace("A ", "A, ")
            }
        };
        parts.iter().map(spelled).collect::<Vec<_>>().join(", ")
    }

    /// An amount in minor units (cents, pence): 1250 dollar cents is "12 dollars and 50 cents".
    pub fn money(self, minor: i64, currency: Currency) -> String {
        match self {
            Self::English => english::money(minor, currency),
            Self::Spanish => spanish::money(minor, currency),
        }
    }

    /// A day as seen from `today`: "tomorrow", "Tuesday, November 24th", with the year when it is
    /// another one. Without `today` always in full.
    pub fn date(self, date: Date, today: Option<Date>) -> String {
        match self {
            Self::English => english::date(date, today),
            Self::Spanish => spanish::date(date, today),
        }
    }

    /// "Monday".
    pub fn weekday(self, day: Weekday) -> &'static str {
        match self {
            Self::English => english::weekday(day),
            Self::Spanish => spanish::weekday(day),
        }
    }

    /// A time of day: "2 30 p.m.", "9 a.m.", "noon". The end of the day is midnight, as its begin is.
    pub fn time(self, time: Time) -> String {
        let time = if time == DAY_ENDS {
            Time::midnight()
        } else {
            time
        };
        match self {
            Self::English => english::time(time),
            Self::Spanish => spanish::time(time),
        }
    }

    /// From one time of day to another: "9 a.m. to 6 p.m.".
    pub fn hours(self, open: Time, close: Time) -> String {
        match self {
            Self::English => english::range(&self.time(open), &self.time(close)),
            Self::Spanish => spanish::range(&self.time(open), &self.time(close)),
        }
    }

    /// A place in a sequence, "1st", "22nd", in the form that voices read as a word.
    pub fn ordinal(self, number: u32) -> String {
        match self {
            Self::English => english::ordinal(number),
            Self::Spanish => spanish::ordinal(number),
        }
    }

    /// "12.5" becomes "12.5 percent".
    pub fn percent(self, number: &str) -> String {
        match self {
            Self::English => format!("{} percent", number.trim()),
            Self::Spanish => format!("{} por ciento", number.trim()),
        }
    }

    /// "a, b and c".
    pub fn list<T: AsRef<str>>(self, items: &[T]) -> String {
        let last = items.last().map_or("", AsRef::as_ref).to_lowercase();
        self.joined(
            items,
            match self {
                Self::English => "and",
                // "padres e hijos", but "agua y hielo".
                Self::Spanish if last.starts_with(['i', 'í']) => "e",
                Self::Spanish if last.starts_with("hi") && !last.starts_with("hie") => "e",
                Self::Spanish => "y",
            },
        )
    }

    /// "a, b or c".
    pub fn choice<T: AsRef<str>>(self, items: &[T]) -> String {
        let last = items.last().map_or("", AsRef::as_ref).to_lowercase();
        self.joined(
            items,
            match self {
                Self::English => "or",
                // "siete u ocho"
                Self::Spanish if last.starts_with(['o', 'ó']) || last.starts_with("ho") => "u",
                Self::Spanish => "o",
            },
        )
    }

    fn joined<T: AsRef<str>>(self, items: &[T], and: &str) -> String {
        let mut out = String::new();
        for (n, item) in items.iter().enumerate() {
            if n > 0 && n + 1 == items.len() {
                let _ = write!(out, " {and} ");
            } else if n > 0 {
                out += ", ";
            }
            out += item.as_ref();
        }
        out
    }

    /// Free text with everything in it that this file knows replaced by how it is read; ordinary words,
    /// spaces and marks stay as they are.
    pub fn read_aloud(self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + text.len() / 4);
        let mut rest = text;
        while !rest.is_empty() {
            // Things start at a word's start, after any opening mark.
            let skip = rest
                .find(|c: char| !c.is_whitespace() && !find::opens(c))
                .unwrap_or(rest.len());
            // A bracket may be part of the thing: "(202) 555-0123".
            let start = if rest[..skip].ends_with('(') {
                skip - 1
            } else {
                skip
            };
            let found = [start, skip]
                .into_iter()
                .find_map(|at| Some((at, find::item(&rest[at..])?)));
            if let Some((at, (item, length))) = found {
                out += &rest[..at];
                if self == Self::Spanish {
                    spanish::drop_article(&mut out, &item);
                }
                out += &self.say(&item);
                rest = &rest[at + length..];
            } else {
                let word = rest[skip..]
                    .find(|c: char| c.is_whitespace() || find::opens(c))
                    .unwrap_or(rest.len() - skip);
                out += &rest[..skip + word];
                rest = &rest[skip + word..];
            }
        }
        out
    }

    fn say(self, item: &find::Item<'_>) -> String {
        match (self, item) {
            (_, find::Item::Digits(number)) => self.digits(number),
            (_, find::Item::Phone(number)) => self.phone(number),
            (_, find::Item::Identifier(id)) => self.identifier(id),
            (_, find::Item::Percent(number)) => self.percent(number),
            (_, find::Item::Date(date)) => self.date(*date, None),
            (Self::English, item) => english::say(item),
            (Self::Spanish, item) => spanish::say(item),
        }
    }
}

/// [`Language::digits`] in English.
pub fn digits(number: &str) -> String {
    Language::English.digits(number)
}

/// [`Language::phone`] in English.
pub fn phone(number: &str) -> String {
    Language::English.phone(number)
}

/// [`Language::money`] in English.
pub fn money(minor: i64, currency: Currency) -> String {
    Language::English.money(minor, currency)
}

/// [`Language::date`] in English.
pub fn date(date: Date, today: Option<Date>) -> String {
    Language::English.date(date, today)
}

/// [`Language::time`] in English.
pub fn time(time: Time) -> String {
    Language::English.time(time)
}

/// [`Language::read_aloud`] in English.
pub fn read_aloud(text: &str) -> String {
    Language::English.read_aloud(text)
}

/// Cuts a number as people do: fours where it divides (cards), else threes with no digit left alone.
fn groups(number: &str) -> Vec<&str> {
    let count = number.len();
    let size = if count >= 8 && count.is_multiple_of(4) {
        4
    } else {
        3
    };
    let mut out = Vec::new();
    let mut rest = number;
    while rest.len() > 4 {
        let (head, tail) = rest.split_at(size);
        out.push(head);
        rest = tail;
    }
    if !rest.is_empty() {
        out.push(rest);
    }
    out
}

/// "4 5 6, 7 1 2": a comma is a short pause in every voice.
fn spaced(groups: &[&str]) -> String {
    let apart = |group: &&str| {
        group
            .chars()
            .map(String::from)
            .collect::<Vec<_>>()
            .join(" ")
    };
    groups.iter().map(apart).collect::<Vec<_>>().join(", ")
}

/// Digits of the country code at the start of an E.164 number (ITU-T E.164, list of assigned codes).
fn country_code(digits: &str) -> usize {
    const TWO: [&str; 44] = [
        "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46",
        "47", "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63",
        "64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
    ];
    let length = match digits.get(..2) {
        Some(two) if two.starts_with(['1', '7']) => 1,
        Some(two) if TWO.contains(&two) => 2,
        _ => 3,
    };
    length.min(digits.len())
}

#[cfg(test)]
#[path = "spoken/spanish_tests.rs"]
mod spanish_tests;
#[cfg(test)]
#[path = "spoken/tests.rs"]
mod tests;
