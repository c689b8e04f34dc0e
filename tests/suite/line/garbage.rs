//! Any messages on open streams of Vonage, jambonz and Genesys: no panic, no growth, and sound of any length
//! keeps it.

use attendant::audio::Frame;
use attendant::line::Out;
use attendant::line::audio_fork::{ForkCodec, JAMBONZ};
use attendant::line::genesys::GenesysCodec;
use attendant::line::provider::{LineEvent, PROVIDERS, Provided, Sent, Wire};
use attendant::line::vonage::VonageCodec;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Open streams, and the bytes of 20 ms on each.
fn started() -> [(Box<dyn Provided>, usize); 3] {
    let media = json!([{"format": "PCMU", "channels": ["external"], "rate": 8000}]);
    let vonage = json!({"event": "websocket:connected", "call": "c"});
    let jambonz = json!({"callSid": "c", "sampleRate": 8000});
    let genesys = json!({"version": "2", "id": "s", "type": "open", "seq": 1,
        "parameters": {"conversationId": "c", "media": media}});
    let open = |mut codec: Box<dyn Provided>, start: Value, bytes| {
        let mut events = Vec::new();
        let started = codec.decode(Wire::Text(&start.to_string()), &mut events);
        started.expect("a start");
        assert!(matches!(&events[..], [LineEvent::Started(_)]));
        codec.answer(&mut Vec::new());
        (codec, bytes)
    };
    [
        open(Box::new(VonageCodec::new()), vonage, 640),
        open(Box::new(ForkCodec::new(&JAMBONZ)), jambonz, 320),
        open(Box::new(GenesysCodec::new()), genesys, 160),
    ]
}

/// What the three may say, with any values in it.
fn shape(kind: &str, text: &str, number: u64) -> Value {
    json!({
        "event": kind, "type": kind, "version": "2", "id": "s", "seq": number,
        "digit": text, "dtmf": {"digit": text}, "payload": {"id": text},
        "data": {"name": text, "event": text},
        "parameters": {"digit": text, "discarded": text, "retryAfter": text, "code": number, "reason": text},
    })
}

const KINDS: [&str; 16] = [
    "websocket:connected",
    "websocket:dtmf",
    "websocket:notify",
    "websocket:cleared",
    "dtmf",
    "mark",
    "open",
    "ping",
    "close",
    "update",
    "playback_started",
    "playback_completed",
    "paused",
    "resumed",
    "discarded",
    "error",
];

proptest! {
    #[test]
    fn garbage_never_panics(messages in proptest::collection::vec(any::<Vec<u8>>(), 0..20), text in ".*") {
        for provider in PROVIDERS {
            let (mut codec, mut events) = ((provider.codec)(), Vec::new());
            for message in &messages {
                let _ = codec.decode(Wire::Text(&String::from_utf8_lossy(message)), &mut events);
                let _ = codec.decode(Wire::Binary(message), &mut events);
                codec.answer(&mut Vec::new());
            }
        }
        for (mut codec, _) in started() {
            let mut events = Vec::new();
            let _ = codec.decode(Wire::Text(&text), &mut events);
            for message in &messages {
                let _ = codec.decode(Wire::Text(&String::from_utf8_lossy(message)), &mut events);
            }
            prop_assert!(events.is_empty());
        }
    }

    #[test]
    fn shapes_of_every_kind_never_panic_nor_grow(
        steps in proptest::collection::vec((0..KINDS.len(), ".{0,12}", any::<u64>()), 0..20),
        duration in 0.0..1e12_f64,
    ) {
        for (mut codec, _) in started() {
            let (mut events, mut wire) = (Vec::new(), Vec::new());
            for (kind, text, number) in &steps {
                codec.encode(&Out::Media(Frame::SILENCE), &mut wire);
                for text in [text.as_str(), &format!("PT{duration}S"), "p0s0"] {
                    let message = shape(KINDS[*kind], text, *number).to_string();
                    let _ = codec.decode(Wire::Text(&message), &mut events);
                    codec.answer(&mut wire);
                }
            }
            // A discarded hour counts as ten frames.
            prop_assert!(events.len() <= steps.len() * 3 * 11);
            let numbers: Vec<u64> = wire.iter().filter_map(|sent| match sent {
                Sent::Text(text) => serde_json::from_str::<Value>(text).expect("JSON")["seq"].as_u64(),
                Sent::Binary(_) => None,
            }).collect();
            prop_assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{numbers:?}");
        }
    }

    #[test]
    fn sound_in_any_pieces_keeps_its_length(pieces in proptest::collection::vec(1usize..2000, 1..30)) {
        for (mut codec, bytes) in started() {
            let mut events = Vec::new();
            for size in &pieces {
                codec.decode(Wire::Binary(&vec![0x55; *size]), &mut events).expect("sound");
            }
            let frames = events.iter().filter(|event| matches!(event, LineEvent::Frame(_))).count();
            prop_assert_eq!(frames, pieces.iter().sum::<usize>() / bytes);
        }
    }
}
