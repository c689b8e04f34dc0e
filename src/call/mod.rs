//! The call engine. Pure: events in, actions out; its clock is the media clock.

pub mod event;

pub use event::*;
