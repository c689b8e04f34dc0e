//! What must hold when a recorded call is run again: `expect.toml` in its bundle. Written by
//! `attendant calls save`, meant to be edited.

use super::story::{End, Given, Turn};
use super::{EXPECT, LARGEST_MANIFEST, read};
use crate::audio::TICK_MS;
use crate::dialogue::{Disposition, Reason};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// `expect.toml`. What is not named may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expect {
    /// Every reply begins to sound within this after the caller's last voice, in ms.
    pub reply_within_ms: Option<u32>,
    /// The bot never begins to speak while the caller does.
    pub no_talk_over: bool,
    /// Turns of the caller at most.
    pub max_turns: Option<usize>,
    pub disposition: Option<Disposition>,
    /// Why a person took over.
    pub reason: Option<Reason>,
    /// Operations of the back end that were answered, at least these, by name.
    pub done: Vec<String>,
    /// Slots as they were understood last.
    pub slots: BTreeMap<String, String>,
}

/// Why it cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {what}\nhint: `attendant calls save` writes one with every line explained")]
pub struct ExpectError {
    path: PathBuf,
    what: String,
}

/// What a run showed, to be held against an [`Expect`].
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    pub turns: &'a [Turn],
    /// Ticks at which both spoke because the bot began while the caller was speaking; `None`: this kind of
    /// run cannot tell.
    pub talk_over: Option<u32>,
    /// Whether the turns' times are those of a call.
    pub timed: bool,
}

impl Expect {
    /// What a bundle expects; `None`: it has no `expect.toml`.
    ///
    /// # Errors
    /// [`ExpectError`]: it is no TOML, or a line is unknown.
    pub fn read(folder: &Path) -> Result<Option<Self>, ExpectError> {
        let path = folder.join(EXPECT);
        if !path.exists() {
            return Ok(None);
        }
        let refused = |what: String| ExpectError {
            path: path.clone(),
            what,
        };
        let bytes = read(&path, LARGEST_MANIFEST).map_err(|error| refused(error.to_string()))?;
        let bytes = bytes.ok_or_else(|| refused("it is too long".into()))?;
        let text = String::from_utf8(bytes).map_err(|_| refused("it is not UTF-8".into()))?;
        let expect = toml::from_str(&text).map_err(|error| refused(error.to_string()))?;
        Ok(Some(expect))
    }

    /// What does not hold, a line each. Times are left out where a run has none.
    pub fn misses(&self, seen: &Seen<'_>) -> Vec<String> {
        let mut misses = Vec::new();
        if let Some(most) = self.reply_within_ms.filter(|_| seen.timed) {
            for turn in seen.turns {
                if let Some(gap) = turn.reply_gap().map(|ticks| ticks * TICK_MS)
                    && gap > most
                {
                    let words = turn.words();
                    misses.push(format!(
                        "the reply to {words:?} came after {gap} ms, expected within {most}"
                    ));
                }
            }
        }
        if let Some(ticks) = seen
            .talk_over
            .filter(|ticks| self.no_talk_over && *ticks > 0)
        {
            let ms = ticks * TICK_MS;
            misses.push(format!("the bot talked over the caller for {ms} ms"));
        }
        let count = spoken(seen.turns);
        if let Some(most) = self.max_turns.filter(|most| count > *most) {
            misses.push(format!("{count} turns, expected at most {most}"));
        }
        self.outcome(seen.turns, &mut misses);
        misses
    }

    fn outcome(&self, turns: &[Turn], misses: &mut Vec<String>) {
        let end = end(turns);
        let name = |disposition: Option<Disposition>| {
            disposition.map_or("no end".to_owned(), |value| plain(&value))
        };
        let disposition = end.map(End::disposition);
        if self.disposition.is_some() && disposition != self.disposition {
            let (is, wanted) = (name(disposition), name(self.disposition));
            misses.push(format!("the call ended as {is}, expected {wanted}"));
        }
        if let Some(wanted) = self.reason {
            let reason = match end {
                Some(End::HandedOver(handover)) => Some(handover.reason),
                _ => None,
            };
            if reason != Some(wanted) {
                let is = reason.map_or("none".to_owned(), |value| plain(&value));
                let wanted = plain(&wanted);
                misses.push(format!(
                    "the reason of the handover is {is}, expected {wanted}"
                ));
            }
        }
        let done: Vec<&str> = done(turns).collect();
        for operation in &self.done {
            if !done.contains(&operation.as_str()) {
                misses.push(format!("{operation} was never done"));
            }
        }
        let slots = slots(turns);
        for (name, wanted) in &self.slots {
            match slots.get(name) {
                Some(value) if value == wanted => {}
                Some(value) => misses.push(format!("{name} is {value:?}, expected {wanted:?}")),
                None => misses.push(format!("{name} was never understood, expected {wanted:?}")),
            }
        }
    }

    /// The file for a call that is right as it is: everything explained, times left to be wished for.
    pub fn template(turns: &[Turn]) -> String {
        let mut text = String::from(
            "# What must hold when this call is run again (attendant replay). Edit it to what SHOULD have happened.\n\n\
             # Every reply begins within this after the caller's last sound, in ms (replay --level audio).\n\
             # reply_within_ms = 1500\n\
             # The bot never begins to speak while the caller does (replay --level audio).\n\
             # no_talk_over = true\n\
             # Turns of the caller at most.\n",
        );
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# max_turns = {}", spoken(turns));
        text += "# completed, handed_over, abandoned or failed.\n";
        let end = end(turns);
        let disposition = end.map_or(Disposition::Abandoned, End::disposition);
        let mark = if end.is_some() { "" } else { "# " };
        let _ = writeln!(text, "{mark}disposition = \"{}\"", plain(&disposition));
        if let Some(End::HandedOver(handover)) = end {
            let _ = writeln!(text, "reason = \"{}\"", plain(&handover.reason));
        }
        let mut done: Vec<&str> = done(turns).collect();
        done.dedup();
        let list: Vec<String> = done.iter().map(|name| format!("{name:?}")).collect();
        text += "# Operations of the back end that were answered, at least these.\n";
        let _ = writeln!(text, "done = [{}]", list.join(", "));
        text += "\n# Slots as they were understood last.\n[slots]\n";
        for (name, value) in slots(turns) {
            let value = toml::Value::String(value);
            let _ = writeln!(text, "{name} = {value}");
        }
        text
    }
}

/// A name as it is written in TOML and JSON.
fn plain(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}

/// Turns that the caller spoke or keyed.
fn spoken(turns: &[Turn]) -> usize {
    let spoken = |turn: &&Turn| matches!(turn.given, Given::Speech(_) | Given::Keys(_));
    turns.iter().filter(spoken).count()
}

/// How the call ended at last.
pub fn end(turns: &[Turn]) -> Option<&End> {
    turns.iter().rev().find_map(|turn| turn.end.as_ref())
}

/// Operations that the back end answered, in order.
fn done(turns: &[Turn]) -> impl Iterator<Item = &str> {
    let asked = turns.iter().flat_map(|turn| &turn.asked);
    asked
        .filter(|asked| asked.answer.is_some())
        .map(|asked| asked.lookup.name.as_str())
}

/// Slots as they were understood last.
fn slots(turns: &[Turn]) -> BTreeMap<String, String> {
    let understood = turns.iter().filter_map(|turn| turn.understood.as_ref());
    understood
        .flat_map(|understood| understood.slots.clone())
        .collect()
}
