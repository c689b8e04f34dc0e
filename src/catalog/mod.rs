//! Speech models that can be fetched by name: which there are, where they lie, how they get there.
//!
//! This file decides what a model is and how a name is looked up. Reading the list is parse.rs's
//! affair, the folder store.rs's, a half-fetched file part.rs's, one request fetch.rs's, the whole
//! fetching pull.rs's, what a setting means locate.rs's, what is told of trouble error.rs's. Opening
//! a model is [`crate::speech`]'s.

use crate::config::problem::nearest;

mod endpoint;
mod error;
mod fetch;
mod locate;
mod parse;
mod part;
mod pull;
mod store;

pub use endpoint::{Endpoint, HUB, offline};
pub use error::{ByHand, PullError};
pub use locate::{LocateError, locate};
pub use parse::ParseError;
pub use pull::{Options, Pulled, Step, pull};
pub use store::{Check, Store, default_folder};

/// The list in the program.
const BUILT_IN: &str = include_str!("../../models/catalog.toml");
/// The name of the recogniser in the program: it needs no file.
pub const BUNDLED: &str = "attendant-en";

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A recogniser: a Whisper ggml file, for `recognizer.model`.
    Whisper,
    /// A voice: `….onnx` with `….onnx.json` beside it, for `voice.piper`.
    Piper,
}

impl Kind {
    /// The setting that takes such a model, `section.key`.
    pub fn setting(self) -> &'static str {
        match self {
            Self::Whisper => "recognizer.model",
            Self::Piper => "voice.piper",
        }
    }

    /// As in the list.
    pub fn name(self) -> &'static str {
        match self {
            Self::Whisper => "whisper",
            Self::Piper => "piper",
        }
    }
}

/// A model and its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    pub name: String,
    pub kind: Kind,
    /// ISO 639 codes, with a region where it matters (`en-GB`); at least one.
    pub languages: Vec<String>,
    /// SPDX identifier, or what there is to know in a few words.
    pub licence: String,
    /// `owner/name` on the hub.
    pub repository: String,
    /// Git commit, so that the files cannot change under their names.
    pub revision: String,
    /// The first is the one that settings name.
    pub files: Vec<Piece>,
}

impl Model {
    /// All files together, in bytes.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|piece| piece.size).sum()
    }
}

/// One file of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Within the repository.
    pub path: String,
    /// In bytes.
    pub size: u64,
    pub sha256: [u8; 32],
}

impl Piece {
    /// The file's name in the models folder: the last part of its path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// The models that are known, in the list's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    models: Vec<Model>,
}

impl Catalog {
    /// The list in the program.
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).expect("a test reads it")
    }

    /// Puts another list's models in front; one of the same name takes the other's place.
    pub fn with(mut self, other: Self) -> Self {
        self.models
            .retain(|model| other.find(&model.name).is_none());
        self.models.splice(..0, other.models);
        self
    }

    pub fn models(&self) -> &[Model] {
        &self.models
    }

    pub fn find(&self, name: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.name == name)
    }

    /// The name that was probably meant.
    pub fn near(&self, typed: &str) -> Option<&str> {
        // Names are often typed as the file is called.
        let bare = typed.strip_prefix("ggml-").unwrap_or(typed);
        let bare = bare.strip_suffix(".bin").unwrap_or(bare);
        let bare = bare.strip_suffix(".onnx").unwrap_or(bare);
        nearest(bare, self.models.iter().map(|model| model.name.as_str()))
    }
}
