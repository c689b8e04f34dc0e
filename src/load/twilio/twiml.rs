//! Answers of webhooks, as far as Twilio's part needs them: the first verb.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// What the answer tells Twilio to do first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    Connect {
        url: String,
        parameters: Vec<(String, String)>,
        action: Option<String>,
    },
    Dial {
        number: String,
        action: Option<String>,
        /// What the person hears who picks up is asked here.
        whisper: Option<String>,
    },
    /// Waits for a key and posts it there.
    Gather {
        action: String,
    },
    /// Joins the room; told there who comes.
    Conference {
        name: String,
        news: Option<String>,
        starts: bool,
    },
    /// Says something, then ends the call.
    Say,
    Hangup,
}

/// Reads TwiML.
///
/// # Errors
/// Why Twilio would not take it.
pub fn parse(twiml: &str) -> Result<Verb, String> {
    let mut reader = Reader::from_str(twiml);
    let (mut action, mut stream, mut parameters) = (None, None, Vec::new());
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        let element = match &event {
            Event::Start(element) | Event::Empty(element) => element,
            Event::End(end) if end.name().as_ref() == "Connect" => break,
            Event::Eof => {
                return if stream.is_some() {
                    Err("Connect is not closed".into())
                } else {
                    Ok(Verb::Hangup)
                };
            }
            _ => continue,
        };
        match element.name().as_ref() {
            "Response" => {}
            "Connect" => action = attribute(element, "action")?,
            "Stream" => stream = attribute(element, "url")?,
            "Parameter" => {
                let name = attribute(element, "name")?.ok_or("a Parameter without a name")?;
                parameters.push((name, attribute(element, "value")?.unwrap_or_default()));
            }
            "Dial" => {
                let action = attribute(element, "action")?;
                let dialled = number_of_dial(&mut reader)?;
                let (number, whisper) = match dialled {
                    Dialled::Number(number, whisper) => (number, whisper),
                    Dialled::Room(verb) => return Ok(verb),
                };
                return Ok(Verb::Dial {
                    number,
                    action,
                    whisper,
                });
            }
            "Gather" => {
                let action = attribute(element, "action")?.ok_or("Gather without an action")?;
                return Ok(Verb::Gather { action });
            }
            "Say" => return Ok(Verb::Say),
            "Hangup" => return Ok(Verb::Hangup),
            other => return Err(format!("unexpected verb {}", other)),
        }
    }
    let url = stream.ok_or("Connect without a Stream url")?;
    Ok(Verb::Connect {
        url,
        parameters,
        action,
    })
}

/// The number, written in the verb or in a noun inside it, and that noun's URL.
fn number_of_dial(reader: &mut Reader<&[u8]>) -> Result<Dialled, String> {
    let (mut text, mut url, mut room) = (String::new(), None, None);
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Text(part) => text.push_str(&part),
            Event::Start(noun) if noun.name().as_ref() == "Number" => {
                url = attribute(&noun, "url")?;
            }
            Event::Start(noun) if noun.name().as_ref() == "Conference" => {
                if attribute(&noun, "endConferenceOnExit")?.as_deref() != Some("true") {
                    return Err("who leaves the other alone leaves him in silence".into());
                }
                let starts = attribute(&noun, "startConferenceOnEnter")?;
                room = Some((
                    attribute(&noun, "statusCallback")?,
                    starts.as_deref() != Some("false"),
                ));
            }
            Event::End(end) if end.name().as_ref() == "Dial" => break,
            Event::Eof => return Err("Dial is not closed".into()),
            _ => {}
        }
    }
    let number = text.trim();
    if number.is_empty() {
        return Err("Dial without a number".into());
    }
    let name = number.to_owned();
    Ok(match room {
        Some((news, starts)) => Dialled::Room(Verb::Conference { name, news, starts }),
        None => Dialled::Number(name, url),
    })
}

/// Whom a `Dial` is for.
enum Dialled {
    Number(String, Option<String>),
    Room(Verb),
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
    use crate::dialogue::spoken::Language;
    use crate::line::twilio::twiml::{self, Connect, Dial, Fallback};
    use crate::line::words::Words;

    #[test]
    fn reads_what_the_server_writes() {
        let number: crate::line::e164::E164 = "+15557654321".parse().expect("valid");
        let fallback = Fallback::HumanLine(number.clone());
        let words = Words::of(Language::English);
        let twiml = twiml::connect(&Connect {
            media_url: "ws://a/b",
            action_url: "http://a/after?x=1&y=2",
            status_url: "http://a/s",
            token: "<&\">",
            from: None,
            fallback: &fallback,
            words,
        });
        let Ok(Verb::Connect {
            url,
            parameters,
            action,
        }) = parse(&twiml)
        else {
            panic!("{twiml}")
        };
        assert_eq!(
            (url.as_str(), action.as_deref()),
            ("ws://a/b", Some("http://a/after?x=1&y=2"))
        );
        assert_eq!(parameters, [("token".into(), "<&\">".into())]);
        assert_eq!(
            parse(&twiml::dial(&Dial {
                number: &number,
                action_url: Some("http://d"),
                whisper_url: None,
            })),
            Ok(Verb::Dial {
                number: "+15557654321".into(),
                action: Some("http://d".into()),
                whisper: None,
            })
        );
        let asked = twiml::dial(&Dial {
            number: &number,
            action_url: None,
            whisper_url: Some("http://w?a=1&b=2"),
        });
        let Ok(Verb::Dial { whisper, .. }) = parse(&asked) else {
            panic!("{asked}")
        };
        assert_eq!(whisper.as_deref(), Some("http://w?a=1&b=2"));
        let story = twiml::whisper("Ana.", "http://accept", words);
        let action = "http://accept".into();
        assert_eq!(parse(&story), Ok(Verb::Gather { action }));
        let apology = twiml::fallback(&Fallback::Apology, words);
        assert_eq!(parse(&apology), Ok(Verb::Say));
        assert_eq!(parse(&twiml::hang_up()), Ok(Verb::Hangup));
    }

    #[test]
    fn refuses_what_is_no_twiml() {
        for bad in [
            "<Response><Record/></Response>",
            "<Response><Connect></Connect></Response>",
            "<Response><Dial></Dial></Response>",
            "<a",
            "<Response><Connect><Stream url=\"x\"/>",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
