//! What we answer to Plivo's webhooks: its XML, every value escaped. Decides the wording and order of
//! elements; which answer a call gets is decided in `webhook`.

use crate::line::e164::E164;
use crate::line::warm::KEY_S;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io;

/// `Content-Type` of every answer.
pub const CONTENT_TYPE: &str = "application/xml; charset=utf-8";

/// How long a person's telephone rings before the caller comes back to the bot, in s.
const RING_S: &str = "20";
/// Longest stream, in s: as long as the longest call.
const STREAM_S: &str = "14400";

type Xml = Writer<Vec<u8>>;

/// Connects the call to the media socket, and asks us what is next when the stream has ended.
pub fn stream(media_url: &str, status_url: &str, after_url: &str) -> String {
    document(|xml| {
        let stream = [
            ("bidirectional", "true"),
            // The elements behind it run only when the stream has ended.
            ("keepCallAlive", "true"),
            ("contentType", "audio/x-mulaw;rate=8000"),
            ("streamTimeout", STREAM_S),
            ("statusCallbackUrl", status_url),
            ("statusCallbackMethod", "POST"),
        ];
        xml.create_element("Stream")
            .with_attributes(stream)
            .write_text_content(BytesText::new(media_url))?;
        xml.create_element("Redirect")
            .with_attribute(("method", "POST"))
            .write_text_content(BytesText::new(after_url))?;
        Ok(())
    })
}

/// A transfer.
pub struct Dial<'a> {
    pub number: &'a E164,
    /// Asked how it ended.
    pub action_url: Option<&'a str>,
    /// SIP headers, `name=value,…`; empty for none.
    pub sip_headers: &'a str,
    pub whisper: Option<Whisper<'a>>,
}

/// The person hears something and presses 1 first.
pub struct Whisper<'a> {
    /// Asked what is said.
    pub sound_url: &'a str,
    /// Told of what the person does.
    pub news_url: &'a str,
}

/// Rings the human line.
pub fn dial(dial: &Dial<'_>) -> String {
    document(|xml| write_dial(xml, dial))
}

/// What the person hears who has picked up, and where the key goes; without one the call ends.
pub fn ask(text: &str, key_url: &str, locale: &str) -> String {
    document(|xml| {
        let (times, key_s) = ("2", KEY_S.to_string());
        let digits = [
            ("action", key_url),
            ("method", "POST"),
            ("numDigits", "1"),
            ("timeout", &key_s),
            ("retries", times),
        ];
        xml.create_element("GetDigits")
            .with_attributes(digits)
            .write_inner_content(|xml| write_speak(xml, text, locale))?;
        xml.create_element("Hangup").write_empty()?;
        Ok(())
    })
}

/// Brings a leg into the room where caller and person meet, and ends it when the other one leaves. With
/// `news_url` it is the first one, who hears music until the other comes.
pub fn room(name: &str, news_url: Option<&str>) -> String {
    document(|xml| {
        let starts = if news_url.is_some() { "false" } else { "true" };
        let mut element = xml.create_element("Conference").with_attributes([
            ("startConferenceOnEnter", starts),
            ("endConferenceOnExit", "true"),
        ]);
        if let Some(url) = news_url {
            element = element.with_attributes([("callbackUrl", url), ("callbackMethod", "POST")]);
        }
        element.write_text_content(BytesText::new(name))?;
        Ok(())
    })
}

/// Says something: to a person before the call is joined.
pub fn speak(text: &str, locale: &str) -> String {
    document(|xml| write_speak(xml, text, locale))
}

/// Says something, then ends the call.
pub fn speak_and_hang_up(text: &str, locale: &str) -> String {
    document(|xml| {
        write_speak(xml, text, locale)?;
        xml.create_element("Hangup").write_empty()?;
        Ok(())
    })
}

/// Ends the call.
pub fn hang_up() -> String {
    document(|xml| {
        xml.create_element("Hangup").write_empty()?;
        Ok(())
    })
}

fn write_dial(xml: &mut Xml, dial: &Dial<'_>) -> io::Result<()> {
    let mut element = xml
        .create_element("Dial")
        .with_attribute(("timeout", RING_S));
    if let Some(url) = dial.action_url {
        element =
            element.with_attributes([("action", url), ("method", "POST"), ("redirect", "true")]);
    }
    if !dial.sip_headers.is_empty() {
        element = element.with_attribute(("sipHeaders", dial.sip_headers));
    }
    if let Some(whisper) = &dial.whisper {
        element = element.with_attributes([
            ("confirmSound", whisper.sound_url),
            ("confirmKey", "1"),
            ("callbackUrl", whisper.news_url),
            ("callbackMethod", "POST"),
        ]);
    }
    element.write_inner_content(|xml| {
        // Plivo writes numbers without the plus.
        let digits = dial.number.as_str().trim_start_matches('+');
        xml.create_element("Number")
            .write_text_content(BytesText::new(digits))?;
        Ok(())
    })?;
    Ok(())
}

fn write_speak(xml: &mut Xml, text: &str, locale: &str) -> io::Result<()> {
    xml.create_element("Speak")
        .with_attribute(("language", locale))
        .write_text_content(BytesText::new(text))?;
    Ok(())
}

fn document(content: impl FnOnce(&mut Xml) -> io::Result<()>) -> String {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    let written = xml
        .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
        .and_then(|()| {
            xml.create_element("Response")
                .write_inner_content(content)
                .map(|_| ())
        });
    written.expect("writing to a Vec cannot fail");
    String::from_utf8(xml.into_inner()).expect("made of text only")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_followed_by_our_question() {
        let xml = stream(
            "wss://b/plivo/media/t",
            "https://b/plivo/status",
            "https://b/plivo/after",
        );
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<Response>
  <Stream bidirectional="true" keepCallAlive="true" contentType="audio/x-mulaw;rate=8000" streamTimeout="14400" statusCallbackUrl="https://b/plivo/status" statusCallbackMethod="POST">wss://b/plivo/media/t</Stream>
  <Redirect method="POST">https://b/plivo/after</Redirect>
</Response>"#;
        assert_eq!(xml, expected);
    }

    #[test]
    fn who_comes_first_waits_with_music_and_nobody_stays_alone() {
        let url = "https://b/plivo/room?call=a&leg=3";
        let person = room("attendant-a-3", Some(url));
        for part in [
            r#"startConferenceOnEnter="false" endConferenceOnExit="true""#,
            r#"callbackUrl="https://b/plivo/room?call=a&amp;leg=3" callbackMethod="POST""#,
            ">attendant-a-3</Conference>",
        ] {
            assert!(person.contains(part), "{part} in {person}");
        }
        let caller = room("attendant-a-3", None);
        assert!(caller.contains(r#"startConferenceOnEnter="true" endConferenceOnExit="true""#));
        let asked = ask("Ana wants <that>.", "https://b/key?a&b", "en-US");
        let (key, end) = (asked.find("</GetDigits>"), asked.find("<Hangup/>"));
        assert!(key.is_some() && end > key, "no key, no caller: {asked}");
    }

    #[test]
    fn a_transfer_carries_what_it_can() {
        let number: E164 = "+15557654321".parse().expect("valid");
        let whisper = Whisper {
            sound_url: "https://b/plivo/whisper?call=a&x=1",
            news_url: "https://b/plivo/dialing?call=a",
        };
        let xml = dial(&Dial {
            number: &number,
            action_url: Some("https://b/plivo/dialed"),
            sip_headers: "reason=requested",
            whisper: Some(whisper),
        });
        for part in [
            r#"timeout="20" action="https://b/plivo/dialed" method="POST" redirect="true""#,
            r#"sipHeaders="reason=requested""#,
            r#"confirmSound="https://b/plivo/whisper?call=a&amp;x=1" confirmKey="1""#,
            "<Number>15557654321</Number>",
        ] {
            assert!(xml.contains(part), "{part} in {xml}");
        }
        let plain = dial(&Dial {
            number: &number,
            action_url: None,
            sip_headers: "",
            whisper: None,
        });
        assert!(!plain.contains("action") && !plain.contains("confirm") && !plain.contains("sip"));
    }
}
