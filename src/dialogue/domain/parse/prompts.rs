//! `prompts.<language>.toml` and `knowledge.<language>.md`: everything that is said.

use super::{DomainError, Source, nearest};
use crate::dialogue::domain::Domain;
use crate::dialogue::prompt::{Prompt, Text};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPrompt {
    say: Option<Spanned<Texts>>,
    ask: Option<Spanned<Texts>>,
    retry: Option<Spanned<Texts>>,
    keys: Option<Spanned<Texts>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    Several(Vec<String>),
}

/// Statements that the policy makes.
const SAYS: [&str; 44] = [
    "welcome",
    "menu_item",
    "no_match",
    "no_input",
    "noise",
    "bad_key",
    "deaf",
    "help",
    "thanks",
    "greeting",
    "wait",
    "restart",
    "understood",
    "back_to_form",
    "bridge",
    "still_looking",
    "lookup_failed",
    "hours_open_now",
    "hours_opens_today",
    "hours_closed_now",
    "hours_day",
    "hours_day_closed",
    "hours_rows",
    "hours_row",
    "hours_closed_rows",
    "hours_closed_row",
    "person",
    "person_after_failures",
    "person_fault",
    "closing_person",
    "closing_goodbye",
    "goodbye",
    "goodbye_silence",
    "returned",
    "nobody",
    "still_nobody",
    "summary_nothing",
    "summary_open",
    "summary_open_number",
    "summary_done",
    "summary_requested",
    "summary_third_failure",
    "summary_fault",
    "summary_closing",
];
/// Questions that the policy asks.
const ASKS: [&str; 3] = ["main", "anything_else", "confirm_intent"];
/// Values that the policy fills in.
const VALUES: [&str; 17] = [
    "title", "label", "menu", "key", "part", "missing", "count", "open", "close", "day", "date",
    "from", "to", "topic", "given", "done", "language",
];
pub(super) fn read_prompts(
    source: &Source<'_>,
    domain: &Domain,
) -> Result<BTreeMap<String, Prompt>, DomainError> {
    let raw: BTreeMap<Spanned<String>, RawPrompt> = source.toml()?;
    let columns = domain
        .tables
        .values()
        .flat_map(|table| &table.columns)
        .map(String::as_str);
    let slots = domain
        .forms
        .values()
        .flat_map(|form| &form.slots)
        .map(|slot| slot.name.as_str());
    let places: BTreeSet<&str> = VALUES.into_iter().chain(columns).chain(slots).collect();
    let mut out = BTreeMap::new();
    for (name, prompt) in &raw {
        let texts = |texts: &Option<Spanned<Texts>>| read_texts(source, texts.as_ref(), &places);
        let prompt = Prompt {
            say: texts(&prompt.say)?,
            ask: texts(&prompt.ask)?,
            retry: texts(&prompt.retry)?,
            keys: texts(&prompt.keys)?,
        };
        if prompt.say.is_empty() == prompt.ask.is_empty() {
            let what = format!(
                "prompt {:?} is neither a statement nor a question",
                name.get_ref()
            );
            return Err(source.error(
                name.span().start,
                what,
                "give it say, or ask with retry and keys",
            ));
        }
        out.insert(name.get_ref().clone(), prompt);
    }
    let end = source.text.len();
    for (names, question) in [(&SAYS[..], false), (&ASKS[..], true)] {
        for name in names {
            if out
                .get(*name)
                .is_none_or(|prompt| prompt.ask.is_empty() == question)
            {
                let hint = if question {
                    "add it with ask, retry and keys"
                } else {
                    "add it with say"
                };
                return Err(source.error(end, format!("the prompt {name:?} is missing"), hint));
            }
        }
    }
    Ok(out)
}

fn read_texts(
    source: &Source<'_>,
    texts: Option<&Spanned<Texts>>,
    places: &BTreeSet<&str>,
) -> Result<Vec<Text>, DomainError> {
    let Some(texts) = texts else {
        return Ok(Vec::new());
    };
    let at = texts.span().start;
    let variants = match texts.get_ref() {
        Texts::One(text) => std::slice::from_ref(text),
        Texts::Several(several) => several,
    };
    if variants.is_empty() {
        return Err(source.error(at, "a prompt without a text", "write at least one"));
    }
    let mut out = Vec::new();
    for variant in variants {
        let text = Text::parse(variant)
            .map_err(|what| source.error(at, what, "write values as {name} or {name|id}"))?;
        if let Some(place) = text.places().find(|place| !places.contains(place)) {
            let known: Vec<&str> = places.iter().copied().collect();
            return Err(source.error(
                at,
                format!("there is no value {place:?}"),
                nearest(place, &known),
            ));
        }
        out.push(text);
    }
    Ok(out)
}

/// Sections (`## Title`) of a Markdown page.
pub(super) fn knowledge(source: &Source<'_>) -> Result<BTreeMap<String, Text>, DomainError> {
    let mut out = BTreeMap::new();
    let mut offset = 0;
    let mut section: Option<(usize, &str, String)> = None;
    let mut finish = |section: Option<(usize, &str, String)>| -> Result<(), DomainError> {
        let Some((at, title, body)) = section else {
            return Ok(());
        };
        if body.contains(['{', '}']) {
            return Err(source.error(
                at,
                "braces in a section that is read aloud",
                "write the value itself",
            ));
        }
        let text = Text::parse(&body).map_err(|_| {
            source.error(
                at,
                "a section without sentences",
                "write what is to be said",
            )
        })?;
        out.insert(title.to_owned(), text);
        Ok(())
    };
    for line in source.text.split_inclusive('\n') {
        if let Some(title) = line.strip_prefix("## ") {
            finish(section.replace((offset, title.trim(), String::new())))?;
        } else if let Some((_, _, body)) = &mut section {
            body.push(' ');
            body.push_str(line.trim());
        }
        offset += line.len();
    }
    finish(section)?;
    Ok(out)
}
