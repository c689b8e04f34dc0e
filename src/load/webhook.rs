//! Requests to the server as a provider makes them. Decides what counts as an answer.

use super::LoadError;
use std::sync::LazyLock;
use std::time::Duration;

/// Time that a provider gives a webhook.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest answer that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// The client of all dialects.
///
/// # Panics
/// Never: its settings are fixed.
pub fn client() -> &'static reqwest::Client {
    static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
        crate::http::client()
            .no_proxy()
            .timeout(PATIENCE)
            // A kept connection is one that a server may be closing right now; and the client outlives
            // the runtime that its connections belong to.
            .pool_max_idle_per_host(0)
            .build()
            .expect("nothing here comes from outside")
    });
    &CLIENT
}

/// The value of `Authorization` for HTTP Basic (RFC 7617).
pub fn basic(user: &str, password: &str) -> String {
    use base64::Engine as _;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    format!("Basic {pair}")
}

/// Sends the request and returns the answer's body.
///
/// # Errors
/// When nobody answers, the answer is a refusal, or it is too long.
pub async fn ask(request: reqwest::RequestBuilder) -> Result<String, LoadError> {
    let request = request.build().map_err(|cause| LoadError::Webhook {
        url: "to be called".into(),
        cause,
    })?;
    let url = request.url().to_string();
    let failed = |cause| LoadError::Webhook {
        url: url.clone(),
        cause,
    };
    let response = client().execute(request).await.map_err(failed)?;
    if !response.status().is_success() {
        return Err(LoadError::Status {
            url,
            status: response.status().as_u16(),
        });
    }
    let text = response.text().await.map_err(failed)?;
    if text.len() > LONGEST {
        return Err(LoadError::Answer(format!("{url}: longer than 64 KiB")));
    }
    Ok(text)
}
