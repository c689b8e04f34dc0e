//! From scores to confidence: how sharply scores tell classes apart, and from when on a sentence is about
//! none of them. Both are learnt from sentences that the scores' ranker had not seen.
//!
//! Where no sentences from outside were given, each sentence is also judged without its own class: to
//! the others it is one from outside, and a hard one.

use super::math::{exp, ln, logistic};

/// Weights of resemblance to the nearest example, and of what the features speak for, in a class's score.
const NEAR: f32 = 1.0;
const SPOKEN_FOR: f32 = 0.04;
/// Share of sentences from outside that is reckoned with where none were given…
const OUTSIDE: f64 = 0.2;
/// … and where real ones were, which are easier to tell.
const REAL_OUTSIDE: f64 = 0.004;
/// Of these, the part of sentences judged without their class where real ones were given, too.
const MADE_UP: f64 = 0.3;
/// Fewer real ones are not enough to learn from alone.
const ENOUGH: usize = 20;
/// Things that speak for or against the outside, see [`evidence`].
const SIGNS: usize = 6;
/// What is believed of them before anything is seen, and how firmly (as if by that many sentences).
const BELIEF: [f64; SIGNS] = [4.0, -4.3, 0.8, -5.0, 2.0, -3.0];
const FIRMNESS: f64 = 8.0;
const HEAT: f64 = 4.5;

/// What a ranker that has not learnt from a sentence sees in it.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    /// By class; one more than there are labels where the outside was learnt.
    pub(super) scores: Vec<f32>,
    /// By class.
    pub(super) near: Vec<f32>,
    /// By class; see [`super::bayes`].
    pub(super) spoken_for: Vec<f32>,
    /// How much of it the others know, 0 to 1.
    pub(super) known: f32,
    /// The number of labels for one from outside.
    pub(super) label: usize,
}

/// How scores become confidence.
#[derive(Clone, Debug)]
pub(super) struct Judge {
    /// Scores are multiplied by this before they compete.
    heat: f64,
    outside: [f64; SIGNS],
}

/// Shares of the classes and of the outside; all together 1.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdict {
    pub(super) shares: Vec<f64>,
    pub(super) outside: f64,
}

impl Judge {
    pub(super) fn learn(samples: &[Sample], labels: usize) -> Self {
        Self {
            heat: heat(samples, labels),
            outside: outside(samples, labels),
        }
    }

    /// What is to be held of a sentence, whatever its label.
    pub(super) fn verdict(&self, sample: &Sample) -> Verdict {
        let signs = evidence(&sample.scores, &sample.near, sample.known, None);
        let outside = logistic(dot(&self.outside, &signs));
        let mut shares = softmax(&combined(sample), self.heat);
        for share in &mut shares {
            *share *= 1.0 - outside;
        }
        Verdict { shares, outside }
    }
}

fn combined(sample: &Sample) -> Vec<f64> {
    let others = sample.near.iter().zip(&sample.spoken_for);
    let all = sample.scores.iter().zip(others);
    all.map(|(score, (near, spoken_for))| f64::from(score + NEAR * near + SPOKEN_FOR * spoken_for))
        .collect()
}

fn softmax(scores: &[f64], heat: f64) -> Vec<f64> {
    let top = scores.iter().copied().fold(f64::MIN, f64::max);
    let mut out: Vec<f64> = scores
        .iter()
        .map(|score| exp(heat * (score - top)))
        .collect();
    let sum: f64 = out.iter().sum();
    for share in &mut out {
        *share /= sum;
    }
    out
}

/// The heat under which the right classes were likeliest, by Newton's method on its one number.
fn heat(samples: &[Sample], labels: usize) -> f64 {
    let inside: Vec<(Vec<f64>, usize)> = samples
        .iter()
        .filter(|sample| sample.label < labels)
        .take(1000)
        .map(|sample| (combined(sample), sample.label))
        .collect();
    let mut heat = HEAT;
    if labels < 2 {
        return heat;
    }
    for _ in 0..8 {
        // A few sentences' worth of belief in the usual heat.
        let (mut slope, mut bend) = (0.5 * (heat - HEAT), 0.5);
        for (scores, label) in &inside {
            let shares = softmax(scores, heat);
            let mean: f64 = shares
                .iter()
                .zip(scores)
                .map(|(share, score)| share * score)
                .sum();
            let square: f64 = shares
                .iter()
                .zip(scores)
                .map(|(share, score)| share * score * score)
                .sum();
            slope += mean - scores[*label];
            bend += square - mean * mean;
        }
        heat = (heat - (slope / bend.max(1e-6)).clamp(-3.0, 3.0)).clamp(1.0, 40.0);
    }
    heat
}

/// What speaks for or against the outside: always the same, the best score, its lead, the nearest
/// example, the outside's own score, how much of the sentence is known at all. One class may be looked
/// away from.
fn evidence(scores: &[f32], near: &[f32], known: f32, without: Option<usize>) -> [f64; SIGNS] {
    let (mut best, mut second, mut nearest) = (-2.0_f32, -2.0_f32, 0.0_f32);
    for (class, (&score, &near)) in scores.iter().zip(near).enumerate() {
        if Some(class) == without {
            continue;
        }
        if score > best {
            (second, best) = (best, score);
        } else {
            second = second.max(score);
        }
        nearest = nearest.max(near);
    }
    if let ([_], [near]) = (scores, near) {
        // A single class has nothing to be told apart from: only resemblance counts.
        best = 4.0 * near - 2.0;
    }
    let own = scores.get(near.len()).copied().unwrap_or(-1.0);
    let lead = best - second;
    [
        1.0,
        f64::from(best),
        f64::from(lead),
        f64::from(nearest),
        f64::from(own + 1.0),
        f64::from(known),
    ]
}

fn dot(one: &[f64; SIGNS], other: &[f64; SIGNS]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

/// Weights of the evidence: logistic regression, drawn towards the belief.
fn outside(samples: &[Sample], labels: usize) -> [f64; SIGNS] {
    // Signs, whether from outside, weight.
    let mut rows: Vec<([f64; SIGNS], f64, f64)> = Vec::new();
    let inside = samples
        .iter()
        .filter(|sample| sample.label < labels)
        .count();
    let real = samples.len() - inside;
    let total = samples.len() as f64;
    let made_up = match real {
        real if real >= ENOUGH => MADE_UP,
        real => 1.0 - (1.0 - MADE_UP) * real as f64 / ENOUGH as f64,
    };
    let share = if real >= ENOUGH {
        REAL_OUTSIDE
    } else {
        OUTSIDE
    };
    for sample in samples {
        let signs = |without| evidence(&sample.scores, &sample.near, sample.known, without);
        if sample.label < labels {
            rows.push((signs(None), 0.0, total * (1.0 - share) / inside as f64));
            if labels > 1 {
                let weight = total * share * made_up / inside as f64;
                rows.push((signs(Some(sample.label)), 1.0, weight));
            }
        } else {
            let weight = total * share * (1.0 - made_up) / real as f64;
            rows.push((signs(None), 1.0, weight));
        }
    }
    let mut weights = BELIEF;
    for _ in 0..8 {
        let mut slope = [0.0; SIGNS];
        let mut bend = [[0.0; SIGNS]; SIGNS];
        for at in 0..SIGNS {
            slope[at] = firmness(at) * (weights[at] - BELIEF[at]);
            bend[at][at] = firmness(at);
        }
        for (signs, is_outside, weight) in &rows {
            let share = logistic(dot(&weights, signs));
            for at in 0..SIGNS {
                slope[at] += weight * (share - is_outside) * signs[at];
                for other in 0..SIGNS {
                    bend[at][other] += weight * share * (1.0 - share) * signs[at] * signs[other];
                }
            }
        }
        let step = solve(bend, slope);
        // A step may lead too far: half of it then, and half of that.
        let before = regret(&rows, &weights);
        let mut part = 1.0;
        for _ in 0..6 {
            let mut next = weights;
            for (weight, step) in next.iter_mut().zip(step) {
                *weight -= part * step;
            }
            if regret(&rows, &next) < before {
                weights = next;
                break;
            }
            part /= 2.0;
        }
    }
    weights
}

/// What the weights are measured by: how unlikely they make what was seen, and how far they are from the
/// belief.
fn regret(rows: &[([f64; SIGNS], f64, f64)], weights: &[f64; SIGNS]) -> f64 {
    let mut sum = 0.0;
    for (at, (weight, belief)) in weights.iter().zip(BELIEF).enumerate() {
        sum += firmness(at) * (weight - belief) * (weight - belief) / 2.0;
    }
    for (signs, is_outside, weight) in rows {
        let for_it = dot(weights, signs) * (2.0 * is_outside - 1.0);
        sum -= weight * ln(logistic(for_it));
    }
    sum
}

/// The place of the sign that is always the same is believed less.
fn firmness(at: usize) -> f64 {
    if at == 0 { FIRMNESS / 10.0 } else { FIRMNESS }
}

/// Gauss's elimination; the matrix is symmetric and positive, so no row has to be exchanged.
fn solve(mut matrix: [[f64; SIGNS]; SIGNS], mut right: [f64; SIGNS]) -> [f64; SIGNS] {
    for at in 0..SIGNS {
        for below in at + 1..SIGNS {
            let factor = matrix[below][at] / matrix[at][at];
            let upper = matrix[at];
            for (cell, above) in matrix[below].iter_mut().zip(upper).skip(at) {
                *cell -= factor * above;
            }
            right[below] -= factor * right[at];
        }
    }
    for at in (0..SIGNS).rev() {
        for after in at + 1..SIGNS {
            right[at] -= matrix[at][after] * right[after];
        }
        right[at] /= matrix[at][at];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_solved() {
        let mut matrix = [[0.0; SIGNS]; SIGNS];
        for (at, row) in matrix.iter_mut().enumerate() {
            row[at] = 2.0 + at as f64;
            row[(at + 1) % SIGNS] += 0.5;
        }
        let wanted = [1.0, -2.0, 3.0, 0.5, 4.0, -1.0];
        let mut right = [0.0; SIGNS];
        for (right, row) in right.iter_mut().zip(&matrix) {
            *right = dot(row, &wanted);
        }
        for (found, wanted) in solve(matrix, right).iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-9);
        }
    }

    #[test]
    fn without_samples_the_belief_holds() {
        let judge = Judge::learn(&[], 2);
        let sample = |scores: [f32; 2], near: [f32; 2], known| Sample {
            scores: scores.to_vec(),
            near: near.to_vec(),
            spoken_for: vec![0.0; 2],
            known,
            label: 0,
        };
        let sure = judge.verdict(&sample([1.8, -1.8], [0.9, 0.1], 1.0));
        let lost = judge.verdict(&sample([-1.8, -1.8], [0.05, 0.0], 0.2));
        assert!(sure.shares[0] > 0.8, "{sure:?}");
        assert!(lost.outside > 0.7, "{lost:?}");
    }
}
