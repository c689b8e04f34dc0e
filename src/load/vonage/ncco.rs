//! Answers of webhooks, as far as Vonage's part needs them: the first action, refused where Vonage would
//! refuse it.

use serde_json::Value;

/// Longest headers of a socket, as JSON, in bytes.
const LONGEST_HEADERS: usize = 512;

/// What the answer tells Vonage to do first.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Socket {
        uri: String,
        headers: Value,
        event_url: String,
    },
    Phone {
        number: String,
        event_url: Option<String>,
        whisper_url: Option<String>,
    },
    /// Joins the conversation of this name.
    Conversation(String),
    /// Says something, then ends the call.
    Talk(String),
}

/// Reads an NCCO; an empty answer is none.
///
/// # Errors
/// Why Vonage would not take it.
pub fn parse(text: &str) -> Result<Option<Action>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let ncco: Value = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
    let action = ncco.get(0).ok_or("no action")?;
    let word = |value: &Value| value.as_str().map(str::to_owned);
    match action["action"].as_str() {
        Some("talk") => Ok(Some(Action::Talk(
            word(&action["text"]).ok_or("nothing to say")?,
        ))),
        Some("conversation") if action["endOnExit"] == true => Ok(Some(Action::Conversation(
            word(&action["name"]).ok_or("a conversation without a name")?,
        ))),
        Some("connect") => {
            let event_url = word(&action["eventUrl"][0]);
            if event_url.is_some() && action["eventType"] != "synchronous" {
                return Err("the event URL's answer would be ignored".into());
            }
            let from = action["from"].as_str().unwrap_or("1");
            let endpoint = &action["endpoint"][0];
            let number = endpoint["number"].as_str().unwrap_or("1");
            if ![from, number]
                .iter()
                .all(|n| n.bytes().all(|b| b.is_ascii_digit()))
            {
                return Err("a number holds more than digits".into());
            }
            match endpoint["type"].as_str() {
                Some("phone") => Ok(Some(Action::Phone {
                    number: word(&endpoint["number"]).ok_or("no number")?,
                    event_url,
                    whisper_url: word(&endpoint["onAnswer"]["url"]),
                })),
                Some("websocket") => socket(endpoint, event_url).map(Some),
                other => Err(format!("no such endpoint: {other:?}")),
            }
        }
        other => Err(format!("no such action: {other:?}")),
    }
}

fn socket(endpoint: &Value, event_url: Option<String>) -> Result<Action, String> {
    if endpoint["content-type"] != "audio/l16;rate=16000" {
        return Err(format!("content-type {}", endpoint["content-type"]));
    }
    let headers = endpoint["headers"].clone();
    if headers.to_string().len() > LONGEST_HEADERS {
        return Err("the headers are longer than 512 bytes".into());
    }
    let uri = endpoint["uri"].as_str().unwrap_or("");
    if !uri.starts_with("ws://") && !uri.starts_with("wss://") {
        return Err(format!("no socket: {uri:?}"));
    }
    Ok(Action::Socket {
        uri: uri.to_owned(),
        headers,
        event_url: event_url.ok_or("nobody would be asked what comes next")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_vonage_would_refuse_is_refused() {
        let headers = format!(r#"{{"x":"{}"}}"#, "y".repeat(512));
        let socket = r#""type":"websocket","uri":"wss://b/","content-type":"audio/l16;rate=16000""#;
        for bad in [
            "{",
            "[]",
            r#"[{"action":"dance"}]"#,
            r#"[{"action":"talk"}]"#,
            r#"[{"action":"connect","endpoint":[{"type":"phone","number":"+1555"}]}]"#,
            r#"[{"action":"connect","eventUrl":["https://b/"],"endpoint":[{"type":"phone","number":"1555"}]}]"#,
            &format!(r#"[{{"action":"connect","endpoint":[{{{socket}}}]}}]"#),
            &format!(
                r#"[{{"action":"connect","eventType":"synchronous","eventUrl":["https://b/"],"endpoint":[{{{socket},"headers":{headers}}}]}}]"#
            ),
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert_eq!(parse(""), Ok(None));
    }
}
