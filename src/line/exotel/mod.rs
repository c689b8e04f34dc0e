//! Exotel: the Voicebot applet's stream, and what the other applets of a flow ask. See `EXOTEL.md` beside
//! this folder.

mod codec;
mod flow;

pub use codec::{STYLE, codec};

use super::carrier::Carrier;
use super::guard::Guard;
use super::provider::{Able, Alive, Heard, Provider};
use super::server::{Shared, Urls};
use crate::config::Config;
use crate::runtime::session::LineTraits;
use axum::Router;
use std::sync::Arc;

/// Frames sent ahead: with the one that is due, two messages of 100 ms, so that there is always one in the
/// caller's ear while the next is on its way.
const LEAD: u32 = 9;

/// Exotel's entry in the table of providers.
pub const PROVIDER: Provider = Provider {
    name: "exotel",
    title: "Exotel Voicebot",
    line: LineTraits {
        name: "exotel",
        marks: true,
        lead: LEAD,
        ..LineTraits::PLAIN
    },
    able: Able {
        heard: Heard::Marks,
        clear: true,
        keys: true,
        transfer: true,
        whisper: false,
        warm: false,
        take_back: true,
        parameters: false,
        notes: &[
            "Transfers, hanging up and taking the caller back are steps of your flow: without the applets from EXOTEL.md calls end where the bot does.",
            "Exotel ends a stream after 60 minutes.",
        ],
    },
    close_is_hang_up: false,
    alive: Alive::Sound,
    codec: || Box::new(codec(None)),
    carrier: |config| Ok(Arc::new(Exotel::new(config))),
};

/// Exotel with our settings.
pub struct Exotel {
    guard: Guard,
}

impl Exotel {
    fn new(config: &Config) -> Self {
        let secret = config.exotel.secret.as_ref();
        Self {
            guard: Guard::new(secret.map(|secret| secret.expose().as_str())),
        }
    }
}

impl Carrier for Exotel {
    fn provider(&self) -> &'static Provider {
        &PROVIDER
    }

    fn is_guarded(&self) -> bool {
        self.guard.is_set()
    }

    fn routes(self: Arc<Self>, shared: Arc<Shared>) -> Router {
        flow::router(self, shared)
    }

    fn announce(&self, urls: &Urls) -> Vec<(&'static str, String)> {
        vec![
            (
                "Voicebot applet, URL (with the secret)",
                urls.webhook("/exotel/start"),
            ),
            ("Passthru applet behind it", urls.webhook("/exotel/next")),
            ("Connect applet, Dial Whom", urls.webhook("/exotel/dial")),
            (
                "Passthru applet behind that",
                urls.webhook("/exotel/dialed"),
            ),
        ]
    }
}
