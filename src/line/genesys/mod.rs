//! Genesys Cloud Audio Connector, which speaks AudioHook: one socket, opened by an Architect flow, signed by
//! HTTP Message Signatures. The flow does with the caller what our output variables say. See `GENESYS.md`
//! beside this folder.

mod codec;
pub mod signature;

pub use codec::GenesysCodec;

use super::carrier::Carrier;
use super::doors;
use super::media::Admission;
use super::provider::{Able, Alive, Heard, Provider};
use super::server::{ServeError, Shared, Urls};
use crate::config::Config;
use crate::runtime::session::LineTraits;
use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use signature::{Request, Validator};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Frames of 20 ms that are ahead of the caller's ear: more than a packet, so that the next one is there
/// before the last one has been played.
const LEAD: u32 = 20;

/// Header that names the customer.
const ORGANIZATION: &str = "audiohook-organization-id";

/// Genesys's entry in the table of providers.
pub const PROVIDER: Provider = Provider {
    name: "genesys",
    title: "Genesys Cloud Audio Connector",
    line: LineTraits {
        name: "genesys",
        marks: true,
        lead: LEAD,
        virtual_clock: false,
        captions: false,
    },
    able: Able {
        heard: Heard::Clock,
        clear: true,
        keys: true,
        transfer: true,
        whisper: false,
        warm: false,
        take_back: true,
        parameters: true,
        notes: &[
            "The transfer is the Architect flow's: it reads the output variables, and calls the bot again when nobody answers.",
            "A person hears nothing beforehand; the flow can show the output variables on the agent's screen.",
            "Not tried with a live organization.",
        ],
    },
    // The line says `close`; a socket that goes without is a fault.
    close_is_hang_up: false,
    // Paused, it sends pings only.
    alive: Alive::Messages,
    codec: || Box::new(GenesysCodec::new()),
    carrier: |config| Ok(Arc::new(Genesys::new(config)?)),
};

/// Genesys with the credentials of an integration.
pub struct Genesys {
    validator: Option<Validator>,
}

impl Genesys {
    fn new(config: &Config) -> Result<Self, ServeError> {
        let plain = |secret: &Option<crate::pii::Secret<String>>| {
            let secret = secret.as_ref().map(|secret| secret.expose().clone());
            secret.filter(|secret| !secret.is_empty())
        };
        let wrong = |why: &str, hint| ServeError::Line {
            line: PROVIDER.name,
            why: why.to_owned(),
            hint,
        };
        let secret = plain(&config.genesys.client_secret);
        let Some(key) = plain(&config.genesys.api_key) else {
            if secret.is_some() {
                let hint = "set genesys.api_key, too: it says which secret is meant";
                return Err(wrong("a client secret without an API key", hint));
            }
            return Ok(Self { validator: None });
        };
        let validator = Validator::new(&key, secret.as_deref());
        let hint = "copy it again from the integration's credentials: it is base64";
        let validator = validator.ok_or_else(|| wrong("the client secret is no base64", hint))?;
        Ok(Self {
            validator: Some(validator),
        })
    }
}

impl Carrier for Genesys {
    fn provider(&self) -> &'static Provider {
        &PROVIDER
    }

    fn is_guarded(&self) -> bool {
        self.validator.is_some()
    }

    fn routes(self: Arc<Self>, shared: Arc<Shared>) -> Router {
        Router::new()
            .route("/genesys/audiohook", get(socket))
            .with_state(Door {
                genesys: self,
                shared,
            })
    }

    fn announce(&self, urls: &Urls) -> Vec<(&'static str, String)> {
        let url = urls.socket("/genesys/audiohook");
        vec![("Audio Connector integration, base connection URI", url)]
    }

    /// The flow acts by the output variables.
    fn asks_outcome(&self) -> bool {
        false
    }
}

/// What the socket's handler needs.
#[derive(Clone)]
struct Door {
    genesys: Arc<Genesys>,
    shared: Arc<Shared>,
}

/// The socket opens.
async fn socket(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let url = door.shared.urls.webhook(path);
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(validator) = &door.genesys.validator {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let request = Request {
            url: &url,
            header: &header,
            now: now.map_or(0, |since| since.as_secs().cast_signed()),
        };
        if let Err(why) = validator.verify(&request) {
            tracing::warn!(%why, "socket refused");
            return Err(StatusCode::UNAUTHORIZED);
        }
    }
    let organization = header(ORGANIZATION).map(str::to_owned);
    let codec = Box::new(GenesysCodec::of(organization));
    doors::media(upgrade, door.genesys, codec, Admission::Direct, door.shared)
}
