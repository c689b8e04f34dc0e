//! The keypad: whether the menu can be used when speech fails, and whether there are keys enough.

use super::subject::Subject;
use super::{Finding, Severity};
use crate::dialogue::domain::SlotKind;

/// Choices that are read out with their keys.
const MOST: usize = 9;

pub(super) fn keys(subject: &Subject<'_>) -> Vec<Finding> {
    let domain = subject.domain;
    let mut out = Vec::new();
    let mut person = domain.tasks.iter().filter(|task| task.key == Some('0'));
    if let Some(task) = person.next() {
        let what = format!("{:?} has the key 0, which is a person's", task.name);
        let path = format!("tasks.{}.key", task.name);
        let hint = "give it a key from 1 to 9, or none";
        out.push(subject.finding(
            ("tasks.toml", &path),
            Severity::Error,
            "key_of_person",
            what,
            hint,
        ));
    }
    if domain.menu().is_empty() {
        let what =
            "no task has a key: callers who are not understood have only a person".to_owned();
        let hint = "key = \"1\" for the tasks that are asked for most";
        out.push(subject.at_line(1, Severity::Warning, "no_menu", what, hint));
    }
    for slot in domain.slots.values() {
        if let SlotKind::Choice(options) = &slot.kind
            && options.len() > MOST
        {
            let what = format!(
                "{:?} has {} options, more than there are keys",
                slot.name,
                options.len()
            );
            let hint = "keep to nine, or split the question in two";
            out.push(subject.at_line(
                slot.line,
                Severity::Warning,
                "more_choices_than_keys",
                what,
                hint,
            ));
        }
    }
    out
}
