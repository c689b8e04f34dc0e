//! Calls with a real Asterisk, see `tests/asterisk/README.md`. Left out of the usual run: they need the
//! program (`ASTERISK`, `ASTERISK_MODULES`) and real time.

mod asterisk;
#[cfg(feature = "speech")]
mod models;
mod tones;
