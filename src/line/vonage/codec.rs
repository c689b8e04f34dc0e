//! Vonage's WebSocket: JSON texts, and L16 little-endian of exactly 20 ms a binary message both ways. Reads
//! leniently: keys come in three shapes, depending on the platform's age.

use crate::audio::Digit;
use crate::call::Mark;
use crate::line::Out;
use crate::line::coding::{Coding, Ear, Mouth};
use crate::line::provider::{Ignored, LineEvent, Provided, Received, Sent, Start, Wire, name};
use serde_json::Value;
use std::collections::VecDeque;

/// Longest token, in bytes; ours have 43.
const LONGEST_TOKEN: usize = 256;
/// The rates that Vonage speaks, Hz. 20 ms are a whole number of samples at each.
const RATES_HZ: [u32; 3] = [8_000, 16_000, 24_000];
/// The rate that our NCCO asks for, Hz.
pub const RATE_HZ: u32 = 16_000;
/// Marks and clears that are waited for. A platform returns them all; one that does not loses the oldest.
const LONGEST_WAIT: usize = 1024;

/// One socket's codec.
pub struct VonageCodec {
    stream: Stream,
    /// What Vonage is to return, in the order in which it was sent.
    awaited: VecDeque<Awaited>,
}

#[expect(
    clippy::large_enum_variant,
    reason = "one per call, and it is open nearly all the time"
)]
enum Stream {
    Waiting,
    Open { ear: Ear, mouth: Mouth },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    Mark(Mark),
    Clear,
}

impl VonageCodec {
    pub fn new() -> Self {
        Self {
            stream: Stream::Waiting,
            awaited: VecDeque::new(),
        }
    }

    /// The first message: the format, and beside it the headers that our NCCO gave along.
    fn start(&mut self, message: &Value) -> Result<LineEvent, Ignored> {
        if !matches!(self.stream, Stream::Waiting) {
            return Err(Ignored::SecondStart);
        }
        // Some versions leave the headers in an object of their own.
        let find = |name: &str| word(&message[name]).or_else(|| word(&message["headers"][name]));
        let call_id = find("call").filter(|id| name(id).is_some());
        let call_id = call_id.ok_or(Ignored::Missing("call"))?;
        let token = find("token").unwrap_or_default();
        if token.len() > LONGEST_TOKEN {
            return Err(Ignored::Malformed);
        }
        let format = find("content-type");
        let rate_hz = format.map_or(Some(RATE_HZ), |format| rate_hz(&format));
        let coding = Coding::L16 {
            rate_hz: rate_hz.ok_or(Ignored::Format)?,
        };
        self.stream = Stream::Open {
            ear: Ear::new(coding).map_err(|_| Ignored::Format)?,
            mouth: Mouth::new(coding).map_err(|_| Ignored::Format)?,
        };
        Ok(LineEvent::Started(Start {
            call_id,
            token,
            caller: None,
            language: None,
        }))
    }

    fn text(&mut self, text: &str, events: &mut Vec<LineEvent>) -> Result<(), Ignored> {
        let message: Value = serde_json::from_str(text).map_err(|_| Ignored::Malformed)?;
        let event = message["event"].as_str().ok_or(Ignored::Malformed)?;
        if event == "websocket:connected" {
            events.push(self.start(&message)?);
            return Ok(());
        }
        if matches!(self.stream, Stream::Waiting) {
            return Err(Ignored::BeforeStart);
        }
        match event {
            "websocket:dtmf" => {
                let dtmf = &message["dtmf"];
                let shapes = [&message["digit"], &dtmf["digit"], dtmf];
                let key = shapes.into_iter().find_map(word);
                let key = key.ok_or(Ignored::Missing("digit"))?;
                let mut key = key.chars();
                let digit = key.next().and_then(Digit::new);
                let digit = digit.filter(|_| key.next().is_none());
                events.push(LineEvent::Digit(digit.ok_or(Ignored::Digit)?));
                Ok(())
            }
            "websocket:notify" => {
                let id = word(&message["payload"]["id"]).ok_or(Ignored::Missing("payload.id"))?;
                let mark = id.parse().map_err(|()| Ignored::UnknownMark)?;
                self.returned(mark, events)
            }
            "websocket:cleared" => self.cleared(events),
            _ => Err(Ignored::UnknownEvent),
        }
    }

    /// A mark came back: so did all before it, also those that a clear has dropped without a word.
    fn returned(&mut self, mark: Mark, events: &mut Vec<LineEvent>) -> Result<(), Ignored> {
        let place = self.awaited.iter().position(|a| *a == Awaited::Mark(mark));
        let place = place.ok_or(Ignored::UnknownMark)?;
        self.settle(place + 1, events);
        Ok(())
    }

    /// What stood before the oldest clear was dropped; what was sent after it goes on.
    fn cleared(&mut self, events: &mut Vec<LineEvent>) -> Result<(), Ignored> {
        let place = self.awaited.iter().position(|a| *a == Awaited::Clear);
        // One more than we sent: somebody else's clear.
        let place = place.ok_or(Ignored::Idle)?;
        self.settle(place + 1, events);
        Ok(())
    }

    fn settle(&mut self, count: usize, events: &mut Vec<LineEvent>) {
        for awaited in self.awaited.drain(..count) {
            if let Awaited::Mark(mark) = awaited {
                events.push(LineEvent::Played(mark));
            }
        }
    }

    fn wait_for(&mut self, awaited: Awaited) {
        if self.awaited.len() == LONGEST_WAIT {
            self.awaited.pop_front();
        }
        self.awaited.push_back(awaited);
    }
}

impl Default for VonageCodec {
    fn default() -> Self {
        Self::new()
    }
}

impl Provided for VonageCodec {
    fn decode(
        &mut self,
        message: Received<'_>,
        events: &mut Vec<LineEvent>,
    ) -> Result<(), Ignored> {
        match (message, &mut self.stream) {
            (Wire::Text(text), _) => self.text(text, events),
            (Wire::Binary(_), Stream::Waiting) => Err(Ignored::BeforeStart),
            (Wire::Binary(sound), Stream::Open { ear, .. }) => {
                ear.hear(sound, events);
                Ok(())
            }
        }
    }

    fn encode(&mut self, out: &Out, wire: &mut Vec<Sent>) {
        let Stream::Open { mouth, .. } = &mut self.stream else {
            return;
        };
        match out {
            // Exactly 20 ms at each of the rates; Vonage refuses anything else.
            Out::Media(frame) => wire.push(Wire::Binary(mouth.encode(frame).to_vec())),
            Out::Mark(mark) => {
                wire.push(Wire::Text(format!(
                    r#"{{"action":"notify","payload":{{"id":"{mark}"}}}}"#
                )));
                self.wait_for(Awaited::Mark(*mark));
            }
            Out::Clear => {
                wire.push(Wire::Text(r#"{"action":"clear"}"#.into()));
                self.wait_for(Awaited::Clear);
            }
            // We close the socket, and are asked what comes next.
            Out::End(_) | Out::Caption(_) | Out::CallOff => {}
        }
    }
}

/// The rate of `audio/l16;rate=16000`; none where that is not what we can speak.
fn rate_hz(format: &str) -> Option<u32> {
    let mut parts = format.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case("audio/l16") {
        return None;
    }
    let rate = parts.find_map(|part| part.strip_prefix("rate="));
    let rate = rate.map_or(Some(RATE_HZ), |rate| rate.trim_matches('"').parse().ok())?;
    RATES_HZ.contains(&rate).then_some(rate)
}

/// A string, or a number as its text.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(playback: u32) -> Mark {
        Mark {
            playback,
            sentence: 0,
        }
    }

    fn open() -> VonageCodec {
        let mut codec = VonageCodec::new();
        let connected = r#"{"event":"websocket:connected","content-type":"audio/l16;rate=16000","call":"CON-1","token":"t"}"#;
        let decoded = codec.decode(Wire::Text(connected), &mut Vec::new());
        decoded.expect("a start");
        codec
    }

    fn hears(codec: &mut VonageCodec, text: &str) -> (Vec<LineEvent>, Option<Ignored>) {
        let mut events = Vec::new();
        let ignored = codec.decode(Wire::Text(text), &mut events).err();
        (events, ignored)
    }

    const CLEARED: &str = r#"{"event":"websocket:cleared"}"#;

    #[test]
    fn a_late_cleared_leaves_the_newer_reply_alone() {
        let mut codec = open();
        let mut wire = Vec::new();
        for out in [Out::Mark(mark(1)), Out::Clear, Out::Mark(mark(2))] {
            codec.encode(&out, &mut wire);
        }
        assert_eq!(
            hears(&mut codec, CLEARED).0,
            [LineEvent::Played(mark(1))],
            "the dropped one only"
        );
        let notify = r#"{"event":"websocket:notify","payload":{"id":"p2s0"}}"#;
        assert_eq!(
            hears(&mut codec, notify).0,
            [LineEvent::Played(mark(2))],
            "when it was heard"
        );
        assert_eq!(hears(&mut codec, CLEARED), (vec![], Some(Ignored::Idle)));
    }

    #[test]
    fn a_mark_settles_what_a_silent_clear_has_dropped() {
        let mut codec = open();
        for out in [Out::Mark(mark(1)), Out::Clear, Out::Mark(mark(2))] {
            codec.encode(&out, &mut Vec::new());
        }
        let notify = r#"{"event":"websocket:notify","payload":{"id":"p2s0"}}"#;
        let played = [mark(1), mark(2)].map(LineEvent::Played);
        assert_eq!(hears(&mut codec, notify).0, played);
        assert_eq!(hears(&mut codec, notify).1, Some(Ignored::UnknownMark));
    }

    #[test]
    fn every_rate_has_its_exact_frame() {
        for (rate, bytes) in [(8_000, 320), (16_000, 640), (24_000, 960)] {
            let mut codec = VonageCodec::new();
            let connected = format!(
                r#"{{"event":"websocket:connected","content-type":"audio/l16;rate={rate}","call":"CON-1"}}"#
            );
            assert_eq!(hears(&mut codec, &connected).1, None, "{rate}");
            for _ in 0..5 {
                let mut wire = Vec::new();
                codec.encode(&Out::Media(crate::audio::Frame([700; 320])), &mut wire);
                let [Wire::Binary(sound)] = &wire[..] else {
                    panic!("{wire:?}")
                };
                assert_eq!(sound.len(), bytes);
            }
        }
        for odd in [
            "audio/l16;rate=44100",
            "audio/pcmu;rate=8000",
            "audio/l16;rate=x",
        ] {
            assert_eq!(rate_hz(odd), None, "{odd}");
        }
    }
}
