//! Answers as rows of texts, whole numbers, truth values and nothing: what SQLite and JSON give is
//! brought into this form here, and kept within bounds.

use crate::dialogue::Row;
use rusqlite::types::ValueRef;
use serde_json::Value;
use std::collections::BTreeMap;

/// A dialogue cannot read more than this out.
pub(super) const MAX_ROWS: usize = 100;
/// Largest answer, in bytes.
pub(super) const MAX_BYTES: usize = 1 << 20;

/// A column's value; `None`: a blob, or a text that is none.
pub(super) fn from_sql(value: ValueRef<'_>) -> Option<Value> {
    Some(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        // Never a float: it would read differently on the way through a journal.
        ValueRef::Real(number) => number.to_string().into(),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok()?.into(),
        ValueRef::Blob(_) => return None,
    })
}

/// A JSON value as a field; lists and objects are none.
fn scalar(value: &Value) -> Option<Value> {
    match value {
        Value::Number(number) if !number.is_i64() => Some(number.to_string().into()),
        Value::Array(_) | Value::Object(_) => None,
        value => Some(value.clone()),
    }
}

/// The rows at the JSON pointer `rows`: a list gives one per item, anything else one, `null` none.
/// `map`: field to JSON pointer within a row; empty: every member that is no list or object.
/// `None`: nothing stands at the pointer.
pub(super) fn from_json(
    answer: &Value,
    rows: &str,
    map: &BTreeMap<String, String>,
) -> Option<Vec<Row>> {
    let row = |item: &Value| -> Row {
        if !map.is_empty() {
            let field = |pointer: &String| item.pointer(pointer).and_then(scalar);
            return map
                .iter()
                .map(|(name, pointer)| (name.clone(), field(pointer).unwrap_or_default()))
                .collect();
        }
        match item {
            Value::Object(members) => members
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), scalar(value)?)))
                .collect(),
            other => scalar(other)
                .map(|value| ("value".to_owned(), value))
                .into_iter()
                .collect(),
        }
    };
    Some(match answer.pointer(rows)? {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().take(MAX_ROWS).map(row).collect(),
        other => vec![row(other)],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_becomes_rows() {
        let answer: Value = serde_json::from_str(
            r#"{"result": {"rates": [{"to": "EUR", "value": 0.9137, "more": {"at": 5}}, {"to": "GBP"}], "none": null}}"#,
        )
        .unwrap();
        let rows = from_json(&answer, "/result/rates", &BTreeMap::new()).unwrap();
        assert_eq!(rows[0]["value"], "0.9137");
        assert!(!rows[0].contains_key("more"));
        let map = BTreeMap::from([("at".to_owned(), "/more/at".to_owned())]);
        let rows = from_json(&answer, "/result/rates", &map).unwrap();
        assert_eq!((&rows[0]["at"], &rows[1]["at"]), (&5.into(), &Value::Null));
        assert_eq!(from_json(&answer, "/result/none", &map), Some(Vec::new()));
        assert_eq!(from_json(&answer, "/wrong", &map), None);
        let one = from_json(&answer, "/result/rates/0/to", &BTreeMap::new()).unwrap();
        assert_eq!(one[0]["value"], "EUR");
    }
}
