//! From judged sentences to figures: how they are counted and how they are shown.

use super::Times;
use crate::dialogue::Confidence;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Pairs of intents that are shown at most.
const PAIRS: usize = 10;
/// Shown where a sentence is held to be about none of the intents.
const NONE: &str = "(none)";

/// A sentence and what it was held to be about.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) text: String,
    /// None for one about none of the intents.
    pub(super) wanted: Option<String>,
    /// The likeliest intent, whether or not it was answered.
    pub(super) best: Option<String>,
    /// None where it was held to be about none of them.
    pub(super) answer: Option<String>,
    /// Of the likeliest.
    pub(super) confidence: Confidence,
}

/// A share of something that may not be there at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) hits: usize,
    pub(super) of: usize,
}

/// An intent taken for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Confusion {
    wanted: String,
    answer: String,
    count: usize,
    example: String,
}

/// All figures.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    /// Sentences about an intent whose likeliest intent is right, the outside left out of account.
    pub(super) accuracy: Share,
    /// The same where "about none" is a wrong answer.
    pub(super) in_scope: Share,
    /// In thousandths, over the intents, by answers.
    pub(super) macro_f1: f64,
    pub(super) outside_recall: Share,
    pub(super) outside_precision: Share,
    /// Mean confidence in the likeliest intent of sentences about one.
    pub(super) mean_confidence: f64,
    pub(super) confusions: Vec<Confusion>,
}

impl Figures {
    pub(super) fn of(judged: &[Judged]) -> Self {
        let mut out = Self {
            macro_f1: macro_f1(judged),
            confusions: confusions(judged),
            ..Self::default()
        };
        let mut confidence = 0.0;
        for one in judged {
            if one.answer.is_none() {
                out.outside_precision.count(one.wanted.is_none());
            }
            if one.wanted.is_none() {
                out.outside_recall.count(one.answer.is_none());
            } else {
                out.accuracy.count(one.best == one.wanted);
                out.in_scope.count(one.answer == one.wanted);
                confidence += f64::from(one.confidence) / 1000.0;
            }
        }
        out.mean_confidence = confidence / out.accuracy.of.max(1) as f64;
        out
    }

    pub(super) fn text(&self, times: Times) -> String {
        let mut out = String::new();
        let mut line = |name: &str, value: String| {
            let _ = writeln!(out, "{name:<24}{value}");
        };
        line("accuracy", self.accuracy.to_string());
        line("macro-F1", format!("{:.1} %", self.macro_f1 * 100.0));
        line("in-scope accuracy", self.in_scope.to_string());
        line("out-of-scope recall", self.outside_recall.to_string());
        line("out-of-scope precision", self.outside_precision.to_string());
        line(
            "mean confidence",
            format!("{:.1} %", self.mean_confidence * 100.0),
        );
        line(
            "training",
            format!("{:.2} s per 10,000 sentences", times.training_ms / 1000.0),
        );
        line(
            "ranking",
            format!("{:.3} ms per sentence", times.ranking_us / 1000.0),
        );
        if !self.confusions.is_empty() {
            out += "\nmost often confused:\n";
        }
        for pair in &self.confusions {
            let _ = writeln!(
                out,
                "{:>5}  {} taken for {}: \"{}\"",
                pair.count, pair.wanted, pair.answer, pair.example
            );
        }
        out
    }

    pub(super) fn json(&self, times: Times) -> Value {
        let confusions: Vec<Value> = self
            .confusions
            .iter()
            .map(|pair| {
                json!({"intent": pair.wanted, "answer": pair.answer, "count": pair.count,
                    "example": pair.example})
            })
            .collect();
        json!({
            "sentences": self.accuracy.of + self.outside_recall.of,
            "accuracy": self.accuracy.value(),
            "macro_f1": self.macro_f1,
            "in_scope_accuracy": self.in_scope.value(),
            "oos_sentences": self.outside_recall.of,
            "oos_recall": self.outside_recall.value(),
            "oos_precision": self.outside_precision.value(),
            "mean_confidence": self.mean_confidence,
            "training_ms_per_10000": times.training_ms,
            "ranking_us": times.ranking_us,
            "confusions": confusions,
        })
    }
}

impl Share {
    fn count(&mut self, hit: bool) {
        self.hits += usize::from(hit);
        self.of += 1;
    }

    fn value(self) -> Option<f64> {
        (self.of > 0).then(|| self.hits as f64 / self.of as f64)
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.value() {
            Some(value) => write!(f, "{:.1} % ({} of {})", value * 100.0, self.hits, self.of),
            None => f.write_str("no such sentence"),
        }
    }
}

/// Mean over the intents that are wanted of the harmonic mean of precision and recall.
fn macro_f1(judged: &[Judged]) -> f64 {
    // Right, answered, wanted.
    let mut counts: BTreeMap<&str, [f64; 3]> = BTreeMap::new();
    for one in judged {
        if let Some(wanted) = &one.wanted {
            let count = counts.entry(wanted).or_default();
            count[2] += 1.0;
            count[0] += f64::from(u8::from(one.answer == one.wanted));
        }
        if let Some(answer) = &one.answer {
            counts.entry(answer).or_default()[1] += 1.0;
        }
    }
    let wanted: Vec<&[f64; 3]> = counts.values().filter(|count| count[2] > 0.0).collect();
    let sum: f64 = wanted
        .iter()
        .map(|[right, answered, wanted]| 2.0 * right / (answered + wanted))
        .sum();
    sum / wanted.len().max(1) as f64
}

fn confusions(judged: &[Judged]) -> Vec<Confusion> {
    let name = |intent: &Option<String>| intent.clone().unwrap_or_else(|| NONE.into());
    let mut pairs: BTreeMap<(String, String), (usize, &str)> = BTreeMap::new();
    for one in judged.iter().filter(|one| one.answer != one.wanted) {
        let pair = pairs.entry((name(&one.wanted), name(&one.answer)));
        pair.or_insert((0, &one.text)).0 += 1;
    }
    let mut out: Vec<Confusion> = pairs
        .into_iter()
        .map(|((wanted, answer), (count, example))| Confusion {
            wanted,
            answer,
            count,
            example: example.to_owned(),
        })
        .collect();
    out.sort_by_key(|row| std::cmp::Reverse(row.count));
    out.truncate(PAIRS);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(wanted: &str, best: &str, answered: bool) -> Judged {
        let intent = |name: &str| (name != "-").then(|| name.to_owned());
        Judged {
            text: format!("{wanted} {best}"),
            wanted: intent(wanted),
            best: intent(best),
            answer: intent(best).filter(|_| answered),
            confidence: 500,
        }
    }

    #[test]
    fn a_rejected_sentence_of_an_intent_counts_as_wrong() {
        let figures = Figures::of(&[
            judged("a", "a", true),
            judged("a", "a", false),
            judged("b", "a", true),
            judged("b", "b", true),
            judged("-", "a", false),
            judged("-", "b", true),
        ]);
        let share = |hits, of| Share { hits, of };
        assert_eq!(figures.accuracy, share(3, 4));
        assert_eq!(figures.in_scope, share(2, 4));
        assert_eq!(figures.outside_recall, share(1, 2));
        assert_eq!(figures.outside_precision, share(1, 2));
        // a: 1 right of 2 answered and 2 wanted; b: the same.
        assert!((figures.macro_f1 - 0.5).abs() < 1e-9);
        assert!((figures.mean_confidence - 0.5).abs() < 1e-9);
        assert_eq!(figures.confusions.len(), 3);
    }

    #[test]
    fn nothing_of_a_kind_is_said_so() {
        let figures = Figures::of(&[judged("a", "a", true)]);
        let times = Times {
            training_ms: 1.0,
            ranking_us: 1.0,
        };
        assert!(
            figures
                .text(times)
                .contains("out-of-scope recall     no such sentence")
        );
        assert!(figures.json(times)["oos_recall"].is_null());
    }
}
