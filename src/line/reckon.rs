//! What the caller has heard, where the line does not say: marks come back when as much of the caller's
//! own sound has arrived as was sent before them. Both ways run at the same pace.

use crate::call::Mark;
use std::collections::VecDeque;

/// Marks that wait; more come only from a session gone wrong, and the oldest is given up.
const LONGEST: usize = 256;

/// Counts frames of 20 ms, in both directions.
#[derive(Debug, Default)]
pub struct Reckoner {
    /// Frames of the caller so far: the clock.
    now: u64,
    /// When what was sent is over.
    end: u64,
    marks: VecDeque<(Mark, u64)>,
}

impl Reckoner {
    /// One frame was sent.
    pub fn sent(&mut self) {
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
}
