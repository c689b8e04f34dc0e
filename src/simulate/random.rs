//! Chance, seeded: the same seed, the same calls, on every machine.

use crate::audio::tone;

/// What chance does to a call.
#[derive(Clone, Debug)]
pub struct Random(tone::Random);

impl Random {
    /// The chance of one call of a run.
    pub fn of(seed: u64, call: u64) -> Self {
        let mixed = tone::Random::new(seed).bits();
        Self(tone::Random::new(
            mixed ^ call.wrapping_mul(0xd134_2543_de82_ef95),
        ))
    }

    /// 0 to 1, without 1.
    pub fn part(&mut self) -> f64 {
        (self.0.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True this often.
    pub fn chance(&mut self, of: f64) -> bool {
        self.part() < of
    }

    /// `from` to `to`, both included.
    pub fn between(&mut self, from: u32, to: u32) -> u32 {
        let span = u64::from(to.saturating_sub(from)) + 1;
        from + u32::try_from(self.0.bits() % span).unwrap_or(0)
    }

    /// One of them; `None`: there is none.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let most = u32::try_from(all.len()).ok()?.checked_sub(1)?;
        all.get(self.between(0, most) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_the_same_chance_again_and_the_next_one_another() {
        let draw = |seed, call| {
            let mut random = Random::of(seed, call);
            (0..5).map(|_| random.between(0, 999)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1, 7), draw(1, 7));
        assert_ne!(draw(1, 7), draw(1, 8));
        assert_ne!(draw(1, 7), draw(2, 7));
    }
}
