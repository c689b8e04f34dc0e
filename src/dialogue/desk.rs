//! When nobody is there who could take the call: the caller is offered a callback, a message, or to go on
//! without a person; the tasks for it are in `domains/common/tasks.toml`. Decides when people are taken
//! to be there, and that no way of this leads in circles or into silence.

use super::ending::last_words;
use super::flow::Next;
use super::hours::{Hours, State};
use super::reply::{Disposition, Reason, Reply, Sentence, Then};
use super::state::{Dialogue, Done, Waiting};
use std::sync::Arc;

/// The task that offers it.
const OFFER: &str = "desk_offer";
/// After so many returns of the call, trying again is no longer offered.
pub(super) const TRIES: u8 = 2;

impl Dialogue {
    /// Whether people take calls at this hour, as far as is known.
    pub(super) fn is_staffed(&self) -> bool {
        let staffed = &self.domain.staffed;
        let never = staffed.week.iter().all(Option::is_none);
        // Without any hours, nothing is known.
        (never && *staffed == Hours::default())
            || matches!(staffed.at(self.context.now), State::Open { .. })
    }

    /// Whether a person can be tried for this reason: danger and fraud are told whatever the hour.
    pub(super) fn may_pass_on(&self, reason: Reason) -> bool {
        matches!(reason, Reason::Emergency | Reason::Fraud) || self.is_staffed()
    }

    /// Says that a person is next, where one is.
    pub(super) fn announce(&mut self, out: &mut Vec<Sentence>, prompt: &str, reason: Reason) {
        if self.may_pass_on(reason) && !self.is_at_desk() {
            self.say(out, prompt, &[]);
        }
    }

    /// Is the caller being offered a way without a person?
    pub(super) fn is_at_desk(&self) -> bool {
        self.task()
            .is_some_and(|task| task.shared && task.name.starts_with("desk_"))
    }

    fn may_try(&self) -> bool {
        self.is_staffed() && self.returned < TRIES
    }

    /// Nobody is there for this: what can be done instead is offered.
    pub(super) fn offer_desk(&mut self, out: Vec<Sentence>, reason: Reason) -> Reply {
        let domain = Arc::clone(&self.domain);
        let Some((task, _)) = domain.task(OFFER) else {
            return self.nobody(out);
        };
        self.met(format!("desk:{}", reason.name()));
        self.because(format!("nobody is there: {}", reason.name()));
        let told = self.tell_person(reason);
        self.wanted = reason;
        self.progress();
        self.push(task, Vec::new());
        let (may_try, staffed) = (self.may_try(), self.is_staffed());
        if let Some(frame) = self.stack.last_mut() {
            let values = [
                ("may_try", may_try.into()),
                ("staffed", staffed.into()),
                ("desk_reason", reason.name().into()),
                ("desk_about", told.summary.into()),
            ];
            for (name, value) in values {
                frame.values.insert(name.into(), value);
            }
        }
        self.run(out)
    }

    /// A person is wanted while it is offered what to do without one: they are tried where that may
    /// help; else what is asked is asked again, and at last the call ends with when to call.
    pub(super) fn person_at_desk(&mut self, out: Vec<Sentence>, reason: Reason) -> Reply {
        if self.is_settled() {
            // It is kept already: only the talk about it failed.
            let mut out = out;
            self.leave_desk();
            self.say(&mut out, "desk_kept", &[]);
            return self.anything_else(out);
        }
        if matches!(
            reason,
            Reason::ThirdFailure | Reason::Fault | Reason::Overload
        ) {
            return self.nobody(Vec::new());
        }
        if self.may_try() {
            self.leave_desk();
            let mut out = Vec::new();
            self.say(&mut out, "person", &[]);
            return self.pass_on(out, self.wanted);
        }
        self.on_failure("still_nobody")
    }

    /// Takes the offer off the stack.
    pub(super) fn leave_desk(&mut self) {
        while self.is_at_desk() {
            self.stack.pop();
        }
    }

    /// Something was written down for people: what was being done before waits for them.
    pub(super) fn is_settled(&self) -> bool {
        let frame = self.stack.last();
        self.is_at_desk()
            && frame.is_some_and(|frame| frame.done.values().any(|done| *done == Done::Acted))
    }

    /// A task of the desk is done: with something written down, what led here is settled too.
    pub(super) fn desk_done(&mut self, acted: bool) {
        if acted {
            self.stack.clear();
            self.queue.clear();
        }
    }

    /// "Try again": the caller is passed on for what it was about.
    pub(super) fn try_again(&mut self, out: Vec<Sentence>) -> Next {
        self.leave_desk();
        Next::Reply(self.pass_on(out, self.wanted))
    }

    /// The back end fails in the middle of it: how many wait need not be known; but what cannot be
    /// written down is not promised. Then people are tried once more, or the call ends with when to call.
    pub(super) fn desk_fault(&mut self, waiting: Waiting) -> Reply {
        if let Waiting::Step(at) = waiting
            && self.task().is_some_and(|task| task.name == OFFER)
        {
            let arguments = self.lookup.arguments.clone();
            if let Some(frame) = self.stack.last_mut() {
                frame.done.insert(at, Done::Looked(arguments));
                frame.values.insert("queue".into(), serde_json::Value::Null);
            }
            return self.run(Vec::new());
        }
        let mut out = Vec::new();
        self.say(&mut out, "fault", &[]);
        if self.may_try() {
            self.leave_desk();
            self.say(&mut out, "person", &[]);
            // So that the next failure ends it.
            self.returned = self.returned.max(TRIES - 1);
            return self.pass_on(out, Reason::Fault);
        }
        self.nobody(out)
    }

    /// Nothing helps: an apology, when people are there, and goodbye.
    pub(super) fn nobody(&mut self, mut out: Vec<Sentence>) -> Reply {
        if !self.is_staffed() {
            self.say_hours(&mut out);
        }
        self.say(&mut out, "nobody", &[]);
        self.end(last_words(out, Then::HangUp(Disposition::Failed)))
    }
}
