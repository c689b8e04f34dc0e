//! The table of sentences with their intents: what it must look like, and what is said when it does not.

use super::OUTSIDE;
use crate::cli::trouble;
use anyhow::{Context, bail};
use std::path::Path;

/// A longer table is none, in bytes.
const LONGEST: u64 = 64 << 20;
/// Nor does anybody say a longer line.
const LONGEST_LINE: usize = 10_000;

/// A sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// In the table, from 1.
    pub(super) line: usize,
    pub(super) text: String,
    /// None for one about none of the intents.
    pub(super) intent: Option<String>,
}

/// Reads a table.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Row>> {
    let bytes = trouble::read(path, LONGEST)?;
    let shown = path.display();
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        anyhow::anyhow!("{shown}, line {line}: not UTF-8\nhint: save the file as UTF-8")
    })?;
    parse(&text).with_context(|| format!("the table {shown} cannot be used"))
}

fn parse(text: &str) -> anyhow::Result<Vec<Row>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .filter(|(_, line)| !line.trim().is_empty());
    let Some((_, header)) = lines.next() else {
        bail!("it is empty\nhint: its first line names the columns, `text` and `intent`");
    };
    let column = |name: &str| {
        let mut names = header.split('\t');
        names.position(|cell| cell.trim().eq_ignore_ascii_case(name))
    };
    let needed = |name: &str| {
        column(name).with_context(|| {
            format!(
                "its first line names no column `{name}`\nhint: separate the columns `text` and `intent` by a tab"
            )
        })
    };
    let (text_at, intent_at, outside_at) = (needed("text")?, needed("intent")?, column("oos"));
    let mut rows = Vec::new();
    for (line, content) in lines {
        if content.len() > LONGEST_LINE {
            bail!(
                "line {line} is longer than {LONGEST_LINE} bytes\nhint: one sentence per line; is a line break missing?"
            );
        }
        let cells: Vec<&str> = content.split('\t').map(str::trim).collect();
        let cell = |at: usize| cells.get(at).copied().filter(|cell| !cell.is_empty());
        let marked = outside_at.and_then(cell).is_some_and(is_yes);
        let intent = match cell(intent_at) {
            _ if marked => None,
            Some(name) => Some(name.to_owned()).filter(|name| name != OUTSIDE),
            None => bail!(
                "line {line} names no intent\nhint: text, tab, intent; `{OUTSIDE}` if it is about none"
            ),
        };
        let Some(text) = cell(text_at) else {
            bail!("line {line} has no text\nhint: text, tab, intent");
        };
        rows.push(Row {
            line,
            text: text.to_owned(),
            intent,
        });
    }
    if rows.is_empty() {
        bail!("it has no sentence\nhint: one line per sentence: text, tab, intent");
    }
    Ok(rows)
}

/// An intent's name as a sentence, where it is made of words only: "card arrival" for `card_arrival`.
pub(super) fn said(name: &str) -> Option<String> {
    let words: Vec<&str> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let is_word = |word: &&str| word.chars().all(char::is_alphabetic);
    let letters: usize = words.iter().map(|word| word.chars().count()).sum();
    (words.iter().all(is_word) && letters > 2).then(|| words.join(" "))
}

fn is_yes(cell: &str) -> bool {
    ["1", "true", "yes", OUTSIDE]
        .iter()
        .any(|yes| cell.eq_ignore_ascii_case(yes))
}

/// A shuffle that is the same every time, so that figures can be compared.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new() -> Self {
        Self(1)
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            items.swap(at, (self.0 >> 33) as usize % (at + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_their_names() {
        let rows =
            parse("\u{feff}Intent\tText\toos\r\nopen\twhen?\t\r\n\r\nx\ta poem\t1\noos\thm\t0\n")
                .expect("a table");
        let plain: Vec<_> = rows
            .iter()
            .map(|row| (row.line, row.text.as_str(), row.intent.as_deref()))
            .collect();
        assert_eq!(
            plain,
            [
                (2, "when?", Some("open")),
                (4, "a poem", None),
                (5, "hm", None)
            ]
        );
    }

    #[test]
    fn a_name_made_of_words_is_a_sentence() {
        for (name, sentence) in [
            ("card_arrival", Some("card arrival")),
            ("Refund_not_showing_up", Some("Refund not showing up")),
            ("balance", Some("balance")),
            ("intent_17", None),
            ("q3", None),
            ("ab", None),
            ("--", None),
        ] {
            assert_eq!(said(name).as_deref(), sentence, "{name}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_a_hint() {
        let huge = format!("text\tintent\n{}\tx\n", "word ".repeat(3000));
        for (text, what) in [
            ("", "it is empty"),
            ("\n \n", "it is empty"),
            ("text\tlabel\na\tb\n", "no column `intent`"),
            ("intent\na\n", "no column `text`"),
            ("text\tintent\n", "no sentence"),
            ("text\tintent\nhello\n", "line 2 names no intent"),
            ("text\tintent\na\tb\n\tb\n", "line 3 has no text"),
            (&huge, "line 2 is longer"),
        ] {
            let error = parse(text).expect_err(what).to_string();
            assert!(
                error.contains(what) && error.contains("\nhint: "),
                "{error}"
            );
        }
    }
}
