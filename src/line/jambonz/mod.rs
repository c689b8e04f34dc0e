//! jambonz: calls by its control socket or by webhooks, sound by the `listen` verb's own socket, in both
//! ways. See `JAMBONZ.md` beside this folder.

mod control;
mod desk;
mod orders;
pub mod signature;
pub mod verbs;
mod webhook;

use super::audio_fork::{ForkCodec, JAMBONZ};
use super::carrier::{Carrier, SecondLeg};
use super::guard::Guard;
use super::provider::{Able, Alive, Heard, LEAD, Provider};
use super::server::{ServeError, Shared, Urls};
use super::warm::needed_for_warm;
use crate::config::{Config, HumanTransfer};
use crate::runtime::session::LineTraits;
use axum::Router;
use axum::http::HeaderMap;
use signature::Validator;
use std::sync::Arc;

/// jambonz's entry in the table of providers.
pub const PROVIDER: Provider = Provider {
    name: "jambonz",
    title: "jambonz",
    line: LineTraits {
        name: "jambonz",
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
        parameters: true,
        notes: &[
            "The story is told to the person by jambonz's own voice: the application needs a speech vendor for it.",
            "With SIP REFER (jambonz.refer) nothing is told before the call, and whether the caller comes back is up to the carrier.",
            "Not tried against a running jambonz.",
        ],
    },
    // Without a word the caller may still be there: then the hook asks.
    close_is_hang_up: false,
    alive: Alive::Sound,
    codec: || Box::new(ForkCodec::new(&JAMBONZ)),
    carrier: |config| Ok(Arc::new(Jambonz::new(config)?)),
};

/// jambonz with our settings.
pub struct Jambonz {
    /// Basic authentication of the application's webhooks and sockets.
    guard: Guard,
    /// What the audio socket is to show.
    password: Option<String>,
    /// Signs webhooks.
    validator: Option<Validator>,
    wishes: verbs::Wishes,
    /// Gives orders, where the settings tell who may.
    api: Option<orders::Api>,
}

impl Jambonz {
    fn new(config: &Config) -> Result<Self, ServeError> {
        let plain = |secret: &Option<crate::pii::Secret<String>>| {
            let secret = secret.as_ref().map(|secret| secret.expose().clone());
            secret.filter(|secret| !secret.is_empty())
        };
        let password = plain(&config.jambonz.password);
        let settings = &config.jambonz;
        let api = match (
            &settings.api_url,
            &settings.account_sid,
            plain(&settings.api_key),
        ) {
            (Some(base), Some(account), Some(key)) => Ok(orders::Api {
                url: format!("{}/v1/Accounts/{account}", base.trim_end_matches('/')),
                key,
            }),
            _ => Err("jambonz.api_url, jambonz.account_sid or jambonz.api_key is not set"),
        };
        let is_guarded = password.is_some() || plain(&settings.webhook_secret).is_some();
        Ok(Self {
            api: needed_for_warm(&PROVIDER, is_guarded, config, api)?,
            guard: Guard::new(password.as_deref()),
            validator: plain(&config.jambonz.webhook_secret).map(|secret| Validator::new(&secret)),
            wishes: verbs::Wishes {
                refer: config.jambonz.refer,
                caller_id: config.jambonz.caller_id.clone(),
            },
            password,
        })
    }

    /// May a socket with these headers open? Sockets are not signed: where webhooks must be, a password
    /// must be set for them.
    fn admits(&self, headers: &HeaderMap) -> bool {
        self.guard.allows(headers) && (self.guard.is_set() || self.validator.is_none())
    }
}

impl Carrier for Jambonz {
    fn provider(&self) -> &'static Provider {
        &PROVIDER
    }

    fn is_guarded(&self) -> bool {
        self.guard.is_set() || self.validator.is_some()
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
                "application, calling webhook (socket)",
                urls.socket("/jambonz/control"),
            ),
            (
                "or, application, calling webhook (POST)",
                urls.webhook("/jambonz/call"),
            ),
            (
                "and its call status webhook (POST)",
                urls.webhook("/jambonz/status"),
            ),
            ("audio socket", urls.socket("/jambonz/audio")),
        ]
    }
}
