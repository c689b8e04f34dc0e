//! What to say next. Pure: no clock, no sound, no telephony, no randomness.
//!
//! The contract between the call engine and the dialogue is in this file; [`Dialogue`] is a plain
//! value that can be cloned, so the engine can take back a turn that ended too early.

pub mod reply;
pub mod spoken;

pub use reply::*;
