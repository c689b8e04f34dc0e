//! Why a request failed, in words for the log: never with an argument's value.

use std::fmt;

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Trouble {
    Sql(rusqlite::Error),
    Other(String),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sql(error) => f.write_str(&told(error)),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// What SQLite says, without the statement.
pub(super) fn told(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        rusqlite::Error::SqliteFailure(code, _)
            if code.code == rusqlite::ErrorCode::OperationInterrupted =>
        {
            "the statement takes too long".into()
        }
        rusqlite::Error::SqliteFailure(_, Some(text)) => text.clone(),
        other => other.to_string(),
    }
}
