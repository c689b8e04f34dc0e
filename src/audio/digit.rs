//! The sixteen keys of a telephone keypad.

use serde::{Deserialize, Serialize};

/// A key: `0`–`9`, `*`, `#`, `A`–`D` (ITU-T Q.23).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "char", into = "char")]
pub struct Digit(u8);

impl Digit {
    /// The key that `c` names (`a`–`d` count as `A`–`D`), or `None`.
    pub fn new(c: char) -> Option<Self> {
        let c = c.to_ascii_uppercase();
        matches!(c, '0'..='9' | '*' | '#' | 'A'..='D').then_some(Self(c as u8))
    }

    /// The character printed on the key.
    pub fn as_char(self) -> char {
        char::from(self.0)
    }
}

impl From<Digit> for char {
    fn from(digit: Digit) -> Self {
        digit.as_char()
    }
}

impl TryFrom<char> for Digit {
    type Error = String;

    fn try_from(c: char) -> Result<Self, String> {
        Self::new(c).ok_or_else(|| format!("{c:?} is no telephone key"))
    }
}

/// How a key reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DigitSource {
    /// The line said so in a message of its own.
    Signalled,
    /// The ear found the two tones in the sound.
    InBand,
}
