//! A recorded caller: frames from a file, on a virtual clock. The recording is the clock; the bot
//! gets as much of it per second as the machine can compute.

use crate::audio::{Frame, TICK_MS};
use crate::runtime::session::{Ending, Out, Session};

/// How a recorded call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The bot ended it.
    Ended(Ending),
    /// The recording was over, and so was what the bot had to say.
    HungUp,
}

/// Silence after the recording before the caller hangs up, unless the bot ends the call first: the
/// bot may still be answering.
const PATIENCE_MS: u32 = 8000;

/// Lets a caller phone. `caller` is asked for the next 20 ms with "is the bot speaking?", and gives
/// `None` when it has nothing more to say. `sound` gets what the bot said in each tick, for a
/// loudspeaker; it may wait, to set the pace.
pub fn phone(
    session: &mut Session,
    mut caller: impl FnMut(bool) -> Option<Frame>,
    mut sound: impl FnMut(&Frame, Option<&Frame>),
) -> End {
    session.answered(None);
    let mut out = Vec::new();
    let mut quiet_ms = 0;
    loop {
        let frame = caller(session.is_speaking());
        quiet_ms = if frame.is_some() || session.is_speaking() {
            0
        } else {
            quiet_ms + TICK_MS
        };
        let frame = frame.unwrap_or_default();
        session.tick(Some(&frame), &mut out);
        let mut said = None;
        for item in out.drain(..) {
            match item {
                Out::Media(frame) => said = Some(frame),
                // Nothing is buffered here: what was not taken is not heard.
                Out::Clear => said = None,
                Out::Mark(_) | Out::Caption(_) | Out::CallOff => {}
                Out::End(ending) => return End::Ended(ending),
            }
        }
        sound(&frame, said.as_ref());
        if quiet_ms >= PATIENCE_MS {
            session.hung_up();
            return End::HungUp;
        }
    }
}
