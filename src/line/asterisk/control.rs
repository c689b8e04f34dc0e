//! Control messages of Asterisk's `chan_websocket`, in both of its formats: words (`DTMF_END digit:1`)
//! and, from 20.18/22.8/23.2 on, JSON. Only shapes; what they mean is in `chan_websocket`.

use serde_json::Value;

/// Asterisk takes no longer command, in bytes; it says so in its own log only.
pub const LONGEST_COMMAND: usize = 128;

/// How a peer writes its control messages: it is answered in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    Words,
    Json,
}

/// What Asterisk tells us.
#[derive(Debug, PartialEq, Eq)]
pub enum Told {
    Start(MediaStart),
    /// A key, as it was written.
    Dtmf(String),
    Marked(String),
    /// The queue is nearly full: send nothing.
    Off,
    On,
    Drained,
    /// What Asterisk did not understand.
    Error(String),
    /// Nothing that matters to us: `STATUS`, `MEDIA_BUFFERING_COMPLETED`.
    Other,
    Unknown,
}

/// `MEDIA_START`; what is missing is empty or 0.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct MediaStart {
    pub connection_id: String,
    /// From 20.18/22.8/23.2 on: those know marks.
    pub channel_id: String,
    pub format: String,
    /// Bytes.
    pub frame_size: usize,
    /// With JSON only. Names without leading underscores.
    pub variables: Vec<(String, String)>,
}

/// Reads a control message; none where it has no sense.
pub fn read(text: &str) -> Option<(Writing, Told)> {
    if text.trim_start().starts_with('{') {
        let message: Value = serde_json::from_str(text).ok()?;
        return Some((Writing::Json, from_json(&message)?));
    }
    Some((Writing::Words, from_words(text)?))
}

fn from_json(message: &Value) -> Option<Told> {
    let field = |name: &str| word(&message[name]);
    Some(match message["event"].as_str()? {
        "MEDIA_START" => {
            let variables = message["channel_variables"].as_object();
            let variables = variables.into_iter().flatten();
            Told::Start(MediaStart {
                connection_id: field("connection_id"),
                channel_id: field("channel_id"),
                format: field("format"),
                frame_size: field("optimal_frame_size").parse().unwrap_or(0),
                variables: variables
                    .map(|(name, value)| (name.trim_start_matches('_').to_owned(), word(value)))
                    .collect(),
            })
        }
        "DTMF_END" => Told::Dtmf(field("digit")),
        "MEDIA_MARK_PROCESSED" => Told::Marked(field("correlation_id")),
        "ERROR" => Told::Error(field("error_text")),
        event => plain_event(event),
    })
}

fn from_words(text: &str) -> Option<Told> {
    let (event, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    if event.is_empty() {
        return None;
    }
    let field = |name: &str| {
        let words = rest.split_ascii_whitespace();
        let value = words
            .filter_map(|word| word.split_once(':'))
            .find(|(n, _)| *n == name);
        value.map_or(String::new(), |(_, value)| value.to_owned())
    };
    Some(match event {
        "MEDIA_START" => Told::Start(MediaStart {
            connection_id: field("connection_id"),
            channel_id: field("channel_id"),
            format: field("format"),
            frame_size: field("optimal_frame_size").parse().unwrap_or(0),
            variables: Vec::new(),
        }),
        "DTMF_END" => Told::Dtmf(field("digit")),
        "MEDIA_MARK_PROCESSED" => Told::Marked(rest.trim().to_owned()),
        "ERROR" => Told::Error(
            rest.split_once("error_text:")
                .map_or(rest, |(_, text)| text)
                .trim()
                .to_owned(),
        ),
        event => plain_event(event),
    })
}

fn plain_event(event: &str) -> Told {
    match event {
        "MEDIA_XOFF" => Told::Off,
        "MEDIA_XON" => Told::On,
        "QUEUE_DRAINED" => Told::Drained,
        "STATUS" | "MEDIA_BUFFERING_COMPLETED" => Told::Other,
        _ => Told::Unknown,
    }
}

/// A string, or a number as its text.
fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// A command, with its argument where it has one.
pub fn command(writing: Writing, name: &str, id: Option<&str>) -> String {
    let text = match (writing, id) {
        (Writing::Words, None) => name.to_owned(),
        (Writing::Words, Some(id)) => format!("{name} {id}"),
        (Writing::Json, None) => format!(r#"{{"command":"{name}"}}"#),
        (Writing::Json, Some(id)) => {
            format!(r#"{{"command":"{name}","correlation_id":"{id}"}}"#)
        }
    };
    debug_assert!(text.len() <= LONGEST_COMMAND, "{text}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_writings_say_the_same() {
        let pairs = [
            (
                "DTMF_END digit:* channel_id:1795366929.35",
                r#"{"event":"DTMF_END","channel_id":"1795366929.35","digit":"*"}"#,
                Told::Dtmf("*".into()),
            ),
            (
                "MEDIA_MARK_PROCESSED p1s0",
                r#"{"event":"MEDIA_MARK_PROCESSED","channel_id":"1","correlation_id":"p1s0"}"#,
                Told::Marked("p1s0".into()),
            ),
            ("MEDIA_XOFF", r#"{"event":"MEDIA_XOFF"}"#, Told::Off),
            (
                "QUEUE_DRAINED",
                r#"{"event":"QUEUE_DRAINED"}"#,
                Told::Drained,
            ),
            (
                "ERROR channel_id:1.2 error_text:No good: at all.\n",
                r#"{"event":"ERROR","channel_id":"1.2","error_text":"No good: at all."}"#,
                Told::Error("No good: at all.".into()),
            ),
            (
                "STATUS channel_id:1.2 queue_length:0",
                r#"{"event":"STATUS","queue_length":0}"#,
                Told::Other,
            ),
        ];
        for (words, json, told) in pairs {
            assert_eq!(read(words).map(|r| r.1).as_ref(), Some(&told), "{words}");
            assert_eq!(read(json).map(|r| r.1).as_ref(), Some(&told), "{json}");
        }
    }

    #[test]
    fn the_longest_command_fits() {
        let mark = format!("p{}s{}", u32::MAX, u16::MAX);
        for writing in [Writing::Words, Writing::Json] {
            let text = command(writing, "MARK_MEDIA", Some(&mark));
            assert!(text.len() <= LONGEST_COMMAND, "{text}");
        }
    }

    #[test]
    fn nonsense_is_none() {
        for text in ["", " ", "{", "{}", "{\"event\":7}", "[1]"] {
            let read = read(text);
            assert!(
                matches!(read, None | Some((_, Told::Unknown))),
                "{text}: {read:?}"
            );
        }
    }
}
