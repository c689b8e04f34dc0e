//! Twilio's part: signed webhooks, TwiML, and a media stream that is refused where Twilio refuses it.

mod side;
mod twiml;

use super::dialect::{
    Caller, CarrierCall, Dial, DialStatus, Dialect, Entry, Hung, News, Next, Open, Side,
};
use super::{LoadError, webhook};
use crate::line::twilio::signature::{HEADER, Validator};
use futures_util::future::BoxFuture;
use side::TwilioSide;
use std::sync::Arc;
use twiml::Verb;

/// The entry in the table of dialects.
pub const ENTRY: Entry = Entry {
    name: "twilio",
    takes_orders: false,
    open: |target| {
        let token = target.config.twilio.auth_token.as_ref();
        let token = token
            .map(|token| token.expose().clone())
            .filter(|token| !token.is_empty());
        Ok(Arc::new(Twilio::new(target.base, token)))
    },
};

/// An account with one number.
pub struct Twilio {
    voice_url: String,
    auth_token: Option<String>,
}

impl Twilio {
    /// `base`: the server's address. The token signs webhooks and upgrades as Twilio does.
    pub fn new(base: &str, auth_token: Option<String>) -> Self {
        Self {
            voice_url: format!("{base}/twilio/voice"),
            auth_token,
        }
    }
}

impl Dialect for Twilio {
    fn name(&self) -> &'static str {
        "twilio"
    }

    fn call(&self, caller: &Caller) -> Box<dyn CarrierCall> {
        Box::new(Call {
            call_sid: format!("CA{}", caller.hex()),
            caller: caller.clone(),
            voice_url: self.voice_url.clone(),
            token: self.auth_token.clone(),
            action: None,
            parameters: Vec::new(),
        })
    }
}

struct Call {
    call_sid: String,
    caller: Caller,
    voice_url: String,
    token: Option<String>,
    /// What Twilio asks when the verb that runs has ended; none: the call ends with it.
    action: Option<String>,
    /// Of the last `<Stream>`.
    parameters: Vec<(String, String)>,
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
                News::Dialed(status) => {
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

    fn side(&mut self) -> Box<dyn Side> {
        Box::new(TwilioSide::new(&self.call_sid, &self.parameters))
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

    fn obey(&mut self, verb: Verb) -> Result<Next, LoadError> {
        Ok(match verb {
            Verb::Connect {
                url,
                parameters,
                action,
            } => {
                let mut headers = Vec::new();
                if let Some(token) = &self.token {
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
            Verb::Dial { action, number } => {
                self.action = action;
                Next::Dial(Dial {
                    to: number,
                    carries: Vec::new(),
                })
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
        let form = self.form(status, extra);
        let mut request = webhook::client().post(url).form(&form);
        if let Some(token) = &self.token {
            request = request.header(HEADER, Validator::new(token).sign(url, &form));
        }
        let answer = webhook::ask(request).await?;
        twiml::parse(&answer).map_err(|why| LoadError::Answer(format!("no TwiML: {why}")))
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
        fields
            .iter()
            .chain(extra)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }
}
