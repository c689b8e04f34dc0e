//! The webhooks of Twilio and of those who speak its TwiML (a [`Brand`](super::Brand) each): who is answered
//! by the bot, what happens after the stream and after a transfer. Every request is checked for its
//! signature where a key is configured.

use super::Twilio;
use super::twiml::{self, Fallback};
use crate::line::calls::Outcome;
use crate::line::doors;
use crate::line::e164::E164;
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

/// What the handlers share.
#[derive(Clone)]
struct Door {
    twilio: Arc<Twilio>,
    shared: Arc<Shared>,
}

impl Door {
    fn url(&self, path: &str) -> String {
        self.shared.urls.webhook(&self.twilio.path(path))
    }

    fn fallback(&self) -> Fallback {
        let number = self.shared.human_line.clone();
        number.map_or(Fallback::Apology, Fallback::HumanLine)
    }
}

/// The brand's paths.
pub(super) fn router(twilio: Arc<Twilio>, shared: Arc<Shared>) -> Router {
    let path = |path: &str| twilio.path(path);
    let media = if twilio.brand.signs_upgrade {
        Router::new().route(&path("media"), get(socket))
    } else {
        Router::new().route(&path("media/{token}"), get(socket_with_token))
    };
    media
        .route(&path("voice"), post(voice))
        .route(&path("after"), post(after))
        .route(&path("dialed"), post(dialed))
        .route(&path("whisper"), post(whisper))
        .route(&path("accept"), post(accept))
        .route(&path("stream-status"), post(stream_status))
        .with_state(Door { twilio, shared })
}

/// A webhook's form, its signature verified.
struct Form {
    fields: Vec<(String, String)>,
    /// The caller's call, where our own URL names it.
    parent: Option<String>,
}

impl Form {
    fn verified(
        door: &Door,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, StatusCode> {
        let query = form_urlencoded::parse(uri.query().unwrap_or("").as_bytes());
        let mut query = query.into_owned();
        let form = Self {
            fields: form_urlencoded::parse(body).into_owned().collect(),
            parent: query.find_map(|(name, value)| (name == "call").then_some(value)),
        };
        if let Some(validator) = &door.twilio.validator {
            let url = door
                .shared
                .urls
                .webhook(uri.path_and_query().map_or("/", |path| path.as_str()));
            let given = given(headers, door.twilio.brand.headers);
            let signed = match door.twilio.brand.signs_upgrade {
                true => validator.form(&url, &form.fields, given),
                false => validator.compatible(&url, &form.fields, body, given),
            };
            if !signed {
                tracing::warn!(
                    path = uri.path(),
                    "webhook refused: its signature is missing or wrong"
                );
                return Err(StatusCode::FORBIDDEN);
            }
        }
        Ok(form)
    }

    /// The field's first value; empty where it is missing.
    fn get(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value)
    }

    /// The call's name where it is one.
    fn call_id(&self) -> Result<&str, StatusCode> {
        name(self.get("CallSid")).ok_or(StatusCode::BAD_REQUEST)
    }

    /// The caller's call, where this one is the person's.
    fn parent_call_id(&self) -> Result<&str, StatusCode> {
        let parent = self.parent.as_deref();
        name(parent.unwrap_or(self.get("ParentCallSid"))).ok_or(StatusCode::BAD_REQUEST)
    }

    /// The caller has hung up.
    fn is_over(&self) -> bool {
        matches!(
            self.get("CallStatus"),
            "completed" | "canceled" | "failed" | "busy" | "no-answer"
        )
    }
}

/// The signature, in the first of these headers that is there.
fn given<'a>(headers: &'a HeaderMap, names: &[&str]) -> &'a str {
    let mut values = names.iter().filter_map(|name| headers.get(*name));
    let value = values.next().and_then(|value| value.to_str().ok());
    value.unwrap_or("")
}

fn answer(twiml: String) -> Response {
    ([(header::CONTENT_TYPE, twiml::CONTENT_TYPE)], twiml).into_response()
}

/// A call comes in.
async fn voice(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let form = Form::verified(&door, &uri, &headers, &body)?;
    let shared = &door.shared;
    let call_id = form.call_id()?;
    if shared.stop.drain.is_cancelled() {
        tracing::info!(call = call_id, "call not taken: the house is closing");
        return Ok(answer(twiml::fallback(&door.fallback(), door.shared.words)));
    }
    let from: Option<E164> = form.get("From").parse().ok();
    Ok(answer(connect(&door, call_id, from).unwrap_or_else(|| {
        twiml::fallback(&door.fallback(), door.shared.words)
    })))
}

/// The document that brings the call to a media socket; none where it cannot be taken.
fn connect(door: &Door, call_id: &str, from: Option<E164>) -> Option<String> {
    let shared = &door.shared;
    let line = door.twilio.brand.provider.line.name;
    let token = shared.invite(line, call_id, from.clone()).ok()?;
    let media = match door.twilio.brand.signs_upgrade {
        true => door.twilio.path("media"),
        false => door.twilio.path(&format!("media/{}", token.as_str())),
    };
    Some(twiml::connect(&twiml::Connect {
        media_url: &shared.urls.socket(&media),
        action_url: &door.url("after"),
        status_url: &door.url("stream-status"),
        token: token.as_str(),
        from: from.as_ref(),
        fallback: &door.fallback(),
        words: shared.words,
    }))
}

/// The stream has ended: what did the call decide?
async fn after(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let form = Form::verified(&door, &uri, &headers, &body)?;
    let shared = &door.shared;
    let call_id = form.call_id()?;
    let outcome = shared.calls.outcome(call_id);
    tracing::info!(call = call_id, ?outcome, "stream ended");
    if form.is_over() {
        shared.calls.forget(call_id);
        return Ok(answer(twiml::hang_up()));
    }
    let twiml = match (outcome, &door.fallback()) {
        (Some(Outcome::HangUp), _) => {
            shared.calls.forget(call_id);
            twiml::hang_up()
        }
        (Some(Outcome::HandOver), Fallback::HumanLine(number)) => {
            // A house that closes will not be there to ask whether somebody answered.
            let stays = !shared.stop.drain.is_cancelled();
            if !stays {
                shared.calls.forget(call_id);
            }
            let url = |path: &str| stays.then(|| door.url(path));
            let whisper = door.twilio.about_person("whisper", call_id);
            let whisper = shared.whisper.then(|| url(&whisper)).flatten();
            twiml::dial(&twiml::Dial {
                number,
                action_url: url("dialed").as_deref(),
                whisper_url: whisper.as_deref(),
            })
        }
        (Some(Outcome::HandOver), Fallback::Apology) => {
            tracing::warn!(
                call = call_id,
                "no human line is configured to hand the call over to: the bot goes on"
            );
            take_back(&door, call_id, &form)
        }
        (Some(Outcome::Broken) | None, fallback) => {
            shared.calls.forget(call_id);
            twiml::fallback(fallback, shared.words)
        }
    };
    Ok(answer(twiml))
}

/// The transfer has ended: did somebody answer?
async fn dialed(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let form = Form::verified(&door, &uri, &headers, &body)?;
    let shared = &door.shared;
    let call_id = form.call_id()?;
    let status = form.get("DialCallStatus");
    let talked = matches!(status, "completed" | "answered");
    // Who was called and did not press the key has "completed" a call, too.
    let answered = talked && (!shared.whisper || shared.calls.is_accepted(call_id));
    tracing::info!(call = call_id, answered, "transfer ended");
    if answered || form.is_over() {
        shared.calls.forget(call_id);
        return Ok(answer(twiml::hang_up()));
    }
    Ok(answer(take_back(&door, call_id, &form)))
}

/// The document that brings the caller back to the bot, or says that nobody is there.
fn take_back(door: &Door, call_id: &str, form: &Form) -> String {
    let shared = &door.shared;
    let from: Option<E164> = form.get("From").parse().ok();
    let back = match shared.stop.drain.is_cancelled() {
        true => None,
        false => connect(door, call_id, from),
    };
    back.unwrap_or_else(|| {
        shared.calls.forget(call_id);
        twiml::nobody_there(shared.words)
    })
}

/// The person who is called has picked up: what is it about?
async fn whisper(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let form = Form::verified(&door, &uri, &headers, &body)?;
    let shared = &door.shared;
    let call_id = form.parent_call_id()?;
    let Some(handover) = shared.calls.handover(call_id) else {
        tracing::warn!(call = call_id, "nobody knows what this call is about");
        return Ok(answer(twiml::join()));
    };
    let accept = door.url(&door.twilio.about_person("accept", call_id));
    Ok(answer(twiml::whisper(
        &handover.whisper(),
        &accept,
        shared.words,
    )))
}

/// The person who is called has pressed a key.
async fn accept(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let form = Form::verified(&door, &uri, &headers, &body)?;
    let call_id = form.parent_call_id()?;
    let taken = form.get("Digits") == "1" && door.shared.calls.accept(call_id);
    tracing::info!(call = call_id, taken, "a person was asked to take the call");
    Ok(answer(if taken {
        twiml::join()
    } else {
        twiml::hang_up()
    }))
}

/// Twilio tells about the stream's health.
async fn stream_status(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, StatusCode> {
    let form = Form::verified(&door, &uri, &headers, &body)?;
    let call_id = form.call_id()?;
    match form.get("StreamEvent") {
        "stream-error" => {
            // Twilio's own words, cut short: they go to the log.
            let error: String = form.get("StreamError").chars().take(200).collect();
            tracing::warn!(call = call_id, error, "Twilio reports a stream error");
        }
        event => tracing::debug!(call = call_id, event, "stream status"),
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The media socket opens, signed.
async fn socket(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    if let Some(validator) = &door.twilio.validator {
        let url = door
            .shared
            .urls
            .webhook(uri.path_and_query().map_or("/", |path| path.as_str()));
        if !validator.upgrade(&url, given(&headers, door.twilio.brand.headers)) {
            tracing::warn!("media socket refused: its signature is missing or wrong");
            return Err(StatusCode::FORBIDDEN);
        }
    }
    let codec = (door.twilio.brand.codec)(None);
    doors::media(upgrade, door.twilio, codec, Admission::Invited, door.shared)
}

/// The media socket opens, with a token in its path.
async fn socket_with_token(
    State(door): State<Door>,
    Path(token): Path<String>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    let codec = (door.twilio.brand.codec)(Some(token));
    doors::media(upgrade, door.twilio, codec, Admission::Invited, door.shared)
}
