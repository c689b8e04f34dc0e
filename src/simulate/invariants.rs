//! What must hold of every call, whatever the caller does. Each is checked on what was watched, not on
//! what the engine thinks of it: on the caller's own sound, on the sound that went out, on the texts.

use super::confirmed::{self, unconfirmed};
use super::secrets::leaks;
use super::simulator::{Called, Moment};
use crate::call::journal::Entry;
use crate::call::{Action, Event, Note, Tick, ticks};
use crate::dialogue::Domain;
use serde::Serialize;

/// Nobody is left in silence for longer.
pub const PATIENCE: Tick = ticks(5000);

/// Which invariant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The caller is never left in silence for more than 5 s after his turn; and both sides are silent for
    /// no more than 5 s beyond what counts as no input.
    Silence,
    /// Nothing is said after the end of the call.
    AfterTheEnd,
    /// A call ends exactly once, and it does end.
    Outcome,
    /// Nothing is done that a "shall I?" stands before without a yes to it.
    Confirmation,
    /// What is keyed as a secret is nowhere.
    Secret,
}

impl Rule {
    pub const ALL: [Self; 5] = [
        Self::Silence,
        Self::AfterTheEnd,
        Self::Outcome,
        Self::Confirmation,
        Self::Secret,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Silence => "silence",
            Self::AfterTheEnd => "after the end",
            Self::Outcome => "outcome",
            Self::Confirmation => "confirmation",
            Self::Secret => "secret",
        }
    }
}

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    pub rule: Rule,
    /// When, in ticks of the call.
    pub at: Tick,
    pub what: String,
}

/// What must be known of the business.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub gates: confirmed::Gates,
}

impl Facts {
    pub fn of(domain: &Domain) -> Self {
        Self {
            gates: confirmed::Gates::of(domain),
        }
    }
}

/// Everything that does not hold of a call, in the order of the rules.
pub fn broken(called: &Called, facts: &Facts) -> Vec<Broken> {
    let mut all = Vec::new();
    all.extend(left_alone(called));
    all.extend(both_silent(&called.moments));
    all.extend(after_the_end(called));
    all.extend(outcome(called));
    all.extend(unconfirmed(called, &facts.gates));
    all.extend(leaks(called));
    all
}

fn found(rule: Rule, at: Tick, what: impl Into<String>) -> Broken {
    Broken {
        rule,
        at,
        what: what.into(),
    }
}

/// The caller has said or keyed something, and nobody answers.
fn left_alone(called: &Called) -> Option<Broken> {
    let turns = called
        .entries
        .iter()
        .filter_map(|(tick, entry)| match entry {
            Entry::Out(Action::Note(Note::Keys(_) | Note::NoInput | Note::Noise)) => Some(*tick),
            Entry::In(Event::Returned) => Some(*tick),
            _ => None,
        });
    let turns = turns.chain(called.said.iter().copied());
    let alone = |at: &Tick| {
        let after = called.moments.iter().skip(*at as usize);
        let mut after = after.take(PATIENCE as usize);
        after.len() == PATIENCE as usize
            && after.all(|moment| !moment.bot && !moment.caller && moment.limit.is_some())
    };
    let at = turns.into_iter().filter(alone).min()?;
    Some(found(
        Rule::Silence,
        at,
        "the caller's turn was over, and for 5 s nothing was said",
    ))
}

fn both_silent(moments: &[Moment]) -> Option<Broken> {
    let mut quiet: Tick = 0;
    for (at, moment) in moments.iter().enumerate() {
        let Some(limit) = moment.limit.filter(|_| !moment.bot && !moment.caller) else {
            quiet = 0;
            continue;
        };
        quiet += 1;
        if quiet > limit + PATIENCE {
            let seconds = quiet / ticks(1000);
            return Some(found(
                Rule::Silence,
                at as Tick,
                format!("both sides have been silent for {seconds} s"),
            ));
        }
    }
    None
}

fn after_the_end(called: &Called) -> Option<Broken> {
    let mut over = false;
    for (tick, entry) in &called.entries {
        match entry {
            Entry::In(Event::Returned) => over = false,
            Entry::In(Event::HungUp) | Entry::Out(Action::HangUp(_) | Action::HandOver(_)) => {
                over = true;
            }
            Entry::Out(Action::Say { sentences, .. }) if over => {
                let text = sentences.first().map_or("", |sentence| &sentence.text);
                return Some(found(
                    Rule::AfterTheEnd,
                    *tick,
                    format!("{text:?} was to be said after the call was over"),
                ));
            }
            _ => {}
        }
    }
    let late = called.late.first()?;
    Some(found(
        Rule::AfterTheEnd,
        *late,
        "sound went out after the call was over",
    ))
}

fn outcome(called: &Called) -> Option<Broken> {
    let mut ended: Option<bool> = None;
    for (tick, entry) in &called.entries {
        let handed_over = match entry {
            Entry::In(Event::Returned) => {
                ended = None;
                continue;
            }
            Entry::Out(Action::HandOver(_)) => true,
            Entry::In(Event::HungUp) | Entry::Out(Action::HangUp(_)) => false,
            _ => continue,
        };
        if ended.replace(handed_over).is_some() {
            return Some(found(Rule::Outcome, *tick, "the call ended twice"));
        }
    }
    let last = called.moments.len() as Tick;
    match (ended, called.disposition) {
        (None, _) => Some(found(Rule::Outcome, last, "the call never ended")),
        (Some(_), None) => Some(found(Rule::Outcome, last, "the call has no disposition")),
        (Some(_), Some(_)) => None,
    }
}

#[cfg(test)]
#[path = "invariants_tests.rs"]
mod tests;
