//! Telnyx's webhook signatures: Ed25519 (RFC 8032) over `TIMESTAMP|BODY`, with the account's public key.
//! Decides whether a webhook comes from Telnyx, and just now.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, UnparsedPublicKey};

/// Header with the signature, base64.
pub const SIGNATURE: &str = "telnyx-signature-ed25519";
/// Header with the time of signing, s since 1970.
pub const TIMESTAMP: &str = "telnyx-timestamp";
/// How far the clocks may be apart, in s.
const TOLERANCE_S: u64 = 300;
/// Bytes of a public key.
const KEY: usize = 32;

/// Checks signatures made for one account.
pub struct Validator {
    key: UnparsedPublicKey<[u8; KEY]>,
}

impl Validator {
    /// From the public key as the portal shows it (base64); `None`: it is none.
    pub fn new(public_key: &str) -> Option<Self> {
        let bytes = STANDARD.decode(public_key.trim()).ok()?;
        let bytes: [u8; KEY] = bytes.try_into().ok()?;
        Some(Self {
            key: UnparsedPublicKey::new(&ED25519, bytes),
        })
    }

    /// Is `signature` Telnyx's for this body, made at `timestamp`, within 300 s of `now_s` (s since 1970)?
    pub fn webhook(&self, timestamp: &str, body: &[u8], signature: &str, now_s: u64) -> bool {
        let Ok(at) = timestamp.trim().parse::<u64>() else {
            return false;
        };
        if at.abs_diff(now_s) > TOLERANCE_S {
            return false;
        }
        let Ok(signature) = STANDARD.decode(signature.trim()) else {
            return false;
        };
        let mut text = format!("{}|", timestamp.trim()).into_bytes();
        text.extend_from_slice(body);
        self.key.verify(&text, &signature).is_ok()
    }
}

/// Signs as Telnyx does, for tests and the load tool.
pub struct Signer(ring::signature::Ed25519KeyPair);

impl Signer {
    /// The key pair of this seed.
    ///
    /// # Panics
    /// Never: every seed is one.
    pub fn new(seed: [u8; 32]) -> Self {
        let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&seed);
        Self(pair.expect("a seed has 32 bytes"))
    }

    /// The public key, base64.
    pub fn public_key(&self) -> String {
        use ring::signature::KeyPair as _;
        STANDARD.encode(self.0.public_key().as_ref())
    }

    /// The signature of a webhook.
    pub fn sign(&self, timestamp: u64, body: &[u8]) -> String {
        let mut text = format!("{timestamp}|").into_bytes();
        text.extend_from_slice(body);
        STANDARD.encode(self.0.sign(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_764_400_000;

    #[test]
    fn the_rfc_s_own_key_is_accepted_as_a_key() {
        // RFC 8032 § 7.1, test 1.
        let seed = [
            0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec,
            0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03,
            0x1c, 0xae, 0x7f, 0x60,
        ];
        assert_eq!(
            Signer::new(seed).public_key(),
            "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
        );
    }

    #[test]
    fn signed_webhooks_pass_in_their_time_and_unchanged() {
        let signer = Signer::new([7; 32]);
        let validator = Validator::new(&signer.public_key()).expect("a key");
        let body = br#"{"data":{"event_type":"call.initiated"}}"#;
        let signature = signer.sign(NOW, body);
        let stamp = NOW.to_string();
        for now in [NOW - 300, NOW, NOW + 300] {
            assert!(validator.webhook(&stamp, body, &signature, now), "{now}");
        }
        for now in [NOW - 301, NOW + 301, 0, u64::MAX] {
            assert!(!validator.webhook(&stamp, body, &signature, now), "{now}");
        }
        let other = (NOW + 1).to_string();
        assert!(
            !validator.webhook(&other, body, &signature, NOW),
            "time changed"
        );
        assert!(
            !validator.webhook(&stamp, b"{}", &signature, NOW),
            "body changed"
        );
        let stranger = Signer::new([8; 32]).sign(NOW, body);
        assert!(
            !validator.webhook(&stamp, body, &stranger, NOW),
            "another key"
        );
        for bad in ["", "?", "AAAA", &"A".repeat(88)] {
            assert!(!validator.webhook(&stamp, body, bad, NOW), "{bad}");
        }
        for bad in ["", "-1", "x", "99999999999999999999"] {
            assert!(!validator.webhook(bad, body, &signature, NOW), "{bad}");
        }
    }

    #[test]
    fn what_is_no_key_is_told() {
        for bad in [
            "",
            "abc",
            "AAAA",
            "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHUR==",
        ] {
            assert!(Validator::new(bad).is_none(), "{bad}");
        }
    }
}
