//! The business's own sentences put to the test: example dialogues that cannot be read or that leave a task
//! out, and red flags that alarm at ordinary wishes.

use super::subject::{Subject, prompts_of};
use super::{Finding, Severity};
use crate::dialogue::domain::{Act, Label, Task};
use crate::dialogue::tokens_of;
use crate::rehearsal::script::{Check, What};
use crate::rehearsal::{Step, parse};
use std::collections::BTreeSet;

/// Flags that are raised by the examples of tasks that have nothing to do with them.
pub(super) fn flags(subject: &Subject<'_>) -> Vec<Finding> {
    let domain = subject.domain;
    let mut out = Vec::new();
    for &language in &domain.languages {
        let words = subject.words(language);
        let mut told = BTreeSet::new();
        for (label, example) in &words.examples {
            let (task, command) = match words.labels.get(*label) {
                Some(Label::Task(place)) => (domain.tasks.get(*place), None),
                Some(Label::Command(command)) => (None, Some(command.name())),
                Some(Label::Page) | None => (None, None),
            };
            let said: Vec<String> = tokens_of(example)
                .into_iter()
                .map(|token| token.text)
                .collect();
            let Some(flag) = domain.flags.find(&said, language) else {
                continue;
            };
            if task.is_some_and(|task| task.name == flag.does || leads_to(task, &flag.does)) {
                continue;
            }
            let name = task.map_or(command.unwrap_or_default(), |task| task.name.as_str());
            if told.insert((flag.name.clone(), name.to_owned())) {
                out.push(Finding {
                    file: "flags.toml".into(),
                    line: flag.line,
                    severity: Severity::Warning,
                    kind: "false_alarm",
                    what: format!(
                        "the flag {:?} alarms at {example:?}, an example of {name}",
                        flag.name
                    ),
                    hint: "add the harmless phrase to `unless`, or make the flag's phrases longer"
                        .into(),
                });
            }
        }
    }
    out
}

fn leads_to(task: &Task, other: &str) -> bool {
    task.steps
        .iter()
        .any(|step| matches!(&step.act, Act::Go(to) if to == other))
}

/// Example dialogues: those that cannot be read, and tasks that none of them is about. `met`: what they
/// met when they were run; where they were not, what they check tells.
pub(super) fn dialogues(subject: &Subject<'_>, met: Option<&BTreeSet<Step>>) -> Vec<Finding> {
    let mut out = Vec::new();
    let mut steps: BTreeSet<Step> = met.cloned().unwrap_or_default();
    let mut any = false;
    for (file, text) in subject
        .files
        .iter()
        .filter(|(file, _)| file.starts_with("examples/"))
    {
        match parse(text) {
            Err(problems) => out.extend(problems.into_iter().map(|problem| Finding {
                file: file.clone(),
                line: problem.line,
                severity: Severity::Error,
                kind: "example",
                what: problem.what,
                hint: "src/domains/EXAMPLES.md tells how examples are written".into(),
            })),
            Ok(examples) => {
                any = true;
                for line in examples.iter().flat_map(|example| &example.lines) {
                    match &line.what {
                        What::Check(Check::Intent(name)) => {
                            steps.extend([format!("intent:{name}")])
                        }
                        What::Check(Check::Does { operation, .. }) => {
                            steps.extend([format!("action:{operation}")])
                        }
                        What::Check(Check::Slot { name, .. }) => {
                            steps.extend([format!("slot:{name}")])
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    if !any {
        if out.is_empty() {
            let what = "there are no example dialogues".to_owned();
            let hint = "examples/*.txt; attendant chat DIR writes one with /save";
            out.push(subject.finding(
                ("examples", ""),
                Severity::Warning,
                "no_example",
                what,
                hint,
            ));
        }
        return out;
    }
    for task in &subject.domain.tasks {
        if !is_met(task, &steps) {
            let what = format!("no example dialogue is about {:?}", task.name);
            let hint = "write one: attendant chat DIR, and /save";
            out.push(subject.at_line(task.line, Severity::Warning, "no_example", what, hint));
        }
    }
    out
}

/// Whether one of the steps was made in the task.
fn is_met(task: &Task, steps: &BTreeSet<Step>) -> bool {
    let begun = steps.contains(&format!("intent:{}", task.name));
    let branch = format!("branch:{}/", task.name);
    begun
        || steps.iter().any(|step| step.starts_with(&branch))
        || prompts_of(task).iter().any(|prompt| {
            steps.contains(&format!("prompt:{prompt}/say"))
                || steps.contains(&format!("prompt:{prompt}/ask"))
        })
        || task.steps.iter().any(|step| match &step.act {
            Act::Do { operation, .. } => steps.contains(&format!("action:{operation}")),
            _ => false,
        })
}
