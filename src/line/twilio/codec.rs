//! Twilio Media Streams, bidirectional (`<Connect><Stream>`): reads leniently, writes strictly, since
//! Twilio takes an unknown or extra field for an error (31951) and a binary frame too (31950).

use super::message::{self, Message};
use crate::audio::Digit;
use crate::line::Out;
use crate::line::coding::{Coding, Ear, LENIENT, Mouth};
use crate::line::provider::{Ignored, LineEvent, Provided, Received, Sent, Start, Wire, name};
use crate::line::reorder::Reorder;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Longest token, in bytes; ours have 43.
const LONGEST_TOKEN: usize = 256;

/// One socket's codec.
pub struct TwilioCodec {
    stream: Stream,
    ear: Ear,
    order: Reorder,
    /// Where the sound without chunk numbers should go on, in ms since the stream's start.
    expected_ms: Option<u64>,
    last_digit: Option<u64>,
    mouth: Mouth,
}

/// Where the stream is.
enum Stream {
    Waiting,
    Open {
        sid: String,
        /// A media message up to its payload.
        head: String,
    },
    Closed,
}

impl TwilioCodec {
    pub fn new() -> Self {
        Self {
            stream: Stream::Waiting,
            ear: Ear::telephone(Coding::Ulaw),
            order: Reorder::default(),
            expected_ms: None,
            last_digit: None,
            mouth: Mouth::telephone(Coding::Ulaw),
        }
    }

    fn start(&mut self, message: &Message<'_>) -> Result<LineEvent, Ignored> {
        if !matches!(self.stream, Stream::Waiting) {
            return Err(Ignored::SecondStart);
        }
        let start = message.start.as_ref().ok_or(Ignored::Missing("start"))?;
        let sid = Some(start.stream_sid.as_str())
            .filter(|s| !s.is_empty())
            .unwrap_or(message.stream_sid.as_str());
        let sid = name(sid).ok_or(Ignored::Missing("start.streamSid"))?;
        let call_id = name(start.call_sid.as_str()).ok_or(Ignored::Missing("start.callSid"))?;
        if !start.format.as_ref().is_none_or(is_telephone) {
            return Err(Ignored::Format);
        }
        let token = start.parameters.as_ref().map_or("", |p| p.token.as_str());
        if token.len() > LONGEST_TOKEN {
            return Err(Ignored::Malformed);
        }
        let event = LineEvent::Started(Start {
            call_id: call_id.to_owned(),
            token: token.to_owned(),
            caller: None,
        });
        let head = format!(r#"{{"event":"media","streamSid":"{sid}","media":{{"payload":""#);
        self.stream = Stream::Open {
            sid: sid.to_owned(),
            head,
        };
        Ok(event)
    }

    /// Refuses what is not part of the open stream.
    fn expect_open(&self, message: &Message<'_>) -> Result<(), Ignored> {
        match &self.stream {
            Stream::Waiting => Err(Ignored::BeforeStart),
            Stream::Closed => Err(Ignored::AfterStop),
            Stream::Open { sid, .. } => {
                let given = message.stream_sid.as_str();
                if given.is_empty() || given == sid {
                    Ok(())
                } else {
                    Err(Ignored::OtherStream)
                }
            }
        }
    }

    fn media(
        &mut self,
        media: &message::Media<'_>,
        events: &mut Vec<LineEvent>,
    ) -> Result<(), Ignored> {
        if !matches!(media.track.as_str(), "" | "inbound" | "inbound_track") {
            return Err(Ignored::OtherTrack);
        }
        let sound = LENIENT
            .decode(media.payload.as_str())
            .map_err(|_| Ignored::Payload)?;
        if sound.is_empty() {
            return Err(Ignored::Missing("media.payload"));
        }
        let Some(chunk) = media.chunk.0 else {
            return self.timed(media.timestamp.0, &sound, events);
        };
        let ear = &mut self.ear;
        self.order
            .push(chunk, sound, |piece| ear.take(piece, events))
            .map_err(|()| Ignored::Late)
    }

    /// Sound without a chunk number: its time tells what was lost.
    fn timed(
        &mut self,
        ms: Option<u64>,
        sound: &[u8],
        events: &mut Vec<LineEvent>,
    ) -> Result<(), Ignored> {
        if let (Some(ms), Some(expected)) = (ms, self.expected_ms) {
            // 15: times are rounded, and 20 ms pieces come 19.97 ms apart.
            if ms + 15 < expected {
                return Err(Ignored::Late);
            }
            self.ear
                .lose((ms.saturating_sub(expected) + 5) / 20, events);
        }
        self.expected_ms = ms.map(|ms| ms.saturating_add(sound.len() as u64 / 8));
        self.ear.hear(sound, events);
        Ok(())
    }

    /// Twilio sends one message per key; the same message twice is one key.
    fn digit(&mut self, message: &Message<'_>) -> Result<LineEvent, Ignored> {
        let dtmf = message.dtmf.as_ref().ok_or(Ignored::Missing("dtmf"))?;
        let mut key = dtmf.digit.as_str().chars();
        let digit = key
            .next()
            .and_then(Digit::new)
            .filter(|_| key.next().is_none())
            .ok_or(Ignored::Digit)?;
        if let Some(sequence) = message.sequence.0 {
            if self.last_digit == Some(sequence) {
                return Err(Ignored::Duplicate);
            }
            self.last_digit = Some(sequence);
        }
        Ok(LineEvent::Digit(digit))
    }
}

impl Default for TwilioCodec {
    fn default() -> Self {
        Self::new()
    }
}

impl Provided for TwilioCodec {
    fn decode(
        &mut self,
        message: Received<'_>,
        events: &mut Vec<LineEvent>,
    ) -> Result<(), Ignored> {
        let Wire::Text(text) = message else {
            return Err(Ignored::Binary);
        };
        let message: Message<'_> = serde_json::from_str(text).map_err(|_| Ignored::Malformed)?;
        match message.event.as_str() {
            "connected" => Err(Ignored::Idle),
            "start" => self.start(&message).map(|event| events.push(event)),
            "media" => {
                self.expect_open(&message)?;
                self.media(
                    message.media.as_ref().ok_or(Ignored::Missing("media"))?,
                    events,
                )
            }
            "dtmf" => {
                self.expect_open(&message)?;
                self.digit(&message).map(|event| events.push(event))
            }
            "mark" => {
                self.expect_open(&message)?;
                let mark = message.mark.as_ref().ok_or(Ignored::Missing("mark"))?;
                let mark = mark
                    .name
                    .as_str()
                    .parse()
                    .map_err(|()| Ignored::UnknownMark)?;
                events.push(LineEvent::Played(mark));
                Ok(())
            }
            "stop" => {
                self.expect_open(&message)?;
                let ear = &mut self.ear;
                self.order.finish(|piece| ear.take(piece, events));
                self.stream = Stream::Closed;
                events.push(LineEvent::Stopped);
                Ok(())
            }
            _ => Err(Ignored::UnknownEvent),
        }
    }

    fn encode(&mut self, out: &Out, wire: &mut Vec<Sent>) {
        let Stream::Open { sid, head } = &self.stream else {
            return;
        };
        wire.push(Wire::Text(match out {
            Out::Media(frame) => {
                // 216: base64 of 160 bytes.
                let mut text = String::with_capacity(head.len() + 216 + 3);
                text.push_str(head);
                STANDARD.encode_string(self.mouth.encode(frame), &mut text);
                text.push_str(r#""}}"#);
                text
            }
            Out::Mark(mark) => {
                format!(r#"{{"event":"mark","streamSid":"{sid}","mark":{{"name":"{mark}"}}}}"#)
            }
            Out::Clear => format!(r#"{{"event":"clear","streamSid":"{sid}"}}"#),
            // Twilio has no message for it: we close the socket.
            Out::Caption(_) | Out::End(_) => return,
        }));
    }
}

/// µ-law, 8000 Hz, mono; what is left out is taken to be right.
fn is_telephone(format: &message::Format<'_>) -> bool {
    let encoding = format.encoding.as_str();
    (encoding.is_empty() || Coding::g711(encoding) == Some(Coding::Ulaw))
        && matches!(format.rate_hz.0, None | Some(8000))
        && matches!(format.channels.0, None | Some(1))
}
