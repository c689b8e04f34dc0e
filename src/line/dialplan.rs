//! What a PBX's dialplan asks by HTTP: a call announced beforehand, what to do when the bot has ended,
//! how a transfer went. Answers are one word or two, easy to take apart in a dialplan.

use super::calls::{Outcome, Refused};
use super::e164::E164;
use super::guard::Guard;
use super::provider::name;
use super::server::Shared;
use crate::dialogue::Handover;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::get;
use std::sync::Arc;
use tokio::time::Instant;

/// What the handlers share.
#[derive(Clone)]
struct Desk {
    line: &'static str,
    guard: Guard,
    shared: Arc<Shared>,
}

/// The questions, below `/LINE/`, each as `GET` with a query or `POST` with a form.
pub fn router(line: &'static str, guard: Guard, shared: Arc<Shared>) -> Router {
    Router::new()
        .route(&format!("/{line}/announce"), get(announce).post(announce))
        .route(&format!("/{line}/next"), get(next).post(next))
        .route(&format!("/{line}/dialed"), get(dialed).post(dialed))
        .with_state(Desk {
            line,
            guard,
            shared,
        })
}

/// A question's fields, of the query and of the form.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn checked(
        desk: &Desk,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, StatusCode> {
        if !desk.guard.allows(headers) {
            tracing::warn!(
                path = uri.path(),
                "question refused: the secret is missing or wrong"
            );
            return Err(StatusCode::FORBIDDEN);
        }
        let query = form_urlencoded::parse(uri.query().unwrap_or("").as_bytes());
        let form = form_urlencoded::parse(body);
        Ok(Self(query.into_owned().chain(form.into_owned()).collect()))
    }

    /// The field's first value; empty where it is missing.
    fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value.trim())
    }

    fn call_id(&self) -> Result<String, StatusCode> {
        let given = ["call", "uuid"].map(|name| self.get(name));
        let given = given.into_iter().find(|id| !id.is_empty());
        given.and_then(call_name).ok_or(StatusCode::BAD_REQUEST)
    }
}

/// A PBX's name for a call as one that is fit for logs and folders: Asterisk's has a dot
/// (`1795366837.17`).
pub fn call_name(text: &str) -> Option<String> {
    let text = text.replace('.', "-");
    name(&text).map(str::to_owned)
}

/// A call is about to come: answers the UUID under which its media socket may open, the given one or a
/// new one. The UUID is the secret that opens the socket, once, within a minute.
async fn announce(
    State(desk): State<Desk>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<String, StatusCode> {
    let fields = Fields::checked(&desk, &uri, &headers, &body)?;
    let id = match fields.call_id() {
        Ok(id) => id,
        Err(_) if fields.get("call").is_empty() && fields.get("uuid").is_empty() => random_uuid(),
        Err(status) => return Err(status),
    };
    let caller: Option<E164> = fields.get("caller").parse().ok();
    invite(&desk, &id, caller);
    tracing::info!(call = id, channel = fields.get("channel"), "call announced");
    Ok(id)
}

/// Announces a call; one that cannot be taken is noted, so that `next` sends it to a person.
fn invite(desk: &Desk, id: &str, caller: Option<E164>) {
    let calls = &desk.shared.calls;
    let refused = if desk.shared.stop.drain.is_cancelled() {
        Some(Refused::Full)
    } else {
        calls.invite(id, caller.clone(), Instant::now()).err()
    };
    match refused {
        None | Some(Refused::Live) => {}
        Some(refused @ (Refused::Full | Refused::Busy)) => {
            let handover = desk.shared.turned_away(desk.line, id, caller, refused);
            calls.turn_away(id, handover, Instant::now());
        }
    }
}

/// The bot has ended, or never came: `hangup`, or `dial NUMBER`. With `field`: that part of the handover,
/// on one line; empty where there is none.
async fn next(
    State(desk): State<Desk>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<String, StatusCode> {
    let fields = Fields::checked(&desk, &uri, &headers, &body)?;
    let (calls, call_id) = (&desk.shared.calls, fields.call_id()?);
    if !fields.get("field").is_empty() {
        let handover = calls.handover(&call_id);
        return Ok(handover.map_or(String::new(), |h| part(&h, fields.get("field"))));
    }
    let outcome = calls.outcome(&call_id);
    let number = desk.shared.human_line.as_ref();
    let answer = match (outcome, number) {
        (Some(Outcome::HangUp), _) => None,
        (_, Some(number)) => Some(format!("dial {}", number.as_str())),
        (_, None) => {
            tracing::warn!(
                call = call_id,
                "no human line is configured to hand the call over to"
            );
            None
        }
    };
    // Only a call that was handed over can come back.
    if answer.is_none() || outcome != Some(Outcome::HandOver) {
        calls.forget(&call_id);
    }
    let answer = answer.unwrap_or_else(|| "hangup".into());
    tracing::info!(call = call_id, ?outcome, answer, "what is next");
    Ok(answer)
}

/// A part of the handover in one line of text, without what has a meaning in dialplans.
fn part(handover: &Handover, field: &str) -> String {
    let text = match field {
        "whisper" => handover.whisper(),
        _ => {
            let mut parameters = handover.parameters().into_iter();
            let found = parameters.find(|(name, _)| *name == field);
            found.map_or(String::new(), |(_, value)| value)
        }
    };
    let plain = |c: char| match c {
        ',' | ';' | '"' | '\\' | '$' | '{' | '}' | '&' | '|' => ' ',
        c if c.is_control() => ' ',
        c => c,
    };
    text.chars().map(plain).take(400).collect()
}

/// The transfer has ended, with `status` as in Asterisk's `DIALSTATUS`: `hangup` when somebody answered or
/// the caller is gone, `back` when the bot takes the caller again, under the same name.
async fn dialed(
    State(desk): State<Desk>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<String, StatusCode> {
    let fields = Fields::checked(&desk, &uri, &headers, &body)?;
    let (calls, call_id) = (&desk.shared.calls, fields.call_id()?);
    let status = fields.get("status").to_ascii_uppercase();
    let over = matches!(
        status.as_str(),
        "ANSWER" | "ANSWERED" | "SUCCESS" | "COMPLETED" | "GONE" | "CANCEL" | "NORMAL_CLEARING"
    );
    let known = calls.handover(&call_id).is_some();
    let closing = desk.shared.stop.drain.is_cancelled();
    tracing::info!(call = call_id, status, "transfer ended");
    if over || closing || !known {
        calls.forget(&call_id);
        return Ok("hangup".into());
    }
    invite(&desk, &call_id, None);
    Ok("back".into())
}

/// A UUID of version 4.
pub fn random_uuid() -> String {
    let mut id = [0; 16];
    getrandom::fill(&mut id).expect("the system has a source of randomness");
    id[6] = id[6] & 0x0f | 0x40;
    id[8] = id[8] & 0x3f | 0x80;
    super::asterisk::audiosocket::written(&id)
}
