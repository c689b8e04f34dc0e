//! The page's part: asks for a token, opens the socket, and shows the number to call where a person is due.

mod side;

use super::dialect::{
    Caller, CarrierCall, Dial, Dialect, Entry, Hung, LastWord, News, Next, Open, Side,
};
use super::{LoadError, webhook};
use futures_util::future::BoxFuture;
use side::{End, KioskSide};
use std::sync::Arc;

/// The entry in the table of dialects; the ways are the rates of the caller's sound.
pub const ENTRY: Entry = Entry {
    name: "kiosk",
    ways: &["16000", "48000"],
    takes_orders: false,
    open: |target| {
        let rate_hz = target.way.parse().unwrap_or(16_000);
        Ok(Arc::new(Kiosk::new(target.base).at(rate_hz)))
    },
};

/// A browser with the page open.
#[derive(Clone)]
pub struct Kiosk {
    base: String,
    rate_hz: u32,
}

impl Kiosk {
    /// `base`: the server's address, from which the page is.
    pub fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            rate_hz: 16_000,
        }
    }

    /// The page sends another rate, 8000 to 48000.
    pub fn at(mut self, rate_hz: u32) -> Self {
        self.rate_hz = rate_hz;
        self
    }
}

impl Dialect for Kiosk {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn call(&self, _: &Caller) -> Box<dyn CarrierCall> {
        Box::new(Call {
            page: self.clone(),
            token: String::new(),
            end: LastWord::default(),
        })
    }
}

struct Call {
    page: Kiosk,
    token: String,
    end: LastWord<End>,
}

impl CarrierCall for Call {
    fn next(&mut self, news: News) -> BoxFuture<'_, Result<Next, LoadError>> {
        Box::pin(async move {
            match news {
                News::Placed => self.press().await,
                News::StreamEnded(Hung::ByServer) => self.ended(),
                // Nobody asks the page for anything else.
                News::StreamEnded(_) | News::HungUp | News::Dialed(_) => Ok(Next::Over),
            }
        })
    }

    fn side(&mut self) -> Box<dyn Side> {
        let (token, end) = (self.token.clone(), self.end.clone());
        Box::new(KioskSide::new(token, self.page.rate_hz, end))
    }
}

impl Call {
    /// The button is pressed.
    async fn press(&mut self) -> Result<Next, LoadError> {
        let url = format!("{}/kiosk/token", self.page.base);
        let origin = ("origin".to_owned(), self.page.base.clone());
        let request = webhook::client().post(url).header(&origin.0, &origin.1);
        let answer = match webhook::ask(request).await {
            Ok(answer) => answer,
            Err(LoadError::Status { status: 503, .. }) => return Ok(Next::TurnedAway(None)),
            Err(error) => return Err(error),
        };
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap_or_default();
        let token = answer["token"].as_str();
        token
            .ok_or_else(|| LoadError::Answer("no token".into()))?
            .clone_into(&mut self.token);
        Ok(Next::Stream(Open::WebSocket {
            url: format!("{}/kiosk/media", self.page.base.replacen("http", "ws", 1)),
            headers: vec![origin],
            subprotocols: vec!["ivr.kiosk.v1".to_owned()],
        }))
    }

    /// What the page shows at the end: a caller who is shown a number calls it.
    fn ended(&self) -> Result<Next, LoadError> {
        match self.end.take() {
            None => Err(LoadError::Broken("closed without an end".into())),
            Some(End { why, .. }) if why == "failed" => {
                Err(LoadError::Broken("the call has failed".into()))
            }
            Some(End { number: None, .. }) => Ok(Next::Over),
            Some(End {
                reason,
                number: Some(to),
                ..
            }) => {
                let carries = reason.map(|reason| ("reason".to_owned(), reason));
                Ok(Next::Dial(Dial {
                    to,
                    carries: carries.into_iter().collect(),
                }))
            }
        }
    }
}
