//! What waits for the people of a business: callbacks that callers asked for and messages they left. The
//! same tables for every business; `attendant desk` shows them.

use super::StoreError;
use super::functions::minutes;
use super::manage::{cannot, connect, has_meta};
use super::own::{row, text};
use super::run::{Done, Values};
use super::trouble::Trouble;
use crate::dialogue::Row;
use jiff::civil::DateTime;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};
use serde::Serialize;
use std::path::Path;

/// Longest message that is kept, in characters.
const LONGEST: usize = 4000;
/// Items that wait at most; further ones are refused, so that no caller fills the disk.
const MOST: i64 = 10_000;

/// The table.
pub(super) const TABLE: &str = "
CREATE TABLE IF NOT EXISTS attendant_desk (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, call TEXT NOT NULL, customer TEXT NOT NULL,
    phone TEXT NOT NULL, language TEXT NOT NULL, reason TEXT NOT NULL, about TEXT NOT NULL,
    from_at TEXT NOT NULL, to_at TEXT NOT NULL, text TEXT NOT NULL, offset_ms INTEGER NOT NULL,
    at TEXT NOT NULL, done TEXT
);
CREATE INDEX IF NOT EXISTS attendant_desk_open ON attendant_desk (kind, done);
";

const CALL_BACK: &str = "call_back";
const MESSAGE: &str = "message";

/// How many callbacks wait.
pub(super) fn waiting(connection: &Connection) -> Result<Vec<Row>, Trouble> {
    let count = before(connection, i64::MAX)?;
    Ok(vec![row([("waiting", count.into())])])
}

/// Open callbacks in front of this one.
fn before(connection: &Connection, id: i64) -> Result<i64, Trouble> {
    Ok(connection.query_row(
        "SELECT count(*) FROM attendant_desk WHERE kind = 'call_back' AND done IS NULL AND id < ?1",
        [id],
        |record| record.get(0),
    )?)
}

/// Notes a callback, or moves the one that this number has: it keeps its place. No rows without a number.
pub(super) fn call_back(
    connection: &Connection,
    call: &str,
    values: &Values,
    now: DateTime,
) -> Result<Done, Trouble> {
    let phone = text(values, "phone");
    if phone.is_empty() {
        return Ok(Done::Nothing);
    }
    let open: Option<i64> = connection
        .query_row(
            "SELECT id FROM attendant_desk WHERE kind = 'call_back' AND done IS NULL AND phone = ?1",
            [phone],
            |record| record.get(0),
        )
        .optional()?;
    let id = match open {
        Some(id) => {
            connection.execute(
                "UPDATE attendant_desk SET call = ?2, from_at = ?3, to_at = ?4, reason = ?5, about = ?6, language = ?7
                 WHERE id = ?1",
                params![
                    id,
                    call,
                    text(values, "from_at"),
                    text(values, "to_at"),
                    text(values, "reason"),
                    text(values, "about"),
                    text(values, "language")
                ],
            )?;
            id
        }
        None => add(connection, CALL_BACK, call, values, now)?,
    };
    let before = before(connection, id)?;
    Ok(Done::Rows(vec![row([
        ("id", id.into()),
        ("before", before.into()),
    ])]))
}

/// Keeps a message; said again in the same call, it takes the place of the first. No rows without words.
pub(super) fn message(
    connection: &Connection,
    call: &str,
    values: &Values,
    now: DateTime,
) -> Result<Done, Trouble> {
    let said: String = text(values, "text").chars().take(LONGEST).collect();
    if said.trim().is_empty() {
        return Ok(Done::Nothing);
    }
    let open: Option<i64> = connection
        .query_row(
            "SELECT id FROM attendant_desk WHERE kind = 'message' AND done IS NULL AND call = ?1",
            [call],
            |record| record.get(0),
        )
        .optional()?;
    let id = match open {
        Some(id) => {
            connection.execute(
                "UPDATE attendant_desk SET text = ?2, offset_ms = ?3 WHERE id = ?1",
                params![id, said, offset(values)],
            )?;
            id
        }
        None => add(connection, MESSAGE, call, values, now)?,
    };
    Ok(Done::Rows(vec![row([("id", id.into())])]))
}

fn offset(values: &Values) -> i64 {
    let value = values.get("offset_ms");
    let whole = value.and_then(serde_json::Value::as_i64);
    whole.or_else(|| value?.as_str()?.parse().ok()).unwrap_or(0)
}

fn add(
    connection: &Connection,
    kind: &str,
    call: &str,
    values: &Values,
    now: DateTime,
) -> Result<i64, Trouble> {
    let open: i64 = connection.query_row(
        "SELECT count(*) FROM attendant_desk WHERE done IS NULL",
        [],
        |record| record.get(0),
    )?;
    if open >= MOST {
        return Err(Trouble::Other(
            "too many callbacks and messages wait: see attendant desk list".into(),
        ));
    }
    let said: String = text(values, "text").chars().take(LONGEST).collect();
    connection.execute(
        "INSERT INTO attendant_desk (kind, call, customer, phone, language, reason, about, from_at, to_at, text, offset_ms, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            kind,
            call,
            text(values, "customer"),
            text(values, "phone"),
            text(values, "language"),
            text(values, "reason"),
            text(values, "about"),
            text(values, "from_at"),
            text(values, "to_at"),
            said,
            offset(values),
            minutes(now)
        ],
    )?;
    Ok(connection.last_insert_rowid())
}

/// One callback or message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    pub id: i64,
    /// `call_back` or `message`.
    pub kind: String,
    pub call: String,
    /// The `id` of the caller's record; may be empty.
    pub customer: String,
    pub phone: String,
    pub language: String,
    /// Why a person was wanted.
    pub reason: String,
    /// The handover's summary.
    pub about: String,
    /// The window that the caller chose, local time; empty: as soon as possible.
    pub from_at: String,
    pub to_at: String,
    /// The message as it was understood.
    pub text: String,
    /// Where in the call's recording the message ends, in ms.
    pub offset_ms: i64,
    /// When it was left, local time.
    pub at: String,
    /// When it was done; empty: it waits.
    pub done: String,
}

/// Callbacks and messages in the store at `path`, the oldest first: those that wait, or `all`.
///
/// # Errors
/// It cannot be read, or is no store.
pub fn items(path: &Path, all: bool) -> Result<Vec<Item>, StoreError> {
    if std::fs::metadata(path).map_or(true, |meta| meta.len() == 0) {
        return Ok(Vec::new());
    }
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let read = || {
        if !has_desk(&connection)? {
            return Ok(Vec::new());
        }
        let mut statement = connection.prepare(
            "SELECT id, kind, call, customer, phone, language, reason, about, from_at, to_at, text, offset_ms, at,
                coalesce(done, '') FROM attendant_desk WHERE ?1 OR done IS NULL ORDER BY id LIMIT 10000",
        )?;
        let rows = statement.query_map([all], |record| {
            Ok(Item {
                id: record.get(0)?,
                kind: record.get(1)?,
                call: record.get(2)?,
                customer: record.get(3)?,
                phone: record.get(4)?,
                language: record.get(5)?,
                reason: record.get(6)?,
                about: record.get(7)?,
                from_at: record.get(8)?,
                to_at: record.get(9)?,
                text: record.get(10)?,
                offset_ms: record.get(11)?,
                at: record.get(12)?,
                done: record.get(13)?,
            })
        })?;
        rows.collect()
    };
    read().map_err(|error| cannot(path, &error))
}

/// Marks one as done at `now`; false: there is none of this id that waits.
///
/// # Errors
/// The store cannot be written, or is none.
pub fn finish(path: &Path, id: i64, now: DateTime) -> Result<bool, StoreError> {
    if std::fs::metadata(path).map_or(true, |meta| meta.len() == 0) {
        return Ok(false);
    }
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let write = || {
        if !has_desk(&connection)? {
            return Ok(false);
        }
        let changed = connection.execute(
            "UPDATE attendant_desk SET done = ?2 WHERE id = ?1 AND done IS NULL",
            params![id, minutes(now)],
        )?;
        Ok(changed > 0)
    };
    write().map_err(|error| cannot(path, &error))
}

/// Opens a file that must be a store: in another database nothing waits, and that would be a lie.
fn open(path: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    let connection = connect(path, access).map_err(|error| cannot(path, &error))?;
    match has_meta(&connection).map_err(|error| cannot(path, &error))? {
        true => Ok(connection),
        false => Err(StoreError::Open {
            path: path.display().to_string(),
            why: "it is a database, but no store".into(),
        }),
    }
}

/// Stores of before have no such table until they are opened by a call.
fn has_desk(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT count(*) FROM sqlite_schema WHERE name = 'attendant_desk'",
        [],
        |record| record.get(0),
    )
}
