//! What the back end can be asked: the operations of `operations.toml` and those that are always there.
//!
//! Decides how operations are written and what is wrong with them. Whether their SQL fits the tables is
//! found out when a database is open, in `check`.

use super::connector::Connector;
use super::connector::parse::{RawConnector, connector};
use super::source::{Source, Wrong, nearest};
use super::template::{Environment, is_name};
use crate::dialogue::DomainError;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

/// The file's name.
pub(super) const FILE: &str = "operations.toml";
/// Delivers one-time codes; gets `to` and `code`.
pub(super) const DELIVER: &str = "deliver_code";

/// Does asking it change anything?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No: it may be asked as often as one likes.
    Lookup,
    /// Yes: it is done once per request, all of it or nothing.
    Action,
}

/// One thing that the back end can be asked.
pub struct Operation {
    pub name: String,
    /// The arguments, all of which must be given.
    pub arguments: Vec<String>,
    /// Those that are whole numbers.
    pub numbers: Vec<String>,
    pub kind: Kind,
    /// The operation that takes this one back, with the same arguments.
    pub undo: Option<String>,
    pub(super) work: Work,
}

/// Not what it does: the environment may have put secrets into that.
impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation")
            .field("name", &self.name)
            .field("arguments", &self.arguments)
            .field("kind", &self.kind)
            .field("undo", &self.undo)
            .finish_non_exhaustive()
    }
}

/// How an operation is done.
pub(super) enum Work {
    Sql(Script),
    Http(Box<Connector>),
    BuiltIn(BuiltIn),
}

/// The operations that are always there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BuiltIn {
    Remember,
    Recall,
    Forget,
    SendCode,
    CheckCode,
    DeskWaiting,
    DeskCallBack,
    DeskMessage,
}

const BUILT_IN: [(&str, &[&str], Kind, BuiltIn); 8] = [
    ("desk_waiting", &[], Kind::Lookup, BuiltIn::DeskWaiting),
    (
        "desk_call_back",
        &[
            "phone", "from_at", "to_at", "language", "customer", "reason", "about",
        ],
        Kind::Action,
        BuiltIn::DeskCallBack,
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
        Kind::Action,
        BuiltIn::DeskMessage,
    ),
    (
        "remember",
        &["caller", "key", "value"],
        Kind::Action,
        BuiltIn::Remember,
    ),
    ("recall", &["caller"], Kind::Lookup, BuiltIn::Recall),
    ("forget", &["caller"], Kind::Action, BuiltIn::Forget),
    ("send_code", &["caller"], Kind::Action, BuiltIn::SendCode),
    (
        "check_code",
        &["caller", "code"],
        Kind::Action,
        BuiltIn::CheckCode,
    ),
];

/// Statements that are one transaction.
#[derive(Default)]
pub(super) struct Script {
    pub statements: Vec<Sql>,
    /// The first statement must change a row, or nothing is done.
    pub changes: bool,
    /// What is answered.
    pub query: Option<Sql>,
}

/// One statement, and the line of `operations.toml` in which it begins.
pub(super) struct Sql {
    pub text: String,
    pub line: usize,
}

/// All operations of a business.
pub struct Operations {
    all: BTreeMap<String, Operation>,
    /// The code that is "sent" while nothing is kept, so that demo and tests can know it.
    pub(super) fixed_code: Option<String>,
}

impl fmt::Debug for Operations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(&self.all).finish()
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Raw {
    /// What it is given: texts, all of them.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    arguments: Vec<Spanned<String>>,
    /// Those of the arguments that are whole numbers.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    numbers: Vec<Spanned<String>>,
    /// SQL that gives the rows.
    #[schemars(with = "Option<String>")]
    query: Option<Spanned<String>>,
    /// SQL that changes something: one transaction, done once.
    #[schemars(with = "Option<Vec<String>>")]
    action: Option<Spanned<Vec<Spanned<String>>>>,
    /// The first statement must change a row, or nothing is done.
    #[schemars(with = "Option<bool>")]
    changes: Option<Spanned<bool>>,
    /// The action that takes this one back.
    #[schemars(with = "Option<String>")]
    undo: Option<Spanned<String>>,
    #[schemars(with = "Option<String>")]
    fixed_code: Option<Spanned<String>>,
    // An HTTP connector's keys: flattening them would cost the messages their lines.
    #[schemars(with = "Option<String>")]
    method: Option<Spanned<String>>,
    #[schemars(with = "Option<String>")]
    url: Option<Spanned<String>>,
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    headers: Option<Spanned<BTreeMap<Spanned<String>, Spanned<String>>>>,
    #[schemars(with = "Option<serde_json::Value>")]
    body: Option<Spanned<toml::Value>>,
    #[schemars(with = "Option<super::connector::parse::RawAuth>")]
    auth: Option<Spanned<super::connector::parse::RawAuth>>,
    #[schemars(with = "Option<u64>")]
    timeout_ms: Option<Spanned<u64>>,
    #[schemars(with = "Option<u32>")]
    retries: Option<Spanned<u32>>,
    #[schemars(with = "Option<String>")]
    idempotency: Option<Spanned<String>>,
    #[schemars(with = "Option<String>")]
    rows: Option<Spanned<String>>,
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    map: Option<Spanned<BTreeMap<String, Spanned<String>>>>,
    #[schemars(with = "Option<Vec<u16>>")]
    empty: Option<Spanned<Vec<Spanned<u16>>>>,
}

/// The JSON Schema of `operations.toml`.
pub(super) fn schema() -> serde_json::Value {
    schemars::schema_for!(BTreeMap<String, Raw>).to_value()
}

type Key = (&'static str, Option<usize>);

fn place<T>(key: &'static str, value: Option<&Spanned<T>>) -> Key {
    (key, value.map(|value| value.span().start))
}

impl Raw {
    /// The keys that only SQL has, and where they stand.
    fn sql_keys(&self) -> [Key; 3] {
        [
            place("query", self.query.as_ref()),
            place("action", self.action.as_ref()),
            place("changes", self.changes.as_ref()),
        ]
    }

    /// The keys that only a connector has.
    fn http_keys(&self) -> [Key; 10] {
        [
            place("method", self.method.as_ref()),
            place("headers", self.headers.as_ref()),
            place("body", self.body.as_ref()),
            place("auth", self.auth.as_ref()),
            place("timeout_ms", self.timeout_ms.as_ref()),
            place("retries", self.retries.as_ref()),
            place("idempotency", self.idempotency.as_ref()),
            place("rows", self.rows.as_ref()),
            place("map", self.map.as_ref()),
            place("empty", self.empty.as_ref()),
        ]
    }
}

impl Operations {
    /// Reads `operations.toml`; without one there are the built-in operations alone.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line; also a variable that the environment lacks.
    pub fn parse(
        files: &BTreeMap<String, String>,
        environment: Environment<'_>,
    ) -> Result<Self, DomainError> {
        let built_in = BUILT_IN.map(|(name, arguments, kind, what)| Operation {
            name: name.to_owned(),
            arguments: arguments.iter().map(ToString::to_string).collect(),
            numbers: Vec::new(),
            kind,
            undo: None,
            work: Work::BuiltIn(what),
        });
        let mut operations = Self {
            all: built_in.map(|one| (one.name.clone(), one)).into(),
            fixed_code: None,
        };
        let Some(text) = files.get(FILE) else {
            return Ok(operations);
        };
        let source = Source { file: FILE, text };
        let raw: BTreeMap<Spanned<String>, Raw> = source.toml()?;
        let mut undo = Vec::new();
        for (name, raw) in raw {
            undo.extend(raw.undo.clone().map(|undo| (name.get_ref().clone(), undo)));
            operations.add(&source, &name, raw, environment)?;
        }
        for (name, undo) in undo {
            operations.check_undo(&source, &name, &undo)?;
        }
        Ok(operations)
    }

    fn add(
        &mut self,
        source: &Source<'_>,
        name: &Spanned<String>,
        raw: Raw,
        environment: Environment<'_>,
    ) -> Result<(), DomainError> {
        let at = name.span().start;
        if !is_name(name.get_ref()) {
            let hint = "write small letters, digits and _";
            return Err(source.error(
                at,
                Wrong::new(
                    format!("{:?} cannot name an operation", name.get_ref()),
                    hint,
                ),
            ));
        }
        if self.all.contains_key(name.get_ref()) {
            let what = format!("the operation {} is always there", name.get_ref());
            return Err(source.error(at, Wrong::new(what, "give yours another name")));
        }
        let arguments = names(source, &raw.arguments)?;
        let numbers = names(source, &raw.numbers)?;
        for (number, spanned) in numbers.iter().zip(&raw.numbers) {
            known(source, number, spanned.span().start, &arguments)?;
        }
        if let Some(code) = &raw.fixed_code {
            let digits =
                code.get_ref().len() == 6 && code.get_ref().bytes().all(|b| b.is_ascii_digit());
            if name.get_ref() != DELIVER || !digits {
                let wrong = Wrong::new(
                    format!("fixed_code is a code of six digits in [{DELIVER}]"),
                    "it is for demo and tests: nothing is sent while the store is kept in memory",
                );
                return Err(source.error(code.span().start, wrong));
            }
            self.fixed_code = Some(code.get_ref().clone());
        }
        if name.get_ref() == DELIVER {
            for (argument, spanned) in arguments.iter().zip(&raw.arguments) {
                let given = ["to".to_owned(), "code".to_owned()];
                known(source, argument, spanned.span().start, &given)?;
            }
        }
        let undo = raw.undo.as_ref().map(|undo| undo.get_ref().clone());
        let (kind, work) = work(source, at, raw, &arguments, environment)?;
        let operation = Operation {
            name: name.get_ref().clone(),
            arguments,
            numbers,
            kind,
            undo,
            work,
        };
        self.all.insert(name.get_ref().clone(), operation);
        Ok(())
    }

    fn check_undo(
        &self,
        source: &Source<'_>,
        name: &str,
        undo: &Spanned<String>,
    ) -> Result<(), DomainError> {
        let at = undo.span().start;
        let error = |what: String, hint: &str| Err(source.error(at, Wrong::new(what, hint)));
        let Some(back) = self.all.get(undo.get_ref()) else {
            let known: Vec<&str> = self.names().filter(|other| *other != name).collect();
            return error(
                format!("there is no operation {:?}", undo.get_ref()),
                &nearest(undo.get_ref(), &known),
            );
        };
        let Some(operation) = self.all.get(name) else {
            return Ok(());
        };
        if operation.kind == Kind::Lookup || back.kind == Kind::Lookup {
            return error(
                format!("{name} cannot be taken back by {}", back.name),
                "only an action can be taken back, and only by an action",
            );
        }
        match back
            .arguments
            .iter()
            .find(|wanted| !operation.arguments.contains(wanted))
        {
            Some(wanted) => error(
                format!("{} wants {wanted:?}, which {name} does not have", back.name),
                "an operation is taken back with its own arguments",
            ),
            None => Ok(()),
        }
    }

    /// The operation of this name.
    pub fn get(&self, name: &str) -> Option<&Operation> {
        self.all.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Operation> {
        self.all.values()
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.all.keys().map(String::as_str)
    }

    /// Whether one of them is asked over the network.
    pub(super) fn any_http(&self) -> bool {
        self.iter()
            .any(|operation| matches!(operation.work, Work::Http(_)))
    }
}

/// Names of arguments, each once.
fn names(source: &Source<'_>, given: &[Spanned<String>]) -> Result<Vec<String>, DomainError> {
    let mut names: Vec<String> = Vec::new();
    for name in given {
        let error =
            |what: String, hint: &str| source.error(name.span().start, Wrong::new(what, hint));
        if !is_name(name.get_ref()) {
            let what = format!("{:?} cannot name an argument", name.get_ref());
            return Err(error(what, "write small letters, digits and _"));
        }
        if names.contains(name.get_ref()) {
            return Err(error(
                format!("{:?} stands there twice", name.get_ref()),
                "leave one out",
            ));
        }
        names.push(name.get_ref().clone());
    }
    Ok(names)
}

/// Checks that an operation has the argument that it uses.
pub(super) fn known(
    source: &Source<'_>,
    name: &str,
    at: usize,
    arguments: &[String],
) -> Result<(), DomainError> {
    if arguments.iter().any(|argument| argument == name) {
        return Ok(());
    }
    let known: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let wrong = Wrong::new(
        format!("there is no argument {name:?}"),
        nearest(name, &known),
    );
    Err(source.error(at, wrong))
}

fn work(
    source: &Source<'_>,
    at: usize,
    raw: Raw,
    arguments: &[String],
    environment: Environment<'_>,
) -> Result<(Kind, Work), DomainError> {
    let (sql_keys, http_keys) = (raw.sql_keys(), raw.http_keys());
    let present = |keys: &[Key]| keys.iter().find_map(|(key, at)| Some((*key, (*at)?)));
    if let Some(url) = raw.url {
        if let Some((key, at)) = present(&sql_keys) {
            let what = format!("{key} and url do not go together");
            return Err(source.error(at, Wrong::new(what, "make two operations of it")));
        }
        let raw = RawConnector {
            method: raw.method,
            url,
            headers: raw.headers,
            body: raw.body,
            auth: raw.auth,
            timeout_ms: raw.timeout_ms,
            retries: raw.retries,
            idempotency: raw.idempotency,
            rows: raw.rows,
            map: raw.map,
            empty: raw.empty,
        };
        let (kind, connector) = connector(source, raw, arguments, environment)?;
        return Ok((kind, Work::Http(Box::new(connector))));
    }
    if let Some((key, at)) = present(&http_keys) {
        let what = format!("{key} goes with a url");
        return Err(source.error(at, Wrong::new(what, "give a url, or leave it out")));
    }
    let statements = raw
        .action
        .as_ref()
        .map_or(&[][..], |action| action.get_ref());
    if statements.is_empty() && raw.query.is_none() {
        let wrong = Wrong::new(
            "the operation does nothing",
            "give it a query, an action or a url",
        );
        return Err(source.error(at, wrong));
    }
    if let (Some(changes), true) = (&raw.changes, statements.is_empty()) {
        let wrong = Wrong::new("changes goes with an action", "leave it out");
        return Err(source.error(changes.span().start, wrong));
    }
    let kind = if statements.is_empty() {
        Kind::Lookup
    } else {
        Kind::Action
    };
    let script = Script {
        statements: statements.iter().map(|text| sql(source, text)).collect(),
        changes: raw.changes.is_some_and(Spanned::into_inner),
        query: raw.query.map(|text| sql(source, &text)),
    };
    Ok((kind, Work::Sql(script)))
}

fn sql(source: &Source<'_>, text: &Spanned<String>) -> Sql {
    let at = text.span().start;
    let raw = source.text.get(at..).unwrap_or_default();
    // TOML drops a line break that follows three quotes.
    let dropped = ["\"\"\"\n", "'''\n", "\"\"\"\r\n", "'''\r\n"]
        .iter()
        .any(|start| raw.starts_with(start));
    Sql {
        text: text.get_ref().clone(),
        line: source.line(at) + usize::from(dropped),
    }
}
