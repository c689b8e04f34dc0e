//! Orders to Plivo's Voice API: calls to end, and the leg of a person who is called while the caller stays with
//! the bot.

use super::Plivo;
use crate::line::carrier::{CarrierError, Leaving, SecondLeg};
use crate::line::server::Shared;
use crate::line::warm::{LegId, RING_S};
use futures_util::future::BoxFuture;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

/// Who gives the orders.
pub struct Api {
    /// `https://…/Account/MA…`.
    pub url: String,
    pub auth_id: String,
    pub auth_token: String,
}

impl Api {
    /// Ends a `Call`, or a `Request` for one that still rings. One that has ended already is no fault.
    pub async fn delete(
        &self,
        shared: &Shared,
        what: &'static str,
        id: &str,
    ) -> Result<(), CarrierError> {
        let order = shared.http.delete(format!("{}/{what}/{id}/", self.url));
        let order = order.basic_auth(&self.auth_id, Some(&self.auth_token));
        let response = order.send().await?;
        match response.status().as_u16() {
            200..=299 | 404 => Ok(()),
            _ => Err(CarrierError::refused(response).await),
        }
    }

    async fn call(&self, shared: &Shared, body: &Value) -> Result<String, CarrierError> {
        let order = shared.http.post(format!("{}/Call/", self.url));
        let order = order
            .basic_auth(&self.auth_id, Some(&self.auth_token))
            .header(CONTENT_TYPE, "application/json");
        let response = order.body(body.to_string()).send().await?;
        if !response.status().is_success() {
            return Err(CarrierError::refused(response).await);
        }
        let made: Value = serde_json::from_str(&response.text().await?).unwrap_or_default();
        // One number is one call: the request has its name.
        let id = made["request_uuid"].as_str();
        let id = id.and_then(crate::line::provider::name);
        let id = id.ok_or(CarrierError::NotSet("the answer names no call"))?;
        Ok(id.to_owned())
    }
}

impl Plivo {
    fn api(&self) -> Result<&Api, CarrierError> {
        let api = self.api.as_ref();
        api.ok_or(CarrierError::NotSet("plivo.auth_id is not set"))
    }

    async fn call_person(&self, leaving: Leaving<'_>, leg: &LegId) -> Result<String, CarrierError> {
        let shared = leaving.shared;
        let from = shared.calls.called(leaving.call_id);
        let from = from.ok_or(CarrierError::NotSet(
            "the number that was dialled is not known",
        ))?;
        let url = |path: &str| {
            shared
                .urls
                .webhook(&format!("/plivo/{path}?{}", leg.query()))
        };
        // Plivo writes numbers without the plus.
        let body = json!({
            "from": from.as_str().trim_start_matches('+'),
            "to": leaving.number.as_str().trim_start_matches('+'),
            "ring_timeout": RING_S,
            "answer_url": url("person"),
            "answer_method": "POST",
            "hangup_url": url("person-ended"),
            "hangup_method": "POST",
        });
        self.api()?.call(shared, &body).await
    }
}

impl SecondLeg for Plivo {
    fn call<'a>(
        &'a self,
        leaving: Leaving<'a>,
        leg: &'a LegId,
    ) -> BoxFuture<'a, Result<String, CarrierError>> {
        Box::pin(self.call_person(leaving, leg))
    }

    fn end<'a>(
        &'a self,
        shared: &'a Shared,
        name: &'a str,
    ) -> BoxFuture<'a, Result<(), CarrierError>> {
        Box::pin(async move {
            let api = self.api()?;
            // While it rings it is a request, then a call: the other one is not found.
            api.delete(shared, "Request", name).await?;
            api.delete(shared, "Call", name).await
        })
    }
}
