//! What we answer to Vonage's webhooks: NCCO documents. Decides their wording; which one a call gets is
//! decided in `webhook`. Numbers stand there without `+`.

use super::codec::RATE_HZ;
use crate::line::e164::E164;
use crate::line::warm::KEY_S;
use crate::line::words::Words;
use serde_json::{Value, json};

/// How long a person's telephone rings before the caller comes back to the bot, in s.
const RING_S: u32 = 20;

/// A number as Vonage writes it: digits only.
pub fn digits(number: &str) -> &str {
    number.trim_start_matches('+')
}

/// An answer that connects the call to the media socket.
#[derive(Clone, Debug)]
pub struct Socket<'a> {
    /// `wss://…`.
    pub uri: &'a str,
    /// Asked when the socket has closed or could not be opened; its answer is what the call does next.
    pub event_url: &'a str,
    /// Binds the socket to this call, once.
    pub call_id: &'a str,
    pub token: &'a str,
    /// Our own number, as it was called.
    pub from: Option<&'a str>,
}

/// Connects the call to the bot.
pub fn socket(socket: &Socket<'_>) -> Value {
    let mut connect = json!({
        "action": "connect",
        "eventType": "synchronous",
        "eventUrl": [socket.event_url],
        "eventMethod": "POST",
        "endpoint": [{
            "type": "websocket",
            "uri": socket.uri,
            "content-type": format!("audio/l16;rate={RATE_HZ}"),
            // At most 512 bytes; they come back in the socket's first message.
            "headers": {"call": socket.call_id, "token": socket.token},
        }],
    });
    if let Some(from) = socket.from {
        connect["from"] = digits(from).into();
    }
    json!([connect])
}

/// An answer that rings a person.
#[derive(Clone, Debug)]
pub struct Person<'a> {
    pub number: &'a E164,
    /// Our own number, which the person sees.
    pub from: Option<&'a str>,
    /// Told how it goes; its answer is what the call does next. None: the call ends with the attempt.
    pub event_url: Option<&'a str>,
    /// Asked for what the person hears before the caller is joined.
    pub whisper_url: Option<&'a str>,
}

/// Rings a person.
pub fn person(person: &Person<'_>) -> Value {
    let mut endpoint = json!({"type": "phone", "number": digits(person.number.as_str())});
    if let Some(url) = person.whisper_url {
        endpoint["onAnswer"] = json!({"url": url});
    }
    let mut connect = json!({"action": "connect", "timeout": RING_S, "endpoint": [endpoint]});
    if let Some(url) = person.event_url {
        connect["eventType"] = "synchronous".into();
        connect["eventUrl"] = json!([url]);
        connect["eventMethod"] = "POST".into();
    }
    if let Some(from) = person.from {
        connect["from"] = digits(from).into();
    }
    json!([connect])
}

/// What the person hears who has picked up, and where the key goes, or that there was none.
pub fn ask(story: &str, key_url: &str, words: &Words) -> Value {
    // Twice: who has just picked up misses the beginning.
    let told = format!("{story} {}", words.press_one);
    json!([
        {"action": "talk", "text": format!("{told} {told}"), "language": words.locale, "bargeIn": true},
        {
            "action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 1, "timeOut": KEY_S},
            "eventUrl": [key_url], "eventMethod": "POST",
        },
    ])
}

/// Brings a leg into the conversation where caller and person meet, which ends when either leaves.
pub fn room(name: &str) -> Value {
    json!([{"action": "conversation", "name": name, "startOnEnter": true, "endOnExit": true}])
}

/// Says something; the call ends with it where nothing follows.
pub fn talk(text: &str, words: &Words) -> Value {
    json!([{"action": "talk", "text": text, "language": words.locale}])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_s_headers_fit_and_numbers_have_no_plus() {
        let token = "t".repeat(43);
        let ncco = socket(&Socket {
            uri: "wss://bot.example.com/vonage/media",
            event_url: "https://bot.example.com/vonage/after?call=CON-1",
            call_id: "CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
            token: &token,
            from: Some("+15551230000"),
        });
        let connect = &ncco[0];
        assert_eq!(connect["from"], "15551230000");
        assert_eq!(connect["eventType"], "synchronous");
        let endpoint = &connect["endpoint"][0];
        assert_eq!(endpoint["content-type"], "audio/l16;rate=16000");
        assert!(endpoint["headers"].to_string().len() <= 512);
    }

    #[test]
    fn a_person_rings_for_a_while_and_then_we_are_asked() {
        let number = "+15557654321".parse().expect("valid");
        let mut wanted = Person {
            number: &number,
            from: None,
            event_url: Some("https://bot.example.com/vonage/dialed"),
            whisper_url: Some("https://bot.example.com/vonage/whisper"),
        };
        let ncco = person(&wanted);
        let expected = json!([{
            "action": "connect", "timeout": 20, "eventType": "synchronous", "eventMethod": "POST",
            "eventUrl": ["https://bot.example.com/vonage/dialed"],
            "endpoint": [{
                "type": "phone", "number": "15557654321",
                "onAnswer": {"url": "https://bot.example.com/vonage/whisper"},
            }],
        }]);
        assert_eq!(ncco, expected);
        wanted.event_url = None;
        assert!(person(&wanted)[0].get("eventType").is_none());
    }
}
