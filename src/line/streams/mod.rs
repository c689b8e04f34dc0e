//! The media-streams family: JSON text messages with base64 sound, as Twilio has made them common and as
//! Telnyx, Plivo, SignalWire and Exotel speak them with other names. Reads leniently, any dialect's names;
//! writes strictly, in the dialect of its [`Style`]. Pure.

mod any;
mod message;
mod style;

pub use any::Any;
pub use message::Format;
pub use style::{Cleared, MarkForm, Speaks, Style, g711, mono, ulaw};

use super::Out;
use super::coding::{Coding, Ear, LENIENT, Mouth};
use super::provider::{Ignored, LineEvent, Provided, Received, Sent, Start, Wire, name};
use super::reorder::Reorder;
use crate::audio::Digit;
use crate::call::Mark;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use message::Message;
use std::collections::VecDeque;

/// Longest token, in bytes; ours have 43.
const LONGEST_TOKEN: usize = 256;
/// Marks remembered for a line that does not return those of cleared sound.
const REMEMBERED: usize = 1024;

/// One socket's codec.
pub struct Streams {
    style: &'static Style,
    /// The token that came with the socket's own address; else it is a parameter of the start.
    token: Option<String>,
    stream: Stream,
    ear: Ear,
    order: Reorder,
    /// Where the sound without chunk numbers should go on, in ms since the stream's start.
    expected_ms: Option<u64>,
    last_digit: Option<u64>,
    mouth: Mouth,
    /// Sound that does not fill a message yet.
    block: Vec<u8>,
    /// Marks that are out, in order, and how many of them, from the front, stand before a clear.
    marks: VecDeque<Mark>,
    cleared: usize,
}

/// Where the stream is.
enum Stream {
    Waiting,
    Open {
        id: String,
        /// A media message up to its payload.
        head: String,
    },
    Closed,
}

impl Streams {
    pub fn new(style: &'static Style, token: Option<String>) -> Self {
        let coding = match style.speaks {
            Speaks::Always(coding) => coding,
            Speaks::AsHeard => Coding::Ulaw,
        };
        Self {
            style,
            token,
            stream: Stream::Waiting,
            ear: Ear::telephone(Coding::Ulaw),
            order: Reorder::default(),
            expected_ms: None,
            last_digit: None,
            mouth: Mouth::telephone(coding),
            block: Vec::new(),
            marks: VecDeque::new(),
            cleared: 0,
        }
    }

    /// The token is said again by the line itself.
    fn connected(&mut self, message: &Message<'_>) -> Ignored {
        if let (Some(given), Some(token)) = (&message.token, &mut self.token)
            && given.as_str() != token
        {
            // No call has an empty token.
            token.clear();
            return Ignored::Malformed;
        }
        Ignored::Idle
    }

    fn start(&mut self, message: &Message<'_>) -> Result<LineEvent, Ignored> {
        if !matches!(self.stream, Stream::Waiting) {
            return Err(Ignored::SecondStart);
        }
        let start = message.start.as_ref().ok_or(Ignored::Missing("start"))?;
        let id = Some(start.stream.as_str()).filter(|id| !id.is_empty());
        let id = name(id.unwrap_or(message.stream.as_str()));
        let id = id.ok_or(Ignored::Missing("name of the stream"))?;
        let call_id = (self.style.call)(start.call.as_str());
        let call_id = call_id.ok_or(Ignored::Missing("name of the call"))?;
        let unsaid = Format::default();
        let coding = (self.style.hears)(start.format.as_ref().unwrap_or(&unsaid));
        let coding = coding.ok_or(Ignored::Format)?;
        let parameter = start.parameters.as_ref().map_or("", |p| p.token.as_str());
        let token = self.token.as_deref().unwrap_or(parameter);
        if token.len() > LONGEST_TOKEN {
            return Err(Ignored::Malformed);
        }
        let ear = Ear::new(coding).map_err(|_| Ignored::Format)?;
        if self.style.speaks == Speaks::AsHeard {
            self.mouth = Mouth::new(coding).map_err(|_| Ignored::Format)?;
        }
        self.ear = ear;
        let caller = start.from.as_str();
        let event = LineEvent::Started(Start {
            call_id,
            token: token.to_owned(),
            caller: Some(caller)
                .filter(|from| !from.is_empty())
                .map(str::to_owned),
            language: None,
        });
        let head = format!(
            r#"{{"event":"{}",{}"media":{{{}"payload":""#,
            self.style.media,
            stream_field(self.style, id),
            self.style.media_fields,
        );
        self.stream = Stream::Open {
            id: id.to_owned(),
            head,
        };
        Ok(event)
    }

    /// Refuses what is not part of the open stream.
    fn expect_open(&self, message: &Message<'_>) -> Result<(), Ignored> {
        match &self.stream {
            Stream::Waiting => Err(Ignored::BeforeStart),
            Stream::Closed => Err(Ignored::AfterStop),
            Stream::Open { id, .. } => {
                let given = message.stream.as_str();
                if given.is_empty() || given == id {
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
            let ms = media.timestamp.0.filter(|_| self.style.timed);
            return self.timed(ms, &sound, events);
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
        let per_tick = self.ear.coding().tick_bytes().max(1) as u64;
        self.expected_ms = ms.map(|ms| ms.saturating_add(sound.len() as u64 * 20 / per_tick));
        self.ear.hear(sound, events);
        Ok(())
    }

    /// One message per key; the same message twice is one key.
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

    /// A mark has come back.
    fn played(&mut self, name: &str, events: &mut Vec<LineEvent>) -> Result<(), Ignored> {
        let mark: Mark = name.parse().map_err(|()| Ignored::UnknownMark)?;
        if self.style.cleared != Cleared::Returns {
            let Some(place) = self.marks.iter().position(|known| *known == mark) else {
                // It stood in sound that was cleared, or was never ours: told already, or nothing to tell.
                return Err(Ignored::Late);
            };
            self.marks.remove(place);
            self.cleared -= usize::from(place < self.cleared);
        }
        events.push(LineEvent::Played(mark));
        Ok(())
    }

    /// The line has dropped what it was told to: the marks in it are over.
    fn dropped(&mut self, events: &mut Vec<LineEvent>) {
        let over = self.marks.drain(..std::mem::take(&mut self.cleared));
        events.extend(over.map(LineEvent::Played));
    }

    fn remember(&mut self, mark: Mark) {
        if self.style.cleared == Cleared::Returns {
            return;
        }
        if self.marks.len() == REMEMBERED {
            self.marks.pop_front();
            self.cleared = self.cleared.saturating_sub(1);
        }
        self.marks.push_back(mark);
    }

    /// The sound that waits for its message to fill, filled up with silence.
    fn flush(&mut self, wire: &mut Vec<Sent>) {
        if self.block.is_empty() {
            return;
        }
        let coding = self.mouth.coding();
        let whole = coding.tick_bytes() * self.style.block;
        self.block.resize(whole, coding.silence());
        self.send_block(wire);
    }

    fn send_block(&mut self, wire: &mut Vec<Sent>) {
        if let Stream::Open { head, .. } = &self.stream {
            let mut text = String::with_capacity(head.len() + self.block.len() * 4 / 3 + 8);
            text.push_str(head);
            STANDARD.encode_string(&self.block, &mut text);
            text.push_str(r#""}}"#);
            wire.push(Wire::Text(text));
        }
        self.block.clear();
    }
}

impl Provided for Streams {
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
            "connected" => return Err(self.connected(&message)),
            "start" => return self.start(&message).map(|event| events.push(event)),
            "media" | "dtmf" | "mark" | "playedStream" | "clearedAudio" | "stop" => {
                self.expect_open(&message)?;
            }
            "error" => {
                complain(&message);
                return Err(Ignored::Idle);
            }
            _ => return Err(Ignored::UnknownEvent),
        }
        match message.event.as_str() {
            "media" => {
                let media = message.media.as_ref().ok_or(Ignored::Missing("media"))?;
                self.media(media, events)
            }
            "dtmf" => self.digit(&message).map(|event| events.push(event)),
            "mark" => {
                let mark = message.mark.as_ref().ok_or(Ignored::Missing("mark"))?;
                self.played(mark.name.as_str(), events)
            }
            "playedStream" => self.played(message.name.as_str(), events),
            "clearedAudio" => {
                self.dropped(events);
                Ok(())
            }
            _ => {
                let ear = &mut self.ear;
                self.order.finish(|piece| ear.take(piece, events));
                self.stream = Stream::Closed;
                events.push(LineEvent::Stopped);
                Ok(())
            }
        }
    }

    fn encode(&mut self, out: &Out, wire: &mut Vec<Sent>) {
        let Stream::Open { id, .. } = &self.stream else {
            return;
        };
        let (style, stream) = (self.style, stream_field(self.style, id));
        match out {
            Out::Media(frame) => {
                self.block.extend_from_slice(self.mouth.encode(frame));
                if self.block.len() >= self.mouth.coding().tick_bytes() * style.block {
                    self.send_block(wire);
                }
            }
            Out::Mark(mark) => {
                self.flush(wire);
                self.remember(*mark);
                wire.push(Wire::Text(match style.mark {
                    MarkForm::Nested => {
                        format!(r#"{{"event":"mark",{stream}"mark":{{"name":"{mark}"}}}}"#)
                    }
                    MarkForm::Flat(event) => {
                        format!(r#"{{"event":"{event}",{stream}"name":"{mark}"}}"#)
                    }
                }));
            }
            Out::Clear => {
                self.block.clear();
                match style.cleared {
                    Cleared::Returns => {}
                    Cleared::Tells => self.cleared = self.marks.len(),
                    Cleared::Forgets => self.marks.clear(),
                }
                let text = format!(r#"{{"event":"{}",{stream}"#, style.clear);
                wire.push(Wire::Text(format!("{}}}", text.trim_end_matches(','))));
            }
            // The family has no message for it: we close the socket.
            Out::End(_) => self.flush(wire),
            Out::Caption(_) | Out::CallOff => {}
        }
    }
}

/// `"streamSid":"MZ…",`
fn stream_field(style: &Style, id: &str) -> String {
    let field = style.stream_field;
    field.map_or(String::new(), |field| format!(r#""{field}":"{id}","#))
}

/// The line did not like what we sent. Its own words, cut short: they go to the log.
fn complain(message: &Message<'_>) {
    let payload = message.payload.as_ref();
    let cut = |text: &str| text.chars().take(100).collect::<String>();
    let code = payload.map_or_else(String::new, |payload| cut(payload.code.as_str()));
    let title = payload.map_or_else(String::new, |payload| cut(payload.title.as_str()));
    tracing::warn!(code, title, "the line reports an error in the stream");
}
