//! `attendant load`: a provider's part for many calls at once, with limits that a run must keep.

pub mod recorded;
mod table;

use crate::config::Config;
use crate::load::clip::Clip;
use crate::load::dialect::{DIALECTS, DialStatus, Dialect, Target, dialect};
use crate::load::report::Limits;
use crate::load::rest::FakeRest;
use crate::load::{Plan, Turn, run_taped, script};
use anyhow::{Context as _, bail};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

#[derive(clap::Args)]
pub struct Args {
    /// The line whose part is played, by its name in `attendant lines`; where a line has several ways,
    /// like NAME:WAY (a wrong one lists all)
    #[arg(long, default_value = "twilio", value_name = "NAME")]
    line: String,
    /// The server's own address
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Where the server sends its orders (its api_url for the provider): the tool takes them there
    #[arg(long, value_name = "ADDRESS")]
    rest: Option<SocketAddr>,
    /// Calls at the same time
    #[arg(long, default_value_t = 1)]
    calls: usize,
    /// Length of the run, in s
    #[arg(long, default_value_t = 30.0)]
    seconds: f64,
    /// From one turn of a caller to the next, in s; a caller waits until the bot is quiet
    #[arg(long, default_value_t = 6.0)]
    every: f64,
    /// A WAV file, or a folder of them, said turn by turn [default: a caller of the sample shop]
    #[arg(long, value_name = "FILE")]
    say: Vec<PathBuf>,
    /// Keys pressed as one turn, after the files
    #[arg(long, value_name = "KEYS")]
    keys: Vec<String>,
    /// What the callers do, step by step (TOML, see src/load/README.md); then they hang up and call again
    #[arg(long, value_name = "FILE", conflicts_with_all = ["say", "keys", "barge_in_after"])]
    script: Option<PathBuf>,
    /// A recorded call whose caller phones again: a name from `attendant calls list`, `last`, or a path; of
    /// several, callers take one after the other
    #[arg(long, value_name = "CALL", conflicts_with_all = ["script", "say", "keys", "barge_in_after"])]
    bundle: Vec<String>,
    /// Keep what each call sounded like: stereo WAV files, the caller on the left
    #[arg(long, value_name = "FOLDER")]
    record: Option<PathBuf>,
    /// Speak over a prompt once it has been heard for so long
    #[arg(long, value_name = "MS")]
    barge_in_after: Option<u64>,
    /// Hang up and call again after so many s
    #[arg(long, value_name = "S")]
    hang_up_after: Option<f64>,
    /// How a transfer to the human line ends
    #[arg(long, value_enum, default_value = "completed")]
    dial_status: Dialed,
    /// Time until then, in s
    #[arg(long, default_value_t = 1.0, value_name = "S")]
    ring: f64,
    /// Fail when frames for the caller are later than this (99th percentile)
    #[arg(long, value_name = "MS")]
    max_late_ms: Option<f32>,
    /// Fail when replies take longer than this (median)
    #[arg(long, value_name = "MS")]
    max_gap_ms: Option<f32>,
    /// Measure what a server needs for these numbers of callers: starts one for each (Linux)
    #[arg(
        long,
        value_name = "CALLERS",
        num_args = 0..=1,
        require_equals = true,
        value_delimiter = ',',
        default_missing_value = "1,50,100,150,200",
        conflicts_with_all = ["calls", "url", "record", "script", "bundle"]
    )]
    table: Option<Vec<usize>>,
    /// With --table: the server hears a script instead of recognising, so that the line itself is measured
    #[arg(long, requires = "table")]
    scripted: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// How a transfer ends.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Dialed {
    Completed,
    Busy,
    NoAnswer,
    Failed,
    Canceled,
}

impl From<Dialed> for DialStatus {
    fn from(dialed: Dialed) -> Self {
        match dialed {
            Dialed::Completed => Self::Completed,
            Dialed::Busy => Self::Busy,
            Dialed::NoAnswer => Self::NoAnswer,
            Dialed::Failed => Self::Failed,
            Dialed::Canceled => Self::Canceled,
        }
    }
}

/// Runs the verb.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let limits = Limits {
        late_ms: args.max_late_ms,
        gap_ms: args.max_gap_ms,
    };
    let json = args.json;
    // Two threads: the load on the machine should be the server's.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    if let Some(counts) = &args.table {
        let rows = runtime.block_on(table::measure(&args, counts, config))?;
        if json {
            println!("{}", serde_json::to_string_pretty(&rows)?);
        }
        let failures: Vec<_> = rows
            .iter()
            .flat_map(|row| row.report.failures(limits))
            .collect();
        return Ok(verdict(&failures));
    }
    let report = runtime.block_on(async {
        let tapes = args.record.clone();
        if let Some(folder) = &tapes {
            std::fs::create_dir_all(folder).with_context(|| {
                format!("--record {}: the folder cannot be made", folder.display())
            })?;
        }
        let plan = plan(args, config).await?;
        anyhow::Ok(run_taped(plan, tapes.as_deref()).await)
    })?;
    if json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    Ok(verdict(&report.failures(limits)))
}

fn verdict(failures: &[String]) -> ExitCode {
    failures
        .iter()
        .for_each(|failure| eprintln!("failed: {failure}"));
    if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

async fn plan(args: Args, config: &Config) -> anyhow::Result<Plan> {
    if args.calls == 0 {
        bail!("--calls 0 places no call\nhint: give 1 or more");
    }
    let turns = turns(&args, config)?;
    Ok(Plan {
        dialect: open(&args.line, &args.url, args.rest, config).await?,
        callers: args.calls,
        duration: seconds("--seconds", args.seconds)?,
        every: seconds("--every", args.every)?,
        turns,
        barge_in_after: args.barge_in_after.map(Duration::from_millis),
        hang_up_after: args
            .hang_up_after
            .map(|s| seconds("--hang-up-after", s))
            .transpose()?,
        dial_status: args.dial_status.into(),
        ring: Duration::try_from_secs_f64(args.ring).context("--ring: give seconds from 0 up")?,
    })
}

/// The dialect of `--line`, for the server at `--url`.
async fn open(
    line: &str,
    url: &str,
    rest: Option<SocketAddr>,
    config: &Config,
) -> anyhow::Result<Arc<dyn Dialect>> {
    let (name, way) = line.split_once(':').unwrap_or((line, ""));
    let entry = dialect(name).with_context(|| {
        let names: Vec<_> = DIALECTS.iter().map(|entry| entry.name).collect();
        format!(
            "--line {line:?} is no line that the load tool knows\nhint: one of {}",
            names.join(", ")
        )
    })?;
    if !way.is_empty() && !entry.ways.contains(&way) {
        let hint = match entry.ways {
            [] => format!("there is but one: --line {name}"),
            ways => format!("one of {}", ways.join(", ")),
        };
        bail!("--line {line:?}: no such way of {name}\nhint: {hint}");
    }
    let base = url.trim_end_matches('/');
    let plain = base.strip_prefix("http://");
    if plain.is_none_or(|host| host.is_empty() || host.contains(['/', '?', '#'])) {
        bail!(
            "--url {:?} is not usable\nhint: the load tool speaks plain http and knows the paths: give the \
             server's own address, like http://127.0.0.1:8080",
            url
        );
    }
    let rest = match rest {
        Some(listen) => Some(FakeRest::open(listen).await.with_context(|| {
            format!("--rest {listen} cannot be opened\nhint: choose another port")
        })?),
        None if entry.takes_orders => bail!(
            "{} gets its orders over REST\nhint: set the server's {}.api_url to http://127.0.0.1:9099 and give \
             --rest 127.0.0.1:9099",
            entry.name,
            entry.name
        ),
        None => None,
    };
    let target = Target {
        base,
        way,
        config,
        rest: rest.as_ref(),
    };
    Ok((entry.open)(&target)?)
}

fn turns(args: &Args, config: &Config) -> anyhow::Result<Vec<Turn>> {
    if !args.bundle.is_empty() {
        return recorded::calls(&config.recordings.dir, &args.bundle);
    }
    if let Some(script) = &args.script {
        return Ok(script::read(script)?.into_iter().map(Turn::Step).collect());
    }
    let mut turns = Vec::new();
    for path in &args.say {
        turns.extend(
            Clip::load(path)?
                .into_iter()
                .map(|clip| Turn::Say(Arc::new(clip))),
        );
    }
    for keys in &args.keys {
        if keys.is_empty()
            || !keys
                .chars()
                .all(|key| crate::audio::Digit::new(key).is_some())
        {
            bail!("{keys:?} holds something that is no telephone key\nhint: use 0 to 9, * and #");
        }
        turns.push(Turn::Keys(keys.clone()));
    }
    if turns.is_empty() {
        turns.extend(
            Clip::shop()
                .into_iter()
                .map(|clip| Turn::Say(Arc::new(clip))),
        );
    }
    Ok(turns)
}

fn seconds(flag: &str, value: f64) -> anyhow::Result<Duration> {
    let duration = Duration::try_from_secs_f64(value)
        .ok()
        .filter(|d| !d.is_zero() && d.as_secs() <= 7 * 24 * 3600);
    duration.with_context(|| format!("{flag} {value} is not usable\nhint: give seconds above 0"))
}
