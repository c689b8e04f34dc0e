//! Secrets that would be spoken: in a prompt, a label, by way of another value, or because an operation
//! gives them back.

use super::subject::Subject;
use super::{Finding, Severity};
use crate::dialogue::domain::Act;
use std::collections::BTreeSet;

pub(super) fn secrets(subject: &Subject<'_>) -> Vec<Finding> {
    let domain = subject.domain;
    let mut secret: BTreeSet<String> = domain
        .slots
        .values()
        .filter(|slot| slot.secret)
        .map(|slot| slot.name.clone())
        .collect();
    if secret.is_empty() {
        return Vec::new();
    }
    let slots = secret.clone();
    let mut out = Vec::new();
    let words = subject.words(domain.language());
    let uses = |source: &str, secret: &BTreeSet<String>| {
        let names = words.templates.check(source).unwrap_or_default();
        names.into_iter().find(|name| secret.contains(name))
    };
    // What is set from a secret is one, too.
    loop {
        let before = secret.len();
        for step in domain.tasks.iter().flat_map(|task| &task.steps) {
            if let Act::Set(values) = &step.act {
                for (name, source) in values {
                    if uses(source, &secret).is_some() {
                        secret.insert(name.clone());
                    }
                }
            }
        }
        if secret.len() == before {
            break;
        }
    }
    for prompt in &subject.prompts {
        let templates = subject.templates(prompt.language);
        let mut names = templates.places_of(&prompt.text);
        let own = prompt
            .name
            .strip_prefix("slots.")
            .filter(|slot| slots.contains(*slot));
        if own.is_some() {
            // Of a secret's own question, what was keyed.
            names.extend(
                names
                    .clone()
                    .into_iter()
                    .filter(|name| matches!(name.as_str(), "value" | "part" | "name")),
            );
        }
        let said = names.iter().find(|name| {
            secret.contains(*name)
                || own.is_some() && matches!(name.as_str(), "value" | "part" | "name")
        });
        if let Some(name) = said {
            out.push(Finding {
                file: prompt.file.clone(),
                line: prompt.line,
                severity: Severity::Error,
                kind: "secret_said",
                what: format!("{:?} would say {name:?}, which is secret", prompt.name),
                hint: "say that it was right or wrong, never what it was".into(),
            });
        }
    }
    // Examples would teach callers to say it.
    for language in &domain.languages {
        let file = format!("{}/wording.toml", language.code());
        let book = subject.book(&file);
        for task in &domain.tasks {
            let path = format!("tasks.{}.examples", task.name);
            for (at, entry) in book.below(&path) {
                let text = entry.text.as_deref().unwrap_or_default();
                if let Some(name) = slots
                    .iter()
                    .find(|name| text.contains(&format!("{{{name}}}")))
                {
                    let what = format!("an example has callers say {name:?}, which is secret");
                    let hint = "secrets are keyed, never said: leave it out";
                    out.push(subject.finding(
                        (&file, &format!("{path}.{at}")),
                        Severity::Error,
                        "secret_said",
                        what,
                        hint,
                    ));
                }
            }
        }
    }
    returned(subject, &secret, &slots, &mut out);
    out
}

/// Operations that are given a secret and give it back.
fn returned(
    subject: &Subject<'_>,
    secret: &BTreeSet<String>,
    slots: &BTreeSet<String>,
    out: &mut Vec<Finding>,
) {
    let words = subject.words(subject.domain.language());
    let mut told: BTreeSet<(&str, &str)> = BTreeSet::new();
    for step in subject.domain.tasks.iter().flat_map(|task| &task.steps) {
        let (Act::Look {
            operation,
            arguments,
            ..
        }
        | Act::Do {
            operation,
            arguments,
            ..
        }) = &step.act
        else {
            continue;
        };
        for (argument, source) in arguments {
            let names = words.templates.check(source).unwrap_or_default();
            if names.iter().any(|name| secret.contains(name)) {
                told.insert((operation, argument));
            }
        }
    }
    let book = subject.book("operations.toml");
    for (operation, _) in book.below("") {
        let arguments: BTreeSet<&str> = told
            .iter()
            .filter(|(of, _)| *of == operation)
            .map(|(_, argument)| *argument)
            .collect();
        for key in ["query", "action"] {
            let path = format!("{operation}.{key}");
            let texts = book
                .get(&path)
                .into_iter()
                .chain(book.below(&path).map(|(_, entry)| entry));
            for entry in texts {
                let columns = columns(entry.text.as_deref().unwrap_or_default());
                let gives = columns.iter().find(|column| {
                    let (expression, name) = (column.0.as_str(), column.1.as_str());
                    let own = expression.rsplit('.').next().unwrap_or_default();
                    arguments
                        .iter()
                        .any(|argument| expression == format!(":{argument}"))
                        || slots.iter().any(|slot| own == slot || name == slot)
                        || (expression == "*" && !arguments.is_empty())
                });
                if let Some((expression, _)) = gives {
                    out.push(Finding {
                        file: "operations.toml".into(),
                        line: entry.line,
                        severity: Severity::Error,
                        kind: "secret_returned",
                        what: format!("{operation:?} may give a secret back ({expression})"),
                        hint: "select what is needed by name, and whether the secret was right"
                            .into(),
                    });
                }
            }
        }
    }
}

/// The columns that a statement answers: expression and name.
fn columns(sql: &str) -> Vec<(String, String)> {
    let lower = sql.to_lowercase();
    let list = match (
        lower.rfind("returning "),
        lower.trim_start().starts_with("select "),
    ) {
        (Some(at), _) => &sql[at + "returning ".len()..],
        (None, true) => {
            let at = lower.find("select ").unwrap_or_default() + "select ".len();
            &sql[at..]
        }
        (None, false) => return Vec::new(),
    };
    let mut parts = vec![String::new()];
    let mut depth = 0_i32;
    for word in list.split_inclusive([' ', '\n', ',', '(', ')']) {
        let plain = word.trim().to_lowercase();
        if depth == 0 && plain == "from" {
            break;
        }
        depth += i32::from(word.ends_with('('));
        depth -= i32::from(word.ends_with(')'));
        match (depth, word.strip_suffix(',')) {
            (0, Some(last)) => {
                if let Some(part) = parts.last_mut() {
                    part.push_str(last);
                }
                parts.push(String::new());
            }
            _ => {
                if let Some(part) = parts.last_mut() {
                    part.push_str(word);
                }
            }
        }
    }
    let read = |part: &String| {
        let part = part.trim();
        let at = part.to_lowercase().rfind(" as ");
        match at {
            Some(at) => (
                part[..at].trim().to_owned(),
                part[at + 4..].trim().to_owned(),
            ),
            None => (
                part.to_owned(),
                part.rsplit('.').next().unwrap_or_default().to_owned(),
            ),
        }
    };
    parts.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn the_columns_of_a_statement_are_seen() {
        let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
        assert_eq!(
            columns(
                "SELECT tries = 0 AS right, max(a, b) AS most, c.pin FROM cards c WHERE pin = :pin"
            ),
            [
                pair("tries = 0", "right"),
                pair("max(a, b)", "most"),
                pair("c.pin", "pin")
            ]
        );
        assert_eq!(
            columns("UPDATE x SET y = :pin RETURNING :pin"),
            [pair(":pin", ":pin")]
        );
        assert!(columns("UPDATE x SET y = :pin").is_empty());
    }
}
