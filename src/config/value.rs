//! What a setting's value may look like: from TOML, from plain text (environment, flags), and back.

use crate::pii::Secret;
use std::net::SocketAddr;
use std::path::PathBuf;

/// A value as it was given. No `Debug`: it may hold a secret.
pub(super) enum Raw {
    /// From the environment or a flag: no type of its own.
    Text(String),
    /// A TOML string.
    Str(String),
    /// A TOML integer.
    Int(i64),
    Bool(bool),
    /// A TOML value that no setting has.
    Other,
}

impl Raw {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Str(text) => Some(text),
            _ => None,
        }
    }

    fn whole<T: TryFrom<i64>>(&self) -> Option<T> {
        let number = match self {
            Self::Int(number) => *number,
            Self::Text(text) => text.trim().parse().ok()?,
            _ => return None,
        };
        T::try_from(number).ok()
    }
}

/// A type that settings have.
pub(super) trait Setting: Sized {
    /// For error messages: "expected …".
    const EXPECTS: &'static str;
    const SECRET: bool = false;

    /// `None`: `raw` is no such value.
    fn read(raw: &Raw) -> Option<Self>;

    /// As TOML; `None`: not set.
    fn show(&self) -> Option<String>;
}

impl Setting for u32 {
    const EXPECTS: &'static str = "a whole number from 0 to 4294967295";

    fn read(raw: &Raw) -> Option<Self> {
        raw.whole()
    }

    fn show(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Setting for usize {
    const EXPECTS: &'static str = "a whole number, 0 or more";

    fn read(raw: &Raw) -> Option<Self> {
        raw.whole()
    }

    fn show(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Setting for bool {
    const EXPECTS: &'static str = "true or false";

    fn read(raw: &Raw) -> Option<Self> {
        match raw {
            Raw::Bool(value) => Some(*value),
            Raw::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    fn show(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Setting for String {
    const EXPECTS: &'static str = "a text in quotes";

    fn read(raw: &Raw) -> Option<Self> {
        raw.text().map(str::to_owned)
    }

    fn show(&self) -> Option<String> {
        Some(quoted(self))
    }
}

impl Setting for PathBuf {
    const EXPECTS: &'static str = "a path in quotes";

    fn read(raw: &Raw) -> Option<Self> {
        raw.text().filter(|text| !text.is_empty()).map(Self::from)
    }

    fn show(&self) -> Option<String> {
        Some(quoted(&self.to_string_lossy()))
    }
}

impl Setting for SocketAddr {
    const EXPECTS: &'static str =
        "an IP address and a port such as \"127.0.0.1:8080\" or \"[::1]:8080\"";

    fn read(raw: &Raw) -> Option<Self> {
        raw.text()?.trim().parse().ok()
    }

    fn show(&self) -> Option<String> {
        Some(quoted(&self.to_string()))
    }
}

/// How a call is passed to the person behind the bot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum HumanTransfer {
    /// Whoever answers has the caller.
    #[default]
    Blind,
    /// Who answers hears what it is about, and presses a key.
    Whisper,
    /// The same, while the caller stays with the bot.
    Warm,
}

impl HumanTransfer {
    const NAMES: [(&'static str, Self); 3] = [
        ("blind", Self::Blind),
        ("whisper", Self::Whisper),
        ("warm", Self::Warm),
    ];
}

impl Setting for HumanTransfer {
    const EXPECTS: &'static str = "\"blind\", \"whisper\" or \"warm\"";

    fn read(raw: &Raw) -> Option<Self> {
        let text = raw.text()?.trim();
        let mut names = Self::NAMES.iter();
        names.find_map(|(name, this)| (*name == text).then_some(*this))
    }

    fn show(&self) -> Option<String> {
        let mut names = Self::NAMES.iter();
        names.find_map(|(name, this)| (this == self).then(|| quoted(name)))
    }
}

impl Setting for Secret<String> {
    const EXPECTS: &'static str = "a text in quotes";
    const SECRET: bool = true;

    fn read(raw: &Raw) -> Option<Self> {
        raw.text().map(|text| Self::new(text.to_owned()))
    }

    fn show(&self) -> Option<String> {
        Some(quoted(crate::pii::HIDDEN))
    }
}

/// An empty text unsets it, so that the environment can take back what the file says.
impl<T: Setting> Setting for Option<T> {
    const EXPECTS: &'static str = T::EXPECTS;
    const SECRET: bool = T::SECRET;

    fn read(raw: &Raw) -> Option<Self> {
        match raw.text() {
            Some("") => Some(None),
            _ => T::read(raw).map(Some),
        }
    }

    fn show(&self) -> Option<String> {
        self.as_ref().and_then(T::show)
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
