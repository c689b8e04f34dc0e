//! Packets on disk until they were taken: one file each, written whole or not at all, and gone from the
//! folder only after the other side has said that it has it.
//!
//! What a full or broken disk does not take is held in memory, is sent from there, and is written as soon as
//! the disk takes something again: only a process that dies meanwhile loses it.
//!
//! A file's name is when it was written and its id: `1796000000000-msg_….json`. Where two
//! processes share the folder, a packet may be sent twice, with the same id.

use super::packet::Packet;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Where packets go that were given up.
const DEAD: &str = "dead";
/// Packets that were given up and are kept.
const KEPT_DEAD: usize = 1000;
/// What is still not whole after this was left by a process that died.
const STALE: Duration = Duration::from_secs(60);
/// Packets that are held in memory at most: some MB.
const MOST_HELD: usize = 1000;
/// A larger file is none of ours.
const LARGEST: u64 = 4 << 20;

/// Why a packet cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    #[error(
        "the spool {folder} cannot be used: {error}\nhint: handover.spool names a folder that can be written"
    )]
    Folder { folder: String, error: io::Error },
    #[error("the spool is full: {0} packets wait; is the webhook's receiver there?")]
    Full(usize),
    #[error("the packet cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// The folder.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    most: usize,
    count: AtomicUsize,
    /// What the disk did not take, by name.
    held: Mutex<BTreeMap<String, Vec<u8>>>,
}

/// A packet that was put into the spool, by its file's name.
#[derive(Debug)]
pub enum Put {
    /// It survives a crash.
    OnDisk(String),
    /// The disk did not take it, for this reason.
    InMemory(String, io::Error),
}

impl Put {
    pub fn name(&self) -> &str {
        match self {
            Self::OnDisk(name) | Self::InMemory(name, _) => name,
        }
    }
}

/// A packet in the spool: its id and the bytes that are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub id: String,
    pub body: Vec<u8>,
}

impl Spool {
    /// Opens the folder, makes it where it is missing, and throws away what was never written whole.
    ///
    /// # Errors
    /// It cannot be made, read or written.
    pub fn open(folder: &Path, most: usize) -> Result<Self, SpoolError> {
        let open = || {
            fs::create_dir_all(folder.join(DEAD))?;
            let mut count = 0;
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                match path.extension().and_then(|end| end.to_str()) {
                    Some("part") if is_stale(&path) => fs::remove_file(&path)?,
                    Some("json") => count += 1,
                    _ => {}
                }
            }
            // Found out now rather than at the first handover.
            let probe = folder.join(format!("probe-{}.part", std::process::id()));
            File::create(&probe)?;
            fs::remove_file(&probe)?;
            Ok(count)
        };
        let count = open().map_err(|error| SpoolError::Folder {
            folder: folder.display().to_string(),
            error,
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            most,
            count: AtomicUsize::new(count),
            held: Mutex::default(),
        })
    }

    /// Keeps a packet, under a new id.
    ///
    /// # Errors
    /// The spool is full, or neither the disk nor memory takes more.
    pub fn put(&self, packet: &Packet) -> Result<Put, SpoolError> {
        self.write_held();
        let count = self.count.load(Ordering::Relaxed);
        if count >= self.most {
            return Err(SpoolError::Full(count));
        }
        let body = serde_json::to_vec(packet).map_err(io::Error::other)?;
        let name = format!(
            "{:013}-{}.json",
            jiff::Timestamp::now().as_millisecond(),
            new_id()?
        );
        let written = self.write(&name, &body);
        if let Err(error) = written {
            let mut held = self.held();
            if held.len() >= MOST_HELD {
                return Err(error.into());
            }
            held.insert(name.clone(), body);
            return Ok(Put::InMemory(name, error));
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        Ok(Put::OnDisk(name))
    }

    fn write(&self, name: &str, body: &[u8]) -> io::Result<()> {
        let part = self.folder.join(format!("{name}.part"));
        let written = private(&part).and_then(|mut file| {
            file.write_all(body)?;
            file.sync_all()?;
            fs::rename(&part, self.folder.join(name))?;
            // The name, too, must be there after a crash.
            File::open(&self.folder)?.sync_all()
        });
        if written.is_err() {
            // Half a packet is none.
            let _ = fs::remove_file(&part);
        }
        written
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what is held in memory, as far as the disk takes it.
    pub fn write_held(&self) {
        let mut held = self.held();
        while let Some((name, body)) = held.first_key_value()
            && self.write(name, body).is_ok()
        {
            held.pop_first();
            self.count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Packets that only memory holds.
    pub fn in_memory(&self) -> usize {
        self.held().len()
    }

    /// Whether half of what may wait does.
    pub fn is_half_full(&self) -> bool {
        self.count.load(Ordering::Relaxed) * 2 >= self.most
    }

    /// The names of all packets that wait, the oldest first.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<String> = names.filter(|name| id(name).is_some()).collect();
        names.sort();
        names
    }

    /// A packet that waits; none where it is gone or no packet.
    pub fn get(&self, name: &str) -> Option<Kept> {
        if let Some(body) = self.held().get(name) {
            return Some(Kept {
                id: id(name)?.to_owned(),
                body: body.clone(),
            });
        }
        let path = self.folder.join(name);
        let small = fs::metadata(&path).is_ok_and(|meta| meta.len() <= LARGEST);
        let body = small.then(|| fs::read(&path).ok()).flatten()?;
        Some(Kept {
            id: id(name)?.to_owned(),
            body,
        })
    }

    /// Since when it waits, in ms since 1970.
    pub fn since(name: &str) -> Option<i64> {
        name.split_once('-')?.0.parse().ok()
    }

    /// It was taken.
    pub fn remove(&self, name: &str) {
        if self.held().remove(name).is_some() {
            return;
        }
        match fs::remove_file(self.folder.join(name)) {
            Ok(()) => drop(self.count.fetch_sub(1, Ordering::Relaxed)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                tracing::error!(%error, name, "a delivered packet cannot be removed: it will be sent again");
            }
        }
    }

    /// It is given up: kept aside, for a person.
    pub fn bury(&self, name: &str) {
        self.held().remove(name);
        let dead = self.folder.join(DEAD);
        match fs::rename(self.folder.join(name), dead.join(name)) {
            Ok(()) => drop(self.count.fetch_sub(1, Ordering::Relaxed)),
            Err(error) => tracing::error!(%error, name, "a packet cannot be put aside"),
        }
        let mut all: Vec<PathBuf> = fs::read_dir(&dead)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        all.sort();
        let surplus = all.len().saturating_sub(KEPT_DEAD);
        for oldest in all.iter().take(surplus) {
            let _ = fs::remove_file(oldest);
        }
    }
}

/// The id in a file's name; none where it is no packet's.
fn id(name: &str) -> Option<&str> {
    let (at, rest) = name.strip_suffix(".json")?.split_once('-')?;
    let number = at.len() == 13 && at.bytes().all(|byte| byte.is_ascii_digit());
    (number && rest.starts_with("msg_")).then_some(rest)
}

/// Nobody is writing it any more.
fn is_stale(path: &Path) -> bool {
    let written = fs::metadata(path).and_then(|meta| meta.modified());
    written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > STALE))
}

/// Unique, and not to be guessed.
fn new_id() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(format!("msg_{}", data_encoding::HEXLOWER.encode(&bytes)))
}

/// A new file that is its owner's alone: it holds personal data.
fn private(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}
