//! Plivo: webhooks and XML, AudioStream, request signatures (V3), orders. See `PLIVO.md` beside this folder.

mod codec;
mod orders;
pub mod signature;
mod webhook;
pub mod xml;

pub use codec::{STYLE, codec};

use super::carrier::{Carrier, CarrierError, SecondLeg};
use super::provider::{Able, Alive, Heard, LEAD, Provider};
use super::server::{ServeError, Shared, Urls};
use super::warm::needed_for_warm;
use crate::config::{Config, HumanTransfer};
use crate::runtime::session::LineTraits;
use axum::Router;
use futures_util::future::BoxFuture;
use orders::Api;
use signature::Validator;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Transfers whose person has answered and not yet decided; more come only if news get lost.
const MOST_WHISPERS: usize = 10_000;

/// Plivo's entry in the table of providers.
pub const PROVIDER: Provider = Provider {
    name: "plivo",
    title: "Plivo AudioStream",
    line: LineTraits {
        name: "plivo",
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
        warm: true,
        take_back: true,
        parameters: true,
        notes: &[
            "Handover parameters reach a person as SIP headers, letters and digits only and without the summary.",
        ],
    },
    // There is no stop message.
    close_is_hang_up: true,
    alive: Alive::Sound,
    codec: || Box::new(codec(None)),
    carrier: |config| Ok(Arc::new(Plivo::new(config)?)),
};

/// Plivo with the settings of an account.
pub struct Plivo {
    validator: Option<Validator>,
    api: Option<Api>,
    /// Calls whose person hears what it is about.
    whispers: Mutex<BTreeSet<String>>,
}

impl Plivo {
    fn new(config: &Config) -> Result<Self, ServeError> {
        let settings = &config.plivo;
        let token = settings.auth_token.as_ref();
        let token = token
            .map(|token| token.expose().as_str())
            .filter(|token| !token.is_empty());
        let auth_id = settings.auth_id.as_deref().filter(|id| !id.is_empty());
        let api = auth_id.zip(token).map(|(auth_id, token)| {
            let base = settings.api_url.trim_end_matches('/');
            Api {
                url: format!("{base}/v1/Account/{auth_id}"),
                auth_id: auth_id.to_owned(),
                auth_token: token.to_owned(),
            }
        });
        let api =
            api.ok_or("plivo.auth_id is not set (it stands beside the auth token in the console)");
        Ok(Self {
            validator: token.map(Validator::new),
            api: needed_for_warm(&PROVIDER, token.is_some(), config, api)?,
            whispers: Mutex::default(),
        })
    }

    fn note_whisper(&self, call_id: &str) {
        let mut whispers = self.whispers.lock().unwrap_or_else(PoisonError::into_inner);
        if whispers.len() >= MOST_WHISPERS {
            whispers.pop_first();
        }
        whispers.insert(call_id.to_owned());
    }

    /// Was a person asked to accept this call? Forgets it.
    fn whispered(&self, call_id: &str) -> bool {
        let mut whispers = self.whispers.lock().unwrap_or_else(PoisonError::into_inner);
        whispers.remove(call_id)
    }
}

impl Carrier for Plivo {
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
                "XML application, Answer URL, POST",
                urls.webhook("/plivo/answer"),
            ),
            (
                "XML application, Hangup URL, POST",
                urls.webhook("/plivo/hangup"),
            ),
        ]
    }

    fn second_leg(&self, shared: &Shared) -> Option<&dyn SecondLeg> {
        let warm = shared.transfer == HumanTransfer::Warm && self.api.is_some();
        warm.then_some(self)
    }

    /// Without an auth id the XML behind the stream ends the call.
    fn hang_up<'a>(
        &'a self,
        shared: &'a Shared,
        call_id: &'a str,
    ) -> Option<BoxFuture<'a, Result<(), CarrierError>>> {
        let api = self.api.as_ref()?;
        Some(Box::pin(api.delete(shared, "Call", call_id)))
    }
}
