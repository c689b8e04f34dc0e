//! Reads example dialogues. Strict: what is not understood is reported with its line and the nearest
//! keyword, all of it at once. Any text gives examples or problems, never a panic.

mod acts;
mod checks;

use super::script::{Act, Example, Header, Line, What};
use acts::{read_act, read_setting};
use checks::{read_bot, read_check};

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// From 1.
    pub line: usize,
    pub what: String,
}

/// Longest line, in bytes: more is no sentence.
const LONGEST_LINE: usize = 4000;

const KEYWORDS: &[&str] = &[
    "call:",
    "bot:",
    "bot=",
    "bot not:",
    "caller:",
    "keys:",
    "silence",
    "noise",
    "deaf",
    "barge-in after 400ms:",
    "back end:",
    "intent",
    "slot",
    "no slot",
    "asks",
    "does",
    "does nothing",
    "goes on",
    "returned",
    "closing",
    "hangs up",
    "end",
];

/// The examples in a file.
///
/// # Errors
/// Everything that is wrong in it, by line.
pub fn parse(text: &str) -> Result<Vec<Example>, Vec<Problem>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::default();
    let mut last = 0;
    for (index, line) in text.lines().enumerate() {
        last = index + 1;
        reader.line(last, line);
    }
    reader.close(last);
    if reader.problems.is_empty() {
        Ok(reader.examples)
    } else {
        Err(reader.problems)
    }
}

/// One line that says what happens.
///
/// # Errors
/// It is none, or is wrong.
pub fn act(line: &str) -> Result<Act, String> {
    read_act(line.trim())
        .unwrap_or_else(|| Err(format!("{:?} is nothing that happens", beginning(line))))
}

#[derive(Default)]
struct Reader {
    examples: Vec<Example>,
    problems: Vec<Problem>,
    title: Option<(usize, String)>,
    header: Option<Header>,
    lines: Vec<Line>,
    /// There was a line with a fault in this example: it may look emptier than it is.
    faulty: bool,
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) {
        let text = line.trim();
        let dashes = text.len() >= 3 && text.bytes().all(|byte| byte == b'-');
        if dashes {
            self.close(number - 1);
        } else if let Some(comment) = text.strip_prefix('#') {
            let comment = comment.trim();
            if self.title.is_none() && self.lines.is_empty() && !comment.is_empty() {
                self.title = Some((number, comment.to_owned()));
            }
        } else if !text.is_empty()
            && let Err(what) = self.take(number, text)
        {
            self.faulty = true;
            self.problems.push(Problem { line: number, what });
        }
    }

    fn take(&mut self, number: usize, text: &str) -> Result<(), String> {
        if self.title.is_none() {
            self.title = Some((number, String::new()));
            self.problems.push(Problem {
                line: number,
                what: "the example has no title; hint: begin with a line like # Cancel an order"
                    .into(),
            });
        }
        if text.len() > LONGEST_LINE {
            return Err(format!(
                "the line is longer than {LONGEST_LINE} bytes; hint: cut it"
            ));
        }
        if let Some(header) = after(text, "call") {
            if self.header.is_some() || !self.lines.is_empty() {
                return Err("call: stands once, before everything else".into());
            }
            self.header = Some(read_header(header)?);
            return Ok(());
        }
        let what = read_line(text)?;
        self.lines.push(Line { number, what });
        Ok(())
    }

    /// The example ends with line `last`.
    fn close(&mut self, last: usize) {
        let lines = std::mem::take(&mut self.lines);
        let header = self.header.take();
        let faulty = std::mem::take(&mut self.faulty);
        let Some((first, title)) = self.title.take() else {
            return;
        };
        if lines.is_empty() {
            if header.is_some() && !faulty {
                self.problems.push(Problem {
                    line: first,
                    what: "nothing happens in this example".into(),
                });
            }
            // Comments alone are a note to the reader of the file.
            return;
        }
        self.examples.push(Example {
            title,
            first,
            last,
            header: header.unwrap_or_default(),
            lines,
        });
    }
}

/// What follows `keyword` and its colon.
fn after<'a>(text: &'a str, keyword: &str) -> Option<&'a str> {
    let head = text.get(..keyword.len())?;
    if !head.eq_ignore_ascii_case(keyword) {
        return None;
    }
    text[keyword.len()..]
        .trim_start()
        .strip_prefix(':')
        .map(str::trim)
}

/// What follows the word `keyword`; empty where nothing does.
fn word<'a>(text: &'a str, keyword: &str) -> Option<&'a str> {
    let head = text.get(..keyword.len())?;
    let rest = &text[keyword.len()..];
    let ends = rest.is_empty() || rest.starts_with(char::is_whitespace);
    (head.eq_ignore_ascii_case(keyword) && ends).then(|| rest.trim())
}

fn read_header(text: &str) -> Result<Header, String> {
    let mut header = Header::default();
    for part in text.split(',').map(str::trim) {
        if let Some(number) = word(part, "from") {
            let digits = number.strip_prefix('+').unwrap_or_default();
            let e164 = (2..=15).contains(&digits.len())
                && digits.bytes().all(|digit| digit.is_ascii_digit());
            if !e164 {
                return Err(format!(
                    "{number:?} is no telephone number; hint: + and the country code, like +15550102"
                ));
            }
            header.from = Some(number.to_owned());
        } else if part.eq_ignore_ascii_case("withheld") {
            header.from = None;
        } else if part.starts_with(|c: char| c.is_ascii_digit()) {
            let minutes = part.matches(':').count() == 1;
            let time = minutes.then(|| part.parse().ok()).flatten();
            header.now = time.ok_or_else(|| {
                format!("{part:?} is no date and time; hint: write 2026-11-24 10:15")
            })?;
        } else if part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_lowercase()) {
            header.language = Some(part.to_owned());
        } else {
            return Err(format!(
                "{part:?} says nothing about a call; hint: write call: from +15550102, 2026-11-24 10:15, en"
            ));
        }
    }
    Ok(header)
}

fn read_line(text: &str) -> Result<What, String> {
    if let Some(act) = read_act(text) {
        return act.map(What::Act);
    }
    if let Some(rest) = after(text, "back end") {
        return read_setting(rest).map(What::Set);
    }
    if let Some(check) = read_bot(text).or_else(|| read_check(text)) {
        return check.map(What::Check);
    }
    Err(format!(
        "{:?} is no line of an example{}",
        beginning(text),
        nearest(text, KEYWORDS)
    ))
}

/// A name as business files have them.
fn name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_alphanumeric() || "_-./".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        Ok(text.to_owned())
    } else {
        Err(format!("{text:?} is no name; hint: letters, digits and _"))
    }
}

/// Enough of a line to know it by.
fn beginning(text: &str) -> String {
    let mut shown: String = text.chars().take(30).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// A hint with the most similar of `known`, or all of them.
fn nearest(text: &str, known: &[&str]) -> String {
    let head = text.split([':', '=']).next().unwrap_or_default();
    let head: String = head.trim().to_lowercase().chars().take(24).collect();
    let first = head.split_whitespace().next().unwrap_or_default();
    let resembles = |word: &str| {
        let word = word.trim_end_matches([':', '=']);
        strsim::jaro_winkler(&head, word).max(strsim::jaro_winkler(first, word))
    };
    // Of equals the first.
    let best = known
        .iter()
        .rev()
        .max_by(|a, b| resembles(a).total_cmp(&resembles(b)))
        .filter(|best| resembles(best) >= 0.8);
    match best {
        Some(best) => format!("; hint: did you mean {best}"),
        None => format!("; hint: there are {}", known.join(", ")),
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
