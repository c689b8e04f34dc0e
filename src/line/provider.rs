//! What a telephony provider is to us: a pure codec between its socket messages and the line's
//! events, and what it can do. One file or folder per provider, one line in [`PROVIDERS`]; sockets and
//! clocks are in `media`, webhooks and REST behind [`Carrier`].

use super::carrier::Carrier;
use super::server::ServeError;
use super::{
    Out, asterisk, exotel, freeswitch, genesys, jambonz, kiosk, plivo, signalwire, telnyx, twilio,
    vonage,
};
use crate::audio::{Digit, Frame};
use crate::call::Mark;
use crate::config::Config;
use crate::runtime::session::LineTraits;
use std::sync::Arc;
use std::time::Duration;

/// A provider's entry in [`PROVIDERS`].
pub struct Provider {
    /// As in configuration and paths.
    pub name: &'static str,
    /// As people write it.
    pub title: &'static str,
    /// What a session must know of it; its name is that of the provider.
    pub line: LineTraits,
    pub able: Able,
    /// A socket that the line closes in good order is a caller who has hung up; otherwise the line says
    /// so in a message, and a close without one is a fault.
    pub close_is_hang_up: bool,
    pub alive: Alive,
    /// A codec for one socket, with what it needs to know taken to be usual.
    pub codec: fn() -> Box<dyn Provided>,
    /// Its webhooks and REST side, by the settings.
    pub carrier: fn(&Config) -> Result<Arc<dyn Carrier>, ServeError>,
}

/// Every provider that we speak with.
pub const PROVIDERS: &[&Provider] = &[
    &asterisk::AUDIOSOCKET,
    &asterisk::PROVIDER,
    &exotel::PROVIDER,
    &freeswitch::PLAYBACK,
    &freeswitch::PROVIDER,
    &genesys::PROVIDER,
    &jambonz::PROVIDER,
    &kiosk::PROVIDER,
    &plivo::PROVIDER,
    &signalwire::PROVIDER,
    &telnyx::PROVIDER,
    &twilio::PROVIDER,
    &vonage::PROVIDER,
];

/// The provider of this name.
pub fn provider(name: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|entry| entry.name == name).copied()
}

/// Frames of 20 ms that are sent ahead of time where the line has a buffer, so that a late one is no gap
/// in the caller's ear.
pub const LEAD: u32 = 4;

/// What can be done on a line. What cannot is told by `attendant check` and on the line's docs page.
#[derive(Clone, Copy, Debug)]
pub struct Able {
    /// How it is known what the caller has heard.
    pub heard: Heard,
    /// What is buffered on the line can be dropped at once (barge-in).
    pub clear: bool,
    /// Keys are signalled by messages; otherwise their tones are listened for.
    pub keys: bool,
    /// A call can be passed to a person.
    pub transfer: bool,
    /// The person hears the story first and may refuse.
    pub whisper: bool,
    /// The caller stays with the bot until the person has taken the call.
    pub warm: bool,
    /// The bot takes the caller back when nobody answers.
    pub take_back: bool,
    /// Parts of the handover packet travel with the transfer.
    pub parameters: bool,
    /// Whatever else its users should know, a sentence each.
    pub notes: &'static [&'static str],
}

/// What shows that a stream is alive; without it the socket is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alive {
    /// The caller's sound, at least every 30 s.
    Sound,
    /// Any message, at least every 60 s: sound is sent while there is some.
    Messages,
    /// The same; and the line is pinged every 15 s, which an idle one answers.
    Pings,
    /// The connection itself: a telephone that sends no silence may send nothing for minutes.
    Connection,
}

impl Alive {
    /// Longest time without a sign of life.
    pub fn patience(self) -> Duration {
        match self {
            Self::Sound => Duration::from_secs(30),
            Self::Messages | Self::Pings => Duration::from_secs(60),
            Self::Connection => Duration::MAX,
        }
    }
}

/// How it is known what the caller has heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The line plays marks back.
    Marks,
    /// We count: what was sent at its time was heard.
    Clock,
}

impl Able {
    /// What is missing, a sentence each, for people.
    pub fn lacks(&self) -> Vec<&'static str> {
        let parts = [
            (
                self.heard == Heard::Marks,
                "It does not tell what the caller has heard: the bot counts the time.",
            ),
            (
                self.clear,
                "What it has buffered cannot be dropped: after a barge-in the caller hears the rest of it.",
            ),
            (
                self.keys,
                "Keys come as tones only: they are recognised from the sound.",
            ),
            (self.transfer, "Calls cannot be passed to a person."),
            (
                self.whisper,
                "The person who takes over does not hear the story first.",
            ),
            (
                self.warm,
                "No warm transfer: the bot leaves before the person answers.",
            ),
            (
                self.take_back,
                "The bot does not get the caller back when nobody answers.",
            ),
            (
                self.parameters,
                "The transfer carries no data: what was said reaches people by the webhook only.",
            ),
        ];
        let lacking = parts.into_iter().filter(|(there, _)| !there);
        lacking
            .map(|(_, text)| text)
            .chain(self.notes.iter().copied())
            .collect()
    }
}

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

    /// Appends the messages for `out`. None before the stream has started, but for an end: a call that is
    /// turned away is told so.
    fn encode(&mut self, out: &Out, wire: &mut Vec<Sent>);

    /// Appends what the messages decoded so far must be answered with at once: handshakes, pings.
    fn answer(&mut self, wire: &mut Vec<Sent>) {
        let _ = wire;
    }

    /// Appends what goes out in 20 ms without anything to play: a line may need its silence sent.
    fn quiet(&mut self, wire: &mut Vec<Sent>) {
        let _ = wire;
    }

    /// Whose socket this turned out to be, where its address did not tell.
    fn provider(&self) -> Option<&'static Provider> {
        None
    }

    /// After the last message the line ends the stream, and is given the time to.
    fn waits_for_goodbye(&self) -> bool {
        false
    }
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
    /// The caller has typed this as a turn.
    Typed(String),
    /// The mark was played to its end, or cleared.
    Played(Mark),
    /// The provider ends the stream: the caller hung up or was redirected.
    Stopped,
}

/// The stream's opening facts.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Start {
    /// The provider's name for the call, as [`name`] wants it.
    pub call_id: String,
    /// The one-time token from our own webhook answer; empty where calls come without an invitation.
    pub token: String,
    /// The caller's number as the stream tells it. Believed only where calls come without an invitation.
    pub caller: Option<String>,
    /// The language that the caller chose before the call ("es").
    pub language: Option<String>,
}

/// A name that is safe in our messages, logs and folder names: 1 to 64 letters, digits, `-` and `_`.
pub fn name(text: &str) -> Option<&str> {
    let fits = (1..=64).contains(&text.len());
    let fits = fits
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    fits.then_some(text)
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
    #[error("an audio format that is not spoken here")]
    Format,
    #[error("too late: what follows it has been heard")]
    Late,
    #[error("sent twice")]
    Duplicate,
    #[error("no telephone key")]
    Digit,
    #[error("a mark that we did not send")]
    UnknownMark,
    #[error("a token that is not ours, out of date, or was used")]
    Token,
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
            | Self::UnknownMark
            | Self::Token => 1,
        }
    }
}
