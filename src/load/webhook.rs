//! The webhooks as Twilio calls them: posts the form, signed, and reads the first verb of the answer.

use super::LoadError;
use crate::line::twilio::signature::{HEADER, Validator};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Longest answer that Twilio takes, in bytes.
const LONGEST: usize = 64 * 1024;

/// What the answer tells Twilio to do first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    Connect {
        url: String,
        parameters: Vec<(String, String)>,
        action: Option<String>,
    },
    Dial {
        action: Option<String>,
    },
    /// Says something, then ends the call.
    Say,
    Hangup,
}

/// Posts the form to `url` and returns the answer's first verb.
///
/// # Errors
/// When nobody answers, the answer is a refusal, or it is no TwiML.
pub async fn post(
    client: &reqwest::Client,
    url: &str,
    token: Option<&str>,
    form: &[(String, String)],
) -> Result<Verb, LoadError> {
    let failed = |cause| LoadError::Webhook {
        url: url.to_owned(),
        cause,
    };
    let mut request = client.post(url).form(form);
    if let Some(token) = token {
        request = request.header(HEADER, Validator::new(token).sign(url, form));
    }
    let response = request.send().await.map_err(failed)?;
    if !response.status().is_success() {
        return Err(LoadError::Status {
            url: url.to_owned(),
            status: response.status().as_u16(),
        });
    }
    parse(&response.text().await.map_err(failed)?).map_err(LoadError::Twiml)
}

/// Reads TwiML.
fn parse(twiml: &str) -> Result<Verb, String> {
    if twiml.len() > LONGEST {
        return Err("longer than 64 KiB".into());
    }
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
                return Ok(Verb::Dial {
                    action: attribute(element, "action")?,
                });
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
                action: Some("http://d".into())
            })
        );
        let apology = twiml::fallback(&Fallback::Apology, words);
        assert_eq!(parse(&apology), Ok(Verb::Say));
        assert_eq!(parse(&twiml::hang_up()), Ok(Verb::Hangup));
    }

    #[test]
    fn refuses_what_is_no_twiml() {
        for bad in [
            "<Response><Gather/></Response>",
            "<Response><Connect></Connect></Response>",
            "<a",
            "<Response><Connect><Stream url=\"x\"/>",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
