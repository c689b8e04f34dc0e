//! What all calls of a process share: the business, the models, the recorder.

use crate::call::Endpointing;
use crate::dialogue::Domain;
use crate::runtime::recorder::Recorder;
use crate::speech::{Hearing, Speaking};
use jiff::civil::DateTime;
use std::sync::Arc;

/// Everything a [`super::session::Session`] needs beside its line.
pub struct House {
    pub domain: Arc<Domain>,
    pub hearing: Arc<dyn Hearing>,
    pub speaking: Arc<dyn Speaking>,
    pub endpointing: Endpointing,
    /// `None`: calls leave no record.
    pub recorder: Option<Recorder>,
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

impl From<&crate::config::Endpointing> for Endpointing {
    fn from(config: &crate::config::Endpointing) -> Self {
        Self {
            early_ms: config.early_ms,
            complete_ms: config.complete_ms,
            open_ms: config.open_ms,
            incomplete_ms: config.incomplete_ms,
            max_speech_ms: config.max_speech_ms,
        }
    }
}
