//! Exotel's part: a flow of applets (Voicebot, Passthru, Connect, Passthru, and back to the first), each of
//! which asks the server, and a stream.

mod side;

use super::dialect::{
    Caller, CarrierCall, Dial, DialStatus, Dialect, Entry, Hung, News, Next, Open, Side, plain,
};
use super::{LoadError, webhook};
use futures_util::future::BoxFuture;
use side::ExotelSide;
use std::sync::Arc;

/// The entry in the table of dialects.
pub const ENTRY: Entry = Entry {
    name: "exotel",
    ways: &["8000", "16000", "24000"],
    takes_orders: false,
    open: |target| {
        let secret = plain(target.config.exotel.secret.as_ref());
        let exotel = Exotel::new(target.base, secret);
        Ok(Arc::new(match target.way {
            "16000" => exotel.at(16_000),
            "24000" => exotel.at(24_000),
            _ => exotel,
        }))
    },
};

/// An account with one flow.
#[derive(Clone)]
pub struct Exotel {
    base: String,
    secret: Option<String>,
    rate_hz: u32,
    fixed: bool,
}

impl Exotel {
    /// `base`: the server's address; the secret stands in the flow's URLs.
    pub fn new(base: &str, secret: Option<String>) -> Self {
        Self {
            base: base.to_owned(),
            secret,
            rate_hz: 8_000,
            fixed: false,
        }
    }

    /// The stream has another rate: 16000 or 24000.
    pub fn at(mut self, rate_hz: u32) -> Self {
        self.rate_hz = rate_hz;
        self
    }

    /// The media socket's address is written in the applet, not asked for.
    pub fn fixed(mut self) -> Self {
        self.fixed = true;
        self
    }
}

impl Dialect for Exotel {
    fn name(&self) -> &'static str {
        "exotel"
    }

    fn call(&self, caller: &Caller) -> Box<dyn CarrierCall> {
        Box::new(Call {
            call_sid: caller.hex(),
            caller: caller.clone(),
            account: self.clone(),
            streams: 0,
        })
    }
}

struct Call {
    call_sid: String,
    caller: Caller,
    account: Exotel,
    streams: u32,
}

impl CarrierCall for Call {
    fn next(&mut self, news: News) -> BoxFuture<'_, Result<Next, LoadError>> {
        Box::pin(async move {
            match news {
                News::Placed => Ok(match self.voicebot().await? {
                    Next::Dial(dial) => Next::TurnedAway(Some(dial)),
                    Next::Over => Next::TurnedAway(None),
                    next => next,
                }),
                News::StreamEnded(Hung::ByServer) => self.passthru().await,
                // The flow ends with the call: nobody asks.
                News::StreamEnded(_) | News::HungUp => Ok(Next::Over),
                News::Dialed(status) => {
                    let status = match status {
                        DialStatus::Completed => "completed",
                        DialStatus::Busy => "busy",
                        DialStatus::NoAnswer => "no-answer",
                        DialStatus::Failed => "failed",
                        DialStatus::Canceled => "canceled",
                    };
                    match self.ask("dialed", &[("DialCallStatus", status)]).await?.0 {
                        200 => self.voicebot().await,
                        _ => Ok(Next::Over),
                    }
                }
            }
        })
    }

    fn side(&mut self) -> Box<dyn Side> {
        self.streams += 1;
        let rate_hz = self.account.rate_hz;
        Box::new(ExotelSide::new(
            &self.call_sid,
            self.streams,
            &self.caller,
            rate_hz,
        ))
    }
}

impl Call {
    /// The Voicebot applet; where it gets no stream the flow goes on.
    async fn voicebot(&mut self) -> Result<Next, LoadError> {
        let mut headers = Vec::new();
        let url = if self.account.fixed {
            headers.extend(
                self.authorization()
                    .map(|value| ("authorization".to_owned(), value)),
            );
            format!(
                "{}/exotel/media",
                self.account.base.replacen("http", "ws", 1)
            )
        } else {
            let (status, answer) = self.ask("start", &[]).await?;
            if status != 200 {
                return self.passthru().await;
            }
            let answer: serde_json::Value = serde_json::from_str(&answer).unwrap_or_default();
            let url = answer["url"].as_str();
            let url = url.ok_or_else(|| LoadError::Answer("no url for the stream".into()))?;
            url.to_owned()
        };
        Ok(Next::Stream(Open::WebSocket {
            url,
            headers,
            subprotocols: Vec::new(),
        }))
    }

    /// The Passthru applet behind it, and the Connect applet of its choice A.
    async fn passthru(&mut self) -> Result<Next, LoadError> {
        match self.ask("next", &[]).await?.0 {
            200 => {
                let (status, number) = self.ask("dial", &[]).await?;
                if status != 200 {
                    return Ok(Next::Over);
                }
                Ok(Next::Dial(Dial {
                    to: number,
                    carries: Vec::new(),
                }))
            }
            302 => Ok(Next::Over),
            status => Err(LoadError::Status {
                url: format!("{}/exotel/next", self.account.base),
                status,
            }),
        }
    }

    fn authorization(&self) -> Option<String> {
        let secret = self.account.secret.as_ref()?;
        Some(webhook::basic("exotel", secret))
    }

    fn query(&self, extra: &[(&str, &str)]) -> String {
        let (from, to) = (self.caller.from.as_str(), self.caller.to.as_str());
        let fields = [
            ("CallSid", self.call_sid.as_str()),
            ("CallFrom", from),
            ("CallTo", to),
        ];
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .extend_pairs(extra)
            .finish()
    }

    /// A question, its answer's status and text.
    async fn ask(&self, path: &str, extra: &[(&str, &str)]) -> Result<(u16, String), LoadError> {
        let url = format!("{}/exotel/{path}", self.account.base);
        let query = self.query(extra);
        let mut request = webhook::client().get(format!("{url}?{query}"));
        if let Some(value) = self.authorization() {
            request = request.header("authorization", value);
        }
        let failed = |cause| LoadError::Webhook {
            url: url.clone(),
            cause,
        };
        let response = request.send().await.map_err(failed)?;
        let status = response.status().as_u16();
        if status == 403 {
            return Err(LoadError::Status { url, status });
        }
        Ok((status, response.text().await.map_err(failed)?))
    }
}
