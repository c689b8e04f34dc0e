//! Plivo's end of an AudioStream: numbers as numbers, checkpoints that are forgotten with cleared sound, and
//! no goodbye.

use crate::line::plivo::STYLE;
use crate::load::dialect::{At, Heard, Received, Sent, Side, Wire};
use crate::load::streams;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::time::Duration;

/// An open stream.
pub struct PlivoSide {
    stream_id: String,
    call_uuid: String,
    sequence: u64,
    chunk: u64,
}

impl PlivoSide {
    pub fn new(call_uuid: &str, stream_id: String) -> Self {
        Self {
            stream_id,
            call_uuid: call_uuid.to_owned(),
            sequence: 0,
            chunk: 0,
        }
    }

    fn send(&mut self, event: &str, more: Value, wire: &mut Vec<Sent>) {
        self.sequence += 1;
        let mut message = json!({
            "event": event, "sequenceNumber": self.sequence, "streamId": self.stream_id, "extra_headers": "",
        });
        if let (Some(message), Some(more)) = (message.as_object_mut(), more.as_object()) {
            message.extend(more.clone());
        }
        wire.push(Wire::Text(message.to_string()));
    }
}

/// Milliseconds since 1970, for a stream that began at a time of no importance.
fn epoch_ms(now: Duration) -> String {
    (1_705_312_200_000 + now.as_millis()).to_string()
}

impl Side for PlivoSide {
    fn hello(&mut self, wire: &mut Vec<Sent>) {
        let start = json!({
            "event": "start", "sequenceNumber": 0, "extra_headers": "",
            "start": {
                "callId": self.call_uuid, "streamId": self.stream_id, "accountId": "MAXXXXXXXXXXXXXXXXXX",
                "tracks": ["inbound"], "mediaFormat": { "encoding": "audio/x-mulaw", "sampleRate": 8000 },
            },
        });
        wire.push(Wire::Text(start.to_string()));
    }

    fn sound(&mut self, at: At, ulaw: &[u8], wire: &mut Vec<Sent>) {
        self.chunk += 1;
        let media = json!({
            "track": "inbound", "timestamp": epoch_ms(at.now), "chunk": self.chunk, "payload": STANDARD.encode(ulaw),
        });
        self.send("media", json!({ "media": media }), wire);
    }

    fn key(&mut self, at: At, key: char, wire: &mut Vec<Sent>) {
        let dtmf =
            json!({ "track": "inbound", "digit": key.to_string(), "timestamp": epoch_ms(at.now) });
        self.send("dtmf", json!({ "dtmf": dtmf }), wire);
    }

    /// A cleared checkpoint does not return; that all is dropped was said at once.
    fn played(&mut self, _: At, mark: &str, cleared: bool, wire: &mut Vec<Sent>) {
        if !cleared {
            self.send("playedStream", json!({ "name": mark }), wire);
        }
    }

    fn stop(&mut self, _: At, _: &mut Vec<Sent>) {}

    fn receive(
        &mut self,
        _: At,
        message: Received<'_>,
        heard: &mut Vec<Heard>,
    ) -> Result<(), String> {
        let read = streams::read(&STYLE, &self.stream_id, message)?;
        let cleared = read == Heard::Clear;
        heard.push(read);
        if cleared {
            let mut wire = Vec::new();
            self.send("clearedAudio", json!({}), &mut wire);
            heard.extend(wire.into_iter().map(Heard::Answer));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clear_is_answered() {
        let mut side = PlivoSide::new("c", "s".into());
        let mut heard = Vec::new();
        let clear = r#"{"event":"clearAudio","streamId":"s"}"#;
        side.receive(At::default(), Wire::Text(clear), &mut heard)
            .expect("a clear");
        assert!(
            matches!(&heard[..], [Heard::Clear, Heard::Answer(Wire::Text(text))] if text.contains("clearedAudio"))
        );
    }
}
