//! One of the store's texts, for messages that say file, line and the nearest name that exists. As in
//! the dialogue's files, the offending line itself is never printed.

use crate::dialogue::DomainError;
use serde::de::DeserializeOwned;

/// What is wrong with a text, before it is known where the text stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub what: String,
    pub hint: String,
}

impl Wrong {
    pub(super) fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: hint.into(),
        }
    }
}

/// One of the files.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub file: &'a str,
    pub text: &'a str,
}

impl Source<'_> {
    /// The line (from 1) of the byte at `at`.
    pub(super) fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        1 + before.iter().filter(|&&byte| byte == b'\n').count()
    }

    pub(super) fn error(&self, at: usize, wrong: Wrong) -> DomainError {
        DomainError {
            file: self.file.to_owned(),
            line: self.line(at),
            what: wrong.what,
            hint: wrong.hint,
        }
    }

    pub(super) fn toml<T: DeserializeOwned>(&self) -> Result<T, DomainError> {
        toml::from_str(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            self.error(at, explain(error.message()))
        })
    }
}

/// Turns serde's message into what is wrong and what to do.
fn explain(message: &str) -> Wrong {
    let message = message.trim();
    if message.starts_with("unknown field") {
        let mut quoted = message.split('`').skip(1).step_by(2);
        if let Some(wrong) = quoted.next() {
            let known: Vec<&str> = quoted.collect();
            return Wrong::new(format!("unknown key {wrong:?}"), nearest(wrong, &known));
        }
    }
    Wrong::new(
        message.lines().next().unwrap_or_default(),
        "src/store/README.md shows how operations are written",
    )
}

/// "Did you mean …?"
pub(super) fn nearest(wrong: &str, known: &[&str]) -> String {
    let close = |name: &&&str| (1000.0 * (1.0 - strsim::jaro_winkler(wrong, name))) as u32;
    match known.iter().min_by_key(close) {
        Some(name) => format!("did you mean {name:?}?"),
        None => "there is none yet".into(),
    }
}
