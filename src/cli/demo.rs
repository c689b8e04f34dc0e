//! `attendant demo`: a recorded caller phones the business. On a virtual clock: a call of a minute
//! takes as long as the machine computes on it, and computing time counts as the call's own.

use super::narrate::{Teller, waterfall};
use crate::audio::Frame;
use crate::audio::wav::{Channel, WavReader};
use crate::config::Config;
use crate::line::recording::{self, End};
use crate::line::script::{Script, ScriptedCaller};
use crate::runtime::house::House;
use crate::runtime::session::{Ending, LineTraits, Session};
use anyhow::Context as _;
use std::fs::File;
use std::io::{BufReader, Cursor};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The caller of the demo: 8 kHz µ-law, as a telephone delivers it.
const CALLER: &[u8] = include_bytes!("../../audio-fixtures/calls/shop-demo/caller.wav");
/// The demo's day, so that it says the same every day.
const DEMO_NOW: &str = "2026-11-24T10:30:00";

/// A recorded caller phones the sample shop.
#[derive(clap::Args)]
pub struct Args {
    /// A recorded caller of your own (any WAV) instead of the built-in one
    #[arg(long, value_name = "FILE", conflicts_with = "script")]
    caller: Option<PathBuf>,
    /// A caller by script: a TOML file of clips and keys
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// "Today" for the call, YYYY-MM-DDTHH:MM:SS; the demo's own day if absent
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// As slowly as a real call
    #[arg(long)]
    real_time: bool,
    /// Name of the call's folder
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

/// Runs the verb.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let mut house = House::open(config)?;
    let now = args.now.as_deref().unwrap_or(DEMO_NOW);
    house.now = Some(now.parse().with_context(|| format!("{now:?} is no time; hint: write 2026-11-24T10:30:00"))?);
    let house = Arc::new(house);
    let mut caller = caller(&args)?;

    let name = args.name.unwrap_or_else(|| format!("demo-{}", jiff::Zoned::now().strftime("%Y%m%d-%H%M%S")));
    let line = LineTraits { name: "recording", marks: false, lead: 0, virtual_clock: true };
    let mut session = Session::new(&name, Arc::clone(&house), line);
    session.narrate(Box::new(Teller::new()));
    let started = Instant::now();
    let mut due = started;
    let end = recording::phone(&mut session, &mut *caller, |_, _| {
        if args.real_time {
            due += Duration::from_millis(20);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
    });
    let length = Duration::from_millis(u64::from(session.now()) * 20);
    println!("\n{}", waterfall(session.latencies()));
    let (length, took) = (length.as_secs_f32(), started.elapsed().as_secs_f32());
    println!("{length:.0} s of call in {took:.1} s; nothing left this machine");
    if let Some(folder) = session.folder() {
        println!("recorded in {0}: call.wav (caller left, bot right), caller.wav, journal.jsonl", folder.display());
        println!("again:  attendant replay {}", folder.display());
    }
    let ended = matches!(end, End::Ended(Ending::HangUp(_) | Ending::HandOver(_)));
    Ok(if ended { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

type Caller = Box<dyn FnMut(bool) -> Option<Frame>>;

fn caller(args: &Args) -> anyhow::Result<Caller> {
    if let Some(path) = &args.script {
        return scripted(path);
    }
    let mut frames: Box<dyn Iterator<Item = Frame>> = match &args.caller {
        Some(path) => Box::new(wav(path)?),
        None => Box::new(WavReader::new(Cursor::new(CALLER), Channel::Mix).context("the built-in caller")?),
    };
    Ok(Box::new(move |_| frames.next()))
}

fn scripted(path: &Path) -> anyhow::Result<Caller> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let script: Script = toml::from_str(&text).with_context(|| format!("{} is no script", path.display()))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let clip = |file: &str| -> anyhow::Result<Vec<i16>> {
        Ok(wav(&folder.join(file))?.flat_map(|frame| frame.0).collect())
    };
    let mut caller = ScriptedCaller::new(script, clip)?;
    Ok(Box::new(move |bot_speaks| caller.next(bot_speaks)))
}

fn wav(path: &Path) -> anyhow::Result<WavReader<BufReader<File>>> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    WavReader::new(BufReader::new(file), Channel::Mix).with_context(|| path.display().to_string())
}
