//! Callers who are turned away come in storms, just when there is too much to do. Decides of how many of them
//! packets are kept, so that neither the disk nor the packets of callers who were heard suffer; the rest is
//! counted and told in the log, a line for many.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Packets that are kept at once after a pause.
const BURST: u32 = 50;
/// Then one in this time.
const EACH: Duration = Duration::from_millis(100);
/// Packets of this kind that wait for the disk at the same time: whoever was heard waits behind them.
pub(super) const WAITING: usize = 8;
/// Calls that are remembered: providers ask more than once.
const REMEMBERED: usize = 512;
/// Time between two lines in the log.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Storm(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Calls that had their packet, or were counted.
    seen: VecDeque<String>,
    /// When the allowance is as if nothing had been kept yet.
    whole_at: Option<Instant>,
    /// Packets that wait for the disk.
    waiting: usize,
    lost: u64,
    told: Option<Instant>,
}

/// What becomes of a caller who was turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// A packet is kept. [`Storm::written`] follows.
    Kept,
    /// There is one already, or it was counted.
    Known,
    /// No packet; the number of callers to tell of in the log, if it is time for it.
    Lost(Option<u64>),
}

impl Storm {
    /// A caller was turned away at `now`.
    pub fn arrives(&self, call: &str, now: Instant) -> Fate {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.seen.iter().any(|seen| seen == call) {
            return Fate::Known;
        }
        if state.seen.len() == REMEMBERED {
            state.seen.pop_front();
        }
        state.seen.push_back(call.to_owned());
        let whole_at = state.whole_at.map_or(now, |at| at.max(now));
        if whole_at + EACH > now + EACH * BURST || state.waiting >= WAITING {
            return Fate::Lost(state.loses(now));
        }
        state.whole_at = Some(whole_at + EACH);
        state.waiting += 1;
        Fate::Kept
    }

    /// A packet that was to be kept is on the disk, or (`false`) could not be; gives what
    /// [`Fate::Lost`] has.
    pub fn written(&self, kept: bool, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.waiting = state.waiting.saturating_sub(1);
        if kept { None } else { state.loses(now) }
    }

    /// How many were never told of.
    pub fn rest(&self) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut state.lost)
    }
}

impl State {
    fn loses(&mut self, now: Instant) -> Option<u64> {
        self.lost += 1;
        if self.told.is_some_and(|told| now < told + TELL_EVERY) {
            return None;
        }
        self.told = Some(now);
        Some(std::mem::take(&mut self.lost))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many at once, each written at once; how many were kept, and what the log told.
    fn come(storm: &Storm, from: usize, count: usize, now: Instant) -> (usize, Vec<u64>) {
        let (mut kept, mut told) = (0, Vec::new());
        for nth in from..from + count {
            match storm.arrives(&format!("c{nth}"), now) {
                Fate::Kept => {
                    kept += 1;
                    storm.written(true, now);
                }
                Fate::Lost(lost) => told.extend(lost),
                Fate::Known => panic!("nobody comes twice"),
            }
        }
        (kept, told)
    }

    #[test]
    fn a_burst_is_kept_and_then_ten_a_second_and_the_rest_is_told_in_few_lines() {
        let (storm, start) = (Storm::default(), Instant::now());
        assert_eq!(come(&storm, 0, 50, start), (50, vec![]));
        assert_eq!(come(&storm, 100, 900, start), (0, vec![1]));
        let second = start + Duration::from_secs(1);
        assert_eq!(come(&storm, 1000, 100, second), (10, vec![]));
        let later = start + Duration::from_secs(11);
        assert_eq!(come(&storm, 2000, 60, later), (50, vec![899 + 90 + 1]));
        assert_eq!(storm.rest(), 9);
        assert_eq!(storm.rest(), 0);
    }

    #[test]
    fn who_was_told_of_is_not_told_of_again() {
        let (storm, now) = (Storm::default(), Instant::now());
        assert_eq!(storm.arrives("c1", now), Fate::Kept);
        assert_eq!(storm.arrives("c1", now), Fate::Known);
    }

    #[test]
    fn a_slow_disk_has_few_of_them_before_it() {
        let (storm, now) = (Storm::default(), Instant::now());
        let fates: Vec<Fate> = (0..WAITING + 1)
            .map(|nth| storm.arrives(&format!("c{nth}"), now))
            .collect();
        assert_eq!(fates[..WAITING], [Fate::Kept; WAITING]);
        assert_eq!(fates[WAITING], Fate::Lost(Some(1)));
        storm.written(true, now);
        assert_eq!(storm.arrives("another", now), Fate::Kept);
        assert_eq!(storm.written(false, now), None, "told a moment ago");
        assert_eq!(storm.rest(), 1);
    }
}
