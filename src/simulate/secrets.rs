//! No secret in any output: what was keyed at secret questions is searched for in the journal, in the log
//! and in what was said, as digits, apart and together, and as words.

use super::invariants::{Broken, Rule};
use super::simulator::Called;
use crate::call::Tick;
use crate::call::journal::{Entry, Writer};
use std::borrow::Cow;

/// Shorter entries are found everywhere by chance.
const SHORTEST: usize = 4;
const WORDS: [&str; 10] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
];

/// The first place where a secret of the call is to be read.
pub fn leaks(called: &Called) -> Option<Broken> {
    let secrets = sought(called);
    if secrets.is_empty() {
        return None;
    }
    for (tick, line) in lines(called) {
        let line = plain(&line);
        if secrets.iter().any(|secret| has(&line, secret)) {
            return Some(Broken {
                rule: Rule::Secret,
                at: tick,
                what: "a secret is in the journal".into(),
            });
        }
    }
    let log = called.log.lines().map(plain);
    let leak = log.into_iter().any(|line| {
        let mut secrets = secrets.iter();
        secrets.any(|secret| has(&line, secret))
    });
    leak.then(|| Broken {
        rule: Rule::Secret,
        at: called.moments.len() as Tick,
        what: "a secret is in a log line".into(),
    })
}

/// The secrets that must be nowhere: long enough to be no chance, and not told openly elsewhere.
pub fn sought(called: &Called) -> Vec<String> {
    let open = plain(&called.open);
    let secrets = called.secrets.iter();
    let secrets = secrets.filter(|secret| secret.len() >= SHORTEST && !has(&open, secret));
    secrets.cloned().collect()
}

/// Whether a text (a file of a bundle, say) tells one of these secrets.
pub fn tells(text: &str, secrets: &[String]) -> bool {
    let text = plain(text);
    secrets.iter().any(|secret| has(&text, secret))
}

/// The journal's lines, without ticks. What is said is among them.
fn lines(called: &Called) -> impl Iterator<Item = (Tick, String)> {
    let mut writer = Writer::default();
    called.entries.iter().map(move |(tick, entry)| {
        let mut line = Vec::new();
        match entry {
            Entry::In(event) => writer.event(*tick, event, &mut line),
            Entry::Out(action) => writer.action(*tick, action, &mut line),
        }
        (*tick, String::from_utf8_lossy(&line).into_owned())
    })
}

/// With words for digits as digits, and digits that stand apart together.
fn plain(text: &str) -> String {
    let mut text: Cow<'_, str> = text.to_lowercase().into();
    for (digit, word) in WORDS.iter().enumerate() {
        if text.contains(word) {
            text = text.replace(word, &digit.to_string()).into();
        }
    }
    let mut out = String::with_capacity(text.len());
    let mut between = String::new();
    for c in text.chars() {
        let after_digit = out.ends_with(|last: char| last.is_ascii_digit());
        if c == ' ' && after_digit || c == ',' && after_digit && between.is_empty() {
            between.push(c);
            continue;
        }
        // "4 8, 2" is one number read out; "4,8" in a list is two.
        let read_out = c.is_ascii_digit() && between != ",";
        if !read_out {
            out += &between;
        }
        between.clear();
        out.push(c);
    }
    out + &between
}

/// `digits` as a number of its own in a text: not part of a longer one, nor a bare number of the file's form.
fn has(text: &str, digits: &str) -> bool {
    text.match_indices(digits).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + digits.len()..].chars().next();
        let number = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || c == '.');
        let form = before.is_some_and(|c| matches!(c, ':' | '[' | ','))
            && after.is_none_or(|c| matches!(c, ',' | ']' | '}'));
        !number(before) && !after.is_some_and(|c| c.is_ascii_digit()) && !form
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_however_it_is_written() {
        for text in [
            "{\"text\":\"your PIN is 4821\"}",
            "4 8 2 1",
            "four eight two one, thank you",
            "it was 4 8, 2 1.",
            "pin=4821",
        ] {
            assert!(has(&plain(text), "4821"), "{text}: {}", plain(text));
        }
        for text in [
            "{\"t\":4821,\"in\":1}",
            "order 48215",
            "48.21",
            "4 8 2",
            "[4,8,2,1]",
        ] {
            assert!(!has(&plain(text), "4821"), "{text}: {}", plain(text));
        }
    }
}
