//! Parts of a day: "in the morning", "after three", "before noon", "por la tarde". Decides from when to
//! when; whether anything is free then is the back end's.

use super::said::Said;
use super::time::{Clock, clock};
use crate::dialogue::spoken::Language;
use crate::dialogue::words::Token;
use jiff::civil::Time;

/// From one time of day up to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from: Time,
    pub to: Time,
}

const ENGLISH: [(&str, i8, i8); 20] = [
    ("morning", 6, 12),
    ("early morning", 6, 9),
    ("early in the morning", 6, 9),
    ("late morning", 10, 12),
    ("first thing", 6, 10),
    ("forenoon", 6, 12),
    ("lunch", 12, 14),
    ("lunchtime", 12, 14),
    ("midday", 11, 14),
    ("afternoon", 12, 18),
    ("early afternoon", 12, 15),
    ("early in the afternoon", 12, 15),
    ("late afternoon", 15, 18),
    ("late in the afternoon", 15, 18),
    ("evening", 17, 21),
    ("tonight", 17, 24),
    ("night", 19, 24),
    ("after work", 17, 21),
    ("after lunch", 13, 18),
    ("end of the day", 15, 18),
];
const SPANISH: [(&str, i8, i8); 15] = [
    ("la manana", 6, 12),
    ("esta manana", 6, 12),
    ("primera hora", 6, 10),
    ("primera hora de la manana", 6, 10),
    ("mediodia", 11, 14),
    ("la tarde", 12, 20),
    ("esta tarde", 12, 20),
    ("tardecita", 15, 20),
    ("primera hora de la tarde", 12, 15),
    ("ultima hora de la tarde", 17, 20),
    ("ultima hora", 16, 20),
    ("la noche", 20, 24),
    ("esta noche", 20, 24),
    ("despues de comer", 14, 20),
    ("despues del trabajo", 17, 21),
];

/// The part of the day that is named, if any.
pub fn period(tokens: &[Token], language: Language) -> Option<Period> {
    let said = Said::new(tokens, language);
    bounds(&said).or_else(|| named(&said))
}

fn span(from: i8, to: i8) -> Period {
    let at = |hour: i8| {
        if hour >= 24 {
            Time::constant(23, 59, 0, 0)
        } else {
            Time::new(hour, 0, 0, 0).unwrap_or_default()
        }
    };
    Period {
        from: at(from),
        to: at(to),
    }
}

fn named(said: &Said<'_>) -> Option<Period> {
    let phrases: &[(&str, i8, i8)] = match said.language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    };
    (0..said.len()).find_map(|at| {
        // "good morning", "buenas tardes" greet.
        if said.before(at) == "good" {
            return None;
        }
        phrases
            .iter()
            .filter_map(|&(phrase, from, to)| Some((said.phrase(at, phrase)?, span(from, to))))
            .max_by_key(|&(end, _)| end)
            .map(|(_, period)| period)
    })
}

/// "after three", "before noon", "between two and four", "from nine to eleven".
fn bounds(said: &Said<'_>) -> Option<Period> {
    let (after, before, between, and): (&[&str], &[&str], &[&str], &[&str]) = match said.language {
        Language::English => (
            &["after", "any time after", "from", "later than"],
            &["before", "by", "earlier than", "until", "no later than"],
            &["between", "from"],
            &["and", "to", "till", "until"],
        ),
        Language::Spanish => (
            &["despues de", "a partir de", "pasadas", "desde"],
            &["antes de", "hasta", "antes del"],
            &["entre", "de", "desde"],
            &["y", "a", "hasta"],
        ),
    };
    let usual = |clock: &Clock| clock.readings().first().copied();
    (0..said.len()).find_map(|at| {
        if let Some(start) = said.any(at, between)
            && let Some(first) = clock(said, start)
            && let Some(second) = said.any(first.words.end, and)
            && let Some(last) = clock(said, second)
        {
            let (mut from, to) = (usual(&first)?, usual(&last)?);
            // "between ten and one", "from two to four pm"
            if from > to {
                from = first.readings().into_iter().rfind(|time| *time < to)?;
            }
            return Some(Period { from, to });
        }
        if let Some(start) = said.any(at, after)
            && let Some(time) = clock(said, start)
        {
            return Some(Period {
                from: usual(&time)?,
                to: span(0, 24).to,
            });
        }
        let start = said.any(at, before)?;
        Some(Period {
            from: Time::midnight(),
            to: usual(&clock(said, start)?)?,
        })
    })
}
