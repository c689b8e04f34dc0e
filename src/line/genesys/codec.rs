//! AudioHook version 2 with the Audio Connector's additions: JSON texts that are numbered on both sides, and
//! PCMU as binary. Reads leniently, writes strictly: `parameters` stand in every message, or Genesys refuses
//! it.

use crate::audio::{Digit, Frame};
use crate::line::coding::{Coding, Ear, Mouth};
use crate::line::provider::{Ignored, LineEvent, Provided, Received, Sent, Start, Wire, name};
use crate::line::reckon::Reckoner;
use crate::line::{Ending, Out};
use serde_json::{Value, json};

/// Sound in a message, in bytes: four a second, where Genesys takes five (and 25 at once), so that there is
/// room for the shorter ones at the ends of sentences.
const PACKET_BYTES: usize = 2000;
/// Sound that is held back at most while Genesys wants no messages, in bytes: 7 s.
const HELD_BYTES: usize = 56_000;
/// Longest time that we hold messages back, in frames of 20 ms.
const LONGEST_HOLD: u64 = 500;
/// The conversation of a connection probe.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// One socket's codec.
pub struct GenesysCodec {
    /// As the upgrade named it; none: not named.
    organization: Option<String>,
    stage: Stage,
    /// The session's name, which stands in every message.
    id: String,
    /// Number of our last message, and of the client's.
    seq: u64,
    client_seq: u64,
    /// What is to be answered: kind and parameters.
    answers: Vec<(&'static str, Value)>,
    sound: Incoming,
    mouth: Mouth,
    packet: Vec<u8>,
    playback: Reckoner,
    /// By the caller's clock: Genesys wants no messages before.
    hold_until: u64,
    paused: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Waiting,
    /// A connection is tried, nobody calls.
    Probe,
    Open,
    /// We have said `disconnect`.
    Leaving,
    Closed,
}

impl GenesysCodec {
    pub fn new() -> Self {
        Self::of(None)
    }

    /// For a socket whose upgrade named this organization.
    pub fn of(organization: Option<String>) -> Self {
        Self {
            organization,
            stage: Stage::Waiting,
            id: String::new(),
            seq: 0,
            client_seq: 0,
            answers: Vec::new(),
            sound: Incoming::new(1),
            mouth: Mouth::telephone(Coding::Ulaw),
            packet: Vec::new(),
            playback: Reckoner::default(),
            hold_until: 0,
            paused: false,
        }
    }

    fn text(&mut self, text: &str, events: &mut Vec<LineEvent>) -> Result<(), Ignored> {
        let message: Value = serde_json::from_str(text).map_err(|_| Ignored::Malformed)?;
        let kind = message["type"].as_str().ok_or(Ignored::Malformed)?;
        let id = message["id"].as_str().and_then(name);
        let id = id.ok_or(Ignored::Missing("id"))?;
        match self.stage {
            Stage::Closed => return Err(Ignored::AfterStop),
            Stage::Waiting if kind != "open" => return Err(Ignored::BeforeStart),
            Stage::Waiting => self.id = id.to_owned(),
            _ if id != self.id => return Err(Ignored::OtherStream),
            _ => {}
        }
        if let Some(seq) = message["seq"].as_u64() {
            self.client_seq = self.client_seq.max(seq);
        }
        let parameters = &message["parameters"];
        match kind {
            "open" => self.open(parameters, events),
            "ping" => {
                self.answers.push(("pong", json!({})));
                if self.paused && self.stage == Stage::Open {
                    // Nothing is heard, and nobody has gone.
                    events.push(LineEvent::Frame(Frame::SILENCE));
                }
                Ok(())
            }
            "close" => {
                self.answers.push(("closed", json!({})));
                let called = self.stage != Stage::Probe;
                self.stage = Stage::Closed;
                if called {
                    events.push(LineEvent::Stopped);
                }
                Ok(())
            }
            "update" => {
                self.answers.push(("updated", json!({})));
                Ok(())
            }
            "dtmf" => {
                let key = &parameters["digit"];
                let key = key.as_str().map(str::to_owned).or_else(|| {
                    let number = key.as_u64()?;
                    Some(number.to_string())
                });
                let key = key.ok_or(Ignored::Missing("parameters.digit"))?;
                let mut key = key.chars();
                let digit = key.next().and_then(Digit::new);
                let digit = digit.filter(|_| key.next().is_none());
                events.push(LineEvent::Digit(digit.ok_or(Ignored::Digit)?));
                Ok(())
            }
            "playback_started" => {
                self.playback.started();
                Ok(())
            }
            "playback_completed" => {
                self.playback.completed();
                self.report(events);
                Ok(())
            }
            "paused" => {
                self.paused = true;
                Ok(())
            }
            "resumed" | "discarded" => {
                self.paused &= kind != "resumed";
                let ms = duration_ms(parameters["discarded"].as_str().unwrap_or(""));
                self.sound.ear.lose(ms.unwrap_or(0) / 20, events);
                Ok(())
            }
            "error" => {
                self.error(parameters);
                Ok(())
            }
            _ => Err(Ignored::UnknownEvent),
        }
    }

    fn open(&mut self, parameters: &Value, events: &mut Vec<LineEvent>) -> Result<(), Ignored> {
        if self.stage != Stage::Waiting {
            return Err(Ignored::SecondStart);
        }
        let call_id = parameters["conversationId"].as_str().and_then(name);
        let call_id = call_id.ok_or(Ignored::Missing("parameters.conversationId"))?;
        let organization = parameters["organizationId"].as_str();
        if self.organization.is_some() && self.organization.as_deref() != organization {
            self.refuse("unauthorized", "another organization than the upgrade's");
            return Err(Ignored::OtherStream);
        }
        let Some((media, incoming)) = choose(&parameters["media"]) else {
            self.refuse(
                "error",
                "PCMU at 8000 Hz with the external channel is needed",
            );
            return Err(Ignored::Format);
        };
        self.sound = incoming;
        let opened = json!({"startPaused": false, "media": [media]});
        self.answers.push(("opened", opened));
        if call_id == NOBODY {
            self.stage = Stage::Probe;
            return Ok(());
        }
        self.stage = Stage::Open;
        let ani = parameters["participant"]["ani"].as_str();
        let caller = ani.map(|ani| ani.strip_prefix("tel:").unwrap_or(ani).to_owned());
        events.push(LineEvent::Started(Start {
            call_id: call_id.to_owned(),
            token: String::new(),
            caller,
            language: None,
        }));
        Ok(())
    }

    fn refuse(&mut self, reason: &str, info: &str) {
        let parameters = json!({"reason": reason, "info": info});
        self.answers.push(("disconnect", parameters));
        self.stage = Stage::Leaving;
    }

    /// The client is not content with us.
    fn error(&mut self, parameters: &Value) {
        let code = parameters["code"].as_u64();
        let message: String = parameters["message"]
            .as_str()
            .unwrap_or("")
            .chars()
            .take(200)
            .collect();
        tracing::warn!(code, message, "Genesys reports an error");
        if code == Some(429) {
            let ms = duration_ms(parameters["retryAfter"].as_str().unwrap_or(""));
            let frames = ms.map_or(50, |ms| ms / 20).min(LONGEST_HOLD);
            self.hold_until = self.playback.now() + frames;
        }
    }

    fn hear(&mut self, sound: &[u8], events: &mut Vec<LineEvent>) -> Result<(), Ignored> {
        match self.stage {
            Stage::Waiting => return Err(Ignored::BeforeStart),
            Stage::Closed => return Err(Ignored::AfterStop),
            Stage::Probe => return Err(Ignored::Idle),
            Stage::Open | Stage::Leaving => {}
        }
        let before = events.len();
        self.sound.hear(sound, events);
        let playback = &mut self.playback;
        (before..events.len()).for_each(|_| playback.heard());
        self.report(events);
        Ok(())
    }

    fn report(&mut self, events: &mut Vec<LineEvent>) {
        while let Some(mark) = self.playback.due() {
            events.push(LineEvent::Played(mark));
        }
    }

    fn message(&mut self, kind: &str, parameters: Value) -> Sent {
        self.seq += 1;
        let message = json!({
            "version": "2", "id": self.id, "type": kind, "seq": self.seq,
            "clientseq": self.client_seq, "parameters": parameters,
        });
        Wire::Text(message.to_string())
    }

    fn is_held(&self) -> bool {
        self.playback.now() < self.hold_until && self.packet.len() < HELD_BYTES
    }

    fn send_packet(&mut self, wire: &mut Vec<Sent>) {
        if !self.packet.is_empty() {
            wire.push(Wire::Binary(std::mem::take(&mut self.packet)));
        }
    }
}

impl Default for GenesysCodec {
    fn default() -> Self {
        Self::new()
    }
}

impl Provided for GenesysCodec {
    fn decode(
        &mut self,
        message: Received<'_>,
        events: &mut Vec<LineEvent>,
    ) -> Result<(), Ignored> {
        match message {
            Wire::Text(text) => self.text(text, events),
            Wire::Binary(sound) => self.hear(sound, events),
        }
    }

    fn answer(&mut self, wire: &mut Vec<Sent>) {
        for (kind, parameters) in std::mem::take(&mut self.answers) {
            let message = self.message(kind, parameters);
            wire.push(message);
        }
        // The end of a hold; what is less than a packet goes with its mark.
        if self.packet.len() >= PACKET_BYTES && !self.is_held() {
            self.send_packet(wire);
        }
    }

    fn encode(&mut self, out: &Out, wire: &mut Vec<Sent>) {
        if self.stage != Stage::Open {
            return;
        }
        match out {
            Out::Media(frame) => {
                self.packet.extend_from_slice(self.mouth.encode(frame));
                self.playback.sent();
                if self.packet.len() >= PACKET_BYTES && !self.is_held() {
                    self.send_packet(wire);
                }
            }
            Out::Mark(mark) => {
                // A sentence is whole: its end does not wait for the next one.
                if !self.is_held() {
                    self.send_packet(wire);
                }
                self.playback.mark(*mark);
            }
            Out::Clear => {
                self.packet.clear();
                self.playback.clear();
                let entities = json!({"entities": [{"type": "barge_in", "data": {}}]});
                let message = self.message("event", entities);
                wire.push(message);
            }
            Out::End(ending) => {
                self.send_packet(wire);
                let variables = output_variables(ending);
                let parameters = json!({"reason": "completed", "outputVariables": variables});
                let message = self.message("disconnect", parameters);
                wire.push(message);
                self.stage = Stage::Leaving;
            }
            Out::Caption(_) | Out::CallOff => {}
        }
    }

    /// The client answers `disconnect` with `close`, and we that with `closed`.
    fn waits_for_goodbye(&self) -> bool {
        self.stage == Stage::Leaving
    }
}

/// What the Architect flow gets: what to do with the caller, and why.
fn output_variables(ending: &Ending) -> Value {
    let mut variables = serde_json::Map::new();
    match ending {
        Ending::HangUp(_) => {
            variables.insert("action".into(), "hangup".into());
        }
        Ending::HandOver(handover) => {
            variables.insert("action".into(), "transfer".into());
            let parameters = handover.parameters().into_iter();
            variables.extend(parameters.map(|(name, value)| (name.to_owned(), value.into())));
        }
    }
    Value::Object(variables)
}

/// Of the media that are offered the one that we take, and how its sound comes: the caller alone where that
/// is possible.
fn choose(media: &Value) -> Option<(Value, Incoming)> {
    let offered = media.as_array()?;
    let fits = |media: &&Value| {
        let format = media["format"].as_str().unwrap_or("");
        Coding::g711(format) == Some(Coding::Ulaw) && media["rate"] == 8000
    };
    let channels = |media: &Value| {
        let names = media["channels"].as_array()?;
        let external = names.iter().position(|name| name == "external")?;
        Some((names.len(), external))
    };
    let taken = offered
        .iter()
        .filter(fits)
        .filter_map(|media| Some((media, channels(media)?)))
        .min_by_key(|(_, (count, _))| *count)
        .filter(|(_, (count, _))| *count <= 2)?;
    let (media, (count, external)) = taken;
    let incoming = Incoming {
        external,
        ..Incoming::new(count)
    };
    Some((media.clone(), incoming))
}

/// The caller's sound, alone or interleaved with the other side's.
struct Incoming {
    ear: Ear,
    channels: usize,
    /// The caller's place.
    external: usize,
    /// Where the next byte stands.
    at: usize,
}

impl Incoming {
    fn new(channels: usize) -> Self {
        Self {
            ear: Ear::telephone(Coding::Ulaw),
            channels,
            external: 0,
            at: 0,
        }
    }

    fn hear(&mut self, sound: &[u8], events: &mut Vec<LineEvent>) {
        if self.channels == 1 {
            return self.ear.hear(sound, events);
        }
        let skip = (self.external + self.channels - self.at) % self.channels;
        let own: Vec<u8> = sound
            .iter()
            .skip(skip)
            .step_by(self.channels)
            .copied()
            .collect();
        self.at = (self.at + sound.len()) % self.channels;
        self.ear.hear(&own, events);
    }
}

/// An ISO 8601 duration of hours, minutes and seconds (`PT1.25S`), in ms.
fn duration_ms(text: &str) -> Option<u64> {
    let mut rest = text.strip_prefix("PT")?;
    let mut ms = 0.0;
    while !rest.is_empty() {
        let unit = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let number: f64 = rest[..unit].parse().ok()?;
        ms += number
            * match rest.as_bytes()[unit] {
                b'H' => 3_600_000.0,
                b'M' => 60_000.0,
                b'S' => 1_000.0,
                _ => return None,
            };
        rest = &rest[unit + 1..];
    }
    (0.0..1e9).contains(&ms).then_some(ms as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        let known = [
            ("PT0S", Some(0)),
            ("PT1.25S", Some(1250)),
            ("PT1H2M3S", Some(3_723_000)),
            ("PT", Some(0)),
            ("1S", None),
            ("PT1", None),
            ("PTS", None),
            ("PT-1S", None),
            ("PT1X", None),
            ("PTinfS", None),
            ("PT1é", None),
        ];
        for (text, ms) in known {
            assert_eq!(duration_ms(text), ms, "{text}");
        }
    }

    #[test]
    fn of_two_channels_the_caller_s_is_heard_in_any_pieces() {
        let offered = json!([{"type": "audio", "format": "PCMU", "channels": ["internal", "external"], "rate": 8000}]);
        let (_, mut incoming) = choose(&offered).expect("it fits");
        // The caller says 0x80, the other side 0x00.
        let sound: Vec<u8> = [0x00, 0x80].repeat(480);
        let mut events = Vec::new();
        for piece in sound.chunks(7) {
            incoming.hear(piece, &mut events);
        }
        let Some(LineEvent::Frame(last)) = events.pop() else {
            panic!("no frame")
        };
        assert!(last.0[319] > 30_000, "{}", last.0[319]);
    }

    #[test]
    fn the_caller_alone_is_preferred() {
        let media = |channels: Value| json!({"format": "PCMU", "channels": channels, "rate": 8000});
        let (both, alone) = (
            media(json!(["external", "internal"])),
            media(json!(["external"])),
        );
        let (taken, _) = choose(&json!([both, alone])).expect("it fits");
        assert_eq!(taken, alone);
        for none in [json!([]), json!([media(json!(["internal"]))]), json!("x")] {
            assert!(choose(&none).is_none(), "{none}");
        }
    }
}
