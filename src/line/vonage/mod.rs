//! Vonage Voice: answer and event webhooks with their NCCO documents, the WebSocket, signed webhooks.
//! See `VONAGE.md` beside this folder.

mod codec;
pub mod ncco;
pub mod signature;
mod webhook;

pub use codec::VonageCodec;

use super::carrier::Carrier;
use super::provider::{Able, Alive, Heard, LEAD, Provider};
use super::server::{Shared, Urls};
use crate::config::Config;
use crate::runtime::session::LineTraits;
use axum::Router;
use signature::Validator;
use std::sync::Arc;

/// Vonage's entry in the table of providers.
pub const PROVIDER: Provider = Provider {
    name: "vonage",
    title: "Vonage Voice",
    line: LineTraits {
        name: "vonage",
        marks: true,
        lead: LEAD,
        virtual_clock: false,
        captions: false,
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
        notes: &[
            "The person who takes over hears the story but cannot refuse the call other than by hanging up.",
            "Not tried with a live account.",
        ],
    },
    // The platform may close a socket whose caller is still there.
    close_is_hang_up: false,
    alive: Alive::Sound,
    codec: || Box::new(VonageCodec::new()),
    carrier: |config| Ok(Arc::new(Vonage::new(config))),
};

/// Vonage with the settings of an application.
pub struct Vonage {
    validator: Option<Validator>,
}

impl Vonage {
    fn new(config: &Config) -> Self {
        let secret = config.vonage.signature_secret.as_ref();
        let secret = secret.map(|secret| secret.expose().as_str());
        Self {
            validator: secret
                .filter(|secret| !secret.is_empty())
                .map(Validator::new),
        }
    }
}

impl Carrier for Vonage {
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
                "application, Voice, answer URL, POST",
                urls.webhook("/vonage/answer"),
            ),
            (
                "application, Voice, event URL, POST",
                urls.webhook("/vonage/events"),
            ),
            ("media socket", urls.socket("/vonage/media")),
        ]
    }
}
