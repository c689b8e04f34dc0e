//! Plivo's webhooks: who is answered by the bot, what happens after the stream and after a transfer, and what
//! the person hears who is called. Every request is checked for its signature where an auth token is
//! configured; a media socket has a one-time token in its path, since it is not known whether Plivo signs
//! upgrades.

use super::signature::{NONCE, SIGNATURE};
use super::xml::{self, Dial, Whisper};
use super::{PROVIDER, Plivo, codec};
use crate::line::asked;
use crate::line::calls::Token;
use crate::line::doors;
use crate::line::form::Form;
use crate::line::handed::alphanumeric;
use crate::line::media::Admission;
use crate::line::provider::name;
use crate::line::server::Shared;
use crate::line::verdict::{self, Transfer, Verdict};
use crate::line::warm::{self, LegId};
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{StatusCode, header};
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
        .route("/plivo/person", post(person))
        .route("/plivo/person-key", post(person_key))
        .route("/plivo/person-ended", post(person_ended))
        .route("/plivo/room", post(room))
        .route("/plivo/hangup", post(hangup))
        .route("/plivo/status", post(status))
        .route("/plivo/media/{token}", get(socket))
        .with_state(Door { plivo, shared })
}

/// A request whose signature is verified.
struct Asked {
    form: Form,
    /// The caller's.
    call_id: String,
    /// The person's leg that we called ourselves, where it is about that.
    leg: Option<LegId>,
}

impl FromRequest<Door> for Asked {
    type Rejection = StatusCode;

    async fn from_request(request: Request, door: &Door) -> Result<Self, StatusCode> {
        let asked = asked::Asked::read(request).await?;
        let form = Form::new("", &asked.body);
        if let Some(validator) = &door.plivo.validator {
            let url = door.shared.urls.webhook(asked.path_and_query());
            let (nonce, given) = (asked.header(NONCE), asked.header(SIGNATURE));
            if !validator.post(&url, &form.0, nonce, given) {
                return Err(asked.refused(StatusCode::FORBIDDEN));
            }
        }
        // What is about another leg names the caller's in the query.
        let query = Form::new(asked.query(), b"");
        let id = match query.get("call") {
            "" => form.get("CallUUID"),
            call => call,
        };
        let call_id = name(id).ok_or(StatusCode::BAD_REQUEST)?.to_owned();
        Ok(Self {
            form,
            call_id,
            leg: LegId::parse(asked.query()),
        })
    }
}

impl Asked {
    fn leg(&self) -> Result<&LegId, StatusCode> {
        self.leg.as_ref().ok_or(StatusCode::BAD_REQUEST)
    }
}

impl Door {
    /// The verdict as a document.
    fn answer(&self, call_id: &str, verdict: Verdict) -> Response {
        let words = self.shared.words;
        document(match verdict {
            Verdict::HangUp => xml::hang_up(),
            Verdict::Dial(transfer) => self.dial(call_id, &transfer),
            Verdict::Join(leg) => xml::room(&leg.room(), None),
            Verdict::Bot(token) => self.connect(&token),
            Verdict::Nobody => xml::speak_and_hang_up(words.nobody, words.locale),
            Verdict::Fallback => self.fallback(),
        })
    }

    /// The document that brings the call to a media socket.
    fn connect(&self, token: &Token) -> String {
        let urls = &self.shared.urls;
        xml::stream(
            &urls.socket(&format!("/plivo/media/{}", token.as_str())),
            &urls.webhook("/plivo/status"),
            &urls.webhook("/plivo/after"),
        )
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

    fn dial(&self, call_id: &str, transfer: &Transfer) -> String {
        let urls = &self.shared.urls;
        let handover = transfer.handover.as_ref();
        let headers = handover.map_or(String::new(), |handover| {
            alphanumeric(handover, LONGEST_HEADERS)
        });
        let action = urls.webhook("/plivo/dialed");
        let sound = urls.webhook(&format!("/plivo/whisper?call={call_id}"));
        let news = urls.webhook(&format!("/plivo/dialing?call={call_id}"));
        xml::dial(&Dial {
            number: &transfer.number,
            action_url: transfer.stays.then_some(action.as_str()),
            sip_headers: &headers,
            whisper: transfer.whispers.then_some(Whisper {
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
async fn answer(State(door): State<Door>, asked: Asked) -> Response {
    let (from, to) = (asked.form.number(&["From"]), asked.form.number(&["To"]));
    let verdict = verdict::arrives(&door.shared, PROVIDER.name, &asked.call_id, from, to);
    door.answer(&asked.call_id, verdict)
}

/// The stream has ended: what did the call decide?
async fn after(State(door): State<Door>, asked: Asked) -> Response {
    let is_over = asked.form.get("CallStatus") == "completed";
    let verdict = verdict::after_stream(&door.shared, &asked.call_id, is_over);
    door.answer(&asked.call_id, verdict)
}

/// The transfer has ended: did somebody take it?
async fn dialed(State(door): State<Door>, asked: Asked) -> Response {
    let (shared, call_id) = (&door.shared, asked.call_id.as_str());
    let status = asked.form.get("DialStatus");
    let was_refused = door.plivo.whispered(call_id) && !shared.calls.is_accepted(call_id);
    let taken = matches!(status, "completed" | "answer" | "answered") && !was_refused;
    let is_over = asked.form.get("CallStatus") == "completed";
    let verdict = verdict::after_transfer(shared, call_id, taken, is_over);
    door.answer(call_id, verdict)
}

/// The person who is called has answered, or taken the call by pressing 1.
async fn dialing(State(door): State<Door>, asked: Asked) -> StatusCode {
    let action = asked.form.get("DialAction");
    tracing::debug!(call = asked.call_id, action, "news of the transfer");
    match action {
        "answer" => door.plivo.note_whisper(&asked.call_id),
        "connected" => {
            door.shared.calls.accept(&asked.call_id);
        }
        _ => {}
    }
    StatusCode::NO_CONTENT
}

/// What the person hears before pressing 1.
async fn whisper(State(door): State<Door>, asked: Asked) -> Response {
    let words = door.shared.words;
    let handover = door.shared.calls.handover(&asked.call_id);
    let story = handover.map_or(String::new(), |handover| handover.whisper());
    let text = format!("{story} {}", words.press_one);
    document(xml::speak(text.trim_start(), words.locale))
}

/// The person whom we called, while the caller waits with the bot, has picked up.
async fn person(State(door): State<Door>, asked: Asked) -> Result<Response, StatusCode> {
    let (leg, words) = (asked.leg()?, door.shared.words);
    Ok(document(match door.shared.warm.story(leg) {
        Some(story) => {
            let path = format!("/plivo/person-key?{}", leg.query());
            let text = format!("{story} {}", words.press_one);
            let url = door.shared.urls.webhook(&path);
            xml::ask(text.trim_start(), &url, words.locale)
        }
        None => xml::speak_and_hang_up(words.caller_gone, words.locale),
    }))
}

/// That person has pressed a key.
async fn person_key(State(door): State<Door>, asked: Asked) -> Result<Response, StatusCode> {
    let leg = asked.leg()?;
    let taken = door.shared.warm.key(leg, asked.form.get("Digits"));
    let path = format!("/plivo/room?{}", leg.query());
    Ok(document(match taken {
        true => xml::room(&leg.room(), Some(&door.shared.urls.webhook(&path))),
        false => xml::hang_up(),
    }))
}

/// Somebody has come to the room: the first one is the person.
async fn room(State(door): State<Door>, asked: Asked) -> Result<StatusCode, StatusCode> {
    let leg = asked.leg()?;
    if asked.form.get("ConferenceAction") == "enter" {
        door.shared.warm.there(leg);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// That person's leg has ended.
async fn person_ended(State(door): State<Door>, asked: Asked) -> Result<StatusCode, StatusCode> {
    door.shared.warm.over(asked.leg()?);
    Ok(StatusCode::NO_CONTENT)
}

/// The call is over.
async fn hangup(State(door): State<Door>, asked: Asked) -> StatusCode {
    let call_id = asked.call_id.as_str();
    let outcome = door.shared.calls.outcome(call_id);
    tracing::info!(call = call_id, ?outcome, "call ended");
    door.plivo.whispered(call_id);
    warm::caller_gone(&door.shared, call_id);
    door.shared.calls.forget(call_id);
    StatusCode::NO_CONTENT
}

/// Plivo tells about the stream's health.
async fn status(asked: Asked) -> StatusCode {
    // Plivo's own words, cut short: they go to the log.
    let event: String = asked.form.get("Event").chars().take(100).collect();
    tracing::debug!(call = asked.call_id, event, "stream status");
    StatusCode::NO_CONTENT
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
