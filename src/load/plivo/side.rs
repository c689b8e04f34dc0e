//! Plivo's end of an AudioStream: numbers as numbers, checkpoints that are forgotten with cleared sound, and
//! no goodbye.

use crate::load::dialect::{At, Heard, Received, Sent, Side, Wire};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::time::Duration;

/// An open stream.
pub struct PlivoSide {
    stream_id: String,
    call_uuid: String,
    sequence: u64,
    chunk: u64,
}

/// What a server may send.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "camelCase", deny_unknown_fields)]
enum Event<'a> {
    #[serde(rename_all = "camelCase")]
    PlayAudio {
        #[serde(borrow)]
        stream_id: Cow<'a, str>,
        #[serde(borrow)]
        media: Media<'a>,
    },
    #[serde(rename_all = "camelCase")]
    Checkpoint {
        #[serde(borrow)]
        stream_id: Cow<'a, str>,
        #[serde(borrow)]
        name: Cow<'a, str>,
    },
    #[serde(rename_all = "camelCase")]
    ClearAudio {
        #[serde(borrow)]
        stream_id: Cow<'a, str>,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Media<'a> {
    #[serde(borrow)]
    content_type: Cow<'a, str>,
    sample_rate: u32,
    #[serde(borrow)]
    payload: Cow<'a, str>,
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
        let Wire::Text(text) = message else {
            return Err("a binary message".into());
        };
        let event = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let (of, what) = match event {
            Event::PlayAudio { stream_id, media } => {
                if media.content_type != "audio/x-mulaw" || media.sample_rate != 8000 {
                    return Err(format!("{} at {}", media.content_type, media.sample_rate));
                }
                let sound = STANDARD.decode(media.payload.as_bytes());
                let sound = sound.map_err(|error| error.to_string())?;
                if sound.is_empty() {
                    return Err("no sound".into());
                }
                (stream_id, Heard::Sound(sound))
            }
            Event::Checkpoint { stream_id, name } => (stream_id, Heard::Mark(name.into_owned())),
            Event::ClearAudio { stream_id } => (stream_id, Heard::Clear),
        };
        if of != self.stream_id {
            return Err("of another stream".into());
        }
        let cleared = what == Heard::Clear;
        heard.push(what);
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
    fn refuses_what_plivo_refuses_and_answers_a_clear() {
        let mut side = PlivoSide::new("c", "s".into());
        let mut heard = Vec::new();
        for bad in [
            "{",
            r#"{"event":"clear","streamId":"s"}"#,
            r#"{"event":"clearAudio","streamId":"t"}"#,
            r#"{"event":"playAudio","streamId":"s","media":{"contentType":"audio/x-mulaw;rate=8000","sampleRate":8000,"payload":"/w=="}}"#,
            r#"{"event":"playAudio","streamId":"s","media":{"contentType":"audio/x-mulaw","sampleRate":8000,"payload":""}}"#,
        ] {
            assert!(
                side.receive(At::default(), Wire::Text(bad), &mut heard)
                    .is_err(),
                "{bad}"
            );
        }
        assert!(heard.is_empty());
        for good in [
            r#"{"event":"playAudio","streamId":"s","media":{"contentType":"audio/x-mulaw","sampleRate":8000,"payload":"/w=="}}"#,
            r#"{"event":"checkpoint","streamId":"s","name":"a"}"#,
            r#"{"event":"clearAudio","streamId":"s"}"#,
        ] {
            side.receive(At::default(), Wire::Text(good), &mut heard)
                .expect(good);
        }
        assert!(
            matches!(heard.last(), Some(Heard::Answer(Wire::Text(text))) if text.contains("clearedAudio"))
        );
    }
}
