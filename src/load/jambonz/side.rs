//! jambonz's end of an audio socket, as mod_audio_fork behaves: L16 at 8 kHz, 30 marks at most, and −1 in the
//! sound taken for one.

use crate::load::convert::Coder;
use crate::load::dialect::{At, Heard, Received, Sent, Side, Wire};
use serde_json::{Value, json};

const RATE_HZ: u32 = 8_000;
const MOST_MARKS: usize = 30;

/// An open socket.
pub struct JambonzSide {
    hello: Value,
    coder: Coder,
    marks: usize,
}

impl JambonzSide {
    /// # Panics
    /// Never: the rate can be converted.
    pub fn new(hello: Value) -> Self {
        Self {
            hello,
            coder: Coder::linear(RATE_HZ).expect("a usual rate"),
            marks: 0,
        }
    }
}

impl Side for JambonzSide {
    fn hello(&mut self, wire: &mut Vec<Sent>) {
        wire.push(Wire::Text(self.hello.to_string()));
    }

    fn sound(&mut self, _: At, ulaw: &[u8], wire: &mut Vec<Sent>) {
        wire.push(Wire::Binary(self.coder.encode(ulaw)));
    }

    fn key(&mut self, _: At, key: char, wire: &mut Vec<Sent>) {
        let message = json!({"event": "dtmf", "dtmf": key.to_string(), "duration": "1600"});
        wire.push(Wire::Text(message.to_string()));
    }

    fn played(&mut self, _: At, mark: &str, cleared: bool, wire: &mut Vec<Sent>) {
        self.marks = self.marks.saturating_sub(1);
        let event = if cleared { "cleared" } else { "playout" };
        let message = json!({"type": "mark", "data": {"name": mark, "event": event}});
        wire.push(Wire::Text(message.to_string()));
    }

    fn stop(&mut self, _: At, _: &mut Vec<Sent>) {}

    fn receive(
        &mut self,
        _: At,
        message: Received<'_>,
        heard: &mut Vec<Heard>,
    ) -> Result<(), String> {
        let text = match message {
            Wire::Binary(sound) => {
                let (samples, rest) = sound.as_chunks::<2>();
                if !rest.is_empty() {
                    return Err("half a sample".into());
                }
                if self.marks > 0 && samples.contains(&[0xFF, 0xFF]) {
                    return Err("a sample of −1 fires a mark".into());
                }
                heard.push(Heard::Sound(self.coder.decode(sound)));
                return Ok(());
            }
            Wire::Text(text) => text,
        };
        let message: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match message["type"].as_str() {
            Some("mark") if self.marks == MOST_MARKS => return Err("more than 30 marks".into()),
            Some("mark") => {
                let name = message["data"]["name"]
                    .as_str()
                    .ok_or("a mark without a name")?;
                self.marks += 1;
                heard.push(Heard::Mark(name.to_owned()));
            }
            Some("killAudio") => heard.push(Heard::Clear),
            Some("disconnect") => heard.push(Heard::Ended),
            other => return Err(format!("no such type: {other:?}")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_live_by_the_rules_of_the_module() {
        let mut side = JambonzSide::new(Value::Null);
        let mut heard = Vec::new();
        let minus_one = [0, 0, 0xFF, 0xFF];
        let mut says = |message: Received<'_>| side.receive(At::default(), message, &mut heard);
        says(Wire::Binary(&minus_one)).expect("no mark is pending");
        for n in 0..30 {
            let mark = json!({"type": "mark", "data": {"name": n.to_string()}}).to_string();
            says(Wire::Text(&mark)).expect("a mark");
        }
        let mark = r#"{"type":"mark","data":{"name":"x"}}"#;
        for bad in [
            Wire::Binary(&minus_one[..]),
            Wire::Binary(&minus_one[..3]),
            Wire::Text(mark),
            Wire::Text("{"),
            Wire::Text(r#"{"type":"dance"}"#),
        ] {
            assert!(says(bad.clone()).is_err(), "{bad:?}");
        }
    }
}
