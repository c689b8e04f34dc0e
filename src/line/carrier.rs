//! The part of a provider that is not its media socket: webhooks, and orders to its REST interface.

use super::e164::E164;
use super::provider::Provider;
use super::server::{ServeError, Shared, Urls};
use super::warm::LegId;
use crate::dialogue::Handover;
use axum::Router;
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// A provider with its settings, as a server uses it.
pub trait Carrier: Send + Sync + 'static {
    fn provider(&self) -> &'static Provider;

    /// Its requests are checked. A carrier that is open to anybody is served to this machine only.
    fn is_guarded(&self) -> bool;

    /// Though unguarded it can be reached from this machine only, whatever the server listens on.
    fn is_local(&self) -> bool {
        false
    }

    /// Opens a port of its own, where it has one.
    fn open(&self) -> BoxFuture<'_, Result<(), ServeError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Takes calls on that port until it is dropped. `None`: it has none.
    fn accept(self: Arc<Self>, shared: Arc<Shared>) -> Option<BoxFuture<'static, ()>> {
        let _ = shared;
        None
    }

    /// Its webhooks and its media socket, on paths below `/NAME/`.
    fn routes(self: Arc<Self>, shared: Arc<Shared>) -> Router;

    /// What to enter where in the provider's console: a label and a value each.
    fn announce(&self, urls: &Urls) -> Vec<(&'static str, String)>;

    /// Orders a person's telephone to ring while the media socket stays open. How that ends comes as a
    /// [`super::calls::Signal`]. `None`: on this line the socket's end does it.
    fn transfer<'a>(
        &'a self,
        leaving: Leaving<'a>,
    ) -> Option<BoxFuture<'a, Result<(), CarrierError>>> {
        let _ = leaving;
        None
    }

    /// The caller stays on the media socket during a transfer, see [`Carrier::transfer`].
    fn keeps_caller(&self) -> bool {
        false
    }

    /// Calls a person on a leg of his own while the caller stays with the bot, where the settings want that
    /// and the carrier can.
    fn second_leg(&self, shared: &Shared) -> Option<&dyn SecondLeg> {
        let _ = shared;
        None
    }

    /// The provider asks by a webhook how a call has ended: a house that closes waits for the question.
    fn asks_outcome(&self) -> bool {
        true
    }

    /// Orders the call to end. `None`: on this line the socket's end does it.
    fn hang_up<'a>(
        &'a self,
        shared: &'a Shared,
        call_id: &'a str,
    ) -> Option<BoxFuture<'a, Result<(), CarrierError>>> {
        let _ = (shared, call_id);
        None
    }
}

/// A carrier's orders for the leg of a person whom we call ourselves. What its webhooks say goes to
/// [`super::warm::Warm`].
pub trait SecondLeg: Send + Sync {
    /// Orders the person's telephone to ring, and returns the carrier's name for the leg.
    fn call<'a>(
        &'a self,
        leaving: Leaving<'a>,
        leg: &'a LegId,
    ) -> BoxFuture<'a, Result<String, CarrierError>>;

    /// Orders the leg to end, whether it rings or talks. One that has ended already is no fault.
    fn end<'a>(
        &'a self,
        shared: &'a Shared,
        name: &'a str,
    ) -> BoxFuture<'a, Result<(), CarrierError>>;
}

/// A call that is to be passed to a person.
#[derive(Clone, Copy)]
pub struct Leaving<'a> {
    pub shared: &'a Shared,
    pub call_id: &'a str,
    pub handover: &'a Handover,
    /// Who takes over.
    pub number: &'a E164,
}

/// An order that the provider did not take.
#[derive(Debug, thiserror::Error)]
pub enum CarrierError {
    #[error("the provider cannot be reached: {0}")]
    Unreachable(#[from] reqwest::Error),
    #[error("the provider answered {status}: {text}")]
    Refused { status: u16, text: String },
    #[error("{0}")]
    NotSet(&'static str),
}

impl CarrierError {
    /// A refusal, its text cut to what a log line holds.
    pub async fn refused(response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let text = response.text().await.unwrap_or_default();
        Self::Refused {
            status,
            text: text.chars().take(200).collect(),
        }
    }
}
