//! Who phones during a soak: every line's dialect, callers with stories and callers of recorded calls, each
//! call from a number of its own.

use attendant::cli::load::recorded;
use attendant::config::Config;
use attendant::load::dialect::{
    Caller, CarrierCall, DIALECTS, DialStatus, Dialect, Target, dialect,
};
use attendant::load::rest::FakeRest;
use attendant::load::{Plan, Turn, script};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Stories by keys, as those do not depend on what is heard: a callback, a message, an order, patience with
/// none of it, and somebody who is gone at once.
const STORIES: [&str; 5] = [
    "[[step]]\nkeys = \"0\"\n[[step]]\nkeys = \"1\"\n[[step]]\nkeys = \"1\"\n[[step]]\nkeys = \"1\"\n[[step]]\nkeys = \"1\"\n",
    "[[step]]\nkeys = \"0\"\ncut_in = 800\n[[step]]\nkeys = \"2\"\n[[step]]\nsay = \"builtin:return\"\n[[step]]\nkeys = \"#\"\n[[step]]\nkeys = \"1\"\n",
    "[[step]]\nkeys = \"1\"\n[[step]]\nkeys = \"871309#\"\n[[step]]\nsay = \"builtin:hours\"\n[[step]]\nhang_up = true\nafter = 200\n",
    "[[step]]\nsay = \"builtin:order\"\n[[step]]\nsay = [\"builtin:hours\", \"builtin:number\"]\ncut_in = 700\n[[step]]\nwait = 3000\n[[step]]\nkeys = \"0\"\n[[step]]\nkeys = \"3\"\n[[step]]\nkeys = \"2\"\n",
    "[[step]]\nhang_up = true\ncut_in = 500\n",
];
/// The first so many of them leave something.
const LEAVE: usize = 2;
/// Recorded calls whose callers phone again.
const RECORDED: [&str; 5] = ["shop-demo", "person", "keys-only", "correction", "nod"];

/// What callers do, call by call; `folder`: for the scripts.
pub fn calls(folder: &Path) -> Vec<Turn> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("audio-fixtures/calls");
    let recorded = recorded::calls(&root, &RECORDED.map(String::from)).unwrap();
    let stories = STORIES.iter().enumerate().map(|(n, text)| {
        let file = folder.join(format!("story-{n}.toml"));
        std::fs::write(&file, text).unwrap();
        Turn::Call(script::read(&file).unwrap().into())
    });
    let stories: Vec<Turn> = stories.collect();
    // Before every recorded call one who leaves something, after it another story.
    let leaves = stories[..LEAVE].iter().cycle();
    let others = stories[LEAVE..].iter().cycle();
    let calls = leaves.zip(recorded).zip(others);
    calls
        .flat_map(|((leaves, recorded), other)| [leaves.clone(), recorded, other.clone()])
        .collect()
}

/// The lines of a soak: all of them, or those of `SOAK_LINES`.
pub fn lines() -> Vec<&'static str> {
    let wanted = std::env::var("SOAK_LINES").ok();
    let names = DIALECTS.iter().map(|entry| entry.name);
    names
        .filter(|name| {
            wanted
                .as_ref()
                .is_none_or(|all| all.split(',').any(|one| one == *name))
        })
        .collect()
}

/// A caller's provider at this server.
pub fn provider(line: &str, base: &str, config: &Config, rest: &Arc<FakeRest>) -> Arc<dyn Dialect> {
    let target = Target {
        base,
        way: "",
        config,
        rest: Some(rest),
    };
    let inner = (dialect(line).unwrap().open)(&target).unwrap();
    Arc::new(Numbered(inner))
}

/// So many callers on a line for so long.
pub fn plan(
    dialect: Arc<dyn Dialect>,
    callers: usize,
    duration: Duration,
    calls: &[Turn],
    nth: usize,
) -> Plan {
    let mut turns = calls.to_vec();
    // Lines begin at different stories.
    turns.rotate_left(nth % calls.len().max(1));
    // Mostly nobody takes the call: only then is anything left.
    let dial_status = [
        DialStatus::Busy,
        DialStatus::NoAnswer,
        DialStatus::Busy,
        DialStatus::Completed,
    ];
    Plan {
        dialect,
        callers,
        duration,
        every: Duration::from_secs(2),
        turns,
        barge_in_after: None,
        hang_up_after: None,
        dial_status: dial_status[nth % 4],
        ring: Duration::from_secs(1),
    }
}

/// A provider whose every call comes from another number: a callback is one for each number.
struct Numbered(Arc<dyn Dialect>);

impl Dialect for Numbered {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn call(&self, caller: &Caller) -> Box<dyn CarrierCall> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        self.0.call(&Caller {
            from: format!("+1555{:07}", next % 10_000_000),
            ..caller.clone()
        })
    }
}
