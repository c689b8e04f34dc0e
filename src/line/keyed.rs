//! HMAC-SHA256 (RFC 2104) with one secret, which several lines sign their requests with. Decides only whether
//! a code is right; what is signed, and when it is too old, is each line's own.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// A secret, ready to sign.
#[derive(Clone)]
pub struct Keyed(Hmac<Sha256>);

impl std::fmt::Debug for Keyed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyed(…)")
    }
}

impl Keyed {
    /// # Panics
    /// Never: HMAC takes a key of any length.
    pub fn new(secret: &str) -> Self {
        let keyed = Hmac::new_from_slice(secret.as_bytes());
        Self(keyed.expect("HMAC takes a key of any length"))
    }

    /// The code of these parts, one after the other.
    pub fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }

    /// Is `given` that code? Takes as long whether it is or not.
    pub fn is(&self, parts: &[&[u8]], given: &[u8]) -> bool {
        self.sign(parts).as_slice().ct_eq(given).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    #[test]
    fn the_rfc_s_own_vector() {
        // RFC 4231 § 4.3, test case 2.
        let keyed = Keyed::new("Jefe");
        let parts: [&[u8]; 2] = [b"what do ya want ", b"for nothing?"];
        let code = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(HEXLOWER.encode(&keyed.sign(&parts)), code);
        let code = HEXLOWER.decode(code.as_bytes()).expect("hexadecimal");
        assert!(keyed.is(&parts, &code));
        assert!(!keyed.is(&parts, &code[1..]) && !keyed.is(&parts[..1], &code));
    }
}
