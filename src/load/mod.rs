//! A provider's part, played for many calls at once: real sockets, wall clock, playout, marks and clear.
//! Measures what a caller would notice. Knows the server only by what a [`dialect`] says to it.

mod actor;
pub mod asterisk;
pub mod audiosocket;
pub mod call;
pub mod clip;
pub mod convert;
pub mod dialect;
mod dialplan;
pub mod exotel;
pub mod freeswitch;
pub mod genesys;
pub mod jambonz;
pub mod kiosk;
pub mod playout;
pub mod plivo;
pub mod report;
pub mod rest;
pub mod script;
pub mod stream;
mod streams;
pub mod tape;
pub mod telnyx;
pub mod twilio;
pub mod vonage;
pub mod webhook;
mod wire;

use clip::Clip;
use dialect::{DialStatus, Dialect};
use report::Report;
use script::Step;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// What the callers do.
#[derive(Clone)]
pub struct Plan {
    /// The provider whose part is played.
    pub dialect: Arc<dyn Dialect>,
    /// Callers at the same time. A caller whose call the bot has ended calls again.
    pub callers: usize,
    pub duration: Duration,
    /// From the start of one turn to the next; a caller waits until the bot is quiet.
    pub every: Duration,
    /// The callers' turns, in a circle.
    pub turns: Vec<Turn>,
    /// Speak over a prompt once it has been heard for so long.
    pub barge_in_after: Option<Duration>,
    /// Length of a call; none: the whole duration.
    pub hang_up_after: Option<Duration>,
    /// How a transfer to the human line ends…
    pub dial_status: DialStatus,
    /// … after so much time.
    pub ring: Duration,
}

/// A caller's turn.
#[derive(Clone)]
pub enum Turn {
    Say(Arc<Clip>),
    Keys(String),
    /// A step of a script: the caller's turns end with the last one, and the caller hangs up.
    Step(Arc<Step>),
    /// The steps of a whole call. Where a plan has any it has nothing else, and callers take them in turn:
    /// each call is the next one.
    Call(Arc<[Arc<Step>]>),
}

/// Why a call failed. Counted as a dropped call.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(
        "the webhook {url} cannot be reached: {cause}\nhint: is the server running there? the load tool speaks plain http only"
    )]
    Webhook { url: String, cause: reqwest::Error },
    #[error("the webhook {url} answered {status}\nhint: 403 means that the auth tokens differ")]
    Status { url: String, status: u16 },
    #[error("the server's answer is nothing that the provider would take: {0}")]
    Answer(String),
    #[error(
        "the media socket {url} cannot be opened: {cause}\nhint: start the server without an https public URL; 401 and 403 mean that the secrets differ"
    )]
    Socket { url: String, cause: String },
    #[error("{0}")]
    Setup(String),
    #[error("the media socket broke: {0}")]
    Broken(String),
}

/// Shortest time from one call of a caller to the next.
const REDIAL: Duration = Duration::from_secs(1);

/// Runs the plan to its end.
pub async fn run(plan: Plan) -> Report {
    run_taped(plan, None).await
}

/// The same, with a recording of each call in the folder `tapes`.
pub async fn run_taped(plan: Plan, tapes: Option<&Path>) -> Report {
    let plan = Arc::new(plan);
    let tapes: Option<Arc<PathBuf>> = tapes.map(|folder| Arc::new(folder.to_owned()));
    let start = Instant::now();
    let end = start + plan.duration;
    let mut callers = JoinSet::new();
    for n in 0..plan.callers {
        let (plan, tapes) = (Arc::clone(&plan), tapes.clone());
        // Spread over one turn, so that not everybody speaks at once.
        let begin = start
            + plan.every.min(plan.duration / 2) * u32::try_from(n).unwrap_or(0)
                / (plan.callers as u32).max(1);
        callers.spawn(async move {
            sleep_until(begin).await;
            caller(&plan, n, tapes.as_deref(), end).await
        });
    }
    let mut report = Report::new(plan.callers, plan.duration);
    while let Some(done) = callers.join_next().await {
        match done {
            Ok(part) => report.add(part),
            Err(error) => report.fail(format!("a caller's task died: {error}")),
        }
    }
    report.finish();
    report
}

/// One caller, the nth: call after call until the end.
async fn caller(plan: &Plan, nth: usize, tapes: Option<&PathBuf>, end: Instant) -> Report {
    let mut report = Report::new(0, plan.duration);
    for number in nth.. {
        if Instant::now() >= end {
            break;
        }
        let begun = Instant::now();
        let until = plan
            .hang_up_after
            .map_or(end, |after| end.min(begun + after));
        if let Err(error) = call::run(plan, number, tapes, until, &mut report).await {
            report.fail(error.to_string());
        }
        // Who is turned away, or loses the line at once, does not try again at once.
        sleep_until(end.min(begun + REDIAL)).await;
    }
    report
}
