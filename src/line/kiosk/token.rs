//! What a page gets before it may open a socket: the name of a call to be, with a time and a signature
//! of ours. Nothing is kept for a token that is not used, so asking for many costs nobody a call.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Time between asking for a token and the socket's start.
const LASTS: Duration = Duration::from_secs(30);

/// Signs tokens and takes each once.
pub struct Tokens {
    /// Made at the start of the program: tokens do not outlive it.
    key: [u8; 32],
    start: Instant,
    /// Calls begun of late, with the time up to which their tokens would be taken again.
    used: Mutex<VecDeque<(Instant, String)>>,
}

impl Tokens {
    pub fn new() -> Self {
        Self {
            key: random(),
            start: Instant::now(),
            used: Mutex::default(),
        }
    }

    /// A token for a new call: `CALL.TIME.SIGNATURE`.
    pub fn issue(&self, now: Instant) -> String {
        let call = format!("kiosk-{}", URL_SAFE_NO_PAD.encode(random::<12>()));
        let until = (now + LASTS).duration_since(self.start).as_millis();
        let signed = format!("{call}.{until}");
        let signature = URL_SAFE_NO_PAD.encode(self.mac(&signed).finalize().into_bytes());
        format!("{signed}.{signature}")
    }

    /// The call that a token is for; none where it is not ours, too old, or was used.
    pub fn take(&self, token: &str, now: Instant) -> Option<String> {
        let (signed, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.mac(signed).verify_slice(&signature).ok()?;
        let (call, until) = signed.split_once('.')?;
        let until = self
            .start
            .checked_add(Duration::from_millis(until.parse().ok()?))?;
        if until < now {
            return None;
        }
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        while used.pop_front_if(|(until, _)| *until < now).is_some() {}
        if used.iter().any(|(_, known)| known == call) {
            return None;
        }
        used.push_back((until, call.to_owned()));
        Some(call.to_owned())
    }

    fn mac(&self, text: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::new_from_slice(&self.key).expect("a key of any length will do");
        mac.update(text.as_bytes());
        mac
    }
}

impl Default for Tokens {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has a source of randomness");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::provider::name;

    #[test]
    fn a_token_works_once_in_its_time_and_only_here() {
        let (tokens, now) = (Tokens::new(), Instant::now());
        let token = tokens.issue(now);
        let just = now + LASTS - Duration::from_millis(1);
        let call = tokens.take(&token, just).expect("just in time");
        assert_eq!(name(&call), Some(call.as_str()));
        assert_eq!(tokens.take(&token, now), None, "twice");
        let late = tokens.issue(now);
        assert_eq!(
            tokens.take(&late, now + LASTS + Duration::from_millis(2)),
            None
        );
        assert_eq!(
            Tokens::new().take(&tokens.issue(now), now),
            None,
            "another server's"
        );
        assert_ne!(tokens.issue(now), tokens.issue(now));
    }

    #[test]
    fn what_was_changed_is_refused() {
        let (tokens, now) = (Tokens::new(), Instant::now());
        let token = tokens.issue(now);
        let (signed, signature) = token.rsplit_once('.').expect("signed");
        let (call, _) = signed.split_once('.').expect("a time");
        for wrong in [
            String::new(),
            "...".into(),
            signed.to_owned(),
            format!("{signed}."),
            format!("{call}.99999999.{signature}"),
            format!("{signed}.{}", &signature[1..]),
            format!("x{token}"),
        ] {
            assert_eq!(tokens.take(&wrong, now), None, "{wrong}");
        }
        assert!(tokens.take(&token, now).is_some());
    }

    #[test]
    fn used_tokens_are_forgotten_with_their_time() {
        let (tokens, start) = (Tokens::new(), Instant::now());
        for n in 0..100 {
            let now = start + Duration::from_secs(n);
            tokens.take(&tokens.issue(now), now).expect("fresh");
        }
        assert!(tokens.used.lock().expect("no panic").len() <= 32);
    }
}
