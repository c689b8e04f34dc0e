//! Orders to Vonage's Voice API: the leg of a person who is called while the caller stays with the bot. Each
//! order shows a JWT (RS256, RFC 7519) that the application's private key has signed.

use super::Vonage;
use super::ncco::digits;
use crate::line::asked::now_s;
use crate::line::carrier::{CarrierError, Leaving, SecondLeg};
use crate::line::server::Shared;
use crate::line::warm::{LegId, RING_S};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures_util::future::BoxFuture;
use reqwest::header::CONTENT_TYPE;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

/// Time that a token is good for, in s.
const GOOD_FOR_S: i64 = 300;

/// Who gives the orders.
pub struct Api {
    base: String,
    application_id: String,
    key: RsaKeyPair,
}

impl Api {
    /// `pem`: the application's private key, as the dashboard gives it (PKCS #8).
    ///
    /// # Errors
    /// What is wrong with the key, in words.
    pub fn new(base: &str, application_id: &str, pem: &str) -> Result<Self, &'static str> {
        let body = pem.split_once("-----BEGIN PRIVATE KEY-----");
        let body = body.and_then(|(_, rest)| rest.split_once("-----END PRIVATE KEY-----"));
        let (body, _) = body.ok_or("vonage.private_key has no \"BEGIN PRIVATE KEY\" in it")?;
        let body: String = body.split_whitespace().collect();
        let der = STANDARD
            .decode(body)
            .map_err(|_| "vonage.private_key is no PEM")?;
        let key = RsaKeyPair::from_pkcs8(&der);
        Ok(Self {
            base: base.trim_end_matches('/').to_owned(),
            application_id: application_id.to_owned(),
            key: key.map_err(|_| "vonage.private_key is no RSA key of 2048 bits or more")?,
        })
    }

    fn token(&self, now: i64) -> Result<String, CarrierError> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|_| FAILED)?;
        let claims = json!({
            "application_id": self.application_id, "iat": now, "exp": now + GOOD_FOR_S,
            "jti": URL_SAFE_NO_PAD.encode(id),
        });
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .map_err(|_| FAILED)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

const FAILED: CarrierError = CarrierError::NotSet("no token could be signed");

impl Vonage {
    fn api(&self) -> Result<&Api, CarrierError> {
        let api = self.api.as_ref();
        api.ok_or(CarrierError::NotSet("vonage.application_id is not set"))
    }

    async fn call_person(&self, leaving: Leaving<'_>, leg: &LegId) -> Result<String, CarrierError> {
        let (shared, api) = (leaving.shared, self.api()?);
        let from = shared.calls.called(leaving.call_id);
        let from = from.ok_or(CarrierError::NotSet(
            "the number that was dialled is not known",
        ))?;
        let url = |path: &str| {
            shared
                .urls
                .webhook(&format!("/vonage/{path}?{}", leg.query()))
        };
        let body = json!({
            "to": [{"type": "phone", "number": digits(leaving.number.as_str())}],
            "from": {"type": "phone", "number": digits(from.as_str())},
            "ringing_timer": RING_S,
            "answer_url": [url("person")],
            "answer_method": "POST",
            "event_url": [url("person-events")],
            "event_method": "POST",
        });
        let order = shared.http.post(format!("{}/v1/calls", api.base));
        let order = order
            .bearer_auth(api.token(now_s())?)
            .header(CONTENT_TYPE, "application/json");
        let response = order.body(body.to_string()).send().await?;
        if !response.status().is_success() {
            return Err(CarrierError::refused(response).await);
        }
        let made: Value = serde_json::from_str(&response.text().await?).unwrap_or_default();
        let uuid = made["uuid"].as_str().and_then(crate::line::provider::name);
        let uuid = uuid.ok_or(CarrierError::NotSet("the answer names no call"))?;
        Ok(uuid.to_owned())
    }

    async fn end_leg(&self, shared: &Shared, uuid: &str) -> Result<(), CarrierError> {
        let api = self.api()?;
        let order = shared.http.put(format!("{}/v1/calls/{uuid}", api.base));
        let order = order
            .bearer_auth(api.token(now_s())?)
            .header(CONTENT_TYPE, "application/json");
        let response = order
            .body(json!({"action": "hangup"}).to_string())
            .send()
            .await?;
        match response.status().as_u16() {
            // It has ended already.
            200..=299 | 404 => Ok(()),
            _ => Err(CarrierError::refused(response).await),
        }
    }
}

impl SecondLeg for Vonage {
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

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    const PEM: &str = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/suite/line/vonage-test-key.pem"
    ));

    #[test]
    fn an_order_s_token_is_signed_by_the_application() {
        let api = Api::new("https://api.nexmo.com/", "app-1", PEM).expect("a key");
        let token = api.token(1_764_432_000).expect("a token");
        let (signed, signature) = token.rsplit_once('.').expect("three parts");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
        let public = api.key.public().as_ref();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
        assert!(public.verify(signed.as_bytes(), &signature).is_ok());
        let (header, claims) = signed.split_once('.').expect("three parts");
        let read = |part: &str| -> Value {
            let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64");
            serde_json::from_slice(&bytes).expect("JSON")
        };
        assert_eq!(read(header), json!({"alg": "RS256", "typ": "JWT"}));
        let claims = read(claims);
        assert_eq!(claims["application_id"], "app-1");
        assert_eq!(
            (&claims["iat"], &claims["exp"]),
            (&json!(1_764_432_000), &json!(1_764_432_300))
        );
        assert_ne!(
            token,
            api.token(1_764_432_000).expect("a token"),
            "each has its own id"
        );
    }

    #[test]
    fn what_is_no_key_is_told() {
        for (pem, why) in [
            ("", "BEGIN PRIVATE KEY"),
            ("-----BEGIN RSA PRIVATE KEY-----", "BEGIN PRIVATE KEY"),
            (
                "-----BEGIN PRIVATE KEY-----?-----END PRIVATE KEY-----",
                "no PEM",
            ),
            (
                "-----BEGIN PRIVATE KEY-----AAAA-----END PRIVATE KEY-----",
                "no RSA key",
            ),
        ] {
            let refused = Api::new("https://b", "app-1", pem).err();
            assert!(refused.is_some_and(|told| told.contains(why)), "{pem}");
        }
    }
}
