//! `attendant talk`: a call over microphone and loudspeaker.
//!
//! Decides who talks (the bot, or an echo that proves the devices) and how the call ends. What happens
//! in each 20 ms is [`crate::line::mic`]'s, the devices are [`crate::line::sound`]'s.

#[cfg(feature = "sound")]
use super::narrate::Teller;
use crate::config::Config;
#[cfg(feature = "sound")]
use crate::runtime::{
    house::House,
    session::{LineTraits, Session},
};
use std::process::ExitCode;
#[cfg(feature = "sound")]
use std::sync::Arc;

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

/// Runs the verb.
#[cfg(feature = "sound")]
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    if args.list_devices {
        return call::list_devices();
    }
    let session = session(&args, config)?;
    call::run(&args, session)
}

/// Runs the verb.
#[cfg(not(feature = "sound"))]
pub fn run(_args: Args, _config: &Config) -> anyhow::Result<ExitCode> {
    anyhow::bail!(
        "this attendant is built without sound devices\n  hint: build it with --features sound"
    )
}

/// Who answers.
#[cfg(feature = "sound")]
fn session(args: &Args, config: &Config) -> anyhow::Result<Box<dyn crate::line::CallSession>> {
    if args.echo {
        return Ok(Box::new(crate::line::parrot::Parrot::default()));
    }
    let house = Arc::new(House::open(config)?);
    let name = format!("talk-{}", jiff::Zoned::now().strftime("%Y%m%d-%H%M%S"));
    let line = LineTraits { name: "sound", marks: false, lead: 0, virtual_clock: false };
    let mut session = Session::new(&name, house, line);
    session.narrate(Box::new(Teller::new()));
    Ok(Box::new(session))
}
