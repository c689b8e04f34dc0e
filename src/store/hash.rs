//! Secrets that are kept as a hash: PBKDF2 with HMAC-SHA-256 (RFC 8018 section 5.2), one block.
//!
//! A PIN of four digits can be guessed by whoever has the file and some patience, whatever the hash;
//! the rounds make it dear, a lock-out after a few tries keeps callers from guessing.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Some milliseconds. More would hold up other calls, for little gain with secrets this short.
const ROUNDS: u32 = 10_000;

/// `secret` with `salt`, as 64 hexadecimal digits.
pub(super) fn pin_hash(secret: &str, salt: &str) -> String {
    HEXLOWER.encode(&pbkdf2(secret.as_bytes(), salt.as_bytes(), ROUNDS))
}

/// Whether two hashes are equal, in a time that does not tell how far they are.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// SHA-256, in hexadecimal digits.
pub(super) fn checksum(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

fn pbkdf2(secret: &[u8], salt: &[u8], rounds: u32) -> [u8; 32] {
    let keyed: Hmac<Sha256> = Hmac::new_from_slice(secret).expect("HMAC takes a key of any length");
    let one = |parts: &[&[u8]]| -> [u8; 32] {
        let mut mac = keyed.clone();
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    };
    let mut last = one(&[salt, &1u32.to_be_bytes()]);
    let mut block = last;
    for _ in 1..rounds {
        last = one(&[&last]);
        block
            .iter_mut()
            .zip(last)
            .for_each(|(sum, byte)| *sum ^= byte);
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers: RFC 7914 section 11 (1 round), and Python's `hashlib.pbkdf2_hmac` (4096 rounds).
    #[test]
    fn it_is_pbkdf2() {
        assert!(
            HEXLOWER
                .encode(&pbkdf2(b"passwd", b"salt", 1))
                .starts_with("55ac046e56e3089fec1691c22544b605")
        );
        assert_eq!(
            HEXLOWER.encode(&pbkdf2(b"password", b"salt", 4096)),
            "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a"
        );
        assert!(same(&pin_hash("1234", "a"), &pin_hash("1234", "a")));
        assert!(!same(&pin_hash("1234", "a"), &pin_hash("1234", "b")));
    }
}
