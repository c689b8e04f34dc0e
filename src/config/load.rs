//! From what was given (file, environment, flags) to complete settings: reads each source into
//! "key = raw value, from there", lays them over the defaults in order, checks the whole.
//!
//! Pure: the command line hands in the texts. Every problem is reported, not just the first.

use super::problem::{ConfigError, Problem, Source, nearest};
use super::table::{Key, keys};
use super::value::Raw;
use super::{Config, SECTIONS, check};
use std::collections::BTreeMap;
use std::path::PathBuf;
use toml::de::{DeTable, DeValue};

/// Environment variables that begin like settings and are none: name and meaning.
pub const OTHER_VARIABLES: &[(&str, &str)] = &[
    ("ATTENDANT_CONFIG", "the settings file, as --config"),
    ("ATTENDANT_LOG", "what is logged, as --log"),
    ("ATTENDANT_LOG_FORMAT", "text or json, as --log-format"),
];

/// Longest settings file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 1 << 20;

/// A settings file. No `Debug`: it may hold a secret.
pub struct File {
    /// As shown in messages.
    pub path: PathBuf,
    pub text: String,
}

/// What was given, later ones over earlier ones. No `Debug`: it may hold a secret.
#[derive(Default)]
pub struct Sources {
    pub file: Option<File>,
    /// Every environment variable, or just those that begin with `ATTENDANT_`.
    pub env: Vec<(String, String)>,
    /// `section.key=value`, from `--set`.
    pub set: Vec<String>,
}

/// Complete settings, and where each that was given comes from.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    pub config: Config,
    /// By `section.key`.
    pub origins: BTreeMap<String, Source>,
}

impl Loaded {
    /// Where the value of `key` comes from.
    pub fn origin(&self, key: &Key) -> &Source {
        self.origins.get(&key.path()).unwrap_or(&Source::Default)
    }

    /// Lays a verb's own flags over it: (flag such as `--listen`, `section.key`, value).
    ///
    /// # Errors
    /// Everything that is wrong with the values, and with the settings as a whole.
    pub fn with_flags(mut self, flags: &[(&str, &str, &str)]) -> Result<Self, ConfigError> {
        let mut problems = Vec::new();
        for (flag, path, value) in flags {
            let at = Source::Flag((*flag).to_owned());
            match keys().find(|key| key.path() == *path) {
                Some(key) => self.put(key, &Raw::Text((*value).to_owned()), at, &mut problems),
                None => problems.push(unknown(at, path, &|key| key.path())),
            }
        }
        self.checked(problems)
    }

    fn put(&mut self, key: &Key, raw: &Raw, at: Source, problems: &mut Vec<Problem>) {
        if (key.read)(&mut self.config, raw) {
            self.origins.insert(key.path(), at);
        } else {
            problems.push(Problem {
                at,
                what: format!("{} must be {}", key.path(), key.expects),
                hint: None,
            });
        }
    }

    fn checked(self, mut problems: Vec<Problem>) -> Result<Self, ConfigError> {
        for fault in check::faults(&self.config) {
            // A rule about two settings is one problem, told at the last of them that was given.
            let at = fault
                .keys
                .iter()
                .filter_map(|key| self.origins.get(*key))
                .next_back();
            let at = at.cloned().unwrap_or(Source::Default);
            problems.push(Problem {
                at,
                what: fault.what,
                hint: fault.hint,
            });
        }
        if problems.is_empty() {
            Ok(self)
        } else {
            Err(ConfigError(problems))
        }
    }
}

/// Makes the settings.
///
/// # Errors
/// Everything that is wrong with them.
pub fn load(sources: &Sources) -> Result<Loaded, ConfigError> {
    let mut loaded = Loaded::default();
    let mut problems = Vec::new();
    if let Some(file) = &sources.file {
        read_file(file, &mut loaded, &mut problems);
        // TOML tables come in the order of their names.
        problems.sort_by_key(|problem| problem.at.line());
    }
    read_env(&sources.env, &mut loaded, &mut problems);
    for text in &sources.set {
        read_set(text, &mut loaded, &mut problems);
    }
    loaded.checked(problems)
}

fn read_env(env: &[(String, String)], loaded: &mut Loaded, problems: &mut Vec<Problem>) {
    for (name, value) in env
        .iter()
        .filter(|(name, _)| name.starts_with("ATTENDANT_"))
    {
        if OTHER_VARIABLES.iter().any(|(other, _)| other == name) {
            continue;
        }
        let at = Source::Env(name.clone());
        match keys().find(|key| key.env() == *name) {
            Some(key) => loaded.put(key, &Raw::Text(value.clone()), at, problems),
            None => problems.push(unknown(at, name, &|key| key.env())),
        }
    }
}

fn read_set(text: &str, loaded: &mut Loaded, problems: &mut Vec<Problem>) {
    let at = Source::Flag("--set".into());
    let Some((path, value)) = text.split_once('=') else {
        let hint =
            Some("write --set section.key=value, for example --set server.max_calls=10".into());
        problems.push(Problem {
            at,
            what: "no \"=\" in the setting".into(),
            hint,
        });
        return;
    };
    let path = path.trim();
    match keys().find(|key| key.path() == path) {
        Some(key) => loaded.put(key, &Raw::Text(value.trim().to_owned()), at, problems),
        None => problems.push(unknown(at, path, &|key| key.path())),
    }
}

fn read_file(file: &File, loaded: &mut Loaded, problems: &mut Vec<Problem>) {
    let at = |offset: usize| {
        let (line, column) = line_and_column(&file.text, offset);
        Source::File {
            path: file.path.clone(),
            line,
            column,
        }
    };
    if file.text.len() > MAX_FILE_BYTES {
        let what = format!("longer than {MAX_FILE_BYTES} bytes: this is no settings file");
        problems.push(Problem {
            at: at(0),
            what,
            hint: None,
        });
        return;
    }
    let (table, errors) = DeTable::parse_recoverable(&file.text);
    if !errors.is_empty() {
        // Only the message: the library's own rendering quotes the line, which may hold a secret.
        problems.extend(errors.iter().take(8).map(|error| Problem {
            at: at(error.span().map_or(0, |span| span.start)),
            what: format!("not TOML: {}", error.message()),
            hint: None,
        }));
        return;
    }
    for (section_name, entries) in table.get_ref() {
        let at_section = at(section_name.span().start);
        let name = section_name.get_ref().as_ref();
        let Some(section) = SECTIONS.iter().find(|section| section.name == name) else {
            problems.push(unknown_section(at_section, name));
            continue;
        };
        let DeValue::Table(entries) = entries.get_ref() else {
            let hint = Some(format!(
                "write [{name}] on a line of its own, and the settings below it"
            ));
            problems.push(Problem {
                at: at_section,
                what: format!("{name} is a section"),
                hint,
            });
            continue;
        };
        for (key_name, value) in entries {
            let at = at(key_name.span().start);
            match section
                .keys
                .iter()
                .find(|key| key.name == key_name.get_ref().as_ref())
            {
                Some(key) => loaded.put(key, &raw(value.get_ref()), at, problems),
                None => problems.push(unknown(
                    at,
                    &format!("{name}.{}", key_name.get_ref()),
                    &|key| key.path(),
                )),
            }
        }
    }
}

fn raw(value: &DeValue<'_>) -> Raw {
    match value {
        DeValue::String(text) => Raw::Str(text.clone().into_owned()),
        DeValue::Boolean(value) => Raw::Bool(*value),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Raw::Other, Raw::Int)
        }
        _ => Raw::Other,
    }
}

/// Settings of before, and what is written now.
const RENAMED: &[(&str, &str)] = &[(
    "business.human_whisper",
    "it is business.human_transfer = \"whisper\" now (ATTENDANT_BUSINESS_HUMAN_TRANSFER)",
)];

fn unknown(at: Source, typed: &str, form: &dyn Fn(&Key) -> String) -> Problem {
    let as_env = |path: &str| format!("ATTENDANT_{}", path.replace('.', "_")).to_uppercase();
    let renamed = RENAMED
        .iter()
        .find(|(old, _)| *old == typed || as_env(old) == typed);
    if let Some((old, hint)) = renamed {
        return Problem {
            at,
            what: format!("no such setting any more: {old}"),
            hint: Some((*hint).to_owned()),
        };
    }
    let all: Vec<String> = keys().map(form).collect();
    // The right key in the wrong section is nearer than a similar key in the right one.
    let leaf = typed.rsplit('.').next().unwrap_or(typed);
    let same_leaf = keys()
        .find(|key| typed.contains('.') && key.name == leaf)
        .map(form);
    let meant =
        same_leaf.or_else(|| nearest(typed, all.iter().map(String::as_str)).map(str::to_owned));
    let hint = match meant {
        Some(meant) => format!("did you mean {meant}?"),
        None => "attendant config print --default lists every setting".into(),
    };
    let what = match at {
        Source::Env(_) => "no such setting".into(),
        _ => format!("no such setting: {typed}"),
    };
    Problem {
        at,
        what,
        hint: Some(hint),
    }
}

fn unknown_section(at: Source, typed: &str) -> Problem {
    let hint = if let Some(key) = keys().find(|key| key.name == typed) {
        format!("it belongs below [{}]", key.section)
    } else if let Some(name) = nearest(typed, SECTIONS.iter().map(|section| section.name)) {
        format!("did you mean [{name}]?")
    } else {
        let names: Vec<_> = SECTIONS.iter().map(|section| section.name).collect();
        format!("the sections are {}", names.join(", "))
    };
    Problem {
        at,
        what: format!("no such section: {typed}"),
        hint: Some(hint),
    }
}

/// Both from 1; columns in characters.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    (line, column)
}
