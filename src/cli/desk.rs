//! `attendant desk`: what waits for people: callbacks that callers asked for, messages that they left.

use super::{print, store};
use crate::config::Config;
use crate::store::{Item, finish, items};
use clap::Subcommand;
use std::fmt::Write as _;
use std::process::ExitCode;

#[derive(clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:\n  \
        attendant desk list\n  \
        attendant desk list --all --json\n  \
        attendant desk done 12\n\n\
        Exit codes: 0 done, 1 there is none of this number that waits, 2 the store cannot be used."
)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Callbacks and messages that wait, the oldest first
    List {
        /// Those that are done, too
        #[arg(long)]
        all: bool,
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Mark one as done
    Done {
        /// Its number in the list
        #[arg(value_name = "NUMBER")]
        id: i64,
    },
}

/// Runs the verb.
///
/// # Errors
/// The store cannot be read or written.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let path = store::file(config)?;
    match args.action {
        Action::List { all, json } => {
            let items = items(&path, all)?;
            let mut text = String::new();
            for item in &items {
                match json {
                    true => writeln!(text, "{}", serde_json::to_string(item)?)?,
                    false => tell(&mut text, item)?,
                }
            }
            if items.is_empty() && !json {
                text.push_str(match path.exists() {
                    true => "nothing waits\n",
                    false => "nothing waits: there is no store yet\n",
                });
            }
            print(&text)?;
        }
        Action::Done { id } => {
            if !finish(&path, id, jiff::Zoned::now().datetime())? {
                eprintln!(
                    "error: there is no callback or message {id} that waits\nhint: attendant desk list"
                );
                return Ok(ExitCode::FAILURE);
            }
            print(&format!("{id} is done\n"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(text: &mut String, item: &Item) -> std::fmt::Result {
    let phone = match item.phone.as_str() {
        "" => "(no number)",
        phone => phone,
    };
    let done = match item.done.as_str() {
        "" => String::new(),
        at => format!("   done {at}"),
    };
    match item.kind.as_str() {
        "call_back" => {
            let when = match item.from_at.as_str() {
                "" => "as soon as possible".to_owned(),
                from => format!("{from} to {}", item.to_at),
            };
            writeln!(
                text,
                "{:>5}  call back {phone}   {when}   [{}]{done}",
                item.id, item.language
            )?;
        }
        _ => {
            writeln!(
                text,
                "{:>5}  message from {phone}   [{}]{done}",
                item.id, item.language
            )?;
            writeln!(text, "       \"{}\"", item.text.replace('\n', " "))?;
            writeln!(
                text,
                "       heard in call {} at {:.1} s",
                item.call,
                item.offset_ms as f64 / 1000.0
            )?;
        }
    }
    writeln!(text, "       left {}: {}", item.at, item.about)
}
