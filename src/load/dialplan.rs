//! The questions of a PBX's dialplan in one call, in the order of the docs pages: announced, what is next, how
//! the person's telephone rang.

use super::dialect::{Caller, Dial, DialStatus, Next};
use super::{LoadError, webhook};

/// Parts of the handover that are asked for, to go along with the transfer.
const PARTS: [&str; 2] = ["reason", "intent"];

/// A dialplan and the server that it asks.
#[derive(Clone)]
pub struct Dialplan {
    /// `http://…/asterisk`.
    base: String,
    line: &'static str,
    secret: Option<String>,
}

impl Dialplan {
    /// `base`: the server's address; `line`: as in its paths.
    pub fn new(base: &str, line: &'static str, secret: Option<String>) -> Self {
        Self {
            base: format!("{base}/{line}"),
            line,
            secret,
        }
    }

    /// What the upgrade of a media socket shows, HTTP Basic.
    pub fn authorization(&self) -> Option<(String, String)> {
        let basic = webhook::basic(self.line, self.secret.as_ref()?);
        Some(("authorization".to_owned(), basic))
    }

    /// Announces a call; `uuid`: its name, empty the first time. Its name from now on.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn announce(&self, uuid: &str, caller: &Caller) -> Result<String, LoadError> {
        let fields = [("uuid", uuid), ("caller", caller.from.as_str())];
        self.ask("announce", &fields).await
    }

    /// The bot has ended, or never came.
    ///
    /// # Errors
    /// When the answer is neither `hangup` nor `dial NUMBER`.
    pub async fn next(&self, call: &str) -> Result<Next, LoadError> {
        let answer = self.ask("next", &[("call", call)]).await?;
        if answer == "hangup" {
            return Ok(Next::Over);
        }
        let number = answer.strip_prefix("dial ");
        let number = number.ok_or_else(|| LoadError::Answer(answer.clone()))?;
        let mut carries = Vec::new();
        for part in PARTS {
            let value = self.ask("next", &[("call", call), ("field", part)]).await?;
            if value.contains([',', ';', '"', '$', '&', '\n']) {
                let why = format!("{value:?} cannot stand in a dialplan");
                return Err(LoadError::Answer(why));
            }
            if !value.is_empty() {
                carries.push((part.to_owned(), value));
            }
        }
        Ok(Next::Dial(Dial {
            to: number.to_owned(),
            carries,
        }))
    }

    /// The person's telephone has rung. True: the bot takes the caller back.
    ///
    /// # Errors
    /// When the answer is neither `hangup` nor `back`.
    pub async fn dialed(&self, call: &str, status: DialStatus) -> Result<bool, LoadError> {
        let status = match status {
            DialStatus::Completed => "ANSWER",
            DialStatus::Busy => "BUSY",
            DialStatus::NoAnswer => "NOANSWER",
            DialStatus::Failed => "CHANUNAVAIL",
            DialStatus::Canceled => "CANCEL",
        };
        self.tell(call, status).await
    }

    /// The caller has hung up: the extension `h`.
    ///
    /// # Errors
    /// When the bot would go on.
    pub async fn gone(&self, call: &str) -> Result<(), LoadError> {
        match self.tell(call, "GONE").await? {
            true => Err(LoadError::Answer("back, though the caller is gone".into())),
            false => Ok(()),
        }
    }

    async fn tell(&self, call: &str, status: &str) -> Result<bool, LoadError> {
        let fields = [("call", call), ("status", status)];
        match self.ask("dialed", &fields).await?.as_str() {
            "back" => Ok(true),
            "hangup" => Ok(false),
            other => Err(LoadError::Answer(other.to_owned())),
        }
    }

    /// `CURL()` with a form.
    async fn ask(&self, question: &str, fields: &[(&str, &str)]) -> Result<String, LoadError> {
        let url = format!("{}/{question}", self.base);
        let mut request = webhook::client().post(url).form(fields);
        if let Some(secret) = &self.secret {
            request = request.basic_auth(self.line, Some(secret));
        }
        webhook::ask(request).await
    }
}
