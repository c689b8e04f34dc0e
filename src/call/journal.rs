//! The journal: everything that went into a call and everything it wanted done, as JSON Lines.
//!
//! First a [`Header`], then `{"t": tick, "in": event}` and `{"t": tick, "out": action}`. Ticks are
//! packed: `{"t": first, "in": {"ticks": "c01e…"}}` has four hexadecimal digits per tick (voice,
//! then level with the tone flag in its top bit), `----` for a gap.

use super::{Action, Endpointing, Event, Tick};
use crate::audio::Heard;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Version of the format that this engine reads and writes.
pub const FORMAT: u32 = 1;
/// Ticks in one line at most: one second.
const RUN: usize = 50;
const GAP: &str = "----";
const TONE: u8 = 0x80;

/// The journal's first line: what a replay needs beside the events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`].
    pub journal: u32,
    /// Version of attendant that wrote it.
    pub attendant: String,
    pub call: String,
    /// Name of the way in: "twilio", "recording", "sound".
    pub line: String,
    pub endpointing: Endpointing,
    /// The business' name and the digest of its files.
    pub domain: String,
    pub domain_digest: String,
    /// Which model heard; informative.
    #[serde(default)]
    pub recognizer: String,
}

/// One line after the header, unpacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    In(Event),
    Out(Action),
}

#[derive(Serialize, Deserialize)]
struct Line<'a> {
    t: Tick,
    #[serde(
        default,
        rename = "in",
        skip_serializing_if = "Option::is_none",
        borrow
    )]
    input: Option<Input<'a>>,
    #[serde(default, rename = "out", skip_serializing_if = "Option::is_none")]
    output: Option<Action>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Input<'a> {
    Ticks { ticks: &'a str },
    Event(Event),
}

/// Turns events and actions into lines.
#[derive(Debug, Default)]
pub struct Writer {
    run: String,
    run_from: Tick,
    run_length: usize,
}

impl Writer {
    /// The first line.
    pub fn header(&self, header: &Header, to: &mut Vec<u8>) {
        line(to, header);
    }

    /// An event that is about to be handled at tick `now`.
    pub fn event(&mut self, now: Tick, event: &Event, to: &mut Vec<u8>) {
        let heard = match event {
            Event::Heard(heard) => Some(*heard),
            Event::Gap => None,
            event => {
                self.flush(to);
                line(
                    to,
                    &Line {
                        t: now,
                        input: Some(Input::Event(event.clone())),
                        output: None,
                    },
                );
                return;
            }
        };
        if self.run_length == 0 {
            self.run_from = now + 1;
        }
        self.run_length += 1;
        match heard {
            Some(Heard { voice, level, tone }) => {
                let second = level.min(127) | if tone { TONE } else { 0 };
                // Writing to a String cannot fail.
                let _ = write!(self.run, "{voice:02x}{second:02x}");
            }
            None => self.run.push_str(GAP),
        }
        if self.run_length >= RUN {
            self.flush(to);
        }
    }

    /// An action that the engine gave at tick `now`.
    pub fn action(&mut self, now: Tick, action: &Action, to: &mut Vec<u8>) {
        self.flush(to);
        line(
            to,
            &Line {
                t: now,
                input: None,
                output: Some(action.clone()),
            },
        );
    }

    /// Writes out the ticks held back.
    pub fn flush(&mut self, to: &mut Vec<u8>) {
        if self.run_length > 0 {
            line(
                to,
                &Line {
                    t: self.run_from,
                    input: Some(Input::Ticks { ticks: &self.run }),
                    output: None,
                },
            );
            self.run.clear();
            self.run_length = 0;
        }
    }
}

fn line(to: &mut Vec<u8>, value: &impl Serialize) {
    // Serialising our own types into memory cannot fail: no maps with odd keys, no I/O.
    serde_json::to_writer(&mut *to, value).expect("journal lines serialise");
    to.push(b'\n');
}

/// A journal, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    pub header: Header,
    /// In order; the tick is the one that the line named.
    pub entries: Vec<(Tick, Entry)>,
    /// The call has no end, or its last line is cut off (the process died): everything before that is
    /// here.
    pub truncated: bool,
}

/// Why a text is no journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    #[error(
        "the journal is empty\nhint: the call ended, or the disk was full, before its first second was written"
    )]
    Empty,
    #[error(
        "this is no journal of attendant: line 1: {0}\nhint: give a journal.jsonl, or the folder of a call"
    )]
    Header(String),
    #[error(
        "the journal has format {0}; this version reads format {FORMAT}\nhint: replay it with the attendant that wrote it"
    )]
    Format(u32),
    #[error(
        "line {line}: {what}\nhint: the file was damaged; cut off before this line, it can be replayed up to there"
    )]
    Line { line: usize, what: String },
}

impl Journal {
    /// Reads a journal's text.
    ///
    /// # Errors
    /// [`JournalError`] with the line's number; a cut-off last line is no error.
    pub fn parse(text: &str) -> Result<Self, JournalError> {
        let mut lines = text.lines().enumerate();
        let (_, first) = lines.next().ok_or(JournalError::Empty)?;
        let header: Header =
            serde_json::from_str(first).map_err(|error| JournalError::Header(error.to_string()))?;
        if header.journal != FORMAT {
            return Err(JournalError::Format(header.journal));
        }
        let mut journal = Self {
            header,
            entries: Vec::new(),
            truncated: false,
        };
        let whole = text.ends_with('\n');
        let mut lines = lines.filter(|(_, line)| !line.trim().is_empty()).peekable();
        while let Some((index, line)) = lines.next() {
            let last = lines.peek().is_none();
            match journal.take_line(line) {
                Ok(()) => {}
                Err(_) if last && !whole => journal.truncated = true,
                Err(what) => {
                    return Err(JournalError::Line {
                        line: index + 1,
                        what,
                    });
                }
            }
        }
        journal.truncated |= !journal.is_over();
        Ok(journal)
    }

    /// Reads a journal file. Cut off within a character, it is cut off within a line.
    ///
    /// # Errors
    /// As [`parse`](Self::parse); what is not UTF-8 is no journal.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, JournalError> {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            // Half a character at the very end.
            Err(error) if error.error_len().is_none() => {
                std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
            }
            Err(error) => {
                let line = bytes[..error.valid_up_to()]
                    .iter()
                    .filter(|byte| **byte == b'\n')
                    .count()
                    + 1;
                let what = "this is not text in UTF-8".to_owned();
                return Err(if line == 1 {
                    JournalError::Header(what)
                } else {
                    JournalError::Line { line, what }
                });
            }
        };
        Self::parse(text)
    }

    fn is_over(&self) -> bool {
        self.entries.iter().any(|(_, entry)| {
            matches!(
                entry,
                Entry::In(Event::HungUp) | Entry::Out(Action::HangUp(_) | Action::HandOver(_))
            )
        })
    }

    fn take_line(&mut self, line: &str) -> Result<(), String> {
        let line: Line<'_> = serde_json::from_str(line).map_err(|error| error.to_string())?;
        match (line.input, line.output) {
            (Some(Input::Event(event)), None) => self.entries.push((line.t, Entry::In(event))),
            (Some(Input::Ticks { ticks }), None) => {
                if !ticks.is_ascii() || ticks.len() % 4 != 0 {
                    return Err("ticks have four hexadecimal digits each".into());
                }
                for at in (0..ticks.len()).step_by(4) {
                    let event = unpack(&ticks[at..at + 4])?;
                    let tick = line.t.saturating_add((at / 4) as Tick);
                    self.entries.push((tick, Entry::In(event)));
                }
            }
            (None, Some(action)) => self.entries.push((line.t, Entry::Out(action))),
            _ => return Err("a line has either \"in\" or \"out\"".into()),
        }
        Ok(())
    }
}

fn unpack(digits: &str) -> Result<Event, String> {
    if digits == GAP {
        return Ok(Event::Gap);
    }
    let byte =
        |text: &str| u8::from_str_radix(text, 16).map_err(|_| format!("{digits:?} is no tick"));
    let (voice, second) = (byte(&digits[..2])?, byte(&digits[2..])?);
    Ok(Event::Heard(Heard {
        voice,
        level: second & !TONE,
        tone: second & TONE != 0,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            journal: FORMAT,
            attendant: "0.1.0".into(),
            call: "c1".into(),
            line: "recording".into(),
            endpointing: Endpointing {
                early_ms: 200,
                complete_ms: 240,
                whole_ms: 420,
                open_ms: 720,
                incomplete_ms: 2000,
                max_speech_ms: 20_000,
            },
            domain: "shop".into(),
            domain_digest: "00".into(),
            recognizer: String::new(),
        }
    }

    fn written(events: &[Event]) -> String {
        let mut bytes = Vec::new();
        let mut writer = Writer::default();
        writer.header(&header(), &mut bytes);
        let mut now = 0;
        for event in events {
            writer.event(now, event, &mut bytes);
            now += u32::from(matches!(event, Event::Heard(_) | Event::Gap));
        }
        writer.flush(&mut bytes);
        String::from_utf8(bytes).expect("JSON is UTF-8")
    }

    fn some_events() -> Vec<Event> {
        let heard = |voice| {
            Event::Heard(Heard {
                voice,
                level: 30,
                tone: voice == 7,
            })
        };
        let mut events: Vec<_> = (0..120).map(heard).collect();
        let typed = Event::Typed {
            text: "where is it".into(),
        };
        events.extend([
            typed,
            Event::Gap,
            Event::HungUp,
            heard(255),
            Event::Drain,
            Event::Hurry,
        ]);
        events
    }

    #[test]
    fn what_was_written_is_read() {
        let journal = Journal::parse(&written(&some_events())).expect("parses");
        let read: Vec<_> = journal
            .entries
            .into_iter()
            .map(|(_, entry)| entry)
            .collect();
        assert_eq!(
            read,
            some_events().into_iter().map(Entry::In).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_journal_cut_off_anywhere_is_kept_up_to_there() {
        let text = written(&some_events());
        let start = text.find('\n').expect("a header") + 1;
        for cut in start..text.len() {
            let journal = Journal::parse(&text[..cut]).expect("what is there parses");
            assert!(journal.entries.len() <= some_events().len());
        }
    }

    #[test]
    fn faults_name_the_line() {
        let text =
            written(&[]) + "{\"t\":1,\"in\":{\"ticks\":\"zz01\"}}\n{\"t\":2,\"in\":\"drain\"}\n";
        assert_eq!(
            Journal::parse(&text),
            Err(JournalError::Line {
                line: 2,
                what: "\"zz01\" is no tick".into()
            })
        );
        assert_eq!(Journal::parse(""), Err(JournalError::Empty));
        assert!(matches!(
            Journal::parse("RIFF"),
            Err(JournalError::Header(_))
        ));
    }
}
