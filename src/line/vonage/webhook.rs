//! Vonage's webhooks: who is answered by the bot, what follows the media socket, what follows a person's
//! telephone, and what that person hears. Every request is checked for its signature where a secret is
//! configured.

use super::ncco;
use super::{PROVIDER, Vonage};
use crate::line::asked::{Asked, now_s};
use crate::line::calls::{Outcome, Token};
use crate::line::carrier::Carrier as _;
use crate::line::doors;
use crate::line::e164::E164;
use crate::line::media::Admission;
use crate::line::provider::name;
use crate::line::server::Shared;
use crate::line::verdict::{self, Transfer, Verdict};
use crate::line::warm::{self, LegId};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Time that a person takes into the room.
const ON_THE_WAY: Duration = Duration::from_millis(500);

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
        .route("/vonage/person", get(person).post(person))
        .route("/vonage/person-key", post(person_key))
        .route("/vonage/person-events", post(person_events))
        .route("/vonage/media", get(socket))
        .with_state(Door { vonage, shared })
}

/// A webhook's fields, its signature verified: those of the JSON body (or form) before those of the query.
struct Fields {
    all: BTreeMap<String, String>,
    /// Keys that were pressed; none where nothing was asked for.
    keys: String,
    leg: Option<LegId>,
}

impl FromRequest<Door> for Fields {
    type Rejection = StatusCode;

    async fn from_request(request: Request, door: &Door) -> Result<Self, StatusCode> {
        let asked = Asked::read(request).await?;
        if let Some(validator) = &door.vonage.validator {
            let given = asked.header(header::AUTHORIZATION.as_str());
            if !validator.accepts(given, &asked.body, now_s()) {
                return Err(asked.refused(StatusCode::UNAUTHORIZED));
            }
        }
        let query = form_urlencoded::parse(asked.query().as_bytes());
        let mut all: BTreeMap<String, String> = query.into_owned().collect();
        let mut keys = String::new();
        match serde_json::from_slice(&asked.body) {
            Ok(Value::Object(object)) => {
                // Newer ones first: `{"dtmf": {"digits": "1"}}`, then `{"dtmf": "1"}`.
                let dtmf = object.get("dtmf");
                let digits = dtmf.and_then(|dtmf| dtmf.get("digits").unwrap_or(dtmf).as_str());
                digits.unwrap_or("").clone_into(&mut keys);
                for (name, value) in object {
                    let text = match value {
                        Value::String(text) => text,
                        Value::Number(number) => number.to_string(),
                        _ => continue,
                    };
                    all.insert(name, text);
                }
            }
            _ => all.extend(form_urlencoded::parse(&asked.body).into_owned()),
        }
        let leg = LegId::parse(asked.query());
        Ok(Self { all, keys, leg })
    }
}

impl Fields {
    /// The field; empty where it is missing.
    fn get(&self, name: &str) -> &str {
        self.all.get(name).map_or("", String::as_str)
    }

    /// The call's name: ours in the URLs that we gave out, else the conversation's, which all legs share.
    fn call_id(&self) -> Result<&str, StatusCode> {
        let given = ["call", "conversation_uuid", "uuid"].map(|name| self.get(name));
        let given = given.into_iter().find(|id| !id.is_empty());
        given.and_then(name).ok_or(StatusCode::BAD_REQUEST)
    }

    /// The person's leg that we called ourselves.
    fn leg(&self) -> Result<&LegId, StatusCode> {
        self.leg.as_ref().ok_or(StatusCode::BAD_REQUEST)
    }

    /// Our own number as it was called: the caller id of what we call.
    fn line(&self) -> Option<&str> {
        let line = ncco::digits(self.get("line"));
        let fits = (1..=15).contains(&line.len()) && line.bytes().all(|b| b.is_ascii_digit());
        fits.then_some(line)
    }
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

/// The verdict as a document. No document ends the call.
fn answered(shared: &Shared, call_id: &str, line: Option<&str>, verdict: Verdict) -> Response {
    document(match verdict {
        Verdict::HangUp => return nothing(),
        Verdict::Dial(transfer) => to_person(shared, call_id, &transfer, line),
        Verdict::Join(leg) => ncco::room(&leg.room()),
        Verdict::Bot(token) => connect(shared, call_id, &token, line),
        Verdict::Nobody => ncco::talk(shared.words.nobody, shared.words),
        Verdict::Fallback => fallback(shared, line),
    })
}

/// The document that brings the call to a media socket.
fn connect(shared: &Shared, call_id: &str, token: &Token, line: Option<&str>) -> Value {
    ncco::socket(&ncco::Socket {
        uri: &shared.urls.socket("/vonage/media"),
        event_url: &url(shared, "/vonage/after", call_id, line),
        call_id,
        token: token.as_str(),
        from: line,
    })
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

fn to_person(shared: &Shared, call_id: &str, transfer: &Transfer, line: Option<&str>) -> Value {
    let whisper_url = url(shared, "/vonage/whisper", call_id, None);
    let event_url = url(shared, "/vonage/dialed", call_id, line);
    ncco::person(&ncco::Person {
        number: &transfer.number,
        from: line,
        event_url: transfer.stays.then_some(&event_url),
        whisper_url: transfer.whispers.then_some(&whisper_url),
    })
}

/// A call comes in.
async fn answer(State(door): State<Door>, fields: Fields) -> Result<Response, StatusCode> {
    let call_id = fields.call_id()?;
    let (from, to) = (number(fields.get("from")), number(fields.get("to")));
    let line = to.clone();
    let line = line.as_ref().map(|number| ncco::digits(number.as_str()));
    let verdict = verdict::arrives(&door.shared, PROVIDER.name, call_id, from, to);
    Ok(answered(&door.shared, call_id, line, verdict))
}

/// A number as Vonage writes it, without `+`.
fn number(text: &str) -> Option<E164> {
    format!("+{}", ncco::digits(text)).parse().ok()
}

/// What happens to the caller's own leg.
async fn events(State(door): State<Door>, fields: Fields) -> Response {
    let status = fields.get("status");
    if let Ok(call_id) = fields.call_id() {
        tracing::debug!(call = call_id, status, "event");
        let over = matches!(status, "completed" | "failed" | "rejected" | "cancelled");
        if over && fields.get("direction") != "outbound" {
            warm::caller_gone(&door.shared, call_id);
            door.shared.calls.forget(call_id);
        }
    }
    // Reports of errors have a reason and no call.
    if status.is_empty() && !fields.get("reason").is_empty() {
        let reason: String = fields.get("reason").chars().take(200).collect();
        tracing::warn!(reason, "Vonage reports an error");
    }
    nothing()
}

/// What happens to the media socket's leg: has it ended, and what did the call decide?
async fn after(State(door): State<Door>, fields: Fields) -> Result<Response, StatusCode> {
    let call_id = fields.call_id()?;
    let status = fields.get("status");
    if !(status == "disconnected" || is_unanswered(status)) {
        // `completed` comes after `disconnected`, or when the caller has gone.
        return Ok(nothing());
    }
    let verdict = verdict::after_stream(&door.shared, call_id, false);
    Ok(answered(&door.shared, call_id, fields.line(), verdict))
}

/// Nobody took the call.
fn is_unanswered(status: &str) -> bool {
    matches!(
        status,
        "busy" | "cancelled" | "failed" | "rejected" | "timeout" | "unanswered"
    )
}

/// What happens to the person's leg: did somebody answer?
async fn dialed(State(door): State<Door>, fields: Fields) -> Result<Response, StatusCode> {
    let shared = &door.shared;
    let call_id = fields.call_id()?;
    let status = fields.get("status");
    // Said twice, or too late: the call is with the bot again, or over.
    if shared.calls.outcome(call_id) != Some(Outcome::HandOver) {
        return Ok(nothing());
    }
    // The person has hung up.
    let taken = status == "completed";
    if !taken && !is_unanswered(status) {
        return Ok(nothing());
    }
    let verdict = verdict::after_transfer(shared, call_id, taken, false);
    Ok(answered(shared, call_id, fields.line(), verdict))
}

/// A person has answered: what is said before the caller is joined?
async fn whisper(State(door): State<Door>, fields: Fields) -> Result<Response, StatusCode> {
    let handover = door.shared.calls.handover(fields.call_id()?);
    let handover = handover.ok_or(StatusCode::NOT_FOUND)?;
    Ok(document(ncco::talk(&handover.whisper(), door.shared.words)))
}

/// The person whom we called, while the caller waits with the bot, has picked up.
async fn person(State(door): State<Door>, fields: Fields) -> Result<Response, StatusCode> {
    let (leg, words) = (fields.leg()?, door.shared.words);
    Ok(document(match door.shared.warm.story(leg) {
        Some(story) => {
            let path = format!("/vonage/person-key?{}", leg.query());
            ncco::ask(&story, &door.shared.urls.webhook(&path), words)
        }
        None => ncco::talk(words.caller_gone, words),
    }))
}

/// That person has pressed a key, or none.
async fn person_key(State(door): State<Door>, fields: Fields) -> Result<Response, StatusCode> {
    let leg = fields.leg()?;
    if !door.shared.warm.key(leg, &fields.keys) {
        // Nothing more to do: the leg ends.
        return Ok(document(Value::Array(Vec::new())));
    }
    // Vonage does not tell who is in a conversation: with this answer he is.
    let (shared, id) = (Arc::clone(&door.shared), leg.clone());
    tokio::spawn(async move {
        tokio::time::sleep(ON_THE_WAY).await;
        shared.warm.there(&id);
    });
    Ok(document(ncco::room(&leg.room())))
}

/// That person's leg has ended.
async fn person_events(State(door): State<Door>, fields: Fields) -> Result<Response, StatusCode> {
    let (leg, status) = (fields.leg()?, fields.get("status"));
    if status == "completed" || is_unanswered(status) {
        door.shared.warm.over(leg);
    }
    Ok(nothing())
}

/// The media socket opens. It is bound to its call by the token in its first message.
async fn socket(
    State(door): State<Door>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    let codec = (door.vonage.provider().codec)();
    doors::media(upgrade, door.vonage, codec, Admission::Invited, door.shared)
}
