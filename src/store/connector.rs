//! Operations that another machine does, over HTTP.
//!
//! Decides what is sent, when it is sent again, how long anyone waits, and which answers are believed.
//! No redirect is followed: it would carry arguments and credentials to a place that nobody named.

pub(super) mod parse;

use super::rows::{MAX_BYTES, from_json};
use super::template::{Body, Template, percent_encoded};
use super::trouble::Trouble;
use crate::dialogue::Row;
use crate::http;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Request, Response, StatusCode, Url};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::mpsc::sync_channel;
use std::time::Duration;
use tokio::runtime::Runtime;

/// A caller waits no longer than this for all attempts together: the call gives up at five seconds.
const PATIENCE: Duration = Duration::from_millis(4500);
const MAX_TIMEOUT_MS: u64 = 4500;
/// Before the first repetition; doubled for each further one.
const PAUSE: Duration = Duration::from_millis(100);

/// One request to another machine, with places for arguments. No `Debug`: it holds credentials.
pub(super) struct Connector {
    method: Method,
    url: Template,
    headers: Vec<(HeaderName, Template)>,
    body: Option<Body>,
    auth: Option<(HeaderName, HeaderValue)>,
    /// Of one attempt.
    timeout: Duration,
    retries: u32,
    /// The header in which the other side sees that it has had this request already.
    idempotency: Option<HeaderName>,
    /// JSON pointers: to the rows, and from field to a row's member.
    rows: String,
    map: BTreeMap<String, String>,
    /// Statuses that mean "no rows".
    empty: Vec<u16>,
    /// Past the proxy.
    direct: bool,
}

/// What makes requests for all connectors of a store.
pub(super) struct Web {
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
    client: Client,
    direct: Client,
}

impl Web {
    pub(super) fn new() -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("connector")
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let client = || http::client().redirect(Policy::none()).referer(false);
        let built = |error: reqwest::Error| cause(&error);
        Ok(Self {
            runtime: Some(runtime),
            client: client().build().map_err(built)?,
            direct: client().no_proxy().build().map_err(built)?,
        })
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        // Waiting for it would be forbidden where a store is dropped by an asynchronous task.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// An attempt that brought nothing.
enum Miss {
    /// It may go better next time.
    Passing(String),
    Final(String),
}

impl Connector {
    /// Asks the other machine. `key`: the same for the same request, however often it is sent.
    pub(super) fn ask(
        &self,
        web: &Web,
        values: &BTreeMap<String, Value>,
        key: &str,
    ) -> Result<Vec<Row>, Trouble> {
        let request = self.request(values, key).map_err(Trouble::Other)?;
        let client = if self.direct {
            &web.direct
        } else {
            &web.client
        };
        let (client, retries) = (client.clone(), self.retries);
        let (sender, receiver) = sync_channel(1);
        let runtime = web
            .runtime
            .as_ref()
            .ok_or(Trouble::Other("closing".into()))?;
        runtime.spawn(async move {
            let answer = tokio::time::timeout(PATIENCE, attempts(&client, &request, retries)).await;
            let answer = answer.unwrap_or_else(|_| Err("no answer in time".into()));
            // Nobody waits any more only where the process ends.
            drop(sender.send(answer));
        });
        let answer = receiver
            .recv()
            .map_err(|_| Trouble::Other("the connector broke".into()))?;
        let (status, bytes) = answer.map_err(Trouble::Other)?;
        self.read(status, &bytes).map_err(Trouble::Other)
    }

    fn request(&self, values: &BTreeMap<String, Value>, key: &str) -> Result<Request, String> {
        let text = |name: &str| match values.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        let url = self.url.fill(|name| percent_encoded(&text(name)));
        stays_in_its_path(&url)?;
        let url = Url::parse(&url).map_err(|_| "the address cannot be made".to_owned())?;
        let mut request = Request::new(self.method.clone(), url);
        *request.timeout_mut() = Some(self.timeout);
        let headers = request.headers_mut();
        for (name, template) in &self.headers {
            let value = HeaderValue::from_str(&template.fill(text))
                .map_err(|_| format!("an argument cannot stand in the header {name}"))?;
            headers.insert(name.clone(), value);
        }
        if let Some((name, value)) = &self.auth {
            headers.insert(name.clone(), value.clone());
        }
        if let Some(name) = &self.idempotency {
            let value = HeaderValue::from_str(key).map_err(|_| "no key".to_owned())?;
            headers.insert(name.clone(), value);
        }
        if let Some(body) = &self.body {
            set_json(headers);
            let body = body.fill(&|name| values.get(name).cloned().unwrap_or_default());
            *request.body_mut() = Some(body.to_string().into());
        }
        Ok(request)
    }

    fn read(&self, status: StatusCode, bytes: &[u8]) -> Result<Vec<Row>, String> {
        if self.empty.contains(&status.as_u16()) {
            return Ok(Vec::new());
        }
        if !status.is_success() {
            return Err(format!("the other side answers {}", status.as_u16()));
        }
        // "Done", without a word more.
        if bytes.iter().all(u8::is_ascii_whitespace) && self.rows.is_empty() {
            return Ok(vec![Row::new()]);
        }
        let answer: Value =
            serde_json::from_slice(bytes).map_err(|_| "the answer is no JSON".to_owned())?;
        from_json(&answer, &self.rows, &self.map)
            .ok_or_else(|| format!("the answer has nothing at {:?}", self.rows))
    }
}

fn set_json(headers: &mut HeaderMap) {
    headers
        .entry(CONTENT_TYPE)
        .or_insert(HeaderValue::from_static("application/json"));
}

/// An argument `..` would climb out of the path that the business wrote; an empty one would ask for
/// everything.
fn stays_in_its_path(url: &str) -> Result<(), String> {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    let segments = path.split('/').map(|segment| segment.replace("%2E", "."));
    if segments
        .into_iter()
        .any(|segment| segment == "." || segment == "..")
        || path.contains("//")
    {
        return Err("an argument would lead to another path".into());
    }
    Ok(())
}

async fn attempts(
    client: &Client,
    request: &Request,
    retries: u32,
) -> Result<(StatusCode, Vec<u8>), String> {
    let mut left = retries;
    loop {
        let request = request
            .try_clone()
            .ok_or("the request cannot be sent again")?;
        match attempt(client, request).await {
            Ok(answer) => return Ok(answer),
            Err(Miss::Passing(why)) if left > 0 => {
                tracing::debug!(cause = %why, "the connector tries again");
                tokio::time::sleep(PAUSE * 2u32.pow(retries - left)).await;
                left -= 1;
            }
            Err(Miss::Passing(why) | Miss::Final(why)) => return Err(why),
        }
    }
}

async fn attempt(client: &Client, request: Request) -> Result<(StatusCode, Vec<u8>), Miss> {
    let passing = |error: reqwest::Error| Miss::Passing(cause(&error));
    let response = client.execute(request).await.map_err(passing)?;
    let status = response.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(Miss::Passing(format!(
            "the other side answers {}",
            status.as_u16()
        )));
    }
    if status.is_redirection() {
        return Err(Miss::Final(
            "the other side redirects, which is not followed".into(),
        ));
    }
    Ok((status, body(response).await?))
}

async fn body(mut response: Response) -> Result<Vec<u8>, Miss> {
    let too_long = || Miss::Final(format!("the answer is longer than {MAX_BYTES} bytes"));
    if response
        .content_length()
        .is_some_and(|length| length > MAX_BYTES as u64)
    {
        return Err(too_long());
    }
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(bytes),
            Ok(Some(chunk)) if bytes.len() + chunk.len() > MAX_BYTES => return Err(too_long()),
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Err(error) => return Err(Miss::Passing(cause(&error))),
        }
    }
}

/// The innermost cause; the outer ones hold the address, and with it arguments.
fn cause(error: &reqwest::Error) -> String {
    use std::error::Error as _;
    if error.is_timeout() {
        return "no answer in time".into();
    }
    let mut source = error.source();
    let mut text = "the request failed".to_owned();
    while let Some(inner) = source {
        text = inner.to_string();
        source = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_cannot_leave_its_path() {
        assert!(stays_in_its_path("https://a.example/v1/EUR?q=..").is_ok());
        for url in [
            "https://a.example/v1/..",
            "https://a.example/v1/%2E%2E/x",
            "https://a.example//x",
        ] {
            assert!(stays_in_its_path(url).is_err(), "{url}");
        }
    }
}
