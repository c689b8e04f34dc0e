//! What we answer to Twilio's webhooks: TwiML documents, every value escaped. Decides the wording and
//! order of verbs; which answer a call gets is decided in `webhook`.

use crate::line::e164::E164;
use crate::line::words::Words;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io;

/// `Content-Type` of every answer.
pub const CONTENT_TYPE: &str = "text/xml; charset=utf-8";

/// How long a person's telephone rings before the caller comes back to the bot, in s.
const RING_S: &str = "20";
/// Time that the person who is called has to press the key after the story, in s.
const ACCEPT_S: &str = "6";

/// What the caller gets when the bot cannot take the call.
#[derive(Clone, Debug)]
pub enum Fallback {
    /// A person.
    HumanLine(E164),
    /// There is no human line: say so politely and hang up.
    Apology,
}

/// An answer that connects the call to the media socket.
#[derive(Clone, Debug)]
pub struct Connect<'a> {
    /// `wss://…`; Twilio allows no query string here (error 31920).
    pub media_url: &'a str,
    /// Asked when the media stream has ended.
    pub action_url: &'a str,
    /// Told about the stream's start, end and errors.
    pub status_url: &'a str,
    /// Binds the socket to this call, once.
    pub token: &'a str,
    /// The caller's number where it is a valid one.
    pub from: Option<&'a E164>,
    /// Runs when the stream ends and the action URL cannot be reached.
    pub fallback: &'a Fallback,
    pub words: &'static Words,
}

/// Rings a person.
#[derive(Clone, Debug)]
pub struct Dial<'a> {
    pub number: &'a E164,
    /// Asked when the attempt, or the talk, has ended: without one the call ends with it.
    pub action_url: Option<&'a str>,
    /// Asked what the person hears before the two are joined.
    pub whisper_url: Option<&'a str>,
}

/// Connects the call to the bot.
pub fn connect(connect: &Connect<'_>) -> String {
    document(|xml| {
        let action = [("action", connect.action_url), ("method", "POST")];
        xml.create_element("Connect")
            .with_attributes(action)
            .write_inner_content(|xml| {
                let stream = [
                    ("url", connect.media_url),
                    ("statusCallback", connect.status_url),
                ];
                xml.create_element("Stream")
                    .with_attributes(stream)
                    .write_inner_content(|xml| {
                        parameter(xml, "token", connect.token)?;
                        connect
                            .from
                            .map_or(Ok(()), |from| parameter(xml, "from", from.as_str()))
                    })?;
                Ok(())
            })?;
        write_fallback(xml, connect.fallback, connect.words)
    })
}

/// Rings the human line.
pub fn dial(dial: &Dial<'_>) -> String {
    document(|xml| {
        let mut element = xml
            .create_element("Dial")
            .with_attribute(("timeout", RING_S));
        element = element.with_attribute(("answerOnBridge", "true"));
        if let Some(url) = dial.action_url {
            element = element.with_attributes([("action", url), ("method", "POST")]);
        }
        element.write_inner_content(|xml| {
            let mut number = xml.create_element("Number");
            if let Some(url) = dial.whisper_url {
                number = number.with_attributes([("url", url), ("method", "POST")]);
            }
            number.write_text_content(BytesText::new(dial.number.as_str()))?;
            Ok(())
        })?;
        Ok(())
    })
}

/// What the person hears who is called: the story, and how to take the call. Who does not press the key
/// does not get the caller.
pub fn whisper(story: &str, accept_url: &str, words: &Words) -> String {
    document(|xml| {
        let gather = [
            ("numDigits", "1"),
            ("timeout", ACCEPT_S),
            ("action", accept_url),
            ("method", "POST"),
        ];
        xml.create_element("Gather")
            .with_attributes(gather)
            .write_inner_content(|xml| {
                // Twice: who has just picked up misses the beginning.
                for _ in 0..2 {
                    say(xml, &format!("{story} {}", words.press_one), words)?;
                }
                Ok(())
            })?;
        xml.create_element("Hangup").write_empty()?;
        Ok(())
    })
}

/// Brings a leg into the room where caller and person meet, and ends it when the other one leaves.
#[derive(Clone, Debug)]
pub struct Room<'a> {
    pub name: &'a str,
    /// Told who comes. Only who waits for the other one needs it: he hears music until then.
    pub news_url: Option<&'a str>,
}

/// Joins the room.
pub fn room(room: &Room<'_>) -> String {
    document(|xml| {
        xml.create_element("Dial").write_inner_content(|xml| {
            let waits = room.news_url.is_some();
            let mut conference = xml.create_element("Conference").with_attributes([
                ("beep", "false"),
                (
                    "startConferenceOnEnter",
                    if waits { "false" } else { "true" },
                ),
                ("endConferenceOnExit", "true"),
            ]);
            if let Some(url) = room.news_url {
                conference = conference.with_attributes([
                    ("statusCallback", url),
                    ("statusCallbackEvent", "join"),
                    ("statusCallbackMethod", "POST"),
                ]);
            }
            conference.write_text_content(BytesText::new(room.name))?;
            Ok(())
        })?;
        Ok(())
    })
}

/// The person has picked up for nothing.
pub fn caller_gone(words: &Words) -> String {
    document(|xml| say_and_hang_up(xml, words.caller_gone, words))
}

/// Joins the person who was called with the caller.
pub fn join() -> String {
    document(|_| Ok(()))
}

/// The answer when the bot cannot take the call.
pub fn fallback(fallback: &Fallback, words: &Words) -> String {
    document(|xml| write_fallback(xml, fallback, words))
}

/// Nobody took the transferred call and the bot cannot take it back.
pub fn nobody_there(words: &Words) -> String {
    document(|xml| say_and_hang_up(xml, words.nobody, words))
}

/// Ends the call.
pub fn hang_up() -> String {
    document(|xml| {
        xml.create_element("Hangup").write_empty()?;
        Ok(())
    })
}

fn write_fallback(xml: &mut Writer<Vec<u8>>, fallback: &Fallback, words: &Words) -> io::Result<()> {
    match fallback {
        Fallback::HumanLine(number) => {
            xml.create_element("Dial")
                .write_text_content(BytesText::new(number.as_str()))?;
            Ok(())
        }
        Fallback::Apology => say_and_hang_up(xml, words.sorry, words),
    }
}

fn say_and_hang_up(xml: &mut Writer<Vec<u8>>, text: &str, words: &Words) -> io::Result<()> {
    say(xml, text, words)?;
    xml.create_element("Hangup").write_empty()?;
    Ok(())
}

fn say(xml: &mut Writer<Vec<u8>>, text: &str, words: &Words) -> io::Result<()> {
    xml.create_element("Say")
        .with_attribute(("language", words.locale))
        .write_text_content(BytesText::new(text))?;
    Ok(())
}

fn parameter(xml: &mut Writer<Vec<u8>>, name: &str, value: &str) -> io::Result<()> {
    xml.create_element("Parameter")
        .with_attributes([("name", name), ("value", value)])
        .write_empty()?;
    Ok(())
}

fn document(content: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>) -> String {
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
    use crate::dialogue::spoken::Language;

    fn number() -> E164 {
        "+15557654321".parse().expect("valid")
    }

    #[test]
    fn connect_carries_token_caller_and_fallback() {
        let from = "+15551230000".parse().expect("valid");
        let twiml = connect(&Connect {
            media_url: "wss://bot.example.com/twilio/media",
            action_url: "https://bot.example.com/twilio/after",
            status_url: "https://bot.example.com/twilio/stream-status",
            token: "a\"&<b>",
            from: Some(&from),
            fallback: &Fallback::HumanLine(number()),
            words: Words::of(Language::English),
        });
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<Response>
  <Connect action="https://bot.example.com/twilio/after" method="POST">
    <Stream url="wss://bot.example.com/twilio/media" statusCallback="https://bot.example.com/twilio/stream-status">
      <Parameter name="token" value="a&quot;&amp;&lt;b&gt;"/>
      <Parameter name="from" value="+15551230000"/>
    </Stream>
  </Connect>
  <Dial>+15557654321</Dial>
</Response>"#;
        assert_eq!(twiml, expected);
    }

    #[test]
    fn dial_returns_to_the_bot_when_asked() {
        let number = number();
        let mut to = Dial {
            number: &number,
            action_url: Some("https://bot.example.com/twilio/dialed?a=1&b=2"),
            whisper_url: None,
        };
        let twiml = dial(&to);
        assert!(
            twiml.contains(r#"timeout="20" answerOnBridge="true""#),
            "{twiml}"
        );
        assert!(
            twiml.contains(
                r#"action="https://bot.example.com/twilio/dialed?a=1&amp;b=2" method="POST""#
            ),
            "{twiml}"
        );
        assert!(twiml.contains("<Number>+15557654321</Number>"), "{twiml}");
        to.action_url = None;
        assert!(!dial(&to).contains("action"));
    }

    #[test]
    fn the_person_who_is_called_hears_the_story_and_has_to_press_a_key() {
        let number = number();
        let to = Dial {
            number: &number,
            action_url: None,
            whisper_url: Some("https://bot.example.com/twilio/whisper?call=CA1"),
        };
        let twiml = dial(&to);
        assert!(
            twiml.contains(r#"<Number url="https://bot.example.com/twilio/whisper?call=CA1" method="POST">+15557654321<"#),
            "{twiml}"
        );
        let words = Words::of(Language::Spanish);
        let twiml = whisper("Ana quiere devolver <algo>.", "https://b/accept", words);
        assert!(
            twiml.contains(r#"<Say language="es-MX">Ana quiere devolver &lt;algo&gt;. Pulse 1"#),
            "{twiml}"
        );
        let gathered = twiml.find("</Gather>").expect("a key is asked for");
        assert!(twiml.find("<Hangup/>").expect("no key, no caller") > gathered);
    }

    #[test]
    fn who_comes_first_waits_with_music_and_nobody_stays_alone() {
        let url = "https://b/twilio/room?call=CA1&leg=3";
        let (name, news_url) = ("attendant-CA1-3", Some(url));
        let person = room(&Room { name, news_url });
        for part in [
            r#"startConferenceOnEnter="false" endConferenceOnExit="true""#,
            r#"statusCallback="https://b/twilio/room?call=CA1&amp;leg=3" statusCallbackEvent="join""#,
            ">attendant-CA1-3</Conference>",
        ] {
            assert!(person.contains(part), "{part} in {person}");
        }
        let news_url = None;
        let caller = room(&Room { name, news_url });
        assert!(caller.contains(r#"startConferenceOnEnter="true" endConferenceOnExit="true""#));
        assert!(!caller.contains("statusCallback"));
    }

    #[test]
    fn without_a_human_line_the_caller_gets_a_word_and_the_line_back() {
        let twiml = fallback(&Fallback::Apology, Words::of(Language::English));
        let say = twiml.find("<Say ").expect("something is said");
        assert!(twiml.find("<Hangup/>").expect("hangs up") > say);
        assert!(!twiml.contains("Dial"));
    }
}
