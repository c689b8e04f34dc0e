//! Reads the files of a business, strictly: unknown keys, dangling names and doubled menu keys are
//! errors that say file, line and the nearest name that exists. The offending line itself is never
//! printed, since a business may keep things in its files that do not belong into a log.

use super::{Command, Does, Domain, Form, Intent, Slot, SlotKind};
use crate::dialogue::hours::parse_day;
use crate::dialogue::intent::{DAY, NUMBER, Ranker};
use crate::dialogue::prompt::{Prompt, Text};
use crate::dialogue::table::Table;
use crate::dialogue::understand::stand_in;
use crate::dialogue::words::tokens_of;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawForm {
    lookup: Spanned<String>,
    answer_by: Spanned<String>,
    answers: BTreeMap<String, Spanned<String>>,
    not_found: Spanned<String>,
    topic: String,
    slots: Spanned<Vec<RawSlot>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSlot {
    name: Spanned<String>,
    kind: Spanned<RawKind>,
    digits: Option<u8>,
    confirm_below: u16,
    reject_below: u16,
    #[serde(default)]
    bias: String,
    prompt: Spanned<String>,
    confirm: Spanned<String>,
    part: Spanned<String>,
    few: Spanned<String>,
    many: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawKind {
    Digits,
}

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
    "welcome", "menu_item", "no_match", "no_input", "noise", "bad_key", "deaf", "help", "thanks", "greeting", "wait",
    "restart", "understood", "back_to_form", "bridge", "still_looking", "lookup_failed", "hours_open_now",
    "hours_opens_today", "hours_closed_now", "hours_day", "hours_day_closed", "hours_rows", "hours_row",
    "hours_closed_rows", "hours_closed_row", "person", "person_after_failures", "person_fault", "closing_person",
    "closing_goodbye", "goodbye", "goodbye_silence", "returned", "nobody", "still_nobody", "summary_nothing",
    "summary_open", "summary_open_number", "summary_done", "summary_requested", "summary_third_failure",
    "summary_fault", "summary_closing",
];
/// Questions that the policy asks.
const ASKS: [&str; 3] = ["main", "anything_else", "confirm_intent"];
/// Values that the policy fills in.
const VALUES: [&str; 17] = [
    "title", "label", "menu", "key", "part", "missing", "count", "open", "close", "day", "date", "from", "to", "topic",
    "given", "done", "language",
];
const WEEK: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// One of the files, for messages.
struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn error(&self, at: usize, what: impl Into<String>, hint: impl Into<String>) -> DomainError {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        DomainError { file: self.file.to_owned(), line, what: what.into(), hint: hint.into() }
    }

    fn toml<T: DeserializeOwned>(&self) -> Result<T, DomainError> {
        toml::from_str(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let (what, hint) = explain(error.message());
            self.error(at, what, hint)
        })
    }

    /// Checks that `name` is one of `known`.
    fn known<'b>(&self, name: &Spanned<String>, kind: &str, known: impl Iterator<Item = &'b str>) -> Result<String, DomainError> {
        let wanted = name.get_ref();
        let known: Vec<&str> = known.collect();
        if known.contains(&wanted.as_str()) {
            return Ok(wanted.clone());
        }
        Err(self.error(name.span().start, format!("there is no {kind} {wanted:?}"), nearest(wanted, &known)))
    }
}

/// Turns serde's message into what is wrong and what to do.
fn explain(message: &str) -> (String, String) {
    let message = message.trim();
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let mut quoted = message.split('`').skip(1).step_by(2);
        if let Some(wrong) = quoted.next() {
            let known: Vec<&str> = quoted.collect();
            let kind = if message.starts_with("unknown field") { "key" } else { "value" };
            return (format!("unknown {kind} {wrong:?}"), nearest(wrong, &known));
        }
    }
    (message.lines().next().unwrap_or_default().to_owned(), "compare with the sample shop's file of the same name".into())
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
    let prompts = source(&format!("prompts.{}.toml", domain.language))?;
    domain.forms = forms(&source("forms.toml")?, &prompts, &domain.tables)?;
    domain.prompts = read_prompts(&prompts, &domain)?;
    domain.knowledge = knowledge(&source(&format!("knowledge.{}.md", domain.language))?)?;
    let (intents, examples) = intents(&source("intents.toml")?, &domain)?;
    domain.ranker = Ranker::train(&examples);
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
    let mut domain = Domain { name: raw.name, title: raw.title, language: raw.language.into_inner(), bias: raw.bias, ..Domain::default() };
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
        let wrong = || source.error(day.span().start, "a holiday that is no day of the year", "write month-day: \"12-25\"");
        let key = read(day.get_ref()).ok_or_else(wrong)?;
        domain.hours.holidays.insert(key, opening(source, hours)?);
    }
    Ok(domain)
}

fn opening(source: &Source<'_>, hours: &Spanned<String>) -> Result<crate::dialogue::hours::Day, DomainError> {
    let hint = "write \"09:00-18:00\" or \"closed\"";
    parse_day(hours.get_ref()).ok_or_else(|| source.error(hours.span().start, "these are no opening hours", hint))
}

fn tables(files: &BTreeMap<String, String>) -> Result<BTreeMap<String, Table>, DomainError> {
    let mut out = BTreeMap::new();
    for (file, text) in files {
        let Some(name) = file.strip_suffix(".csv") else { continue };
        let table = Table::parse(text).map_err(|error| DomainError {
            file: file.clone(),
            line: error.line,
            what: error.what,
            hint: "one line per record, fields between commas, quotes around a field with a comma".into(),
        })?;
        out.insert(name.to_owned(), table);
    }
    Ok(out)
}

fn forms(source: &Source<'_>, prompts: &Source<'_>, tables: &BTreeMap<String, Table>) -> Result<BTreeMap<String, Form>, DomainError> {
    let raw: BTreeMap<String, RawForm> = source.toml()?;
    let named: BTreeMap<String, toml::Value> = prompts.toml()?;
    let prompt = |name: &Spanned<String>| source.known(name, "prompt", named.keys().map(String::as_str));
    raw.into_iter().map(|(name, form)| Ok((name, read_form(source, form, &prompt, tables)?))).collect()
}

fn read_form(
    source: &Source<'_>,
    raw: RawForm,
    prompt: &dyn Fn(&Spanned<String>) -> Result<String, DomainError>,
    tables: &BTreeMap<String, Table>,
) -> Result<Form, DomainError> {
    let lookup = source.known(&raw.lookup, "table", tables.keys().map(String::as_str))?;
    let columns = || tables.get(&lookup).into_iter().flat_map(|table| &table.columns).map(String::as_str);
    if raw.slots.get_ref().is_empty() {
        return Err(source.error(raw.slots.span().start, "a form without slots", "add a [[….slots]] table"));
    }
    let mut slots = Vec::new();
    for slot in raw.slots.into_inner() {
        let at = slot.kind.span().start;
        let RawKind::Digits = slot.kind.into_inner();
        let count = slot.digits.filter(|count| (3..=20).contains(count));
        let count = count.ok_or_else(|| source.error(at, "how many digits?", "add digits = 6 (3 to 20)"))?;
        if slot.reject_below > slot.confirm_below || slot.confirm_below > 1000 {
            let hint = "reject_below <= confirm_below <= 1000, both per mille";
            return Err(source.error(at, "the confidence limits are out of order", hint));
        }
        slots.push(Slot {
            name: source.known(&slot.name, "column", columns())?,
            kind: SlotKind::Digits(usize::from(count)),
            confirm_below: slot.confirm_below,
            reject_below: slot.reject_below,
            bias: slot.bias,
            prompt: prompt(&slot.prompt)?,
            confirm: prompt(&slot.confirm)?,
            part: prompt(&slot.part)?,
            few: prompt(&slot.few)?,
            many: prompt(&slot.many)?,
        });
    }
    let answer_by = source.known(&raw.answer_by, "column", columns())?;
    let answers: BTreeMap<String, String> =
        raw.answers.iter().map(|(value, name)| Ok((value.clone(), prompt(name)?))).collect::<Result<_, DomainError>>()?;
    for row in tables.get(&lookup).into_iter().flat_map(|table| &table.rows) {
        if let Some(value) = row.get(&answer_by).filter(|value| !answers.contains_key(*value)) {
            let what = format!("no answer for {answer_by} {value:?}, which the table {lookup} has");
            return Err(source.error(raw.answer_by.span().start, what, "add it under answers"));
        }
    }
    Ok(Form { slots, answers, answer_by, not_found: prompt(&raw.not_found)?, topic: raw.topic, lookup })
}

fn read_prompts(source: &Source<'_>, domain: &Domain) -> Result<BTreeMap<String, Prompt>, DomainError> {
    let raw: BTreeMap<Spanned<String>, RawPrompt> = source.toml()?;
    let columns = domain.tables.values().flat_map(|table| &table.columns).map(String::as_str);
    let slots = domain.forms.values().flat_map(|form| &form.slots).map(|slot| slot.name.as_str());
    let places: BTreeSet<&str> = VALUES.into_iter().chain(columns).chain(slots).collect();
    let mut out = BTreeMap::new();
    for (name, prompt) in &raw {
        let texts = |texts: &Option<Spanned<Texts>>| read_texts(source, texts.as_ref(), &places);
        let prompt = Prompt { say: texts(&prompt.say)?, ask: texts(&prompt.ask)?, retry: texts(&prompt.retry)?, keys: texts(&prompt.keys)? };
        if prompt.say.is_empty() == prompt.ask.is_empty() {
            let what = format!("prompt {:?} is neither a statement nor a question", name.get_ref());
            return Err(source.error(name.span().start, what, "give it say, or ask with retry and keys"));
        }
        out.insert(name.get_ref().clone(), prompt);
    }
    let end = source.text.len();
    for (names, question) in [(&SAYS[..], false), (&ASKS[..], true)] {
        for name in names {
            if out.get(*name).is_none_or(|prompt| prompt.ask.is_empty() == question) {
                let hint = if question { "add it with ask, retry and keys" } else { "add it with say" };
                return Err(source.error(end, format!("the prompt {name:?} is missing"), hint));
            }
        }
    }
    Ok(out)
}

fn read_texts(source: &Source<'_>, texts: Option<&Spanned<Texts>>, places: &BTreeSet<&str>) -> Result<Vec<Text>, DomainError> {
    let Some(texts) = texts else { return Ok(Vec::new()) };
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
        let text = Text::parse(variant).map_err(|what| source.error(at, what, "write values as {name} or {name|id}"))?;
        if let Some(place) = text.places().find(|place| !places.contains(place)) {
            let known: Vec<&str> = places.iter().copied().collect();
            return Err(source.error(at, format!("there is no value {place:?}"), nearest(place, &known)));
        }
        out.push(text);
    }
    Ok(out)
}

/// Sections (`## Title`) of a Markdown page.
fn knowledge(source: &Source<'_>) -> Result<BTreeMap<String, Text>, DomainError> {
    let mut out = BTreeMap::new();
    let mut offset = 0;
    let mut section: Option<(usize, &str, String)> = None;
    let mut finish = |section: Option<(usize, &str, String)>| -> Result<(), DomainError> {
        let Some((at, title, body)) = section else { return Ok(()) };
        if body.contains(['{', '}']) {
            return Err(source.error(at, "braces in a section that is read aloud", "write the value itself"));
        }
        let text = Text::parse(&body).map_err(|_| source.error(at, "a section without sentences", "write what is to be said"))?;
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

type Examples = Vec<(usize, Vec<String>)>;

fn intents(source: &Source<'_>, domain: &Domain) -> Result<(Vec<Intent>, Examples), DomainError> {
    let raw: BTreeMap<Spanned<String>, RawIntent> = source.toml()?;
    let mut intents: Vec<Intent> = Vec::new();
    let mut examples = Examples::new();
    for (name, raw) in raw {
        let does = does(source, &name, &raw, domain)?;
        let key = menu_key(source, &raw, &intents)?;
        if key.is_some() && raw.menu.is_empty() {
            return Err(source.error(name.span().start, "an intent with a key needs words for the menu", "add menu = \"…\""));
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
            return Err(source.error(at, "an intent without examples", "write what callers say, 8 to 20 ways"));
        }
        let label = raw.label.into_inner();
        intents.push(Intent { name: name.into_inner(), does, key, label, menu: raw.menu, whole_turn: raw.whole_turn });
    }
    for command in [Command::Person, Command::Goodbye] {
        if !intents.iter().any(|intent| intent.does == Does::Command(command)) {
            let what = format!("no intent has the command {command:?}: callers could not get out");
            return Err(source.error(source.text.len(), what.to_lowercase(), "copy it from the sample shop"));
        }
    }
    Ok((intents, examples))
}

/// The words of an example, with stand-ins for its places.
fn example_words(example: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in example.split_whitespace() {
        match word.trim_matches(|c: char| c.is_ascii_punctuation() && c != '{' && c != '}') {
            "{day}" => words.push(DAY.to_owned()),
            place if place.starts_with('{') => words.push(NUMBER.to_owned()),
            word => words.extend(tokens_of(word).into_iter().map(|token| stand_in(token.text))),
        }
    }
    words
}

fn does(source: &Source<'_>, name: &Spanned<String>, raw: &RawIntent, domain: &Domain) -> Result<Does, DomainError> {
    let mut all = Vec::new();
    if let Some(form) = &raw.form {
        all.push(Does::Form(source.known(form, "form", domain.forms.keys().map(String::as_str))?));
    }
    if let Some(prompt) = &raw.say {
        all.push(Does::Say(source.known(prompt, "prompt", domain.prompts.keys().map(String::as_str))?));
    }
    if let Some(section) = &raw.knowledge {
        all.push(Does::Knowledge(source.known(section, "section", domain.knowledge.keys().map(String::as_str))?));
    }
    all.extend(raw.hours.then_some(Does::Hours));
    all.extend(raw.command.map(Does::Command));
    match (all.pop(), all.is_empty()) {
        (Some(does), true) => Ok(does),
        _ => {
            let what = format!("intent {:?} must do exactly one thing", name.get_ref());
            Err(source.error(name.span().start, what, "give it one of form, say, knowledge, hours, command"))
        }
    }
}

fn menu_key(source: &Source<'_>, raw: &RawIntent, before: &[Intent]) -> Result<Option<char>, DomainError> {
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
        Some(other) => Err(source.error(at, format!("key {digit} is already {:?}'s", other.name), "take another key")),
        None => Ok(Some(digit)),
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
