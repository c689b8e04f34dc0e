//! Genesys's part: an Architect flow that calls the Audio Connector, signs the socket, and does what the
//! output variables say.

mod side;

use super::LoadError;
use super::dialect::{
    Caller, CarrierCall, Dial, DialStatus, Dialect, Entry, Hung, LastWord, News, Next, Open, Side,
    plain,
};
use crate::line::genesys::signature::{Request, Validator};
use futures_util::future::BoxFuture;
use serde_json::Value;
use side::GenesysSide;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// The organization of all calls.
pub const ORGANIZATION: &str = "d7934305-0972-4844-938e-9060eef73d05";

/// The entry in the table of dialects.
pub const ENTRY: Entry = Entry {
    name: "genesys",
    ways: &[],
    takes_orders: false,
    open: |target| {
        let settings = &target.config.genesys;
        let (key, secret) = (
            plain(settings.api_key.as_ref()),
            plain(settings.client_secret.as_ref()),
        );
        Ok(Arc::new(Genesys::new(target.base, key, secret)))
    },
};

/// An organization with one flow.
pub struct Genesys {
    base: String,
    key: Option<String>,
    secret: Option<String>,
}

impl Genesys {
    /// `base`: the server's address. The key is shown, the secret (base64) signs.
    pub fn new(base: &str, key: Option<String>, secret: Option<String>) -> Self {
        Self {
            base: base.to_owned(),
            key,
            secret,
        }
    }
}

impl Dialect for Genesys {
    fn name(&self) -> &'static str {
        "genesys"
    }

    fn call(&self, caller: &Caller) -> Box<dyn CarrierCall> {
        Box::new(Call {
            caller: caller.clone(),
            base: self.base.clone(),
            key: self.key.clone(),
            secret: self.secret.clone(),
            sessions: 0,
            said: Said::default(),
        })
    }
}

/// The output variables that the server's `disconnect` carried.
pub type Said = LastWord<Value>;

struct Call {
    caller: Caller,
    base: String,
    key: Option<String>,
    secret: Option<String>,
    /// Sessions of this conversation so far.
    sessions: u32,
    said: Said,
}

impl CarrierCall for Call {
    fn next(&mut self, news: News) -> BoxFuture<'_, Result<Next, LoadError>> {
        let next = match news {
            News::Placed => self.call_connector(),
            News::StreamEnded(Hung::ByCaller) | News::HungUp => Ok(Next::Over),
            News::StreamEnded(_) => self.flow(),
            News::Dialed(DialStatus::Completed) => Ok(Next::Over),
            // Nobody in the queue: the flow calls the bot again.
            News::Dialed(_) => self.call_connector(),
        };
        Box::pin(std::future::ready(next))
    }

    fn side(&mut self) -> Box<dyn Side> {
        let said = self.said.clone();
        Box::new(GenesysSide::new(
            &self.caller,
            &self.session(),
            self.sessions > 1,
            said,
        ))
    }
}

impl Call {
    /// The session's name: another one for each call of the connector.
    fn session(&self) -> String {
        let caller = Caller {
            id: self.caller.id.rotate_left(8 * self.sessions),
            ..self.caller.clone()
        };
        caller.uuid()
    }

    fn call_connector(&mut self) -> Result<Next, LoadError> {
        self.sessions += 1;
        let session = self.session();
        let mut headers = vec![
            (
                "audiohook-organization-id".to_owned(),
                ORGANIZATION.to_owned(),
            ),
            ("audiohook-session-id".to_owned(), session.clone()),
            ("audiohook-correlation-id".to_owned(), session.clone()),
        ];
        let path = "/genesys/audiohook";
        if let Some(key) = &self.key {
            headers.push(("x-api-key".to_owned(), key.clone()));
            let validator = Validator::new(key, self.secret.as_deref());
            let validator = validator.ok_or_else(|| LoadError::Setup("no base64".into()))?;
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            let header = |name: &str| {
                let found = headers.iter().find(|(n, _)| n == name);
                found.map(|(_, value)| value.as_str())
            };
            let request = Request {
                url: &format!("{}{path}", self.base),
                header: &header,
                now: since.map_or(0, |since| since.as_secs().cast_signed()),
            };
            if let Some((input, signature)) = validator.sign(&request, &session) {
                headers.push(("signature-input".to_owned(), input));
                headers.push(("signature".to_owned(), signature));
            }
        }
        Ok(Next::Stream(Open::WebSocket {
            url: format!("{}{path}", self.base.replacen("http", "ws", 1)),
            headers,
            subprotocols: Vec::new(),
        }))
    }

    /// What the flow does by the output variables.
    fn flow(&mut self) -> Result<Next, LoadError> {
        let said = self
            .said
            .take()
            .ok_or_else(|| LoadError::Broken("no disconnect".into()))?;
        match said["action"].as_str() {
            Some("hangup") => Ok(Next::Over),
            Some("transfer") => {
                let variables = said.as_object().into_iter().flatten();
                let word = |(name, value): (&String, &Value)| {
                    let value = value.as_str()?;
                    Some((name.clone(), value.to_owned()))
                };
                Ok(Next::Dial(Dial {
                    to: "queue".to_owned(),
                    carries: variables.filter_map(word).collect(),
                }))
            }
            other => Err(LoadError::Answer(format!(
                "no action for the flow: {other:?}"
            ))),
        }
    }
}
