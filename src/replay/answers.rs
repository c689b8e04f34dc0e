//! What the back end says when a call is run again: what it said in the recording, to the same question
//! with the same arguments; to any other question, what a fresh store of the business says as of the
//! call's day. Nothing is done to a real back end.

use crate::bundle::story::Turn;
use crate::call::{Tick, ticks};
use crate::dialogue::{Lookup, LookupResult};
use crate::pii::vault::Opened;
use crate::store::{Request, Store};
use jiff::civil::DateTime;
use std::collections::BTreeMap;

/// An answer that took longer than this was spoken about.
const SLOW: Tick = ticks(900);
/// Where in the sound a thing was said: another one each time, and no part of the question.
const OFFSET: &str = "offset_ms";

type Arguments = BTreeMap<String, String>;

/// See the module.
pub struct Answers {
    recorded: Vec<(String, Arguments, Option<Answer>)>,
    store: Store,
    now: DateTime,
    /// Questions that the recording has no answer to, by name.
    pub unrecorded: Vec<String>,
}

/// What a back end said, and whether it took its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub result: LookupResult,
    pub slow: bool,
}

impl Answers {
    /// Those of `turns`, before those of `store`.
    pub fn new(turns: &[Turn], store: Store, now: DateTime) -> Self {
        let asked = turns.iter().flat_map(|turn| &turn.asked);
        let recorded = asked.map(|asked| {
            let answer = asked.answer.as_ref().map(|(at, result)| Answer {
                result: result.clone(),
                slow: at.saturating_sub(asked.at) >= SLOW,
            });
            (
                asked.lookup.name.clone(),
                question(&asked.lookup.arguments),
                answer,
            )
        });
        Self {
            recorded: recorded.collect(),
            store,
            now,
            unrecorded: Vec::new(),
        }
    }

    /// `None`: the call was over before an answer came.
    pub fn ask(&mut self, lookup: &Lookup) -> Option<Answer> {
        let arguments = question(&lookup.arguments);
        let known = self
            .recorded
            .iter()
            .position(|(name, known, _)| *name == lookup.name && *known == arguments);
        if let Some(known) = known {
            return self.recorded.remove(known).2;
        }
        self.unrecorded.push(lookup.name.clone());
        let result = self.store.ask(&Request {
            call: "replay".into(),
            id: lookup.id,
            name: lookup.name.clone(),
            arguments: lookup.arguments.clone(),
            secrets: Opened::default(),
            now: self.now,
        });
        Some(Answer {
            result,
            slow: false,
        })
    }

    /// The store behind the recording.
    pub fn store(&self) -> &Store {
        &self.store
    }
}

fn question(arguments: &Arguments) -> Arguments {
    let mut arguments = arguments.clone();
    arguments.remove(OFFSET);
    arguments
}
