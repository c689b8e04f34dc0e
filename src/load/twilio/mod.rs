//! Twilio's part, and SignalWire's: signed webhooks, TwiML, and a media stream that is refused where Twilio
//! refuses it.

mod person;
mod side;
mod twiml;

use super::dialect::{
    Caller, CarrierCall, Dial, DialStatus, Dialect, Entry, Hung, News, Next, Open, Ordered, Person,
    Side, plain,
};
use super::rest::FakeRest;
use super::rest::Order;
use super::{LoadError, webhook};
use crate::line::twilio::signature::{HEADER, Validator};
use futures_util::future::BoxFuture;
use person::SecondLeg;
use side::TwilioSide;
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedReceiver;
use twiml::Verb;

/// The entry in the table of dialects.
pub const ENTRY: Entry = Entry {
    name: "twilio",
    ways: &[],
    takes_orders: false,
    open: |target| {
        let token = plain(target.config.twilio.auth_token.as_ref());
        Ok(Arc::new(Twilio::new(target.base, token)))
    },
};

/// SignalWire's entry.
pub const SIGNALWIRE: Entry = Entry {
    name: "signalwire",
    ways: &[],
    takes_orders: false,
    open: |target| {
        let key = plain(target.config.signalwire.signing_key.as_ref());
        Ok(Arc::new(Twilio::signalwire(target.base, key)))
    },
};

/// An account with one number.
pub struct Twilio {
    brand: Brand,
    voice_url: String,
    auth_token: Option<String>,
    rest: Option<Arc<FakeRest>>,
    person: Person,
}

/// Whose part is played.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Brand {
    Twilio,
    SignalWire,
}

impl Twilio {
    /// `base`: the server's address. The token signs webhooks and upgrades as Twilio does.
    pub fn new(base: &str, auth_token: Option<String>) -> Self {
        Self {
            brand: Brand::Twilio,
            voice_url: format!("{base}/twilio/voice"),
            auth_token,
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

    /// SignalWire: another header, no signature on the upgrade, no marks of cleared sound.
    pub fn signalwire(base: &str, signing_key: Option<String>) -> Self {
        Self {
            brand: Brand::SignalWire,
            voice_url: format!("{base}/signalwire/voice"),
            auth_token: signing_key,
            rest: None,
            person: Person::default(),
        }
    }
}

impl Dialect for Twilio {
    fn name(&self) -> &'static str {
        match self.brand {
            Brand::Twilio => "twilio",
            Brand::SignalWire => "signalwire",
        }
    }

    fn call(&self, caller: &Caller) -> Box<dyn CarrierCall> {
        let call_sid = match self.brand {
            Brand::Twilio => format!("CA{}", caller.hex()),
            Brand::SignalWire => caller.uuid(),
        };
        let rest = self.rest.as_ref();
        Box::new(Call {
            brand: self.brand,
            // Our own URLs in them name the call.
            orders: rest.map(|rest| rest.orders(&format!("call%3D{call_sid}"))),
            leg: None,
            person: self.person,
            call_sid,
            caller: caller.clone(),
            voice_url: self.voice_url.clone(),
            token: self.auth_token.clone(),
            action: None,
            whisper: None,
            parameters: Vec::new(),
        })
    }
}

struct Call {
    brand: Brand,
    call_sid: String,
    caller: Caller,
    voice_url: String,
    token: Option<String>,
    /// What Twilio asks when the verb that runs has ended; none: the call ends with it.
    action: Option<String>,
    /// What the person hears who picks up is asked there.
    whisper: Option<String>,
    /// Of the last `<Stream>`.
    parameters: Vec<(String, String)>,
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
                    let url = self.voice_url.clone();
                    let verb = self.post(&url, "ringing", &[]).await?;
                    Ok(match self.obey(verb)? {
                        Next::Dial(dial) => Next::TurnedAway(Some(dial)),
                        Next::Over => Next::TurnedAway(None),
                        next => next,
                    })
                }
                News::StreamEnded(Hung::ByCaller) | News::HungUp => {
                    self.ask("completed", &[]).await
                }
                News::StreamEnded(_) => self.ask("in-progress", &[]).await,
                News::Dialed(status) if self.leg.is_some() => self.second_leg(status).await,
                News::Dialed(status) => {
                    let whisper = self.whisper.take();
                    if let (DialStatus::Completed, Some(url)) = (status, whisper) {
                        self.pick_up(&url).await?;
                    }
                    let status = match status {
                        DialStatus::Completed => "completed",
                        DialStatus::Busy => "busy",
                        DialStatus::NoAnswer => "no-answer",
                        DialStatus::Failed => "failed",
                        DialStatus::Canceled => "canceled",
                    };
                    self.ask("in-progress", &[("DialCallStatus", status)]).await
                }
            }
        })
    }

    fn ordered(&mut self) -> BoxFuture<'_, Result<Ordered, LoadError>> {
        Box::pin(async move {
            let order = match &mut self.orders {
                Some(orders) => orders.recv().await,
                None => None,
            };
            match order {
                Some(order) => self.rings(&order),
                None => std::future::pending().await,
            }
        })
    }

    fn side(&mut self) -> Box<dyn Side> {
        let style = match self.brand {
            Brand::Twilio => &crate::line::twilio::STYLE,
            Brand::SignalWire => &crate::line::signalwire::STYLE,
        };
        Box::new(TwilioSide::new(style, &self.call_sid, &self.parameters))
    }
}

impl Call {
    /// Asks the action of the verb that has ended.
    async fn ask(&mut self, status: &str, extra: &[(&str, &str)]) -> Result<Next, LoadError> {
        let Some(action) = self.action.take() else {
            return Ok(Next::Over);
        };
        let verb = self.post(&action, status, extra).await?;
        self.obey(verb)
    }

    /// The person who was called listens to the story and presses 1.
    async fn pick_up(&self, url: &str) -> Result<(), LoadError> {
        let own = self.call_sid.replacen("CA", "CAFFFF", 1);
        let leg = [
            ("ParentCallSid", self.call_sid.as_str()),
            ("CallSid", &own[..34]),
        ];
        match self.post(url, "in-progress", &leg).await? {
            Verb::Gather { action } => {
                let keyed = [leg[0], leg[1], ("Digits", "1")];
                self.post(&action, "in-progress", &keyed).await?;
                Ok(())
            }
            // Joined without a word.
            Verb::Hangup => Ok(()),
            other => Err(LoadError::Answer(format!(
                "{other:?} for the person who was called"
            ))),
        }
    }

    fn obey(&mut self, verb: Verb) -> Result<Next, LoadError> {
        Ok(match verb {
            Verb::Connect {
                url,
                parameters,
                action,
            } => {
                let mut headers = Vec::new();
                if let (Brand::Twilio, Some(token)) = (self.brand, &self.token) {
                    let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
                    // Twilio's scheme is wss, always.
                    let signature = Validator::new(token).sign(&format!("wss://{rest}"), &[]);
                    headers.push((HEADER.to_owned(), signature));
                }
                self.action = action;
                self.parameters = parameters;
                Next::Stream(Open::WebSocket {
                    url,
                    headers,
                    subprotocols: Vec::new(),
                })
            }
            Verb::Dial {
                action,
                number,
                whisper,
            } => {
                self.action = action;
                self.whisper = whisper;
                Next::Dial(Dial {
                    to: number,
                    carries: Vec::new(),
                })
            }
            Verb::Conference { name, starts, .. } => {
                let room = self.leg.take().and_then(|leg| leg.room);
                if room.as_deref() != Some(name.as_str()) || !starts {
                    return Err(LoadError::Answer(format!("nobody waits in {name}")));
                }
                Next::Over
            }
            Verb::Gather { .. } => {
                return Err(LoadError::Answer("a Gather where the caller is".into()));
            }
            Verb::Say | Verb::Hangup => Next::Over,
        })
    }

    /// Posts the form to `url` and returns the answer's first verb.
    async fn post(
        &self,
        url: &str,
        status: &str,
        extra: &[(&str, &str)],
    ) -> Result<Verb, LoadError> {
        let answer = self.ask_for(url, status, extra).await?;
        twiml::parse(&answer).map_err(|why| LoadError::Answer(format!("no TwiML: {why}")))
    }

    async fn ask_for(
        &self,
        url: &str,
        status: &str,
        extra: &[(&str, &str)],
    ) -> Result<String, LoadError> {
        let form = self.form(status, extra);
        let mut request = webhook::client().post(url).form(&form);
        if let Some(token) = &self.token {
            let header = match self.brand {
                Brand::Twilio => HEADER,
                Brand::SignalWire => crate::line::signalwire::HEADER,
            };
            request = request.header(header, Validator::new(token).sign(url, &form));
        }
        webhook::ask(request).await
    }

    fn form(&self, status: &str, extra: &[(&str, &str)]) -> Vec<(String, String)> {
        let (from, to) = (self.caller.from.as_str(), self.caller.to.as_str());
        let fields = [
            ("CallSid", self.call_sid.as_str()),
            ("AccountSid", side::ACCOUNT),
            ("From", from),
            ("To", to),
            ("Caller", from),
            ("Called", to),
            ("CallStatus", status),
            ("Direction", "inbound"),
            ("ApiVersion", "2010-04-01"),
            ("FromCity", ""),
        ];
        let said_otherwise = |name: &str| extra.iter().any(|(other, _)| *other == name);
        fields
            .iter()
            .filter(|(name, _)| !said_otherwise(name))
            .chain(extra)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }
}
