//! How the dialects of the media-streams family differ: names in what we send, the sound's coding, and
//! what happens to marks. Read by the codec; a provider's file holds its own style.

use super::message::Format;
use crate::line::coding::Coding;

/// A dialect.
pub struct Style {
    /// A call's name as the line writes it to ours, see [`crate::line::provider::name`].
    pub call: fn(&str) -> Option<String>,
    /// The caller's sound, from the start's format; none: it is not spoken here.
    pub hears: fn(&Format<'_>) -> Option<Coding>,
    pub speaks: Speaks,
    /// Name of the stream's field in our messages; none: they carry none.
    pub stream_field: Option<&'static str>,
    /// Event of our sound.
    pub media: &'static str,
    /// What stands before the payload, as JSON with its last comma.
    pub media_fields: &'static str,
    /// Frames of 20 ms in a message.
    pub block: usize,
    pub mark: MarkForm,
    pub clear: &'static str,
    pub cleared: Cleared,
    /// The time of a piece tells what was lost before it, where pieces have no number. False where it
    /// counts from elsewhere.
    pub timed: bool,
}

/// The coding of our sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    Always(Coding),
    /// As the caller's.
    AsHeard,
}

/// How a mark is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkForm {
    /// `{"event":"mark","mark":{"name":…}}`
    Nested,
    /// `{"event":EVENT,"name":…}`
    Flat(&'static str),
}

/// What the line does with the marks of sound that is cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cleared {
    /// It returns each of them at once.
    Returns,
    /// It says once that all is dropped.
    Tells,
    /// It is not known to do either: nobody waits for them.
    Forgets,
}

/// G.711 as the format names it, 8 kHz, one channel; what is left out is taken to be µ-law.
pub fn g711(format: &Format<'_>) -> Option<Coding> {
    // Some write the rate behind it: `audio/x-mulaw;rate=8000`.
    let encoding = format.encoding.as_str().split(';').next();
    let coding = match encoding.unwrap_or("") {
        "" => Coding::Ulaw,
        name => Coding::g711(name)?,
    };
    (matches!(format.rate_hz.0, None | Some(8000)) && mono(format)).then_some(coding)
}

/// µ-law only.
pub fn ulaw(format: &Format<'_>) -> Option<Coding> {
    g711(format).filter(|coding| *coding == Coding::Ulaw)
}

/// One channel.
pub fn mono(format: &Format<'_>) -> bool {
    matches!(format.channels.0, None | Some(1))
}
