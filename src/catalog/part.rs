//! A file that is being fetched: `NAME.part` beside where it belongs, locked, its sum kept up to date.
//!
//! Decides what survives an interruption (every byte that was written, and the server's tag for it in
//! `NAME.part.etag`) and that nothing wrong ever bears the final name.

use super::store::hash;
use super::{Piece, PullError, Store};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Longest tag that is kept, in bytes; real ones have some 70.
const MAX_TAG: usize = 256;

/// The part and the lock on it, which ends with it.
pub(super) struct Part {
    file: File,
    path: PathBuf,
    final_path: PathBuf,
    sum: Sha256,
    length: u64,
}

/// A finished file had another sum than the list says: this one. The part is gone.
pub(super) struct WrongSum(pub String);

impl Part {
    /// Opens what an earlier attempt left, or an empty part, and reads it into the sum.
    pub fn open(
        store: &Store,
        piece: &Piece,
        read: &mut dyn FnMut(u64),
    ) -> Result<Self, PullError> {
        let final_path = store.path(piece);
        let path = beside(&final_path, ".part");
        let disk = |path: &Path| {
            let path = path.to_owned();
            move |source| PullError::Disk { path, source }
        };
        std::fs::create_dir_all(store.folder()).map_err(disk(store.folder()))?;
        let mut file = loop {
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)
                .map_err(disk(&path))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(PullError::Busy(final_path)),
                Err(TryLockError::Error(error)) => return Err(disk(&path)(error)),
            }
            if !file.metadata().is_ok_and(|meta| meta.is_file()) {
                let odd = io::Error::other("it is no plain file; hint: take it away");
                return Err(disk(&path)(odd));
            }
            // Between opening and locking, another one may have finished it: then this is the final
            // file under its old name, and not to be written to.
            if is_still(&file, &path).map_err(disk(&path))? {
                break file;
            }
        };
        let mut sum = Sha256::new();
        let length = hash(&mut file, &mut sum, read).map_err(disk(&path))?;
        let mut part = Self {
            file,
            path,
            final_path,
            sum,
            length,
        };
        if length > piece.size {
            part.clear().map_err(disk(&part.path))?;
        }
        Ok(part)
    }

    /// Bytes that are there.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Forgets everything that is there.
    pub fn clear(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        (self.sum, self.length) = (Sha256::new(), 0);
        ignore_missing(std::fs::remove_file(self.tag_path()))
    }

    /// Adds what has arrived. What could not be written is not counted.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all(bytes) {
            // A part of it may be there: the next attempt goes on from a place that is sure.
            let _ = self.file.set_len(self.length);
            return Err(error);
        }
        self.sum.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// The server's tag for what is there (RFC 9110 section 8.8.3).
    pub fn tag(&self) -> Option<String> {
        let tag = std::fs::read_to_string(self.tag_path()).ok()?;
        is_strong(&tag).then_some(tag)
    }

    /// Keeps the tag of what is about to come; a weak one does not prove that bytes are the same.
    pub fn keep_tag(&self, tag: Option<&str>) -> io::Result<()> {
        match tag.filter(|tag| is_strong(tag)) {
            Some(tag) => std::fs::write(self.tag_path(), tag),
            None => ignore_missing(std::fs::remove_file(self.tag_path())),
        }
    }

    /// Gives the file its final name if its sum is right, and throws it away if not.
    pub fn finish(mut self, piece: &Piece) -> Result<(), FinishError> {
        let sum = std::mem::take(&mut self.sum).finalize();
        if sum[..] != piece.sha256 {
            self.discard()?;
            return Err(FinishError::Sum(WrongSum(HEXLOWER.encode(&sum))));
        }
        // The name must not be there before the bytes are.
        self.file.sync_all()?;
        std::fs::rename(&self.path, &self.final_path)?;
        if let Some(folder) = self.final_path.parent() {
            File::open(folder)?.sync_all()?;
        }
        ignore_missing(std::fs::remove_file(self.tag_path()))?;
        Ok(())
    }

    /// Takes the part away.
    pub fn discard(&mut self) -> io::Result<()> {
        ignore_missing(std::fs::remove_file(self.tag_path()))?;
        ignore_missing(std::fs::remove_file(&self.path))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn tag_path(&self) -> PathBuf {
        beside(&self.path, ".etag")
    }
}

/// Why a part did not become a file.
pub(super) enum FinishError {
    Sum(WrongSum),
    Disk(io::Error),
}

impl From<io::Error> for FinishError {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Whether `path` still leads to `file`.
fn is_still(file: &File, path: &Path) -> io::Result<bool> {
    let here = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(there) => Ok((here.dev(), here.ino()) == (there.dev(), there.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_strong(tag: &str) -> bool {
    let inside = tag
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    tag.len() <= MAX_TAG
        && inside.is_some_and(|text| text.bytes().all(|b| b.is_ascii_graphic() && b != b'"'))
}

fn ignore_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_and_what_was_written_before_counts() {
        let file = OpenOptions::new().write(true).open("/dev/full");
        let mut part = Part {
            file: file.expect("Linux has it"),
            path: "a.part".into(),
            final_path: "a".into(),
            sum: Sha256::new(),
            length: 7,
        };
        let source = part.append(b"more").expect_err("it is full");
        assert_eq!(part.length(), 7);
        let path = part.path().to_owned();
        let told = PullError::Disk { path, source }.to_string();
        assert!(
            told.contains("is kept") && told.contains("hint: free some space"),
            "{told}"
        );
    }

    #[test]
    fn only_strong_tags_prove_that_bytes_are_the_same() {
        assert!(is_strong("\"33a64df5\""));
        for tag in [
            "W/\"33a64df5\"",
            "33a64df5",
            "\"a\nb\"",
            "\"",
            "",
            &"\"a\"".repeat(100),
        ] {
            assert!(!is_strong(tag), "{tag}");
        }
    }
}
