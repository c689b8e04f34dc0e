//! The events level: the engine alone, bit for bit; and `--bless`, which writes what it does today.

use super::{Ran, clock};
use crate::bundle::{Bundle, whole};
use crate::call::journal::{FORMAT, Header};
use crate::call::replay::{Replay, bless, replay};
use crate::call::{Action, Tick};
use crate::dialogue::{Dialogue, Domain};
use crate::replay::{ReplayError, fits};
use anyhow::Context as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

/// Actions that are shown before the first that differs.
const BEFORE: usize = 5;

/// The dialogue that the call began with.
fn dialogue(bundle: &Bundle, domain: &Arc<Domain>) -> Result<Dialogue, ReplayError> {
    fits(bundle, domain)?;
    let context = bundle.context().ok_or(ReplayError::NeverAnswered)?;
    Ok(Dialogue::new(Arc::clone(domain), context.clone()))
}

/// Compares what the engine does today with what it did.
///
/// # Errors
/// The call is another business's, or was never answered.
pub(super) fn run(bundle: &Bundle, domain: &Arc<Domain>) -> anyhow::Result<Ran> {
    let replay = replay(&bundle.journal, dialogue(bundle, domain)?);
    let difference = replay.first_difference();
    let side = |side: &[(Tick, Action)]| difference.and_then(|index| side.get(index).cloned());
    let json = serde_json::json!({
        "ticks": replay.ticks, "actions": replay.given.len(), "truncated": bundle.journal.truncated,
        "same": difference.is_none(), "expected": side(&replay.expected), "given": side(&replay.given),
    });
    let cut = if bundle.journal.truncated {
        "; the journal was cut off in mid-call"
    } else {
        ""
    };
    let seconds = f64::from(replay.ticks) / 50.0;
    let (headline, lines) = match difference {
        None => (
            format!(
                "same: {} actions in {seconds:.1} s of call{cut}",
                replay.given.len()
            ),
            Vec::new(),
        ),
        Some(index) => (
            format!(
                "differs from action {} of {} on{cut}",
                index + 1,
                replay.expected.len()
            ),
            report(bundle, &replay, index, domain),
        ),
    };
    Ok(Ran {
        failed: difference.is_some(),
        headline,
        lines,
        json,
        ticks: replay.ticks,
    })
}

fn report(bundle: &Bundle, replay: &Replay, index: usize, domain: &Domain) -> Vec<String> {
    let before = index.saturating_sub(BEFORE)..index.min(replay.expected.len());
    let mut lines: Vec<String> = replay.expected[before]
        .iter()
        .map(|(tick, action)| format!("  {} {}", clock(*tick), brief(action)))
        .collect();
    let show = |mark, side: &[(Tick, Action)]| match side.get(index) {
        Some((tick, action)) => format!("{mark} {} {}", clock(*tick), brief(action)),
        None => format!("{mark} (nothing more)"),
    };
    lines.push(show('-', &replay.expected));
    lines.push(show('+', &replay.given));
    if bundle.journal.header.domain_digest != domain.digest() {
        lines.push("the domain's files have changed since the call".into());
    }
    let folder = bundle.folder.display();
    lines.push(format!(
        "hint: if the change is wanted, attendant replay --bless {folder}"
    ));
    lines
}

fn brief(action: &Action) -> String {
    // Our own types serialise; a journal line is the form that people grep for.
    serde_json::to_string(action).unwrap_or_default()
}

/// Writes what the engine does today into the journal, as what it should do.
///
/// # Errors
/// The call is another business's, or the file cannot be written.
pub(super) fn bless_file(path: &Path, domain: &Arc<Domain>) -> anyhow::Result<()> {
    let bundle = Bundle::open(path)?;
    let header = Header {
        journal: FORMAT,
        attendant: env!("CARGO_PKG_VERSION").into(),
        domain_digest: domain.digest(),
        ..bundle.journal.header.clone()
    };
    let bytes = bless(&bundle.journal, &header, dialogue(&bundle, domain)?);
    let path = if path.is_dir() {
        path.join(crate::bundle::JOURNAL)
    } else {
        path.to_owned()
    };
    whole::write(&path, |file| file.write_all(&bytes))
        .with_context(|| format!("cannot write {}", path.display()))?;
    println!(
        "{}: blessed; read the change as a diff before you keep it",
        path.display()
    );
    Ok(())
}
