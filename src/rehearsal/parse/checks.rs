//! Lines that say what must be so.

use super::super::pattern::Pattern;
use super::super::script::{Check, Ended};
use super::{after, name, nearest, word};
use crate::dialogue::Reason;
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as ValueError, StrDeserializer};

const ENDS: &[&str] = &["completed", "handed over", "abandoned", "failed"];

pub(super) fn read_bot(text: &str) -> Option<Result<Check, String>> {
    let no_words = || "no words to find; hint: write bot: How can I help".to_owned();
    if let Some(rest) = after(text, "bot") {
        return Some(Pattern::new(rest).map(Check::Bot).ok_or_else(no_words));
    }
    if let Some(rest) = after(text, "bot not") {
        return Some(Pattern::new(rest).map(Check::BotNot).ok_or_else(no_words));
    }
    let head = text
        .get(..3)
        .filter(|head| head.eq_ignore_ascii_case("bot"))?;
    let rest = text[head.len()..].trim_start().strip_prefix('=')?;
    let words = rest.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(if words.is_empty() {
        Err(no_words())
    } else {
        Ok(Check::BotExactly(words))
    })
}

pub(super) fn read_check(text: &str) -> Option<Result<Check, String>> {
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
    let name = text.split_whitespace().collect::<Vec<_>>().join("_");
    let known: StrDeserializer<'_, ValueError> = name.as_str().into_deserializer();
    Reason::deserialize(known).map_err(|error| error.to_string())
}
