//! What to say next. Pure: no clock, no sound, no telephony, no randomness.
//!
//! The contract between the call engine and the dialogue is in [`reply`]; [`Dialogue`] is a plain
//! value that can be cloned, so the engine can take back a turn that ended too early. In the
//! reader's order: `words`, `number`, `yes_no`, `sound`, `intent` make sense of what was heard,
//! `understand` puts it together, `policy`, `tasks`, `answers` and
//! `ending` decide, `prompt` words it, and
//! `domain` holds the business's texts.

mod answers;
mod completeness;
mod domain;
mod ending;
mod hours;
mod intent;
mod number;
mod outside;
mod policy;
mod prompt;
mod read;
pub mod reply;
mod sound;
pub mod spoken;
mod state;
mod table;
mod tasks;
mod understand;
pub mod value;
mod words;
mod yes_no;

pub use domain::{Command, Does, Domain, DomainError, Form, Intent, Slot, SlotKind};
pub use outside::outside;
pub use reply::*;
pub use state::Dialogue;
pub use words::Token;
