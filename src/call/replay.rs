//! Runs a journaled call through the engine of today and compares what it wants done with what the
//! journal says it wanted.

use super::journal::{Entry, Header, Journal, Writer};
use super::{Action, Call, Converse, Event, Tick};

/// What a replay gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// What the journal says, with the tick.
    pub expected: Vec<(Tick, Action)>,
    /// What the engine of today gives for the same events.
    pub given: Vec<(Tick, Action)>,
    /// Length of the call.
    pub ticks: Tick,
    /// The journal stops in mid-call (the process died): actions after its end are no difference.
    pub truncated: bool,
}

impl Replay {
    /// Index of the first action that differs (in tick or content), or is missing on one side.
    pub fn first_difference(&self) -> Option<usize> {
        let longest = self
            .expected
            .len()
            .max(if self.truncated { 0 } else { self.given.len() });
        (0..longest).find(|&index| self.expected.get(index) != self.given.get(index))
    }
}

/// Feeds the journal's events to a fresh call.
pub fn replay<D: Converse>(journal: &Journal, dialogue: D) -> Replay {
    let mut expected = Vec::new();
    let mut given = Vec::new();
    let mut call = Call::new(journal.header.endpointing, dialogue);
    for (tick, entry) in &journal.entries {
        match entry {
            Entry::Out(action) => expected.push((*tick, action.clone())),
            Entry::In(event) => {
                call.handle(event);
                while let Some(action) = call.poll_action() {
                    given.push((call.now(), action));
                }
            }
        }
    }
    Replay {
        expected,
        given,
        ticks: call.now(),
        truncated: journal.truncated,
    }
}

/// The same journal with the actions of today's engine: for a change that was wanted.
pub fn bless<D: Converse>(journal: &Journal, header: &Header, dialogue: D) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::default();
    writer.header(header, &mut bytes);
    let mut call = Call::new(header.endpointing, dialogue);
    for (_, entry) in &journal.entries {
        let Entry::In(event) = entry else { continue };
        feed(&mut call, event, &mut writer, &mut bytes);
    }
    writer.flush(&mut bytes);
    bytes
}

/// Handles one event and journals it with what came of it.
fn feed<D: Converse>(call: &mut Call<D>, event: &Event, writer: &mut Writer, bytes: &mut Vec<u8>) {
    writer.event(call.now(), event, bytes);
    call.handle(event);
    while let Some(action) = call.poll_action() {
        writer.action(call.now(), &action, bytes);
    }
}
