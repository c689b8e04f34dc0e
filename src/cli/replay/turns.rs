//! The text and audio levels: a call as it was and as it goes today, turn against turn, and what must
//! hold of it.

use super::{Ran, clock};
use crate::bundle::Bundle;
use crate::bundle::expect::{Expect, Seen};
use crate::bundle::story::Turn;
use crate::replay::compare::{Difference, compare};
use crate::replay::{audio, text};
use crate::runtime::business::Business;
use std::collections::BTreeSet;

/// By text.
///
/// # Errors
/// The call is another business's, was never answered, or expects what cannot be read.
pub(super) fn by_text(bundle: &Bundle, business: &Business) -> anyhow::Result<Ran> {
    let expect = Expect::read(&bundle.folder)?;
    let told = text::run(bundle, business)?;
    let seen = Seen {
        turns: &told.now,
        talk_over: None,
        timed: false,
    };
    let unrecorded: BTreeSet<&str> = told.unrecorded.iter().map(String::as_str).collect();
    let mut asides = Vec::new();
    if !unrecorded.is_empty() {
        let names: Vec<&str> = unrecorded.into_iter().collect();
        asides.push(format!(
            "not in the recording, answered by a fresh store: {}",
            names.join(", ")
        ));
    }
    Ok(judged(bundle, &told.then, expect.as_ref(), &seen, asides))
}

/// By sound.
///
/// # Errors
/// As [`by_text`], or there is no sound.
pub(super) fn by_sound(bundle: &Bundle, models: &audio::Models) -> anyhow::Result<Ran> {
    let expect = Expect::read(&bundle.folder)?;
    let heard = audio::run(bundle, models)?;
    let seen = Seen {
        turns: &heard.now,
        talk_over: Some(heard.talk_over),
        timed: true,
    };
    Ok(judged(
        bundle,
        &heard.then,
        expect.as_ref(),
        &seen,
        Vec::new(),
    ))
}

/// Where something is expected, that decides; otherwise the recording does.
fn judged(
    bundle: &Bundle,
    then: &[Turn],
    expect: Option<&Expect>,
    seen: &Seen<'_>,
    asides: Vec<String>,
) -> Ran {
    let difference = compare(then, seen.turns);
    let misses = expect.map(|expect| expect.misses(seen));
    let failed = match &misses {
        Some(misses) => !misses.is_empty(),
        None => difference.is_some(),
    };
    let ticks = bundle.ticks();
    let json = serde_json::json!({
        "ticks": ticks, "turns": seen.turns.len(), "truncated": bundle.journal.truncated,
        "same": difference.is_none(), "misses": misses, "talk_over_ticks": seen.talk_over,
        "change": difference.as_ref().map(|difference| difference.worst),
        "turn": difference.as_ref().map(|difference| difference.turn),
        "what": difference.as_ref().map(|difference| &difference.what),
    });
    let mut lines: Vec<String> = misses
        .iter()
        .flatten()
        .map(|miss| format!("✗ {miss}"))
        .collect();
    if let Some(difference) = &difference {
        lines.extend(side_by_side(then, seen.turns, difference));
    }
    lines.extend(asides);
    Ran {
        failed,
        headline: headline(seen.turns.len(), difference.as_ref(), misses.as_deref()),
        lines,
        json,
        ticks,
    }
}

fn headline(turns: usize, difference: Option<&Difference>, misses: Option<&[String]>) -> String {
    let changed = match difference {
        None => format!("same: {turns} turns"),
        Some(difference) => format!(
            "{} differs from turn {} on",
            difference.worst.name(),
            difference.turn + 1
        ),
    };
    match misses {
        None => changed,
        Some([]) => format!("all that is expected holds ({changed})"),
        Some(misses) => format!("{} of what is expected fails ({changed})", misses.len()),
    }
}

/// The first turn that differs, then and now.
pub(crate) fn side_by_side(then: &[Turn], now: &[Turn], difference: &Difference) -> Vec<String> {
    let mut lines: Vec<String> = difference
        .what
        .iter()
        .map(|what| format!("· {what}"))
        .collect();
    let mut show = |mark: char, turn: Option<&Turn>| match turn {
        None => lines.push(format!("{mark} (nothing)")),
        Some(turn) => {
            let at = clock(turn.speech_from.unwrap_or(turn.at));
            lines.push(format!("{mark} {at} caller  {}", turn.words()));
            lines.push(format!("{mark} {:>8} bot     {}", "", turn.text()));
        }
    };
    show('-', then.get(difference.turn));
    show('+', now.get(difference.turn));
    lines
}
