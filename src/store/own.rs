//! The operations that every business has: what is remembered of a caller, and one-time codes.
//!
//! A code lives five minutes and three tries; three codes may be sent to a number in a quarter of an
//! hour. The code itself is nowhere kept, only its hash.

use super::functions::minutes;
use super::hash::{pin_hash, same};
use super::operations::BuiltIn;
use super::run::{Done, Values, changed};
use super::trouble::Trouble;
use crate::dialogue::Row;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::Value;

/// A code is good for so long, in ms.
const LIFE_MS: i64 = 5 * 60_000;
/// And for so many tries.
const TRIES: i64 = 3;
/// So many codes may be sent…
const CODES: i64 = 3;
/// …within this time, in ms.
const WINDOW_MS: i64 = 15 * 60_000;
/// Longest key or value that is remembered, in bytes.
const LONGEST: usize = 1000;

pub(super) fn text<'a>(values: &'a Values, name: &str) -> &'a str {
    values.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn row<const N: usize>(fields: [(&str, Value); N]) -> Row {
    fields.map(|(name, value)| (name.to_owned(), value)).into()
}

/// What is remembered of a caller.
pub(super) fn recall(connection: &Connection, values: &Values) -> Result<Vec<Row>, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT key, value, at FROM attendant_memory WHERE caller = ?1 ORDER BY key LIMIT 100",
    )?;
    let rows = statement.query_map([text(values, "caller")], |record| {
        let (key, value, at): (String, String, String) =
            (record.get(0)?, record.get(1)?, record.get(2)?);
        Ok(row([
            ("key", key.into()),
            ("value", value.into()),
            ("at", at.into()),
        ]))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The built-in actions, but for sending. `clock`: milliseconds since 1970.
pub(super) fn act(
    connection: &Connection,
    what: BuiltIn,
    values: &Values,
    now: jiff::civil::DateTime,
    clock: i64,
) -> Result<Done, Trouble> {
    let caller = text(values, "caller");
    // A caller who hides the number is nobody in particular.
    if caller.is_empty() {
        return Ok(Done::Nothing);
    }
    let rows = match what {
        BuiltIn::Remember => {
            let (key, value) = (text(values, "key"), text(values, "value"));
            if key.is_empty() || key.len() > LONGEST || value.len() > LONGEST {
                return Err(Trouble::Other(
                    "the key or the value has no fit length".into(),
                ));
            }
            let count = connection.execute(
                "INSERT INTO attendant_memory VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at",
                params![caller, key, value, minutes(now)],
            )?;
            changed(count as u64)
        }
        BuiltIn::Forget => {
            let count =
                connection.execute("DELETE FROM attendant_memory WHERE caller = ?1", [caller])?;
            changed(count as u64)
        }
        BuiltIn::CheckCode => vec![check_code(connection, caller, text(values, "code"), clock)?],
        BuiltIn::Recall
        | BuiltIn::SendCode
        | BuiltIn::DeskWaiting
        | BuiltIn::DeskCallBack
        | BuiltIn::DeskMessage => Vec::new(),
    };
    Ok(Done::Rows(rows))
}

/// A code that is to be delivered.
pub(super) struct Code {
    pub to: String,
    pub code: String,
}

/// Makes a code for a caller; `None`: too many were sent, or there is nobody to send one to.
pub(super) fn new_code(
    connection: &mut Connection,
    values: &Values,
    fixed: Option<&str>,
    clock: i64,
) -> Result<Option<Code>, Trouble> {
    let caller = text(values, "caller");
    if caller.is_empty() {
        return Ok(None);
    }
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let since = clock - WINDOW_MS;
    transaction.execute(
        "DELETE FROM attendant_codes WHERE sent < ?1 OR sent > ?2",
        [since, clock],
    )?;
    let sent: i64 = transaction.query_row(
        "SELECT count(*) FROM attendant_codes WHERE caller = ?1",
        [caller],
        |record| record.get(0),
    )?;
    if sent >= CODES {
        return Ok(None);
    }
    let code = match fixed {
        Some(code) => code.to_owned(),
        None => format!("{:06}", random()? % 1_000_000),
    };
    let salt = format!("{:016x}", random()?);
    transaction.execute(
        "INSERT INTO attendant_codes (caller, salt, hash, sent) VALUES (?1, ?2, ?3, ?4)",
        params![caller, salt, pin_hash(&code, &salt), clock],
    )?;
    transaction.commit()?;
    let to = caller.to_owned();
    Ok(Some(Code { to, code }))
}

fn random() -> Result<u64, Trouble> {
    getrandom::u64().map_err(|error| Trouble::Other(format!("no randomness: {error}")))
}

/// Only the code that was sent last counts.
fn check_code(
    connection: &Connection,
    caller: &str,
    given: &str,
    clock: i64,
) -> Result<Row, Trouble> {
    let found = connection
        .query_row(
            "SELECT id, salt, hash, sent, tries FROM attendant_codes
             WHERE caller = ?1 ORDER BY sent DESC, id DESC LIMIT 1",
            [caller],
            |record| {
                let (id, salt, hash): (i64, String, String) =
                    (record.get(0)?, record.get(1)?, record.get(2)?);
                Ok((
                    id,
                    salt,
                    hash,
                    record.get::<_, i64>(3)?,
                    record.get::<_, i64>(4)?,
                ))
            },
        )
        .optional()?;
    let answer =
        |right: bool, left: i64| row([("right", right.into()), ("tries_left", left.into())]);
    let Some((id, salt, hash, sent, tries)) = found else {
        return Ok(answer(false, 0));
    };
    if !(0..LIFE_MS).contains(&(clock - sent)) || tries >= TRIES {
        return Ok(answer(false, 0));
    }
    let digits: String = given.chars().filter(char::is_ascii_digit).collect();
    let right = same(&pin_hash(&digits, &salt), &hash);
    // A code that was right is used up.
    let tries = if right { TRIES } else { tries + 1 };
    connection.execute(
        "UPDATE attendant_codes SET tries = ?1 WHERE id = ?2",
        [tries, id],
    )?;
    Ok(answer(right, TRIES - tries))
}
