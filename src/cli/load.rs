//! `attendant load`: Twilio's part for many calls at once, with limits that a run must keep.

use crate::config::Config;
use crate::load::clip::Clip;
use crate::load::report::Limits;
use crate::load::{Plan, Turn, run as run_plan};
use anyhow::{Context as _, bail};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

#[derive(clap::Args)]
pub struct Args {
    /// The server's voice webhook
    #[arg(long, default_value = "http://127.0.0.1:8080/twilio/voice")]
    url: String,
    /// Signs the requests as Twilio does
    #[arg(long, env = "ATTENDANT_TWILIO_AUTH_TOKEN", hide_env_values = true)]
    auth_token: Option<String>,
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
    /// Speak over a prompt once it has been heard for so long
    #[arg(long, value_name = "MS")]
    barge_in_after: Option<u64>,
    /// Hang up and call again after so many s
    #[arg(long, value_name = "S")]
    hang_up_after: Option<f64>,
    /// How a transfer to the human line ends
    #[arg(long, default_value = "completed", value_parser = ["completed", "busy", "no-answer", "failed", "canceled"])]
    dial_status: String,
    /// Fail when frames for the caller are later than this (99th percentile)
    #[arg(long, value_name = "MS")]
    max_late_ms: Option<f32>,
    /// Fail when replies take longer than this (median)
    #[arg(long, value_name = "MS")]
    max_gap_ms: Option<f32>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let limits = Limits {
        late_ms: args.max_late_ms,
        gap_ms: args.max_gap_ms,
    };
    let json = args.json;
    let plan = plan(args, config)?;
    // Two threads: the load on the machine should be the server's.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let report = runtime.block_on(run_plan(plan));
    if json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    let failures = report.failures(limits);
    failures
        .iter()
        .for_each(|failure| eprintln!("failed: {failure}"));
    Ok(if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn plan(args: Args, config: &Config) -> anyhow::Result<Plan> {
    if args.calls == 0 {
        bail!("--calls 0 places no call\nhint: give 1 or more");
    }
    if !args.url.starts_with("http://") {
        bail!(
            "{:?} is not usable\nhint: the load tool speaks plain http: give the server's own address",
            args.url
        );
    }
    let turns = turns(&args)?;
    Ok(Plan {
        voice_url: args.url,
        auth_token: args
            .auth_token
            .or_else(|| {
                config
                    .twilio
                    .auth_token
                    .as_ref()
                    .map(|token| token.expose().clone())
            })
            .filter(|token| !token.is_empty()),
        callers: args.calls,
        duration: seconds("--seconds", args.seconds)?,
        every: seconds("--every", args.every)?,
        turns,
        barge_in_after: args.barge_in_after.map(Duration::from_millis),
        hang_up_after: args
            .hang_up_after
            .map(|s| seconds("--hang-up-after", s))
            .transpose()?,
        dial_status: args.dial_status,
    })
}

fn turns(args: &Args) -> anyhow::Result<Vec<Turn>> {
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
