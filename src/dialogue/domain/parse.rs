//! Reads the files of a business, strictly: unknown keys, dangling names and doubled menu keys are
//! errors that say file, line and the nearest name that exists. The offending line itself is never
//! printed, since a business may keep things in its files that do not belong into a log.

mod forms;
mod intents;
mod prompts;

use super::Domain;
use crate::dialogue::hours::{Day, parse_day};
use crate::dialogue::intent::Ranker;
use crate::dialogue::table::Table;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use toml::Spanned;

/// What is wrong with a business's files.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {what}\nhint: {hint}")]
pub struct DomainError {
    pub file: String,
    /// From 1.
    pub line: usize,
    pub what: String,
    pub hint: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDomain {
    name: String,
    title: String,
    language: Spanned<String>,
    #[serde(default)]
    bias: String,
    hours: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    holidays: BTreeMap<Spanned<String>, Spanned<String>>,
}

const WEEK: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// One of the files, for messages.
struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn error(&self, at: usize, what: impl Into<String>, hint: impl Into<String>) -> DomainError {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        DomainError {
            file: self.file.to_owned(),
            line,
            what: what.into(),
            hint: hint.into(),
        }
    }

    fn toml<T: DeserializeOwned>(&self) -> Result<T, DomainError> {
        toml::from_str(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let (what, hint) = explain(error.message());
            self.error(at, what, hint)
        })
    }

    /// Checks that `name` is one of `known`.
    fn known<'b>(
        &self,
        name: &Spanned<String>,
        kind: &str,
        known: impl Iterator<Item = &'b str>,
    ) -> Result<String, DomainError> {
        let wanted = name.get_ref();
        let known: Vec<&str> = known.collect();
        if known.contains(&wanted.as_str()) {
            return Ok(wanted.clone());
        }
        Err(self.error(
            name.span().start,
            format!("there is no {kind} {wanted:?}"),
            nearest(wanted, &known),
        ))
    }
}

/// Turns serde's message into what is wrong and what to do.
fn explain(message: &str) -> (String, String) {
    let message = message.trim();
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let mut quoted = message.split('`').skip(1).step_by(2);
        if let Some(wrong) = quoted.next() {
            let known: Vec<&str> = quoted.collect();
            let kind = if message.starts_with("unknown field") {
                "key"
            } else {
                "value"
            };
            return (format!("unknown {kind} {wrong:?}"), nearest(wrong, &known));
        }
    }
    (
        message.lines().next().unwrap_or_default().to_owned(),
        "compare with the sample shop's file of the same name".into(),
    )
}

fn nearest(wrong: &str, known: &[&str]) -> String {
    let close = |name: &&&str| (1000.0 * (1.0 - strsim::jaro_winkler(wrong, name))) as u32;
    match known.iter().min_by_key(close) {
        Some(name) => format!("did you mean {name:?}?"),
        None => "there is none yet".into(),
    }
}

/// Reads all files; the digest is the caller's.
pub(super) fn parse(files: &BTreeMap<String, String>) -> Result<Domain, DomainError> {
    let source = |name: &str| source(files, name);
    let mut domain = general(&source("domain.toml")?)?;
    domain.tables = tables(files)?;
    let wording = source(&format!("prompts.{}.toml", domain.language))?;
    domain.forms = forms::forms(&source("forms.toml")?, &wording, &domain.tables)?;
    domain.prompts = prompts::read_prompts(&wording, &domain)?;
    domain.knowledge = prompts::knowledge(&source(&format!("knowledge.{}.md", domain.language))?)?;
    let (intents, examples) = intents::intents(&source("intents.toml")?, &domain)?;
    domain.ranker = Ranker::train(&examples);
    domain.beginnings = intents::beginnings(&examples);
    domain.intents = intents;
    Ok(domain)
}

fn source<'a>(files: &'a BTreeMap<String, String>, name: &str) -> Result<Source<'a>, DomainError> {
    match files.get_key_value(name) {
        Some((file, text)) => Ok(Source { file, text }),
        None => Err(DomainError {
            file: name.to_owned(),
            line: 1,
            what: "the file is missing".into(),
            hint: "a business is a folder with domain.toml, intents.toml, forms.toml, prompts.<language>.toml, \
                   knowledge.<language>.md and its tables"
                .into(),
        }),
    }
}

fn general(source: &Source<'_>) -> Result<Domain, DomainError> {
    let raw: RawDomain = source.toml()?;
    source.known(&raw.language, "language", ["en"].into_iter())?;
    let mut domain = Domain {
        name: raw.name,
        title: raw.title,
        language: raw.language.into_inner(),
        bias: raw.bias,
        ..Domain::default()
    };
    for (day, hours) in &raw.hours {
        let day = source.known(day, "weekday", WEEK.into_iter())?;
        let index = WEEK.iter().position(|&name| name == day).unwrap_or(0);
        domain.hours.week[index] = opening(source, hours)?;
    }
    for (day, hours) in &raw.holidays {
        let read = |text: &str| {
            let (month, day) = text.split_once('-')?;
            // 2024 is a leap year: the 29th of February is a day.
            let date = jiff::civil::Date::new(2024, month.parse().ok()?, day.parse().ok()?).ok()?;
            Some((date.month(), date.day()))
        };
        let wrong = || {
            source.error(
                day.span().start,
                "a holiday that is no day of the year",
                "write month-day: \"12-25\"",
            )
        };
        let key = read(day.get_ref()).ok_or_else(wrong)?;
        domain.hours.holidays.insert(key, opening(source, hours)?);
    }
    Ok(domain)
}

fn opening(source: &Source<'_>, hours: &Spanned<String>) -> Result<Day, DomainError> {
    let hint = "write \"09:00-18:00\" or \"closed\"";
    parse_day(hours.get_ref())
        .ok_or_else(|| source.error(hours.span().start, "these are no opening hours", hint))
}

fn tables(files: &BTreeMap<String, String>) -> Result<BTreeMap<String, Table>, DomainError> {
    let mut out = BTreeMap::new();
    for (file, text) in files {
        let Some(name) = file.strip_suffix(".csv") else {
            continue;
        };
        let table = Table::parse(text).map_err(|error| DomainError {
            file: file.clone(),
            line: error.line,
            what: error.what,
            hint: "one line per record, fields between commas, quotes around a field with a comma"
                .into(),
        })?;
        out.insert(name.to_owned(), table);
    }
    Ok(out)
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
