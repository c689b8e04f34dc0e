//! `attendant serve`: settings to a running server, what to paste into the carrier's console, and the
//! signals that close the house.

use crate::config::Config;
use crate::line::server::{Options, Server, Stop};
use crate::line::{HouseSwitchboard, Switchboard};
use crate::pii::Secret;
use crate::runtime::house::{House, Keep};
use crate::speech::hearing_pool::HearingPool;
use crate::speech::scripted::{Scripted, sure};
use crate::speech::{Hearing, Recognizer};
use anyhow::Context as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(clap::Args)]
pub struct Args {
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Where carriers reach this server, like https://bot.example.com
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Twilio's auth token: its requests are checked for their signature. Other lines: `attendant lines`
    #[arg(
        long,
        env = "ATTENDANT_TWILIO_AUTH_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    auth_token: Option<String>,
    /// Who takes over, like +15551230000
    #[arg(long, value_name = "NUMBER")]
    human_line: Option<String>,
    /// For measurements: hear the lines of this file in turn, whoever speaks, instead of recognising; at a
    /// line `!panic` the recogniser dies
    #[arg(long, hide = true, value_name = "FILE")]
    scripted: Option<PathBuf>,
    /// For measurements: computing time of each such recognition, in ms or so
    #[arg(long, hide = true, value_name = "MS", default_value_t = 0)]
    scripted_ms: u32,
}

/// Runs the verb.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let mut config = config.clone();
    let script = args.scripted.clone().map(|file| (file, args.scripted_ms));
    overlay(&mut config, args);
    let options = Options::from_config(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no runtime")?;
    runtime.block_on(async {
        let stop = Stop::default();
        // Before anything slow: a signal during the start counts, too.
        close_on_signals(stop.clone())?;
        let nobody = options.human_line.is_none();
        let switchboard = switchboard(&config, script)?;
        let server = Server::bind(options, switchboard, stop).await?;
        announce(&server, nobody);
        let cut_off = server.run().await;
        Ok(if cut_off == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    })
}

/// Who takes the calls.
fn switchboard(
    config: &Config,
    script: Option<(PathBuf, u32)>,
) -> anyhow::Result<Arc<dyn Switchboard>> {
    let house = match script {
        None => House::open(config, Keep::File, None)?,
        Some((file, ms)) => {
            eprintln!(
                "warning: callers are not recognised: a script is heard instead (--scripted)"
            );
            let pool = scripted(&file, ms, config)?;
            let mut house = House::open_with(config, Keep::File, None, |_| Ok(pool))?;
            house.recognizer = "scripted".into();
            house
        }
    };
    Ok(Arc::new(HouseSwitchboard::new(Arc::new(house))))
}

/// The line of a script at which a recogniser dies.
const PANIC: &str = "!panic";

/// Hears the file's lines in turn.
fn scripted(file: &Path, ms: u32, config: &Config) -> anyhow::Result<Arc<dyn Hearing>> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("--scripted {}", file.display()))?;
    let lines: Arc<[String]> = text.lines().map(str::to_owned).collect();
    anyhow::ensure!(
        !lines.is_empty(),
        "--scripted {}: the file is empty",
        file.display()
    );
    let next = Arc::new(AtomicUsize::new(0));
    let make = move || {
        let (lines, next) = (Arc::clone(&lines), Arc::clone(&next));
        let hear = move |_: &_| {
            let line = &lines[next.fetch_add(1, Ordering::Relaxed) % lines.len()];
            assert!(line != PANIC, "as the script wants it");
            Ok(vec![sure(line)])
        };
        Ok(Box::new(Scripted::new(hear).busy_for(ms)) as Box<dyn Recognizer>)
    };
    let pool = HearingPool::start(make, config.recognizer.workers, config.recognizer.queue)?;
    Ok(Arc::new(pool))
}

/// Flags over settings.
fn overlay(config: &mut Config, args: Args) {
    if let Some(listen) = args.listen {
        config.server.listen = listen;
    }
    if args.public_url.is_some() {
        config.server.public_url = args.public_url;
    }
    if args.auth_token.is_some() {
        config.twilio.auth_token = args.auth_token.map(Secret::new);
    }
    if args.human_line.is_some() {
        config.business.human_line = args.human_line;
    }
}

/// The first signal drains, the second ends at once.
fn close_on_signals(stop: Stop) -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        for token in [stop.drain, stop.halt] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            token.cancel();
        }
    });
    Ok(())
}

/// What to enter where, line by line.
fn announce(server: &Server, nobody: bool) {
    let urls = server.urls();
    println!("listening on      http://{}", server.local_addr());
    println!(
        "health            {}   {}",
        urls.webhook("/healthz"),
        urls.webhook("/readyz")
    );
    if nobody {
        println!(
            "human line        none: callers who want a person are offered a callback (--human-line +15551230000)"
        );
    }
    for carrier in server.carriers() {
        let provider = carrier.provider();
        println!("\n{}", provider.title);
        for (label, value) in carrier.announce(urls) {
            println!("  {value}   ({label})");
        }
    }
    println!();
    if server
        .carriers()
        .iter()
        .all(|carrier| !carrier.is_guarded())
    {
        eprintln!(
            "warning: no line has a secret, so requests are NOT checked; anybody on this machine can place calls\n\
             hint: set ATTENDANT_TWILIO_AUTH_TOKEN to the token of your Twilio account, or another line's secret\n\
             (`attendant config`)"
        );
    }
    if !urls.is_secure() {
        eprintln!(
            "warning: the public URL is not https, and carriers open media sockets over TLS only\n\
             hint: put a TLS proxy in front and give its address: --public-url https://bot.example.com"
        );
    }
}
