//! Vonage's part: signed webhooks, NCCO, and a WebSocket that takes exact frames only.

mod ncco;
mod person;
mod side;

use super::dialect::{
    Caller, CarrierCall, Dial, DialStatus, Dialect, Entry, Hung, News, Next, Open, Ordered, Person,
    Side, plain,
};
use super::rest::{FakeRest, Order};
use super::{LoadError, webhook};
use crate::line::vonage::signature::Validator;
use futures_util::future::BoxFuture;
use ncco::Action;
use person::SecondLeg;
use serde_json::{Value, json};
use side::VonageSide;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc::UnboundedReceiver;

/// The entry in the table of dialects.
pub const ENTRY: Entry = Entry {
    name: "vonage",
    ways: &[],
    takes_orders: false,
    open: |target| {
        let secret = plain(target.config.vonage.signature_secret.as_ref());
        Ok(Arc::new(Vonage::new(target.base, secret)))
    },
};

/// An application with one number.
pub struct Vonage {
    base: String,
    secret: Option<String>,
    rest: Option<Arc<FakeRest>>,
    person: Person,
}

impl Vonage {
    /// `base`: the server's address. The secret signs webhooks as Vonage does.
    pub fn new(base: &str, secret: Option<String>) -> Self {
        Self {
            base: base.to_owned(),
            secret,
            rest: None,
            person: Person::default(),
        }
    }

    /// The server gives its orders there, and the person who is called then does so.
    pub fn with_orders(mut self, rest: Arc<FakeRest>, person: Person) -> Self {
        rest.answer_with(person::answer);
        self.rest = Some(rest);
        self.person = person;
        self
    }
}

impl Dialect for Vonage {
    fn name(&self) -> &'static str {
        "vonage"
    }

    fn call(&self, caller: &Caller) -> Box<dyn CarrierCall> {
        let conversation = format!("CON-{}", caller.uuid());
        let rest = self.rest.as_ref();
        Box::new(Call {
            orders: rest.map(|rest| rest.orders(&conversation)),
            leg: None,
            person: self.person,
            conversation,
            caller: caller.clone(),
            base: self.base.clone(),
            validator: self.secret.as_deref().map(Validator::new),
            event_url: None,
            whisper_url: None,
            headers: Value::Null,
        })
    }
}

struct Call {
    conversation: String,
    caller: Caller,
    base: String,
    validator: Option<Validator>,
    /// What Vonage asks about the leg that it has called.
    event_url: Option<String>,
    /// What it asks when a person has answered.
    whisper_url: Option<String>,
    /// Of the last socket.
    headers: Value,
    orders: Option<UnboundedReceiver<Order>>,
    /// The person who is called while the stream is open.
    leg: Option<SecondLeg>,
    person: Person,
}

impl CarrierCall for Call {
    fn next(&mut self, news: News) -> BoxFuture<'_, Result<Next, LoadError>> {
        Box::pin(async move {
            match news {
                News::Placed => {
                    let url = format!("{}/vonage/answer", self.base);
                    let answer = self.post(&url, "ringing", "inbound").await?;
                    Ok(match self.obey(&answer)? {
                        Next::Dial(dial) => Next::TurnedAway(Some(dial)),
                        Next::Over => Next::TurnedAway(None),
                        next => next,
                    })
                }
                News::StreamEnded(Hung::ByCaller) | News::HungUp => {
                    let url = format!("{}/vonage/events", self.base);
                    self.post(&url, "completed", "inbound").await?;
                    Ok(Next::Over)
                }
                News::StreamEnded(_) => {
                    let url = self.event_url.clone();
                    let next = self.tell("disconnected").await?;
                    // The end of the same leg, which changes nothing any more.
                    if let Some(url) = url {
                        let late = self.post(&url, "completed", "outbound").await?;
                        if !late.is_empty() {
                            return Err(LoadError::Answer("an answer to `completed`".into()));
                        }
                    }
                    Ok(next)
                }
                News::Dialed(status) if self.leg.is_some() => self.second_leg(status).await,
                News::Dialed(status) => self.dialed(status).await,
            }
        })
    }

    fn ordered(&mut self) -> BoxFuture<'_, Result<Ordered, LoadError>> {
        Box::pin(async move {
            loop {
                let order = match &mut self.orders {
                    Some(orders) => orders.recv().await,
                    None => None,
                };
                match order {
                    Some(order) if order.method == "POST" => return self.rings(&order),
                    // The end of a person's leg.
                    Some(_) => {}
                    None => return std::future::pending().await,
                }
            }
        })
    }

    fn side(&mut self) -> Box<dyn Side> {
        Box::new(VonageSide::new(&self.headers))
    }
}

impl Call {
    async fn dialed(&mut self, status: DialStatus) -> Result<Next, LoadError> {
        let status = match status {
            DialStatus::Completed => "completed",
            DialStatus::Busy => "busy",
            DialStatus::NoAnswer => "unanswered",
            DialStatus::Failed => "failed",
            DialStatus::Canceled => "cancelled",
        };
        let url = self.event_url.clone();
        if let Some(url) = &url {
            self.post(url, "ringing", "outbound").await?;
        }
        if status == "completed" {
            if let Some(url) = self.whisper_url.take() {
                let request = self.signed(webhook::client().get(&url), b"");
                let answer = webhook::ask(request).await?;
                match ncco::parse(&answer).map_err(LoadError::Answer)? {
                    Some(Action::Talk(text)) if !text.is_empty() => {}
                    _ => return Err(LoadError::Answer("nothing to tell the person".into())),
                }
            }
            if let Some(url) = &url {
                self.post(url, "answered", "outbound").await?;
            }
        }
        self.tell(status).await
    }

    /// Tells the status of the leg that was called, and does what is answered.
    async fn tell(&mut self, status: &str) -> Result<Next, LoadError> {
        let Some(url) = self.event_url.take() else {
            return Ok(Next::Over);
        };
        let answer = self.post(&url, status, "outbound").await?;
        self.obey(&answer)
    }

    fn obey(&mut self, answer: &str) -> Result<Next, LoadError> {
        let action = ncco::parse(answer).map_err(LoadError::Answer)?;
        Ok(match action {
            // No NCCO: the call's own goes on, and has nothing more.
            None | Some(Action::Talk(_)) => Next::Over,
            Some(Action::Conversation(name)) => {
                let room = self.leg.take().and_then(|leg| leg.room);
                if room != Some(name) {
                    return Err(LoadError::Answer("nobody waits in the conversation".into()));
                }
                Next::Over
            }
            Some(Action::Socket {
                uri,
                headers,
                event_url,
            }) => {
                self.event_url = Some(event_url);
                self.headers = headers;
                Next::Stream(Open::WebSocket {
                    url: uri,
                    headers: Vec::new(),
                    subprotocols: Vec::new(),
                })
            }
            Some(Action::Phone {
                number,
                event_url,
                whisper_url,
            }) => {
                self.event_url = event_url;
                self.whisper_url = whisper_url;
                Next::Dial(Dial {
                    to: number,
                    carries: Vec::new(),
                })
            }
        })
    }

    async fn post(&self, url: &str, status: &str, direction: &str) -> Result<String, LoadError> {
        let digits = |number: &str| number.trim_start_matches('+').to_owned();
        let body = json!({
            "from": digits(&self.caller.from), "to": digits(&self.caller.to),
            "uuid": self.caller.hex(), "conversation_uuid": self.conversation,
            "status": status, "direction": direction, "timestamp": "2026-11-29T12:00:00.000Z",
        })
        .to_string();
        self.post_json(url, body).await
    }

    async fn post_json(&self, url: &str, body: String) -> Result<String, LoadError> {
        let request = webhook::client()
            .post(url)
            .header("content-type", "application/json");
        let request = self.signed(request, body.as_bytes()).body(body.clone());
        webhook::ask(request).await
    }

    fn signed(&self, request: reqwest::RequestBuilder, body: &[u8]) -> reqwest::RequestBuilder {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = since.map_or(0, |since| since.as_secs().cast_signed());
        match &self.validator {
            Some(validator) => request.header("authorization", validator.sign(body, now)),
            None => request,
        }
    }
}
