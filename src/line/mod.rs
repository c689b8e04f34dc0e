//! How a caller reaches us: providers' sockets, the microphone, a recorded file. Decides how sound,
//! keys and marks travel; what is said and when is the session's business, behind [`CallSession`].

mod asked;
pub mod asterisk;
pub mod audio_fork;
pub mod calls;
pub mod carrier;
pub mod coding;
mod dialplan;
mod doors;
pub mod e164;
pub mod exotel;
pub mod form;
pub mod freeswitch;
pub mod genesys;
mod guard;
pub mod handed;
mod house;
pub mod jambonz;
pub mod jitter;
pub mod keyed;
pub mod kiosk;
pub mod lenient;
pub mod media;
pub mod mic;
pub mod parrot;
pub mod plivo;
pub mod provider;
pub mod reckon;
pub mod recording;
pub mod reorder;
pub mod script;
pub mod server;
pub mod signalwire;
pub mod socket;
#[cfg(feature = "sound")]
pub mod sound;
pub mod strain;
pub mod streams;
pub mod telnyx;
pub mod twilio;
pub mod verdict;
pub mod vonage;
pub mod warm;
pub mod words;

pub use crate::runtime::house::Waits;
pub use crate::runtime::session::{Caption, Ending, LineTraits, Out};
pub use house::HouseSwitchboard;

use crate::audio::{Digit, Frame};
use crate::call::Mark;
use crate::dialogue::spoken::Language;
use crate::dialogue::{Handover, Reason};

/// One call, as a line drives it: [`CallSession::answered`] first ([`CallSession::speaks`] may come before), then one [`CallSession::tick`] per
/// 20 ms, everything else between ticks, and [`CallSession::hung_up`] once, last, however it ended.
pub trait CallSession: Send {
    /// The caller chose this language ("es") before the call. Lines without such a choice never call it.
    fn speaks(&mut self, _language: &str) {}
    /// The call is up; the caller's number, E.164, where the line gave one.
    fn answered(&mut self, caller: Option<String>);
    /// 20 ms have passed; `None`: no sound arrived. Appends what goes to the line now.
    fn tick(&mut self, heard: Option<&Frame>, out: &mut Vec<Out>);
    /// The line signalled a key.
    fn digit(&mut self, digit: Digit);
    /// The caller typed this instead of saying it. Lines without a keyboard never call it.
    fn typed(&mut self, _text: &str) {}
    /// The line played the mark to its end, or dropped it after our clear.
    fn played(&mut self, mark: Mark);
    /// After [`Ending::HandOver`]: a person is being called, and the caller stays on this stream meanwhile. Then
    /// comes [`CallSession::joined`] or [`CallSession::returned`].
    fn calling(&mut self) {}
    /// That person has the caller now.
    fn joined(&mut self) {}
    /// After [`Ending::HandOver`]: nobody took the call, the caller is back on a new stream (marks of
    /// the old one do not come any more), or has never left this one.
    fn returned(&mut self);
    /// After [`Ending::HandOver`]: the stream is gone, and the session waits for the caller's return, for hours
    /// perhaps, and mostly in vain: what it holds open is closed.
    fn set_aside(&mut self) {}
    /// The caller is gone for good: close the record. Nothing is called after it.
    fn hung_up(&mut self);
    /// The house is closing: bring the call to an end.
    fn drain(&mut self);
    /// It closes in some seconds: the same, without waiting for anything.
    fn last_call(&mut self) {}
}

/// Makes the sessions of a server's calls.
pub trait Switchboard: Send + Sync {
    /// A session for a new call. `call_id`: the provider's name for it, 1 to 64 letters, digits, `-`
    /// and `_`, so fit for a file name; `line`: what it comes on.
    fn new_call(&self, call_id: &str, line: LineTraits) -> Box<dyn CallSession>;
    /// What callers are spoken to until they want another one.
    fn language(&self) -> Language {
        Language::English
    }

    /// What a caller may know before the call.
    fn sign(&self) -> Sign {
        Sign::default()
    }
    /// A call on this line is not taken, for there is too much to do: what a person who takes it instead
    /// gets to know. Called in a storm of them, too.
    fn turned_away(&self, _line: &'static str, _call_id: &str, _caller: Option<&str>) -> Handover {
        Handover::new(Reason::Overload, "")
    }

    /// Can calls be answered properly? False while the recogniser is dead.
    fn ready(&self) -> bool;
    /// How long callers wait to be recognised.
    fn waits(&self) -> Waits {
        Waits::default()
    }
}

/// What stands over a business's door.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sign {
    /// Its name for people; empty: not told.
    pub title: String,
    /// The languages that it speaks ("en"), the one that calls begin with first.
    pub languages: Vec<&'static str>,
}
