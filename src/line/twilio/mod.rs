//! Twilio: webhooks and TwiML, Media Streams, request signatures. See `TWILIO.md` beside this folder.

mod codec;
pub mod signature;
pub mod twiml;
mod webhook;

pub use codec::TwilioCodec;

use super::carrier::Carrier;
use super::provider::{Able, Alive, Heard, LEAD, Provider};
use super::server::{Shared, Urls};
use crate::config::Config;
use crate::runtime::session::LineTraits;
use axum::Router;
use signature::Validator;
use std::sync::Arc;

/// Twilio's entry in the table of providers.
pub const PROVIDER: Provider = Provider {
    name: "twilio",
    title: "Twilio Media Streams",
    line: LineTraits {
        name: "twilio",
        marks: true,
        lead: LEAD,
        ..LineTraits::PLAIN
    },
    able: Able {
        heard: Heard::Marks,
        clear: true,
        keys: true,
        transfer: true,
        whisper: true,
        warm: false,
        take_back: true,
        parameters: false,
        notes: &[],
    },
    close_is_hang_up: false,
    alive: Alive::Sound,
    codec: || Box::new(TwilioCodec::new()),
    carrier: |config| Ok(Arc::new(Twilio::new(config))),
};

/// Twilio with the settings of an account.
pub struct Twilio {
    validator: Option<Validator>,
}

impl Twilio {
    fn new(config: &Config) -> Self {
        let token = config.twilio.auth_token.as_ref();
        let token = token.map(|token| token.expose().as_str());
        Self {
            validator: token.filter(|token| !token.is_empty()).map(Validator::new),
        }
    }
}

impl Carrier for Twilio {
    fn provider(&self) -> &'static Provider {
        &PROVIDER
    }

    fn is_guarded(&self) -> bool {
        self.validator.is_some()
    }

    fn routes(self: Arc<Self>, shared: Arc<Shared>) -> Router {
        webhook::router(self, shared)
    }

    fn announce(&self, urls: &Urls) -> Vec<(&'static str, String)> {
        vec![
            (
                "number, Voice, \"A call comes in\", POST",
                urls.webhook("/twilio/voice"),
            ),
            ("media socket", urls.socket("/twilio/media")),
        ]
    }
}
