//! The webhooks of Twilio and of those who speak its TwiML (a [`Brand`](super::Brand) each): who is answered
//! by the bot, what happens after the stream and after a transfer, and what the person hears who is called.
//! Every request is checked for its signature where a key is configured.

use super::Twilio;
use super::twiml::{self, Fallback, Room};
use crate::line::asked::Asked;
use crate::line::calls::Token;
use crate::line::doors;
use crate::line::e164::E164;
use crate::line::media::Admission;
use crate::line::provider::name;
use crate::line::server::Shared;
use crate::line::verdict::{self, Verdict};
use crate::line::warm::LegId;
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequest, Path, Request, State};
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

    /// The verdict as a document.
    fn answer(&self, call_id: &str, verdict: Verdict) -> Response {
        let words = self.shared.words;
        answer(match verdict {
            Verdict::HangUp => twiml::hang_up(),
            Verdict::Dial(transfer) => {
                let url = |path: &str| transfer.stays.then(|| self.url(path));
                let whisper = self.twilio.about_person("whisper", call_id);
                let whisper = transfer.whispers.then(|| url(&whisper)).flatten();
                twiml::dial(&twiml::Dial {
                    number: &transfer.number,
                    action_url: url("dialed").as_deref(),
                    whisper_url: whisper.as_deref(),
                })
            }
            Verdict::Join(leg) => twiml::room(&Room {
                name: &leg.room(),
                news_url: None,
            }),
            Verdict::Bot(token) => self.connect(call_id, &token),
            Verdict::Nobody => twiml::nobody_there(words),
            Verdict::Fallback => twiml::fallback(&self.fallback(), words),
        })
    }

    /// The document that brings the call to a media socket.
    fn connect(&self, call_id: &str, token: &Token) -> String {
        let media = match self.twilio.brand.signs_upgrade {
            true => self.twilio.path("media"),
            false => self.twilio.path(&format!("media/{}", token.as_str())),
        };
        twiml::connect(&twiml::Connect {
            media_url: &self.shared.urls.socket(&media),
            action_url: &self.url("after"),
            status_url: &self.url("stream-status"),
            token: token.as_str(),
            from: self.shared.calls.caller(call_id).as_ref(),
            fallback: &self.fallback(),
            words: self.shared.words,
        })
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
        .route(&path("person"), post(person))
        .route(&path("person-key"), post(person_key))
        .route(&path("person-status"), post(person_status))
        .route(&path("room"), post(room))
        .route(&path("stream-status"), post(stream_status))
        .with_state(Door { twilio, shared })
}

/// A webhook's form, its signature verified.
struct Form {
    fields: Vec<(String, String)>,
    /// Of our own URL.
    query: String,
}

impl FromRequest<Door> for Form {
    type Rejection = StatusCode;

    async fn from_request(request: Request, door: &Door) -> Result<Self, StatusCode> {
        let asked = Asked::read(request).await?;
        let form = Self {
            fields: form_urlencoded::parse(&asked.body).into_owned().collect(),
            query: asked.query().to_owned(),
        };
        if let Some(validator) = &door.twilio.validator {
            let url = door.shared.urls.webhook(asked.path_and_query());
            let given = given(&asked.headers, door.twilio.brand.headers);
            let signed = match door.twilio.brand.signs_upgrade {
                true => validator.form(&url, &form.fields, given),
                false => validator.compatible(&url, &form.fields, &asked.body, given),
            };
            if !signed {
                return Err(asked.refused(StatusCode::FORBIDDEN));
            }
        }
        Ok(form)
    }
}

impl Form {
    /// The field's first value; empty where it is missing.
    fn get(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value)
    }

    fn number(&self, name: &str) -> Option<E164> {
        self.get(name).parse().ok()
    }

    /// The call's name where it is one.
    fn call_id(&self) -> Result<&str, StatusCode> {
        name(self.get("CallSid")).ok_or(StatusCode::BAD_REQUEST)
    }

    /// The caller's call, where this one is the person's.
    fn parent_call_id(&self) -> Result<String, StatusCode> {
        let mut query = form_urlencoded::parse(self.query.as_bytes());
        let parent = query.find_map(|(name, value)| (name == "call").then_some(value));
        let parent = parent.unwrap_or(self.get("ParentCallSid").into());
        let parent = name(&parent).ok_or(StatusCode::BAD_REQUEST)?;
        Ok(parent.to_owned())
    }

    /// The person's leg that we called ourselves.
    fn leg(&self) -> Result<LegId, StatusCode> {
        LegId::parse(&self.query).ok_or(StatusCode::BAD_REQUEST)
    }

    /// The call has ended.
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
async fn voice(State(door): State<Door>, form: Form) -> Result<Response, StatusCode> {
    let call_id = form.call_id()?;
    let (from, to) = (form.number("From"), form.number("To"));
    let verdict = verdict::arrives(
        &door.shared,
        door.twilio.brand.provider.name,
        call_id,
        from,
        to,
    );
    Ok(door.answer(call_id, verdict))
}

/// The stream has ended: what did the call decide?
async fn after(State(door): State<Door>, form: Form) -> Result<Response, StatusCode> {
    let call_id = form.call_id()?;
    let verdict = verdict::after_stream(&door.shared, call_id, form.is_over());
    Ok(door.answer(call_id, verdict))
}

/// The transfer has ended: did somebody answer?
async fn dialed(State(door): State<Door>, form: Form) -> Result<Response, StatusCode> {
    let shared = &door.shared;
    let call_id = form.call_id()?;
    let talked = matches!(form.get("DialCallStatus"), "completed" | "answered");
    let taken = verdict::is_taken(shared, call_id, talked);
    let verdict = verdict::after_transfer(shared, call_id, taken, form.is_over());
    Ok(door.answer(call_id, verdict))
}

/// The person who is called has picked up: what is it about?
async fn whisper(State(door): State<Door>, form: Form) -> Result<Response, StatusCode> {
    let shared = &door.shared;
    let call_id = form.parent_call_id()?;
    let Some(handover) = shared.calls.handover(&call_id) else {
        tracing::warn!(call = call_id, "nobody knows what this call is about");
        return Ok(answer(twiml::join()));
    };
    let accept = door.url(&door.twilio.about_person("accept", &call_id));
    Ok(answer(twiml::whisper(
        &handover.whisper(),
        &accept,
        shared.words,
    )))
}

/// The person who is called has pressed a key.
async fn accept(State(door): State<Door>, form: Form) -> Result<Response, StatusCode> {
    let call_id = form.parent_call_id()?;
    let taken = form.get("Digits") == "1" && door.shared.calls.accept(&call_id);
    tracing::info!(call = call_id, taken, "a person was asked to take the call");
    Ok(answer(if taken {
        twiml::join()
    } else {
        twiml::hang_up()
    }))
}

/// The person whom we called, while the caller waits with the bot, has picked up.
async fn person(State(door): State<Door>, form: Form) -> Result<Response, StatusCode> {
    let (leg, words) = (form.leg()?, door.shared.words);
    Ok(answer(match door.shared.warm.story(&leg) {
        Some(story) => {
            let key = door.url(&format!("person-key?{}", leg.query()));
            twiml::whisper(&story, &key, words)
        }
        None => twiml::caller_gone(words),
    }))
}

/// That person has pressed a key.
async fn person_key(State(door): State<Door>, form: Form) -> Result<Response, StatusCode> {
    let leg = form.leg()?;
    Ok(answer(
        match door.shared.warm.key(&leg, form.get("Digits")) {
            true => twiml::room(&Room {
                name: &leg.room(),
                news_url: Some(&door.url(&format!("room?{}", leg.query()))),
            }),
            false => twiml::hang_up(),
        },
    ))
}

/// Somebody has come to the room: the first one is the person.
async fn room(State(door): State<Door>, form: Form) -> Result<StatusCode, StatusCode> {
    let leg = form.leg()?;
    if form.get("StatusCallbackEvent") == "participant-join" {
        door.shared.warm.there(&leg);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// That person's leg has ended.
async fn person_status(State(door): State<Door>, form: Form) -> Result<StatusCode, StatusCode> {
    let leg = form.leg()?;
    if form.is_over() {
        door.shared.warm.over(&leg);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Twilio tells about the stream's health.
async fn stream_status(form: Form) -> Result<StatusCode, StatusCode> {
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
