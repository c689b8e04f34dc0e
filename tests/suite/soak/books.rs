//! The books after a soak: what callers were promised, by the records of their calls, held against what is
//! in the store and what the receiver of packets got.

use super::peers::Arrived;
use super::server::Told;
use attendant::bundle::Bundle;
use attendant::call::journal::Entry;
use attendant::call::{Action, Event};
use attendant::dialogue::{Disposition, LookupId, LookupResult};
use rusqlite::{Connection, OpenFlags};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Of one kind.
#[derive(Default)]
pub struct Count {
    pub promised: usize,
    pub kept: usize,
    /// Kept, though no record tells of it: the record is not whole, or the caller was gone before the answer.
    pub beyond: usize,
    /// Why they do not agree.
    pub wrong: Vec<String>,
}

/// All calls of a soak.
#[derive(Default)]
pub struct Books {
    pub calls: usize,
    pub ended: BTreeMap<String, usize>,
    /// Records that are not whole because the disk was full.
    pub unrecorded: usize,
    /// Of them, those whose end is not known either.
    pub unended: usize,
    /// Calls that are neither.
    pub unknown: Vec<String>,
    pub lines: BTreeMap<String, usize>,
    promises: Vec<Promise>,
    /// How often each call was passed on.
    handovers: BTreeMap<String, usize>,
    /// Calls whose record is whole.
    whole: BTreeSet<String>,
}

/// A callback or a message that the caller was told is kept.
struct Promise {
    call: String,
    operation: String,
    id: i64,
}

impl Books {
    /// Reads every call's record.
    pub fn read(recordings: &Path, told: &Told) -> Self {
        let mut books = Self::default();
        for entry in std::fs::read_dir(recordings).unwrap() {
            let folder = entry.unwrap().path();
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            books.calls += 1;
            let bundle = Bundle::open(&folder);
            let whole = !told.unrecorded.contains(&name);
            books.unrecorded += usize::from(!whole);
            books.call(&name, bundle.as_ref().ok(), whole);
            if let Ok(bundle) = bundle {
                books.promised(&name, &bundle);
            }
        }
        books
    }

    fn call(&mut self, name: &str, bundle: Option<&Bundle>, whole: bool) {
        let manifest = bundle.and_then(|bundle| bundle.manifest.as_ref());
        let ended = manifest.and_then(|manifest| manifest.ended);
        match ended.and_then(|ended| ended.disposition) {
            Some(disposition) => {
                *self.ended.entry(shown(disposition)).or_default() += 1;
                self.whole.extend(whole.then(|| name.to_owned()));
            }
            None if !whole => self.unended += 1,
            None => self.unknown.push(format!("{name}: {ended:?}")),
        }
        if let Some(manifest) = manifest {
            *self.lines.entry(manifest.line.clone()).or_default() += 1;
        }
    }

    fn promised(&mut self, call: &str, bundle: &Bundle) {
        let mut asked: BTreeMap<LookupId, String> = BTreeMap::new();
        for (_, entry) in &bundle.journal.entries {
            match entry {
                Entry::Out(Action::LookUp(lookup)) => {
                    drop(asked.insert(lookup.id, lookup.name.clone()))
                }
                Entry::Out(Action::HandOver(_)) => {
                    *self.handovers.entry(call.to_owned()).or_default() += 1
                }
                Entry::In(Event::Found {
                    id,
                    result: LookupResult::Rows(rows),
                }) => {
                    let operation = asked.get(id).cloned().unwrap_or_default();
                    let number = rows.first().and_then(|row| row.get("id")?.as_i64());
                    if let (Some(id), "desk_call_back" | "desk_message") = (number, &*operation) {
                        let call = call.to_owned();
                        self.promises.push(Promise {
                            call,
                            operation,
                            id,
                        });
                    }
                }
                _ => {}
            }
        }
    }

    /// Callbacks and messages against the store.
    pub fn tickets(&self, store: &Path) -> Count {
        let kept = kept(store);
        let mut count = Count {
            kept: kept.len(),
            ..Count::default()
        };
        let mut promised = BTreeSet::new();
        for Promise {
            call,
            operation,
            id,
        } in &self.promises
        {
            let message = operation == "desk_message";
            if !promised.insert(*id) {
                // A message that grew, or a callback that was moved.
                continue;
            }
            match kept.get(id) {
                Some(kept)
                    if (kept.kind == "message") == message && (kept.call == *call || !message) => {}
                other => count.wrong.push(format!(
                    "{operation} {id} of {call} is {other:?} in the store"
                )),
            }
        }
        count.promised = promised.len();
        count.beyond = kept.keys().filter(|id| !promised.contains(id)).count();
        let mut whose = BTreeSet::new();
        for (id, Kept { kind, call, phone }) in &kept {
            // One message a call, one callback a number.
            let of = if kind == "message" { call } else { phone };
            if !whose.insert((kind, of)) {
                count
                    .wrong
                    .push(format!("{kind} {id} of {call}: there is another one"));
            }
        }
        count
    }

    /// Packets against what arrived.
    pub fn packets(&self, arrived: &[Arrived], told: &Told) -> Count {
        let mut got: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for packet in arrived.iter().filter(|packet| packet.reason != "overload") {
            got.entry(&packet.call).or_default().insert(&packet.id);
        }
        let mut count = Count {
            promised: self.handovers.values().sum(),
            kept: got.values().map(BTreeSet::len).sum(),
            ..Count::default()
        };
        let calls: BTreeSet<&str> = self
            .handovers
            .keys()
            .map(String::as_str)
            .chain(got.keys().copied())
            .collect();
        for call in calls {
            let promised = self.handovers.get(call).copied().unwrap_or_default();
            let had = got.get(call).map_or(0, BTreeSet::len);
            let lost = told.unspooled.iter().filter(|lost| *lost == call).count();
            if had + lost < promised {
                count.wrong.push(format!("{call} was passed on {promised} times: {had} packets arrived, {lost} were told lost"));
            } else if had + lost > promised {
                match self.whole.contains(call) {
                    true => count.wrong.push(format!(
                        "{call} was passed on {promised} times, and {had} packets arrived"
                    )),
                    false => count.beyond += had + lost - promised,
                }
            }
        }
        count
    }
}

/// A callback or message in the store.
#[derive(Debug)]
struct Kept {
    kind: String,
    call: String,
    phone: String,
}

/// All of them, by number.
fn kept(store: &Path) -> BTreeMap<i64, Kept> {
    let connection = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut all = connection
        .prepare("SELECT id, kind, call, phone FROM attendant_desk")
        .unwrap();
    let rows = all.query_map([], |row| {
        let (kind, call, phone) = (row.get(1)?, row.get(2)?, row.get(3)?);
        Ok((row.get(0)?, Kept { kind, call, phone }))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn shown(disposition: Disposition) -> String {
    format!("{disposition:?}").to_lowercase()
}
