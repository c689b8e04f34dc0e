//! What the caller has heard, where the line does not say: marks come back when as much of the caller's
//! own sound has arrived as was sent before them. Both ways run at the same pace. A line that tells when
//! playing begins, or that it has run dry, puts the reckoning right.

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
pub struct Reckoner {
    /// Frames of the caller so far: the clock.
    now: u64,
    /// When what was sent is over.
    end: u64,
    /// When the sound was sent of which the line has not told yet that it plays.
    begun: Option<u64>,
    marks: VecDeque<(Mark, u64)>,
}

impl Reckoner {
    /// Frames of the caller so far.
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

    /// Nothing more is waiting to be heard, says the line itself.
    pub fn drained(&mut self) -> impl Iterator<Item = Mark> + '_ {
        self.end = self.now;
        self.marks.drain(..).map(|(mark, _)| mark)
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

    fn mark(sentence: u16) -> Mark {
        Mark {
            playback: 1,
            sentence,
        }
    }

    #[test]
    fn a_mark_comes_back_when_its_sound_is_over() {
        let mut reckoner = Reckoner::default();
        (0..3).for_each(|_| reckoner.sent());
        reckoner.mark(mark(0));
        reckoner.sent();
        reckoner.mark(mark(1));
        let mut seen = Vec::new();
        for tick in 1..=6 {
            reckoner.heard();
            while let Some(mark) = reckoner.due() {
                seen.push((tick, mark.sentence));
            }
        }
        assert_eq!(seen, [(3, 0), (4, 1)]);
    }

    #[test]
    fn what_was_cleared_does_not_come_back() {
        let mut reckoner = Reckoner::default();
        (0..100).for_each(|_| reckoner.sent());
        reckoner.mark(mark(0));
        reckoner.clear();
        reckoner.sent();
        reckoner.mark(mark(1));
        reckoner.heard();
        assert_eq!((reckoner.due(), reckoner.due()), (Some(mark(1)), None));
    }

    #[test]
    fn a_line_that_has_drained_has_played_everything() {
        let mut reckoner = Reckoner::default();
        (0..100).for_each(|_| reckoner.sent());
        reckoner.mark(mark(0));
        assert_eq!(reckoner.drained().collect::<Vec<_>>(), [mark(0)]);
        assert_eq!(reckoner.due(), None);
    }

    fn told(playback: u32) -> Mark {
        Mark {
            playback,
            sentence: 0,
        }
    }

    fn due(playback: &mut Reckoner) -> Vec<u32> {
        std::iter::from_fn(|| playback.due())
            .map(|mark| mark.playback)
            .collect()
    }

    fn hear(playback: &mut Reckoner, frames: u32) {
        (0..frames).for_each(|_| playback.heard());
    }

    #[test]
    fn a_mark_comes_back_with_the_clock() {
        let mut playback = Reckoner::default();
        (0..10).for_each(|_| playback.sent());
        playback.mark(told(1));
        hear(&mut playback, 9);
        assert_eq!(due(&mut playback), [0; 0]);
        hear(&mut playback, 1);
        assert_eq!(due(&mut playback), [1]);
    }

    #[test]
    fn playing_that_begins_late_ends_late() {
        let mut playback = Reckoner::default();
        (0..10).for_each(|_| playback.sent());
        playback.mark(told(1));
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
        let mut playback = Reckoner::default();
        (0..20).for_each(|_| playback.sent());
        playback.mark(told(1));
        (0..100).for_each(|_| playback.sent());
        playback.mark(told(2));
        playback.completed();
        assert_eq!(due(&mut playback), [1]);
        hear(&mut playback, 120);
        assert_eq!(due(&mut playback), [2]);
    }

    #[test]
    fn what_is_sent_after_a_clear_is_heard_at_once() {
        let mut playback = Reckoner::default();
        (0..100).for_each(|_| playback.sent());
        playback.mark(told(1));
        playback.clear();
        playback.sent();
        playback.mark(told(2));
        hear(&mut playback, 1);
        assert_eq!(due(&mut playback), [2]);
    }
}
