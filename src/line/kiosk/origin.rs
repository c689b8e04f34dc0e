//! Which pages may call: those of the public URL, of this machine itself, and of the sites that the
//! operator names. A browser says truthfully which page a request comes from (RFC 6454).

/// Origins beside our own.
#[derive(Clone, Debug, Default)]
pub struct Origins(Vec<String>);

impl Origins {
    /// Reads a list with commas.
    ///
    /// # Errors
    /// The part that is no origin.
    pub fn parse(list: &str) -> Result<Self, String> {
        let parts = list
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let origin = |part: &str| match is_origin(part) {
            true => Ok(part.trim_end_matches('/').to_ascii_lowercase()),
            false => Err(part.to_owned()),
        };
        Ok(Self(parts.map(origin).collect::<Result<_, _>>()?))
    }

    /// May a page of `origin` call? `public`: our own URL; `host`: what the request was sent to.
    pub fn allows(&self, origin: &str, public: &str, host: &str) -> bool {
        let origin = origin.to_ascii_lowercase();
        origin == origin_of(public) || self.is_named(&origin) || is_this_machine(&origin, host)
    }

    /// Is it one of the other sites?
    pub fn is_named(&self, origin: &str) -> bool {
        self.0
            .iter()
            .any(|named| named.eq_ignore_ascii_case(origin))
    }

    /// All of them, with spaces before each: for a policy.
    pub fn listed(&self) -> String {
        self.0.iter().map(|origin| format!(" {origin}")).collect()
    }
}

/// Scheme, host and port only.
fn is_origin(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let rest = rest.trim_end_matches('/');
        let fits =
            |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']');
        !rest.is_empty() && rest.bytes().all(fits)
    })
}

/// The origin of a URL, as browsers write it.
fn origin_of(url: &str) -> String {
    let after = url.find("://").map_or(0, |at| at + 3);
    let end = url[after..].find('/').map_or(url.len(), |at| after + at);
    let origin = url[..end].to_ascii_lowercase();
    let usual = |scheme: &str, port: &str| {
        let rest = origin.strip_prefix(scheme)?;
        Some(format!("{scheme}{}", rest.strip_suffix(port)?))
    };
    usual("https://", ":443")
        .or_else(|| usual("http://", ":80"))
        .unwrap_or(origin)
}

/// A page of this very server, opened on this machine. The name must be the machine's own: a stranger's
/// name that was made to lead here (DNS rebinding) is not.
fn is_this_machine(origin: &str, host: &str) -> bool {
    let Some(name) = origin.strip_prefix("http://") else {
        return false;
    };
    let bare = match name.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => name.split(':').next(),
    };
    matches!(bare, Some("localhost" | "127.0.0.1" | "::1")) && name.eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_pages_this_machine_and_named_sites_may_call() {
        let origins =
            Origins::parse("https://www.example.com/, http://shop.example:8000").expect("two");
        let public = "https://bot.example.com/base";
        for (origin, host) in [
            ("https://bot.example.com", "bot.example.com"),
            ("https://BOT.example.com", "proxy:8080"),
            ("https://www.example.com", "bot.example.com"),
            ("http://shop.example:8000", "bot.example.com"),
            ("http://localhost:8080", "localhost:8080"),
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("http://[::1]:8080", "[::1]:8080"),
        ] {
            assert!(origins.allows(origin, public, host), "{origin}");
        }
        for (origin, host) in [
            ("https://evil.example", "bot.example.com"),
            ("http://bot.example.com", "bot.example.com"),
            ("https://bot.example.com:8443", "bot.example.com"),
            ("https://bot.example.com.evil.example", "bot.example.com"),
            // A name that was made to lead to this machine.
            ("http://evil.example:8080", "evil.example:8080"),
            ("http://localhost.evil.example", "localhost.evil.example"),
            ("http://localhost:9999", "localhost:8080"),
            ("null", "bot.example.com"),
            ("", ""),
        ] {
            assert!(!origins.allows(origin, public, host), "{origin}");
        }
        assert_eq!(
            origins.listed(),
            " https://www.example.com http://shop.example:8000"
        );
    }

    #[test]
    fn a_list_that_is_none_names_the_wrong_part() {
        for wrong in [
            "www.example.com",
            "https://",
            "https://a.example/x",
            "*",
            "https://a b",
        ] {
            assert_eq!(Origins::parse(wrong).err().as_deref(), Some(wrong));
        }
        assert!(Origins::parse("").expect("none").0.is_empty());
    }

    #[test]
    fn a_port_that_goes_without_saying_is_not_said() {
        assert_eq!(
            origin_of("https://bot.example.com:443/x"),
            "https://bot.example.com"
        );
        assert_eq!(origin_of("http://10.0.0.1:80"), "http://10.0.0.1");
        assert_eq!(origin_of("http://10.0.0.1:8080"), "http://10.0.0.1:8080");
    }
}
