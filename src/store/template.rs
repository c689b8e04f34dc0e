//! Texts with places: `${NAME}` from the environment, once, when the business is opened; `{argument}`
//! from each request. `{{` and `}}` are braces.
//!
//! Decides what a place is. What may stand in one (percent-encoding, JSON) is up to who fills it.

use super::source::Wrong;
use serde_json::Value;
use std::collections::BTreeMap;

/// What the environment says about a name.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A text with places. No `Debug`: the environment may have put a secret into it.
#[derive(Clone)]
pub(super) struct Template(Vec<Part>);

#[derive(Clone)]
enum Part {
    Text(String),
    Argument(String),
}

impl Template {
    pub(super) fn parse(text: &str, environment: Environment<'_>) -> Result<Self, Wrong> {
        let (mut parts, mut plain) = (Vec::new(), String::new());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("${") {
                let (name, after) = place(after)?;
                plain += &variable(name, environment)?;
                rest = after;
            } else if let Some(after) = rest.strip_prefix("{{").or(rest.strip_prefix("}}")) {
                plain.push(c);
                rest = after;
            } else if let Some(after) = rest.strip_prefix('{') {
                let (name, after) = place(after)?;
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Argument(name.to_owned()));
                rest = after;
            } else {
                plain.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self(parts))
    }

    /// The arguments that it wants.
    pub(super) fn arguments(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Argument(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text up to the first argument.
    pub(super) fn beginning(&self) -> &str {
        match self.0.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }

    /// The whole text, where each argument is what `value` makes of it.
    pub(super) fn fill(&self, value: impl Fn(&str) -> String) -> String {
        self.0.iter().fold(String::new(), |text, part| match part {
            Part::Text(plain) => text + plain,
            Part::Argument(name) => text + &value(name),
        })
    }

    /// The argument that is the whole text.
    fn alone(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Argument(name)] => Some(name),
            _ => None,
        }
    }
}

/// The name up to the closing brace, and what comes after it.
fn place(text: &str) -> Result<(&str, &str), Wrong> {
    let hint = "write {argument} or ${NAME}; {{ is a brace";
    let (name, after) = text
        .split_once('}')
        .ok_or_else(|| Wrong::new("a place is not closed", hint))?;
    if is_name(name)
        || name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit())
            && !name.is_empty()
    {
        Ok((name, after))
    } else {
        Err(Wrong::new(format!("{name:?} is no name"), hint))
    }
}

/// Whether this can name an operation, an argument or a field.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// A variable that must be there.
pub(super) fn variable(name: &str, environment: Environment<'_>) -> Result<String, Wrong> {
    environment(name)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| {
            Wrong::new(
                format!("the environment has no {name}"),
                format!("set it before the start: export {name}=…"),
            )
        })
}

/// JSON with places in its texts.
#[derive(Clone)]
pub(super) enum Body {
    Text(Template),
    List(Vec<Body>),
    Map(BTreeMap<String, Body>),
    Fixed(Value),
}

impl Body {
    pub(super) fn parse(value: &toml::Value, environment: Environment<'_>) -> Result<Self, Wrong> {
        Ok(match value {
            toml::Value::String(text) => Self::Text(Template::parse(text, environment)?),
            toml::Value::Integer(number) => Self::Fixed((*number).into()),
            toml::Value::Boolean(value) => Self::Fixed((*value).into()),
            toml::Value::Float(number) => Self::Fixed((*number).into()),
            toml::Value::Datetime(time) => Self::Fixed(time.to_string().into()),
            toml::Value::Array(items) => {
                let items = items.iter().map(|item| Self::parse(item, environment));
                Self::List(items.collect::<Result<_, _>>()?)
            }
            toml::Value::Table(members) => {
                let members = members
                    .iter()
                    .map(|(name, item)| Ok((name.clone(), Self::parse(item, environment)?)));
                Self::Map(members.collect::<Result<_, _>>()?)
            }
        })
    }

    pub(super) fn arguments(&self) -> Vec<&str> {
        match self {
            Self::Text(template) => template.arguments().collect(),
            Self::List(items) => items.iter().flat_map(Self::arguments).collect(),
            Self::Map(members) => members.values().flat_map(Self::arguments).collect(),
            Self::Fixed(_) => Vec::new(),
        }
    }

    /// The JSON. `value`: an argument; it keeps its type where it is a whole text.
    pub(super) fn fill(&self, value: &dyn Fn(&str) -> Value) -> Value {
        let plain = |name: &str| match value(name) {
            Value::String(text) => text,
            other => other.to_string(),
        };
        match self {
            Self::Text(template) => match template.alone() {
                Some(name) => value(name),
                None => template.fill(plain).into(),
            },
            Self::List(items) => items.iter().map(|item| item.fill(value)).collect(),
            Self::Map(members) => members
                .iter()
                .map(|(name, item)| (name.clone(), item.fill(value)))
                .collect(),
            Self::Fixed(value) => value.clone(),
        }
    }
}

/// For a place in a URL: all but RFC 3986's unreserved characters is written as `%XX`.
pub(super) fn percent_encoded(text: &str) -> String {
    text.bytes()
        .fold(String::new(), |encoded, byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded + char::from(byte).encode_utf8(&mut [0; 4])
            }
            _ => encoded + &format!("%{byte:02X}"),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str) -> Option<String> {
        (name == "HOST").then(|| "https://a.example".to_owned())
    }

    #[test]
    fn places_are_filled_from_environment_and_request() {
        let template =
            Template::parse("${HOST}/v1/{id}?q={{{id}}}", &environment).map_err(|w| w.what);
        let template = template.unwrap();
        assert_eq!(template.arguments().collect::<Vec<_>>(), ["id", "id"]);
        assert_eq!(template.beginning(), "https://a.example/v1/");
        assert_eq!(
            template.fill(|_| percent_encoded("a/b é")),
            "https://a.example/v1/a%2Fb%20%C3%A9?q={a%2Fb%20%C3%A9}"
        );
    }

    #[test]
    fn a_missing_variable_is_named() {
        for (text, what) in [
            ("${TOKEN}", "the environment has no TOKEN"),
            ("{id", "a place is not closed"),
            ("{a b}", "\"a b\" is no name"),
            ("{}", "\"\" is no name"),
        ] {
            let wrong = Template::parse(text, &environment).err().map(|w| w.what);
            assert_eq!(wrong.as_deref(), Some(what), "{text}");
        }
    }

    #[test]
    fn json_keeps_the_type_of_a_whole_argument() {
        let table: toml::Value =
            toml::from_str("amount = \"{n}\"\nnote = \"no {n}\"\nlist = [1, true]").unwrap();
        let body = Body::parse(&table, &environment)
            .map_err(|w| w.what)
            .unwrap();
        assert_eq!(
            body.fill(&|_| 5.into()).to_string(),
            r#"{"amount":5,"list":[1,true],"note":"no 5"}"#
        );
    }
}
