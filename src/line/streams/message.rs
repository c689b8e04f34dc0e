//! The JSON of the media-streams family, read leniently: one shape for all of its dialects, whose fields
//! differ in name only. Only shapes; what they mean is in the codec.

use crate::line::lenient::{Number, Text};
use serde::Deserialize;

/// A message from the line.
#[derive(Deserialize)]
pub struct Message<'a> {
    #[serde(borrow)]
    pub event: Text<'a>,
    #[serde(
        default,
        borrow,
        rename = "streamSid",
        alias = "stream_sid",
        alias = "streamId",
        alias = "stream_id"
    )]
    pub stream: Text<'a>,
    #[serde(default, rename = "sequenceNumber", alias = "sequence_number")]
    pub sequence: Number,
    #[serde(default, borrow)]
    pub start: Option<Start<'a>>,
    #[serde(default, borrow)]
    pub media: Option<Media<'a>>,
    #[serde(default, borrow)]
    pub dtmf: Option<Dtmf<'a>>,
    #[serde(default, borrow)]
    pub mark: Option<MarkName<'a>>,
    /// Plivo's name of a checkpoint.
    #[serde(default, borrow)]
    pub name: Text<'a>,
    /// Telnyx repeats the stream's token in `connected`.
    #[serde(default, borrow, rename = "x-telnyx-streaming-auth-token")]
    pub token: Option<Text<'a>>,
    /// Telnyx says in `error` what it did not like.
    #[serde(default, borrow)]
    pub payload: Option<Complaint<'a>>,
}

#[derive(Deserialize)]
pub struct Start<'a> {
    #[serde(
        default,
        borrow,
        rename = "streamSid",
        alias = "stream_sid",
        alias = "streamId",
        alias = "stream_id"
    )]
    pub stream: Text<'a>,
    #[serde(
        default,
        borrow,
        rename = "callSid",
        alias = "call_sid",
        alias = "callId",
        alias = "call_control_id"
    )]
    pub call: Text<'a>,
    #[serde(default, borrow)]
    pub from: Text<'a>,
    #[serde(default, borrow, rename = "mediaFormat", alias = "media_format")]
    pub format: Option<Format<'a>>,
    #[serde(
        default,
        borrow,
        rename = "customParameters",
        alias = "custom_parameters"
    )]
    pub parameters: Option<Parameters<'a>>,
}

#[derive(Default, Deserialize)]
pub struct Format<'a> {
    #[serde(default, borrow)]
    pub encoding: Text<'a>,
    #[serde(default, rename = "sampleRate", alias = "sample_rate")]
    pub rate_hz: Number,
    #[serde(default)]
    pub channels: Number,
}

/// Of the custom parameters, the one that we need back.
#[derive(Deserialize)]
pub struct Parameters<'a> {
    #[serde(default, borrow)]
    pub token: Text<'a>,
}

#[derive(Deserialize)]
pub struct Media<'a> {
    #[serde(default, borrow)]
    pub track: Text<'a>,
    #[serde(default)]
    pub chunk: Number,
    /// ms since the stream's start.
    #[serde(default)]
    pub timestamp: Number,
    #[serde(default, borrow)]
    pub payload: Text<'a>,
}

#[derive(Deserialize)]
pub struct Dtmf<'a> {
    #[serde(default, borrow)]
    pub digit: Text<'a>,
}

#[derive(Deserialize)]
pub struct MarkName<'a> {
    #[serde(default, borrow)]
    pub name: Text<'a>,
}

#[derive(Deserialize)]
pub struct Complaint<'a> {
    #[serde(default, borrow)]
    pub code: Text<'a>,
    #[serde(default, borrow)]
    pub title: Text<'a>,
}
