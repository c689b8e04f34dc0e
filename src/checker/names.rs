//! Names in conditions, arguments and templates that nothing gives a value: a misspelt one is silently
//! empty in a call. Also templates that cannot be rendered, whose sentence would silently be missing.

use super::subject::{Prompt, Subject};
use super::typical::samples;
use super::{Finding, Severity};
use crate::dialogue::domain::{Act, SlotKind, Task, nearest};
use std::collections::{BTreeMap, BTreeSet};

/// Always there.
const BUILT_IN: [&str; 9] = [
    "caller", "known", "verified", "phone", "today", "now", "language", "misses", "title",
];
/// Functions, and what Jinja itself knows.
const FUNCTIONS: [&str; 9] = [
    "open_now",
    "opening",
    "week",
    "range",
    "dict",
    "namespace",
    "loop",
    "self",
    "super",
];
/// Given with a slot's question.
const OF_SLOTS: [&str; 8] = [
    "value", "name", "choices", "label", "part", "missing", "digits", "least",
];
/// Given with one or another of the prompts that every business has.
const OF_SHARED: [&str; 6] = ["key", "menu", "topic", "given", "done", "reason"];

/// Who gives which names.
struct Givers {
    /// By task, with what the tasks that go on to it give.
    by_task: BTreeMap<String, BTreeSet<String>>,
    /// By any task.
    any: BTreeSet<String>,
}

impl Givers {
    fn of(subject: &Subject<'_>) -> Self {
        let tasks = &subject.domain.tasks;
        let mut by_task: BTreeMap<String, BTreeSet<String>> = tasks
            .iter()
            .map(|task| (task.name.clone(), given_by(task)))
            .collect();
        // Values are kept over `go`; twice round the longest chain is enough.
        for _ in 0..=tasks.len() {
            let before = by_task.clone();
            for task in tasks {
                for step in &task.steps {
                    if let (Act::Go(to), Some(given)) = (&step.act, before.get(&task.name)) {
                        by_task
                            .entry(to.clone())
                            .or_default()
                            .extend(given.iter().cloned());
                    }
                }
            }
            if by_task == before {
                break;
            }
        }
        let any = by_task.values().flatten().cloned().collect();
        Self { by_task, any }
    }

    fn gives(&self, task: &str, name: &str) -> bool {
        self.by_task
            .get(task)
            .is_some_and(|given| given.contains(name))
    }
}

/// What a task's own steps give a value.
fn given_by(task: &Task) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for step in &task.steps {
        match &step.act {
            Act::Ask(slot) | Act::Take(slot) => {
                out.insert(format!("unknown_{slot}"));
                out.insert(slot.clone());
            }
            Act::Look { name, .. } | Act::Do { name, .. } => out.extend([name.clone()]),
            Act::Set(values) => out.extend(values.keys().cloned()),
            _ => {}
        }
    }
    out
}

pub(super) fn names(subject: &Subject<'_>) -> Vec<Finding> {
    let givers = Givers::of(subject);
    let mut out = Vec::new();
    for task in &subject.domain.tasks {
        steps(subject, &givers, task, &mut out);
    }
    slots(subject, &givers, &mut out);
    let mut told = BTreeSet::new();
    for prompt in &subject.prompts {
        templates(subject, &givers, prompt, &mut told, &mut out);
    }
    out
}

/// What is wrong with a name, for `tasks.toml` and templates alike.
fn unknown(subject: &Subject<'_>, givers: &Givers, more: &[&str], name: &str) -> (String, String) {
    if givers.any.contains(name) {
        return (
            format!("nothing gives {name:?} a value here"),
            "another task does; ask or look it up here, too".into(),
        );
    }
    if subject.domain.slots.contains_key(name) {
        return (
            format!("the slot {name:?} is never asked for here"),
            format!("{{ ask = {name:?} }} or {{ take = {name:?} }}"),
        );
    }
    let mut known: Vec<&str> = BUILT_IN.iter().chain(more).copied().collect();
    known.extend(
        givers
            .any
            .iter()
            .map(String::as_str)
            .filter(|name| !name.starts_with("unknown_")),
    );
    known.extend(subject.domain.constants.keys().map(String::as_str));
    known.sort_unstable();
    (
        format!("nothing gives {name:?} a value"),
        nearest(name, &known),
    )
}

fn is_known(subject: &Subject<'_>, name: &str) -> bool {
    BUILT_IN.contains(&name)
        || FUNCTIONS.contains(&name)
        || subject.domain.constants.contains_key(name)
}

fn gravity(subject: &Subject<'_>, givers: &Givers, name: &str) -> Severity {
    let somewhere = givers.any.contains(name) || subject.domain.slots.contains_key(name);
    if somewhere {
        Severity::Warning
    } else {
        Severity::Error
    }
}

fn steps(subject: &Subject<'_>, givers: &Givers, task: &Task, out: &mut Vec<Finding>) {
    let words = subject.words(subject.domain.language());
    for step in &task.steps {
        let mut sources: Vec<(&str, &str)> = Vec::new();
        sources.extend(step.when.as_deref().map(|when| ("", when)));
        match &step.act {
            Act::Look { arguments, .. } | Act::Do { arguments, .. } => {
                sources.extend(
                    arguments
                        .iter()
                        .map(|(name, source)| (name.as_str(), source.as_str())),
                );
            }
            Act::Set(values) => sources.extend(values.values().map(|source| ("", source.as_str()))),
            Act::Grant {
                caller: Some(source),
                ..
            } => sources.push(("", source)),
            _ => {}
        }
        for (argument, source) in sources {
            let names = match words.templates.check(source) {
                Ok(names) => names,
                Err(what) => {
                    let what = format!("the expression {source:?} cannot be read: {what}");
                    let hint = "expressions are Jinja's: found.status == 'late' and not vip";
                    out.push(subject.at_line(step.line, Severity::Error, "expression", what, hint));
                    continue;
                }
            };
            for name in names {
                if is_known(subject, &name) || givers.gives(&task.name, &name) {
                    continue;
                }
                if argument == source {
                    let what = format!("nothing gives the argument {argument:?} a value");
                    let hint = format!("with = {{ {argument} = \"…\" }}");
                    out.push(subject.at_line(step.line, Severity::Error, "argument", what, hint));
                    continue;
                }
                let (what, hint) = unknown(subject, givers, &[], &name);
                out.push(subject.at_line(
                    step.line,
                    gravity(subject, givers, &name),
                    "unknown_name",
                    what,
                    hint,
                ));
            }
        }
    }
}

fn slots(subject: &Subject<'_>, givers: &Givers, out: &mut Vec<Finding>) {
    let domain = subject.domain;
    let words = subject.words(domain.language());
    for slot in domain.slots.values() {
        if let SlotKind::Record(options) = &slot.kind {
            let users = domain
                .tasks
                .iter()
                .filter(|task| task.slots.contains(&slot.name));
            for task in users {
                let looks = |of: &Task| {
                    of.steps.iter().any(|step| {
                        matches!(&step.act, Act::Look { name, all: true, .. } if *name == options.from)
                            || matches!(&step.act, Act::Set(values) if values.contains_key(&options.from))
                    })
                };
                if !looks(task) && !givers.gives(&task.name, &options.from) {
                    let what = format!(
                        "{:?} asks for {:?}, but looks up no {:?}",
                        task.name, slot.name, options.from
                    );
                    let hint = format!(
                        "{{ look = \"…\", as = {:?}, all = true }} before it",
                        options.from
                    );
                    out.push(subject.at_line(task.line, Severity::Error, "no_rows", what, hint));
                }
            }
        }
        let Some(valid) = &slot.valid else { continue };
        match words.templates.check(valid) {
            Err(what) => {
                let what = format!("the condition {valid:?} cannot be read: {what}");
                let hint = "valid = \"value != '000000'\"";
                out.push(subject.at_line(slot.line, Severity::Error, "expression", what, hint));
            }
            Ok(names) => {
                for name in names {
                    if !(is_known(subject, &name) || name == "value" || givers.any.contains(&name))
                    {
                        let (what, hint) = unknown(subject, givers, &["value"], &name);
                        let gravity = gravity(subject, givers, &name);
                        out.push(subject.at_line(slot.line, gravity, "unknown_name", what, hint));
                    }
                }
            }
        }
    }
}

fn templates(
    subject: &Subject<'_>,
    givers: &Givers,
    prompt: &Prompt,
    told: &mut BTreeSet<(usize, String, String)>,
    out: &mut Vec<Finding>,
) {
    let words = subject.words(prompt.language);
    let found = |severity: Severity, kind: &'static str, what: String, hint: String| Finding {
        file: prompt.file.clone(),
        line: prompt.line,
        severity,
        kind,
        what,
        hint,
    };
    let users = subject.users(&prompt.name);
    let of_slot = prompt.name.starts_with("slots.");
    let shared = subject.is_shared(prompt.language, &prompt.name);
    let mut more: Vec<&str> = Vec::new();
    if of_slot || prompt.name.starts_with("values.") || shared {
        more.extend(OF_SLOTS);
    }
    if shared {
        more.extend(OF_SHARED);
    }
    let templates = subject.templates(prompt.language);
    for name in templates.places_of(&prompt.text) {
        let given = match users.as_slice() {
            [] => shared && givers.any.contains(&name),
            users => users.iter().any(|task| givers.gives(&task.name, &name)),
        };
        if given || is_known(subject, &name) || more.contains(&name.as_str()) {
            continue;
        }
        // Nobody says it: that is told already.
        if users.is_empty() && !shared && !of_slot && !prompt.name.starts_with("labels.") {
            continue;
        }
        if told.insert((prompt.line, prompt.file.clone(), name.clone())) {
            let (what, hint) = unknown(subject, givers, &more, &name);
            let what = format!("{:?}: {what}", prompt.name);
            out.push(found(
                gravity(subject, givers, &name),
                "unknown_name",
                what,
                hint,
            ));
        }
    }
    for values in samples(subject, words, &prompt.text) {
        if let Err(what) = templates.trial(&prompt.text, &values)
            && is_sure(&what)
        {
            let what = format!("{:?} cannot be said: {what}", prompt.name);
            let hint = "filters are id, phone, spell, count, money, date, weekday, time and list";
            out.push(found(Severity::Error, "template", what, hint.into()));
            break;
        }
    }
}

/// Whether the error holds whatever the values are: made-up values may be of the wrong kind.
fn is_sure(what: &str) -> bool {
    [
        "unknown filter",
        "unknown function",
        "unknown test",
        "syntax error",
    ]
    .iter()
    .any(|sure| what.contains(sure))
}
