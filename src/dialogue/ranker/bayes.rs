//! For which class a sentence's features speak, each for itself: naive Bayes against the complement of
//! each class (Rennie et al., 2003). It learns from few examples what a line between classes does not.
//!
//! Only differences between classes mean anything; what all classes have in common is left out.

use super::linear::Lesson;
use super::math::ln;
use super::vocabulary::Vector;

/// Seen so often is a feature in a class that never had it.
const UNSEEN: f64 = 0.05;

/// What features speak for.
#[derive(Clone, Debug, Default)]
pub(super) struct Bayes {
    /// Where each feature's classes begin in `pulls`.
    starts: Vec<u32>,
    pulls: Vec<(u32, f32)>,
    /// Of each class, for whatever feature.
    usual: Vec<f32>,
}

impl Bayes {
    /// Learns from the lessons that `counts` lets count and whose label is below `classes`.
    pub(super) fn new(
        features: usize,
        classes: usize,
        lessons: &[Lesson],
        counts: impl Fn(usize) -> bool,
    ) -> Self {
        let lessons = lessons
            .iter()
            .enumerate()
            .filter(|(index, _)| counts(*index));
        let lessons: Vec<&Lesson> = lessons
            .map(|(_, lesson)| lesson)
            .filter(|lesson| lesson.label < classes)
            .collect();
        // Feature by feature.
        let mut next = vec![0_u32; features + 1];
        for &(feature, _) in lessons.iter().flat_map(|lesson| &lesson.vector) {
            next[feature as usize + 1] += 1;
        }
        for at in 1..next.len() {
            next[at] += next[at - 1];
        }
        let mut holders = vec![(0_u32, 0.0_f32); next[features] as usize];
        for lesson in lessons {
            for &(feature, value) in &lesson.vector {
                let place = &mut next[feature as usize];
                holders[*place as usize] = (lesson.label as u32, value);
                *place += 1;
            }
        }
        let mut out = Self::default();
        let mut sums = vec![0.0_f64; classes];
        let mut own = vec![0.0_f64; classes];
        let mut touched: Vec<u32> = Vec::new();
        let mut from = 0;
        for &to in &next[..features] {
            out.starts.push(out.pulls.len() as u32);
            let mut all = 0.0;
            for &(class, value) in &holders[from..to as usize] {
                let own = &mut own[class as usize];
                if *own == 0.0 {
                    touched.push(class);
                }
                *own += f64::from(value);
                all += f64::from(value);
            }
            for class in touched.drain(..) {
                let own = std::mem::take(&mut own[class as usize]);
                sums[class as usize] += own;
                let rest = (all - own).max(0.0) + UNSEEN;
                let pull = (own + UNSEEN) / UNSEEN * (all + UNSEEN) / rest;
                out.pulls.push((class, ln(pull) as f32));
            }
            from = to as usize;
        }
        out.starts.push(out.pulls.len() as u32);
        let total: f64 = sums.iter().sum();
        let spread = UNSEEN * features.max(1) as f64;
        let usual = |sum: &f64| ln((total - sum + spread) / (sum + spread)) as f32;
        out.usual = sums.iter().map(usual).collect();
        out
    }

    /// How strongly the sentence's features speak for each class.
    pub(super) fn scores(&self, vector: &Vector) -> Vec<f32> {
        let sum: f32 = vector.iter().map(|entry| entry.1).sum();
        let mut out: Vec<f32> = self.usual.iter().map(|usual| usual * sum).collect();
        for &(feature, value) in vector {
            let from = self.starts[feature as usize] as usize;
            let to = self.starts[feature as usize + 1] as usize;
            for &(class, pull) in &self.pulls[from..to] {
                out[class as usize] += value * pull;
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_spoken_for_by_what_it_alone_has() {
        // Feature 2 is in all classes.
        let lessons: Vec<Lesson> = (0..6)
            .map(|at| Lesson::new(vec![(at % 2, 0.8), (2, 0.6)], at as usize % 2))
            .collect();
        let all = Bayes::new(3, 2, &lessons, |_| true);
        let scores = all.scores(&vec![(1, 1.0)]);
        assert!(scores[1] > scores[0] + 1.0, "{scores:?}");
        let shared = all.scores(&vec![(2, 1.0)]);
        assert!((shared[1] - shared[0]).abs() < 1e-3, "{shared:?}");
        let half = Bayes::new(3, 2, &lessons, |index| index % 2 == 0);
        let scores = half.scores(&vec![(1, 1.0)]);
        assert!((scores[1] - scores[0]).abs() < 10.0, "{scores:?}");
    }
}
