//! Twilio's request signatures: `base64(HMAC-SHA1(auth token, S))`, where S is made of the URL and
//! the parameters. Decides whether a request comes from the holder of the auth token; the caller
//! decides what to do about it.
//!
//! The URL must be built from the configured public address, never from `Host` or `X-Forwarded-*`,
//! which the sender chooses.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use subtle::{Choice, ConstantTimeEq as _};

/// Header that carries the signature.
pub const HEADER: &str = "x-twilio-signature";

/// Checks signatures made with one auth token.
#[derive(Clone)]
pub struct Validator {
    keyed: Hmac<Sha1>,
}

impl std::fmt::Debug for Validator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Validator(…)")
    }
}

impl Validator {
    /// A validator for this auth token.
    pub fn new(auth_token: &str) -> Self {
        let keyed =
            Hmac::new_from_slice(auth_token.as_bytes()).expect("HMAC takes a key of any length");
        Self { keyed }
    }

    /// The signature that Twilio would send for a form `POST` of `params` to `url`. A `GET` and a
    /// WebSocket upgrade have no parameters.
    pub fn sign(&self, url: &str, params: &[(String, String)]) -> String {
        STANDARD.encode(self.digest(&form_text(url, params)))
    }

    /// Is `given` the signature of a form `POST` to `url` (decoded `params`, any order)?
    pub fn form(&self, url: &str, params: &[(String, String)], given: &str) -> bool {
        self.any(port_variants(url), |url| form_text(url, params), given)
    }

    /// Is `given` a signature of a form `POST` as SignalWire makes them: Twilio's, with or without equal
    /// fields twice, or in hexadecimal over the URL and the body as it came?
    pub fn compatible(
        &self,
        url: &str,
        params: &[(String, String)],
        body: &[u8],
        given: &str,
    ) -> bool {
        let kept = |url: &str| {
            let mut params: Vec<&(String, String)> = params.iter().collect();
            // Stable: fields of one name stay in their order.
            params.sort_by(|a, b| a.0.cmp(&b.0));
            let fields = params
                .iter()
                .flat_map(|(name, value)| [name.as_str(), value.as_str()]);
            std::iter::once(url).chain(fields).collect::<String>()
        };
        let mut mac = self.keyed.clone();
        mac.update(url.as_bytes());
        mac.update(body);
        let whole = HEXLOWER.encode(&mac.finalize().into_bytes());
        let raw: bool = whole.as_bytes().ct_eq(given.trim().as_bytes()).into();
        self.form(url, params, given) | self.any(port_variants(url), kept, given) | raw
    }

    /// Is `given` the signature of a `GET` of `url`, query included?
    pub fn get(&self, url: &str, given: &str) -> bool {
        self.any(port_variants(url), str::to_owned, given)
    }

    /// Is `given` the signature of a `POST` with a JSON (or any non-form) body? The URL then carries
    /// the body's digest as `bodySHA256`, in hexadecimal.
    pub fn body(&self, url: &str, body: &[u8], given: &str) -> bool {
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let claimed = form_urlencoded::parse(query.as_bytes())
            .find_map(|(name, value)| (name == "bodySHA256").then(|| value.to_ascii_lowercase()));
        let Some(claimed) = claimed else { return false };
        let actual = HEXLOWER.encode(&Sha256::digest(body));
        let same: bool = claimed.as_bytes().ct_eq(actual.as_bytes()).into();
        same & self.get(url, given)
    }

    /// Is `given` the signature of a WebSocket upgrade of `url`? Twilio signs `wss://…`, whatever
    /// `url`'s scheme, with or without a trailing slash.
    pub fn upgrade(&self, url: &str, given: &str) -> bool {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let base = format!("wss://{rest}");
        let slash = match base.strip_suffix('/') {
            Some(without) => without.to_owned(),
            None => format!("{base}/"),
        };
        let urls = port_variants(&base)
            .into_iter()
            .chain(port_variants(&slash))
            .collect();
        self.any(urls, str::to_owned, given)
    }

    /// Compares with every variant, so that the time tells nothing about which one fitted.
    fn any(&self, urls: Vec<String>, text: impl Fn(&str) -> String, given: &str) -> bool {
        let Ok(given) = STANDARD.decode(given.trim()) else {
            return false;
        };
        let mut found = Choice::from(0);
        for url in urls {
            found |= self.digest(&text(&url)).as_slice().ct_eq(&given);
        }
        found.into()
    }

    fn digest(&self, text: &str) -> Vec<u8> {
        let mut mac = self.keyed.clone();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}

/// URL, then each name and value: distinct pairs, sorted bytewise by name, then by value.
fn form_text(url: &str, params: &[(String, String)]) -> String {
    let sorted: BTreeSet<(&str, &str)> = params
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let mut text = url.to_owned();
    for (name, value) in sorted {
        text.push_str(name);
        text.push_str(value);
    }
    text
}

/// The URL as given, without a port, and with the ports that Twilio's own libraries try: 443 for
/// `https` and `wss`, and 80 for every scheme but `https` (so for `wss` too, a quirk of theirs).
fn port_variants(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return vec![url.to_owned()];
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    // The colon of a port, not one inside a bracketed IPv6 address.
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    let mut urls = vec![url.to_owned(), format!("{scheme}://{host}{tail}")];
    let ports: &[u16] = match scheme {
        "https" => &[443],
        "wss" => &[443, 80],
        _ => &[80],
    };
    urls.extend(
        ports
            .iter()
            .map(|port| format!("{scheme}://{host}:{port}{tail}")),
    );
    urls
}

#[cfg(test)]
mod tests {
    //! Vectors made with Twilio's Python library 9.13.0, auth token `12345`.
    use super::*;

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";

    fn validator() -> Validator {
        Validator::new("12345")
    }

    fn params(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect()
    }

    fn call() -> Vec<(String, String)> {
        params(&[
            ("To", "+18005551212"),
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
        ])
    }

    #[test]
    fn form_posts() {
        assert!(validator().form(URL, &call(), "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
        let doubled = params(&[
            ("Sid", "CA123"),
            ("SidAccount", "AC123"),
            ("Digits", "5678"),
            ("Digits", "1234"),
            ("Digits", "1234"),
        ]);
        assert!(validator().form(URL, &doubled, "IK+Dwps556ElfBT0I3Rgjkr1wJU="));
        let voice = "https://bot.example.com/voice";
        assert!(validator().form(
            voice,
            &params(&[("A", ""), ("B", "x")]),
            "uT2etER3KC3RUFphSi8mZ+vD6aU="
        ));
        assert!(validator().form(
            voice,
            &params(&[("SpeechResult", "Grüße ☎")]),
            "fVCgiBUNbjV+V1/7Za39ov6BZh0="
        ));
    }

    #[test]
    fn signalwire_s_ways_of_signing_a_form() {
        // Made with Python's hmac by the rules in SignalWire's webhook validators, signing key `12345`.
        let url = "https://bot.example.com/signalwire/voice";
        let body = "CallSid=b1&Digits=2&Digits=1&Digits=1&From=%2B15551230000";
        let fields: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
        let check = |given: &str| validator().compatible(url, &fields, body.as_bytes(), given);
        for given in [
            "SrvGfqel/LpM0S8wQls8GFbbYZo=",
            "5XeE7ovJvSnVLrqthYyw6VA35QU=",
            "3a20786d9cbf7d2392f817e68ab214e647bd55e1",
            "iIpPUY454XTBkiX6A5/nDHphPIA=",
        ] {
            assert!(check(given), "{given}");
        }
        for bad in [
            "",
            "00",
            "3A20786D9CBF7D2392F817E68AB214E647BD55E1",
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
        ] {
            assert!(!check(bad), "{bad}");
        }
        assert!(!validator().compatible(url, &fields[1..], b"", "SrvGfqel/LpM0S8wQls8GFbbYZo="));
        assert!(!Validator::new("other").compatible(
            url,
            &fields,
            body.as_bytes(),
            "3a20786d9cbf7d2392f817e68ab214e647bd55e1"
        ));
    }

    #[test]
    fn ports_may_be_signed_or_not() {
        let with_443 = "https://mycompany.com:443/myapp.php?foo=1&bar=2";
        let http = "http://mycompany.com/myapp.php?foo=1&bar=2";
        assert!(
            validator().form(URL, &call(), "kvajT1Ptam85bY51eRf/AJRuM3w="),
            "signed with :443"
        );
        assert!(
            validator().form(with_443, &call(), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            "signed without"
        );
        assert!(
            validator().form(http, &call(), "0ZXoZLH/DfblKGATFgpif+LLRf4="),
            "signed with :80"
        );
        assert!(
            !validator().form(URL, &call(), "0ZXoZLH/DfblKGATFgpif+LLRf4="),
            "http is not https"
        );
    }

    #[test]
    fn json_bodies() {
        let url = format!(
            "{URL}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
        );
        let body = br#"{"property": "value", "boolean": true}"#;
        let signature = "a9nBmqA0ju/hNViExpshrM61xv4=";
        assert!(validator().body(&url, body, signature));
        assert!(!validator().body(&url, b"{}", signature), "another body");
        assert!(
            !validator().body(URL, body, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            "no digest in the URL"
        );
    }

    #[test]
    fn upgrades() {
        let signatures = [
            "Qo623mTKSBBeQp3YeX1D4pz6VHU=",
            "4XGtFMK60sXSlQd7uOPbnUq0EhA=",
            "t2eUC+F5OwQWsVxVLA4wrasfR8A=",
        ];
        for url in [
            "wss://bot.example.com/twilio",
            "https://bot.example.com/twilio",
            "wss://bot.example.com/twilio/",
        ] {
            for signature in signatures {
                assert!(validator().upgrade(url, signature), "{url} {signature}");
            }
            assert!(
                !validator().upgrade(url, "C0yswYu479riXpNUboDmSjpJKx4="),
                "signed as https"
            );
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let good = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
        assert!(
            !Validator::new("12346").form(URL, &call(), good),
            "another token"
        );
        assert!(
            !validator().form("https://mycompany.com/other", &call(), good),
            "another URL"
        );
        assert!(
            !validator().form(URL, &call()[1..], good),
            "a parameter less"
        );
        for bad in [
            "",
            "=",
            "RSOYDt4T1cUTdK1PDd93/VVr8B8",
            "RSOYDt4T1cUTdK1PDd93",
            "ünicode",
            "AAAA",
        ] {
            assert!(!validator().form(URL, &call(), bad), "{bad}");
        }
    }

    #[test]
    fn odd_urls_do_not_panic() {
        for url in [
            "",
            "://",
            "https://",
            "https://[::1]:8080/x",
            "nonsense",
            "wss://ü:x/",
        ] {
            assert!(!validator().upgrade(url, "Qo623mTKSBBeQp3YeX1D4pz6VHU="));
            assert!(!validator().get(url, "Qo623mTKSBBeQp3YeX1D4pz6VHU="));
        }
        let ipv6 = port_variants("http://[::1]:8080/x");
        assert!(ipv6.contains(&"http://[::1]/x".to_owned()), "{ipv6:?}");
    }
}
