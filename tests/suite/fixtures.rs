//! Every recorded call in `audio-fixtures/calls/` is a test: the engine of today does with it what it
//! did when the call was recorded.

use attendant::call::Event;
use attendant::call::journal::{Entry, Journal};
use attendant::call::replay::replay;
use attendant::dialogue::{Dialogue, Domain};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn calls() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("audio-fixtures/calls");
    let folders = std::fs::read_dir(root)
        .expect("audio-fixtures/calls")
        .map(|entry| entry.expect("an entry").path());
    let mut folders: Vec<_> = folders.filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(folders.len() >= 10, "the recorded calls are gone");
    folders
}

#[test]
fn every_recorded_call_replays_as_it_was() {
    let domain = Arc::new(Domain::shop());
    for call in calls() {
        let text = std::fs::read_to_string(call.join("journal.jsonl")).expect("a journal");
        let journal = Journal::parse(&text).expect("a journal that parses");
        let context = journal.entries.iter().find_map(|(_, entry)| match entry {
            Entry::In(Event::Answered(context)) => Some(context.clone()),
            _ => None,
        });
        let dialogue = Dialogue::new(Arc::clone(&domain), context.expect("an answered call"));
        let replay = replay(&journal, dialogue);
        if let Some(index) = replay.first_difference() {
            let (then, now) = (replay.expected.get(index), replay.given.get(index));
            panic!(
                "{}: then {then:#?}\nnow {now:#?}\nhint: attendant replay --bless, if it is wanted",
                call.display()
            );
        }
    }
}
