//! The `mod_audio_fork` family of FreeSWITCH modules: the caller's sound as binary L16, everything else
//! as JSON. drachtio's module, jambonz's (`listen`), and amigniter's `mod_audio_stream` differ in how
//! sound goes back and in a few names: one [`Dialect`] each.

use super::Out;
use super::coding::{Coding, Ear, Mouth};
use super::provider::{Ignored, LineEvent, Provided, Received, Sent, Start, Wire, name};
use super::reckon::Reckoner;
use crate::audio::Digit;
use crate::call::Mark;
use crate::runtime::session::Ending;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Longest token, in bytes; ours have 43.
const LONGEST_TOKEN: usize = 256;
/// Sound of one file, in frames (10 s): the modules take some 650 KB of JSON at most.
const LONGEST_FILE: usize = 500;
/// Marks that jambonz keeps at a time; more are dropped there without a word.
const MOST_MARKS: u32 = 30;

/// How sound goes back to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Playback {
    /// Binary L16 with marks in between: jambonz, with `bidirectionalAudio.streaming`.
    Marked,
    /// Binary L16, no marks: `mod_audio_stream` 1.0.3 with `STREAM_PLAYBACK=true`.
    Plain,
    /// JSON with a sentence as base64, which the module puts into a file for a script to play.
    Files {
        /// The message's `type`.
        kind: &'static str,
        /// Names of encoding and sound in its `data`.
        encoding: &'static str,
        sound: &'static str,
    },
}

/// A module's way.
#[derive(Debug)]
pub struct Dialect {
    /// For the log.
    pub name: &'static str,
    pub playback: Playback,
    /// The message that ends the call; jambonz: the verb.
    pub hang_up: &'static str,
    /// The `type` of the message that brings the caller to a person, with the handover in its `data`;
    /// none: the end does that, too.
    pub transfer: Option<&'static str>,
}

/// jambonz, `listen` with streaming. What follows the verb decides what happens to the caller.
pub const JAMBONZ: Dialect = Dialect {
    name: "jambonz",
    playback: Playback::Marked,
    hang_up: r#"{"type":"disconnect"}"#,
    transfer: None,
};

/// drachtio's `mod_audio_fork`: binary sound from us is thrown away there.
pub const DRACHTIO: Dialect = Dialect {
    name: "mod_audio_fork",
    playback: Playback::Files {
        kind: "playAudio",
        encoding: "audioContentType",
        sound: "audioContent",
    },
    // With data: the module's event would look like that of a lost connection without.
    hang_up: r#"{"type":"disconnect","data":{"reason":"completed"}}"#,
    transfer: Some("transfer"),
};

/// amigniter's `mod_audio_stream`, open source.
pub const AUDIO_STREAM: Dialect = Dialect {
    name: "mod_audio_stream",
    playback: Playback::Files {
        kind: "streamAudio",
        encoding: "audioDataType",
        sound: "audioData",
    },
    hang_up: r#"{"type":"hangup"}"#,
    transfer: Some("transfer"),
};

/// amigniter's `mod_audio_stream` 1.0.3 and later, with `STREAM_PLAYBACK=true`.
pub const AUDIO_STREAM_PLAYBACK: Dialect = Dialect {
    name: "mod_audio_stream",
    playback: Playback::Plain,
    hang_up: r#"{"type":"hangup"}"#,
    transfer: Some("transfer"),
};

/// One socket's codec.
pub struct ForkCodec {
    dialect: &'static Dialect,
    stream: Stream,
    reckoner: Reckoner,
    /// Marks sent and not back, in the marked way.
    marks: u32,
    /// A sentence in the making, for a file.
    file: Vec<u8>,
    file_frames: usize,
    /// Who takes over, for the script that does it.
    person: Option<String>,
}

#[expect(
    clippy::large_enum_variant,
    reason = "one per call, and it is open nearly all the time"
)]
enum Stream {
    Waiting,
    Open { ear: Voice, mouth: Mouth },
    Closed,
}

impl ForkCodec {
    pub fn new(dialect: &'static Dialect) -> Self {
        Self {
            dialect,
            stream: Stream::Waiting,
            reckoner: Reckoner::default(),
            marks: 0,
            file: Vec::new(),
            file_frames: 0,
            person: None,
        }
    }

    /// Tells the line's script the number of the person who takes over.
    pub fn with_person(mut self, number: Option<String>) -> Self {
        self.person = number;
        self
    }

    /// The first text: what the application gave along, with the module's own facts where it has any.
    fn start(&mut self, facts: &Value) -> Result<LineEvent, Ignored> {
        // jambonz puts the application's metadata beside its own fields or, in some versions, below.
        let find = |names: &[&str]| {
            let inner = &facts["metadata"];
            names
                .iter()
                .find_map(|name| word(&facts[*name]).or_else(|| word(&inner[*name])))
        };
        let call_id = find(&["callSid", "call_sid", "call_id", "callId", "uuid"])
            .filter(|id| name(id).is_some())
            .ok_or(Ignored::Missing("call_id"))?;
        let token = find(&["token"]).unwrap_or_default();
        if token.len() > LONGEST_TOKEN {
            return Err(Ignored::Malformed);
        }
        let rate = find(&["sampleRate", "sample_rate", "rate"]);
        let rate = rate.map_or(Ok(8_000), |rate| rate.parse());
        let rate_hz = rate.map_err(|_| Ignored::Format)?;
        let coding = Coding::L16 { rate_hz };
        let ear = Ear::new(coding).map_err(|_| Ignored::Format)?;
        let stereo = find(&["mixType", "mix_type"]).is_some_and(|mix| mix == "stereo");
        self.stream = Stream::Open {
            ear: Voice {
                ear,
                stereo,
                carried: Vec::new(),
            },
            mouth: Mouth::new(coding).map_err(|_| Ignored::Format)?,
        };
        Ok(LineEvent::Started(Start {
            call_id,
            token,
            caller: find(&["from", "caller", "caller_id_number"]),
            language: None,
        }))
    }

    fn text(&mut self, text: &str, events: &mut Vec<LineEvent>) -> Result<(), Ignored> {
        let message: Value = serde_json::from_str(text).map_err(|_| Ignored::Malformed)?;
        if !message.is_object() {
            return Err(Ignored::Malformed);
        }
        match &self.stream {
            Stream::Waiting => return self.start(&message).map(|start| events.push(start)),
            Stream::Closed => return Err(Ignored::AfterStop),
            Stream::Open { .. } => {}
        }
        let kind = word(&message["event"]).or_else(|| word(&message["type"]));
        match kind.as_deref() {
            Some("dtmf") => {
                let data = &message["data"];
                let named = ["dtmf", "digit"].map(|name| [&message[name], &data[name]]);
                let key = named.iter().flatten().find_map(|value| word(value));
                let key = key.ok_or(Ignored::Missing("dtmf"))?;
                let mut key = key.chars();
                let digit = key.next().and_then(Digit::new).ok_or(Ignored::Digit)?;
                if key.next().is_some() {
                    return Err(Ignored::Digit);
                }
                events.push(LineEvent::Digit(digit));
                Ok(())
            }
            Some("mark") => {
                let name = word(&message["data"]["name"]).ok_or(Ignored::Missing("data.name"))?;
                let mark = name.parse().map_err(|()| Ignored::UnknownMark)?;
                self.marks = self.marks.saturating_sub(1);
                events.push(LineEvent::Played(mark));
                Ok(())
            }
            Some("hangup" | "stop") => {
                self.stream = Stream::Closed;
                events.push(LineEvent::Stopped);
                Ok(())
            }
            Some("playDone") => Err(Ignored::Idle),
            _ => Err(Ignored::UnknownEvent),
        }
    }

    fn sound(&mut self, sound: &[u8], events: &mut Vec<LineEvent>) -> Result<(), Ignored> {
        let Stream::Open { ear, .. } = &mut self.stream else {
            return match self.stream {
                Stream::Closed => Err(Ignored::AfterStop),
                _ => Err(Ignored::BeforeStart),
            };
        };
        if sound.is_empty() {
            // "Graceful shutdown": the module sends no more sound and waits for us to close.
            self.stream = Stream::Closed;
            events.push(LineEvent::Stopped);
            return Ok(());
        }
        let before = events.len();
        ear.hear(sound, events);
        let reckoner = &mut self.reckoner;
        (before..events.len()).for_each(|_| reckoner.heard());
        while let Some(mark) = reckoner.due() {
            events.push(LineEvent::Played(mark));
        }
        Ok(())
    }

    /// Sends the sentence in the making.
    fn send_file(&mut self, wire: &mut Vec<Sent>) {
        let Playback::Files {
            kind,
            encoding,
            sound,
        } = self.dialect.playback
        else {
            return;
        };
        let Stream::Open { mouth, .. } = &self.stream else {
            return;
        };
        if self.file.is_empty() {
            return;
        }
        let rate = mouth.coding().rate_hz();
        let message = json!({"type": kind, "data": {
            encoding: "raw", "sampleRate": rate, sound: STANDARD.encode(&self.file),
        }});
        wire.push(Wire::Text(message.to_string()));
        self.file = Vec::new();
        self.file_frames = 0;
    }

    fn send_mark(&mut self, mark: Mark, wire: &mut Vec<Sent>) {
        match self.dialect.playback {
            Playback::Marked if self.marks < MOST_MARKS => {
                self.marks += 1;
                let message = json!({"type": "mark", "data": {"name": mark.to_string()}});
                wire.push(Wire::Text(message.to_string()));
            }
            // jambonz would drop it: it comes back by our own reckoning.
            Playback::Marked | Playback::Plain => self.reckoner.mark(mark),
            Playback::Files { .. } => {
                self.send_file(wire);
                self.reckoner.mark(mark);
            }
        }
    }

    fn send_end(&mut self, ending: &Ending, wire: &mut Vec<Sent>) {
        self.send_file(wire);
        let message = match (ending, self.dialect.transfer) {
            (Ending::HandOver(handover), Some(kind)) => {
                let mut data: serde_json::Map<String, Value> = handover
                    .parameters()
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value.into()))
                    .collect();
                if let Some(number) = &self.person {
                    data.insert("number".into(), number.as_str().into());
                }
                json!({"type": kind, "data": data}).to_string()
            }
            _ => self.dialect.hang_up.to_owned(),
        };
        wire.push(Wire::Text(message));
    }
}

impl Provided for ForkCodec {
    fn decode(
        &mut self,
        message: Received<'_>,
        events: &mut Vec<LineEvent>,
    ) -> Result<(), Ignored> {
        match message {
            Wire::Text(text) => self.text(text, events),
            Wire::Binary(sound) => self.sound(sound, events),
        }
    }

    fn encode(&mut self, out: &Out, wire: &mut Vec<Sent>) {
        let Stream::Open { mouth, .. } = &mut self.stream else {
            return;
        };
        match out {
            Out::Media(frame) => {
                self.reckoner.sent();
                let mut sound = mouth.encode(frame).to_vec();
                match self.dialect.playback {
                    Playback::Files { .. } => {
                        self.file.append(&mut sound);
                        self.file_frames += 1;
                        if self.file_frames == LONGEST_FILE {
                            self.send_file(wire);
                        }
                    }
                    Playback::Marked => {
                        without_marker(&mut sound);
                        wire.push(Wire::Binary(sound));
                    }
                    Playback::Plain => wire.push(Wire::Binary(sound)),
                }
            }
            Out::Mark(mark) => self.send_mark(*mark, wire),
            Out::Clear => {
                self.file = Vec::new();
                self.file_frames = 0;
                self.reckoner.clear();
                wire.push(Wire::Text(r#"{"type":"killAudio"}"#.into()));
            }
            Out::End(ending) => self.send_end(ending, wire),
            Out::Caption(_) | Out::CallOff => {}
        }
    }
}

/// The caller's sound, of one channel or of the first of two that come interleaved.
struct Voice {
    ear: Ear,
    stereo: bool,
    /// The beginning of a pair of samples.
    carried: Vec<u8>,
}

impl Voice {
    fn hear(&mut self, sound: &[u8], events: &mut Vec<LineEvent>) {
        if !self.stereo {
            return self.ear.hear(sound, events);
        }
        self.carried.extend_from_slice(sound);
        let (pairs, rest) = self.carried.as_chunks::<4>();
        let first: Vec<u8> = pairs.iter().flat_map(|pair| [pair[0], pair[1]]).collect();
        self.carried = rest.to_vec();
        self.ear.hear(&first, events);
    }
}

/// jambonz puts its marks into the sound as the sample −1: a −1 of ours would fire one.
fn without_marker(sound: &mut [u8]) {
    for sample in sound.chunks_exact_mut(2) {
        if sample == [0xff, 0xff] {
            sample[0] = 0xfe;
        }
    }
}

/// A string, or a number as its text.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
