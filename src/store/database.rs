//! The SQLite file (or memory) behind a store: how it is opened, filled once and kept tidy.
//!
//! One connection behind a lock: a business's statements take well under a millisecond, and SQLite lets
//! one writer in at a time anyway. Other processes may have the same file open.

use super::StoreError;
use super::functions::{Moment, clock_word, register};
use super::hash::checksum;
use super::source::{Source, Wrong};
use super::trouble::{Trouble, told};
use crate::dialogue::DomainError;
use jiff::civil::{Date, DateTime};
use rusqlite::{Batch, Connection, OpenFlags, OptionalExtension as _, TransactionBehavior, params};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Another process may be writing for so long.
const BUSY: Duration = Duration::from_secs(2);
/// A request's statements may take so long together.
const LIMIT: Duration = Duration::from_secs(2);
/// Loading may take longer.
const LOADING: Duration = Duration::from_secs(60);
/// Days for which an action's answer is kept. It may hold personal data.
const KEPT_DAYS: i64 = 30;
/// Of our own tables. A newer attendant may know more than this one.
const FORMAT: i64 = 1;

/// The tables that every store has.
const OWN_TABLES: &str = "
CREATE TABLE IF NOT EXISTS attendant_meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attendant_actions (
    call TEXT NOT NULL, request INTEGER NOT NULL, what TEXT NOT NULL, answer TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (call, request)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attendant_memory (
    caller TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (caller, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attendant_codes (
    id INTEGER PRIMARY KEY, caller TEXT NOT NULL, salt TEXT NOT NULL, hash TEXT NOT NULL,
    sent INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS attendant_codes_caller ON attendant_codes (caller, sent);
";

/// An open database.
pub(super) struct Database {
    connection: Mutex<Connection>,
    moment: Moment,
    /// Nothing is kept.
    pub(super) in_memory: bool,
    /// `store.sql` is not the one that it was filled from.
    pub(super) stale: bool,
}

impl Database {
    /// Opens the file, and fills it from `sample` if it is new.
    pub(super) fn open(
        path: Option<&Path>,
        sample: Option<&Source<'_>>,
        today: Date,
    ) -> Result<Self, StoreError> {
        let path = path.filter(|path| *path != Path::new(":memory:"));
        let broken = |why: String| StoreError::Open {
            path: path.map_or("in memory".into(), |path| path.display().to_string()),
            why,
        };
        let sql = |error: rusqlite::Error| broken(told(&error));
        let mut connection = match path {
            None => Connection::open_in_memory().map_err(sql)?,
            Some(path) => {
                create(path).map_err(|error| broken(error.to_string()))?;
                connect(path).map_err(sql)?
            }
        };
        let moment = Moment::new(today.to_datetime(jiff::civil::Time::midnight()));
        register(&mut connection, &moment).map_err(sql)?;
        moment.set(
            today.to_datetime(jiff::civil::Time::midnight()),
            "",
            LOADING,
        );
        let stale = match fill(&mut connection, sample, today) {
            Ok(stale) => stale,
            Err(Fault::Sql(error)) => return Err(sql(error)),
            Err(Fault::Newer) => return Err(broken("it was made by a newer attendant".into())),
            Err(Fault::Text(error)) => return Err(error.into()),
        };
        Ok(Self {
            connection: Mutex::new(connection),
            moment,
            in_memory: path.is_none(),
            stale,
        })
    }

    /// A copy in memory, with all that is in it now.
    pub(super) fn copy(&self) -> rusqlite::Result<Self> {
        let source = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut connection = Connection::open_in_memory()?;
        rusqlite::backup::Backup::new(&source, &mut connection)?.step(-1)?;
        drop(source);
        connection.execute_batch("PRAGMA foreign_keys = ON")?;
        let moment = Moment::new(self.moment.now());
        register(&mut connection, &moment)?;
        Ok(Self {
            connection: Mutex::new(connection),
            moment,
            in_memory: true,
            stale: self.stale,
        })
    }

    /// Does `work` for `call` at `now`, while nobody else uses the connection.
    pub(super) fn with<T>(
        &self,
        call: &str,
        now: DateTime,
        work: impl FnOnce(&mut Connection) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        // Whoever panicked with it left no transaction open: dropping one rolls it back.
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.moment.set(now, call, LIMIT);
        work(&mut connection)
    }
}

/// A new file is its owner's alone: it will hold personal data.
fn create(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.append(true).create(true).open(path).map(drop)
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    // Readers in other processes do not hold up a writer.
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    // What a caller was promised outlives a power cut.
    connection.execute_batch("PRAGMA synchronous = FULL")?;
    Ok(connection)
}

/// Why it could not be filled.
enum Fault {
    Sql(rusqlite::Error),
    Newer,
    Text(DomainError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// Everything in one transaction: a process that dies here leaves a new file, not half a business.
fn fill(
    connection: &mut Connection,
    sample: Option<&Source<'_>>,
    today: Date,
) -> Result<bool, Fault> {
    connection.execute_batch("PRAGMA foreign_keys = ON")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let tables: i64 = transaction.query_row(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'",
        [],
        |row| row.get(0),
    )?;
    let ours: bool = transaction.query_row(
        "SELECT count(*) FROM sqlite_schema WHERE name = 'attendant_meta'",
        [],
        |row| row.get(0),
    )?;
    transaction.execute_batch(OWN_TABLES)?;
    transaction.execute_batch(super::desk::TABLE)?;
    let sum = sample
        .map(|sample| checksum(sample.text))
        .unwrap_or_default();
    let mut stale = false;
    if ours {
        let kept = meta(&transaction, "sample")?.unwrap_or_default();
        let format: i64 = transaction.query_row(
            "SELECT CAST(value AS INTEGER) FROM attendant_meta WHERE key = 'format'",
            [],
            |row| row.get(0),
        )?;
        if format > FORMAT {
            return Err(Fault::Newer);
        }
        stale = kept != sum;
    } else {
        if tables > 0 {
            tracing::warn!("the store's file had tables already: store.sql was not run");
        } else if let Some(sample) = sample {
            load(&transaction, sample)?;
        }
        let mut insert = transaction.prepare("INSERT INTO attendant_meta VALUES (?1, ?2)")?;
        insert.execute(params!["format", FORMAT])?;
        insert.execute(params!["sample", sum])?;
        insert.execute(params!["loaded", today.to_string()])?;
        insert.execute(params!["actions", 0])?;
    }
    transaction.execute(
        "DELETE FROM attendant_actions WHERE at < day(?1)",
        params![-KEPT_DAYS],
    )?;
    transaction.commit()?;
    Ok(stale)
}

/// A text about the store itself.
pub(super) fn meta(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    connection
        .query_row(
            "SELECT CAST(value AS TEXT) FROM attendant_meta WHERE key = ?1",
            [key],
            |row| row.get(0),
        )
        .optional()
}

/// Runs `store.sql`.
fn load(connection: &Connection, sample: &Source<'_>) -> Result<(), Fault> {
    let wrong =
        |at: usize, what: String, hint: &str| Fault::Text(sample.error(at, Wrong::new(what, hint)));
    if let Some(word) = clock_word(sample.text) {
        let at = sample.text.to_lowercase().find(word).unwrap_or(0);
        return Err(wrong(
            at,
            format!("{} asks the machine's clock", word.trim()),
            CLOCK_HINT,
        ));
    }
    let mut at = 0;
    while let Some(rest) = sample.text.get(at..).filter(|rest| !rest.trim().is_empty()) {
        let failed = |error: rusqlite::Error| {
            let offset = match &error {
                rusqlite::Error::SqlInputError { offset, sql, .. } => {
                    // The text that was prepared ends where the file does.
                    let skipped = rest.len().saturating_sub(sql.len());
                    skipped + usize::try_from(*offset).unwrap_or(0)
                }
                _ => blanks(rest),
            };
            wrong(
                at + offset,
                told(&error),
                "SQLite says so; correct the statement",
            )
        };
        let mut batch = Batch::new(connection, rest);
        let Some(mut statement) = fallible(&mut batch).map_err(failed)? else {
            break;
        };
        // Without parameters this is the statement as it was read, with the blanks before it.
        let length = statement
            .expanded_sql()
            .map_or(rest.len(), |text| text.len());
        let mut rows = statement.raw_query();
        while rows.next().map_err(failed)?.is_some() {}
        if connection.is_autocommit() {
            return Err(wrong(
                at + blanks(rest),
                "the file must not end the transaction".into(),
                "leave BEGIN, COMMIT and ROLLBACK out: all of it is one transaction",
            ));
        }
        at += length.max(1);
    }
    Ok(())
}

pub(super) const CLOCK_HINT: &str =
    "write today(), now(), day(n) or moment(n, '10:30'), which know the call's day";

/// Bytes before the first word of a statement: blanks and comments.
fn blanks(sql: &str) -> usize {
    let mut rest = sql;
    loop {
        let text = rest.trim_start();
        let end = match text.get(..2) {
            Some("--") => text.find('\n'),
            Some("/*") => text.find("*/").map(|at| at + 2),
            _ => None,
        };
        match end {
            Some(end) => rest = &text[end..],
            None => return sql.len() - text.len(),
        }
    }
}

/// The next statement of a batch.
fn fallible<'c>(batch: &mut Batch<'c, '_>) -> rusqlite::Result<Option<rusqlite::Statement<'c>>> {
    use rusqlite::fallible_iterator::FallibleIterator as _;
    batch.next()
}
