//! `attendant calls`: the recorded calls: which there are, what was said, their sound, and where they go.

use super::narrate::Teller;
use super::print;
use crate::audio::TICK_MS;
use crate::bundle::expect::{self, Expect};
use crate::bundle::shelf::{self, Place, Shelf};
use crate::bundle::story::{End, turns};
use crate::bundle::{BOTH, Bundle, CALLER, EXPECT, JOURNAL, Manifest, whole};
use crate::call::Event;
use crate::call::journal::Entry;
use crate::config::Config;
use crate::runtime::session::Narrator as _;
use anyhow::{Context as _, bail, ensure};
use clap::{Subcommand, ValueEnum};
use jiff::{Timestamp, tz::TimeZone};
use std::fmt::Write as _;
use std::fs;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

/// The newest call.
const LAST: &str = "last";
/// Seconds of a day.
const DAY: u64 = 24 * 60 * 60;

#[derive(clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "A CALL is a name from the list, `last`, or the path of a call's folder.\n\n\
        Examples:\n  \
        attendant calls list\n  \
        attendant calls show last\n  \
        attendant calls save last wrong-number\n  \
        attendant calls delete --older-than 30\n\n\
        Exit codes: 0 done, 2 there is no such call, or it cannot be read or written."
)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// The calls in `recordings.dir`, the newest last
    List {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// What was said and done in a call
    Show {
        #[arg(value_name = "CALL")]
        call: String,
        /// Its first page, and a JSON object per turn
        #[arg(long)]
        json: bool,
    },
    /// Play its sound
    Play {
        #[arg(value_name = "CALL")]
        call: String,
        /// Whom to hear
        #[arg(long, value_enum, default_value = "both")]
        side: Side,
    },
    /// Pack a call into one file
    Export {
        #[arg(value_name = "CALL")]
        call: String,
        /// The file to write; CALL.tar.gz if absent
        #[arg(value_name = "FILE.tar.gz")]
        to: Option<PathBuf>,
    },
    /// Delete calls with all that is known of them
    Delete {
        #[arg(value_name = "CALL", required_unless_present = "older_than")]
        calls: Vec<String>,
        /// Those that were over so many days ago
        #[arg(long, value_name = "DAYS", conflicts_with = "calls")]
        older_than: Option<u64>,
    },
    /// Keep a call as a test: a copy that is never deleted, with what must hold
    Save {
        #[arg(value_name = "CALL")]
        call: String,
        /// Letters, digits, - and _
        #[arg(value_name = "NAME")]
        name: String,
        /// The folder of such tests
        #[arg(long, value_name = "DIR", default_value = "calls")]
        to: PathBuf,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Side {
    Both,
    Caller,
    Bot,
}

/// Runs the verb.
///
/// # Errors
/// There is no such call, or it cannot be read or written.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let dir = &config.recordings.dir;
    match args.action {
        Action::List { json } => list(dir, json)?,
        Action::Show { call, json } => show(&open(dir, &call)?, json)?,
        Action::Play { call, side } => play(&open(dir, &call)?, side)?,
        Action::Export { call, to } => export(&folder(dir, &call)?, to)?,
        Action::Delete { calls, older_than } => delete(dir, &calls, older_than)?,
        Action::Save { call, name, to } => save(&open(dir, &call)?, &name, &to)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The folder of a call that somebody named.
pub(crate) fn folder(dir: &Path, call: &str) -> anyhow::Result<PathBuf> {
    let hint = "hint: `attendant calls list` shows the calls; --set recordings.dir=FOLDER says where they are";
    if call == LAST {
        let newest = Shelf::scan(dir).places().last();
        let place =
            newest.with_context(|| format!("no call is recorded in {}\n{hint}", dir.display()))?;
        return Ok(dir.join(place.name));
    }
    for path in [dir.join(call), PathBuf::from(call)] {
        if path.join(JOURNAL).is_file() {
            return Ok(path);
        }
        if path.is_file() && path.file_name().is_some_and(|name| name == JOURNAL) {
            // The folder of a bare `journal.jsonl` is this one.
            let folder = path.parent().filter(|folder| *folder != Path::new(""));
            return Ok(folder.unwrap_or(Path::new(".")).to_owned());
        }
    }
    bail!("there is no call {call:?} in {}\n{hint}", dir.display())
}

fn open(dir: &Path, call: &str) -> anyhow::Result<Bundle> {
    Ok(Bundle::open(&folder(dir, call)?)?)
}

fn list(dir: &Path, json: bool) -> anyhow::Result<()> {
    let shelf = Shelf::scan(dir);
    let mut text = String::new();
    for place in shelf.places() {
        let manifest = Manifest::read(&dir.join(&place.name));
        if json {
            let row =
                serde_json::json!({"name": place.name, "bytes": place.bytes, "manifest": manifest});
            writeln!(text, "{row}")?;
        } else {
            row(&mut text, &place, manifest.as_ref())?;
        }
    }
    if !json {
        let mb = shelf.bytes() as f64 / 1e6;
        let dir = dir.display();
        match shelf.places().count() {
            0 => writeln!(text, "no call is recorded in {dir}")?,
            1 => writeln!(text, "1 call, {mb:.1} MB in {dir}")?,
            count => writeln!(text, "{count} calls, {mb:.1} MB in {dir}")?,
        }
    }
    print(&text)
}

fn row(text: &mut String, place: &Place, manifest: Option<&Manifest>) -> std::fmt::Result {
    let name = &place.name;
    let Some(manifest) = manifest else {
        return writeln!(
            text,
            "{:<19} {:<12} {:>7} {:<12} {name}",
            when(place.written),
            "?",
            "",
            "no first page"
        );
    };
    let (length, how) = match manifest.ended {
        Some(ended) => (clock(ended.ticks * TICK_MS), how(&ended)),
        None => (String::new(), "did not end".into()),
    };
    let began = local(manifest.began);
    writeln!(
        text,
        "{began:<19} {:<12} {length:>7} {how:<12} {name}",
        manifest.line
    )
}

fn how(ended: &crate::bundle::Ended) -> String {
    match ended.disposition {
        Some(disposition) => format!("{disposition:?}"),
        None => "dropped".into(),
    }
}

fn clock(ms: u32) -> String {
    format!("{}:{:02}", ms / 60_000, ms / 1000 % 60)
}

fn local(time: Timestamp) -> String {
    let zoned = time.to_zoned(TimeZone::system());
    zoned.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn when(time: SystemTime) -> String {
    Timestamp::try_from(time).map_or_else(|_| "?".into(), local)
}

fn show(bundle: &Bundle, json: bool) -> anyhow::Result<()> {
    if json {
        return print(&as_json(bundle)?);
    }
    let stdout = std::io::stdout();
    let terminal = stdout.is_terminal();
    print(&heading(bundle))?;
    let mut teller = Teller::new(Box::new(stdout), terminal);
    for (tick, entry) in &bundle.journal.entries {
        match entry {
            Entry::In(Event::Heard(_) | Event::Gap) => {}
            Entry::In(event) => teller.event(*tick, event),
            Entry::Out(action) => teller.action(*tick, action),
        }
    }
    if bundle.journal.truncated {
        print("── here the record stops: the process died in the call\n")?;
    }
    Ok(())
}

fn heading(bundle: &Bundle) -> String {
    let header = &bundle.journal.header;
    let began = bundle
        .manifest
        .as_ref()
        .map(|manifest| local(manifest.began));
    let length = clock(bundle.ticks() * TICK_MS);
    let caller = bundle
        .context()
        .and_then(|context| context.caller.as_deref());
    format!(
        "{}: {} over {}{}, {length}, caller {}, heard by {}\n",
        bundle.name(),
        header.domain,
        header.line,
        began.map_or_else(String::new, |began| format!(", {began}")),
        caller.unwrap_or("unknown"),
        if header.recognizer.is_empty() {
            "?"
        } else {
            &header.recognizer
        },
    )
}

fn as_json(bundle: &Bundle) -> anyhow::Result<String> {
    let mut text = serde_json::to_string(&bundle.manifest)? + "\n";
    for turn in turns(&bundle.journal) {
        let asked = turn.asked.iter().map(|asked| asked.lookup.name.as_str());
        let end = turn.end.as_ref().map(End::disposition);
        let row = serde_json::json!({
            "at_ms": turn.at * TICK_MS, "caller": turn.words(), "understood": turn.understood, "bot": turn.text(),
            "reply_gap_ms": turn.reply_gap().map(|ticks| ticks * TICK_MS), "why": turn.why,
            "asked": asked.collect::<Vec<_>>(), "end": end,
        });
        writeln!(text, "{row}")?;
    }
    Ok(text)
}

#[cfg(feature = "sound")]
fn play(bundle: &Bundle, side: Side) -> anyhow::Result<()> {
    use super::say;
    let name = match side {
        Side::Caller => CALLER,
        Side::Both | Side::Bot => BOTH,
    };
    let path = bundle.file(name);
    if path.is_none() && bundle.file(CALLER).is_some() {
        bail!("only the caller's sound was kept of this call\nhint: --side caller plays it");
    }
    let path = path.context(
        "the call was recorded without its sound\nhint: recordings.audio = true keeps it",
    )?;
    say::play(&samples(&path, side)?)
}

#[cfg(not(feature = "sound"))]
fn play(bundle: &Bundle, side: Side) -> anyhow::Result<()> {
    let name = if side == Side::Caller { CALLER } else { BOTH };
    let path = bundle.folder.join(name);
    bail!(
        "this attendant was built without the feature `sound`\nhint: play {} with another program",
        path.display()
    )
}

/// The samples of a side, 16 kHz.
#[cfg(feature = "sound")]
fn samples(path: &Path, side: Side) -> anyhow::Result<Vec<i16>> {
    use crate::audio::wav::{Channel, WavReader};
    let channel = match side {
        Side::Bot => Channel::Right,
        Side::Caller | Side::Both => Channel::Mix,
    };
    let file = fs::File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let frames = WavReader::new(std::io::BufReader::new(file), channel);
    let frames = frames.with_context(|| path.display().to_string())?;
    Ok(frames.flat_map(|frame| frame.0).collect())
}

fn export(folder: &Path, to: Option<PathBuf>) -> anyhow::Result<()> {
    let name = Bundle::open(folder)?.name();
    let to = to.unwrap_or_else(|| format!("{name}.tar.gz").into());
    let written = whole::write(&to, |file| shelf::export(folder, &name, file).map(|_| ()));
    written.with_context(|| format!("cannot write {}", to.display()))?;
    print(&format!(
        "{}: the whole call, its sound and the caller's number in it\n",
        to.display()
    ))
}

fn delete(dir: &Path, calls: &[String], older_than: Option<u64>) -> anyhow::Result<()> {
    let folders: Vec<PathBuf> = match older_than {
        Some(days) => {
            let age = Duration::from_secs(days.saturating_mul(DAY));
            let before = SystemTime::now().checked_sub(age);
            let old = |place: &Place| before.is_some_and(|before| place.written < before);
            let shelf = Shelf::scan(dir);
            shelf
                .places()
                .filter(old)
                .map(|place| dir.join(place.name))
                .collect()
        }
        // Every name is looked for before the first call goes.
        None => calls
            .iter()
            .map(|call| folder(dir, call))
            .collect::<anyhow::Result<_>>()?,
    };
    for folder in &folders {
        shelf::delete(folder).with_context(|| format!("cannot delete {}", folder.display()))?;
    }
    let calls = if folders.len() == 1 { "call" } else { "calls" };
    print(&format!("{} {calls} deleted\n", folders.len()))
}

fn save(bundle: &Bundle, name: &str, to: &Path) -> anyhow::Result<()> {
    let plain = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    ensure!(
        plain && (1..=64).contains(&name.len()),
        "{name:?} cannot name a test\nhint: use 1 to 64 letters, digits, - and _"
    );
    let target = to.join(name);
    shelf::copy(&bundle.folder, &target)
        .with_context(|| format!("the call cannot be saved as {}", target.display()))?;
    let turns = turns(&bundle.journal);
    let file = target.join(EXPECT);
    if !file.exists() {
        fs::write(&file, Expect::template(&turns))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    let (folder, file) = (target.display(), file.display());
    let ended = expect::end(&turns).map_or("it has no end".to_owned(), |end| {
        format!("{:?}", end.disposition())
    });
    print(&format!(
        "{folder}: saved ({ended})\nsay what should have happened:  {file}\nrun it again:  attendant replay {folder}\n"
    ))
}
