//! Vonage Voice: answer and event webhooks with their NCCO documents, the WebSocket, signed webhooks, orders.
//! See `VONAGE.md` beside this folder.

mod codec;
pub mod ncco;
mod orders;
pub mod signature;
mod webhook;

pub use codec::VonageCodec;

use super::carrier::{Carrier, SecondLeg};
use super::provider::{Able, Alive, Heard, LEAD, Provider};
use super::server::{ServeError, Shared, Urls};
use super::warm::needed_for_warm;
use crate::config::{Config, HumanTransfer};
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
        warm: true,
        take_back: true,
        parameters: false,
        notes: &[
            "With a whisper the person hears the story but cannot refuse the call other than by hanging up; with a warm transfer a key is pressed.",
            "Not tried with a live account.",
        ],
    },
    // The platform may close a socket whose caller is still there.
    close_is_hang_up: false,
    alive: Alive::Sound,
    codec: || Box::new(VonageCodec::new()),
    carrier: |config| Ok(Arc::new(Vonage::new(config)?)),
};

/// Vonage with the settings of an application.
pub struct Vonage {
    validator: Option<Validator>,
    /// Gives orders, where the settings tell who may.
    api: Option<orders::Api>,
}

impl Vonage {
    fn new(config: &Config) -> Result<Self, ServeError> {
        let secret = config.vonage.signature_secret.as_ref();
        let secret = secret.map(|secret| secret.expose().as_str());
        let secret = secret.filter(|secret| !secret.is_empty());
        Ok(Self {
            validator: secret.map(Validator::new),
            api: needed_for_warm(&PROVIDER, secret.is_some(), config, api(config))?,
        })
    }
}

/// Who gives orders, or what the settings lack for it.
fn api(config: &Config) -> Result<orders::Api, String> {
    let settings = &config.vonage;
    let id = settings.application_id.as_deref();
    let id = id.filter(|id| !id.is_empty());
    let id = id.ok_or("vonage.application_id is not set")?;
    let file = settings.private_key.as_deref();
    let file = file.ok_or("vonage.private_key is not set")?;
    let pem = std::fs::read_to_string(file)
        .map_err(|cause| format!("vonage.private_key cannot be read: {cause}"))?;
    Ok(orders::Api::new(&settings.api_url, id, &pem)?)
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

    fn second_leg(&self, shared: &Shared) -> Option<&dyn SecondLeg> {
        let warm = shared.transfer == HumanTransfer::Warm && self.api.is_some();
        warm.then_some(self)
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
