//! Twilio: webhooks and TwiML, Media Streams, request signatures. See `TWILIO.md` beside this folder.

mod codec;
pub mod signature;
pub mod twiml;
mod webhook;

pub use codec::{STYLE, TwilioCodec};

use super::carrier::Carrier;
use super::provider::{Able, Alive, Heard, LEAD, Provided, Provider};
use super::server::{Shared, Urls};
use crate::config::Config;
use crate::pii::Secret;
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
    carrier: |config| Ok(Arc::new(Twilio::new(&BRAND, config))),
};

/// A provider that speaks TwiML, and how it differs from the others.
pub struct Brand {
    pub provider: &'static Provider,
    /// Its key for signatures, by the settings.
    pub key: fn(&Config) -> Option<&Secret<String>>,
    /// Headers that may hold a signature.
    pub headers: &'static [&'static str],
    /// It signs the media socket's upgrade, and signs forms in one way only. Otherwise the socket's token
    /// is in its path, and a person's leg need not name the caller's: our URLs do.
    pub signs_upgrade: bool,
    pub codec: fn(Option<String>) -> Box<dyn Provided>,
    /// Where the voice webhook is entered.
    pub console: &'static str,
}

/// Twilio itself.
const BRAND: Brand = Brand {
    provider: &PROVIDER,
    key: |config| config.twilio.auth_token.as_ref(),
    headers: &[signature::HEADER],
    signs_upgrade: true,
    codec: |_| Box::new(TwilioCodec::new()),
    console: "number, Voice, \"A call comes in\", POST",
};

/// A brand with the settings of an account.
pub struct Twilio {
    brand: &'static Brand,
    validator: Option<Validator>,
}

impl Twilio {
    pub fn new(brand: &'static Brand, config: &Config) -> Self {
        let key = (brand.key)(config).map(|key| key.expose().as_str());
        Self {
            brand,
            validator: key.filter(|key| !key.is_empty()).map(Validator::new),
        }
    }

    /// A path below the brand's own.
    fn path(&self, path: &str) -> String {
        format!("/{}/{path}", self.brand.provider.name)
    }

    /// A path that is asked about the person's leg of a call.
    fn about_person(&self, path: &str, call_id: &str) -> String {
        match self.brand.signs_upgrade {
            // Twilio tells the caller's leg by itself.
            true => path.to_owned(),
            false => format!("{path}?call={call_id}"),
        }
    }
}

impl Carrier for Twilio {
    fn provider(&self) -> &'static Provider {
        self.brand.provider
    }

    fn is_guarded(&self) -> bool {
        self.validator.is_some()
    }

    fn routes(self: Arc<Self>, shared: Arc<Shared>) -> Router {
        webhook::router(self, shared)
    }

    fn announce(&self, urls: &Urls) -> Vec<(&'static str, String)> {
        let mut all = vec![(self.brand.console, urls.webhook(&self.path("voice")))];
        if self.brand.signs_upgrade {
            all.push(("media socket", urls.socket(&self.path("media"))));
        }
        all
    }
}
