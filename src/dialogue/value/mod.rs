//! What callers say as values: numbers, money, days, times, letters, names of choices, yes and no; in
//! every language of [`Language`]. Pure: the same words and the same `now` give the same values.
//!
//! Decides which values were said and how surely; what they are for, and whether to read them back,
//! is the dialogue's business. `said` holds the words of a turn, `number` the number words; each kind
//! of value has its own file; `settle` drops what a caller takes back.

mod amount;
mod choice;
mod choice_match;
mod count;
mod date;
mod date_relative;
mod date_words;
mod digits;
mod keys;
mod letter_words;
mod letters;
mod number;
mod period;
mod regroup;
mod said;
mod settle;
mod time;
pub mod tongue;
mod yes_no;

pub use choice::{Choice, choose};
pub use keys::{Keyed, keyed, keypad};
pub use period::{Period, period};
pub use regroup::{regroup, regroup_said};
pub use tongue::language_of;
pub use yes_no::{YesNo, yes_no};

use super::reply::Confidence;
use super::spoken::Language;
use super::words::Token;
use jiff::civil::DateTime;
use said::Said;
use std::ops::Range;

/// What kind of value a question asks for. Values are texts in one canonical form each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// So many digits: "456712".
    Digits { min: u8, max: u8 },
    /// Money in minor units: "5000" is fifty dollars.
    Amount,
    /// A natural number: "12".
    Count,
    /// "2026-11-29".
    Date,
    /// "14:30".
    Time,
    /// Spelled letters, capitals: "SMITH".
    Letters { min: u8, max: u8 },
    /// Letters and digits, capitals: "SW1A1AA".
    Code { min: u8, max: u8 },
    /// Digits, with a plus in front where it was said: "+12025550123".
    Phone,
    /// "yes" or "no".
    YesNo,
    /// The words themselves, without hesitation and courtesy.
    Text,
}

impl Kind {
    /// Whether `value` is a whole value of this kind, as far as its length tells.
    pub fn fits(&self, value: &str) -> bool {
        let count = value.chars().filter(|c| c.is_alphanumeric()).count();
        match self {
            Self::Digits { min, max } | Self::Letters { min, max } | Self::Code { min, max } => {
                digits::Fit::new(*min, *max).has(count)
            }
            Self::Phone => digits::PHONE.has(count),
            _ => !value.is_empty(),
        }
    }
}

/// A value that was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// In the canonical form of its [`Kind`].
    pub value: String,
    /// Other readings of the same words, likelier first: "three" is 15:00 or else 03:00.
    pub alternatives: Vec<String>,
    /// The words it was read from.
    pub words: Range<usize>,
    /// 0 where the value is too long for its kind: never to be taken.
    pub confidence: Confidence,
    /// Too short for its kind: surely goes on.
    pub partial: bool,
    /// The last word may go on to a longer value ("seventy …", "four hundred …").
    pub hanging: bool,
    /// The caller corrected himself: worth reading back.
    pub corrected: bool,
    /// Confidence of each digit or letter; for other kinds of each word.
    pub each: Vec<Confidence>,
}

impl Found {
    /// A value read from `words`; its confidence is that of the words.
    fn of(said: &Said<'_>, words: Range<usize>, value: String) -> Self {
        let each: Vec<Confidence> = said.tokens[words.clone()]
            .iter()
            .map(|token| token.confidence)
            .collect();
        Self {
            value,
            confidence: overall(&each),
            words,
            each,
            ..Self::default()
        }
    }
}

/// Halfway between the mean and the worst: one doubtful word spoils the value.
fn overall(each: &[Confidence]) -> Confidence {
    let Some(&worst) = each.iter().min() else {
        return 0;
    };
    let sum: u32 = each.iter().map(|&one| u32::from(one)).sum();
    let mean = sum / u32::try_from(each.len()).unwrap_or(u32::MAX).max(1);
    u16::try_from((mean + u32::from(worst)) / 2).unwrap_or(1000)
}

/// The values of `kind` in `tokens`, in the order they were said, without those that the caller took
/// back. `asked`: this is the open question, so that a bare "fifty" is an amount; else only what can
/// hardly be anything else.
pub fn find(
    kind: &Kind,
    tokens: &[Token],
    language: Language,
    now: DateTime,
    asked: bool,
) -> Vec<Found> {
    let said = Said::new(tokens, language);
    let found = read(kind, &said, now, asked);
    match kind {
        Kind::Digits { .. } | Kind::Phone | Kind::Amount | Kind::Count => {
            beside_moments(found, &said, now, asked)
        }
        _ => found,
    }
}

/// Numbers that are part of a date or a time are no other numbers: "for four at seven", "on March 3
/// 1985". Where a number is asked for, it may be one all the same if there is no other.
fn beside_moments(found: Vec<Found>, said: &Said<'_>, now: DateTime, asked: bool) -> Vec<Found> {
    if found.is_empty() || (asked && found.len() == 1) {
        return found;
    }
    let mut moments = date::dates(said, now.date(), false);
    moments.extend(time::times(said, false));
    let inside = |one: &Found| {
        let overlaps = |moment: &Found| {
            moment.words.start < one.words.end && one.words.start < moment.words.end
        };
        moments.iter().any(overlaps)
    };
    let rest: Vec<Found> = found.iter().filter(|one| !inside(one)).cloned().collect();
    if rest.is_empty() && asked {
        found
    } else {
        rest
    }
}

fn read(kind: &Kind, said: &Said<'_>, now: DateTime, asked: bool) -> Vec<Found> {
    match kind {
        Kind::Digits { min, max } => digits::digits(said, digits::Fit::new(*min, *max), asked),
        Kind::Phone => digits::phone(said, asked),
        Kind::Amount => amount::amounts(said, asked),
        Kind::Count => count::counts(said, asked),
        Kind::Date => date::dates(said, now.date(), asked),
        Kind::Time => time::times(said, asked),
        Kind::Letters { min, max } => {
            letters::spelled(said, digits::Fit::new(*min, *max), false, asked)
        }
        Kind::Code { min, max } => {
            letters::spelled(said, digits::Fit::new(*min, *max), true, asked)
        }
        Kind::YesNo => answers(said),
        Kind::Text => texts(said, asked),
    }
}

fn answers(said: &Said<'_>) -> Vec<Found> {
    let Some(answer) = yes_no(said.tokens, said.language) else {
        return Vec::new();
    };
    let value = if answer.yes { "yes" } else { "no" };
    let mut found = Found::of(said, answer.words.clone(), value.to_owned());
    found.confidence = answer.confidence;
    vec![found]
}

/// The whole turn without what only surrounds it.
fn texts(said: &Said<'_>, asked: bool) -> Vec<Found> {
    const LEADS: [&[&str]; 2] = [
        &["my name is", "the name is", "this is", "it is", "its", "im"],
        &["me llamo", "mi nombre es", "soy", "es"],
    ];
    let (mut start, mut end) = (skip_polite(said, 0), said.len());
    let leads = match said.language {
        Language::English => LEADS[0],
        Language::Spanish => LEADS[1],
    };
    if let Some(after) = said.any(start, leads).filter(|&after| after < end) {
        start = skip_polite(said, after);
    }
    // At the end: the shortest tail that is nothing but courtesy.
    for tail in (start + 1..end).rev() {
        let words = said.slice(tail..end);
        let polite = tongue::is_hesitation(words[0], said.language)
            || tongue::courtesy(&words, said.language) == words.len();
        if polite {
            end = tail;
        }
    }
    let words: Vec<&str> = said.tokens[start..end]
        .iter()
        .map(|token| token.text.as_str())
        .collect();
    let only_thinking = words
        .iter()
        .all(|word| tongue::is_hesitation(&said::fold(word), said.language));
    if !asked || only_thinking {
        return Vec::new();
    }
    vec![Found::of(said, start..end, words.join(" "))]
}

/// Where hesitation and courtesy end that start at `start`; not beyond the last word.
fn skip_polite(said: &Said<'_>, mut start: usize) -> usize {
    loop {
        let words = said.slice(start..said.len());
        let skipped = match words.first() {
            Some(word) if tongue::is_hesitation(word, said.language) => 1,
            Some(_) => tongue::courtesy(&words, said.language),
            None => 0,
        };
        if skipped == 0 || start + skipped >= said.len() {
            return start;
        }
        start += skipped;
    }
}

#[cfg(test)]
mod tests;
