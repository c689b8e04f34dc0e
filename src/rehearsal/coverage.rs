//! What of a business the examples met, and what they never did.

use super::Step;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Steps by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    kinds: BTreeMap<String, Kind>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Kind {
    all: usize,
    /// Never met.
    missing: BTreeSet<String>,
}

impl Coverage {
    /// Of all steps in `universe`, those in `met`. Steps that are not in it do not count: numbers and
    /// answers understood without a wish.
    pub fn new(universe: &[Step], met: &BTreeSet<Step>) -> Self {
        let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
        for step in universe.iter().collect::<BTreeSet<_>>() {
            let (kind, name) = step.split_once(':').unwrap_or(("other", step));
            let kind = kinds.entry(kind.to_owned()).or_default();
            kind.all += 1;
            if !met.contains(step) {
                kind.missing.insert(name.to_owned());
            }
        }
        Self { kinds }
    }

    /// A line per kind, and what is missing.
    pub fn table(&self) -> String {
        let mut out = String::new();
        for (name, kind) in &self.kinds {
            let met = kind.all - kind.missing.len();
            let share = percent(met, kind.all);
            let _ = writeln!(out, "{name:<10} {met:>4} of {:<4} {share:>3} %", kind.all);
        }
        for (name, kind) in &self.kinds {
            for missing in &kind.missing {
                let _ = writeln!(out, "  never met: {name} {missing}");
            }
        }
        out
    }

    pub fn json(&self) -> Value {
        let kinds = self.kinds.iter().map(|(name, kind)| {
            let met = kind.all - kind.missing.len();
            let value = json!({ "met": met, "of": kind.all, "missing": kind.missing });
            (name.clone(), value)
        });
        Value::Object(kinds.collect())
    }
}

/// Rounded down: 100 is all.
fn percent(part: usize, all: usize) -> usize {
    (part * 100).checked_div(all).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_met_is_listed() {
        let universe: Vec<Step> = ["intent:a", "intent:b", "intent:c", "branch:a/1:yes"]
            .map(Into::into)
            .into();
        let met = BTreeSet::from(["intent:a".into(), "intent:c".into(), "intent:yes_no".into()]);
        let table = Coverage::new(&universe, &met).table();
        let lines: Vec<&str> = table.lines().map(str::trim).collect();
        assert_eq!(
            lines,
            [
                "branch        0 of 1      0 %",
                "intent        2 of 3     66 %",
                "never met: branch a/1:yes",
                "never met: intent b",
            ]
        );
    }
}
