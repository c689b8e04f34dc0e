//! How a caller reaches us: providers' sockets, the microphone, a recorded file.

pub mod recording;
pub mod script;
