//! Orders to the REST interface of Twilio and of those who speak its TwiML: the leg of a person who is called
//! while the caller stays with the bot.

use super::Twilio;
use crate::line::carrier::{CarrierError, Leaving, SecondLeg};
use crate::line::server::Shared;
use crate::line::warm::{LegId, RING_S};
use futures_util::future::BoxFuture;
use serde_json::Value;

/// Who gives the orders.
pub struct Account {
    /// `https://…/Accounts/AC…`.
    pub url: String,
    /// Of Basic authentication.
    pub user: String,
    pub password: String,
}

impl Account {
    async fn post(
        &self,
        shared: &Shared,
        path: &str,
        form: &[(&str, &str)],
    ) -> Result<Value, CarrierError> {
        let request = shared.http.post(format!("{}{path}", self.url));
        let request = request
            .basic_auth(&self.user, Some(&self.password))
            .form(form);
        let response = request.send().await?;
        if !response.status().is_success() {
            return Err(CarrierError::refused(response).await);
        }
        let text = response.text().await?;
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }
}

impl Twilio {
    async fn call_person(
        &self,
        account: &Account,
        leaving: Leaving<'_>,
        leg: &LegId,
    ) -> Result<String, CarrierError> {
        let shared = leaving.shared;
        // Only a number of the account may be shown.
        let from = shared.calls.called(leaving.call_id);
        let from = from.ok_or(CarrierError::NotSet(
            "the number that was dialled is not known",
        ))?;
        let url = |path: &str| {
            let path = self.path(&format!("{path}?{}", leg.query()));
            shared.urls.webhook(&path)
        };
        let (ring_s, answered, ended) = (RING_S.to_string(), url("person"), url("person-status"));
        let form = [
            ("To", leaving.number.as_str()),
            ("From", from.as_str()),
            ("Timeout", &ring_s),
            ("Url", &answered),
            ("Method", "POST"),
            ("StatusCallback", &ended),
            ("StatusCallbackMethod", "POST"),
            ("StatusCallbackEvent", "completed"),
        ];
        let made = account.post(shared, "/Calls.json", &form).await?;
        let sid = made["sid"].as_str().and_then(crate::line::provider::name);
        let sid = sid.ok_or(CarrierError::NotSet("the answer names no call"))?;
        Ok(sid.to_owned())
    }

    async fn end_leg(
        &self,
        account: &Account,
        shared: &Shared,
        sid: &str,
    ) -> Result<(), CarrierError> {
        let path = format!("/Calls/{sid}.json");
        match account
            .post(shared, &path, &[("Status", "completed")])
            .await
        {
            // It has ended already (20404).
            Err(CarrierError::Refused { status: 404, .. }) | Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn account(&self) -> Result<&Account, CarrierError> {
        let account = self.account.as_ref();
        account.ok_or(CarrierError::NotSet("the account is not set"))
    }
}

impl SecondLeg for Twilio {
    fn call<'a>(
        &'a self,
        leaving: Leaving<'a>,
        leg: &'a LegId,
    ) -> BoxFuture<'a, Result<String, CarrierError>> {
        Box::pin(async move { self.call_person(self.account()?, leaving, leg).await })
    }

    fn end<'a>(
        &'a self,
        shared: &'a Shared,
        name: &'a str,
    ) -> BoxFuture<'a, Result<(), CarrierError>> {
        Box::pin(async move { self.end_leg(self.account()?, shared, name).await })
    }
}
