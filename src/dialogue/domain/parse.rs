//! Puts a business together from its files: `business.toml` here, the rest in its own files.

mod prompts;
mod tasks;
mod words;

use super::source::{DomainError, Source, nearest};
use super::{Domain, Files, Identity};
use crate::dialogue::flags::Flags;
use crate::dialogue::hours::{Day, Hours, parse_day};
use crate::dialogue::spoken::{Currency, Language};
use crate::dialogue::template::Values;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

type Week = BTreeMap<Spanned<String>, Spanned<String>>;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawBusiness {
    /// Short name, for files and logs.
    name: String,
    /// Codes of the languages that are spoken: `en`, `es`; calls begin in the first.
    #[schemars(with = "Vec<String>")]
    languages: Vec<Spanned<String>>,
    /// `USD`, `EUR` or `GBP`.
    #[schemars(with = "String")]
    currency: Spanned<String>,
    /// By weekday: `09:00-18:00`, `00:00-24:00` (all day) or `closed`.
    #[schemars(with = "BTreeMap<String, String>")]
    hours: Week,
    /// By month and day (`12-25`), every year, over the weekday.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    holidays: Week,
    /// When people take calls, by weekday, where that is not `hours`; holidays count for both.
    #[serde(default)]
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    human_line: Option<Week>,
    /// Constants for templates and conditions; money in cents.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    values: BTreeMap<String, Spanned<toml::Value>>,
    /// How callers are recognised and verified.
    #[serde(default)]
    identity: Option<RawIdentity>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawIdentity {
    /// The lookup that finds the caller's row by `phone`.
    #[schemars(with = "Option<String>")]
    look: Option<Spanned<String>>,
    /// The task that asks who calls.
    #[schemars(with = "Option<String>")]
    known: Option<Spanned<String>>,
    /// The task that verifies the caller.
    #[schemars(with = "Option<String>")]
    verified: Option<Spanned<String>>,
    /// The column of the caller's row that holds his language.
    #[serde(default = "language_column")]
    language: String,
}

/// JSON Schemas of the files of which this reads the raw form, by the file's name without `.toml`.
pub(super) fn schemas() -> BTreeMap<&'static str, serde_json::Value> {
    BTreeMap::from([
        ("business", schemars::schema_for!(RawBusiness).to_value()),
        ("tasks", tasks::schema()),
        ("wording", words::wording_schema()),
        ("prompts", prompts::prompts_schema()),
    ])
}

fn language_column() -> String {
    "language".into()
}

/// An operation, as far as the dialogue must know it.
#[derive(Clone, Debug, Default)]
pub(super) struct Operation {
    pub arguments: Vec<String>,
    pub action: bool,
    pub undo: Option<String>,
}

const WEEK: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Reads all files; the digest is the caller's. `common` holds what every business shares.
pub(super) fn parse(files: &Files, common: &Files) -> Result<Domain, DomainError> {
    let business = source(files, "business.toml")?;
    let raw: RawBusiness = business.toml()?;
    let mut languages = Vec::new();
    for code in &raw.languages {
        match Language::from_code(code.get_ref()) {
            Some(language) if !languages.contains(&language) => languages.push(language),
            Some(_) => {
                let what = "the language is named twice";
                return Err(business.error(code.span().start, what, "name each once"));
            }
            None => {
                let what = format!("{:?} is no language that is spoken here", code.get_ref());
                return Err(business.error(code.span().start, what, "there are \"en\" and \"es\""));
            }
        }
    }
    if languages.is_empty() {
        return Err(business.error(0, "no language", "languages = [\"en\"]"));
    }
    let currency = Currency::from_code(raw.currency.get_ref()).ok_or_else(|| {
        let what = format!("{:?} is no currency known here", raw.currency.get_ref());
        let hint = "there are \"USD\", \"EUR\" and \"GBP\"";
        business.error(raw.currency.span().start, what, hint)
    })?;
    let (staffed, hours) = (
        staffed(&business, &raw)?,
        hours(&business, &raw.hours, &raw.holidays)?,
    );
    let mut constants = Values::new();
    for (name, value) in &raw.values {
        constants.insert(name.clone(), constant(&business, value)?);
    }
    let operations = operations(files)?;
    let (mut tasks, mut slots) = tasks::read(&source(files, "tasks.toml")?, &operations)?;
    // A business's own task or slot takes the place of a shared one of its name.
    let (shared, shared_slots) = tasks::read(&source(common, "tasks.toml")?, &operations)?;
    for mut task in shared {
        if tasks.iter().all(|own| own.name != task.name) {
            task.shared = true;
            tasks.push(task);
        }
    }
    for (name, slot) in shared_slots {
        slots.entry(name).or_insert(slot);
    }
    let task = |name: &Option<Spanned<String>>| match name {
        None => Ok(None),
        Some(name) => {
            let known = tasks.iter().map(|task| task.name.as_str());
            business.known(name.span().start, name.get_ref(), "task", known)?;
            Ok(Some(name.get_ref().clone()))
        }
    };
    let identity = match &raw.identity {
        None => Identity::default(),
        Some(identity) => {
            if let Some(look) = &identity.look {
                let known = operations.keys().map(String::as_str);
                business.known(look.span().start, look.get_ref(), "operation", known)?;
            }
            Identity {
                look: identity.look.as_ref().map(|look| look.get_ref().clone()),
                known: task(&identity.known)?,
                verified: task(&identity.verified)?,
                language: identity.language.clone(),
            }
        }
    };
    let flags = match files.get("flags.toml") {
        Some(text) => Flags::parse(text).map_err(|error| DomainError {
            file: "flags.toml".into(),
            line: error.line,
            what: error.what,
            hint: "a flag is [name], does = \"task\", en = [\"phrase\"], es = [\"frase\"]".into(),
        })?,
        None => Flags::default(),
    };
    for flag in flags.all() {
        let (name, line) = (flag.does.as_str(), flag.line);
        if !tasks.iter().any(|task| task.name == name) {
            let known: Vec<&str> = tasks.iter().map(|task| task.name.as_str()).collect();
            return Err(DomainError {
                file: "flags.toml".into(),
                line,
                what: format!("there is no task {name:?}"),
                hint: nearest(name, &known),
            });
        }
    }
    let mut domain = Domain {
        name: raw.name,
        languages,
        currency,
        staffed: staffed.unwrap_or_else(|| hours.clone()),
        hours,
        constants,
        identity,
        tasks,
        slots,
        actions: operations
            .iter()
            .filter(|(_, operation)| operation.action)
            .map(|(name, operation)| (name.clone(), operation.undo.clone()))
            .collect(),
        flags,
        words: BTreeMap::new(),
        digest: String::new(),
    };
    for language in domain.languages.clone() {
        let words = words::read(&domain, language, files, common)?;
        domain.words.insert(language.code(), words.into());
    }
    Ok(domain)
}

/// One of the files.
pub(super) fn source<'a>(files: &'a Files, name: &str) -> Result<Source<'a>, DomainError> {
    match files.get_key_value(name) {
        Some((file, text)) => Ok(Source { file, text }),
        None => Err(DomainError {
            file: name.to_owned(),
            line: 1,
            what: "the file is missing".into(),
            hint: "attendant init shop FOLDER writes a whole business to begin with".into(),
        }),
    }
}

fn constant(
    source: &Source<'_>,
    value: &Spanned<toml::Value>,
) -> Result<serde_json::Value, DomainError> {
    match value.get_ref() {
        toml::Value::String(text) => Ok(text.clone().into()),
        toml::Value::Integer(number) => Ok((*number).into()),
        toml::Value::Boolean(truth) => Ok((*truth).into()),
        _ => Err(source.error(
            value.span().start,
            "a value of a kind that templates do not take",
            "use a text, a whole number (money in cents), true or false",
        )),
    }
}

/// When people take calls, where that is not when the business is open.
fn staffed(source: &Source<'_>, raw: &RawBusiness) -> Result<Option<Hours>, DomainError> {
    match &raw.human_line {
        Some(line) => hours(source, line, &raw.holidays).map(Some),
        None => Ok(None),
    }
}

fn hours(source: &Source<'_>, week: &Week, holidays: &Week) -> Result<Hours, DomainError> {
    let read = |text: &Spanned<String>| -> Result<Day, DomainError> {
        parse_day(text.get_ref()).ok_or_else(|| {
            let hint = "write \"09:00-18:00\", \"00:00-24:00\" or \"closed\"";
            source.error(text.span().start, "these are no opening hours", hint)
        })
    };
    let mut hours = Hours::default();
    for (name, text) in week {
        source.known(name.span().start, name.get_ref(), "day", WEEK.into_iter())?;
        if let Some(at) = WEEK.iter().position(|day| day == name.get_ref()) {
            hours.week[at] = read(text)?;
        }
    }
    for (date, text) in holidays {
        let parsed = date.get_ref().split_once('-').and_then(|(month, day)| {
            let date = jiff::civil::Date::new(2024, month.parse().ok()?, day.parse().ok()?).ok()?;
            Some((date.month(), date.day()))
        });
        let day = parsed.ok_or_else(|| {
            source.error(
                date.span().start,
                "this is no date",
                "write \"12-25\" for December 25",
            )
        })?;
        hours.holidays.insert(day, read(text)?);
    }
    Ok(hours)
}

fn operations(files: &Files) -> Result<BTreeMap<String, Operation>, DomainError> {
    let mut out: BTreeMap<String, Operation> = BTreeMap::new();
    // Always there: what a business remembers of a caller, one-time codes, and what waits for people.
    for (name, arguments, action) in [
        ("remember", &["caller", "key", "value"][..], true),
        ("recall", &["caller"], false),
        ("forget", &["caller"], true),
        ("send_code", &["caller"], true),
        ("check_code", &["caller", "code"], true),
        ("desk_waiting", &[], false),
        (
            "desk_call_back",
            &[
                "phone", "from_at", "to_at", "language", "customer", "reason", "about",
            ],
            true,
        ),
        (
            "desk_message",
            &[
                "text",
                "offset_ms",
                "phone",
                "language",
                "customer",
                "reason",
                "about",
            ],
            true,
        ),
    ] {
        out.insert(
            name.into(),
            Operation {
                arguments: arguments.iter().map(|&name| name.to_owned()).collect(),
                action,
                undo: None,
            },
        );
    }
    let Ok(file) = source(files, "operations.toml") else {
        return Ok(out);
    };
    let raw: BTreeMap<Spanned<String>, toml::Table> = file.toml()?;
    for (name, table) in &raw {
        let texts = |key: &str| -> Vec<String> {
            let array = table.get(key).and_then(toml::Value::as_array);
            array
                .into_iter()
                .flatten()
                .filter_map(|value| value.as_str().map(str::to_owned))
                .collect()
        };
        let get = table.get("method").and_then(toml::Value::as_str);
        let operation = Operation {
            arguments: texts("arguments"),
            action: table.contains_key("action") || get.is_some_and(|method| method != "GET"),
            undo: table
                .get("undo")
                .and_then(toml::Value::as_str)
                .map(str::to_owned),
        };
        out.insert(name.get_ref().clone(), operation);
    }
    for (name, table) in &raw {
        if let Some(undo) = table.get("undo").and_then(toml::Value::as_str) {
            file.known(
                name.span().start,
                undo,
                "operation",
                out.keys().map(String::as_str),
            )?;
        }
    }
    Ok(out)
}
