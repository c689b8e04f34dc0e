//! SignalWire: cXML, its copy of TwiML, and streams like Twilio's. Everything is Twilio's code with another
//! [`Brand`]; this file holds what differs. See `SIGNALWIRE.md` beside it.

use super::coding::Coding;
use super::provider::{Able, Alive, Heard, LEAD, Provider, name};
use super::streams::{Cleared, MarkForm, Speaks, Streams, Style, ulaw};
use super::twilio::{Brand, Twilio};
use crate::runtime::session::LineTraits;
use std::sync::Arc;

/// Header of SignalWire's signatures; older projects use Twilio's.
pub const HEADER: &str = "x-signalwire-signature";

/// SignalWire's entry in the table of providers.
pub const PROVIDER: Provider = Provider {
    name: "signalwire",
    title: "SignalWire cXML",
    line: LineTraits {
        name: "signalwire",
        marks: true,
        lead: LEAD,
        ..LineTraits::PLAIN
    },
    able: Able {
        heard: Heard::Marks,
        clear: true,
        keys: true,
        transfer: true,
        whisper: true,
        warm: false,
        take_back: true,
        parameters: false,
        notes: &[],
    },
    close_is_hang_up: false,
    alive: Alive::Sound,
    codec: || Box::new(Streams::new(&STYLE, None)),
    carrier: |config| Ok(Arc::new(Twilio::new(&BRAND, config))),
};

/// What differs from Twilio.
const BRAND: Brand = Brand {
    provider: &PROVIDER,
    key: |config| config.signalwire.signing_key.as_ref(),
    headers: &[HEADER, super::twilio::signature::HEADER],
    signs_upgrade: false,
    codec: |token| Box::new(Streams::new(&STYLE, token)),
    console: "phone number, \"Handle calls using\" cXML webhook, POST",
};

/// SignalWire's dialect: Twilio's, but that marks of cleared sound return is not documented.
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
    cleared: Cleared::Forgets,
    timed: true,
};
