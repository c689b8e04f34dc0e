//! Vonage, jambonz and Genesys once their streams are open: any messages in between what we say ourselves;
//! never a panic, no growth, and Genesys's numbers stay in order.
#![no_main]

use attendant::audio::Frame;
use attendant::call::Mark;
use attendant::line::Out;
use attendant::line::audio_fork::{ForkCodec, JAMBONZ};
use attendant::line::genesys::GenesysCodec;
use attendant::line::provider::{Provided, Sent, Wire};
use attendant::line::vonage::VonageCodec;
use libfuzzer_sys::fuzz_target;

const STARTS: [&str; 3] = [
    r#"{"event":"websocket:connected","content-type":"audio/l16;rate=16000","call":"c"}"#,
    r#"{"callSid":"c","sampleRate":8000}"#,
    r#"{"version":"2","id":"s","type":"open","seq":1,"parameters":{"conversationId":"c","media":[{"format":"PCMU","channels":["external","internal"],"rate":8000}]}}"#,
];

fuzz_target!(|steps: Vec<(u8, Vec<u8>)>| {
    let codecs: [Box<dyn Provided>; 3] = [
        Box::new(VonageCodec::new()),
        Box::new(ForkCodec::new(&JAMBONZ)),
        Box::new(GenesysCodec::new()),
    ];
    for (mut codec, start) in codecs.into_iter().zip(STARTS) {
        let (mut events, mut wire) = (Vec::new(), Vec::new());
        let started = codec.decode(Wire::Text(start), &mut events);
        started.expect("a start");
        let mut sentence = 0_u16;
        for (kind, bytes) in &steps {
            match kind % 6 {
                0 => codec.encode(&Out::Media(Frame::SILENCE), &mut wire),
                1 => {
                    sentence = sentence.wrapping_add(1);
                    let mark = Mark {
                        playback: 0,
                        sentence,
                    };
                    codec.encode(&Out::Mark(mark), &mut wire);
                }
                2 => codec.encode(&Out::Clear, &mut wire),
                3 => drop(codec.decode(Wire::Binary(bytes), &mut events)),
                _ => {
                    let text = String::from_utf8_lossy(bytes);
                    let _ = codec.decode(Wire::Text(&text), &mut events);
                }
            }
            codec.answer(&mut wire);
        }
        let sound: usize = steps.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(events.len() <= sound + 64 * steps.len() + 64);
        let numbers = wire.iter().filter_map(|sent| match sent {
            Sent::Text(text) => {
                let message: serde_json::Value = serde_json::from_str(text).expect("JSON");
                message["seq"].as_u64()
            }
            Sent::Binary(_) => None,
        });
        assert!(numbers.zip(1..).all(|(seq, n)| seq == n));
    }
});
