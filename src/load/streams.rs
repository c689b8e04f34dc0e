//! What a server says on a socket of the media-streams family, by the dialect's [`Style`]: read strictly, with
//! nothing missing, nothing more, and the stream's own name.

use super::dialect::{Heard, Received, Wire};
use crate::line::streams::{Cleared, MarkForm, Style};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

type Fields = Map<String, Value>;

/// Reads a message; sound is as it came, not yet µ-law.
///
/// # Errors
/// Why the provider would refuse it.
pub fn read(style: &Style, stream: &str, message: Received<'_>) -> Result<Heard, String> {
    let Wire::Text(text) = message else {
        return Err("a binary message".into());
    };
    let mut fields: Fields = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let event = word(&mut fields, "event")?;
    if let Some(name) = style.stream_field
        && word(&mut fields, name)? != stream
    {
        return Err("of another stream".into());
    }
    let heard = if event == style.media {
        Heard::Sound(sound(style, &mut fields)?)
    } else if event == style.clear {
        Heard::Clear
    } else {
        Heard::Mark(mark(style, &event, &mut fields)?)
    };
    nothing_more(&fields)?;
    Ok(heard)
}

/// Does a mark of cleared sound come back like one that was played?
pub fn returns_cleared(style: &Style) -> bool {
    style.cleared == Cleared::Returns
}

fn sound(style: &Style, fields: &mut Fields) -> Result<Vec<u8>, String> {
    let mut media = object(fields, "media")?;
    let payload = word(&mut media, "payload")?;
    let usual = format!("{{{}}}", style.media_fields.trim_end_matches(','));
    let usual: Fields = serde_json::from_str(&usual).map_err(|error| error.to_string())?;
    for (name, value) in &usual {
        if media.remove(name).as_ref() != Some(value) {
            return Err(format!("{name} is not {value}"));
        }
    }
    nothing_more(&media)?;
    let sound = STANDARD
        .decode(payload)
        .map_err(|error| error.to_string())?;
    match sound.is_empty() {
        true => Err("no sound in a media message".into()),
        false => Ok(sound),
    }
}

fn mark(style: &Style, event: &str, fields: &mut Fields) -> Result<String, String> {
    match style.mark {
        MarkForm::Nested if event == "mark" => {
            let mut mark = object(fields, "mark")?;
            let name = word(&mut mark, "name")?;
            nothing_more(&mark)?;
            Ok(name)
        }
        MarkForm::Flat(mark) if event == mark => word(fields, "name"),
        _ => Err(format!("no such event: {event}")),
    }
}

fn word(fields: &mut Fields, name: &str) -> Result<String, String> {
    match fields.remove(name) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(format!("no {name}")),
    }
}

fn object(fields: &mut Fields, name: &str) -> Result<Fields, String> {
    match fields.remove(name) {
        Some(Value::Object(object)) => Ok(object),
        _ => Err(format!("no {name}")),
    }
}

fn nothing_more(fields: &Fields) -> Result<(), String> {
    match fields.keys().next() {
        Some(name) => Err(format!("{name} is too much")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::{exotel, plivo, signalwire, telnyx, twilio};

    const TWILIO: [&str; 3] = [
        r#"{"event":"media","streamSid":"S","media":{"payload":"/w=="}}"#,
        r#"{"event":"mark","streamSid":"S","mark":{"name":"a"}}"#,
        r#"{"event":"clear","streamSid":"S"}"#,
    ];

    #[test]
    fn each_dialect_is_read_as_its_provider_documents_it() {
        let exotel_says = TWILIO.map(|text| text.replace("streamSid", "stream_sid"));
        let telnyx_says = TWILIO.map(|text| text.replace(r#""streamSid":"S","#, ""));
        let telnyx_says = telnyx_says.map(|text| text.replace(r#","streamSid":"S""#, ""));
        let plivo_says = [
            r#"{"event":"playAudio","streamId":"S","media":{"contentType":"audio/x-mulaw","sampleRate":8000,"payload":"/w=="}}"#,
            r#"{"event":"checkpoint","streamId":"S","name":"a"}"#,
            r#"{"event":"clearAudio","streamId":"S"}"#,
        ]
        .map(str::to_owned);
        for (style, says) in [
            (&twilio::STYLE, TWILIO.map(str::to_owned)),
            (&signalwire::STYLE, TWILIO.map(str::to_owned)),
            (&exotel::STYLE, exotel_says),
            (&telnyx::STYLE, telnyx_says),
            (&plivo::STYLE, plivo_says),
        ] {
            let heard = says.map(|text| read(style, "S", Wire::Text(&text)));
            let due = [
                Ok(Heard::Sound(vec![0xFF])),
                Ok(Heard::Mark("a".into())),
                Ok(Heard::Clear),
            ];
            assert_eq!(heard, due);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [
            "{",
            "[]",
            r#"{"event":"media","stream_sid":"S","media":{"payload":"/w=="}}"#,
            r#"{"event":"media","streamSid":"T","media":{"payload":"/w=="}}"#,
            r#"{"event":"media","streamSid":"S","media":{"payload":""}}"#,
            r#"{"event":"media","streamSid":"S","media":{"payload":"?"}}"#,
            r#"{"event":"media","streamSid":"S","media":{"payload":"/w==","extra":1}}"#,
            r#"{"event":"media","streamSid":"S","extra":1,"media":{"payload":"/w=="}}"#,
            r#"{"event":"mark","streamSid":"S","mark":{"name":"a","extra":1}}"#,
            r#"{"event":"mark","streamSid":"S","name":"a"}"#,
            r#"{"event":"clearAudio","streamSid":"S"}"#,
            r#"{"event":"hangup","streamSid":"S"}"#,
        ] {
            let heard = read(&twilio::STYLE, "S", Wire::Text(bad));
            assert!(heard.is_err(), "{bad}");
        }
        assert!(read(&twilio::STYLE, "S", Wire::Binary(&[1])).is_err());
        for bad in [
            r#"{"event":"playAudio","streamId":"S","media":{"contentType":"audio/x-mulaw;rate=8000","sampleRate":8000,"payload":"/w=="}}"#,
            r#"{"event":"playAudio","streamId":"S","media":{"contentType":"audio/x-mulaw","payload":"/w=="}}"#,
            r#"{"event":"checkpoint","streamId":"S","mark":{"name":"a"}}"#,
        ] {
            let heard = read(&plivo::STYLE, "S", Wire::Text(bad));
            assert!(heard.is_err(), "{bad}");
        }
    }
}
