//! What a setting such as `recognizer.model` means: a file, the name of an installed model, or a
//! mistake worth a word. Decides that a file that is there comes before a name.

use super::{BUNDLED, Catalog, Kind, Model, Store};
use std::path::{Path, PathBuf};

/// A name that gives no file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocateError {
    #[error("the model {name} is not installed\nhint: attendant models pull {name}   ({size})")]
    NotInstalled { name: String, size: String },
    #[error("{name} is {}\nhint: {} takes {}", a(*.is), .wanted.setting(), a(*.wanted))]
    WrongKind {
        name: String,
        is: Kind,
        wanted: Kind,
    },
    #[error("{name} is neither a file nor the name of a model\nhint: {}", suggestion(.near.as_deref()))]
    Unknown { name: String, near: Option<String> },
}

fn a(kind: Kind) -> &'static str {
    match kind {
        Kind::Whisper => "a recogniser (Whisper)",
        Kind::Piper => "a voice (Piper)",
    }
}

fn suggestion(name: Option<&str>) -> String {
    match name {
        Some(name) => format!("did you mean {name}? attendant models list shows all"),
        None => "attendant models list shows the names".into(),
    }
}

/// The file that `given` stands for; `None`: the recogniser in the program.
///
/// What looks like a path is handed back as it is: whoever opens it says best what is wrong with it.
///
/// # Errors
/// [`LocateError`], for names.
pub fn locate(
    given: &Path,
    wanted: Kind,
    catalog: &Catalog,
    store: &Store,
) -> Result<Option<PathBuf>, LocateError> {
    let as_given = || Ok(Some(given.to_owned()));
    let Some(name) = given.to_str().filter(|text| !text.contains('/')) else {
        return as_given();
    };
    if given.is_file() {
        return as_given();
    }
    if name == BUNDLED && wanted == Kind::Whisper {
        return Ok(None);
    }
    let Some(model) = catalog.find(name) else {
        if given.exists() || name.ends_with(".bin") || name.ends_with(".onnx") {
            return as_given();
        }
        return Err(LocateError::Unknown {
            name: name.into(),
            near: catalog.near(name).map(str::to_owned),
        });
    };
    if model.kind != wanted {
        return Err(LocateError::WrongKind {
            name: name.into(),
            is: model.kind,
            wanted,
        });
    }
    match store.installed(model) {
        Some(path) => Ok(Some(path)),
        None => Err(not_installed(model)),
    }
}

fn not_installed(model: &Model) -> LocateError {
    LocateError::NotInstalled {
        name: model.name.clone(),
        size: format!("{} MB", model.size().div_ceil(1_000_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_a_file_or_a_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path());
        let catalog = Catalog::built_in();
        let found = |given: &str, kind| locate(Path::new(given), kind, &catalog, &store);
        let path = |text: &str| Ok(Some(PathBuf::from(text)));
        assert_eq!(found("a/tiny.en", Kind::Whisper), path("a/tiny.en"));
        assert_eq!(
            found("ggml-tiny.en.bin", Kind::Whisper),
            path("ggml-tiny.en.bin")
        );
        assert_eq!(found("Cargo.toml", Kind::Whisper), path("Cargo.toml"));
        assert_eq!(found("attendant-en", Kind::Whisper), Ok(None));
        for (given, kind, told) in [
            (
                "tiny.en",
                Kind::Whisper,
                "attendant models pull tiny.en   (78 MB)",
            ),
            ("tiny-en", Kind::Whisper, "did you mean tiny.en?"),
            ("tiny.en", Kind::Piper, "voice.piper takes a voice"),
            (
                "en_US-amy-medium",
                Kind::Whisper,
                "recognizer.model takes a recogniser",
            ),
            ("attendant-en", Kind::Piper, "neither a file nor"),
            ("xyzzy", Kind::Whisper, "models list"),
        ] {
            let error = found(given, kind).expect_err(told).to_string();
            assert!(error.contains(told), "{told}: {error}");
        }
    }
}
