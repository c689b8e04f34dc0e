//! Tells a call as it goes by: who speaks, the words as recognised, what was made of
//! them, keys, barge-ins; afterwards where the time went.

use crate::audio::TICK_MS;
use crate::call::{Action, Event, Mark, Note, Tick};
use crate::dialogue::{Sentence, Understood};
use crate::pii::stand_in::masked;
use crate::runtime::house::House;
use crate::runtime::session::Narrator;
use crate::runtime::waterfall::Latency;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// Prints a call.
pub struct Teller {
    /// What is being said, to print each sentence when it begins to sound.
    sentences: BTreeMap<u32, Vec<Sentence>>,
    color: bool,
    to: Box<dyn Write + Send>,
}

#[derive(Clone, Copy)]
enum Who {
    Bot,
    Caller,
    Aside,
}

impl Teller {
    /// Prints to `to`, in colours where that is a terminal (and nobody said NO_COLOR).
    pub fn new(to: Box<dyn Write + Send>, terminal: bool) -> Self {
        let color = terminal && std::env::var_os("NO_COLOR").is_none();
        Self {
            sentences: BTreeMap::new(),
            color,
            to,
        }
    }

    fn line(&mut self, now: Tick, who: Who, text: &str) {
        let ms = now * TICK_MS;
        let clock = format!("{}:{:02}.{}", ms / 60_000, ms / 1000 % 60, ms / 100 % 10);
        let (name, color) = match who {
            Who::Bot => ("bot", "36"),
            Who::Caller => ("caller", "33"),
            Who::Aside => ("", "2"),
        };
        // Whole lines: a status line may stand below.
        let line = if self.color {
            format!("{clock:>7}  \x1b[{color}m{name:<7} {text}\x1b[0m\n")
        } else {
            format!("{clock:>7}  {name:<7} {text}\n")
        };
        // A closed pipe is no reason to end the call.
        let _ = self
            .to
            .write_all(line.as_bytes())
            .and_then(|()| self.to.flush());
    }

    fn note(&mut self, now: Tick, note: &Note) {
        match note {
            Note::Caller(words) => {
                let by = match words.model.as_str() {
                    "" => String::new(),
                    model => format!(", heard by {model}"),
                };
                let sure = words.confidence / 10;
                let text = format!("{}   ({sure} % sure{by})", words.text);
                self.line(now, Who::Caller, &text);
            }
            Note::Keys(keys) => self.line(now, Who::Caller, &format!("presses {}", masked(keys))),
            Note::Understood(understood) => self.line(now, Who::Aside, &understanding(understood)),
            Note::BargedIn { .. } => {
                self.line(now, Who::Aside, "── the caller cuts in: the bot stops")
            }
            Note::Resumed { .. } => self.line(now, Who::Aside, "── only a nod: the bot goes on"),
            Note::TakenBack => self.line(
                now,
                Who::Aside,
                "── the caller goes on: the reply is taken back",
            ),
            Note::NoInput => self.line(now, Who::Aside, "── silence"),
            Note::Hurried => self.line(now, Who::Aside, "── the house closes at once"),
            Note::Noise => self.line(now, Who::Aside, "── a noise, no words"),
            Note::SpeechStarted | Note::TurnEnded { .. } => {}
        }
    }
}

fn understanding(understood: &Understood) -> String {
    let intent = if understood.intent.is_empty() {
        "none of these"
    } else {
        &understood.intent
    };
    let slots: Vec<_> = understood
        .slots
        .iter()
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    format!(
        "→ {intent} {} {}",
        percent(understood.confidence),
        slots.join(", ")
    )
    .trim_end()
    .to_owned()
}

fn percent(confidence: u16) -> String {
    if confidence == 0 {
        String::new()
    } else {
        format!("{} %", confidence / 10)
    }
}

impl Narrator for Teller {
    fn event(&mut self, now: Tick, event: &Event) {
        match event {
            Event::Started(Mark { playback, sentence }) => {
                let said = self
                    .sentences
                    .get(playback)
                    .and_then(|all| all.get(usize::from(*sentence)));
                if let Some(text) = said.map(|said| said.text.clone()) {
                    self.line(now, Who::Bot, &text);
                }
            }
            Event::Returned => self.line(
                now,
                Who::Aside,
                "── nobody took the call: the caller is back",
            ),
            Event::Calling => self.line(now, Who::Aside, "── a person's telephone rings"),
            Event::Joined => self.line(now, Who::Aside, "── the person has taken the call"),
            Event::HungUp => self.line(now, Who::Caller, "hangs up"),
            _ => {}
        }
    }

    fn action(&mut self, now: Tick, action: &Action) {
        match action {
            Action::Say {
                playback,
                sentences,
                ..
            } => {
                self.sentences.insert(*playback, sentences.clone());
            }
            Action::LookUp(lookup) => {
                let arguments: Vec<_> = lookup
                    .arguments
                    .iter()
                    .map(|(k, v)| format!("{k} = {}", masked(v)))
                    .collect();
                self.line(
                    now,
                    Who::Aside,
                    &format!("── looks up {} {}", lookup.name, arguments.join(", ")),
                );
            }
            Action::HandOver(handover) => {
                let text = format!(
                    "── to a person ({:?}): {}",
                    handover.reason, handover.summary
                );
                self.line(now, Who::Aside, &text);
            }
            Action::CallOff => self.line(now, Who::Aside, "── the person is not called any longer"),
            Action::HangUp(disposition) => self.line(
                now,
                Who::Aside,
                &format!("── the call ends: {disposition:?}"),
            ),
            Action::Note(note) => self.note(now, note),
            Action::Recognize { .. }
            | Action::Abandon(_)
            | Action::Clear(_)
            | Action::Seal { .. } => {}
        }
    }
}

/// Where the call is recorded, once it is: waits for the disk. The session must be gone.
pub fn recorded(house: Arc<House>, folder: Option<&Path>) -> String {
    let (Some(folder), Some(house)) = (folder, Arc::into_inner(house)) else {
        return String::new();
    };
    let Some(recorder) = house.recorder else {
        return String::new();
    };
    let (audio, lost) = (recorder.keeps_audio(), recorder.finish());
    let folder = folder.display();
    if lost > 0 {
        return "NOT recorded, or not all of it: see the error above\n  hint: --set recordings.dir=FOLDER\n".into();
    }
    let files = if audio {
        "call.wav (caller left, bot right), caller.wav, journal.jsonl"
    } else {
        "journal.jsonl"
    };
    format!(
        "recorded in {folder}: {files}\nwhy:    attendant explain {folder}\nagain:  attendant replay {folder}\n"
    )
}

/// The table after a call: where the time of each reply went, in ms after the caller's last sound.
pub fn waterfall(turns: &[Latency]) -> String {
    let mut table = String::from(
        "ms after the caller's last sound   asked  recognised  turn over  reply   (recogniser) words\n",
    );
    for turn in turns {
        let reply = turn.reply_ms.map_or("–".into(), |ms| ms.to_string());
        let bar = bar(turn);
        table += &format!(
            "{bar:<33} {:>6} {:>11} {:>10} {reply:>6} {:>14} {}",
            turn.asked_ms, turn.recognized_ms, turn.endpoint_ms, turn.recognizer_ms, turn.words
        );
        if !turn.model.is_empty() {
            table += &format!(" ({})", turn.model);
        }
        table.push('\n');
    }
    let mut gaps: Vec<_> = turns.iter().filter_map(|turn| turn.reply_ms).collect();
    gaps.sort_unstable();
    if let Some(median) = gaps.get(gaps.len().saturating_sub(1) / 2) {
        table += &format!("median reply gap {median} ms over {} replies\n", gaps.len());
    }
    table
}

/// `··` early pause, `▒` recogniser, `░` waiting for more, `█` decision to first sound; 40 ms each.
fn bar(turn: &Latency) -> String {
    let cells = |from: u32, to: u32| (to.saturating_sub(from) as usize).div_ceil(40);
    let over = turn.endpoint_ms.max(turn.recognized_ms);
    let mut bar = "·".repeat(cells(0, turn.asked_ms));
    bar += &"▒".repeat(cells(turn.asked_ms, turn.recognized_ms));
    bar += &"░".repeat(cells(turn.recognized_ms, turn.endpoint_ms));
    bar += &"█".repeat(cells(over, turn.reply_ms.unwrap_or(over)).max(1));
    if bar.chars().count() > 32 {
        bar.chars().take(31).chain(['…']).collect()
    } else {
        bar
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::Lookup;
    use std::sync::{Arc, Mutex, PoisonError};

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let mut page = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            page.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_stands_for_a_secret_is_not_shown_either() {
        let page = Page::default();
        let mut teller = Teller::new(Box::new(page.clone()), false);
        teller.event(50, &Event::SecretDigit);
        teller.action(50, &Action::Note(Note::Keys("•1:4•".into())));
        let lookup = Lookup {
            id: 1,
            name: "check_pin".into(),
            arguments: [("pin".to_owned(), "•1:4•".to_owned())].into(),
            action: true,
        };
        teller.action(50, &Action::LookUp(lookup));
        let told = page
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let told = String::from_utf8(told).expect("text");
        let lines: Vec<&str> = told.lines().map(str::trim).collect();
        assert_eq!(
            lines,
            [
                "0:01.0  caller  presses …",
                "0:01.0          ── looks up check_pin pin = …"
            ]
        );
    }
}
