//! Recorded calls, run again. Three levels, each with less taken from the recording and more decided anew:
//!
//! | level | taken from the recording | decided anew |
//! |---|---|---|
//! | events | everything that went into the engine, tick by tick | what the engine wants done, bit for bit |
//! | text | the caller's words and keys, the back end's answers | what is said, asked, understood, done |
//! | audio | the caller's sound and keys, the back end's answers, how long models took | everything: heard again by the models |
//!
//! The first is `call::replay`'s. `text` and `audio` give turns (`bundle::story`), `compare` holds them
//! against those of the recording, and `bundle::expect` against what should have happened.

pub mod answers;
pub mod audio;
pub mod augment;
pub mod caller;
pub mod compare;
pub mod text;

use crate::bundle::Bundle;
use crate::dialogue::Domain;

/// Why a call cannot be run again. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error(
        "the call was with {theirs:?}, the business here is {ours:?}\nhint: --set business.domain=FOLDER"
    )]
    OtherBusiness { theirs: String, ours: String },
    #[error(
        "the call was never answered: there is nothing to run again\nhint: it ended before its first second was written"
    )]
    NeverAnswered,
    #[error(
        "{0} was recorded without its sound\nhint: --level text needs none; recordings.audio = true keeps it"
    )]
    NoSound(String),
    #[error("{path}: {error}")]
    Sound {
        path: String,
        error: crate::audio::wav::WavError,
    },
    #[error("cannot read {path}: {error}")]
    Read { path: String, error: std::io::Error },
    #[error("{0}")]
    Store(#[from] crate::runtime::house::OpenError),
}

/// That the call was with this business, and was answered.
///
/// # Errors
/// [`ReplayError`]: it was not.
pub fn fits(bundle: &Bundle, domain: &Domain) -> Result<(), ReplayError> {
    let header = &bundle.journal.header;
    if header.domain != domain.name {
        return Err(ReplayError::OtherBusiness {
            theirs: header.domain.clone(),
            ours: domain.name.clone(),
        });
    }
    match bundle.context() {
        Some(_) => Ok(()),
        None => Err(ReplayError::NeverAnswered),
    }
}
