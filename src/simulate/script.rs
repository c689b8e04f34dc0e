//! What a simulated caller does, step by step: as a value, and as the TOML file of the folder's README.
//! A script that was varied is a script again, with everything that chance decided written down: so a
//! call that broke something is one small file.

use super::vary::Variants;
use crate::dialogue::Confidence;
use crate::rehearsal::Header;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// Longest file, in bytes.
pub const LONGEST: u64 = 1 << 20;
/// Time between the end of the bot's words and the caller's, in ms, where a step does not say.
pub const AFTER_MS: u32 = 600;
/// How sure the ear is, per mille, where a step does not say.
pub const SURE: Confidence = 950;
/// How long the recogniser takes, in ms.
const EAR_MS: u32 = 300;
/// How long the voice takes, in ms.
const VOICE_MS: u32 = 100;

/// One caller.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub call: Circumstances,
    #[serde(default)]
    pub step: Vec<Step>,
    /// How often each step goes otherwise; none: as the run has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variants: Option<Variants>,
}

/// What is so before the first word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Circumstances {
    /// E.164; none: withheld.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Local time.
    pub now: DateTime,
    /// How long the recogniser takes, in ms.
    pub ear_ms: u32,
    /// How long the voice takes for a sentence, in ms.
    pub voice_ms: u32,
    /// Which of the callers' voices speaks, where they are spoken aloud.
    pub voice: u32,
}

impl Default for Circumstances {
    fn default() -> Self {
        let Header { from, now, .. } = Header::default();
        Self {
            from,
            now,
            ear_ms: EAR_MS,
            voice_ms: VOICE_MS,
            voice: 0,
        }
    }
}

/// One thing that the caller does, or that happens. Exactly one of the first eight is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// Said: one of these.
    #[serde(skip_serializing_if = "OneOf::is_empty")]
    pub say: OneOf,
    /// Keyed, as tones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<String>,
    /// Nothing is said until the bot speaks again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub silence: bool,
    /// A voice without words, so many ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<u32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hang_up: bool,
    /// Nobody took the call that was passed on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub returned: bool,
    /// The house closes.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub closing: bool,
    /// From here on this operation is slow or dead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back_end: Option<Fault>,

    /// What the ear makes of the words; none: the words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hears: Option<String>,
    /// How sure it is, per mille.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// Later guesses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Guess>,
    /// The recogniser gives no answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deaf: bool,
    /// A pause inside, after so many words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause: Option<Pause>,

    /// So long after the bot has finished, in ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u32>,
    /// So long into the bot's words instead, in ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut_in: Option<u32>,
    /// So long after the caller's own last words instead, whatever the bot does, in ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goes_on: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guess {
    pub hears: String,
    pub confidence: Confidence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    pub words: usize,
    pub ms: u32,
}

/// A back end that misbehaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Name of the operation.
    pub operation: String,
    /// Its answers take so long, in ms; none: it fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow: Option<u32>,
    /// Only the next time that it is asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub once: bool,
}

/// A text, or several to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOf {
    One(String),
    Some(Vec<String>),
}

impl Default for OneOf {
    fn default() -> Self {
        Self::Some(Vec::new())
    }
}

impl OneOf {
    pub fn is_empty(&self) -> bool {
        self.all().is_empty()
    }

    pub fn all(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Some(texts) => texts,
        }
    }

    /// The first of them.
    pub fn text(&self) -> &str {
        self.all().first().map_or("", String::as_str)
    }
}

impl From<&str> for OneOf {
    fn from(text: &str) -> Self {
        Self::One(text.to_owned())
    }
}

/// Why a file is no script. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    #[error("{0}\nhint: src/simulate/README.md has the form")]
    Toml(String),
    #[error(
        "step {0} does nothing, or two things\nhint: one of say, keys, silence, noise, hang_up, returned, closing, back_end in each [[step]]"
    )]
    Step(usize),
    #[error("step {step}: {key:?} is no telephone key\nhint: keys are 0-9, *, #, A-D")]
    Key { step: usize, key: char },
    #[error("a caller does nothing\nhint: begin with a [[step]]")]
    Nothing,
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// [`ScriptError`].
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let script: Self =
            toml::from_str(text).map_err(|error| ScriptError::Toml(error.to_string()))?;
        script.check()?;
        Ok(script)
    }

    fn check(&self) -> Result<(), ScriptError> {
        if self.step.is_empty() {
            return Err(ScriptError::Nothing);
        }
        for (at, step) in self.step.iter().enumerate() {
            if step.deeds() != 1 {
                return Err(ScriptError::Step(at + 1));
            }
            let wrong = |key: &char| crate::audio::Digit::new(*key).is_none();
            if let Some(key) = step.keys.iter().flat_map(|keys| keys.chars()).find(wrong) {
                return Err(ScriptError::Key { step: at + 1, key });
            }
        }
        Ok(())
    }

    /// As a file.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_else(|error| format!("# {error}\n"))
    }

    /// What the caller says and keys, for people: a line each.
    pub fn lines(&self) -> Vec<String> {
        self.step.iter().map(Step::line).collect()
    }
}

impl Step {
    pub fn say(text: &str) -> Self {
        Self {
            say: text.into(),
            ..Self::default()
        }
    }

    pub fn keys(keys: &str) -> Self {
        Self {
            keys: Some(keys.to_owned()),
            ..Self::default()
        }
    }

    fn deeds(&self) -> usize {
        let deeds = [
            !self.say.is_empty(),
            self.keys.is_some(),
            self.silence,
            self.noise.is_some(),
            self.hang_up,
            self.returned,
            self.closing,
            self.back_end.is_some(),
        ];
        deeds.into_iter().filter(|deed| *deed).count()
    }

    fn line(&self) -> String {
        let mut line = if !self.say.is_empty() {
            format!("says {:?}", self.say.text())
        } else if let Some(keys) = &self.keys {
            format!("keys {keys}")
        } else if let Some(ms) = self.noise {
            format!("a noise of {ms} ms")
        } else if let Some(fault) = &self.back_end {
            match fault.slow {
                Some(ms) => format!("({} takes {ms} ms)", fault.operation),
                None => format!("({} fails)", fault.operation),
            }
        } else if self.hang_up {
            "hangs up".into()
        } else if self.returned {
            "(nobody takes the call: returned)".into()
        } else if self.closing {
            "(the house closes)".into()
        } else {
            "is silent".into()
        };
        if let Some(hears) = &self.hears {
            line += &format!(", heard as {hears:?}");
        }
        if let Some(confidence) = self.confidence {
            line += &format!(" ({confidence} ‰)");
        }
        if self.deaf {
            line += ", not recognised";
        }
        if let Some(pause) = self.pause {
            line += &format!(", {} ms of pause after {} words", pause.ms, pause.words);
        }
        if let Some(ms) = self.cut_in {
            line += &format!(", {ms} ms into the bot's words");
        }
        if let Some(ms) = self.goes_on {
            line += &format!(", {ms} ms after the own last words");
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_and_written_again() {
        let text = r#"
            title = "Cancels"
            [call]
            from = "+15550102"
            now = "2026-11-24T10:30:00"
            [[step]]
            say = ["cancel my order", "I want to cancel an order"]
            pause = { words = 1, ms = 700 }
            [[step]]
            say = "four five six seven one two"
            hears = "four five sick seven one two"
            confidence = 620
            also = [{ hears = "four five six seven one two", confidence = 300 }]
            cut_in = 400
            [[step]]
            keys = "1#"
            [[step]]
            back_end = { operation = "order", slow = 2000, once = true }
            [[step]]
            hang_up = true
            [variants]
            typo = 0.2
        "#;
        let script = Script::parse(text).expect("a script");
        assert_eq!(script.step.len(), 5);
        assert_eq!(script.step[0].say.all().len(), 2);
        assert_eq!(script.variants.map(|variants| variants.typo), Some(0.2));
        let again = Script::parse(&script.to_toml()).expect("written as it is read");
        assert_eq!(again, script);
    }

    #[test]
    fn what_is_no_step_is_refused() {
        let why = |text: &str| Script::parse(text).expect_err("wrong").to_string();
        assert!(why("").contains("does nothing"));
        assert!(why("[[step]]\nsay = \"a\"\nkeys = \"1\"").contains("step 1"));
        assert!(why("[[step]]\nafter = 5").contains("step 1"));
        assert!(why("[[step]]\nkeys = \"12x\"").contains("'x'"));
        assert!(why("[[step]]\nsays = \"a\"").contains("says"));
    }
}
