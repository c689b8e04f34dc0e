//! What is shown during a call: captions line by line, and below them one status line with the two
//! levels. Without a terminal: plain lines.

use crate::audio::TICK_MS;
use crate::line::mic::{Levels, SILENCE_DB};
use crate::pii::stand_in::KEY;
use crate::telemetry::{for_terminal, set_status_line};
use std::io::{self, IsTerminal, Write};

/// Ticks between two drawings of the status line (100 ms).
const REDRAW_TICKS: u64 = 5;
/// Ticks between two plain lines (5 s).
const PLAIN_TICKS: u64 = 250;
/// Width of a level meter, in characters.
const METER: usize = 10;
/// Level at the left end of a meter, in dB relative to full scale.
const METER_FROM_DB: f32 = -60.0;

/// The terminal during a call; dropped, it is as it was.
pub(super) struct Screen {
    terminal: bool,
    ticks: u64,
    /// Loudest since the last drawing.
    shown: Option<Levels>,
    keys: String,
}

impl Screen {
    /// Takes the terminal, if there is one, for key-by-key input and a status line.
    pub(super) fn open() -> io::Result<Self> {
        let terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
        if terminal {
            crossterm::terminal::enable_raw_mode()?;
            set_status_line(true);
        }
        Ok(Self {
            terminal,
            ticks: 0,
            shown: None,
            keys: String::new(),
        })
    }

    pub(super) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// A key was typed. Which one is not shown: it may be part of a secret.
    pub(super) fn key(&mut self) {
        self.keys.push(KEY);
    }

    /// 20 ms have passed.
    pub(super) fn tick(&mut self, levels: Levels) {
        self.ticks += 1;
        let shown = self.shown.get_or_insert(levels);
        shown.heard_db = shown.heard_db.max(levels.heard_db);
        shown.played_db = shown.played_db.max(levels.played_db);
        shown.muted = levels.muted;
        let every = if self.terminal {
            REDRAW_TICKS
        } else {
            PLAIN_TICKS
        };
        if self.ticks.is_multiple_of(every) {
            self.draw();
        }
    }

    fn draw(&mut self) {
        let Some(levels) = self.shown.take() else {
            return;
        };
        let seconds = self.ticks * u64::from(TICK_MS) / 1000;
        if self.terminal {
            // Some terminals do not know their size and say 0.
            let known = crossterm::terminal::size()
                .ok()
                .filter(|(columns, _)| *columns > 0);
            let width = known.map_or(80, |(columns, _)| usize::from(columns));
            let line: String = status(seconds, levels, &self.keys)
                .chars()
                .take(width.saturating_sub(1))
                .collect();
            let mut stderr = io::stderr().lock();
            // A terminal that cannot be written to is no reason to end the call.
            let _ = write!(stderr, "\r\x1b[2K{line}").and_then(|()| stderr.flush());
        } else {
            eprintln!("{}", plain(seconds, levels));
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if self.terminal {
            restore();
        }
    }
}

/// Gives the terminal back as it was.
pub(super) fn restore() {
    eprint!("{}", for_terminal(""));
    set_status_line(false);
    let _ = crossterm::terminal::disable_raw_mode();
}

/// Standard output for captions: whole lines, over the status line where there is one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Captions;

impl Write for Captions {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut stdout = io::stdout().lock();
        if stdout.is_terminal() {
            stdout.write_all(for_terminal(&String::from_utf8_lossy(bytes)).as_bytes())?;
        } else {
            stdout.write_all(bytes)?;
        }
        stdout.flush()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush()
    }
}

fn status(seconds: u64, levels: Levels, keys: &str) -> String {
    let you = if levels.muted { "muted" } else { "you" };
    format!(
        "{:02}:{:02}  {you:>5} {} {}  bot {} {}  {}",
        seconds / 60,
        seconds % 60,
        meter(levels.heard_db),
        decibels(levels.heard_db),
        meter(levels.played_db),
        decibels(levels.played_db),
        if keys.is_empty() {
            "0-9 * #, q hangs up"
        } else {
            keys
        },
    )
}

fn plain(seconds: u64, levels: Levels) -> String {
    let muted = if levels.muted { ", muted" } else { "" };
    format!(
        "{seconds} s: microphone {}{muted}, loudspeaker {}",
        decibels(levels.heard_db),
        decibels(levels.played_db)
    )
}

fn meter(db: f32) -> String {
    let share = ((db - METER_FROM_DB) / -METER_FROM_DB).clamp(0.0, 1.0);
    let full = (share * METER as f32).round() as usize;
    format!("[{}{}]", "#".repeat(full), "-".repeat(METER - full))
}

fn decibels(db: f32) -> String {
    if db <= SILENCE_DB {
        "silent".into()
    } else {
        format!("{db:>3.0} dB")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_meter_follows_the_level() {
        assert_eq!(meter(SILENCE_DB), "[----------]");
        assert_eq!(meter(-30.0), "[#####-----]");
        assert_eq!(meter(3.0), "[##########]");
    }

    #[test]
    fn the_status_line_says_that_the_microphone_is_muted() {
        let levels = Levels {
            heard_db: -20.0,
            played_db: SILENCE_DB,
            muted: true,
        };
        let line = status(75, levels, "");
        assert!(line.chars().count() < 80, "too wide for a terminal: {line}");
        assert!(
            line.starts_with("01:15  muted [") && line.contains("silent"),
            "{line}"
        );
        assert_eq!(
            plain(5, levels),
            "5 s: microphone -20 dB, muted, loudspeaker silent"
        );
    }
}
