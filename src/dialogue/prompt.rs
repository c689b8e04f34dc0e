//! Prompts: sentences with places for values, in variants, and questions that change with each
//! failure (VoiceXML tapered prompts). Decides the wording, not when something is said.

use super::read::{self, Reading};
use super::reply::Sentence;
use jiff::civil::DateTime;
use std::collections::BTreeMap;

/// Values for the places of a prompt.
pub type Values = BTreeMap<String, String>;

/// One entry of a prompt file: either `say`, or the three stages of a question.
#[derive(Clone, Debug, Default)]
pub struct Prompt {
    pub say: Vec<Text>,
    pub ask: Vec<Text>,
    pub retry: Vec<Text>,
    pub keys: Vec<Text>,
}

/// How often the open question has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Ask,
    Retry,
    Keys,
}

impl Prompt {
    /// The variants of a question's stage; an earlier stage where that one is not written.
    pub fn stage(&self, stage: Stage) -> &[Text] {
        let stages = match stage {
            Stage::Ask => [&self.ask, &self.ask, &self.ask],
            Stage::Retry => [&self.retry, &self.ask, &self.ask],
            Stage::Keys => [&self.keys, &self.retry, &self.ask],
        };
        stages.into_iter().find(|texts| !texts.is_empty()).map_or(&[], |texts| texts)
    }

    /// All texts of all stages.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        [&self.say, &self.ask, &self.retry, &self.keys].into_iter().flatten()
    }
}

/// One wording: sentences in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub Vec<Template>);

/// A sentence with places for values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Place { name: String, format: Format },
}

/// How a value is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Plain,
    /// Digit by digit, in groups.
    Id,
    Date,
    Time,
    Weekday,
}

impl Text {
    /// Parses `Your order {order|id} is on its way. It should arrive {date|date}.`
    ///
    /// # Errors
    /// What is wrong: an open brace, an unknown format, no words at all.
    pub fn parse(text: &str) -> Result<Self, String> {
        let sentences: Vec<Template> = sentences(text).into_iter().map(Template::parse).collect::<Result<_, _>>()?;
        if sentences.is_empty() {
            return Err("a prompt without words".into());
        }
        Ok(Self(sentences))
    }

    /// Names of the values that the text needs.
    pub fn places(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|template| &template.0).filter_map(|part| match part {
            Part::Place { name, .. } => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }
}

impl Template {
    fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (place, after) = after.split_once('}').ok_or("a { without its }")?;
            let (name, format) = place.split_once('|').unwrap_or((place, ""));
            let format = match format {
                "" => Format::Plain,
                "id" => Format::Id,
                "date" => Format::Date,
                "time" => Format::Time,
                "weekday" => Format::Weekday,
                other => return Err(format!("unknown format {other:?} (there are id, date, time, weekday)")),
            };
            if !before.is_empty() {
                parts.push(Part::Literal(before.to_owned()));
            }
            parts.push(Part::Place { name: name.to_owned(), format });
            rest = after;
        }
        if rest.contains('}') {
            return Err("a } without its {".into());
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// The sentence with its values; an absent value is left out.
    pub fn render(&self, values: &Values, now: DateTime) -> Sentence {
        let (mut text, mut speak) = (String::new(), String::new());
        for part in &self.0 {
            match part {
                Part::Literal(literal) => {
                    text.push_str(literal);
                    speak.push_str(literal);
                }
                Part::Place { name, format } => {
                    let reading = values.get(name).map_or_else(|| Reading::plain(""), |value| format.read(value, now));
                    text.push_str(&reading.text);
                    speak.push_str(&reading.speak);
                }
            }
        }
        // "until 6 p.m.." at the end of a sentence.
        let once = |text: String| if text.ends_with(".m..") { text[..text.len() - 1].to_owned() } else { text };
        let (text, speak) = (capital(once(text)), capital(once(speak)));
        Sentence { speak: if speak == text { String::new() } else { speak }, text, question: false }
    }
}

impl Format {
    fn read(self, value: &str, now: DateTime) -> Reading {
        let known = match self {
            Self::Plain => None,
            Self::Id => Some(read::id(value)),
            Self::Date => read::parse_date(value, now).map(|date| read::date(date, now.date())),
            Self::Time => value.parse().ok().map(read::time),
            Self::Weekday => read::parse_date(value, now).map(|date| Reading::plain(read::weekday(date.weekday()))),
        };
        known.unwrap_or_else(|| Reading::plain(value))
    }
}

fn capital(text: String) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if first.is_lowercase() => first.to_uppercase().chain(chars).collect(),
        _ => text,
    }
}

/// Cuts a text at `.`, `?`, `!` followed by a space and a new sentence. "6 p.m. today" is not cut.
pub fn sentences(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut from = 0;
    for (at, _) in text.match_indices(['.', '?', '!']) {
        let rest = &text[at + 1..];
        let starts_new = rest.starts_with(char::is_whitespace)
            && rest.trim_start().starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || c == '{');
        if starts_new && at + 1 > from {
            out.push(text[from..=at].trim());
            from = at + 1;
        }
    }
    out.push(text[from..].trim());
    out.retain(|sentence| sentence.chars().any(char::is_alphanumeric));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(text: &str, values: &[(&str, &str)]) -> Vec<Sentence> {
        let values = values.iter().map(|&(name, value)| (name.into(), value.into())).collect();
        let now = jiff::civil::date(2026, 11, 22).at(12, 0, 0, 0);
        Text::parse(text).expect("a text").0.iter().map(|template| template.render(&values, now)).collect()
    }

    #[test]
    fn values_are_written_and_spoken() {
        let said = render("Your order {order|id} is here. It came {date|date}.", &[("order", "456712"), ("date", "today-1")]);
        assert_eq!(said[0].text, "Your order 456712 is here.");
        assert_eq!(said[0].spoken(), "Your order 4 5 6, 7 1 2 is here.");
        assert_eq!(said[1].text, "It came yesterday.");
        assert!(said[1].speak.is_empty());
    }

    #[test]
    fn sentences_are_cut_where_people_pause() {
        assert_eq!(sentences("Hello. We open at 9 a.m. today! Okay?"), ["Hello.", "We open at 9 a.m. today!", "Okay?"]);
        assert_eq!(render("Until {close|time}.", &[("close", "18:00:00")])[0].text, "Until 6 p.m.");
        assert!(sentences(" … ").is_empty());
    }

    #[test]
    fn broken_places_are_refused() {
        for text in ["{order", "order}", "{order|money}", "", "?!"] {
            assert!(Text::parse(text).is_err(), "{text}");
        }
    }
}
