//! Twilio Media Streams, bidirectional (`<Connect><Stream>`), as a dialect of the media-streams family.
//! Twilio takes an unknown or extra field for an error (31951) and a binary frame too (31950).

use crate::line::Out;
use crate::line::coding::Coding;
use crate::line::provider::{Ignored, LineEvent, Provided, Received, Sent, name};
use crate::line::streams::{Cleared, MarkForm, Speaks, Streams, Style, ulaw};

/// Twilio's dialect, and that of those who copy it faithfully.
pub const STYLE: Style = Style {
    call: |sid| name(sid).map(str::to_owned),
    hears: ulaw,
    speaks: Speaks::Always(Coding::Ulaw),
    stream_field: Some("streamSid"),
    media: "media",
    media_fields: "",
    block: 1,
    mark: MarkForm::Nested,
    clear: "clear",
    cleared: Cleared::Returns,
    timed: true,
};

/// One socket's codec.
pub struct TwilioCodec(Streams);

impl TwilioCodec {
    pub fn new() -> Self {
        Self(Streams::new(&STYLE, None))
    }
}

impl Default for TwilioCodec {
    fn default() -> Self {
        Self::new()
    }
}

impl Provided for TwilioCodec {
    fn decode(
        &mut self,
        message: Received<'_>,
        events: &mut Vec<LineEvent>,
    ) -> Result<(), Ignored> {
        self.0.decode(message, events)
    }

    fn encode(&mut self, out: &Out, wire: &mut Vec<Sent>) {
        self.0.encode(out, wire);
    }
}
