//! `forms.toml`: slots, the tables they ask, and the prompts they use.

use super::{DomainError, Source};
use crate::dialogue::domain::{Form, Slot, SlotKind};
use crate::dialogue::table::Table;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

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

pub(super) fn forms(
    source: &Source<'_>,
    prompts: &Source<'_>,
    tables: &BTreeMap<String, Table>,
) -> Result<BTreeMap<String, Form>, DomainError> {
    let raw: BTreeMap<String, RawForm> = source.toml()?;
    let named: BTreeMap<String, toml::Value> = prompts.toml()?;
    let prompt =
        |name: &Spanned<String>| source.known(name, "prompt", named.keys().map(String::as_str));
    raw.into_iter()
        .map(|(name, form)| Ok((name, read_form(source, form, &prompt, tables)?)))
        .collect()
}

fn read_form(
    source: &Source<'_>,
    raw: RawForm,
    prompt: &dyn Fn(&Spanned<String>) -> Result<String, DomainError>,
    tables: &BTreeMap<String, Table>,
) -> Result<Form, DomainError> {
    let lookup = source.known(&raw.lookup, "table", tables.keys().map(String::as_str))?;
    let columns = || {
        tables
            .get(&lookup)
            .into_iter()
            .flat_map(|table| &table.columns)
            .map(String::as_str)
    };
    if raw.slots.get_ref().is_empty() {
        return Err(source.error(
            raw.slots.span().start,
            "a form without slots",
            "add a [[….slots]] table",
        ));
    }
    let mut slots = Vec::new();
    for slot in raw.slots.into_inner() {
        let at = slot.kind.span().start;
        let RawKind::Digits = slot.kind.into_inner();
        let count = slot.digits.filter(|count| (3..=20).contains(count));
        let count = count
            .ok_or_else(|| source.error(at, "how many digits?", "add digits = 6 (3 to 20)"))?;
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
    let answers: BTreeMap<String, String> = raw
        .answers
        .iter()
        .map(|(value, name)| Ok((value.clone(), prompt(name)?)))
        .collect::<Result<_, DomainError>>()?;
    for row in tables
        .get(&lookup)
        .into_iter()
        .flat_map(|table| &table.rows)
    {
        if let Some(value) = row
            .get(&answer_by)
            .filter(|value| !answers.contains_key(*value))
        {
            let what = format!("no answer for {answer_by} {value:?}, which the table {lookup} has");
            return Err(source.error(raw.answer_by.span().start, what, "add it under answers"));
        }
    }
    Ok(Form {
        slots,
        answers,
        answer_by,
        not_found: prompt(&raw.not_found)?,
        topic: raw.topic,
        lookup,
    })
}
