//! Any bytes as a journal: an error with a line, or a journal that replays; never a panic.
#![no_main]

use attendant::call::journal::{Entry, Journal};
use attendant::call::replay::replay;
use attendant::call::Event;
use attendant::dialogue::{Dialogue, Domain};
use libfuzzer_sys::fuzz_target;
use std::sync::{Arc, LazyLock};

static SHOP: LazyLock<Arc<Domain>> = LazyLock::new(|| Arc::new(Domain::shop()));

fuzz_target!(|text: &str| {
    let Ok(journal) = Journal::parse(text) else { return };
    let context = journal.entries.iter().find_map(|(_, entry)| match entry {
        Entry::In(Event::Answered(context)) => Some(context.clone()),
        _ => None,
    });
    if let Some(context) = context {
        let _ = replay(&journal, Dialogue::new(Arc::clone(&SHOP), context)).first_difference();
    }
});
