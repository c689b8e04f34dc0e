//! What the caller has heard, where the line tells only when playing begins and when it has run dry: marks
//! come back by the caller's own sound as a clock, put right by what the line tells.

use crate::call::Mark;
use std::collections::VecDeque;

/// Marks that wait; more come only from a session gone wrong, and the oldest is given up.
const LONGEST: usize = 256;
/// Longest time from sending to playing that is believed, in frames of 20 ms.
const LONGEST_DELAY: u64 = 50;
/// How much later than reckoned sound may end and still be what has run dry, in frames of 20 ms. Sound that
/// ends later was sent after the line told.
const SLACK: u64 = 25;

/// Counts frames of 20 ms, in both directions.
#[derive(Debug, Default)]
pub struct Playback {
    /// Frames of the caller so far: the clock.
    now: u64,
    /// When what was sent is over.
    end: u64,
    /// When the sound was sent of which the line has not told yet that it plays.
    begun: Option<u64>,
    marks: VecDeque<(Mark, u64)>,
}

impl Playback {
    pub fn now(&self) -> u64 {
        self.now
    }

    /// One frame was sent.
    pub fn sent(&mut self) {
        if self.end <= self.now {
            self.begun = Some(self.now);
        }
        self.end = self.end.max(self.now) + 1;
    }

    /// A mark stands after what was sent.
    pub fn mark(&mut self, mark: Mark) {
        if self.marks.len() == LONGEST {
            self.marks.pop_front();
        }
        self.marks.push_back((mark, self.end.max(self.now)));
    }

    /// What was sent is dropped, its marks with it.
    pub fn clear(&mut self) {
        self.marks.clear();
        self.end = self.now;
        self.begun = None;
    }

    /// One frame of the caller has come.
    pub fn heard(&mut self) {
        self.now += 1;
    }

    /// The line has begun to play what was sent: as much later as it took so far.
    pub fn started(&mut self) {
        let Some(begun) = self.begun.take() else {
            return;
        };
        let delay = (self.now - begun).min(LONGEST_DELAY);
        self.end += delay;
        for (_, end) in &mut self.marks {
            *end += delay;
        }
    }

    /// The line has played all that it had.
    pub fn completed(&mut self) {
        let limit = self.now + SLACK;
        for (_, end) in self.marks.iter_mut().filter(|(_, end)| *end <= limit) {
            *end = (*end).min(self.now);
        }
        if self.end <= limit {
            self.end = self.now;
        }
    }

    /// A mark whose sound is over by now.
    pub fn due(&mut self) -> Option<Mark> {
        let now = self.now;
        let due = self.marks.pop_front_if(|(_, end)| *end <= now)?;
        Some(due.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(playback: u32) -> Mark {
        Mark {
            playback,
            sentence: 0,
        }
    }

    fn due(playback: &mut Playback) -> Vec<u32> {
        std::iter::from_fn(|| playback.due())
            .map(|mark| mark.playback)
            .collect()
    }

    fn hear(playback: &mut Playback, frames: u32) {
        (0..frames).for_each(|_| playback.heard());
    }

    #[test]
    fn a_mark_comes_back_with_the_clock() {
        let mut playback = Playback::default();
        (0..10).for_each(|_| playback.sent());
        playback.mark(mark(1));
        hear(&mut playback, 9);
        assert_eq!(due(&mut playback), [0; 0]);
        hear(&mut playback, 1);
        assert_eq!(due(&mut playback), [1]);
    }

    #[test]
    fn playing_that_begins_late_ends_late() {
        let mut playback = Playback::default();
        (0..10).for_each(|_| playback.sent());
        playback.mark(mark(1));
        hear(&mut playback, 5);
        playback.started();
        playback.started();
        hear(&mut playback, 9);
        assert_eq!(due(&mut playback), [0; 0]);
        hear(&mut playback, 1);
        assert_eq!(due(&mut playback), [1]);
    }

    #[test]
    fn running_dry_settles_what_was_nearly_over_and_not_what_was_just_sent() {
        let mut playback = Playback::default();
        (0..20).for_each(|_| playback.sent());
        playback.mark(mark(1));
        (0..100).for_each(|_| playback.sent());
        playback.mark(mark(2));
        playback.completed();
        assert_eq!(due(&mut playback), [1]);
        hear(&mut playback, 120);
        assert_eq!(due(&mut playback), [2]);
    }

    #[test]
    fn what_was_cleared_does_not_come_back() {
        let mut playback = Playback::default();
        (0..100).for_each(|_| playback.sent());
        playback.mark(mark(1));
        playback.clear();
        playback.sent();
        playback.mark(mark(2));
        hear(&mut playback, 1);
        assert_eq!(due(&mut playback), [2]);
    }
}
