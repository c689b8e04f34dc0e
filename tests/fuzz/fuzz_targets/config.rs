//! Any text as `attendant.toml`: settings, or problems with their lines; never a panic.
#![no_main]

use attendant::config::load::{File, Sources, load};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let file = File { path: "attendant.toml".into(), text: text.to_owned() };
    let _ = load(&Sources { file: Some(file), env: Vec::new(), set: Vec::new() });
});
