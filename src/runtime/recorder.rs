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
                shelf: Shelf::scan(&root),
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

struct Files {
    journal: BufWriter<File>,
    audio: Option<(Wav, Wav)>,
    broken: bool,
}

struct Writing {
    dir: PathBuf,
    shelf: Shelf,
    limits: Limits,
    lost: Arc<AtomicU64>,
    calls: BTreeMap<String, Files>,
}

impl Writing {
    fn run(mut self, jobs: &Receiver<Job>) {
        self.trim();
        for job in jobs {
            match job {
                Job::Open { call, audio } => match Files::create(&self.dir.join(&call), audio) {
                    Ok(files) => drop(self.calls.insert(call, files)),
                    Err(error) => self.fault(&call, &error),
                },
                Job::Manifest(manifest) => {
                    let whole = |files: &Files| !files.broken;
                    if self.calls.get(&manifest.call).is_some_and(whole)
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
                Job::Close { call } => {
                    drop(self.calls.remove(&call));
                    self.shelf.put(&call);
                    self.trim();
                }
            }
        }
    }

    /// Makes room: the oldest calls go.
    fn trim(&mut self) {
        let open: BTreeSet<String> = self.calls.keys().cloned().collect();
        let gone = self.shelf.trim(self.limits, SystemTime::now(), &open);
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
        let journal = BufWriter::new(File::create(folder.join(JOURNAL))?);
        let audio = if audio {
            Some((wav(folder.join(CALLER), 1)?, wav(folder.join(BOTH), 2)?))
        } else {
            None
        };
        Ok(Self {
            journal,
            audio,
            broken: false,
        })
    }

    fn write(&mut self, journal: &[u8], caller: &[i16], bot: &[i16]) -> io::Result<()> {
        self.journal.write_all(journal)?;
        self.journal.flush()?;
        let Some((mono, stereo)) = &mut self.audio else {
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
mod tests {
    use super::*;

    #[test]
    fn a_call_is_recorded_both_sides() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let recorder = Recorder::start(dir.path(), true);
        let mut record = recorder.record("c1");
        record.journal.extend_from_slice(b"{}\n");
        for _ in 0..75 {
            record.tick(Some(&Frame([3; FRAME_SAMPLES])), None);
        }
        drop(record);
        drop(recorder);
        let folder = dir.path().join("c1");
        assert_eq!(
            fs::read(folder.join("journal.jsonl")).expect("a journal"),
            b"{}\n"
        );
        let caller = hound::WavReader::open(folder.join("caller.wav")).expect("a WAV file");
        assert_eq!(caller.duration() as usize, 75 * FRAME_SAMPLES);
        let mut call = hound::WavReader::open(folder.join("call.wav")).expect("a WAV file");
        assert_eq!(
            call.samples::<i16>().take(2).flatten().collect::<Vec<_>>(),
            [3, 0]
        );
    }

    #[test]
    fn a_call_says_how_it_ended_and_what_it_was_made_with() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let made = Identity {
            settings_digest: "5e77".into(),
            ..Identity::default()
        };
        let recorder = Recorder::start(dir.path(), false).of(made.clone());
        let began = "2026-11-29T19:00:00Z".parse().expect("a time");
        let mut record = recorder.record("c1");
        record.begin(Manifest {
            bundle: crate::bundle::manifest::FORMAT,
            attendant: "0".into(),
            call: "c1".into(),
            line: "twilio".into(),
            began,
            domain: "shop".into(),
            domain_digest: "00".into(),
            identity: Identity::default(),
            ended: None,
        });
        let ended = Ended {
            at: began,
            ticks: 7,
            turns: 1,
            disposition: None,
        };
        record.end(ended);
        drop(record);
        drop(recorder);
        let manifest = Manifest::read(&dir.path().join("c1")).expect("a manifest");
        assert_eq!((manifest.identity, manifest.ended), (made, Some(ended)));
    }

    #[test]
    fn old_calls_make_room_for_new_ones() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let limits = Limits {
            bytes: Some(100_000),
            age: None,
        };
        let recorder = Recorder::start_within(dir.path(), true, limits);
        for call in ["c1", "c2", "c3"] {
            let mut record = recorder.record(call);
            // A second weighs 96 kB.
            (0..50).for_each(|_| record.tick(None, None));
        }
        drop(recorder);
        let shelf = Shelf::scan(dir.path());
        let left: Vec<String> = shelf.places().map(|place| place.name).collect();
        assert_eq!(left, ["c3"]);
    }

    #[test]
    fn a_full_disk_costs_the_record_and_is_counted() {
        // Writing to /dev/full fails with ENOSPC, as a full disk does.
        let dir = tempfile::tempdir().expect("a temporary folder");
        let folder = dir.path().join("c1");
        fs::create_dir(&folder).expect("a folder");
        std::os::unix::fs::symlink("/dev/full", folder.join("journal.jsonl")).expect("a link");
        let recorder = Recorder::start(dir.path(), true);
        let lost = Arc::clone(&recorder.lost);
        let mut record = recorder.record("c1");
        record.journal.extend_from_slice(b"{}\n");
        (0..100).for_each(|_| record.tick(None, None));
        drop(record);
        drop(recorder);
        assert!(lost.load(Ordering::Relaxed) > 0);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_counted() {
        let recorder = Recorder::start(Path::new("/proc/nowhere"), true);
        let lost = Arc::clone(&recorder.lost);
        drop(recorder.record("c1"));
        drop(recorder);
        assert!(lost.load(Ordering::Relaxed) > 0);
    }
}
