//! Answers of webhooks, as far as Plivo's part needs them: a list of elements, run one after the other.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::VecDeque;

/// An element of Plivo's XML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    Stream {
        url: String,
    },
    Redirect {
        url: String,
    },
    Dial(Dial),
    Speak(String),
    /// Says this, waits for a key and posts it there.
    GetDigits {
        text: String,
        action: String,
    },
    /// Joins the room; told there who comes.
    Conference {
        name: String,
        news: Option<String>,
        starts: bool,
    },
    Hangup,
}

/// A transfer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dial {
    pub number: String,
    pub action: Option<String>,
    pub sip_headers: Option<String>,
    pub confirm_sound: Option<String>,
    pub confirm_key: Option<String>,
    pub callback: Option<String>,
}

/// Reads a document.
///
/// # Errors
/// Why Plivo would not take it.
pub fn parse(xml: &str) -> Result<VecDeque<Element>, String> {
    let mut reader = Reader::from_str(xml);
    let mut elements = VecDeque::new();
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        let (element, is_empty) = match &event {
            Event::Start(element) => (element, false),
            Event::Empty(element) => (element, true),
            Event::Eof => return Ok(elements),
            _ => continue,
        };
        let name = element.name().as_ref().to_owned();
        let element = match name.as_str() {
            "Response" => continue,
            "Hangup" => Element::Hangup,
            _ if is_empty => return Err(format!("{name} is empty")),
            "Stream" => stream(element, &text(&mut reader, "Stream")?)?,
            "Redirect" => Element::Redirect {
                url: text(&mut reader, "Redirect")?,
            },
            "Speak" => Element::Speak(text(&mut reader, "Speak")?),
            "GetDigits" => Element::GetDigits {
                action: attribute(element, "action")?.ok_or("GetDigits without an action")?,
                text: text(&mut reader, "GetDigits")?,
            },
            "Conference" => {
                if attribute(element, "endConferenceOnExit")?.as_deref() != Some("true") {
                    return Err("who leaves the other alone leaves him in silence".into());
                }
                let starts = attribute(element, "startConferenceOnEnter")?;
                Element::Conference {
                    news: attribute(element, "callbackUrl")?,
                    starts: starts.as_deref() != Some("false"),
                    name: text(&mut reader, "Conference")?,
                }
            }
            "Dial" => dial(element, &mut reader)?,
            other => return Err(format!("unexpected element {other}")),
        };
        elements.push_back(element);
    }
}

fn stream(element: &BytesStart<'_>, url: &str) -> Result<Element, String> {
    let needs = [
        ("bidirectional", "true"),
        ("keepCallAlive", "true"),
        ("contentType", "audio/x-mulaw;rate=8000"),
    ];
    for (name, value) in needs {
        if attribute(element, name)?.as_deref() != Some(value) {
            return Err(format!("Stream without {name}={value}"));
        }
    }
    Ok(Element::Stream {
        url: url.to_owned(),
    })
}

fn dial(element: &BytesStart<'_>, reader: &mut Reader<&[u8]>) -> Result<Element, String> {
    let dial = Dial {
        number: text(reader, "Dial")?,
        action: attribute(element, "action")?,
        sip_headers: attribute(element, "sipHeaders")?,
        confirm_sound: attribute(element, "confirmSound")?,
        confirm_key: attribute(element, "confirmKey")?,
        callback: attribute(element, "callbackUrl")?,
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '=' | ',');
    if dial
        .sip_headers
        .as_ref()
        .is_some_and(|text| text.len() > 512 || !text.chars().all(allowed))
    {
        return Err(format!("sipHeaders {:?}", dial.sip_headers));
    }
    if dial.number.is_empty() || !dial.number.bytes().all(|b| b.is_ascii_digit()) {
        return Err("Dial without a number".into());
    }
    Ok(Element::Dial(dial))
}

/// All text up to the end of the element.
fn text(reader: &mut Reader<&[u8]>, name: &str) -> Result<String, String> {
    let mut text = String::new();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Text(part) => text.push_str(&part),
            Event::GeneralRef(_) => return Err(format!("an escaped character in {name}")),
            Event::End(end) if end.name().as_ref() == name => break,
            Event::Eof => return Err(format!("{name} is not closed")),
            _ => {}
        }
    }
    Ok(text.trim().to_owned())
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, String> {
    let found = element
        .try_get_attribute(name)
        .map_err(|error| error.to_string())?;
    let value = found.map(|attribute| {
        quick_xml::escape::unescape(&attribute.value).map(|text| text.into_owned())
    });
    value.transpose().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::plivo::xml;

    #[test]
    fn reads_what_the_server_writes() {
        let number: crate::line::e164::E164 = "+15557654321".parse().expect("valid");
        assert_eq!(
            parse(&xml::stream("ws://a/b", "http://a/s", "http://a/after")),
            Ok(VecDeque::from([
                Element::Stream {
                    url: "ws://a/b".into()
                },
                Element::Redirect {
                    url: "http://a/after".into()
                },
            ]))
        );
        let whisper = xml::Whisper {
            sound_url: "http://a/w?call=1&x=2",
            news_url: "http://a/n",
        };
        let dial = xml::dial(&xml::Dial {
            number: &number,
            action_url: Some("http://a/d"),
            sip_headers: "reason=requested",
            whisper: Some(whisper),
        });
        assert_eq!(
            parse(&dial),
            Ok(VecDeque::from([Element::Dial(Dial {
                number: "15557654321".into(),
                action: Some("http://a/d".into()),
                sip_headers: Some("reason=requested".into()),
                confirm_sound: Some("http://a/w?call=1&x=2".into()),
                confirm_key: Some("1".into()),
                callback: Some("http://a/n".into()),
            })]))
        );
        assert_eq!(
            parse(&xml::hang_up()),
            Ok(VecDeque::from([Element::Hangup]))
        );
    }

    #[test]
    fn refuses_what_plivo_refuses() {
        for bad in [
            "<Response><Gather>x</Gather></Response>",
            "<Response><Stream>ws://a</Stream></Response>",
            "<Response><Dial></Dial></Response>",
            "<Response><Dial><Number>+1x</Number></Dial></Response>",
            "<Response><Redirect>http://a",
            "<a",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
