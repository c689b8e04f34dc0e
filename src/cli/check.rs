//! `attendant check`: what is wrong with a business's folder. Reads the files, runs the example dialogues
//! to see what they meet, and prints; what is wrong is [`crate::checker`]'s to say.

use super::stage;
use crate::checker::{Finding, Severity, check, report};
use crate::config::Config;
use crate::dialogue::domain::Files;
use crate::rehearsal::judge::rehearse;
use crate::rehearsal::{Step, parse};
use crate::runtime::business::{self, Business};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

/// Look for mistakes in a business.
#[derive(clap::Args)]
pub struct Args {
    /// The business's folder, or a trade of the binary (shop, bank, clinic)
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
    /// Warnings count as errors
    #[arg(long)]
    strict: bool,
    /// Tell what this line cannot do [default: those with a secret in the settings]
    #[arg(long, value_name = "LINE")]
    line: Option<String>,
}

/// Runs the verb: 0 when nothing is wrong, 1 when something is.
///
/// # Errors
/// The folder cannot be read, or there is no such line.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let files = business::files(&stage::at(Some(&args.dir), config))?;
    let mut findings = check(&files, met(&files).as_ref());
    findings.extend(super::lines::notes(args.line.as_deref(), config)?);
    if args.json {
        super::print(&format!("{:#}\n", report::json(&findings)))?;
    } else {
        super::print(&report::text(&findings))?;
    }
    Ok(if passes(&findings, args.strict) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn passes(findings: &[Finding], strict: bool) -> bool {
    let warnings = if strict {
        report::count(findings, Severity::Warning)
    } else {
        0
    };
    report::count(findings, Severity::Error) + warnings == 0
}

/// What the example dialogues meet; nothing where the business does not run.
fn met(files: &Files) -> Option<BTreeSet<Step>> {
    let business = Business::parse(files.clone()).ok()?;
    let mut met = BTreeSet::new();
    for (_, text) in files
        .iter()
        .filter(|(file, _)| file.starts_with("examples/"))
    {
        for example in parse(text).unwrap_or_default() {
            // Whether it passes is for `attendant test` to say.
            met.extend(
                rehearse(&business, &example)
                    .map(|outcome| outcome.met)
                    .unwrap_or_default(),
            );
        }
    }
    Some(met)
}
