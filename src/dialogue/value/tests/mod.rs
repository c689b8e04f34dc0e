//! Tables of phrasings, a file for each kind, and properties of any words.

mod amounts;
mod choices;
mod dates;
mod digits;
mod properties;
mod spelling;
mod times;
mod yes_no;

pub(super) use super::*;
pub(super) use crate::dialogue::words::tokens_of;

/// A Sunday.
pub(super) fn now() -> DateTime {
    jiff::civil::date(2026, 11, 29).at(10, 0, 0, 0)
}

/// All values found, "a | b".
pub(super) fn values(found: &[Found]) -> String {
    let values: Vec<&str> = found.iter().map(|found| found.value.as_str()).collect();
    values.join(" | ")
}

pub(super) fn said(kind: &Kind, text: &str, language: Language, asked: bool) -> Vec<Found> {
    find(kind, &tokens_of(text), language, now(), asked)
}

/// Holds every row of a table, and tells all that fail.
pub(super) fn hold(kind: &Kind, language: Language, asked: bool, table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(text, want)| {
            let got = values(&said(kind, text, language, asked));
            (got != *want).then(|| format!("{text:?}: {got:?}, not {want:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Like [`hold`], with the alternatives: "a / b".
pub(super) fn hold_readings(kind: &Kind, language: Language, table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(text, want)| {
            let found = said(kind, text, language, true);
            let got = found.first().map_or(String::new(), |found| {
                let mut all = vec![found.value.clone()];
                all.extend(found.alternatives.iter().cloned());
                all.join(" / ")
            });
            (got != *want).then(|| format!("{text:?}: {got:?}, not {want:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
