//! Where things stand in a TOML file: the line and the text of every key, by its path.

use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};

/// One key of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// From 1.
    pub line: usize,
    /// The value, where it is a text.
    pub text: Option<String>,
}

/// The keys of a file by path: `tasks.cancel_order.examples.3`.
#[derive(Clone, Debug, Default)]
pub(super) struct Book(BTreeMap<String, Entry>);

impl Book {
    /// Empty for a text that is no TOML: others say so.
    pub(super) fn read(text: &str) -> Self {
        let mut book = Self::default();
        let line = |at: usize| {
            let before = text.as_bytes().get(..at).unwrap_or_default();
            1 + before.iter().filter(|&&byte| byte == b'\n').count()
        };
        if let Ok(table) = DeTable::parse(text) {
            book.table("", table.get_ref(), &line);
        }
        book
    }

    fn table(&mut self, prefix: &str, table: &DeTable<'_>, line: &impl Fn(usize) -> usize) {
        for (key, value) in table.iter() {
            let path = format!("{prefix}{}", key.get_ref());
            self.value(&path, line(key.span().start), value.get_ref(), line);
        }
    }

    fn value(
        &mut self,
        path: &str,
        at: usize,
        value: &DeValue<'_>,
        line: &impl Fn(usize) -> usize,
    ) {
        let text = match value {
            DeValue::String(text) => Some(text.to_string()),
            _ => None,
        };
        self.0.insert(path.to_owned(), Entry { line: at, text });
        match value {
            DeValue::Table(table) => self.table(&format!("{path}."), table, line),
            DeValue::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    let at = line(item.span().start);
                    self.value(&format!("{path}.{place}"), at, item.get_ref(), line);
                }
            }
            _ => {}
        }
    }

    /// The line of the path, or of what is nearest above it.
    pub(super) fn line(&self, path: &str) -> usize {
        let mut path = path;
        loop {
            if let Some(entry) = self.0.get(path) {
                return entry.line;
            }
            match path.rsplit_once('.') {
                Some((above, _)) => path = above,
                None => return 1,
            }
        }
    }

    pub(super) fn get(&self, path: &str) -> Option<&Entry> {
        self.0.get(path)
    }

    /// What lies directly below the path: names with their entries.
    pub(super) fn below<'a>(&'a self, path: &str) -> impl Iterator<Item = (&'a str, &'a Entry)> {
        let prefix = if path.is_empty() {
            String::new()
        } else {
            format!("{path}.")
        };
        self.0.iter().filter_map(move |(key, entry)| {
            let name = key.strip_prefix(&prefix)?;
            (!name.contains('.')).then_some((name, entry))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_with_their_lines() {
        let book = Book::read(
            "a = 1\n[tasks.x]\nlabel = \"do\"\nexamples = [\n  \"one\",\n  \"two\",\n]\n",
        );
        assert_eq!(book.line("tasks.x"), 2);
        assert_eq!(book.line("tasks.x.examples.1"), 6);
        assert_eq!(book.line("tasks.x.nothing"), 2);
        assert_eq!(book.line("nothing"), 1);
        let texts: Vec<_> = book
            .below("tasks.x.examples")
            .filter_map(|(_, entry)| entry.text.as_deref())
            .collect();
        assert_eq!(texts, ["one", "two"]);
        assert_eq!(
            book.below("").map(|(name, _)| name).collect::<Vec<_>>(),
            ["a", "tasks"]
        );
    }
}
