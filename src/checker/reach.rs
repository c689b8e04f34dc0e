//! What nothing leads to: tasks that no caller can begin, operations that no task asks, prompts that
//! nobody says, levels of trust that nobody can reach.

use super::subject::{Subject, prompts_of};
use super::{Finding, Severity};
use crate::dialogue::domain::{Act, Label, Level};
use std::collections::BTreeSet;

/// Fewer examples than these tell little.
const FEW: usize = 8;

/// Tasks that nothing begins, or only little.
pub(super) fn unreached(subject: &Subject<'_>) -> Vec<Finding> {
    let domain = subject.domain;
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    for (place, task) in domain.tasks.iter().enumerate() {
        let asked = |language| subject.words(language).labels.contains(&Label::Task(place));
        if task.key.is_some() || domain.languages.iter().any(|&language| asked(language)) {
            reached.insert(&task.name);
        }
    }
    reached.extend(domain.flags.all().iter().map(|flag| flag.does.as_str()));
    let identity = [&domain.identity.known, &domain.identity.verified];
    reached.extend(identity.into_iter().flatten().map(String::as_str));
    loop {
        let before = reached.len();
        for task in domain
            .tasks
            .iter()
            .filter(|task| reached.contains(task.name.as_str()))
            .collect::<Vec<_>>()
        {
            reached.extend(task.steps.iter().filter_map(|step| match &step.act {
                Act::Go(to) => Some(to.as_str()),
                _ => None,
            }));
        }
        if reached.len() == before {
            break;
        }
    }
    let mut out = Vec::new();
    for (place, task) in domain.tasks.iter().enumerate() {
        if !reached.contains(task.name.as_str()) {
            let what = format!("nothing begins the task {:?}", task.name);
            let hint = "give it examples in wording.toml or a key, or begin it with go or a flag";
            out.push(subject.at_line(task.line, Severity::Error, "unreached_task", what, hint));
        }
        for &language in &domain.languages {
            let words = subject.words(language);
            let Some(label) = words
                .labels
                .iter()
                .position(|label| *label == Label::Task(place))
            else {
                continue;
            };
            let count = words.examples.iter().filter(|(of, _)| *of == label).count();
            if count < FEW {
                let what = format!("{:?} has only {count} examples", task.name);
                let file = format!("{}/wording.toml", language.code());
                let path = format!("tasks.{}", task.name);
                let hint = "write 8 to 25, as callers really say it";
                out.push(subject.finding(
                    (&file, &path),
                    Severity::Note,
                    "few_examples",
                    what,
                    hint,
                ));
            }
        }
    }
    out
}

/// Operations and prompts that nothing uses.
pub(super) fn unused(subject: &Subject<'_>) -> Vec<Finding> {
    let domain = subject.domain;
    let mut used: BTreeSet<String> = domain.identity.look.iter().cloned().collect();
    for step in domain.tasks.iter().flat_map(|task| &task.steps) {
        if let Act::Look { operation, .. } | Act::Do { operation, .. } = &step.act {
            used.insert(operation.clone());
            used.extend(domain.actions.get(operation).cloned().flatten());
            if operation == "send_code" {
                used.insert("deliver_code".into());
            }
        }
    }
    let mut out = Vec::new();
    for (name, _) in subject.book("operations.toml").below("") {
        if !used.contains(name) {
            let what = format!("nothing asks the operation {name:?}");
            let hint = "use it with look or do in tasks.toml, or leave it out";
            let place = ("operations.toml", name);
            out.push(subject.finding(place, Severity::Warning, "unused_operation", what, hint));
        }
    }
    let said: BTreeSet<String> = domain.tasks.iter().flat_map(prompts_of).collect();
    let mut told = BTreeSet::new();
    for prompt in &subject.prompts {
        let name = prompt.name.as_str();
        let slot = name
            .strip_prefix("slots.")
            .or_else(|| name.strip_prefix("labels."));
        let known = match slot {
            Some(slot) => {
                domain.slots.contains_key(slot) || subject.is_shared(prompt.language, name)
            }
            None => said.contains(name) || subject.is_shared(prompt.language, name),
        };
        if !known && told.insert((prompt.language.code(), name)) {
            out.push(Finding {
                file: prompt.file.clone(),
                line: prompt.line,
                severity: Severity::Warning,
                kind: "unused_prompt",
                what: format!("nothing says the prompt {name:?}"),
                hint: nearest_prompt(name, &said),
            });
        }
    }
    out
}

fn nearest_prompt(name: &str, said: &BTreeSet<String>) -> String {
    let known: Vec<&str> = said.iter().map(String::as_str).collect();
    let close = known
        .iter()
        .any(|known| strsim::jaro_winkler(known, name) > 0.9);
    if close {
        crate::dialogue::domain::nearest(name, &known)
    } else {
        "use it with say or confirm in tasks.toml, or leave it out".into()
    }
}

/// Tasks that want more trust than a caller can win.
pub(super) fn identity(subject: &Subject<'_>) -> Vec<Finding> {
    let identity = &subject.domain.identity;
    let mut out = Vec::new();
    for task in &subject.domain.tasks {
        let way = match task.needs {
            Level::Anyone => true,
            Level::Known => identity.known.is_some() || identity.look.is_some(),
            Level::Verified => identity.verified.is_some() || identity.known.is_some(),
        };
        if !way {
            let what = format!("{:?} can never be done: nothing tells who calls", task.name);
            let hint = "name the tasks that do in [identity] of business.toml: known, verified";
            out.push(subject.at_line(task.line, Severity::Error, "no_identity", what, hint));
        }
    }
    for (name, level) in [
        (&identity.known, Level::Known),
        (&identity.verified, Level::Verified),
    ] {
        let Some(task) = name.as_ref().and_then(|name| subject.domain.task(name)) else {
            continue;
        };
        let grants = task.1.steps.iter().any(|step| {
            matches!(&step.act, Act::Grant { level: granted, .. } if *granted >= level)
                || matches!(step.act, Act::Go(_))
        });
        if !grants {
            let what = format!("{:?} never grants what it is there for", task.1.name);
            let hint = "end it with a step { grant = \"known\" } or { grant = \"verified\" }";
            out.push(subject.at_line(task.1.line, Severity::Error, "no_grant", what, hint));
        }
    }
    out
}
