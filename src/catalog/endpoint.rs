//! Where files are fetched from: the hub, or a mirror of it. Decides which addresses are allowed.

use super::{Model, Piece};

/// The hub that the list's repositories are on.
pub const HUB: &str = "https://huggingface.co";

/// The hub or a mirror, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(String);

impl Default for Endpoint {
    fn default() -> Self {
        Self(HUB.into())
    }
}

impl Endpoint {
    /// Reads what `HF_ENDPOINT` says; empty: the hub.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim().trim_end_matches('/');
        if text.is_empty() {
            return Ok(Self::default());
        }
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))
            .ok_or("it must begin with https:// (or http://, for a mirror of your own)")?;
        if rest.is_empty() || rest.starts_with(['/', ':']) {
            return Err("it has no host name".into());
        }
        if rest.contains(['@', '?', '#']) || !rest.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(
                "it must not hold a user name, a query, or characters that a URL must escape"
                    .into(),
            );
        }
        Ok(Self(text.into()))
    }

    /// The address of a file.
    pub fn url(&self, model: &Model, piece: &Piece) -> String {
        let Self(base) = self;
        format!(
            "{base}/{}/resolve/{}/{}",
            model.repository, model.revision, piece.path
        )
    }

    /// Whether nothing but https is allowed, also where it redirects to.
    pub fn is_secure(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Host and port.
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or(&*self.0, |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }
}

/// Whether `HF_HUB_OFFLINE` says that nothing is to be fetched, as the hub's own tools read it.
pub fn offline(value: Option<&str>) -> bool {
    let value = value.unwrap_or_default().to_ascii_uppercase();
    ["1", "ON", "YES", "TRUE"].contains(&value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_is_an_address_without_frills() {
        for (text, host, secure) in [
            ("", "huggingface.co", true),
            ("https://mirror.example/hf/", "mirror.example", true),
            ("http://127.0.0.1:8000", "127.0.0.1:8000", false),
        ] {
            let endpoint = Endpoint::parse(text).expect("it is right");
            assert_eq!((endpoint.host(), endpoint.is_secure()), (host, secure));
        }
        for text in [
            "mirror.example",
            "ftp://mirror.example",
            "https://",
            "https://:80",
            "https://me:secret@mirror.example",
            "https://mirror.example/?a",
            "https://mirror example",
        ] {
            let error = Endpoint::parse(text).expect_err(text);
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn offline_is_read_as_the_hubs_tools_read_it() {
        for (value, expected) in [
            (None, false),
            (Some(""), false),
            (Some("0"), false),
            (Some("1"), true),
            (Some("true"), true),
            (Some("Yes"), true),
        ] {
            assert_eq!(offline(value), expected, "{value:?}");
        }
    }
}
