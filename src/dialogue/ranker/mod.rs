//! Which intent a sentence is about, with honest confidence, or none of these.
//!
//! Decides how sentences are learnt and judged: [`text`] sees features, [`vocabulary`] weighs them,
//! [`linear`] separates the classes, [`nearest`] compares with single examples, [`bayes`] asks each
//! feature for itself, [`judge`] turns all three into confidence. What a value is and what to do with an answer is left to others: the caller puts
//! the same tokens (`#date`) into examples and sentences.
//!
//! Only `+ - * / sqrt` in a fixed order, and results in per mille: the same on every machine, which
//! replay depends on.

mod bayes;
mod judge;
mod linear;
mod math;
mod meaning;
mod nearest;
mod order;
mod text;
mod train;
mod vocabulary;

use super::reply::Confidence;
use super::spoken::Language;
use bayes::Bayes;
use judge::{Judge, Sample};
use linear::Linear;
use nearest::Nearest;
use text::Reader;
use vocabulary::{Vector, Vocabulary};

/// How many answers are given at most.
const MOST: usize = 5;

/// From so sure on that a sentence is from outside, it is not answered.
const TURNED_AWAY: Confidence = 500;

/// An intent and how sure we are of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// As in the examples.
    pub label: usize,
    /// How often such an answer is right.
    pub confidence: Confidence,
}

/// What a sentence may be about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranking {
    /// By falling confidence, at most 5; nothing where no word is known.
    pub best: Vec<Ranked>,
    /// How sure we are that it is none of these.
    pub outside: Confidence,
}

impl Ranking {
    /// The best answer, unless it is fairly sure that there is none: to be turned away wrongly is worse
    /// than to be asked whether that was meant.
    pub fn answer(&self) -> Option<Ranked> {
        let best = self.best.first().copied();
        best.filter(|_| self.outside < TURNED_AWAY)
    }
}

/// Ranks intents; trained once, then only read.
#[derive(Clone, Debug)]
pub struct Ranker {
    language: Language,
    /// Labels by class; classes are numbered without gaps.
    labels: Vec<usize>,
    vocabulary: Vocabulary,
    /// One class more than there are labels where sentences from outside were given.
    linear: Linear,
    nearest: Nearest,
    bayes: Bayes,
    judge: Judge,
}

impl Ranker {
    /// Learns from sentences, each with its label, and from sentences that are about nothing of this.
    /// Nothing given is a ranker that knows nothing.
    pub fn train(examples: &[(usize, String)], outside: &[String], language: Language) -> Self {
        train::train(examples, outside, language)
    }

    /// What a sentence may be about.
    pub fn rank(&self, text: &str) -> Ranking {
        let vector = self
            .vocabulary
            .vector(&Reader::new(self.language).features(text));
        self.rank_vector(&vector)
    }

    fn rank_vector(&self, vector: &Vector) -> Ranking {
        if vector.is_empty() || self.labels.is_empty() {
            return Ranking {
                best: Vec::new(),
                outside: 1000,
            };
        }
        let mut scores = Vec::new();
        self.linear.scores(vector, &mut scores);
        let near = self.nearest.scores(vector, self.labels.len(), |_| true);
        let known = vector.iter().map(|entry| entry.1 * entry.1).sum();
        let verdict = self.judge.verdict(&Sample {
            scores,
            near,
            spoken_for: self.bayes.scores(vector),
            known,
            label: self.labels.len(),
        });
        let mut best: Vec<Ranked> = verdict
            .shares
            .iter()
            .zip(&self.labels)
            .map(|(&share, &label)| Ranked {
                label,
                confidence: per_mille(share),
            })
            .collect();
        best.sort_by(|one, other| {
            let falling = other.confidence.cmp(&one.confidence);
            falling.then(one.label.cmp(&other.label))
        });
        best.truncate(MOST);
        Ranking {
            best,
            outside: per_mille(verdict.outside),
        }
    }
}

fn per_mille(share: f64) -> Confidence {
    (share.clamp(0.0, 1.0) * 1000.0 + 0.5) as Confidence
}

#[cfg(test)]
mod tests;
