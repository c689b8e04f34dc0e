//! The leg of a person whom the server calls over REST while the caller's stream is open.

use super::Call;
use super::xml::{self, Element};
use crate::load::LoadError;
use crate::load::dialect::{Dial, DialStatus, Next, Ordered, Person};
use crate::load::rest::{Order, Reply};
use serde_json::json;

/// Such a leg.
pub struct SecondLeg {
    /// Asked when the person picks up.
    answer_url: String,
    /// Told when the leg has ended.
    hangup_url: String,
    /// Where the person waits.
    pub room: Option<String>,
}

/// What Plivo answers to the order to call somebody; none where it is another.
pub fn answer(order: &Order) -> Option<Reply> {
    let body = order.json();
    let (_, query) = body["answer_url"].as_str()?.split_once("?call=")?;
    let made = json!({"request_uuid": query.replace("&leg=", "-"), "message": "call fired"});
    (order.method == "POST").then(|| Reply::json(201, &made))
}

impl Call {
    /// The server has a person called.
    pub(super) fn rings(&mut self, order: &Order) -> Result<Ordered, LoadError> {
        let body = order.json();
        let text = |name: &str| body[name].as_str().unwrap_or("").to_owned();
        if text("from") != self.caller.to[1..] {
            return Err(LoadError::Answer("a caller id of somebody else".into()));
        }
        self.leg = Some(SecondLeg {
            answer_url: text("answer_url"),
            hangup_url: text("hangup_url"),
            room: None,
        });
        Ok(Ordered::Dial(Dial {
            to: format!("+{}", text("to")),
            carries: Vec::new(),
        }))
    }

    /// The telephone has rung: what the person does.
    pub(super) async fn second_leg(&mut self, status: DialStatus) -> Result<Next, LoadError> {
        let Some(mut leg) = self.leg.take() else {
            return Ok(Next::Stay);
        };
        if status == DialStatus::Completed {
            let asked = xml::parse(&self.post(&leg.answer_url, &[]).await?);
            let asked = asked.map_err(LoadError::Answer)?.pop_front();
            let Some(Element::GetDigits { text, action }) = asked else {
                return Err(LoadError::Answer("the person hears no story".into()));
            };
            let key = match self.person {
                Person::Accepts | Person::Leaves => "1",
                Person::Declines => "2",
                Person::HangsUp => "",
            };
            if !text.contains('1') {
                return Err(LoadError::Answer(format!(
                    "nobody is told which key: {text}"
                )));
            }
            if !key.is_empty() {
                let next = xml::parse(&self.post(&action, &[("Digits", key)]).await?);
                let next = next.map_err(LoadError::Answer)?.pop_front();
                if let Some(Element::Conference {
                    name,
                    news: Some(news),
                    starts: false,
                }) = next
                {
                    self.post(&news, &[("ConferenceAction", "enter")]).await?;
                    leg.room = Some(name);
                }
            }
        }
        if leg.room.is_none() || self.person == Person::Leaves {
            self.post(&leg.hangup_url, &[("CallStatus", "completed")])
                .await?;
            return Ok(Next::Stay);
        }
        self.leg = Some(leg);
        Ok(Next::Stay)
    }
}
