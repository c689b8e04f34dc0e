//! Reads example dialogues. Strict: what is not understood is reported with its line and the nearest
//! keyword, all of it at once. Any text gives examples or problems, never a panic.

use super::pattern::Pattern;
use super::script::{
    Act, Check, DEFAULT_ALTERNATIVE, DEFAULT_CONFIDENCE, Ended, Example, Guess, Header, Line, Mode,
    Setting, What,
};
use crate::audio::Digit;
use crate::dialogue::{Confidence, Reason};
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as ValueError, StrDeserializer};

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// From 1.
    pub line: usize,
    pub what: String,
}

/// Longest line, in bytes: more is no sentence.
const LONGEST_LINE: usize = 4000;
/// Most guesses in a line.
const MOST_GUESSES: usize = 10;
/// Latest a caller can cut in, in ms.
const LATEST_MS: u32 = 600_000;

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
const ENDS: &[&str] = &["completed", "handed over", "abandoned", "failed"];

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
    read_act(line.trim()).unwrap_or_else(|| Err(format!("{:?} is nothing that happens", beginning(line))))
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

fn read_act(text: &str) -> Option<Result<Act, String>> {
    if let Some(rest) = after(text, "caller") {
        return Some(read_guesses(rest).map(Act::Says));
    }
    if let Some(rest) = after(text, "keys") {
        return Some(read_keys(rest));
    }
    if let Some(rest) = word(text, "barge-in") {
        return Some(read_barge_in(rest));
    }
    let act = match text.to_ascii_lowercase().as_str() {
        "silence" => Act::Silence,
        "noise" => Act::Noise,
        "deaf" => Act::Deaf,
        "returned" => Act::Returned,
        "closing" => Act::Closing,
        "hangs up" => Act::HangsUp,
        _ => return None,
    };
    Some(Ok(act))
}

fn read_keys(text: &str) -> Result<Act, String> {
    let keys: String = text.split_whitespace().collect();
    match keys.chars().find(|&key| Digit::new(key).is_none()) {
        Some(wrong) => Err(format!(
            "{wrong:?} is no telephone key; hint: keys are 0-9, *, #, A-D"
        )),
        None if keys.is_empty() => Err("no keys; hint: write silence if none are pressed".into()),
        None => Ok(Act::Keys(keys)),
    }
}

fn read_barge_in(text: &str) -> Result<Act, String> {
    let hint = "hint: write barge-in after 400ms: stop";
    let (time, words) = text
        .split_once(':')
        .ok_or_else(|| format!("when, and with which words? {hint}"))?;
    let time = word(time.trim(), "after").and_then(|time| time.strip_suffix("ms"));
    let after_ms = time
        .and_then(|ms| ms.trim().parse().ok())
        .filter(|&ms| ms <= LATEST_MS)
        .ok_or_else(|| format!("that is no time to cut in; {hint}"))?;
    let guesses = read_guesses(words)?;
    Ok(Act::BargesIn { after_ms, guesses })
}

fn read_guesses(text: &str) -> Result<Vec<Guess>, String> {
    let mut guesses = Vec::new();
    for part in text.split('|') {
        let (words, confidence) = read_confidence(part.trim())?;
        if !words.contains(char::is_alphanumeric) {
            return Err("no words; hint: write silence, or noise, if nothing was said".into());
        }
        let usual = if guesses.is_empty() {
            DEFAULT_CONFIDENCE
        } else {
            DEFAULT_ALTERNATIVE
        };
        guesses.push(Guess {
            text: words.split_whitespace().collect::<Vec<_>>().join(" "),
            confidence: confidence.unwrap_or(usual),
        });
    }
    if guesses.len() > MOST_GUESSES {
        return Err(format!("more than {MOST_GUESSES} guesses"));
    }
    Ok(guesses)
}

/// `words (0.62)`; brackets around anything else are words.
fn read_confidence(text: &str) -> Result<(&str, Option<Confidence>), String> {
    let bracket = text
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once('('));
    let Some((words, number)) =
        bracket.filter(|(_, number)| number.starts_with(|c: char| c.is_ascii_digit() || c == '.'))
    else {
        return Ok((text, None));
    };
    let wrong = || format!("({number}) is no confidence; hint: write 0 to 1, like (0.62)");
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let plain = [whole, part]
        .iter()
        .all(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    if !plain || whole.len() > 1 || part.len() > 3 || number == "." {
        return Err(wrong());
    }
    let digits = format!("{whole:0>1}{part:0<3}");
    let confidence: Confidence = digits.parse().map_err(|_| wrong())?;
    if confidence > 1000 {
        return Err(wrong());
    }
    Ok((words.trim(), Some(confidence)))
}

fn read_setting(text: &str) -> Result<Setting, String> {
    let (operation, mode) = text.rsplit_once(char::is_whitespace).unwrap_or((text, ""));
    let mode = match mode {
        "slow" => Mode::Slow,
        "dead" => Mode::Dead,
        _ => {
            return Err(
                "how does it behave? hint: write back end: OPERATION slow, or dead".into(),
            );
        }
    };
    Ok(Setting {
        operation: name(operation)?,
        mode,
    })
}

fn read_bot(text: &str) -> Option<Result<Check, String>> {
    let no_words = || "no words to find; hint: write bot: How can I help".to_owned();
    if let Some(rest) = after(text, "bot") {
        return Some(Pattern::new(rest).map(Check::Bot).ok_or_else(no_words));
    }
    if let Some(rest) = after(text, "bot not") {
        return Some(Pattern::new(rest).map(Check::BotNot).ok_or_else(no_words));
    }
    let head = text.get(..3).filter(|head| head.eq_ignore_ascii_case("bot"))?;
    let rest = text[head.len()..].trim_start().strip_prefix('=')?;
    let words = rest.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(if words.is_empty() {
        Err(no_words())
    } else {
        Ok(Check::BotExactly(words))
    })
}

fn read_check(text: &str) -> Option<Result<Check, String>> {
    if let Some(rest) = word(text, "intent") {
        return Some(name(rest).map(|intent| {
            Check::Intent(if intent == "none" {
                String::new()
            } else {
                intent
            })
        }));
    }
    if let Some(rest) = word(text, "slot") {
        return Some(read_slot(rest));
    }
    if let Some(rest) = word(text, "no slot") {
        return Some(name(rest).map(Check::NoSlot));
    }
    if let Some(rest) = word(text, "asks") {
        return Some(name(rest).map(|asked| {
            Check::Asks(if asked == "anything" {
                String::new()
            } else {
                asked
            })
        }));
    }
    if let Some(rest) = word(text, "does") {
        return Some(read_does(rest));
    }
    if text.eq_ignore_ascii_case("goes on") {
        return Some(Ok(Check::GoesOn));
    }
    word(text, "end").map(|rest| read_end(rest).map(Check::End))
}

fn read_slot(text: &str) -> Result<Check, String> {
    let hint = "hint: write slot order = 456712, or no slot order";
    let (slot, value) = text
        .split_once('=')
        .ok_or_else(|| format!("which value? {hint}"))?;
    let value = value.trim();
    if value.is_empty() {
        return Err(format!("which value? {hint}"));
    }
    Ok(Check::Slot {
        name: name(slot.trim())?,
        value: value.to_owned(),
    })
}

fn read_does(text: &str) -> Result<Check, String> {
    if text == "nothing" {
        return Ok(Check::DoesNothing);
    }
    let (operation, mut rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let operation = name(operation)?;
    let mut arguments = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let (argument, after) = rest
            .split_once('=')
            .ok_or("an argument without a value; hint: write does cancel_order order=456712")?;
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted
                .split_once('"')
                .ok_or("a quote without its partner")?,
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        arguments.push((name(argument)?, value.to_owned()));
        rest = after;
    }
    Ok(Check::Does {
        operation,
        arguments,
    })
}

fn read_end(text: &str) -> Result<Ended, String> {
    let (how, reason) = match text.split_once(':') {
        Some((how, reason)) => (how.trim(), Some(reason.trim())),
        None => (text, None),
    };
    let how = how.split_whitespace().collect::<Vec<_>>().join(" ");
    let ended = match how.replace('_', " ").as_str() {
        "handed over" => return reason.map(read_reason).transpose().map(Ended::HandedOver),
        "completed" => Ended::Completed,
        "abandoned" => Ended::Abandoned,
        "failed" => Ended::Failed,
        other => {
            return Err(format!("{other:?} is no end{}", nearest(other, ENDS)));
        }
    };
    if reason.is_some() {
        return Err(format!(
            "{how} has no reason; hint: only end handed over: requested has one"
        ));
    }
    Ok(ended)
}

fn read_reason(text: &str) -> Result<Reason, String> {
    use serde::Deserialize as _;
    let name = text.split_whitespace().collect::<Vec<_>>().join("_");
    let known: StrDeserializer<'_, ValueError> = name.as_str().into_deserializer();
    Reason::deserialize(known).map_err(|error| error.to_string())
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
