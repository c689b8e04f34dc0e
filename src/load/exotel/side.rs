//! Exotel's end of a Voicebot stream: linear samples in messages of 100 ms both ways.

use crate::load::convert::{Narrow, Widen};
use crate::load::dialect::{At, Caller, Heard, Received, Sent, Side, Wire};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use std::borrow::Cow;

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
    widen: Widen,
    narrow: Narrow,
    /// Sound of the caller that is no whole message yet.
    pending: Vec<u8>,
    ticks: usize,
}

/// What a server may send.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase", deny_unknown_fields)]
enum Event<'a> {
    Media {
        #[serde(borrow)]
        stream_sid: Cow<'a, str>,
        #[serde(borrow)]
        media: Payload<'a>,
    },
    Mark {
        #[serde(borrow)]
        stream_sid: Cow<'a, str>,
        #[serde(borrow)]
        mark: Name<'a>,
    },
    Clear {
        #[serde(borrow)]
        stream_sid: Cow<'a, str>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload<'a> {
    #[serde(borrow)]
    payload: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Name<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
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
            widen: Widen::new(rate_hz).expect("8000, 16000 or 24000"),
            narrow: Narrow::new(rate_hz).expect("8000, 16000 or 24000"),
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
        let sound = self.widen.l16(ulaw);
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

    /// Marks of cleared sound are forgotten.
    fn played(&mut self, _: At, mark: &str, cleared: bool, wire: &mut Vec<Sent>) {
        if !cleared {
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
        let Wire::Text(text) = message else {
            return Err("a binary message".into());
        };
        let event = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let (of, what) = match event {
            Event::Media { stream_sid, media } => {
                let sound = STANDARD.decode(media.payload.as_bytes());
                let sound = sound.map_err(|error| error.to_string())?;
                let least = self.rate_hz as usize / 10 * 2;
                if sound.len() < least || !sound.len().is_multiple_of(GRAIN) {
                    return Err(format!("{} bytes of sound", sound.len()));
                }
                (stream_sid, Heard::Sound(self.narrow.l16(&sound)))
            }
            Event::Mark { stream_sid, mark } => (stream_sid, Heard::Mark(mark.name.into_owned())),
            Event::Clear { stream_sid } => (stream_sid, Heard::Clear),
        };
        if of != self.stream_sid {
            return Err("of another stream".into());
        }
        heard.push(what);
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
            r#"{"event":"clear"}"#,
            r#"{"event":"clear","streamSid":"c-1"}"#,
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
