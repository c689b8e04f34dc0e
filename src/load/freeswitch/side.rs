//! The module's end of a socket, with the script behind it: the caller as L16, the bot as files of a sentence
//! each or as L16, and orders as texts.

use super::Module;
use crate::load::convert::Coder;
use crate::load::dialect::{At, Caller, Heard, LastWord, Received, Sent, Side, Wire};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Longest text that the modules take, in bytes.
const LONGEST_TEXT: usize = 650_000;

/// What the script is told to do with the call.
#[derive(Debug, PartialEq, Eq)]
pub enum Order {
    HangUp,
    /// To this number, with these variables.
    Transfer(String, Vec<(String, String)>),
}

/// An open socket.
pub struct FreeSwitchSide {
    module: Module,
    metadata: Value,
    rate_hz: u32,
    stereo: bool,
    coder: Coder,
    order: LastWord<Order>,
}

impl FreeSwitchSide {
    /// # Panics
    /// At a rate that cannot be converted.
    pub fn new(
        module: Module,
        caller: &Caller,
        rate_hz: u32,
        stereo: bool,
        order: LastWord<Order>,
    ) -> Self {
        let mut metadata =
            json!({"call_id": caller.uuid(), "from": caller.from, "sampleRate": rate_hz});
        if stereo {
            metadata["mixType"] = "stereo".into();
        }
        Self {
            module,
            metadata,
            rate_hz,
            stereo,
            coder: Coder::linear(rate_hz).expect("8000 or 16000"),
            order,
        }
    }

    /// A sentence to put into a file and play.
    fn file(&mut self, data: &Value) -> Result<Heard, String> {
        let (encoding, sound) = match self.module {
            Module::Fork => ("audioContentType", "audioContent"),
            _ => ("audioDataType", "audioData"),
        };
        if data[encoding] != "raw" || data["sampleRate"] != self.rate_hz {
            let kind = &data[encoding];
            return Err(format!("a file of {kind} at {}", data["sampleRate"]));
        }
        let sound = data[sound].as_str().ok_or("a file without sound")?;
        let sound = STANDARD.decode(sound).map_err(|error| error.to_string())?;
        match sound.is_empty() {
            true => Err("a file without sound".into()),
            false => Ok(Heard::Sentence(self.coder.decode(&sound))),
        }
    }

    fn transfer(&self, data: &Value) -> Result<Heard, String> {
        let number = data["number"].as_str().unwrap_or("").to_owned();
        let fields = data.as_object().ok_or("a transfer without data")?;
        let carries = fields.iter().filter(|(name, _)| *name != "number");
        let carries = carries.filter_map(|(name, value)| {
            let value = value.as_str()?;
            Some((name.clone(), value.to_owned()))
        });
        self.order.put(Order::Transfer(number, carries.collect()));
        Ok(Heard::Ended)
    }
}

impl Side for FreeSwitchSide {
    fn hello(&mut self, wire: &mut Vec<Sent>) {
        wire.push(Wire::Text(self.metadata.to_string()));
    }

    /// In stereo the bot's own voice is on the other channel: here, nothing.
    fn sound(&mut self, _: At, ulaw: &[u8], wire: &mut Vec<Sent>) {
        let mono = self.coder.encode(ulaw);
        if !self.stereo {
            return wire.push(Wire::Binary(mono));
        }
        let pairs = mono.chunks_exact(2);
        let both = pairs.flat_map(|sample| [sample[0], sample[1], 0, 0]);
        wire.push(Wire::Binary(both.collect()));
    }

    /// The script sends it.
    fn key(&mut self, _: At, key: char, wire: &mut Vec<Sent>) {
        let message = json!({"event": "dtmf", "dtmf": key.to_string()});
        wire.push(Wire::Text(message.to_string()));
    }

    /// There are no marks.
    fn played(&mut self, _: At, _: &str, _: bool, _: &mut Vec<Sent>) {}

    /// `mod_audio_fork` flushes and waits for the server to close, the others close.
    fn stop(&mut self, _: At, wire: &mut Vec<Sent>) {
        if self.module == Module::Fork {
            wire.push(Wire::Binary(Vec::new()));
        }
    }

    fn lingers(&self) -> bool {
        self.module == Module::Fork
    }

    fn guesses_ends(&self) -> bool {
        self.module == Module::Playback
    }

    fn receive(
        &mut self,
        _: At,
        message: Received<'_>,
        heard: &mut Vec<Heard>,
    ) -> Result<(), String> {
        let text = match message {
            Wire::Binary(sound) if self.module == Module::Playback => {
                heard.push(Heard::Sound(self.coder.decode(sound)));
                return Ok(());
            }
            Wire::Binary(_) => return Err("binary sound, which is thrown away".into()),
            Wire::Text(text) if text.len() > LONGEST_TEXT => {
                return Err(format!("a text of {} bytes", text.len()));
            }
            Wire::Text(text) => text,
        };
        let message: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let data = &message["data"];
        heard.push(match (self.module, message["type"].as_str()) {
            (Module::Stream, Some("streamAudio")) | (Module::Fork, Some("playAudio")) => {
                self.file(data)?
            }
            (_, Some("killAudio")) => Heard::Clear,
            (_, Some("transfer")) => self.transfer(data)?,
            // Without data its event looks like that of a lost connection.
            (Module::Fork, Some("disconnect")) if data.is_object() => {
                self.order.put(Order::HangUp);
                Heard::Ended
            }
            (Module::Stream | Module::Playback, Some("hangup")) => {
                self.order.put(Order::HangUp);
                Heard::Ended
            }
            (_, other) => return Err(format!("the script does not know {other:?}")),
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        module: Module,
        message: Received<'_>,
    ) -> (Result<(), String>, Vec<Heard>, Option<Order>) {
        let order = LastWord::default();
        let mut side = FreeSwitchSide::new(module, &Caller::any(), 8_000, false, order.clone());
        let mut heard = Vec::new();
        let read = side.receive(At::default(), message, &mut heard);
        (read, heard, order.take())
    }

    #[test]
    fn each_module_takes_its_own_messages_only() {
        let data = STANDARD.encode([0; 320]);
        let stream = json!({"type": "streamAudio", "data": {"audioDataType": "raw", "sampleRate": 8000, "audioData": data}}).to_string();
        let fork = json!({"type": "playAudio", "data": {"audioContentType": "raw", "sampleRate": 8000, "audioContent": data}}).to_string();
        let sentence = [Heard::Sentence(vec![0xFF; 160])];
        assert_eq!(read(Module::Stream, Wire::Text(&stream)).1, sentence);
        assert_eq!(read(Module::Fork, Wire::Text(&fork)).1, sentence);
        let sound = read(Module::Playback, Wire::Binary(&[0; 320])).1;
        assert_eq!(sound, [Heard::Sound(vec![0xFF; 160])]);
        let wrong_rate = stream.replace("8000", "16000");
        for (module, bad) in [
            (Module::Fork, stream.as_str()),
            (Module::Stream, fork.as_str()),
            (Module::Playback, stream.as_str()),
            (Module::Stream, wrong_rate.as_str()),
            (Module::Fork, r#"{"type":"disconnect"}"#),
            (Module::Fork, r#"{"type":"hangup"}"#),
            (Module::Stream, r#"{"type":"disconnect","data":{}}"#),
            (Module::Stream, r#"{"type":"transfer"}"#),
            (Module::Stream, "{"),
        ] {
            let (read, heard, order) = read(module, Wire::Text(bad));
            assert!(
                read.is_err() && heard.is_empty() && order.is_none(),
                "{bad}"
            );
        }
        for module in [Module::Stream, Module::Fork] {
            assert!(read(module, Wire::Binary(&[0; 320])).0.is_err());
        }
    }

    #[test]
    fn orders_end_the_stream_and_are_kept_for_the_script() {
        let transfer = r#"{"type":"transfer","data":{"number":"+1555","reason":"requested"}}"#;
        let (_, heard, order) = read(Module::Stream, Wire::Text(transfer));
        let carries = vec![("reason".to_owned(), "requested".to_owned())];
        assert_eq!(heard, [Heard::Ended]);
        assert_eq!(order, Some(Order::Transfer("+1555".into(), carries)));
        let gone = r#"{"type":"disconnect","data":{"reason":"completed"}}"#;
        assert_eq!(read(Module::Fork, Wire::Text(gone)).2, Some(Order::HangUp));
    }
}
