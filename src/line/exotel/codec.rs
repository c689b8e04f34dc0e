//! Exotel's Voicebot stream, as a dialect of the media-streams family: linear samples, little-endian, in
//! messages of 100 ms whose length is a multiple of 320 bytes, names in snake_case.

use crate::line::coding::Coding;
use crate::line::provider::name;
use crate::line::streams::{Cleared, Format, MarkForm, Speaks, Streams, Style, g711, mono};

/// Exotel's dialect. Whether marks of cleared sound return is not documented.
pub const STYLE: Style = Style {
    call: |sid| name(sid).map(str::to_owned),
    hears,
    speaks: Speaks::AsHeard,
    stream_field: Some("stream_sid"),
    media: "media",
    media_fields: "",
    block: 5,
    mark: MarkForm::Nested,
    clear: "clear",
    cleared: Cleared::Forgets,
    timed: true,
};

/// A codec for one socket; `token` came with its address.
pub fn codec(token: Option<String>) -> Streams {
    Streams::new(&STYLE, token)
}

/// Linear samples by any name (`audio/x-raw`, `raw/slin`, none) at the rates that Exotel offers; G.711 where
/// it says so.
fn hears(format: &Format<'_>) -> Option<Coding> {
    let encoding = format.encoding.as_str();
    if Coding::g711(encoding).is_some() {
        return g711(format);
    }
    let encoding = encoding.to_ascii_lowercase();
    let linear = ["raw", "slin", "l16", "pcm", "linear", "base64"];
    let rate_hz = match format.rate_hz.0 {
        None | Some(8_000) => 8_000,
        Some(16_000) => 16_000,
        Some(24_000) => 24_000,
        Some(_) => return None,
    };
    let fits = encoding.is_empty() || linear.iter().any(|name| encoding.contains(name));
    (fits && mono(format)).then_some(Coding::L16 { rate_hz })
}
