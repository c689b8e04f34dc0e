//! The warm transfer: a person is called on a leg of his own while the caller stays with the bot. Decides what
//! each piece of news of that leg means; what is ordered and answered then is the carrier's own wording.
//!
//! The order of things: the telephone rings, the person hears the story, presses 1, goes to a room (a
//! conference) of the carrier; only when he is there the bot lets go of the caller, who follows. So nobody
//! waits for somebody who is not there, whatever fails in between.

use super::calls::{Calls, Signal};
use super::carrier::{Carrier, Leaving};
use super::provider::Provider;
use super::server::{ServeError, Shared};
use crate::config::{Config, HumanTransfer};
use crate::dialogue::Handover;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How long a person's telephone rings, in s.
pub const RING_S: u32 = 25;
/// Time to press a key after the story, in s; it is told twice.
pub const KEY_S: u32 = 8;
/// Longest time from the order to an answer of any kind; then the caller goes on with the bot.
pub const LONGEST: Duration = Duration::from_secs(90);
/// Time that a carrier has to take an order.
const ORDER_TIMEOUT: Duration = Duration::from_secs(10);
/// Time that a caller has to follow the person.
const FOLLOWS_WITHIN: Duration = Duration::from_secs(10);

/// What gives a line's orders, where the settings tell it; who wants warm transfers must tell.
///
/// # Errors
/// The line is in use (`is_guarded`), persons are to be called, and `account` says what is missing.
pub fn needed_for_warm<T>(
    provider: &'static Provider,
    is_guarded: bool,
    config: &Config,
    account: Result<T, impl Into<String>>,
) -> Result<Option<T>, ServeError> {
    let business = &config.business;
    let wanted = business.human_transfer == HumanTransfer::Warm && business.human_line.is_some();
    match account {
        Ok(account) => Ok(Some(account)),
        Err(why) if is_guarded && wanted => Err(ServeError::Line {
            line: provider.name,
            why: format!("business.human_transfer is \"warm\", but {}", why.into()),
            hint: "set it, so that a person can be called while the caller waits with the bot; or choose \
                   business.human_transfer = \"whisper\"",
        }),
        Err(_) => Ok(None),
    }
}

/// Names a person's leg in our URLs and notes: the caller's call, and which attempt of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegId {
    pub call_id: String,
    pub nth: u32,
}

impl LegId {
    /// As a URL's query: `call=CA1&leg=3`. Calls' names need no encoding.
    pub fn query(&self) -> String {
        format!("call={}&leg={}", self.call_id, self.nth)
    }

    /// From a URL's query.
    pub fn parse(query: &str) -> Option<Self> {
        let value = |name: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find_map(|(n, value)| (n == name).then(|| value.into_owned()))
        };
        let call_id = value("call")?;
        super::provider::name(&call_id)?;
        Some(Self {
            call_id,
            nth: value("leg")?.parse().ok()?,
        })
    }

    /// The room that caller and person meet in.
    pub fn room(&self) -> String {
        format!("attendant-{}-{}", self.call_id, self.nth)
    }
}

/// The persons who are being called.
pub struct Warm {
    calls: Arc<Calls>,
    next: AtomicU32,
    /// Orders to end a leg that are under way.
    ending: AtomicUsize,
    legs: Mutex<BTreeMap<String, Leg>>,
}

struct Leg {
    id: LegId,
    phase: Phase,
    carrier: Arc<dyn Carrier>,
    /// The carrier's name for it, once it has told.
    name: Option<String>,
    story: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// His telephone rings, or he hears the story.
    Called,
    /// He has pressed the key.
    Accepted,
    /// He is in the room, and the bot lets go of the caller.
    There,
}

impl Warm {
    pub fn new(calls: Arc<Calls>) -> Self {
        Self {
            calls,
            next: AtomicU32::new(1),
            ending: AtomicUsize::new(0),
            legs: Mutex::default(),
        }
    }

    /// The person has picked up: what is he told? `None`: he is not wanted any more.
    pub fn story(&self, id: &LegId) -> Option<String> {
        let legs = self.lock();
        let leg = legs.get(&id.call_id)?;
        (leg.id == *id && leg.phase == Phase::Called).then(|| leg.story.clone())
    }

    /// The person has pressed these keys, or none: does he take the call? Otherwise the caller is the
    /// bot's again.
    pub fn key(&self, id: &LegId, keys: &str) -> bool {
        let mut legs = self.lock();
        let Some(leg) = legs.get_mut(&id.call_id).filter(|leg| leg.id == *id) else {
            return false;
        };
        // Webhooks are repeated.
        if leg.phase != Phase::Called {
            return true;
        }
        let taken = keys == "1";
        tracing::info!(call = %id.call_id, taken, "a person was asked to take the call");
        match taken {
            true => leg.phase = Phase::Accepted,
            false => self.back(&mut legs, id),
        }
        taken
    }

    /// The person is in the room: the caller is to follow.
    pub fn there(&self, id: &LegId) {
        let mut legs = self.lock();
        if let Some(leg) = legs.get_mut(&id.call_id)
            && leg.id == *id
            && leg.phase == Phase::Accepted
        {
            leg.phase = Phase::There;
            self.calls.signal(&id.call_id, Signal::Taken);
        }
    }

    /// The carrier could not bring them together: the caller is the bot's again. The person's leg is the
    /// carrier's to end.
    pub fn failed(&self, call_id: &str) {
        if self.lock().remove(call_id).is_some() {
            self.calls.signal(call_id, Signal::Back);
        }
    }

    /// The person's leg has ended, or could not be called. Before he was there: the caller is the bot's
    /// again.
    pub fn over(&self, id: &LegId) {
        let mut legs = self.lock();
        if legs.get(&id.call_id).is_some_and(|leg| leg.id == *id) {
            tracing::info!(call = %id.call_id, "the person's leg has ended");
            self.back(&mut legs, id);
        }
    }

    fn back(&self, legs: &mut BTreeMap<String, Leg>, id: &LegId) {
        let leg = legs.remove(&id.call_id);
        if leg.is_some_and(|leg| leg.phase != Phase::There) {
            self.calls.signal(&id.call_id, Signal::Back);
        }
    }

    /// The caller asks for the room, having left the bot; `None`: nobody is there (any more).
    pub fn follow(&self, call_id: &str) -> Option<LegId> {
        let mut legs = self.lock();
        match legs.get(call_id) {
            Some(leg) if leg.phase == Phase::There => legs.remove(call_id).map(|leg| leg.id),
            _ => None,
        }
    }

    /// The carrier has brought them together by itself.
    pub fn joined(&self, call_id: &str) {
        self.lock().remove(call_id);
    }

    /// Whether no order to end a leg is under way.
    pub fn is_idle(&self) -> bool {
        self.ending.load(Ordering::Relaxed) == 0
    }

    fn named(&self, id: &LegId, name: &str) -> bool {
        match self.lock().get_mut(&id.call_id) {
            Some(leg) if leg.id == *id => {
                leg.name = Some(name.to_owned());
                true
            }
            _ => false,
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Leg>> {
        // Nothing panics between two writes that belong together.
        self.legs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A person who is being called for a caller on a media socket. Dropped, he is called off, unless he is
/// [`Called::let_go`].
pub struct Called {
    shared: Arc<Shared>,
    id: LegId,
    since: Instant,
    kept: bool,
}

impl Called {
    /// Has the person's telephone ring; how that goes comes as a [`Signal`]. `None`: on this line, or with
    /// these settings, that is not done.
    pub fn begin(
        shared: &Arc<Shared>,
        carrier: &Arc<dyn Carrier>,
        call_id: &str,
        handover: &Handover,
    ) -> Option<Self> {
        let number = shared.human_line.clone()?;
        carrier.second_leg(shared)?;
        // A house that closes will not be there to hear how it went.
        if shared.stop.drain.is_cancelled() {
            return None;
        }
        let id = LegId {
            call_id: call_id.to_owned(),
            nth: shared.warm.next.fetch_add(1, Ordering::Relaxed),
        };
        let leg = Leg {
            id: id.clone(),
            phase: Phase::Called,
            carrier: Arc::clone(carrier),
            name: None,
            story: handover.whisper(),
        };
        shared.warm.lock().insert(call_id.to_owned(), leg);
        let called = Self {
            shared: Arc::clone(shared),
            id: id.clone(),
            since: Instant::now(),
            kept: false,
        };
        let (shared, carrier, handover) =
            (Arc::clone(shared), Arc::clone(carrier), handover.clone());
        tokio::spawn(async move {
            let Some(orders) = carrier.second_leg(&shared) else {
                return;
            };
            let leaving = Leaving {
                shared: &shared,
                call_id: &id.call_id,
                handover: &handover,
                number: &number,
            };
            match timeout(ORDER_TIMEOUT, orders.call(leaving, &id)).await {
                Ok(Ok(name)) if shared.warm.named(&id, &name) => {}
                // Called off meanwhile.
                Ok(Ok(name)) => end(&shared, &carrier, name),
                Ok(Err(error)) => {
                    tracing::error!(call = %id.call_id, %error, "no person can be called: the bot goes on");
                    shared.warm.over(&id);
                }
                Err(_) => {
                    tracing::error!(call = %id.call_id, "no answer to the order to call a person: the bot goes on");
                    shared.warm.over(&id);
                }
            }
        });
        Some(called)
    }

    /// He has pressed the key.
    pub fn is_accepted(&self) -> bool {
        let legs = self.shared.warm.lock();
        let leg = legs.get(&self.id.call_id);
        leg.is_none_or(|leg| leg.id == self.id && leg.phase != Phase::Called)
    }

    /// It has taken too long.
    pub fn is_late(&self) -> bool {
        self.since.elapsed() > LONGEST
    }

    /// The person waits in the room: he is called off only if the caller does not follow.
    pub fn let_go(mut self) {
        self.kept = true;
        let (shared, id) = (Arc::clone(&self.shared), self.id.clone());
        tokio::spawn(async move {
            sleep(FOLLOWS_WITHIN).await;
            call_off(&shared, &id);
        });
    }
}

impl Drop for Called {
    fn drop(&mut self) {
        if !self.kept {
            call_off(&self.shared, &self.id);
        }
    }
}

/// The person is not wanted any more: his leg ends.
fn call_off(shared: &Arc<Shared>, id: &LegId) {
    let leg = {
        let mut legs = shared.warm.lock();
        match legs.get(&id.call_id) {
            Some(leg) if leg.id == *id => legs.remove(&id.call_id),
            _ => None,
        }
    };
    if let Some(Leg {
        carrier,
        name: Some(name),
        ..
    }) = leg
    {
        end(shared, &carrier, name);
    }
}

/// Calls off whoever is being called for this caller, who is gone.
pub fn caller_gone(shared: &Arc<Shared>, call_id: &str) {
    let id = shared.warm.lock().get(call_id).map(|leg| leg.id.clone());
    if let Some(id) = id {
        call_off(shared, &id);
    }
}

/// Orders a leg to end, beside everything else.
fn end(shared: &Arc<Shared>, carrier: &Arc<dyn Carrier>, name: String) {
    let (shared, carrier) = (Arc::clone(shared), Arc::clone(carrier));
    shared.warm.ending.fetch_add(1, Ordering::Relaxed);
    tokio::spawn(async move {
        if let Some(orders) = carrier.second_leg(&shared) {
            match timeout(ORDER_TIMEOUT, orders.end(&shared, &name)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%error, "the person's leg was not ended"),
                Err(_) => tracing::error!("no answer to the order to end the person's leg"),
            }
        }
        shared.warm.ending.fetch_sub(1, Ordering::Relaxed);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leg_s_name_comes_back_from_a_url() {
        let id = LegId {
            call_id: "CA1".into(),
            nth: 3,
        };
        assert_eq!(LegId::parse(&id.query()), Some(id));
        for bad in [
            "",
            "call=CA1",
            "leg=3",
            "call=../x&leg=3",
            "call=CA1&leg=-1",
        ] {
            assert_eq!(LegId::parse(bad), None, "{bad}");
        }
    }
}
