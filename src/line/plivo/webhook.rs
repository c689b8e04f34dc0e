//! Plivo's webhooks: who is answered by the bot, what happens after the stream and after a transfer. Every
//! request is checked for its signature where an auth token is configured; a media socket has a one-time
//! token in its path, since it is not known whether Plivo signs upgrades.

use super::signature::{NONCE, SIGNATURE};
use super::xml::{self, Dial, Whisper};
use super::{PROVIDER, Plivo, codec};
use crate::line::calls::Outcome;
use crate::line::doors;
use crate::line::e164::E164;
use crate::line::form::Form;
use crate::line::handed::alphanumeric;
use crate::line::media::Admission;
use crate::line::provider::name;
use crate::line::server::Shared;
use axum::Router;
use axum::body::Bytes;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use std::sync::Arc;

/// Longest text in `sipHeaders`, in bytes.
const LONGEST_HEADERS: usize = 512;

/// What the handlers share.
#[derive(Clone)]
struct Door {
    plivo: Arc<Plivo>,
    shared: Arc<Shared>,
}

/// Plivo's paths.
pub(super) fn router(plivo: Arc<Plivo>, shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/plivo/answer", post(answer))
        .route("/plivo/after", post(after))
        .route("/plivo/dialed", post(dialed))
        .route("/plivo/dialing", post(dialing))
        .route("/plivo/whisper", post(whisper))
        .route("/plivo/hangup", post(hangup))
        .route("/plivo/status", post(status))
        .route("/plivo/media/{token}", get(socket))
        .with_state(Door { plivo, shared })
}

/// A request whose signature is verified.
struct Asked {
    form: Form,
    call_id: String,
}

impl Door {
    fn verified(&self, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Asked, StatusCode> {
        let form = Form::new("", body);
        if let Some(validator) = &self.plivo.validator {
            let path = uri.path_and_query().map_or("/", |path| path.as_str());
            let url = self.shared.urls.webhook(path);
            let given = |name: &str| {
                let value = headers.get(name).and_then(|value| value.to_str().ok());
                value.unwrap_or("")
            };
            if !validator.post(&url, &form.0, given(NONCE), given(SIGNATURE)) {
                tracing::warn!(
                    path = uri.path(),
                    "webhook refused: its signature is missing or wrong"
                );
                return Err(StatusCode::FORBIDDEN);
            }
        }
        // What is about another leg names the caller's in the query.
        let query = Form::new(uri.query().unwrap_or(""), b"");
        let id = match query.get("call") {
            "" => form.get("CallUUID"),
            call => call,
        };
        let call_id = name(id).ok_or(StatusCode::BAD_REQUEST)?.to_owned();
        Ok(Asked { form, call_id })
    }

    /// The document that brings the call to a media socket; none where it cannot be taken.
    fn connect(&self, call_id: &str, from: Option<E164>) -> Option<String> {
        let line = PROVIDER.line.name;
        let token = self.shared.invite(line, call_id, from).ok()?;
        let urls = &self.shared.urls;
        Some(xml::stream(
            &urls.socket(&format!("/plivo/media/{}", token.as_str())),
            &urls.webhook("/plivo/status"),
            &urls.webhook("/plivo/after"),
        ))
    }

    /// The human line without the bot, or an apology.
    fn fallback(&self) -> String {
        let words = self.shared.words;
        match &self.shared.human_line {
            Some(number) => xml::dial(&Dial {
                number,
                action_url: None,
                sip_headers: "",
                whisper: None,
            }),
            None => xml::speak_and_hang_up(words.sorry, words.locale),
        }
    }

    /// The document that brings the caller back to the bot, or says that nobody is there.
    fn take_back(&self, call_id: &str, form: &Form) -> String {
        let shared = &self.shared;
        let back = match shared.stop.drain.is_cancelled() {
            true => None,
            false => self.connect(call_id, form.number(&["From"])),
        };
        back.unwrap_or_else(|| {
            shared.calls.forget(call_id);
            xml::speak_and_hang_up(shared.words.nobody, shared.words.locale)
        })
    }

    fn transfer(&self, call_id: &str, number: &E164) -> String {
        let (shared, urls) = (&self.shared, &self.shared.urls);
        let handover = shared.calls.handover(call_id);
        let headers = handover.map_or(String::new(), |handover| {
            alphanumeric(&handover, LONGEST_HEADERS)
        });
        // A house that closes will not be there to ask whether somebody answered.
        let stays = !shared.stop.drain.is_cancelled();
        if !stays {
            shared.calls.forget(call_id);
        }
        let action = urls.webhook("/plivo/dialed");
        let sound = urls.webhook(&format!("/plivo/whisper?call={call_id}"));
        let news = urls.webhook(&format!("/plivo/dialing?call={call_id}"));
        xml::dial(&Dial {
            number,
            action_url: stays.then_some(action.as_str()),
            sip_headers: &headers,
            whisper: (stays && shared.whisper).then_some(Whisper {
                sound_url: &sound,
                news_url: &news,
            }),
        })
    }
}

fn document(xml: String) -> Response {
    ([(header::CONTENT_TYPE, xml::CONTENT_TYPE)], xml).into_response()
}

/// A call comes in.
async fn answer(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let Asked { form, call_id } = door.verified(&uri, &headers, &body)?;
    if door.shared.stop.drain.is_cancelled() {
        tracing::info!(call = call_id, "call not taken: the house is closing");
        return Ok(document(door.fallback()));
    }
    let connected = door.connect(&call_id, form.number(&["From"]));
    Ok(document(connected.unwrap_or_else(|| door.fallback())))
}

/// The stream has ended: what did the call decide?
async fn after(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let Asked { form, call_id } = door.verified(&uri, &headers, &body)?;
    let calls = &door.shared.calls;
    let outcome = calls.outcome(&call_id);
    tracing::info!(call = call_id, ?outcome, "stream ended");
    let xml = match (outcome, &door.shared.human_line) {
        (Some(Outcome::HangUp), _) => {
            calls.forget(&call_id);
            xml::hang_up()
        }
        (Some(Outcome::HandOver), Some(number)) => door.transfer(&call_id, number),
        (Some(Outcome::HandOver), None) => {
            tracing::warn!(
                call = call_id,
                "no human line is configured to hand the call over to: the bot goes on"
            );
            door.take_back(&call_id, &form)
        }
        (Some(Outcome::Broken) | None, _) => {
            calls.forget(&call_id);
            door.fallback()
        }
    };
    Ok(document(xml))
}

/// The transfer has ended: did somebody take it?
async fn dialed(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let Asked { form, call_id } = door.verified(&uri, &headers, &body)?;
    let shared = &door.shared;
    let status = form.get("DialStatus");
    let was_refused = door.plivo.whispered(&call_id) && !shared.calls.is_accepted(&call_id);
    let answered = matches!(status, "completed" | "answer" | "answered") && !was_refused;
    tracing::info!(call = call_id, answered, "transfer ended");
    if answered || form.get("CallStatus") == "completed" {
        shared.calls.forget(&call_id);
        return Ok(document(xml::hang_up()));
    }
    Ok(document(door.take_back(&call_id, &form)))
}

/// The person who is called has answered, or taken the call by pressing 1.
async fn dialing(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, StatusCode> {
    let Asked { form, call_id } = door.verified(&uri, &headers, &body)?;
    let action = form.get("DialAction");
    tracing::debug!(call = call_id, action, "news of the transfer");
    match action {
        "answer" => door.plivo.note_whisper(&call_id),
        "connected" => {
            door.shared.calls.accept(&call_id);
        }
        _ => {}
    }
    Ok(StatusCode::NO_CONTENT)
}

/// What the person hears before pressing 1.
async fn whisper(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let Asked { call_id, .. } = door.verified(&uri, &headers, &body)?;
    let words = door.shared.words;
    let handover = door.shared.calls.handover(&call_id);
    let story = handover.map_or(String::new(), |handover| handover.whisper());
    let text = format!("{story} {}", words.press_one);
    Ok(document(xml::speak(text.trim_start(), words.locale)))
}

/// The call is over.
async fn hangup(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, StatusCode> {
    let Asked { call_id, .. } = door.verified(&uri, &headers, &body)?;
    let outcome = door.shared.calls.outcome(&call_id);
    tracing::info!(call = call_id, ?outcome, "call ended");
    door.plivo.whispered(&call_id);
    door.shared.calls.forget(&call_id);
    Ok(StatusCode::NO_CONTENT)
}

/// Plivo tells about the stream's health.
async fn status(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, StatusCode> {
    let Asked { form, call_id } = door.verified(&uri, &headers, &body)?;
    // Plivo's own words, cut short: they go to the log.
    let event: String = form.get("Event").chars().take(100).collect();
    tracing::debug!(call = call_id, event, "stream status");
    Ok(StatusCode::NO_CONTENT)
}

/// The media socket opens.
async fn socket(
    State(door): State<Door>,
    Path(token): Path<String>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    let codec = Box::new(codec(Some(token)));
    doors::media(upgrade, door.plivo, codec, Admission::Invited, door.shared)
}
