//! Plivo's request signatures, version 3: `base64(HMAC-SHA256(auth token, BASE.NONCE))`. Decides whether a
//! request comes from the holder of the auth token.
//!
//! The URL must be built from the configured public address, never from what the sender chooses.

use crate::line::keyed::Keyed;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::{Choice, ConstantTimeEq as _};

/// Header with the signatures, separated by commas: one per auth token while tokens change.
pub const SIGNATURE: &str = "x-plivo-signature-v3";
/// Header with the nonce.
pub const NONCE: &str = "x-plivo-signature-v3-nonce";

/// Checks signatures made with one auth token.
pub struct Validator {
    keyed: Keyed,
}

impl Validator {
    /// A validator for this auth token.
    pub fn new(auth_token: &str) -> Self {
        Self {
            keyed: Keyed::new(auth_token),
        }
    }

    /// The signature of a `POST` of `params` (decoded) to `url`.
    pub fn sign(&self, url: &str, params: &[(String, String)], nonce: &str) -> String {
        STANDARD.encode(self.digest(&post_base(url, params), nonce))
    }

    /// Is one of the signatures in `given` that of a `POST` of `params` to `url`?
    pub fn post(&self, url: &str, params: &[(String, String)], nonce: &str, given: &str) -> bool {
        self.any(&post_base(url, params), nonce, given)
    }

    /// Is one of the signatures in `given` that of a `GET` of `url`?
    pub fn get(&self, url: &str, nonce: &str, given: &str) -> bool {
        self.any(&get_base(url), nonce, given)
    }

    /// Compares with all of them, so that the time tells nothing.
    fn any(&self, base: &str, nonce: &str, given: &str) -> bool {
        if nonce.is_empty() {
            return false;
        }
        // Plivo's own libraries encode what is not ASCII twice: each byte of its UTF-8 as a character.
        let twice: String = base.bytes().map(char::from).collect();
        let expected = [self.digest(base, nonce), self.digest(&twice, nonce)];
        let mut found = Choice::from(0);
        for signature in given.split(',') {
            if let Ok(signature) = STANDARD.decode(signature.trim()) {
                for expected in &expected {
                    found |= expected.as_slice().ct_eq(&signature);
                }
            }
        }
        found.into()
    }

    fn digest(&self, base: &str, nonce: &str) -> [u8; 32] {
        self.keyed.sign(&[base.as_bytes(), b".", nonce.as_bytes()])
    }
}

/// Decoded pairs sorted by name, then by value.
fn sorted(mut pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    pairs.sort();
    pairs
}

/// The URL without its query, and the query decoded and sorted: `a=1&b=2`.
fn split(url: &str) -> (&str, String) {
    let url = url.split('#').next().unwrap_or("");
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
    let pairs: Vec<String> = sorted(pairs.collect())
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    (base, pairs.join("&"))
}

fn get_base(url: &str) -> String {
    let (base, query) = split(url);
    match query.as_str() {
        "" => base.to_owned(),
        query => format!("{base}?{query}"),
    }
}

/// `URL?query.` and each name and value; without a query `URL?`, without fields as a `GET`.
fn post_base(url: &str, params: &[(String, String)]) -> String {
    if params.is_empty() {
        return get_base(url);
    }
    let (base, query) = split(url);
    let dot = if query.is_empty() { "" } else { "." };
    let fields: String = sorted(params.to_vec())
        .into_iter()
        .map(|(name, value)| name + &value)
        .collect();
    format!("{base}?{query}{dot}{fields}")
}

#[cfg(test)]
mod tests {
    //! Vectors made with Plivo's Python library 4.63.0, auth token `MAXXXXTOKEN`, nonce `12345`.
    use super::*;

    const URL: &str = "https://bot.example.com/plivo/answer";

    fn params(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let pair = |(n, v): &(&str, &str)| ((*n).to_owned(), (*v).to_owned());
        pairs.iter().map(pair).collect()
    }

    fn post(url: &str, pairs: &[(&str, &str)], given: &str) -> bool {
        Validator::new("MAXXXXTOKEN").post(url, &params(pairs), "12345", given)
    }

    #[test]
    fn signatures_of_plivo_s_own_library() {
        let call = [
            ("To", "+15559870000"),
            ("From", "+15551230000"),
            ("CallUUID", "abc"),
        ];
        let signature = "LKLmmBb5r4XXRUGNWhXF8iQWvVBQFLB9qwog97xbac8=";
        assert!(post(&format!("{URL}?x=1"), &call, signature));
        assert!(post(
            URL,
            &call[1..],
            "u1/3jtrcLwaxKU8xI4C8Jl7oW3H1uDRmNWHwqA6UjYQ="
        ));
        assert!(post(
            URL,
            &[],
            "4V2e1mItJarYqFbfgxqlirtaB83BwLEADccZmbi1CV0="
        ));
        let doubled = [("B", "2"), ("A", "Grüße ☎"), ("B", "1")];
        assert!(post(
            &format!("{URL}?b=%20x&a=1"),
            &doubled,
            "/XRPkpNLN6CoIpou3rpw4RU1O3CEH3i0dCl+l1cznT8="
        ));
        assert!(Validator::new("MAXXXXTOKEN").get(
            &format!("{URL}?a=1&b=2"),
            "12345",
            "c93X1FykS76Fuh3v2Z2zYPr7fbw++sfm+9DIQMnRNyQ="
        ));
        let two = format!("AAAA,{signature}");
        assert!(
            post(&format!("{URL}?x=1"), &call, &two),
            "while tokens change"
        );
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let call = [("From", "+15551230000"), ("CallUUID", "abc")];
        let good = "u1/3jtrcLwaxKU8xI4C8Jl7oW3H1uDRmNWHwqA6UjYQ=";
        assert!(!post(&format!("{URL}?x=1"), &call, good), "another URL");
        assert!(!post(URL, &call[1..], good), "a field less");
        let validator = Validator::new("MAXXXXTOKEN");
        assert!(
            !validator.post(URL, &params(&call), "12346", good),
            "another nonce"
        );
        assert!(!validator.post(URL, &params(&call), "", good), "no nonce");
        let other = Validator::new("other");
        assert!(
            !other.post(URL, &params(&call), "12345", good),
            "another token"
        );
        for bad in ["", ",", "=", "ünicode", "AAAA"] {
            assert!(!post(URL, &call, bad), "{bad}");
        }
        for odd in ["", "?", "#", "://", "ü?ü=ü#ü"] {
            assert!(!post(odd, &call, good), "{odd}");
        }
    }
}
