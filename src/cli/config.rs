//! `attendant config`: the settings in force and where each comes from; or whether they can be used.

use super::{models, print, trouble};
use crate::config::{Loaded, missing_files, print::effective};
use clap::Subcommand;
use std::process::ExitCode;

#[derive(clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:\n  \
        attendant config print\n  \
        attendant config print --default > attendant.toml\n  \
        attendant --config shop.toml config check"
)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Every setting with its description, its value and where that comes from, as TOML
    Print {
        /// The defaults alone, whatever file and environment say
        #[arg(long)]
        default: bool,
    },
    /// Whether the settings can be used, and the files that they name are there
    Check,
}

/// Runs the verb. `settings` loads the settings in force.
pub fn run(
    args: Args,
    settings: impl FnOnce() -> anyhow::Result<Loaded>,
) -> anyhow::Result<ExitCode> {
    match args.action {
        Action::Print { default: true } => print(&effective(&Loaded::default()))?,
        Action::Print { default: false } => print(&effective(&settings()?))?,
        Action::Check => return check(&settings()?),
    }
    Ok(ExitCode::SUCCESS)
}

fn check(loaded: &Loaded) -> anyhow::Result<ExitCode> {
    let origin = |key: &str| {
        let origin = loaded.origins.get(key);
        origin.map(ToString::to_string).unwrap_or_default()
    };
    let (config, unresolved) = models::resolved(&loaded.config);
    for (key, error) in &unresolved {
        eprintln!("{}: {key}: {}", origin(key), trouble::told(error));
    }
    let mut missing = missing_files(&config, |path, folder| {
        if folder {
            path.is_dir()
        } else {
            path.is_file()
        }
    });
    // These were told already.
    missing.retain(|(key, _)| unresolved.iter().all(|(other, _)| other != key));
    for (key, path) in &missing {
        eprintln!(
            "{}: {key} names {}, which is not there",
            origin(key),
            path.display()
        );
    }
    if !missing.is_empty() || !unresolved.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    print(&format!(
        "The settings can be used; {} differ from the defaults.\n",
        loaded.origins.len()
    ))?;
    Ok(ExitCode::SUCCESS)
}
