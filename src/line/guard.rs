//! Who may come in where a PBX shows a secret of our own choice: `Authorization: Basic` (any user name) or
//! `Bearer`, on webhooks and on the upgrade of a media socket.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq as _;

/// A line's secret; none: everybody on this machine may come in.
#[derive(Clone, Default)]
pub struct Guard(Option<String>);

impl Guard {
    /// An empty secret is none.
    pub fn new(secret: Option<&str>) -> Self {
        Self(
            secret
                .filter(|secret| !secret.is_empty())
                .map(str::to_owned),
        )
    }

    /// There is a secret.
    pub fn is_set(&self) -> bool {
        self.0.is_some()
    }

    /// May a request with these headers come in?
    pub fn allows(&self, headers: &HeaderMap) -> bool {
        let Some(secret) = &self.0 else {
            return true;
        };
        let given = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(shown);
        given.is_some_and(|given| given.as_bytes().ct_eq(secret.as_bytes()).into())
    }
}

/// The secret that a header shows.
fn shown(header: &str) -> Option<String> {
    let (scheme, rest) = header.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (_, password) = pair.split_once(':')?;
    Some(password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, value.parse().expect("ASCII"));
        headers
    }

    #[test]
    fn the_secret_opens_in_both_ways_and_nothing_else_does() {
        let guard = Guard::new(Some("s3cr:t"));
        // "bot:s3cr:t"
        for right in [
            "Bearer s3cr:t",
            "Basic Ym90OnMzY3I6dA==",
            "basic Ym90OnMzY3I6dA==",
        ] {
            assert!(guard.allows(&headers(right)), "{right}");
        }
        // "bot:wrong"
        for wrong in [
            "Bearer",
            "Bearer x",
            "Basic Ym90Ondyb25n",
            "Basic ?",
            "Digest s3cr:t",
        ] {
            assert!(!guard.allows(&headers(wrong)), "{wrong}");
        }
        assert!(!guard.allows(&HeaderMap::new()));
        assert!(Guard::new(Some("")).allows(&HeaderMap::new()), "no secret");
    }
}
