//! The business that the settings name: its texts from the binary or a folder, and its store.

use super::house::OpenError;
use crate::config::Config;
use crate::dialogue::Domain;
use crate::dialogue::domain::{Files, TRADES, trade};
use crate::store::{Store, default_path};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Largest file of a business that is read, in bytes.
const LARGEST: u64 = 4 << 20;
/// Folders in folders further down than this are not looked into.
const DEEPEST: usize = 4;

/// A business, read.
#[derive(Clone, Debug)]
pub struct Business {
    pub domain: Arc<Domain>,
    pub files: Arc<Files>,
    filled: Filled,
}

/// Stores as they were filled, by the day.
#[derive(Clone, Default)]
struct Filled(Arc<Mutex<BTreeMap<Date, Store>>>);

impl std::fmt::Debug for Filled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Filled")
    }
}

impl Business {
    /// Reads the business that the settings name: `business.domain` is a folder, or one of the trades
    /// in the binary; none: the shop.
    ///
    /// # Errors
    /// [`OpenError`]: the folder cannot be read, or a file in it is wrong.
    pub fn open(config: &Config) -> Result<Self, OpenError> {
        Self::parse(files(config)?)
    }

    /// Reads a business from its files.
    ///
    /// # Errors
    /// [`OpenError::Domain`]: a file is wrong.
    pub fn parse(files: Files) -> Result<Self, OpenError> {
        Ok(Self {
            domain: Arc::new(Domain::parse(&files)?),
            files: Arc::new(files),
            filled: Filled::default(),
        })
    }

    /// A trade in the binary; the shop for a name that is none.
    pub fn sample(name: &str) -> Self {
        let files = trade(name).or_else(|| trade("shop")).unwrap_or_default();
        Self {
            domain: Arc::new(Domain::sample(name)),
            files: Arc::new(files),
            filled: Filled::default(),
        }
    }

    /// A store of one's own in memory, as it was filled as of `today`: what is done to it is forgotten.
    ///
    /// # Errors
    /// [`OpenError::Store`]: its texts are wrong.
    pub fn fresh_store(&self, today: Date) -> Result<Store, OpenError> {
        let mut filled = self.filled.0.lock().unwrap_or_else(PoisonError::into_inner);
        let store = match filled.entry(today) {
            Entry::Occupied(store) => store.into_mut(),
            Entry::Vacant(place) => place.insert(self.store(None, today)?),
        };
        Ok(store.copy()?)
    }

    /// Its store: the file at `path`, or one in memory that is filled as of `today` and forgotten.
    ///
    /// # Errors
    /// [`OpenError::Store`]: its texts are wrong, or the file cannot be opened.
    pub fn store(&self, path: Option<&Path>, today: Date) -> Result<Store, OpenError> {
        let environment = |name: &str| std::env::var(name).ok();
        Ok(Store::open(&self.files, path, today, &environment)?)
    }
}

/// The texts of the business that the settings name.
///
/// # Errors
/// [`OpenError::Folder`]: its folder cannot be read.
pub fn files(config: &Config) -> Result<Files, OpenError> {
    let Some(folder) = &config.business.domain else {
        return Ok(trade("shop").unwrap_or_default());
    };
    let built_in = TRADES.iter().find(|name| folder.as_os_str() == **name);
    if let Some(files) = built_in.and_then(|name| trade(name))
        && !folder.exists()
    {
        return Ok(files);
    }
    let mut out = Files::new();
    read_folder(folder, "", 0, &mut out).map_err(|error| OpenError::Folder {
        folder: folder.display().to_string(),
        error,
    })?;
    Ok(out)
}

fn read_folder(folder: &Path, prefix: &str, depth: usize, out: &mut Files) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let meta = std::fs::metadata(entry.path())?;
        if meta.is_dir() && depth < DEEPEST {
            read_folder(&entry.path(), &format!("{prefix}{name}/"), depth + 1, out)?;
        }
        let wanted = [".toml", ".md", ".sql", ".txt"]
            .iter()
            .any(|end| name.ends_with(end));
        if wanted && meta.is_file() {
            if meta.len() > LARGEST {
                let why = format!("{name} has {} bytes; {LARGEST} are the most", meta.len());
                return Err(std::io::Error::other(why));
            }
            out.insert(
                format!("{prefix}{name}"),
                std::fs::read_to_string(entry.path())?,
            );
        }
    }
    Ok(())
}

/// The file that the business's data is kept in; `None`: neither the settings nor the environment say
/// where that is.
pub fn store_path(config: &Config) -> Option<PathBuf> {
    if let Some(path) = &config.business.store {
        return Some(path.clone());
    }
    let folder = config.business.domain.as_deref();
    // `.` has no name of its own.
    let folder = folder.map(|folder| folder.canonicalize().unwrap_or_else(|_| folder.to_owned()));
    let name = folder.as_deref().and_then(Path::file_name);
    let name = name.map_or("shop".into(), |name| name.to_string_lossy());
    default_path(&name, |name| std::env::var_os(name))
}
