//! The folder of all calls: which are there, which go when it gets too full, how one is copied, packed
//! or thrown away. Touches nothing that is not a call: a folder without a journal is somebody else's.

use super::{FILES, JOURNAL};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Limits {
    /// Bytes of all calls together; `None`: no limit.
    pub bytes: Option<u64>,
    /// Since a call was last written to; `None`: for ever.
    pub age: Option<Duration>,
}

/// The calls on the shelf, the oldest first.
#[derive(Debug, Default)]
pub struct Shelf {
    dir: PathBuf,
    /// By when they were last written to.
    calls: BTreeMap<(SystemTime, String), u64>,
    bytes: u64,
}

/// One call's folder and how much it weighs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub name: String,
    /// When it was last written to.
    pub written: SystemTime,
    pub bytes: u64,
}

impl Shelf {
    /// Looks through `dir`. What cannot be read is not there.
    pub fn scan(dir: &Path) -> Self {
        let mut shelf = Self {
            dir: dir.to_owned(),
            ..Self::default()
        };
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            if let Some(name) = entry.file_name().to_str() {
                shelf.put(name);
            }
        }
        shelf
    }

    /// Adds a call, or weighs it again.
    pub fn put(&mut self, name: &str) {
        self.forget(name);
        if let Some(place) = place(&self.dir, name) {
            self.bytes += place.bytes;
            self.calls.insert((place.written, place.name), place.bytes);
        }
    }

    fn forget(&mut self, name: &str) {
        let key = self.calls.keys().find(|(_, known)| known == name).cloned();
        if let Some(bytes) = key.and_then(|key| self.calls.remove(&key)) {
            self.bytes -= bytes;
        }
    }

    /// The calls, the oldest first.
    pub fn places(&self) -> impl Iterator<Item = Place> + '_ {
        self.calls.iter().map(|((written, name), bytes)| Place {
            name: name.clone(),
            written: *written,
            bytes: *bytes,
        })
    }

    /// Bytes of all calls.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Throws away the oldest calls until the limits hold; those that go on (`open`) stay. Gives the
    /// names of those that went.
    pub fn trim(
        &mut self,
        limits: Limits,
        now: SystemTime,
        open: &BTreeSet<String>,
    ) -> Vec<String> {
        let mut gone = Vec::new();
        let keys: Vec<_> = self.calls.keys().cloned().collect();
        for (written, name) in keys {
            let old = limits
                .age
                .is_some_and(|age| now.duration_since(written).is_ok_and(|past| past > age));
            let full = limits.bytes.is_some_and(|most| self.bytes > most);
            if !old && !full {
                break;
            }
            if open.contains(&name) {
                continue;
            }
            if let Err(error) = delete(&self.dir.join(&name)) {
                tracing::warn!(call = name, %error, "an old call cannot be deleted");
                continue;
            }
            self.forget(&name);
            gone.push(name);
        }
        gone
    }
}

/// Where the call of this name lies; `None`: there is none.
fn place(dir: &Path, name: &str) -> Option<Place> {
    let folder = dir.join(name);
    let journal = fs::metadata(folder.join(JOURNAL)).ok()?;
    let sizes = FILES
        .iter()
        .filter_map(|file| fs::metadata(folder.join(file)).ok())
        .map(|file| file.len());
    Some(Place {
        name: name.to_owned(),
        written: journal.modified().ok()?,
        bytes: sizes.sum(),
    })
}

/// Throws a call away: its files, and the folder if nothing else lies in it. The journal goes last: what
/// is left after a crash is still a call, and can be deleted again.
///
/// # Errors
/// It is no call, or a file cannot be removed.
pub fn delete(folder: &Path) -> io::Result<()> {
    if !folder.join(JOURNAL).exists() {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            "there is no call in this folder",
        ));
    }
    for file in FILES.iter().rev() {
        match fs::remove_file(folder.join(file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    match fs::remove_dir(folder) {
        // Somebody keeps something of his own there.
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
        removed => removed,
    }
}

/// Copies a call to `to`, which must not exist: whole, or not at all.
///
/// # Errors
/// It is no call, `to` exists, or the disk is full.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if to.exists() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            format!("{} exists", to.display()),
        ));
    }
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let part = to.with_file_name(format!(".{name}.part"));
    let copied = copy_files(from, &part).and_then(|()| fs::rename(&part, to));
    if copied.is_err() {
        // Half a call is of no use.
        let _ = fs::remove_dir_all(&part);
    }
    copied
}

fn copy_files(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for file in FILES {
        let source = from.join(file);
        if source.is_file() {
            fs::copy(&source, to.join(file))?;
        }
    }
    Ok(())
}

/// Writes a call as `.tar.gz`, its files in a folder of its name.
///
/// # Errors
/// A file cannot be read, or `to` not be written.
pub fn export<W: Write>(folder: &Path, name: &str, to: W) -> io::Result<W> {
    let mut tar = tar::Builder::new(GzEncoder::new(to, Compression::default()));
    for file in FILES {
        let path = folder.join(file);
        if path.is_file() {
            tar.append_file(Path::new(name).join(file), &mut File::open(path)?)?;
        }
    }
    tar.into_inner()?.finish()
}
