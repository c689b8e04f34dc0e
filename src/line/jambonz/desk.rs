//! Which verbs a call gets when jambonz asks: at its start, after the media socket, after a transfer. The
//! same for the control socket and for webhooks; only the hooks' addresses differ.

use super::verbs::{self, Transfer};
use super::{Jambonz, PROVIDER};
use crate::dialogue::Handover;
use crate::line::calls::Outcome;
use crate::line::e164::E164;
use crate::line::provider::name;
use crate::line::server::Shared;
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
    /// The hook's last part: `call`, `after`, `dialed`, `referred`, `confirm`, `accepted`, `status`.
    pub what: &'a str,
    /// Our name for the call, from the hook's query; none: jambonz's own.
    pub call: Option<&'a str>,
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
                    self.shared.calls.forget(call_id);
                }
                vec![]
            }
            _ => return None,
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
        if self.shared.stop.drain.is_cancelled() {
            tracing::info!(call = call_id, "call not taken: the house is closing");
            return self.fallback();
        }
        let caller = asked.data["from"]
            .as_str()
            .and_then(|from| from.parse().ok());
        match self.listen(call_id, caller, asked.way) {
            Some(listen) => {
                // The last ones run where our hook cannot be reached.
                let mut all = vec![json!({"verb": "answer"}), listen];
                all.append(&mut self.fallback());
                all
            }
            None => self.fallback(),
        }
    }

    /// The verb that brings the call to a media socket; none where it cannot be taken.
    fn listen(&self, call_id: &str, caller: Option<E164>, way: Way) -> Option<Value> {
        let line = PROVIDER.line.name;
        let token = self.shared.invite(line, call_id, caller).ok()?;
        Some(verbs::listen(&verbs::Listen {
            url: &self.shared.urls.socket("/jambonz/audio"),
            hook: &self.hook(way, "after", call_id),
            token: token.as_str(),
            password: self.jambonz.password.as_deref(),
        }))
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
        let calls = &self.shared.calls;
        let outcome = calls.outcome(call_id);
        tracing::info!(call = call_id, ?outcome, "socket ended");
        if asked.is_over() {
            calls.forget(call_id);
            return vec![];
        }
        match (outcome, &self.shared.human_line) {
            (Some(Outcome::HangUp), _) => {
                calls.forget(call_id);
                vec![verbs::hang_up()]
            }
            (Some(Outcome::HandOver), Some(number)) => vec![self.transfer(call_id, number, asked)],
            (Some(Outcome::HandOver), None) => {
                tracing::warn!(
                    call = call_id,
                    "no human line is configured to hand the call over to: the bot goes on"
                );
                self.take_back(call_id, asked)
            }
            (Some(Outcome::Broken) | None, _) => {
                calls.forget(call_id);
                self.fallback()
            }
        }
    }

    fn transfer(&self, call_id: &str, number: &E164, asked: &Asked<'_>) -> Value {
        let wishes = &self.jambonz.wishes;
        let handover = self.shared.calls.handover(call_id);
        // A house that closes will not be there to hear whether somebody answered, or to whisper.
        let stays = !self.shared.stop.drain.is_cancelled();
        if !stays {
            self.shared.calls.forget(call_id);
        }
        let what = if wishes.refer { "referred" } else { "dialed" };
        let hook = self.hook(asked.way, what, call_id);
        let confirm_hook = self.hook(asked.way, "confirm", call_id);
        let whispers = self.whispers(handover.as_deref());
        let transfer = Transfer {
            wishes,
            number,
            handover: handover.as_deref(),
            hook: stays.then_some(&hook),
            confirm_hook: (stays && whispers).then_some(&confirm_hook),
        };
        if wishes.refer {
            verbs::refer(&transfer)
        } else {
            verbs::dial(&transfer)
        }
    }

    /// The person hears the story first, and takes the call with a key.
    fn whispers(&self, handover: Option<&Handover>) -> bool {
        let told = handover.is_some_and(|handover| !handover.whisper().is_empty());
        self.shared.whisper && !self.jambonz.wishes.refer && told
    }

    /// A transfer has ended: did somebody take the call?
    fn back(&self, call_id: &str, asked: &Asked<'_>, taken: bool) -> Vec<Value> {
        tracing::info!(call = call_id, taken, "transfer ended");
        let calls = &self.shared.calls;
        // Somebody may have answered without taking the call: a machine, say.
        let accepted = calls.is_accepted(call_id);
        let taken = taken && (accepted || !self.whispers(calls.handover(call_id).as_deref()));
        if taken || asked.is_over() {
            calls.forget(call_id);
            return vec![verbs::hang_up()];
        }
        self.take_back(call_id, asked)
    }

    /// Brings the caller back to the bot, or says that nobody is there.
    fn take_back(&self, call_id: &str, asked: &Asked<'_>) -> Vec<Value> {
        let listen = match self.shared.stop.drain.is_cancelled() {
            true => None,
            false => self.listen(call_id, None, asked.way),
        };
        match listen {
            Some(listen) => vec![listen],
            None => {
                self.shared.calls.forget(call_id);
                vec![verbs::say(self.shared.words.nobody), verbs::hang_up()]
            }
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
