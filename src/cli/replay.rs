//! `attendant replay`: runs recorded calls again and says whether they go as they went, or as they should
//! have gone.

mod augment;
mod events;
mod junit;
mod rehear;
pub(crate) mod turns;

use super::{calls, trouble};
use crate::bundle::{Bundle, EXPECT};
use crate::call::Tick;
use crate::config::Config;
use crate::replay::audio::Models;
use crate::runtime::business::Business;
use crate::runtime::house::{House, Keep};
use anyhow::Context as _;
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Run recorded calls again and compare with what they did.
#[derive(clap::Args)]
pub struct Args {
    /// Calls: folders, journals, names of `attendant calls list`, or `last`
    #[arg(required = true, value_name = "CALL")]
    calls: Vec<PathBuf>,
    /// How much is decided anew [default: text where the call has an expect.toml, else events]
    #[arg(long, value_enum, conflicts_with_all = ["rehear", "bless"])]
    level: Option<Level>,
    /// Calls at the same time [default: as many as there are cores]
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<usize>,
    /// Under worse conditions, too: telephone, noise, lost packets, too loud, too soft, faster, slower; a table of
    /// what is still understood
    #[arg(long, conflicts_with_all = ["rehear", "bless", "level", "junit"])]
    augment: bool,
    /// Recognise the recorded sound again, and report word errors per turn
    #[arg(long, conflicts_with = "bless")]
    rehear: bool,
    /// Write what the engine does today into the journal, as what it should do
    #[arg(long)]
    bless: bool,
    /// Also write the outcome as JUnit XML
    #[arg(long, value_name = "FILE", conflicts_with_all = ["rehear", "bless"])]
    junit: Option<PathBuf>,
    /// One JSON object per call
    #[arg(long)]
    json: bool,
}

/// How much of a call is decided anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    /// The engine alone, tick by tick: bit for bit
    Events,
    /// The words and keys are the recording's, the dialogue is live
    Text,
    /// Everything is heard again by the models
    Audio,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Text => "text",
            Self::Audio => "audio",
        }
    }
}

impl Args {
    /// Whether sound is recognised again.
    pub(crate) fn opens_models(&self) -> bool {
        self.rehear || self.augment || self.level == Some(Level::Audio)
    }
}

/// What came of one call.
pub(crate) struct Ran {
    failed: bool,
    /// In a few words.
    headline: String,
    /// What is shown below it.
    lines: Vec<String>,
    json: serde_json::Value,
    /// Length of the call.
    ticks: Tick,
}

struct Outcome {
    path: PathBuf,
    level: Level,
    /// Or why it could not be run.
    ran: Result<Ran, String>,
    took: Duration,
}

/// Runs the verb: 0 when nothing differs, 1 when something does, 2 when a call cannot be used.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let business = Business::open(config)?;
    let house = match args.opens_models() {
        true => Some(House::open(config, Keep::Nothing, None)?),
        false => None,
    };
    let paths = args.calls.iter().map(|call| found(call, config));
    let paths: Vec<PathBuf> = paths.collect();
    if args.rehear || args.bless {
        return Ok(one_by_one(&paths, &args, &business, house.as_ref()));
    }
    let models = house.map(|house| Models::of(&house, business.clone()));
    if args.augment
        && let Some(models) = &models
    {
        let code = augment::augment(&paths, models, args.jobs, args.json)?;
        return Ok(ExitCode::from(code));
    }
    let started = Instant::now();
    let run = |path: &PathBuf| one(path, args.level, &business, models.as_ref());
    let outcomes = side_by_side(&paths, args.jobs, run);
    let took = started.elapsed();
    for outcome in &outcomes {
        tell(outcome, args.json)?;
    }
    if !args.json && outcomes.len() > 1 {
        super::print(&summary(&outcomes, took))?;
    }
    if let Some(file) = &args.junit {
        let xml = junit::junit(&outcomes).context("JUnit")?;
        std::fs::write(file, xml).with_context(|| format!("cannot write {}", file.display()))?;
    }
    let code = outcomes.iter().map(|outcome| match &outcome.ran {
        Ok(ran) => u8::from(ran.failed),
        Err(_) => 2,
    });
    Ok(ExitCode::from(code.max().unwrap_or(0)))
}

/// A path as it stands, or the call of this name. What is neither is left as it is, and told of when it
/// is opened.
fn found(call: &Path, config: &Config) -> PathBuf {
    if call.exists() {
        return call.to_owned();
    }
    let named = call
        .to_str()
        .map(|name| calls::folder(&config.recordings.dir, name));
    named
        .and_then(Result::ok)
        .unwrap_or_else(|| call.to_owned())
}

fn one_by_one(
    paths: &[PathBuf],
    args: &Args,
    business: &Business,
    house: Option<&House>,
) -> ExitCode {
    let mut worst = 0;
    for path in paths {
        let done = match house {
            Some(house) => rehear::rehear(path, house, args.json),
            None => events::bless_file(path, &business.domain).map(|()| 0),
        };
        worst = worst.max(done.unwrap_or_else(|error| {
            eprintln!("error: {}", named(path, &error));
            2
        }));
    }
    ExitCode::from(worst)
}

/// An error with the name of its call, where it does not say it itself.
fn named(path: &Path, error: &anyhow::Error) -> String {
    let (name, told) = (path.display().to_string(), trouble::told(error));
    if told.contains(&name) {
        told
    } else {
        format!("{name}: {told}")
    }
}

fn one(path: &Path, level: Option<Level>, business: &Business, models: Option<&Models>) -> Outcome {
    let started = Instant::now();
    let bundle = Bundle::open(path);
    let expects = bundle
        .as_ref()
        .is_ok_and(|bundle| bundle.file(EXPECT).is_some());
    let level = level.unwrap_or(if expects { Level::Text } else { Level::Events });
    let ran = bundle
        .map_err(anyhow::Error::from)
        .and_then(|bundle| match (level, models) {
            (Level::Audio, Some(models)) => turns::by_sound(&bundle, models),
            (Level::Text, _) => turns::by_text(&bundle, business),
            (Level::Events, _) | (Level::Audio, None) => events::run(&bundle, &business.domain),
        });
    Outcome {
        path: path.to_owned(),
        level,
        ran: ran.map_err(|error| named(path, &error)),
        took: started.elapsed(),
    }
}

/// Runs `of` over all, several at a time; the results in order.
pub(crate) fn side_by_side<T: Sync, R: Send>(
    all: &[T],
    jobs: Option<usize>,
    of: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = jobs.unwrap_or(cores).clamp(1, all.len().max(1));
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some((index, item)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    all.get(index).map(|item| (index, item))
                } {
                    let result = of(item);
                    let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                    results.push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

fn tell(outcome: &Outcome, json: bool) -> anyhow::Result<()> {
    let path = outcome.path.display();
    let ran = match &outcome.ran {
        Ok(ran) => ran,
        Err(told) => {
            eprintln!("error: {told}");
            return Ok(());
        }
    };
    if json {
        let mut row = ran.json.clone();
        row["journal"] = path.to_string().into();
        row["level"] = outcome.level.name().into();
        row["failed"] = ran.failed.into();
        return super::print(&format!("{row}\n"));
    }
    let mut text = format!("{path}: {}\n", ran.headline);
    if ran.failed || outcome.level != Level::Events {
        for line in &ran.lines {
            text += &format!("    {line}\n");
        }
    }
    super::print(&text)
}

fn summary(outcomes: &[Outcome], took: Duration) -> String {
    let ran = || {
        outcomes
            .iter()
            .filter_map(|outcome| outcome.ran.as_ref().ok())
    };
    let failed = ran().filter(|ran| ran.failed).count();
    let unusable = outcomes.len() - ran().count();
    let call: f64 = ran().map(|ran| f64::from(ran.ticks) / 50.0).sum();
    let took = took.as_secs_f64();
    let mut text = format!("{} calls, {failed} failed", outcomes.len());
    if unusable > 0 {
        text += &format!(", {unusable} cannot be used");
    }
    text + &format!(
        "; {call:.0} s of call in {took:.2} s, {:.0} times as fast\n",
        call / took.max(1e-6)
    )
}

/// Seconds of the call, aligned.
fn clock(tick: Tick) -> String {
    format!("{:>7.2}s", f64::from(tick) / 50.0)
}
