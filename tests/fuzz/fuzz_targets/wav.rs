//! Any bytes as a WAV file: an error, or frames; never a panic, never without end.
#![no_main]

use attendant::audio::wav::WavFrames;
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(frames) = WavFrames::new(Cursor::new(bytes.to_vec())) {
        let _ = frames.take(100_000).count();
    }
});
