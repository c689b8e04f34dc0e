//! Writes calls to disk on a thread of its own, so that no caller waits for the disk.
//!
//! One folder per call, a bundle (`crate::bundle` names its files). Everything is flushed once a second,
//! but for the last moment of sound, which may still have to be hidden: a killed process leaves a valid
//! bundle up to its last second or so. A full disk costs the record, not the call; and so that it does not
//! get full, the oldest calls go when there are more than the settings keep.

use super::veil::BEFORE;
use crate::audio::{FRAME_SAMPLES, Frame, RATE_HZ};
use crate::bundle::shelf::{Limits, Shelf};
use crate::bundle::{BOTH, CALLER, Ended, Identity, JOURNAL, Manifest};
use hound::{SampleFormat, WavSpec, WavWriter};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::SystemTime;

/// Chunks (one second of one call each) waiting for the disk.
const QUEUE: usize = 1024;
/// Ticks in a chunk.
const CHUNK: usize = 50;
/// Samples that are held back: a secret may begin in them.
const HELD: usize = BEFORE as usize * FRAME_SAMPLES;

enum Job {
    Open {
        call: String,
        audio: bool,
    },
    /// The call is answered, or over: what its first page says now.
    Manifest(Box<Manifest>),
    Write {
        call: String,
        journal: Vec<u8>,
        caller: Vec<i16>,
        bot: Vec<i16>,
    },
    /// Nothing comes for a while: the files are closed until something does.
    Rest {
        call: String,
    },
    Close {
        call: String,
    },
}

/// The writing thread, shared by all calls. Dropping it writes what is queued and ends the thread.
pub struct Recorder {
    dir: PathBuf,
    audio: bool,
    identity: Identity,
    sender: Option<SyncSender<Job>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    lost: Arc<AtomicU64>,
}

impl Recorder {
    /// Starts the thread; folders are made in `dir` as calls come, and all of them kept.
    pub fn start(dir: &Path, audio: bool) -> Self {
        Self::start_within(dir, audio, Limits::default())
    }

    /// The same; the oldest calls go where there are more than `limits`.
    pub fn start_within(dir: &Path, audio: bool, limits: Limits) -> Self {
        let (sender, receiver) = sync_channel(QUEUE);
        let lost = Arc::new(AtomicU64::new(0));
        let (root, counter) = (dir.to_owned(), Arc::clone(&lost));
        let work = move || {
            Writing {
                shelf: None,
                limits,
                dir: root,
                lost: counter,
                calls: BTreeMap::new(),
            }
            .run(&receiver)
        };
        let thread = std::thread::Builder::new()
            .name("recorder".into())
            .spawn(work);
        if let Err(error) = &thread {
            tracing::error!(%error, "no recorder thread: calls are not recorded");
        }
        Self {
            dir: dir.to_owned(),
            audio,
            identity: Identity::default(),
            sender: Some(sender),
            thread: Mutex::new(thread.ok()),
            lost,
        }
    }

    /// What calls are made with, for their first page.
    pub fn of(mut self, identity: Identity) -> Self {
        self.identity = identity;
        self
    }

    /// A record for one call.
    pub fn record(&self, call: &str) -> Record {
        let record = Record {
            call: call.to_owned(),
            folder: self.dir.join(call),
            sender: self.sender.clone(),
            lost: Arc::clone(&self.lost),
            audio: self.audio,
            identity: self.identity.clone(),
            manifest: None,
            journal: Vec::new(),
            caller: Vec::new(),
            bot: Vec::new(),
            ticks: 0,
        };
        record.send(Job::Open {
            call: call.to_owned(),
            audio: self.audio,
        });
        record
    }

    /// Chunks that could not be written, since the start.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Are calls recorded with their sound?
    pub fn keeps_audio(&self) -> bool {
        self.audio
    }

    /// Writes what is queued and ends the thread; the chunks that could not be written. Records that
    /// are still open keep the thread alive: drop them first.
    pub fn finish(self) -> u64 {
        let lost = Arc::clone(&self.lost);
        drop(self);
        lost.load(Ordering::Relaxed)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.sender = None;
        let thread = self.thread.lock().map(|mut thread| thread.take());
        if let Ok(Some(thread)) = thread {
            // A panic in it has been reported by the thread itself.
            let _ = thread.join();
        }
    }
}

/// One call's record, collected by the second. Dropping it closes the files.
pub struct Record {
    call: String,
    folder: PathBuf,
    sender: Option<SyncSender<Job>>,
    lost: Arc<AtomicU64>,
    audio: bool,
    identity: Identity,
    manifest: Option<Manifest>,
    /// Journal lines not yet sent.
    pub journal: Vec<u8>,
    caller: Vec<i16>,
    bot: Vec<i16>,
    ticks: usize,
}

impl Record {
    /// The call's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The call is answered: its first page is written. `manifest` gets what calls are made with.
    pub fn begin(&mut self, manifest: Manifest) {
        let manifest = Manifest {
            identity: self.identity.clone(),
            ..manifest
        };
        self.send(Job::Manifest(Box::new(manifest.clone())));
        self.manifest = Some(manifest);
    }

    /// The call is over: its first page says how.
    pub fn end(&mut self, ended: Ended) {
        if let Some(manifest) = &mut self.manifest {
            manifest.ended = Some(ended);
            let manifest = Box::new(manifest.clone());
            self.flush_but(0);
            self.send(Job::Manifest(manifest));
        }
    }

    /// Nothing comes for a while, hours perhaps: all of it is written, and no file kept open.
    pub fn rest(&mut self) {
        self.flush_but(0);
        (self.caller, self.bot) = (Vec::new(), Vec::new());
        self.send(Job::Rest {
            call: self.call.clone(),
        });
    }

    /// One tick of both sides; `None`: a gap, or nothing said.
    pub fn tick(&mut self, caller: Option<&Frame>, bot: Option<&Frame>) {
        if self.audio {
            self.caller
                .extend_from_slice(&caller.unwrap_or(&Frame::SILENCE).0);
            self.bot
                .extend_from_slice(&bot.unwrap_or(&Frame::SILENCE).0);
        }
        self.ticks += 1;
        if self.ticks >= CHUNK {
            self.flush();
        }
    }

    /// Makes silence of the caller's last moment: what was held back of it.
    pub fn hide(&mut self) {
        let from = self.caller.len().saturating_sub(HELD);
        self.caller[from..].fill(0);
    }

    /// Sends what was collected to the disk, but for the last moment of sound.
    pub fn flush(&mut self) {
        self.flush_but(HELD);
    }

    fn flush_but(&mut self, held: usize) {
        self.ticks = 0;
        let job = Job::Write {
            call: self.call.clone(),
            journal: std::mem::take(&mut self.journal),
            caller: all_but(&mut self.caller, held),
            bot: all_but(&mut self.bot, held),
        };
        self.send(job);
    }

    fn send(&self, job: Job) {
        let Some(sender) = &self.sender else { return };
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = sender.try_send(job) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.flush_but(0);
        self.send(Job::Close {
            call: self.call.clone(),
        });
    }
}

/// Takes all samples but the last `held`, which stay.
fn all_but(samples: &mut Vec<i16>, held: usize) -> Vec<i16> {
    if samples.is_empty() {
        return Vec::new();
    }
    let held = samples.len().saturating_sub(held);
    let mut rest = Vec::with_capacity(CHUNK * FRAME_SAMPLES + HELD);
    rest.extend_from_slice(&samples[held..]);
    samples.truncate(held);
    std::mem::replace(samples, rest)
}

type Wav = WavWriter<BufWriter<File>>;

/// What is written of one call.
struct Files {
    folder: PathBuf,
    audio: bool,
    /// `None`: the call rests.
    open: Option<Open>,
    broken: bool,
}

struct Open {
    journal: File,
    audio: Option<(Wav, Wav)>,
}

struct Writing {
    dir: PathBuf,
    /// Looked through when the first call comes: who only reads calls deletes none.
    shelf: Option<Shelf>,
    limits: Limits,
    lost: Arc<AtomicU64>,
    calls: BTreeMap<String, Files>,
}

impl Writing {
    fn run(mut self, jobs: &Receiver<Job>) {
        for job in jobs {
            match job {
                Job::Open { call, audio } => {
                    if self.shelf.is_none() {
                        self.shelf = Some(Shelf::scan(&self.dir));
                        self.trim();
                    }
                    match Files::create(&self.dir.join(&call), audio) {
                        Ok(files) => drop(self.calls.insert(call, files)),
                        Err(error) => self.fault(&call, &error),
                    }
                }
                Job::Manifest(manifest) => {
                    // How a call ended is kept also where its record was cut short: the disk may have room again.
                    if self.calls.contains_key(&manifest.call)
                        && let Err(error) = manifest.write(&self.dir.join(&manifest.call))
                    {
                        self.fault(&manifest.call, &error);
                    }
                }
                Job::Write {
                    call,
                    journal,
                    caller,
                    bot,
                } => {
                    let Some(files) = self.calls.get_mut(&call).filter(|files| !files.broken)
                    else {
                        self.lost.fetch_add(1, Ordering::Relaxed);
                        continue;
                    };
                    if let Err(error) = files.write(&journal, &caller, &bot) {
                        // What was written stays; the rest of this call is not.
                        files.broken = true;
                        self.fault(&call, &error);
                    }
                }
                Job::Rest { call } => {
                    if let Some(files) = self.calls.get_mut(&call) {
                        files.open = None;
                    }
                }
                Job::Close { call } => {
                    drop(self.calls.remove(&call));
                    if let Some(shelf) = &mut self.shelf {
                        shelf.put(&call);
                    }
                    self.trim();
                }
            }
        }
    }

    /// Makes room: the oldest calls go.
    fn trim(&mut self) {
        let Some(shelf) = &mut self.shelf else { return };
        let open: BTreeSet<String> = self.calls.keys().cloned().collect();
        let gone = shelf.trim(self.limits, SystemTime::now(), &open);
        if !gone.is_empty() {
            tracing::info!(
                calls = gone.len(),
                "old calls were deleted (recordings.max_mb, recordings.max_days)"
            );
        }
    }

    fn fault(&self, call: &str, error: &io::Error) {
        self.lost.fetch_add(1, Ordering::Relaxed);
        let dir = self.dir.display();
        tracing::error!(call, %error, %dir, "the call goes on, its record does not; hint: free the disk or set recordings.dir");
    }
}

impl Files {
    fn create(folder: &Path, audio: bool) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            audio,
            open: Some(Open {
                journal: File::create(folder.join(JOURNAL))?,
                audio: both(folder, audio, wav)?,
            }),
            broken: false,
        })
    }

    /// The files; those of a call that rested are written on from their end.
    fn open(&mut self) -> io::Result<&mut Open> {
        if self.open.is_none() {
            self.open = Some(Open {
                journal: File::options()
                    .append(true)
                    .open(self.folder.join(JOURNAL))?,
                audio: both(&self.folder, self.audio, |path, _| {
                    WavWriter::append(path).map_err(io_error)
                })?,
            });
        }
        self.open
            .as_mut()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn write(&mut self, journal: &[u8], caller: &[i16], bot: &[i16]) -> io::Result<()> {
        if journal.is_empty() && caller.is_empty() {
            return Ok(());
        }
        let open = self.open()?;
        open.journal.write_all(journal)?;
        let Some((mono, stereo)) = &mut open.audio else {
            return Ok(());
        };
        for (caller, bot) in caller.iter().zip(bot) {
            mono.write_sample(*caller).map_err(io_error)?;
            stereo.write_sample(*caller).map_err(io_error)?;
            stereo.write_sample(*bot).map_err(io_error)?;
        }
        // Updates the lengths in the header: the file is whole after every second.
        mono.flush().map_err(io_error)?;
        stereo.flush().map_err(io_error)
    }
}

/// The caller's sound and that of both, where sound is recorded.
fn both(
    folder: &Path,
    audio: bool,
    wav: impl Fn(PathBuf, u16) -> io::Result<Wav>,
) -> io::Result<Option<(Wav, Wav)>> {
    if !audio {
        return Ok(None);
    }
    Ok(Some((
        wav(folder.join(CALLER), 1)?,
        wav(folder.join(BOTH), 2)?,
    )))
}

fn wav(path: PathBuf, channels: u16) -> io::Result<Wav> {
    let spec = WavSpec {
        channels,
        sample_rate: RATE_HZ,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    WavWriter::create(path, spec).map_err(io_error)
}

fn io_error(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
#[path = "recorder_tests.rs"]
mod tests;
