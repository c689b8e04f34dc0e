//! Asterisk's end of a `chan_websocket` connection, as it was measured on 22.10.1: a queue of 1000 frames,
//! marks lost on a flush, remainders dropped, commands of 128 bytes at most.

use crate::line::coding::Coding;
use crate::load::convert::Coder;
use crate::load::dialect::{At, Caller, Heard, Received, Sent, Side, Wire};
use serde_json::{Value, json};
use std::time::Duration;

const LONGEST_COMMAND: usize = 128;
const LONGEST_MESSAGE: usize = 65_500;
/// Frames of 20 ms that are queued, and from which, and below which, the server is told.
const QUEUE: Duration = Duration::from_millis(1_000 * 20);
const OFF: Duration = Duration::from_millis(900 * 20);
const ON: Duration = Duration::from_millis(800 * 20);

/// What kind of Asterisk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 22.6: words, no marks, no `channel_id`, and pings end the call.
    Old,
    /// 22.10, words.
    Words,
    /// 22.10, `f(json)`.
    Json,
}

/// The channel's sound.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// As Asterisk calls it.
    pub name: &'static str,
    pub coding: Coding,
    pub frame_ms: u32,
}

impl Format {
    /// Bytes of a frame.
    fn frame_bytes(&self) -> usize {
        self.coding.tick_bytes() * self.frame_ms as usize / 20
    }
}

/// An open socket.
pub struct AsteriskSide {
    version: Version,
    format: Format,
    channel_id: String,
    coder: Coder,
    /// The server was told that the queue is nearly full.
    off: bool,
    /// It wants to know when the queue is empty.
    asked: bool,
}

impl AsteriskSide {
    /// # Panics
    /// At a rate that cannot be converted.
    pub fn new(version: Version, format: Format, caller: &Caller) -> Self {
        Self {
            version,
            format,
            channel_id: format!("{}.{}", (caller.id >> 64) as u32, caller.id as u32),
            coder: Coder::new(format.coding).expect("one of Asterisk's rates"),
            off: false,
            asked: false,
        }
    }

    fn event(&self, name: &str, field: Option<(&str, &str)>) -> Sent {
        let id = &self.channel_id;
        Wire::Text(match (self.version, field) {
            (Version::Json, None) => json!({"event": name, "channel_id": id}).to_string(),
            (Version::Json, Some((key, value))) => {
                json!({"event": name, "channel_id": id, key: value}).to_string()
            }
            (_, None) => name.to_owned(),
            (Version::Old, Some(("digit", key))) => format!("{name} digit:{key}"),
            (_, Some(("digit", key))) => format!("{name} digit:{key} channel_id:{id}"),
            (_, Some((_, value))) => format!("{name} {value}"),
        })
    }

    fn play(&mut self, at: At, sound: &[u8], heard: &mut Vec<Heard>) -> Result<(), String> {
        if sound.len() > LONGEST_MESSAGE {
            let why = format!("1009: a message of {} bytes", sound.len());
            heard.push(Heard::Broken(why));
            return Ok(());
        }
        if at.buffered >= QUEUE {
            return Err("dropped: the queue is full".into());
        }
        let rest = sound.len() % self.format.frame_bytes();
        let decoded = self.coder.decode(&sound[..sound.len() - rest]);
        let queued = at.buffered + Duration::from_micros(decoded.len() as u64 * 125);
        heard.push(Heard::Sound(decoded));
        if queued >= OFF && !self.off {
            self.off = true;
            heard.push(Heard::Answer(self.event("MEDIA_XOFF", None)));
        }
        match rest {
            0 => Ok(()),
            bytes => Err(format!("{bytes} bytes dropped: no whole frame")),
        }
    }

    /// A command's name and argument.
    fn command(&self, text: &str) -> Result<(String, Option<String>), String> {
        if text.len() > LONGEST_COMMAND {
            return Err(format!("a command of {} bytes", text.len()));
        }
        if self.version != Version::Json {
            return Ok(match text.split_once(' ') {
                Some((name, id)) => (name.to_owned(), Some(id.to_owned())),
                None => (text.to_owned(), None),
            });
        }
        let message: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let word = |name: &str| message[name].as_str().map(str::to_owned);
        Ok((word("command").ok_or("no command")?, word("correlation_id")))
    }
}

impl Side for AsteriskSide {
    fn hello(&mut self, wire: &mut Vec<Sent>) {
        let (name, size) = (self.format.name, self.format.frame_bytes());
        let (id, ptime) = (&self.channel_id, self.format.frame_ms);
        let channel = "WebSocket/attendant/0x7f74";
        let start = format!("MEDIA_START connection_id:attendant channel:{channel}");
        let sound = format!("format:{name} optimal_frame_size:{size}");
        wire.push(Wire::Text(match self.version {
            Version::Old => format!("{start} {sound}"),
            Version::Words => format!("{start} channel_id:{id} {sound} ptime:{ptime}"),
            Version::Json => json!({
                "event": "MEDIA_START", "connection_id": "attendant", "channel": channel, "channel_id": id,
                "format": name, "optimal_frame_size": size, "ptime": ptime,
                "channel_variables": {"MEDIA_WEBSOCKET_CONNECTION_ID": "attendant", "__MYVAR": "hello world"},
            })
            .to_string(),
        }));
    }

    fn sound(&mut self, at: At, ulaw: &[u8], wire: &mut Vec<Sent>) {
        if self.off && at.buffered < ON {
            self.off = false;
            wire.push(self.event("MEDIA_XON", None));
        }
        if self.asked && at.buffered.is_zero() {
            self.asked = false;
            wire.push(self.event("QUEUE_DRAINED", None));
        }
        wire.push(Wire::Binary(self.coder.encode(ulaw)));
    }

    fn key(&mut self, _: At, key: char, wire: &mut Vec<Sent>) {
        let key = key.to_string();
        wire.push(self.event("DTMF_END", Some(("digit", &key))));
    }

    /// A flush drops marks without a word.
    fn played(&mut self, _: At, mark: &str, cleared: bool, wire: &mut Vec<Sent>) {
        if !cleared {
            wire.push(self.event("MEDIA_MARK_PROCESSED", Some(("correlation_id", mark))));
        }
    }

    /// Asterisk closes.
    fn stop(&mut self, _: At, _: &mut Vec<Sent>) {}

    /// The drained queue tells, but only when it was asked for.
    fn guesses_ends(&self) -> bool {
        self.version == Version::Old
    }

    fn pinged(&mut self) -> Result<(), String> {
        match self.version {
            Version::Old => Err("a ping ends the call before 22.8".into()),
            _ => Ok(()),
        }
    }

    fn receive(
        &mut self,
        at: At,
        message: Received<'_>,
        heard: &mut Vec<Heard>,
    ) -> Result<(), String> {
        let text = match message {
            Wire::Binary(sound) => return self.play(at, sound, heard),
            Wire::Text(text) => text,
        };
        let (name, id) = self.command(text)?;
        match name.as_str() {
            "MARK_MEDIA" if self.version == Version::Old => {
                return Err("22.6 knows no marks".into());
            }
            "MARK_MEDIA" => heard.push(Heard::Mark(id.ok_or("a mark without an id")?)),
            "FLUSH_MEDIA" => heard.push(Heard::Clear),
            "REPORT_QUEUE_DRAINED" => self.asked = true,
            "CONTINUE_MEDIA" => {}
            "HANGUP" => heard.push(Heard::Ended),
            other => return Err(format!("unknown command {other}")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ULAW: Format = Format {
        name: "ulaw",
        coding: Coding::Ulaw,
        frame_ms: 20,
    };

    fn side(version: Version) -> AsteriskSide {
        AsteriskSide::new(version, ULAW, &Caller::any())
    }

    #[test]
    fn what_asterisk_ignores_or_drops_is_refused() {
        let mut heard = Vec::new();
        let long = format!("MARK_MEDIA {}", "x".repeat(128));
        for (version, bad) in [
            (Version::Json, "HANGUP"),
            (Version::Json, r#"{"command":"hangup"}"#),
            (Version::Json, r#"{"command":"MARK_MEDIA"}"#),
            (Version::Words, r#"{"command":"HANGUP"}"#),
            (Version::Words, long.as_str()),
            (Version::Old, "MARK_MEDIA p0s0"),
        ] {
            let refused = side(version).receive(At::default(), Wire::Text(bad), &mut heard);
            assert!(refused.is_err(), "{bad}");
        }
        assert_eq!(heard, []);
        let mut json = side(Version::Json);
        let uneven = json.receive(At::default(), Wire::Binary(&[0xFF; 170]), &mut heard);
        assert!(uneven.is_err());
        assert_eq!(
            heard,
            [Heard::Sound(vec![0xFF; 160])],
            "a whole frame of it"
        );
        let full = At {
            buffered: QUEUE,
            ..At::default()
        };
        let dropped = json.receive(full, Wire::Binary(&[0xFF; 160]), &mut heard);
        assert!(dropped.is_err());
        json.receive(At::default(), Wire::Binary(&[0; 66_000]), &mut heard)
            .expect("told by the close");
        assert!(matches!(heard.last(), Some(Heard::Broken(_))));
    }

    #[test]
    fn a_queue_that_fills_tells_so_once_and_again_when_there_is_room() {
        let (mut side, mut heard, mut wire) = (side(Version::Words), Vec::new(), Vec::new());
        let at = |frames: u64| At {
            buffered: Duration::from_millis(frames * 20),
            ..At::default()
        };
        for frames in [898, 899, 900] {
            side.receive(at(frames), Wire::Binary(&[0xFF; 160]), &mut heard)
                .expect("room");
        }
        let told = |heard: &Heard| matches!(heard, Heard::Answer(Wire::Text(text)) if text == "MEDIA_XOFF");
        assert_eq!(heard.iter().filter(|heard| told(heard)).count(), 1);
        for frames in [900, 800, 799, 700] {
            side.sound(at(frames), &[0xFF; 160], &mut wire);
        }
        let on = Wire::Text("MEDIA_XON".to_owned());
        assert_eq!(wire.iter().position(|sent| *sent == on), Some(2));
        assert_eq!(wire.iter().filter(|sent| **sent == on).count(), 1);
    }

    #[test]
    fn an_empty_queue_is_told_to_who_has_asked() {
        let (mut side, mut wire) = (side(Version::Old), Vec::new());
        let ask = Wire::Text("REPORT_QUEUE_DRAINED");
        side.receive(At::default(), ask, &mut Vec::new())
            .expect("known");
        let full = At {
            buffered: Duration::from_millis(20),
            ..At::default()
        };
        side.sound(full, &[0xFF; 160], &mut wire);
        assert_eq!(wire.len(), 1);
        side.sound(At::default(), &[0xFF; 160], &mut wire);
        side.sound(At::default(), &[0xFF; 160], &mut wire);
        assert_eq!(wire[1], Wire::Text("QUEUE_DRAINED".to_owned()));
        assert_eq!(wire.len(), 4);
    }
}
