//! A bundle's first page: what the call was made with, and how it ended. Written when the call is
//! answered and again when it is over; a call without an end is one whose process died in it.

use super::{LARGEST_MANIFEST, MANIFEST, read, whole};
use crate::call::Tick;
use crate::dialogue::Disposition;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::io::{self, Write as _};
use std::path::Path;

/// Version of the layout that is written here.
pub const FORMAT: u32 = 1;

/// `bundle.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub bundle: u32,
    /// Version of attendant that took the call.
    pub attendant: String,
    pub call: String,
    /// Name of the way in: "twilio", "recording".
    pub line: String,
    /// When it was answered, UTC.
    pub began: Timestamp,
    /// The business's name, and the digest of its files.
    pub domain: String,
    pub domain_digest: String,
    #[serde(flatten)]
    pub identity: Identity,
    /// `None`: the call goes on, or its process died.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

/// What besides the business decides how a call goes. Digests are SHA-256, in hexadecimal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Of the settings in force, secrets left out; empty: not known.
    #[serde(default)]
    pub settings_digest: String,
    #[serde(default)]
    pub recognizer: Model,
    /// The one that hears again what the first is unsure of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<Model>,
    #[serde(default)]
    pub voice: Model,
}

/// A model by name and content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    pub name: String,
    /// Of its file; empty: it is part of the program, whose version says it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// UTC.
    pub at: Timestamp,
    /// Length, in ticks of 20 ms.
    pub ticks: Tick,
    /// Turns of the caller that got an answer.
    pub turns: usize,
    /// `None`: the call was dropped without an end of its own.
    pub disposition: Option<Disposition>,
}

impl Manifest {
    /// The manifest in a call's folder; `None`: there is none that can be read.
    pub fn read(folder: &Path) -> Option<Self> {
        let bytes = read(&folder.join(MANIFEST), LARGEST_MANIFEST).ok()??;
        let manifest: Self = serde_json::from_slice(&bytes).ok()?;
        (manifest.bundle == FORMAT).then_some(manifest)
    }

    /// Writes it whole or not at all.
    ///
    /// # Errors
    /// The disk is full, or nothing can be written there.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        whole::write(&folder.join(MANIFEST), |file| file.write_all(&text))
    }
}
