//! What calls are made with, for the first page of their bundles: digests of the settings and of the
//! models' files, so that a call that is run again can say what has changed since.

use crate::bundle::shelf::Limits;
use crate::bundle::{Identity, Model};
use crate::config::{Config, Recordings, keys};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;

/// Seconds of a day.
const DAY: u64 = 24 * 60 * 60;

/// The settings and models in force. A file that cannot be read has no digest: whoever opens it will say
/// what is wrong.
pub fn identity(config: &Config) -> Identity {
    let recognizer = &config.recognizer;
    let voice = &config.voice;
    let built_in = || Model {
        name: format!(
            "espeak-ng {}",
            voice.espeak.as_deref().unwrap_or(&voice.espeak_en)
        ),
        digest: String::new(),
    };
    Identity {
        settings_digest: settings(config),
        recognizer: recognizer.model.as_deref().map_or_else(
            || Model {
                name: "bundled".into(),
                digest: String::new(),
            },
            model,
        ),
        second: recognizer.second.as_deref().map(model),
        voice: voice
            .piper
            .as_deref()
            .or(voice.piper_en.as_deref())
            .map_or_else(built_in, model),
    }
}

/// How much of the recordings is kept.
pub fn limits(settings: &Recordings) -> Limits {
    let some = |value: u32| (value > 0).then_some(u64::from(value));
    Limits {
        bytes: some(settings.max_mb).map(|mb| mb * 1_000_000),
        age: some(settings.max_days).map(|days| Duration::from_secs(days * DAY)),
    }
}

/// Of every setting that is no secret, as it is printed.
fn settings(config: &Config) -> String {
    let mut hash = Sha256::new();
    for key in keys() {
        if let Some(value) = key.show(config) {
            hash.update(format!("{} = {value}\n", key.path()));
        }
    }
    HEXLOWER.encode(&hash.finalize())
}

fn model(path: &Path) -> Model {
    let name = path.file_name().unwrap_or(path.as_os_str());
    let digest = File::open(path).and_then(|mut file| {
        let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok::<_, io::Error>(HEXLOWER.encode(&hash.finalize())),
                count => hash.update(&buffer[..count]),
            }
        }
    });
    Model {
        name: name.to_string_lossy().into_owned(),
        digest: digest.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_setting_is_another_digest_and_a_secret_is_none() {
        let plain = Config::default();
        let mut changed = plain.clone();
        changed.call.open_ms += 10;
        assert_ne!(settings(&plain), settings(&changed));
        let mut secret = plain.clone();
        secret.exotel.secret = Some(crate::pii::Secret::new("s".to_owned()));
        assert_eq!(settings(&plain), settings(&secret));
    }

    #[test]
    fn a_model_is_known_by_its_content() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("ggml-base.en.bin");
        std::fs::write(&path, "abc").expect("room");
        let model = model(&path);
        assert_eq!(model.name, "ggml-base.en.bin");
        // SHA-256 of "abc", FIPS 180-2, appendix B.1.
        assert!(
            model.digest.starts_with("ba7816bf8f01cfea"),
            "{}",
            model.digest
        );
    }
}
