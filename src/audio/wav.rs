//! WAV files: any usual one in, as 16 kHz frames, a little at a time; ours out.
//!
//! Decides what counts as readable and which channel is heard. Opening files is the caller's
//! business: this takes anything that reads. What a file says about itself is not believed where the
//! bytes say otherwise: headers left at zero by a recorder that died, and ends that are missing, are
//! read as far as they go.
//!
//! Written out, not left to a crate: symphonia's reader overflows on a hostile channel count, takes
//! as much memory as an INFO chunk asks for, and refuses a file whose lengths were never filled in.

mod format;
mod reader;
mod writer;

pub use format::{Coding, WavFormat};
pub use reader::{Channel, WavError, WavReader, WavWarning};
pub use writer::{WavWriter, WriteError};
