//! The models folder: where a file lies, whether a model is there, whether a file is what it should be.
//!
//! Decides what counts as installed: every file there in its right length. Sums are checked when a file
//! is fetched and when [`Store::check`] is asked, not at each start.

use super::{Model, Piece};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The folder that models are kept in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    folder: PathBuf,
}

/// How a file compares with the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    Good,
    Missing,
    /// It has this many bytes instead.
    Length(u64),
    /// Its SHA-256 is this instead.
    Sum(String),
}

impl Store {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where `piece` lies, or would.
    pub fn path(&self, piece: &Piece) -> PathBuf {
        self.folder.join(piece.name())
    }

    /// The file that settings name, if the whole model is there.
    pub fn installed(&self, model: &Model) -> Option<PathBuf> {
        let whole = model.files.iter().all(|piece| {
            std::fs::metadata(self.path(piece))
                .is_ok_and(|meta| meta.is_file() && meta.len() == piece.size)
        });
        let first = model.files.first().filter(|_| whole)?;
        Some(self.path(first))
    }

    /// Whether any file of `model` is there, whole or not.
    pub fn any(&self, model: &Model) -> bool {
        model.files.iter().any(|piece| self.path(piece).exists())
    }

    /// Reads a file and compares it with the list. `read` is told of each stretch, in bytes.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn check(&self, piece: &Piece, mut read: impl FnMut(u64)) -> io::Result<Check> {
        let mut file = match File::open(self.path(piece)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Check::Missing),
            Err(error) => return Err(error),
        };
        let length = file.metadata()?.len();
        if length != piece.size {
            return Ok(Check::Length(length));
        }
        let mut sum = Sha256::new();
        hash(&mut file, &mut sum, &mut read)?;
        let sum = sum.finalize();
        Ok(if sum[..] == piece.sha256 {
            Check::Good
        } else {
            Check::Sum(HEXLOWER.encode(&sum))
        })
    }
}

/// Feeds all of `file` to `sum`; how many bytes that were.
pub(super) fn hash(
    file: &mut File,
    sum: &mut Sha256,
    read: &mut dyn FnMut(u64),
) -> io::Result<u64> {
    let mut buffer = vec![0; 1 << 20];
    let mut total = 0;
    loop {
        let count = match file.read(&mut buffer) {
            Ok(0) => return Ok(total),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        sum.update(&buffer[..count]);
        total += count as u64;
        read(count as u64);
    }
}

/// Where models are kept if nothing else is said: `$XDG_DATA_HOME/attendant/models`, usually
/// `~/.local/share/attendant/models` (XDG Base Directory Specification 0.8). `None`: no home is known.
pub fn default_folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    // The specification: a path that is not absolute is to be ignored.
    let absolute = |name: &str| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let data = absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))?;
    Some(data.join("attendant/models"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_follows_the_xdg_specification() {
        let with = |given: &'static [(&str, &str)]| {
            default_folder(|name| {
                let found = given.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| value.into())
            })
        };
        let is = |path: &str| Some(PathBuf::from(path));
        assert_eq!(
            with(&[("HOME", "/h"), ("XDG_DATA_HOME", "/d")]),
            is("/d/attendant/models")
        );
        assert_eq!(
            with(&[("HOME", "/h"), ("XDG_DATA_HOME", "d")]),
            is("/h/.local/share/attendant/models")
        );
        assert_eq!(with(&[("HOME", "")]), None);
    }
}
