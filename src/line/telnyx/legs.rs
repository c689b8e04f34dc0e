//! The legs of Telnyx calls: what each webhook means for the caller, and what is ordered then. Telnyx keeps
//! the media socket open while a person's telephone rings, so news of a transfer are signals to the call.
//! Orders are returned, not given.

use super::PROVIDER;
use super::event::{Event, State};
use super::orders::Order;
use crate::dialogue::Handover;
use crate::line::calls::{Outcome, Signal};
use crate::line::e164::E164;
use crate::line::handed::sip_headers;
use crate::line::server::Shared;
use crate::line::verdict::{self, Verdict};
use crate::line::warm::{self, KEY_S, LegId, RING_S};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Legs that are remembered; more come only if Telnyx never tells their ends.
const MOST: usize = 10_000;
/// Longest call: Telnyx ends one after four hours.
const OLDEST: Duration = Duration::from_secs(5 * 3600);
/// Telnyx's plain voice; its language is English only where nothing else is said.
const VOICE: &str = "female";

/// Callers' legs by their names.
#[derive(Default)]
pub struct Legs(Mutex<BTreeMap<String, Leg>>);

struct Leg {
    control_id: String,
    /// The number that was called: the caller id that a person sees.
    to: String,
    connection_id: String,
    phase: Phase,
    since: Instant,
}

/// Where a caller is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// On the media socket, or about to be.
    Bot,
    /// A person's telephone rings, the media socket waits.
    Ringing,
    /// With a person.
    Talking,
    /// To be passed to a person, without the bot.
    Away,
    /// To be told that nobody is there.
    Sorry,
}

impl Legs {
    /// What is to be ordered after a webhook.
    pub fn heard(&self, event: &Event, shared: &Arc<Shared>) -> Vec<Order> {
        match &event.state {
            Some(State {
                attendant,
                leg: Some(nth),
                ..
            }) => {
                let leg = LegId {
                    call_id: attendant.clone(),
                    nth: *nth,
                };
                self.of_second_leg(event, &leg, shared)
            }
            Some(state) => self.of_person(event, state, shared),
            None => self.of_caller(event, shared),
        }
    }

    fn of_caller(&self, event: &Event, shared: &Arc<Shared>) -> Vec<Order> {
        let name = event.name.as_str();
        match event.kind.as_str() {
            "call.initiated" if event.incoming => self.arrives(event, shared),
            "call.answered" => match self.phase(name) {
                Some(Phase::Away) => self.pass_on(name, shared),
                Some(Phase::Sorry) => self.sorry(name, shared.words.sorry, shared),
                _ => Vec::new(),
            },
            "call.bridged" => {
                self.joined(name, shared);
                Vec::new()
            }
            "call.speak.ended" if self.phase(name) == Some(Phase::Sorry) => self.hang_up(name),
            "streaming.failed" | "streaming.stopped" => self.stream_over(event, shared),
            "call.hangup" => {
                self.gone(event, shared);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// A call comes in. Webhooks are repeated: one that is known changes nothing.
    fn arrives(&self, event: &Event, shared: &Shared) -> Vec<Order> {
        let name = event.name.as_str();
        let mut legs = self.lock();
        if legs.contains_key(name) {
            return Vec::new();
        }
        let now = Instant::now();
        if legs.len() >= MOST {
            legs.retain(|_, leg| leg.since + OLDEST > now);
        }
        let (caller, called) = (event.from.parse().ok(), event.to.parse().ok());
        let invited = match verdict::arrives(shared, PROVIDER.name, name, caller, called) {
            Verdict::Bot(token) => Some(token),
            _ => None,
        };
        let phase = match (&invited, &shared.human_line) {
            (Some(_), _) => Phase::Bot,
            (None, Some(_)) => Phase::Away,
            (None, None) => Phase::Sorry,
        };
        let body = invited.map_or_else(|| json!({}), |token| streamed(token.as_str(), shared));
        legs.insert(
            name.to_owned(),
            Leg {
                control_id: event.control_id.clone(),
                to: event.to.clone(),
                connection_id: event.connection_id.clone(),
                phase,
                since: now,
            },
        );
        vec![order(&event.control_id, "answer", body)]
    }

    /// The media stream has ended, or never came to be. Unless the call ended with it, the caller is
    /// still there.
    fn stream_over(&self, event: &Event, shared: &Shared) -> Vec<Order> {
        let name = event.name.as_str();
        match self.phase(name) {
            Some(Phase::Bot) => {}
            Some(Phase::Ringing) => {
                // The two are being joined, or the bot is not there any more when nobody answers.
                self.enter(name, Phase::Away);
                return Vec::new();
            }
            _ => return Vec::new(),
        }
        let outcome = shared.calls.outcome(name);
        tracing::info!(call = name, ?outcome, event = event.kind, "stream ended");
        shared.calls.forget(name);
        match (outcome, &shared.human_line) {
            (Some(Outcome::HangUp), _) => self.hang_up(name),
            (_, Some(_)) => {
                self.enter(name, Phase::Away);
                self.pass_on(name, shared)
            }
            (_, None) => self.sorry(name, shared.words.sorry, shared),
        }
    }

    /// The caller is gone.
    fn gone(&self, event: &Event, shared: &Arc<Shared>) {
        let name = event.name.as_str();
        self.lock().remove(name);
        tracing::info!(call = name, cause = event.cause, "call ended");
        shared.calls.signal(name, Signal::Gone);
        // It counts as asked.
        let _ = shared.calls.outcome(name);
        shared.calls.forget(name);
        warm::caller_gone(shared, name);
    }

    /// A person whom we called while the caller waits with the bot.
    fn of_second_leg(&self, event: &Event, leg: &LegId, shared: &Arc<Shared>) -> Vec<Order> {
        let person = event.control_id.as_str();
        match event.kind.as_str() {
            "call.answered" => match shared.warm.story(leg) {
                Some(story) => {
                    let asked = asked(&story, event, shared);
                    vec![order(person, "gather_using_speak", asked)]
                }
                // The caller has gone meanwhile.
                None => vec![order(person, "hangup", json!({}))],
            },
            "call.gather.ended" if shared.warm.key(leg, &event.digits) => {
                let control_id = self.control_id(&leg.call_id);
                let bridge =
                    |caller: String| order(&caller, "bridge", json!({ "call_control_id": person }));
                control_id.map(bridge).into_iter().collect()
            }
            "call.gather.ended" => vec![order(person, "hangup", json!({}))],
            "call.bridged" => {
                self.joined(&leg.call_id, shared);
                Vec::new()
            }
            "call.hangup" => {
                shared.warm.over(leg);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn of_person(&self, event: &Event, state: &State, shared: &Shared) -> Vec<Order> {
        let caller = state.attendant.as_str();
        let phase = self.phase(caller);
        match event.kind.as_str() {
            "call.bridged" => {
                self.joined(caller, shared);
                Vec::new()
            }
            "call.hangup" => match phase {
                Some(Phase::Ringing) => {
                    tracing::info!(call = caller, cause = event.cause, "nobody took the call");
                    self.enter(caller, Phase::Bot);
                    if shared.calls.signal(caller, Signal::Back) {
                        return Vec::new();
                    }
                    // The stream broke meanwhile: there is no bot to go back to.
                    self.sorry(caller, shared.words.nobody, shared)
                }
                Some(Phase::Away) => self.sorry(caller, shared.words.nobody, shared),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn joined(&self, name: &str, shared: &Shared) {
        if let Some(leg) = self.lock().get_mut(name) {
            leg.phase = Phase::Talking;
        }
        shared.warm.joined(name);
        shared.calls.signal(name, Signal::Taken);
    }

    /// Passes a caller to a person without the bot.
    fn pass_on(&self, name: &str, shared: &Shared) -> Vec<Order> {
        let Some(number) = &shared.human_line else {
            return self.sorry(name, shared.words.sorry, shared);
        };
        let handover = shared.calls.handover(name);
        let legs = self.lock();
        let leg = legs.get(name);
        leg.map(|leg| transfer(leg, name, handover.as_deref(), number))
            .into_iter()
            .collect()
    }

    fn sorry(&self, name: &str, text: &str, shared: &Shared) -> Vec<Order> {
        self.enter(name, Phase::Sorry);
        let legs = self.lock();
        let leg = legs.get(name);
        let body = json!({
            "payload": text, "voice": VOICE, "language": shared.words.locale, "service_level": "premium",
        });
        leg.map(|leg| order(&leg.control_id, "speak", body))
            .into_iter()
            .collect()
    }

    /// Orders a caller's leg to end; none where it is not known.
    pub fn hang_up(&self, name: &str) -> Vec<Order> {
        let legs = self.lock();
        let leg = legs.get(name);
        leg.map(|leg| order(&leg.control_id, "hangup", json!({})))
            .into_iter()
            .collect()
    }

    /// The order that makes a person's telephone ring while the bot waits, silently.
    pub fn ring(&self, name: &str, handover: &Handover, number: &E164) -> Option<Order> {
        let mut legs = self.lock();
        let leg = legs.get_mut(name)?;
        leg.phase = Phase::Ringing;
        Some(transfer(leg, name, Some(handover), number))
    }

    /// The order that calls a person while the caller stays with the bot.
    pub fn dial(&self, id: &LegId, handover: &Handover, number: &E164) -> Option<Order> {
        let legs = self.lock();
        let leg = legs.get(&id.call_id)?;
        let mut state = state(&id.call_id, Some(handover));
        state.leg = Some(id.nth);
        Some(Order {
            leg: None,
            action: "dial",
            body: json!({
                "connection_id": leg.connection_id,
                "link_to": leg.control_id,
                "to": number.as_str(),
                "from": leg.to,
                "timeout_secs": RING_S,
                "client_state": state.encoded(),
                "custom_headers": headers(Some(handover)),
            }),
        })
    }

    /// The telephone was not made to ring: the caller is with the bot again.
    pub fn rings_not(&self, name: &str) {
        self.enter(name, Phase::Bot);
    }

    /// An order was not taken: what now?
    pub fn failed(&self, failed: &Order, shared: &Arc<Shared>) -> Vec<Order> {
        let found = {
            let legs = self.lock();
            let leg = failed.leg.as_deref();
            let name = |(name, _): (&String, &Leg)| name.clone();
            let mine = legs
                .iter()
                .find(|(_, l)| Some(l.control_id.as_str()) == leg);
            mine.map(name)
        };
        match (failed.action, found) {
            ("answer", Some(name)) => {
                self.lock().remove(&name);
                shared.calls.forget(&name);
                Vec::new()
            }
            ("transfer", Some(name)) => self.sorry(&name, shared.words.nobody, shared),
            ("speak", Some(name)) => self.hang_up(&name),
            // The bot goes on with the caller.
            ("bridge", Some(name)) => {
                shared.warm.failed(&name);
                let person = failed.body["call_control_id"].as_str().unwrap_or_default();
                vec![order(person, "hangup", json!({}))]
            }
            ("gather_using_speak", _) => {
                let person = failed.leg.as_deref().unwrap_or_default();
                vec![order(person, "hangup", json!({}))]
            }
            _ => Vec::new(),
        }
    }

    fn control_id(&self, name: &str) -> Option<String> {
        self.lock().get(name).map(|leg| leg.control_id.clone())
    }

    fn phase(&self, name: &str) -> Option<Phase> {
        self.lock().get(name).map(|leg| leg.phase)
    }

    fn enter(&self, name: &str, phase: Phase) {
        if let Some(leg) = self.lock().get_mut(name) {
            leg.phase = phase;
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Leg>> {
        // Nothing panics between two writes that belong together.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An order for a leg.
pub fn order(leg: &str, action: &'static str, body: Value) -> Order {
    Order {
        leg: Some(leg.to_owned()),
        action,
        body,
    }
}

/// What a person hears who has picked up, and how the key comes back.
fn asked(story: &str, event: &Event, shared: &Shared) -> Value {
    json!({
        "payload": format!("{story} {}", shared.words.press_one).trim_start(),
        "voice": VOICE,
        "language": shared.words.locale,
        "service_level": "premium",
        "minimum_digits": 1,
        "maximum_digits": 1,
        "maximum_tries": 2,
        "timeout_millis": KEY_S * 1_000,
        "valid_digits": "1",
        "client_state": event.state.as_ref().map(State::encoded),
    })
}

/// Answers a call with a media stream both ways. Without `rtp` Telnyx drops our sound silently.
fn streamed(token: &str, shared: &Shared) -> Value {
    json!({
        "stream_url": shared.urls.socket(&format!("/telnyx/media/{token}")),
        "stream_track": "inbound_track",
        "stream_bidirectional_mode": "rtp",
        "stream_bidirectional_codec": "PCMU",
        "stream_bidirectional_sampling_rate": 8000,
        "stream_bidirectional_target_legs": "self",
        "stream_auth_token": token,
        "send_silence_when_idle": true,
    })
}

fn transfer(leg: &Leg, name: &str, handover: Option<&Handover>, number: &E164) -> Order {
    let body = json!({
        "to": number.as_str(),
        "from": leg.to,
        "timeout_secs": RING_S,
        "target_leg_client_state": state(name, handover).encoded(),
        "custom_headers": headers(handover),
    });
    order(&leg.control_id, "transfer", body)
}

fn state(name: &str, handover: Option<&Handover>) -> State {
    let parameters = handover.map(Handover::parameters).unwrap_or_default();
    let parameters: Map<String, Value> = parameters
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    State {
        attendant: name.to_owned(),
        leg: None,
        handover: parameters.into(),
    }
}

/// SIP headers; only a person who is reached over SIP sees them.
fn headers(handover: Option<&Handover>) -> Vec<Value> {
    let headers = handover.map(sip_headers).unwrap_or_default();
    headers
        .into_iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect()
}
