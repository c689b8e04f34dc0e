//! `attendant replay --augment`: how robust a business is: recorded calls under worse conditions, and
//! what of them is still understood, by condition and by turn.

use super::side_by_side;
use crate::bundle::Bundle;
use crate::bundle::expect::end;
use crate::bundle::story::{End, Given, Turn};
use crate::cli::{print, trouble};
use crate::replay::audio::Models;
use crate::replay::augment::{CONDITIONS, Condition, run};
use crate::speech::wer::{self, Errors};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The noise of every run.
const SEED: u64 = 1;
/// Turns that are listed, the worst first.
const WORST: usize = 20;

/// What was understood of one call under one condition.
struct Row {
    call: String,
    condition: Condition,
    /// Of each turn that the caller spoke or keyed: its words then, and whether it was understood alike.
    turns: Vec<(String, bool)>,
    words: Errors,
    /// The call ended as it did.
    outcome: bool,
}

/// Runs all calls under all conditions and prints the tables; the exit code: 0, or 2 where a call cannot
/// be used. Nothing fails: how much is enough is for the reader to say.
///
/// # Errors
/// Nothing can be printed.
pub(super) fn augment(
    paths: &[PathBuf],
    models: &Models,
    jobs: Option<usize>,
    json: bool,
) -> anyhow::Result<u8> {
    let all: Vec<(&PathBuf, Condition)> = paths
        .iter()
        .flat_map(|path| CONDITIONS.iter().map(move |condition| (path, *condition)))
        .collect();
    let rows = side_by_side(&all, jobs, |(path, condition)| {
        one(path, models, *condition)
    });
    let (mut good, mut code) = (Vec::new(), 0);
    for ((path, condition), row) in all.iter().zip(rows) {
        match row {
            Ok(row) => good.push(row),
            // Once for a call, not once for each condition.
            Err(error) if *condition == Condition::Clean => {
                code = 2;
                eprintln!("error: {}: {}", path.display(), trouble::told(&error));
            }
            Err(_) => {}
        }
    }
    let text = if json { as_json(&good) } else { tables(&good)? };
    print(&text)?;
    Ok(code)
}

fn one(path: &Path, models: &Models, condition: Condition) -> anyhow::Result<Row> {
    let bundle = Bundle::open(path)?;
    let heard = run(&bundle, models, condition, SEED)?;
    let spoken = |turns: &[Turn]| -> Vec<Turn> {
        let given = |turn: &&Turn| matches!(turn.given, Given::Speech(_) | Given::Keys(_));
        turns.iter().filter(given).cloned().collect()
    };
    let (then, now) = (spoken(&heard.then), spoken(&heard.now));
    let mut words = Errors::default();
    let mut turns = Vec::new();
    for (nth, turn) in then.iter().enumerate() {
        let today = now.get(nth);
        let alike = today.is_some_and(|today| meaning(today) == meaning(turn));
        turns.push((turn.words(), alike));
        if matches!(turn.given, Given::Speech(_)) {
            let heard = today.map(Turn::words).unwrap_or_default();
            words = [words, wer::compare(&turn.words(), &heard)]
                .into_iter()
                .sum();
        }
    }
    let disposition = |turns: &[Turn]| end(turns).map(End::disposition);
    Ok(Row {
        call: bundle.name(),
        condition,
        turns,
        words,
        outcome: disposition(&heard.then) == disposition(&heard.now),
    })
}

fn meaning(turn: &Turn) -> Option<(&str, &BTreeMap<String, String>)> {
    let understood = turn.understood.as_ref()?;
    Some((understood.intent.as_str(), &understood.slots))
}

fn tables(rows: &[Row]) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    writeln!(
        text,
        "{:<28}{:>8}{:>18}{:>14}",
        "condition", "calls", "turns understood", "ended alike"
    )?;
    for condition in CONDITIONS {
        let of = || rows.iter().filter(|row| row.condition == *condition);
        let calls = of().count();
        let turns = of().map(|row| row.turns.len()).sum::<usize>();
        let alike = of()
            .flat_map(|row| &row.turns)
            .filter(|(_, alike)| *alike)
            .count();
        let ended = of().filter(|row| row.outcome).count();
        let rate = of().map(|row| row.words).sum::<Errors>().rate() * 100.0;
        writeln!(
            text,
            "{:<28}{calls:>8}{:>18}{:>14}   {rate:.0} % of words differ",
            condition.name(),
            format!("{alike} of {turns}"),
            format!("{ended} of {calls}"),
        )?;
    }
    let mut turns: BTreeMap<(String, usize, String), usize> = BTreeMap::new();
    for row in rows {
        for (nth, (words, alike)) in row.turns.iter().enumerate() {
            let key = (row.call.clone(), nth, words.clone());
            *turns.entry(key).or_default() += usize::from(!alike);
        }
    }
    let mut worst: Vec<_> = turns
        .into_iter()
        .filter(|(_, missed)| *missed > 0)
        .collect();
    worst.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    if !worst.is_empty() {
        let of = CONDITIONS.len();
        writeln!(text, "\nturns that are lost most often, of {of} conditions")?;
    }
    for ((call, nth, words), missed) in worst.iter().take(WORST) {
        writeln!(text, "{missed:>4}  {call}, turn {}: {words}", nth + 1)?;
    }
    Ok(text)
}

fn as_json(rows: &[Row]) -> String {
    let row = |row: &Row| {
        let turns = row.turns.iter();
        let turns: Vec<_> = turns
            .map(|(words, alike)| serde_json::json!({"words": words, "understood_alike": alike}))
            .collect();
        let value = serde_json::json!({
            "call": row.call, "condition": row.condition.name(), "turns": turns, "ended_alike": row.outcome,
            "word_errors": row.words.total(), "words": row.words.words,
        });
        format!("{value}\n")
    };
    rows.iter().map(row).collect()
}
