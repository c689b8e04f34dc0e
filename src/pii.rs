//! Values that must not be read in a log: who the caller is and what was said ([`Pii`]), and what
//! opens a door ([`Secret`]).
//!
//! Decides only how they print. Who may see the plain value is up to the code that calls `expose`,
//! and a search for that word finds all of it. What a caller keys as a secret is in [`vault`], and
//! texts that stand for it in [`stand_in`].

pub mod stand_in;
pub mod vault;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// What stands for a hidden value wherever one is printed.
pub const HIDDEN: &str = "…";

/// Personal data: prints as `…`, but is written in full by serde, because journals and stores keep it.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The plain value. Not for logs.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// Takes the plain value out. Not for logs.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> From<T> for Pii<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl<T> fmt::Display for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

/// A credential: prints as `…` and is written as `…` by serde too, so that it reaches no file.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The plain value. Not for logs and not for files.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl<T> Serialize for Secret<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(HIDDEN)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Serialize)]
    struct Caller {
        number: Pii<String>,
        token: Secret<&'static str>,
    }

    #[test]
    fn neither_prints_its_value() {
        let caller = Caller {
            number: Pii::new("+15550100".into()),
            token: Secret::new("s3cret"),
        };
        let printed = format!("{caller:?} {caller:#?} {} {}", caller.number, caller.token);
        assert!(
            !printed.contains("5550100") && !printed.contains("s3cret"),
            "{printed}"
        );
        assert_eq!(format!("{}", caller.number), "…");
    }

    #[test]
    fn serde_writes_personal_data_but_no_credential() {
        let caller = Caller {
            number: Pii::new("+15550100".into()),
            token: Secret::new("s3cret"),
        };
        let json = serde_json::to_string(&caller).unwrap();
        assert_eq!(json, r#"{"number":"+15550100","token":"…"}"#);
        assert_eq!(
            serde_json::from_str::<Pii<String>>("\"x\"")
                .unwrap()
                .expose(),
            "x"
        );
        assert_eq!(
            serde_json::from_str::<Secret<String>>("\"x\"")
                .unwrap()
                .expose(),
            "x"
        );
    }
}
