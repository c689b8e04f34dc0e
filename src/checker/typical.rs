//! Reads templates and conditions word by word, and makes up values that are typical for what is done with
//! them: a date where a date is read, an amount where money is.

use super::subject::Subject;
use crate::dialogue::domain::{SlotKind, Words};
use crate::dialogue::template::Values;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A word of a template's expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// `found.status`
    Path(String),
    /// A word of the language: `not`, `in`, `if`; a filter's name after its bar.
    Name(String),
    Text(String),
    Number(i64),
    /// `==`, `<=` …
    Compare(String),
    Sign(char),
}

const KEYWORDS: [&str; 19] = [
    "and", "or", "not", "in", "is", "if", "else", "elif", "endif", "for", "endfor", "set",
    "endset", "true", "false", "none", "True", "False", "None",
];

/// The words of an expression, or of the expressions in a template.
pub(super) fn words_of(source: &str) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let taken = if c.is_whitespace() {
            c.len_utf8()
        } else if c == '\'' || c == '"' {
            let inner = &rest[1..];
            let end = inner.find(c).unwrap_or(inner.len());
            out.push(Word::Text(inner[..end].to_owned()));
            (end + 2).min(rest.len())
        } else if c.is_ascii_digit() {
            let end = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            out.push(Word::Number(rest[..end].parse().unwrap_or(i64::MAX / 2)));
            end
        } else if c.is_alphabetic() || c == '_' {
            let end = rest
                .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
                .unwrap_or(rest.len());
            let word = rest[..end].trim_end_matches('.');
            let filter = out.last() == Some(&Word::Sign('|'));
            let test = matches!(out.last(), Some(Word::Name(is)) if is == "is");
            out.push(match KEYWORDS.contains(&word) || filter || test {
                true => Word::Name(word.to_owned()),
                false => Word::Path(word.to_owned()),
            });
            word.len().max(1)
        } else if "=!<>".contains(c) && rest[1..].starts_with('=') {
            out.push(Word::Compare(rest[..2].to_owned()));
            2
        } else if c == '<' || c == '>' {
            out.push(Word::Compare(c.to_string()));
            1
        } else {
            out.push(Word::Sign(c));
            c.len_utf8()
        };
        rest = &rest[taken..];
    }
    out
}

/// The expressions of a template, without the text between them.
pub(super) fn code_of(template: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        let close = if rest[at..].starts_with("{{") {
            "}}"
        } else {
            "%}"
        };
        let inner = &rest[at + 2..];
        let end = inner.find(close).unwrap_or(inner.len());
        out.push(inner[..end].trim_matches('-').trim().to_owned());
        rest = inner.get(end + 2..).unwrap_or_default();
    }
    out
}

/// Values with which a template can be rendered: first the usual ones, then one for each text that it
/// compares something with.
pub(super) fn samples(subject: &Subject<'_>, words: &Words, template: &str) -> Vec<Values> {
    let code = code_of(template);
    let shape = Shape::of(&code);
    let mut usual = builtin(subject, words);
    shape.fill(&mut usual, &BTreeMap::new());
    let mut out = vec![usual];
    for (path, texts) in &shape.compared {
        for text in texts {
            let mut values = builtin(subject, words);
            shape.fill(&mut values, &BTreeMap::from([(path.clone(), text.clone())]));
            out.push(values);
        }
    }
    out
}

/// What the dialogue provides.
fn builtin(subject: &Subject<'_>, words: &Words) -> Values {
    let domain = subject.domain;
    let mut values = domain.constants.clone();
    for (name, value) in [
        ("title", json!(words.title)),
        ("today", json!("2026-11-24")),
        ("now", json!("2026-11-24T10:30")),
        ("language", json!(words.language.code())),
        ("known", json!(true)),
        ("verified", json!(true)),
        ("phone", json!("+12025550123")),
        (
            "caller",
            json!({ "id": "1", "name": "Maria Lopez", "language": words.language.code() }),
        ),
        ("misses", json!(0)),
        ("part", json!("456")),
        ("missing", json!(3)),
        ("digits", json!(6)),
        ("least", json!(6)),
        ("name", json!("Maria Lopez")),
        ("label", json!("the order number")),
        ("topic", json!("the cancellation")),
        ("menu", json!("opening hours")),
        ("key", json!("1")),
        ("given", json!("the order number: 456712")),
        ("done", json!("the cancellation")),
        ("reason", json!("requested")),
    ] {
        values.insert(name.to_owned(), value);
    }
    for slot in domain.slots.values() {
        let value = match &slot.kind {
            SlotKind::Choice(options) => json!(options.first()),
            SlotKind::Record(options) => json!({ "id": "1", options.label.clone(): "Maria Lopez" }),
            SlotKind::Value(_) => match slot.kind.name() {
                "amount" => json!(12_550),
                "count" => json!(3),
                "date" => json!("2026-11-27"),
                "time" => json!("14:30"),
                "phone" => json!("+12025550123"),
                "yes_no" => json!(true),
                "letters" => json!("SMITH"),
                "code" => json!("SW1A1AA"),
                "digits" => json!("456712"),
                _ => json!("the blue one"),
            },
        };
        values.insert(slot.name.clone(), value);
    }
    values
}

/// How a template uses its names.
#[derive(Default)]
struct Shape {
    /// The filter behind each path; empty: none.
    filters: BTreeMap<String, String>,
    /// What stands for the items of which path.
    loops: BTreeMap<String, String>,
    compared: BTreeMap<String, Vec<String>>,
}

impl Shape {
    fn of(code: &[String]) -> Self {
        let mut shape = Self::default();
        for source in code {
            let words = words_of(source);
            if let [
                Word::Name(word),
                Word::Path(item),
                Word::Name(is),
                Word::Path(list),
                ..,
            ] = words.as_slice()
                && word == "for"
                && is == "in"
            {
                shape.loops.insert(item.clone(), list.clone());
            }
            for (at, word) in words.iter().enumerate() {
                let Word::Path(path) = word else { continue };
                let filter = match (words.get(at + 1), words.get(at + 2)) {
                    (Some(Word::Sign('|')), Some(Word::Name(filter))) => filter.as_str(),
                    (Some(Word::Sign('(')), _) => continue, // a function
                    _ => "",
                };
                let known = shape.filters.entry(path.clone()).or_default();
                if known.is_empty() {
                    filter.clone_into(known);
                }
                if let (Some(Word::Compare(_)), Some(Word::Text(text))) =
                    (words.get(at + 1), words.get(at + 2))
                {
                    let texts = shape.compared.entry(path.clone()).or_default();
                    if !texts.contains(text) {
                        texts.push(text.clone());
                    }
                }
            }
        }
        shape
    }

    fn fill(&self, values: &mut Values, chosen: &BTreeMap<String, String>) {
        for (path, filter) in &self.filters {
            let mut parts = path.split('.');
            let first = parts.next().unwrap_or_default();
            // An item of a loop is filled in its list, below.
            if self.loops.contains_key(first) {
                continue;
            }
            let rest: Vec<&str> = parts.collect();
            let value = match chosen.get(path) {
                Some(text) => json!(text),
                None => self.value(path, filter, chosen),
            };
            if rest.is_empty() {
                let known = values.get(first).is_some_and(|known| fits(known, filter));
                if !known || chosen.contains_key(path) {
                    values.insert(first.to_owned(), value);
                }
                continue;
            }
            let at = values.entry(first.to_owned()).or_insert_with(|| json!({}));
            set(at, &rest, value);
        }
    }

    fn value(&self, path: &str, filter: &str, chosen: &BTreeMap<String, String>) -> Value {
        if let Some((item, _)) = self.loops.iter().find(|(_, list)| *list == path) {
            let mut row = json!({});
            for (other, filter) in &self.filters {
                if let Some(below) = other.strip_prefix(&format!("{item}.")) {
                    let value = chosen
                        .get(other)
                        .map_or_else(|| typical(filter), |text| json!(text));
                    set(&mut row, &below.split('.').collect::<Vec<_>>(), value);
                }
            }
            return json!([row, row, row]);
        }
        typical(filter)
    }
}

fn set(at: &mut Value, path: &[&str], value: Value) {
    if !at.is_object() {
        *at = json!({});
    }
    let (Some(members), Some((first, rest))) = (at.as_object_mut(), path.split_first()) else {
        return;
    };
    if rest.is_empty() {
        members.insert((*first).to_owned(), value);
    } else {
        set(
            members
                .entry((*first).to_owned())
                .or_insert_with(|| json!({})),
            rest,
            value,
        );
    }
}

/// Whether the filter can read the value.
fn fits(value: &Value, filter: &str) -> bool {
    match filter {
        "money" | "count" => value.is_i64() || value.is_u64(),
        "list" => value.is_array(),
        _ => true,
    }
}

/// What a filter is usually given.
fn typical(filter: &str) -> Value {
    match filter {
        "money" => json!(12_550),
        "count" | "abs" | "round" | "int" => json!(3),
        "date" | "weekday" => json!("2026-11-27T14:30"),
        "time" => json!("2026-11-27T14:30"),
        "id" | "spell" => json!("456712"),
        "phone" => json!("+12025550123"),
        "list" => {
            json!([{ "name": "Maria Lopez" }, { "name": "John Smith" }, { "name": "Anna Berg" }])
        }
        "length" | "first" | "last" | "join" | "sort" => {
            json!([{ "name": "Maria Lopez" }, { "name": "John Smith" }])
        }
        _ => json!("coffee machine"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_read_word_by_word() {
        let path = |text: &str| Word::Path(text.into());
        let name = |text: &str| Word::Name(text.into());
        assert_eq!(
            words_of("not found.status == 'late' and x|length >= 2"),
            [
                name("not"),
                path("found.status"),
                Word::Compare("==".into()),
                Word::Text("late".into()),
                name("and"),
                path("x"),
                Word::Sign('|'),
                name("length"),
                Word::Compare(">=".into()),
                Word::Number(2),
            ]
        );
    }

    #[test]
    fn a_template_is_taken_apart() {
        assert_eq!(
            code_of("Hi {{ name }}, {%- if a %}b{% endif -%}!"),
            ["name", "if a", "endif"]
        );
        assert_eq!(code_of("no code"), [""; 0]);
        assert_eq!(code_of("open {{ name"), ["name"]);
    }
}
