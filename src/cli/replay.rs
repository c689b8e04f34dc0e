//! `attendant replay`: runs a journaled call through the engine of today and compares.

use super::trouble;
use crate::audio::wav::{Channel, WavReader};
use crate::call::journal::{Entry, FORMAT, Header, Journal};
use crate::call::replay::{Replay, bless, replay};
use crate::call::{Action, Event, Recognition, RecognitionId, Tick};
use crate::config::Config;
use crate::dialogue::spoken::Language;
use crate::dialogue::{Context, Dialogue, Domain};
use crate::runtime::business::Business;
use crate::runtime::house::{House, Keep};
use crate::runtime::sound::Sound;
use crate::speech::wer::{self, Errors};
use crate::speech::{Recognized, Request};
use anyhow::{Context as _, bail};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::channel;

/// A journal larger than this is refused: ten hours of call.
const LARGEST: u64 = 256 << 20;

/// Run a journaled call again and compare with what it did.
#[derive(clap::Args)]
pub struct Args {
    /// Journals, or call folders with a `journal.jsonl`
    #[arg(required = true, value_name = "JOURNAL")]
    journals: Vec<PathBuf>,
    /// Recognise the recorded sound again, and report word errors per turn
    #[arg(long, conflicts_with = "bless")]
    rehear: bool,
    /// Write what the engine does today into the journal, as what it should do
    #[arg(long)]
    bless: bool,
    /// One JSON object per journal
    #[arg(long)]
    json: bool,
}

impl Args {
    /// Whether sound is recognised again.
    pub(crate) fn opens_models(&self) -> bool {
        self.rehear
    }
}

/// Runs the verb: 0 when nothing differs, 1 when something does, 2 when a journal cannot be used.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let domain = Business::open(config)?.domain;
    let mut worst = 0;
    let house = if args.rehear {
        Some(House::open(config, Keep::Nothing, None)?)
    } else {
        None
    };
    for path in &args.journals {
        let path = if path.is_dir() {
            path.join("journal.jsonl")
        } else {
            path.clone()
        };
        let done = match &house {
            Some(house) => rehear(&path, house, args.json),
            None if args.bless => bless_file(&path, &domain),
            None => compare(&path, &domain, args.json),
        };
        let code = done.unwrap_or_else(|error| {
            let (name, told) = (path.display().to_string(), trouble::told(&error));
            let name = if told.contains(&name) {
                String::new()
            } else {
                name + ": "
            };
            eprintln!("error: {name}{told}");
            2
        });
        worst = worst.max(code);
    }
    Ok(ExitCode::from(worst))
}

fn read(path: &Path) -> anyhow::Result<Journal> {
    Ok(Journal::from_bytes(&trouble::read(path, LARGEST)?)?)
}

/// The dialogue that the call began with.
fn dialogue(journal: &Journal, domain: &Arc<Domain>) -> anyhow::Result<Dialogue> {
    if journal.header.domain != domain.name {
        let (theirs, ours) = (&journal.header.domain, &domain.name);
        bail!(
            "the call was with {theirs:?}, the domain here is {ours:?}; hint: --set business.domain=FOLDER"
        );
    }
    let context = journal.entries.iter().find_map(|(_, entry)| match entry {
        Entry::In(Event::Answered(context)) => Some(context.clone()),
        _ => None,
    });
    let context: Context = context.context("the call was never answered: there is nothing to replay\nhint: it ended before its first second was written")?;
    Ok(Dialogue::new(Arc::clone(domain), context))
}

fn compare(path: &Path, domain: &Arc<Domain>, json: bool) -> anyhow::Result<u8> {
    let journal = read(path)?;
    let replay = replay(&journal, dialogue(&journal, domain)?);
    let difference = replay.first_difference();
    if json {
        let side = |side: &[(Tick, Action)]| difference.and_then(|index| side.get(index).cloned());
        let report = serde_json::json!({
            "journal": path, "ticks": replay.ticks, "actions": replay.given.len(), "truncated": journal.truncated,
            "same": difference.is_none(), "expected": side(&replay.expected), "given": side(&replay.given),
        });
        println!("{report}");
    } else {
        report(path, &journal, &replay, difference, domain);
    }
    Ok(u8::from(difference.is_some()))
}

fn report(
    path: &Path,
    journal: &Journal,
    replay: &Replay,
    difference: Option<usize>,
    domain: &Domain,
) {
    let cut = if journal.truncated {
        "; the journal was cut off in mid-call"
    } else {
        ""
    };
    let (path, seconds) = (path.display(), f64::from(replay.ticks) / 50.0);
    let Some(index) = difference else {
        println!(
            "{path}: same: {} actions in {seconds:.1} s of call{cut}",
            replay.given.len()
        );
        return;
    };
    println!(
        "{path}: differs from action {} of {} on{cut}",
        index + 1,
        replay.expected.len()
    );
    for (tick, action) in
        &replay.expected[index.saturating_sub(5)..index.min(replay.expected.len())]
    {
        println!("      {} {}", clock(*tick), brief(action));
    }
    let show = |mark, side: &[(Tick, Action)]| match side.get(index) {
        Some((tick, action)) => println!("    {mark} {} {}", clock(*tick), brief(action)),
        None => println!("    {mark} (nothing more)"),
    };
    show('-', &replay.expected);
    show('+', &replay.given);
    if journal.header.domain_digest != domain.digest() {
        println!("    the domain's files have changed since the call");
    }
    println!("    hint: if the change is wanted, attendant replay --bless {path}");
}

fn clock(tick: Tick) -> String {
    format!("{:>7.2}s", f64::from(tick) / 50.0)
}

fn brief(action: &Action) -> String {
    // Our own types serialise; a journal line is the form that people grep for.
    serde_json::to_string(action).unwrap_or_default()
}

fn bless_file(path: &Path, domain: &Arc<Domain>) -> anyhow::Result<u8> {
    let journal = read(path)?;
    let header = Header {
        journal: FORMAT,
        attendant: env!("CARGO_PKG_VERSION").into(),
        domain_digest: domain.digest(),
        ..journal.header.clone()
    };
    let bytes = bless(&journal, &header, dialogue(&journal, domain)?);
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile_in(folder)?;
    file.1.write_all(&bytes)?;
    std::fs::rename(&file.0, path)?;
    println!(
        "{}: blessed; read the change as a diff before you keep it",
        path.display()
    );
    Ok(0)
}

/// A file beside the target, so that a full disk cannot harm the journal.
fn tempfile_in(folder: &Path) -> anyhow::Result<(PathBuf, File)> {
    let path = folder.join(format!(".journal-{}.part", std::process::id()));
    let file =
        File::create(&path).with_context(|| format!("cannot write in {}", folder.display()))?;
    Ok((path, file))
}

/// One recognition of the call, heard again.
struct Turn {
    tick: Tick,
    then: String,
    request: Request,
}

fn rehear(path: &Path, house: &House, json: bool) -> anyhow::Result<u8> {
    let journal = read(path)?;
    let caller = path.with_file_name("caller.wav");
    let file = File::open(&caller).with_context(|| format!("cannot open {}", caller.display()))?;
    let frames = WavReader::new(BufReader::new(file), Channel::Mix)
        .with_context(|| caller.display().to_string())?;
    let turns = turns(&journal, frames);
    let mut scores = Vec::new();
    for turn in turns {
        let (sender, receiver) = channel::<Recognized>();
        house.hearing.recognize(
            turn.request,
            Box::new(move |recognized| drop(sender.send(recognized))),
        );
        let recognized = receiver.recv().context("the recogniser died")?;
        let now = recognized
            .result?
            .first()
            .map(|best| best.text.clone())
            .unwrap_or_default();
        let score = wer::compare(&turn.then, &now);
        if json {
            let line = serde_json::json!({"tick": turn.tick, "then": turn.then, "now": now, "errors": score.total(), "words": score.words});
            println!("{line}");
        } else {
            let mark = if score.total() == 0 { ' ' } else { '!' };
            println!(
                "{mark} {} then: {:<40} now: {now}",
                clock(turn.tick),
                turn.then
            );
        }
        scores.push(score);
    }
    let total: Errors = scores.iter().copied().sum();
    if !json {
        let (turns, rate) = (scores.len(), 100.0 * total.rate());
        println!(
            "{}: {turns} recognitions, {} of {} words differ ({rate:.1} %)",
            path.display(),
            total.total(),
            total.words
        );
    }
    Ok(u8::from(total.total() > 0))
}

/// Every recognition that the call used, with the sound it was made from.
fn turns(journal: &Journal, mut frames: impl Iterator<Item = crate::audio::Frame>) -> Vec<Turn> {
    let mut sound = Sound::new(journal.header.endpointing.max_speech_ms);
    let mut asked: BTreeMap<RecognitionId, Request> = BTreeMap::new();
    let mut turns = Vec::new();
    let mut now = 0;
    for (tick, entry) in &journal.entries {
        match entry {
            Entry::In(Event::Heard(heard)) => {
                now += 1;
                sound.push(now, &frames.next().unwrap_or_default(), *heard);
            }
            Entry::In(Event::Gap) => {
                now += 1;
                frames.next();
            }
            Entry::Out(Action::Recognize {
                id,
                spans,
                bias,
                language,
            }) => {
                asked.insert(
                    *id,
                    Request {
                        samples: sound.samples(spans),
                        bias: bias.clone(),
                        language: Language::from_code(language),
                    },
                );
            }
            Entry::In(Event::Recognized { id, outcome }) => {
                let then = match outcome {
                    Recognition::Words(words) => words
                        .first()
                        .map(|best| best.text.clone())
                        .unwrap_or_default(),
                    Recognition::Nothing | Recognition::Failed => String::new(),
                };
                if let Some(request) = asked.remove(id) {
                    turns.push(Turn {
                        tick: *tick,
                        then,
                        request,
                    });
                }
            }
            _ => {}
        }
    }
    turns
}
