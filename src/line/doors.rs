//! The door of a media socket: room for it, its limits, and the task that runs it.

use super::carrier::Carrier;
use super::media::{self, Admission, LONGEST_MESSAGE};
use super::provider::Provided;
use super::server::Shared;
use super::socket::Socket;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::StatusCode;
use axum::response::Response;
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
    let seat = Arc::clone(&shared.sockets)
        .try_acquire_owned()
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(upgrade
        .max_message_size(LONGEST_MESSAGE)
        .max_frame_size(LONGEST_MESSAGE)
        .on_upgrade(move |socket| async move {
            media::run(Socket::new(socket), carrier, codec, admission, shared).await;
            drop(seat);
        }))
}
