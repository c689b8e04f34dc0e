//! One line per class that separates its sentences from all others: support vector machines with
//! squared hinge, by dual coordinate descent (Hsieh et al., 2008), all classes at once.
//!
//! Weights lie feature by feature, so that the inner loops run over classes: no sum is ever
//! reordered, whatever the compiler does, and the result is the same everywhere.

use super::vocabulary::Vector;

/// Half the inverse of what a sentence on the wrong side costs.
const SLACK: f32 = 0.25;
/// Value of the feature that every sentence has.
const BIAS: f32 = 0.5;

/// Weights of all classes.
#[derive(Clone, Debug, Default)]
pub(super) struct Linear {
    classes: usize,
    /// By feature, then class; the last row is the bias.
    weights: Vec<f32>,
}

/// A sentence to learn from.
#[derive(Clone, Debug)]
pub(super) struct Lesson {
    pub(super) vector: Vector,
    pub(super) label: usize,
    /// Square of the vector's length, the bias included.
    square: f32,
}

impl Lesson {
    pub(super) fn new(vector: Vector, label: usize) -> Self {
        let square: f32 = vector.iter().map(|entry| entry.1 * entry.1).sum();
        Self {
            vector,
            label,
            square: square + BIAS * BIAS,
        }
    }
}

/// How strongly each sentence pulls at each class; by sentence, then class. Only training needs it.
#[derive(Clone, Debug)]
pub(super) struct Pulls(Vec<f32>);

impl Pulls {
    pub(super) fn new(lessons: usize, classes: usize) -> Self {
        Self(vec![0.0; lessons * classes])
    }
}

impl Linear {
    pub(super) fn new(features: usize, classes: usize) -> Self {
        Self {
            classes,
            weights: vec![0.0; (features + 1) * classes],
        }
    }

    /// On which side of each class's line a sentence is, and how far: about 1 inside, -1 outside.
    pub(super) fn scores(&self, vector: &Vector, out: &mut Vec<f32>) {
        out.clear();
        out.resize(self.classes, 0.0);
        let bias = self.weights.len() / self.classes.max(1) - 1;
        for (feature, value) in rows(vector, bias) {
            let from = feature * self.classes;
            let row = &self.weights[from..from + self.classes];
            for (score, weight) in out.iter_mut().zip(row) {
                *score += weight * value;
            }
        }
    }

    fn add(&mut self, vector: &Vector, change: &[f32]) {
        let bias = self.weights.len() / self.classes.max(1) - 1;
        for (feature, value) in rows(vector, bias) {
            let from = feature * self.classes;
            let row = &mut self.weights[from..from + self.classes];
            for (weight, change) in row.iter_mut().zip(change) {
                *weight += change * value;
            }
        }
    }

    /// One pass over the lessons named by `order`.
    pub(super) fn pass(&mut self, pulls: &mut Pulls, lessons: &[Lesson], order: &[u32]) {
        let mut scores = Vec::with_capacity(self.classes);
        for &index in order {
            let lesson = &lessons[index as usize];
            let from = index as usize * self.classes;
            let pulls = &mut pulls.0[from..from + self.classes];
            self.scores(&lesson.vector, &mut scores);
            let step = 1.0 / (lesson.square + SLACK);
            let own = lesson.label;
            let (own_score, own_pull) = (scores[own], pulls[own]);
            // Away from the classes that it is not in. The scores become the changes.
            for (score, pull) in scores.iter_mut().zip(pulls.iter_mut()) {
                let slope = SLACK * *pull - *score - 1.0;
                let new = (*pull - slope * step).max(0.0);
                *score = *pull - new;
                *pull = new;
            }
            let slope = SLACK * own_pull + own_score - 1.0;
            pulls[own] = (own_pull - slope * step).max(0.0);
            scores[own] = pulls[own] - own_pull;
            self.add(&lesson.vector, &scores);
        }
    }

    /// Takes back what a lesson has taught.
    pub(super) fn forget(&mut self, pulls: &mut Pulls, lesson: &Lesson, index: usize) {
        let from = index * self.classes;
        let pulls = &mut pulls.0[from..from + self.classes];
        let mut change = pulls.to_vec();
        if let Some(own) = change.get_mut(lesson.label) {
            *own = -*own;
        }
        pulls.fill(0.0);
        self.add(&lesson.vector, &change);
    }
}

/// The features of a sentence, with the one that all have at the end.
fn rows(vector: &Vector, bias: usize) -> impl Iterator<Item = (usize, f32)> {
    let own = vector
        .iter()
        .map(|&(feature, value)| (feature as usize, value));
    own.chain([(bias, BIAS)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_told_apart_and_forgotten() {
        let lessons: Vec<Lesson> = (0..4)
            .map(|at| Lesson::new(vec![(at, 1.0)], at as usize % 2))
            .collect();
        let mut linear = Linear::new(4, 2);
        let mut pulls = Pulls::new(4, 2);
        for _ in 0..10 {
            linear.pass(&mut pulls, &lessons, &[0, 1, 2, 3]);
        }
        let mut scores = Vec::new();
        for lesson in &lessons {
            linear.scores(&lesson.vector, &mut scores);
            assert!(scores[lesson.label] > scores[1 - lesson.label] + 0.5);
        }
        for (index, lesson) in lessons.iter().enumerate() {
            linear.forget(&mut pulls, lesson, index);
        }
        assert!(linear.weights.iter().all(|weight| weight.abs() < 1e-5));
    }
}
