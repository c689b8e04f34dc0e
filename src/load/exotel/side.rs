//! Exotel's end of a Voicebot stream: linear samples in messages of 100 ms both ways.

use crate::line::exotel::STYLE;
use crate::load::convert::Coder;
use crate::load::dialect::{At, Caller, Heard, Received, Sent, Side, Wire};
use crate::load::streams;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Bytes that a message's sound must be a multiple of.
const GRAIN: usize = 320;
/// Ticks of sound in a message.
const TICKS: usize = 5;

/// An open stream.
pub struct ExotelSide {
    stream_sid: String,
    call_sid: String,
    caller: Caller,
    rate_hz: u32,
    sequence: u64,
    chunk: u64,
    coder: Coder,
    /// Sound of the caller that is no whole message yet.
    pending: Vec<u8>,
    ticks: usize,
}

impl ExotelSide {
    /// # Panics
    /// At a rate that Exotel does not offer.
    pub fn new(call_sid: &str, stream: u32, caller: &Caller, rate_hz: u32) -> Self {
        Self {
            stream_sid: format!("{call_sid}-{stream}"),
            call_sid: call_sid.to_owned(),
            caller: caller.clone(),
            rate_hz,
            sequence: 0,
            chunk: 0,
            coder: Coder::linear(rate_hz).expect("8000, 16000 or 24000"),
            pending: Vec::new(),
            ticks: 0,
        }
    }

    fn send(&mut self, event: &str, body: Value, wire: &mut Vec<Sent>) {
        self.sequence += 1;
        let mut message = json!({
            "event": event, "sequence_number": self.sequence.to_string(), "stream_sid": self.stream_sid,
        });
        message[event] = body;
        wire.push(Wire::Text(message.to_string()));
    }
}

impl Side for ExotelSide {
    fn hello(&mut self, wire: &mut Vec<Sent>) {
        wire.push(Wire::Text(r#"{"event":"connected"}"#.to_owned()));
        let start = json!({
            "stream_sid": self.stream_sid, "call_sid": self.call_sid, "account_sid": "exotel1",
            "from": self.caller.from, "to": self.caller.to, "custom_parameters": {},
            "media_format": { "encoding": "audio/x-raw", "sample_rate": self.rate_hz.to_string(), "bit_rate": "16" },
        });
        self.send("start", start, wire);
    }

    fn sound(&mut self, at: At, ulaw: &[u8], wire: &mut Vec<Sent>) {
        let sound = self.coder.encode(ulaw);
        self.pending.extend(sound);
        self.ticks += 1;
        if self.ticks < TICKS {
            return;
        }
        self.ticks = 0;
        self.chunk += 1;
        let payload = STANDARD.encode(std::mem::take(&mut self.pending));
        let timestamp = at.now.as_millis().saturating_sub(100).to_string();
        let media =
            json!({ "chunk": self.chunk.to_string(), "timestamp": timestamp, "payload": payload });
        self.send("media", media, wire);
    }

    fn key(&mut self, _: At, key: char, wire: &mut Vec<Sent>) {
        self.send(
            "dtmf",
            json!({ "digit": key.to_string(), "duration": "100" }),
            wire,
        );
    }

    fn played(&mut self, _: At, mark: &str, cleared: bool, wire: &mut Vec<Sent>) {
        if !cleared || streams::returns_cleared(&STYLE) {
            self.send("mark", json!({ "name": mark }), wire);
        }
    }

    fn stop(&mut self, _: At, wire: &mut Vec<Sent>) {
        let stop =
            json!({ "call_sid": self.call_sid, "account_sid": "exotel1", "reason": "callended" });
        self.send("stop", stop, wire);
    }

    fn receive(
        &mut self,
        _: At,
        message: Received<'_>,
        heard: &mut Vec<Heard>,
    ) -> Result<(), String> {
        let mut read = streams::read(&STYLE, &self.stream_sid, message)?;
        if let Heard::Sound(sound) = &mut read {
            let least = self.rate_hz as usize / 10 * 2;
            if sound.len() < least || !sound.len().is_multiple_of(GRAIN) {
                return Err(format!("{} bytes of sound", sound.len()));
            }
            *sound = self.coder.decode(sound);
        }
        heard.push(read);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_exotel_refuses() {
        let mut side = ExotelSide::new("c", 1, &Caller::any(), 8_000);
        let mut heard = Vec::new();
        let media = |bytes: usize| {
            let payload = STANDARD.encode(vec![0; bytes]);
            format!(r#"{{"event":"media","stream_sid":"c-1","media":{{"payload":"{payload}"}}}}"#)
        };
        for bad in [
            "{",
            r#"{"event":"clear","stream_sid":"c-2"}"#,
            &media(1280),
            &media(1601),
        ] {
            assert!(
                side.receive(At::default(), Wire::Text(bad), &mut heard)
                    .is_err(),
                "{bad}"
            );
        }
        assert!(heard.is_empty());
        for good in [
            &media(1600),
            r#"{"event":"mark","stream_sid":"c-1","mark":{"name":"a"}}"#,
        ] {
            side.receive(At::default(), Wire::Text(good), &mut heard)
                .expect(good);
        }
        assert_eq!(heard.len(), 2);
    }
}
