//! A socket of the media-streams family whose provider is told by its first messages: for a path that all
//! of them can be pointed to. The call must have been announced by its provider's own webhook, whose
//! one-time token is the proof; the upgrade itself is not checked here.

use super::{Streams, Style};
use crate::line::Out;
use crate::line::provider::{Ignored, LineEvent, Provided, Provider, Received, Sent, Wire};
use crate::line::{exotel, plivo, telnyx, twilio};
use serde_json::Value;

/// Longest message that is kept until the start tells whose it is, in bytes.
const LONGEST_GREETING: usize = 4096;

/// A provider, and how its `start` is told from others'.
struct Dialect {
    provider: &'static Provider,
    style: &'static Style,
    /// Field of the message, or of its `start`, that names the stream.
    stream: &'static str,
    /// Field of `start` that names the call.
    call: &'static str,
}

/// In the order in which they are looked for: most tell themselves by the names of two fields.
const DIALECTS: &[Dialect] = &[
    Dialect {
        provider: &twilio::PROVIDER,
        style: &twilio::STYLE,
        stream: "streamSid",
        call: "callSid",
    },
    Dialect {
        provider: &telnyx::PROVIDER,
        style: &telnyx::STYLE,
        stream: "stream_id",
        call: "call_control_id",
    },
    Dialect {
        provider: &plivo::PROVIDER,
        style: &plivo::STYLE,
        stream: "streamId",
        call: "callId",
    },
    Dialect {
        provider: &exotel::PROVIDER,
        style: &exotel::STYLE,
        stream: "stream_sid",
        call: "call_sid",
    },
];

/// One socket's codec.
#[derive(Default)]
pub struct Any {
    /// What came with the socket's own address.
    token: Option<String>,
    /// What was said before the start.
    greeting: Option<String>,
    told: Option<(&'static Provider, Streams)>,
}

impl Any {
    /// A codec for a socket; `token` came with its address.
    pub fn new(token: Option<String>) -> Self {
        Self {
            token,
            ..Self::default()
        }
    }
}

/// Whose `start` this is.
fn dialect(message: &Value) -> Option<&'static Dialect> {
    let start = message.get("start")?;
    let named = |dialect: &&Dialect| {
        let stream = start
            .get(dialect.stream)
            .or_else(|| message.get(dialect.stream));
        stream.is_some() && start.get(dialect.call).is_some()
    };
    DIALECTS.iter().find(named)
}

impl Provided for Any {
    fn decode(
        &mut self,
        message: Received<'_>,
        events: &mut Vec<LineEvent>,
    ) -> Result<(), Ignored> {
        if let Some((_, streams)) = &mut self.told {
            return streams.decode(message, events);
        }
        let Wire::Text(text) = message else {
            return Err(Ignored::Binary);
        };
        let value: Value = serde_json::from_str(text).map_err(|_| Ignored::Malformed)?;
        if value.get("event").and_then(Value::as_str) != Some("start") {
            self.greeting = (text.len() <= LONGEST_GREETING).then(|| text.to_owned());
            return Err(Ignored::Idle);
        }
        let dialect =
            dialect(&value).ok_or(Ignored::Missing("names of a provider that is known"))?;
        let mut streams = Streams::new(dialect.style, self.token.take());
        if let Some(greeting) = self.greeting.take()
            && let Err(ignored @ Ignored::Malformed) = streams.decode(Wire::Text(&greeting), events)
        {
            return Err(ignored);
        }
        streams.decode(message, events)?;
        self.told = Some((dialect.provider, streams));
        Ok(())
    }

    fn encode(&mut self, out: &Out, wire: &mut Vec<Sent>) {
        if let Some((_, streams)) = &mut self.told {
            streams.encode(out, wire);
        }
    }

    fn answer(&mut self, wire: &mut Vec<Sent>) {
        if let Some((_, streams)) = &mut self.told {
            streams.answer(wire);
        }
    }

    fn provider(&self) -> Option<&'static Provider> {
        self.told.as_ref().map(|(provider, _)| *provider)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Frame;

    /// Name of the provider that these messages come from, and the first field of what it is sent.
    fn told(messages: &[&str]) -> (Option<&'static str>, String) {
        let (mut codec, mut events, mut wire) = (Any::default(), Vec::new(), Vec::new());
        for message in messages {
            let _ = codec.decode(Wire::Text(message), &mut events);
        }
        codec.encode(&Out::Media(Frame::SILENCE), &mut wire);
        let sent = match wire.first() {
            Some(Wire::Text(text)) => text.chars().take(20).collect(),
            _ => String::new(),
        };
        (codec.provider().map(|provider| provider.name), sent)
    }

    #[test]
    fn the_first_messages_tell_whose_socket_it_is() {
        let twilio = [
            r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#,
            r#"{"event":"start","streamSid":"MZ0","start":{"streamSid":"MZ0","callSid":"CA0","customParameters":{"token":"t"}}}"#,
        ];
        assert_eq!(
            told(&twilio),
            (Some("twilio"), r#"{"event":"media","st"#.into())
        );
        let telnyx = [
            r#"{"event":"connected","version":"1.0.0"}"#,
            r#"{"event":"start","stream_id":"32DE","start":{"call_control_id":"v3:x","media_format":{"encoding":"PCMA","sample_rate":8000,"channels":1}}}"#,
        ];
        assert_eq!(
            told(&telnyx),
            (Some("telnyx"), r#"{"event":"media","me"#.into())
        );
        let plivo = [
            r#"{"event":"start","start":{"callId":"c","streamId":"s","mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000}}}"#,
        ];
        let exotel = [
            r#"{"event":"start","stream_sid":"s","start":{"stream_sid":"s","call_sid":"c","media_format":{"encoding":"base64","sample_rate":"8000"}}}"#,
        ];
        assert_eq!(told(&exotel).0, Some("exotel"));
        assert_eq!(
            told(&plivo),
            (Some("plivo"), r#"{"event":"playAudio""#.into())
        );
    }

    #[test]
    fn nobody_is_taken_for_somebody() {
        for message in [
            "",
            "[]",
            r#"{"event":"start"}"#,
            r#"{"event":"start","start":{"callSid":"CA0"}}"#,
        ] {
            assert_eq!(told(&[message]), (None, String::new()), "{message}");
        }
        let mut codec = Any::default();
        assert_eq!(
            codec.decode(Wire::Binary(&[0; 160]), &mut Vec::new()),
            Err(Ignored::Binary)
        );
    }
}
