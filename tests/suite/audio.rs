//! Hearing, from samples to keys and voice: what the standards and the users ask of it.

#[path = "audio/dtmf.rs"]
mod dtmf;
#[path = "audio/wav.rs"]
mod wav;
#[path = "audio/voice.rs"]
mod voice;
