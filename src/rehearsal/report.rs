//! Tells how examples went: the differences as text, the summary, and the same as JSON. What is printed
//! where is the command line's.

use super::bless::replace;
use super::coverage::Coverage;
use super::judge::Outcome;
use super::script::Example;
use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};
use std::fmt::Write as _;
use std::time::Duration;

/// Lines shown around a difference.
const AROUND: usize = 3;

/// An example that was run.
#[derive(Clone, Debug)]
pub struct Run {
    /// As it is shown.
    pub file: String,
    pub example: Example,
    pub outcome: Outcome,
}

/// What an example says against what happened. `text` is the file's.
pub fn difference(run: &Run, text: &str, color: bool) -> String {
    let Run {
        file,
        example,
        outcome,
    } = run;
    let paint = |code: &str, text: &str| {
        if color {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    };
    let verdict = if outcome.skipped.is_some() {
        paint("33", "SKIP")
    } else {
        paint("31", "FAIL")
    };
    let mut out = format!("{verdict} {file}:{}  {}\n", example.first, example.title);
    if let Some(why) = &outcome.skipped {
        let _ = writeln!(out, "     {why}");
        return out;
    }
    let misses = outcome.misses.iter();
    let happened = replace(
        text,
        misses.map(|miss| (miss.line, miss.instead.as_slice())),
    );
    // Only this example: the others' lines are the same on both sides.
    let diff = TextDiff::from_lines(text, &happened);
    for (place, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if place > 0 {
            out.push_str("       …\n");
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = change.value().trim_end();
            let number = change.old_index().map(|index| index + 1);
            let inside =
                number.is_none_or(|number| example.first <= number && number <= example.last);
            if !inside {
                continue;
            }
            let number = number.map(|number| number.to_string()).unwrap_or_default();
            let line = match change.tag() {
                ChangeTag::Delete => paint("31", &format!("  - {number:>4}  {line}")),
                ChangeTag::Insert => paint("32", &format!("  + {number:>4}  {line}")),
                ChangeTag::Equal => format!("    {number:>4}  {line}"),
            };
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    out
}

/// "12 passed, 1 failed", and how long the turns took.
pub fn summary(runs: &[Run]) -> String {
    let passed = runs.iter().filter(|run| run.outcome.passed()).count();
    let skipped = runs
        .iter()
        .filter(|run| run.outcome.skipped.is_some())
        .count();
    let failed = runs.len() - passed - skipped;
    let mut out = format!("{passed} passed, {failed} failed");
    if skipped > 0 {
        let _ = write!(out, ", {skipped} skipped");
    }
    let mut took: Vec<Duration> = runs
        .iter()
        .flat_map(|run| run.outcome.took.iter().copied())
        .collect();
    took.sort_unstable();
    if let (Some(median), Some(longest)) = (took.get(took.len() / 2), took.last()) {
        let _ = write!(
            out,
            "   ({} turns; computing time of a turn: median {}, longest {})",
            took.len(),
            micros(*median),
            micros(*longest)
        );
    }
    out.push('\n');
    out
}

fn micros(time: Duration) -> String {
    let micros = time.as_micros();
    if micros < 10_000 {
        format!("{micros} µs")
    } else {
        format!("{} ms", micros / 1000)
    }
}

/// Everything, for programs.
pub fn json(runs: &[Run], coverage: Option<&Coverage>) -> Value {
    let examples: Vec<Value> = runs.iter().map(example).collect();
    let passed = runs.iter().filter(|run| run.outcome.passed()).count();
    let skipped = runs
        .iter()
        .filter(|run| run.outcome.skipped.is_some())
        .count();
    let mut all = json!({
        "passed": passed,
        "failed": runs.len() - passed - skipped,
        "skipped": skipped,
        "examples": examples,
    });
    if let (Some(coverage), Value::Object(all)) = (coverage, &mut all) {
        all.insert("coverage".into(), coverage.json());
    }
    all
}

fn example(run: &Run) -> Value {
    let misses: Vec<Value> = run
        .outcome
        .misses
        .iter()
        .map(|miss| {
            let line = run
                .example
                .lines
                .iter()
                .find(|line| line.number == miss.line);
            let expected = line.map(|line| line.what.to_string());
            json!({ "line": miss.line, "expected": expected, "happened": miss.instead })
        })
        .collect();
    let heard: Vec<Value> = run
        .outcome
        .heard
        .iter()
        .map(|(line, said, heard)| json!({ "line": line, "said": said, "heard": heard }))
        .collect();
    let took: Duration = run.outcome.took.iter().sum();
    json!({
        "file": run.file,
        "line": run.example.first,
        "title": run.example.title,
        "passed": run.outcome.passed(),
        "skipped": run.outcome.skipped,
        "turns": run.outcome.took.len(),
        "micros": u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        "misses": misses,
        "heard": heard,
    })
}
