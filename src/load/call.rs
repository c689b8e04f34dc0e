//! One call from the first webhook to the last: follows what the server wants, as the provider does.

use super::actor::Actor;
use super::dialect::{Caller, DialStatus, Hung, News, Next};
use super::report::Report;
use super::stream::Stream;
use super::tape::Tape;
use super::{LoadError, Plan};
use std::path::PathBuf;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until};

/// Streams and transfers in one call: each failed transfer brings the caller back.
const MOST_STEPS: usize = 16;

/// Places a call and stays until `until` or until the bot ends it. `number`: which of the plan's calls.
///
/// # Errors
/// When the call breaks; what was measured before is in `report`.
pub async fn run(
    plan: &Plan,
    number: usize,
    tapes: Option<&PathBuf>,
    until: Instant,
    report: &mut Report,
) -> Result<(), LoadError> {
    let caller = Caller::any();
    let mut tape = tapes.map(|_| Tape::default());
    let done = follow(plan, &caller, number, until, report, &mut tape).await;
    if let (Some(folder), Some(tape)) = (tapes, tape) {
        let file = folder.join(format!("{}.wav", caller.hex()));
        let written = spawn_blocking(move || tape.write(&file)).await;
        let written = written.map_err(|error| error.to_string());
        if let Err(why) = written.and_then(|written| written.map_err(|error| error.to_string())) {
            return Err(LoadError::Setup(format!(
                "a recording cannot be written: {why}"
            )));
        }
    }
    done
}

async fn follow(
    plan: &Plan,
    caller: &Caller,
    number: usize,
    until: Instant,
    report: &mut Report,
    tape: &mut Option<Tape>,
) -> Result<(), LoadError> {
    let mut call = plan.dialect.call(caller);
    let mut actor = Actor::new(plan, caller, number);
    let mut next = call.next(News::Placed).await?;
    if let Next::TurnedAway(to) = next {
        report.turn_away(to);
        return Ok(());
    }
    for step in 0..MOST_STEPS {
        next = match next {
            Next::Stream(_) if Instant::now() >= until => {
                // The caller does not wait for another stream.
                call.next(News::HungUp).await?;
                return Ok(());
            }
            Next::Stream(open) => {
                let stream = Stream::open(&open, call.side()).await?;
                report.calls += u64::from(step == 0);
                let ended = stream
                    .run(
                        plan,
                        until,
                        call.as_mut(),
                        &mut actor,
                        report,
                        tape.as_mut(),
                    )
                    .await?;
                let next = match ended.next {
                    Some(next) => next,
                    None => {
                        let next = call.next(News::StreamEnded(ended.hung)).await?;
                        if ended.hung == Hung::ByCaller {
                            return Ok(());
                        }
                        next
                    }
                };
                if step == 0 && ended.silent && ended.hung == Hung::ByServer {
                    // Some lines are told on the socket only that there is no room.
                    report.calls -= 1;
                    let Next::Dial(dial) = next else {
                        report.turn_away(None);
                        return Ok(());
                    };
                    report.turn_away(Some(dial));
                    call.next(News::Dialed(DialStatus::Completed)).await?;
                    return Ok(());
                }
                next
            }
            Next::Dial(dial) => {
                report.transfer(dial, plan.dial_status);
                sleep_until(Instant::now() + plan.ring).await;
                call.next(News::Dialed(plan.dial_status)).await?
            }
            Next::TurnedAway(_) | Next::Stay | Next::Over => break,
        };
    }
    report.ended_by_bot += 1;
    Ok(())
}
