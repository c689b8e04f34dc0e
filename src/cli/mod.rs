//! The command line: one file per verb. Data goes to stdout, logs to stderr; exit 0 pass, 1 fail,
//! 2 usage or set-up.

use crate::config::Config;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

pub mod config;
pub mod demo;
pub mod load;
pub mod replay;
pub mod say;
pub mod serve;
pub mod talk;
pub mod transcribe;

/// Answers phones and kiosks by itself, on one machine.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// A recorded caller phones the sample shop
    Demo(demo::Args),
    /// Talk to the bot with microphone and loudspeaker
    Talk(talk::Args),
    /// Answer Twilio calls
    Serve(serve::Args),
    /// Run a journaled call again and compare
    Replay(replay::Args),
    /// Sound files to text
    Transcribe(transcribe::Args),
    /// Text to speech
    Say(say::Args),
    /// Play Twilio's part: many calls at once
    Load(load::Args),
    /// Show the settings in force
    Config(config::Args),
}

/// Parses the command line and runs the verb.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let config = Config::default();
    let done = match cli.verb {
        Verb::Demo(args) => demo::run(args, &config),
        Verb::Talk(args) => talk::run(args, &config),
        Verb::Serve(args) => serve::run(args, &config),
        Verb::Replay(args) => replay::run(args, &config),
        Verb::Transcribe(args) => transcribe::run(args, &config),
        Verb::Say(args) => say::run(args, &config),
        Verb::Load(args) => load::run(args, &config),
        Verb::Config(args) => config::run(args, &config),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(2)
    })
}
