//! `attendant schema`: JSON Schemas of a business's files, so that editors complete and check them.

use crate::dialogue::domain::{nearest, schemas};
use crate::store;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::ExitCode;

/// JSON Schemas of a business's files.
#[derive(clap::Args)]
pub struct Args {
    /// One of business, tasks, operations, flags, wording, prompts, or handover (what a webhook gets);
    /// without it, all in one object
    #[arg(value_name = "FILE")]
    file: Option<String>,
}

/// Runs the verb.
///
/// # Errors
/// There is no such file.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut all = all();
    // No file of a business: what a webhook gets.
    all.insert("handover", crate::desk::schema());
    let Some(file) = &args.file else {
        super::print(&format!("{:#}\n", serde_json::json!(all)))?;
        return Ok(ExitCode::SUCCESS);
    };
    let name = file.strip_suffix(".toml").unwrap_or(file);
    let name = name.rsplit('/').next().unwrap_or(name);
    let Some(schema) = all.get(name) else {
        let known: Vec<&str> = all.keys().copied().collect();
        anyhow::bail!(
            "there is no file {file:?} in a business\nhint: {} There are {}",
            nearest(name, &known),
            known.join(", ")
        );
    };
    super::print(&format!("{schema:#}\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// By the file's name without `.toml`.
pub(super) fn all() -> BTreeMap<&'static str, Value> {
    let mut all = schemas();
    all.insert("operations", store::schema());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::domain::{TRADES, trade};

    /// The keys of a value that its schema does not know.
    fn unknown(root: &Value, schema: &Value, value: &toml::Value, path: &str) -> Vec<String> {
        let schema = resolved(root, schema);
        if let Some(any) = schema["anyOf"].as_array() {
            let tried = any.iter().map(|one| unknown(root, one, value, path));
            return tried.min_by_key(Vec::len).unwrap_or_default();
        }
        match value {
            toml::Value::Table(table) => table
                .iter()
                .flat_map(|(key, value)| {
                    let path = format!("{path}.{key}");
                    let below = match &schema["properties"][key] {
                        Value::Null => &schema["additionalProperties"],
                        known => known,
                    };
                    let patterns = schema["patternProperties"].as_object();
                    let pattern = patterns.and_then(|patterns| patterns.values().next());
                    match (below, pattern) {
                        (Value::Null | Value::Bool(false), Some(pattern)) => {
                            unknown(root, pattern, value, &path)
                        }
                        (Value::Null | Value::Bool(false), None) if schema.is_object() => {
                            vec![path]
                        }
                        (below, _) => unknown(root, below, value, &path),
                    }
                })
                .collect(),
            toml::Value::Array(items) => items
                .iter()
                .flat_map(|item| match &schema["items"] {
                    Value::Null => vec![format!("{path}: no list")],
                    items => unknown(root, items, item, path),
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
        match schema["$ref"]
            .as_str()
            .and_then(|path| path.strip_prefix('#'))
        {
            Some(path) => root.pointer(path).unwrap_or(&Value::Null),
            None => schema,
        }
    }

    #[test]
    fn every_key_of_the_built_in_businesses_is_known() {
        let schemas = all();
        for name in TRADES {
            for (file, text) in trade(name).unwrap_or_default() {
                let Some(stem) = file.strip_suffix(".toml") else {
                    continue;
                };
                let stem = stem.rsplit('/').next().unwrap_or(stem);
                let schema = &schemas[stem];
                let value: toml::Value =
                    toml::from_str(&text).expect("a test parses the businesses");
                assert_eq!(unknown(schema, schema, &value, &file), [""; 0], "{name}");
            }
        }
    }

    #[test]
    fn a_key_that_is_none_is_told() {
        for (stem, text) in [
            ("business", "nam = 1"),
            ("tasks", "[tasks.x]\nsteps = [{ sya = \"x\" }]"),
            ("tasks", "[slots.x]\nkind = \"digits\"\ndigit = 6"),
            ("operations", "[x]\nquerry = \"\""),
            ("flags", "[x]\ndo = \"x\""),
            ("wording", "[tasks.x]\nlable = \"\""),
            ("prompts", "[x]\nsay = \"\"\nretyr = \"\""),
            ("prompts", "[slots.x]\nretyr = \"\""),
        ] {
            let schema = &all()[stem];
            let value: toml::Value = toml::from_str(text).expect("TOML");
            assert_eq!(
                unknown(schema, schema, &value, "").len(),
                1,
                "{stem}: {text}"
            );
        }
    }

    #[test]
    fn an_unknown_file_is_told_with_the_nearest() {
        let error = run(&Args {
            file: Some("task.toml".into()),
        })
        .expect_err("there is none");
        assert!(
            error.to_string().contains("did you mean \"tasks\"?"),
            "{error}"
        );
    }
}
