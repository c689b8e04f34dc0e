//! One request for the rest of a file: what is asked, what of the answer is believed.
//!
//! Decides which answers go on from what is there, which begin again, and which troubles pass. How often
//! to try is pull.rs's affair.

use super::part::Part;
use super::{Endpoint, Options, PullError};
use crate::http;
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_RANGE, ETAG, HeaderMap, HeaderName, IF_RANGE, RANGE, RETRY_AFTER,
};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use std::error::Error as _;
use std::time::Duration;

/// The hub leads to its storage in one or two steps.
const MAX_REDIRECTS: usize = 10;
/// A server may ask us to wait, but not longer than this.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// Why a request did not bring the rest.
pub(super) enum Trouble {
    /// Not even an answer: no name, no route, nobody listens, no trust.
    Unreachable(String),
    /// It may go better next time, perhaps after the time that the server asks for.
    Passing(String, Option<Duration>),
    Final(PullError),
}

impl From<PullError> for Trouble {
    fn from(error: PullError) -> Self {
        Self::Final(error)
    }
}

/// What makes requests.
pub(super) fn client(options: &Options) -> Result<Client, PullError> {
    let mut builder = http::client()
        .connect_timeout(options.connect)
        .read_timeout(options.stall)
        .redirect(redirects(&options.endpoint))
        .referer(false);
    if !options.proxies {
        builder = builder.no_proxy();
    }
    builder
        .build()
        .map_err(|error| PullError::Client(causes(&error)))
}

/// A redirect from https to anything else, as an error on its way through reqwest.
#[derive(Debug, thiserror::Error)]
#[error("{to} is not https")]
struct InsecureRedirect {
    to: String,
}

fn redirects(endpoint: &Endpoint) -> Policy {
    let secure = endpoint.is_secure();
    Policy::custom(move |attempt| {
        if secure && attempt.url().scheme() != "https" {
            let to = attempt.url().to_string();
            return attempt.error(InsecureRedirect { to });
        }
        if attempt.previous().len() > MAX_REDIRECTS {
            return attempt.error("it leads in circles");
        }
        attempt.follow()
    })
}

/// Asks for what is missing of `part` and adds it. Done: the part has `size` bytes.
pub(super) async fn rest(
    client: &Client,
    url: &str,
    part: &mut Part,
    size: u64,
    told: &mut dyn FnMut(u64),
) -> Result<(), Trouble> {
    let mut response = ask(client, url, part).await?;
    sort(&response, url, part, size)?;
    while part.length() < size {
        let chunk = response
            .chunk()
            .await
            .map_err(|error| Trouble::Passing(causes(&error), None))?;
        let Some(chunk) = chunk else {
            let why = format!("the connection ended after {} bytes", part.length());
            return Err(Trouble::Passing(why, None));
        };
        if part.length() + chunk.len() as u64 > size {
            return Err(too_long(url, part, size));
        }
        part.append(&chunk).map_err(|e| disk(part, e))?;
        told(part.length());
    }
    // A server that says no length may have more to say.
    match response.chunk().await {
        Ok(Some(more)) if !more.is_empty() => Err(too_long(url, part, size)),
        _ => Ok(()),
    }
}

async fn ask(client: &Client, url: &str, part: &Part) -> Result<Response, Trouble> {
    // Compressed on the way, lengths and ranges would mean something else.
    let mut request = client.get(url).header(ACCEPT_ENCODING, "identity");
    if part.length() > 0 {
        request = request.header(RANGE, format!("bytes={}-", part.length()));
        if let Some(tag) = part.tag() {
            request = request.header(IF_RANGE, tag);
        }
    }
    request.send().await.map_err(|error| {
        let mut cause = error.source();
        while let Some(inner) = cause {
            if let Some(insecure) = inner.downcast_ref::<InsecureRedirect>() {
                return Trouble::Final(PullError::Insecure {
                    from: url.into(),
                    to: insecure.to.clone(),
                });
            }
            cause = inner.source();
        }
        if error.is_connect() {
            Trouble::Unreachable(causes(&error))
        } else {
            Trouble::Passing(causes(&error), None)
        }
    })
}

/// Sorts an answer by its head, and makes `part` fit it.
fn sort(response: &Response, url: &str, part: &mut Part, size: u64) -> Result<(), Trouble> {
    let status = response.status();
    let start = match status {
        StatusCode::OK => 0,
        StatusCode::PARTIAL_CONTENT if part.length() > 0 => {
            match range(response.headers()) {
                Some((start, total)) if start == part.length() => {
                    if let Some(found) = total.filter(|total| *total != size) {
                        return Err(wrong_size(url, found, size));
                    }
                    start
                }
                // Not what was asked for: not to be glued to what is there.
                _ => {
                    return Err(again(
                        part,
                        "the server sends another stretch than asked for",
                    ));
                }
            }
        }
        StatusCode::RANGE_NOT_SATISFIABLE if part.length() > 0 => {
            return Err(again(part, "the server has no rest of it"));
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
            return Err(passing(status, response));
        }
        status if status.is_server_error() => return Err(passing(status, response)),
        status => {
            let (url, status) = (url.into(), status.as_u16());
            return Err(PullError::Status { url, status }.into());
        }
    };
    if let Some(length) = response.content_length()
        && start + length != size
    {
        return Err(wrong_size(url, start + length, size));
    }
    if start == 0 {
        // Also where a rest was asked for: the server knows no ranges, or the file has changed.
        part.clear().map_err(|e| disk(part, e))?;
        part.keep_tag(text(response.headers(), ETAG))
            .map_err(|e| disk(part, e))?;
    }
    Ok(())
}

/// Forgets what is there, for another attempt.
fn again(part: &mut Part, why: &str) -> Trouble {
    match part.clear() {
        Ok(()) => Trouble::Passing(why.into(), None),
        Err(error) => disk(part, error),
    }
}

fn too_long(url: &str, part: &mut Part, wanted: u64) -> Trouble {
    match part.discard() {
        Ok(()) => PullError::TooLong {
            url: url.into(),
            wanted,
        }
        .into(),
        Err(error) => disk(part, error),
    }
}

fn wrong_size(url: &str, found: u64, wanted: u64) -> Trouble {
    PullError::Size {
        url: url.into(),
        found,
        wanted,
    }
    .into()
}

fn disk(part: &Part, source: std::io::Error) -> Trouble {
    PullError::Disk {
        path: part.path().to_owned(),
        source,
    }
    .into()
}

fn passing(status: StatusCode, response: &Response) -> Trouble {
    // Also a date may stand there; then our own pace is good enough.
    let after = text(response.headers(), RETRY_AFTER)
        .and_then(|seconds| seconds.trim().parse().ok())
        .map(|seconds| Duration::from_secs(seconds).min(MAX_WAIT));
    Trouble::Passing(format!("the server answers {}", status.as_u16()), after)
}

/// `bytes 5-9/10` (RFC 9110 section 14.4): the first byte and, if it is known, how many there are.
fn range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let text = text(headers, CONTENT_RANGE)?.strip_prefix("bytes ")?;
    let (span, total) = text.split_once('/')?;
    let (start, _) = span.split_once('-')?;
    Some((start.trim().parse().ok()?, total.trim().parse().ok()))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// The innermost cause: what is around it repeats the address or says no more than "error".
fn causes(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "nothing came for too long".into();
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = inner.to_string();
        cause = inner.source();
    }
    text
}
