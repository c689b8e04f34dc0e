//! What holds for every dialect of the media-streams family, whatever comes.

use attendant::audio::Frame;
use attendant::call::Mark;
use attendant::line::Out;
use attendant::line::provider::{Ignored, LineEvent, Provided, Sent, Wire, provider};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A dialect: its provider's name, its start, and bytes of 20 ms.
#[derive(Clone, Copy, Debug)]
struct Dialect(&'static str, &'static str, usize);

const DIALECTS: [Dialect; 5] = [
    Dialect(
        "exotel",
        r#"{"event":"start","start":{"stream_sid":"S","call_sid":"C"}}"#,
        320,
    ),
    Dialect(
        "plivo",
        r#"{"event":"start","start":{"streamId":"S","callId":"C"}}"#,
        160,
    ),
    Dialect(
        "signalwire",
        r#"{"event":"start","start":{"streamSid":"S","callSid":"C"}}"#,
        160,
    ),
    Dialect(
        "telnyx",
        r#"{"event":"start","stream_id":"S","start":{"call_control_id":"v3:C"}}"#,
        160,
    ),
    Dialect(
        "twilio",
        r#"{"event":"start","start":{"streamSid":"S","callSid":"C"}}"#,
        160,
    ),
];

fn started(dialect: Dialect) -> Box<dyn Provided> {
    let provider = provider(dialect.0).expect("served");
    let (mut codec, mut events) = ((provider.codec)(), Vec::new());
    codec
        .decode(Wire::Text(dialect.1), &mut events)
        .expect("a start");
    assert!(
        matches!(&events[..], [LineEvent::Started(_)]),
        "{dialect:?}"
    );
    codec
}

fn any_dialect() -> impl Strategy<Value = Dialect> {
    prop::sample::select(DIALECTS.to_vec())
}

fn hear(codec: &mut dyn Provided, message: &Value) -> (Result<(), Ignored>, Vec<LineEvent>) {
    let mut events = Vec::new();
    let heard = codec.decode(Wire::Text(&message.to_string()), &mut events);
    (heard, events)
}

/// What a call does.
#[derive(Clone, Debug)]
enum Step {
    Say,
    Mark(u16),
    Clear,
    /// The line returns this mark, in either way of saying so.
    Played(u16, bool),
    Cleared,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        Just(Step::Say),
        (0..8u16).prop_map(Step::Mark),
        Just(Step::Clear),
        (0..8u16, any::<bool>()).prop_map(|(mark, flat)| Step::Played(mark, flat)),
        Just(Step::Cleared),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    #[test]
    fn garbage_never_panics_and_gives_nothing(
        dialect in any_dialect(), messages in prop::collection::vec(any::<Vec<u8>>(), 0..20), text in ".*",
    ) {
        let (mut codec, mut events) = (started(dialect), Vec::new());
        for message in &messages {
            let _ = codec.decode(Wire::Binary(message), &mut events);
            let _ = codec.decode(Wire::Text(&String::from_utf8_lossy(message)), &mut events);
        }
        let _ = codec.decode(Wire::Text(&text), &mut events);
        prop_assert!(events.is_empty());
    }

    #[test]
    fn shapes_of_every_kind_never_panic(
        dialect in any_dialect(),
        event in prop_oneof![
            Just("connected"), Just("start"), Just("media"), Just("dtmf"), Just("mark"), Just("playedStream"),
            Just("clearedAudio"), Just("error"), Just("stop"),
        ],
        chunk in any::<u64>(), timestamp in any::<u64>(), size in 0usize..2000, digit in ".{0,3}", key in ".{0,12}",
        waits in any::<bool>(),
    ) {
        let mut codec = match waits {
            true => (provider(dialect.0).expect("served").codec)(),
            false => started(dialect),
        };
        let mut events = 0;
        for n in 0..4u64 {
            let message = json!({
                "event": event, "sequenceNumber": chunk, "sequence_number": digit, key.as_str(): digit, "name": key,
                "media": {"chunk": chunk.wrapping_add(n * 3).to_string(), "timestamp": timestamp, "payload": "/".repeat(size)},
                "dtmf": {"digit": digit}, "mark": {"name": key}, "payload": {"code": chunk, "title": key},
                "start": {"callSid": key, "streamSid": digit, "from": key, "custom_parameters": {"token": digit}},
            });
            events += hear(&mut *codec, &message).1.len();
        }
        // Every message gives at most its own sound and what was lost before it.
        prop_assert!(events <= 4 * (2000 * 3 / 4 / 160 + 1 + 10));
    }

    #[test]
    fn sound_in_any_pieces_keeps_its_length(dialect in any_dialect(), pieces in prop::collection::vec(1usize..700, 1..40)) {
        let (mut codec, mut heard) = (started(dialect), 0);
        for (n, size) in pieces.iter().enumerate() {
            let payload = STANDARD.encode(vec![0xFF; *size]);
            let (result, events) = hear(&mut *codec, &json!({"event": "media", "media": {"chunk": n + 1, "payload": payload}}));
            prop_assert_eq!(result, Ok(()));
            heard += events.len();
        }
        prop_assert_eq!(heard, pieces.iter().sum::<usize>() / dialect.2);
    }

    #[test]
    fn no_mark_is_told_twice_and_what_is_sent_is_json(dialect in any_dialect(), steps in steps()) {
        let mut codec = started(dialect);
        let (mut out, mut told) = (BTreeSet::new(), 0usize);
        let mut sent_marks = 0;
        let mut wire: Vec<Sent> = Vec::new();
        for (n, step) in steps.iter().enumerate() {
            let mark = |sentence: u16| Mark { playback: 1, sentence };
            let message = match step {
                Step::Say => {
                    codec.encode(&Out::Media(Frame::SILENCE), &mut wire);
                    continue;
                }
                // A mark is sent once.
                Step::Mark(sentence) => {
                    if out.insert(*sentence) {
                        sent_marks += 1;
                        codec.encode(&Out::Mark(mark(*sentence)), &mut wire);
                    }
                    continue;
                }
                Step::Clear => {
                    codec.encode(&Out::Clear, &mut wire);
                    continue;
                }
                Step::Played(sentence, true) => {
                    json!({"event": "playedStream", "name": mark(*sentence).to_string()})
                }
                Step::Played(sentence, false) => {
                    json!({"event": "mark", "sequenceNumber": n, "mark": {"name": mark(*sentence).to_string()}})
                }
                Step::Cleared => json!({"event": "clearedAudio"}),
            };
            let (_, events) = hear(&mut *codec, &message);
            told += events.iter().filter(|event| matches!(event, LineEvent::Played(_))).count();
        }
        if !matches!(dialect.0, "twilio" | "telnyx") {
            prop_assert!(told <= sent_marks, "{} of {}", told, sent_marks);
        }
        for sent in wire {
            let Sent::Text(text) = sent else { panic!("a binary message") };
            prop_assert!(serde_json::from_str::<Value>(&text).is_ok(), "{}", text);
        }
    }
}

#[test]
fn a_tone_arrives_as_it_was_sent_in_every_dialect() {
    for dialect in DIALECTS {
        let (mut sender, mut receiver) = (started(dialect), started(dialect));
        let mut heard = Vec::new();
        for n in 0..20 {
            let mut frame = Frame::SILENCE;
            for (i, sample) in frame.0.iter_mut().enumerate() {
                let phase = (n * 320 + i) as f32 * 400.0 * std::f32::consts::TAU / 16_000.0;
                *sample = (phase.sin() * 10_000.0) as i16;
            }
            let mut wire = Vec::new();
            sender.encode(&Out::Media(frame), &mut wire);
            for sent in wire {
                let Sent::Text(text) = sent else {
                    panic!("a binary message")
                };
                let sent: Value = serde_json::from_str(&text).expect("JSON");
                let back =
                    json!({"event": "media", "media": {"payload": sent["media"]["payload"]}});
                heard.extend(hear(&mut *receiver, &back).1);
            }
        }
        let Some(LineEvent::Frame(last)) = heard.pop() else {
            panic!("{dialect:?}: no frame")
        };
        let peak = last.0.iter().map(|sample| sample.unsigned_abs()).max();
        assert!(
            peak.is_some_and(|peak| (9_500..10_500).contains(&peak)),
            "{dialect:?} {peak:?}"
        );
        assert_eq!(heard.len(), 19, "{dialect:?}");
    }
}
