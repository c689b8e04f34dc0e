//! Wishes that sound alike. Each example is judged by a ranker that has not learnt from it: where it would
//! go to another task, callers will, too.

use super::subject::Subject;
use super::{Finding, Severity};
use crate::dialogue::domain::{Label, Words};
use crate::dialogue::ranker::Ranker;
use crate::dialogue::spoken::Language;
use std::collections::{BTreeMap, BTreeSet};

/// Parts in which examples are left out.
const PARTS: usize = 6;
/// Confidence from which an answer is at least asked about.
const BELIEVED: u16 = 350;
/// Examples of a label that are looked at: more tell little more, and take their time.
const LOOKED_AT: usize = 40;
/// So many examples of a pair, and so large a part of all (one in so many), are told.
const MANY: usize = 3;
const SHARE: usize = 8;

/// Examples that go to another task when they are left out of what is learnt.
pub(super) fn overlap(subject: &Subject<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for &language in &subject.domain.languages {
        confused(subject, subject.words(language), language, &mut out);
    }
    out
}

/// The same sentence under two labels.
pub(super) fn same(subject: &Subject<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for &language in &subject.domain.languages {
        twice(subject, subject.words(language), &mut out);
    }
    out
}

fn name(subject: &Subject<'_>, label: Label) -> String {
    match label {
        Label::Task(place) => subject
            .domain
            .tasks
            .get(place)
            .map(|task| task.name.clone())
            .unwrap_or_default(),
        Label::Command(command) => command.name().to_owned(),
        Label::Page => "a page".to_owned(),
    }
}

/// Where the examples of a label stand in the business's own file; none: they are shared ones.
fn place(subject: &Subject<'_>, label: Label, language: Language) -> Option<(String, String)> {
    let path = match label {
        Label::Task(_) => format!("tasks.{}.examples", name(subject, label)),
        Label::Command(_) => format!("commands.{}.examples", name(subject, label)),
        Label::Page => return None,
    };
    let file = format!("{}/wording.toml", language.code());
    subject
        .book(&file)
        .get(&path)
        .is_some()
        .then_some((file, path))
}

/// The line of the example itself, where it is written without a slot.
fn line_of(subject: &Subject<'_>, (file, path): &(String, String), example: &str) -> String {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(|c| c.is_alphanumeric() || *c == ' ')
            .collect::<String>()
            .to_lowercase()
    };
    let wanted = plain(example);
    let found = subject.book(file).below(path).find(|(_, entry)| {
        entry
            .text
            .as_deref()
            .is_some_and(|text| plain(text) == wanted)
    });
    found.map_or_else(|| path.clone(), |(at, _)| format!("{path}.{at}"))
}

fn twice(subject: &Subject<'_>, words: &Words, out: &mut Vec<Finding>) {
    let mut owners: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (label, text) in &words.examples {
        owners.entry(text).or_default().insert(*label);
    }
    for (text, labels) in owners.into_iter().filter(|(_, labels)| labels.len() > 1) {
        let labels: Vec<Label> = labels
            .into_iter()
            .filter_map(|at| words.labels.get(at).copied())
            .collect();
        let names: Vec<String> = labels.iter().map(|&label| name(subject, label)).collect();
        let own = labels
            .iter()
            .find_map(|&label| place(subject, label, words.language));
        let Some(own) = own else { continue }; // shared by every business
        let path = line_of(subject, &own, text);
        let what = format!("{text:?} is an example of {}", names.join(" and of "));
        let hint = "leave it to one of them";
        let tasks = labels
            .iter()
            .filter(|label| matches!(label, Label::Task(_)))
            .count();
        let severity = if tasks > 1 {
            Severity::Error
        } else {
            Severity::Warning
        };
        out.push(subject.finding((&own.0, &path), severity, "same_example", what, hint));
    }
}

/// A pair of labels, with the examples of the first that went to the second.
type Pairs = BTreeMap<(usize, usize), Vec<String>>;

fn confused(subject: &Subject<'_>, words: &Words, language: Language, out: &mut Vec<Finding>) {
    for ((own, other), examples) in pairs(words, language) {
        let (Some(&label), Some(&rival)) = (words.labels.get(own), words.labels.get(other)) else {
            continue;
        };
        let Some(place) = place(subject, label, language) else {
            continue;
        };
        if !matches!(label, Label::Task(_)) {
            continue;
        }
        let all = words
            .examples
            .iter()
            .filter(|(of, _)| *of == own)
            .count()
            .min(LOOKED_AT);
        if examples.len() < MANY || examples.len() * SHARE < all {
            continue;
        }
        let shown: Vec<String> = examples
            .iter()
            .take(MANY)
            .map(|text| format!("{text:?}"))
            .collect();
        let what = format!(
            "{} of {all} examples of {} sound like {}: {}",
            examples.len(),
            name(subject, label),
            name(subject, rival),
            shown.join(", ")
        );
        let hint =
            "give both more examples with the words that tell them apart, or make them one task";
        out.push(subject.finding(
            (&place.0, &place.1),
            Severity::Warning,
            "overlap",
            what,
            hint,
        ));
    }
}

/// The examples of each label, evenly thinned out where there are many (an option for each word).
fn sample(words: &Words) -> Vec<(usize, String)> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for (label, _) in &words.examples {
        *counts.entry(*label).or_default() += 1;
    }
    let mut met: BTreeMap<usize, usize> = BTreeMap::new();
    let taken = |(label, _): &&(usize, String)| {
        let at = met.entry(*label).or_default();
        *at += 1;
        let all = counts.get(label).copied().unwrap_or(1).max(LOOKED_AT);
        (*at * LOOKED_AT) / all != ((*at - 1) * LOOKED_AT) / all
    };
    words.examples.iter().filter(taken).cloned().collect()
}

fn pairs(words: &Words, language: Language) -> Pairs {
    let mut met: BTreeMap<usize, usize> = BTreeMap::new();
    let sample = sample(words);
    let parts: Vec<usize> = sample
        .iter()
        .map(|(label, _)| {
            let count = met.entry(*label).or_default();
            *count += 1;
            *count % PARTS
        })
        .collect();
    let mut pairs = Pairs::new();
    for part in 0..PARTS {
        let rest: Vec<(usize, String)> = sample
            .iter()
            .zip(&parts)
            .filter(|(_, of)| **of != part)
            .map(|(example, _)| example.clone())
            .collect();
        let ranker = Ranker::train(&rest, &[], language);
        for ((label, text), _) in sample.iter().zip(&parts).filter(|(_, of)| **of == part) {
            if !matches!(words.labels.get(*label), Some(Label::Task(_))) {
                continue;
            }
            // What is less likely is not even asked about.
            let answer = ranker
                .rank(text)
                .answer()
                .filter(|best| best.confidence >= BELIEVED);
            if let Some(best) = answer.filter(|best| best.label != *label) {
                pairs
                    .entry((*label, best.label))
                    .or_default()
                    .push(text.clone());
            }
        }
    }
    pairs
}
