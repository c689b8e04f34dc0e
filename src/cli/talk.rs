//! `attendant talk`: a call over microphone and loudspeaker.
//!
//! Decides who talks (the bot, or an echo that proves the devices) and how the call ends. What happens
//! in each 20 ms is [`crate::line::mic`]'s, the devices are [`crate::line::sound`]'s.

#[cfg(feature = "sound")]
use super::narrate::{self, Teller};
use crate::config::Config;
#[cfg(feature = "sound")]
use crate::{
    line::parrot::Parrot,
    runtime::{
        house::{House, Keep},
        session::{LineTraits, Session},
    },
};
use std::process::ExitCode;
#[cfg(feature = "sound")]
use std::{io::IsTerminal as _, path::Path, sync::Arc};

#[cfg(feature = "sound")]
mod call;
#[cfg(feature = "sound")]
mod keys;
#[cfg(feature = "sound")]
pub mod screen;

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
        attendant talk\n  \
        attendant talk --echo\n  \
        attendant talk --list-devices\n  \
        attendant talk --input headset --output headset --full-duplex\n\n\
        Keys 0-9 * # count as telephone keys, q hangs up.")]
pub struct Args {
    /// Show the sound devices and stop
    #[arg(long)]
    list_devices: bool,
    /// Microphone: a number of --list-devices, an id, or a part of its name
    #[arg(long, value_name = "DEVICE")]
    input: Option<String>,
    /// Loudspeaker: a number of --list-devices, an id, or a part of its name
    #[arg(long, value_name = "DEVICE")]
    output: Option<String>,
    /// Do not mute the microphone while the bot speaks (headset, or echo cancellation)
    #[arg(long)]
    full_duplex: bool,
    /// No bot: say back what is heard, to try the devices
    #[arg(long)]
    echo: bool,
}

impl Args {
    /// Whether a bot takes part.
    pub(crate) fn opens_models(&self) -> bool {
        !self.echo && !self.list_devices
    }
}

/// Runs the verb.
#[cfg(feature = "sound")]
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    if args.list_devices {
        return call::list_devices();
    }
    if args.echo {
        return Ok(call::run(&args, Parrot::default())?.0);
    }
    let house = Arc::new(House::open(config, Keep::File, None)?);
    let name = format!("talk-{}", jiff::Zoned::now().strftime("%Y%m%d-%H%M%S"));
    let mut session = Session::new(&name, Arc::clone(&house), LINE);
    let color = std::io::stdout().is_terminal();
    session.narrate(Box::new(Teller::new(Box::new(screen::Captions), color)));
    let folder = session.folder().map(Path::to_owned);
    let (code, session) = call::run(&args, session)?;
    let table = narrate::waterfall(session.latencies());
    drop(session);
    let recorded = narrate::recorded(house, folder.as_deref());
    super::print(&format!("\n{table}\n{recorded}"))?;
    Ok(code)
}

/// Runs the verb.
#[cfg(not(feature = "sound"))]
pub fn run(_args: Args, _config: &Config) -> anyhow::Result<ExitCode> {
    anyhow::bail!(
        "this attendant is built without sound devices\n  hint: build it with --features sound"
    )
}

/// The loop reports itself what has sounded.
#[cfg(feature = "sound")]
const LINE: LineTraits = LineTraits {
    name: "sound",
    marks: true,
    ..LineTraits::PLAIN
};
