//! Doing what an operation says in SQL: lookups, and actions that happen once or not at all.

use super::database::CLOCK_HINT;
use super::functions::{clock_word, minutes};
use super::hash::checksum;
use super::operations::{FILE, Operation, Operations, Script, Sql, Work, known};
use super::rows::{MAX_BYTES, MAX_ROWS, from_sql};
use super::source::{Source, Wrong};
use super::trouble::{Trouble, told};
use super::{Request, StoreError};
use crate::dialogue::{DomainError, Row};
use crate::pii::vault::Opened;
use rusqlite::{Connection, OptionalExtension as _, Statement, TransactionBehavior, params};
use serde_json::Value;
use std::collections::BTreeMap;

/// Arguments by name: texts, or whole numbers where the operation says so.
pub(super) type Values = BTreeMap<String, Value>;

/// The arguments of a request, as the operation wants them.
pub(super) fn values(
    operation: &Operation,
    given: &BTreeMap<String, String>,
    secrets: &Opened,
) -> Result<Values, Trouble> {
    let value = |name: &String| {
        let text = given
            .get(name)
            .ok_or_else(|| Trouble::Other(format!("the argument {name} is missing")))?;
        let text = secrets.expose(text);
        if !operation.numbers.contains(name) {
            return Ok((name.clone(), text.into()));
        }
        let number: i64 = text
            .trim()
            .parse()
            .map_err(|_| Trouble::Other(format!("the argument {name} is no whole number")))?;
        Ok((name.clone(), number.into()))
    };
    operation.arguments.iter().map(value).collect()
}

/// Rows of one statement.
pub(super) fn query(
    connection: &Connection,
    sql: &str,
    values: &Values,
) -> Result<Vec<Row>, Trouble> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, values)?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut found = statement.raw_query();
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while let Some(record) = found.next()? {
        if rows.len() == MAX_ROWS {
            tracing::warn!(most = MAX_ROWS, "the query finds more rows than are taken");
            break;
        }
        let mut row = Row::new();
        for (index, name) in names.iter().enumerate() {
            let value = from_sql(record.get_ref(index)?)
                .ok_or_else(|| Trouble::Other(format!("the column {name} holds no text")))?;
            bytes += value.as_str().map_or(8, str::len);
            row.insert(name.clone(), value);
        }
        if bytes > MAX_BYTES {
            return Err(Trouble::Other(format!(
                "the answer is longer than {MAX_BYTES} bytes"
            )));
        }
        rows.push(row);
    }
    Ok(rows)
}

/// Runs a statement to its end; how many rows it changed.
fn execute(connection: &Connection, sql: &str, values: &Values) -> Result<u64, Trouble> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, values)?;
    let mut rows = statement.raw_query();
    while rows.next()?.is_some() {}
    Ok(connection.changes())
}

fn bind(statement: &mut Statement<'_>, values: &Values) -> Result<(), Trouble> {
    for index in 1..=statement.parameter_count() {
        let name = statement.parameter_name(index).unwrap_or_default();
        match values.get(name.trim_start_matches(':')) {
            Some(Value::Number(number)) => statement.raw_bind_parameter(index, number.as_i64())?,
            Some(Value::String(text)) => statement.raw_bind_parameter(index, text)?,
            _ => {
                return Err(Trouble::Other(format!(
                    "the parameter {name:?} has no value"
                )));
            }
        }
    }
    Ok(())
}

/// What an action's work came to.
pub(super) enum Done {
    Rows(Vec<Row>),
    /// Nothing is to be done: take back what was.
    Nothing,
}

/// The statements of an action.
pub(super) fn perform(
    connection: &Connection,
    script: &Script,
    values: &Values,
) -> Result<Done, Trouble> {
    let mut first = None;
    for statement in &script.statements {
        let changed = execute(connection, &statement.text, values)?;
        if first.is_none() && script.changes && changed == 0 {
            return Ok(Done::Nothing);
        }
        first.get_or_insert(changed);
    }
    match &script.query {
        Some(sql) => query(connection, &sql.text, values).map(Done::Rows),
        None => Ok(Done::Rows(changed(first.unwrap_or(0)))),
    }
}

/// The answer of what only changes: how many rows.
pub(super) fn changed(count: u64) -> Vec<Row> {
    vec![Row::from([("changed".to_owned(), count.into())])]
}

/// The answer that this request got before.
///
/// # Errors
/// Another request had the same key: to do this one could be to do it twice.
pub(super) fn stored(
    connection: &Connection,
    request: &Request,
) -> Result<Option<Vec<Row>>, Trouble> {
    let found = connection
        .prepare_cached(
            "SELECT what, answer FROM attendant_actions WHERE call = ?1 AND request = ?2",
        )?
        .query_row(params![request.call, request.id], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })
        .optional()?;
    let Some((what, answer)) = found else {
        return Ok(None);
    };
    if what != fingerprint(request) {
        return Err(Trouble::Other(
            "another request of this call had the same number".into(),
        ));
    }
    let rows = serde_json::from_str(&answer).map_err(|error| Trouble::Other(error.to_string()))?;
    Ok(Some(rows))
}

/// Writes down that a request was done, and its answer.
pub(super) fn keep(
    connection: &Connection,
    request: &Request,
    rows: &[Row],
) -> Result<(), Trouble> {
    let answer = serde_json::to_string(rows).map_err(|error| Trouble::Other(error.to_string()))?;
    connection
        .prepare_cached("INSERT INTO attendant_actions VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![
            request.call,
            request.id,
            fingerprint(request),
            answer,
            minutes(request.now)
        ])?;
    connection.execute(
        "UPDATE attendant_meta SET value = value + 1 WHERE key = 'actions'",
        [],
    )?;
    Ok(())
}

/// Does `work` once: what it changes and the request's key are one transaction.
pub(super) fn once(
    connection: &mut Connection,
    request: &Request,
    work: impl FnOnce(&Connection) -> Result<Done, Trouble>,
) -> Result<Vec<Row>, Trouble> {
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let Some(rows) = stored(&transaction, request)? {
        return Ok(rows);
    }
    let mut savepoint = transaction.savepoint()?;
    let rows = match work(&savepoint)? {
        Done::Rows(rows) => rows,
        Done::Nothing => {
            savepoint.rollback()?;
            Vec::new()
        }
    };
    savepoint.commit()?;
    keep(&transaction, request, &rows)?;
    transaction.commit()?;
    Ok(rows)
}

/// What was asked, without saying it. Secrets are not in it: a few digits are soon guessed from a sum.
fn fingerprint(request: &Request) -> String {
    let mut sum = checksum(&format!("{}\n{:?}", request.name, request.arguments));
    sum.truncate(16);
    sum
}

/// Checks the SQL of all operations against the tables.
pub(super) fn check(
    connection: &Connection,
    operations: &Operations,
    text: &str,
    stale: bool,
) -> Result<(), StoreError> {
    let source = Source { file: FILE, text };
    for operation in operations.iter() {
        let Work::Sql(script) = &operation.work else {
            continue;
        };
        let statements = script.statements.iter().map(|sql| (sql, false));
        for (sql, reads) in statements.chain(script.query.iter().map(|sql| (sql, true))) {
            check_one(connection, &source, operation, sql, reads).map_err(|mut error| {
                if stale {
                    error.hint +=
                        "; store.sql has changed since the store was filled: attendant store reset";
                }
                StoreError::Text(error)
            })?;
        }
    }
    Ok(())
}

fn check_one(
    connection: &Connection,
    source: &Source<'_>,
    operation: &Operation,
    sql: &Sql,
    reads: bool,
) -> Result<(), DomainError> {
    // A position in the file that has the right line.
    let position = |line: usize| {
        let before = source
            .text
            .split_inclusive('\n')
            .take(line.saturating_sub(1));
        before.map(str::len).sum::<usize>()
    };
    let error = |line: usize, what: String, hint: &str| {
        Err(source.error(position(line), Wrong::new(what, hint)))
    };
    if let Some(word) = clock_word(&sql.text) {
        return error(
            sql.line,
            format!("{} asks the machine's clock", word.trim()),
            CLOCK_HINT,
        );
    }
    let statement = match connection.prepare(&sql.text) {
        Ok(statement) => statement,
        Err(rusqlite::Error::MultipleStatement) => {
            return error(
                sql.line,
                "these are several statements".into(),
                "write a list: action = [\"…\", \"…\"]",
            );
        }
        Err(failed) => {
            let offset = match &failed {
                rusqlite::Error::SqlInputError { offset, .. } => {
                    usize::try_from(*offset).unwrap_or(0)
                }
                _ => 0,
            };
            let before = sql.text.get(..offset).unwrap_or_default();
            return error(
                sql.line + before.matches('\n').count(),
                told(&failed),
                "SQLite says so; compare with store.sql",
            );
        }
    };
    if reads && !(statement.readonly() && statement.column_count() > 0) {
        return error(
            sql.line,
            "a query only reads".into(),
            "changes belong into action = [\"…\"]",
        );
    }
    let begins = sql
        .text
        .trim_start()
        .get(..6)
        .unwrap_or_default()
        .to_uppercase();
    let changes = ["INSERT", "UPDATE", "DELETE", "REPLAC"].contains(&begins.as_str())
        || begins.starts_with("WITH");
    if !reads && (statement.readonly() || !changes) {
        let hint = "begin with INSERT, UPDATE, DELETE or WITH; what only reads belongs into query";
        return error(sql.line, "an action's statements change rows".into(), hint);
    }
    for index in 1..=statement.parameter_count() {
        let name = statement.parameter_name(index).unwrap_or_default();
        let Some(name) = name.strip_prefix(':') else {
            return error(
                sql.line,
                "a parameter without a name".into(),
                "write :argument",
            );
        };
        known(source, name, position(sql.line), &operation.arguments)?;
    }
    Ok(())
}
