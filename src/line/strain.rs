//! How much the machine has to do, measured, and how many calls it may therefore have. Decides when the
//! next call is sent to a person so that those who are there are served well: frames that come late and a
//! recogniser that falls behind are seen before a caller notices either.
//!
//! The measure is taken once a second. Under strain nobody new comes in; after it as many as there were
//! then, less a tenth, and a few more every two seconds for as long as all goes well. So the number of
//! calls settles below what the machine can do instead of swinging about it.

use super::server::Shared;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// A tick that comes later is late. Frames are sent 80 ms ahead: the caller hears nothing of it yet.
const LATE: Duration = Duration::from_millis(40);
/// Most late ticks, in 1000.
const MOST_LATE: u64 = 10;
/// Most recognitions that had to wait (see [`super::Waits`]), in 1000, and how many at least count as a number.
const MOST_WAITED: u64 = 100;
const FEW: u64 = 3;
/// A request that waits so long tells enough by itself: its caller already wonders.
const LONG: Duration = Duration::from_secs(1);
/// Ticks that tell something: one call's second.
const SOME_TICKS: u64 = 50;
/// Seconds that are looked at together.
const WINDOW: usize = 5;
/// Seconds without a complaint after which calls are taken again.
const CALM: u32 = 5;
/// Seconds between two steps up.
const STEP_EVERY: u32 = 2;

/// Ticks of all calls since the start.
#[derive(Debug, Default)]
pub struct Ticks {
    all: AtomicU64,
    late: AtomicU64,
}

impl Ticks {
    /// A call's tick came so late.
    pub fn count(&self, late: Duration) {
        self.all.fetch_add(1, Ordering::Relaxed);
        if late > LATE {
            self.late.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn read(&self) -> (u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.all), read(&self.late))
    }
}

/// What a second brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Second {
    pub ticks: u64,
    pub late_ticks: u64,
    /// Recognitions that were answered, and those of them that had to wait.
    pub heard: u64,
    pub waited: u64,
    /// Age of the oldest request that waits now.
    pub oldest: Duration,
    /// Calls at its end.
    pub calls: usize,
}

/// Why nobody new is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    #[error("frames are late")]
    LateFrames,
    #[error("the recogniser is behind")]
    SlowEars,
}

/// See the module. Pure.
#[derive(Debug)]
pub struct Gauge {
    window: VecDeque<Second>,
    strained: Option<Cause>,
    calm: u32,
    /// Calls at most, strain aside.
    room: usize,
    max_calls: usize,
}

impl Gauge {
    pub fn new(max_calls: usize) -> Self {
        Self {
            window: VecDeque::with_capacity(WINDOW),
            strained: None,
            calm: 0,
            room: max_calls,
            max_calls,
        }
    }

    pub fn strained(&self) -> Option<Cause> {
        self.strained
    }

    /// Calls that there may be: a new one is taken while there are fewer.
    pub fn room(&self) -> usize {
        if self.strained.is_some() {
            0
        } else {
            self.room
        }
    }

    /// A second has passed. True: strain began or ended.
    pub fn second(&mut self, second: Second) -> bool {
        if self.window.len() == WINDOW {
            self.window.pop_front();
        }
        self.window.push_back(second);
        let complaint = self.complaint(1);
        // Out of it only well below of what led into it.
        let calm = self.complaint(2).is_none();
        self.calm = if calm { self.calm.saturating_add(1) } else { 0 };
        match (self.strained, complaint) {
            (None, Some(cause)) => {
                self.strained = Some(cause);
                self.room = (second.calls * 9 / 10).clamp(1, self.max_calls);
                true
            }
            (Some(_), None) if self.calm >= CALM => {
                self.strained = None;
                self.calm = 0;
                true
            }
            (None, None) => {
                if second.calls >= self.room && self.calm >= STEP_EVERY {
                    self.room = (self.room + (self.room / 20).max(1)).min(self.max_calls);
                    self.calm = 0;
                }
                false
            }
            _ => false,
        }
    }

    /// What is wrong, with limits divided by `by`.
    fn complaint(&self, by: u32) -> Option<Cause> {
        let sum = |of: fn(&Second) -> u64| self.window.iter().map(of).sum::<u64>();
        let (ticks, late) = (sum(|s| s.ticks), sum(|s| s.late_ticks));
        let (heard, waited) = (sum(|s| s.heard), sum(|s| s.waited));
        let above = |part: u64, all: u64, limit: u64| part * 1000 * u64::from(by) > all * limit;
        if ticks >= SOME_TICKS && above(late, ticks, MOST_LATE) {
            return Some(Cause::LateFrames);
        }
        let oldest = self.window.back().map_or(Duration::ZERO, |s| s.oldest);
        let slow = waited >= FEW && above(waited, heard, MOST_WAITED);
        (slow || oldest > LONG / by).then_some(Cause::SlowEars)
    }
}

/// Measures, for as long as it is not dropped, and tells the calls how many there may be.
pub async fn watch(shared: &Shared, max_calls: usize) {
    let period = Duration::from_secs(1);
    let mut clock = interval_at(Instant::now() + period, period);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut gauge = Gauge::new(max_calls);
    let ((mut ticks, mut late), mut waits) = (shared.ticks.read(), shared.switchboard.waits());
    loop {
        clock.tick().await;
        let (ticks_now, late_now) = shared.ticks.read();
        let waits_now = shared.switchboard.waits();
        let second = Second {
            ticks: ticks_now - ticks,
            late_ticks: late_now - late,
            heard: waits_now.heard.saturating_sub(waits.heard),
            waited: waits_now.waited.saturating_sub(waits.waited),
            oldest: waits_now.oldest,
            calls: shared.calls.busy(),
        };
        (ticks, late, waits) = (ticks_now, late_now, waits_now);
        if gauge.second(second) {
            tell(&gauge, &second);
        }
        shared.calls.limit_to(gauge.room());
    }
}

fn tell(gauge: &Gauge, second: &Second) {
    let Second {
        ticks,
        late_ticks,
        heard,
        waited,
        calls,
        ..
    } = *second;
    let oldest_ms = second.oldest.as_millis() as u64;
    match gauge.strained() {
        Some(cause) => tracing::warn!(
            %cause, calls, ticks, late_ticks, heard, waited, oldest_ms,
            "too much to do: new calls go to a person"
        ),
        None => tracing::info!(calls, room = gauge.room(), "new calls are taken again"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A good second with so many calls.
    fn good(calls: usize) -> Second {
        Second {
            ticks: calls as u64 * 50,
            heard: calls as u64 / 5,
            calls,
            ..Second::default()
        }
    }

    fn late(calls: usize, per_mille: u64) -> Second {
        let ticks = calls as u64 * 50;
        Second {
            late_ticks: ticks * per_mille / 1000,
            ..good(calls)
        }
    }

    fn seconds(gauge: &mut Gauge, count: usize, second: Second) -> Vec<usize> {
        (0..count)
            .map(|_| {
                gauge.second(second);
                gauge.room()
            })
            .collect()
    }

    #[test]
    fn an_easy_life_is_open_to_all() {
        let mut gauge = Gauge::new(200);
        assert_eq!(seconds(&mut gauge, 20, good(150)), [200; 20]);
        // One late tick in 200 is nothing.
        assert_eq!(seconds(&mut gauge, 20, late(150, 5)), [200; 20]);
    }

    #[test]
    fn late_frames_close_the_door_at_once_and_calm_opens_it_for_fewer() {
        let mut gauge = Gauge::new(200);
        seconds(&mut gauge, 5, good(100));
        assert_eq!(
            seconds(&mut gauge, 1, late(100, 60)),
            [0],
            "60 in 1000, in one second of five"
        );
        assert_eq!(gauge.strained(), Some(Cause::LateFrames));
        // The bad second has to leave the window, then five calm ones.
        let after = seconds(&mut gauge, 10, good(80));
        assert_eq!(after[..8], [0; 8], "{after:?}");
        assert_eq!(after[9], 90, "nine tenths of 100: {after:?}");
    }

    #[test]
    fn the_number_of_calls_creeps_up_again_and_does_not_swing() {
        let mut gauge = Gauge::new(200);
        seconds(&mut gauge, 1, late(100, 100));
        seconds(&mut gauge, 10, good(90));
        let mut calls = 90;
        let mut bad_seconds = 0;
        for _ in 0..600 {
            // The machine bears 100 calls; callers take every place.
            let second = if calls > 100 {
                late(calls, 100)
            } else {
                good(calls)
            };
            bad_seconds += usize::from(calls > 100);
            gauge.second(second);
            calls = if gauge.room() > calls {
                gauge.room()
            } else {
                calls.min(gauge.room().max(90))
            };
        }
        assert!(calls >= 80, "{calls}");
        assert!(bad_seconds < 60, "{bad_seconds} of 600");
    }

    #[test]
    fn a_recogniser_that_falls_behind_closes_the_door() {
        let mut gauge = Gauge::new(200);
        let one = Second {
            waited: 1,
            ..good(20)
        };
        assert_eq!(seconds(&mut gauge, 2, one), [200; 2], "two waited");
        let many = Second {
            waited: 2,
            ..good(20)
        };
        assert_eq!(seconds(&mut gauge, 1, many), [0]);
        assert_eq!(gauge.strained(), Some(Cause::SlowEars));
        let mut gauge = Gauge::new(200);
        let stuck = Second {
            oldest: Duration::from_millis(1100),
            ..good(2)
        };
        assert_eq!(
            seconds(&mut gauge, 1, stuck),
            [0],
            "one who waits is enough"
        );
        let better = Second {
            oldest: Duration::from_millis(700),
            ..good(2)
        };
        assert_eq!(
            seconds(&mut gauge, 20, better),
            [0; 20],
            "better is not yet good"
        );
    }

    #[test]
    fn too_little_to_tell_is_no_strain() {
        let mut gauge = Gauge::new(4);
        let odd = Second {
            ticks: 40,
            late_ticks: 40,
            calls: 1,
            ..Second::default()
        };
        assert_eq!(seconds(&mut gauge, 1, odd), [4]);
        assert_eq!(
            seconds(&mut gauge, 3, Second::default()),
            [4; 3],
            "an empty house"
        );
    }
}
