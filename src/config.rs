//! Settings: defaults, then `attendant.toml`, then `ATTENDANT_…` environment, then flags.
//!
//! This is the complete form that everything else sees.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Complete settings.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub call: Endpointing,
    pub business: Business,
    pub recognizer: Recognizer,
    pub voice: Voice,
    pub server: Server,
    pub twilio: Twilio,
    pub recordings: Recordings,
}

/// When a caller's turn is over, in ms of silence (VoiceXML `completetimeout`, `incompletetimeout`,
/// `maxspeechtimeout`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpointing {
    /// Recognition starts, while the caller may still go on.
    pub early_ms: u32,
    /// The words fill the open question.
    pub complete_ms: u32,
    /// The words may be the whole turn.
    pub open_ms: u32,
    /// The words surely go on.
    pub incomplete_ms: u32,
    /// Longest turn; pauses do not count.
    pub max_speech_ms: u32,
}

impl Default for Endpointing {
    fn default() -> Self {
        // 720: sentences with a 600 ms pause in them are common and must not be cut.
        Self { early_ms: 200, complete_ms: 240, open_ms: 720, incomplete_ms: 2000, max_speech_ms: 15_000 }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Business {
    /// A domain folder; none: the built-in sample shop.
    pub domain: Option<PathBuf>,
    /// The human line, E.164.
    pub human_line: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Recognizer {
    /// A Whisper ggml file; none: the bundled model.
    pub model: Option<PathBuf>,
    /// Recognitions at the same time, one thread each; 0: half the cores, at least 1.
    pub workers: usize,
    /// Recognitions waiting before a call is told that the recogniser is busy.
    pub queue: usize,
}

impl Default for Recognizer {
    fn default() -> Self {
        Self { model: None, workers: 0, queue: 64 }
    }
}

#[derive(Clone, Debug)]
pub struct Voice {
    /// espeak-ng voice name.
    pub espeak: String,
    /// Words per minute.
    pub rate_wpm: u32,
    /// A Piper voice (`….onnx` with `….onnx.json` beside it); none: espeak-ng.
    pub piper: Option<PathBuf>,
    /// The ONNX Runtime library for Piper; none: looked for in the usual places.
    pub onnxruntime: Option<PathBuf>,
}

impl Default for Voice {
    fn default() -> Self {
        Self { espeak: "en-us".into(), rate_wpm: 165, piper: None, onnxruntime: None }
    }
}

#[derive(Clone, Debug)]
pub struct Server {
    pub listen: SocketAddr,
    /// Where the carrier reaches us, `https://…`, without a trailing slash; none: the listen address.
    pub public_url: Option<String>,
    /// Calls at the same time; the next one is sent to the human line.
    pub max_calls: usize,
    /// Time that running calls get after SIGTERM, in s.
    pub drain_s: u32,
}

impl Default for Server {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 8080)), public_url: None, max_calls: 64, drain_s: 120 }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Twilio {
    /// Signs webhooks and the media socket's upgrade.
    pub auth_token: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Recordings {
    /// One folder per call is made here: `journal.jsonl`, `caller.wav`, `call.wav` (stereo).
    pub dir: PathBuf,
    pub audio: bool,
}

impl Default for Recordings {
    fn default() -> Self {
        Self { dir: "recordings".into(), audio: true }
    }
}
