//! Any messages from a provider: events or a reason to ignore them; never a panic, no growth.
#![no_main]

use attendant::line::provider::{PROVIDERS, Wire};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|messages: Vec<(bool, Vec<u8>)>| {
    for provider in PROVIDERS {
        let mut codec = (provider.codec)();
        let mut events = Vec::new();
        for (text, bytes) in &messages {
            let message = match std::str::from_utf8(bytes) {
                Ok(message) if *text => Wire::Text(message),
                _ => Wire::Binary(bytes.as_slice()),
            };
            let _ = codec.decode(message, &mut events);
        }
        // A message carries at most its own sound, and the little that was held back before it.
        let bytes: usize = messages.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(events.len() <= bytes + 64 * messages.len() + 64);
    }
});
