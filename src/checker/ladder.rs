//! Questions and their ladder: what is said after one failure and after two, and whether every slot has a
//! name for "what should I change?".

use super::subject::Subject;
use super::{Finding, Severity};
use crate::dialogue::domain::{Act, SlotKind, Stage};
use std::collections::BTreeSet;

/// Slots and confirmations that only repeat themselves.
pub(super) fn ladder(subject: &Subject<'_>) -> Vec<Finding> {
    let domain = subject.domain;
    let steps = || domain.tasks.iter().flat_map(|task| &task.steps);
    let asked: BTreeSet<&str> = steps()
        .filter_map(|step| match &step.act {
            Act::Ask(slot) | Act::More(slot) => Some(slot.as_str()),
            _ => None,
        })
        .collect();
    let confirms: BTreeSet<&str> = steps()
        .filter_map(|step| match &step.act {
            Act::Confirm(prompt) => Some(prompt.as_str()),
            _ => None,
        })
        .collect();
    let mut out = Vec::new();
    for &language in &domain.languages {
        let words = subject.words(language);
        let file = format!("{}/prompts.toml", language.code());
        for slot in asked.iter().filter_map(|slot| domain.slots.get(*slot)) {
            let own = format!("slots.{}", slot.name);
            if words.variants(&own, Stage::Retry) == 0 {
                let what = format!(
                    "the slot {:?} has no words for the second time it is asked",
                    slot.name
                );
                let hint = "retry = \"…\": clearer, and with an example of what to say";
                out.push(subject.finding((&file, &own), Severity::Warning, "no_retry", what, hint));
            }
            let shared = format!("slots.{}", slot.kind.name());
            let keyed =
                words.variants(&own, Stage::Keys) + words.variants(&shared, Stage::Keys) > 0;
            let chosen = matches!(slot.kind, SlotKind::Choice(_) | SlotKind::Record(_));
            if !keyed && !chosen {
                let what = format!("the slot {:?} does not say how it is keyed", slot.name);
                let hint = "keys = \"Please key in …\"";
                out.push(subject.finding((&file, &own), Severity::Warning, "no_keys", what, hint));
            }
        }
        for prompt in &confirms {
            if words.variants(prompt, Stage::Retry) == 0 {
                let what = format!("{prompt:?} has no words for the second time it is asked");
                let hint = "retry = \"…? Please say yes or no.\"";
                out.push(subject.finding((&file, prompt), Severity::Note, "no_retry", what, hint));
            }
        }
    }
    out
}

/// Slots that have no name.
pub(super) fn labels(subject: &Subject<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    let used: BTreeSet<&String> = subject
        .domain
        .tasks
        .iter()
        .flat_map(|task| &task.slots)
        .collect();
    for &language in &subject.domain.languages {
        let words = subject.words(language);
        let file = format!("{}/prompts.toml", language.code());
        for slot in used
            .iter()
            .filter_map(|name| subject.domain.slots.get(*name))
        {
            if !slot.secret && words.variants(&format!("labels.{}", slot.name), Stage::Say) == 0 {
                let what = format!("the slot {:?} has no label", slot.name);
                let hint = format!(
                    "[labels] {} = \"the …\": for \"what should I change?\" and the summary",
                    slot.name
                );
                out.push(subject.finding(
                    (&file, "labels"),
                    Severity::Warning,
                    "no_label",
                    what,
                    hint,
                ));
            }
        }
    }
    out
}
