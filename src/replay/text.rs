//! A call run again by text: the words and keys of the recording, a live dialogue, no sound and no clock.

use super::answers::Answers;
use super::{ReplayError, fits};
use crate::bundle::Bundle;
use crate::bundle::story::{Asked, End, Given, Turn, turns};
use crate::call::Tick;
use crate::dialogue::{Dialogue, Input, Reply, Then, Understood};
use crate::runtime::business::Business;
use std::sync::Arc;

/// Questions to the back end in one turn, after which it is taken to go round in circles.
const MOST_LOOKUPS: usize = 64;

/// What came of it.
#[derive(Clone, Debug)]
pub struct Told {
    /// The call as it was recorded.
    pub then: Vec<Turn>,
    /// The call as it goes today; shorter where it is over earlier.
    pub now: Vec<Turn>,
    /// Questions to the back end that the recording has no answer to, by name.
    pub unrecorded: Vec<String>,
}

/// Runs a call again.
///
/// # Errors
/// [`ReplayError`]: the call is another business's, or was never answered.
pub fn run(bundle: &Bundle, business: &Business) -> Result<Told, ReplayError> {
    fits(bundle, &business.domain)?;
    let context = bundle.context().ok_or(ReplayError::NeverAnswered)?;
    let then = turns(&bundle.journal);
    let store = business.fresh_store(context.now.date())?;
    let answers = Answers::new(&then, store, context.now);
    let dialogue = Dialogue::new(Arc::clone(&business.domain), context.clone());
    let mut live = Live {
        dialogue,
        answers,
        at: 0,
    };
    let mut now: Vec<Turn> = Vec::new();
    // A person is being called meanwhile.
    let mut calling = false;
    for turn in &then {
        let end = now.last().and_then(|last| last.end.as_ref());
        let passed_on = matches!(end, Some(End::HandedOver(_)));
        match turn.given {
            Given::Calling if passed_on => calling = true,
            Given::Returned if passed_on || calling => calling = false,
            // Nobody was to be called today.
            Given::Calling | Given::Returned => continue,
            _ if end.is_some() => break,
            _ => {}
        }
        now.push(live.turn(turn));
    }
    // A caller who is gone is gone from this call too.
    if let Some(turn) = now.last_mut()
        && then.last().is_some_and(|last| last.end == Some(End::Gone))
        && turn.end.is_none()
    {
        turn.end = Some(End::Gone);
    }
    Ok(Told {
        then,
        now,
        unrecorded: live.answers.unrecorded,
    })
}

struct Live {
    dialogue: Dialogue,
    answers: Answers,
    at: Tick,
}

impl Live {
    fn turn(&mut self, recorded: &Turn) -> Turn {
        self.at = recorded.at;
        let mut turn = Turn {
            given: recorded.given.clone(),
            at: recorded.at,
            speech_from: recorded.speech_from,
            speech_end: recorded.speech_end,
            why: recorded.why,
            understood: None,
            said: Vec::new(),
            reply_at: None,
            asked: Vec::new(),
            cut: None,
            end: None,
        };
        let input = match &recorded.given {
            Given::Start => Input::Start,
            Given::Speech(words) => Input::Speech(words),
            Given::Keys(keys) => Input::Keys(keys),
            Given::NoInput => Input::NoInput,
            Given::Noise => Input::Noise,
            Given::Deaf => Input::Deaf,
            Given::Calling => Input::Calling,
            Given::Returned => Input::Returned,
            Given::Closing => Input::Closing,
            Given::Hurry => Input::Hurry,
        };
        let mut reply = self.dialogue.step(input);
        for _ in 0..MOST_LOOKUPS {
            match self.take(reply, &mut turn) {
                Some(next) => reply = next,
                None => break,
            }
        }
        turn
    }

    /// Notes a reply; the next one, where a back end had to be asked.
    fn take(&mut self, reply: Reply, turn: &mut Turn) -> Option<Reply> {
        turn.said.extend(reply.say);
        if let Some(understood) = reply.understood {
            Understood::join(&mut turn.understood, understood);
        }
        let lookup = match reply.then {
            Then::Listen | Then::CallOff => return None,
            Then::HandOver(handover) => {
                turn.end = Some(End::HandedOver(Box::new(handover)));
                return None;
            }
            Then::HangUp(disposition) => {
                turn.end = Some(End::HungUp(disposition));
                return None;
            }
            Then::LookUp(lookup) => lookup,
        };
        let answer = self.answers.ask(&lookup);
        let (id, at) = (lookup.id, self.at);
        turn.asked.push(Asked {
            lookup,
            at,
            answer: answer.clone().map(|answer| (at, answer.result)),
        });
        let answer = answer?;
        if answer.slow {
            let bridge = self.dialogue.step(Input::Slow);
            turn.said.extend(bridge.say);
        }
        let result = &answer.result;
        Some(self.dialogue.step(Input::Found { lookup: id, result }))
    }
}
