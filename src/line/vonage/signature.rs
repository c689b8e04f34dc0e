//! Vonage's signed webhooks: `Authorization: Bearer`, a JWT (HS256, RFC 7519) made with the account's
//! signature secret, that names the body's SHA-256. Decides whether a request comes from the holder of the
//! secret, now and with this body.
//!
//! One algorithm, four claims: HMAC and JSON are here anyway, so no JWT library with keys that we do not use.

use crate::line::keyed::Keyed;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Longest token that is looked at, in bytes; Vonage's have some 400.
const LONGEST: usize = 4096;
/// Age of a token, and how far its clock may be ahead, in s.
const TOLERANCE_S: i64 = 300;

/// Checks tokens made with one signature secret.
#[derive(Clone, Debug)]
pub struct Validator {
    keyed: Keyed,
}

impl Validator {
    /// A validator for this secret.
    pub fn new(secret: &str) -> Self {
        Self {
            keyed: Keyed::new(secret),
        }
    }

    /// The `Authorization` header that Vonage would send with `body` at `now` (s since 1970).
    pub fn sign(&self, body: &[u8], now: i64) -> String {
        let mut claims = json!({"iat": now, "jti": "1", "iss": "Vonage"});
        if !body.is_empty() {
            claims["payload_hash"] = HEXLOWER.encode(&Sha256::digest(body)).into();
        }
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let mac = self.mac(&signed);
        format!("Bearer {signed}.{}", URL_SAFE_NO_PAD.encode(mac))
    }

    /// Does this `Authorization` header vouch for `body` at `now` (s since 1970)? A body must be named by
    /// its digest; a request without one has none.
    pub fn accepts(&self, authorization: &str, body: &[u8], now: i64) -> bool {
        let claims = self.claims(authorization);
        claims.is_some_and(|claims| is_fresh(&claims, now) && names_body(&claims, body))
    }

    /// The claims of a token that was made with our secret.
    fn claims(&self, authorization: &str) -> Option<Value> {
        let (scheme, token) = authorization.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") || token.len() > LONGEST {
            return None;
        }
        let (signed, signature) = token.trim().rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        if !self.keyed.is(&[signed.as_bytes()], &signature) {
            return None;
        }
        // Never what the token wants: `none`, or a public key taken for our secret.
        let header = json_of(header)?;
        if header["alg"] != "HS256" {
            return None;
        }
        json_of(claims)
    }

    fn mac(&self, signed: &str) -> [u8; 32] {
        self.keyed.sign(&[signed.as_bytes()])
    }
}

fn json_of(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn is_fresh(claims: &Value, now: i64) -> bool {
    let issued = claims["iat"].as_i64();
    let issued = issued.is_some_and(|at| at.abs_diff(now) <= TOLERANCE_S as u64);
    let ends = &claims["exp"];
    issued && (ends.is_null() || ends.as_i64().is_some_and(|at| at > now))
}

fn names_body(claims: &Value, body: &[u8]) -> bool {
    let named = claims["payload_hash"].as_str();
    if body.is_empty() {
        return true;
    }
    let digest = HEXLOWER.encode(&Sha256::digest(body));
    named.is_some_and(|named| {
        let named = named.to_ascii_lowercase();
        named.as_bytes().ct_eq(digest.as_bytes()).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "b1e5a0d6c3f74f2e9d8c7b6a5f4e3d2c";
    const NOW: i64 = 1_764_432_000;
    const BODY: &[u8] = br#"{"status":"answered"}"#;

    // Made by Python's hmac and json: HS256, {iat, jti, iss, payload_hash, api_key, application_id}.
    const PYJWT: &str = "eyJ0eXAiOiAiSldUIiwgImFsZyI6ICJIUzI1NiJ9.eyJpYXQiOiAxNzY0NDMyMDAwLCAianRpIjogImM1YmE4ZjI0LTFhMTQtNGMxMC1iZmRmLTNmYmU4Y2U1MTFiNSIsICJpc3MiOiAiVm9uYWdlIiwgInBheWxvYWRfaGFzaCI6ICI0Njk4YTVmOGJiNzM0ZDE2N2M3NTg3ZGMzNzAzZTM4ZmNiOTJlODJiMmU5M2Q4OGNhYzczNzY4NmM4MmYzZTA5IiwgImFwaV9rZXkiOiAiYWJjZDEyMzQiLCAiYXBwbGljYXRpb25faWQiOiAiYWFhYWFhYWEtYmJiYi1jY2NjLWRkZGQtMDEyMzQ1Njc4OWFiIn0.no-CgkW0EKktFMqLDvioAPbo5vW_RLMWsCY3j7g9_mw";

    #[test]
    fn a_token_of_another_maker_is_taken() {
        let validator = Validator::new(SECRET);
        let header = format!("Bearer {PYJWT}");
        assert!(validator.accepts(&header, BODY, NOW));
        assert!(validator.accepts(&header, BODY, NOW + 299));
        assert!(!validator.accepts(&header, BODY, NOW + 301), "too old");
        assert!(
            !validator.accepts(&header, BODY, NOW - 301),
            "from the future"
        );
        assert!(!validator.accepts(&header, b"{}", NOW), "another body");
        assert!(!Validator::new("other").accepts(&header, BODY, NOW));
    }

    #[test]
    fn what_we_sign_we_take_and_nothing_less() {
        let validator = Validator::new(SECRET);
        let signed = validator.sign(BODY, NOW);
        assert!(validator.accepts(&signed, BODY, NOW));
        assert!(validator.accepts(&validator.sign(b"", NOW), b"", NOW));
        assert!(
            !validator.accepts(&validator.sign(b"", NOW), BODY, NOW),
            "a body that nobody vouches for"
        );
        let token = signed.trim_start_matches("Bearer ");
        for bad in ["", "Bearer", "Bearer ", "Bearer a.b.c", token, "Basic eDp5"] {
            assert!(!validator.accepts(bad, BODY, NOW), "{bad}");
        }
    }

    #[test]
    fn the_token_does_not_choose_its_algorithm() {
        let validator = Validator::new(SECRET);
        for algorithm in ["none", "HS512", "RS256"] {
            let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{algorithm}"}}"#));
            let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"iat":{NOW}}}"#));
            let signed = format!("{header}.{claims}");
            let mac = URL_SAFE_NO_PAD.encode(validator.mac(&signed));
            let token = format!("Bearer {signed}.{mac}");
            assert!(!validator.accepts(&token, b"", NOW), "{algorithm}");
            assert!(!validator.accepts(&format!("Bearer {signed}."), b"", NOW));
        }
    }

    #[test]
    fn an_expired_token_is_refused() {
        let validator = Validator::new(SECRET);
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#);
        for (ends, taken) in [
            ("1764432001", true),
            ("1764432000", false),
            ("\"x\"", false),
        ] {
            let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"iat":{NOW},"exp":{ends}}}"#));
            let signed = format!("{header}.{claims}");
            let mac = URL_SAFE_NO_PAD.encode(validator.mac(&signed));
            let token = format!("Bearer {signed}.{mac}");
            assert_eq!(validator.accepts(&token, b"", NOW), taken, "{ends}");
        }
    }
}
