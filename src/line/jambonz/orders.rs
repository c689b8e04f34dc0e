//! Orders to jambonz's REST interface: the leg of a person who is called while the caller stays with the bot.
//! Its hooks are webhooks, also where the caller's are on a control socket.

use super::Jambonz;
use crate::line::carrier::{CarrierError, Leaving, SecondLeg};
use crate::line::server::Shared;
use crate::line::warm::{LegId, RING_S};
use futures_util::future::BoxFuture;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

/// Who gives the orders.
pub struct Api {
    /// `https://…/v1/Accounts/SID`.
    pub url: String,
    pub key: String,
}

impl Jambonz {
    fn api(&self) -> Result<&Api, CarrierError> {
        let api = self.api.as_ref();
        api.ok_or(CarrierError::NotSet("jambonz.api_key is not set"))
    }

    async fn call_person(&self, leaving: Leaving<'_>, leg: &LegId) -> Result<String, CarrierError> {
        let (shared, api) = (leaving.shared, self.api()?);
        let from = match &self.wishes.caller_id {
            Some(number) => Some(number.clone()),
            None => {
                let called = shared.calls.called(leaving.call_id);
                called.map(|number| number.as_str().to_owned())
            }
        };
        let from = from.ok_or(CarrierError::NotSet(
            "the number that was dialled is not known",
        ))?;
        let hook = |what: &str| {
            let url = shared
                .urls
                .webhook(&format!("/jambonz/{what}?{}", leg.query()));
            let mut hook = json!({"url": url, "method": "POST"});
            if let Some(password) = &self.password {
                hook["username"] = "attendant".into();
                hook["password"] = password.as_str().into();
            }
            hook
        };
        let body = json!({
            "from": from,
            "to": {"type": "phone", "number": leaving.number.as_str()},
            "timeout": RING_S,
            "call_hook": hook("person"),
            "call_status_hook": hook("person-status"),
        });
        let order = shared.http.post(format!("{}/Calls", api.url));
        let order = order
            .bearer_auth(&api.key)
            .header(CONTENT_TYPE, "application/json");
        let response = order.body(body.to_string()).send().await?;
        if !response.status().is_success() {
            return Err(CarrierError::refused(response).await);
        }
        let made: Value = serde_json::from_str(&response.text().await?).unwrap_or_default();
        let sid = made["sid"].as_str().and_then(crate::line::provider::name);
        let sid = sid.ok_or(CarrierError::NotSet("the answer names no call"))?;
        Ok(sid.to_owned())
    }

    async fn end_leg(&self, shared: &Shared, sid: &str) -> Result<(), CarrierError> {
        let api = self.api()?;
        // The first ends one that rings, the second one that was answered.
        for status in ["no-answer", "completed"] {
            let order = shared.http.put(format!("{}/Calls/{sid}", api.url));
            let order = order
                .bearer_auth(&api.key)
                .header(CONTENT_TYPE, "application/json");
            let body = json!({ "call_status": status });
            let response = order.body(body.to_string()).send().await?;
            match response.status().as_u16() {
                // 404, 422: it has ended already.
                200..=299 | 404 | 422 => {}
                _ => return Err(CarrierError::refused(response).await),
            }
        }
        Ok(())
    }
}

impl SecondLeg for Jambonz {
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
        Box::pin(self.end_leg(shared, name))
    }
}
