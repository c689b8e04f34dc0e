//! What SQL may call beside SQLite's own functions, and until when a statement may run.
//!
//! `today()`, `now()`, `day(n)` and `moment(n, '10:30')` count from the call's day (while `store.sql` is
//! loaded: from the day of loading), so that tests and replays say the same on every day.

use super::hash::pin_hash;
use jiff::Span;
use jiff::civil::{Date, DateTime, Time};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, Result};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often a running statement is asked whether it takes too long, in SQLite's steps.
const STEPS: i32 = 20_000;

/// For whom and when a statement runs.
struct At {
    now: DateTime,
    call: String,
    deadline: Instant,
}

/// Shared with the functions of one connection.
#[derive(Clone)]
pub(super) struct Moment(Arc<Mutex<At>>);

impl Moment {
    pub(super) fn new(now: DateTime) -> Self {
        Self(Arc::new(Mutex::new(At {
            now,
            call: String::new(),
            deadline: Instant::now(),
        })))
    }

    /// From here on statements run for `call` at `now`, `limit` at most.
    pub(super) fn set(&self, now: DateTime, call: &str, limit: Duration) {
        let mut at = self.lock();
        at.now = now;
        call.clone_into(&mut at.call);
        at.deadline = Instant::now() + limit;
    }

    fn lock(&self) -> MutexGuard<'_, At> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> DateTime {
        self.lock().now
    }

    fn overdue(&self) -> bool {
        Instant::now() > self.lock().deadline
    }
}

/// Makes the functions known to `connection`.
pub(super) fn register(connection: &mut Connection, moment: &Moment) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8;
    let at = moment.clone();
    connection
        .create_scalar_function("today", 0, flags, move |_| Ok(at.now().date().to_string()))?;
    let at = moment.clone();
    connection.create_scalar_function("now", 0, flags, move |_| Ok(minutes(at.now())))?;
    let at = moment.clone();
    connection.create_scalar_function("day", 1, flags, move |context| {
        Ok(day(at.now().date(), context.get(0)?)?.to_string())
    })?;
    let at = moment.clone();
    connection.create_scalar_function("moment", 2, flags, move |context| {
        let date = day(at.now().date(), context.get(0)?)?;
        Ok(minutes(date.to_datetime(time(&text(context, 1)?)?)))
    })?;
    let at = moment.clone();
    connection
        .create_scalar_function("this_call", 0, flags, move |_| Ok(at.lock().call.clone()))?;
    connection.create_scalar_function(
        "pin_hash",
        2,
        flags | FunctionFlags::SQLITE_DETERMINISTIC,
        |context| Ok(pin_hash(&text(context, 0)?, &text(context, 1)?)),
    )?;
    #[cfg(test)]
    connection.create_scalar_function("stand_still", 0, flags, |_| {
        super::tests::kill::stand_still();
        Ok(0)
    })?;
    let at = moment.clone();
    connection.progress_handler(STEPS, Some(move || at.overdue()))
}

/// A word in `sql` that asks the machine's clock, which would make tests and replays differ from day
/// to day.
pub(super) fn clock_word(sql: &str) -> Option<&'static str> {
    const WORDS: [&str; 8] = [
        "'now'",
        "current_date",
        "current_timestamp",
        "current_time",
        " date()",
        "datetime()",
        "julianday()",
        "unixepoch()",
    ];
    let sql = sql.to_lowercase();
    WORDS.into_iter().find(|word| sql.contains(word))
}

/// `2026-11-29T14:30`.
pub(super) fn minutes(at: DateTime) -> String {
    at.strftime("%Y-%m-%dT%H:%M").to_string()
}

fn day(today: Date, days: i64) -> Result<Date> {
    let span = Span::new().try_days(days).map_err(failed)?;
    today.checked_add(span).map_err(failed)
}

fn time(text: &str) -> Result<Time> {
    let read = || {
        let (hour, minute) = text.split_once(':')?;
        Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
    };
    read().ok_or_else(|| failed("moment(n, time) wants a time like '10:30'"))
}

/// An argument as text; a number is written out.
fn text(context: &Context<'_>, index: usize) -> Result<String> {
    match context.get_raw(index) {
        ValueRef::Text(bytes) => Ok(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Integer(number) => Ok(number.to_string()),
        ValueRef::Null => Ok(String::new()),
        _ => Err(failed("a text is wanted")),
    }
}

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::UserFunctionError(error.into())
}
