//! What to say next. Pure: no clock, no sound, no telephony, no randomness.
//!
//! The contract between the call engine and the dialogue is in [`reply`]; [`Dialogue`] is a plain
//! value that can be cloned, so the engine can take back a turn that ended too early. In the
//! reader's order: `words`, `sound` and `value` make sense of what was heard, `ranker` finds what it
//! is about, `hear` puts it together, `mind` listens for mood and alarm; `policy` decides at the open
//! question, `slots` and `flow` do the business's tasks, `commands` the rest; `asking`, `ending` and `story`
//! put it in words with `template` and `spoken`; `pages` answers from the business's own texts;
//! `domain` holds them.

mod answers;
mod asking;
mod calling;
mod commands;
mod completeness;
mod desk;
pub mod domain;
mod ending;
pub mod flags;
mod flow;
pub mod handover;
mod hear;
mod hours;
mod keys;
mod lexis;
mod longer;
mod looking;
mod mind;
pub mod mood;
mod outside;
pub mod pages;
mod place;
mod policy;
pub mod ranker;
pub mod reply;
mod slots;
mod sound;
pub mod spoken;
mod state;
mod story;
mod taking;
mod telling;
pub mod template;
pub mod value;
mod windows;
mod words;

pub use domain::{Domain, DomainError};
pub use outside::outside;
pub use place::Place;
pub use reply::*;
pub use state::Dialogue;
pub use story::unheard;
pub use words::{Token, tokens, tokens_of};
