//! `attendant demo`: a recorded caller phones the business. On a virtual clock: a call of a minute
//! takes as long as the machine computes on it, and computing time counts as the call's own.

use super::narrate::{self, Teller, waterfall};
use super::trouble;
use crate::audio::Frame;
use crate::audio::wav::{Channel, WavReader};
use crate::config::Config;
use crate::line::recording::{self, End};
use crate::line::script::{Script, ScriptedCaller};
use crate::runtime::house::{House, Keep};
use crate::runtime::session::{Ending, LineTraits, Session};
use anyhow::{Context as _, ensure};
use std::fs::File;
use std::io::{BufReader, Cursor, IsTerminal as _, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The caller of the demo: 8 kHz µ-law, as a telephone delivers it.
const CALLER: &[u8] = include_bytes!("../../audio-fixtures/calls/shop-demo/caller.wav");
/// The demo's day, so that it says the same every day.
const DEMO_NOW: &str = "2026-11-24T10:30:00";
/// A script longer than this is none, in bytes.
const LONGEST_SCRIPT: u64 = 1 << 20;
/// A clip of a script longer than this is refused: clips are kept in memory. In frames: five minutes.
const LONGEST_CLIP: usize = 5 * 60 * 50;

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
    let now = args.now.as_deref().unwrap_or(DEMO_NOW);
    let now = now
        .parse()
        .with_context(|| format!("{now:?} is no time; hint: write 2026-11-24T10:30:00"))?;
    let mut caller = caller(&args)?;
    let name = args
        .name
        .unwrap_or_else(|| format!("demo-{}", jiff::Zoned::now().strftime("%Y%m%d-%H%M%S")));
    let plain = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        && !name.starts_with('.');
    ensure!(
        plain && (1..=64).contains(&name.len()),
        "{name:?} cannot name a call's folder; hint: use 1 to 64 letters, digits, - and _; --set recordings.dir=FOLDER says where"
    );
    let mut house = House::open(config, Keep::Nothing, Some(now))?;
    house.now = Some(now);
    let house = Arc::new(house);
    let line = LineTraits {
        name: "recording",
        virtual_clock: true,
        ..LineTraits::PLAIN
    };
    let mut session = Session::new(&name, Arc::clone(&house), line);
    let stdout = std::io::stdout();
    let terminal = stdout.is_terminal();
    session.narrate(Box::new(Teller::new(Box::new(stdout), terminal)));
    let folder = session.folder().map(Path::to_owned);
    let started = Instant::now();
    let mut due = started;
    let end = recording::phone(&mut session, &mut *caller, |_, _| {
        if args.real_time {
            due += Duration::from_millis(20);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
    });
    let length = Duration::from_millis(u64::from(session.now()) * 20);
    let table = waterfall(session.latencies());
    let (length, took) = (length.as_secs_f32(), started.elapsed().as_secs_f32());
    drop(session);
    let recorded = narrate::recorded(house, folder.as_deref());
    super::print(&format!(
        "\n{table}\n{length:.0} s of call in {took:.1} s; nothing left this machine\n{recorded}"
    ))?;
    let ended = matches!(end, End::Ended(Ending::HangUp(_) | Ending::HandOver(_)));
    Ok(if ended {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

type Caller = Box<dyn FnMut(bool) -> Option<Frame>>;

fn caller(args: &Args) -> anyhow::Result<Caller> {
    match (&args.script, &args.caller) {
        (Some(path), _) => scripted(path),
        (None, Some(path)) => Ok(recorded(wav(path)?, path.display().to_string())),
        (None, None) => {
            let reader =
                WavReader::new(Cursor::new(CALLER), Channel::Mix).context("the built-in caller")?;
            Ok(recorded(reader, "the built-in caller".into()))
        }
    }
}

/// A caller from a recording. What is wrong with that is said when its end has come.
fn recorded<R: Read + 'static>(mut reader: WavReader<R>, name: String) -> Caller {
    let mut warned = false;
    Box::new(move |_| {
        let frame = reader.next();
        if let (None, Some(warning), false) = (&frame, reader.warning(), warned) {
            warned = true;
            eprintln!(
                "warning: {}",
                trouble::told(&anyhow::Error::new(warning).context(name.clone()))
            );
        }
        frame
    })
}

fn scripted(path: &Path) -> anyhow::Result<Caller> {
    let text = trouble::read_text(path, LONGEST_SCRIPT)?;
    let script: Script = toml::from_str(&text).with_context(|| {
        format!("{} is no script\nhint: write [[step]] tables with say = \"FILE.wav\" or keys = \"123#\"", path.display())
    })?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let clip = |file: &str| -> anyhow::Result<Vec<i16>> {
        let frames: Vec<Frame> = wav(&folder.join(file))?.take(LONGEST_CLIP + 1).collect();
        ensure!(
            frames.len() <= LONGEST_CLIP,
            "{file} is longer than five minutes; hint: cut it, or play it with --caller"
        );
        Ok(frames.into_iter().flat_map(|frame| frame.0).collect())
    };
    let mut caller =
        ScriptedCaller::new(script, clip).with_context(|| format!("in {}", path.display()))?;
    Ok(Box::new(move |bot_speaks| caller.next(bot_speaks)))
}

fn wav(path: &Path) -> anyhow::Result<WavReader<BufReader<File>>> {
    let file = trouble::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    WavReader::new(BufReader::new(file), Channel::Mix).with_context(|| path.display().to_string())
}
