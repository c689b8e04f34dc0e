//! The list of models as a table or as JSON.

use crate::catalog::{BUNDLED, Catalog, Kind, Model, Store};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::process::ExitCode;

/// Length of the recogniser in the program, in bytes.
const BUNDLED_BYTES: u64 = include_bytes!("../../../models/attendant-en.bin").len() as u64;
const BUNDLED_LICENCE: &str = env!("CARGO_PKG_LICENSE");
/// More languages are counted, not named.
const NAMED_LANGUAGES: usize = 3;

/// Prints every model.
pub(super) fn print(catalog: &Catalog, store: &Store, json: bool) -> anyhow::Result<ExitCode> {
    if json {
        let mut all = vec![json!({
            "name": BUNDLED, "kind": Kind::Whisper, "bytes": BUNDLED_BYTES, "languages": ["en"],
            "licence": BUNDLED_LICENCE, "installed": true, "path": null, "files": [],
        })];
        all.extend(catalog.models().iter().map(|model| entry(model, store)));
        super::print(&format!("{}\n", serde_json::to_string_pretty(&all)?))?;
    } else {
        super::print(&table(catalog, store))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn entry(model: &Model, store: &Store) -> Value {
    let path = store.installed(model);
    let files: Vec<Value> = model
        .files
        .iter()
        .map(|piece| {
            json!({
                "path": store.path(piece), "bytes": piece.size, "sha256": HEXLOWER.encode(&piece.sha256),
                "source": format!("{}@{}/{}", model.repository, model.revision, piece.path),
            })
        })
        .collect();
    json!({
        "name": model.name, "kind": model.kind, "bytes": model.size(), "languages": model.languages,
        "licence": model.licence, "installed": path.is_some(), "path": path, "files": files,
    })
}

fn table(catalog: &Catalog, store: &Store) -> String {
    let mut rows = vec![
        ["NAME", "KIND", "SIZE", "LANGUAGES", "INSTALLED", "LICENCE"].map(str::to_owned),
        [
            BUNDLED.into(),
            Kind::Whisper.name().into(),
            megabytes(BUNDLED_BYTES),
            "en".into(),
            "built in".into(),
            BUNDLED_LICENCE.into(),
        ],
    ];
    rows.extend(catalog.models().iter().map(|model| {
        let installed = match (store.installed(model), store.any(model)) {
            (Some(_), _) => "yes",
            (None, true) => "damaged",
            (None, false) => "no",
        };
        [
            model.name.clone(),
            model.kind.name().into(),
            megabytes(model.size()),
            languages(&model.languages),
            installed.into(),
            model.licence.clone(),
        ]
    }));
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: [usize; 6] = std::array::from_fn(width);
    let mut text = String::new();
    for [name, kind, size, languages, installed, licence] in &rows {
        let _ = writeln!(
            text,
            "{name:w0$}  {kind:w1$}  {size:>w2$}  {languages:w3$}  {installed:w4$}  {licence}",
            w0 = widths[0],
            w1 = widths[1],
            w2 = widths[2],
            w3 = widths[3],
            w4 = widths[4],
        );
    }
    text
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

fn languages(codes: &[String]) -> String {
    if codes.len() <= NAMED_LANGUAGES {
        codes.join(", ")
    } else {
        format!("{} languages", codes.len())
    }
}
