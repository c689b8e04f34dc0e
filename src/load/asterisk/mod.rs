//! Asterisk's part with `chan_websocket`: a dialplan that dials the bot, asks what is next, calls a person and
//! dials the bot again, as `ASTERISK.md` has it.

mod side;

pub use side::Version;

use super::LoadError;
use super::dialect::{Caller, CarrierCall, Dialect, Entry, Hung, News, Next, Open, Side, plain};
use super::dialplan::Dialplan;
use crate::line::coding::Coding;
use futures_util::future::BoxFuture;
use side::{AsteriskSide, Format};
use std::sync::Arc;

/// The entry in the table of dialects.
pub const ENTRY: Entry = Entry {
    name: "asterisk",
    ways: &["json", "words", "old", "slin16"],
    takes_orders: false,
    open: |target| {
        let secret = plain(target.config.asterisk.secret.as_ref());
        let asterisk = Asterisk::new(target.base, secret);
        Ok(Arc::new(match target.way {
            "words" => asterisk.speaking(Version::Words),
            "old" => asterisk.speaking(Version::Old),
            "slin16" => asterisk.in_format("slin16", Coding::L16 { rate_hz: 16_000 }),
            _ => asterisk,
        }))
    },
};

/// An Asterisk with one extension.
#[derive(Clone)]
pub struct Asterisk {
    base: String,
    dialplan: Dialplan,
    version: Version,
    format: Format,
}

impl Asterisk {
    /// `base`: the server's address. With the newest control messages and µ-law.
    pub fn new(base: &str, secret: Option<String>) -> Self {
        Self {
            base: base.to_owned(),
            dialplan: Dialplan::new(base, "asterisk", secret),
            version: Version::Json,
            format: Format {
                name: "ulaw",
                coding: Coding::Ulaw,
                frame_ms: 20,
            },
        }
    }

    /// Another version, or without `f(json)`.
    pub fn speaking(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// Dialled with `c(NAME)`.
    pub fn in_format(mut self, name: &'static str, coding: Coding) -> Self {
        (self.format.name, self.format.coding) = (name, coding);
        self
    }

    /// A format whose frames are longer than 20 ms.
    pub fn in_frames_of(mut self, frame_ms: u32) -> Self {
        self.format.frame_ms = frame_ms;
        self
    }
}

impl Dialect for Asterisk {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn call(&self, caller: &Caller) -> Box<dyn CarrierCall> {
        // As Asterisk's are: seconds since 1970, a dot, a number.
        let unique_id = format!("{}.{}", (caller.id >> 96) as u32, caller.id as u32);
        Box::new(Call {
            asterisk: self.clone(),
            caller: caller.clone(),
            unique_id,
        })
    }
}

struct Call {
    asterisk: Asterisk,
    caller: Caller,
    unique_id: String,
}

impl CarrierCall for Call {
    fn next(&mut self, news: News) -> BoxFuture<'_, Result<Next, LoadError>> {
        Box::pin(async move {
            let dialplan = &self.asterisk.dialplan;
            match news {
                News::Placed => Ok(self.bot()),
                News::StreamEnded(Hung::ByCaller) | News::HungUp => {
                    dialplan.gone(&self.unique_id).await?;
                    Ok(Next::Over)
                }
                News::StreamEnded(_) => dialplan.next(&self.unique_id).await,
                News::Dialed(status) => match dialplan.dialed(&self.unique_id, status).await? {
                    true => Ok(self.bot()),
                    false => Ok(Next::Over),
                },
            }
        })
    }

    fn side(&mut self) -> Box<dyn Side> {
        let Asterisk {
            version, format, ..
        } = self.asterisk;
        Box::new(AsteriskSide::new(version, format, &self.caller))
    }
}

impl Call {
    /// `Dial(WebSocket/attendant/…)`.
    fn bot(&self) -> Next {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("call", &self.unique_id)
            .append_pair("caller", &self.caller.from)
            .finish();
        let base = self.asterisk.base.replacen("http", "ws", 1);
        let authorization = self.asterisk.dialplan.authorization();
        Next::Stream(Open::WebSocket {
            url: format!("{base}/asterisk/media?{query}"),
            headers: authorization.into_iter().collect(),
            subprotocols: vec!["media".to_owned()],
        })
    }
}
