//! What a telephony provider is to us: a pure codec between its socket messages and the line's
//! events. One file per provider, one line in [`PROVIDERS`]; sockets and clocks are in `media`.

use super::Out;
use super::twilio::TwilioCodec;
use crate::audio::{Digit, Frame};
use crate::call::Mark;

/// A provider's entry in [`PROVIDERS`].
pub struct Provider {
    /// As in configuration and paths.
    pub name: &'static str,
    /// A codec for one socket.
    pub codec: fn() -> Box<dyn Provided>,
}

/// Every provider that we speak with.
pub const PROVIDERS: &[Provider] = &[Provider {
    name: "twilio",
    codec: || Box::new(TwilioCodec::new()),
}];

/// A message as it stands on the socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wire<T, B> {
    Text(T),
    Binary(B),
}

/// A received message.
pub type Received<'a> = Wire<&'a str, &'a [u8]>;
/// A message to send.
pub type Sent = Wire<String, Vec<u8>>;

/// One socket's codec. Never panics, never keeps more than a few messages' worth of sound.
pub trait Provided: Send {
    /// Appends what `message` says to `events`; nothing is appended where it is ignored.
    ///
    /// # Errors
    /// Why the message is ignored. The socket goes on, see [`Ignored::weight`].
    fn decode(&mut self, message: Received<'_>, events: &mut Vec<LineEvent>)
    -> Result<(), Ignored>;

    /// Appends the messages for `out`. None before the stream has started.
    fn encode(&mut self, out: &Out, wire: &mut Vec<Sent>);
}

/// What a line tells us.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "frames are by far the most common, and boxing would allocate 50 times a second"
)]
pub enum LineEvent {
    /// The stream is set up.
    Started(Start),
    /// 20 ms of the caller.
    Frame(Frame),
    /// 20 ms of the caller that were lost on the way.
    Lost,
    Digit(Digit),
    /// The mark was played to its end, or cleared.
    Played(Mark),
    /// The provider ends the stream: the caller hung up or was redirected.
    Stopped,
}

/// The stream's opening facts.
#[derive(Clone, PartialEq, Eq)]
pub struct Start {
    /// The provider's name for the call.
    pub call_id: String,
    /// The one-time token from our own webhook answer.
    pub token: String,
}

impl std::fmt::Debug for Start {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Start")
            .field("call_id", &self.call_id)
            .finish_non_exhaustive()
    }
}

/// Why a message changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ignored {
    #[error("an event without consequence")]
    Idle,
    #[error("an event of unknown kind")]
    UnknownEvent,
    #[error("not JSON of the expected shape")]
    Malformed,
    #[error("a needed field is missing: {0}")]
    Missing(&'static str),
    #[error("the payload is not base64")]
    Payload,
    #[error("a binary message where text is due")]
    Binary,
    #[error("sent before the stream's start")]
    BeforeStart,
    #[error("sent after the stream's end")]
    AfterStop,
    #[error("a second start")]
    SecondStart,
    #[error("meant for another stream")]
    OtherStream,
    #[error("the sound of another track")]
    OtherTrack,
    #[error("an audio format other than µ-law 8000 Hz mono")]
    Format,
    #[error("too late: what follows it has been heard")]
    Late,
    #[error("sent twice")]
    Duplicate,
    #[error("no telephone key")]
    Digit,
    #[error("a mark that we did not send")]
    UnknownMark,
}

impl Ignored {
    /// How much the message counts towards closing the socket: 1 where only a broken peer sends such
    /// a thing, 0 where newer versions, loss or reordering explain it.
    pub fn weight(self) -> u32 {
        match self {
            Self::Idle
            | Self::UnknownEvent
            | Self::OtherTrack
            | Self::Late
            | Self::Duplicate
            | Self::AfterStop => 0,
            Self::Malformed
            | Self::Missing(_)
            | Self::Payload
            | Self::Binary
            | Self::BeforeStart
            | Self::SecondStart
            | Self::OtherStream
            | Self::Format
            | Self::Digit
            | Self::UnknownMark => 1,
        }
    }
}
