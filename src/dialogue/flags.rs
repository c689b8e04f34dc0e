//! Red flags: words that come before everything else, such as an emergency or a fraud. Reads
//! `flags.toml` and finds them in what was said. Decides what counts as said: by words in their order
//! with small gaps, by stem and, for long words, by sound; not when it is denied ("I have no chest
//! pain", "the pain is gone") and not inside a phrase that the business excepts. What is then done is
//! the task that the flag names.
//!
//! When in doubt a flag is raised: to ask once too often costs a sentence, to miss one may cost more.

mod find;
mod negation;

use super::spoken::Language;
use find::Phrase;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// What is wrong with `flags.toml`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct FlagError {
    /// From 1.
    pub line: usize,
    pub what: String,
}

/// The red flags of a business, the most urgent first: the order they are written in.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    flags: Vec<Flag>,
}

/// One red flag.
#[derive(Clone, Debug)]
pub struct Flag {
    pub name: String,
    /// The task that deals with it.
    pub does: String,
    /// The line that names the task, from 1: whether there is such a task is checked by who knows
    /// the tasks.
    pub line: usize,
    english: Spoken,
    spanish: Spoken,
}

/// A flag's phrases in one language.
#[derive(Clone, Debug, Default)]
struct Spoken {
    phrases: Vec<Phrase>,
    unless: Vec<Phrase>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawFlag {
    /// The task that deals with it.
    #[schemars(with = "String")]
    does: Spanned<String>,
    /// Phrases that raise it, in English.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    en: Vec<Spanned<String>>,
    /// Phrases that raise it, in Spanish.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    es: Vec<Spanned<String>>,
    /// Phrases, of any language, that are harmless although they sound like it.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    unless: Vec<Spanned<String>>,
}

/// The JSON Schema of `flags.toml`.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(BTreeMap<String, RawFlag>).to_value()
}

impl Flags {
    /// Reads `flags.toml`: a table per flag with `does`, the phrases in `en` and `es`, and `unless`.
    ///
    /// # Errors
    /// What is wrong first: an unknown key, a flag without phrases, a phrase that says nothing.
    pub fn parse(text: &str) -> Result<Self, FlagError> {
        let line = |at: usize| {
            let before = text.as_bytes().get(..at).unwrap_or_default();
            1 + before.iter().filter(|&&byte| byte == b'\n').count()
        };
        let raw: BTreeMap<Spanned<String>, RawFlag> =
            toml::from_str(text).map_err(|error| FlagError {
                line: line(error.span().map_or(0, |span| span.start)),
                what: error
                    .message()
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
            })?;
        let mut raw: Vec<(Spanned<String>, RawFlag)> = raw.into_iter().collect();
        raw.sort_by_key(|(name, _)| name.span().start);
        let mut flags = Vec::new();
        for (name, raw) in raw {
            let wrong = |at: usize, what: &str| FlagError {
                line: line(at),
                what: format!("flag {:?}: {what}", name.get_ref()),
            };
            if raw.does.get_ref().trim().is_empty() {
                return Err(wrong(raw.does.span().start, "`does` names no task"));
            }
            if raw.en.is_empty() && raw.es.is_empty() {
                return Err(wrong(name.span().start, "no phrases: write `en` or `es`"));
            }
            let read = |texts: &[Spanned<String>], language: Language| {
                let phrase = |text: &Spanned<String>| {
                    Phrase::new(text.get_ref(), language)
                        .ok_or_else(|| wrong(text.span().start, "a phrase without telling words"))
                };
                texts.iter().map(phrase).collect::<Result<Vec<_>, _>>()
            };
            let spoken = |texts: &[Spanned<String>], language: Language| {
                Ok(Spoken {
                    phrases: read(texts, language)?,
                    unless: read(&raw.unless, language)?,
                })
            };
            flags.push(Flag {
                english: spoken(&raw.en, Language::English)?,
                spanish: spoken(&raw.es, Language::Spanish)?,
                line: line(raw.does.span().start),
                name: name.get_ref().clone(),
                does: raw.does.get_ref().clone(),
            });
        }
        Ok(Self { flags })
    }

    /// All of them, the most urgent first.
    pub fn all(&self) -> &[Flag] {
        &self.flags
    }

    /// The most urgent flag in the words as recognised.
    pub fn find<S: AsRef<str>>(&self, words: &[S], language: Language) -> Option<&Flag> {
        if self.flags.is_empty() {
            return None;
        }
        let heard = find::Heard::new(words, language);
        self.flags.iter().find(|flag| {
            let spoken = flag.spoken(language);
            heard.raises(&spoken.phrases, &spoken.unless)
        })
    }
}

impl Flag {
    fn spoken(&self, language: Language) -> &Spoken {
        match language {
            Language::English => &self.english,
            Language::Spanish => &self.spanish,
        }
    }
}

#[cfg(test)]
#[path = "flags/tests.rs"]
mod tests;
