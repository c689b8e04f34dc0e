//! Verbs as jambonz runs them, one after the other.

use crate::load::dialect::{Dial, Next, Open};
use crate::load::webhook;
use serde_json::Value;
use std::collections::VecDeque;

/// The verbs of a call.
#[derive(Default)]
pub struct Verbs {
    waiting: VecDeque<Value>,
    /// Asked when the verb that runs has ended.
    pub hook: Option<String>,
    /// Asked when a person has answered.
    pub confirm_hook: Option<String>,
    /// The verb that runs is a REFER.
    pub refers: bool,
    /// The room that the call is in.
    pub room: Option<String>,
    /// Of the last `listen`.
    pub metadata: Value,
}

impl Verbs {
    /// New verbs instead of what is left.
    ///
    /// # Errors
    /// When they are no array.
    pub fn begin(&mut self, verbs: Value) -> Result<(), String> {
        match verbs {
            Value::Array(verbs) => self.waiting = verbs.into(),
            other => return Err(format!("no verbs: {other}")),
        }
        Ok(())
    }

    /// Runs verbs up to one that takes its time.
    ///
    /// # Errors
    /// Why jambonz would refuse one.
    pub fn next(&mut self) -> Result<Next, String> {
        (self.hook, self.confirm_hook, self.refers) = (None, None, false);
        while let Some(verb) = self.waiting.pop_front() {
            let hook = |name: &str| verb[name].as_str().map(str::to_owned);
            match verb["verb"].as_str() {
                Some("answer" | "say") => {}
                Some("hangup") => return Ok(Next::Over),
                Some("listen") => {
                    self.hook = hook("actionHook");
                    self.metadata = verb["metadata"].clone();
                    return listen(&verb).map(Next::Stream);
                }
                Some("dial") => {
                    (self.hook, self.confirm_hook) = (hook("actionHook"), hook("confirmHook"));
                    let number = &verb["target"][0]["number"];
                    return dial(number, &verb).map(Next::Dial);
                }
                Some("conference") => {
                    let both = [
                        &verb["startConferenceOnEnter"],
                        &verb["endConferenceOnExit"],
                    ];
                    if both.iter().any(|flag| flag.as_bool() != Some(true)) {
                        return Err("who comes second starts it, and nobody stays alone".into());
                    }
                    self.room = hook("name");
                    return Ok(Next::Over);
                }
                Some("sip:refer") => {
                    (self.hook, self.refers) = (hook("actionHook"), true);
                    return dial(&verb["referTo"], &verb).map(Next::Dial);
                }
                other => return Err(format!("no such verb: {other:?}")),
            }
        }
        Ok(Next::Over)
    }
}

fn dial(number: &Value, verb: &Value) -> Result<Dial, String> {
    let mut carries = Vec::new();
    for (name, value) in verb["headers"].as_object().into_iter().flatten() {
        let value = value
            .as_str()
            .filter(|value| value.bytes().all(|b| b.is_ascii_graphic()));
        carries.push((name.clone(), value.ok_or("no SIP header")?.to_owned()));
    }
    Ok(Dial {
        to: number.as_str().ok_or("nobody to call")?.to_owned(),
        carries,
    })
}

fn listen(verb: &Value) -> Result<Open, String> {
    let both_ways = &verb["bidirectionalAudio"];
    if both_ways["enabled"] != true || both_ways["streaming"] != true {
        return Err("without streaming there are no marks".into());
    }
    if verb["sampleRate"] != 8000 || both_ways["sampleRate"] != 8000 {
        return Err("at another rate than the line's marks get lost".into());
    }
    let mut headers = Vec::new();
    if let Some(auth) = verb["wsAuth"].as_object() {
        let word = |name: &str| auth[name].as_str().unwrap_or("").to_owned();
        let basic = webhook::basic(&word("username"), &word("password"));
        headers.push(("authorization".to_owned(), basic));
    }
    Ok(Open::WebSocket {
        url: verb["url"].as_str().ok_or("no URL")?.to_owned(),
        headers,
        subprotocols: vec!["audio.jambonz.org".to_owned()],
    })
}
