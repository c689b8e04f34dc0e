//! What all calls of a process share: the business, the models, the recorder.

use super::business::{Business, store_path};
use crate::call::Endpointing;
use crate::config::Config;
use crate::desk::{Desk, DeskError};
use crate::dialogue::spoken::Language;
use crate::dialogue::{Domain, DomainError, outside};
use crate::runtime::identity::{identity, limits};
use crate::runtime::recorder::Recorder;
pub use crate::speech::Waits;
use crate::speech::cascade::Strange;
use crate::speech::hearing::hearing;
use crate::speech::voice_pool::voice_pool;
use crate::speech::{Hearing, Saying, Speaking, SpeechError};
use crate::store::{BackEnd, StoreError};
use jiff::civil::DateTime;
use std::sync::Arc;
use std::time::Duration;

/// Everything a [`super::session::Session`] needs beside its line.
pub struct House {
    pub domain: Arc<Domain>,
    pub back_end: BackEnd,
    pub hearing: Arc<dyn Hearing>,
    pub speaking: Arc<dyn Speaking>,
    pub endpointing: Endpointing,
    /// `None`: calls leave no record.
    pub recorder: Option<Recorder>,
    /// Where people's system gets to know of calls that are passed on; `None`: nowhere.
    pub desk: Option<Desk>,
    /// Which model hears, for the journal's header.
    pub recognizer: String,
    /// "Now" of every call; `None`: the machine's clock and time zone.
    pub now: Option<DateTime>,
}

impl House {
    /// Local date and time for a call that is answered now.
    pub fn now(&self) -> DateTime {
        self.now.unwrap_or_else(|| jiff::Zoned::now().datetime())
    }
}

/// Why the house cannot open. The text says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the domain {folder:?} cannot be read: {error}\nhint: business.domain names a folder with a domain.toml"
    )]
    Folder {
        folder: String,
        error: std::io::Error,
    },
    #[error("{0}")]
    Domain(#[from] DomainError),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error(
        "there is no folder to keep the business's data in\nhint: name a file: --set business.store=FILE, or set HOME or XDG_DATA_HOME"
    )]
    NoStore,
    #[error("no recogniser: {0}")]
    Hearing(SpeechError),
    #[error("no voice: {0}")]
    Speaking(SpeechError),
    #[error("{0}")]
    Desk(#[from] DeskError),
}

/// Fixed prompts are rendered before the first call, but no longer than this.
const PRERENDER: Duration = Duration::from_secs(20);

/// Where a house keeps what its callers change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// In the store's file.
    File,
    /// In memory: every start is the first day.
    Nothing,
}

impl House {
    /// Loads the business and the models that the settings name, and renders the fixed prompts.
    ///
    /// # Errors
    /// [`OpenError`]: what is missing or broken.
    pub fn open(config: &Config, keep: Keep, now: Option<DateTime>) -> Result<Self, OpenError> {
        let hearing = |domain: &Arc<Domain>| hearing(&config.recognizer, strange(domain));
        let mut house = Self::open_with(config, keep, now, hearing)?;
        if let Some(path) = &config.recognizer.model {
            let name = path.file_name();
            house.recognizer = name.map_or_else(String::new, |name| name.to_string_lossy().into());
        }
        Ok(house)
    }

    /// The same with ears of another making.
    ///
    /// # Errors
    /// [`OpenError`]: what is missing or broken.
    pub fn open_with(
        config: &Config,
        keep: Keep,
        now: Option<DateTime>,
        hearing: impl FnOnce(&Arc<Domain>) -> Result<Arc<dyn Hearing>, SpeechError>,
    ) -> Result<Self, OpenError> {
        let business = Business::open(config)?;
        let path = match keep {
            Keep::File => Some(store_path(config).ok_or(OpenError::NoStore)?),
            Keep::Nothing => None,
        };
        let today = now.unwrap_or_else(|| jiff::Zoned::now().datetime()).date();
        let back_end = BackEnd::new(Arc::new(business.store(path.as_deref(), today)?));
        let domain = Arc::clone(&business.domain);
        let hearing = hearing(&domain).map_err(OpenError::Hearing)?;
        // Worth a warning where callers come from outside; a demo or a test has its own.
        match unheard(&domain, &*hearing) {
            Some(warning) if keep == Keep::File => tracing::warn!("{warning}"),
            Some(warning) => tracing::info!("{warning}"),
            None => {}
        }
        let speaking = voice_pool(&config.voice, &domain.languages).map_err(OpenError::Speaking)?;
        speaking.prerender(domain.fixed_prompts());
        if !speaking.settle(PRERENDER) {
            tracing::warn!(
                "the fixed prompts are still being rendered: the first calls may wait for them"
            );
        }
        // Few calls change their language at once: these are made while nobody waits.
        speaking.prerender(foreign_prompts(&domain));
        // Callers of a demo or a test are nobody's to call.
        let desk = match keep {
            Keep::File => Desk::from_config(&config.handover)?,
            Keep::Nothing => None,
        };
        Ok(Self {
            domain,
            back_end,
            hearing,
            speaking: Arc::new(speaking),
            endpointing: (&config.call).into(),
            recorder: Some(
                Recorder::start_within(
                    &config.recordings.dir,
                    config.recordings.audio,
                    limits(&config.recordings),
                )
                .of(identity(config)),
            ),
            desk,
            recognizer: "bundled".into(),
            now,
        })
    }
}

/// The fixed prompts in the languages that calls do not begin with.
fn foreign_prompts(domain: &Domain) -> Vec<Saying> {
    let prompts = |&language: &Language| {
        let said = |text: String| Saying {
            language: Some(language),
            ..Saying::from(text)
        };
        domain
            .fixed_prompts_in(language)
            .into_iter()
            .map(said)
            .collect::<Vec<_>>()
    };
    domain.languages.iter().skip(1).flat_map(prompts).collect()
}

/// What is to be said of languages that the business speaks and no model hears.
fn unheard(domain: &Domain, hearing: &dyn Hearing) -> Option<String> {
    let languages = domain.languages.iter();
    let unheard = languages.filter(|&&language| !hearing.hears(language));
    let codes: Vec<&str> = unheard.map(|language| language.code()).collect();
    (!codes.is_empty()).then(|| {
        format!(
            "no installed model hears {}: callers who speak it go on by keys\n\
             hint: fetch one of many languages (`attendant models list`), and name it as recognizer.model or recognizer.second",
            codes.join(" and ")
        )
    })
}

/// Half of a text's telling words are none of the business's: it may be misheard.
const STRANGE: u16 = 500;

/// Whether a text lies outside what the business talks about.
pub fn strange(domain: &Arc<Domain>) -> Strange {
    let domain = Arc::clone(domain);
    Box::new(move |text| outside(&domain, text) >= STRANGE)
}

impl From<&crate::config::Endpointing> for Endpointing {
    fn from(config: &crate::config::Endpointing) -> Self {
        Self {
            early_ms: config.early_ms,
            complete_ms: config.complete_ms,
            whole_ms: config.whole_ms,
            open_ms: config.open_ms,
            incomplete_ms: config.incomplete_ms,
            max_speech_ms: config.max_speech_ms,
        }
    }
}
