//! A call's record, searched for what was keyed as a secret: the texts for the digits, the caller's sound
//! for the tones.

use super::invariants::{Broken, Rule};
use super::secrets::{sought, tells};
use super::simulator::Called;
use crate::audio::dtmf::Dtmf;
use crate::audio::wav::{Channel, WavReader};
use crate::bundle::{BOTH, CALLER, JOURNAL, MANIFEST};
use crate::call::Tick;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// The first file that tells a secret.
pub(super) fn leak(called: &Called, folder: &Path) -> Option<Broken> {
    let secrets = &sought(called);
    if secrets.is_empty() {
        return None;
    }
    let text = |name: &&str| {
        let text = std::fs::read_to_string(folder.join(name));
        text.is_ok_and(|text| text.lines().any(|line| tells(line, secrets)))
    };
    let sound = |name: &&str| {
        let keys = keys(&folder.join(name));
        secrets.iter().any(|secret| keys.contains(secret.as_str()))
    };
    let told = [JOURNAL, MANIFEST].into_iter().find(text);
    let name = told.or_else(|| [CALLER, BOTH].into_iter().find(sound))?;
    Some(Broken {
        rule: Rule::Secret,
        at: called.moments.len() as Tick,
        what: format!("a secret is in {name}"),
    })
}

/// The keys that are to be heard in a file's left channel, or only one.
fn keys(path: &Path) -> String {
    let Ok(file) = File::open(path) else {
        return String::new();
    };
    let frames = WavReader::new(BufReader::new(file), Channel::Left);
    let mut dtmf = Dtmf::new();
    let frames = frames.into_iter().flatten();
    let keys = frames.filter_map(|frame| dtmf.push(&frame).digit);
    keys.map(crate::audio::Digit::as_char).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::tone::dtmf;
    use crate::audio::{Digit, RATE_HZ};

    /// A mono file with these keys.
    fn tones(path: &Path, keys: &str) {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: RATE_HZ,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut file = hound::WavWriter::create(path, spec).expect("a file");
        for key in keys.chars().filter_map(Digit::new) {
            let mut sound = dtmf(key, -13.0, 100);
            sound.extend([0; 1600]);
            for sample in sound {
                file.write_sample(sample).expect("room");
            }
        }
        file.finalize().expect("room");
    }

    #[test]
    fn a_secret_is_found_in_texts_and_as_tones() {
        let folder = tempfile::tempdir().expect("a folder");
        let called = Called {
            secrets: vec!["4821".into(), "7".into()],
            ..Called::default()
        };
        let leak = || leak(&called, folder.path()).map(|broken| broken.what);
        assert_eq!(leak(), None);
        tones(&folder.path().join(CALLER), "715");
        assert_eq!(leak(), None);
        tones(&folder.path().join(CALLER), "74821");
        assert_eq!(leak().as_deref(), Some("a secret is in caller.wav"));
        let line = "{\"t\":5,\"in\":\"4821\"}\n";
        std::fs::write(folder.path().join(JOURNAL), line).expect("room");
        assert_eq!(leak().as_deref(), Some("a secret is in journal.jsonl"));
    }
}
