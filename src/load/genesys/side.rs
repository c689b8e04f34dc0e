//! Genesys's end of an AudioHook socket: numbered messages that are checked, and limits on how many may come.

use super::{ORGANIZATION, Said};
use crate::load::dialect::{At, Caller, Heard, Received, Sent, Side, Wire};
use serde_json::{Value, json};
use std::time::Duration;

/// Messages a second, and at once.
const PER_SECOND: f64 = 5.0;
const AT_ONCE: f64 = 25.0;
/// Time from ping to ping, in blocks of 20 ms.
const PING_EVERY: u32 = 250;

/// An open socket.
pub struct GenesysSide {
    session: String,
    open: Value,
    seq: u64,
    server_seq: u64,
    opened: bool,
    /// We have said `close`.
    closing: bool,
    playing: bool,
    blocks: u32,
    sounds: Bucket,
    texts: Bucket,
    said: Said,
}

/// A limit on messages.
struct Bucket {
    left: f64,
    at: Duration,
}

impl Bucket {
    fn new() -> Self {
        Self {
            left: AT_ONCE,
            at: Duration::ZERO,
        }
    }

    fn takes(&mut self, now: Duration) -> bool {
        let since = now.saturating_sub(self.at).as_secs_f64();
        self.left = (self.left + since * PER_SECOND).min(AT_ONCE);
        self.at = now;
        let takes = self.left >= 1.0;
        if takes {
            self.left -= 1.0;
        }
        takes
    }
}

impl GenesysSide {
    pub fn new(caller: &Caller, session: &str, again: bool, said: Said) -> Self {
        let media = |channels: Value| json!({"type": "audio", "format": "PCMU", "channels": channels, "rate": 8000});
        let open = json!({
            "organizationId": ORGANIZATION,
            "conversationId": caller.uuid(),
            "participant": {
                "id": caller.uuid(), "ani": format!("tel:{}", caller.from), "aniName": "",
                "dnis": caller.to,
            },
            "media": [media(json!(["external", "internal"])), media(json!(["external"]))],
            "language": "en-US",
            "inputVariables": {"again": again.to_string()},
        });
        Self {
            session: session.to_owned(),
            open,
            seq: 0,
            server_seq: 0,
            opened: false,
            closing: false,
            playing: false,
            blocks: 0,
            sounds: Bucket::new(),
            texts: Bucket::new(),
            said,
        }
    }

    fn message(&mut self, at: At, kind: &str, parameters: &Value) -> Sent {
        self.seq += 1;
        let message = json!({
            "version": "2", "id": self.session, "type": kind, "seq": self.seq,
            "serverseq": self.server_seq, "position": format!("PT{}S", at.now.as_secs_f64()),
            "parameters": parameters,
        });
        Wire::Text(message.to_string())
    }

    /// What Genesys checks in every message.
    fn check(&mut self, message: &Value) -> Result<(), String> {
        if message["version"] != "2" || message["id"] != self.session.as_str() {
            return Err("of another version or session".into());
        }
        if message["seq"] != self.server_seq + 1 {
            return Err(format!("seq {} after {}", message["seq"], self.server_seq));
        }
        self.server_seq += 1;
        if message["clientseq"]
            .as_u64()
            .is_none_or(|seq| seq > self.seq)
        {
            return Err(format!(
                "clientseq {} of {}",
                message["clientseq"], self.seq
            ));
        }
        if !message["parameters"].is_object() {
            return Err("no parameters".into());
        }
        Ok(())
    }
}

impl Side for GenesysSide {
    fn hello(&mut self, wire: &mut Vec<Sent>) {
        let open = self.open.clone();
        let message = self.message(At::default(), "open", &open);
        wire.push(message);
    }

    fn sound(&mut self, at: At, ulaw: &[u8], wire: &mut Vec<Sent>) {
        if !self.opened || self.closing {
            return;
        }
        let plays = !at.buffered.is_zero();
        if plays != self.playing {
            self.playing = plays;
            let kind = if plays {
                "playback_started"
            } else {
                "playback_completed"
            };
            let message = self.message(at, kind, &json!({}));
            wire.push(message);
        }
        self.blocks += 1;
        if self.blocks.is_multiple_of(PING_EVERY) {
            let message = self.message(at, "ping", &json!({"rtt": "PT0.05S"}));
            wire.push(message);
        }
        wire.push(Wire::Binary(ulaw.to_vec()));
    }

    fn key(&mut self, at: At, key: char, wire: &mut Vec<Sent>) {
        let message = self.message(at, "dtmf", &json!({"digit": key.to_string()}));
        wire.push(message);
    }

    /// There are no marks.
    fn played(&mut self, _: At, _: &str, _: bool, _: &mut Vec<Sent>) {}

    fn stop(&mut self, at: At, wire: &mut Vec<Sent>) {
        self.closing = true;
        let message = self.message(at, "close", &json!({"reason": "end"}));
        wire.push(message);
    }

    fn guesses_ends(&self) -> bool {
        true
    }

    fn lingers(&self) -> bool {
        true
    }

    fn receive(
        &mut self,
        at: At,
        message: Received<'_>,
        heard: &mut Vec<Heard>,
    ) -> Result<(), String> {
        let text = match message {
            Wire::Binary(_) if !self.opened => return Err("sound before opened".into()),
            Wire::Binary(_) if !self.sounds.takes(at.now) => {
                return Err("429: too much sound".into());
            }
            Wire::Binary(sound) => {
                heard.push(Heard::Sound(sound.to_vec()));
                return Ok(());
            }
            Wire::Text(text) => text,
        };
        if !self.texts.takes(at.now) {
            return Err("429: too many messages".into());
        }
        let message: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        self.check(&message)?;
        let parameters = &message["parameters"];
        match message["type"].as_str() {
            Some("opened") if !self.opened => {
                let offered = self.open["media"].as_array();
                let taken = &parameters["media"][0];
                if offered.is_none_or(|offered| !offered.contains(taken)) {
                    return Err(format!("media that were not offered: {taken}"));
                }
                self.opened = true;
            }
            Some("pong") => {}
            Some("event") => {
                if parameters["entities"][0]["type"] == "barge_in" {
                    heard.push(Heard::Clear);
                }
            }
            Some("disconnect") => {
                let variables = parameters["outputVariables"].clone();
                self.said.put(variables);
                self.closing = true;
                let close = self.message(at, "close", &json!({"reason": "disconnect"}));
                heard.push(Heard::Answer(close));
            }
            Some("closed") if self.closing => heard.push(Heard::Ended),
            other => return Err(format!("{other:?} is not due")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side() -> GenesysSide {
        GenesysSide::new(&Caller::any(), "s", false, Said::default())
    }

    #[test]
    fn numbers_and_parameters_are_checked() {
        let media =
            json!({"type": "audio", "format": "PCMU", "channels": ["external"], "rate": 8000});
        let good = json!({"version": "2", "id": "s", "type": "opened", "seq": 1, "clientseq": 1,
            "parameters": {"startPaused": false, "media": [media]}});
        let changed = |name: &str, value: Value| {
            let mut message = good.clone();
            message[name] = value;
            message.to_string()
        };
        let bad = [
            changed("seq", json!(2)),
            changed("seq", json!("1")),
            changed("clientseq", json!(2)),
            changed("parameters", Value::Null),
            changed("id", json!("t")),
            changed("version", json!("1")),
            changed("type", json!("closed")),
            changed("parameters", json!({"media": [{"format": "L16"}]})),
        ];
        for bad in bad {
            let (mut side, mut heard) = (side(), Vec::new());
            side.hello(&mut Vec::new());
            let refused = side.receive(At::default(), Wire::Text(&bad), &mut heard);
            assert!(refused.is_err(), "{bad}");
        }
        let mut side = side();
        side.hello(&mut Vec::new());
        let taken = side.receive(
            At::default(),
            Wire::Text(&good.to_string()),
            &mut Vec::new(),
        );
        assert_eq!(taken, Ok(()));
    }

    #[test]
    fn sound_in_small_pieces_is_too_much() {
        let mut side = side();
        side.opened = true;
        let mut refused = 0;
        for n in 0..100 {
            let at = At {
                now: Duration::from_millis(20 * n),
                ..At::default()
            };
            let sound = side.receive(at, Wire::Binary(&[0xFF; 160]), &mut Vec::new());
            refused += u32::from(sound.is_err());
        }
        assert!((60..70).contains(&refused), "{refused}");
    }
}
