//! The telephone line: Twilio's messages both ways, whole calls over loopback sockets, what is refused
//! at the door, and how the house closes. The session behind the line is a fake at that seam.

mod asterisk;
mod calls;
mod codec;
mod doors;
mod drain;
mod freeswitch;
pub mod house;
mod kiosk;
mod plivo;
mod simulated;
mod telnyx;
