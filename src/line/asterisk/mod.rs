//! Asterisk: media over `chan_websocket` (a WebSocket on our port) and over AudioSocket (TCP on a port of
//! its own), and what its dialplan asks. See `ASTERISK.md` beside this folder.

pub mod audiosocket;
mod control;
mod listener;
mod websocket;

pub use audiosocket::AudioSocketCodec;
pub use listener::{AudioSocket, PROVIDER as AUDIOSOCKET};
pub use websocket::ChanWebsocket;

use super::carrier::Carrier;
use super::dialplan::{self, call_name};
use super::doors;
use super::guard::Guard;
use super::media::Admission;
use super::provider::{Able, Alive, Heard, LEAD, Provider};
use super::server::{Shared, Urls};
use crate::config::Config;
use crate::runtime::session::LineTraits;
use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use std::sync::Arc;

/// `chan_websocket`'s entry in the table of providers.
pub const PROVIDER: Provider = Provider {
    name: "asterisk",
    title: "Asterisk chan_websocket",
    line: LineTraits {
        name: "asterisk",
        marks: true,
        lead: LEAD,
        ..LineTraits::PLAIN
    },
    able: Able {
        heard: Heard::Marks,
        clear: true,
        keys: true,
        transfer: true,
        whisper: false,
        warm: false,
        take_back: true,
        parameters: true,
        notes: &[
            "Transfers are done by your dialplan: without the lines from ASTERISK.md calls end where a person is due.",
            "Asterisk 20.16, 22.6 and 23.0 know no marks: there the bot counts the time.",
        ],
    },
    close_is_hang_up: true,
    alive: Alive::Connection,
    codec: || Box::new(ChanWebsocket::new(Vec::new(), String::new())),
    carrier: |config| Ok(Arc::new(Asterisk::new(config))),
};

/// Asterisk with our settings.
pub struct Asterisk {
    guard: Guard,
}

impl Asterisk {
    fn new(config: &Config) -> Self {
        let secret = config.asterisk.secret.as_ref();
        Self {
            guard: Guard::new(secret.map(|secret| secret.expose().as_str())),
        }
    }
}

impl Carrier for Asterisk {
    fn provider(&self) -> &'static Provider {
        &PROVIDER
    }

    fn is_guarded(&self) -> bool {
        self.guard.is_set()
    }

    fn routes(self: Arc<Self>, shared: Arc<Shared>) -> Router {
        let questions = dialplan::router("asterisk", self.guard.clone(), Arc::clone(&shared));
        let door = Door {
            asterisk: self,
            shared,
        };
        let media = Router::new()
            .route("/asterisk/media", get(socket))
            .with_state(door);
        questions.merge(media)
    }

    fn announce(&self, urls: &Urls) -> Vec<(&'static str, String)> {
        vec![
            (
                "websocket_client.conf, uri (protocols = media)",
                urls.socket("/asterisk/media"),
            ),
            (
                "dialplan, CURL() after the bot",
                urls.webhook("/asterisk/next"),
            ),
        ]
    }
}

/// What the media socket's handler needs.
#[derive(Clone)]
struct Door {
    asterisk: Arc<Asterisk>,
    shared: Arc<Shared>,
}

/// The media socket opens. A call that was announced claims its announcement; others may come in because
/// the upgrade was checked.
async fn socket(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    if !door.asterisk.guard.allows(&headers) {
        tracing::warn!("media socket refused: the secret is missing or wrong");
        return Err(StatusCode::UNAUTHORIZED);
    }
    let query = form_urlencoded::parse(uri.query().unwrap_or("").as_bytes());
    let mut parameters: Vec<(String, String)> = query.into_owned().collect();
    // Asterisk 22.6 gives its calls no name of their own.
    parameters.push(("fallback".into(), dialplan::random_uuid()));
    let call = parameters.iter().find(|(name, _)| name == "call");
    let token = call
        .and_then(|(_, id)| call_name(id))
        .and_then(|id| door.shared.calls.invitation(&id));
    let (admission, token) = match token {
        Some(token) => (Admission::Invited, token.as_str().to_owned()),
        None => (Admission::Direct, String::new()),
    };
    let codec = Box::new(ChanWebsocket::new(parameters, token));
    let upgrade = upgrade.protocols(["media"]);
    doors::media(upgrade, door.asterisk, codec, admission, door.shared)
}
