//! What a person does with a store between calls: where it is kept, what is in it, a fresh beginning.

use super::database::meta;
use super::functions::{Moment, register};
use super::operations::FILE;
use super::trouble::told;
use super::{SAMPLE, StoreError};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Largest file that is read, in bytes.
const LARGEST: u64 = 4 << 20;

/// What is in a store's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The day on which it was filled.
    pub loaded: String,
    /// SHA-256 of the `store.sql` that it was filled from; empty: there was none.
    pub sample: String,
    /// How many actions were done since.
    pub actions: u64,
    /// Tables with their number of rows, the business's own first.
    pub tables: Vec<(String, u64)>,
}

impl Summary {
    /// Whether it was filled from this `store.sql`.
    pub fn is_from(&self, files: &BTreeMap<String, String>) -> bool {
        let sum = files.get(SAMPLE).map(|text| super::hash::checksum(text));
        self.sample == sum.unwrap_or_default()
    }
}

/// Where the store of the business `name` is kept if nothing else is said:
/// `$XDG_DATA_HOME/attendant/stores/NAME.db`, usually in `~/.local/share`. `None`: no home is known.
pub fn default_path(name: &str, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    // The specification: a path that is not absolute is to be ignored.
    let absolute = |name: &str| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let data = absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))?;
    let plain = |c: char| {
        if c.is_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    let name: String = name.chars().map(plain).collect();
    Some(data.join("attendant/stores").join(format!("{name}.db")))
}

/// The store's files in a business's folder; those that are not there are left out.
///
/// # Errors
/// A file cannot be read, is too long, or is no text.
pub fn read_files(folder: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for name in [FILE, SAMPLE] {
        let path = folder.join(name);
        match std::fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
            Ok(meta) if meta.len() > LARGEST => {
                let why = format!("{name} has {} bytes; {LARGEST} are the most", meta.len());
                return Err(io::Error::other(why));
            }
            Ok(_) => drop(files.insert(name.to_owned(), std::fs::read_to_string(path)?)),
        }
    }
    Ok(files)
}

/// What is in the store at `path`; `None`: nothing yet.
///
/// # Errors
/// It cannot be read, or is no store.
pub fn summary(path: &Path) -> Result<Option<Summary>, StoreError> {
    // SQLite takes an empty file for a database without tables.
    if std::fs::metadata(path).map_or(true, |meta| meta.len() == 0) {
        return Ok(None);
    }
    let read = || {
        let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        // Views may use our functions.
        register(&mut connection, &still())?;
        if !has_meta(&connection)? {
            return Ok(None);
        }
        let names: Vec<String> = connection
            .prepare(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'
                 AND name <> 'attendant_meta' ORDER BY name LIKE 'attendant~_%' ESCAPE '~', name",
            )?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let rows = |name: String| {
            let sql = format!("SELECT count(*) FROM \"{}\"", name.replace('"', "\"\""));
            let count: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
            Ok((name, count.unsigned_abs()))
        };
        let tables = names
            .into_iter()
            .map(rows)
            .collect::<rusqlite::Result<_>>()?;
        let text = |key: &str| meta(&connection, key).map(Option::unwrap_or_default);
        rusqlite::Result::Ok(Some(Summary {
            loaded: text("loaded")?,
            sample: text("sample")?,
            actions: text("actions")?.parse().unwrap_or(0),
            tables,
        }))
    };
    read().map_err(|error| cannot(path, &error))
}

/// Empties the store at `path`: opening it fills it again. Other processes that have it open see the
/// new one.
///
/// # Errors
/// It cannot be written, or is no database.
pub fn reset(path: &Path) -> Result<(), StoreError> {
    if !path.exists() {
        return Ok(());
    }
    let empty = || {
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // SQLite must have seen that there is a write-ahead log, or it would want the file for itself.
        has_meta(&connection)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_RESET_DATABASE, true)?;
        connection.execute_batch("VACUUM")?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_RESET_DATABASE, false)
    };
    empty().map(drop).map_err(|error| cannot(path, &error))
}

pub(super) fn connect(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::from_secs(2))?;
    Ok(connection)
}

pub(super) fn has_meta(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT count(*) FROM sqlite_schema WHERE name = 'attendant_meta'",
        [],
        |row| row.get(0),
    )
}

/// A moment that ends in a minute.
fn still() -> Moment {
    let midnight = jiff::civil::DateTime::constant(2026, 1, 1, 0, 0, 0, 0);
    let moment = Moment::new(midnight);
    moment.set(midnight, "", Duration::from_secs(60));
    moment
}

pub(super) fn cannot(path: &Path, error: &rusqlite::Error) -> StoreError {
    StoreError::Open {
        path: path.display().to_string(),
        why: told(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_follows_the_xdg_specification() {
        let with = |given: &'static [(&str, &str)]| {
            default_path("my shop", |name| {
                let found = given.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| value.into())
            })
        };
        assert_eq!(
            with(&[("HOME", "/h")]),
            Some("/h/.local/share/attendant/stores/my_shop.db".into())
        );
        assert_eq!(with(&[("HOME", ""), ("XDG_DATA_HOME", "d")]), None);
    }
}
