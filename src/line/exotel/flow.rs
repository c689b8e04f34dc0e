//! What the applets of an Exotel flow ask, in its order: where the stream goes, what is next when the bot
//! has ended, whom to dial, and how that went. A Passthru applet knows two ways: 200 and 302. Every
//! question and the media socket carry our secret; a socket that was asked for has a one-time token too.

use super::{Exotel, PROVIDER, codec};
use crate::line::calls::{Outcome, Refused};
use crate::line::doors;
use crate::line::e164::E164;
use crate::line::form::Form;
use crate::line::media::Admission;
use crate::line::provider::name;
use crate::line::server::Shared;
use axum::Router;
use axum::body::Bytes;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::time::Instant;

/// The flow goes on with the applet of choice A…
const CHOICE_A: StatusCode = StatusCode::OK;
/// … or of choice B.
const CHOICE_B: StatusCode = StatusCode::FOUND;

/// What the handlers share.
#[derive(Clone)]
struct Door {
    exotel: Arc<Exotel>,
    shared: Arc<Shared>,
}

/// Exotel's paths. Applets ask with `GET`, newer ones with `POST` and JSON.
pub(super) fn router(exotel: Arc<Exotel>, shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/exotel/start", get(start).post(start))
        .route("/exotel/next", get(next).post(next))
        .route("/exotel/dial", get(dial).post(dial))
        .route("/exotel/dialed", get(dialed).post(dialed))
        .route("/exotel/media", get(socket))
        .route("/exotel/media/{token}", get(invited_socket))
        .with_state(Door { exotel, shared })
}

/// A question that carries our secret.
struct Asked {
    form: Form,
    call_id: String,
}

impl Door {
    fn checked(&self, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Asked, StatusCode> {
        let mut form = Form::new(uri.query().unwrap_or(""), body);
        form.0.extend(fields_of_json(body));
        if !self.may(&form, headers) {
            tracing::warn!(
                path = uri.path(),
                "question refused: the secret is missing or wrong"
            );
            return Err(StatusCode::FORBIDDEN);
        }
        let call_id = name(form.any(&["CallSid", "call_sid"])).ok_or(StatusCode::BAD_REQUEST)?;
        let call_id = call_id.to_owned();
        Ok(Asked { form, call_id })
    }

    /// The secret is in the `Authorization` header, or, where an applet sends none, in `key`.
    fn may(&self, form: &Form, headers: &HeaderMap) -> bool {
        let guard = &self.exotel.guard;
        if guard.allows(headers) {
            return true;
        }
        let mut shown = HeaderMap::new();
        let key = format!("Bearer {}", form.get("key"));
        key.parse().is_ok_and(|key| {
            shown.insert(header::AUTHORIZATION, key);
            guard.allows(&shown)
        })
    }

    fn turn_away(&self, call_id: &str, caller: Option<E164>, refused: Refused) {
        let shared = &self.shared;
        let handover = shared.turned_away(PROVIDER.line.name, call_id, caller, refused);
        shared.calls.turn_away(call_id, handover, Instant::now());
    }
}

/// Text fields of a JSON object; nothing where it is none.
fn fields_of_json(body: &[u8]) -> Vec<(String, String)> {
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
        return Vec::new();
    };
    let text = |(name, value): (String, Value)| Some((name, value.as_str()?.to_owned()));
    fields.into_iter().filter_map(text).collect()
}

/// The Voicebot applet: where does the stream go? 503 where the call cannot be taken, which `next` knows.
async fn start(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let Asked { form, call_id } = door.checked(&uri, &headers, &body)?;
    let shared = &door.shared;
    let caller = form.number(&["CallFrom", "From", "from"]);
    let invited = match shared.stop.drain.is_cancelled() {
        true => Err(Refused::Full),
        false => shared
            .calls
            .invite(&call_id, caller.clone(), Instant::now()),
    };
    let token = invited.map_err(|refused| {
        door.turn_away(&call_id, caller, refused);
        StatusCode::SERVICE_UNAVAILABLE
    })?;
    let url = shared
        .urls
        .socket(&format!("/exotel/media/{}", token.as_str()));
    let content_type = [(header::CONTENT_TYPE, "application/json")];
    Ok((content_type, json!({ "url": url }).to_string()).into_response())
}

/// The Passthru applet behind it: choice A, a person; choice B, hang up.
async fn next(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, StatusCode> {
    let Asked { call_id, .. } = door.checked(&uri, &headers, &body)?;
    let calls = &door.shared.calls;
    let outcome = calls.outcome(&call_id);
    tracing::info!(call = call_id, ?outcome, "stream ended");
    // Only a call that was handed over can come back.
    if outcome != Some(Outcome::HandOver) {
        calls.forget(&call_id);
    }
    Ok(match outcome {
        Some(Outcome::HangUp) => CHOICE_B,
        _ => CHOICE_A,
    })
}

/// The Connect applet: whom to dial? 404 without a human line: then the applet's own numbers count.
async fn dial(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<String, StatusCode> {
    door.checked(&uri, &headers, &body)?;
    let number = door.shared.human_line.as_ref();
    number
        .map(|number| number.as_str().to_owned())
        .ok_or(StatusCode::NOT_FOUND)
}

/// The Passthru applet behind that: choice A, the bot takes the caller back; choice B, hang up.
async fn dialed(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, StatusCode> {
    let Asked { form, call_id } = door.checked(&uri, &headers, &body)?;
    let calls = &door.shared.calls;
    let status = form.any(&["DialCallStatus", "DialStatus"]);
    let talked = matches!(status, "completed" | "answered");
    let known = calls.handover(&call_id).is_some();
    tracing::info!(call = call_id, status, "transfer ended");
    if talked || !known || door.shared.stop.drain.is_cancelled() {
        calls.forget(&call_id);
        return Ok(CHOICE_B);
    }
    Ok(CHOICE_A)
}

/// The media socket opens at an address that is written in the applet: with our secret.
async fn socket(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    let form = Form::new(uri.query().unwrap_or(""), b"");
    if !door.may(&form, &headers) {
        tracing::warn!("media socket refused: the secret is missing or wrong");
        return Err(StatusCode::FORBIDDEN);
    }
    let codec = Box::new(codec(Some(String::new())));
    doors::media(upgrade, door.exotel, codec, Admission::Direct, door.shared)
}

/// The media socket opens at an address that we gave.
async fn invited_socket(
    State(door): State<Door>,
    Path(token): Path<String>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    let codec = Box::new(codec(Some(token)));
    doors::media(upgrade, door.exotel, codec, Admission::Invited, door.shared)
}
