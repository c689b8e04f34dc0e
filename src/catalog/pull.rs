//! Fetches a model: what is there is checked, what is missing is asked for, as often as it makes sense.
//!
//! Decides the order of things, when to try again, and that a wrong file is never taken for the right one.

use super::fetch::{Trouble, client, rest};
use super::part::{FinishError, Part, WrongSum};
use super::{ByHand, Check, Endpoint, Model, Piece, PullError, Store};
use data_encoding::HEXLOWER;
use reqwest::Client;
use std::time::Duration;

/// Longest pause between two attempts, unless the server asks for more.
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// How to fetch.
#[derive(Clone, Debug)]
pub struct Options {
    pub endpoint: Endpoint,
    /// Nothing is to be fetched.
    pub offline: bool,
    /// Whether the environment says which proxies there are.
    pub proxies: bool,
    /// Attempts in a row that bring nothing, before it is given up.
    pub tries: u32,
    /// Pause after the first failed attempt; doubled after each further one.
    pub pause: Duration,
    /// Longest wait for a connection.
    pub connect: Duration,
    /// Longest wait for the next byte.
    pub stall: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            endpoint: Endpoint::default(),
            offline: false,
            proxies: true,
            tries: 5,
            pause: Duration::from_secs(1),
            connect: Duration::from_secs(20),
            stall: Duration::from_secs(60),
        }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pulled {
    /// Every file was there and right.
    Already,
    Fetched,
}

/// What is happening, for a progress bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// A file that is there is read.
    Checking(&'a Piece),
    /// So much more of it was read, in bytes.
    Checked(u64),
    /// It is there and right.
    Good(&'a Piece),
    /// It is fetched; the first so many bytes are there already.
    Fetching(&'a Piece, u64),
    /// So many bytes are there now.
    At(u64),
    /// It did not work, and is tried again after a pause.
    Again(&'a str, Duration),
    Done(&'a Piece),
}

/// Brings `model` into `store`.
///
/// # Errors
/// [`PullError`]. What has arrived is kept and gone on from next time, unless it was wrong.
pub async fn pull(
    model: &Model,
    store: &Store,
    options: &Options,
    told: &mut dyn FnMut(Step<'_>),
) -> Result<Pulled, PullError> {
    let mut missing = Vec::new();
    for piece in &model.files {
        told(Step::Checking(piece));
        let check = store.check(piece, |bytes| told(Step::Checked(bytes)));
        match check {
            Ok(Check::Good) => told(Step::Good(piece)),
            Ok(_) => missing.push(piece),
            Err(source) => {
                let path = store.path(piece);
                return Err(PullError::Disk { path, source });
            }
        }
    }
    if missing.is_empty() {
        return Ok(Pulled::Already);
    }
    let by_hand = ByHand {
        name: model.name.clone(),
        files: missing
            .iter()
            .map(|piece| {
                let url = options.endpoint.url(model, piece);
                (url, piece.size, store.path(piece))
            })
            .collect(),
    };
    if options.offline {
        return Err(PullError::Offline(by_hand));
    }
    let mut puller = Puller {
        client: client(options)?,
        options,
        by_hand,
        answered: false,
        told,
    };
    for piece in missing {
        let url = options.endpoint.url(model, piece);
        puller.piece(piece, &url, store).await?;
    }
    Ok(Pulled::Fetched)
}

struct Puller<'a> {
    client: Client,
    options: &'a Options,
    by_hand: ByHand,
    /// Whether the server was ever there: else it is no passing trouble.
    answered: bool,
    told: &'a mut dyn FnMut(Step<'_>),
}

impl Puller<'_> {
    async fn piece(&mut self, piece: &Piece, url: &str, store: &Store) -> Result<(), PullError> {
        let mut part = Part::open(store, piece, &mut |_| {})?;
        let earlier = part.length() > 0;
        room(store, piece.size - part.length())?;
        (self.told)(Step::Fetching(piece, part.length()));
        let attempts = match self.whole(piece, url, &mut part).await {
            Ok(attempts) => attempts,
            Err(error) => {
                // Nothing came: no reason to leave anything. What cannot be taken away does no harm.
                if part.length() == 0 {
                    let _ = part.discard();
                }
                return Err(error);
            }
        };
        match part.finish(piece) {
            Ok(()) => {}
            // Pieces of several files, or an old piece that is damaged: once more from the start.
            Err(FinishError::Sum(_)) if earlier || attempts > 1 => {
                let why = "what came in pieces does not fit together";
                (self.told)(Step::Again(why, Duration::ZERO));
                let mut part = Part::open(store, piece, &mut |_| {})?;
                self.whole(piece, url, &mut part).await?;
                part.finish(piece)
                    .map_err(|error| unfinished(error, piece, url, store))?;
            }
            Err(error) => return Err(unfinished(error, piece, url, store)),
        }
        (self.told)(Step::Done(piece));
        Ok(())
    }

    /// Asks until everything is there; how often that was.
    async fn whole(&mut self, piece: &Piece, url: &str, part: &mut Part) -> Result<u32, PullError> {
        let (mut failed, mut attempts) = (0, 0);
        while part.length() < piece.size {
            attempts += 1;
            let before = part.length();
            let told = &mut *self.told;
            let mut told = |bytes| told(Step::At(bytes));
            let done = rest(&self.client, url, part, piece.size, &mut told).await;
            let (cause, after) = match done {
                Ok(()) => {
                    self.answered = true;
                    break;
                }
                Err(Trouble::Final(error)) => return Err(error),
                Err(Trouble::Unreachable(cause)) if !self.answered => {
                    return Err(PullError::Unreachable {
                        host: self.options.endpoint.host().into(),
                        cause,
                        by_hand: self.by_hand.clone(),
                    });
                }
                Err(Trouble::Unreachable(cause)) => (cause, None),
                Err(Trouble::Passing(cause, after)) => (cause, after),
            };
            self.answered = true;
            // Attempts that bring something may go on: the file comes to its end.
            failed = if part.length() > before {
                1
            } else {
                failed + 1
            };
            if failed >= self.options.tries {
                return Err(PullError::GaveUp {
                    url: url.into(),
                    cause,
                    tries: failed,
                });
            }
            let pause = self.pause(failed).max(after.unwrap_or_default());
            (self.told)(Step::Again(&cause, pause));
            tokio::time::sleep(pause).await;
        }
        Ok(attempts)
    }

    fn pause(&self, failed: u32) -> Duration {
        let doubled = 1u32.checked_shl(failed - 1).unwrap_or(u32::MAX);
        self.options.pause.saturating_mul(doubled).min(MAX_PAUSE)
    }
}

fn unfinished(error: FinishError, piece: &Piece, url: &str, store: &Store) -> PullError {
    match error {
        FinishError::Sum(WrongSum(found)) => PullError::WrongSum {
            url: url.into(),
            found,
            wanted: HEXLOWER.encode(&piece.sha256),
        },
        FinishError::Disk(source) => PullError::Disk {
            path: store.path(piece),
            source,
        },
    }
}

/// Whether `needed` more bytes fit into the folder. A file system that does not say is believed to.
fn room(store: &Store, needed: u64) -> Result<(), PullError> {
    let Ok(disk) = rustix::fs::statvfs(store.folder()) else {
        return Ok(());
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if free < needed {
        return Err(PullError::Space {
            folder: store.folder().to_owned(),
            needed,
            free,
        });
    }
    Ok(())
}
