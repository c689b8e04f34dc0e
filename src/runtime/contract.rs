//! What a session and those around it agree on: what goes to the line, what must be known of the line,
//! and who may watch.

use crate::audio::Frame;
use crate::call::{Action, Event, Mark, Tick};
use crate::dialogue::{Disposition, Handover};

/// What goes to the line after a tick, in order.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "frames are by far the most common, and boxing would allocate 50 times a second"
)]
pub enum Out {
    /// Drop what is queued for playing, at once.
    Clear,
    /// Play these 20 ms.
    Media(Frame),
    /// Report back ([`Session::played`]) when the caller has heard everything before this.
    Mark(Mark),
    /// Something to show, where the line has a screen ([`LineTraits::captions`]).
    Caption(Caption),
    /// The person who is called while the caller stays is to be called no longer.
    CallOff,
    /// The call is over: nothing follows, unless the person is called while the caller stays.
    End(Ending),
}

/// What a screen shows of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caption {
    /// Words of either side. The same `who` and `id` again: these words instead of those of before.
    Words {
        who: Who,
        /// Number of the sentence, or of the caller's turn, within the call.
        id: u32,
        text: String,
        /// The language of the words ("en"); empty: not known.
        language: String,
        state: Words,
    },
    /// A secret question opens (true) or is over: what is typed now must not be readable.
    Secret(bool),
}

/// Whose words they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Bot,
    Caller,
}

/// How settled a caption is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// The caller may go on.
    Interim,
    Final,
    /// The bot was interrupted in this sentence, or before it.
    Cut,
}

/// How the line is to end the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    HangUp(Disposition),
    HandOver(Handover),
}

/// What a session must know of its line.
#[derive(Clone, Copy, Debug)]
pub struct LineTraits {
    /// For the journal: "twilio", "recording", "sound".
    pub name: &'static str,
    /// The line reports when marks were heard; otherwise sent is heard.
    pub marks: bool,
    /// Frames that the line buffers ahead of time.
    pub lead: u32,
    /// Time is what [`Session::tick`] makes it: computing time is measured and counted in ticks.
    pub virtual_clock: bool,
    /// The line has a screen: it gets [`Out::Caption`].
    pub captions: bool,
}

impl LineTraits {
    /// A line on the wall clock that reports no marks, buffers nothing and shows nothing: to be said
    /// otherwise field by field.
    pub const PLAIN: Self = Self {
        name: "line",
        marks: false,
        lead: 0,
        virtual_clock: false,
        captions: false,
    };
}

/// Watches a call go by: for the terminal.
pub trait Narrator: Send {
    /// An event other than a tick, about to be handled.
    fn event(&mut self, now: Tick, event: &Event);
    fn action(&mut self, now: Tick, action: &Action);
}
