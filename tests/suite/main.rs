//! The integration suite: one binary, because each further one links whisper.cpp again.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

#[global_allocator]
static ALLOCATOR: support::counting::Counting = support::counting::Counting;

mod aloud;
mod audio;
mod browser;
mod bundles;
mod calls;
mod cli;
mod config;
mod desk;
mod dialogue;
mod explain;
mod fixtures;
mod handover;
mod hearing;
mod house;
mod line;
mod load;
mod models;
mod privacy;
mod real_asterisk;
mod reference;
mod rehearsal;
mod replay;
mod robust;
mod secrets;
mod simulate;
#[cfg(target_os = "linux")]
mod soak;
mod speech;
mod store;
mod support;
#[cfg(all(feature = "sound", target_os = "linux"))]
mod talk;
mod tidy;
mod tools;
mod turns;
