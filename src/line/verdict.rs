//! What a call gets when its carrier asks what comes next: after the media socket, after a transfer. One
//! decision for all lines; each writes it in its own document.

use super::calls::{Outcome, Token};
use super::e164::E164;
use super::server::Shared;
use super::warm::{LegId, caller_gone};
use crate::config::HumanTransfer;
use crate::dialogue::Handover;
use std::sync::Arc;
use tokio::time::Instant;

/// What comes next.
pub enum Verdict {
    /// Nothing: the call ends.
    HangUp,
    /// A person's telephone rings.
    Dial(Transfer),
    /// The caller follows a person into the room where he waits.
    Join(LegId),
    /// The bot takes the caller (back): the socket opens with this token.
    Bot(Token),
    /// Nobody is there, and the caller is told so.
    Nobody,
    /// The bot cannot take the call: to the human line without it, or an apology.
    Fallback,
}

/// A transfer to the human line.
pub struct Transfer {
    pub number: E164,
    /// Why, where that is known.
    pub handover: Option<Arc<Handover>>,
    /// Somebody is here afterwards to ask how it went.
    pub stays: bool,
    /// The person hears the story first and takes the call with a key.
    pub whispers: bool,
}

/// A call comes in on a line of this name.
pub fn arrives(
    shared: &Shared,
    line: &'static str,
    call_id: &str,
    caller: Option<E164>,
    called: Option<E164>,
) -> Verdict {
    if shared.stop.drain.is_cancelled() {
        tracing::info!(line, call = call_id, "call not taken: the house is closing");
        return Verdict::Fallback;
    }
    let invited = shared.invite(line, call_id, caller);
    let verdict = invited.map_or(Verdict::Fallback, Verdict::Bot);
    shared.calls.note_called(call_id, called);
    verdict
}

/// The media socket is closed: what did the call decide? `is_over`: the caller has hung up.
pub fn after_stream(shared: &Arc<Shared>, call_id: &str, is_over: bool) -> Verdict {
    let calls = &shared.calls;
    let outcome = calls.outcome(call_id);
    tracing::info!(call = call_id, ?outcome, "stream ended");
    if is_over {
        caller_gone(shared, call_id);
        calls.forget(call_id);
        return Verdict::HangUp;
    }
    match (outcome, &shared.human_line) {
        (Some(Outcome::HangUp), _) => {
            calls.forget(call_id);
            Verdict::HangUp
        }
        (Some(Outcome::Joined), _) => match shared.warm.follow(call_id) {
            Some(leg) => {
                calls.forget(call_id);
                Verdict::Join(leg)
            }
            None => {
                tracing::info!(call = call_id, "the person is gone: the bot goes on");
                take_back(shared, call_id)
            }
        },
        (Some(Outcome::HandOver), Some(number)) => {
            let handover = calls.handover(call_id);
            let whispers = whispers(shared, handover.as_deref());
            // A house that closes will not be there to hear whether somebody answered, or to whisper.
            let stays = !shared.stop.drain.is_cancelled();
            if !stays {
                calls.forget(call_id);
            }
            Verdict::Dial(Transfer {
                number: number.clone(),
                handover,
                stays,
                whispers: stays && whispers,
            })
        }
        (Some(Outcome::HandOver), None) => {
            tracing::warn!(
                call = call_id,
                "no human line is configured to hand the call over to: the bot goes on"
            );
            take_back(shared, call_id)
        }
        (Some(Outcome::Broken) | None, _) => {
            calls.forget(call_id);
            Verdict::Fallback
        }
    }
}

/// A person hears the story first.
fn whispers(shared: &Shared, handover: Option<&Handover>) -> bool {
    shared.transfer != HumanTransfer::Blind && handover.is_some_and(|h| !h.whisper().is_empty())
}

/// Whether a person who has `talked` has taken the call: who heard the story and did not press the key (a
/// machine, say) has answered, too.
pub fn is_taken(shared: &Shared, call_id: &str, talked: bool) -> bool {
    let handover = shared.calls.handover(call_id);
    talked && (shared.calls.is_accepted(call_id) || !whispers(shared, handover.as_deref()))
}

/// The transfer has ended: did the person take the call, or has the caller hung up (`is_over`)?
pub fn after_transfer(shared: &Shared, call_id: &str, taken: bool, is_over: bool) -> Verdict {
    tracing::info!(call = call_id, taken, "transfer ended");
    if taken || is_over {
        shared.calls.forget(call_id);
        return Verdict::HangUp;
    }
    take_back(shared, call_id)
}

/// The bot takes the caller back, where it can.
fn take_back(shared: &Shared, call_id: &str) -> Verdict {
    let back = match shared.stop.drain.is_cancelled() {
        true => None,
        false => invite(shared, call_id, None),
    };
    back.map_or_else(
        || {
            shared.calls.forget(call_id);
            Verdict::Nobody
        },
        Verdict::Bot,
    )
}

fn invite(shared: &Shared, call_id: &str, caller: Option<E164>) -> Option<Token> {
    let invited = shared.calls.invite(call_id, caller, Instant::now());
    invited
        .inspect_err(|refused| tracing::warn!(call = call_id, %refused, "call not taken"))
        .ok()
}
