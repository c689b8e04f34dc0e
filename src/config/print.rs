//! The settings as a commented TOML file that can be read back: what `attendant config print` shows.

use super::load::{Loaded, OTHER_VARIABLES};
use super::problem::Source;
use super::{Config, Key, SECTIONS};
use std::fmt::Write;

/// The settings in force, each with its description, and with its origin and default where it is not
/// the default. Secrets are `…` in a comment, so that the text can be saved and read back.
pub fn effective(loaded: &Loaded) -> String {
    let mut text = String::from(
        "# Settings of attendant: later ones win: defaults, attendant.toml, environment, flags.\n\
         # Any of them: ATTENDANT_SECTION_KEY in the environment, or --set section.key=value.\n",
    );
    for (name, meaning) in OTHER_VARIABLES {
        let _ = writeln!(text, "# {name}: {meaning}.");
    }
    for section in SECTIONS {
        text.push('\n');
        comment(&mut text, section.about);
        let _ = writeln!(text, "[{}]", section.name);
        for key in section.keys {
            comment(&mut text, key.doc);
            let _ = writeln!(text, "{}", line(key, loaded));
        }
    }
    text
}

fn comment(text: &mut String, lines: &[&str]) {
    for line in lines {
        let _ = writeln!(text, "#{line}");
    }
}

fn line(key: &Key, loaded: &Loaded) -> String {
    let name = key.name;
    let assignment = match (key.show(&loaded.config), key.is_set(&loaded.config)) {
        (Some(value), _) => format!("{name} = {value}"),
        (None, true) => format!("# {name} = \"{}\"", crate::pii::HIDDEN),
        (None, false) => format!("# {name} = \"{}\"", key.example.unwrap_or_default()),
    };
    match loaded.origin(key) {
        Source::Default => assignment,
        origin => format!("{assignment}  # from {origin}; default: {}", default(key)),
    }
}

fn default(key: &Key) -> String {
    key.show(&Config::default())
        .unwrap_or_else(|| "none".into())
}
