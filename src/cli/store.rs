//! `attendant store`: the business's data, for people: where it is, what is in it, a fresh beginning.
//!
//! Decides what is printed, and that nothing which callers did is thrown away without a word.

use super::{print, trouble};
use crate::config::Config;
use crate::runtime::business::{self, store_path};
use crate::store::{Kind, Operation, Operations, Store, reset, summary};
use anyhow::{Context as _, anyhow};
use clap::Subcommand;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:\n  \
        attendant store show\n  \
        attendant store path\n  \
        attendant store reset\n  \
        attendant store show --set business.store=shop.db\n\n\
        Exit codes: 0 done, 1 not done, 2 the business's files or the store cannot be used."
)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// What is in the store, and what it can be asked
    Show,
    /// Throw the data away and fill the store from store.sql
    Reset {
        /// Even if callers changed something since it was filled
        #[arg(long)]
        yes: bool,
    },
    /// The store's file
    Path,
}

/// Runs the verb.
///
/// # Errors
/// The business's files are wrong, or the store cannot be opened.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let path = file(config)?;
    match args.action {
        Action::Path => print(&format!("{}\n", path.display()))?,
        Action::Show => show(&path, &business::files(config)?)?,
        Action::Reset { yes } => return renew(&path, &business::files(config)?, yes),
    }
    Ok(ExitCode::SUCCESS)
}

/// The file that the business's data is kept in.
///
/// # Errors
/// Neither the settings nor the environment say where that is.
pub(crate) fn file(config: &Config) -> anyhow::Result<PathBuf> {
    store_path(config).context(
        "there is no folder to keep the store in\n\
         hint: name a file: --set business.store=FILE, or set HOME or XDG_DATA_HOME",
    )
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn show(path: &Path, files: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let operations = Operations::parse(files, &environment)?;
    let mut text = String::new();
    match summary(path)? {
        None => writeln!(text, "file        {} (not there yet)", path.display())?,
        Some(found) => {
            writeln!(text, "file        {}", path.display())?;
            writeln!(text, "filled      on {}", found.loaded)?;
            let state = if found.is_from(files) {
                "the same since"
            } else {
                "CHANGED since (attendant store reset)"
            };
            writeln!(text, "store.sql   {state}")?;
            writeln!(text, "actions     {} since", found.actions)?;
            column(&mut text, "tables", &found.tables, |(name, rows)| {
                format!("{name} ({rows})")
            })?;
        }
    }
    let all: Vec<&Operation> = operations.iter().collect();
    column(&mut text, "operations", &all, |operation| {
        let kind = match (operation.kind, &operation.undo) {
            (Kind::Lookup, _) => "",
            (Kind::Action, None) => " changes",
            (Kind::Action, Some(undo)) => &format!(" changes, taken back by {undo}"),
        };
        format!(
            "{}({}){kind}",
            operation.name,
            operation.arguments.join(", ")
        )
    })?;
    print(&text)
}

/// A list whose first line has a heading.
fn column<T>(
    text: &mut String,
    heading: &str,
    items: &[T],
    line: impl Fn(&T) -> String,
) -> std::fmt::Result {
    items.iter().enumerate().try_for_each(|(index, item)| {
        let heading = if index == 0 { heading } else { "" };
        writeln!(text, "{heading:<12}{}", line(item))
    })
}

fn renew(path: &Path, files: &BTreeMap<String, String>, yes: bool) -> anyhow::Result<ExitCode> {
    let today = jiff::Zoned::now().date();
    // Before anything is lost: can it be filled?
    Store::open(files, None, today, &environment)?;
    let actions = match summary(path) {
        Ok(found) => found.map_or(0, |found| found.actions),
        // Whatever it is, it is not empty.
        Err(error) if !yes => return Err(error.into()),
        Err(_) => 0,
    };
    if actions > 0 && !yes {
        let error = anyhow!(
            "the store {} holds what callers did: {actions} actions since it was filled\n\
             hint: to throw that away: attendant store reset --yes",
            path.display()
        );
        eprintln!("error: {}", trouble::told(&error));
        return Ok(ExitCode::FAILURE);
    }
    reset(path)?;
    Store::open(files, Some(path), today, &environment)?;
    print(&format!("filled anew: {}\n", path.display()))?;
    Ok(ExitCode::SUCCESS)
}
