//! How people get to know of a call that is passed on to them: the packet as others read it, kept on
//! disk until their system has taken it, and sent there signed.
//!
//! Decides what "taken" means, how often and how long it is tried, and that a call never waits for any
//! of it. What is in a packet and why a call is passed on is the dialogue's affair. The page for those
//! who receive packets is `README.md`.

mod delivery;
mod packet;
mod sign;
mod spool;
mod storm;

pub use delivery::{Endpoint, Standing, Verdict};
pub use packet::{About, Around, Links, Packet, schema};
pub use sign::Key;
pub use spool::{Put, Spool, SpoolError};
use storm::{Fate, Storm};

use crate::config;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;
use std::time::Instant;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

/// Packets that wait for the disk. Each is a call that is ending: there are never many.
const WAITING: usize = 256;

/// Why no packets can be sent.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    #[error("handover.{0}")]
    Settings(String),
    #[error("{0}")]
    Spool(#[from] SpoolError),
    #[error("no HTTP client for packets: {0}")]
    Client(String),
}

/// When and how often a packet is sent.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Of one attempt, from connecting to the answer's status.
    pub timeout: Duration,
    /// Before the second attempt; doubled for each further one, with jitter.
    pub first: Duration,
    /// Never longer than this, but after a refusal at once so long.
    pub longest: Duration,
    /// A packet older than this is given up: it goes to `dead/` in the spool.
    pub give_up: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(5),
            first: Duration::from_secs(1),
            longest: Duration::from_secs(600),
            give_up: Duration::from_secs(72 * 3600),
        }
    }
}

/// Takes packets, and sees to it that they arrive. Dropping it stops sending; what has not been taken
/// lies on disk and is sent by the next one.
pub struct Desk {
    writer: SyncSender<Job>,
    /// Where links to recordings begin; none: paths on this machine.
    pub recordings_url: Option<String>,
    storm: Arc<Storm>,
    standing: watch::Receiver<Option<Standing>>,
    stop: tokio_util::sync::CancellationToken,
}

struct Job {
    packet: Box<Packet>,
    /// Leaves half of the spool to others.
    humble: bool,
    done: Box<dyn FnOnce(bool) + Send>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        tell_lost(Some(self.storm.rest()).filter(|rest| *rest > 0));
        self.stop.cancel();
    }
}

impl Desk {
    /// The desk that the settings name; none where no webhook is set.
    ///
    /// # Errors
    /// An address or a secret that cannot be used; a spool that cannot be written.
    pub fn from_config(config: &config::Handover) -> Result<Option<Self>, DeskError> {
        let Some(url) = &config.webhook else {
            return Ok(None);
        };
        let secret = config
            .secret
            .as_ref()
            .map(|secret| secret.expose().as_str());
        let key = Key::parse(secret.unwrap_or_default())
            .map_err(|why| DeskError::Settings(format!("secret {why}")))?;
        let patience = Patience {
            timeout: Duration::from_millis(config.timeout_ms.into()),
            give_up: Duration::from_secs(u64::from(config.give_up_h) * 3600),
            ..Patience::default()
        };
        let spool = Spool::open(&config.spool, config.spool_max as usize)?;
        let endpoint = Endpoint::new(url, key, config.insecure, patience)?;
        let mut desk = Self::start(spool, endpoint)?;
        desk.recordings_url = config
            .recordings_url
            .as_ref()
            .map(|url| url.trim_end_matches('/').to_owned());
        Ok(Some(desk))
    }

    /// Begins with what lies in the spool.
    ///
    /// # Errors
    /// No thread, or no runtime for it.
    pub fn start(spool: Spool, endpoint: Endpoint) -> Result<Self, DeskError> {
        let client = |error: std::io::Error| DeskError::Client(error.to_string());
        let spool = Arc::new(spool);
        let stop = tokio_util::sync::CancellationToken::new();
        let (told, standing) = watch::channel(None);
        let (announce, news) = tokio::sync::mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(client)?;
        let (of_sender, stopped) = (Arc::clone(&spool), stop.clone());
        std::thread::Builder::new()
            .name("desk".into())
            .spawn(move || {
                runtime.block_on(delivery::run(of_sender, endpoint, news, told, stopped))
            })
            .map_err(client)?;
        let (writer, jobs) = sync_channel(WAITING);
        std::thread::Builder::new()
            .name("desk-spool".into())
            .spawn(move || write(&spool, &jobs, &announce))
            .map_err(client)?;
        Ok(Self {
            writer,
            recordings_url: None,
            storm: Arc::default(),
            standing,
            stop,
        })
    }

    /// How sending stands, and news of it; none before what lies in the spool was looked at.
    pub fn standing(&self) -> watch::Receiver<Option<Standing>> {
        self.standing.clone()
    }

    /// Takes a packet. `done` is told once whether it lies on disk (it may be told `false` at once):
    /// only then the call should be passed on, but it is passed on in any case.
    pub fn take(&self, packet: Packet, done: impl FnOnce(bool) + Send + 'static) {
        let job = Job {
            packet: Box::new(packet),
            humble: false,
            done: Box::new(done),
        };
        match self.writer.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) => {
                tracing::error!(call = %job.packet.data.call, "the disk is too slow: the packet of this handover is lost");
                (job.done)(false);
            }
        }
    }

    /// Takes the packet of a caller who was turned away unheard, unless there are too many of them: those
    /// are counted in the log. Never waits, and costs next to nothing for whoever has a packet already or
    /// gets none.
    pub fn turned_away(&self, call: &str, packet: impl FnOnce() -> Packet) {
        match self.storm.arrives(call, Instant::now()) {
            Fate::Known => return,
            Fate::Lost(lost) => return tell_lost(lost),
            Fate::Kept => {}
        }
        let storm = Arc::clone(&self.storm);
        let job = Job {
            packet: Box::new(packet()),
            humble: true,
            done: Box::new(move |kept| tell_lost(storm.written(kept, Instant::now()))),
        };
        if let Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) =
            self.writer.try_send(job)
        {
            (job.done)(false);
        }
    }
}

fn tell_lost(lost: Option<u64>) {
    if let Some(callers) = lost {
        tracing::error!(
            callers,
            "so many callers were turned away without a packet: there are too many of them"
        );
    }
}

/// Writes packets to disk one by one, in a thread of its own: a disk can take its time.
fn write(spool: &Spool, jobs: &Receiver<Job>, announce: &UnboundedSender<String>) {
    for Job {
        packet,
        humble,
        done,
    } in jobs
    {
        let call = packet.data.call.clone();
        if humble && spool.is_half_full() {
            done(false);
            continue;
        }
        let kept = match spool.put(&packet) {
            Ok(put) => {
                // Nobody listens while the desk is closing: the next one finds it on disk.
                let _ = announce.send(put.name().to_owned());
                if let Put::InMemory(_, error) = &put {
                    tracing::error!(%call, %error, "the disk does not take the packet of this handover: it is sent from memory");
                }
                // No line waits for those of callers who were turned away: they count as kept.
                humble || matches!(put, Put::OnDisk(_))
            }
            Err(error) => {
                tracing::error!(%call, %error, "the packet of this handover is lost: the call goes on without it");
                false
            }
        };
        done(kept);
    }
}
