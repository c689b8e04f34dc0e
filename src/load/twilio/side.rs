//! Twilio's end of a media stream: JSON text, strings for numbers, and nothing more than its reference
//! names may come back (31951).

use crate::load::dialect::{At, Heard, Received, Sent, Side, Wire};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::borrow::Cow;

/// The account of all calls.
pub const ACCOUNT: &str = "AC00000000000000000000000000000000";

/// An open stream.
pub struct TwilioSide {
    stream_sid: String,
    call_sid: String,
    parameters: serde_json::Map<String, serde_json::Value>,
    sequence: u64,
    chunk: u64,
    /// Marks of cleared sound do not return.
    forgets: bool,
}

/// What a server may send; anything more Twilio refuses.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase", deny_unknown_fields)]
enum Event<'a> {
    Media {
        #[serde(borrow, rename = "streamSid")]
        stream_sid: Cow<'a, str>,
        #[serde(borrow)]
        media: Payload<'a>,
    },
    Mark {
        #[serde(borrow, rename = "streamSid")]
        stream_sid: Cow<'a, str>,
        #[serde(borrow)]
        mark: Name<'a>,
    },
    Clear {
        #[serde(borrow, rename = "streamSid")]
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

impl TwilioSide {
    pub fn new(call_sid: &str, parameters: &[(String, String)], forgets: bool) -> Self {
        let parameters = parameters
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect();
        Self {
            stream_sid: call_sid.replacen("CA", "MZ", 1),
            call_sid: call_sid.to_owned(),
            parameters,
            sequence: 0,
            chunk: 0,
            forgets,
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

    /// A cleared mark looks like a played one.
    fn played(&mut self, _: At, mark: &str, cleared: bool, wire: &mut Vec<Sent>) {
        if cleared && self.forgets {
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
        let Wire::Text(text) = message else {
            return Err("31950: a binary message".into());
        };
        let event = serde_json::from_str(text).map_err(|error| format!("31951: {error}"))?;
        let (of, what) = match event {
            Event::Media { stream_sid, media } => {
                let sound = STANDARD
                    .decode(media.payload.as_bytes())
                    .map_err(|error| format!("31951: {error}"))?;
                if sound.is_empty() {
                    return Err("31951: no sound in a media message".into());
                }
                (stream_sid, Heard::Sound(sound))
            }
            Event::Mark { stream_sid, mark } => (stream_sid, Heard::Mark(mark.name.into_owned())),
            Event::Clear { stream_sid } => (stream_sid, Heard::Clear),
        };
        if of != self.stream_sid {
            return Err("31951: of another stream".into());
        }
        heard.push(what);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_twilio_would_refuse_is_refused() {
        let mut side = TwilioSide::new("CA1", &[], false);
        let mut heard = Vec::new();
        let mut says = |text: &str| side.receive(At::default(), Wire::Text(text), &mut heard);
        for bad in [
            r#"{"event":"media","stream_sid":"MZ1","media":{"payload":"/w=="}}"#,
            r#"{"event":"media","streamSid":"MZ2","media":{"payload":"/w=="}}"#,
            r#"{"event":"media","streamSid":"MZ1","media":{"payload":""}}"#,
            r#"{"event":"media","streamSid":"MZ1","media":{"payload":"/w==","extra":1}}"#,
            r#"{"event":"hangup","streamSid":"MZ1"}"#,
            "{",
        ] {
            assert!(says(bad).is_err(), "{bad}");
        }
        says(r#"{"event":"media","streamSid":"MZ1","media":{"payload":"/w=="}}"#).expect("good");
        says(r#"{"event":"mark","streamSid":"MZ1","mark":{"name":"a"}}"#).expect("good");
        says(r#"{"event":"clear","streamSid":"MZ1"}"#).expect("good");
        let binary = side.receive(At::default(), Wire::Binary(&[1]), &mut heard);
        assert!(binary.is_err());
        assert_eq!(
            heard,
            [
                Heard::Sound(vec![0xFF]),
                Heard::Mark("a".into()),
                Heard::Clear
            ]
        );
    }
}
