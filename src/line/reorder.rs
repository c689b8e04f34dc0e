//! Numbered pieces of sound back in order: holds a piece that came too early for a short while, then
//! takes what is missing for lost. Knows nothing of messages or codecs.

use std::collections::BTreeMap;

/// Pieces held while one before them is missing: 40 ms of Twilio's 20 ms pieces. A real reordering is
/// over by then, and a longer wait only adds delay to what arrived.
const HELD: usize = 2;
/// Late pieces in a row after which the numbering is taken for restarted.
const RESTART: u32 = 50;

/// A piece of sound in its place.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// This many pieces in a row were lost.
    Lost(u64),
    Sound(Vec<u8>),
}

/// Puts pieces in order.
#[derive(Debug, Default)]
pub struct Reorder {
    next: Option<u64>,
    held: BTreeMap<u64, Vec<u8>>,
    late: u32,
}

impl Reorder {
    /// Takes piece `number` and hands on what is in order now.
    ///
    /// # Errors
    /// `Err(())`: its place is past, or it is there already.
    #[expect(clippy::result_unit_err, reason = "there is one way to fail")]
    pub fn push(
        &mut self,
        number: u64,
        sound: Vec<u8>,
        mut deliver: impl FnMut(Piece),
    ) -> Result<(), ()> {
        let next = *self.next.get_or_insert(number);
        if number < next && self.late < RESTART {
            self.late += 1;
            return Err(());
        }
        if number < next {
            self.held.clear();
            self.next = Some(number);
        }
        self.late = 0;
        if self.held.insert(number, sound).is_some() {
            return Err(());
        }
        self.release(HELD, &mut deliver);
        Ok(())
    }

    /// Hands on all that is held: nothing more will come.
    pub fn finish(&mut self, mut deliver: impl FnMut(Piece)) {
        self.release(0, &mut deliver);
    }

    fn release(&mut self, keep: usize, deliver: &mut impl FnMut(Piece)) {
        while let Some(entry) = self.held.first_entry() {
            let next = self.next.unwrap_or(*entry.key());
            let missing = entry.key().saturating_sub(next);
            if missing > 0 && self.held.len() <= keep {
                return;
            }
            let (number, sound) = self.held.pop_first().expect("there is a first one");
            if missing > 0 {
                deliver(Piece::Lost(missing));
            }
            deliver(Piece::Sound(sound));
            self.next = Some(number.saturating_add(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `3` a piece, `-2` two lost, `!` refused.
    fn order(numbers: &[u64]) -> String {
        let (mut reorder, mut seen) = (Reorder::default(), Vec::new());
        let note = |seen: &mut Vec<String>, piece| match piece {
            Piece::Lost(n) => seen.push(format!("-{n}")),
            Piece::Sound(sound) => seen.push(sound[0].to_string()),
        };
        for &number in numbers {
            let refused = reorder
                .push(number, vec![number as u8], |piece| note(&mut seen, piece))
                .is_err();
            if refused {
                seen.push("!".into());
            }
        }
        reorder.finish(|piece| note(&mut seen, piece));
        seen.join(" ")
    }

    #[test]
    fn puts_pieces_in_order() {
        assert_eq!(order(&[1, 2, 3]), "1 2 3");
        assert_eq!(order(&[1, 3, 2, 4]), "1 2 3 4", "swapped");
        assert_eq!(order(&[1, 4, 3, 2, 5]), "1 2 3 4 5", "reversed");
        assert_eq!(order(&[7, 8]), "7 8", "starts anywhere");
    }

    #[test]
    fn tells_losses() {
        assert_eq!(order(&[1, 3, 4, 5]), "1 -1 3 4 5");
        assert_eq!(order(&[1, 10, 11]), "1 -8 10 11", "told at the end");
        assert_eq!(order(&[1, 3, 4, 5, 2]), "1 -1 3 4 5 !", "too late");
        assert_eq!(order(&[1, 1, 3, 3]), "1 ! ! -1 3", "sent twice");
    }

    #[test]
    fn follows_a_numbering_that_starts_again() {
        let again: Vec<u64> = (1000..1003).chain(1..=60).collect();
        assert!(order(&again).ends_with("! 51 52 53 54 55 56 57 58 59 60"));
    }

    #[test]
    fn the_last_number_of_all_does_no_harm() {
        assert_eq!(order(&[u64::MAX - 1, u64::MAX, u64::MAX]), "254 255 255");
    }
}
