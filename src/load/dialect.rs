//! A provider's part in a call, in its own words: what it asks the server between streams, and its end of
//! the media socket. Strict: what the real provider refuses is an error here. One folder per provider, one
//! line in [`DIALECTS`]; sockets, clocks and callers are left to the load tool.

use super::LoadError;
use super::rest::FakeRest;
use super::{
    asterisk, audiosocket, exotel, freeswitch, genesys, jambonz, kiosk, plivo, telnyx, twilio,
    vonage,
};
use crate::config::Config;
use crate::pii::Secret;
use futures_util::future::BoxFuture;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use crate::line::provider::{Received, Sent, Wire};

/// A provider's entry in [`DIALECTS`].
pub struct Entry {
    /// As in `--line`, and in the server's settings and paths.
    pub name: &'static str,
    /// Ways of this line that a server must bear all of, as in `--line NAME:WAY`; the first is the usual
    /// one. Empty: there is but one.
    pub ways: &'static [&'static str],
    /// The server gives it orders over REST: it needs a [`Target::rest`].
    pub takes_orders: bool,
    /// The dialect, for one server.
    pub open: fn(&Target<'_>) -> Result<Arc<dyn Dialect>, LoadError>,
}

/// Every provider whose part the load tool plays.
pub const DIALECTS: &[Entry] = &[
    asterisk::ENTRY,
    audiosocket::ENTRY,
    exotel::ENTRY,
    freeswitch::ENTRY,
    freeswitch::PLAYBACK,
    genesys::ENTRY,
    jambonz::ENTRY,
    kiosk::ENTRY,
    plivo::ENTRY,
    twilio::SIGNALWIRE,
    telnyx::ENTRY,
    twilio::ENTRY,
    vonage::ENTRY,
];

/// The entry of this name.
pub fn dialect(name: &str) -> Option<&'static Entry> {
    DIALECTS.iter().find(|entry| entry.name == name)
}

/// The server that is called.
pub struct Target<'a> {
    /// Its own address, `http://127.0.0.1:8080`, without a slash at the end.
    pub base: &'a str,
    /// Which of the line's [`Entry::ways`]; empty where there is but one.
    pub way: &'a str,
    /// The secrets that it shares with the provider.
    pub config: &'a Config,
    /// Where it is set to send its orders.
    pub rest: Option<&'a Arc<FakeRest>>,
}

/// A secret's text; none where it is empty.
pub fn plain(secret: Option<&Secret<String>>) -> Option<String> {
    let secret = secret.map(|secret| secret.expose().clone());
    secret.filter(|secret| !secret.is_empty())
}

/// What was last heard on a socket and matters to its call when the socket is closed.
#[derive(Debug)]
pub struct LastWord<T>(Arc<Mutex<Option<T>>>);

impl<T> LastWord<T> {
    pub fn put(&self, word: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(word);
    }

    pub fn take(&self) -> Option<T> {
        let mut word = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        word.take()
    }
}

impl<T> Default for LastWord<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for LastWord<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// A provider.
pub trait Dialect: Send + Sync {
    fn name(&self) -> &'static str;

    /// A call that is about to be placed.
    fn call(&self, caller: &Caller) -> Box<dyn CarrierCall>;
}

/// Who calls whom.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Another for each call; for the provider's name of it.
    pub id: u128,
    /// The caller's number, E.164.
    pub from: String,
    /// The number that was dialled, E.164.
    pub to: String,
}

impl Caller {
    /// A caller from the numbers kept free for fiction.
    ///
    /// # Panics
    /// When the system has no source of randomness.
    pub fn any() -> Self {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("the system has a source of randomness");
        Self {
            id: u128::from_ne_bytes(bytes),
            from: "+15555550100".into(),
            to: "+15555550199".into(),
        }
    }

    /// The call's number as 32 hexadecimal digits.
    pub fn hex(&self) -> String {
        format!("{:032x}", self.id)
    }

    /// The call's number as a UUID is written.
    pub fn uuid(&self) -> String {
        let hex = self.hex();
        let part = |range: std::ops::Range<usize>| &hex[range];
        format!(
            "{}-{}-{}-{}-{}",
            part(0..8),
            part(8..12),
            part(12..16),
            part(16..20),
            part(20..32)
        )
    }
}

/// One call from the provider's side: the webhooks that it calls, the orders that it gets.
pub trait CarrierCall: Send {
    /// Tells the server what happened and returns what it wants. After [`Hung::ByCaller`] and
    /// [`News::HungUp`] the call is over, whatever is returned.
    fn next(&mut self, news: News) -> BoxFuture<'_, Result<Next, LoadError>>;

    /// Waits, while a stream runs, for an order that the server gives beside the media socket (over REST,
    /// on a control socket). May be dropped at any time without loss.
    fn ordered(&mut self) -> BoxFuture<'_, Result<Ordered, LoadError>> {
        Box::pin(std::future::pending())
    }

    /// Our end of the media socket that the last [`Next::Stream`] asked for.
    fn side(&mut self) -> Box<dyn Side>;
}

/// What happened to the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// The caller has dialled.
    Placed,
    /// The media socket is closed.
    StreamEnded(Hung),
    /// The person's telephone has rung.
    Dialed(DialStatus),
    /// The caller has hung up while no stream was open.
    HungUp,
}

/// Who ended a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hung {
    ByCaller,
    /// The server closed the socket or said goodbye on it.
    ByServer,
    /// The server gave an order beside the socket: [`Ordered::Leave`].
    ByOrder,
}

/// How a transfer ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DialStatus {
    /// Somebody took the call and has hung up by now.
    #[default]
    Completed,
    Busy,
    NoAnswer,
    Failed,
    Canceled,
}

/// What a person does who picks up, and hears the story with a key to press.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Person {
    /// Presses 1.
    #[default]
    Accepts,
    /// Presses another key.
    Declines,
    /// Hangs up without a key.
    HangsUp,
    /// Presses 1 and hangs up before the caller is there.
    Leaves,
}

impl Person {
    /// The key that is pressed; `None`: none.
    pub fn key(self) -> Option<&'static str> {
        match self {
            Self::Accepts | Self::Leaves => Some("1"),
            Self::Declines => Some("2"),
            Self::HangsUp => None,
        }
    }
}

/// What the server wants next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    Stream(Open),
    /// The call leaves the bot for a person; [`News::Dialed`] follows.
    Dial(Dial),
    /// After [`News::Dialed`] on an open stream: the stream goes on.
    Stay,
    /// The caller never got to the bot: to the human line where there is a number, else away.
    TurnedAway(Option<Dial>),
    /// The bot ended the call, or it is no longer the bot's.
    Over,
}

/// What the server ordered beside the media socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ordered {
    /// The stream ends; [`CarrierCall::next`] gets [`Hung::ByOrder`] and tells the rest.
    Leave,
    /// A person is called while the stream stays open; [`News::Dialed`] follows.
    Dial(Dial),
}

/// A transfer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dial {
    pub to: String,
    /// What travels with it: parameters, headers.
    pub carries: Vec<(String, String)>,
}

/// A media socket to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Open {
    WebSocket {
        /// `ws://…`.
        url: String,
        headers: Vec<(String, String)>,
        /// Offered; the server must choose one where there are any.
        subprotocols: Vec<String>,
    },
    /// `HOST:PORT`. What is sent goes out in one write per [`Sent::Binary`]; what comes is cut anywhere.
    Tcp(String),
}

/// Where a stream stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct At {
    /// Since the stream's start.
    pub now: Duration,
    /// Sound from the server that has not been played yet.
    pub buffered: Duration,
}

/// The provider's end of one media socket. Pure.
pub trait Side: Send {
    /// What is sent as soon as the socket is open.
    fn hello(&mut self, wire: &mut Vec<Sent>);

    /// 20 ms of the caller, in 160 bytes µ-law. Called every 20 ms, so it is also this side's clock.
    fn sound(&mut self, at: At, ulaw: &[u8], wire: &mut Vec<Sent>);

    /// The caller presses a key.
    fn key(&mut self, at: At, key: char, wire: &mut Vec<Sent>);

    /// What stood before a mark ([`Heard::Mark`]) was played, or dropped by [`Heard::Clear`].
    fn played(&mut self, at: At, mark: &str, cleared: bool, wire: &mut Vec<Sent>);

    /// The caller is gone, or the call leaves the stream.
    fn stop(&mut self, at: At, wire: &mut Vec<Sent>);

    /// After [`Side::stop`] the socket stays open for a goodbye ([`Heard::Ended`]).
    fn lingers(&self) -> bool {
        false
    }

    /// Nothing tells where a sentence ends (no marks, no sentences in one message, no steady silence): a
    /// longer pause is taken for it.
    fn guesses_ends(&self) -> bool {
        false
    }

    /// The server pings.
    ///
    /// # Errors
    /// What that does to the real provider.
    fn pinged(&mut self) -> Result<(), String> {
        Ok(())
    }

    /// A close of this code is an end as the provider knows it.
    fn accepts_close(&self, code: u16) -> bool {
        code == 1000
    }

    /// Appends what the message says; bytes of a TCP stream come in any pieces.
    ///
    /// # Errors
    /// Why the real provider would refuse it. The stream goes on, see [`Heard::Broken`].
    fn receive(
        &mut self,
        at: At,
        message: Received<'_>,
        heard: &mut Vec<Heard>,
    ) -> Result<(), String>;
}

/// What a message from the server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Sound to play after what is there, µ-law 8 kHz.
    Sound(Vec<u8>),
    /// A whole sentence of it: what follows may come at any time.
    Sentence(Vec<u8>),
    /// To be returned once all sound before it was played.
    Mark(String),
    /// Drop what has not been played.
    Clear,
    /// To be answered at once.
    Answer(Sent),
    /// The server has said goodbye.
    Ended,
    /// The provider gives the call up: it broke the rules in a way that the real one does not survive.
    Broken(String),
}
