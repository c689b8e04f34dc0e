//! Reading the files of a business strictly: unknown keys and dangling names are errors that say
//! file, line and the nearest name that exists. The offending line itself is never printed, since a
//! business may keep things in its files that do not belong into a log.

use serde::de::DeserializeOwned;

/// What is wrong with a business's files.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {what}\nhint: {hint}")]
pub struct DomainError {
    pub file: String,
    /// From 1.
    pub line: usize,
    pub what: String,
    pub hint: String,
}

/// One of the files, for messages.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    pub file: &'a str,
    pub text: &'a str,
}

impl Source<'_> {
    /// An error at this byte.
    pub fn error(
        &self,
        at: usize,
        what: impl Into<String>,
        hint: impl Into<String>,
    ) -> DomainError {
        DomainError {
            file: self.file.to_owned(),
            line: self.line(at),
            what: what.into(),
            hint: hint.into(),
        }
    }

    /// The line (from 1) of this byte.
    pub fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        1 + before.iter().filter(|&&byte| byte == b'\n').count()
    }

    /// Reads the file.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn toml<T: DeserializeOwned>(&self) -> Result<T, DomainError> {
        toml::from_str(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let (what, hint) = explain(error.message());
            self.error(at, what, hint)
        })
    }

    /// Checks that `name` is one of `known`.
    ///
    /// # Errors
    /// It is none of them.
    pub fn known<'b>(
        &self,
        at: usize,
        wanted: &str,
        kind: &str,
        known: impl Iterator<Item = &'b str>,
    ) -> Result<(), DomainError> {
        let known: Vec<&str> = known.collect();
        if known.contains(&wanted) {
            return Ok(());
        }
        Err(self.error(
            at,
            format!("there is no {kind} {wanted:?}"),
            nearest(wanted, &known),
        ))
    }
}

/// Turns serde's message into what is wrong and what to do.
fn explain(message: &str) -> (String, String) {
    let message = message.trim();
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let mut quoted = message.split('`').skip(1).step_by(2);
        if let Some(wrong) = quoted.next() {
            let known: Vec<&str> = quoted.collect();
            let kind = if message.starts_with("unknown field") {
                "key"
            } else {
                "value"
            };
            return (format!("unknown {kind} {wrong:?}"), nearest(wrong, &known));
        }
    }
    (
        message.lines().next().unwrap_or_default().to_owned(),
        "compare with the sample shop's file of the same name".into(),
    )
}

/// A hint at the name that was probably meant.
pub fn nearest(wrong: &str, known: &[&str]) -> String {
    let far = |name: &&&str| (1000.0 * (1.0 - strsim::jaro_winkler(wrong, name))) as u32;
    match known.iter().min_by_key(far) {
        Some(name) => format!("did you mean {name:?}?"),
        None => "there is none yet".into(),
    }
}
