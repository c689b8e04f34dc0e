//! Any messages of a page whose call has begun: events or a reason to ignore them; never a panic, no more
//! sound than was sent.
#![no_main]

use attendant::line::kiosk::KioskCodec;
use attendant::line::provider::{LineEvent, Provided as _, Wire};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u16, Vec<(bool, Vec<u8>)>)| {
    let (rate, messages) = input;
    let mut codec = KioskCodec::new();
    let (mut events, mut wire) = (Vec::new(), Vec::new());
    let start = format!(r#"{{"type":"start","rate":{rate},"token":"K0"}}"#);
    let begun = codec.decode(Wire::Text(&start), &mut events).is_ok();
    assert_eq!(begun, (8_000..=48_000).contains(&rate));
    for (text, bytes) in &messages {
        let message = match std::str::from_utf8(bytes) {
            Ok(message) if *text => Wire::Text(message),
            _ => Wire::Binary(bytes.as_slice()),
        };
        let _ = codec.decode(message, &mut events);
        codec.answer(&mut wire);
    }
    let bytes: usize = messages.iter().map(|(_, bytes)| bytes.len()).sum();
    let frames = events.iter().filter(|event| matches!(event, LineEvent::Frame(_)));
    // 20 ms are no fewer than 160 samples of two bytes.
    assert!(frames.count() <= bytes / 320 + 1);
    assert!(wire.len() <= 1);
});
