//! The page's end of a `kiosk/1` socket: PCM both ways, captions, marks that are reported played or cleared.

use crate::load::convert::{Narrow, Widen};
use crate::load::dialect::{At, Heard, LastWord, Received, Sent, Side, Wire};
use serde::Deserialize;
use serde_json::json;

/// Longest message, in bytes.
const LONGEST: usize = 64 * 1024;
/// Of the sound that is promised.
const RATES: std::ops::RangeInclusive<u32> = 8_000..=48_000;

/// How the call has ended.
#[derive(Debug, PartialEq, Eq)]
pub struct End {
    pub why: String,
    /// Why a person takes over.
    pub reason: Option<String>,
    /// To show to the caller.
    pub number: Option<String>,
}

/// What a server may say.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Told {
    Ready {
        session: String,
        rate_out: u32,
    },
    Mark {
        name: String,
    },
    // With braces, so that fields are counted here, too.
    Clear {},
    Text {
        who: Who,
        #[serde(rename = "id")]
        _id: u32,
        text: String,
        #[serde(rename = "final")]
        last: bool,
        #[serde(default)]
        cut: bool,
        #[serde(default, rename = "language")]
        _language: String,
    },
    Secret {
        #[serde(rename = "on")]
        _on: bool,
    },
    End {
        why: Why,
        reason: Option<String>,
        number: Option<String>,
    },
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Who {
    Bot,
    Caller,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Why {
    Completed,
    Handover,
    Busy,
    Failed,
}

/// An open socket.
pub struct KioskSide {
    token: String,
    rate_hz: u32,
    ours: Widen,
    /// The bot's sound, once the server has said its rate.
    theirs: Option<Narrow>,
    end: LastWord<End>,
}

impl KioskSide {
    /// # Panics
    /// At a rate that cannot be converted.
    pub fn new(token: String, rate_hz: u32, end: LastWord<End>) -> Self {
        Self {
            token,
            rate_hz,
            ours: Widen::new(rate_hz).expect("8000 to 48000"),
            theirs: None,
            end,
        }
    }

    fn told(&mut self, told: Told) -> Result<Option<Heard>, String> {
        Ok(match told {
            Told::Ready { .. } if self.theirs.is_some() => return Err("ready again".into()),
            Told::Ready { session, rate_out } => {
                if session.is_empty() || !RATES.contains(&rate_out) {
                    return Err(format!("ready for {session:?} at {rate_out} Hz"));
                }
                let narrow = Narrow::new(rate_out).map_err(|error| error.to_string())?;
                self.theirs = Some(narrow);
                None
            }
            Told::Mark { name } => Some(Heard::Mark(name)),
            Told::Clear {} => Some(Heard::Clear),
            Told::Text {
                who,
                text,
                last,
                cut,
                ..
            } => {
                if text.is_empty() && who == Who::Bot || cut && !last {
                    return Err("a caption that cannot be shown".into());
                }
                None
            }
            Told::Secret { .. } => None,
            Told::End {
                why,
                reason,
                number,
            } => {
                let why = match why {
                    Why::Completed => "completed",
                    Why::Handover => "handover",
                    Why::Busy => "busy",
                    Why::Failed => "failed",
                };
                self.end.put(End {
                    why: why.to_owned(),
                    reason,
                    number,
                });
                Some(Heard::Ended)
            }
        })
    }
}

impl Side for KioskSide {
    fn hello(&mut self, wire: &mut Vec<Sent>) {
        let start = json!({
            "type": "start", "format": "pcm16le", "rate": self.rate_hz, "token": self.token, "language": "en",
        });
        wire.push(Wire::Text(start.to_string()));
    }

    /// The microphone is on once the server is ready.
    fn sound(&mut self, _: At, ulaw: &[u8], wire: &mut Vec<Sent>) {
        if self.theirs.is_some() {
            wire.push(Wire::Binary(self.ours.l16(ulaw)));
        }
    }

    fn key(&mut self, _: At, key: char, wire: &mut Vec<Sent>) {
        let message = json!({"type": "dtmf", "digit": key.to_string()});
        wire.push(Wire::Text(message.to_string()));
    }

    fn played(&mut self, _: At, mark: &str, cleared: bool, wire: &mut Vec<Sent>) {
        let how = if cleared { "cleared" } else { "played" };
        let message = json!({"type": "marked", "name": mark, "how": how});
        wire.push(Wire::Text(message.to_string()));
    }

    fn stop(&mut self, _: At, wire: &mut Vec<Sent>) {
        wire.push(Wire::Text(r#"{"type":"stop"}"#.to_owned()));
    }

    fn lingers(&self) -> bool {
        true
    }

    fn receive(
        &mut self,
        _: At,
        message: Received<'_>,
        heard: &mut Vec<Heard>,
    ) -> Result<(), String> {
        match message {
            Wire::Text(text) if text.len() > LONGEST => Err("a message above 64 KiB".into()),
            Wire::Text(text) => {
                let told = serde_json::from_str(text).map_err(|error| error.to_string())?;
                heard.extend(self.told(told)?);
                Ok(())
            }
            Wire::Binary(sound) if sound.is_empty() || !sound.len().is_multiple_of(2) => {
                Err(format!("{} bytes of sound", sound.len()))
            }
            Wire::Binary(sound) if sound.len() > LONGEST => Err("a message above 64 KiB".into()),
            Wire::Binary(sound) => {
                let narrow = self.theirs.as_mut().ok_or("sound before ready")?;
                heard.push(Heard::Sound(narrow.l16(sound)));
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(side: &mut KioskSide, text: &str) -> (Result<(), String>, Vec<Heard>) {
        let mut heard = Vec::new();
        let read = side.receive(At::default(), Wire::Text(text), &mut heard);
        (read, heard)
    }

    #[test]
    fn what_no_page_understands_is_refused() {
        let end = LastWord::default();
        let mut side = KioskSide::new("t".into(), 48_000, end.clone());
        let early = side.receive(At::default(), Wire::Binary(&[0; 640]), &mut Vec::new());
        assert!(early.is_err(), "sound before ready");
        for bad in [
            "{",
            r#"{"type":"ready","session":"","rate_out":16000}"#,
            r#"{"type":"ready","session":"k","rate_out":96000}"#,
            r#"{"type":"dance"}"#,
            r#"{"type":"clear","extra":1}"#,
            r#"{"type":"text","who":"nobody","id":1,"text":"a","final":true}"#,
            r#"{"type":"text","who":"bot","id":1,"text":"","final":true}"#,
            r#"{"type":"end","why":"whatever"}"#,
        ] {
            let (read, heard) = read(&mut side, bad);
            assert!(read.is_err() && heard.is_empty(), "{bad}");
        }
        for (good, due) in [
            (r#"{"type":"ready","session":"k","rate_out":16000}"#, vec![]),
            (
                r#"{"type":"mark","name":"a"}"#,
                vec![Heard::Mark("a".into())],
            ),
            (r#"{"type":"clear"}"#, vec![Heard::Clear]),
            (
                r#"{"type":"text","who":"bot","id":1,"text":"a","final":true,"cut":true}"#,
                vec![],
            ),
            (r#"{"type":"secret","on":true}"#, vec![]),
            (
                r#"{"type":"end","why":"handover","reason":"requested","number":"+1555"}"#,
                vec![Heard::Ended],
            ),
        ] {
            assert_eq!(read(&mut side, good), (Ok(()), due), "{good}");
        }
        let number = end.take().and_then(|end| end.number);
        assert_eq!(number.as_deref(), Some("+1555"));
        assert!(
            read(
                &mut side,
                r#"{"type":"ready","session":"k","rate_out":16000}"#
            )
            .0
            .is_err()
        );
    }
}
