//! How much a sentence resembles the nearest example of each class: what few examples need, and what
//! tells a sentence of another trade.

use super::linear::Lesson;
use super::vocabulary::Vector;

/// A feature is too common where more than one in so many examples has it.
const COMMON: usize = 30;

/// Examples by the features that they have.
#[derive(Clone, Debug, Default)]
pub(super) struct Nearest {
    /// Where each feature's examples begin in `examples`.
    starts: Vec<u32>,
    examples: Vec<(u32, f32)>,
    /// Class of each example.
    owners: Vec<u32>,
}

impl Nearest {
    pub(super) fn new(features: usize, lessons: &[Lesson]) -> Self {
        let mut starts = vec![0_u32; features + 1];
        for &(feature, _) in lessons.iter().flat_map(|lesson| &lesson.vector) {
            starts[feature as usize + 1] += 1;
        }
        // What very many have tells nothing, and takes most of the time.
        let most = (lessons.len() / COMMON).max(100) as u32;
        let common: Vec<bool> = starts[1..].iter().map(|count| *count > most).collect();
        for at in 1..starts.len() {
            let own = if common[at - 1] { 0 } else { starts[at] };
            starts[at] = starts[at - 1] + own;
        }
        let mut next = starts.clone();
        let mut examples = vec![(0, 0.0); starts[features] as usize];
        for (index, lesson) in lessons.iter().enumerate() {
            let telling = lesson
                .vector
                .iter()
                .filter(|entry| !common[entry.0 as usize]);
            for &(feature, value) in telling {
                let place = &mut next[feature as usize];
                examples[*place as usize] = (index as u32, value);
                *place += 1;
            }
        }
        Self {
            starts,
            examples,
            owners: lessons.iter().map(|lesson| lesson.label as u32).collect(),
        }
    }

    /// Cosine with the nearest example of each class, of those that `counts` lets count.
    pub(super) fn scores(
        &self,
        vector: &Vector,
        classes: usize,
        counts: impl Fn(usize) -> bool,
    ) -> Vec<f32> {
        let mut nearness = vec![0.0_f32; self.owners.len()];
        for &(feature, value) in vector {
            let from = self.starts[feature as usize] as usize;
            let to = self.starts[feature as usize + 1] as usize;
            for &(example, other) in &self.examples[from..to] {
                nearness[example as usize] += value * other;
            }
        }
        let mut out = vec![0.0_f32; classes];
        for (example, (&owner, near)) in self.owners.iter().zip(nearness).enumerate() {
            let best = &mut out[owner as usize];
            if near > *best && counts(example) {
                *best = near;
            }
        }
        out
    }
}
