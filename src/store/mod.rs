//! The back end of a business: what `operations.toml` and `store.sql` say, on SQLite and over HTTP.
//!
//! Decides how operations are done: lookups give rows, actions happen once or not at all, and what
//! fails is `Failed` with its cause in the log, never an argument. When to ask what is the dialogue's
//! affair; [`Store::ask`] blocks, [`BackEnd`] does not. The file formats are in `README.md`.

mod back_end;
mod connector;
mod database;
mod desk;
mod functions;
mod hash;
mod manage;
mod operations;
mod own;
mod rows;
mod run;
mod source;
mod template;
#[cfg(test)]
mod tests;
mod trouble;

pub use back_end::BackEnd;
pub use desk::{Item, finish, items};
pub use manage::{Summary, default_path, read_files, reset, summary};
pub use operations::{Kind, Operation, Operations};
pub use template::Environment;

use crate::dialogue::{DomainError, LookupId, LookupResult, Row};
use crate::pii::vault::Opened;
use connector::Web;
use database::Database;
use jiff::civil::{Date, DateTime};
use operations::{BuiltIn, DELIVER, FILE, Work};
use run::{Done, Values};
use source::Source;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use trouble::Trouble;

/// The file with the tables and the sample data.
const SAMPLE: &str = "store.sql";

/// The JSON Schema of `operations.toml`.
pub fn schema() -> serde_json::Value {
    operations::schema()
}

/// One question to the back end.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The call's name. With `id` it is the key under which an action is done once.
    pub call: String,
    /// The call's number for it: never given twice within a call, also where a turn was taken back.
    pub id: LookupId,
    /// The operation.
    pub name: String,
    /// With stand-ins in the place of secrets.
    pub arguments: BTreeMap<String, String>,
    /// The secrets among them.
    pub secrets: Opened,
    /// The call's "now".
    pub now: DateTime,
}

/// Why a store cannot be opened. The text says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{0}")]
    Text(#[from] DomainError),
    #[error(
        "the store {path} cannot be opened: {why}\nhint: business.store names the file; attendant store reset begins anew"
    )]
    Open { path: String, why: String },
    #[error("no connector: {0}")]
    Web(String),
}

/// A business's back end.
pub struct Store {
    operations: Arc<Operations>,
    database: Database,
    /// `None`: nothing is asked over the network.
    web: Option<Arc<Web>>,
    /// Milliseconds since 1970, for one-time codes: a call's "now" stands still.
    clock: Arc<dyn Fn() -> i64 + Send + Sync>,
}

impl Store {
    /// Opens the back end of the business that has these files (name to text). `path`: the database; none, or `:memory:`:
    /// nothing is kept. `today`: the day from which `store.sql` counts if it is run now.
    ///
    /// # Errors
    /// What is wrong with the files, with its line; a variable that the environment lacks; a database
    /// that cannot be opened.
    pub fn open(
        files: &BTreeMap<String, String>,
        path: Option<&Path>,
        today: Date,
        environment: Environment<'_>,
    ) -> Result<Self, StoreError> {
        let operations = Operations::parse(files, environment)?;
        let sample = files.get(SAMPLE).map(|text| Source { file: SAMPLE, text });
        let database = Database::open(path, sample.as_ref(), today)?;
        let text = files.get(FILE).map_or("", String::as_str);
        let midnight = today.to_datetime(jiff::civil::Time::midnight());
        let checked = database.with("", midnight, |connection| {
            Ok(run::check(connection, &operations, text, database.stale))
        });
        checked.map_err(|trouble| StoreError::Web(trouble.to_string()))??;
        if database.stale {
            tracing::warn!(
                "store.sql has changed since the store was filled; hint: attendant store reset"
            );
        }
        let web = operations
            .any_http()
            .then(Web::new)
            .transpose()
            .map_err(StoreError::Web)?
            .map(Arc::new);
        Ok(Self {
            operations: Arc::new(operations),
            database,
            web,
            clock: Arc::new(|| jiff::Timestamp::now().as_millisecond()),
        })
    }

    /// A copy in memory, with all that is in it now: what is done to it is forgotten.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn copy(&self) -> Result<Self, StoreError> {
        let database = self.database.copy().map_err(|error| StoreError::Open {
            path: "in memory".into(),
            why: error.to_string(),
        })?;
        Ok(Self {
            operations: Arc::clone(&self.operations),
            database,
            web: self.web.clone(),
            clock: Arc::clone(&self.clock),
        })
    }

    /// The operation of this name.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name)
    }

    /// All operations, by name; the built-in ones, too.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter()
    }

    /// Whether `store.sql` has changed since the store was filled.
    pub fn is_stale(&self) -> bool {
        self.database.stale
    }

    /// Asks and waits: for SQL a moment, for another machine up to 4.5 seconds.
    pub fn ask(&self, request: &Request) -> LookupResult {
        match self.answer(request) {
            Ok(rows) => {
                tracing::debug!(call = %request.call, operation = %request.name, rows = rows.len(), "the back end answers");
                LookupResult::Rows(rows)
            }
            Err(trouble) => {
                tracing::warn!(call = %request.call, operation = %request.name, cause = %trouble, "the back end fails");
                LookupResult::Failed
            }
        }
    }

    fn answer(&self, request: &Request) -> Result<Vec<Row>, Trouble> {
        let operation = self
            .operation(&request.name)
            .ok_or_else(|| Trouble::Other("there is no such operation".into()))?;
        let values = run::values(operation, &request.arguments, &request.secrets)?;
        let (call, now) = (request.call.as_str(), request.now);
        match (&operation.work, operation.kind) {
            (Work::Sql(script), Kind::Lookup) => self.database.with(call, now, |connection| {
                let sql = script.query.as_ref().map_or("", |query| &query.text);
                run::query(connection, sql, &values)
            }),
            (Work::Sql(script), Kind::Action) => self.database.with(call, now, |connection| {
                run::once(connection, request, |inner| {
                    run::perform(inner, script, &values)
                })
            }),
            (Work::Http(_), Kind::Lookup) => self.connect(operation, &values, request),
            (Work::Http(_), Kind::Action) => {
                self.kept(request, || self.connect(operation, &values, request))
            }
            (Work::BuiltIn(BuiltIn::Recall), _) => self
                .database
                .with(call, now, |connection| own::recall(connection, &values)),
            (Work::BuiltIn(BuiltIn::DeskWaiting), _) => {
                self.database
                    .with(call, now, |connection| desk::waiting(connection))
            }
            (Work::BuiltIn(BuiltIn::DeskCallBack), _) => {
                self.database.with(call, now, |connection| {
                    run::once(connection, request, |inner| {
                        desk::call_back(inner, call, &values, now)
                    })
                })
            }
            (Work::BuiltIn(BuiltIn::DeskMessage), _) => {
                self.database.with(call, now, |connection| {
                    run::once(connection, request, |inner| {
                        desk::message(inner, call, &values, now)
                    })
                })
            }
            (Work::BuiltIn(BuiltIn::SendCode), _) => {
                self.kept(request, || self.send_code(request, &values))
            }
            (Work::BuiltIn(what), _) => self.database.with(call, now, |connection| {
                run::once(connection, request, |inner| {
                    own::act(inner, *what, &values, now, (self.clock)())
                })
            }),
        }
    }

    /// Does what happens elsewhere, unless this request was answered before. It cannot be one transaction
    /// with our key: a process that dies in between does it again, with the same idempotency key.
    fn kept(
        &self,
        request: &Request,
        work: impl FnOnce() -> Result<Vec<Row>, Trouble>,
    ) -> Result<Vec<Row>, Trouble> {
        let (call, now) = (request.call.as_str(), request.now);
        let before = self
            .database
            .with(call, now, |connection| run::stored(connection, request))?;
        if let Some(rows) = before {
            return Ok(rows);
        }
        let rows = work()?;
        let written = self.database.with(call, now, |connection| {
            run::once(connection, request, |_| Ok(Done::Rows(rows.clone())))
        });
        if let Err(trouble) = written {
            // It was done: to call that a failure would be the greater error.
            tracing::error!(call, operation = %request.name, cause = %trouble, "an action was done but not written down");
        }
        Ok(rows)
    }

    fn connect(
        &self,
        operation: &Operation,
        values: &Values,
        request: &Request,
    ) -> Result<Vec<Row>, Trouble> {
        let (Work::Http(connector), Some(web)) = (&operation.work, &self.web) else {
            return Err(Trouble::Other("there is no connector".into()));
        };
        let mut key = hash::checksum(&format!(
            "{}\n{}\n{}",
            request.call, request.id, operation.name
        ));
        key.truncate(32);
        connector.ask(web, values, &key)
    }

    /// Makes a code and has the business's own operation deliver it.
    fn send_code(&self, request: &Request, values: &Values) -> Result<Vec<Row>, Trouble> {
        let (call, now) = (request.call.as_str(), request.now);
        let fixed = self
            .operations
            .fixed_code
            .as_deref()
            .filter(|_| self.database.in_memory);
        let deliver = self.operation(DELIVER);
        if deliver.is_none() {
            return Err(Trouble::Other(format!(
                "there is no operation {DELIVER} in {FILE}"
            )));
        }
        let code = self.database.with(call, now, |connection| {
            own::new_code(connection, values, fixed, (self.clock)())
        })?;
        let Some(code) = code else {
            return Ok(Vec::new());
        };
        if let (None, Some(deliver)) = (fixed, deliver) {
            let given =
                BTreeMap::from([("to".to_owned(), code.to), ("code".to_owned(), code.code)]);
            let values = run::values(deliver, &given, &Opened::default())?;
            match &deliver.work {
                Work::Sql(script) => self.database.with(call, now, |connection| {
                    let transaction = connection.transaction()?;
                    run::perform(&transaction, script, &values)?;
                    Ok(transaction.commit()?)
                })?,
                _ => drop(self.connect(deliver, &values, request)?),
            }
        }
        Ok(vec![Row::from([("sent".to_owned(), true.into())])])
    }
}

/// A store of one's own behind threads.
impl From<Store> for BackEnd {
    fn from(store: Store) -> Self {
        Self::new(Arc::new(store))
    }
}
