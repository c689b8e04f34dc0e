//! Hearing for all calls: a bounded queue in front of recognisers, each on a thread of its own.
//!
//! Decides who waits, who is refused and what happens when a recogniser dies. What is heard is the
//! recogniser's affair. Every request is answered exactly once, also when it is refused, given up
//! or dropped with the pool.

use super::{Cancel, Hearing, Recognized, Recognizer, Request, SpeechError};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A request that waited longer is refused: its caller has long been told to repeat.
const LONGEST_WAIT: Duration = Duration::from_secs(3);

type Make = dyn Fn() -> Result<Box<dyn Recognizer>, SpeechError> + Send + Sync;
type Done = Box<dyn FnOnce(Recognized) + Send>;

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
    rebuilt: AtomicU64,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Job>,
    /// What the workers are at: given up when the pool closes.
    running: Vec<Cancel>,
    closed: bool,
}

/// A request and its answer, which is sent when this is dropped at the latest.
struct Job {
    request: Request,
    cancel: Cancel,
    since: Instant,
    done: Option<Done>,
}

impl Job {
    fn answer(
        mut self,
        result: Result<Vec<super::Hypothesis>, SpeechError>,
        took: Duration,
        queued: Duration,
    ) {
        self.send(Recognized {
            result,
            took,
            queued,
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
        });
    }
}

impl HearingPool {
    /// Starts `workers` threads (0: half of the cores, at least 1), each with a recogniser from `make`
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
            half_the_cores()
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
            rebuilt: AtomicU64::new(0),
        });
        // Dropped on every error below: it closes the queue and joins the threads.
        let mut pool = Self {
            shared,
            workers: Vec::new(),
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

    /// Number of recognisers.
    pub fn workers(&self) -> usize {
        self.workers.len()
    }
}

impl Hearing for HearingPool {
    fn recognize(&self, request: Request, done: Box<dyn FnOnce(Recognized) + Send>) -> Cancel {
        let cancel = Cancel::default();
        let job = Job {
            request,
            cancel: cancel.clone(),
            since: Instant::now(),
            done: Some(done),
        };
        let put = self.shared.lock().put(job, self.shared.limit);
        // Answered outside the lock: `done` may well ask for the next recognition.
        drop(put.abandoned);
        match put.refused {
            Some(job) => self.shared.refuse(job),
            None => self.shared.wake.notify_one(),
        }
        cancel
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
        self.running.iter().for_each(Cancel::cancel);
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
        job.answer(Err(SpeechError::Busy), Duration::ZERO, queued);
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
        while let Some(job) = self.next() {
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
                .retain(|c| !std::ptr::eq(c.flag(), running.flag()));
        }
    }

    /// Waits for a job; none when the pool closes.
    fn next(&self) -> Option<Job> {
        let mut queue = self.lock();
        loop {
            if queue.closed {
                return None;
            }
            if let Some(job) = queue.waiting.pop_front() {
                queue.running.push(job.cancel.clone());
                return Some(job);
            }
            queue = self
                .wake
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
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
        let took = start.elapsed();
        let failure = match &result {
            Err(SpeechError::Model(why)) => Some(why.clone()),
            _ => None,
        };
        self.answered.fetch_add(1, Ordering::Relaxed);
        job.answer(result, took, queued);
        let Some(why) = failure else {
            return recognizer;
        };
        // After the answer: the caller need not wait for the loading.
        tracing::warn!(why, "a recogniser failed and is replaced");
        self.rebuilt.fetch_add(1, Ordering::Relaxed);
        drop(catch_unwind(AssertUnwindSafe(|| drop(recognizer))));
        self.build()
            .inspect_err(|error| tracing::error!(%error, "the recogniser cannot be replaced"))
            .ok()
    }
}

fn half_the_cores() -> usize {
    // Never all of them: whisper.cpp's threads wait for each other by spinning.
    (std::thread::available_parallelism().map_or(1, usize::from) / 2).max(1)
}

/// Whisper as the settings want it: the bundled model or a file, one state per worker.
///
/// # Errors
/// [`SpeechError::Model`] when the model cannot be loaded.
#[cfg(feature = "speech")]
pub fn whisper_pool(config: &crate::config::Recognizer) -> Result<HearingPool, SpeechError> {
    use super::whisper::{WhisperModel, WhisperRecognizer};
    let model = match &config.model {
        Some(path) => WhisperModel::open(path)?,
        None => WhisperModel::bundled()?,
    };
    let make = move || Ok(Box::new(WhisperRecognizer::new(&model, 1)?) as Box<dyn Recognizer>);
    HearingPool::start(make, config.workers, config.queue)
}

/// Whisper is not in this program.
///
/// # Errors
/// Always [`SpeechError::Model`].
#[cfg(not(feature = "speech"))]
pub fn whisper_pool(_: &crate::config::Recognizer) -> Result<HearingPool, SpeechError> {
    Err(absent())
}

fn absent() -> SpeechError {
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
        });
        Cancel::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::scripted::{Scripted, sure};

    /// Answers with its request's first sample; panics at -1, fails at -2, and at -3 waits for the cancel.
    fn pool(workers: usize, queue: usize, longest_wait: Duration) -> HearingPool {
        let make = || {
            let script = |request: &Request| match request.samples.first() {
                Some(-1) => panic!("asked to"),
                Some(-2) => Err(SpeechError::Model("asked to".into())),
                first => Ok(vec![sure(&format!("{first:?}"))]),
            };
            Ok(Box::new(WaitsForCancel(Scripted::new(script))) as Box<dyn Recognizer>)
        };
        HearingPool::start_patient(make, workers, queue, longest_wait).unwrap()
    }

    struct WaitsForCancel(Scripted);

    impl Recognizer for WaitsForCancel {
        fn recognize(
            &mut self,
            request: &Request,
            cancel: &Cancel,
        ) -> Result<Vec<crate::dialogue::Hypothesis>, SpeechError> {
            if request.samples.first() == Some(&-3) {
                while !cancel.is_cancelled() {
                    std::thread::yield_now();
                }
                return Err(SpeechError::Abandoned);
            }
            self.0.recognize(request, cancel)
        }
    }

    fn ask(pool: &HearingPool, sample: i16) -> (Cancel, mpsc::Receiver<Recognized>) {
        let (done, answer) = mpsc::channel();
        let request = Request {
            samples: vec![sample],
            bias: String::new(),
        };
        (
            pool.recognize(request, Box::new(move |r| done.send(r).unwrap())),
            answer,
        )
    }

    const PATIENT: Duration = Duration::from_secs(600);

    #[test]
    fn every_request_is_answered_with_its_own_words() {
        let pool = pool(3, 64, PATIENT);
        let answers: Vec<_> = (0..50).map(|n| (n, ask(&pool, n).1)).collect();
        for (n, answer) in answers {
            assert_eq!(
                answer.recv().unwrap().result.unwrap()[0].text,
                format!("Some({n})")
            );
            assert!(answer.recv().is_err(), "answered once");
        }
        assert_eq!(
            pool.counts(),
            Counts {
                answered: 50,
                refused: 0,
                rebuilt: 0
            }
        );
    }

    #[test]
    fn a_recogniser_that_panics_or_fails_is_replaced() {
        let pool = pool(1, 8, PATIENT);
        for sample in [-1, -2] {
            assert!(matches!(
                ask(&pool, sample).1.recv().unwrap().result,
                Err(SpeechError::Model(_))
            ));
        }
        assert!(ask(&pool, 7).1.recv().unwrap().result.is_ok());
        assert_eq!(pool.counts().rebuilt, 2);
    }

    #[test]
    fn a_full_queue_refuses_at_once_and_abandoned_requests_make_room() {
        let pool = pool(1, 1, PATIENT);
        let (blocker, blocked) = ask(&pool, -3);
        // Until the worker has taken the blocker, the queue holds it.
        while pool.shared.lock().running.is_empty() {
            std::thread::yield_now();
        }
        let (waiting, waited) = ask(&pool, 1);
        assert!(matches!(
            ask(&pool, 2).1.recv().unwrap().result,
            Err(SpeechError::Busy)
        ));
        waiting.cancel();
        let (_, third) = ask(&pool, 3);
        assert!(matches!(
            waited.recv().unwrap().result,
            Err(SpeechError::Abandoned)
        ));
        blocker.cancel();
        assert!(matches!(
            blocked.recv().unwrap().result,
            Err(SpeechError::Abandoned)
        ));
        assert!(third.recv().unwrap().result.is_ok());
        assert_eq!(pool.counts().refused, 1);
    }

    #[test]
    fn a_request_that_waited_too_long_is_refused() {
        let pool = pool(1, 8, Duration::ZERO);
        assert!(matches!(
            ask(&pool, 1).1.recv().unwrap().result,
            Err(SpeechError::Busy)
        ));
    }

    #[test]
    fn closing_gives_up_what_runs_and_answers_what_waits() {
        let pool = pool(1, 8, PATIENT);
        let answers = [ask(&pool, -3).1, ask(&pool, 1).1];
        drop(pool);
        for answer in answers {
            assert!(matches!(
                answer.recv().unwrap().result,
                Err(SpeechError::Abandoned)
            ));
        }
    }

    #[test]
    fn a_recogniser_that_does_not_load_is_an_error_at_the_start() {
        let make = || {
            Err(SpeechError::Model(
                "no such file
hint: copy it"
                    .into(),
            ))
        };
        let error = HearingPool::start(make, 2, 8).err().unwrap();
        assert!(error.to_string().contains("hint: copy it"), "{error}");
    }

    #[test]
    fn without_a_recogniser_the_answer_says_so() {
        let (done, answer) = mpsc::channel();
        Deaf.recognize(Request::default(), Box::new(move |r| done.send(r).unwrap()));
        assert!(
            answer
                .recv()
                .unwrap()
                .result
                .unwrap_err()
                .to_string()
                .contains("hint:")
        );
    }
}
