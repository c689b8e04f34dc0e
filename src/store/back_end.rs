//! A store that nobody has to wait for: a few threads and a short queue.
//!
//! Decides that a full queue fails at once: a caller who hears "something is wrong" after a second is
//! better off than one who hears nothing for five.

use super::{Request, Store};
use crate::dialogue::LookupResult;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Requests at the same time: SQL takes its turn anyway, but a slow machine elsewhere must not hold
/// up everybody.
const THREADS: usize = 2;
/// Requests waiting.
const QUEUE: usize = 32;

type Reply = Box<dyn FnOnce(LookupResult) + Send>;
type Job = (Request, Reply);

/// Asks a store without blocking. Dropping it answers what is queued and ends the threads.
pub struct BackEnd {
    store: Arc<Store>,
    sender: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
    pace: Option<Pace>,
}

/// How long an operation of this name takes.
type Pace = Box<dyn Fn(&str) -> Duration + Send + Sync>;

impl BackEnd {
    /// Starts the threads.
    pub fn new(store: Arc<Store>) -> Self {
        let work = Arc::clone(&store);
        Self::over(store, QUEUE, move |request| work.ask(request))
    }

    /// Over anything that answers in the store's place: a recording.
    pub fn answering(
        store: Arc<Store>,
        answer: impl Fn(&Request) -> LookupResult + Send + Sync + 'static,
    ) -> Self {
        Self::over(store, QUEUE, answer)
    }

    fn over(
        store: Arc<Store>,
        queue: usize,
        answer: impl Fn(&Request) -> LookupResult + Send + Sync + 'static,
    ) -> Self {
        let (sender, receiver) = sync_channel::<Job>(queue);
        let shared = Arc::new((Mutex::new(receiver), answer));
        let spawn = |number| {
            let shared = Arc::clone(&shared);
            let work = move || serve(&shared.0, &shared.1);
            std::thread::Builder::new()
                .name(format!("back end {number}"))
                .spawn(work)
        };
        let threads: Vec<_> = (0..THREADS)
            .filter_map(|number| spawn(number).ok())
            .collect();
        if threads.is_empty() {
            tracing::error!("no thread for the back end: every request will fail");
        }
        Self {
            store,
            // Without threads the receiver is gone with `shared`: every request fails at once.
            sender: Some(sender),
            threads,
            pace: None,
        }
    }

    /// On a virtual clock answers count as having taken so long. Elsewhere they take what they take.
    #[must_use]
    pub fn paced(mut self, pace: impl Fn(&str) -> Duration + Send + Sync + 'static) -> Self {
        self.pace = Some(Box::new(pace));
        self
    }

    /// How long the answer to `operation` counts as having taken, where the clock is virtual.
    pub fn takes(&self, operation: &str) -> Duration {
        self.pace
            .as_ref()
            .map_or(Duration::ZERO, |pace| pace(operation))
    }

    /// The store itself, for whoever may wait.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Asks; `reply` gets the answer on a thread of the pool, or at once where the queue is full.
    pub fn ask(&self, request: Request, reply: impl FnOnce(LookupResult) + Send + 'static) {
        let job: Job = (request, Box::new(reply));
        let Some(sender) = &self.sender else { return };
        let Err(TrySendError::Full(refused) | TrySendError::Disconnected(refused)) =
            sender.try_send(job)
        else {
            return;
        };
        tracing::warn!(call = %refused.0.call, operation = %refused.0.name, "the back end is overloaded");
        (refused.1)(LookupResult::Failed);
    }
}

impl Drop for BackEnd {
    fn drop(&mut self) {
        self.sender = None;
        for thread in self.threads.drain(..) {
            // A panic was told already.
            drop(thread.join());
        }
    }
}

fn serve(jobs: &Mutex<Receiver<Job>>, answer: &impl Fn(&Request) -> LookupResult) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((request, reply)) = job else {
            return;
        };
        let result = catch_unwind(AssertUnwindSafe(|| answer(&request))).unwrap_or_else(|_| {
            tracing::error!(call = %request.call, operation = %request.name, "the back end panicked");
            LookupResult::Failed
        });
        // A caller that has gone is no reason to end this thread.
        drop(catch_unwind(AssertUnwindSafe(|| reply(result))));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{request, shop};
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn answers_come_on_another_thread() {
        let back_end = BackEnd::from(shop());
        let (sender, receiver) = channel();
        back_end.ask(request(1, "order", &[("order", "456712")]), move |result| {
            drop(sender.send((result, std::thread::current().id())));
        });
        let (result, thread) = receiver.recv().unwrap();
        assert!(matches!(result, LookupResult::Rows(rows) if rows.len() == 1));
        assert_ne!(thread, std::thread::current().id());
    }

    #[test]
    fn a_full_queue_fails_at_once_and_a_panic_fails_alone() {
        let (begun, at_work) = channel();
        let (release, gate) = channel::<()>();
        let gate = Mutex::new(gate);
        let answer = move |request: &Request| {
            if request.name == "panic" {
                panic!("on purpose");
            }
            let _ = begun.send(());
            let _ = gate.lock().map(|gate| gate.recv());
            LookupResult::Rows(Vec::new())
        };
        let back_end = BackEnd::over(Arc::new(shop()), 1, answer);
        let (sender, answers) = channel();
        let ask = |name: &str| {
            let sender = sender.clone();
            back_end.ask(request(1, name, &[]), move |result| {
                drop(sender.send(result))
            });
        };
        ask("panic");
        assert_eq!(answers.recv().unwrap(), LookupResult::Failed);
        // Both threads at work, then one that waits, then one too many.
        ask("a");
        at_work.recv().unwrap();
        ask("b");
        at_work.recv().unwrap();
        ask("c");
        ask("d");
        assert_eq!(answers.recv().unwrap(), LookupResult::Failed);
        (0..3).for_each(|_| release.send(()).unwrap());
        let rest: Vec<_> = (0..3).map(|_| answers.recv().unwrap()).collect();
        assert!(
            rest.iter()
                .all(|result| *result == LookupResult::Rows(Vec::new()))
        );
        drop(back_end);
    }
}
