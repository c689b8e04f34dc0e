//! Sending what lies in the spool: a few packets at a time, each again and again with growing pauses
//! until it was taken, refused for good, or too old.

use super::sign::Key;
use super::spool::Spool;
use super::{DeskError, Patience};
use crate::http;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// Packets that are being sent at the same time.
const AT_ONCE: usize = 4;
/// A receiver that asks for more patience gets no more than this.
const LONGEST_ASKED: Duration = Duration::from_secs(3600);

/// Where packets go, and how.
#[derive(Clone)]
pub struct Endpoint {
    url: Url,
    key: Key,
    client: Client,
    patience: Patience,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// 2xx: it is theirs now.
    Taken,
    /// No answer, 5xx, 408, 425 or 429: again, and not before so long where the other side says so.
    Later(Option<Duration>),
    /// Another 4xx, or a redirect: address or secret are wrong, and somebody has to put that right.
    Refused,
    /// 410: nobody is to send there any more. Nothing is sent until the next start.
    Gone,
}

impl Verdict {
    /// Of a status, and of `Retry-After` in seconds.
    pub fn of(status: u16, retry_after: Option<u64>) -> Self {
        let asked = retry_after.map(|seconds| Duration::from_secs(seconds).min(LONGEST_ASKED));
        match status {
            200..=299 => Self::Taken,
            410 => Self::Gone,
            408 | 425 | 429 => Self::Later(asked),
            300..=499 => Self::Refused,
            _ => Self::Later(asked),
        }
    }
}

impl Endpoint {
    /// # Errors
    /// An address that is none, or not secret enough: `https`, or this machine, or `insecure`.
    pub fn new(url: &str, key: Key, insecure: bool, patience: Patience) -> Result<Self, DeskError> {
        let url = address(url, insecure).map_err(DeskError::Settings)?;
        let mut client = http::client()
            .redirect(Policy::none())
            .referer(false)
            .timeout(patience.timeout);
        if is_here(&url) {
            client = client.no_proxy();
        }
        let client = client
            .build()
            .map_err(|error| DeskError::Client(error.to_string()))?;
        Ok(Self {
            url,
            key,
            client,
            patience,
        })
    }

    async fn send(&self, id: &str, body: Vec<u8>) -> Verdict {
        let timestamp = jiff::Timestamp::now().as_second();
        let signature = self.key.sign(id, timestamp, &body);
        let request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(body);
        match request.send().await {
            Ok(answer) => {
                let after = answer.headers().get(RETRY_AFTER);
                let after = after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
                let verdict = Verdict::of(answer.status().as_u16(), after);
                told(id, answer.status(), verdict);
                verdict
            }
            Err(error) => {
                let why = if error.is_timeout() {
                    "no answer in time"
                } else if error.is_connect() {
                    "no connection"
                } else {
                    "the connection broke"
                };
                tracing::warn!(id, why, "a packet was not taken: it is sent again");
                Verdict::Later(None)
            }
        }
    }
}

fn told(id: &str, status: StatusCode, verdict: Verdict) {
    let status = status.as_u16();
    match verdict {
        Verdict::Taken => tracing::info!(id, status, "a packet was taken"),
        Verdict::Later(_) => tracing::warn!(id, status, "a packet was not taken: it is sent again"),
        Verdict::Refused => tracing::error!(
            id,
            status,
            "a packet was refused: are handover.webhook and handover.secret right? It is sent again"
        ),
        Verdict::Gone => tracing::error!(
            id,
            status,
            "the receiver wants no more packets: they are kept, and sent after the next start"
        ),
    }
}

/// # Errors
/// What is wrong, to follow `handover.`.
pub(super) fn address(url: &str, insecure: bool) -> Result<Url, String> {
    let url = Url::parse(url).map_err(|error| format!("webhook is no address: {error}"))?;
    let secure = match url.scheme() {
        "https" => true,
        "http" => insecure || is_here(&url),
        _ => return Err("webhook must begin with https://".into()),
    };
    if !url.has_host() {
        return Err("webhook names no host".into());
    }
    if !secure {
        return Err(
            "webhook is not https: packets hold personal data; for a network of your own, set handover.insecure = true"
                .into(),
        );
    }
    Ok(url)
}

/// Is it this machine?
fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// How sending stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Packets that wait to be sent, or to be sent again.
    pub waiting: usize,
    /// Packets that are being sent now.
    pub sending: usize,
    /// The receiver wants no more, ever.
    pub gone: bool,
}

/// A packet that waits, by its file's name.
#[derive(Clone, Copy, Debug)]
struct Waits {
    due: Instant,
    attempts: u32,
}

/// Sends until it is stopped. `news`: names of packets that were added; `standing`: told whenever something
/// has happened.
pub(super) async fn run(
    spool: Arc<Spool>,
    endpoint: Endpoint,
    mut news: UnboundedReceiver<String>,
    standing: watch::Sender<Option<Standing>>,
    stop: CancellationToken,
) {
    let now = Waits {
        due: Instant::now(),
        attempts: 0,
    };
    let mut waiting: BTreeMap<String, Waits> =
        spool.names().into_iter().map(|name| (name, now)).collect();
    if !waiting.is_empty() {
        tracing::info!(
            packets = waiting.len(),
            "packets wait from before: they are sent now"
        );
    }
    let mut sending: JoinSet<(String, u32, Verdict)> = JoinSet::new();
    let mut gone = false;
    loop {
        spool.write_held();
        while !gone && sending.len() < AT_ONCE {
            let Some(name) = next(&waiting) else { break };
            let Some(Waits { attempts, .. }) = waiting.remove(&name) else {
                break;
            };
            if is_old(&name, &endpoint.patience) {
                tracing::error!(
                    name,
                    attempts,
                    "a packet was never taken: it is put aside in dead/"
                );
                spool.bury(&name);
                continue;
            }
            let Some(kept) = spool.get(&name) else {
                continue; // Somebody has taken it away.
            };
            let endpoint = endpoint.clone();
            sending.spawn(async move {
                let verdict = endpoint.send(&kept.id, kept.body).await;
                (name, attempts + 1, verdict)
            });
        }
        standing.send_replace(Some(Standing {
            waiting: waiting.len(),
            sending: sending.len(),
            gone,
        }));
        let due = waiting.values().map(|waits| waits.due).min();
        let room = !gone && sending.len() < AT_ONCE;
        let pause = async {
            match due.filter(|_| room) {
                Some(due) => sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => {
                spool.write_held();
                let packets = spool.in_memory();
                if packets > 0 {
                    tracing::error!(packets, "the disk took these packets to the last not: they are lost");
                }
                return;
            }
            Some(name) = news.recv() => {
                waiting.insert(name, Waits { due: Instant::now(), attempts: 0 });
            }
            Some(Ok((name, attempts, verdict))) = sending.join_next() => match verdict {
                Verdict::Taken => spool.remove(&name),
                Verdict::Gone => {
                    gone = true;
                    waiting.insert(name, Waits { due: Instant::now(), attempts });
                }
                Verdict::Later(asked) => {
                    let pause = pause_after(attempts, &endpoint.patience, jitter());
                    let due = Instant::now() + pause.max(asked.unwrap_or_default());
                    waiting.insert(name, Waits { due, attempts });
                }
                Verdict::Refused => {
                    let due = Instant::now() + half_to_whole(endpoint.patience.longest, jitter());
                    waiting.insert(name, Waits { due, attempts });
                }
            },
            () = pause => {}
        }
    }
}

/// The packet that is due: the oldest of them.
fn next(waiting: &BTreeMap<String, Waits>) -> Option<String> {
    let now = Instant::now();
    let due = waiting.iter().find(|(_, waits)| waits.due <= now);
    due.map(|(name, _)| name.clone())
}

fn is_old(name: &str, patience: &Patience) -> bool {
    let age = Spool::since(name).map(|since| jiff::Timestamp::now().as_millisecond() - since);
    age.is_some_and(|age| age > patience.give_up.as_millis() as i64)
}

/// The pause after so many attempts: doubled each time, up to the longest, and of that half to all, so
/// that packets which failed together do not come back together. `jitter`: 0 to 255.
pub(super) fn pause_after(attempts: u32, patience: &Patience, jitter: u8) -> Duration {
    let doubled = patience
        .first
        .saturating_mul(1 << attempts.saturating_sub(1).min(16));
    half_to_whole(doubled.min(patience.longest), jitter)
}

fn half_to_whole(pause: Duration, jitter: u8) -> Duration {
    pause / 2 + pause * u32::from(jitter) / 510
}

fn jitter() -> u8 {
    let mut byte = [128];
    // Without randomness all pauses are the same: no harm.
    let _ = getrandom::fill(&mut byte);
    byte[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_answers_mean() {
        let minute = Some(Duration::from_secs(60));
        for (status, after, verdict) in [
            (200, None, Verdict::Taken),
            (204, None, Verdict::Taken),
            (301, None, Verdict::Refused),
            (400, None, Verdict::Refused),
            (401, None, Verdict::Refused),
            (408, None, Verdict::Later(None)),
            (410, None, Verdict::Gone),
            (429, Some(60), Verdict::Later(minute)),
            (500, None, Verdict::Later(None)),
            (503, Some(60), Verdict::Later(minute)),
            (503, Some(u64::MAX), Verdict::Later(Some(LONGEST_ASKED))),
        ] {
            assert_eq!(Verdict::of(status, after), verdict, "{status}");
        }
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_spread() {
        let patience = Patience::default();
        let most = |attempts| pause_after(attempts, &patience, 255).as_secs();
        assert_eq!([1, 2, 3, 4].map(most), [1, 2, 4, 8]);
        assert_eq!([11, 40, u32::MAX].map(most), [600, 600, 600]);
        let least = pause_after(3, &patience, 0);
        assert_eq!(least, Duration::from_secs(2), "half of it, without luck");
    }
}
