//! `prompts.toml`: every sentence, in stages and variants; and that none is missing that a task names.

use super::super::Domain;
use super::super::source::{DomainError, Source};
use super::super::task::Act;
use super::super::wording::{Stage, Words, template_name};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum RawTexts {
    One(String),
    Several(Vec<String>),
}

/// The JSON Schema of `prompts.toml`: prompts by name, and by name within `slots`, `labels`, `values`.
pub(super) fn prompts_schema() -> serde_json::Value {
    let texts = schemars::schema_for!(RawTexts).to_value();
    let stage = |(name, _): (&'static str, Stage)| (name.to_owned(), texts["anyOf"].clone());
    let stages: serde_json::Map<String, serde_json::Value> = Stage::ALL
        .into_iter()
        .map(stage)
        .map(|(name, any)| (name, serde_json::json!({ "anyOf": any })))
        .collect();
    let table = serde_json::json!({
        "type": "object", "properties": stages, "additionalProperties": false
    });
    let prompt = serde_json::json!({ "anyOf": [texts["anyOf"][0], texts["anyOf"][1], table] });
    let group = serde_json::json!({ "type": "object", "additionalProperties": prompt });
    serde_json::json!({
        "$schema": texts["$schema"],
        "title": "RawPrompts",
        "type": "object",
        "properties": { "slots": group, "labels": group, "values": group },
        "additionalProperties": prompt,
    })
}

pub(super) fn prompts(source: &Source<'_>, words: &mut Words) -> Result<(), DomainError> {
    #[derive(Deserialize)]
    struct Groups {
        #[serde(default)]
        slots: BTreeMap<Spanned<String>, toml::Value>,
        #[serde(default)]
        labels: BTreeMap<Spanned<String>, toml::Value>,
        #[serde(default)]
        values: BTreeMap<Spanned<String>, toml::Value>,
    }
    let mut all: BTreeMap<Spanned<String>, toml::Value> = source.toml()?;
    all.retain(|name, _| !matches!(name.get_ref().as_str(), "slots" | "labels" | "values"));
    let groups: Groups = source.toml()?;
    let grouped = [
        ("", all),
        ("slots.", groups.slots),
        ("labels.", groups.labels),
        ("values.", groups.values),
    ];
    for (group, prompts) in grouped {
        for (name, value) in prompts {
            let at = name.span().start;
            prompt(
                source,
                at,
                &format!("{group}{}", name.get_ref()),
                value,
                words,
            )?;
        }
    }
    Ok(())
}

/// A business's prompt takes the place of the shared one, stage by stage.
fn prompt(
    source: &Source<'_>,
    at: usize,
    name: &str,
    value: toml::Value,
    words: &mut Words,
) -> Result<(), DomainError> {
    // A text alone is a statement.
    let value = match value {
        toml::Value::String(_) | toml::Value::Array(_) => {
            toml::Table::from_iter([("say".to_owned(), value)]).into()
        }
        table => table,
    };
    let stages: Option<BTreeMap<String, RawTexts>> = value.try_into().ok();
    let stages = stages.ok_or_else(|| {
        let hint = "[name] and then say = \"…\" or ask = [\"…\", \"…\"]";
        source.error(at, format!("{name:?} is no prompt"), hint)
    })?;
    for (stage_name, texts) in stages {
        let stage = Stage::ALL.iter().find(|(known, _)| *known == stage_name);
        let Some(&(_, stage)) = stage else {
            let known = Stage::ALL.iter().map(|(name, _)| *name);
            source.known(at, &stage_name, "stage of a prompt", known)?;
            continue;
        };
        let texts = match texts {
            RawTexts::One(text) => vec![text],
            RawTexts::Several(texts) => texts,
        };
        for (nth, text) in texts.iter().enumerate() {
            let template = template_name(name, stage, nth);
            words.templates.add(&template, text).map_err(|what| {
                let what = format!("the prompt {name:?}: {what}");
                source.error(
                    at,
                    what,
                    "templates are Jinja's: {{ amount|money }}, {% if … %}",
                )
            })?;
        }
        let key = format!("{name}?{}", stage.name());
        words.variants.insert(key, texts.len());
    }
    Ok(())
}

/// Every prompt that a task names is there.
pub(super) fn references(domain: &Domain, file: &str, words: &Words) -> Result<(), DomainError> {
    let missing = |what: String, hint: String| DomainError {
        file: file.to_owned(),
        line: 1,
        what,
        hint,
    };
    for task in &domain.tasks {
        for step in &task.steps {
            let confirm = match &step.act {
                Act::Confirm(prompt) => Some((prompt, Stage::Ask)),
                _ => None,
            };
            let say = step.say.as_ref().map(|prompt| (prompt, Stage::Say));
            for (prompt, stage) in confirm.into_iter().chain(say) {
                if words.variants(prompt, stage) == 0 {
                    let what = format!(
                        "the prompt {prompt:?} is missing ({}); tasks.toml, line {} uses it",
                        stage.name(),
                        step.line
                    );
                    return Err(missing(
                        what,
                        format!("[{prompt}] {} = \"…\"", stage.name()),
                    ));
                }
            }
        }
        for slot in &task.slots {
            let own = format!("slots.{slot}");
            if words.variants(&own, Stage::Ask) == 0 {
                let what = format!("the slot {slot:?} has no question");
                return Err(missing(what, format!("[slots.{slot}] ask = \"…?\"")));
            }
        }
    }
    Ok(())
}
