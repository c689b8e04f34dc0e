//! Which verbs a call gets when jambonz asks: at its start, after the media socket, after a transfer. The
//! same for the control socket and for webhooks; only the hooks' addresses differ.

use super::verbs::{self, Transfer};
use super::{Jambonz, PROVIDER};
use crate::line::calls::Token;
use crate::line::e164::E164;
use crate::line::provider::name;
use crate::line::server::Shared;
use crate::line::verdict::{self, Verdict};
use crate::line::warm::{self, LegId};
use serde_json::{Value, json};
use std::sync::Arc;

/// How jambonz reaches our hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By the control socket: hooks are paths, and come back as they were given.
    Control,
    /// By HTTP: hooks are URLs.
    Webhook,
}

/// Who answers jambonz.
#[derive(Clone)]
pub struct Desk {
    pub jambonz: Arc<Jambonz>,
    pub shared: Arc<Shared>,
}

/// A question, by its hook.
pub struct Asked<'a> {
    /// The hook's last part: `call`, `after`, `dialed`, `referred`, `confirm`, `accepted`, `status`; of a
    /// person whom we called ourselves `person`, `person-key`, `person-status`, `room`.
    pub what: &'a str,
    /// Our name for the call, from the hook's query; none: jambonz's own.
    pub call: Option<&'a str>,
    /// The person's leg, where it is about one that we called ourselves.
    pub leg: Option<LegId>,
    pub data: &'a Value,
    pub way: Way,
}

impl Asked<'_> {
    /// The call's name where it is one.
    pub fn call_id(&self) -> Option<&str> {
        self.call
            .or_else(|| self.data["call_sid"].as_str())
            .and_then(name)
    }

    /// The caller has hung up.
    fn is_over(&self) -> bool {
        let status = self.data["call_status"].as_str().unwrap_or("");
        is_over(status)
    }
}

/// A call in this state has ended.
pub fn is_over(status: &str) -> bool {
    matches!(
        status,
        "completed" | "failed" | "busy" | "no-answer" | "canceled" | "cancelled"
    )
}

impl Desk {
    /// The verbs for a question; none where it is not one of ours.
    pub fn answer(&self, asked: &Asked<'_>) -> Option<Value> {
        let call_id = asked.call_id()?;
        let verbs = match asked.what {
            "call" => self.called(call_id, asked),
            "after" => self.after(call_id, asked),
            "dialed" => {
                let status = ["dial_call_status", "dial_status"]
                    .iter()
                    .find_map(|name| asked.data[*name].as_str());
                self.back(call_id, asked, status == Some("completed"))
            }
            "referred" => {
                let taken = |name: &str| match &asked.data[name] {
                    Value::Number(status) => status.as_u64(),
                    Value::String(status) => status.parse().ok(),
                    _ => None,
                };
                let accepted = taken("referStatus").or_else(|| taken("refer_status"));
                let reached = taken("final_referred_call_status");
                let is_2xx = |status: u64| (200..300).contains(&status);
                let taken = accepted.is_some_and(is_2xx) && reached.is_none_or(is_2xx);
                self.back(call_id, asked, taken)
            }
            "confirm" => self.confirm(call_id, asked),
            "accepted" if asked.data["digits"] == "1" => {
                self.shared.calls.accept(call_id);
                vec![]
            }
            "accepted" => vec![verbs::hang_up()],
            "status" => {
                if asked.is_over() {
                    warm::caller_gone(&self.shared, call_id);
                    self.shared.calls.forget(call_id);
                }
                vec![]
            }
            what => self.person(what, asked.leg.as_ref()?, asked)?,
        };
        Some(Value::Array(verbs))
    }

    /// A call whose control socket came back: it goes on, or, where this house does not know it, it begins
    /// anew.
    pub fn reconnected(&self, asked: &Asked<'_>) -> Option<Value> {
        let known = self.shared.calls.outcome(asked.call_id()?);
        known.is_none().then(|| self.answer(asked)).flatten()
    }

    fn hook(&self, way: Way, what: &str, call_id: &str) -> String {
        // Names need no encoding.
        let path = format!("/jambonz/{what}?call={call_id}");
        match way {
            Way::Control => path,
            Way::Webhook => self.shared.urls.webhook(&path),
        }
    }

    /// A call comes in.
    fn called(&self, call_id: &str, asked: &Asked<'_>) -> Vec<Value> {
        let number = |field: &str| asked.data[field].as_str().and_then(|n| n.parse().ok());
        let (from, to): (Option<E164>, _) = (number("from"), number("to"));
        match verdict::arrives(&self.shared, PROVIDER.name, call_id, from, to) {
            Verdict::Bot(token) => {
                // The last ones run where our hook cannot be reached.
                let listen = self.listen(call_id, &token, asked.way);
                let mut all = vec![json!({"verb": "answer"}), listen];
                all.append(&mut self.fallback());
                all
            }
            verdict => self.verbs(call_id, verdict, asked.way),
        }
    }

    /// The verdict as verbs.
    fn verbs(&self, call_id: &str, verdict: Verdict, way: Way) -> Vec<Value> {
        let words = self.shared.words;
        match verdict {
            Verdict::HangUp => vec![verbs::hang_up()],
            Verdict::Dial(transfer) => vec![self.transfer(call_id, &transfer, way)],
            Verdict::Join(leg) => vec![verbs::room(&leg.room(), None)],
            Verdict::Bot(token) => vec![self.listen(call_id, &token, way)],
            Verdict::Nobody => vec![verbs::say(words.nobody), verbs::hang_up()],
            Verdict::Fallback => self.fallback(),
        }
    }

    /// The verb that brings the call to a media socket.
    fn listen(&self, call_id: &str, token: &Token, way: Way) -> Value {
        verbs::listen(&verbs::Listen {
            url: &self.shared.urls.socket("/jambonz/audio"),
            hook: &self.hook(way, "after", call_id),
            token: token.as_str(),
            password: self.jambonz.password.as_deref(),
        })
    }

    /// The human line, or an apology: nobody of us is there afterwards.
    fn fallback(&self) -> Vec<Value> {
        match &self.shared.human_line {
            Some(number) => vec![verbs::dial(&Transfer {
                wishes: &self.jambonz.wishes,
                number,
                handover: None,
                hook: None,
                confirm_hook: None,
            })],
            None => vec![verbs::say(self.shared.words.sorry), verbs::hang_up()],
        }
    }

    /// The media socket has closed: what did the call decide?
    fn after(&self, call_id: &str, asked: &Asked<'_>) -> Vec<Value> {
        let verdict = verdict::after_stream(&self.shared, call_id, asked.is_over());
        self.verbs(call_id, verdict, asked.way)
    }

    fn transfer(&self, call_id: &str, transfer: &verdict::Transfer, way: Way) -> Value {
        let wishes = &self.jambonz.wishes;
        let what = if wishes.refer { "referred" } else { "dialed" };
        let hook = self.hook(way, what, call_id);
        let confirm_hook = self.hook(way, "confirm", call_id);
        let order = Transfer {
            wishes,
            number: &transfer.number,
            handover: transfer.handover.as_deref(),
            hook: transfer.stays.then_some(&hook),
            confirm_hook: transfer.whispers.then_some(&confirm_hook),
        };
        if wishes.refer {
            verbs::refer(&order)
        } else {
            verbs::dial(&order)
        }
    }

    /// A transfer has ended: did somebody take the call?
    fn back(&self, call_id: &str, asked: &Asked<'_>, talked: bool) -> Vec<Value> {
        // By REFER nobody is told anything beforehand.
        let told = !self.jambonz.wishes.refer;
        let taken = talked && (!told || verdict::is_taken(&self.shared, call_id, talked));
        let verdict = verdict::after_transfer(&self.shared, call_id, taken, asked.is_over());
        self.verbs(call_id, verdict, asked.way)
    }

    /// What happens to a person whom we called while the caller waits with the bot.
    fn person(&self, what: &str, leg: &LegId, asked: &Asked<'_>) -> Option<Vec<Value>> {
        let (warm, words) = (&self.shared.warm, self.shared.words);
        let hook = |what: &str| self.leg_hook(asked.way, what, leg);
        Some(match what {
            "person" => match warm.story(leg) {
                Some(story) => vec![
                    verbs::confirm(&story, &hook("person-key"), words),
                    verbs::hang_up(),
                ],
                None => vec![verbs::say(words.caller_gone), verbs::hang_up()],
            },
            "person-key" => {
                let keys = asked.data["digits"].as_str().unwrap_or("");
                match warm.key(leg, keys) {
                    true => vec![verbs::room(&leg.room(), Some(&hook("room")))],
                    false => vec![verbs::hang_up()],
                }
            }
            "room" => {
                if asked.data["event"] == "join" {
                    warm.there(leg);
                }
                vec![]
            }
            "person-status" => {
                if asked.is_over() {
                    warm.over(leg);
                }
                vec![]
            }
            _ => return None,
        })
    }

    /// A hook about a person's leg.
    pub fn leg_hook(&self, way: Way, what: &str, leg: &LegId) -> String {
        let path = format!("/jambonz/{what}?{}", leg.query());
        match way {
            Way::Control => path,
            Way::Webhook => self.shared.urls.webhook(&path),
        }
    }

    /// A person has answered: what is said before the caller is joined?
    fn confirm(&self, call_id: &str, asked: &Asked<'_>) -> Vec<Value> {
        let Some(handover) = self.shared.calls.handover(call_id) else {
            return vec![];
        };
        let hook = self.hook(asked.way, "accepted", call_id);
        vec![verbs::confirm(
            &handover.whisper(),
            &hook,
            self.shared.words,
        )]
    }
}
