//! Twilio's end of a media stream: JSON text, strings for numbers, and nothing more than its reference
//! names may come back (31951).

use crate::line::streams::Style;
use crate::load::dialect::{At, Heard, Received, Sent, Side, Wire};
use crate::load::streams;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The account of all calls.
pub const ACCOUNT: &str = "AC00000000000000000000000000000000";

/// An open stream.
pub struct TwilioSide {
    style: &'static Style,
    stream_sid: String,
    call_sid: String,
    parameters: serde_json::Map<String, serde_json::Value>,
    sequence: u64,
    chunk: u64,
}

impl TwilioSide {
    pub fn new(style: &'static Style, call_sid: &str, parameters: &[(String, String)]) -> Self {
        let parameters = parameters
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect();
        Self {
            style,
            stream_sid: call_sid.replacen("CA", "MZ", 1),
            call_sid: call_sid.to_owned(),
            parameters,
            sequence: 0,
            chunk: 0,
        }
    }

    fn sequence(&mut self) -> String {
        self.sequence += 1;
        self.sequence.to_string()
    }
}

impl Side for TwilioSide {
    fn hello(&mut self, wire: &mut Vec<Sent>) {
        wire.push(Wire::Text(
            r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#.to_owned(),
        ));
        let start = serde_json::json!({
            "event": "start",
            "sequenceNumber": self.sequence(),
            "streamSid": self.stream_sid,
            "start": {
                "accountSid": ACCOUNT,
                "streamSid": self.stream_sid,
                "callSid": self.call_sid,
                "tracks": ["inbound"],
                "mediaFormat": { "encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1 },
                "customParameters": self.parameters,
            },
        });
        wire.push(Wire::Text(start.to_string()));
    }

    fn sound(&mut self, at: At, ulaw: &[u8], wire: &mut Vec<Sent>) {
        let sequence = self.sequence();
        self.chunk += 1;
        // The time of its first sample.
        let timestamp = at.now.as_millis().saturating_sub(20);
        wire.push(Wire::Text(format!(
            r#"{{"event":"media","sequenceNumber":"{sequence}","streamSid":"{}","media":{{"track":"inbound","chunk":"{}","timestamp":"{timestamp}","payload":"{}"}}}}"#,
            self.stream_sid,
            self.chunk,
            STANDARD.encode(ulaw),
        )));
    }

    fn key(&mut self, _: At, key: char, wire: &mut Vec<Sent>) {
        let message = serde_json::json!({
            "event": "dtmf",
            "sequenceNumber": self.sequence(),
            "streamSid": self.stream_sid,
            "dtmf": { "track": "inbound_track", "digit": key.to_string() },
        });
        wire.push(Wire::Text(message.to_string()));
    }

    /// A cleared mark looks like a played one, where it returns.
    fn played(&mut self, _: At, mark: &str, cleared: bool, wire: &mut Vec<Sent>) {
        if cleared && !streams::returns_cleared(self.style) {
            return;
        }
        let message = serde_json::json!({
            "event": "mark",
            "sequenceNumber": self.sequence(),
            "streamSid": self.stream_sid,
            "mark": { "name": mark },
        });
        wire.push(Wire::Text(message.to_string()));
    }

    fn stop(&mut self, _: At, wire: &mut Vec<Sent>) {
        let stop = serde_json::json!({
            "event": "stop",
            "sequenceNumber": self.sequence(),
            "streamSid": self.stream_sid,
            "stop": { "accountSid": ACCOUNT, "callSid": self.call_sid },
        });
        wire.push(Wire::Text(stop.to_string()));
    }

    fn receive(
        &mut self,
        _: At,
        message: Received<'_>,
        heard: &mut Vec<Heard>,
    ) -> Result<(), String> {
        let read = streams::read(self.style, &self.stream_sid, message);
        heard.push(read.map_err(|why| format!("31951: {why}"))?);
        Ok(())
    }
}
