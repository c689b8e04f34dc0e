//! A call's record, searched for what was keyed as a secret: the texts for the digits, the caller's sound
//! for the tones.

use super::invariants::{Broken, Rule};
use super::secrets::tells;
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
    let secrets = &called.secrets;
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
