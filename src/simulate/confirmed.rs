//! No action without its confirmation: which operations stand behind a "shall I?" is read from the
//! business's tasks; that a yes came before each, to the same values, from the call as it was watched.

use super::invariants::{Broken, Rule};
use super::simulator::Called;
use crate::call::journal::Entry;
use crate::call::{Action, Note, Tick};
use crate::dialogue::domain::{Act, Step};
use crate::dialogue::template::Values;
use crate::dialogue::{Domain, Lookup, Place};
use std::collections::{BTreeMap, BTreeSet};

/// The key of a yes.
const YES: &str = "1";

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gates {
    /// The steps that ask, by task and operation.
    behind: BTreeMap<(String, String), BTreeSet<usize>>,
    /// Operations that a task does without asking.
    free: BTreeSet<(String, String)>,
    /// Operations that take something back.
    undo: BTreeSet<String>,
}

impl Gates {
    pub fn of(domain: &Domain) -> Self {
        let mut gates = Self {
            undo: domain.actions.values().flatten().cloned().collect(),
            ..Self::default()
        };
        for task in &domain.tasks {
            for (at, step) in task.steps.iter().enumerate() {
                let Act::Do { operation, .. } = &step.act else {
                    continue;
                };
                let key = (task.name.clone(), operation.clone());
                match gate(&task.steps[..at], step) {
                    Some(gate) => drop(gates.behind.entry(key).or_default().insert(gate)),
                    None => drop(gates.free.insert(key)),
                }
            }
        }
        gates
    }

    /// Operations that are done only after a yes, in some task.
    pub fn operations(&self) -> BTreeSet<&str> {
        self.behind.keys().map(|(_, name)| name.as_str()).collect()
    }
}

/// The confirmation that stands before `step`: the nearest one above that counts whenever the step does,
/// with nothing done for sure in between.
fn gate(before: &[Step], step: &Step) -> Option<usize> {
    for (at, other) in before.iter().enumerate().rev() {
        match &other.act {
            Act::Confirm(_) if other.when.is_none() || other.when == step.when => return Some(at),
            Act::Do { .. } if other.when.is_none() || other.when == step.when => return None,
            _ => {}
        }
    }
    None
}

/// A yes: to which task's step, and what was known then.
type Yes = BTreeMap<(String, usize), Values>;

/// The first action that was done without its yes.
pub fn unconfirmed(called: &Called, gates: &Gates) -> Option<Broken> {
    let mut yes = Yes::new();
    let (mut before, mut from) = (Place::default(), 0);
    for (to, after) in &called.places {
        let mut agreed = false;
        for (tick, entry) in called.entries.get(from..*to).unwrap_or_default() {
            match entry {
                Entry::Out(Action::Note(note)) if is_yes(note) => {
                    agreed = true;
                    if let Some(step) = before.confirming {
                        yes.insert((before.task.clone(), step), before.values.clone());
                    }
                }
                Entry::Out(Action::LookUp(lookup)) if lookup.action => {
                    let judged = judge(lookup, gates, &yes, &before, after, agreed);
                    if let Err(what) = judged {
                        return Some(broken(*tick, what));
                    }
                }
                _ => {}
            }
        }
        // Asked once more: the yes was none, or was taken back.
        if let Some(step) = after.confirming {
            yes.remove(&(after.task.clone(), step));
        }
        yes.retain(|(task, _), _| after.tasks.contains(task));
        (before, from) = (after.clone(), *to);
    }
    None
}

fn broken(at: Tick, what: String) -> Broken {
    Broken {
        rule: Rule::Confirmation,
        at,
        what,
    }
}

fn is_yes(note: &Note) -> bool {
    match note {
        Note::Keys(keys) => keys == YES,
        Note::Understood(understood) => understood
            .slots
            .get("yes_no")
            .is_some_and(|answer| answer == "yes"),
        _ => false,
    }
}

fn judge(
    lookup: &Lookup,
    gates: &Gates,
    yes: &Yes,
    before: &Place,
    after: &Place,
    agreed: bool,
) -> Result<(), String> {
    let name = &lookup.name;
    let tasks: BTreeSet<&String> = before.tasks.iter().chain(&after.tasks).collect();
    let key = |task: &String| (task.clone(), name.clone());
    if tasks.iter().any(|task| gates.free.contains(&key(task))) {
        return Ok(());
    }
    let behind: Vec<(&String, &BTreeSet<usize>)> = tasks
        .iter()
        .filter_map(|task| Some((*task, gates.behind.get(&key(task))?)))
        .collect();
    if behind.is_empty() {
        let taken_back = before.undoing && agreed;
        return match gates.undo.contains(name) && !taken_back {
            true => Err(format!("{name} took something back without a yes")),
            false => Ok(()),
        };
    }
    let mut known = behind
        .iter()
        .flat_map(|(task, steps)| steps.iter().map(move |step| ((*task).clone(), *step)))
        .filter_map(|gate| Some((yes.get(&gate)?, gate.0)));
    let Some((then, task)) = known.next() else {
        return Err(format!("{name} was done without a yes to it"));
    };
    // In the turn of the yes itself there is nothing to compare with.
    let now = [before, after].into_iter().find(|place| place.task == task);
    let changed = now.and_then(|place| {
        let mut values = then.iter();
        values.find(|(slot, value)| place.values.get(*slot).is_some_and(|now| now != *value))
    });
    match changed {
        Some((slot, _)) => Err(format!(
            "{name} was done with another {slot} than the yes was to"
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
#[path = "confirmed_tests.rs"]
mod tests;
