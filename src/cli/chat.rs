//! `attendant chat`: the conversation, typed. Reads lines and prints; what they mean is
//! [`crate::rehearsal::chat`]'s.

use super::stage;
use crate::config::Config;
use crate::rehearsal::Header;
use crate::rehearsal::chat::{Chat, Typed};
use anyhow::Context as _;
use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Longest line that is read, in bytes.
const LONGEST: u64 = 4096;

/// The same conversation, typed.
#[derive(clap::Args)]
pub struct Args {
    /// The business's folder; the one of the settings if absent
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The caller's number, +15550102; withheld if absent
    #[arg(long, value_name = "NUMBER")]
    from: Option<String>,
    /// Date and time of the call, "2026-11-24 10:15"; now if absent
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// The call's language, en; the business's first if absent
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
}

/// Runs the verb.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let now = match args.now.as_deref() {
        Some(now) => now
            .parse()
            .with_context(|| format!("{now:?} is no time; hint: write 2026-11-24 10:15"))?,
        // An example is about minutes.
        None => {
            let now = jiff::Zoned::now().datetime();
            now.date().at(now.hour(), now.minute(), 0, 0)
        }
    };
    let header = Header {
        from: args.from,
        now,
        language: args.language,
    };
    let business = stage::open(args.dir.as_deref(), config)?;
    let (mut chat, first) =
        Chat::begin(&business, header).map_err(|why| anyhow::anyhow!("{why}"))?;
    let terminal = std::io::stdin().is_terminal();
    if terminal {
        super::print("Type what the caller says; /help shows what else, /quit leaves.\n\n")?;
    }
    super::print(&first)?;
    let mut stdin = std::io::stdin().lock();
    loop {
        if terminal {
            super::print("> ")?;
        }
        let mut line = Vec::new();
        let read = (&mut stdin).take(LONGEST).read_until(b'\n', &mut line);
        if read.context("cannot read what is typed")? == 0 {
            return Ok(ExitCode::SUCCESS);
        }
        match chat.typed(&String::from_utf8_lossy(&line)) {
            Typed::Text(text) => super::print(&text)?,
            Typed::Save { file, text } => match save(Path::new(&file), &text) {
                Ok(()) => super::print(&format!("saved in {file}\n"))?,
                // What was typed is not lost by a wrong name.
                Err(error) => super::print(&format!("cannot write {file}: {error}\n"))?,
            },
            Typed::Quit => return Ok(ExitCode::SUCCESS),
        }
    }
}

/// Writes a new file: an example that is there already stays.
fn save(path: &Path, text: &str) -> std::io::Result<()> {
    std::fs::File::create_new(path)?.write_all(text.as_bytes())
}
