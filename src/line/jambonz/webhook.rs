//! jambonz's paths: the control socket, the audio socket, and the same questions as webhooks. Decides who may
//! come in.

use super::Jambonz;
use super::control;
use super::desk::{Asked, Desk, Way};
use super::signature;
use crate::line::audio_fork::{ForkCodec, JAMBONZ};
use crate::line::doors;
use crate::line::media::Admission;
use crate::line::server::Shared;
use axum::body::Bytes;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// What the audio socket offers, and wants to be answered with.
const SUBPROTOCOL: &str = "audio.jambonz.org";

/// jambonz's paths.
pub(super) fn router(jambonz: Arc<Jambonz>, shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/jambonz/control", get(control_socket))
        .route("/jambonz/audio", get(audio_socket))
        .route("/jambonz/{what}", post(question))
        .with_state(Desk { jambonz, shared })
}

fn may_ask(jambonz: &Jambonz, headers: &HeaderMap, body: &[u8]) -> bool {
    let signed = jambonz.validator.as_ref().is_none_or(|validator| {
        let given = headers.get(signature::HEADER);
        let given = given.and_then(|value| value.to_str().ok()).unwrap_or("");
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |since| since.as_secs().cast_signed());
        validator.accepts(given, body, now)
    });
    signed && jambonz.guard.allows(headers)
}

/// A webhook.
async fn question(
    State(desk): State<Desk>,
    Path(what): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    if !may_ask(&desk.jambonz, &headers, &body) {
        tracing::warn!(
            path = uri.path(),
            "webhook refused: its signature or password is missing or wrong"
        );
        return Err(StatusCode::UNAUTHORIZED);
    }
    let data: Value = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    let call = form_urlencoded::parse(uri.query().unwrap_or("").as_bytes())
        .find_map(|(name, value)| (name == "call").then(|| value.into_owned()));
    let asked = Asked {
        what: &what,
        call: call.as_deref(),
        data: &data,
        way: Way::Webhook,
    };
    asked.call_id().ok_or(StatusCode::BAD_REQUEST)?;
    let verbs = desk.answer(&asked).ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(verbs).into_response())
}

/// The control socket opens.
async fn control_socket(
    State(desk): State<Desk>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    if !desk.jambonz.admits(&headers) {
        tracing::warn!("control socket refused: the password is missing or wrong");
        return Err(StatusCode::UNAUTHORIZED);
    }
    control::open(upgrade, desk)
}

/// The audio socket opens. It is bound to its call by the token in its first message.
async fn audio_socket(
    State(desk): State<Desk>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    if !desk.jambonz.guard.allows(&headers) {
        tracing::warn!("audio socket refused: the password is missing or wrong");
        return Err(StatusCode::UNAUTHORIZED);
    }
    let codec = Box::new(ForkCodec::new(&JAMBONZ));
    let upgrade = upgrade.protocols([SUBPROTOCOL]);
    doors::media(
        upgrade,
        desk.jambonz,
        codec,
        Admission::Invited,
        desk.shared,
    )
}
