//! `kiosk/1`, the protocol of the page: sound as PCM in binary messages, everything else as JSON in
//! texts. `KIOSK.md` has the messages.

use super::message::{Message, Told};
use crate::audio::{Digit, RATE_HZ};
use crate::dialogue::{Disposition, Reason};
use crate::line::coding::{Coding, Ear};
use crate::line::e164::E164;
use crate::line::provider::{Ignored, LineEvent, Provided, Received, Sent, Start, Wire, name};
use crate::line::{Caption, Ending, Out};
use crate::runtime::contract::{Who, Words};
use std::any::Any;

/// Rates of the caller's sound, Hz.
const RATES: std::ops::RangeInclusive<u32> = 8_000..=48_000;
/// Longest token, in bytes; ours have 80.
const LONGEST_TOKEN: usize = 256;
/// Longest typed text, in bytes; the session takes the first 500 characters.
const LONGEST_TEXT: usize = 4_000;

/// Takes a token and gives the call that it is for.
pub type Check = Box<dyn FnMut(&str) -> Option<String> + Send>;

/// One socket's codec.
pub struct KioskCodec {
    stream: Stream,
    check: Check,
    /// Who takes over, for the page to show.
    number: Option<E164>,
    /// `ready` is to be sent.
    ready: bool,
    /// Given back when the socket is gone.
    _seat: Option<Box<dyn Any + Send>>,
}

#[expect(
    clippy::large_enum_variant,
    reason = "one for a call, and open for nearly all of it"
)]
enum Stream {
    Waiting,
    Open { call: String, ear: Ear },
    Closed,
}

impl KioskCodec {
    /// A codec that takes every token that could be a call's name for one: for tests.
    pub fn new() -> Self {
        Self {
            stream: Stream::Waiting,
            check: Box::new(|token| name(token).map(str::to_owned)),
            number: None,
            ready: false,
            _seat: None,
        }
    }

    /// A codec that takes these tokens. `seat` is dropped with it.
    pub fn guarded(check: Check, number: Option<E164>, seat: Box<dyn Any + Send>) -> Self {
        Self {
            check,
            number,
            _seat: Some(seat),
            ..Self::new()
        }
    }

    fn start(&mut self, message: &Message) -> Result<LineEvent, Ignored> {
        if !matches!(self.stream, Stream::Waiting) {
            return Err(Ignored::SecondStart);
        }
        if message.format.as_deref().is_some_and(|f| f != "pcm16le") {
            return Err(Ignored::Format);
        }
        let rate_hz = message.rate(RATE_HZ).filter(|rate| RATES.contains(rate));
        let coding = rate_hz.map(|rate_hz| Coding::L16 { rate_hz });
        let ear = coding.and_then(|coding| Ear::new(coding).ok());
        let ear = ear.ok_or(Ignored::Format)?;
        let token = message.token.as_deref().ok_or(Ignored::Missing("token"))?;
        if token.len() > LONGEST_TOKEN {
            return Err(Ignored::Malformed);
        }
        let call = (self.check)(token).ok_or(Ignored::Token)?;
        self.stream = Stream::Open {
            call: call.clone(),
            ear,
        };
        self.ready = true;
        Ok(LineEvent::Started(Start {
            call_id: call,
            language: message.language().map(str::to_owned),
            ..Start::default()
        }))
    }

    fn ear(&mut self) -> Result<&mut Ear, Ignored> {
        match &mut self.stream {
            Stream::Waiting => Err(Ignored::BeforeStart),
            Stream::Closed => Err(Ignored::AfterStop),
            Stream::Open { ear, .. } => Ok(ear),
        }
    }

    fn told(&mut self, text: &str) -> Result<LineEvent, Ignored> {
        let message: Message = serde_json::from_str(text).map_err(|_| Ignored::Malformed)?;
        match message.kind.as_str() {
            "start" => return self.start(&message),
            "ping" => return Err(Ignored::Idle),
            "marked" | "dtmf" | "text" | "stop" => self.ear()?,
            _ => return Err(Ignored::UnknownEvent),
        };
        match message.kind.as_str() {
            "marked" => {
                let name = message.name.as_deref().ok_or(Ignored::Missing("name"))?;
                let mark = name.parse().map_err(|()| Ignored::UnknownMark)?;
                Ok(LineEvent::Played(mark))
            }
            "dtmf" => {
                let key = message.key().ok_or(Ignored::Missing("digit"))?;
                let mut keys = key.chars();
                let digit = keys.next().and_then(Digit::new);
                let digit = digit.filter(|_| keys.next().is_none());
                digit.map(LineEvent::Digit).ok_or(Ignored::Digit)
            }
            "text" => {
                let text = message.text.ok_or(Ignored::Missing("text"))?;
                match text.trim() {
                    "" => Err(Ignored::Idle),
                    _ if text.len() > LONGEST_TEXT => Err(Ignored::Malformed),
                    typed => Ok(LineEvent::Typed(typed.to_owned())),
                }
            }
            _ => {
                self.stream = Stream::Closed;
                Ok(LineEvent::Stopped)
            }
        }
    }

    fn caption(&self, caption: &Caption) -> Sent {
        let told = match caption {
            Caption::Words {
                who,
                id,
                text,
                language,
                state,
            } => Told::Text {
                who: match who {
                    Who::Bot => "bot",
                    Who::Caller => "caller",
                },
                id: *id,
                text,
                last: *state != Words::Interim,
                cut: *state == Words::Cut,
                language,
            },
            Caption::Secret(on) => Told::Secret { on: *on },
        };
        Wire::Text(told.json())
    }

    fn end(&self, ending: &Ending) -> Sent {
        let number = self.number.as_ref().map(E164::as_str);
        let (why, reason, number) = match ending {
            Ending::HangUp(disposition) => match disposition {
                Disposition::Failed => ("failed", "", number),
                _ => ("completed", "", None),
            },
            Ending::HandOver(handover) if handover.reason == Reason::Overload => {
                ("busy", "", number)
            }
            Ending::HandOver(handover) => ("handover", handover.reason.name(), number),
        };
        let told = Told::End {
            why,
            reason,
            number,
        };
        Wire::Text(told.json())
    }
}

impl Default for KioskCodec {
    fn default() -> Self {
        Self::new()
    }
}

impl Provided for KioskCodec {
    fn decode(
        &mut self,
        message: Received<'_>,
        events: &mut Vec<LineEvent>,
    ) -> Result<(), Ignored> {
        match message {
            Wire::Binary([]) => Err(Ignored::Idle),
            Wire::Binary(sound) => {
                self.ear()?.hear(sound, events);
                Ok(())
            }
            Wire::Text(text) => {
                events.push(self.told(text)?);
                Ok(())
            }
        }
    }

    fn encode(&mut self, out: &Out, wire: &mut Vec<Sent>) {
        if let Out::End(ending) = out {
            wire.push(self.end(ending));
            return;
        }
        if !matches!(self.stream, Stream::Open { .. }) {
            return;
        }
        wire.push(match out {
            Out::Media(frame) => {
                Wire::Binary(frame.0.iter().flat_map(|s| s.to_le_bytes()).collect())
            }
            Out::Mark(mark) => Wire::Text(
                Told::Mark {
                    name: mark.to_string(),
                }
                .json(),
            ),
            Out::Clear => Wire::Text(Told::Clear.json()),
            Out::Caption(caption) => self.caption(caption),
            Out::CallOff | Out::End(_) => return,
        });
    }

    fn answer(&mut self, wire: &mut Vec<Sent>) {
        if let Stream::Open { call, .. } = &self.stream
            && std::mem::take(&mut self.ready)
        {
            let ready = Told::Ready {
                session: call,
                rate_out: RATE_HZ,
            };
            wire.push(Wire::Text(ready.json()));
        }
    }
}
