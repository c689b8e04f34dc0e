//! jambonz's control socket (subprotocol `ws.jambonz.org`): one per call, JSON texts. jambonz asks, we
//! acknowledge with verbs, at once; it drops a call that waits 5 s.

use super::desk::{Asked, Desk, Way};
use crate::line::media::LONGEST_MESSAGE;
use crate::line::warm::LegId;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// What jambonz offers, and wants to be answered with.
pub const SUBPROTOCOL: &str = "ws.jambonz.org";
/// Time from the upgrade to the first message that makes sense.
const START_TIMEOUT: Duration = Duration::from_secs(5);
/// Messages without sense after which the socket is closed.
const BAD_MESSAGES: u32 = 20;

/// Answers a checked upgrade request.
pub fn open(upgrade: WebSocketUpgrade, desk: Desk) -> Result<Response, StatusCode> {
    let seat = Arc::clone(&desk.shared.sockets)
        .try_acquire_owned()
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(upgrade
        .protocols([SUBPROTOCOL])
        .max_message_size(LONGEST_MESSAGE)
        .max_frame_size(LONGEST_MESSAGE)
        .on_upgrade(move |socket| async move {
            run(socket, &desk).await;
            drop(seat);
        }))
}

/// Answers until jambonz closes: it does so when the call is over.
async fn run(mut socket: WebSocket, desk: &Desk) {
    let start = Instant::now() + START_TIMEOUT;
    let (mut bad, mut begun) = (0, false);
    loop {
        let message = tokio::select! {
            biased;
            () = desk.shared.evict.cancelled() => return close(socket, close_code::AWAY, "closing").await,
            message = async {
                if begun { Ok(socket.recv().await) } else { timeout_at(start, socket.recv()).await }
            } => message,
        };
        let text = match message {
            Err(_) => return close(socket, close_code::POLICY, "no session").await,
            Ok(Some(Ok(Message::Text(text)))) => text,
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => continue,
            Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) => return,
            // Texts only.
            Ok(Some(Ok(Message::Binary(_)))) => "".into(),
        };
        match answer(&text, desk) {
            Some(answers) => {
                begun = true;
                for answer in answers {
                    if socket
                        .send(Message::Text(answer.to_string().into()))
                        .await
                        .is_err()
                    {
                        return;
                    }
                }
            }
            None => bad += 1,
        }
        if bad == BAD_MESSAGES {
            return close(socket, close_code::POLICY, "too many bad messages").await;
        }
    }
}

async fn close(mut socket: WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame {
        code,
        reason: reason.into(),
    };
    // A peer that is gone needs no goodbye.
    let _ = socket.send(Message::Close(Some(frame))).await;
}

/// What we send after this message; none where it makes no sense.
fn answer(text: &str, desk: &Desk) -> Option<Vec<Value>> {
    let message: Value = serde_json::from_str(text).ok()?;
    let kind = message["type"].as_str()?;
    // Newer versions put the call's name beside the data only.
    let mut data = message["data"].clone();
    if data["call_sid"].is_null() && !message["call_sid"].is_null() {
        if !data.is_object() {
            data = json!({});
        }
        data["call_sid"] = message["call_sid"].clone();
    }
    let hook = message["hook"].as_str().unwrap_or("");
    let (path, query) = hook.split_once('?').unwrap_or((hook, ""));
    let call = form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "call").then(|| value.into_owned()));
    let asked = |what| Asked {
        what,
        call: call.as_deref(),
        leg: LegId::parse(query),
        data: &data,
        way: Way::Control,
    };
    let ack = |verbs: Option<Value>| {
        let mut ack = json!({"type": "ack", "msgid": message["msgid"]});
        if let Some(verbs) = verbs.filter(|verbs| verbs.as_array().is_none_or(|v| !v.is_empty())) {
            ack["data"] = verbs;
        }
        vec![ack]
    };
    Some(match kind {
        "session:new" => ack(Some(desk.answer(&asked("call"))?)),
        "session:reconnect" => {
            let mut answers = ack(None);
            if let Some(verbs) = desk.reconnected(&asked("call")) {
                answers.push(json!({
                    "type": "command", "command": "redirect", "queueCommand": false, "data": verbs,
                }));
            }
            answers
        }
        "session:redirect" | "verb:hook" | "dial:confirm" => {
            let what = path.rsplit('/').next().unwrap_or("");
            let what = if what.is_empty() && kind == "dial:confirm" {
                "confirm"
            } else {
                what
            };
            // Somebody else's hook is acknowledged, too: jambonz waits.
            ack(desk.answer(&asked(what)))
        }
        "call:status" => {
            desk.answer(&asked("status"))?;
            vec![]
        }
        "jambonz:error" => {
            let error: String = data.to_string().chars().take(200).collect();
            tracing::warn!(error, "jambonz reports an error");
            vec![]
        }
        // `verb:status` and whatever comes with newer versions.
        _ => vec![],
    })
}
