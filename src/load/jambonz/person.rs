//! The leg of a person whom the server calls over REST while the caller's stream is open. Its hooks are
//! webhooks.

use super::Call;
use crate::load::LoadError;
use crate::load::dialect::{Dial, DialStatus, Next, Ordered, Person};
use crate::load::rest::{Order, Reply};
use serde_json::{Value, json};

/// Such a leg.
pub struct SecondLeg {
    sid: String,
    /// Asked when the person picks up.
    call_hook: String,
    /// Told what happens to the leg.
    status_hook: String,
    /// Where the person waits.
    pub room: Option<String>,
}

/// What jambonz answers to an order.
pub fn answer(order: &Order) -> Reply {
    match sid(&order.json()) {
        Some(sid) => Reply::json(201, &json!({ "sid": sid })),
        None => Reply::json(202, &Value::Null),
    }
}

fn sid(body: &Value) -> Option<String> {
    let (_, query) = body["call_hook"]["url"].as_str()?.split_once("?call=")?;
    Some(query.replace("&leg=", "-"))
}

impl Call {
    /// The server has a person called.
    pub(super) fn rings(&mut self, order: &Order) -> Result<Ordered, LoadError> {
        let body = order.json();
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        self.leg = Some(SecondLeg {
            sid: sid(&body).unwrap_or_default(),
            call_hook: text(&body["call_hook"]["url"]),
            status_hook: text(&body["call_status_hook"]["url"]),
            room: None,
        });
        Ok(Ordered::Dial(Dial {
            to: text(&body["to"]["number"]),
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
            DialStatus::NoAnswer => "no-answer",
            DialStatus::Failed | DialStatus::Canceled => "failed",
        };
        if status == DialStatus::Completed {
            let told = self.leg_news(&leg, &leg.call_hook, json!({})).await?;
            let said = told[0]["say"]["text"].as_str().unwrap_or("");
            let hook = told[0]["actionHook"].as_str().unwrap_or("");
            if said.is_empty() || hook.is_empty() {
                return Err(LoadError::Answer(format!(
                    "the person hears no story: {told}"
                )));
            }
            if let Some(key) = self.person.key() {
                let next = self.leg_news(&leg, hook, json!({ "digits": key })).await?;
                if next[0]["verb"] == "conference" && next[0]["startConferenceOnEnter"] == false {
                    let news = next[0]["statusHook"].as_str().unwrap_or("");
                    self.leg_news(&leg, news, json!({"event": "join"})).await?;
                    leg.room = next[0]["name"].as_str().map(str::to_owned);
                }
            }
        }
        if leg.room.is_none() || self.person == Person::Leaves {
            self.leg_news(&leg, &leg.status_hook, json!({ "call_status": ended }))
                .await?;
            return Ok(Next::Stay);
        }
        self.leg = Some(leg);
        Ok(Next::Stay)
    }

    async fn leg_news(&self, leg: &SecondLeg, url: &str, more: Value) -> Result<Value, LoadError> {
        let mut data =
            json!({"call_sid": leg.sid, "direction": "outbound", "call_status": "in-progress"});
        for (name, value) in more.as_object().into_iter().flatten() {
            data[name] = value.clone();
        }
        self.post(url, &data).await
    }
}
