//! Reads a list of models (TOML) and refuses what is not complete: decides what an entry must have.
//!
//! A name becomes a file name and a path becomes a web address, so both are held to letters that mean
//! nothing else in either.

use super::{BUNDLED, Catalog, Kind, Model, Piece};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A list that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ParseError(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawList {
    #[serde(default)]
    languages: BTreeMap<String, Vec<String>>,
    source: BTreeMap<String, RawSource>,
    #[serde(default)]
    model: Vec<RawModel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSource {
    kind: Kind,
    repository: String,
    revision: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawModel {
    name: String,
    source: String,
    languages: RawLanguages,
    licence: String,
    file: Vec<RawPiece>,
}

/// Codes, or the name of a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum RawLanguages {
    Group(String),
    Codes(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPiece {
    path: String,
    size: u64,
    sha256: String,
}

impl Catalog {
    /// Reads a list.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let raw: RawList = toml::from_str(text).map_err(|error| ParseError(error.to_string()))?;
        let mut models = Vec::new();
        let (mut names, mut files) = (BTreeSet::new(), BTreeSet::new());
        for entry in &raw.model {
            let model = model(entry, &raw)
                .map_err(|why| ParseError(format!("model {:?}: {why}", entry.name)))?;
            if !names.insert(model.name.clone()) {
                return Err(ParseError(format!("two models are called {}", model.name)));
            }
            for piece in &model.files {
                if !files.insert(piece.name().to_owned()) {
                    return Err(ParseError(format!("two files are called {}", piece.name())));
                }
            }
            models.push(model);
        }
        Ok(Self { models })
    }
}

fn model(raw: &RawModel, list: &RawList) -> Result<Model, String> {
    if !is_name(&raw.name) || raw.name == BUNDLED {
        return Err("a name is 1 to 64 letters, digits, and - _ . in between".into());
    }
    let source = list
        .source
        .get(&raw.source)
        .ok_or_else(|| format!("there is no [source.{}]", raw.source))?;
    if !is_path(&source.repository) || source.repository.split('/').count() != 2 {
        return Err("the repository of its source is not owner/name".into());
    }
    if !is_name(&source.revision) {
        return Err("its source has no revision".into());
    }
    if raw.licence.trim().is_empty() {
        return Err("no licence".into());
    }
    let model = Model {
        name: raw.name.clone(),
        kind: source.kind,
        languages: languages(&raw.languages, list)?,
        licence: raw.licence.clone(),
        repository: source.repository.clone(),
        revision: source.revision.clone(),
        files: raw.file.iter().map(piece).collect::<Result<_, _>>()?,
    };
    let names: Vec<_> = model.files.iter().map(Piece::name).collect();
    let fits = match (model.kind, names.as_slice()) {
        (Kind::Whisper, [one]) => one.ends_with(".bin"),
        (Kind::Piper, [voice, settings]) => {
            voice.ends_with(".onnx") && settings.strip_suffix(".json") == Some(voice)
        }
        _ => false,
    };
    if !fits {
        return Err(
            "a whisper model is one .bin file; a piper voice is a .onnx file and a .onnx.json file"
                .into(),
        );
    }
    Ok(model)
}

fn languages(raw: &RawLanguages, list: &RawList) -> Result<Vec<String>, String> {
    let codes = match raw {
        RawLanguages::Codes(codes) => codes,
        RawLanguages::Group(name) => list
            .languages
            .get(name)
            .ok_or_else(|| format!("there is no list of languages {name:?}"))?,
    };
    let is_code = |code: &String| {
        (2..=16).contains(&code.len())
            && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if codes.is_empty() || !codes.iter().all(is_code) {
        return Err("languages are codes such as en or en-GB, at least one".into());
    }
    Ok(codes.clone())
}

fn piece(raw: &RawPiece) -> Result<Piece, String> {
    if !is_path(&raw.path) {
        return Err(format!("{:?} is no path within a repository", raw.path));
    }
    if raw.size == 0 {
        return Err(format!("{} has no size", raw.path));
    }
    let sha256 = sha256(&raw.sha256)
        .ok_or_else(|| format!("the sha256 of {} is not 64 digits 0-9 a-f", raw.path))?;
    Ok(Piece {
        path: raw.path.clone(),
        size: raw.size,
        sha256,
    })
}

fn sha256(text: &str) -> Option<[u8; 32]> {
    let digits = text
        .bytes()
        .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if text.len() != 64 || !digits {
        return None;
    }
    let mut sum = [0; 32];
    for (byte, at) in sum.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(sum)
}

fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// Names with `/` in between: relative, never upwards.
fn is_path(text: &str) -> bool {
    text.len() <= 256 && text.split('/').all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUM: &str = "be07e048e1e599ad46341c8d2a135645097a538221678b7acdd1b1919c6e1b21";

    fn list(model: &str) -> String {
        format!(
            "[languages]\nmany = [\"en\", \"de\"]\nnone = []\n\
             [source.w]\nkind = \"whisper\"\nrepository = \"o/w\"\nrevision = \"r1\"\n\
             [source.p]\nkind = \"piper\"\nrepository = \"o/p\"\nrevision = \"r1\"\n\
             [source.bad]\nkind = \"piper\"\nrepository = \"o/../p\"\nrevision = \"r1\"\n{model}"
        )
    }

    fn entry(name: &str, source: &str, languages: &str, licence: &str, files: &[&str]) -> String {
        let files: String = files
            .iter()
            .map(|path| {
                format!("[[model.file]]\npath = \"{path}\"\nsize = 5\nsha256 = \"{SUM}\"\n")
            })
            .collect();
        format!(
            "[[model]]\nname = \"{name}\"\nsource = \"{source}\"\nlanguages = {languages}\n\
             licence = \"{licence}\"\n{files}"
        )
    }

    #[test]
    fn the_built_in_list_is_complete() {
        let catalog = Catalog::parse(super::super::BUILT_IN).expect("it is read");
        for name in [
            "tiny",
            "tiny.en",
            "base",
            "base.en",
            "small",
            "small.en",
            "medium",
            "medium.en",
            "large-v1",
            "large-v2",
            "large-v3",
            "large-v3-turbo",
            "large-v3-turbo-q5_0",
            "en_US-lessac-medium",
            "en_US-amy-medium",
            "en_GB-alan-medium",
            "es_ES-davefx-medium",
        ] {
            assert!(catalog.find(name).is_some(), "{name}");
        }
        let sums: BTreeSet<_> = catalog
            .models()
            .iter()
            .flat_map(|model| &model.files)
            .map(|piece| piece.sha256)
            .collect();
        let files: usize = catalog.models().iter().map(|model| model.files.len()).sum();
        assert_eq!(sums.len(), files, "a checksum stands twice");
        for model in catalog.models() {
            // A commit, not a branch: the files cannot change.
            assert_eq!(model.revision.len(), 40, "{}", model.name);
            assert!(
                model.size() > 1 << 20 && model.size() < 4 << 30,
                "{}",
                model.name
            );
        }
        let languages = |name: &str| catalog.find(name).expect("is there").languages.len();
        assert_eq!(
            (
                languages("tiny.en"),
                languages("tiny"),
                languages("large-v3-turbo")
            ),
            (1, 99, 100)
        );
    }

    #[test]
    fn an_entry_is_read_whole() {
        let text = list(&entry("a", "w", "\"many\"", "MIT", &["x/a.bin"]));
        let catalog = Catalog::parse(&text).expect("it is right");
        let model = catalog.find("a").expect("is there");
        assert_eq!((model.kind, model.size()), (Kind::Whisper, 5));
        assert_eq!(model.languages, ["en", "de"]);
        assert_eq!(data_encoding::HEXLOWER.encode(&model.files[0].sha256), SUM);
        assert_eq!(model.files[0].name(), "a.bin");
    }

    #[test]
    fn what_is_not_complete_is_refused_with_its_name() {
        let good = |files: &[&str]| entry("a", "w", "[\"en\"]", "MIT", files);
        let cases = [
            (
                entry("../a", "w", "[\"en\"]", "MIT", &["a.bin"]),
                "a name is",
            ),
            (
                entry("attendant-en", "w", "[\"en\"]", "MIT", &["a.bin"]),
                "a name is",
            ),
            (
                entry("a", "x", "[\"en\"]", "MIT", &["a.bin"]),
                "no [source.x]",
            ),
            (
                entry("a", "bad", "[\"en\"]", "MIT", &["a.bin"]),
                "owner/name",
            ),
            (entry("a", "w", "[]", "MIT", &["a.bin"]), "languages"),
            (entry("a", "w", "\"none\"", "MIT", &["a.bin"]), "languages"),
            (
                entry("a", "w", "\"all\"", "MIT", &["a.bin"]),
                "no list of languages",
            ),
            (entry("a", "w", "[\"en\"]", " ", &["a.bin"]), "no licence"),
            (good(&["../a.bin"]), "no path"),
            (good(&["/etc/a.bin"]), "no path"),
            (good(&["a?b.bin"]), "no path"),
            (good(&[]), "file"),
            (good(&["a.bin", "b.bin"]), "one .bin file"),
            (good(&["a.onnx"]), "one .bin file"),
            (
                entry("a", "p", "[\"en\"]", "MIT", &["a.onnx", "b.onnx.json"]),
                "a .onnx.json",
            ),
            (good(&["a.bin"]).replace("size = 5", "size = 0"), "no size"),
            (good(&["a.bin"]).replace(SUM, &SUM[1..]), "64 digits"),
            (
                good(&["a.bin"]).replace(SUM, &SUM.to_uppercase()),
                "64 digits",
            ),
            (good(&["a.bin"]).replace("licence", "license"), "license"),
            (good(&["a.bin"]).repeat(2), "two models"),
            (
                good(&["a.bin"]) + &entry("b", "w", "[\"en\"]", "MIT", &["x/a.bin"]),
                "two files",
            ),
        ];
        for (model, told) in cases {
            let error = Catalog::parse(&list(&model)).expect_err(told).to_string();
            assert!(error.contains(told), "{told}: {error}");
        }
    }

    #[test]
    fn an_own_list_stands_before_the_built_in_one() {
        let own = Catalog::parse(&list(&entry("tiny", "w", "[\"en\"]", "MIT", &["a.bin"])));
        let both = Catalog::built_in().with(own.expect("it is right"));
        assert_eq!(both.models().len(), Catalog::built_in().models().len());
        assert_eq!(both.models()[0].files[0].path, "a.bin");
        assert_eq!(both.near("ggml-base-en.bin"), Some("base.en"));
        assert_eq!(
            both.near("en_US-lessac-medium.onnx"),
            Some("en_US-lessac-medium")
        );
        assert_eq!(both.near("xyzzy"), None);
    }
}
