//! jambonz's part: the control socket or webhooks, verbs, and an audio socket whose marks live by the rules
//! of mod_audio_fork.

mod control;
mod person;
mod side;
mod verbs;

use super::dialect::{
    Caller, CarrierCall, DialStatus, Dialect, Entry, Hung, News, Next, Ordered, Person, Side, plain,
};
use super::rest::{FakeRest, Order};
use super::{LoadError, webhook};
use crate::line::jambonz::signature::{HEADER, Validator};
use control::Control;
use futures_util::future::BoxFuture;
use person::SecondLeg;
use serde_json::{Value, json};
use side::JambonzSide;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc::UnboundedReceiver;
use verbs::Verbs;

/// The entry in the table of dialects.
pub const ENTRY: Entry = Entry {
    name: "jambonz",
    ways: &["control", "webhook"],
    takes_orders: false,
    open: |target| {
        let settings = &target.config.jambonz;
        let account = Account {
            base: target.base.to_owned(),
            password: plain(settings.password.as_ref()),
            webhook_secret: plain(settings.webhook_secret.as_ref()),
        };
        let way = match target.way {
            "webhook" => Way::Webhook,
            _ => Way::Control,
        };
        Ok(Arc::new(Jambonz::new(account, way)))
    },
};

/// How the application is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Control,
    Webhook,
}

/// The server, and the secrets that are shared with it.
#[derive(Clone, Default)]
pub struct Account {
    /// The server's address.
    pub base: String,
    pub password: Option<String>,
    pub webhook_secret: Option<String>,
}

/// A jambonz with one application.
pub struct Jambonz {
    account: Account,
    way: Way,
    rest: Option<Arc<FakeRest>>,
    person: Person,
}

impl Jambonz {
    pub fn new(account: Account, way: Way) -> Self {
        Self {
            account,
            way,
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

impl Dialect for Jambonz {
    fn name(&self) -> &'static str {
        "jambonz"
    }

    fn call(&self, caller: &Caller) -> Box<dyn CarrierCall> {
        let rest = self.rest.as_ref();
        Box::new(Call {
            orders: rest.map(|rest| rest.orders(&caller.uuid())),
            leg: None,
            person: self.person,
            caller: caller.clone(),
            account: self.account.clone(),
            way: self.way,
            control: None,
            verbs: Verbs::default(),
        })
    }
}

struct Call {
    caller: Caller,
    account: Account,
    way: Way,
    control: Option<Control>,
    verbs: Verbs,
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
                    if self.way == Way::Control {
                        self.control = Some(Control::open(&self.account).await?);
                    }
                    let answer = self.ask("session:new", None, json!({})).await?;
                    self.verbs.begin(answer).map_err(LoadError::Answer)?;
                    Ok(match self.verbs.next().map_err(LoadError::Answer)? {
                        Next::Dial(dial) => Next::TurnedAway(Some(dial)),
                        Next::Over => Next::TurnedAway(None),
                        next => next,
                    })
                }
                News::StreamEnded(Hung::ByCaller) | News::HungUp => {
                    let status = json!({"call_status": "completed"});
                    let data = self.caller_data(status);
                    match &mut self.control {
                        Some(control) => control.tell("call:status", data).await?,
                        None => {
                            let url = format!("{}/jambonz/status", self.account.base);
                            self.post(&url, &data).await?;
                        }
                    }
                    Ok(Next::Over)
                }
                News::StreamEnded(_) => self.hook(json!({})).await,
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
        let mut hello = self.caller_data(json!({}));
        hello["callSid"] = self.caller.uuid().into();
        hello["sampleRate"] = 8000.into();
        hello["mixType"] = "mono".into();
        for (name, value) in self.verbs.metadata.as_object().into_iter().flatten() {
            hello[name] = value.clone();
        }
        Box::new(JambonzSide::new(hello))
    }
}

impl Call {
    /// A person's telephone has rung.
    async fn dialed(&mut self, status: DialStatus) -> Result<Next, LoadError> {
        let taken = status == DialStatus::Completed;
        if self.verbs.refers {
            let reached = if taken { 200 } else { 480 };
            let data = json!({"referStatus": 202, "final_referred_call_status": reached});
            return self.hook(data).await;
        }
        if let Some(confirm) = self.verbs.confirm_hook.take().filter(|_| taken) {
            let told = self.ask("dial:confirm", Some(&confirm), json!({})).await?;
            let said = told[0]["say"]["text"].as_str().unwrap_or("");
            let hook = told[0]["actionHook"].as_str().unwrap_or("").to_owned();
            if said.is_empty() || hook.is_empty() {
                return Err(LoadError::Answer(format!("nothing to confirm: {told}")));
            }
            let pressed = json!({"digits": "1", "reason": "dtmfDetected"});
            let joined = self.ask("verb:hook", Some(&hook), pressed).await?;
            if joined.as_array().is_some_and(|verbs| !verbs.is_empty()) {
                return Err(LoadError::Answer(format!("not joined: {joined}")));
            }
        }
        let status = match status {
            DialStatus::Completed => "completed",
            DialStatus::Busy => "busy",
            DialStatus::NoAnswer => "no-answer",
            DialStatus::Failed | DialStatus::Canceled => "failed",
        };
        self.hook(json!({"dial_call_status": status})).await
    }

    /// The verb that ran has ended: asks its hook, and does what is answered, or else the next verb.
    async fn hook(&mut self, data: Value) -> Result<Next, LoadError> {
        if let Some(hook) = self.verbs.hook.take() {
            let answer = self.ask("verb:hook", Some(&hook), data).await?;
            if answer.as_array().is_some_and(|verbs| !verbs.is_empty()) {
                self.verbs.begin(answer).map_err(LoadError::Answer)?;
            }
        }
        let next = self.verbs.next().map_err(LoadError::Answer)?;
        if let Some(name) = self.verbs.room.take() {
            let room = self.leg.take().and_then(|leg| leg.room);
            if room != Some(name) {
                return Err(LoadError::Answer("nobody waits in the room".into()));
            }
        }
        Ok(next)
    }

    fn caller_data(&self, more: Value) -> Value {
        let mut data = json!({
            "call_sid": self.caller.uuid(), "direction": "inbound", "from": self.caller.from,
            "to": self.caller.to, "call_id": self.caller.hex(), "sip_status": 200,
            "call_status": "in-progress", "account_sid": "4bfe85c1-96bb-4af7-ac83-68fe7ebd562d",
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            data[name] = value.clone();
        }
        data
    }

    /// Asks the application; the verbs that it answers, null where there are none.
    async fn ask(
        &mut self,
        kind: &str,
        hook: Option<&str>,
        data: Value,
    ) -> Result<Value, LoadError> {
        let data = self.caller_data(data);
        match (&mut self.control, hook) {
            (Some(control), hook) => control.ask(kind, hook, data).await,
            (None, Some(url)) => self.post(url, &data).await,
            (None, None) => {
                let url = format!("{}/jambonz/call", self.account.base);
                self.post(&url, &data).await
            }
        }
    }

    async fn post(&self, url: &str, data: &Value) -> Result<Value, LoadError> {
        let body = data.to_string();
        let mut request = webhook::client()
            .post(url)
            .header("content-type", "application/json");
        if let Some(password) = &self.account.password {
            request = request.basic_auth("jambonz", Some(password));
        }
        if let Some(secret) = &self.account.webhook_secret {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            let now = since.map_or(0, |since| since.as_secs().cast_signed());
            let signature = Validator::new(secret).sign(body.as_bytes(), now);
            request = request.header(HEADER, signature);
        }
        let answer = webhook::ask(request.body(body)).await?;
        serde_json::from_str(&answer).map_err(|error| LoadError::Answer(error.to_string()))
    }
}
