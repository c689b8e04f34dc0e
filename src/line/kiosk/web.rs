//! The page, what it asks before a call, and the door of its socket.

use super::Kiosk;
use super::codec::KioskCodec;
use crate::line::doors;
use crate::line::media::Admission;
use crate::line::server::Shared;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, State};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

/// The socket's subprotocol.
pub const SUBPROTOCOL: &str = "ivr.kiosk.v1";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The page's files: name, type, content.
const FILES: &[(&str, &str, &str)] = &[
    ("captions.js", SCRIPT, include_str!("page/captions.js")),
    ("icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
    ("kiosk.js", SCRIPT, include_str!("page/kiosk.js")),
    ("line.js", SCRIPT, include_str!("page/line.js")),
    ("phone.js", SCRIPT, include_str!("page/phone.js")),
    ("sound.js", SCRIPT, include_str!("page/sound.js")),
    ("strings.js", SCRIPT, include_str!("page/strings.js")),
    (
        "style.css",
        "text/css; charset=utf-8",
        include_str!("page/style.css"),
    ),
    ("worklet.js", SCRIPT, include_str!("page/worklet.js")),
];

#[derive(Clone)]
struct Door {
    kiosk: Arc<Kiosk>,
    shared: Arc<Shared>,
}

pub(super) fn router(kiosk: Arc<Kiosk>, shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/kiosk/about", get(about))
        .route("/kiosk/token", post(token))
        .route("/kiosk/media", get(socket))
        .route("/kiosk/{file}", get(file))
        .with_state(Door { kiosk, shared })
}

/// Headers of everything that the page is made of: nothing from elsewhere, nothing kept.
fn headers(content: &'static str) -> [(HeaderName, &'static str); 5] {
    [
        (header::CONTENT_TYPE, content),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ]
}

async fn page(State(door): State<Door>) -> Response {
    // `connect-src 'self'` leaves sockets out in browsers of before 2022.
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' {}; \
         worker-src 'self'; manifest-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'{}",
        door.shared.urls.socket(""),
        door.kiosk.origins.listed(),
    );
    let mut response = (headers(HTML), include_str!("page/index.html")).into_response();
    // A policy that is no header value would be one of a URL with signs that no URL has.
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response.headers_mut().insert(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("microphone=(self), camera=(), geolocation=()"),
    );
    response
}

async fn file(Path(name): Path<String>) -> Response {
    match FILES.iter().find(|(known, ..)| *known == name) {
        Some((_, content, text)) => (headers(content), *text).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// What the page shows before a call.
async fn about(State(door): State<Door>) -> Response {
    let sign = door.shared.switchboard.sign();
    let told = json!({
        "title": sign.title,
        "languages": sign.languages,
        "human_line": door.shared.human_line.as_ref().map(|number| number.as_str()),
    });
    (headers("application/json"), told.to_string()).into_response()
}

impl Door {
    /// The request's origin where a page of it may call.
    fn origin<'a>(&self, headers: &'a HeaderMap) -> Result<&'a str, StatusCode> {
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let origin = text(header::ORIGIN).unwrap_or("");
        let host = text(header::HOST).unwrap_or("");
        let public = self.shared.urls.webhook("");
        if self.kiosk.origins.allows(origin, &public, host) {
            return Ok(origin);
        }
        let shown: String = origin.chars().take(100).collect();
        tracing::warn!(
            origin = shown,
            "request refused: no page of this origin may call"
        );
        Err(StatusCode::FORBIDDEN)
    }
}

/// Leave to open one socket, soon.
async fn token(State(door): State<Door>, headers: HeaderMap) -> Result<Response, StatusCode> {
    let origin = door.origin(&headers)?;
    let full = door.kiosk.seats.available_permits() == 0;
    let closing = door.shared.stop.drain.is_cancelled();
    let mut response = if full || closing {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    } else {
        let token = door.kiosk.tokens.issue(Instant::now());
        Json(json!({ "token": token })).into_response()
    };
    let set = response.headers_mut();
    set.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if door.kiosk.origins.is_named(origin)
        && let Ok(origin) = HeaderValue::from_str(origin)
    {
        set.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        set.insert(header::VARY, HeaderValue::from_static("Origin"));
    }
    Ok(response)
}

/// A call's place among those from the page. When the socket is gone the call is over for good: nobody
/// asks for it again.
struct Seat {
    shared: Arc<Shared>,
    call: Arc<Mutex<Option<String>>>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let call = self.call.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(call) = call.as_deref() {
            self.shared.calls.forget(call);
        }
    }
}

/// The socket opens.
async fn socket(
    State(door): State<Door>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    door.origin(&headers)?;
    let permit = Arc::clone(&door.kiosk.seats)
        .try_acquire_owned()
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let call = Arc::new(Mutex::new(None));
    let seat = Seat {
        shared: Arc::clone(&door.shared),
        call: Arc::clone(&call),
        _permit: permit,
    };
    let kiosk = Arc::clone(&door.kiosk);
    let check = move |token: &str| {
        let name = kiosk.tokens.take(token, Instant::now())?;
        *call.lock().unwrap_or_else(PoisonError::into_inner) = Some(name.clone());
        Some(name)
    };
    let number = door.shared.human_line.clone();
    let codec = KioskCodec::guarded(Box::new(check), number, Box::new(seat));
    doors::media(
        upgrade.protocols([SUBPROTOCOL]),
        door.kiosk,
        Box::new(codec),
        Admission::Direct,
        door.shared,
    )
}
