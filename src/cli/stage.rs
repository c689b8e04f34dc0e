//! The business that `test` and `chat` perform against. The one place that knows which dialogue that is.

use crate::config::Config;
use crate::dialogue::spoken::Language;
use crate::dialogue::{Context, Dialogue, Lookup, LookupResult};
use crate::rehearsal::{Answers, Header, Stage, Step};
use crate::runtime::business;
use crate::store::{Kind, Request, Store};
use jiff::civil::DateTime;
use std::path::Path;

/// Opens the business in `folder`, a trade of the binary where there is no such folder; `None`: the one
/// that the settings name.
///
/// # Errors
/// A file that cannot be read, or is wrong.
pub(crate) fn open(folder: Option<&Path>, config: &Config) -> anyhow::Result<Business> {
    Ok(Business(business::Business::open(&at(folder, config))?))
}

/// The settings, with the business in `folder`.
pub(crate) fn at(folder: Option<&Path>, config: &Config) -> Config {
    let mut config = config.clone();
    if let Some(folder) = folder {
        config.business.domain = Some(folder.to_owned());
    }
    config
}

/// A business with a store in memory for every call.
pub(crate) struct Business(pub business::Business);

/// A store of its own, in memory.
pub(crate) struct OwnStore(Store);

impl Answers for OwnStore {
    fn ask(&mut self, lookup: &Lookup, now: DateTime) -> LookupResult {
        self.0.ask(&Request {
            call: "rehearsal".into(),
            id: lookup.id,
            name: lookup.name.clone(),
            arguments: lookup.arguments.clone(),
            secrets: Default::default(),
            now,
        })
    }

    fn changes(&self, operation: &str) -> bool {
        let operation = self.0.operation(operation);
        operation.is_some_and(|operation| operation.kind == Kind::Action)
    }
}

impl Stage for Business {
    type Speaker = Dialogue;
    type Answers = OwnStore;

    fn open(&self, call: &Header) -> Result<(Dialogue, OwnStore), String> {
        let store = self.0.store(None, call.now.date());
        let store = store.map_err(|error| error.to_string())?;
        let context = Context {
            now: call.now,
            caller: call.from.clone(),
        };
        let mut dialogue = Dialogue::new(self.0.domain.clone(), context);
        if let Some(code) = &call.language {
            let language = Language::from_code(code);
            let spoken = language.filter(|language| self.0.domain.languages.contains(language));
            let Some(language) = spoken else {
                return Err(format!("the business does not speak {code:?}"));
            };
            dialogue.begin_in(language);
        }
        Ok((dialogue, OwnStore(store)))
    }

    fn universe(&self) -> Vec<Step> {
        self.0.domain.universe()
    }
}
