//! Signatures of webhooks as the Standard Webhooks specification has them (version 1, symmetric):
//! HMAC-SHA256 over `id.timestamp.body`, written `v1,` and base64.
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What secrets of the specification begin with; base64 follows.
const PREFIX: &str = "whsec_";
/// Shortest secret, in bytes: the specification asks for 24 to 64 of random.
const SHORTEST: usize = 16;

/// A secret that signs. No `Debug`: it opens a door.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl Key {
    /// `whsec_` and base64, or any other text, whose bytes then are the key.
    ///
    /// # Errors
    /// What is wrong, to follow the setting's name; never the secret.
    pub fn parse(secret: &str) -> Result<Self, String> {
        let bytes = match secret.trim().strip_prefix(PREFIX) {
            Some(text) => STANDARD
                .decode(text)
                .map_err(|_| "is not base64 after whsec_".to_owned())?,
            None => secret.trim().as_bytes().to_vec(),
        };
        if bytes.is_empty() {
            return Err(
                "is missing: whoever gets packets could not tell ours from others'\n\
                 hint: ATTENDANT_HANDOVER_SECRET=whsec_$(openssl rand -base64 32)"
                    .into(),
            );
        }
        if bytes.len() < SHORTEST {
            return Err(format!(
                "is too short to be one: {SHORTEST} bytes are the least"
            ));
        }
        let keyed = Hmac::new_from_slice(&bytes).map_err(|error| error.to_string())?;
        Ok(Self(keyed))
    }

    /// The header `webhook-signature`. `timestamp`: seconds since 1970, of this attempt.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut keyed = self.0.clone();
        keyed.update(format!("{id}.{timestamp}.").as_bytes());
        keyed.update(body);
        format!("v1,{}", STANDARD.encode(keyed.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn the_known_answer() {
        let key = Key::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a key");
        let signed = key.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_that_is_none_is_refused_without_showing_it() {
        for (secret, told) in [
            ("", "is missing"),
            ("hunter2", "too short"),
            ("whsec_????", "not base64"),
        ] {
            let why = Key::parse(secret).err().expect("no key");
            assert!(why.contains(told) && !why.contains("hunter2"), "{why}");
        }
        assert!(Key::parse("sixteen bytes or more of any text").is_ok());
    }
}
