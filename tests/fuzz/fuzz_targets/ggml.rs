//! Any bytes as a model file: its shape, or what is wrong with it; never a panic, little memory.
#![no_main]

use attendant::speech::ggml::inspect;
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

fuzz_target!(|bytes: &[u8]| {
    let _ = inspect(&mut Cursor::new(bytes));
});
