//! Telnyx's part: signed webhooks, orders over REST, and a media stream that comes out of order. A call is
//! two legs: the caller's, which keeps its stream, and that of a person.

mod side;

use super::dialect::{
    Caller, CarrierCall, Dial, DialStatus, Dialect, Entry, Hung, News, Next, Open, Ordered, Person,
    Side,
};
use super::rest::{FakeRest, Order, Reply};
use super::{LoadError, webhook};
use crate::line::telnyx::signature::{SIGNATURE, Signer, TIMESTAMP};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use side::TelnyxSide;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

/// Time that a server has to order something where Telnyx would leave the caller in silence.
const PATIENCE: Duration = Duration::from_secs(5);
/// Seed of the key pair that the load tool signs with. No secret: it opens test servers only.
const SEED: [u8; 32] = *b"attendant-load-plays-telnyx-part";

/// The entry in the table of dialects.
pub const ENTRY: Entry = Entry {
    name: "telnyx",
    ways: &["pcmu", "pcma"],
    takes_orders: true,
    open: |target| {
        let rest = target.rest.ok_or_else(|| {
            LoadError::Setup(
                "Telnyx gives its orders over REST, and there is no address for them".into(),
            )
        })?;
        let signer = Signer::new(SEED);
        let key = target.config.telnyx.public_key.as_deref();
        let key = key.filter(|key| !key.is_empty());
        if key.is_some_and(|key| key.trim() != signer.public_key()) {
            return Err(LoadError::Setup(format!(
                "the server checks Telnyx's own signatures, which nobody else can make\n\
                 hint: start it with telnyx.public_key = \"{}\", the load tool's key",
                signer.public_key()
            )));
        }
        let telnyx = Telnyx::new(target.base, Arc::clone(rest), key.is_some());
        Ok(Arc::new(match target.way {
            "pcma" => telnyx.european(),
            _ => telnyx,
        }))
    },
};

/// An account with one number.
pub struct Telnyx {
    line: Arc<Line>,
    european: bool,
    person: Person,
}

struct Line {
    events_url: String,
    rest: Arc<FakeRest>,
    signer: Option<Signer>,
}

impl Telnyx {
    /// `base`: the server's address; `rest`: where it gives its orders.
    pub fn new(base: &str, rest: Arc<FakeRest>, signs: bool) -> Self {
        rest.answer_with(answer);
        Self {
            line: Arc::new(Line {
                events_url: format!("{base}/telnyx/events"),
                rest,
                signer: signs.then(|| Signer::new(SEED)),
            }),
            european: false,
            person: Person::default(),
        }
    }

    /// Callers come from a network that speaks A-law.
    pub fn european(mut self) -> Self {
        self.european = true;
        self
    }

    /// Persons who hear the story do so.
    pub fn with_person(mut self, person: Person) -> Self {
        self.person = person;
        self
    }

    /// The public key that a server must be set to.
    pub fn public_key() -> String {
        Signer::new(SEED).public_key()
    }
}

/// What Telnyx answers to an order.
fn answer(order: &Order) -> Reply {
    let data = match order.path.as_str() {
        "/v2/calls" => {
            let caller = order.json()["link_to"].as_str().map(person_of);
            json!({ "call_control_id": caller })
        }
        _ => json!({ "result": "ok" }),
    };
    Reply::json(200, &json!({ "data": data }))
}

/// The leg of the person whom this caller is passed to.
fn person_of(control_id: &str) -> String {
    format!("{control_id}-person")
}

impl Dialect for Telnyx {
    fn name(&self) -> &'static str {
        "telnyx"
    }

    fn call(&self, caller: &Caller) -> Box<dyn CarrierCall> {
        let control_id = format!("v3:{}", caller.hex());
        Box::new(Call {
            orders: self.line.rest.orders(&control_id),
            control_id,
            caller: caller.clone(),
            line: Arc::clone(&self.line),
            token: String::new(),
            european: self.european,
            person: self.person,
            state: Value::Null,
            whispers: false,
            streaming: false,
        })
    }
}

struct Call {
    control_id: String,
    caller: Caller,
    line: Arc<Line>,
    orders: UnboundedReceiver<Order>,
    /// The stream's.
    token: String,
    european: bool,
    person: Person,
    /// `client_state` of the person's leg.
    state: Value,
    /// The person's leg was dialled, not transferred to.
    whispers: bool,
    streaming: bool,
}

impl CarrierCall for Call {
    fn next(&mut self, news: News) -> BoxFuture<'_, Result<Next, LoadError>> {
        Box::pin(async move {
            match news {
                News::Placed => self.placed().await,
                News::StreamEnded(Hung::ByCaller) => {
                    self.streaming = false;
                    self.tell("streaming.stopped", json!({})).await?;
                    self.hung_up("normal_clearing").await
                }
                News::HungUp | News::StreamEnded(Hung::ByOrder) => {
                    self.hung_up("normal_clearing").await
                }
                News::StreamEnded(Hung::ByServer) => {
                    self.streaming = false;
                    // The call goes on without its stream.
                    self.tell("streaming.stopped", json!({})).await?;
                    self.without_stream().await
                }
                News::Dialed(status) => self.dialed(status).await,
            }
        })
    }

    fn ordered(&mut self) -> BoxFuture<'_, Result<Ordered, LoadError>> {
        Box::pin(async move {
            loop {
                let Some(order) = self.orders.recv().await else {
                    return std::future::pending().await;
                };
                match action(&order) {
                    // The person's leg: the caller is not passed on any more.
                    "hangup" if order.path.contains(&person_of(&self.control_id)) => {}
                    "hangup" => return Ok(Ordered::Leave),
                    "transfer" | "" => return Ok(Ordered::Dial(self.dial(&order)?)),
                    other => {
                        return Err(LoadError::Answer(format!(
                            "{other} in the middle of a stream"
                        )));
                    }
                }
            }
        })
    }

    fn side(&mut self) -> Box<dyn Side> {
        let (token, european) = (self.token.clone(), self.european);
        Box::new(TelnyxSide::new(
            &self.control_id,
            &self.caller,
            token,
            european,
        ))
    }
}

impl Call {
    async fn placed(&mut self) -> Result<Next, LoadError> {
        let parked = json!({ "state": "parked", "direction": "incoming" });
        // Webhooks are repeated where an answer was lost: it must not matter.
        self.tell("call.initiated", parked.clone()).await?;
        self.tell("call.initiated", parked).await?;
        let order = self.order("answer").await?;
        self.tell("call.answered", json!({ "direction": "incoming" }))
            .await?;
        let body = order.json();
        let Some(url) = body["stream_url"].as_str() else {
            let next = self.without_stream().await?;
            let to = match next {
                Next::Dial(dial) => Some(dial),
                _ => None,
            };
            if to.is_some() {
                self.hung_up("normal_clearing").await?;
            }
            return Ok(Next::TurnedAway(to));
        };
        let needs = [
            ("stream_track", json!("inbound_track")),
            ("stream_bidirectional_mode", json!("rtp")),
            ("stream_bidirectional_codec", json!("PCMU")),
            ("stream_bidirectional_sampling_rate", json!(8000)),
            ("stream_bidirectional_target_legs", json!("self")),
        ];
        for (name, value) in needs {
            if body[name] != value {
                return Err(LoadError::Answer(format!(
                    "{name} is {} in the answer order",
                    body[name]
                )));
            }
        }
        self.token = body["stream_auth_token"].as_str().unwrap_or("").to_owned();
        self.streaming = true;
        Ok(Next::Stream(Open::WebSocket {
            url: url.to_owned(),
            headers: vec![("x-telnyx-streaming-auth-token".into(), self.token.clone())],
            subprotocols: Vec::new(),
        }))
    }

    /// The caller hears nothing now: the server has to do something.
    async fn without_stream(&mut self) -> Result<Next, LoadError> {
        let order = self.any_order().await?;
        match action(&order) {
            "transfer" | "" => Ok(Next::Dial(self.dial(&order)?)),
            "hangup" => self.hung_up("normal_clearing").await,
            "speak" => {
                self.tell("call.speak.ended", json!({ "status": "completed" }))
                    .await?;
                self.order("hangup").await?;
                self.hung_up("normal_clearing").await
            }
            other => Err(LoadError::Answer(format!("{other} without a stream"))),
        }
    }

    async fn dialed(&mut self, status: DialStatus) -> Result<Next, LoadError> {
        let cause = match status {
            DialStatus::Completed => "normal_clearing",
            DialStatus::Busy => "user_busy",
            DialStatus::NoAnswer => "timeout",
            DialStatus::Failed => "not_found",
            DialStatus::Canceled => "originator_cancel",
        };
        self.tell_person("call.initiated", json!({ "direction": "outgoing" }))
            .await?;
        let mut taken = status == DialStatus::Completed;
        if taken {
            self.tell_person("call.answered", json!({})).await?;
            if self.whispers {
                taken = self.accepts().await?;
            }
        }
        if taken {
            self.tell("call.bridged", json!({})).await?;
            self.tell_person("call.bridged", json!({})).await?;
            self.tell_person("call.hangup", json!({ "hangup_cause": cause }))
                .await?;
            return self.hung_up("normal_clearing").await;
        }
        self.tell_person("call.hangup", json!({ "hangup_cause": cause }))
            .await?;
        if self.streaming {
            return Ok(Next::Stay);
        }
        self.without_stream().await
    }

    /// The person hears the story: does he take the call?
    async fn accepts(&mut self) -> Result<bool, LoadError> {
        let story = self.order("gather_using_speak").await?.json();
        if story["payload"]
            .as_str()
            .is_none_or(|text| !text.contains('1'))
        {
            return Err(LoadError::Answer(format!(
                "nobody is told which key: {}",
                story["payload"]
            )));
        }
        let accepts = self.person == Person::Accepts;
        let digits = if accepts { "1" } else { "" };
        self.tell_person(
            "call.gather.ended",
            json!({ "digits": digits, "status": "valid" }),
        )
        .await?;
        if !accepts {
            self.order("hangup").await?;
            return Ok(false);
        }
        let bridge = self.order("bridge").await?.json();
        if bridge["call_control_id"].as_str() != Some(person_of(&self.control_id).as_str()) {
            return Err(LoadError::Answer("bridged with somebody else".into()));
        }
        Ok(true)
    }

    async fn hung_up(&mut self, cause: &str) -> Result<Next, LoadError> {
        self.tell("call.hangup", json!({ "hangup_cause": cause }))
            .await?;
        Ok(Next::Over)
    }

    fn dial(&mut self, order: &Order) -> Result<Dial, LoadError> {
        let body = order.json();
        self.whispers = action(order).is_empty();
        let state = if self.whispers {
            "client_state"
        } else {
            "target_leg_client_state"
        };
        self.state = body[state].clone();
        let to = body["to"].as_str().filter(|to| to.starts_with('+'));
        let to = to.ok_or_else(|| LoadError::Answer("a transfer to nobody".into()))?;
        if body["from"].as_str() != Some(self.caller.to.as_str()) {
            return Err(LoadError::Answer(
                "a caller id that Telnyx does not allow".into(),
            ));
        }
        let headers = body["custom_headers"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(Dial {
            to: to.to_owned(),
            carries: headers
                .iter()
                .map(|header| (text(&header["name"]), text(&header["value"])))
                .collect(),
        })
    }

    async fn any_order(&mut self) -> Result<Order, LoadError> {
        let order = timeout(PATIENCE, self.orders.recv()).await.ok().flatten();
        order.ok_or_else(|| LoadError::Answer("no order: the caller hears nothing".into()))
    }

    async fn order(&mut self, wanted: &str) -> Result<Order, LoadError> {
        let order = self.any_order().await?;
        if action(&order) != wanted {
            let got = action(&order);
            return Err(LoadError::Answer(format!("{got} where {wanted} is due")));
        }
        Ok(order)
    }

    async fn tell(&self, kind: &str, more: Value) -> Result<(), LoadError> {
        let leg = self.control_id.clone();
        self.post(
            kind,
            &leg,
            &Value::Null,
            (&self.caller.from, &self.caller.to),
            more,
        )
        .await
    }

    async fn tell_person(&self, kind: &str, more: Value) -> Result<(), LoadError> {
        let leg = person_of(&self.control_id);
        self.post(kind, &leg, &self.state, (&self.caller.to, ""), more)
            .await
    }

    async fn post(
        &self,
        kind: &str,
        leg: &str,
        state: &Value,
        (from, to): (&str, &str),
        more: Value,
    ) -> Result<(), LoadError> {
        let mut payload = json!({
            "call_control_id": leg, "connection_id": "7267", "call_leg_id": self.caller.uuid(),
            "call_session_id": self.caller.uuid(), "client_state": state, "from": from, "to": to,
        });
        if let (Some(payload), Some(more)) = (payload.as_object_mut(), more.as_object()) {
            payload.extend(more.clone());
        }
        let body = json!({
            "data": {"record_type": "event", "event_type": kind, "id": self.caller.uuid(),
                "occurred_at": "2026-11-23T10:00:00.000000Z", "payload": payload},
            "meta": {"attempt": 1, "delivered_to": self.line.events_url},
        })
        .to_string();
        let mut request = webhook::client()
            .post(&self.line.events_url)
            .header("content-type", "application/json");
        if let Some(signer) = &self.line.signer {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            let now = now.map_or(0, |now| now.as_secs());
            request = request
                .header(TIMESTAMP, now.to_string())
                .header(SIGNATURE, signer.sign(now, body.as_bytes()));
        }
        webhook::ask(request.body(body)).await.map(|_| ())
    }
}

/// `transfer` of `/v2/calls/ID/actions/transfer`; empty for a new leg.
fn action(order: &Order) -> &str {
    order
        .path
        .rsplit_once("/actions/")
        .map_or("", |(_, action)| action)
}
