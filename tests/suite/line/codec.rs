//! The recorded messages of every provider, both ways, and garbage.

use attendant::audio::Frame;
use attendant::dialogue::{Disposition, Handover, Reason};
use attendant::line::provider::{LineEvent, PROVIDERS, Provided, Sent, Wire};
use attendant::line::twilio::TwilioCodec;
use attendant::line::{Ending, Out};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::path::{Path, PathBuf};

/// A line of a fixture, see the script beside the files.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// A text, JSON.
    #[serde(rename = "in")]
    received: Option<Box<RawValue>>,
    /// A text that is no JSON.
    raw: Option<String>,
    /// Of a binary message, in hexadecimal.
    hex: Option<String>,
    /// A binary message of so many zeros.
    sound: Option<usize>,
    gives: Option<Vec<String>>,
    ignored: Option<String>,
    /// What must be answered at once.
    answers: Option<Vec<Value>>,
    out: Option<String>,
    message: Option<Value>,
    /// What is sent where it is no JSON.
    text: Option<String>,
    /// The beginning of a binary message that is sent, in hexadecimal.
    bytes: Option<String>,
}

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |c: u8| char::from(c).to_digit(16).expect("hexadecimal") as u8;
    let pairs = hex.as_bytes().chunks_exact(2);
    pairs
        .map(|pair| digit(pair[0]) * 16 + digit(pair[1]))
        .collect()
}

/// A text message, or the length of a binary one.
fn shown(sent: &Sent) -> Value {
    match sent {
        Sent::Text(text) => serde_json::from_str(text).expect("JSON"),
        Sent::Binary(bytes) => bytes.len().into(),
    }
}

fn show(event: &LineEvent) -> String {
    match event {
        LineEvent::Started(start) => format!("started {} {}", start.call_id, start.token),
        LineEvent::Frame(_) => "frame".into(),
        LineEvent::Lost => "lost".into(),
        LineEvent::Digit(digit) => format!("digit {}", digit.as_char()),
        LineEvent::Played(mark) => format!("played {mark}"),
        LineEvent::Typed(text) => format!("typed {text}"),
        LineEvent::Stopped => "stopped".into(),
    }
}

fn out(text: &str) -> Out {
    match text.split_once(' ') {
        Some(("mark", name)) => Out::Mark(name.parse().expect("a mark")),
        _ if text == "clear" => Out::Clear,
        _ if text == "silence" => Out::Media(Frame::SILENCE),
        _ if text == "end" => Out::End(Ending::HangUp(Disposition::Completed)),
        _ if text == "handover" => {
            let summary = "Wants a refund. Asked for a person.";
            Out::End(Ending::HandOver(Handover::new(Reason::Requested, summary)))
        }
        _ => panic!("unknown: {text}"),
    }
}

fn play(codec: &mut dyn Provided, line: &Line, place: &str) {
    if let Some(what) = &line.out {
        let mut wire = Vec::new();
        codec.encode(&out(what), &mut wire);
        if let (Some(expected), [Sent::Text(text), ..]) = (&line.text, &wire[..]) {
            return assert_eq!(text, expected, "{place}");
        }
        if let (Some(expected), [Sent::Binary(sent)]) = (&line.bytes, &wire[..]) {
            return assert!(sent.starts_with(&bytes(expected)), "{place}: {sent:02x?}");
        }
        let sent: Vec<Value> = wire.iter().map(shown).collect();
        assert_eq!(
            sent,
            line.message.iter().cloned().collect::<Vec<_>>(),
            "{place}"
        );
        return;
    }
    let text = line.received.as_ref().map(|raw| raw.get());
    let text = text.or(line.raw.as_deref());
    let binary = line.hex.as_deref().map(bytes);
    let binary = binary.unwrap_or_else(|| vec![0; line.sound.unwrap_or(0)]);
    let message = text.map_or(Wire::Binary(&binary[..]), Wire::Text);
    let mut events = Vec::new();
    let decoded = codec.decode(message, &mut events);
    assert_eq!(
        decoded.err().map(|ignored| format!("{ignored:?}")),
        line.ignored,
        "{place}"
    );
    let events: Vec<String> = events.iter().map(show).collect();
    assert_eq!(events, line.gives.clone().unwrap_or_default(), "{place}");
    let mut wire = Vec::new();
    codec.answer(&mut wire);
    let answers: Vec<Value> = wire.iter().map(shown).collect();
    assert_eq!(answers, line.answers.clone().unwrap_or_default(), "{place}");
}

#[test]
fn every_recorded_message_means_what_it_should() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("audio-fixtures/wire");
    for provider in PROVIDERS {
        let folder = root.join(provider.name);
        let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
            .unwrap_or_else(|_| panic!("{} has fixtures", provider.name))
            .map(|entry| entry.expect("readable").path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "jsonl")
            })
            .collect();
        files.sort();
        assert!(!files.is_empty(), "{} has fixtures", provider.name);
        for file in files {
            let mut codec = (provider.codec)();
            let text = std::fs::read_to_string(&file).expect("readable");
            for (n, line) in text.lines().enumerate() {
                let place = format!("{}:{}", file.display(), n + 1);
                let line: Line =
                    serde_json::from_str(line).unwrap_or_else(|error| panic!("{place}: {error}"));
                play(codec.as_mut(), &line, &place);
            }
        }
    }
}

const START: &str = r#"{"event":"start","start":{"streamSid":"MZ0","callSid":"CA0"}}"#;

fn started() -> TwilioCodec {
    let mut codec = TwilioCodec::new();
    codec
        .decode(Wire::Text(START), &mut Vec::new())
        .expect("a start");
    codec
}

#[test]
fn a_tone_arrives_as_it_was_sent() {
    let (mut sender, mut receiver) = (started(), started());
    let mut heard = Vec::new();
    for n in 0..10 {
        let mut frame = Frame::SILENCE;
        for (i, sample) in frame.0.iter_mut().enumerate() {
            let phase = (n * 320 + i) as f32 * 400.0 * std::f32::consts::TAU / 16_000.0;
            *sample = (phase.sin() * 10_000.0) as i16;
        }
        let mut wire = Vec::new();
        sender.encode(&Out::Media(frame), &mut wire);
        let Some(Sent::Text(text)) = wire.pop() else {
            panic!("no message")
        };
        receiver
            .decode(Wire::Text(&text), &mut heard)
            .expect("its own message");
    }
    let Some(LineEvent::Frame(last)) = heard.pop() else {
        panic!("no frame")
    };
    let peak = last
        .0
        .iter()
        .map(|s| s.unsigned_abs())
        .max()
        .expect("samples");
    assert!((9_500..10_500).contains(&peak), "{peak}");
}

#[test]
fn a_huge_payload_costs_no_more_than_its_sound() {
    let payload = "/".repeat(60_000);
    let text = format!(r#"{{"event":"media","media":{{"chunk":"1","payload":"{payload}"}}}}"#);
    let mut events = Vec::new();
    started()
        .decode(Wire::Text(&text), &mut events)
        .expect("sound");
    assert_eq!(events.len(), 45_000 / 160);
}

proptest! {
    #[test]
    fn garbage_never_panics(messages in proptest::collection::vec(any::<Vec<u8>>(), 0..20), text in ".*") {
        let (mut codec, mut events) = (started(), Vec::new());
        for message in &messages {
            let _ = codec.decode(Wire::Binary(message), &mut events);
            let _ = codec.decode(Wire::Text(&String::from_utf8_lossy(message)), &mut events);
        }
        let _ = codec.decode(Wire::Text(&text), &mut events);
        prop_assert!(events.is_empty());
    }

    #[test]
    fn shapes_of_every_kind_never_panic(
        event in prop_oneof![Just("media"), Just("dtmf"), Just("mark"), Just("start"), Just("stop"), Just("connected")],
        chunk in any::<u64>(), timestamp in any::<u64>(), size in 0usize..2000, digit in ".{0,3}", key in ".{0,12}",
        messages in 1usize..6,
    ) {
        let (mut codec, mut events) = (started(), Vec::new());
        for n in 0..messages as u64 {
            let message = serde_json::json!({
                "event": event, "streamSid": "MZ0", "sequenceNumber": chunk, key.as_str(): digit,
                "media": {"chunk": chunk.wrapping_add(n * 3).to_string(), "timestamp": timestamp, "payload": "/".repeat(size)},
                "dtmf": {"digit": digit}, "mark": {"name": key}, "start": {"callSid": key, "streamSid": digit},
            });
            let _ = codec.decode(Wire::Text(&message.to_string()), &mut events);
        }
        // Every message gives at most its own sound and what was lost before it.
        prop_assert!(events.len() <= messages * (2000 * 3 / 4 / 160 + 1 + 10));
    }

    #[test]
    fn sound_in_any_pieces_keeps_its_length(pieces in proptest::collection::vec(1usize..700, 1..40)) {
        use base64::Engine as _;
        let (mut codec, mut events) = (started(), Vec::new());
        for (n, size) in pieces.iter().enumerate() {
            let payload = base64::engine::general_purpose::STANDARD.encode(vec![0xFF; *size]);
            let message = serde_json::json!({"event": "media", "media": {"chunk": n + 1, "payload": payload}});
            codec.decode(Wire::Text(&message.to_string()), &mut events).expect("in order");
        }
        prop_assert_eq!(events.len(), pieces.iter().sum::<usize>() / 160);
    }
}
