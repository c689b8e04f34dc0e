//! English wording.

use super::find::{Amount, Item, Moment};
use super::{Currency, Language};
use jiff::civil::{Date, Time, Weekday};

pub(super) fn phone(country: &str, national: &str) -> String {
    if national.is_empty() {
        format!("plus {country}")
    } else {
        format!("plus {country}, {national}")
    }
}

pub(super) fn range(from: &str, to: &str) -> String {
    format!("{from} to {to}")
}

pub(super) fn money(minor: i64, currency: Currency) -> String {
    let (whole, cents) = (minor.unsigned_abs() / 100, minor.unsigned_abs() % 100);
    let (one, many, cent, cents_word) = units(currency);
    let whole_part = format!("{whole} {}", if whole == 1 { one } else { many });
    let cent_part = format!("{cents} {}", if cents == 1 { cent } else { cents_word });
    let sign = if minor < 0 { "minus " } else { "" };
    match (whole, cents) {
        (_, 0) => format!("{sign}{whole_part}"),
        (0, _) => format!("{sign}{cent_part}"),
        _ => format!("{sign}{whole_part} and {cent_part}"),
    }
}

fn units(currency: Currency) -> (&'static str, &'static str, &'static str, &'static str) {
    match currency {
        Currency::Dollar => ("dollar", "dollars", "cent", "cents"),
        Currency::Euro => ("euro", "euros", "cent", "cents"),
        Currency::Pound => ("pound", "pounds", "penny", "pence"),
    }
}

pub(super) fn date(date: Date, today: Option<Date>) -> String {
    if let Some(today) = today {
        // Neighbours do not exist at the ends of the calendar: then no date equals them.
        if date == today {
            return "today".into();
        } else if Some(date) == today.tomorrow().ok() {
            return "tomorrow".into();
        } else if Some(date) == today.yesterday().ok() {
            return "yesterday".into();
        }
    }
    let day = ordinal(date.day().unsigned_abs().into());
    let plain = format!("{}, {} {day}", weekday(date.weekday()), month(date.month()));
    if today.is_some_and(|today| today.year() == date.year()) {
        plain
    } else {
        format!("{plain}, {}", date.year())
    }
}

pub(super) fn weekday(day: Weekday) -> &'static str {
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

pub(super) fn month(month: i8) -> &'static str {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    usize::try_from(month - 1)
        .ok()
        .and_then(|place| MONTHS.get(place))
        .copied()
        .unwrap_or_default()
}

pub(super) fn ordinal(number: u32) -> String {
    let end = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}

pub(super) fn time(time: Time) -> String {
    match (time.hour(), time.minute()) {
        (12, 0) => "noon".into(),
        (0, 0) => "midnight".into(),
        (hour, _) => {
            let half = if hour < 12 { "a.m." } else { "p.m." };
            let clock = clock(time);
            format!("{} {half}", clock.trim_end_matches(" o'clock"))
        }
    }
}

/// On the face of a clock, where the text does not say which half of the day is meant.
fn clock(time: Time) -> String {
    let hour = match time.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    match time.minute() {
        0 => format!("{hour} o'clock"),
        minute @ 1..=9 => format!("{hour} oh {minute}"),
        minute => format!("{hour} {minute}"),
    }
}

pub(super) fn say(item: &Item<'_>) -> String {
    match item {
        Item::Money(amount) => amount_of_money(amount),
        Item::Time(Moment {
            time,
            half_known: true,
        }) => self::time(*time),
        Item::Time(Moment {
            time,
            half_known: false,
        }) => clock(*time),
        Item::Range(from, to) => range(&say(from), &say(to)),
        Item::Number(number) => (*number).into(),
        Item::Numbered(number) => format!("number {}", Language::English.digits(number)),
        Item::Address(address) => address_in_words(address),
        Item::Digits(_)
        | Item::Phone(_)
        | Item::Identifier(_)
        | Item::Percent(_)
        | Item::Date(_) => Language::English.say(item),
    }
}

fn amount_of_money(amount: &Amount<'_>) -> String {
    match amount {
        Amount::Exact { minor, currency } => money(*minor, *currency),
        Amount::Rounded {
            number,
            scale,
            currency,
        } => format!("{number} {scale} {}", units(*currency).1),
    }
}

fn address_in_words(address: &str) -> String {
    let mut out = String::new();
    for c in address.chars() {
        match c {
            '@' => out += " at ",
            '.' => out += " dot ",
            '/' => out += " slash ",
            '-' => out += " dash ",
            '_' => out += " underscore ",
            c => out.push(c),
        }
    }
    out
}
