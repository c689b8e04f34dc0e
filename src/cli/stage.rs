//! The business that `test` and `chat` perform against. The one place that knows which dialogue that is.

use crate::config::Config;
use crate::dialogue::{Context, Dialogue, Does, Domain, Lookup, LookupResult};
use crate::rehearsal::{Answers, Header, Stage, Step};
use crate::runtime::house::open_domain;
use jiff::civil::DateTime;
use std::path::Path;
use std::sync::Arc;

/// Opens the business in `folder`; `None`: the one that the settings name.
///
/// # Errors
/// A file that cannot be read, or is wrong.
pub(crate) fn open(folder: Option<&Path>, config: &Config) -> anyhow::Result<Business> {
    let config = at(folder, config);
    Ok(Business {
        domain: Arc::new(open_domain(&config)?),
    })
}

/// The settings, with the business in `folder`.
pub(crate) fn at(folder: Option<&Path>, config: &Config) -> Config {
    let mut config = config.clone();
    if let Some(folder) = folder {
        config.business.domain = Some(folder.to_owned());
    }
    config
}

/// A business whose back end is the tables in its folder.
pub(crate) struct Business {
    domain: Arc<Domain>,
}

/// Tables are only read.
pub(crate) struct Tables(Arc<Domain>);

impl Answers for Tables {
    fn ask(&mut self, lookup: &Lookup, _now: DateTime) -> LookupResult {
        self.0.lookup(&lookup.name, &lookup.arguments)
    }

    fn changes(&self, _operation: &str) -> bool {
        false
    }
}

impl Stage for Business {
    type Speaker = Dialogue;
    type Answers = Tables;

    fn open(&self, call: &Header) -> Result<(Dialogue, Tables), String> {
        let speaks = &self.domain.language;
        if let Some(language) = &call.language
            && !speaks.starts_with(language.as_str())
        {
            return Err(format!("the business speaks {speaks}, not {language}"));
        }
        let context = Context {
            now: call.now,
            caller: call.from.clone(),
        };
        let dialogue = Dialogue::new(Arc::clone(&self.domain), context);
        Ok((dialogue, Tables(Arc::clone(&self.domain))))
    }

    fn universe(&self) -> Vec<Step> {
        let intents = self.domain.intents.iter();
        let intents = intents.map(|intent| format!("intent:{}", intent.name));
        let slots = self.domain.intents.iter().filter_map(|intent| {
            let Does::Form(form) = &intent.does else {
                return None;
            };
            let form = self.domain.forms.get(form)?;
            Some(form.slots.iter().map(|slot| format!("slot:{}", slot.name)))
        });
        intents.chain(slots.flatten()).collect()
    }
}
