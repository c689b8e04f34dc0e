//! What we tell jambonz: arrays of verbs. Decides their wording; which ones a call gets is decided in `desk`.

use crate::dialogue::Handover;
use crate::line::e164::E164;
use crate::line::words::Words;
use serde_json::{Map, Value, json};

/// How long a person's telephone rings before the caller comes back to the bot, in s.
const RING_S: u32 = 20;
/// How long a person who has answered may think about taking the call, in s.
const CONFIRM_S: u32 = 10;
/// The telephone's rate, Hz. At another the resampler of jambonz may lose marks.
const RATE_HZ: u32 = 8_000;

/// What the settings want of a transfer.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// By SIP REFER, instead of a call of jambonz's own.
    pub refer: bool,
    /// Our number, which the person sees; none: the caller's.
    pub caller_id: Option<String>,
}

/// Brings the call to the media socket.
#[derive(Clone, Debug)]
pub struct Listen<'a> {
    /// `wss://…`.
    pub url: &'a str,
    /// Asked when the socket has closed.
    pub hook: &'a str,
    /// Binds the socket to this call, once.
    pub token: &'a str,
    /// What the socket shows as `Authorization: Basic`.
    pub password: Option<&'a str>,
}

/// The verb `listen`, with sound in both ways.
pub fn listen(listen: &Listen<'_>) -> Value {
    let mut verb = json!({
        "verb": "listen",
        "url": listen.url,
        "actionHook": listen.hook,
        "mixType": "mono",
        "sampleRate": RATE_HZ,
        "passDtmf": true,
        "metadata": {"token": listen.token},
        "bidirectionalAudio": {"enabled": true, "streaming": true, "sampleRate": RATE_HZ},
    });
    if let Some(password) = listen.password {
        verb["wsAuth"] = json!({"username": "attendant", "password": password});
    }
    verb
}

/// A transfer.
#[derive(Clone, Debug)]
pub struct Transfer<'a> {
    pub wishes: &'a Wishes,
    pub number: &'a E164,
    /// Why, where that is known.
    pub handover: Option<&'a Handover>,
    /// Asked how it went; none: the call ends with the attempt.
    pub hook: Option<&'a str>,
    /// Asked what the person hears; none: nothing.
    pub confirm_hook: Option<&'a str>,
}

/// The verb `dial`: a person's telephone rings.
pub fn dial(transfer: &Transfer<'_>) -> Value {
    let mut verb = json!({
        "verb": "dial",
        "answerOnBridge": true,
        "timeout": RING_S,
        "target": [{"type": "phone", "number": transfer.number.as_str()}],
    });
    if let Some(caller_id) = &transfer.wishes.caller_id {
        verb["callerId"] = caller_id.as_str().into();
    }
    if let Some(hook) = transfer.confirm_hook {
        verb["confirmHook"] = hook.into();
    }
    with_hook_and_headers(verb, transfer)
}

/// The verb `sip:refer`: the carrier is to bring the caller to the person.
pub fn refer(transfer: &Transfer<'_>) -> Value {
    let verb = json!({"verb": "sip:refer", "referTo": transfer.number.as_str()});
    with_hook_and_headers(verb, transfer)
}

fn with_hook_and_headers(mut verb: Value, transfer: &Transfer<'_>) -> Value {
    if let Some(hook) = transfer.hook {
        verb["actionHook"] = hook.into();
    }
    let headers = headers(transfer.handover);
    if !headers.is_empty() {
        verb["headers"] = Value::Object(headers);
    }
    verb
}

/// The parts of the handover that travel with the call: `X-Handover-Reason` and so on. A SIP header holds
/// ASCII without surprises: values are percent-encoded (UTF-8).
fn headers(handover: Option<&Handover>) -> Map<String, Value> {
    let parameters = handover.map(Handover::parameters).unwrap_or_default();
    let header = |(name, value): (&str, String)| {
        let mut name = name.to_owned();
        name[..1].make_ascii_uppercase();
        (format!("X-Handover-{name}"), encoded(&value).into())
    };
    parameters.into_iter().map(header).collect()
}

fn encoded(value: &str) -> String {
    let form: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    form.replace('+', "%20")
}

/// What a person hears who has answered: the story, and the key that takes the call. What is pressed goes
/// to `hook`; verbs that end without a hang-up join the two.
pub fn confirm(story: &str, hook: &str, words: &Words) -> Value {
    // Twice: who has just picked up misses the beginning.
    let told = format!("{story} {}", words.press_one);
    json!({
        "verb": "gather",
        "input": ["digits"],
        "numDigits": 1,
        "timeout": CONFIRM_S,
        "actionHook": hook,
        "say": {"text": format!("{told} {told}")},
    })
}

/// The verb `conference`: the room where caller and person meet; it ends when either leaves. With `hook`,
/// which is told who joins, it is the first one, who waits for the other.
pub fn room(name: &str, hook: Option<&str>) -> Value {
    let mut verb = json!({
        "verb": "conference",
        "name": name,
        "startConferenceOnEnter": hook.is_none(),
        "endConferenceOnExit": true,
    });
    if let Some(hook) = hook {
        verb["statusHook"] = hook.into();
        verb["statusEvents"] = json!(["join"]);
    }
    verb
}

/// Says something in jambonz's own voice.
pub fn say(text: &str) -> Value {
    json!({"verb": "say", "text": text})
}

/// Ends the call.
pub fn hang_up() -> Value {
    json!({"verb": "hangup"})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::Reason;

    #[test]
    fn listening_asks_for_marks_that_work() {
        let verb = listen(&Listen {
            url: "wss://bot.example.com/jambonz/audio",
            hook: "/jambonz/after?call=1",
            token: "t",
            password: Some("s3cret"),
        });
        let both_ways = &verb["bidirectionalAudio"];
        assert_eq!(both_ways["streaming"], true, "else marks never come back");
        assert_eq!(both_ways["sampleRate"], verb["sampleRate"]);
        assert_eq!(verb["metadata"]["token"], "t");
        assert_eq!(verb["wsAuth"]["password"], "s3cret");
    }

    #[test]
    fn a_transfer_carries_the_packet_in_headers_that_are_ascii() {
        let handover = Handover::new(Reason::Requested, "Señora Ñ wants: a refund\r\nX-Evil: 1");
        let number = "+15557654321".parse().expect("valid");
        let wishes = Wishes {
            caller_id: Some("+15551230000".into()),
            ..Wishes::default()
        };
        let transfer = Transfer {
            wishes: &wishes,
            number: &number,
            handover: Some(&handover),
            hook: Some("/jambonz/dialed"),
            confirm_hook: None,
        };
        let verb = dial(&transfer);
        assert_eq!(verb["headers"]["X-Handover-Reason"], "requested");
        let summary = verb["headers"]["X-Handover-Summary"].as_str();
        let summary = summary.expect("a summary");
        assert!(
            summary.starts_with("Se%C3%B1ora%20%C3%91%20wants%3A"),
            "{summary}"
        );
        assert!(summary.is_ascii() && !summary.contains(['\r', '\n', ' ']));
        assert_eq!(
            (&verb["timeout"], &verb["callerId"]),
            (&20.into(), &"+15551230000".into())
        );
        let verb = refer(&transfer);
        assert_eq!(verb["referTo"], "+15557654321");
        assert_eq!(verb["headers"]["X-Handover-Reason"], "requested");
    }
}
