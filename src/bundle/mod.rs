//! Call bundles: what a call leaves on disk, one folder each, so that it can be heard, explained and run
//! again. Names the files, reads a bundle whatever became of the process that wrote it, and keeps the
//! shelf of all of them within its limits. The writing is `runtime::recorder`'s.
//!
//! | file | what |
//! |---|---|
//! | `journal.jsonl` | all that went into the call (the back end's answers among it) and all it wanted done |
//! | `caller.wav` | exactly the frames heard: 16 kHz, mono, gaps as silence |
//! | `call.wav` | 16 kHz, stereo: caller left, bot right |
//! | `bundle.json` | [`Manifest`]: what the call was made with, and how it ended |
//! | `expect.toml` | optional: what must hold when it is run again |
//!
//! Secrets are in none of them: the engine that the journal is written from never sees one, and the sound
//! of a secret question is silence (`runtime/veil.rs`).

pub mod expect;
pub mod manifest;
pub mod shelf;
pub mod story;
pub mod whole;

pub use manifest::{Ended, Identity, Manifest, Model};

use crate::call::journal::{Entry, Journal, JournalError};
use crate::call::{Event, Tick};
use crate::dialogue::Context;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

pub const JOURNAL: &str = "journal.jsonl";
/// The caller alone, mono.
pub const CALLER: &str = "caller.wav";
/// Both sides, stereo: caller left, bot right.
pub const BOTH: &str = "call.wav";
pub const MANIFEST: &str = "bundle.json";
/// What must hold when the call is run again.
pub const EXPECT: &str = "expect.toml";

/// Every file that a bundle may have.
pub const FILES: [&str; 5] = [JOURNAL, CALLER, BOTH, MANIFEST, EXPECT];

/// A journal larger than this is refused, in bytes: ten hours of call.
const LARGEST_JOURNAL: u64 = 256 << 20;
/// The same for a manifest.
const LARGEST_MANIFEST: u64 = 1 << 20;

/// A call's folder, read.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The folder; that of the journal, where only a journal was named.
    pub folder: PathBuf,
    pub journal: Journal,
    /// `None`: there is none, or it is damaged. Calls of before had none, and nothing depends on it but
    /// what is shown.
    pub manifest: Option<Manifest>,
}

/// Why a path is no bundle. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error(
        "{0} is neither a call's folder nor its journal\nhint: `attendant calls list` shows the calls"
    )]
    None(PathBuf),
    #[error("cannot read {path}: {error}")]
    Read { path: PathBuf, error: io::Error },
    #[error("{0} is longer than {LARGEST_JOURNAL} bytes\nhint: is it the right file?")]
    TooLong(PathBuf),
    #[error("{path}: {error}")]
    Journal { path: PathBuf, error: JournalError },
}

impl Bundle {
    /// Reads a call's folder, or the journal in it.
    ///
    /// # Errors
    /// [`BundleError`]; a call whose process died is no error, see [`Journal::truncated`].
    pub fn open(path: &Path) -> Result<Self, BundleError> {
        let file = if path.is_dir() {
            path.join(JOURNAL)
        } else {
            path.to_owned()
        };
        if !file.exists() {
            return Err(BundleError::None(path.to_owned()));
        }
        let bytes = match read(&file, LARGEST_JOURNAL) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Err(BundleError::TooLong(file)),
            Err(error) => return Err(BundleError::Read { path: file, error }),
        };
        let journal = Journal::from_bytes(&bytes).map_err(|error| BundleError::Journal {
            path: file.clone(),
            error,
        })?;
        let folder = match file.parent() {
            Some(folder) if folder != Path::new("") => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let manifest = Manifest::read(&folder);
        Ok(Self {
            folder,
            journal,
            manifest,
        })
    }

    /// What the call began with; `None`: it was never answered.
    pub fn context(&self) -> Option<&Context> {
        self.journal
            .entries
            .iter()
            .find_map(|(_, entry)| match entry {
                Entry::In(Event::Answered(context)) => Some(context),
                _ => None,
            })
    }

    /// The name of the call: that of its folder.
    pub fn name(&self) -> String {
        let folder = self
            .folder
            .canonicalize()
            .unwrap_or_else(|_| self.folder.clone());
        folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| self.journal.header.call.clone())
    }

    /// Length of the call, in ticks.
    pub fn ticks(&self) -> Tick {
        let ticks = self.journal.entries.iter().map(|(tick, _)| *tick);
        ticks.max().unwrap_or_default()
    }

    /// The file of this name in the bundle, where it is there.
    pub fn file(&self, name: &str) -> Option<PathBuf> {
        Some(self.folder.join(name)).filter(|path| path.is_file())
    }
}

/// A file's bytes; `None`: there are more than `most`.
fn read(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

#[cfg(test)]
mod tests;
