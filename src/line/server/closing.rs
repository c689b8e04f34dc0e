//! How a house closes: no new calls, running ones are brought to an end, and the last ones are told before
//! they are cut off.

use super::Shared;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// Callers who are still there so long before they would be cut off are told.
const LAST_CALL: Duration = Duration::from_secs(20);
/// Time that calls which are cut off get to close their records.
const LAST_RECORDS: Duration = Duration::from_secs(1);
/// Time that carriers get, once all calls have ended, to ask how.
const LAST_QUESTIONS: Duration = Duration::from_secs(5);

/// Waits for the signal to close, then until the house is empty or the time is up.
pub(super) async fn close(shared: &Shared, limit: Duration) -> usize {
    let sweep = Duration::from_secs(10);
    loop {
        tokio::select! {
            () = shared.stop.drain.cancelled() => break,
            () = shared.stop.halt.cancelled() => break,
            () = sleep(sweep) => shared.calls.sweep(Instant::now()),
        }
    }
    shared.stop.drain.cancel();
    tracing::info!(
        calls = shared.calls.busy(),
        limit_s = limit.as_secs(),
        "closing: no new calls"
    );
    let last = LAST_CALL.min(limit / 2);
    tokio::select! {
        () = shared.stop.halt.cancelled() => {}
        emptied = timeout(limit.saturating_sub(last), empty(shared)) => {
            if emptied.is_err() {
                tracing::info!(calls = shared.calls.busy(), "closing at once: callers are told");
                shared.hurry.cancel();
                tokio::select! {
                    () = shared.stop.halt.cancelled() => {}
                    _ = timeout(last, empty(shared)) => {}
                }
            }
        }
    }
    let cut_off = shared.calls.busy();
    if cut_off > 0 {
        tracing::warn!(calls = cut_off, "calls are cut off");
    }
    shared.evict.cancel();
    // Sessions close their records even when there is no time for anything else.
    let _ = timeout(
        LAST_RECORDS,
        until(|| shared.calls.live() == 0 && shared.warm.is_idle()),
    )
    .await;
    tokio::select! {
        () = shared.stop.halt.cancelled() => {}
        _ = timeout(LAST_QUESTIONS, until(|| shared.calls.unasked() == 0)) => {}
    }
    cut_off
}

/// No call runs and none is about to.
async fn empty(shared: &Shared) {
    until(|| {
        shared.calls.sweep(Instant::now());
        shared.calls.busy() == 0
    })
    .await;
}

async fn until(done: impl Fn() -> bool) {
    while !done() {
        sleep(Duration::from_millis(20)).await;
    }
}
