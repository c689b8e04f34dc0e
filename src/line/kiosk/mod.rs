//! The browser phone and kiosk: a page at `/` and its socket, which speaks `kiosk/1`. See `KIOSK.md`
//! beside this folder.

mod codec;
mod message;
mod origin;
mod token;
mod web;

pub use codec::KioskCodec;
pub use token::Tokens;

use super::carrier::Carrier;
use super::provider::{Able, Alive, Heard, LEAD, Provider};
use super::server::{ServeError, Shared, Urls};
use crate::config::Config;
use crate::runtime::session::LineTraits;
use axum::Router;
use origin::Origins;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The page's entry in the table of providers.
pub const PROVIDER: Provider = Provider {
    name: "kiosk",
    title: "Browser phone and kiosk",
    line: LineTraits {
        name: "kiosk",
        marks: true,
        lead: LEAD,
        captions: true,
        ..LineTraits::PLAIN
    },
    able: Able {
        heard: Heard::Marks,
        clear: true,
        keys: true,
        transfer: false,
        whisper: false,
        warm: false,
        take_back: false,
        parameters: false,
        notes: &["A caller who is to talk to a person is shown the human line's number to call."],
    },
    // A page that is closed has hung up.
    close_is_hang_up: true,
    alive: Alive::Pings,
    codec: || Box::new(KioskCodec::new()),
    carrier: |config| Ok(Arc::new(Kiosk::new(config)?)),
};

/// The page's line with its settings.
pub struct Kiosk {
    open: bool,
    origins: Origins,
    tokens: Tokens,
    /// Calls from the page at the same time, so that it leaves room for telephones.
    seats: Arc<Semaphore>,
}

impl Kiosk {
    fn new(config: &Config) -> Result<Self, ServeError> {
        let origins = config.kiosk.origins.as_deref().unwrap_or_default();
        let origins = Origins::parse(origins).map_err(|wrong| ServeError::Line {
            line: PROVIDER.title,
            why: format!("kiosk.origins has {wrong:?}, which is no origin"),
            hint: "write scheme and host, like https://www.example.com, with commas between them",
        })?;
        Ok(Self {
            open: config.kiosk.open,
            origins,
            tokens: Tokens::new(),
            seats: Arc::new(Semaphore::new(config.kiosk.max_calls)),
        })
    }
}

impl Carrier for Kiosk {
    fn provider(&self) -> &'static Provider {
        &PROVIDER
    }

    /// Who opens it to everybody has said so.
    fn is_guarded(&self) -> bool {
        self.open
    }

    fn routes(self: Arc<Self>, shared: Arc<Shared>) -> Router {
        web::router(self, shared)
    }

    fn announce(&self, urls: &Urls) -> Vec<(&'static str, String)> {
        vec![
            ("phone: open it in a browser", urls.webhook("/")),
            ("kiosk", urls.webhook("/?kiosk=1")),
        ]
    }

    fn asks_outcome(&self) -> bool {
        false
    }
}
