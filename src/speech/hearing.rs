//! Which recognisers run, by the settings: the bundled model or a file, and a second one behind it.
//!
//! Decides what is loaded and on how many threads; queues are hearing_pool.rs, who is asked when is
//! cascade.rs.

use super::cascade::Strange;
use super::hearing_pool::HearingPool;
use super::{Hearing, SpeechError};
use crate::config::Recognizer as Settings;
use std::sync::Arc;

/// What hears for all calls. `strange`: whether a text lies outside what the business talks about.
///
/// # Errors
/// [`SpeechError::Model`] when a model cannot be loaded.
pub fn hearing(settings: &Settings, strange: Strange) -> Result<Arc<dyn Hearing>, SpeechError> {
    let first = whisper_pool(settings)?;
    match &settings.second {
        Some(path) => imp::cascade(first, path, settings, strange),
        None => Ok(Arc::new(first)),
    }
}

/// The first model alone, one state per worker.
///
/// # Errors
/// [`SpeechError::Model`] when the model cannot be loaded.
pub fn whisper_pool(settings: &Settings) -> Result<HearingPool, SpeechError> {
    imp::whisper_pool(settings)
}

#[cfg(feature = "speech")]
mod imp {
    use super::super::cascade::{Cascade, Rules};
    use super::super::whisper::{WhisperModel, WhisperRecognizer};
    use super::super::{Recognizer, hearing_pool::HearingPool};
    use super::{Arc, Hearing, Settings, SpeechError, Strange};
    use crate::dialogue::spoken::Language;
    use std::path::Path;
    use std::time::Duration;

    /// Requests that wait for the second model: whoever waits longer has spent his budget.
    const SECOND_QUEUE: usize = 8;
    /// A general model is slow, and its time counts: more threads than for the first, but no more
    /// than this.
    const SECOND_THREADS: usize = 4;

    pub(super) fn whisper_pool(settings: &Settings) -> Result<HearingPool, SpeechError> {
        let model = match &settings.model {
            Some(path) => WhisperModel::open(path)?,
            None => WhisperModel::bundled()?,
        };
        let languages = languages(&model);
        let make = move || Ok(Box::new(WhisperRecognizer::new(&model, 1)?) as Box<dyn Recognizer>);
        Ok(HearingPool::start(make, settings.workers, settings.queue)?.of(languages))
    }

    pub(super) fn cascade(
        first: HearingPool,
        second: &Path,
        settings: &Settings,
        strange: Strange,
    ) -> Result<Arc<dyn Hearing>, SpeechError> {
        let model = WhisperModel::open(second)?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = u16::try_from((cores / 2).clamp(1, SECOND_THREADS)).unwrap_or(1);
        let languages = languages(&model);
        let make =
            move || Ok(Box::new(WhisperRecognizer::new(&model, threads)?) as Box<dyn Recognizer>);
        let second_pool = HearingPool::start(make, 1, SECOND_QUEUE)?.of(languages);
        let rules = Rules {
            below: u16::try_from(settings.second_below).unwrap_or(1000),
            strange,
            budget: Duration::from_millis(settings.second_budget_ms.into()),
            name: name(second),
        };
        Ok(Arc::new(Cascade::start(first, second_pool, rules)?))
    }

    fn languages(model: &WhisperModel) -> Vec<Language> {
        let heard = |language: &Language| model.hears(*language);
        Language::ALL.into_iter().filter(heard).collect()
    }

    /// As people call a model: `models/ggml-base.en.bin` is `base.en`.
    fn name(path: &Path) -> String {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        stem.strip_prefix("ggml-").unwrap_or(&stem).to_owned()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_model_is_called_by_its_short_name() {
            assert_eq!(name(Path::new("models/ggml-base.en.bin")), "base.en");
            assert_eq!(name(Path::new("mine-q5.bin")), "mine-q5");
        }
    }
}

#[cfg(not(feature = "speech"))]
mod imp {
    use super::{Arc, Hearing, HearingPool, Settings, SpeechError, Strange};
    use std::path::Path;

    pub(super) fn whisper_pool(_: &Settings) -> Result<HearingPool, SpeechError> {
        Err(super::super::hearing_pool::absent())
    }

    pub(super) fn cascade(
        _: HearingPool,
        _: &Path,
        _: &Settings,
        _: Strange,
    ) -> Result<Arc<dyn Hearing>, SpeechError> {
        Err(super::super::hearing_pool::absent())
    }
}
