//! One line per class that separates its sentences from all others: support vector machines with
//! squared hinge by dual coordinate descent (Hsieh et al., 2008), all classes at once.
//!
//! Weights lie feature by feature, so that the inner loops run over classes: no sum is ever
//! reordered, whatever the compiler does, and the result is the same everywhere.

use super::vocabulary::Vector;

/// Half the inverse of what a sentence on the wrong side costs.
const SLACK: f32 = 0.25;
/// Fewer classes than one in so many are changed one by one.
const FEW: usize = 4;
/// Scores are given larger by this, so that they outweigh what is added to them.
const SCALE: f32 = 2.0;
/// Value of the feature that every sentence has.
const BIAS: f32 = 0.5;

/// Weights of all classes.
#[derive(Clone, Debug)]
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

    fn of(&mut self, lesson: usize, classes: usize) -> &mut [f32] {
        &mut self.0[lesson * classes..(lesson + 1) * classes]
    }
}

impl Linear {
    pub(super) fn new(features: usize, classes: usize) -> Self {
        Self {
            classes,
            weights: vec![0.0; (features + 1) * classes],
        }
    }

    /// On which side of each class's line a sentence is, and how far: about 2 inside, -2 outside.
    pub(super) fn scores(&self, vector: &Vector, out: &mut Vec<f32>) {
        self.distances(vector, out);
        for score in out {
            *score *= SCALE;
        }
    }

    fn distances(&self, vector: &Vector, out: &mut Vec<f32>) {
        out.clear();
        out.resize(self.classes, 0.0);
        let bias = self.bias();
        for (feature, value) in rows(vector, bias) {
            let from = feature * self.classes;
            let row = &self.weights[from..from + self.classes];
            for (score, weight) in out.iter_mut().zip(row) {
                *score += weight * value;
            }
        }
    }

    fn add(&mut self, vector: &Vector, change: &[f32]) {
        let bias = self.bias();
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
        let mut changes: Vec<(usize, f32)> = Vec::new();
        let bias = self.bias();
        for &index in order {
            let lesson = &lessons[index as usize];
            let pulls = pulls.of(index as usize, self.classes);
            self.distances(&lesson.vector, &mut scores);
            let step = 1.0 / (lesson.square + SLACK);
            let own = lesson.label;
            let (own_score, own_pull) = (scores[own], pulls[own]);
            // Away from the classes that it is not in. The scores become the changes.
            for (score, pull) in scores.iter_mut().zip(pulls.iter_mut()) {
                let new = (*pull - (SLACK * *pull + *score + 1.0) * step).min(0.0);
                *score = new - *pull;
                *pull = new;
            }
            pulls[own] = (own_pull - (SLACK * own_pull + own_score - 1.0) * step).max(0.0);
            scores[own] = pulls[own] - own_pull;
            changes.clear();
            changes.extend(scores.iter().copied().enumerate());
            changes.retain(|change| change.1 != 0.0);
            if changes.len() * FEW > self.classes {
                self.add(&lesson.vector, &scores);
                continue;
            }
            for (feature, value) in rows(&lesson.vector, bias) {
                let from = feature * self.classes;
                let row = &mut self.weights[from..from + self.classes];
                for &(class, change) in &changes {
                    row[class] += change * value;
                }
            }
        }
    }

    /// Takes back what a lesson has taught.
    pub(super) fn forget(&mut self, pulls: &mut Pulls, lesson: &Lesson, index: usize) {
        let pulls = pulls.of(index, self.classes);
        let change: Vec<f32> = pulls.iter().map(|pull| -pull).collect();
        pulls.fill(0.0);
        self.add(&lesson.vector, &change);
    }

    fn bias(&self) -> usize {
        (self.weights.len() / self.classes.max(1)).saturating_sub(1)
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
        let lessons: Vec<Lesson> = (0..6)
            .map(|at| Lesson::new(vec![(at, 1.0)], at as usize % 3))
            .collect();
        let mut linear = Linear::new(6, 3);
        let mut pulls = Pulls::new(6, 3);
        for _ in 0..10 {
            linear.pass(&mut pulls, &lessons, &[0, 1, 2, 3, 4, 5]);
        }
        let mut scores = Vec::new();
        for lesson in &lessons {
            linear.scores(&lesson.vector, &mut scores);
            let own = scores[lesson.label];
            let others = (0..3).filter(|class| *class != lesson.label);
            for other in others {
                assert!(own > scores[other] + 1.0, "{scores:?}");
            }
        }
        for (index, lesson) in lessons.iter().enumerate() {
            linear.forget(&mut pulls, lesson, index);
        }
        assert!(linear.weights.iter().all(|weight| weight.abs() < 1e-5));
    }
}
