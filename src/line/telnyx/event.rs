//! Telnyx's webhooks, read leniently. Only shapes; what they mean is in `legs`.

use super::codec::{call_name, is_control_id};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A webhook of the Voice API.
#[derive(Debug, PartialEq, Eq)]
pub struct Event {
    /// `call.initiated` and the like.
    pub kind: String,
    /// The leg that it is about.
    pub control_id: String,
    /// That leg's name, see [`call_name`].
    pub name: String,
    /// What we said about the leg when we called it.
    pub state: Option<State>,
    pub from: String,
    pub to: String,
    pub incoming: bool,
    pub connection_id: String,
    /// Keys that were gathered.
    pub digits: String,
    /// Why a leg ended.
    pub cause: String,
}

/// Our note on the leg of a person (`client_state`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The name of the caller's leg.
    pub attendant: String,
    /// Which attempt to reach a person for a caller who waits with the bot; none: the caller has left it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leg: Option<u32>,
    /// What of the handover travels.
    #[serde(default)]
    pub handover: Value,
}

impl State {
    /// As Telnyx carries it.
    pub fn encoded(&self) -> String {
        STANDARD.encode(json!(self).to_string())
    }

    fn decoded(text: &str) -> Option<Self> {
        serde_json::from_slice(&STANDARD.decode(text).ok()?).ok()
    }
}

impl Event {
    /// From a webhook's body; `None`: it is nothing about a call.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let data = &body["data"];
        let payload = &data["payload"];
        let text = |name: &str| payload[name].as_str().unwrap_or("").to_owned();
        let control_id = text("call_control_id");
        if !is_control_id(&control_id) {
            return None;
        }
        Some(Self {
            kind: data["event_type"].as_str()?.to_owned(),
            name: call_name(&control_id)?,
            control_id,
            state: State::decoded(&text("client_state")),
            from: text("from"),
            to: text("to"),
            incoming: text("direction") == "incoming",
            connection_id: text("connection_id"),
            digits: text("digits"),
            cause: text("hangup_cause"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_telnyx_publishes_and_no_nonsense() {
        let body = json!({
            "data": {"record_type": "event", "event_type": "call.initiated", "id": "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0",
                "occurred_at": "2018-02-02T22:25:27.521992Z", "payload": {
                "call_control_id": "v3:abc", "connection_id": "7267xxxxxxxxxxxxxx",
                "call_leg_id": "428c31b6-7af4-4bcb-b7f5-5013ef9657c1", "call_session_id": "428c31b6-abf3-3bc1-b7f4-5013ef9657c1",
                "client_state": null, "from": "+15551230000", "to": "+15559870000", "direction": "incoming", "state": "parked",
            }},
            "meta": {"attempt": 1, "delivered_to": "https://bot.example.com/telnyx/events"},
        });
        let event = Event::parse(body.to_string().as_bytes()).expect("an event");
        assert_eq!(
            (event.kind.as_str(), event.name.as_str(), event.incoming),
            ("call.initiated", "v3-abc", true)
        );
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"data":{"event_type":"x","payload":{"call_control_id":"../x"}}}"#,
        ] {
            assert_eq!(Event::parse(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn our_note_comes_back() {
        let state = State {
            attendant: "v3-abc".into(),
            leg: Some(3),
            handover: json!({"reason": "requested"}),
        };
        assert_eq!(State::decoded(&state.encoded()), Some(state));
        assert_eq!(State::decoded("aGF2ZSBhIG5pY2UgZGF5ID1d"), None);
    }
}
