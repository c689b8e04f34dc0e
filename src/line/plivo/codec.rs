//! Plivo AudioStream, bidirectional (`<Stream bidirectional="true">`), as a dialect of the media-streams
//! family: `checkpoint` comes back as `playedStream`, `clearAudio` is answered by `clearedAudio`, and there
//! is no `stop`: the socket's close is the end.

use crate::line::coding::Coding;
use crate::line::provider::name;
use crate::line::streams::{Cleared, Format, MarkForm, Speaks, Streams, Style, g711, mono};

/// Plivo's dialect.
pub const STYLE: Style = Style {
    call: |uuid| name(uuid).map(str::to_owned),
    hears,
    speaks: Speaks::Always(Coding::Ulaw),
    stream_field: Some("streamId"),
    media: "playAudio",
    media_fields: r#""contentType":"audio/x-mulaw","sampleRate":8000,"#,
    block: 1,
    mark: MarkForm::Flat("checkpoint"),
    clear: "clearAudio",
    cleared: Cleared::Tells,
    timed: false,
};

/// A codec for one socket; `token` came with its address.
pub fn codec(token: Option<String>) -> Streams {
    Streams::new(&STYLE, token)
}

/// We ask for µ-law; linear samples, taken to be little-endian, are what Plivo sends where nobody asks.
fn hears(format: &Format<'_>) -> Option<Coding> {
    let encoding = format.encoding.as_str().split(';').next().unwrap_or("");
    if !encoding.trim().eq_ignore_ascii_case("audio/x-l16") {
        return g711(format);
    }
    let rate_hz = match format.rate_hz.0 {
        None | Some(8000) => 8_000,
        Some(16_000) => 16_000,
        Some(_) => return None,
    };
    mono(format).then_some(Coding::L16 { rate_hz })
}
