//! Two tellings of one call, turn against turn: where they part, and how bad that is.

use crate::bundle::expect::end;
use crate::bundle::story::{End, Given, Turn};
use crate::dialogue::{Disposition, Reason};
use std::collections::BTreeMap;

/// How much of a call has changed. In order: the last is the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The same things happen in other words.
    Wording,
    /// Something else was heard or understood, and nothing came of it.
    Understanding,
    /// Other questions are asked or looked up.
    Path,
    /// The call ends otherwise, or something else is done.
    Outcome,
}

impl Change {
    pub fn name(self) -> &'static str {
        match self {
            Self::Wording => "wording",
            Self::Understanding => "understanding",
            Self::Path => "path",
            Self::Outcome => "outcome",
        }
    }
}

/// Where two tellings part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The worst that was found in the whole call.
    pub worst: Change,
    /// Index of the first turn that differs; of the first that one side does not have, where one is over
    /// earlier.
    pub turn: usize,
    /// What differs in it, for people.
    pub what: Vec<String>,
}

/// Compares the turns of a recording with those of today. `None`: the same, to the word.
pub fn compare(then: &[Turn], now: &[Turn]) -> Option<Difference> {
    let mut found: Option<Difference> = None;
    for turn in 0..then.len().max(now.len()) {
        let (worst, what) = match (then.get(turn), now.get(turn)) {
            (Some(then), Some(now)) => one(then, now),
            (Some(_), None) => (Some(Change::Path), vec!["the call is over already".into()]),
            (None, Some(_)) => (Some(Change::Path), vec!["the call goes on".into()]),
            (None, None) => (None, Vec::new()),
        };
        let Some(worst) = worst else { continue };
        match &mut found {
            Some(known) => known.worst = known.worst.max(worst),
            None => found = Some(Difference { worst, turn, what }),
        }
    }
    let outcome = outcomes(then, now);
    if !outcome.is_empty() {
        let last = then.len().max(now.len()).saturating_sub(1);
        let known = found.get_or_insert(Difference {
            worst: Change::Outcome,
            turn: last,
            what: Vec::new(),
        });
        known.worst = Change::Outcome;
        for line in outcome {
            if !known.what.contains(&line) {
                known.what.push(line);
            }
        }
    }
    found
}

fn one(then: &Turn, now: &Turn) -> (Option<Change>, Vec<String>) {
    let (mut worst, mut what) = (None, Vec::new());
    let mut differs = |change: Change, line: String| {
        worst = worst.max(Some(change));
        what.push(line);
    };
    let (heard, hears) = (then.words(), now.words());
    if heard != hears || !same_kind(&then.given, &now.given) {
        differs(
            Change::Understanding,
            format!("heard {heard:?}, now {hears:?}"),
        );
    }
    let (before, after) = (meant(then), meant(now));
    if before != after {
        differs(
            Change::Understanding,
            format!("understood {before}, now {after}"),
        );
    }
    let (before, after) = (asked(then), asked(now));
    if before != after {
        let change = Change::Path;
        differs(change, format!("looked up {before}, now {after}"));
    }
    if ending(then.end.as_ref()) != ending(now.end.as_ref()) {
        let (before, after) = (told(then.end.as_ref()), told(now.end.as_ref()));
        differs(Change::Path, format!("{before}, now {after}"));
    }
    if then.text() != now.text() {
        differs(Change::Wording, "says something else".into());
    }
    (worst, what)
}

fn same_kind(a: &Given, b: &Given) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

fn meant(turn: &Turn) -> String {
    let Some(understood) = &turn.understood else {
        return "nothing".into();
    };
    let slots = understood
        .slots
        .iter()
        .map(|(name, value)| format!(" {name} = {value}"));
    let intent = match understood.intent.as_str() {
        "" => "none of these",
        intent => intent,
    };
    format!("{intent}{}", slots.collect::<String>())
}

fn asked(turn: &Turn) -> String {
    let all: Vec<String> = turn.asked.iter().map(|asked| call(&asked.lookup)).collect();
    if all.is_empty() {
        "nothing".into()
    } else {
        all.join(", ")
    }
}

/// A question with its arguments; not where in the sound it was, which differs from run to run.
fn call(lookup: &crate::dialogue::Lookup) -> String {
    let arguments: BTreeMap<&str, String> = lookup
        .arguments
        .iter()
        .filter(|(name, _)| *name != "offset_ms")
        .map(|(name, value)| (name.as_str(), crate::pii::stand_in::masked(value)))
        .collect();
    let arguments: Vec<String> = arguments
        .iter()
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    format!("{}({})", lookup.name, arguments.join(", "))
}

fn ending(end: Option<&End>) -> Option<(Disposition, Option<Reason>)> {
    let reason = match end? {
        End::HandedOver(handover) => Some(handover.reason),
        End::HungUp(_) | End::Gone => None,
    };
    Some((end?.disposition(), reason))
}

fn told(end: Option<&End>) -> String {
    match ending(end) {
        None => "goes on".into(),
        Some((disposition, None)) => format!("ends {disposition:?}"),
        Some((disposition, Some(reason))) => format!("ends {disposition:?} ({reason:?})"),
    }
}

/// What was done and how it ended, where that differs.
fn outcomes(then: &[Turn], now: &[Turn]) -> Vec<String> {
    let mut what = Vec::new();
    let (before, after) = (end(then), end(now));
    if ending(before) != ending(after) {
        what.push(format!("{}, now {}", told(before), told(after)));
    }
    let (before, after) = (actions(then), actions(now));
    for lost in before.iter().filter(|action| !after.contains(action)) {
        what.push(format!("{lost} is no longer done"));
    }
    for new in after.iter().filter(|action| !before.contains(action)) {
        what.push(format!("{new} is done now"));
    }
    what
}

/// What was changed in the back end.
fn actions(turns: &[Turn]) -> Vec<String> {
    let asked = turns.iter().flat_map(|turn| &turn.asked);
    let actions = asked.filter(|asked| asked.lookup.action && asked.answer.is_some());
    actions.map(|asked| call(&asked.lookup)).collect()
}
