//! Telnyx's webhooks and its media socket: who may come in. Every webhook is checked for its signature where
//! the account's public key is configured; a media socket has a one-time token in its path.

use super::event::Event;
use super::signature::{SIGNATURE, TIMESTAMP};
use super::{Telnyx, codec};
use crate::line::asked::{Asked, now_s};
use crate::line::doors;
use crate::line::media::Admission;
use crate::line::server::Shared;
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// Header in which Telnyx shows the stream's token again.
const STREAM_TOKEN: &str = "x-telnyx-streaming-auth-token";

/// What the handlers share.
#[derive(Clone)]
struct Door {
    telnyx: Arc<Telnyx>,
    shared: Arc<Shared>,
}

/// Telnyx's paths.
pub(super) fn router(telnyx: Arc<Telnyx>, shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/telnyx/events", post(events))
        .route("/telnyx/media/{token}", get(socket))
        .with_state(Door { telnyx, shared })
}

/// A webhook's body, its signature verified.
struct Signed(Asked);

impl FromRequest<Door> for Signed {
    type Rejection = StatusCode;

    async fn from_request(request: Request, door: &Door) -> Result<Self, StatusCode> {
        let asked = Asked::read(request).await?;
        if let Some(validator) = &door.telnyx.validator {
            let (at, signature) = (asked.header(TIMESTAMP), asked.header(SIGNATURE));
            let now_s = now_s().unsigned_abs();
            if !validator.webhook(at, &asked.body, signature, now_s) {
                return Err(asked.refused(StatusCode::FORBIDDEN));
            }
        }
        Ok(Self(asked))
    }
}

/// Something has happened to a call. Answered at once: Telnyx repeats what takes long.
async fn events(State(door): State<Door>, Signed(asked): Signed) -> StatusCode {
    let Some(event) = Event::parse(&asked.body) else {
        tracing::debug!("a webhook about no call");
        return StatusCode::NO_CONTENT;
    };
    tracing::debug!(call = event.name, event = event.kind, "webhook");
    let orders = door.telnyx.legs.heard(&event, &door.shared);
    if !orders.is_empty() {
        tokio::spawn(async move { door.telnyx.give(orders, &door.shared).await });
    }
    StatusCode::OK
}

/// The media socket opens.
async fn socket(
    State(door): State<Door>,
    Path(token): Path<String>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    let again = headers
        .get(STREAM_TOKEN)
        .map_or(&[][..], |value| value.as_bytes());
    if !again.is_empty() && !bool::from(again.ct_eq(token.as_bytes())) {
        tracing::warn!("media socket refused: its token is not that of its address");
        return Err(StatusCode::FORBIDDEN);
    }
    let codec = Box::new(codec(Some(token)));
    doors::media(upgrade, door.telnyx, codec, Admission::Invited, door.shared)
}
