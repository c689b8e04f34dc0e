//! One key pressed once counts once, although the line may signal it and the ear hear it too.
//!
//! Decides which reports are doubles; what a key means is the call's business.

use super::digit::{Digit, DigitSource};
use super::TICK_MS;

/// The two reports of one press lie no further apart than this: 400 ms. A signalled key may come when
/// the key is let go, a heard one comes 40 ms after it was pressed.
const SAME_PRESS_TICKS: u32 = 400 / TICK_MS;
/// Presses remembered. Nobody presses more than four keys in 400 ms.
const REMEMBERED: usize = 16;

/// A press that counted.
#[derive(Clone, Copy, Debug)]
struct Press {
    digit: Digit,
    source: DigitSource,
    tick: u32,
    /// The other source has reported it too.
    matched: bool,
}

/// Merges signalled and heard keys.
#[derive(Clone, Debug, Default)]
pub struct DigitMerge {
    presses: [Option<Press>; REMEMBERED],
    next: usize,
}

impl DigitMerge {
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether this report counts. It does not when the other source has reported the same key within
    /// 400 ms, and that press was not matched yet. `tick`: the call's time in ticks of 20 ms.
    pub fn accept(&mut self, digit: Digit, source: DigitSource, tick: u32) -> bool {
        let twin = self.presses.iter_mut().flatten().filter(|p| {
            let near = p.tick.abs_diff(tick) <= SAME_PRESS_TICKS;
            near && !p.matched && p.digit == digit && p.source != source
        });
        if let Some(twin) = twin.min_by_key(|p| p.tick) {
            twin.matched = true;
            return false;
        }
        self.presses[self.next] = Some(Press { digit, source, tick, matched: false });
        self.next = (self.next + 1) % REMEMBERED;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::DigitSource::{InBand, Signalled};
    use super::*;

    /// The reports that count, of (key, source, tick).
    fn counted(reports: &[(char, DigitSource, u32)]) -> String {
        let mut merge = DigitMerge::new();
        let mut accept = |&(c, source, tick): &(char, DigitSource, u32)| {
            merge.accept(Digit::new(c).expect("a key"), source, tick).then_some(c)
        };
        reports.iter().filter_map(&mut accept).collect()
    }

    #[test]
    fn a_key_signalled_and_heard_is_one_key_in_either_order() {
        assert_eq!(counted(&[('4', Signalled, 100), ('4', InBand, 103)]), "4");
        assert_eq!(counted(&[('4', InBand, 100), ('4', Signalled, 118)]), "4");
    }

    #[test]
    fn two_quick_presses_are_two_keys() {
        assert_eq!(counted(&[('7', InBand, 100), ('7', InBand, 105)]), "77");
        let both = [('7', InBand, 100), ('7', Signalled, 101), ('7', InBand, 106), ('7', Signalled, 107)];
        assert_eq!(counted(&both), "77");
        let late = [('7', InBand, 100), ('7', InBand, 106), ('7', Signalled, 110), ('7', Signalled, 111)];
        assert_eq!(counted(&late), "77");
    }

    #[test]
    fn keys_far_apart_or_different_are_each_their_own() {
        assert_eq!(counted(&[('1', InBand, 100), ('1', Signalled, 130)]), "11");
        assert_eq!(counted(&[('1', InBand, 100), ('2', Signalled, 101)]), "12");
    }

    #[test]
    fn a_flood_of_keys_takes_no_more_room() {
        let mut merge = DigitMerge::new();
        let key = Digit::new('1').expect("a key");
        assert!((0..10_000).all(|tick| merge.accept(key, Signalled, tick)));
        assert!(!merge.accept(key, InBand, 9_999));
    }
}
