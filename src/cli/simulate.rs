//! `attendant simulate`: simulated callers phone a business, thousands of them, and what must hold of
//! every call is checked.

use super::{replay::side_by_side, stage, test, trouble};
use crate::call::Tick;
use crate::config::Config;
use crate::simulate::script::{LONGEST, Script};
use crate::simulate::simulator::Aloud;
use crate::simulate::{Broken, CALLER, Failure, Rule, Run, Simulator, examples};
use anyhow::{Context as _, bail};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Of so many calls one is recorded, and its record searched for secrets.
const RECORDED: u64 = 20;
/// Failures that are shrunk, of each rule: more are the same thing.
const SHRUNK: usize = 3;

/// Simulated callers phone a business: thousands of calls, and what must hold of every one.
#[derive(clap::Args)]
pub struct Args {
    /// The business: a folder, or shop, bank, clinic
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Only callers with these words in their title
    filter: Option<String>,
    /// Calls
    #[arg(long, default_value_t = 1000, value_name = "NUMBER")]
    calls: u64,
    /// What chance begins with: the same seed, the same calls
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    seed: u64,
    /// This call of the run alone
    #[arg(long, value_name = "CALL")]
    only: Option<u64>,
    /// One caller from a file, as it is written
    #[arg(long, value_name = "FILE", conflicts_with_all = ["filter", "calls", "seed", "only"])]
    script: Option<PathBuf>,
    /// Calls at the same time [default: as many as there are cores]
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<usize>,
    /// Voices speak and the recogniser listens: slow, and as near to a telephone as it gets
    #[arg(long)]
    aloud: bool,
    /// Keep the smallest call of each failure here: a bundle with its caller.toml
    #[arg(long, value_name = "FOLDER")]
    save: Option<PathBuf>,
    /// One JSON object per failure, and one for the run
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(crate) fn opens_models(&self) -> bool {
        self.aloud
    }
}

/// What came of one call.
struct One {
    number: u64,
    ticks: Tick,
    turns: usize,
    ended: String,
    broken: Vec<Broken>,
}

/// Runs the verb: 0 when everything held, 1 when something did not, 2 when it cannot be tried.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let business = stage::open(Some(&args.dir), config)?;
    let mut simulator = Simulator::new(business, (&config.call).into());
    if args.aloud {
        simulator.aloud = Some(aloud(&args, config)?);
    }
    if let Some(file) = &args.script {
        return scripted(&args, &simulator, file);
    }
    let run = Run::new(callers(&args)?, &simulator, args.seed);
    let numbers: Vec<u64> = match args.only {
        Some(number) => vec![number],
        None => (0..args.calls).collect(),
    };
    let folder = Scratch::new()?;
    let started = Instant::now();
    let calls = side_by_side(&numbers, args.jobs, |number| {
        one(&simulator, &run, *number, &folder.0)
    });
    let calls = calls.into_iter().collect::<anyhow::Result<Vec<One>>>()?;
    let took = started.elapsed();
    let failures = shrunk(&simulator, &run, &calls, args.jobs);
    for failure in &failures {
        tell(&args, &simulator, failure)?;
    }
    summary(&args, &run, &calls, took)?;
    Ok(code(calls.iter().all(|call| call.broken.is_empty())))
}

fn code(held: bool) -> ExitCode {
    match held {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// The callers of the business: those of its example dialogues, and its own.
fn callers(args: &Args) -> anyhow::Result<Vec<Script>> {
    let folder = args.dir.join("callers");
    let mut callers: Vec<Script> = Vec::new();
    if folder.is_dir() {
        let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
            .with_context(|| format!("cannot read {}", folder.display()))?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|end| end == "toml"))
            .collect();
        files.sort();
        for file in files {
            callers.push(read(&file)?);
        }
    }
    let wanted = |title: &str| {
        let filter = args.filter.as_deref().map(str::to_lowercase);
        filter.is_none_or(|filter| title.to_lowercase().contains(&filter))
    };
    callers.retain(|script| wanted(&script.title));
    if args.dir.join("examples").is_dir() || !args.dir.exists() {
        let filter = args.filter.as_deref().unwrap_or_default();
        let found = test::found(&args.dir, filter)?;
        callers.extend(found.iter().map(examples::script));
    }
    callers.retain(|script| !script.step.is_empty());
    if callers.is_empty() {
        bail!(
            "nobody phones {}\nhint: callers are the example dialogues in DIR/examples, and DIR/callers/*.toml",
            args.dir.display()
        );
    }
    Ok(callers)
}

fn read(file: &Path) -> anyhow::Result<Script> {
    let text = trouble::read_text(file, LONGEST)?;
    let mut script =
        Script::parse(&text).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
    if script.title.is_empty() {
        let name = file.file_stem().map(|name| name.to_string_lossy());
        script.title = name.unwrap_or_default().into_owned();
    }
    Ok(script)
}

fn one(simulator: &Simulator, run: &Run, number: u64, folder: &Path) -> anyhow::Result<One> {
    let script = run.script(number).context("there are no callers")?;
    let (called, mut broken) = simulator.try_out(&script)?;
    if number.is_multiple_of(RECORDED) && !called.secrets.is_empty() {
        let folder = folder.join(number.to_string());
        broken.extend(simulator.recorded(&script, &folder)?);
    }
    let ended = called.disposition.map_or("none".into(), |disposition| {
        serde_json::to_value(disposition)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default()
    });
    Ok(One {
        number,
        ticks: called.moments.len() as Tick,
        turns: called.turns(),
        ended,
        broken,
    })
}

/// One caller, as it is written: for a failure that is looked into.
fn scripted(args: &Args, simulator: &Simulator, file: &Path) -> anyhow::Result<ExitCode> {
    let script = read(file)?;
    let (called, broken) = simulator.try_out(&script)?;
    if args.json {
        super::print(&format!("{}\n", serde_json::json!({ "broken": broken })))?;
    } else {
        let mut text = String::new();
        for line in called.told() {
            let _ = writeln!(text, "{line}");
        }
        for broken in &broken {
            let _ = writeln!(text, "{}", line(broken));
        }
        if broken.is_empty() {
            text += "everything held\n";
        }
        super::print(&text)?;
    }
    if let Some(folder) = &args.save {
        simulator.save(&script, folder, "call")?;
    }
    Ok(code(broken.is_empty()))
}

/// The failures to tell of, each as small as it gets.
fn shrunk(simulator: &Simulator, run: &Run, calls: &[One], jobs: Option<usize>) -> Vec<Failure> {
    let mut of: BTreeMap<Rule, Vec<(u64, Broken)>> = BTreeMap::new();
    for call in calls {
        for broken in &call.broken {
            let all = of.entry(broken.rule).or_default();
            if all.len() < SHRUNK && all.last().is_none_or(|(last, _)| *last != call.number) {
                all.push((call.number, broken.clone()));
            }
        }
    }
    let all: Vec<(u64, Broken)> = of.into_values().flatten().collect();
    let failures = side_by_side(&all, jobs, |(number, broken)| {
        let script = run.script(*number)?;
        let small = simulator.shrunk(&script, broken.rule);
        let tried = simulator.try_out(&small).ok()?;
        let now = tried.1.into_iter().find(|now| now.rule == broken.rule);
        Some(Failure {
            number: *number,
            broken: now.unwrap_or_else(|| broken.clone()),
            script: small,
        })
    });
    failures.into_iter().flatten().collect()
}

fn line(broken: &Broken) -> String {
    format!(
        "broken at {:.1} s: {}: {}",
        f64::from(broken.at) / 50.0,
        broken.rule.name(),
        broken.what
    )
}

fn tell(args: &Args, simulator: &Simulator, failure: &Failure) -> anyhow::Result<()> {
    let name = format!(
        "{}-{}-{}",
        failure.broken.rule.name().replace(' ', "-"),
        args.seed,
        failure.number
    );
    let mut saved = None;
    if let Some(folder) = &args.save {
        simulator.save(&failure.script, folder, &name)?;
        saved = Some(folder.join(&name));
    }
    if args.json {
        let row = serde_json::json!({
            "call": failure.number,
            "seed": args.seed,
            "title": failure.script.title,
            "broken": failure.broken,
            "script": failure.script,
            "saved": saved,
        });
        return super::print(&format!("{row}\n"));
    }
    let mut text = format!(
        "call {} ({}): {}\n",
        failure.number,
        failure.script.title,
        line(&failure.broken)
    );
    for step in failure.script.lines() {
        let _ = writeln!(text, "    {step}");
    }
    let dir = args.dir.display();
    let _ = match &saved {
        Some(folder) => writeln!(
            text,
            "    again: attendant simulate {dir} --script {}",
            folder.join(CALLER).display()
        ),
        None => writeln!(
            text,
            "    again: attendant simulate {dir}{} --seed {} --only {}",
            args.filter
                .as_ref()
                .map_or(String::new(), |filter| format!(" {filter:?}")),
            args.seed,
            failure.number
        ),
    };
    super::print(&text)
}

fn summary(args: &Args, run: &Run, calls: &[One], took: Duration) -> anyhow::Result<()> {
    let call: f64 = calls.iter().map(|call| f64::from(call.ticks) / 50.0).sum();
    let turns: usize = calls.iter().map(|call| call.turns).sum();
    let took = took.as_secs_f64().max(1e-6);
    let mut ended: BTreeMap<&str, usize> = BTreeMap::new();
    let mut broken: BTreeMap<&str, usize> = Rule::ALL.iter().map(|rule| (rule.name(), 0)).collect();
    for call in calls {
        *ended.entry(&call.ended).or_default() += 1;
        for broke in &call.broken {
            *broken.entry(broke.rule.name()).or_default() += 1;
        }
    }
    let per_second = calls.len() as f64 / took;
    if args.json {
        let row = serde_json::json!({
            "calls": calls.len(), "callers": run.callers.len(), "seed": args.seed, "turns": turns,
            "call_seconds": call, "seconds": took, "calls_per_second": per_second,
            "times_real_time": call / took, "ended": ended, "broken": broken,
        });
        return super::print(&format!("{row}\n"));
    }
    let list = |of: &BTreeMap<&str, usize>| {
        let all: Vec<String> = of.iter().map(|(name, n)| format!("{name} {n}")).collect();
        all.join(", ")
    };
    super::print(&format!(
        "{} calls by {} callers (seed {}), {turns} turns: {}\nbroken: {}\n{call:.0} s of call in {took:.1} s: {per_second:.1} calls a second, {:.0} × real time\n",
        calls.len(),
        run.callers.len(),
        args.seed,
        list(&ended),
        list(&broken),
        call / took,
    ))
}

/// A folder that goes when the run is over.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> anyhow::Result<Self> {
        let name = format!("attendant-simulate-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path)
            .with_context(|| format!("cannot write to {}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing depends on it, and the system's own cleaning finds it.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Callers' voices: espeak-ng's accents, each at several pitches and paces.
#[cfg(feature = "speech")]
const VOICES: usize = 6;

/// The models, and voices for the callers.
#[cfg(feature = "speech")]
fn aloud(args: &Args, config: &Config) -> anyhow::Result<Aloud> {
    use crate::dialogue::spoken::Language;
    use crate::runtime::house::{House, Keep};
    use crate::speech::Synthesizer;
    use crate::speech::espeak::{EspeakVoice, Manner};
    let house = House::open(&stage::at(Some(&args.dir), config), Keep::Nothing, None)?;
    let names: &[&str] = match house.domain.language() {
        Language::Spanish => &["es-419", "es"],
        Language::English => &["en-us", "en-gb-x-rp", "en"],
    };
    let mut voices: Vec<Box<dyn Synthesizer>> = Vec::new();
    for (at, name) in names.iter().cycle().take(VOICES).enumerate() {
        let manner = Manner {
            voice: (*name).to_owned(),
            rate_wpm: 140 + 10 * (at as u32 % 4),
            pitch: 35 + 7 * at as u32,
        };
        match EspeakVoice::new(manner) {
            Ok(voice) => voices.push(Box::new(voice)),
            Err(error) => tracing::warn!(%error, name, "a caller's voice is missing"),
        }
    }
    if voices.is_empty() {
        bail!("no voice for the callers");
    }
    Ok(Aloud {
        hearing: house.hearing,
        speaking: house.speaking,
        voices: std::sync::Mutex::new(voices),
        recognizer: house.recognizer,
    })
}

/// # Errors
/// Always: there is no voice.
#[cfg(not(feature = "speech"))]
fn aloud(_args: &Args, _config: &Config) -> anyhow::Result<Aloud> {
    bail!("this attendant is built without speech\n  hint: build it with --features speech")
}
