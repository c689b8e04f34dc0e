//! The text messages of `kiosk/1`, read leniently (unknown fields, numbers as texts) and written as the
//! protocol says.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A text message from the page. Which fields count is up to its `type`.
#[derive(Deserialize)]
pub struct Message {
    #[serde(rename = "type", default)]
    pub kind: String,
    #[serde(default)]
    pub format: Option<String>,
    #[serde(default)]
    pub rate: Value,
    #[serde(default)]
    pub token: Option<String>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub digit: Value,
    #[serde(default)]
    pub text: Option<String>,
    #[serde(default)]
    pub language: Value,
}

impl Message {
    /// Samples a second; none given: as many as inside.
    pub fn rate(&self, usual: u32) -> Option<u32> {
        match &self.rate {
            Value::Null => Some(usual),
            Value::Number(number) => number.as_u64()?.try_into().ok(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The language's code: "es", also of "es-MX".
    pub fn language(&self) -> Option<&str> {
        let (code, _) = self.language.as_str()?.split_at_checked(2)?;
        let letters = code.bytes().all(|byte| byte.is_ascii_lowercase());
        letters.then_some(code)
    }

    /// The key, as a text.
    pub fn key(&self) -> Option<String> {
        match &self.digit {
            Value::Number(number) => Some(number.to_string()),
            Value::String(text) => Some(text.clone()),
            _ => None,
        }
    }
}

/// A text message to the page.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Told<'a> {
    Ready {
        session: &'a str,
        rate_out: u32,
    },
    Mark {
        name: String,
    },
    Clear,
    Text {
        who: &'static str,
        id: u32,
        text: &'a str,
        #[serde(rename = "final")]
        last: bool,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        cut: bool,
        #[serde(skip_serializing_if = "str::is_empty")]
        language: &'a str,
    },
    Secret {
        on: bool,
    },
    End {
        why: &'static str,
        #[serde(skip_serializing_if = "str::is_empty")]
        reason: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        number: Option<&'a str>,
    },
}

impl Told<'_> {
    /// As JSON.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("texts, numbers and truth values serialise")
    }
}
