//! The jitter queue: the caller's frames arrive in their own rhythm and leave one per tick. Decides
//! how long a frame waits, and what is dropped; counts both.

use crate::audio::Frame;
use std::collections::VecDeque;

/// Most frames waiting: 200 ms. Older sound is no longer worth an answer.
const LONGEST: usize = 10;
/// Frames that wait before the first is let go: 40 ms, the usual wobble of a carrier's stream.
const CUSHION: usize = 2;
/// How long the queue must never run down to one frame before it is shortened, in ticks: 1 s.
const PATIENCE: u32 = 50;

/// The caller's sound between the socket and the tick.
#[derive(Debug)]
pub struct JitterQueue {
    /// `None`: known to be lost.
    frames: VecDeque<Option<Frame>>,
    running: bool,
    /// Shortest length seen after a pop, and for how many ticks.
    least: usize,
    watched: u32,
    counts: Counts,
}

/// What happened to the frames of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Frames heard.
    pub heard: u64,
    /// Ticks without a frame although the stream runs.
    pub gaps: u64,
    /// Frames dropped because too many came at once.
    pub overrun: u64,
    /// Frames dropped to bring the delay back after a burst.
    pub trimmed: u64,
}

impl Default for JitterQueue {
    fn default() -> Self {
        Self {
            frames: VecDeque::with_capacity(LONGEST),
            running: false,
            least: LONGEST,
            watched: 0,
            counts: Counts::default(),
        }
    }
}

impl JitterQueue {
    /// Takes a frame, or `None` for one that was lost on the way.
    pub fn push(&mut self, frame: Option<Frame>) {
        if self.frames.len() == LONGEST {
            self.frames.pop_front();
            self.counts.overrun += 1;
        }
        self.frames.push_back(frame);
        self.running |= self.frames.len() >= CUSHION;
    }

    /// The frame of this tick; `None` is a gap.
    pub fn pop(&mut self) -> Option<Frame> {
        if !self.running {
            return None;
        }
        let frame = self.frames.pop_front().flatten();
        match frame {
            Some(_) => self.counts.heard += 1,
            None => self.counts.gaps += 1,
        }
        self.shorten();
        frame
    }

    /// What happened so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// After a burst the queue would stay long for ever, and every answer late by it: once it was
    /// longer than the cushion for a while, one frame goes.
    fn shorten(&mut self) {
        self.least = self.least.min(self.frames.len());
        self.watched += 1;
        if self.watched < PATIENCE {
            return;
        }
        if self.least >= CUSHION {
            self.frames.pop_front();
            self.counts.trimmed += 1;
        }
        (self.least, self.watched) = (LONGEST, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(n: i16) -> Option<Frame> {
        Some(Frame([n; 320]))
    }

    #[test]
    fn waits_for_a_cushion_then_keeps_time() {
        let mut queue = JitterQueue::default();
        queue.push(frame(1));
        assert_eq!(queue.pop(), None, "one frame is no cushion");
        queue.push(frame(2));
        assert_eq!(queue.pop(), frame(1));
        assert_eq!(queue.pop(), frame(2));
        assert_eq!(queue.pop(), None, "nothing came");
        queue.push(frame(3));
        assert_eq!(
            queue.pop(),
            frame(3),
            "no second wait: the gap was the wait"
        );
        assert_eq!(
            queue.counts(),
            Counts {
                heard: 3,
                gaps: 1,
                overrun: 0,
                trimmed: 0
            }
        );
    }

    #[test]
    fn a_lost_frame_keeps_its_place() {
        let mut queue = JitterQueue::default();
        for f in [frame(1), None, frame(3)] {
            queue.push(f);
        }
        assert_eq!(
            [queue.pop(), queue.pop(), queue.pop()],
            [frame(1), None, frame(3)]
        );
    }

    #[test]
    fn a_flood_drops_the_oldest() {
        let mut queue = JitterQueue::default();
        (0..1000).for_each(|n| queue.push(frame(n)));
        assert_eq!(queue.pop(), frame(990));
        assert_eq!(queue.counts().overrun, 990);
    }

    #[test]
    fn the_delay_of_a_burst_is_worked_off() {
        let mut queue = JitterQueue::default();
        (0..8).for_each(|n| queue.push(frame(n)));
        for n in 8..500 {
            queue.pop();
            queue.push(frame(n));
        }
        assert!(
            queue.frames.len() <= CUSHION,
            "{} frames wait",
            queue.frames.len()
        );
        assert_eq!(queue.counts().gaps, 0);
    }
}
