//! Telnyx's end of a media stream: the network's codec to the server, PCMU back, pieces now and then out
//! of order, and messages of 20 ms to 30 s.

use crate::line::telnyx::STYLE;
use crate::load::convert::alaw_of_ulaw;
use crate::load::dialect::{At, Caller, Heard, Received, Sent, Side, Wire};
use crate::load::streams;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Bytes of 20 ms and of 30 s.
const SHORTEST: usize = 160;
const LONGEST: usize = 240_000;
/// Every so manieth piece changes places with the next.
const SWAPPED: u64 = 7;

/// An open stream.
pub struct TelnyxSide {
    stream_id: String,
    control_id: String,
    caller: Caller,
    token: String,
    alaw: bool,
    sequence: u64,
    chunk: u64,
    held: Option<String>,
}

impl TelnyxSide {
    pub fn new(control_id: &str, caller: &Caller, token: String, alaw: bool) -> Self {
        Self {
            stream_id: caller.uuid(),
            control_id: control_id.to_owned(),
            caller: caller.clone(),
            token,
            alaw,
            sequence: 0,
            chunk: 0,
            held: None,
        }
    }

    fn message(&mut self, event: &str, field: &str, value: Value) -> String {
        self.sequence += 1;
        let mut message = json!({
            "event": event, "sequence_number": self.sequence.to_string(), "stream_id": self.stream_id,
        });
        message[field] = value;
        message.to_string()
    }

    /// Sends what is held back.
    fn release(&mut self, wire: &mut Vec<Sent>) {
        wire.extend(self.held.take().map(Wire::Text));
    }
}

impl Side for TelnyxSide {
    fn hello(&mut self, wire: &mut Vec<Sent>) {
        let mut connected = json!({ "event": "connected", "version": "1.0.0" });
        connected["x-telnyx-streaming-auth-token"] = self.token.as_str().into();
        wire.push(Wire::Text(connected.to_string()));
        let encoding = if self.alaw { "PCMA" } else { "PCMU" };
        let start = json!({
            "user_id": "3e6f9986-0e64-4b06-b2d0-d27a4ee5f2de", "call_control_id": self.control_id,
            "call_session_id": self.caller.uuid(), "from": self.caller.from, "to": self.caller.to,
            "tags": [], "client_state": null, "custom_parameters": {},
            "media_format": { "encoding": encoding, "sample_rate": 8000, "channels": 1 },
        });
        let start = self.message("start", "start", start);
        wire.push(Wire::Text(start));
    }

    fn sound(&mut self, at: At, ulaw: &[u8], wire: &mut Vec<Sent>) {
        self.chunk += 1;
        let payload = if self.alaw {
            STANDARD.encode(alaw_of_ulaw(ulaw))
        } else {
            STANDARD.encode(ulaw)
        };
        let media = json!({
            "track": "inbound", "chunk": self.chunk.to_string(),
            "timestamp": at.now.as_millis().saturating_sub(20).to_string(), "payload": payload,
        });
        let message = self.message("media", "media", media);
        if self.chunk.is_multiple_of(SWAPPED) {
            self.held = Some(message);
            return;
        }
        wire.push(Wire::Text(message));
        self.release(wire);
    }

    fn key(&mut self, _: At, key: char, wire: &mut Vec<Sent>) {
        let message = self.message("dtmf", "dtmf", json!({ "digit": key.to_string() }));
        wire.push(Wire::Text(message));
    }

    /// A cleared mark looks like a played one.
    fn played(&mut self, _: At, mark: &str, _: bool, wire: &mut Vec<Sent>) {
        let message = self.message("mark", "mark", json!({ "name": mark }));
        wire.push(Wire::Text(message));
    }

    fn stop(&mut self, _: At, wire: &mut Vec<Sent>) {
        self.release(wire);
        let stop = json!({ "user_id": "3e6f9986-0e64-4b06-b2d0-d27a4ee5f2de", "call_control_id": self.control_id });
        let message = self.message("stop", "stop", stop);
        wire.push(Wire::Text(message));
    }

    fn receive(
        &mut self,
        _: At,
        message: Received<'_>,
        heard: &mut Vec<Heard>,
    ) -> Result<(), String> {
        let read = streams::read(&STYLE, &self.stream_id, message)
            .map_err(|why| format!("malformed_frame: {why}"))?;
        if let Heard::Sound(sound) = &read
            && !(SHORTEST..=LONGEST).contains(&sound.len())
        {
            let bytes = sound.len();
            return Err(format!("malformed_frame: {bytes} bytes, not 20 ms to 30 s"));
        }
        heard.push(read);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_telnyx_refuses() {
        let mut side = TelnyxSide::new("v3:a", &Caller::any(), "t".into(), false);
        let mut heard = Vec::new();
        let short = STANDARD.encode([0xFF; 159]);
        let long = STANDARD.encode(vec![0xFF; 240_001]);
        let media =
            |payload: &str| format!(r#"{{"event":"media","media":{{"payload":"{payload}"}}}}"#);
        for bad in [
            "{",
            r#"{"event":"hangup"}"#,
            &media(&short),
            &media(&long),
            &media("?"),
        ] {
            let text = Wire::Text(bad);
            assert!(side.receive(At::default(), text, &mut heard).is_err());
        }
        assert!(heard.is_empty());
        let good = media(&STANDARD.encode([0xFF; 160]));
        for good in [
            good.as_str(),
            r#"{"event":"mark","mark":{"name":"a"}}"#,
            r#"{"event":"clear"}"#,
        ] {
            side.receive(At::default(), Wire::Text(good), &mut heard)
                .expect(good);
        }
        assert_eq!(heard.len(), 3);
    }
}
