//! The door of a media socket: room for it, its limits, and the task that runs it.

use super::carrier::Carrier;
use super::media::{self, Admission, LONGEST_MESSAGE, Whose};
use super::provider::Provided;
use super::server::Shared;
use super::socket::Socket;
use super::streams::Any;
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use std::sync::Arc;

/// Answers a checked upgrade request; the call then runs on the socket.
///
/// # Errors
/// 503 where there are as many sockets as allowed.
pub fn media(
    upgrade: WebSocketUpgrade,
    carrier: Arc<dyn Carrier>,
    codec: Box<dyn Provided>,
    admission: Admission,
    shared: Arc<Shared>,
) -> Result<Response, StatusCode> {
    open(upgrade, Whose::One(carrier), codec, admission, shared)
}

/// One path for every provider of the media-streams family: whose socket it is, its first messages tell.
/// What proves that the call may come in is the one-time token of the provider's own webhook.
pub(super) fn router(carriers: &[Arc<dyn Carrier>], shared: Arc<Shared>) -> Router {
    let any = Anybody {
        carriers: carriers.into(),
        shared,
    };
    Router::new()
        .route("/stream", get(stream))
        .route("/stream/{token}", get(stream))
        .with_state(any)
}

#[derive(Clone)]
struct Anybody {
    carriers: Arc<[Arc<dyn Carrier>]>,
    shared: Arc<Shared>,
}

async fn stream(
    State(any): State<Anybody>,
    token: Option<Path<String>>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    let codec = Box::new(Any::new(token.map(|Path(token)| token)));
    let whose = Whose::Any(any.carriers);
    open(upgrade, whose, codec, Admission::Invited, any.shared)
}

fn open(
    upgrade: WebSocketUpgrade,
    whose: Whose,
    codec: Box<dyn Provided>,
    admission: Admission,
    shared: Arc<Shared>,
) -> Result<Response, StatusCode> {
    let seat = Arc::clone(&shared.sockets)
        .try_acquire_owned()
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(upgrade
        .max_message_size(LONGEST_MESSAGE)
        .max_frame_size(LONGEST_MESSAGE)
        .on_upgrade(move |socket| async move {
            media::run(Socket::new(socket), whose, codec, admission, shared).await;
            drop(seat);
        }))
}
