//! A webhook as it came in, for lines that check its signature. Decides nothing: who sent it is checked by
//! the line, whose own extractor begins with this.

use axum::body::Bytes;
use axum::extract::{FromRequest as _, Request};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse as _;
use std::time::{SystemTime, UNIX_EPOCH};

/// A request with its body read.
pub struct Asked {
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Asked {
    /// Reads the request.
    ///
    /// # Errors
    /// The status of a body that is too long, or broken off.
    pub async fn read(request: Request) -> Result<Self, StatusCode> {
        let (uri, headers) = (request.uri().clone(), request.headers().clone());
        let body = Bytes::from_request(request, &()).await;
        let body = body.map_err(|refused| refused.into_response().status())?;
        Ok(Self { uri, headers, body })
    }

    /// The header's value; empty where it is missing or no text.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or("")
    }

    /// Path and query as they were asked for.
    pub fn path_and_query(&self) -> &str {
        self.uri.path_and_query().map_or("/", |path| path.as_str())
    }

    pub fn query(&self) -> &str {
        self.uri.query().unwrap_or("")
    }

    /// Notes in the log that it was refused, and says with which status.
    pub fn refused(&self, status: StatusCode) -> StatusCode {
        tracing::warn!(
            path = self.uri.path(),
            "webhook refused: its signature is missing, wrong or out of date"
        );
        status
    }
}

/// s since 1970, for signatures that name a time.
pub fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs().cast_signed())
}
