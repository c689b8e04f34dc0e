//! Vonage's end of a WebSocket: L16 at 16 kHz in messages of exactly 640 bytes, a buffer of 3072 of them.

use crate::load::convert::Coder;
use crate::load::dialect::{At, Heard, Received, Sent, Side, Wire};
use serde_json::{Value, json};
use std::time::Duration;

const RATE_HZ: u32 = 16_000;
/// Bytes of 20 ms.
const FRAME_BYTES: usize = 640;
/// The buffer: 3072 messages.
const BUFFER: Duration = Duration::from_millis(3072 * 20);

/// An open socket.
pub struct VonageSide {
    headers: Value,
    coder: Coder,
}

impl VonageSide {
    /// # Panics
    /// Never: the rate can be converted.
    pub fn new(headers: &Value) -> Self {
        Self {
            headers: headers.clone(),
            coder: Coder::linear(RATE_HZ).expect("a usual rate"),
        }
    }
}

impl Side for VonageSide {
    fn hello(&mut self, wire: &mut Vec<Sent>) {
        let mut hello = json!({
            "event": "websocket:connected",
            "content-type": format!("audio/l16;rate={RATE_HZ}"),
        });
        for (name, value) in self.headers.as_object().into_iter().flatten() {
            hello[name] = value.clone();
        }
        wire.push(Wire::Text(hello.to_string()));
    }

    fn sound(&mut self, _: At, ulaw: &[u8], wire: &mut Vec<Sent>) {
        wire.push(Wire::Binary(self.coder.encode(ulaw)));
    }

    fn key(&mut self, _: At, key: char, wire: &mut Vec<Sent>) {
        let message = json!({"event": "websocket:dtmf", "digit": key.to_string(), "duration": 260});
        wire.push(Wire::Text(message.to_string()));
    }

    /// What was cleared is told by `cleared` only.
    fn played(&mut self, _: At, mark: &str, cleared: bool, wire: &mut Vec<Sent>) {
        if !cleared {
            let message = json!({"event": "websocket:notify", "payload": {"id": mark}});
            wire.push(Wire::Text(message.to_string()));
        }
    }

    fn stop(&mut self, _: At, _: &mut Vec<Sent>) {}

    fn receive(
        &mut self,
        at: At,
        message: Received<'_>,
        heard: &mut Vec<Heard>,
    ) -> Result<(), String> {
        let text = match message {
            Wire::Binary(sound) if sound.len() != FRAME_BYTES => {
                return Err(format!("{} bytes of sound, not {FRAME_BYTES}", sound.len()));
            }
            Wire::Binary(_) if at.buffered >= BUFFER => {
                return Err("the buffer of 3072 messages is full".into());
            }
            Wire::Binary(sound) => {
                heard.push(Heard::Sound(self.coder.decode(sound)));
                return Ok(());
            }
            Wire::Text(text) => text,
        };
        let message: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match message["action"].as_str() {
            Some("clear") => {
                heard.push(Heard::Clear);
                let cleared = json!({"event": "websocket:cleared"});
                heard.push(Heard::Answer(Wire::Text(cleared.to_string())));
            }
            Some("notify") => {
                let id = message["payload"]["id"].as_str();
                heard.push(Heard::Mark(id.ok_or("no payload.id of ours")?.to_owned()));
            }
            other => return Err(format!("no such action: {other:?}")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_exact_and_the_buffer_has_an_end() {
        let mut side = VonageSide::new(&Value::Null);
        let mut heard = Vec::new();
        for bad in [0, 639, 641, 1280] {
            let sound = vec![0; bad];
            let refused = side.receive(At::default(), Wire::Binary(&sound), &mut heard);
            assert!(refused.is_err(), "{bad}");
        }
        let full = At {
            buffered: BUFFER,
            ..At::default()
        };
        assert!(
            side.receive(full, Wire::Binary(&[0; 640]), &mut heard)
                .is_err()
        );
        assert_eq!(heard, []);
        let taken = side.receive(At::default(), Wire::Binary(&[0; 640]), &mut heard);
        taken.expect("a frame");
        assert!(matches!(&heard[..], [Heard::Sound(sound)] if sound.len() == 160));
        for bad in [
            "{",
            "{}",
            r#"{"event":"clearAudio"}"#,
            r#"{"action":"notify"}"#,
        ] {
            assert!(
                side.receive(At::default(), Wire::Text(bad), &mut heard)
                    .is_err(),
                "{bad}"
            );
        }
    }
}
