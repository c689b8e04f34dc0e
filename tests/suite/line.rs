//! The telephone line: Twilio's messages both ways, whole calls over loopback sockets, what is refused
//! at the door, and how the house closes. The session behind the line is a fake at that seam.

mod asterisk;
mod calls;
mod codec;
mod doors;
mod drain;
mod drive;
mod exotel;
mod freeswitch;
mod garbage;
mod genesys;
pub mod house;
mod jambonz;
mod kiosk;
pub mod log;
mod peers;
mod plivo;
mod signalwire;
mod simulated;
mod strain;
mod streams;
mod telnyx;
mod vonage;
mod warm;
