//! Writes what the bot said into the examples that expected something else. Wording only: what was to be
//! understood or done is what the example is for, and stays.

use super::judge::Outcome;
use std::collections::BTreeMap;

/// The file's text with the bot's lines as they were said.
pub fn bless<'a>(text: &str, outcomes: impl IntoIterator<Item = &'a Outcome>) -> String {
    let misses = outcomes
        .into_iter()
        .flat_map(|outcome| &outcome.misses)
        .filter(|miss| miss.wording);
    replace(
        text,
        misses.map(|miss| (miss.line, miss.instead.as_slice())),
    )
}

/// The text with some of its lines (from 1) replaced, each by any number of lines. How far a line is
/// indented stays.
pub(super) fn replace<'a>(
    text: &str,
    instead: impl IntoIterator<Item = (usize, &'a [String])>,
) -> String {
    let instead: BTreeMap<usize, &[String]> = instead.into_iter().collect();
    let mut out = String::with_capacity(text.len());
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let Some(lines) = instead.get(&(index + 1)) else {
            out.push_str(line);
            continue;
        };
        let indent = &line[..line.len() - line.trim_start().len()];
        for new in *lines {
            out.push_str(indent);
            out.push_str(new);
            out.push('\n');
        }
    }
    out
}
