//! `attendant diff`: what would change, if the business or the models were others: recorded calls run
//! again, those that go otherwise listed, the worst first.

use super::replay::{side_by_side, turns};
use super::{print, stage, trouble};
use crate::bundle::Bundle;
use crate::bundle::shelf::Shelf;
use crate::bundle::story::Turn;
use crate::config::Config;
use crate::replay::audio::{self, Models};
use crate::replay::compare::{Change, Difference, compare};
use crate::replay::text;
use crate::runtime::business::Business;
use crate::runtime::house::{House, Keep};
use anyhow::bail;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What would change: recorded calls against an edited business, or another model.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
        attendant diff --calls recordings --domain my-shop\n  \
        attendant diff --calls calls --domain my-shop --model base.en\n\n\
        Exit codes: 0 nothing would change (but wording, without --wording), 1 something would, 2 it cannot be told.")]
pub struct Args {
    /// A folder of calls; the recordings if absent
    #[arg(long, value_name = "DIR")]
    calls: Option<PathBuf>,
    /// The edited business; the one of the settings if absent
    #[arg(long, value_name = "DIR")]
    domain: Option<PathBuf>,
    /// Hear everything again, also where no other model is named
    #[arg(long)]
    audio: bool,
    /// List calls, too, in which only the bot's wording changes
    #[arg(long)]
    wording: bool,
    /// Calls at the same time [default: as many as there are cores]
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<usize>,
    /// One JSON object per call that changes
    #[arg(long)]
    json: bool,
}

/// What became of one call.
struct Row {
    name: String,
    then: Vec<Turn>,
    now: Vec<Turn>,
    difference: Option<Difference>,
}

impl Args {
    /// Whether sound is recognised again: where it was asked for, or another model was named.
    pub(crate) fn opens_models(&self, model: Option<&str>) -> bool {
        self.audio || model.is_some()
    }
}

/// Runs the verb.
///
/// # Errors
/// The calls or the business cannot be read.
pub fn run(args: Args, config: &Config, by_sound: bool) -> anyhow::Result<ExitCode> {
    let config = stage::at(args.domain.as_deref(), config);
    let business = Business::open(&config)?;
    let dir = args.calls.as_ref().unwrap_or(&config.recordings.dir);
    let folders = folders(dir)?;
    let models = match by_sound {
        true => {
            let house = House::open(&config, Keep::Nothing, None)?;
            Some(Models::of(&house, business.clone()))
        }
        false => None,
    };
    let run = |folder: &PathBuf| one(folder, &business, models.as_ref());
    let (mut rows, mut unusable) = (Vec::new(), Vec::new());
    for (folder, row) in folders.iter().zip(side_by_side(&folders, args.jobs, run)) {
        match row {
            Ok(row) => rows.push(row),
            Err(error) => unusable.push(format!("{}: {}", folder.display(), trouble::told(&error))),
        }
    }
    for line in &unusable {
        eprintln!("error: {line}");
    }
    let least = if args.wording {
        Change::Wording
    } else {
        Change::Understanding
    };
    let all = rows.len();
    let mut changed: Vec<(Difference, Row)> = rows
        .into_iter()
        .filter_map(|row| Some((row.difference.clone()?, row)))
        .filter(|(difference, _)| difference.worst >= least)
        .collect();
    changed.sort_by(|(a, left), (b, right)| {
        (b.worst, a.turn, &left.name).cmp(&(a.worst, b.turn, &right.name))
    });
    print(&told(&changed, all, args.json)?)?;
    Ok(match (unusable.is_empty(), changed.is_empty()) {
        (false, _) => ExitCode::from(2),
        (true, true) => ExitCode::SUCCESS,
        (true, false) => ExitCode::FAILURE,
    })
}

/// The calls in a folder, or the one that it is.
fn folders(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if dir.join(crate::bundle::JOURNAL).exists() {
        return Ok(vec![dir.to_owned()]);
    }
    if !dir.is_dir() {
        bail!(
            "there is no folder {}\nhint: --calls names one that has a folder for each call",
            dir.display()
        );
    }
    let shelf = Shelf::scan(dir);
    let folders: Vec<PathBuf> = shelf.places().map(|place| dir.join(place.name)).collect();
    if folders.is_empty() {
        bail!(
            "no call is recorded in {}\nhint: --calls names a folder that has a folder for each call",
            dir.display()
        );
    }
    Ok(folders)
}

fn one(folder: &Path, business: &Business, models: Option<&Models>) -> anyhow::Result<Row> {
    let bundle = Bundle::open(folder)?;
    let (then, now) = match models {
        None => {
            let told = text::run(&bundle, business)?;
            (told.then, told.now)
        }
        Some(models) => {
            let heard = audio::run(&bundle, models)?;
            (heard.then, heard.now)
        }
    };
    Ok(Row {
        name: bundle.name(),
        difference: compare(&then, &now),
        then,
        now,
    })
}

fn told(changed: &[(Difference, Row)], all: usize, json: bool) -> anyhow::Result<String> {
    let mut text = String::new();
    for (difference, row) in changed {
        if json {
            let side = |turn: Option<&Turn>| {
                turn.map(|turn| serde_json::json!({"caller": turn.words(), "bot": turn.text()}))
            };
            let line = serde_json::json!({
                "call": row.name, "change": difference.worst, "turn": difference.turn + 1, "what": difference.what,
                "then": side(row.then.get(difference.turn)), "now": side(row.now.get(difference.turn)),
            });
            writeln!(text, "{line}")?;
            continue;
        }
        writeln!(
            text,
            "{}: {} changes, from turn {} on",
            row.name,
            difference.worst.name(),
            difference.turn + 1
        )?;
        for line in turns::side_by_side(&row.then, &row.now, difference) {
            writeln!(text, "    {line}")?;
        }
    }
    if !json {
        let count = |change| changed.iter().filter(|(d, _)| d.worst == change).count();
        let by = [
            Change::Outcome,
            Change::Path,
            Change::Understanding,
            Change::Wording,
        ]
        .map(|change| (count(change), change.name()))
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} in {name}"));
        let by: Vec<String> = by.collect();
        let by = if by.is_empty() {
            "none".into()
        } else {
            by.join(", ")
        };
        let calls = if all == 1 { "call" } else { "calls" };
        writeln!(text, "{all} {calls} run again; changed: {by}")?;
    }
    Ok(text)
}
