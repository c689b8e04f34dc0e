//! A call while its media socket is open: what its own task tells, and is told.

use super::{Calls, Outcome, Signal, State, close};
use crate::dialogue::Handover;
use crate::line::CallSession;
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

/// A call with an open socket. Dropped without [`LiveCall::end`] (a panic), it counts as broken.
pub struct LiveCall {
    calls: Arc<Calls>,
    call_id: String,
    done: bool,
    signals: UnboundedReceiver<Signal>,
}

impl LiveCall {
    pub(super) fn new(
        calls: Arc<Calls>,
        call_id: &str,
        signals: UnboundedReceiver<Signal>,
    ) -> Self {
        Self {
            calls,
            call_id: call_id.to_owned(),
            done: false,
            signals,
        }
    }

    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// A person is to take over: the carrier may ask why.
    pub fn hand_over(&self, why: &Handover) {
        if let Some(entry) = self.calls.lock().get_mut(&self.call_id)
            && let State::Live { handover, .. } = &mut entry.state
        {
            *handover = Some(Arc::new(why.clone()));
        }
    }

    /// News of earlier transfers do not count for the next.
    pub fn forget_news(&mut self) {
        while self.signals.try_recv().is_ok() {}
    }

    /// The next news of a transfer. May be dropped at any time without loss.
    pub async fn signal(&mut self) -> Signal {
        // The sender lives as long as the call's entry, and that as long as this.
        self.signals.recv().await.unwrap_or(Signal::Gone)
    }

    /// The socket is about to close. After a handover the session is kept for the caller's return, as it is
    /// when a person waits whom he has not reached yet, else its record is closed. `asks`: the carrier will ask how the call ended.
    pub fn end(mut self, outcome: Outcome, mut session: Box<dyn CallSession>, asks: bool) {
        self.done = true;
        let comes_back = outcome == Outcome::HandOver || outcome == Outcome::Joined && asks;
        let (kept, over) = if comes_back {
            session.set_aside();
            (Some(session), None)
        } else {
            (None, Some(session))
        };
        self.calls
            .end(&self.call_id, outcome, kept, asks, Instant::now());
        close(over);
    }
}

impl Drop for LiveCall {
    fn drop(&mut self) {
        if !self.done {
            self.calls
                .end(&self.call_id, Outcome::Broken, None, true, Instant::now());
        }
    }
}
