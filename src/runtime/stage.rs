//! A business as a stage for example dialogues: every call gets a dialogue of its own and a store in
//! memory, filled as of the call's day. The one place that knows which dialogue that is.

use super::business::Business;
use crate::dialogue::spoken::Language;
use crate::dialogue::{Context, Dialogue, Lookup, LookupResult};
use crate::pii::vault::Opened;
use crate::rehearsal::{Answers, Header, Stage, Step};
use crate::store::{Kind, Request, Store};
use jiff::civil::DateTime;

/// A store of its own, in memory.
pub struct OwnStore(Store);

impl Answers for OwnStore {
    fn ask(&mut self, lookup: &Lookup, now: DateTime) -> LookupResult {
        self.0.ask(&Request {
            call: "rehearsal".into(),
            id: lookup.id,
            name: lookup.name.clone(),
            arguments: lookup.arguments.clone(),
            secrets: Opened::default(),
            now,
        })
    }

    fn changes(&self, operation: &str) -> bool {
        changes(&self.0, operation)
    }
}

/// Whether this operation changes something.
pub(crate) fn changes(store: &Store, operation: &str) -> bool {
    let operation = store.operation(operation);
    operation.is_some_and(|operation| operation.kind == Kind::Action)
}

impl Stage for Business {
    type Speaker = Dialogue;
    type Answers = OwnStore;

    fn open(&self, call: &Header) -> Result<(Dialogue, OwnStore), String> {
        let store = self.fresh_store(call.now.date());
        let store = store.map_err(|error| error.to_string())?;
        if let Some(code) = &call.language {
            let language = Language::from_code(code);
            if !language.is_some_and(|language| self.domain.languages.contains(&language)) {
                return Err(format!("the business does not speak {code:?}"));
            }
        }
        let context = Context {
            now: call.now,
            caller: call.from.clone(),
            language: call.language.clone().unwrap_or_default(),
        };
        let dialogue = Dialogue::new(self.domain.clone(), context);
        Ok((dialogue, OwnStore(store)))
    }

    fn universe(&self) -> Vec<Step> {
        self.domain.universe()
    }
}
