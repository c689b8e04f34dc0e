//! Vonage's webhooks: who is answered by the bot, what follows the media socket, what follows a person's
//! telephone. Every request is checked for its signature where a secret is configured.

use super::ncco;
use super::{PROVIDER, Vonage};
use crate::line::calls::Outcome;
use crate::line::carrier::Carrier as _;
use crate::line::doors;
use crate::line::e164::E164;
use crate::line::media::Admission;
use crate::line::provider::name;
use crate::line::server::Shared;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// What the handlers share.
#[derive(Clone)]
struct Door {
    vonage: Arc<Vonage>,
    shared: Arc<Shared>,
}

/// Vonage's paths.
pub(super) fn router(vonage: Arc<Vonage>, shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/vonage/answer", get(answer).post(answer))
        .route("/vonage/events", get(events).post(events))
        .route("/vonage/after", post(after))
        .route("/vonage/dialed", post(dialed))
        .route("/vonage/whisper", get(whisper).post(whisper))
        .route("/vonage/media", get(socket))
        .with_state(Door { vonage, shared })
}

/// A webhook's fields, its signature verified: those of the JSON body (or form) before those of the query.
struct Fields(BTreeMap<String, String>);

impl Fields {
    fn verified(
        door: &Door,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, StatusCode> {
        if let Some(validator) = &door.vonage.validator {
            let given = headers.get(header::AUTHORIZATION);
            let given = given.and_then(|value| value.to_str().ok()).unwrap_or("");
            if !validator.accepts(given, body, now_s()) {
                tracing::warn!(
                    path = uri.path(),
                    "webhook refused: its signature is missing or wrong"
                );
                return Err(StatusCode::UNAUTHORIZED);
            }
        }
        let query = form_urlencoded::parse(uri.query().unwrap_or("").as_bytes());
        let mut fields: BTreeMap<String, String> = query.into_owned().collect();
        match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => {
                for (name, value) in object {
                    let text = match value {
                        Value::String(text) => text,
                        Value::Number(number) => number.to_string(),
                        _ => continue,
                    };
                    fields.insert(name, text);
                }
            }
            _ => fields.extend(form_urlencoded::parse(body).into_owned()),
        }
        Ok(Self(fields))
    }

    /// The field; empty where it is missing.
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The call's name: ours in the URLs that we gave out, else the conversation's, which all legs share.
    fn call_id(&self) -> Result<&str, StatusCode> {
        let given = ["call", "conversation_uuid", "uuid"].map(|name| self.get(name));
        let given = given.into_iter().find(|id| !id.is_empty());
        given.and_then(name).ok_or(StatusCode::BAD_REQUEST)
    }

    /// Our own number as it was called: the caller id of what we call.
    fn line(&self) -> Option<&str> {
        let line = ncco::digits(self.get("line"));
        let fits = (1..=15).contains(&line.len()) && line.bytes().all(|b| b.is_ascii_digit());
        fits.then_some(line)
    }
}

fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs().cast_signed())
}

/// A URL of ours that names the call and our number.
fn url(shared: &Shared, path: &str, call_id: &str, line: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("call", call_id);
    if let Some(line) = line {
        query.append_pair("line", line);
    }
    shared.urls.webhook(&format!("{path}?{}", query.finish()))
}

fn nothing() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

fn document(ncco: Value) -> Response {
    Json(ncco).into_response()
}

/// The document that brings the call to a media socket; none where it cannot be taken.
fn connect(
    shared: &Shared,
    call_id: &str,
    caller: Option<E164>,
    line: Option<&str>,
) -> Option<Value> {
    let token = shared.invite(PROVIDER.line.name, call_id, caller).ok()?;
    Some(ncco::socket(&ncco::Socket {
        uri: &shared.urls.socket("/vonage/media"),
        event_url: &url(shared, "/vonage/after", call_id, line),
        call_id,
        token: token.as_str(),
        from: line,
    }))
}

/// The human line, or an apology: nobody of us is there afterwards.
fn fallback(shared: &Shared, line: Option<&str>) -> Value {
    match &shared.human_line {
        Some(number) => ncco::person(&ncco::Person {
            number,
            from: line,
            event_url: None,
            whisper_url: None,
        }),
        None => ncco::talk(shared.words.sorry, shared.words),
    }
}

/// A call comes in.
async fn answer(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let fields = Fields::verified(&door, &uri, &headers, &body)?;
    let shared = &door.shared;
    let call_id = fields.call_id()?;
    let line: Option<E164> = number(fields.get("to"));
    let line = line.as_ref().map(|number| ncco::digits(number.as_str()));
    if shared.stop.drain.is_cancelled() {
        tracing::info!(call = call_id, "call not taken: the house is closing");
        return Ok(document(fallback(shared, line)));
    }
    let ncco = connect(shared, call_id, number(fields.get("from")), line);
    Ok(document(ncco.unwrap_or_else(|| fallback(shared, line))))
}

/// A number as Vonage writes it, without `+`.
fn number(text: &str) -> Option<E164> {
    format!("+{}", ncco::digits(text)).parse().ok()
}

/// What happens to the caller's own leg.
async fn events(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let fields = Fields::verified(&door, &uri, &headers, &body)?;
    let status = fields.get("status");
    if let Ok(call_id) = fields.call_id() {
        tracing::debug!(call = call_id, status, "event");
        let over = matches!(status, "completed" | "failed" | "rejected" | "cancelled");
        if over && fields.get("direction") != "outbound" {
            door.shared.calls.forget(call_id);
        }
    }
    // Reports of errors have a reason and no call.
    if status.is_empty() && !fields.get("reason").is_empty() {
        let reason: String = fields.get("reason").chars().take(200).collect();
        tracing::warn!(reason, "Vonage reports an error");
    }
    Ok(nothing())
}

/// What happens to the media socket's leg: has it ended, and what did the call decide?
async fn after(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let fields = Fields::verified(&door, &uri, &headers, &body)?;
    let shared = &door.shared;
    let call_id = fields.call_id()?;
    let status = fields.get("status");
    if !(status == "disconnected" || is_unanswered(status)) {
        // `completed` comes after `disconnected`, or when the caller has gone.
        return Ok(nothing());
    }
    let line = fields.line();
    let outcome = shared.calls.outcome(call_id);
    tracing::info!(call = call_id, status, ?outcome, "socket ended");
    let ncco = match (outcome, &shared.human_line) {
        (Some(Outcome::HangUp), _) => {
            shared.calls.forget(call_id);
            return Ok(nothing());
        }
        (Some(Outcome::HandOver), Some(person)) => to_person(shared, call_id, person, line),
        (Some(Outcome::HandOver), None) => {
            tracing::warn!(
                call = call_id,
                "no human line is configured to hand the call over to: the bot goes on"
            );
            take_back(shared, call_id, line)
        }
        (Some(Outcome::Broken) | None, _) => {
            shared.calls.forget(call_id);
            fallback(shared, line)
        }
    };
    Ok(document(ncco))
}

fn to_person(shared: &Shared, call_id: &str, number: &E164, line: Option<&str>) -> Value {
    let handover = shared.calls.handover(call_id);
    let whisper = shared.whisper && handover.is_some_and(|h| !h.whisper().is_empty());
    let whisper_url = whisper.then(|| url(shared, "/vonage/whisper", call_id, None));
    // A house that closes will not be there to hear whether somebody answered, or to whisper.
    let stays = !shared.stop.drain.is_cancelled();
    let event_url = stays.then(|| url(shared, "/vonage/dialed", call_id, line));
    if !stays {
        shared.calls.forget(call_id);
    }
    ncco::person(&ncco::Person {
        number,
        from: line,
        event_url: event_url.as_deref(),
        whisper_url: whisper_url.as_deref().filter(|_| stays),
    })
}

/// Nobody took the call.
fn is_unanswered(status: &str) -> bool {
    matches!(
        status,
        "busy" | "cancelled" | "failed" | "rejected" | "timeout" | "unanswered"
    )
}

/// What happens to the person's leg: did somebody answer?
async fn dialed(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let fields = Fields::verified(&door, &uri, &headers, &body)?;
    let shared = &door.shared;
    let call_id = fields.call_id()?;
    let status = fields.get("status");
    // Said twice, or too late: the call is with the bot again, or over.
    if shared.calls.outcome(call_id) != Some(Outcome::HandOver) {
        return Ok(nothing());
    }
    if status == "completed" {
        tracing::info!(call = call_id, "transfer ended: the person has hung up");
        shared.calls.forget(call_id);
        return Ok(nothing());
    }
    if !is_unanswered(status) {
        return Ok(nothing());
    }
    tracing::info!(call = call_id, status, "nobody took the call");
    Ok(document(take_back(shared, call_id, fields.line())))
}

/// The document that brings the caller back to the bot, or says that nobody is there.
fn take_back(shared: &Shared, call_id: &str, line: Option<&str>) -> Value {
    let draining = shared.stop.drain.is_cancelled();
    let back = (!draining).then(|| connect(shared, call_id, None, line));
    back.flatten().unwrap_or_else(|| {
        shared.calls.forget(call_id);
        ncco::talk(shared.words.nobody, shared.words)
    })
}

/// A person has answered: what is said before the caller is joined?
async fn whisper(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let fields = Fields::verified(&door, &uri, &headers, &body)?;
    let handover = door.shared.calls.handover(fields.call_id()?);
    let handover = handover.ok_or(StatusCode::NOT_FOUND)?;
    Ok(document(ncco::talk(&handover.whisper(), door.shared.words)))
}

/// The media socket opens. It is bound to its call by the token in its first message.
async fn socket(
    State(door): State<Door>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    let codec = (door.vonage.provider().codec)();
    doors::media(upgrade, door.vonage, codec, Admission::Invited, door.shared)
}
