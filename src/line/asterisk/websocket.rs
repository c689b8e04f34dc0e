//! Asterisk's `chan_websocket`: the channel's own codec as binary messages, control as text, in words or
//! JSON. Versions differ in whether they know marks; where they do not, the drained queue and the
//! caller's media clock stand in.

use super::control::{self, MediaStart, Told, Writing};
use crate::audio::Digit;
use crate::call::Mark;
use crate::line::Out;
use crate::line::coding::{Coding, Ear, Mouth};
use crate::line::dialplan::call_name;
use crate::line::provider::{Ignored, LineEvent, Provided, Received, Sent, Start, Wire};
use crate::line::reckon::Reckoner;
use std::collections::VecDeque;

/// Sound kept that came before `MEDIA_START`, in bytes: it may under load (asterisk #1712).
const EARLY_BYTES: usize = 16 * 1024;
/// Longest message to Asterisk, in bytes; one over 65,500 ends the call.
const LONGEST_MESSAGE: usize = 16 * 1024;
/// Messages held while Asterisk's queue is full: 20 s, as many as it queues itself.
const MOST_HELD: usize = 1_000;

/// One socket's codec.
pub struct ChanWebsocket {
    /// Of the upgrade's query: `v(call=…)` in the dialplan.
    parameters: Vec<(String, String)>,
    /// What the call's announcement is claimed with; empty: it was not announced.
    token: String,
    early: Vec<u8>,
    stream: Option<Stream>,
}

struct Stream {
    writing: Writing,
    ear: Ear,
    mouth: Mouth,
    frame_size: usize,
    /// Sound short of a whole frame of Asterisk's.
    rest: Vec<u8>,
    /// Asterisk reports marks.
    marks: bool,
    reckoner: Reckoner,
    /// `REPORT_QUEUE_DRAINED` was sent and not answered.
    asked: bool,
    /// Asterisk's queue is full; what waits for it.
    off: bool,
    held: VecDeque<Sent>,
}

impl ChanWebsocket {
    /// `parameters`: the upgrade's query, decoded. `token`: that of the call's announcement.
    pub fn new(parameters: Vec<(String, String)>, token: String) -> Self {
        Self {
            parameters,
            token,
            early: Vec::new(),
            stream: None,
        }
    }

    fn start(
        &mut self,
        writing: Writing,
        start: &MediaStart,
        events: &mut Vec<LineEvent>,
    ) -> Result<(), Ignored> {
        if self.stream.is_some() {
            return Err(Ignored::SecondStart);
        }
        let coding = named(&start.format).ok_or_else(|| {
            tracing::warn!(
                format = %start.format.chars().take(32).collect::<String>(),
                "Asterisk offers a sound format that is not spoken here: dial with c(ulaw), c(alaw), c(slin) or c(slin16)"
            );
            Ignored::Format
        })?;
        let given = |name: &str| {
            let query = self.parameters.iter().find(|(n, _)| n == name);
            let variable = || {
                let mut variables = start.variables.iter();
                variables.find(|(n, _)| {
                    n.strip_prefix("ATTENDANT_")
                        .is_some_and(|n| n.eq_ignore_ascii_case(name))
                })
            };
            let value = query.or_else(variable).map_or("", |(_, value)| value);
            value.to_owned()
        };
        let call_id = [
            given("call"),
            start.channel_id.clone(),
            given("fallback"),
            start.connection_id.clone(),
        ];
        let call_id = call_id
            .iter()
            .find_map(|id| call_name(id))
            .ok_or(Ignored::Missing("call"))?;
        let frame_size = match start.frame_size {
            0 => coding.tick_bytes(),
            bytes => bytes.min(LONGEST_MESSAGE),
        };
        let stream = Stream {
            writing,
            ear: Ear::new(coding).map_err(|_| Ignored::Format)?,
            mouth: Mouth::new(coding).map_err(|_| Ignored::Format)?,
            frame_size,
            rest: Vec::new(),
            marks: !start.channel_id.is_empty(),
            reckoner: Reckoner::default(),
            asked: false,
            off: false,
            held: VecDeque::new(),
        };
        let caller = given("caller");
        events.push(LineEvent::Started(Start {
            call_id,
            token: std::mem::take(&mut self.token),
            caller: (!caller.is_empty()).then_some(caller),
            language: None,
        }));
        self.stream = Some(stream);
        Ok(())
    }
}

impl Provided for ChanWebsocket {
    fn decode(
        &mut self,
        message: Received<'_>,
        events: &mut Vec<LineEvent>,
    ) -> Result<(), Ignored> {
        let text = match message {
            Wire::Text(text) => text,
            Wire::Binary(sound) => {
                match &mut self.stream {
                    Some(stream) => {
                        if !self.early.is_empty() {
                            stream.hear(&std::mem::take(&mut self.early), events);
                        }
                        stream.hear(sound, events);
                    }
                    None if self.early.len() + sound.len() > EARLY_BYTES => {
                        return Err(Ignored::BeforeStart);
                    }
                    None => self.early.extend_from_slice(sound),
                }
                return Ok(());
            }
        };
        let (writing, told) = control::read(text).ok_or(Ignored::Malformed)?;
        if let Told::Start(start) = told {
            return self.start(writing, &start, events);
        }
        let stream = self.stream.as_mut().ok_or(Ignored::BeforeStart)?;
        stream.told(told, events)
    }

    fn encode(&mut self, out: &Out, wire: &mut Vec<Sent>) {
        let Some(stream) = &mut self.stream else {
            return;
        };
        stream.encode(out);
        stream.release(wire);
    }

    fn answer(&mut self, wire: &mut Vec<Sent>) {
        if let Some(stream) = &mut self.stream {
            stream.release(wire);
        }
    }
}

impl Stream {
    fn hear(&mut self, sound: &[u8], events: &mut Vec<LineEvent>) {
        let before = events.len();
        self.ear.hear(sound, events);
        let reckoner = &mut self.reckoner;
        (before..events.len()).for_each(|_| reckoner.heard());
        while let Some(mark) = reckoner.due() {
            events.push(LineEvent::Played(mark));
        }
    }

    fn told(&mut self, told: Told, events: &mut Vec<LineEvent>) -> Result<(), Ignored> {
        match told {
            Told::Dtmf(key) => {
                let mut key = key.chars();
                let digit = key.next().and_then(Digit::new).ok_or(Ignored::Digit)?;
                if key.next().is_some() {
                    return Err(Ignored::Digit);
                }
                events.push(LineEvent::Digit(digit));
            }
            Told::Marked(id) => {
                let mark = id.parse().map_err(|()| Ignored::UnknownMark)?;
                events.push(LineEvent::Played(mark));
            }
            Told::Off => self.off = true,
            Told::On => self.off = false,
            Told::Drained => {
                self.asked = false;
                events.extend(self.reckoner.drained().map(LineEvent::Played));
            }
            Told::Error(error) => {
                let error: String = error.chars().take(200).collect();
                tracing::warn!(error, "Asterisk did not understand a command");
                return Err(Ignored::Idle);
            }
            Told::Other => return Err(Ignored::Idle),
            Told::Unknown | Told::Start(_) => return Err(Ignored::UnknownEvent),
        }
        Ok(())
    }

    fn encode(&mut self, out: &Out) {
        match out {
            Out::Media(frame) => {
                self.reckoner.sent();
                self.rest.extend_from_slice(self.mouth.encode(frame));
                let whole = self.rest.len() - self.rest.len() % self.frame_size;
                self.hold_sound(whole);
            }
            Out::Mark(mark) => {
                // What is short of a frame would be dropped: silence makes it whole.
                let missing = self.rest.len().next_multiple_of(self.frame_size) - self.rest.len();
                let silence = self.mouth.coding().silence();
                self.rest.extend(std::iter::repeat_n(silence, missing));
                self.hold_sound(self.rest.len());
                self.mark(*mark);
            }
            Out::Clear => {
                self.held.clear();
                self.rest.clear();
                self.reckoner.clear();
                self.off = false;
                self.command("FLUSH_MEDIA", None);
                // Flushing does not end a pause, whatever its documentation says.
                self.command("CONTINUE_MEDIA", None);
            }
            Out::End(_) => {
                // Nothing that is held can be heard any more.
                self.held.clear();
                self.off = false;
                self.command("HANGUP", None);
            }
            Out::Caption(_) | Out::CallOff => {}
        }
    }

    fn mark(&mut self, mark: Mark) {
        if self.marks {
            return self.command("MARK_MEDIA", Some(&mark.to_string()));
        }
        self.reckoner.mark(mark);
        if !self.asked {
            self.asked = true;
            self.command("REPORT_QUEUE_DRAINED", None);
        }
    }

    fn hold_sound(&mut self, bytes: usize) {
        let most = (LONGEST_MESSAGE / self.frame_size).max(1) * self.frame_size;
        for sound in self.rest[..bytes].chunks(most) {
            self.held.push_back(Wire::Binary(sound.to_vec()));
        }
        self.rest.drain(..bytes);
        while self.held.len() > MOST_HELD {
            self.held.pop_front();
        }
    }

    fn command(&mut self, name: &str, id: Option<&str>) {
        let text = control::command(self.writing, name, id);
        self.held.push_back(Wire::Text(text));
    }

    fn release(&mut self, wire: &mut Vec<Sent>) {
        if !self.off {
            wire.extend(self.held.drain(..));
        }
    }
}

/// Asterisk's name for a format.
fn named(format: &str) -> Option<Coding> {
    let rate_hz = match format {
        "ulaw" => return Some(Coding::Ulaw),
        "alaw" => return Some(Coding::Alaw),
        "slin" => 8_000,
        "slin12" => 12_000,
        "slin16" => 16_000,
        "slin24" => 24_000,
        "slin32" => 32_000,
        "slin44" => 44_100,
        "slin48" => 48_000,
        "slin96" => 96_000,
        "slin192" => 192_000,
        _ => return None,
    };
    Some(Coding::L16 { rate_hz })
}
