//! Any bytes as a WAV file: an error, or frames; never a panic, never without end.
#![no_main]

use attendant::audio::FRAME_SAMPLES;
use attendant::audio::wav::{Channel, WavReader};
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

fuzz_target!(|bytes: &[u8]| {
    let channel = [Channel::Mix, Channel::Left, Channel::Right][bytes.len() % 3];
    let Ok(mut reader) = WavReader::new(Cursor::new(bytes), channel) else { return };
    let rate = u64::from(reader.format().rate_hz);
    let frames = reader.by_ref().count() as u64;
    // A byte is a sample at most, and no sample is worth more than its time.
    assert!(frames <= bytes.len() as u64 * 50 / rate + 2, "{frames} frames from {} bytes", bytes.len());
    assert_eq!(frames, reader.samples().div_ceil(FRAME_SAMPLES as u64));
});
