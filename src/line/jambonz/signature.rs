//! jambonz's signed webhooks: `Jambonz-Signature: t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA256 of
//! `SECONDS.BODY` with the account's webhook secret. Decides whether a request comes from its holder, now.

use crate::line::keyed::Keyed;
use data_encoding::HEXLOWER;
use subtle::ConstantTimeEq as _;

/// Header that carries the signature.
pub const HEADER: &str = "jambonz-signature";
/// Age of a signature, and how far its clock may be ahead, in s.
const TOLERANCE_S: u64 = 300;

/// Checks signatures made with one secret.
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

    /// The header that jambonz would send with `body` at `now` (s since 1970).
    pub fn sign(&self, body: &[u8], now: i64) -> String {
        format!("t={now},v1={}", self.hex(now, body))
    }

    /// Does the header vouch for `body` at `now` (s since 1970)?
    pub fn accepts(&self, header: &str, body: &[u8], now: i64) -> bool {
        let parts = || {
            header
                .split(',')
                .filter_map(|part| part.trim().split_once('='))
        };
        let at = parts().find_map(|(name, value)| (name == "t").then(|| value.parse().ok())?);
        let Some(at) = at.filter(|at: &i64| at.abs_diff(now) <= TOLERANCE_S) else {
            return false;
        };
        let expected = self.hex(at, body);
        parts().any(|(name, value)| {
            name == "v1" && bool::from(expected.as_bytes().ct_eq(value.as_bytes()))
        })
    }

    fn hex(&self, at: i64, body: &[u8]) -> String {
        HEXLOWER.encode(&self.keyed.sign(&[format!("{at}.").as_bytes(), body]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_764_432_000;
    const BODY: &[u8] = br#"{"call_sid":"abc"}"#;

    #[test]
    fn what_the_holder_of_the_secret_signs_is_taken() {
        let validator = Validator::new("whs_1");
        // Python: hmac.new(b"whs_1", b'1764432000.{"call_sid":"abc"}', "sha256").hexdigest()
        let header =
            "t=1764432000,v1=a7768ee8f59fb2e336408b88096b2387e9079835b2837ee4a91b11e645077e05";
        assert_eq!(validator.sign(BODY, NOW), header);
        assert!(validator.accepts(header, BODY, NOW + 300));
        assert!(!validator.accepts(header, BODY, NOW + 301), "too old");
        assert!(!validator.accepts(header, b"{}", NOW), "another body");
        assert!(!Validator::new("whs_2").accepts(header, BODY, NOW));
        let two = header.replace("v1=", "v1=00,v0=1,v1=");
        assert!(validator.accepts(&two, BODY, NOW), "one of several");
        for bad in [
            "",
            "t=1764432000",
            "v1=00",
            "t=x,v1=00",
            "t=,v1=",
            "t=1764432000,v1=",
        ] {
            assert!(!validator.accepts(bad, BODY, NOW), "{bad}");
        }
    }
}
