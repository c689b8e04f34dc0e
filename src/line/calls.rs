//! The calls that a server knows, by the provider's name for them: who may open a media socket (one
//! token, once, for one call), how many there are, how each ended, and the sessions that wait while a
//! person's telephone rings. Time comes in as an argument.

use super::CallSession;
use super::e164::E164;
use crate::dialogue::Handover;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use subtle::ConstantTimeEq as _;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::Instant;

mod live;

pub use live::LiveCall;

/// Time that a carrier has to open the socket.
const INVITED_FOR: Duration = Duration::from_secs(60);
/// Time that an ended call's outcome, and a handed-over call's session, is kept: Twilio ends a call
/// after four hours.
const KEPT_FOR: Duration = Duration::from_secs(4 * 3600);
/// Ended calls kept, as a multiple of the calls at the same time.
const KEPT_PER_CALL: usize = 16;

/// A one-time secret that binds a media socket to its call. 256 random bits.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    fn new() -> Self {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the system has a source of randomness");
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

/// What the carrier is told when the stream has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The bot said goodbye, or the caller is gone.
    HangUp,
    /// A person takes over.
    HandOver,
    /// A person has taken over already and waits for the caller (a warm transfer).
    Joined,
    /// The stream ended without either's will: the caller may still be there.
    Broken,
}

/// How a transfer goes that was ordered while the media socket stays open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// A person has taken the call.
    Taken,
    /// Nobody took it: the caller is back.
    Back,
    /// The caller is gone.
    Gone,
    /// The media socket broke, and it is not known how the transfer goes.
    Lost,
}

/// Why a call gets no socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("as many calls as allowed are running")]
    Full,
    #[error("there is too much to do for another call")]
    Busy,
    #[error("the call has a socket already")]
    Live,
}

/// What a socket gets that proved to belong to an invited call.
pub struct Claim {
    /// The caller's number, from the signed webhook.
    pub caller: Option<E164>,
    /// The call's session where it comes back from a failed transfer.
    pub session: Option<Box<dyn CallSession>>,
    /// Ends the call's entry, also when it is dropped.
    pub live: LiveCall,
}

/// The calls of a server.
pub struct Calls {
    max_calls: usize,
    /// Calls that the machine bears, see [`super::strain`].
    room: AtomicUsize,
    entries: Mutex<BTreeMap<String, Entry>>,
}

struct Entry {
    caller: Option<E164>,
    /// Our own number, which was dialled.
    called: Option<E164>,
    state: State,
}

enum State {
    Invited {
        token: Token,
        until: Instant,
        session: Option<Box<dyn CallSession>>,
    },
    Live {
        signals: UnboundedSender<Signal>,
        /// Why a person is to take over, once that is so.
        handover: Option<Arc<Handover>>,
    },
    Ended {
        outcome: Outcome,
        at: Instant,
        asked: bool,
        session: Option<Box<dyn CallSession>>,
        handover: Option<Arc<Handover>>,
        /// The person who was called has said that he takes it.
        accepted: bool,
    },
}

impl State {
    fn take_session(self) -> Option<Box<dyn CallSession>> {
        match self {
            Self::Invited { session, .. } | Self::Ended { session, .. } => session,
            Self::Live { .. } => None,
        }
    }
}

impl Calls {
    pub fn new(max_calls: usize) -> Arc<Self> {
        Arc::new(Self {
            max_calls,
            room: AtomicUsize::new(max_calls),
            entries: Mutex::default(),
        })
    }

    /// From now on a new call is taken only while there are fewer than `room`.
    pub fn limit_to(&self, room: usize) {
        self.room.store(room, Ordering::Relaxed);
    }

    /// There is so much to do that no new call is taken.
    pub fn is_strained(&self) -> bool {
        self.room.load(Ordering::Relaxed) == 0
    }

    /// Lets one socket open for this call. One that was handed over keeps its session and needs no new room.
    ///
    /// # Errors
    /// When the house is full, has too much to do, or the call has its socket already.
    pub fn invite(
        &self,
        call_id: &str,
        caller: Option<E164>,
        now: Instant,
    ) -> Result<Token, Refused> {
        self.sweep(now);
        let mut entries = self.lock();
        let others = |(id, entry): &(&String, &Entry)| entry.is_busy() && *id != call_id;
        let busy = entries.iter().filter(others).count();
        let known = entries.get(call_id);
        if known.is_some_and(Entry::is_live) {
            return Err(Refused::Live);
        }
        if busy >= self.max_calls {
            return Err(Refused::Full);
        }
        if known.is_none() && busy >= self.room.load(Ordering::Relaxed) {
            return Err(Refused::Busy);
        }
        let token = Token::new();
        let known = entries.remove(call_id);
        let (known_caller, called, session) = known.map_or((None, None, None), |entry| {
            (entry.caller, entry.called, entry.state.take_session())
        });
        let state = State::Invited {
            token: token.clone(),
            until: now + INVITED_FOR,
            session,
        };
        entries.insert(
            call_id.to_owned(),
            Entry {
                caller: caller.or(known_caller),
                called,
                state,
            },
        );
        Ok(token)
    }

    /// The token of a call that is invited, for a line on which the call's name is the secret.
    pub fn invitation(&self, call_id: &str) -> Option<Token> {
        match &self.lock().get(call_id)?.state {
            State::Invited { token, .. } => Some(token.clone()),
            _ => None,
        }
    }

    /// Takes the invitation: the token works once, in its time, for its call.
    pub fn claim(self: &Arc<Self>, call_id: &str, token: &str, now: Instant) -> Option<Claim> {
        let mut entries = self.lock();
        let entry = entries.get_mut(call_id)?;
        let State::Invited {
            token: expected,
            until,
            session,
        } = &mut entry.state
        else {
            return None;
        };
        if !expected.is(token) || *until < now {
            return None;
        }
        let session = session.take();
        Some(self.enliven(call_id, entry, session))
    }

    /// Takes a call that comes without an invitation: its socket has proved who it is. A call that was
    /// handed over and comes back finds its session.
    ///
    /// # Errors
    /// When the house is full or the call has its socket already.
    pub fn admit(
        self: &Arc<Self>,
        call_id: &str,
        caller: Option<E164>,
        now: Instant,
    ) -> Result<Claim, Refused> {
        let token = self.invite(call_id, caller, now)?;
        self.claim(call_id, token.as_str(), now)
            .ok_or(Refused::Live)
    }

    fn enliven(
        self: &Arc<Self>,
        call_id: &str,
        entry: &mut Entry,
        session: Option<Box<dyn CallSession>>,
    ) -> Claim {
        let (sender, signals) = unbounded_channel();
        entry.state = State::Live {
            signals: sender,
            handover: None,
        };
        Claim {
            caller: entry.caller.clone(),
            session,
            live: LiveCall::new(Arc::clone(self), call_id, signals),
        }
    }

    /// Tells a call with an open socket how its transfer goes; false where there is no such call.
    pub fn signal(&self, call_id: &str, signal: Signal) -> bool {
        match self.lock().get(call_id).map(|entry| &entry.state) {
            Some(State::Live { signals, .. }) => signals.send(signal).is_ok(),
            _ => false,
        }
    }

    /// Why the call is to go to a person, where it is.
    pub fn handover(&self, call_id: &str) -> Option<Arc<Handover>> {
        match &self.lock().get(call_id)?.state {
            State::Live { handover, .. } | State::Ended { handover, .. } => handover.clone(),
            State::Invited { .. } => None,
        }
    }

    /// The person who was called takes the call; false where no call waits for one.
    pub fn accept(&self, call_id: &str) -> bool {
        match self.lock().get_mut(call_id).map(|entry| &mut entry.state) {
            Some(State::Ended { accepted, .. }) => {
                *accepted = true;
                true
            }
            _ => false,
        }
    }

    /// Whether the person who was called has said that he takes the call.
    pub fn is_accepted(&self, call_id: &str) -> bool {
        let entries = self.lock();
        let state = entries.get(call_id).map(|entry| &entry.state);
        matches!(state, Some(State::Ended { accepted: true, .. }))
    }

    /// The caller's number, where it is known.
    pub fn caller(&self, call_id: &str) -> Option<E164> {
        self.lock().get(call_id)?.caller.clone()
    }

    /// Our own number, which the caller dialled, where the line told it.
    pub fn called(&self, call_id: &str) -> Option<E164> {
        self.lock().get(call_id)?.called.clone()
    }

    /// Notes our own number: whom we call for this caller sees it.
    pub fn note_called(&self, call_id: &str, number: Option<E164>) {
        if let (Some(entry), Some(number)) = (self.lock().get_mut(call_id), number) {
            entry.called = Some(number);
        }
    }

    /// Notes that a call goes to a person without having been answered.
    pub fn turn_away(&self, call_id: &str, handover: Handover, now: Instant) {
        let entry = Entry {
            caller: None,
            called: None,
            state: State::Ended {
                outcome: Outcome::HandOver,
                at: now,
                asked: false,
                session: None,
                handover: Some(Arc::new(handover)),
                accepted: false,
            },
        };
        self.lock().entry(call_id.to_owned()).or_insert(entry);
    }

    /// How the call ended, for the carrier's question; none where the call is not known.
    pub fn outcome(&self, call_id: &str) -> Option<Outcome> {
        match &mut self.lock().get_mut(call_id)?.state {
            State::Ended { outcome, asked, .. } => {
                *asked = true;
                Some(*outcome)
            }
            // The carrier asks, so its side of the stream is gone or never came to be.
            State::Live { .. } | State::Invited { .. } => Some(Outcome::Broken),
        }
    }

    /// The call is over for good: forgets it and closes its session's record.
    pub fn forget(&self, call_id: &str) {
        let mut entries = self.lock();
        // A live call is forgotten by its own task.
        if entries.get(call_id).is_some_and(Entry::is_live) {
            return;
        }
        let known = entries.remove(call_id);
        drop(entries);
        close(known.and_then(|entry| entry.state.take_session()));
    }

    /// Forgets what is too old, and closes the records of calls that did not come back.
    pub fn sweep(&self, now: Instant) {
        let mut entries = self.lock();
        let mut old: Vec<String> = entries
            .iter()
            .filter(|(_, e)| e.is_over(now))
            .map(|(id, _)| id.clone())
            .collect();
        let mut ended: Vec<(Instant, &String)> = entries
            .iter()
            .filter_map(|(id, entry)| match entry.state {
                State::Ended { at, .. } => Some((at, id)),
                _ => None,
            })
            .collect();
        let surplus = ended
            .len()
            .saturating_sub((self.max_calls * KEPT_PER_CALL).max(KEPT_PER_CALL));
        if surplus > 0 {
            ended.sort();
            old.extend(ended.into_iter().take(surplus).map(|(_, id)| id.clone()));
        }
        let sessions: Vec<_> = old
            .iter()
            .filter_map(|id| entries.remove(id)?.state.take_session())
            .collect();
        drop(entries);
        sessions
            .into_iter()
            .for_each(|session| close(Some(session)));
    }

    /// Calls that run or are about to.
    pub fn busy(&self) -> usize {
        self.lock().values().filter(|entry| entry.is_busy()).count()
    }

    /// Calls with an open socket.
    pub fn live(&self) -> usize {
        self.lock().values().filter(|entry| entry.is_live()).count()
    }

    /// Calls whose carrier has not asked yet how they ended.
    pub fn unasked(&self) -> usize {
        let unasked = |entry: &&Entry| matches!(entry.state, State::Ended { asked: false, .. });
        self.lock().values().filter(unasked).count()
    }

    fn end(
        &self,
        call_id: &str,
        outcome: Outcome,
        session: Option<Box<dyn CallSession>>,
        asks: bool,
        now: Instant,
    ) {
        if let Some(entry) = self.lock().get_mut(call_id) {
            let handover = match &mut entry.state {
                State::Live { handover, .. } => handover.take(),
                _ => None,
            };
            entry.state = State::Ended {
                outcome,
                at: now,
                asked: !asks,
                session,
                handover,
                accepted: false,
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        // Nothing panics between two writes that belong together.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn is_live(&self) -> bool {
        matches!(self.state, State::Live { .. })
    }

    fn is_busy(&self) -> bool {
        matches!(self.state, State::Invited { .. } | State::Live { .. })
    }

    fn is_over(&self, now: Instant) -> bool {
        match self.state {
            State::Invited { until, .. } => until < now,
            State::Live { .. } => false,
            State::Ended { at, .. } => at + KEPT_FOR < now,
        }
    }
}

fn close(session: Option<Box<dyn CallSession>>) {
    if let Some(mut session) = session {
        session.hung_up();
    }
}

#[cfg(test)]
mod tests;
