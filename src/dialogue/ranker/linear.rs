//! One line per class that separates its sentences from all others: support vector machines by dual
//! coordinate descent, all classes at once. Each class for itself with squared hinge (Hsieh et al.,
//! 2008), or all against each other (Crammer and Singer, 2001).
//!
//! Weights lie feature by feature, so that the inner loops run over classes: no sum is ever
//! reordered, whatever the compiler does, and the result is the same everywhere.

use super::vocabulary::Vector;

/// Half the inverse of what a sentence on the wrong side costs, where each class stands for itself.
const SLACK: f32 = 0.25;
/// The most that a sentence may pull, where all compete.
const COST: f32 = 1.5;
/// Value of the feature that every sentence has.
const BIAS: f32 = 0.5;

/// Whom a class has to win against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contest {
    /// A fixed mark: scores tell whether a sentence is in any class at all.
    Each,
    /// All other classes: scores tell them apart better.
    All,
}

/// Weights of all classes.
#[derive(Clone, Debug)]
pub(super) struct Linear {
    contest: Contest,
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
    pub(super) fn new(contest: Contest, features: usize, classes: usize) -> Self {
        Self {
            contest,
            classes,
            weights: vec![0.0; (features + 1) * classes],
        }
    }

    /// On which side of each class's line a sentence is, and how far: about 1 inside, -1 outside.
    pub(super) fn scores(&self, vector: &Vector, out: &mut Vec<f32>) {
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
        match self.contest {
            Contest::Each => self.pass_each(pulls, lessons, order),
            Contest::All => self.pass_all(pulls, lessons, order),
        }
    }

    fn pass_each(&mut self, pulls: &mut Pulls, lessons: &[Lesson], order: &[u32]) {
        let mut scores = Vec::with_capacity(self.classes);
        for &index in order {
            let lesson = &lessons[index as usize];
            let pulls = pulls.of(index as usize, self.classes);
            self.scores(&lesson.vector, &mut scores);
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
            self.add(&lesson.vector, &scores);
        }
    }

    fn pass_all(&mut self, pulls: &mut Pulls, lessons: &[Lesson], order: &[u32]) {
        let bias = self.bias();
        let (mut scores, mut sorted) = (Vec::new(), Vec::new());
        let mut changes: Vec<(usize, f32)> = Vec::new();
        for &index in order {
            let lesson = &lessons[index as usize];
            let (own, square) = (lesson.label, lesson.square);
            let pulls = pulls.of(index as usize, self.classes);
            self.scores(&lesson.vector, &mut scores);
            for (class, (score, pull)) in scores.iter_mut().zip(pulls.iter()).enumerate() {
                *score += if class == own { 0.0 } else { 1.0 } - square * pull;
            }
            let level = level(&scores, own, square * COST, &mut sorted);
            changes.clear();
            for (class, (score, pull)) in scores.iter().zip(pulls.iter_mut()).enumerate() {
                let most = if class == own { COST } else { 0.0 };
                let new = ((level - score) / square).min(most);
                if new != *pull {
                    changes.push((class, new - *pull));
                    *pull = new;
                }
            }
            if changes.is_empty() {
                continue;
            }
            // Few classes compete for a sentence: only theirs are touched.
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

    /// This and another that was trained on the same: scores are then the sums of both.
    pub(super) fn joined(mut self, other: &Self) -> Self {
        for (weight, other) in self.weights.iter_mut().zip(&other.weights) {
            *weight += other;
        }
        self
    }

    fn bias(&self) -> usize {
        (self.weights.len() / self.classes.max(1)).saturating_sub(1)
    }
}

/// The score that the competing classes are brought to (Crammer and Singer's subproblem, solved by
/// sorting as in Keerthi et al., 2008). `lead` is how far the own class may be raised.
fn level(scores: &[f32], own: usize, lead: f32, sorted: &mut Vec<f32>) -> f32 {
    sorted.clear();
    sorted.extend(scores);
    sorted[own] += lead;
    let top = sorted.iter().copied().fold(f32::MIN, f32::max);
    // What lies below the top by more than the lead cannot compete.
    sorted.retain(|score| *score >= top - lead);
    sorted.sort_unstable_by(|one, other| other.total_cmp(one));
    let mut level = sorted[0] - lead;
    let mut count = 1;
    while count < sorted.len() && level < count as f32 * sorted[count] {
        level += sorted[count];
        count += 1;
    }
    level / count as f32
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
        for contest in [Contest::Each, Contest::All] {
            let mut linear = Linear::new(contest, 6, 3);
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
                    assert!(own > scores[other] + 0.5, "{contest:?} {scores:?}");
                }
            }
            for (index, lesson) in lessons.iter().enumerate() {
                linear.forget(&mut pulls, lesson, index);
            }
            assert!(linear.weights.iter().all(|weight| weight.abs() < 1e-5));
        }
    }
}
