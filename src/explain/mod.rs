//! What happened in a call, and why: the facts of its journal as a value ([`timeline`]), told in a
//! terminal ([`terminal`]) and as one page that needs nothing but itself ([`html`]).
//!
//! Why a reply is what it is stands in no journal: the call is run again with the business of today
//! ([`rules`]), as far as that goes the same way. [`README.md`](README.md) says what each part of the
//! picture means.

pub mod html;
mod measure;
mod reader;
pub mod rules;
pub mod sound;
pub mod terminal;
pub mod timeline;
mod told;

pub use rules::{Business, Rules};
pub use sound::Sound;
pub use timeline::Timeline;

use crate::bundle::expect::{Expect, Seen};
use crate::bundle::{Bundle, story};

/// All that a page is made of.
#[derive(Clone, Debug)]
pub struct Explained {
    pub name: String,
    pub bundle: Bundle,
    pub rules: Rules,
    pub timeline: Timeline,
    /// The waveforms; none where the call was recorded without its sound.
    pub sound: Sound,
    /// What its `expect.toml` asks for and the call as recorded did not do; empty: it has none, or all holds.
    pub misses: Vec<String>,
}

impl Explained {
    /// Puts the facts together; `business`: the one in force, to say which rule fired.
    pub fn new(bundle: Bundle, business: Business) -> Self {
        let rules = Rules::run(&bundle.journal, business);
        let timeline = Timeline::of(&bundle.journal, &rules);
        let sound = Sound::of(&bundle);
        let misses = misses(&bundle);
        Self {
            name: bundle.name(),
            bundle,
            rules,
            timeline,
            sound,
            misses,
        }
    }
}

fn misses(bundle: &Bundle) -> Vec<String> {
    match Expect::read(&bundle.folder) {
        Ok(Some(expect)) => expect.misses(&Seen {
            turns: &story::turns(&bundle.journal),
            talk_over: None,
            timed: true,
        }),
        Ok(None) => Vec::new(),
        Err(error) => vec![error.to_string()],
    }
}

/// All that is known of a call, or of one of its turns, as JSON with a line break.
///
/// # Errors
/// None that is known: the facts are plain data.
pub fn json(call: &Explained, turn: Option<usize>) -> serde_json::Result<String> {
    let note = told::source(&call.rules.source);
    let header = &call.bundle.journal.header;
    let turn = turn.and_then(|number| call.timeline.turns.get(number));
    let told = match turn {
        Some(turn) => serde_json::json!({ "call": call.name, "note": note, "turn": turn }),
        None => serde_json::json!({
            "call": call.name, "header": header, "manifest": call.bundle.manifest, "note": note, "misses": call.misses,
            "tick_ms": crate::audio::TICK_MS, "timeline": call.timeline,
        }),
    };
    Ok(serde_json::to_string(&told)? + "\n")
}

#[cfg(test)]
mod tests;
