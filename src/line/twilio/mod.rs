//! Twilio: webhooks and TwiML, Media Streams, request signatures, orders. See `TWILIO.md` beside this folder.

mod codec;
mod orders;
pub mod signature;
pub mod twiml;
mod webhook;

pub use codec::{STYLE, TwilioCodec};
pub use orders::Account;

use super::carrier::{Carrier, SecondLeg};
use super::provider::{Able, Alive, Heard, LEAD, Provided, Provider};
use super::server::{ServeError, Shared, Urls};
use super::warm::needed_for_warm;
use crate::config::{Config, HumanTransfer};
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
    able: ABLE,
    close_is_hang_up: false,
    alive: Alive::Sound,
    codec: || Box::new(TwilioCodec::new()),
    carrier: |config| Ok(Arc::new(Twilio::new(&BRAND, config)?)),
};

/// What TwiML and its streams can do.
pub const ABLE: Able = Able {
    heard: Heard::Marks,
    clear: true,
    keys: true,
    transfer: true,
    whisper: true,
    warm: true,
    take_back: true,
    parameters: false,
    notes: &[],
};

/// A provider that speaks TwiML, and how it differs from the others.
pub struct Brand {
    pub provider: &'static Provider,
    /// Its key for signatures, by the settings.
    pub key: fn(&Config) -> Option<&Secret<String>>,
    /// Who gives its orders; none: the settings do not say, and this is what they lack.
    pub account: fn(&Config) -> Result<Account, &'static str>,
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
    account: |config| {
        let (sid, token) = (
            given(&config.twilio.account_sid),
            secret(&config.twilio.auth_token),
        );
        let base = config.twilio.api_url.trim_end_matches('/');
        let user = sid.ok_or(
            "twilio.account_sid is not set (it stands beside the auth token in the console)",
        )?;
        Ok(Account {
            url: format!("{base}/2010-04-01/Accounts/{user}"),
            user: user.to_owned(),
            password: token.ok_or("twilio.auth_token is not set")?.to_owned(),
        })
    },
    headers: &[signature::HEADER],
    signs_upgrade: true,
    codec: |_| Box::new(TwilioCodec::new()),
    console: "number, Voice, \"A call comes in\", POST",
};

/// A setting that is there and not empty.
pub(super) fn given(setting: &Option<String>) -> Option<&str> {
    setting.as_deref().filter(|text| !text.is_empty())
}

/// A secret that is there and not empty.
pub(super) fn secret(setting: &Option<Secret<String>>) -> Option<&str> {
    let text = setting.as_ref().map(|secret| secret.expose().as_str());
    text.filter(|text| !text.is_empty())
}

/// A brand with the settings of an account.
pub struct Twilio {
    brand: &'static Brand,
    validator: Option<Validator>,
    /// Gives orders, where the settings tell it.
    account: Option<Account>,
}

impl Twilio {
    /// # Errors
    /// Calls come in, warm transfers are wanted, and nobody may give the orders for them.
    pub fn new(brand: &'static Brand, config: &Config) -> Result<Self, ServeError> {
        let key = (brand.key)(config).map(|key| key.expose().as_str());
        let validator = key.filter(|key| !key.is_empty()).map(Validator::new);
        let account = (brand.account)(config);
        let account = needed_for_warm(brand.provider, validator.is_some(), config, account)?;
        Ok(Self {
            brand,
            validator,
            account,
        })
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

    fn second_leg(&self, shared: &Shared) -> Option<&dyn SecondLeg> {
        let warm = shared.transfer == HumanTransfer::Warm && self.account.is_some();
        warm.then_some(self)
    }

    fn announce(&self, urls: &Urls) -> Vec<(&'static str, String)> {
        let mut all = vec![(self.brand.console, urls.webhook(&self.path("voice")))];
        if self.brand.signs_upgrade {
            all.push(("media socket", urls.socket(&self.path("media"))));
        }
        all
    }
}
