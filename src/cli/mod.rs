//! The command line: one file per verb. Data goes to stdout, logs to stderr; exit 0 pass, 1 fail,
//! 2 usage or set-up.
//!
//! Decides what is common to all verbs: global flags, logging, where settings are looked for.

use crate::config::{File, Loaded, Sources, load::MAX_FILE_BYTES};
use crate::telemetry::{self, LogFormat};
use anyhow::Context;
use clap::{CommandFactory, Parser, Subcommand};
use models::Needs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub mod calls;
pub mod chat;
pub mod check;
pub mod config;
pub mod demo;
pub mod desk;
pub mod diff;
pub mod eval;
pub mod explain;
pub mod init;
pub mod lines;
pub mod load;
pub mod models;
mod narrate;
pub mod replay;
pub mod say;
pub mod schema;
pub mod serve;
pub mod simulate;
mod stage;
pub mod store;
pub mod talk;
pub mod test;
pub mod transcribe;
pub(crate) mod trouble;

/// Settings are read from here when no `--config` is given.
const CONFIG_FILE: &str = "attendant.toml";

/// Answers phones and kiosks by itself, on one machine.
#[derive(Parser)]
#[command(
    version,
    arg_required_else_help = true,
    after_help = "Examples:\n  \
        attendant demo\n  \
        attendant init shop my-shop\n  \
        attendant talk\n  \
        attendant models pull base.en\n  \
        attendant talk --model base.en\n  \
        attendant config print\n\n\
        Exit codes: 0 pass, 1 fail, 2 usage or set-up."
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Verb,
}

/// Flags that every verb takes.
#[derive(clap::Args)]
struct Global {
    /// Settings file [default: attendant.toml in this folder, if there is one]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "ATTENDANT_CONFIG",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    config: Option<PathBuf>,
    /// One setting, over file and environment; may be given again
    #[arg(
        long,
        global = true,
        value_name = "SECTION.KEY=VALUE",
        help_heading = "Global options"
    )]
    set: Vec<String>,
    /// The recogniser: a Whisper ggml file, or the name of an installed model
    #[arg(
        long,
        global = true,
        value_name = "NAME|FILE",
        help_heading = "Global options"
    )]
    model: Option<String>,
    /// What is logged: a level, or target=level,…
    #[arg(
        long,
        global = true,
        value_name = "FILTER",
        env = "ATTENDANT_LOG",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    log: Option<String>,
    /// How a log line looks
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        default_value = "text",
        env = "ATTENDANT_LOG_FORMAT",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    log_format: LogFormat,
}

#[derive(Subcommand)]
enum Verb {
    /// A recorded caller phones the sample shop
    #[command(after_help = "Examples:\n  attendant demo")]
    Demo(demo::Args),
    /// Talk to the bot with microphone and loudspeaker
    Talk(talk::Args),
    /// The same conversation, typed
    #[command(
        after_help = "Examples:\n  attendant chat\n  attendant chat my-shop --now \"2026-11-24 10:15\""
    )]
    Chat(chat::Args),
    /// Write a business to begin with
    #[command(after_help = "Examples:\n  attendant init shop my-shop\n\n\
        Exit codes: 0 written, 2 not written: no such trade, a folder that is not empty, no room.")]
    Init(init::Args),
    /// Look for mistakes in a business
    #[command(
        after_help = "Examples:\n  attendant check my-shop\n  attendant check my-shop --strict --json\n\n\
        Exit codes: 0 nothing but notes (and warnings), 1 errors (with --strict: or warnings), 2 it cannot be read."
    )]
    Check(check::Args),
    /// Run a business's example dialogues
    #[command(
        after_help = "Examples:\n  attendant test my-shop\n  attendant test my-shop cancel --coverage\n  attendant test my-shop --junit report.xml"
    )]
    Test(test::Args),
    /// Answer calls: carriers, PBXs, the browser, all on one port
    #[command(
        after_help = "Examples:\n  attendant serve\n  attendant serve --set server.max_calls=10"
    )]
    Serve(serve::Args),
    /// Run recorded calls again and compare
    #[command(
        after_help = "Examples:\n  attendant replay last\n  attendant replay calls/* --junit report.xml\n  \
            attendant replay calls/wrong-number --level audio\n\n\
            Exit codes: 0 all as before, or as expected; 1 something differs, or fails; 2 a call cannot be used."
    )]
    Replay(replay::Args),
    /// What would change: recorded calls against an edited business, or another model
    Diff(diff::Args),
    /// Simulated callers: thousands of calls, and what must hold of every one
    #[command(
        after_help = "Examples:\n  attendant simulate shop\n  attendant simulate my-shop cancel --calls 5000 --save failures\n  \
            attendant simulate my-shop --script failures/silence-1-17/caller.toml\n\n\
            Exit codes: 0 everything held, 1 something did not, 2 it cannot be tried."
    )]
    Simulate(simulate::Args),
    /// The recorded calls: list, show, play, export, delete, save as a test
    Calls(calls::Args),
    /// Say what happened in a call, and why; in the terminal or as a page
    Explain(explain::Args),
    /// Sound files to text
    #[command(after_help = "Examples:\n  attendant transcribe caller.wav")]
    Transcribe(transcribe::Args),
    /// Text to speech
    #[command(after_help = "Examples:\n  attendant say \"Good morning.\"")]
    Say(say::Args),
    /// Play a carrier's or a PBX's part: many calls at once
    #[command(after_help = "Examples:\n  attendant load")]
    Load(load::Args),
    /// How well the bot understands, measured on tables of sentences
    Eval(eval::Args),
    /// Speech models by name: list, fetch, check
    Models(models::Args),
    /// The business's data: where it is, what is in it, a fresh beginning
    Store(store::Args),
    /// Callbacks and messages that wait for people
    Desk(desk::Args),
    /// The lines that calls can come in on, and what each can do
    #[command(after_help = "Examples:\n  attendant lines\n  attendant lines twilio")]
    Lines(lines::Args),
    /// JSON Schemas of a business's files, for editors
    #[command(after_help = "Examples:\n  attendant schema tasks.toml\n  attendant schema")]
    Schema(schema::Args),
    /// Show or check the settings
    Config(config::Args),
}

impl Verb {
    /// What is logged when nothing is said. Where a conversation is on the terminal, only what is
    /// wrong.
    fn default_filter(&self) -> &'static str {
        match self {
            Self::Demo(_)
            | Self::Talk(_)
            | Self::Chat(_)
            | Self::Test(_)
            | Self::Check(_)
            | Self::Models(_)
            | Self::Calls(_)
            | Self::Diff(_)
            | Self::Replay(_)
            | Self::Explain(_)
            | Self::Simulate(_)
            | Self::Store(_) => "warn",
            _ => telemetry::DEFAULT_FILTER,
        }
    }

    /// Which models it opens. `say` sees to its voice itself: a flag may name another one.
    fn needs(&self, model: Option<&str>) -> Needs {
        let opens = match self {
            Self::Diff(args) => args.opens_models(model),
            Self::Demo(_) | Self::Serve(_) => true,
            Self::Talk(args) => args.opens_models(),
            Self::Replay(args) => args.opens_models(),
            Self::Test(args) => args.opens_models(),
            Self::Simulate(args) => args.opens_models(),
            _ => false,
        };
        Needs {
            hears: opens || matches!(self, Self::Transcribe(_)),
            speaks: opens,
        }
    }
}

/// Parses the command line and runs the verb.
pub fn main() -> ExitCode {
    run(Cli::parse()).unwrap_or_else(|error| {
        eprintln!("error: {}", trouble::told(&error));
        ExitCode::from(2)
    })
}

/// The command line as clap knows it, for tests and for generated help.
pub fn command() -> clap::Command {
    Cli::command()
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let global = &cli.global;
    telemetry::init(
        global.log_format,
        global.log.as_deref().unwrap_or(cli.verb.default_filter()),
    )?;
    let verb = match cli.verb {
        Verb::Config(args) => return config::run(args, || settings(global)),
        Verb::Eval(args) => return eval::run(args),
        Verb::Init(args) => return init::run(&args),
        Verb::Schema(args) => return schema::run(&args),
        verb => verb,
    };
    let mut config = settings(global)?.config;
    let needs = verb.needs(global.model.as_deref());
    models::resolve(&mut config, needs)?;
    let config = &config;
    match verb {
        Verb::Demo(args) => demo::run(args, config),
        Verb::Talk(args) => talk::run(args, config),
        Verb::Chat(args) => chat::run(args, config),
        Verb::Test(args) => test::run(args, config),
        Verb::Check(args) => check::run(args, config),
        Verb::Lines(args) => lines::run(&args),
        Verb::Serve(args) => serve::run(args, config),
        Verb::Replay(args) => replay::run(args, config),
        Verb::Simulate(args) => simulate::run(args, config),
        Verb::Diff(args) => diff::run(args, config, needs.hears),
        Verb::Calls(args) => calls::run(args, config),
        Verb::Explain(args) => explain::run(args, config),
        Verb::Transcribe(args) => transcribe::run(args, config),
        Verb::Say(args) => say::run(args, config),
        Verb::Load(args) => load::run(args, config),
        Verb::Models(args) => models::run(args, config),
        Verb::Store(args) => store::run(args, config),
        Verb::Desk(args) => desk::run(args, config),
        Verb::Config(_) | Verb::Eval(_) | Verb::Init(_) | Verb::Schema(_) => {
            unreachable!("returned above")
        }
    }
}

/// The settings in force: defaults, file, environment, `--set`, `--model`.
fn settings(global: &Global) -> anyhow::Result<Loaded> {
    let file = match &global.config {
        Some(path) => Some(read_settings(path)?),
        None if Path::new(CONFIG_FILE).exists() => Some(read_settings(Path::new(CONFIG_FILE))?),
        None => None,
    };
    let sources = Sources {
        file,
        env: environment()?,
        set: global.set.clone(),
    };
    let flags = global
        .model
        .as_deref()
        .map(|model| ("--model", "recognizer.model", model));
    crate::config::load(&sources)
        .and_then(|loaded| loaded.with_flags(flags.as_slice()))
        .map_err(|error| anyhow::anyhow!("the settings cannot be used:\n{error}"))
}

fn read_settings(path: &Path) -> anyhow::Result<File> {
    let shown = path.display();
    let bytes = trouble::read(path, MAX_FILE_BYTES as u64)
        .context("no settings file could be used\n  hint: check --config and ATTENDANT_CONFIG")?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        anyhow::anyhow!("{shown}:{line}: not UTF-8\n  hint: save the file as UTF-8")
    })?;
    Ok(File {
        path: path.to_owned(),
        text,
    })
}

fn environment() -> anyhow::Result<Vec<(String, String)>> {
    let ours =
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ATTENDANT_"));
    ours.map(|(name, value)| {
        let name = name.to_string_lossy().into_owned();
        // The value is not shown: it may be a secret.
        let value = value
            .into_string()
            .map_err(|_| anyhow::anyhow!("{name}: the value is not UTF-8"))?;
        Ok((name, value))
    })
    .collect()
}

/// Writes data to stdout. A reader that has gone (`| head`) is no error.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to stdout")
        }
        _ => Ok(()),
    }
}
