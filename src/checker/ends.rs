//! Tasks that leave the caller in silence, and tasks that go in circles. A task is walked through on paper:
//! its values are tried in many combinations, taken from what its conditions compare them with.

use super::subject::Subject;
use super::typical::{Word, words_of};
use super::{Finding, Severity};
use crate::dialogue::domain::{Act, SlotKind, Task, Words};
use crate::dialogue::template::{Values, View};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Combinations of values that are tried at most.
const TRIED: usize = 500;
/// Conditions that are told.
const TOLD: usize = 3;

/// Tasks with a way through on which nothing is said at the end.
pub(super) fn dead_ends(subject: &Subject<'_>) -> Vec<Finding> {
    let domain = subject.domain;
    let identity = [&domain.identity.known, &domain.identity.verified];
    let words = subject.words(domain.language());
    let mut out = Vec::new();
    for task in &domain.tasks {
        // Those go back to the task that wanted to know who calls.
        if identity
            .iter()
            .any(|name| name.as_ref() == Some(&task.name))
        {
            continue;
        }
        let axes = Axes::of(subject, task);
        let silent = axes
            .samples()
            .find_map(|values| walk(subject, words, task, values));
        if let Some(silent) = silent {
            let when = if silent.conditions.is_empty() {
                String::new()
            } else {
                format!(", when {}", silent.conditions.join(" and "))
            };
            let what = format!("{:?} can end with nothing said{when}", task.name);
            let hint = "close it with a say, or with person or go, that has no `if`";
            out.push(subject.at_line(silent.line, Severity::Warning, "dead_end", what, hint));
        }
    }
    out
}

/// An end without a word.
struct Silent {
    line: usize,
    conditions: Vec<String>,
}

/// Walks through the task with these values; something where it ends in silence.
fn walk(subject: &Subject<'_>, words: &Words, task: &Task, sample: Values) -> Option<Silent> {
    let mut values = subject.domain.constants.clone();
    for (name, value) in &sample {
        if is_given(task, name) {
            values.insert(name.clone(), value.clone());
        }
    }
    let mut said = false;
    let mut silent = Silent {
        line: task.line,
        conditions: Vec::new(),
    };
    for step in &task.steps {
        if let Some(when) = &step.when {
            let holds = words.templates.holds(when, &View::from(&values));
            if !holds {
                silent.conditions.push(format!("not ({when})"));
                continue;
            }
            silent.conditions.push(format!("({when})"));
        }
        silent.line = step.line;
        said |= step.say.is_some();
        match &step.act {
            Act::Ask(slot) => {
                said = false;
                let value = sample.get(slot).filter(|value| !value.is_null());
                values.insert(
                    slot.clone(),
                    value.cloned().unwrap_or_else(|| json!({ "id": "1" })),
                );
            }
            Act::Take(name) | Act::Look { name, .. } | Act::Do { name, .. } => {
                let value = sample.get(name).cloned();
                values.insert(name.clone(), value.unwrap_or_else(|| json!({ "id": "1" })));
            }
            Act::Confirm(_) | Act::More(_) => said = false,
            Act::Set(all) => {
                for (name, expression) in all {
                    let value = words.templates.value(expression, &View::from(&values));
                    values.insert(name.clone(), value);
                }
            }
            Act::Speak(_) | Act::Say => {}
            // Who is known now goes on with what he wanted to do.
            Act::Grant { .. } | Act::Again(_) | Act::Person(_) | Act::Go(_) | Act::HangUp => {
                return None;
            }
            Act::End => break,
        }
    }
    let count = silent.conditions.len();
    silent.conditions.drain(..count.saturating_sub(TOLD));
    (!said).then_some(silent)
}

/// Whether a name has its value before the first step: neither asked for, looked up nor set by the task.
fn is_given(task: &Task, name: &str) -> bool {
    !task.steps.iter().any(|step| match &step.act {
        Act::Ask(other)
        | Act::Take(other)
        | Act::Look { name: other, .. }
        | Act::Do { name: other, .. } => other == name,
        Act::Set(all) => all.contains_key(name),
        _ => false,
    })
}

/// What can vary: the candidates of each path (`found.status`).
struct Axes(Vec<(String, Vec<Value>)>);

impl Axes {
    fn of(subject: &Subject<'_>, task: &Task) -> Self {
        let mut met: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for source in expressions(task) {
            candidates(&source, &mut met);
        }
        let roots: BTreeSet<String> = met.keys().map(|path| root(path).to_owned()).collect();
        let lists: BTreeSet<&str> = task
            .steps
            .iter()
            .filter_map(|step| match &step.act {
                Act::Look {
                    name, all: true, ..
                } => Some(name.as_str()),
                _ => None,
            })
            .collect();
        let mut axes: Vec<(String, Vec<Value>)> = Vec::new();
        for name in roots {
            if subject.domain.constants.contains_key(&name) {
                continue;
            }
            if lists.contains(name.as_str()) {
                let row = json!({ "id": "1", "name": "x" });
                axes.push((name, vec![json!([]), json!([row]), json!([row, row])]));
                continue;
            }
            let below: Vec<&String> = met
                .keys()
                .filter(|path| root(path) == name && **path != name)
                .collect();
            if below.is_empty() {
                let asked = task
                    .steps
                    .iter()
                    .any(|step| step.act == Act::Ask(name.clone()));
                let mut values = met.get(&name).cloned().unwrap_or_default();
                if let Some(SlotKind::Choice(options)) =
                    subject.domain.slots.get(&name).map(|slot| &slot.kind)
                {
                    values = options.iter().map(|option| json!(option)).collect();
                } else {
                    complete(&mut values);
                }
                if asked {
                    values.retain(|value| !value.is_null());
                    // What is asked for is there; a yes or no may be no.
                    let yes_no = subject
                        .domain
                        .slots
                        .get(&name)
                        .is_some_and(|slot| slot.kind.name() == "yes_no");
                    if !yes_no {
                        values.retain(|value| *value != json!(false));
                    }
                }
                axes.push((name, values));
            } else {
                let mut rows = vec![json!({})];
                if !subject.domain.slots.contains_key(&name) {
                    rows.push(Value::Null);
                }
                axes.push((name.clone(), rows));
                for path in below {
                    let mut values = met.get(path).cloned().unwrap_or_default();
                    complete(&mut values);
                    axes.push((path.clone(), values));
                }
            }
        }
        Self(axes)
    }

    /// Combinations, spread over all of them where there are too many.
    fn samples(&self) -> impl Iterator<Item = Values> + '_ {
        let total = self.0.iter().fold(1_u64, |all, (_, values)| {
            all.saturating_mul(values.len().max(1) as u64)
        });
        let count = total.min(TRIED as u64);
        // An odd stride far from a divisor of the usual numbers.
        let stride = if total <= TRIED as u64 {
            1
        } else {
            7_368_787 % total
        };
        (0..count).map(move |at| {
            let mut place = at.wrapping_mul(stride) % total.max(1);
            let mut values = Values::new();
            for (path, candidates) in &self.0 {
                let many = candidates.len().max(1) as u64;
                let value = candidates
                    .get((place % many) as usize)
                    .cloned()
                    .unwrap_or_default();
                place /= many;
                put(&mut values, path, value);
            }
            values
        })
    }
}

fn put(values: &mut Values, path: &str, value: Value) {
    let mut parts = path.split('.');
    let Some(first) = parts.next() else { return };
    let rest: Vec<&str> = parts.collect();
    if rest.is_empty() {
        values.insert(first.to_owned(), value);
        return;
    }
    let mut at = values.entry(first.to_owned()).or_insert_with(|| json!({}));
    for (place, part) in rest.iter().enumerate() {
        let Some(members) = at.as_object_mut() else {
            return;
        };
        if place + 1 == rest.len() {
            members.insert((*part).to_owned(), value);
            return;
        }
        at = members
            .entry((*part).to_owned())
            .or_insert_with(|| json!({}));
    }
}

fn root(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// A value that none of the comparisons names, nothing at all, yes and no.
fn complete(values: &mut Vec<Value>) {
    let texts = values.iter().filter(|value| value.is_string()).count();
    let numbers = values.iter().any(Value::is_number);
    match (texts, numbers) {
        // Several texts are taken for all that there can be.
        (2.., _) | (_, true) => {}
        (1, false) => values.push(json!("another")),
        (0, false) => values.extend([json!(true), json!(false)]),
    }
    if texts == 0 && !numbers {
        values.push(Value::Null);
    }
}

/// What the expressions compare each path with.
fn candidates(source: &str, met: &mut BTreeMap<String, Vec<Value>>) {
    let words = words_of(source);
    for (at, word) in words.iter().enumerate() {
        let Word::Path(path) = word else { continue };
        let values = met.entry(path.clone()).or_default();
        let mut add = |value: Value| {
            if !values.contains(&value) {
                values.push(value);
            }
        };
        let after: Vec<&Word> = words[at + 1..].iter().take(40).collect();
        let before = |back: usize| at.checked_sub(back).and_then(|place| words.get(place));
        let sided = match (after.first(), after.get(1), before(1), before(2)) {
            (Some(Word::Compare(_)), Some(other), ..) => Some(*other),
            (_, _, Some(Word::Compare(_)), Some(other)) => Some(other),
            _ => None,
        };
        match sided {
            Some(Word::Text(text)) => add(json!(text)),
            Some(Word::Number(number)) => [number - 1, *number, number + 1]
                .into_iter()
                .for_each(|n| add(json!(n))),
            Some(Word::Path(other))
                if matches!(other.as_str(), "today" | "now")
                    || matches!(path.as_str(), "today" | "now") =>
            {
                ["2000-01-01T10:00", "2026-11-24T10:30", "2100-01-01T10:00"]
                    .into_iter()
                    .for_each(|day| add(json!(day)));
            }
            Some(Word::Path(_)) => [0, 5, 9].into_iter().for_each(|n| add(json!(n))),
            _ => {}
        }
        let list = match after.as_slice() {
            [Word::Name(is), rest @ ..] if is == "in" => Some(rest),
            [Word::Name(not), Word::Name(is), rest @ ..] if not == "not" && is == "in" => {
                Some(rest)
            }
            _ => None,
        };
        if let Some([Word::Sign('[' | '('), rest @ ..]) = list {
            for word in rest
                .iter()
                .take_while(|word| !matches!(word, Word::Sign(']' | ')')))
            {
                match word {
                    Word::Text(text) => add(json!(text)),
                    Word::Number(number) => add(json!(number)),
                    _ => {}
                }
            }
            add(json!("another"));
        }
    }
}

fn expressions(task: &Task) -> Vec<String> {
    let mut out = Vec::new();
    for step in &task.steps {
        out.extend(step.when.clone());
        if let Act::Set(all) = &step.act {
            out.extend(all.values().cloned());
        }
    }
    out
}

/// `again` that changes nothing, so that the same happens until a person takes over.
pub(super) fn circles(subject: &Subject<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for task in &subject.domain.tasks {
        for step in &task.steps {
            let Act::Again(forgotten) = &step.act else {
                continue;
            };
            if step.when.is_none() {
                let what = format!("{:?} starts over whatever happens", task.name);
                let hint = "give the step with again an `if`";
                out.push(subject.at_line(step.line, Severity::Error, "circle", what, hint));
                continue;
            }
            let asks = |name: &String| {
                name.strip_prefix("unknown_")
                    .is_some_and(|slot| subject.domain.slots.contains_key(slot))
                    || task.steps.iter().any(|other| match &other.act {
                        Act::Ask(slot) | Act::Take(slot) => slot == name,
                        Act::Set(values) => values.contains_key(name),
                        Act::Confirm(_) => false,
                        _ => false,
                    })
            };
            if !forgotten.iter().any(asks) {
                let what = format!("{:?} starts over without asking anything anew", task.name);
                let hint = "again = [\"slot\"] names what is to be asked again";
                out.push(subject.at_line(step.line, Severity::Warning, "circle", what, hint));
            }
        }
    }
    out
}
