//! jambonz's paths: the control socket, the audio socket, and the same questions as webhooks. Decides who may
//! come in.

use super::Jambonz;
use super::control;
use super::desk::{Asked, Desk, Way};
use super::signature;
use crate::line::asked::{self, now_s};
use crate::line::audio_fork::{ForkCodec, JAMBONZ};
use crate::line::doors;
use crate::line::media::Admission;
use crate::line::server::Shared;
use crate::line::warm::LegId;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;
use std::sync::Arc;

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

/// A webhook's body and query, its signature and password verified.
struct Question {
    data: Value,
    call: Option<String>,
    leg: Option<LegId>,
}

impl FromRequest<Desk> for Question {
    type Rejection = StatusCode;

    async fn from_request(request: Request, desk: &Desk) -> Result<Self, StatusCode> {
        let asked = asked::Asked::read(request).await?;
        let signed = desk.jambonz.validator.as_ref().is_none_or(|validator| {
            validator.accepts(asked.header(signature::HEADER), &asked.body, now_s())
        });
        if !signed || !desk.jambonz.guard.allows(&asked.headers) {
            return Err(asked.refused(StatusCode::UNAUTHORIZED));
        }
        let data = serde_json::from_slice(&asked.body).map_err(|_| StatusCode::BAD_REQUEST)?;
        let mut query = form_urlencoded::parse(asked.query().as_bytes());
        Ok(Self {
            data,
            call: query.find_map(|(name, value)| (name == "call").then(|| value.into_owned())),
            leg: LegId::parse(asked.query()),
        })
    }
}

/// A webhook.
async fn question(
    State(desk): State<Desk>,
    Path(what): Path<String>,
    question: Question,
) -> Result<Response, StatusCode> {
    let asked = Asked {
        what: &what,
        call: question.call.as_deref(),
        leg: question.leg,
        data: &question.data,
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
