//! Telnyx: Voice API webhooks and orders, media streaming, Ed25519 signatures. See `TELNYX.md` beside this
//! folder.

mod codec;
mod event;
mod legs;
mod orders;
pub mod signature;
mod webhook;

pub use codec::{STYLE, call_name, codec};
pub use orders::API;

use super::carrier::{Carrier, CarrierError, Leaving, SecondLeg};
use super::provider::{Able, Alive, Heard, LEAD, Provider};
use super::server::{ServeError, Shared, Urls};
use super::warm::LegId;
use crate::config::{Config, HumanTransfer};
use crate::runtime::session::LineTraits;
use axum::Router;
use futures_util::future::BoxFuture;
use legs::Legs;
use orders::{Api, Order};
use signature::Validator;
use std::sync::Arc;

/// Telnyx's entry in the table of providers.
pub const PROVIDER: Provider = Provider {
    name: "telnyx",
    title: "Telnyx Voice API",
    line: LineTraits {
        name: "telnyx",
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
            "Handover parameters reach a person as SIP headers, so only over SIP.",
            "Calls with HD codecs (G.722, Opus, AMR-WB) go to the human line: switch those codecs off in the Telnyx portal.",
        ],
    },
    close_is_hang_up: false,
    alive: Alive::Sound,
    codec: || Box::new(codec(None)),
    carrier: |config| Ok(Arc::new(Telnyx::new(config)?)),
};

/// Telnyx with the settings of an account.
pub struct Telnyx {
    validator: Option<Validator>,
    api: Api,
    legs: Legs,
}

impl Telnyx {
    fn new(config: &Config) -> Result<Self, ServeError> {
        let settings = &config.telnyx;
        let wrong = |why: &str, hint| ServeError::Line {
            line: "telnyx",
            why: why.into(),
            hint,
        };
        let key = settings.public_key.as_deref().filter(|key| !key.is_empty());
        let validator = match key {
            None => None,
            Some(key) => Some(Validator::new(key).ok_or_else(|| {
                wrong(
                    "telnyx.public_key is no Ed25519 key",
                    "copy it from the Telnyx portal, Account, Keys & Credentials, Public Key: 44 characters of base64",
                )
            })?),
        };
        let api_key = settings.api_key.as_ref();
        let api_key = api_key
            .map(|key| key.expose().as_str())
            .filter(|key| !key.is_empty());
        if validator.is_some() && api_key.is_none() {
            return Err(wrong(
                "telnyx.public_key is set, but telnyx.api_key is not",
                "set ATTENDANT_TELNYX_API_KEY: without it calls cannot be answered",
            ));
        }
        Ok(Self {
            validator,
            api: Api::new(&settings.api_url, api_key),
            legs: Legs::default(),
        })
    }

    /// Gives the orders, and those that follow where one is not taken.
    async fn give(&self, orders: Vec<Order>, shared: &Arc<Shared>) {
        let mut orders: Vec<Order> = orders.into_iter().rev().collect();
        // An order that fails is followed by a humbler one, and that by hanging up.
        for _ in 0..8 {
            let Some(order) = orders.pop() else { return };
            if let Err(error) = self.api.give(&order, shared).await {
                tracing::error!(action = order.action, %error, "Telnyx did not take an order");
                orders.extend(self.legs.failed(&order, shared));
            }
        }
    }

    async fn ring(&self, leaving: Leaving<'_>) -> Result<(), CarrierError> {
        let call_id = leaving.call_id;
        let order = self.legs.ring(call_id, leaving.handover, leaving.number);
        let order = order.ok_or(UNKNOWN)?;
        let given = self.api.give(&order, leaving.shared).await;
        given
            .map(|_| ())
            .inspect_err(|_| self.legs.rings_not(call_id))
    }

    async fn dial(&self, leaving: Leaving<'_>, leg: &LegId) -> Result<String, CarrierError> {
        let order = self.legs.dial(leg, leaving.handover, leaving.number);
        let answer = self
            .api
            .give(&order.ok_or(UNKNOWN)?, leaving.shared)
            .await?;
        let person = answer["call_control_id"].as_str();
        let person = person.filter(|id| codec::is_control_id(id));
        let person = person.ok_or(CarrierError::NotSet("the answer names no leg"))?;
        Ok(person.to_owned())
    }
}

/// An order for a call that we were not told of.
const UNKNOWN: CarrierError = CarrierError::NotSet("Telnyx has told nothing of this call");

impl SecondLeg for Telnyx {
    fn call<'a>(
        &'a self,
        leaving: Leaving<'a>,
        leg: &'a LegId,
    ) -> BoxFuture<'a, Result<String, CarrierError>> {
        Box::pin(self.dial(leaving, leg))
    }

    fn end<'a>(
        &'a self,
        shared: &'a Shared,
        name: &'a str,
    ) -> BoxFuture<'a, Result<(), CarrierError>> {
        Box::pin(async move {
            let order = legs::order(name, "hangup", serde_json::json!({}));
            self.api.give(&order, shared).await.map(|_| ())
        })
    }
}

impl Carrier for Telnyx {
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
        vec![(
            "Voice API application, webhook URL, API v2",
            urls.webhook("/telnyx/events"),
        )]
    }

    fn transfer<'a>(
        &'a self,
        leaving: Leaving<'a>,
    ) -> Option<BoxFuture<'a, Result<(), CarrierError>>> {
        Some(Box::pin(self.ring(leaving)))
    }

    fn keeps_caller(&self) -> bool {
        true
    }

    /// Whom we call to tell him something is on a leg of his own anyway: the caller stays with the bot.
    fn second_leg(&self, shared: &Shared) -> Option<&dyn SecondLeg> {
        (shared.transfer != HumanTransfer::Blind).then_some(self)
    }

    fn hang_up<'a>(
        &'a self,
        shared: &'a Shared,
        call_id: &'a str,
    ) -> Option<BoxFuture<'a, Result<(), CarrierError>>> {
        let order = self.legs.hang_up(call_id).pop()?;
        Some(Box::pin(async move {
            self.api.give(&order, shared).await.map(|_| ())
        }))
    }
}
