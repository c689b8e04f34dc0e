//! The leg of a person whom the server calls over REST while the caller's stream is open.

use super::Call;
use super::ncco::{self, Action};
use crate::load::LoadError;
use crate::load::dialect::{Dial, DialStatus, Next, Ordered, Person};
use crate::load::rest::{Order, Reply};
use serde_json::{Value, json};

/// Such a leg.
pub struct SecondLeg {
    uuid: String,
    /// Asked when the person picks up.
    answer_url: String,
    /// Told what happens to the leg.
    event_url: String,
    /// Where the person waits.
    pub room: Option<String>,
}

/// What Vonage answers to an order.
pub fn answer(order: &Order) -> Reply {
    let token = order.header("authorization");
    if token.split('.').count() != 3 || !token.starts_with("Bearer ") {
        return Reply::json(401, &json!({"title": "Unauthorized"}));
    }
    match uuid(&order.json()) {
        Some(uuid) => Reply::json(201, &json!({"uuid": uuid, "status": "started"})),
        None => Reply::json(204, &Value::Null),
    }
}

fn uuid(body: &Value) -> Option<String> {
    let (_, query) = body["answer_url"][0].as_str()?.split_once("?call=")?;
    Some(query.replace("&leg=", "-"))
}

impl Call {
    /// The server has a person called.
    pub(super) fn rings(&mut self, order: &Order) -> Result<Ordered, LoadError> {
        let body = order.json();
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        if text(&body["from"]["number"]) != self.caller.to[1..] {
            return Err(LoadError::Answer("a caller id of somebody else".into()));
        }
        self.leg = Some(SecondLeg {
            uuid: uuid(&body).unwrap_or_default(),
            answer_url: text(&body["answer_url"][0]),
            event_url: text(&body["event_url"][0]),
            room: None,
        });
        Ok(Ordered::Dial(Dial {
            to: format!("+{}", text(&body["to"][0]["number"])),
            carries: Vec::new(),
        }))
    }

    /// The telephone has rung: what the person does.
    pub(super) async fn second_leg(&mut self, status: DialStatus) -> Result<Next, LoadError> {
        let Some(mut leg) = self.leg.take() else {
            return Ok(Next::Stay);
        };
        let ended = match status {
            DialStatus::Completed => "completed",
            DialStatus::Busy => "busy",
            DialStatus::NoAnswer => "unanswered",
            DialStatus::Failed => "failed",
            DialStatus::Canceled => "cancelled",
        };
        if status == DialStatus::Completed {
            let asked = self.leg_news(&leg, &leg.answer_url, json!({})).await?;
            let asked: Value = serde_json::from_str(&asked).unwrap_or_default();
            let key_url = asked[1]["eventUrl"][0].as_str();
            let (Some(key_url), "talk", "input") = (
                key_url,
                asked[0]["action"].as_str().unwrap_or(""),
                asked[1]["action"].as_str().unwrap_or(""),
            ) else {
                return Err(LoadError::Answer(format!(
                    "the person hears no story: {asked}"
                )));
            };
            if let Some(key) = self.person.key() {
                let dtmf = json!({"dtmf": {"digits": key, "timed_out": false}});
                let next = self.leg_news(&leg, key_url, dtmf).await?;
                if next != "[]"
                    && let Some(Action::Conversation(name)) =
                        ncco::parse(&next).map_err(LoadError::Answer)?
                {
                    leg.room = Some(name);
                }
            }
        }
        if leg.room.is_none() || self.person == Person::Leaves {
            self.leg_news(&leg, &leg.event_url, json!({ "status": ended }))
                .await?;
            return Ok(Next::Stay);
        }
        self.leg = Some(leg);
        Ok(Next::Stay)
    }

    async fn leg_news(&self, leg: &SecondLeg, url: &str, more: Value) -> Result<String, LoadError> {
        let mut body = json!({
            "uuid": leg.uuid, "conversation_uuid": "CON-of-the-person", "direction": "outbound",
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.post_json(url, body.to_string()).await
    }
}
