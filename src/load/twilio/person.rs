//! The leg of a person whom the server calls over REST while the caller's stream is open.

use super::Call;
use super::twiml::Verb;
use crate::load::LoadError;
use crate::load::dialect::{Dial, DialStatus, Next, Ordered, Person};
use crate::load::rest::{Order, Reply};
use serde_json::json;

/// Such a leg.
pub struct SecondLeg {
    sid: String,
    /// Asked when the person picks up.
    url: String,
    /// Told when the leg has ended.
    status: String,
    /// Where the person waits.
    pub room: Option<String>,
}

/// What Twilio answers to an order.
pub fn answer(order: &Order) -> Reply {
    match sid(order) {
        Some(sid) => Reply::json(201, &json!({ "sid": sid, "status": "queued" })),
        None => Reply::json(200, &json!({ "status": "completed" })),
    }
}

fn field(order: &Order, name: &str) -> String {
    let mut form = order.form().into_iter();
    form.find_map(|(n, value)| (n == name).then_some(value))
        .unwrap_or_default()
}

/// The name of the leg that is ordered; none where it is another order.
fn sid(order: &Order) -> Option<String> {
    if !order.path.ends_with("/Calls.json") {
        return None;
    }
    let url = field(order, "Url");
    let (_, query) = url.split_once('?')?;
    Some(format!("P{}", query.replace(['=', '&'], "-")))
}

impl Call {
    /// The server has a person called.
    pub(super) fn rings(&mut self, order: &Order) -> Result<Ordered, LoadError> {
        let sid = sid(order).ok_or_else(|| LoadError::Answer("an order of no sense".into()))?;
        if field(order, "From") != self.caller.to {
            return Err(LoadError::Answer(
                "21210: a caller id of somebody else".into(),
            ));
        }
        self.leg = Some(SecondLeg {
            sid,
            url: field(order, "Url"),
            status: field(order, "StatusCallback"),
            room: None,
        });
        Ok(Ordered::Dial(Dial {
            to: field(order, "To"),
            carries: Vec::new(),
        }))
    }

    /// The telephone has rung: what the person does.
    pub(super) async fn second_leg(&mut self, status: DialStatus) -> Result<Next, LoadError> {
        let Some(leg) = self.leg.take() else {
            return Ok(Next::Stay);
        };
        let ended = match status {
            DialStatus::Completed => "completed",
            DialStatus::Busy => "busy",
            DialStatus::NoAnswer => "no-answer",
            DialStatus::Failed => "failed",
            DialStatus::Canceled => "canceled",
        };
        let own = [("CallSid", leg.sid.as_str())];
        let mut room = None;
        if status == DialStatus::Completed {
            let Verb::Gather { action } = self.post(&leg.url, "in-progress", &own).await? else {
                return Err(LoadError::Answer("the person hears no story".into()));
            };
            let key = match self.person {
                Person::Accepts | Person::Leaves => "1",
                Person::Declines => "2",
                Person::HangsUp => "",
            };
            if !key.is_empty() {
                let keyed = [own[0], ("Digits", key)];
                room = match self.post(&action, "in-progress", &keyed).await? {
                    Verb::Conference {
                        name,
                        news: Some(news),
                        starts: false,
                    } => Some((name, news)),
                    _ => None,
                };
            }
        }
        if let Some((_, news)) = &room {
            let joins = [own[0], ("StatusCallbackEvent", "participant-join")];
            self.tell(news, "", &joins).await?;
        }
        if room.is_none() || self.person == Person::Leaves {
            self.tell(&leg.status, ended, &own).await?;
            return Ok(Next::Stay);
        }
        let room = room.map(|(name, _)| name);
        self.leg = Some(SecondLeg { room, ..leg });
        Ok(Next::Stay)
    }

    async fn tell(&self, url: &str, status: &str, more: &[(&str, &str)]) -> Result<(), LoadError> {
        self.ask_for(url, status, more).await.map(|_| ())
    }
}
