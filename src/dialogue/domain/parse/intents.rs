//! `intents.toml`: what callers want, with the examples that the ranker learns from.

use super::{DomainError, Source};
use crate::dialogue::domain::{Command, Does, Domain, Intent};
use crate::dialogue::intent::{DAY, NUMBER};
use crate::dialogue::understand::stand_in;
use crate::dialogue::words::essence;
use crate::dialogue::words::tokens_of;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIntent {
    form: Option<Spanned<String>>,
    say: Option<Spanned<String>>,
    knowledge: Option<Spanned<String>>,
    #[serde(default)]
    hours: bool,
    command: Option<Command>,
    key: Option<Spanned<String>>,
    label: Spanned<String>,
    #[serde(default)]
    menu: String,
    #[serde(default)]
    whole_turn: bool,
    examples: Spanned<Vec<String>>,
}

/// Sentences, each with the index of its intent.
pub(super) type Examples = Vec<(usize, Vec<String>)>;

pub(super) fn intents(
    source: &Source<'_>,
    domain: &Domain,
) -> Result<(Vec<Intent>, Examples), DomainError> {
    let raw: BTreeMap<Spanned<String>, RawIntent> = source.toml()?;
    let mut intents: Vec<Intent> = Vec::new();
    let mut examples = Examples::new();
    for (name, raw) in raw {
        let does = does(source, &name, &raw, domain)?;
        let key = menu_key(source, &raw, &intents)?;
        if key.is_some() && raw.menu.is_empty() {
            return Err(source.error(
                name.span().start,
                "an intent with a key needs words for the menu",
                "add menu = \"…\"",
            ));
        }
        let at = raw.examples.span().start;
        for example in raw.examples.get_ref() {
            let words = example_words(example);
            if words.is_empty() {
                return Err(source.error(at, "an example without words", "write what callers say"));
            }
            examples.push((intents.len(), words));
        }
        if raw.examples.get_ref().is_empty() {
            return Err(source.error(
                at,
                "an intent without examples",
                "write what callers say, 8 to 20 ways",
            ));
        }
        let label = raw.label.into_inner();
        intents.push(Intent {
            name: name.into_inner(),
            does,
            key,
            label,
            menu: raw.menu,
            whole_turn: raw.whole_turn,
        });
    }
    for command in [Command::Person, Command::Goodbye] {
        if !intents
            .iter()
            .any(|intent| intent.does == Does::Command(command))
        {
            let what = format!("no intent has the command {command:?}: callers could not get out");
            return Err(source.error(
                source.text.len(),
                what.to_lowercase(),
                "copy it from the sample shop",
            ));
        }
    }
    Ok((intents, examples))
}

/// Every beginning of every example, without courtesy.
pub(super) fn beginnings(examples: &Examples) -> BTreeSet<String> {
    let mut beginnings = BTreeSet::new();
    for (_, words) in examples {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let words = essence(&words);
        beginnings.extend((1..words.len()).map(|length| words[..length].join(" ")));
    }
    beginnings
}

/// The words of an example, with stand-ins for its places.
fn example_words(example: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in example.split_whitespace() {
        match word.trim_matches(|c: char| c.is_ascii_punctuation() && c != '{' && c != '}') {
            "{day}" => words.push(DAY.to_owned()),
            place if place.starts_with('{') => words.push(NUMBER.to_owned()),
            word => words.extend(
                tokens_of(word)
                    .into_iter()
                    .map(|token| stand_in(token.text)),
            ),
        }
    }
    words
}

fn does(
    source: &Source<'_>,
    name: &Spanned<String>,
    raw: &RawIntent,
    domain: &Domain,
) -> Result<Does, DomainError> {
    let mut all = Vec::new();
    if let Some(form) = &raw.form {
        all.push(Does::Form(source.known(
            form,
            "form",
            domain.forms.keys().map(String::as_str),
        )?));
    }
    if let Some(prompt) = &raw.say {
        all.push(Does::Say(source.known(
            prompt,
            "prompt",
            domain.prompts.keys().map(String::as_str),
        )?));
    }
    if let Some(section) = &raw.knowledge {
        all.push(Does::Knowledge(source.known(
            section,
            "section",
            domain.knowledge.keys().map(String::as_str),
        )?));
    }
    all.extend(raw.hours.then_some(Does::Hours));
    all.extend(raw.command.map(Does::Command));
    match (all.pop(), all.is_empty()) {
        (Some(does), true) => Ok(does),
        _ => {
            let what = format!("intent {:?} must do exactly one thing", name.get_ref());
            Err(source.error(
                name.span().start,
                what,
                "give it one of form, say, knowledge, hours, command",
            ))
        }
    }
}

fn menu_key(
    source: &Source<'_>,
    raw: &RawIntent,
    before: &[Intent],
) -> Result<Option<char>, DomainError> {
    let Some(key) = &raw.key else { return Ok(None) };
    let at = key.span().start;
    let mut chars = key.get_ref().chars();
    let (Some(digit @ '0'..='9'), None) = (chars.next(), chars.next()) else {
        return Err(source.error(at, "a menu key is one digit", "write key = \"1\""));
    };
    if digit == '0' && raw.command != Some(Command::Person) {
        return Err(source.error(at, "key 0 is for the person", "take another key"));
    }
    match before.iter().find(|intent| intent.key == Some(digit)) {
        Some(other) => Err(source.error(
            at,
            format!("key {digit} is already {:?}'s", other.name),
            "take another key",
        )),
        None => Ok(Some(digit)),
    }
}
