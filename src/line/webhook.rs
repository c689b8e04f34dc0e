//! Twilio's webhooks: who is answered by the bot, what happens after the stream and after a transfer.
//! Every request is checked for its signature where an auth token is configured.

use super::calls::Outcome;
use super::e164::E164;
use super::media::{self, LONGEST_MESSAGE};
use super::provider::Provider;
use super::server::Shared;
use super::signature;
use super::twiml;
use axum::body::Bytes;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// Longest body of a webhook, in bytes; Twilio's have some hundred.
const LONGEST_BODY: usize = 64 * 1024;
/// Time to read a request's body and answer it.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// All that the server answers.
pub fn router(shared: Arc<Shared>, provider: &'static Provider) -> Router {
    Router::new()
        .route("/twilio/voice", post(voice))
        .route("/twilio/after", post(after))
        .route("/twilio/dialed", post(dialed))
        .route("/twilio/stream-status", post(stream_status))
        .route("/twilio/media", get(socket))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(middleware::from_fn(limit_time))
        .layer(Extension(provider))
        .with_state(shared)
}

async fn limit_time(request: Request, next: Next) -> Response {
    timeout(REQUEST_TIMEOUT, next.run(request))
        .await
        .unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
}

/// A webhook's form, its signature verified.
struct Form(Vec<(String, String)>);

impl Form {
    fn verified(
        shared: &Shared,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, StatusCode> {
        let fields = form_urlencoded::parse(body).into_owned().collect();
        let form = Self(fields);
        if let Some(validator) = &shared.validator {
            let url = shared
                .urls
                .webhook(uri.path_and_query().map_or("/", |path| path.as_str()));
            if !validator.form(&url, &form.0, given(headers)) {
                tracing::warn!(
                    path = uri.path(),
                    "webhook refused: its signature is missing or wrong"
                );
                return Err(StatusCode::FORBIDDEN);
            }
        }
        Ok(form)
    }

    /// The field's first value; empty where it is missing.
    fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, value)| value)
    }

    /// The call's name where it is one.
    fn call_id(&self) -> Result<&str, StatusCode> {
        let id = self.get("CallSid");
        let fits = (1..=64).contains(&id.len());
        let fits = fits
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        fits.then_some(id).ok_or(StatusCode::BAD_REQUEST)
    }

    /// The caller has hung up.
    fn is_over(&self) -> bool {
        matches!(
            self.get("CallStatus"),
            "completed" | "canceled" | "failed" | "busy" | "no-answer"
        )
    }
}

fn given(headers: &HeaderMap) -> &str {
    headers
        .get(signature::HEADER)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("")
}

fn answer(twiml: String) -> Response {
    ([(header::CONTENT_TYPE, twiml::CONTENT_TYPE)], twiml).into_response()
}

/// A call comes in.
async fn voice(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let form = Form::verified(&shared, &uri, &headers, &body)?;
    let call_id = form.call_id()?;
    if shared.stop.drain.is_cancelled() {
        tracing::info!(call = call_id, "call not taken: the house is closing");
        return Ok(answer(twiml::fallback(&shared.fallback)));
    }
    let from: Option<E164> = form.get("From").parse().ok();
    Ok(answer(
        connect(&shared, call_id, from).unwrap_or_else(|| twiml::fallback(&shared.fallback)),
    ))
}

/// The document that brings the call to a media socket; none where it cannot be taken.
fn connect(shared: &Shared, call_id: &str, from: Option<E164>) -> Option<String> {
    let invited = shared.calls.invite(call_id, from.clone(), Instant::now());
    let token = invited
        .inspect_err(|refused| tracing::warn!(call = call_id, %refused, "call not taken"))
        .ok()?;
    let urls = &shared.urls;
    Some(twiml::connect(&twiml::Connect {
        media_url: &urls.media(),
        action_url: &urls.webhook("/twilio/after"),
        status_url: &urls.webhook("/twilio/stream-status"),
        token: token.as_str(),
        from: from.as_ref(),
        fallback: &shared.fallback,
    }))
}

/// The stream has ended: what did the call decide?
async fn after(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let form = Form::verified(&shared, &uri, &headers, &body)?;
    let call_id = form.call_id()?;
    let outcome = shared.calls.outcome(call_id);
    tracing::info!(call = call_id, ?outcome, "stream ended");
    if form.is_over() {
        shared.calls.forget(call_id);
        return Ok(answer(twiml::hang_up()));
    }
    let twiml = match (outcome, &shared.fallback) {
        (Some(Outcome::HangUp), _) => {
            shared.calls.forget(call_id);
            twiml::hang_up()
        }
        (Some(Outcome::HandOver), twiml::Fallback::HumanLine(number)) => {
            // A house that closes will not be there to ask whether somebody answered.
            let stays = !shared.stop.drain.is_cancelled();
            if !stays {
                shared.calls.forget(call_id);
            }
            twiml::dial(
                number,
                stays
                    .then(|| shared.urls.webhook("/twilio/dialed"))
                    .as_deref(),
            )
        }
        (Some(Outcome::HandOver), twiml::Fallback::Apology) => {
            tracing::warn!(
                call = call_id,
                "no human line is configured to hand the call over to"
            );
            shared.calls.forget(call_id);
            twiml::nobody_there()
        }
        (Some(Outcome::Broken) | None, fallback) => {
            shared.calls.forget(call_id);
            twiml::fallback(fallback)
        }
    };
    Ok(answer(twiml))
}

/// The transfer has ended: did somebody answer?
async fn dialed(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let form = Form::verified(&shared, &uri, &headers, &body)?;
    let call_id = form.call_id()?;
    let status = form.get("DialCallStatus");
    let answered = matches!(status, "completed" | "answered");
    tracing::info!(call = call_id, answered, "transfer ended");
    if answered || form.is_over() {
        shared.calls.forget(call_id);
        return Ok(answer(twiml::hang_up()));
    }
    let draining = shared.stop.drain.is_cancelled();
    let from: Option<E164> = form.get("From").parse().ok();
    let back = if draining {
        None
    } else {
        connect(&shared, call_id, from)
    };
    Ok(answer(back.unwrap_or_else(|| {
        shared.calls.forget(call_id);
        twiml::nobody_there()
    })))
}

/// Twilio tells about the stream's health.
async fn stream_status(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, StatusCode> {
    let form = Form::verified(&shared, &uri, &headers, &body)?;
    let call_id = form.call_id()?;
    match form.get("StreamEvent") {
        "stream-error" => {
            // Twilio's own words, cut short: they go to the log.
            let error: String = form.get("StreamError").chars().take(200).collect();
            tracing::warn!(call = call_id, error, "Twilio reports a stream error");
        }
        event => tracing::debug!(call = call_id, event, "stream status"),
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn ready(State(shared): State<Arc<Shared>>) -> (StatusCode, &'static str) {
    if shared.stop.drain.is_cancelled() {
        (StatusCode::SERVICE_UNAVAILABLE, "draining\n")
    } else if !shared.switchboard.ready() {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the recogniser is dead: calls go on by keys\n",
        )
    } else {
        (StatusCode::OK, "ready\n")
    }
}

/// The media socket opens.
async fn socket(
    State(shared): State<Arc<Shared>>,
    Extension(provider): Extension<&'static Provider>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    if let Some(validator) = &shared.validator {
        let url = shared
            .urls
            .webhook(uri.path_and_query().map_or("/", |path| path.as_str()));
        if !validator.upgrade(&url, given(&headers)) {
            tracing::warn!("media socket refused: its signature is missing or wrong");
            return Err(StatusCode::FORBIDDEN);
        }
    }
    let seat = Arc::clone(&shared.sockets)
        .try_acquire_owned()
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(upgrade
        .max_message_size(LONGEST_MESSAGE)
        .max_frame_size(LONGEST_MESSAGE)
        .on_upgrade(move |socket| async move {
            media::run(socket, provider, shared).await;
            drop(seat);
        }))
}
