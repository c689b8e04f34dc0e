//! `attendant load`.

use crate::config::Config;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {}

/// Runs the verb.
pub fn run(_args: Args, _config: &Config) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not built yet")
}
