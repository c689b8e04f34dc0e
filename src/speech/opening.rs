//! Which voices speak, by the settings: one for each language of the business.
//!
//! Decides what is opened and on how many threads, and that the built-in voice steps in where the
//! chosen one cannot be opened. The queue and what is kept are voice_pool.rs.

use super::voice_pool::{Voice, VoicePool, Voices};
use super::{SpeechError, Synthesizer};
use crate::config::Voice as Settings;
use crate::dialogue::spoken::Language;
use std::path::PathBuf;

/// A voice ready to speak, and how it came to be this one.
pub struct OpenedVoice {
    pub voice: Box<dyn Synthesizer>,
    /// "espeak-ng en-us", "piper NAME".
    pub name: String,
    /// Why this is not the voice that was asked for; for the user's eyes.
    pub warning: Option<String>,
}

/// What the settings say of one language.
#[derive(Debug, PartialEq, Eq)]
struct Choice {
    espeak: String,
    piper: Option<PathBuf>,
}

/// `main`: calls begin in it, so the settings without a language are about it.
fn choice(settings: &Settings, language: Language, main: bool) -> Choice {
    let (espeak, piper) = match language {
        Language::English => (&settings.espeak_en, &settings.piper_en),
        Language::Spanish => (&settings.espeak_es, &settings.piper_es),
    };
    let given = settings.espeak.clone().filter(|_| main);
    let given_piper = settings.piper.clone().filter(|_| main);
    Choice {
        espeak: given.unwrap_or_else(|| espeak.clone()),
        piper: given_piper.or_else(|| piper.clone()),
    }
}

/// The voice of a business that speaks `language`, as the settings name it, or the built-in one with a
/// warning.
///
/// # Errors
/// The built-in voice cannot speak either: a wrong language or rate, or no folder for its data.
pub fn open_voice(settings: &Settings, language: Language) -> Result<OpenedVoice, SpeechError> {
    open(settings, &choice(settings, language, true))
}

#[cfg(feature = "speech")]
fn open(settings: &Settings, choice: &Choice) -> Result<OpenedVoice, SpeechError> {
    let mut warning = None;
    if let Some(model) = &choice.piper {
        match open_piper(settings, model) {
            Ok(opened) => return Ok(opened),
            Err(error) => {
                warning = Some(format!(
                    "the built-in voice speaks instead of the chosen one: {error}"
                ));
            }
        }
    }
    Ok(OpenedVoice {
        voice: open_builtin(settings, choice)?,
        name: format!("espeak-ng {}", choice.espeak),
        warning,
    })
}

#[cfg(not(feature = "speech"))]
fn open(settings: &Settings, choice: &Choice) -> Result<OpenedVoice, SpeechError> {
    let warning = "this attendant was built without the feature `speech`: it beeps instead of speaking\n\
                   hint: build with default features";
    Ok(OpenedVoice {
        voice: open_builtin(settings, choice)?,
        name: super::tone_voice::NAME.into(),
        warning: Some(warning.into()),
    })
}

#[cfg(feature = "speech")]
fn open_piper(settings: &Settings, model: &std::path::Path) -> Result<OpenedVoice, SpeechError> {
    let pace = settings.rate_wpm as f32 / super::espeak::NORMAL_WPM as f32;
    let voice = super::piper::PiperVoice::open(model, settings.onnxruntime.as_deref(), pace)?;
    let name = model.file_stem().unwrap_or_default().to_string_lossy();
    Ok(OpenedVoice {
        voice: Box::new(voice),
        name: format!("piper {name}"),
        warning: None,
    })
}

#[cfg(feature = "speech")]
fn open_builtin(settings: &Settings, choice: &Choice) -> Result<Box<dyn Synthesizer>, SpeechError> {
    use super::espeak::{EspeakVoice, Manner};
    let manner = Manner {
        voice: choice.espeak.clone(),
        rate_wpm: settings.rate_wpm,
        pitch: 50,
    };
    Ok(Box::new(EspeakVoice::new(manner)?))
}

#[cfg(not(feature = "speech"))]
fn open_builtin(_: &Settings, _: &Choice) -> Result<Box<dyn Synthesizer>, SpeechError> {
    Ok(Box::new(super::tone_voice::ToneVoice))
}

/// What one worker of a pool speaks with.
struct Set {
    voices: Voices,
    names: Vec<String>,
    /// Said once each.
    warnings: Vec<String>,
}

fn set(settings: &Settings, languages: &[Language]) -> Result<Set, SpeechError> {
    let (mut names, mut warnings) = (Vec::<String>::new(), Vec::<String>::new());
    let mut voice = |language, main| -> Result<Voice, SpeechError> {
        let choice = choice(settings, language, main);
        let opened = open(settings, &choice)?;
        let neural = is_neural(&opened.name);
        if !names.contains(&opened.name) {
            names.push(opened.name);
        }
        warnings.extend(opened.warning.filter(|warning| !warnings.contains(warning)));
        let stand_in = if neural {
            Some(open_builtin(settings, &choice)?)
        } else {
            None
        };
        Ok((opened.voice, stand_in))
    };
    let (main, others) = languages.split_first().unwrap_or((&Language::English, &[]));
    let voices = Voices {
        main: voice(*main, true)?,
        others: others
            .iter()
            .map(|&language| Ok((language, voice(language, false)?)))
            .collect::<Result<_, SpeechError>>()?,
    };
    Ok(Set {
        voices,
        names,
        warnings,
    })
}

fn is_neural(name: &str) -> bool {
    name.starts_with("piper")
}

/// A pool with the voices that the settings name for these languages, the one that calls begin with
/// first; none: English. A broken Piper voice is reported once and the built-in voice takes its place.
///
/// # Errors
/// As [`open_voice`].
pub fn voice_pool(settings: &Settings, languages: &[Language]) -> Result<VoicePool, SpeechError> {
    let first = set(settings, languages)?;
    for warning in &first.warnings {
        tracing::warn!("{warning}");
    }
    // espeak-ng is one global state behind a lock and a thousand times faster than real time; a neural
    // voice wants cores, but recognition needs them more.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let neural = first.names.iter().any(|name| is_neural(name));
    let workers = if neural { (cores / 2).clamp(1, 4) } else { 2 };
    let mut voices = vec![first.voices];
    while voices.len() < workers {
        voices.push(set(settings, languages)?.voices);
    }
    Ok(VoicePool::new(first.names.join(", "), voices))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_without_a_language_are_about_the_one_that_calls_begin_with() {
        let settings = Settings {
            espeak: Some("en-gb".into()),
            piper: Some("main.onnx".into()),
            piper_es: Some("spanish.onnx".into()),
            ..Settings::default()
        };
        let chosen = |language, main| {
            let Choice { espeak, piper } = choice(&settings, language, main);
            (espeak, piper.map(|path| path.display().to_string()))
        };
        let (english, spanish) = (Language::English, Language::Spanish);
        let main = || Some("main.onnx".to_owned());
        assert_eq!(chosen(english, true), ("en-gb".into(), main()));
        assert_eq!(
            chosen(spanish, false),
            ("es-419".into(), Some("spanish.onnx".into()))
        );
        assert_eq!(chosen(english, false), ("en-us".into(), None));
        assert_eq!(chosen(spanish, true), ("en-gb".into(), main()));
        let plain = choice(&Settings::default(), spanish, true);
        assert_eq!((plain.espeak.as_str(), plain.piper), ("es-419", None));
    }
}
