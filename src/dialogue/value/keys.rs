//! Values keyed on a telephone, and how many keys a question takes. Decides what the keys mean; when an
//! entry is over is the call engine's business.

use super::Kind;
use crate::dialogue::reply::Keypad;
use crate::dialogue::spoken::Language;
use crate::pii::stand_in::KEY;
use jiff::civil::{Date, DateTime, Time};

/// Why keys are no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyed {
    /// Nothing was keyed.
    Empty,
    TooFew,
    TooMany,
    /// Keys that cannot be a value ("1399" as a date).
    Wrong,
    /// The question is not answered by keys.
    NoKeys,
}

/// The keys that a question of this kind takes.
pub fn keypad(kind: &Kind) -> Keypad {
    let (max_digits, termchar) = match kind {
        Kind::Digits { min, max } if min == max => (*max, Some('#')),
        Kind::YesNo => (1, Some('#')),
        Kind::Time => (4, Some('#')),
        // Any number of keys, ended by the term character or a pause.
        _ => (0, Some('#')),
    };
    Keypad {
        max_digits,
        termchar,
        ..Keypad::default()
    }
}

/// The value of keys: an amount is in whole units, `*` sets cents apart ("50", "12*50"); a date is MMDD
/// or MMDDYYYY, a time HHMM of the 24-hour clock. In other entries `*` starts again.
pub fn keyed(kind: &Kind, entry: &str, now: DateTime, language: Language) -> Result<String, Keyed> {
    if entry.contains(KEY) {
        // What stands for a secret has digits in it that nobody keyed.
        return Err(Keyed::NoKeys);
    }
    if *kind == Kind::Amount {
        return amount(entry);
    }
    let entry = entry.rsplit('*').next().unwrap_or_default();
    let digits: String = entry.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() {
        return Err(Keyed::Empty);
    }
    match kind {
        Kind::Digits { min, max } | Kind::Code { min, max } => {
            sized(digits, usize::from(*min).max(1), usize::from(*max))
        }
        Kind::Phone => sized(digits, 7, 15),
        Kind::Count => match digits.parse::<u32>() {
            Ok(count) => Ok(count.to_string()),
            Err(_) => Err(Keyed::TooMany),
        },
        Kind::Date => date(&digits, now.date(), language),
        Kind::Time => time(&digits),
        Kind::YesNo => match digits.as_str() {
            "1" => Ok("yes".into()),
            "2" => Ok("no".into()),
            _ => Err(Keyed::Wrong),
        },
        Kind::Amount | Kind::Letters { .. } | Kind::Text => Err(Keyed::NoKeys),
    }
}

fn sized(digits: String, min: usize, max: usize) -> Result<String, Keyed> {
    match digits.len() {
        count if count < min => Err(Keyed::TooFew),
        count if count > max.max(min) => Err(Keyed::TooMany),
        _ => Ok(digits),
    }
}

fn amount(entry: &str) -> Result<String, Keyed> {
    let (whole, cents) = entry.split_once('*').unwrap_or((entry, ""));
    if entry.chars().all(|c| c == '*') {
        return Err(Keyed::Empty);
    }
    if whole.len() > 9 || cents.len() > 2 {
        return Err(Keyed::TooMany);
    }
    let number = |text: &str| match text {
        "" => Ok(0),
        text if text.bytes().all(|b| b.is_ascii_digit()) => {
            text.parse::<u64>().map_err(|_| Keyed::Wrong)
        }
        _ => Err(Keyed::Wrong),
    };
    let tenths = if cents.len() == 1 { 10 } else { 1 };
    Ok((number(whole)? * 100 + number(cents)? * tenths).to_string())
}

fn date(digits: &str, today: Date, language: Language) -> Result<String, Keyed> {
    match digits.len() {
        0..=3 => return Err(Keyed::TooFew),
        4 | 8 => {}
        5..=7 => return Err(Keyed::Wrong),
        _ => return Err(Keyed::TooMany),
    }
    let number = |from: usize, to: usize| digits[from..to].parse::<i16>().map_err(|_| Keyed::Wrong);
    let (first, second) = (number(0, 2)?, number(2, 4)?);
    let (month, day) = match language {
        Language::English => (first, second),
        Language::Spanish => (second, first),
    };
    let month = i8::try_from(month).map_err(|_| Keyed::Wrong)?;
    let day = i8::try_from(day).map_err(|_| Keyed::Wrong)?;
    let date = if digits.len() == 8 {
        Date::new(number(4, 8)?, month, day).ok()
    } else {
        // The coming one; the 29th of February is at most eight years away.
        (0..=8)
            .filter_map(|years| Date::new(today.year().checked_add(years)?, month, day).ok())
            .find(|date| *date >= today)
    };
    date.map(|date| date.to_string()).ok_or(Keyed::Wrong)
}

fn time(digits: &str) -> Result<String, Keyed> {
    let padded = match digits.len() {
        1 | 2 => format!("{digits:0>2}00"),
        3 => format!("0{digits}"),
        4 => digits.to_owned(),
        _ => return Err(Keyed::TooMany),
    };
    let part = |from: usize, to: usize| padded[from..to].parse::<i8>().map_err(|_| Keyed::Wrong);
    let time = Time::new(part(0, 2)?, part(2, 4)?, 0, 0).map_err(|_| Keyed::Wrong)?;
    Ok(format!("{:02}:{:02}", time.hour(), time.minute()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_by_kind() {
        let now = jiff::civil::date(2026, 11, 29).at(10, 0, 0, 0);
        let six = Kind::Digits { min: 6, max: 6 };
        let read = |kind: &Kind, keys: &str| keyed(kind, keys, now, Language::English);
        for (kind, keys, want) in [
            (&six, "456712", Ok("456712")),
            (&six, "12*456712", Ok("456712")),
            (&six, "45671", Err(Keyed::TooFew)),
            (&six, "4567123", Err(Keyed::TooMany)),
            (&six, "", Err(Keyed::Empty)),
            (&Kind::Amount, "50", Ok("5000")),
            (&Kind::Amount, "12*50", Ok("1250")),
            (&Kind::Amount, "12*5", Ok("1250")),
            (&Kind::Amount, "*99", Ok("99")),
            (&Kind::Amount, "*", Err(Keyed::Empty)),
            (&Kind::Amount, "1*2*3", Err(Keyed::TooMany)),
            (&Kind::Count, "007", Ok("7")),
            (&Kind::Date, "1224", Ok("2026-12-24")),
            (&Kind::Date, "0315", Ok("2027-03-15")),
            (&Kind::Date, "03151985", Ok("1985-03-15")),
            (&Kind::Date, "1399", Err(Keyed::Wrong)),
            (&Kind::Date, "0229", Ok("2028-02-29")),
            (&Kind::Time, "1430", Ok("14:30")),
            (&Kind::Time, "930", Ok("09:30")),
            (&Kind::Time, "9", Ok("09:00")),
            (&Kind::Time, "2570", Err(Keyed::Wrong)),
            (&Kind::YesNo, "1", Ok("yes")),
            (&Kind::YesNo, "2", Ok("no")),
            (&Kind::YesNo, "3", Err(Keyed::Wrong)),
            (&Kind::Phone, "2025550123", Ok("2025550123")),
            (&Kind::Text, "1", Err(Keyed::NoKeys)),
            (&six, "•14:6•", Err(Keyed::NoKeys)),
        ] {
            assert_eq!(read(kind, keys), want.map(str::to_owned), "{kind:?} {keys}");
        }
        let spanish = keyed(&Kind::Date, "2412", now, Language::Spanish);
        assert_eq!(spanish.as_deref(), Ok("2026-12-24"));
    }

    #[test]
    fn a_fixed_number_of_keys_needs_no_end() {
        assert_eq!(keypad(&Kind::Digits { min: 6, max: 6 }).max_digits, 6);
        assert_eq!(keypad(&Kind::Amount).max_digits, 0);
        assert_eq!(keypad(&Kind::YesNo).max_digits, 1);
    }
}
