//! Recognises things in free text that are not read as they are written.
//!
//! Decides only what something is. What looks like nothing known stays as it is: a voice reads ordinary
//! numbers well, and a wrong guess is worse than none.

use super::Currency;
use jiff::civil::{Date, Time};

/// Something that has its own way of being read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item<'a> {
    Money(Amount<'a>),
    Date(Date),
    Time(Moment),
    /// From one to another, both of a kind.
    Range(Box<Self>, Box<Self>),
    /// E.164, or a national number in groups.
    Phone(&'a str),
    Percent(&'a str),
    /// A quantity, read as it is: only part of a range.
    Number(&'a str),
    /// Digits that are no quantity.
    Digits(&'a str),
    /// "#456712".
    Numbered(&'a str),
    /// Letters and digits.
    Identifier(&'a str),
    /// Mail or web.
    Address(&'a str),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Amount<'a> {
    Exact {
        minor: i64,
        currency: Currency,
    },
    /// "$3.5 million".
    Rounded {
        number: &'a str,
        scale: &'a str,
        currency: Currency,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moment {
    pub time: Time,
    /// Whether the text tells morning from afternoon.
    pub half_known: bool,
}

/// An item and its length in bytes.
type Found<'a> = Option<(Item<'a>, usize)>;

/// More text than any of these takes, in bytes: keeps the search for each word short.
const LONGEST: usize = 80;

/// Whether something may start right after `c`.
pub(super) fn opens(c: char) -> bool {
    matches!(
        c,
        '(' | '[' | '{' | '"' | '\'' | '“' | '‘' | '«' | '—' | '*'
    )
}

/// What `text` starts with, if it is anything known and ends where a word ends.
pub(super) fn item(text: &str) -> Found<'_> {
    let text = &text[..text.floor_char_boundary(LONGEST)];
    if !text.starts_with(|c: char| c.is_alphanumeric() || "$€£+-#(".contains(c)) {
        return None;
    }
    // Ranges first, or the first half would be taken alone; plain digits last.
    let kinds: [fn(&str) -> Found<'_>; 13] = [
        |text| range(text, money),
        |text| range(text, date),
        |text| range(text, percent),
        number_range,
        address,
        times,
        phone,
        numbered,
        identifier,
        money,
        date,
        percent,
        digits,
    ];
    kinds
        .into_iter()
        .find_map(|kind| kind(text).filter(|&(_, length)| ends_word(&text[length..])))
}

/// Nothing but closing marks up to the next space.
fn ends_word(rest: &str) -> bool {
    let after = rest.trim_start_matches([
        '.', ',', ';', ':', '!', '?', ')', ']', '}', '"', '\'', '”', '’', '»', '…', '*',
    ]);
    after.is_empty() || after.starts_with(char::is_whitespace) || after.starts_with('—')
}

/// Two of a kind with a dash between.
fn range<'a>(text: &'a str, kind: fn(&'a str) -> Found<'a>) -> Found<'a> {
    let (from, length) = kind(text)?;
    let after = &text[length..];
    let dash = dash(after)?;
    let (to, second) = kind(&after[dash..])?;
    Some((
        Item::Range(Box::new(from), Box::new(to)),
        length + dash + second,
    ))
}

/// Length of a dash, with the spaces around it.
fn dash(text: &str) -> Option<usize> {
    let inner = text.trim_start();
    let after = inner.strip_prefix(['-', '–', '—'])?;
    Some(text.len() - after.trim_start().len())
}

fn leading_digits(text: &str) -> &str {
    &text[..text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len())]
}

/// "12", "12.5", "1,250.50": its length, and its value in hundredths where it has at most two decimals.
fn decimal(text: &str) -> Option<(usize, Option<i64>)> {
    let mut whole = leading_digits(text).to_owned();
    let mut length = whole.len();
    if whole.is_empty() || length > 12 {
        return None;
    }
    // Thousands: groups of exactly three.
    while whole.len() <= 12
        && text[length..].starts_with(',')
        && leading_digits(&text[length + 1..]).len() == 3
    {
        whole += &text[length + 1..length + 4];
        length += 4;
    }
    let decimals = text[length..].strip_prefix('.').map_or("", leading_digits);
    if !decimals.is_empty() {
        length += 1 + decimals.len();
    }
    let cents = match decimals.len() {
        0 => Some(0),
        1 => decimals.parse::<i64>().ok().map(|tenths| tenths * 10),
        2 => decimals.parse().ok(),
        _ => None,
    };
    let value = whole
        .parse::<i64>()
        .ok()
        .and_then(|whole| whole.checked_mul(100))
        .zip(cents)
        .map(|(w, c)| w + c);
    Some((length, value))
}

/// "$12.50", "-€3", "£2 million", "12.50 EUR", "USD 5".
fn money(text: &str) -> Found<'_> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let sign = text.len() - unsigned.len();
    let (currency, prefix) = match currency(unsigned) {
        Some((currency, length)) => {
            let gap = usize::from(unsigned[length..].starts_with(' '));
            (Some(currency), length + gap)
        }
        None => (None, 0),
    };
    let number = &unsigned[prefix..];
    let (length, minor) = decimal(number)?;
    let rest = &number[length..];
    let (currency, suffix) = match currency {
        Some(known) => (known, 0),
        None => {
            let gap = usize::from(rest.starts_with(' '));
            let (currency, length) = self::currency(&rest[gap..])?;
            (currency, gap + length)
        }
    };
    let total = sign + prefix + length + suffix;
    for scale in [" thousand", " million", " billion"] {
        if suffix == 0 && sign == 0 && rest.starts_with(scale) && ends_word(&rest[scale.len()..]) {
            let amount = Amount::Rounded {
                number: &number[..length],
                scale: scale.trim(),
                currency,
            };
            return Some((Item::Money(amount), total + scale.len()));
        }
    }
    let minor = if sign > 0 { -minor? } else { minor? };
    Some((Item::Money(Amount::Exact { minor, currency }), total))
}

fn currency(text: &str) -> Option<(Currency, usize)> {
    [
        ("US$", Currency::Dollar),
        ("$", Currency::Dollar),
        ("€", Currency::Euro),
        ("£", Currency::Pound),
        ("USD", Currency::Dollar),
        ("EUR", Currency::Euro),
        ("GBP", Currency::Pound),
    ]
    .into_iter()
    .find_map(|(sign, currency)| text.starts_with(sign).then_some((currency, sign.len())))
}

/// ISO 8601 calendar date.
fn date(text: &str) -> Found<'_> {
    let date = text.get(..10)?;
    let shape = date.bytes().enumerate().all(|(n, b)| {
        if n == 4 || n == 7 {
            b == b'-'
        } else {
            b.is_ascii_digit()
        }
    });
    Some((Item::Date(date.parse().ok().filter(|_| shape)?), 10))
}

fn percent(text: &str) -> Found<'_> {
    let (length, _) = decimal(text)?;
    let gap = usize::from(text[length..].starts_with(' '));
    text[length + gap..]
        .starts_with('%')
        .then(|| (Item::Percent(&text[..length]), length + gap + 1))
}

/// "3-5" as in "3-5 days". Longer ones joined by a hyphen are ids or phone numbers, falling ones
/// scores, and with spaces it may be a subtraction.
fn number_range(text: &str) -> Found<'_> {
    let from = leading_digits(text);
    let rest = text[from.len()..].strip_prefix(['-', '–'])?;
    let to = leading_digits(rest);
    let value = |digits: &str| {
        digits
            .parse::<u16>()
            .ok()
            .filter(|_| digits.len() <= 3 && (digits == "0" || !digits.starts_with('0')))
    };
    (value(from)? < value(to)?).then(|| {
        let item = Item::Range(Box::new(Item::Number(from)), Box::new(Item::Number(to)));
        (item, text.len() - rest.len() + to.len())
    })
}

/// A time, or two with a dash between: one that is certainly of the 24-hour clock tells about both.
fn times(text: &str) -> Found<'_> {
    let (first, length) = moment(text)?;
    let second = dash(&text[length..]).and_then(|dash| {
        let (second, size) = moment(&text[length + dash..])?;
        Some((second, length + dash + size))
    });
    let Some((second, total)) = second else {
        return Some((Item::Time(first), length));
    };
    let full_day =
        |moment: Moment, written: &str| moment.half_known && !written.contains(['m', 'M']);
    let rises = first.time < second.time;
    let from_known = first.half_known || (rises && full_day(second, &text[length..total]));
    let to_known = second.half_known || (rises && full_day(first, &text[..length]));
    let from = Moment {
        half_known: from_known,
        ..first
    };
    let to = Moment {
        half_known: to_known,
        ..second
    };
    Some((
        Item::Range(Box::new(Item::Time(from)), Box::new(Item::Time(to))),
        total,
    ))
}

/// "14:30", "09:00", "2:30 pm", "9 a.m.".
fn moment(text: &str) -> Option<(Moment, usize)> {
    let hour = leading_digits(text);
    if !(1..=2).contains(&hour.len()) {
        return None;
    }
    let after = &text[hour.len()..];
    let minutes = after
        .strip_prefix(':')
        .map(leading_digits)
        .filter(|minutes| minutes.len() == 2);
    let minute_length = minutes.map_or(0, |minutes| minutes.len() + 1);
    let mut length = hour.len() + minute_length;
    let number: i8 = hour.parse().ok()?;
    let minute: i8 = minutes.map_or(Some(0), |minutes| minutes.parse().ok())?;
    let half = half(&text[length..]).filter(|_| (1..=12).contains(&number));
    let (hour_of_day, half_known) = match half {
        Some((afternoon, size)) => {
            length += size;
            (number % 12 + if afternoon { 12 } else { 0 }, true)
        }
        None => {
            // A bare number is no time, and "1:20:45" none that we know.
            minutes.filter(|_| !text[length..].starts_with(':'))?;
            // 24:00 closes a day.
            let hour_of_day = if number == 24 && minute == 0 {
                0
            } else {
                number
            };
            (
                hour_of_day,
                hour.starts_with('0') || !(1..=12).contains(&number),
            )
        }
    };
    Some((
        Moment {
            time: Time::new(hour_of_day, minute, 0, 0).ok()?,
            half_known,
        },
        length,
    ))
}

/// "am" or "p.m." after a time: whether afternoon, and its length. A full stop that ends the sentence
/// as well belongs to it.
fn half(text: &str) -> Option<(bool, usize)> {
    let gap = usize::from(text.starts_with(' '));
    for (form, afternoon) in [("a.m.", false), ("p.m.", true), ("am", false), ("pm", true)] {
        let found = text[gap..]
            .get(..form.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(form));
        if found && !text[gap + form.len()..].starts_with(char::is_alphanumeric) {
            return Some((afternoon, gap + form.len()));
        }
    }
    None
}

/// "+1 202 555 0123", "(202) 555-0123", "202-555-0123".
fn phone(text: &str) -> Found<'_> {
    let mut digits = 0;
    let mut length = 0;
    let mut groups = 0;
    let mut inside = false;
    for (at, c) in text.char_indices() {
        match c {
            '+' if at == 0 => {}
            '0'..='9' => {
                digits += 1;
                groups += usize::from(!inside);
                length = at + 1;
            }
            '(' | ')' | '-' | ' ' => {}
            '.' if text[at + 1..].starts_with(|c: char| c.is_ascii_digit()) => {}
            _ => break,
        }
        inside = c.is_ascii_digit();
    }
    let found = &text[..length];
    let international = found.starts_with('+') && (7..=15).contains(&digits);
    let hyphens = found.matches('-').count();
    let national = (10..=11).contains(&digits)
        && (3..=4).contains(&groups)
        && (found.starts_with('(') || hyphens >= 2)
        && !found.contains(", ");
    (international || national).then_some((Item::Phone(found), length))
}

/// "#456712".
fn numbered(text: &str) -> Found<'_> {
    let digits = leading_digits(text.strip_prefix('#')?);
    (!digits.is_empty()).then_some((Item::Numbered(digits), digits.len() + 1))
}

/// "A7-93", "XK42": capitals and digits; not "COVID-19", "A4" or "3D", which are read as words.
fn identifier(text: &str) -> Found<'_> {
    let length = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .unwrap_or(text.len());
    let id = text[..length].trim_end_matches('-');
    let letters = id
        .split(|c: char| !c.is_ascii_uppercase())
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fits = id
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-')
        && (1..=3).contains(&letters)
        && id.bytes().any(|b| b.is_ascii_digit())
        && (3..=24).contains(&id.len());
    fits.then_some((Item::Identifier(id), id.len()))
}

/// Long numbers are names, not quantities, unless they are round; so are those that start with 0.
fn digits(text: &str) -> Found<'_> {
    let length = text
        .find(|c: char| !c.is_ascii_digit() && c != '-')
        .unwrap_or(text.len());
    let number = text[..length].trim_end_matches('-');
    let count = number.bytes().filter(u8::is_ascii_digit).count();
    let name = (number.starts_with('0') && count >= 2)
        || (count >= 5 && !number.ends_with("000"))
        || count > 9;
    name.then_some((Item::Digits(number), number.len()))
}

/// "info@shop.com", "www.shop.com".
fn address(text: &str) -> Found<'_> {
    const ENDS: [&str; 16] = [
        "com", "org", "net", "info", "eu", "uk", "de", "fr", "es", "io", "gov", "edu", "app",
        "shop", "example", "test",
    ];
    let fits = |c: char| c.is_ascii_alphanumeric() || "@._-/+".contains(c);
    let address =
        text[..text.find(|c| !fits(c)).unwrap_or(text.len())].trim_end_matches(['.', '-', '/']);
    let host = address.split('@').next_back()?.split('/').next()?;
    let (name, end) = host.rsplit_once('.')?;
    let fits = ENDS.contains(&end)
        && address.matches('@').count() <= 1
        && !name.is_empty()
        && host.split('.').all(|part| !part.is_empty())
        && name.contains(|c: char| c.is_ascii_alphabetic());
    fits.then_some((Item::Address(address), address.len()))
}
