//! What drives a call: the session that owns it, its clock, its recording.

pub mod session;
