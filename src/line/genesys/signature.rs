//! How Genesys signs the upgrade: HTTP Message Signatures (draft-ietf-httpbis-message-signatures, later
//! RFC 9421) with HMAC-SHA256 and the integration's client secret. Decides whether a request comes from the
//! holder of the secret, now, and for the first time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use subtle::ConstantTimeEq as _;

/// What must be signed.
const COMPONENTS: [&str; 6] = [
    "@request-target",
    "@authority",
    "audiohook-organization-id",
    "audiohook-session-id",
    "audiohook-correlation-id",
    "x-api-key",
];
/// Age of a signature, in s.
const LONGEST_AGE_S: i64 = 10;
/// How far the sender's clock may be off, in s.
const SKEW_S: i64 = 3;
/// Shortest nonce: 128 bits in base64.
const SHORTEST_NONCE: usize = 22;
/// Longest header that is looked at, in bytes.
const LONGEST: usize = 4096;

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("its API key is missing or wrong")]
    Key,
    #[error("it is not signed")]
    Unsigned,
    #[error("its signature headers are malformed")]
    Malformed,
    #[error("its signature covers too little")]
    Uncovered,
    #[error("its signature is too old, or from the future")]
    Stale,
    #[error("its nonce is too short")]
    Nonce,
    #[error("its signature is wrong")]
    Wrong,
    #[error("it was sent before")]
    Replayed,
}

/// A request, as far as it is signed.
pub struct Request<'a> {
    /// As the sender knows it: from the configured public address, never from `Host`.
    pub url: &'a str,
    /// A header's value, by its name in lower case.
    pub header: &'a dyn Fn(&str) -> Option<&'a str>,
    /// s since 1970.
    pub now: i64,
}

/// Checks requests of one integration.
pub struct Validator {
    key: String,
    keyed: Option<Hmac<Sha256>>,
    /// Nonces that were used, and when they were made.
    seen: Mutex<BTreeMap<String, i64>>,
}

impl Validator {
    /// For this API key, and the client secret (base64) where requests must be signed. None: the secret is
    /// no base64.
    pub fn new(key: &str, secret: Option<&str>) -> Option<Self> {
        let keyed = match secret {
            None => None,
            Some(secret) => {
                let secret = STANDARD.decode(secret.trim()).ok()?;
                Some(Hmac::new_from_slice(&secret).ok()?)
            }
        };
        Some(Self {
            key: key.to_owned(),
            keyed,
            seen: Mutex::default(),
        })
    }

    /// The headers `Signature-Input` and `Signature` that Genesys would send. `nonce`: once only.
    pub fn sign(&self, request: &Request<'_>, nonce: &str) -> Option<(String, String)> {
        let names: Vec<String> = COMPONENTS
            .iter()
            .map(|name| format!("\"{name}\""))
            .collect();
        let input = format!(
            "({});keyid=\"{}\";nonce=\"{nonce}\";alg=\"hmac-sha256\";created={};expires={}",
            names.join(" "),
            self.key,
            request.now,
            request.now + LONGEST_AGE_S,
        );
        let components = COMPONENTS.map(str::to_owned);
        let (_, rest) = request.url.split_once("://")?;
        let authority = rest.split('/').next()?;
        let base = base_of(&components, &input, request, authority)?;
        let mac = self.keyed.clone()?.chain_update(base.as_bytes());
        let mac = STANDARD.encode(mac.finalize().into_bytes());
        Some((format!("sig1={input}"), format!("sig1=:{mac}:")))
    }

    /// Does the request come from the holder of the secret?
    ///
    /// # Errors
    /// Why it may not come in.
    pub fn verify(&self, request: &Request<'_>) -> Result<(), Refused> {
        let key = (request.header)("x-api-key").ok_or(Refused::Key)?;
        if !bool::from(self.key.as_bytes().ct_eq(key.trim().as_bytes())) {
            return Err(Refused::Key);
        }
        let Some(keyed) = &self.keyed else {
            return Ok(());
        };
        let header = |name| (request.header)(name).map(str::trim);
        let inputs = header("signature-input").ok_or(Refused::Unsigned)?;
        let signatures = header("signature").ok_or(Refused::Unsigned)?;
        if inputs.len() > LONGEST || signatures.len() > LONGEST {
            return Err(Refused::Malformed);
        }
        let (label, input) = inputs.split_once('=').ok_or(Refused::Malformed)?;
        let given = signature_of(signatures, label).ok_or(Refused::Malformed)?;
        let parsed = Input::parse(input).ok_or(Refused::Malformed)?;
        let covered = |name: &&str| parsed.components.iter().any(|c| c == name);
        if !COMPONENTS.iter().all(covered) {
            return Err(Refused::Uncovered);
        }
        self.check_parameters(&parsed, request.now)?;
        let right = authorities(request.url).any(|authority| {
            let base = base_of(&parsed.components, input, request, &authority);
            base.is_some_and(|base| {
                let mac = keyed.clone().chain_update(base.as_bytes()).finalize();
                mac.into_bytes().as_slice().ct_eq(&given).into()
            })
        });
        if !right {
            return Err(Refused::Wrong);
        }
        self.use_up(&parsed, request.now)
    }

    fn check_parameters(&self, input: &Input, now: i64) -> Result<(), Refused> {
        if input.text("keyid").is_some_and(|id| id != self.key) {
            return Err(Refused::Key);
        }
        if input.text("alg").is_some_and(|alg| alg != "hmac-sha256") {
            return Err(Refused::Malformed);
        }
        let created = input.number("created").ok_or(Refused::Malformed)?;
        let expires = input.number("expires").unwrap_or(i64::MAX);
        let age = now.saturating_sub(created);
        if !(-SKEW_S..=LONGEST_AGE_S + SKEW_S).contains(&age)
            || expires.saturating_add(SKEW_S) < now
        {
            return Err(Refused::Stale);
        }
        let nonce = input.text("nonce").unwrap_or("");
        if nonce.len() < SHORTEST_NONCE {
            return Err(Refused::Nonce);
        }
        Ok(())
    }

    /// Remembers the nonce for as long as its signature is fresh.
    fn use_up(&self, input: &Input, now: i64) -> Result<(), Refused> {
        let nonce = input.text("nonce").unwrap_or("").to_owned();
        // Nothing panics while it is locked.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, at| now.saturating_sub(*at) <= LONGEST_AGE_S + 2 * SKEW_S);
        match seen.insert(nonce, now) {
            None => Ok(()),
            Some(_) => Err(Refused::Replayed),
        }
    }
}

/// The bytes of the signature with this label: `sig1=:BASE64:`.
fn signature_of(signatures: &str, label: &str) -> Option<Vec<u8>> {
    let mut members = signatures
        .split(',')
        .filter_map(|member| member.trim().split_once('='));
    let (_, value) = members.find(|(name, _)| *name == label)?;
    STANDARD
        .decode(value.strip_prefix(':')?.strip_suffix(':')?)
        .ok()
}

/// What the signature is made of: a line for each component, and the parameters as they were sent.
fn base_of(
    components: &[String],
    input: &str,
    request: &Request<'_>,
    authority: &str,
) -> Option<String> {
    let (_, rest) = request.url.split_once("://")?;
    let target = rest.find('/').map_or("/", |at| &rest[at..]);
    let mut base = String::new();
    for name in components {
        let value = match name.as_str() {
            "@request-target" => target,
            "@authority" => authority,
            name => (request.header)(name)?.trim(),
        };
        base.push_str(&format!("\"{name}\": {value}\n"));
    }
    base.push_str(&format!("\"@signature-params\": {input}"));
    Some(base)
}

/// The host as the sender may have written it: with the port, and without a usual one.
fn authorities(url: &str) -> impl Iterator<Item = String> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split('/').next().unwrap_or("").to_ascii_lowercase();
    let usual = if scheme == "https" { ":443" } else { ":80" };
    let other = match authority.strip_suffix(usual) {
        Some(bare) => Some(bare.to_owned()),
        None if authority.contains(':') => None,
        None => Some(format!("{authority}{usual}")),
    };
    std::iter::once(authority).chain(other)
}

/// `("a" "b");name="text";number=1`, the little of RFC 8941 that is needed.
struct Input {
    components: Vec<String>,
    parameters: Vec<(String, Bare)>,
}

enum Bare {
    Text(String),
    Number(i64),
}

impl Input {
    fn parse(text: &str) -> Option<Self> {
        let (list, parameters) = text.strip_prefix('(')?.split_once(')')?;
        let component = |item: &str| {
            let name = item.strip_prefix('"')?.strip_suffix('"')?;
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"@-_".contains(&b);
            name.bytes().all(plain).then(|| name.to_owned())
        };
        let components: Vec<String> = list
            .split_whitespace()
            .map(component)
            .collect::<Option<_>>()?;
        let mut once = components.clone();
        once.sort();
        once.dedup();
        if once.len() != components.len() {
            return None;
        }
        let mut rest = parameters;
        let mut parameters = Vec::new();
        while !rest.is_empty() {
            let (name, after) = rest.strip_prefix(';')?.split_once('=')?;
            let (value, after) = match after.strip_prefix('"') {
                Some(quoted) => {
                    // Keys, nonces and algorithms have no quotes in them.
                    let (value, after) = quoted.split_once('"')?;
                    (Bare::Text(value.to_owned()), after)
                }
                None => {
                    let end = after.find(';').unwrap_or(after.len());
                    (Bare::Number(after[..end].parse().ok()?), &after[end..])
                }
            };
            parameters.push((name.trim().to_owned(), value));
            rest = after;
        }
        Some(Self {
            components,
            parameters,
        })
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find_map(|(n, value)| match value {
            Bare::Text(text) if n == name => Some(text.as_str()),
            _ => None,
        })
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.parameters.iter().find_map(|(n, value)| match value {
            Bare::Number(number) if n == name => Some(*number),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of Genesys's documentation of AudioHook.
    const KEY: &str = "SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh";
    const SECRET: &str = "TXlTdXBlclNlY3JldEtleVRlbGxOby0xITJAMyM0JDU=";
    const URL: &str = "https://audiohook.example.com/api/v1/voicebiometrics/ws";
    const NOW: i64 = 1_641_013_200;
    const HEADERS: [(&str, &str); 6] = [
        (
            "audiohook-organization-id",
            "d7934305-0972-4844-938e-9060eef73d05",
        ),
        (
            "audiohook-session-id",
            "30b0e395-84d3-4570-ac13-9a62d8f514c0",
        ),
        (
            "audiohook-correlation-id",
            "e160e428-53e2-487c-977d-96989bf5c99d",
        ),
        ("x-api-key", KEY),
        (
            "signature",
            "sig1=:NZBwyBHRRyRoeLqy1IzOa9VYBuI8TgMFt2GRDkDuJh4=:",
        ),
        (
            "signature-input",
            r#"sig1=("@request-target" "@authority" "audiohook-organization-id" "audiohook-session-id" "audiohook-correlation-id" "x-api-key");keyid="SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh";nonce="VGhpc0lzQVVuaXF1ZU5vbmNl";alg="hmac-sha256";created=1641013200;expires=3282026430"#,
        ),
    ];

    /// Verifies the example with some headers changed, by a fresh validator.
    fn verify(url: &str, now: i64, changed: &[(&str, &str)]) -> Result<(), Refused> {
        let validator = Validator::new(KEY, Some(SECRET)).expect("base64");
        let all = changed.iter().chain(&HEADERS);
        let header = |name: &str| {
            all.clone()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| *value)
        };
        validator.verify(&Request {
            url,
            header: &header,
            now,
        })
    }

    #[test]
    fn the_documented_example_is_taken_in_its_time() {
        assert_eq!(verify(URL, NOW, &[]), Ok(()));
        assert_eq!(verify(URL, NOW + 13, &[]), Ok(()));
        assert_eq!(verify(URL, NOW + 14, &[]), Err(Refused::Stale));
        assert_eq!(verify(URL, NOW - 4, &[]), Err(Refused::Stale));
        let with_port = URL.replace(".com/", ".com:443/");
        assert_eq!(verify(&with_port, NOW, &[]), Ok(()));
    }

    #[test]
    fn whatever_is_signed_cannot_be_changed() {
        for url in [
            "https://other.example.com/api/v1/voicebiometrics/ws",
            "https://audiohook.example.com/api/v1/voicebiometrics/ws?x=1",
        ] {
            assert_eq!(verify(url, NOW, &[]), Err(Refused::Wrong), "{url}");
        }
        for (name, _) in &HEADERS[..3] {
            assert_eq!(
                verify(URL, NOW, &[(name, "x")]),
                Err(Refused::Wrong),
                "{name}"
            );
        }
        assert_eq!(verify(URL, NOW, &[("x-api-key", "x")]), Err(Refused::Key));
        let input = HEADERS[5].1;
        let changes = [
            (
                input.replace("created=1641013200", "created=1641013201"),
                Refused::Wrong,
            ),
            (input.replace(" \"x-api-key\"", ""), Refused::Uncovered),
            (
                input.replace("\"@authority\"", "\"@method\""),
                Refused::Uncovered,
            ),
            (
                input.replace("VGhpc0lzQVVuaXF1ZU5vbmNl", "short"),
                Refused::Nonce,
            ),
            (input.replace("hmac-sha256", "none"), Refused::Malformed),
            (input.replace("sig1", "sig2"), Refused::Malformed),
            (input.replace(";created=1641013200", ""), Refused::Malformed),
            (input.replace("3282026430", "1641013190"), Refused::Stale),
            ("sig1".into(), Refused::Malformed),
            ("sig1=(\"".into(), Refused::Malformed),
        ];
        for (changed, why) in changes {
            let now = if why == Refused::Stale { NOW + 5 } else { NOW };
            assert_eq!(
                verify(URL, now, &[("signature-input", &changed)]),
                Err(why),
                "{changed}"
            );
        }
        for signature in ["", "sig1=", "sig1=::", "sig1=:AAAA:", "sig1=:?:"] {
            assert!(
                verify(URL, NOW, &[("signature", signature)]).is_err(),
                "{signature}"
            );
        }
    }

    #[test]
    fn a_nonce_works_once() {
        let validator = Validator::new(KEY, Some(SECRET)).expect("base64");
        let header = |name: &str| HEADERS.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
        let request = Request {
            url: URL,
            header: &header,
            now: NOW,
        };
        assert_eq!(validator.verify(&request), Ok(()));
        assert_eq!(validator.verify(&request), Err(Refused::Replayed));
    }

    #[test]
    fn what_we_sign_we_take() {
        let validator = Validator::new(KEY, Some(SECRET)).expect("base64");
        let header = |name: &str| {
            HEADERS[..4]
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| *v)
        };
        let request = Request {
            url: URL,
            header: &header,
            now: NOW,
        };
        assert_eq!(validator.verify(&request), Err(Refused::Unsigned));
        let (input, signature) = validator.sign(&request, &"n".repeat(22)).expect("signed");
        let signed = |name: &str| match name {
            "signature-input" => Some(input.as_str()),
            "signature" => Some(signature.as_str()),
            name => header(name),
        };
        let request = Request {
            url: URL,
            header: &signed,
            now: NOW,
        };
        assert_eq!(validator.verify(&request), Ok(()));
    }

    #[test]
    fn without_a_secret_the_key_is_enough() {
        let validator = Validator::new(KEY, None).expect("no secret");
        let header = |name: &str| (name == "x-api-key").then_some(KEY);
        let request = Request {
            url: URL,
            header: &header,
            now: NOW,
        };
        assert_eq!(validator.verify(&request), Ok(()));
        assert!(Validator::new(KEY, Some("?")).is_none());
    }
}
