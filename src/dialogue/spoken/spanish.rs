//! Spanish wording: twelve-hour clock, numbers in words where their form depends on what they count.

use super::find::{Amount, Item, Moment};
use super::{Currency, Language};
use jiff::civil::{Date, Time, Weekday};

/// Larger numbers are left as figures.
const MOST: u64 = 999_999_999_999;

pub(super) fn phone(country: &str, national: &str) -> String {
    if national.is_empty() {
        format!("más {country}")
    } else {
        format!("más {country}, {national}")
    }
}

pub(super) fn range(from: &str, to: &str) -> String {
    format!("de {from} a {to}")
}

/// What a number counts decides its form: "un dólar", "una libra", "el uno".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gender {
    /// Before a masculine noun.
    Masculine,
    /// Before a feminine noun.
    Feminine,
    /// Alone.
    Alone,
}

/// A number in words: "doscientas treinta y una".
pub(super) fn number(value: u64, gender: Gender) -> String {
    if value > MOST {
        return value.to_string();
    }
    let mut parts: Vec<String> = Vec::new();
    let (millions, rest) = (value / 1_000_000, value % 1_000_000);
    match millions {
        0 => {}
        1 => parts.push("un millón".into()),
        _ => parts.push(format!("{} millones", number(millions, Gender::Masculine))),
    }
    let (thousands, rest) = (rest / 1000, rest % 1000);
    let before_mil = match gender {
        Gender::Feminine => Gender::Feminine,
        _ => Gender::Masculine,
    };
    match thousands {
        0 => {}
        1 => parts.push("mil".into()),
        _ => parts.push(format!("{} mil", below_thousand(thousands, before_mil))),
    }
    if rest > 0 || parts.is_empty() {
        parts.push(below_thousand(rest, gender));
    }
    parts.join(" ")
}

fn below_thousand(value: u64, gender: Gender) -> String {
    const HUNDREDS: [&str; 10] = [
        "",
        "ciento",
        "doscient",
        "trescient",
        "cuatrocient",
        "quinient",
        "seiscient",
        "setecient",
        "ochocient",
        "novecient",
    ];
    let (hundreds, rest) = (value / 100, value % 100);
    let end = if gender == Gender::Feminine {
        "as"
    } else {
        "os"
    };
    let hundred = match (hundreds, rest) {
        (0, _) => return below_hundred(rest, gender),
        (1, 0) => return "cien".into(),
        (1, _) => "ciento".to_owned(),
        _ => {
            let place = usize::try_from(hundreds).unwrap_or(0);
            format!("{}{end}", HUNDREDS.get(place).copied().unwrap_or_default())
        }
    };
    if rest == 0 {
        hundred
    } else {
        format!("{hundred} {}", below_hundred(rest, gender))
    }
}

fn below_hundred(value: u64, gender: Gender) -> String {
    const LOW: [&str; 30] = [
        "cero",
        "uno",
        "dos",
        "tres",
        "cuatro",
        "cinco",
        "seis",
        "siete",
        "ocho",
        "nueve",
        "diez",
        "once",
        "doce",
        "trece",
        "catorce",
        "quince",
        "dieciséis",
        "diecisiete",
        "dieciocho",
        "diecinueve",
        "veinte",
        "veintiuno",
        "veintidós",
        "veintitrés",
        "veinticuatro",
        "veinticinco",
        "veintiséis",
        "veintisiete",
        "veintiocho",
        "veintinueve",
    ];
    const TENS: [&str; 10] = [
        "",
        "",
        "",
        "treinta",
        "cuarenta",
        "cincuenta",
        "sesenta",
        "setenta",
        "ochenta",
        "noventa",
    ];
    match (value, gender) {
        (1, Gender::Masculine) => return "un".into(),
        (1, Gender::Feminine) => return "una".into(),
        (21, Gender::Masculine) => return "veintiún".into(),
        (21, Gender::Feminine) => return "veintiuna".into(),
        _ => {}
    }
    let place = usize::try_from(value).unwrap_or(0);
    if let Some(word) = LOW.get(place) {
        return (*word).into();
    }
    let tens = TENS.get(place / 10).copied().unwrap_or_default();
    if place.is_multiple_of(10) {
        tens.into()
    } else {
        format!("{tens} y {}", below_hundred(value % 10, gender))
    }
}

/// "doce dólares con cincuenta", "cincuenta centavos".
pub(super) fn money(minor: i64, currency: Currency) -> String {
    let (whole, cents) = (minor.unsigned_abs() / 100, minor.unsigned_abs() % 100);
    let (one, many, cent, many_cents, gender) = units(currency);
    let sign = if minor < 0 { "menos " } else { "" };
    // "un millón de dólares"
    let of = if whole >= 1_000_000 && whole.is_multiple_of(1_000_000) {
        "de "
    } else {
        ""
    };
    let whole_part = format!(
        "{} {of}{}",
        number(whole, gender),
        if whole == 1 { one } else { many }
    );
    match (whole, cents) {
        (_, 0) => format!("{sign}{whole_part}"),
        (0, _) => {
            let word = if cents == 1 { cent } else { many_cents };
            format!("{sign}{} {word}", number(cents, Gender::Masculine))
        }
        _ => format!("{sign}{whole_part} con {}", number(cents, Gender::Alone)),
    }
}

type Units = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Gender,
);

fn units(currency: Currency) -> Units {
    match currency {
        Currency::Dollar => ("dólar", "dólares", "centavo", "centavos", Gender::Masculine),
        Currency::Euro => ("euro", "euros", "céntimo", "céntimos", Gender::Masculine),
        Currency::Pound => ("libra", "libras", "penique", "peniques", Gender::Feminine),
    }
}

pub(super) fn date(date: Date, today: Option<Date>) -> String {
    if let Some(today) = today {
        // Neighbours do not exist at the ends of the calendar: then no date equals them.
        if date == today {
            return "hoy".into();
        } else if Some(date) == today.tomorrow().ok() {
            return "mañana".into();
        } else if Some(date) == today.yesterday().ok() {
            return "ayer".into();
        }
    }
    let day = day_of_month(date.day());
    let plain = format!(
        "el {} {day} de {}",
        weekday(date.weekday()),
        month(date.month())
    );
    if today.is_some_and(|today| today.year() == date.year()) {
        plain
    } else {
        format!("{plain} de {}", date.year())
    }
}

/// "primero", "3".
pub(super) fn day_of_month(day: i8) -> String {
    if day == 1 {
        "primero".into()
    } else {
        day.to_string()
    }
}

pub(super) fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "lunes",
        Weekday::Tuesday => "martes",
        Weekday::Wednesday => "miércoles",
        Weekday::Thursday => "jueves",
        Weekday::Friday => "viernes",
        Weekday::Saturday => "sábado",
        Weekday::Sunday => "domingo",
    }
}

pub(super) fn month(month: i8) -> &'static str {
    const MONTHS: [&str; 12] = [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ];
    usize::try_from(month - 1)
        .ok()
        .and_then(|place| MONTHS.get(place))
        .copied()
        .unwrap_or_default()
}

/// "1.º" is read badly by most voices: small ones are words.
pub(super) fn ordinal(number: u32) -> String {
    const WORDS: [&str; 10] = [
        "primero", "segundo", "tercero", "cuarto", "quinto", "sexto", "séptimo", "octavo",
        "noveno", "décimo",
    ];
    usize::try_from(number)
        .ok()
        .and_then(|n| WORDS.get(n.checked_sub(1)?))
        .map_or_else(|| format!("número {number}"), |word| (*word).into())
}

/// "las tres y media de la tarde".
pub(super) fn time(time: Time) -> String {
    match (time.hour(), time.minute()) {
        (12, 0) => "mediodía".into(),
        (0, 0) => "medianoche".into(),
        _ => format!("{} {}", clock(time), half(time)),
    }
}

/// Which part of the day an hour belongs to.
pub(super) fn half(time: Time) -> &'static str {
    match time.hour() {
        0..=5 => "de la madrugada",
        6..=11 => "de la mañana",
        12..=19 => "de la tarde",
        _ => "de la noche",
    }
}

/// "la" or "las".
pub(super) fn article(time: Time) -> &'static str {
    if time.hour() % 12 == 1 { "la" } else { "las" }
}

/// On the face of a clock: "las tres y cuarto".
pub(super) fn clock(time: Time) -> String {
    let hour = match time.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let hour = number(hour.unsigned_abs().into(), Gender::Feminine);
    let article = article(time);
    match time.minute() {
        0 => format!("{article} {hour}"),
        15 => format!("{article} {hour} y cuarto"),
        30 => format!("{article} {hour} y media"),
        minute => {
            let minute = number(minute.unsigned_abs().into(), Gender::Alone);
            format!("{article} {hour} y {minute}")
        }
    }
}

pub(super) fn say(item: &Item<'_>) -> String {
    match item {
        Item::Money(Amount::Exact { minor, currency }) => money(*minor, *currency),
        Item::Money(Amount::Rounded {
            number,
            scale,
            currency,
        }) => {
            let scale = match *scale {
                "thousand" => "mil",
                "million" => "millones de",
                _ => "mil millones de",
            };
            format!("{number} {scale} {}", units(*currency).1)
        }
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
        Item::Numbered(number) => format!("número {}", Language::Spanish.digits(number)),
        Item::Address(address) => address_in_words(address),
        Item::Digits(_)
        | Item::Phone(_)
        | Item::Identifier(_)
        | Item::Percent(_)
        | Item::Date(_) => Language::Spanish.say(item),
    }
}

fn address_in_words(address: &str) -> String {
    let mut out = String::new();
    for c in address.chars() {
        match c {
            '@' => out += " arroba ",
            '.' => out += " punto ",
            '/' => out += " barra ",
            '-' => out += " guion ",
            '_' => out += " guion bajo ",
            c => out.push(c),
        }
    }
    out
}
