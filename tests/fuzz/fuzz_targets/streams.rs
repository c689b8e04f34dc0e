//! Any messages on an open stream of the media-streams family, in each of its dialects, and what is said
//! between them: never a panic, no growth.
#![no_main]

use attendant::audio::Frame;
use attendant::line::Out;
use attendant::line::provider::{Wire, provider};
use libfuzzer_sys::fuzz_target;

const STARTS: [(&str, &str); 5] = [
    (
        "exotel",
        r#"{"event":"start","start":{"stream_sid":"S","call_sid":"C"}}"#,
    ),
    (
        "plivo",
        r#"{"event":"start","start":{"streamId":"S","callId":"C"}}"#,
    ),
    (
        "signalwire",
        r#"{"event":"start","start":{"streamSid":"S","callSid":"C"}}"#,
    ),
    (
        "telnyx",
        r#"{"event":"start","stream_id":"S","start":{"call_control_id":"v3:C"}}"#,
    ),
    (
        "twilio",
        r#"{"event":"start","start":{"streamSid":"S","callSid":"C"}}"#,
    ),
];

fuzz_target!(|messages: Vec<(u8, &str)>| {
    for (name, start) in STARTS {
        let mut codec = (provider(name).expect("served").codec)();
        let (mut events, mut wire) = (Vec::new(), Vec::new());
        codec
            .decode(Wire::Text(start), &mut events)
            .expect("a start");
        for (what, text) in &messages {
            match what % 8 {
                0 => codec.encode(&Out::Media(Frame::SILENCE), &mut wire),
                1 => codec.encode(&Out::Clear, &mut wire),
                2 => {
                    if let Ok(mark) = text.parse() {
                        codec.encode(&Out::Mark(mark), &mut wire);
                    }
                }
                _ => {
                    let _ = codec.decode(Wire::Text(text), &mut events);
                }
            }
        }
        // A message carries at most its own sound, and the little that was held back before it.
        let bytes: usize = messages.iter().map(|(_, text)| text.len()).sum();
        assert!(events.len() <= bytes + 64 * messages.len() + 64);
        assert!(wire.len() <= 2 * messages.len());
    }
});
