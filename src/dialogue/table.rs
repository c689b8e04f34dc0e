//! Records in a text file (CSV, RFC 4180 without line breaks in fields): the sample shop's back end.
//! Knows nothing of what the columns mean.

use std::collections::BTreeMap;

/// Rows by column name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<BTreeMap<String, String>>,
}

/// What is wrong with a table, and in which line (from 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableError {
    pub line: usize,
    pub what: String,
}

impl Table {
    /// Reads a table whose first line names the columns.
    ///
    /// # Errors
    /// A row with more or fewer fields than columns, a quote without its partner, no header.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let (_, header) = lines.next().ok_or_else(|| TableError { line: 1, what: "the table is empty".into() })?;
        let columns = fields(header).map_err(|what| TableError { line: 1, what })?;
        let mut rows = Vec::new();
        for (index, line) in lines {
            let at = |what| TableError { line: index + 1, what };
            let fields = fields(line).map_err(at)?;
            if fields.len() != columns.len() {
                return Err(at(format!("{} fields, but the header has {}", fields.len(), columns.len())));
            }
            rows.push(columns.iter().cloned().zip(fields).collect());
        }
        Ok(Self { columns, rows })
    }

    /// The first row that has all of `arguments`.
    pub fn find(&self, arguments: &BTreeMap<String, String>) -> Option<&BTreeMap<String, String>> {
        self.rows.iter().find(|row| arguments.iter().all(|(name, value)| row.get(name) == Some(value)))
    }
}

fn fields(line: &str) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    let mut field = String::new();
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' if quoted || field.trim().is_empty() => quoted = !quoted,
            '"' => return Err("a quote inside a field that does not start with one".into()),
            ',' if !quoted => out.push(std::mem::take(&mut field).trim().to_owned()),
            _ => field.push(c),
        }
    }
    if quoted {
        return Err("a quote is not closed".into());
    }
    out.push(field.trim().to_owned());
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_their_fields() {
        let table = Table::parse("order,item\n1,toaster\n2,\"keyboard, \"\"black\"\"\"\n").expect("a table");
        let found = |order: &str| table.find(&BTreeMap::from([("order".into(), order.into())])).map(|row| row["item"].clone());
        assert_eq!(found("2").as_deref(), Some("keyboard, \"black\""));
        assert_eq!(found("3"), None);
    }

    #[test]
    fn broken_tables_name_the_line() {
        for (text, line) in [("", 1), ("a,b\n1\n", 2), ("a\n1\n\"2\n", 3), ("a\nx\"y\n", 2)] {
            assert_eq!(Table::parse(text).map_err(|error| error.line), Err(line), "{text:?}");
        }
    }
}
