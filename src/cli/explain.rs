//! `attendant explain`: what happened in a call and why, in the terminal or as a page.

use super::{calls, print, trouble};
use crate::bundle::{BOTH, Bundle, CALLER, whole};
use crate::config::Config;
use crate::explain::{self, Business, Explained, html, terminal};
use crate::runtime::business;
use anyhow::{Context as _, ensure};
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// More sound than this is not put into a page, in bytes: a quarter of an hour.
const LARGEST_SOUND: u64 = 64 << 20;

/// Say what happened in a call, and why: what was heard, which rule fired, where the time went.
#[derive(clap::Args)]
#[command(
    after_help = "A CALL is a name from `attendant calls list`, `last`, or the path of a call's folder.\n\n\
        Examples:\n  \
        attendant explain last\n  \
        attendant explain last --turn 3\n  \
        attendant explain last --html last.html --audio\n\n\
        Exit codes: 0 explained, 2 there is no such call or turn, or it cannot be read."
)]
pub struct Args {
    #[arg(value_name = "CALL")]
    call: String,
    /// Write a page with a picture of the call; it needs nothing else, and no network
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    html: Option<PathBuf>,
    /// Only this turn; a page opens at it
    #[arg(long, value_name = "N")]
    turn: Option<usize>,
    /// All that is known, as one JSON object
    #[arg(long)]
    json: bool,
    /// Put the sound into the page, to be played there
    #[arg(long, requires = "html")]
    audio: bool,
}

/// Runs the verb.
///
/// # Errors
/// There is no such call or turn, or it cannot be read; the page cannot be written.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let bundle = Bundle::open(&calls::folder(&config.recordings.dir, &args.call)?)?;
    let business = match business::Business::open(config) {
        Ok(business) => Business::Open(business.domain),
        Err(error) => Business::Unread(trouble::told(&error.into())),
    };
    let call = Explained::new(bundle, business);
    if let Some(number) = args.turn {
        let count = call.timeline.turns.len();
        ensure!(
            number < count,
            "there is no turn {number} in this call\nhint: it has turns 0 to {}",
            count.saturating_sub(1)
        );
    }
    if let Some(path) = &args.html {
        page(&call, path, args.turn, args.audio)?;
    } else if args.json {
        print(&explain::json(&call, args.turn)?)?;
    } else {
        let color = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let told = args
            .turn
            .and_then(|number| terminal::turn(&call, number, color));
        print(&told.unwrap_or_else(|| terminal::call(&call, color)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn page(call: &Explained, path: &Path, turn: Option<usize>, audio: bool) -> anyhow::Result<()> {
    let sound = if audio { Some(sound(call)?) } else { None };
    let text = html::page(call, turn, sound.as_deref());
    let written = whole::write(path, |file| file.write_all(text.as_bytes()));
    let path = path.display();
    written.with_context(|| format!("cannot write {path}"))?;
    let kb = text.len().div_ceil(1000);
    print(&format!(
        "{path}: {kb} kB, with all that the caller said in it\n"
    ))
}

/// The call's sound as a WAV file.
fn sound(call: &Explained) -> anyhow::Result<Vec<u8>> {
    let file = call.bundle.file(BOTH).or_else(|| call.bundle.file(CALLER));
    let file = file.context(
        "the call was recorded without its sound\nhint: leave --audio out; recordings.audio = true keeps it",
    )?;
    trouble::read(&file, LARGEST_SOUND)
        .context("the sound cannot be put into the page\nhint: leave --audio out")
}
