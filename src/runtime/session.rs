//! A session: one call with its ear, its sound, its models and its record. Synchronous and without
//! a clock of its own: the line calls [`Session::tick`] once per 20 ms of caller sound (as fast as it
//! likes when the clock is virtual), and hands over what else happens between ticks.

use crate::audio::{Digit, Frame};
use crate::call::Mark;
use crate::dialogue::{Disposition, Handover};

/// What goes to the line after a tick, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Out {
    /// Drop what is queued for playing, at once.
    Clear,
    /// Play these 20 ms.
    Media(Frame),
    /// Report back (`Session::played`) when the caller has heard everything before this.
    Mark(Mark),
    /// The call is over: nothing follows.
    End(Ending),
}

/// How the line is to end the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    HangUp(Disposition),
    HandOver(Handover),
}

// Methods of `Session`, as lines use them:
//   Session::new(id, Arc<House>, LineTraits { marks: bool, lead_ticks: u32, virtual_clock: bool }) -> Session
//   answered(&mut self, caller: Option<String>)
//   tick(&mut self, heard: Option<&Frame>, out: &mut Vec<Out>)   // None: gap
//   digit(&mut self, Digit)                                      // signalled by the line
//   played(&mut self, Mark)                                      // the line's mark echo
//   returned(&mut self)        // on a call kept after Ending::HandOver: nobody took it
//   hung_up(&mut self)         // the caller is gone; the record is closed
//   drain(&mut self)
#[expect(dead_code, reason = "the session follows")]
fn contract(_: Digit, _: Mark) {}
