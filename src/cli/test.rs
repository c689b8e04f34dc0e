//! `attendant test`: runs a business's example dialogues. Reads the files and prints; what passes is
//! [`crate::rehearsal`]'s to say.

use super::{stage, trouble};
use crate::bundle::whole;
use crate::config::Config;
use crate::dialogue::domain::trade;
use crate::rehearsal::bless::bless;
use crate::rehearsal::coverage::Coverage;
use crate::rehearsal::judge::rehearse;
use crate::rehearsal::report::{Run, difference, json, summary};
use crate::rehearsal::{Example, Outcome, Problem, Stage, junit, parse};
use anyhow::{Context as _, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub mod aloud;

/// A file longer than this is no text that somebody wrote, in bytes.
const LONGEST: u64 = 1 << 20;
/// Folders in folders further down than this are not looked into.
const DEEPEST: usize = 8;

/// Run a business's example dialogues.
#[derive(clap::Args)]
pub struct Args {
    /// The business's folder; its examples are the .txt files in DIR/examples
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Only examples whose file name or title has these letters
    #[arg(value_name = "FILTER")]
    filter: Option<String>,
    /// Also write the outcome as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Show which intents, slots, prompts and branches were never met
    #[arg(long)]
    coverage: bool,
    /// Write what the bot says today into the examples, as what it should say
    #[arg(long, conflicts_with = "aloud")]
    bless: bool,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
    /// By sound: a voice speaks the caller's lines, and the recogniser hears them
    #[arg(long)]
    aloud: bool,
}

impl Args {
    /// Whether a voice and a recogniser take part.
    pub(crate) fn opens_models(&self) -> bool {
        self.aloud
    }
}

/// A file with examples.
struct Source {
    path: PathBuf,
    text: String,
}

/// Files by the name they are shown with.
type Sources = BTreeMap<String, Source>;

/// Runs the verb: 0 when all pass, 1 when one fails, 2 when there are none or they cannot be read.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let business = stage::open(Some(&args.dir), config)?;
    let sources = sources(&args.dir)?;
    let examples = examples(&sources, args.filter.as_deref())?;
    let runs = if args.aloud {
        by_sound(&args, config, examples)?
    } else {
        by_text(&business, examples)?
    };
    let coverage = args.coverage.then(|| {
        let met = runs.iter().flat_map(|run| run.outcome.met.iter().cloned());
        Coverage::new(&business.universe(), &met.collect::<BTreeSet<_>>())
    });
    if let Some(file) = &args.junit {
        let text = |name: &str| sources.get(name).map_or("", |source| source.text.as_str());
        let xml = junit::junit(&runs, text).map_err(|error| anyhow::anyhow!("JUnit: {error}"))?;
        write(file, &xml)?;
    }
    if args.json {
        super::print(&format!("{:#}\n", json(&runs, coverage.as_ref())))?;
    } else {
        super::print(&told(&runs, &sources, coverage.as_ref()))?;
    }
    if args.bless {
        bless_files(&runs, &sources)?;
    }
    // What was blessed holds from now on.
    let mut misses = runs.iter().flat_map(|run| &run.outcome.misses);
    let passed = misses.all(|miss| args.bless && miss.wording);
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Every `.txt` below `DIR/examples`.
fn sources(dir: &Path) -> anyhow::Result<Sources> {
    let folder = dir.join("examples");
    let mut sources = Sources::new();
    // A trade in the binary.
    if !dir.exists()
        && let Some(files) = dir.to_str().and_then(trade)
    {
        for (name, text) in files {
            if name.starts_with("examples/") && name.ends_with(".txt") {
                let path = dir.join(&name);
                sources.insert(path.display().to_string(), Source { path, text });
            }
        }
        return Ok(sources);
    }
    let mut open = vec![(folder.clone(), 0)];
    while let Some((folder, depth)) = open.pop() {
        let entries = std::fs::read_dir(&folder).with_context(|| {
            format!(
                "cannot read {}\nhint: example dialogues are .txt files in DIR/examples; `attendant chat DIR` writes one with /save",
                folder.display()
            )
        })?;
        for entry in entries {
            let path = entry?.path();
            let hidden = path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if hidden {
                continue;
            }
            if path.is_dir() {
                if depth < DEEPEST {
                    open.push((path, depth + 1));
                }
            } else if path.extension().is_some_and(|end| end == "txt") {
                let text = trouble::read_text(&path, LONGEST)?;
                sources.insert(path.display().to_string(), Source { path, text });
            }
        }
    }
    Ok(sources)
}

/// The examples of a business that have these words in their title or their file's name; may be none.
///
/// # Errors
/// They cannot be read.
pub(crate) fn found(dir: &Path, filter: &str) -> anyhow::Result<Vec<Example>> {
    let sources = sources(dir)?;
    let sources: Sources = sources
        .into_iter()
        .filter(|(_, source)| parse(&source.text) != Ok(Vec::new()))
        .collect();
    if sources.is_empty() {
        return Ok(Vec::new());
    }
    let filter = filter.to_lowercase();
    let mut all = examples(&sources, None)?;
    all.retain(|(name, example)| fits(name, example, &filter));
    Ok(all.into_iter().map(|(_, example)| example).collect())
}

fn fits(name: &str, example: &Example, filter: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let title = example.title.to_lowercase();
    title.contains(filter) || file.to_lowercase().contains(filter)
}

/// The examples that are wanted, by file.
fn examples(sources: &Sources, filter: Option<&str>) -> anyhow::Result<Vec<(String, Example)>> {
    let filter = filter.unwrap_or_default().to_lowercase();
    let (mut examples, mut problems) = (Vec::new(), Vec::new());
    for (name, source) in sources {
        match parse(&source.text) {
            Ok(found) => examples.extend(found.into_iter().map(|found| (name.clone(), found))),
            Err(found) => problems.extend(found.iter().map(|problem| at(name, problem))),
        }
    }
    if !problems.is_empty() {
        bail!("the examples cannot be read:\n{}", problems.join("\n"));
    }
    let all = examples.len();
    examples.retain(|(name, example)| fits(name, example, &filter));
    if examples.is_empty() {
        bail!(
            "no example to run: {all} are there, and {filter:?} fits none\nhint: the second argument is a part of a title or of a file's name"
        );
    }
    Ok(examples)
}

fn at(name: &str, problem: &Problem) -> String {
    let what = problem.what.replace("; hint: ", "\n  hint: ");
    format!("{name}:{}: {what}", problem.line)
}

fn by_text(business: &impl Stage, examples: Vec<(String, Example)>) -> anyhow::Result<Vec<Run>> {
    let run = |(file, example): (String, Example)| {
        let outcome = rehearse(business, &example)
            .map_err(|problem| anyhow::anyhow!("{}", at(&file, &problem)))?;
        Ok(Run {
            file,
            example,
            outcome,
        })
    };
    examples.into_iter().map(run).collect()
}

fn by_sound(
    args: &Args,
    config: &Config,
    examples: Vec<(String, Example)>,
) -> anyhow::Result<Vec<Run>> {
    let mut stage = aloud::Aloud::open(&stage::at(Some(&args.dir), config))?;
    let run = |(file, example): (String, Example)| {
        let outcome = stage.rehearse(&example)?;
        Ok(Run {
            file,
            example,
            outcome,
        })
    };
    examples.into_iter().map(run).collect()
}

fn told(runs: &[Run], sources: &Sources, coverage: Option<&Coverage>) -> String {
    let color = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let mut out = String::new();
    for run in runs {
        if !run.outcome.passed() {
            let text = sources
                .get(&run.file)
                .map_or("", |source| source.text.as_str());
            out += &difference(run, text, color);
        }
        out += &heard(run);
        if !run.outcome.passed() {
            out.push('\n');
        }
    }
    if let Some(coverage) = coverage {
        out += &coverage.table();
    }
    out + &summary(runs)
}

/// What the recogniser made of the lines that it heard.
fn heard(run: &Run) -> String {
    let Outcome { heard, .. } = &run.outcome;
    if heard.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "{}:{}  {}\n",
        run.file, run.example.first, run.example.title
    );
    for (line, said, heard) in heard {
        out += &format!("    {line:>4}  {said}\n          heard: {heard}\n");
    }
    out
}

fn bless_files(runs: &[Run], sources: &Sources) -> anyhow::Result<()> {
    for of_file in runs.chunk_by(|a, b| a.file == b.file) {
        let Some(source) = of_file.first().and_then(|run| sources.get(&run.file)) else {
            continue;
        };
        let text = bless(&source.text, of_file.iter().map(|run| &run.outcome));
        if text != source.text {
            write(&source.path, &text)?;
            eprintln!("blessed: {}", source.path.display());
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    whole::write(path, |file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))
}
