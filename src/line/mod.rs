//! How a caller reaches us: providers' sockets, the microphone, a recorded file.

use crate::audio::{Digit, Frame};
use crate::call::Mark;
use crate::runtime::session::Out;

pub mod mic;
pub mod parrot;
#[cfg(feature = "sound")]
pub mod sound;

/// A call as a line drives it: one [`tick`](Self::tick) per 20 ms of caller sound, everything else
/// between ticks.
pub trait CallSession: Send {
    fn answered(&mut self, caller: Option<String>);
    /// 20 ms have passed; `None`: no sound arrived for them. What goes to the line is added to `out`.
    fn tick(&mut self, heard: Option<&Frame>, out: &mut Vec<Out>);
    /// A key that the line signalled.
    fn digit(&mut self, d: Digit);
    /// The caller has heard everything before this mark, or it was cleared.
    fn played(&mut self, m: Mark);
    /// Nobody took the handed-over call: the caller is back.
    fn returned(&mut self);
    /// The caller is gone; the record is closed.
    fn hung_up(&mut self);
    /// The house is closing.
    fn drain(&mut self);
}
