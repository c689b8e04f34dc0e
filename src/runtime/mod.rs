//! What drives a call: the session that owns it, its sound in both directions, its record.

pub mod business;
mod captions;
pub mod contract;
pub mod house;
pub mod identity;
mod leaving;
pub mod player;
pub mod recorder;
pub mod session;
pub mod sound;
pub mod stage;
pub mod veil;
pub mod waterfall;
