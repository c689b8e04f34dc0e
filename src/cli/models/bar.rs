//! Progress on standard error: a bar on a terminal, a line per file elsewhere.

use crate::catalog::Step;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;

/// What is shown while one model is read or fetched.
pub(super) struct Bar {
    name: String,
    bar: ProgressBar,
    terminal: bool,
}

impl Bar {
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            bar: ProgressBar::hidden(),
            terminal: std::io::stderr().is_terminal(),
        }
    }

    /// Starts anew: `have` of `size` bytes are there.
    pub fn begin(&mut self, size: u64, have: u64) {
        self.bar.finish_and_clear();
        if !self.terminal {
            return;
        }
        self.bar = ProgressBar::new(size).with_message(self.name.clone());
        let style = ProgressStyle::with_template(
            "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
        );
        if let Ok(style) = style {
            self.bar.set_style(style);
        }
        self.bar.set_position(have);
        // What was there already says nothing about the pace.
        self.bar.reset_eta();
    }

    pub fn add(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// Shows a step of fetching.
    pub fn show(&mut self, step: Step<'_>) {
        match step {
            Step::Checking(piece) => self.begin(piece.size, 0),
            Step::Checked(bytes) => self.add(bytes),
            Step::Good(piece) => self.line(&format!("{} is there already", piece.name())),
            Step::Fetching(piece, 0) => {
                self.line(&format!("fetching {} ({} bytes)", piece.name(), piece.size));
                self.begin(piece.size, 0);
            }
            Step::Fetching(piece, have) => {
                self.line(&format!(
                    "fetching {} ({} bytes, {have} are there already)",
                    piece.name(),
                    piece.size
                ));
                self.begin(piece.size, have);
            }
            Step::At(bytes) => self.bar.set_position(bytes),
            Step::Again(why, pause) if pause.is_zero() => self.line(&format!("{why}: again")),
            Step::Again(why, pause) => {
                self.line(&format!(
                    "{why}: again in {:.0} s",
                    pause.as_secs_f32().ceil()
                ));
            }
            Step::Done(_) => self.clear(),
        }
    }

    fn line(&self, text: &str) {
        self.bar.suspend(|| eprintln!("{}: {text}", self.name));
    }
}
