#![doc = include_str!("ARCHITECTURE.md")]

pub mod audio;
pub mod call;
pub mod catalog;
pub mod checker;
pub mod cli;
pub mod config;
pub mod dialogue;
pub mod http;
pub mod line;
pub mod load;
pub mod pii;
pub mod rehearsal;
pub mod runtime;
pub mod speech;
pub mod store;
pub mod telemetry;
