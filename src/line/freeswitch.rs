//! FreeSWITCH: `mod_audio_stream` and `mod_audio_fork`, each on a path of its own. The modules carry sound
//! and fire events; a script in FreeSWITCH (see `FREESWITCH.md`) plays, stops, transfers and hangs up.

use super::audio_fork::{AUDIO_STREAM, AUDIO_STREAM_PLAYBACK, DRACHTIO, Dialect, ForkCodec};
use super::carrier::Carrier;
use super::dialplan;
use super::doors;
use super::guard::Guard;
use super::media::Admission;
use super::provider::{Able, Alive, Heard, LEAD, Provider};
use super::server::{Shared, Urls};
use crate::config::Config;
use crate::runtime::session::LineTraits;
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use std::sync::Arc;

/// Frames of one sentence that may be sent at once (60 s): a file holds all of it.
const FILE_LEAD: u32 = 3_000;

const fn able(clear: bool, note: &'static [&'static str]) -> Able {
    Able {
        heard: Heard::Clock,
        clear,
        // The script sends them as text.
        keys: true,
        transfer: true,
        whisper: false,
        warm: false,
        take_back: true,
        parameters: true,
        notes: note,
    }
}

/// The modules that play files: `mod_audio_stream` (open source), drachtio's `mod_audio_fork`.
pub const PROVIDER: Provider = Provider {
    name: "freeswitch",
    title: "FreeSWITCH mod_audio_stream and mod_audio_fork",
    line: LineTraits {
        name: "freeswitch",
        marks: true,
        lead: FILE_LEAD,
        ..LineTraits::PLAIN
    },
    able: able(
        true,
        &[
            "Sound goes by files and a script: without attendant.lua from FREESWITCH.md the caller hears nothing.",
            "Not tried against a running FreeSWITCH.",
        ],
    ),
    close_is_hang_up: true,
    alive: Alive::Sound,
    codec: || Box::new(ForkCodec::new(&AUDIO_STREAM)),
    carrier: |config| Ok(Arc::new(FreeSwitch::new(config, &PROVIDER))),
};

/// `mod_audio_stream` 1.0.3 and later with `STREAM_PLAYBACK=true`: sound goes back as binary.
pub const PLAYBACK: Provider = Provider {
    name: "freeswitch_playback",
    title: "FreeSWITCH mod_audio_stream with STREAM_PLAYBACK",
    line: LineTraits {
        name: "freeswitch_playback",
        marks: true,
        lead: LEAD,
        ..LineTraits::PLAIN
    },
    able: able(
        true,
        &[
            "Keys, transfer and hang-up need attendant.lua from FREESWITCH.md.",
            "Not tried against a running FreeSWITCH: the module is closed.",
        ],
    ),
    close_is_hang_up: true,
    alive: Alive::Sound,
    codec: || Box::new(ForkCodec::new(&AUDIO_STREAM_PLAYBACK)),
    carrier: |config| Ok(Arc::new(FreeSwitch::new(config, &PLAYBACK))),
};

/// FreeSWITCH with our settings.
pub struct FreeSwitch {
    guard: Guard,
    provider: &'static Provider,
}

impl FreeSwitch {
    fn new(config: &Config, provider: &'static Provider) -> Self {
        let secret = config.freeswitch.secret.as_ref();
        Self {
            guard: Guard::new(secret.map(|secret| secret.expose().as_str())),
            provider,
        }
    }

    /// The dialect spoken on a path.
    fn dialect(&self, path: &str) -> Option<&'static Dialect> {
        match (self.provider.name, path) {
            ("freeswitch", "stream") => Some(&AUDIO_STREAM),
            ("freeswitch", "fork") => Some(&DRACHTIO),
            ("freeswitch_playback", "stream") => Some(&AUDIO_STREAM_PLAYBACK),
            _ => None,
        }
    }
}

impl Carrier for FreeSwitch {
    fn provider(&self) -> &'static Provider {
        self.provider
    }

    fn is_guarded(&self) -> bool {
        self.guard.is_set()
    }

    fn routes(self: Arc<Self>, shared: Arc<Shared>) -> Router {
        let name = self.provider.name;
        let questions = dialplan::router(name, self.guard.clone(), Arc::clone(&shared));
        let media = Router::new()
            .route(&format!("/{name}/media/{{module}}"), get(socket))
            .with_state(Door {
                freeswitch: self,
                shared,
            });
        questions.merge(media)
    }

    fn announce(&self, urls: &Urls) -> Vec<(&'static str, String)> {
        let url = |module| urls.socket(&format!("/{}/media/{module}", self.provider.name));
        match self.provider.name {
            "freeswitch" => vec![
                ("uuid_audio_stream UUID start …", url("stream")),
                ("uuid_audio_fork UUID start …", url("fork")),
            ],
            _ => vec![("uuid_audio_stream UUID start …", url("stream"))],
        }
    }

    /// Its script does not need to.
    fn asks_outcome(&self) -> bool {
        false
    }
}

/// What the media socket's handler needs.
#[derive(Clone)]
struct Door {
    freeswitch: Arc<FreeSwitch>,
    shared: Arc<Shared>,
}

/// The media socket opens.
async fn socket(
    State(door): State<Door>,
    Path(module): Path<String>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    if !door.freeswitch.guard.allows(&headers) {
        tracing::warn!("media socket refused: the secret is missing or wrong");
        return Err(StatusCode::UNAUTHORIZED);
    }
    let dialect = door.freeswitch.dialect(&module);
    let dialect = dialect.ok_or(StatusCode::NOT_FOUND)?;
    let person = door.shared.human_line.as_ref();
    let person = person.map(|number| number.as_str().to_owned());
    let codec = Box::new(ForkCodec::new(dialect).with_person(person));
    // Whatever name the module was told to offer (MOD_AUDIO_FORK_SUBPROTOCOL_NAME).
    let offered: Vec<String> = headers
        .get_all("sec-websocket-protocol")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|names| names.split(','))
        .map(|name| name.trim().to_owned())
        .take(1)
        .collect();
    let upgrade = upgrade.protocols(offered);
    doors::media(
        upgrade,
        door.freeswitch,
        codec,
        Admission::Direct,
        door.shared,
    )
}
