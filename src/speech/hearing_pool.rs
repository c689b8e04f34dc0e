//! Hearing for all calls: a bounded queue in front of recognisers, each on a thread of its own.
//!
//! Decides who waits, who is refused and what happens when a recogniser dies. What is heard is the
//! recogniser's affair. Every request is answered exactly once, also when it is refused, given up
//! or dropped with the pool.

use super::{Cancel, Hearing, Recognized, Recognizer, Request, SpeechError, Waits};
use crate::dialogue::spoken::Language;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A request that waited longer is refused: its caller has long been told to repeat.
const LONGEST_WAIT: Duration = Duration::from_secs(3);
/// Who waits longer notices.
const NOTICED: Duration = Duration::from_millis(400);
/// A recogniser that works longer than this on one request is taken for stuck.
const STUCK: Duration = Duration::from_secs(30);
/// A recogniser that could not be replaced is tried again this often.
const RETRY: Duration = Duration::from_secs(5);

type Make = dyn Fn() -> Result<Box<dyn Recognizer>, SpeechError> + Send + Sync;
pub(super) type Done = Box<dyn FnOnce(Recognized) + Send>;

/// Counts since the start, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that a recogniser answered, also with an error.
    pub answered: u64,
    /// Requests refused because the queue was full or the wait too long.
    pub refused: u64,
    /// Recognisers replaced after an error or a panic.
    pub rebuilt: u64,
}

/// Recognisers on threads. Dropping it gives up what runs and waits for the threads.
pub struct HearingPool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
    /// What its recognisers hear.
    languages: Vec<Language>,
}

struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    limit: usize,
    /// A request that waited longer is refused.
    longest_wait: Duration,
    make: Box<Make>,
    answered: AtomicU64,
    refused: AtomicU64,
    waited: AtomicU64,
    rebuilt: AtomicU64,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Job>,
    /// What the workers are at, and since when: given up when the pool closes.
    running: Vec<(Cancel, Instant)>,
    /// Workers without a recogniser.
    dead: usize,
    closed: bool,
}

/// A request and its answer, which is sent when this is dropped at the latest.
struct Job {
    request: Request,
    cancel: Cancel,
    since: Instant,
    /// The call's: what goes wrong with the request is logged under its name.
    span: tracing::Span,
    done: Option<Done>,
}

impl Job {
    fn answer(
        mut self,
        result: Result<Vec<super::Hypothesis>, SpeechError>,
        took: Duration,
        queued: Duration,
        doubted: bool,
    ) {
        self.send(Recognized {
            result,
            took,
            queued,
            doubted,
        });
    }

    fn send(&mut self, recognized: Recognized) {
        if let Some(done) = self.done.take()
            && catch_unwind(AssertUnwindSafe(|| done(recognized))).is_err()
        {
            tracing::error!("the receiver of a recognition panicked");
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        let queued = self.since.elapsed();
        self.send(Recognized {
            result: Err(SpeechError::Abandoned),
            took: Duration::ZERO,
            queued,
            doubted: false,
        });
    }
}

impl HearingPool {
    /// Starts `workers` threads (0: half of the cores, at least 2 where there are 2), each with a recogniser from `make`
    /// called on that thread; at most `queue` requests wait.
    ///
    /// # Errors
    /// What `make` failed with, on any of the threads.
    pub fn start(
        make: impl Fn() -> Result<Box<dyn Recognizer>, SpeechError> + Send + Sync + 'static,
        workers: usize,
        queue: usize,
    ) -> Result<Self, SpeechError> {
        Self::start_patient(make, workers, queue, LONGEST_WAIT)
    }

    fn start_patient(
        make: impl Fn() -> Result<Box<dyn Recognizer>, SpeechError> + Send + Sync + 'static,
        workers: usize,
        queue: usize,
        longest_wait: Duration,
    ) -> Result<Self, SpeechError> {
        let workers = if workers == 0 {
            by_the_cores()
        } else {
            workers
        };
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            wake: Condvar::new(),
            limit: queue.max(1),
            longest_wait,
            make: Box::new(make),
            answered: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            waited: AtomicU64::new(0),
            rebuilt: AtomicU64::new(0),
        });
        // Dropped on every error below: it closes the queue and joins the threads.
        let mut pool = Self {
            shared,
            workers: Vec::new(),
            languages: Language::ALL.to_vec(),
        };
        let (ready, loaded) = mpsc::channel();
        for number in 0..workers {
            let (shared, ready) = (Arc::clone(&pool.shared), ready.clone());
            let worker = std::thread::Builder::new()
                .name(format!("hearing-{number}"))
                .spawn(move || shared.work(&ready))
                .map_err(|e| {
                    SpeechError::Model(format!("cannot start a thread for the recogniser: {e}"))
                })?;
            pool.workers.push(worker);
        }
        drop(ready);
        for _ in 0..workers {
            loaded.recv().unwrap_or_else(|_| {
                Err(SpeechError::Model(
                    "the recogniser died while loading".into(),
                ))
            })?;
        }
        Ok(pool)
    }

    /// Says that its recognisers hear these languages only; they themselves refuse all others.
    #[must_use]
    pub fn of(mut self, languages: Vec<Language>) -> Self {
        self.languages = languages;
        self
    }

    /// Counts since the start.
    pub fn counts(&self) -> Counts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let Shared {
            answered,
            refused,
            rebuilt,
            ..
        } = &*self.shared;
        Counts {
            answered: read(answered),
            refused: read(refused),
            rebuilt: read(rebuilt),
        }
    }
}

impl HearingPool {
    /// Like [`Hearing::recognize`], given up when `cancel` is set.
    pub fn recognize_until(&self, cancel: Cancel, request: Request, done: Done) {
        let job = Job {
            request,
            cancel,
            since: Instant::now(),
            span: tracing::Span::current(),
            done: Some(done),
        };
        let put = self.shared.lock().put(job, self.shared.limit);
        // Answered outside the lock: `done` may well ask for the next recognition.
        drop(put.abandoned);
        match put.refused {
            Some(job) => self.shared.refuse(job),
            None => self.shared.wake.notify_one(),
        }
    }
}

impl Hearing for HearingPool {
    fn recognize(&self, request: Request, done: Box<dyn FnOnce(Recognized) + Send>) -> Cancel {
        let cancel = Cancel::default();
        self.recognize_until(cancel.clone(), request, done);
        cancel
    }

    fn hears(&self, language: Language) -> bool {
        self.languages.contains(&language)
    }

    fn at_once(&self) -> usize {
        self.workers.len()
    }

    fn waits(&self) -> Waits {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let refused = read(&self.shared.refused);
        let oldest = {
            let queue = self.shared.lock();
            let mut wanted = queue
                .waiting
                .iter()
                .filter(|job| !job.cancel.is_cancelled());
            wanted.next().map(|job| job.since.elapsed())
        };
        Waits {
            heard: read(&self.shared.answered) + refused,
            waited: read(&self.shared.waited) + refused,
            oldest: oldest.unwrap_or_default(),
        }
    }

    /// At least one recogniser is there and not stuck.
    fn is_alive(&self) -> bool {
        let queue = self.shared.lock();
        let stuck = |(_, since): &&(Cancel, Instant)| since.elapsed() > STUCK;
        let stuck = queue.running.iter().filter(stuck).count();
        !queue.closed && queue.dead + stuck < self.workers.len()
    }
}

impl Drop for HearingPool {
    fn drop(&mut self) {
        let waiting = self.shared.lock().close();
        self.shared.wake.notify_all();
        drop(waiting);
        for worker in self.workers.drain(..) {
            // The last owner may be a `done` that runs on a worker: that one ends by itself.
            if worker.thread().id() != std::thread::current().id() && worker.join().is_err() {
                tracing::error!("a recogniser thread panicked");
            }
        }
    }
}

/// What became of a request to queue a job.
#[derive(Default)]
struct Put {
    /// No room: the job itself.
    refused: Option<Job>,
    /// Jobs that nobody wants any more, taken out to make room.
    abandoned: VecDeque<Job>,
}

impl Queue {
    fn put(&mut self, job: Job, limit: usize) -> Put {
        let mut put = Put::default();
        if self.waiting.len() >= limit {
            let (abandoned, waiting) = std::mem::take(&mut self.waiting)
                .into_iter()
                .partition(|j| j.cancel.is_cancelled());
            (put.abandoned, self.waiting) = (abandoned, waiting);
        }
        if self.closed || self.waiting.len() >= limit {
            put.refused = Some(job);
        } else {
            self.waiting.push_back(job);
        }
        put
    }

    fn close(&mut self) -> VecDeque<Job> {
        self.closed = true;
        self.running.iter().for_each(|(cancel, _)| cancel.cancel());
        std::mem::take(&mut self.waiting)
    }
}

impl Shared {
    /// No code of others runs under the lock, so what a panic left behind is whole.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refuse(&self, job: Job) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        let queued = job.since.elapsed();
        job.answer(Err(SpeechError::Busy), Duration::ZERO, queued, false);
    }

    fn build(&self) -> Result<Box<dyn Recognizer>, SpeechError> {
        catch_unwind(AssertUnwindSafe(|| (self.make)())).unwrap_or_else(|_| {
            Err(SpeechError::Model(
                "the recogniser panicked while loading".into(),
            ))
        })
    }

    /// A worker's life.
    fn work(&self, ready: &mpsc::Sender<Result<(), SpeechError>>) {
        let mut recognizer = match self.build() {
            Ok(recognizer) => Some(recognizer),
            Err(error) => {
                let _ = ready.send(Err(error));
                return;
            }
        };
        let _ = ready.send(Ok(()));
        while let Some(next) = self.next(recognizer.is_none()) {
            let Some(job) = next else {
                recognizer = self.rebuild();
                continue;
            };
            let span = job.span.clone();
            let _entered = span.enter();
            let running = job.cancel.clone();
            if running.is_cancelled() {
                drop(job);
            } else if job.since.elapsed() > self.longest_wait {
                self.refuse(job);
            } else {
                recognizer = self.run(job, recognizer);
            }
            self.lock()
                .running
                .retain(|(cancel, _)| !std::ptr::eq(cancel.flag(), running.flag()));
        }
    }

    /// Waits for a job; none when the pool closes. `retry`: for a worker without a recogniser, which
    /// gets an empty turn now and then to see to it.
    fn next(&self, retry: bool) -> Option<Option<Job>> {
        let mut queue = self.lock();
        loop {
            if queue.closed {
                return None;
            }
            if let Some(job) = queue.waiting.pop_front() {
                queue.running.push((job.cancel.clone(), Instant::now()));
                return Some(Some(job));
            }
            let wait = if retry { RETRY } else { Duration::MAX };
            let (woken, waited) = self
                .wake
                .wait_timeout(queue, wait)
                .unwrap_or_else(PoisonError::into_inner);
            if retry && waited.timed_out() {
                return Some(None);
            }
            queue = woken;
        }
    }

    /// Answers one job and returns the recogniser for the next: none when it could not be replaced.
    fn run(
        &self,
        job: Job,
        recognizer: Option<Box<dyn Recognizer>>,
    ) -> Option<Box<dyn Recognizer>> {
        let queued = job.since.elapsed();
        let start = Instant::now();
        let was_dead = recognizer.is_none();
        let (result, recognizer) = match recognizer.map_or_else(|| self.build(), Ok) {
            Ok(mut recognizer) => {
                let result = catch_unwind(AssertUnwindSafe(|| {
                    recognizer.recognize(&job.request, &job.cancel)
                }))
                .unwrap_or_else(|_| Err(SpeechError::Model("the recogniser panicked".into())));
                (result, Some(recognizer))
            }
            Err(error) => (Err(error), None),
        };
        if was_dead && recognizer.is_some() {
            self.lock().dead -= 1;
        }
        let took = start.elapsed();
        let failure = match &result {
            Err(SpeechError::Model(why)) => Some(why.clone()),
            _ => None,
        };
        self.answered.fetch_add(1, Ordering::Relaxed);
        if queued > NOTICED {
            self.waited.fetch_add(1, Ordering::Relaxed);
        }
        let doubted = recognizer.as_ref().is_some_and(|r| r.doubted());
        job.answer(result, took, queued, doubted);
        let Some(why) = failure else {
            return recognizer;
        };
        // After the answer: the caller need not wait for the loading.
        tracing::warn!(why, "a recogniser failed and is replaced");
        self.rebuilt.fetch_add(1, Ordering::Relaxed);
        if recognizer.is_some() {
            self.lock().dead += 1;
        }
        drop(catch_unwind(AssertUnwindSafe(|| drop(recognizer))));
        self.rebuild()
    }

    /// A recogniser for a worker that has none; still none where that fails.
    fn rebuild(&self) -> Option<Box<dyn Recognizer>> {
        match self.build() {
            Ok(recognizer) => {
                self.lock().dead -= 1;
                Some(recognizer)
            }
            Err(error) => {
                tracing::error!(%error, "the recogniser cannot be replaced");
                None
            }
        }
    }
}

fn by_the_cores() -> usize {
    // Each runs on one thread, so two on two cores do not wait for each other, and calls of which
    // many end a turn in the same second wait half as long.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores / 2).max(2).min(cores)
}

pub(super) fn absent() -> SpeechError {
    let why =
        "this program was built without a recogniser\nhint: build it with the `speech` feature";
    SpeechError::Model(why.into())
}

/// Hears nothing: a program built without the `speech` feature, where every flow goes on by keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deaf;

impl Hearing for Deaf {
    fn recognize(&self, _: Request, done: Box<dyn FnOnce(Recognized) + Send>) -> Cancel {
        let result = Err(absent());
        done(Recognized {
            result,
            took: Duration::ZERO,
            queued: Duration::ZERO,
            doubted: false,
        });
        Cancel::default()
    }
}

#[cfg(test)]
mod tests;
