//! Plivo's part: signed webhooks, XML run element by element, and an AudioStream.

mod person;
mod side;
mod xml;

use super::dialect::{
    Caller, CarrierCall, Dial, DialStatus, Dialect, Entry, Hung, News, Next, Open, Ordered, Person,
    Side, plain,
};
use super::rest::{FakeRest, Order, Reply};
use super::{LoadError, webhook};
use crate::line::plivo::signature::{NONCE, SIGNATURE, Validator};
use futures_util::future::BoxFuture;
use person::SecondLeg;
use side::PlivoSide;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedReceiver;
use xml::Element;

/// Elements of one call: each question brings new ones.
const MOST_ELEMENTS: usize = 64;

/// The entry in the table of dialects.
pub const ENTRY: Entry = Entry {
    name: "plivo",
    ways: &[],
    takes_orders: false,
    open: |target| {
        let token = plain(target.config.plivo.auth_token.as_ref());
        Ok(Arc::new(Plivo::new(
            target.base,
            token,
            target.rest.cloned(),
        )))
    },
};

/// An account with one number.
pub struct Plivo {
    account: Arc<Account>,
    refuses: bool,
    person: Person,
}

struct Account {
    base: String,
    auth_token: Option<String>,
    rest: Option<Arc<FakeRest>>,
}

impl Plivo {
    /// `base`: the server's address; the token signs webhooks; `rest`: where the server may give orders.
    pub fn new(base: &str, auth_token: Option<String>, rest: Option<Arc<FakeRest>>) -> Self {
        if let Some(rest) = &rest {
            rest.answer_with(answer);
        }
        Self {
            account: Arc::new(Account {
                base: base.to_owned(),
                auth_token,
                rest,
            }),
            refuses: false,
            person: Person::default(),
        }
    }

    /// Persons whom the server calls by an order do so.
    pub fn with_person(mut self, person: Person) -> Self {
        self.person = person;
        self
    }

    /// Persons hear the story and do not press 1.
    pub fn refusing(mut self) -> Self {
        self.refuses = true;
        self
    }
}

/// What Plivo answers to an order.
fn answer(order: &Order) -> Reply {
    if let Some(made) = person::answer(order) {
        return made;
    }
    let status = if order.method == "DELETE" { 204 } else { 405 };
    Reply {
        status,
        content_type: "application/json",
        body: String::new(),
    }
}

impl Dialect for Plivo {
    fn name(&self) -> &'static str {
        "plivo"
    }

    fn call(&self, caller: &Caller) -> Box<dyn CarrierCall> {
        let call_uuid = caller.uuid();
        Box::new(Call {
            orders: self
                .account
                .rest
                .as_ref()
                .map(|rest| rest.orders(&call_uuid)),
            call_uuid,
            caller: caller.clone(),
            account: Arc::clone(&self.account),
            refuses: self.refuses,
            person: self.person,
            leg: None,
            elements: VecDeque::new(),
            dial: xml::Dial::default(),
            streams: 0,
        })
    }
}

struct Call {
    call_uuid: String,
    caller: Caller,
    account: Arc<Account>,
    orders: Option<UnboundedReceiver<Order>>,
    refuses: bool,
    person: Person,
    /// The person who is called while the stream is open.
    leg: Option<SecondLeg>,
    /// Yet to be run.
    elements: VecDeque<Element>,
    /// The transfer that runs.
    dial: xml::Dial,
    streams: u32,
}

impl CarrierCall for Call {
    fn next(&mut self, news: News) -> BoxFuture<'_, Result<Next, LoadError>> {
        Box::pin(async move {
            match news {
                News::Placed => {
                    let url = format!("{}/plivo/answer", self.account.base);
                    self.ask(&url, "ringing", &[]).await?;
                    Ok(match self.run().await? {
                        Next::Dial(dial) => Next::TurnedAway(Some(dial)),
                        Next::Over => Next::TurnedAway(None),
                        next => next,
                    })
                }
                News::StreamEnded(Hung::ByServer) => self.run().await,
                News::StreamEnded(_) | News::HungUp => self.over().await,
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
                    Some(order) if order.path.ends_with(&format!("/{}/", self.call_uuid)) => {
                        return Ok(Ordered::Leave);
                    }
                    // The end of a person's leg.
                    Some(_) => {}
                    None => return std::future::pending().await,
                }
            }
        })
    }

    fn side(&mut self) -> Box<dyn Side> {
        self.streams += 1;
        let stream_id = format!("{}-{}", self.call_uuid, self.streams);
        Box::new(PlivoSide::new(&self.call_uuid, stream_id))
    }
}

impl Call {
    /// Runs elements up to one that takes time.
    async fn run(&mut self) -> Result<Next, LoadError> {
        for _ in 0..MOST_ELEMENTS {
            match self.elements.pop_front() {
                Some(Element::Stream { url }) => {
                    return Ok(Next::Stream(Open::WebSocket {
                        url,
                        headers: Vec::new(),
                        subprotocols: Vec::new(),
                    }));
                }
                Some(Element::Redirect { url }) => self.ask(&url, "in-progress", &[]).await?,
                Some(Element::Dial(dial)) => {
                    self.dial = dial.clone();
                    let headers = dial.sip_headers.unwrap_or_default();
                    let pairs = headers.split(',').filter_map(|pair| pair.split_once('='));
                    return Ok(Next::Dial(Dial {
                        to: format!("+{}", dial.number),
                        carries: pairs.map(|(n, v)| (n.into(), v.into())).collect(),
                    }));
                }
                Some(Element::Speak(_)) => {}
                Some(Element::Conference { name, starts, .. }) => {
                    let room = self.leg.take().and_then(|leg| leg.room);
                    if room != Some(name) || !starts {
                        return Err(LoadError::Answer("nobody waits in the room".into()));
                    }
                    return self.over().await;
                }
                Some(Element::GetDigits { .. }) => {
                    return Err(LoadError::Answer("a key is asked of the caller".into()));
                }
                Some(Element::Hangup) | None => return self.over().await,
            }
        }
        Err(LoadError::Answer("XML without end".into()))
    }

    async fn dialed(&mut self, status: DialStatus) -> Result<Next, LoadError> {
        let dial = std::mem::take(&mut self.dial);
        let status = match status {
            DialStatus::Completed => {
                if let Some(url) = &dial.confirm_sound {
                    self.whisper(url, &dial).await?;
                }
                // A person who did not press the key has completed a call all the same.
                "completed"
            }
            DialStatus::Busy => "busy",
            DialStatus::NoAnswer => "timeout",
            DialStatus::Failed => "failed",
            DialStatus::Canceled => "cancel",
        };
        let Some(action) = dial.action else {
            return self.over().await;
        };
        self.ask(&action, "in-progress", &[("DialStatus", status)])
            .await?;
        self.run().await
    }

    /// The person hears the story and presses the key, or does not.
    async fn whisper(&self, url: &str, dial: &xml::Dial) -> Result<(), LoadError> {
        let callback = dial.callback.as_deref().unwrap_or_default();
        self.post(callback, &[("DialAction", "answer")]).await?;
        let story = xml::parse(&self.post(url, &[]).await?).map_err(LoadError::Answer)?;
        let key = dial.confirm_key.as_deref().unwrap_or("?");
        if !matches!(story.front(), Some(Element::Speak(text)) if text.contains(key)) {
            return Err(LoadError::Answer(format!(
                "nobody is told which key: {story:?}"
            )));
        }
        if !self.refuses {
            self.post(callback, &[("DialAction", "connected")]).await?;
        }
        Ok(())
    }

    /// The call is over, and Plivo says so.
    async fn over(&mut self) -> Result<Next, LoadError> {
        self.elements.clear();
        let url = format!("{}/plivo/hangup", self.account.base);
        self.post(
            &url,
            &[
                ("CallStatus", "completed"),
                ("HangupCause", "NORMAL_CLEARING"),
            ],
        )
        .await?;
        Ok(Next::Over)
    }

    /// Replaces what is yet to be run by the answer.
    async fn ask(
        &mut self,
        url: &str,
        status: &str,
        extra: &[(&str, &str)],
    ) -> Result<(), LoadError> {
        let fields: Vec<_> = extra
            .iter()
            .copied()
            .chain([("CallStatus", status)])
            .collect();
        let answer = self.post(url, &fields).await?;
        let elements = xml::parse(&answer);
        self.elements =
            elements.map_err(|why| LoadError::Answer(format!("no Plivo XML: {why}")))?;
        Ok(())
    }

    async fn post(&self, url: &str, extra: &[(&str, &str)]) -> Result<String, LoadError> {
        // Plivo writes numbers without the plus.
        let (from, to) = (&self.caller.from[1..], &self.caller.to[1..]);
        let fields = [
            ("CallUUID", self.call_uuid.as_str()),
            ("From", from),
            ("To", to),
            ("Direction", "inbound"),
        ];
        let form: Vec<(String, String)> = fields
            .iter()
            .chain(extra)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let mut request = webhook::client().post(url).form(&form);
        if let Some(token) = &self.account.auth_token {
            let nonce = self.caller.hex();
            let signature = Validator::new(token).sign(url, &form, &nonce);
            request = request.header(NONCE, nonce).header(SIGNATURE, signature);
        }
        webhook::ask(request).await
    }
}
