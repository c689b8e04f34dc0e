//! SignalWire: cXML, its copy of TwiML, and streams like Twilio's. Everything is Twilio's code with another
//! [`Brand`]; this file holds what differs. See `SIGNALWIRE.md` beside it.

use super::coding::Coding;
use super::provider::{Alive, LEAD, Provider, name};
use super::streams::{Cleared, MarkForm, Speaks, Streams, Style, ulaw};
use super::twilio::{ABLE, Account, Brand, Twilio, given, secret};
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
    able: ABLE,
    close_is_hang_up: false,
    alive: Alive::Sound,
    codec: || Box::new(Streams::new(&STYLE, None)),
    carrier: |config| Ok(Arc::new(Twilio::new(&BRAND, config)?)),
};

/// What differs from Twilio.
const BRAND: Brand = Brand {
    provider: &PROVIDER,
    key: |config| config.signalwire.signing_key.as_ref(),
    account: |config| {
        let settings = &config.signalwire;
        let user = given(&settings.project_id).ok_or("signalwire.project_id is not set")?;
        let space = given(&settings.space_url).ok_or("signalwire.space_url is not set")?;
        let space = space.trim_end_matches('/');
        let password = secret(&settings.api_token).ok_or("signalwire.api_token is not set")?;
        Ok(Account {
            url: format!("{space}/api/laml/2010-04-01/Accounts/{user}"),
            user: user.to_owned(),
            password: password.to_owned(),
        })
    },
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
