//! A language's folder: `wording.toml`, `prompts.toml` and `pages/`, over what all businesses share.

use super::super::source::{DomainError, Source};
use super::super::task::SlotKind;
use super::super::wording::{Command, Label, TaskWords, Words};
use super::super::{Domain, Files};
use super::prompts::{prompts, references};
use crate::dialogue::hear::sentence;
use crate::dialogue::pages::Pages;
use crate::dialogue::ranker::Ranker;
use crate::dialogue::spoken::Language;
use crate::dialogue::template::Templates;
use crate::dialogue::value::tongue::essence;
use crate::dialogue::value::{Choice, Kind};
use crate::dialogue::words::tokens_of;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawWording {
    /// The business's name as callers hear it.
    #[serde(default)]
    title: String,
    /// Words to expect at the open question.
    #[serde(default)]
    bias: String,
    /// How each task is asked for and named.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, RawTask>")]
    tasks: BTreeMap<Spanned<String>, RawTask>,
    /// More examples for what every business understands.
    #[serde(default)]
    commands: BTreeMap<Command, RawCommand>,
    /// The words for the options of `choice` slots.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, BTreeMap<String, Vec<String>>>")]
    options: BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Vec<String>>>,
    /// Words in front of a slot's value: "from", "out of".
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Vec<String>>")]
    cues: BTreeMap<Spanned<String>, Vec<String>>,
    /// Sentences that are none of the business's.
    #[serde(default)]
    outside: Vec<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawTask {
    /// "You'd like to …, is that right?"
    label: String,
    /// "For …, press 4."
    menu: String,
    /// "Now back to …."; `menu` where absent.
    topic: Option<String>,
    /// What callers say for it; `{slot}` stands for a value.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    examples: Vec<Spanned<String>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawCommand {
    examples: Vec<String>,
}

/// The JSON Schema of `wording.toml`.
pub(super) fn wording_schema() -> serde_json::Value {
    schemars::schema_for!(RawWording).to_value()
}

pub(super) fn read(
    domain: &Domain,
    language: Language,
    files: &Files,
    common: &Files,
) -> Result<Words, DomainError> {
    let code = language.code();
    let path = |name: &str| format!("{code}/{name}");
    let (own, shared) = (path("wording.toml"), path("wording.toml"));
    let own = super::source(files, &own)?;
    let wording: RawWording = own.toml()?;
    let shared_source = super::source(common, &shared)?;
    let shared: RawWording = shared_source.toml()?;
    let mut words = Words {
        language,
        title: wording.title.clone(),
        bias: wording.bias.clone(),
        templates: Templates::new(language, domain.currency, &domain.hours)
            .with_staff(language, &domain.staffed),
        ..Words::default()
    };
    if words.title.is_empty() {
        return Err(own.error(0, "the business has no title", "title = \"Harbor Goods\""));
    }
    options(domain, &own, &wording, &shared, &mut words)?;
    for (slot, cues) in &wording.cues {
        let known = domain.slots.keys().map(String::as_str);
        own.known(slot.span().start, slot.get_ref(), "slot", known)?;
        let cues = cues.iter().map(|cue| normal(cue)).collect();
        words.cues.insert(slot.get_ref().clone(), cues);
    }
    let prefix = path("pages/");
    let pages: Vec<(String, String)> = files
        .iter()
        .filter(|(name, _)| name.starts_with(&prefix) && name.ends_with(".md"))
        .map(|(name, text)| (name.clone(), text.clone()))
        .collect();
    words.pages = Pages::parse(&pages, language).map_err(|error| DomainError {
        file: error.file,
        line: error.line,
        what: error.what,
        hint: "src/domains/README.md tells how pages are written".into(),
    })?;
    learn(domain, &own, &wording, &shared, &mut words)?;
    let (common_name, own_name) = (path("prompts.toml"), path("prompts.toml"));
    prompts(&super::source(common, &common_name)?, &mut words)?;
    prompts(&super::source(files, &own_name)?, &mut words)?;
    references(domain, &own_name, &words)?;
    Ok(words)
}

fn options(
    domain: &Domain,
    source: &Source<'_>,
    wording: &RawWording,
    shared: &RawWording,
    words: &mut Words,
) -> Result<(), DomainError> {
    let all = shared.options.iter().chain(&wording.options);
    for (slot, values) in all {
        let at = slot.span().start;
        let known = domain
            .slots
            .values()
            .filter(|slot| matches!(slot.kind, SlotKind::Choice(_)));
        let names: Vec<&str> = known.map(|slot| slot.name.as_str()).collect();
        source.known(at, slot.get_ref(), "slot with options", names.into_iter())?;
        let Some(SlotKind::Choice(wanted)) =
            domain.slots.get(slot.get_ref()).map(|slot| &slot.kind)
        else {
            continue;
        };
        for value in values.keys() {
            let known = wanted.iter().map(String::as_str);
            source.known(value.span().start, value.get_ref(), "option", known)?;
        }
        let mut choices = Vec::new();
        for option in wanted {
            let names = values.iter().find(|(value, _)| value.get_ref() == option);
            let names = names
                .map(|(_, names)| names.clone())
                .filter(|names| !names.is_empty());
            let Some(names) = names else {
                let what = format!("the option {option:?} of {:?} has no words", slot.get_ref());
                return Err(source.error(at, what, format!("{option} = [\"as it is said\"]")));
            };
            choices.push(Choice {
                value: option.clone(),
                names,
            });
        }
        words.options.insert(slot.get_ref().clone(), choices);
    }
    for slot in domain.slots.values() {
        if matches!(slot.kind, SlotKind::Choice(_)) && !words.options.contains_key(&slot.name) {
            let what = format!("the options of the slot {:?} have no words", slot.name);
            return Err(source.error(0, what, format!("add [options.{}]", slot.name)));
        }
    }
    Ok(())
}

fn learn(
    domain: &Domain,
    source: &Source<'_>,
    wording: &RawWording,
    shared: &RawWording,
    words: &mut Words,
) -> Result<(), DomainError> {
    for name in wording.tasks.keys() {
        let known = domain.tasks.iter().map(|task| task.name.as_str());
        source.known(name.span().start, name.get_ref(), "task", known)?;
    }
    for (index, task) in domain.tasks.iter().enumerate() {
        let all = wording.tasks.iter().chain(&shared.tasks);
        let raw = all
            .into_iter()
            .find(|(name, _)| *name.get_ref() == task.name);
        let Some((_, raw)) = raw else {
            let what = format!("the task {:?} has no words in this language", task.name);
            return Err(source.error(0, what, format!("add [tasks.{}]", task.name)));
        };
        words.tasks.push(TaskWords {
            label: raw.label.clone(),
            menu: raw.menu.clone(),
            topic: raw.topic.clone().unwrap_or_else(|| raw.menu.clone()),
        });
        if raw.examples.is_empty() {
            continue;
        }
        let label = words.labels.len();
        words.labels.push(Label::Task(index));
        for example in &raw.examples {
            let texts = stand_ins(domain, source, example, &words.options)?;
            words
                .examples
                .extend(texts.into_iter().map(|text| (label, text)));
        }
    }
    let mut commands: BTreeMap<Command, Vec<String>> = BTreeMap::new();
    for raw in [shared, wording] {
        for (&command, raw) in &raw.commands {
            commands
                .entry(command)
                .or_default()
                .extend(raw.examples.iter().cloned());
        }
    }
    for (command, examples) in commands {
        let label = words.labels.len();
        words.labels.push(Label::Command(command));
        words
            .examples
            .extend(examples.iter().map(|text| (label, normal(text))));
    }
    if !words.pages.is_empty() {
        let label = words.labels.len();
        words.labels.push(Label::Page);
        let heard = |text: &str| as_heard(words, text);
        let asks: Vec<String> = words.pages.asks().map(heard).collect();
        let examples: BTreeSet<&String> = words.examples.iter().map(|(_, text)| text).collect();
        words.asks = asks
            .iter()
            .filter(|text| !examples.contains(text))
            .cloned()
            .collect();
        words
            .examples
            .extend(asks.into_iter().map(|text| (label, text)));
    }
    let outside: Vec<String> = shared
        .outside
        .iter()
        .chain(&wording.outside)
        .map(|text| as_heard(words, text))
        .collect();
    words.outside = outside.iter().cloned().collect();
    words.ranker = Ranker::train(&words.examples, &outside, words.language);
    words.beginnings = beginnings(&words.examples, words.language);
    let all = words.examples.iter().map(|(_, text)| text.as_str());
    let names = words
        .options
        .values()
        .flatten()
        .flat_map(|choice| &choice.names);
    words.vocabulary = all
        .map(str::to_owned)
        .chain(names.map(|name| normal(name)))
        .flat_map(|text| text.split(' ').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    Ok(())
}

/// With stand-ins for values, as the ranker gets it.
fn as_heard(words: &Words, text: &str) -> String {
    let now = jiff::civil::DateTime::constant(2026, 1, 1, 12, 0, 0, 0);
    sentence(words, &tokens_of(text), now, false)
}

/// Lower case, no punctuation.
fn normal(text: &str) -> String {
    let words: Vec<String> = tokens_of(text)
        .into_iter()
        .map(|token| token.text)
        .collect();
    words.join(" ")
}

/// The word that stands for a value of this kind in what the ranker reads.
pub(in crate::dialogue) fn stand_in(kind: &SlotKind) -> Option<&'static str> {
    Some(match kind {
        SlotKind::Value(Kind::Digits { .. } | Kind::Code { .. } | Kind::Phone) => "#digits",
        SlotKind::Value(Kind::Amount) => "#amount",
        SlotKind::Value(Kind::Date) => "#date",
        SlotKind::Value(Kind::Time) => "#time",
        SlotKind::Value(Kind::Count) => return None,
        SlotKind::Value(Kind::Letters { .. } | Kind::YesNo | Kind::Text)
        | SlotKind::Choice(_)
        | SlotKind::Record(_) => return None,
    })
}

/// An example with stand-ins for its `{slot}`s; once for each option where the slot is a choice.
fn stand_ins(
    domain: &Domain,
    source: &Source<'_>,
    example: &Spanned<String>,
    options: &BTreeMap<String, Vec<Choice>>,
) -> Result<Vec<String>, DomainError> {
    let at = example.span().start;
    let mut out: Vec<Vec<String>> = vec![Vec::new()];
    let mut rest = example.get_ref().as_str();
    let add = |out: &mut Vec<Vec<String>>, parts: &[String]| {
        let before = std::mem::take(out);
        for line in before {
            out.extend(parts.iter().map(|part| {
                let mut line = line.clone();
                line.push(part.clone());
                line
            }));
        }
    };
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            return Err(source.error(at, "a { without its }", "write {slot}"));
        };
        add(&mut out, &[normal(before)]);
        match name {
            "date" | "time" | "amount" | "digits" => add(&mut out, &[format!("#{name}")]),
            _ => {
                source.known(at, name, "slot", domain.slots.keys().map(String::as_str))?;
                if let Some(choices) = options.get(name) {
                    let names: Vec<String> = choices
                        .iter()
                        .filter_map(|choice| choice.names.first())
                        .map(|name| normal(name))
                        .collect();
                    add(&mut out, &names);
                } else if let Some(stand_in) =
                    domain.slots.get(name).and_then(|slot| stand_in(&slot.kind))
                {
                    add(&mut out, &[stand_in.to_owned()]);
                }
            }
        }
        rest = after;
    }
    add(&mut out, &[normal(rest)]);
    let join = |mut line: Vec<String>| {
        line.retain(|part| !part.is_empty());
        line.join(" ")
    };
    let out: Vec<String> = out
        .into_iter()
        .map(join)
        .filter(|line| !line.is_empty())
        .collect();
    if out.is_empty() {
        return Err(source.error(at, "an example without words", "write what callers say"));
    }
    Ok(out)
}

fn beginnings(examples: &[(usize, String)], language: Language) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for (_, text) in examples {
        let words: Vec<&str> = text.split(' ').collect();
        let words = essence(&words, language);
        for end in 1..words.len() {
            out.insert(words[..end].join(" "));
        }
    }
    out
}
