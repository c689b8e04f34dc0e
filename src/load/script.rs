//! What a caller does, as text: `[[step]]` tables of things to say, keys, pauses and the hang-up, each
//! when the bot has finished or into its words. Decides what makes sense in a script.

use super::clip::{Clip, ClipError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Silence after the bot has finished, before the caller says something.
const AFTER: Duration = Duration::from_millis(600);
/// Names a clip of the built-in caller instead of a file.
const BUILTIN: &str = "builtin:";

/// One thing that a caller does, once it is time.
#[derive(Clone, Debug)]
pub struct Step {
    /// One of these: which one depends on the caller.
    pub does: Vec<Does>,
    pub when: When,
}

/// See [`Step`].
#[derive(Clone, Debug)]
pub enum Does {
    Say(Arc<Clip>),
    Keys(String),
    /// As it was recorded.
    Part(Arc<Part>),
    /// Says nothing for so long.
    Wait(Duration),
    HangUp,
}

/// What a caller once did without a long break: sound, keys, or both.
#[derive(Debug)]
pub struct Part {
    pub sound: Option<Arc<Clip>>,
    /// With the time since the part's start, in order; without sound there is at least one.
    pub keys: Vec<(Duration, char)>,
}

/// When a step begins. Where the bot says nothing for 10 s, all are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The bot has said something, and nothing more for so long.
    After(Duration),
    /// The bot has been speaking for so long.
    CutIn(Duration),
    /// So long after the step before, whatever the bot does.
    AfterOwn(Duration),
    /// The bot has begun to speak so many times since the step before, and then was silent for so long.
    AfterTimes(usize, Duration),
    /// The same, and speaks now, for so long.
    CutInTimes(usize, Duration),
}

/// A script, as written.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    step: Vec<StepText>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct StepText {
    say: Option<OneOf>,
    keys: Option<OneOf>,
    /// ms.
    wait: Option<u64>,
    #[serde(default)]
    hang_up: bool,
    /// ms.
    after: Option<u64>,
    /// ms.
    cut_in: Option<u64>,
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum OneOf {
    One(String),
    Some(Vec<String>),
}

impl OneOf {
    fn all(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Some(some) => some,
        }
    }
}

/// Why a script cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    #[error("the script {path} cannot be read: {cause}")]
    Read {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error("the script {path} is not as it should be: {cause}\nhint: see src/load/README.md")]
    Toml {
        path: PathBuf,
        cause: Box<toml::de::Error>,
    },
    #[error("the script {path}, step {step}: {why}")]
    Step {
        path: PathBuf,
        /// From 1.
        step: usize,
        why: String,
    },
    #[error(
        "the script {path} has no step\nhint: write a [[step]] table with say, keys, wait or hang_up"
    )]
    Empty { path: PathBuf },
}

/// Reads a script; its files are relative to it.
///
/// # Errors
/// What is wrong with it, and where.
pub fn read(path: &Path) -> Result<Vec<Arc<Step>>, ScriptError> {
    let text = std::fs::read_to_string(path).map_err(|cause| ScriptError::Read {
        path: path.to_owned(),
        cause,
    })?;
    parse(path, &text)
}

fn parse(path: &Path, text: &str) -> Result<Vec<Arc<Step>>, ScriptError> {
    let text: Text = toml::from_str(text).map_err(|cause| ScriptError::Toml {
        path: path.to_owned(),
        cause: Box::new(cause),
    })?;
    if text.step.is_empty() {
        return Err(ScriptError::Empty {
            path: path.to_owned(),
        });
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut steps = Vec::new();
    for (number, step) in text.step.into_iter().enumerate() {
        let step = step.read(folder).map_err(|why| ScriptError::Step {
            path: path.to_owned(),
            step: number + 1,
            why,
        })?;
        steps.push(Arc::new(step));
    }
    Ok(steps)
}

impl StepText {
    fn read(self, folder: &Path) -> Result<Step, String> {
        let when = match (self.after, self.cut_in) {
            (Some(_), Some(_)) => {
                return Err("both after and cut_in\nhint: give one of them".into());
            }
            (None, Some(ms)) => When::CutIn(Duration::from_millis(ms)),
            (Some(ms), None) => When::After(Duration::from_millis(ms)),
            (None, None) => When::After(AFTER),
        };
        let does = match (self.say, self.keys, self.wait, self.hang_up) {
            (Some(say), None, None, false) => say
                .all()
                .iter()
                .map(|name| clip(folder, name))
                .collect::<Result<Vec<_>, _>>()?
                .concat(),
            (None, Some(keys), None, false) => keys
                .all()
                .into_iter()
                .map(press)
                .collect::<Result<_, _>>()?,
            (None, None, Some(ms), false) => vec![Does::Wait(Duration::from_millis(ms))],
            (None, None, None, true) => vec![Does::HangUp],
            _ => {
                return Err(
                    "not exactly one of say, keys, wait and hang_up\nhint: make a step of each"
                        .into(),
                );
            }
        };
        if does.is_empty() {
            return Err("nothing to choose from\nhint: name at least one".into());
        }
        Ok(Step { does, when })
    }
}

fn clip(folder: &Path, name: &str) -> Result<Vec<Does>, String> {
    if let Some(wanted) = name.strip_prefix(BUILTIN) {
        let found = Clip::shop().into_iter().find(|clip| clip.name == wanted);
        return match found {
            Some(clip) => Ok(vec![Does::Say(Arc::new(clip))]),
            None => {
                let names: Vec<_> = Clip::shop().into_iter().map(|clip| clip.name).collect();
                Err(format!(
                    "there is no built-in clip {wanted:?}\nhint: one of {}",
                    names.join(", ")
                ))
            }
        };
    }
    let clips = Clip::load(&folder.join(name)).map_err(|error: ClipError| error.to_string())?;
    Ok(clips
        .into_iter()
        .map(|clip| Does::Say(Arc::new(clip)))
        .collect())
}

fn press(keys: String) -> Result<Does, String> {
    let fits = !keys.is_empty()
        && keys
            .chars()
            .all(|key| crate::audio::Digit::new(key).is_some());
    if fits {
        Ok(Does::Keys(keys))
    } else {
        Err(format!(
            "{keys:?} holds something that is no telephone key\nhint: use 0 to 9, * and #"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> Result<Vec<Arc<Step>>, String> {
        parse(Path::new("a.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_script_says_what_and_when() {
        let steps = script(
            "[[step]]\nsay = \"builtin:order\"\n[[step]]\nkeys = [\"1\", \"2#\"]\nafter = 0\n\
             [[step]]\nsay = \"builtin:yes\"\ncut_in = 800\n[[step]]\nwait = 1500\n[[step]]\nhang_up = true\n",
        )
        .expect("a script");
        let whens: Vec<_> = steps.iter().map(|step| step.when).collect();
        let after = |ms| When::After(Duration::from_millis(ms));
        let cut_in = When::CutIn(Duration::from_millis(800));
        assert_eq!(
            whens,
            [after(600), after(0), cut_in, after(600), after(600)]
        );
        assert!(matches!(&steps[0].does[..], [Does::Say(clip)] if clip.name == "order"));
        assert_eq!(steps[1].does.len(), 2, "one of two");
        assert!(matches!(steps[4].does[..], [Does::HangUp]));
    }

    #[test]
    fn what_makes_no_sense_is_told_with_its_place() {
        for (text, told) in [
            ("step = []", "has no step"),
            ("[[step]]\nsya = \"a.wav\"", "unknown field"),
            ("[[step]]\nkeys = \"x\"", "step 1: \"x\" holds"),
            ("[[step]]\nkeys = \"1\"\nwait = 1", "exactly one of"),
            ("[[step]]\nafter = 1", "exactly one of"),
            (
                "[[step]]\nkeys = \"1\"\nafter = 1\ncut_in = 1",
                "both after and cut_in",
            ),
            ("[[step]]\nkeys = []", "nothing to choose from"),
            (
                "[[step]]\nkeys = \"1\"\n[[step]]\nsay = \"no.wav\"",
                "step 2: no.wav cannot be read",
            ),
            ("[[step]]\nsay = \"builtin:no\"", "one of order, number"),
        ] {
            let error = script(text).expect_err(text);
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
