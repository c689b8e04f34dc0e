//! Two models for all calls: the first hears everything, the second what the first is unsure of.
//!
//! Decides when the second is asked, how long it is waited for and whose words come first. No thread
//! waits for it: while it computes, the first goes on hearing other calls. The call is answered when the
//! second is done or the budget is spent, whichever comes first, and a caller who goes on speaking
//! gives both up. A language that the first does not know is the second's alone. Which files are opened is hearing.rs.

use super::hearing_pool::{Done, HearingPool};
use super::wer::normalise;
use super::{Cancel, Hearing, Recognized, Request, SpeechError, Waits};
use crate::dialogue::Confidence;
use crate::dialogue::spoken::Language;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Whether a text lies outside what the business talks about.
pub type Strange = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// When the second model is asked, and how.
pub struct Rules {
    /// The first model is less sure than this.
    pub below: Confidence,
    /// Its words lie outside its domain.
    pub strange: Strange,
    /// Longest wait for the second model.
    pub budget: Duration,
    /// The second model's name, for the transcript.
    pub name: String,
}

/// Why the second model is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// The first found words and did not believe them.
    Guessed,
    /// It is not sure.
    Unsure,
    /// It is sure of words that do not belong here.
    Strange,
    /// It failed.
    Failed,
    /// It does not know the language.
    Foreign,
}

/// Longest wait for the second model where there is no first answer to fall back on: less than the
/// call waits before it takes its recogniser for dead.
const ALONE: Duration = Duration::from_millis(2500);

impl Rules {
    fn why(&self, first: &Recognized) -> Option<Why> {
        match &first.result {
            Ok(heard) => match heard.first() {
                Some(best) if best.confidence < self.below => Some(Why::Unsure),
                Some(best) if (self.strange)(&best.text) => Some(Why::Strange),
                Some(_) => None,
                None => first.doubted.then_some(Why::Guessed),
            },
            Err(SpeechError::Model(_)) => Some(Why::Failed),
            Err(SpeechError::Foreign(_)) => Some(Why::Foreign),
            // Nobody waits for it, or there is too much to do already.
            Err(SpeechError::Abandoned | SpeechError::Busy) => None,
        }
    }

    /// What both together say, the likelier first.
    fn combined(&self, why: Why, first: Recognized, second: Recognized) -> Recognized {
        let took = first.took + second.took;
        let mut theirs = second.result;
        for hypothesis in theirs.iter_mut().flatten() {
            hypothesis.model.clone_from(&self.name);
        }
        if why == Why::Foreign {
            // Also that nothing was said, or its failure: there is no other answer.
            return Recognized {
                result: theirs,
                took,
                ..second
            };
        }
        let mut theirs = theirs.unwrap_or_default();
        let Some(other) = theirs.first() else {
            return Recognized { took, ..first };
        };
        let mut ours = first.result.unwrap_or_default();
        let result = match ours.first_mut() {
            None => theirs,
            Some(best) if normalise(&best.text) == normalise(&other.text) => {
                best.confidence = either(best.confidence, other.confidence);
                ours
            }
            Some(best) if why == Why::Strange || other.confidence >= best.confidence => {
                theirs.extend(ours);
                theirs
            }
            Some(_) => {
                ours.extend(theirs);
                ours
            }
        };
        Recognized {
            result: Ok(result),
            took,
            doubted: false,
            ..first
        }
    }
}

/// Two models that are wrong for reasons of their own are both wrong this seldom.
fn either(a: Confidence, b: Confidence) -> Confidence {
    let wrong = |confidence: Confidence| 1000 - u32::from(confidence.min(1000));
    Confidence::try_from(1000 - wrong(a) * wrong(b) / 1000).unwrap_or(1000)
}

/// Both models. Dropping it gives up what runs; what waits is answered with the first one's words.
pub struct Cascade {
    /// Until it is dropped.
    first: Option<HearingPool>,
    shared: Arc<Shared>,
    clock: Option<JoinHandle<()>>,
}

struct Shared {
    second: HearingPool,
    rules: Rules,
    open: Mutex<Open>,
    wake: Condvar,
}

/// What the second model has been asked.
#[derive(Default)]
struct Open {
    waiting: BTreeMap<u64, Waiting>,
    next: u64,
    closed: bool,
}

/// A first answer that is held back for the second.
struct Waiting {
    first: Recognized,
    why: Why,
    until: Instant,
    cancel: Cancel,
    done: Done,
}

impl Cascade {
    /// Joins two pools.
    ///
    /// # Errors
    /// [`SpeechError::Model`] when no thread can be had.
    pub fn start(
        first: HearingPool,
        second: HearingPool,
        rules: Rules,
    ) -> Result<Self, SpeechError> {
        let shared = Arc::new(Shared {
            second,
            rules,
            open: Mutex::default(),
            wake: Condvar::new(),
        });
        let clock = std::thread::Builder::new()
            .name("hearing-clock".into())
            .spawn({
                let shared = Arc::clone(&shared);
                move || shared.keep_time()
            })
            .map_err(|e| {
                SpeechError::Model(format!("cannot start a thread for the recogniser: {e}"))
            })?;
        Ok(Self {
            first: Some(first),
            shared,
            clock: Some(clock),
        })
    }
}

impl Hearing for Cascade {
    fn recognize(&self, request: Request, done: Box<dyn FnOnce(Recognized) + Send>) -> Cancel {
        let cancel = Cancel::default();
        let (both, shared, again) = (cancel.clone(), Arc::clone(&self.shared), request.clone());
        let then = move |first: Recognized| match shared.rules.why(&first) {
            Some(why) if !both.is_cancelled() => shared.ask(why, first, again, both, done),
            _ => done(first),
        };
        match &self.first {
            Some(pool) => pool.recognize_until(cancel.clone(), request, Box::new(then)),
            None => unreachable!("only while it is dropped, when nobody can call this"),
        }
        cancel
    }

    fn hears(&self, language: Language) -> bool {
        let first = self.first.as_ref().is_some_and(|pool| pool.hears(language));
        first || self.shared.second.hears(language)
    }

    fn at_once(&self) -> usize {
        self.first.as_ref().map_or(1, Hearing::at_once)
    }

    fn waits(&self) -> Waits {
        self.first
            .as_ref()
            .map_or_else(Waits::default, Hearing::waits)
    }

    fn is_alive(&self) -> bool {
        self.first.as_ref().is_some_and(Hearing::is_alive)
    }
}

impl Drop for Cascade {
    fn drop(&mut self) {
        self.first = None;
        self.shared.lock().closed = true;
        self.shared.wake.notify_all();
        if let Some(clock) = self.clock.take() {
            // The last owner may be a `done` that runs on the clock: that one ends by itself.
            if clock.thread().id() != std::thread::current().id() && clock.join().is_err() {
                tracing::error!("the clock of the recognisers panicked");
            }
        }
    }
}

impl Shared {
    /// No code of others runs under the lock, so what a panic left behind is whole.
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(
        self: &Arc<Self>,
        why: Why,
        first: Recognized,
        request: Request,
        cancel: Cancel,
        done: Done,
    ) {
        let budget = match why {
            Why::Foreign => self.rules.budget.max(ALONE),
            _ => self.rules.budget,
        };
        let number = {
            let mut open = self.lock();
            open.next += 1;
            let number = open.next;
            let waiting = Waiting {
                first,
                why,
                until: Instant::now() + budget,
                cancel: cancel.clone(),
                done,
            };
            open.waiting.insert(number, waiting);
            number
        };
        self.wake.notify_all();
        let shared: Weak<Self> = Arc::downgrade(self);
        let then = move |second| {
            if let Some(shared) = shared.upgrade() {
                shared.heard(number, second);
            }
        };
        self.second.recognize_until(cancel, request, Box::new(then));
    }

    /// The second model's answer; too late, nobody waits for it.
    fn heard(&self, number: u64, second: Recognized) {
        let Some(waiting) = self.lock().waiting.remove(&number) else {
            return;
        };
        if waiting.cancel.is_cancelled() {
            (waiting.done)(Recognized {
                result: Err(SpeechError::Abandoned),
                ..waiting.first
            });
            return;
        }
        if let Err(error) = &second.result {
            tracing::warn!(model = self.rules.name, %error, "the second model gave no answer");
        }
        let why = waiting.why;
        let both = self.rules.combined(why, waiting.first, second);
        tracing::debug!(model = self.rules.name, ?why, took = ?both.took, "heard again");
        (waiting.done)(both);
    }

    /// The clock's life: first answers go out when the budget of the second is spent.
    fn keep_time(&self) {
        let mut open = self.lock();
        loop {
            let now = Instant::now();
            let all = open.closed;
            let due = |waiting: &Waiting| all || waiting.until <= now;
            let late = open.waiting.extract_if(.., |_, waiting| due(waiting));
            let late: Vec<Waiting> = late.map(|(_, waiting)| waiting).collect();
            if !late.is_empty() {
                drop(open);
                late.into_iter().for_each(Waiting::give_up);
                open = self.lock();
                continue;
            }
            if all {
                return;
            }
            let until = open.waiting.values().map(|waiting| waiting.until).min();
            let wait = until.map_or(Duration::MAX, |until| until.saturating_duration_since(now));
            open = self
                .wake
                .wait_timeout(open, wait)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

impl Waiting {
    fn give_up(self) {
        tracing::debug!(why = ?self.why, "the second model takes too long");
        self.cancel.cancel();
        let (done, first) = (self.done, self.first);
        if catch_unwind(AssertUnwindSafe(|| done(first))).is_err() {
            tracing::error!("the receiver of a recognition panicked");
        }
    }
}

#[cfg(test)]
mod tests;
