//! Which intent a sentence is about, or none of them: nearest example by weighted words, word
//! pairs, letter trigrams and sound.
//!
//! Only `+ - * / sqrt` on `f64` are used, in a fixed order, and the result is rounded to per mille:
//! IEEE 754 makes that the same on every machine, which replay depends on (`ln` would not be).

use super::reply::Confidence;
use super::sound;
use super::words::{essence, is_function_word};
use std::collections::BTreeMap;

/// Stands for an order number in examples and sentences.
pub const NUMBER: &str = "#";
/// Stands for a weekday, "today" or "tomorrow".
pub const DAY: &str = "@";

/// An intent with how sure we are, by the words alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// Index into the list that the ranker was trained on.
    pub intent: usize,
    pub confidence: Confidence,
}

/// Nearest-example ranker; trained once per domain, then only read.
#[derive(Clone, Debug, Default)]
pub struct Ranker {
    features: BTreeMap<String, Feature>,
    /// For each example its intent.
    owners: Vec<usize>,
    /// Number of intents.
    intents: usize,
    /// Weight of a feature that no example has.
    unseen: f64,
}

#[derive(Clone, Debug, Default)]
struct Feature {
    weight: f64,
    /// Examples that have it, with its share of their (unit) length.
    examples: Vec<(usize, f64)>,
    /// Intents that have it, with how much it speaks for them (all together 1).
    intents: Vec<(usize, f64)>,
}

// Cosine below LOW is none of these; HIGH and above is certain. Chosen on `tests/suite/dialogue.rs`
// (paraphrases above, other trades' sentences below the threshold).
const LOW: f64 = 0.30;
const HIGH: f64 = 0.78;
/// Share of the evidence of single features in the score.
const EVIDENCE: f64 = 0.45;
/// Share of its weight that a feature keeps when all intents have it alike.
const COMMON: f64 = 0.15;
/// A word that no example has weighs as if that many had it: it tells less than it seems to, since
/// twenty sentences do not name every dress and toaster.
const UNSEEN: f64 = 12.0;
/// For the same reason no word weighs more than one that this many examples have.
const FEW: f64 = 5.0;
/// Most that evidence adds to the resemblance to the nearest example.
const MOST_EVIDENCE: f64 = 0.15;

impl Ranker {
    /// Learns from sentences (normalised words), each with the index of its intent.
    pub fn train(examples: &[(usize, Vec<String>)]) -> Self {
        let bags: Vec<BTreeMap<String, f64>> =
            examples.iter().map(|(_, words)| bag(words)).collect();
        let owners: Vec<usize> = examples.iter().map(|&(intent, _)| intent).collect();
        let intents = owners.iter().max().map_or(0, |&last| last + 1);
        let mut ranker = Self {
            owners,
            intents,
            ..Self::default()
        };
        for (index, bag) in bags.iter().enumerate() {
            for (name, &count) in bag {
                ranker
                    .features
                    .entry(name.clone())
                    .or_default()
                    .examples
                    .push((index, count));
            }
        }
        ranker.weigh(bags.len() as f64);
        let lengths: Vec<f64> = bags.iter().map(|bag| ranker.length(bag)).collect();
        for feature in ranker.features.values_mut() {
            for (example, share) in &mut feature.examples {
                *share *= feature.weight / lengths[*example];
            }
        }
        ranker
    }

    /// Weighs features: rare ones more, and more the more they belong to one intent ("refund" against
    /// "can you").
    fn weigh(&mut self, total: f64) {
        self.unseen = rarity(total, UNSEEN);
        self.learn_evidence();
        for (name, feature) in &mut self.features {
            let little = if says_little(name) { 0.5 } else { 1.0 };
            let own = feature
                .intents
                .iter()
                .map(|&(_, part)| part)
                .fold(0.0, f64::max);
            feature.weight = rarity(total, (feature.examples.len() as f64).max(FEW))
                * (COMMON + (1.0 - COMMON) * own)
                * little;
        }
    }

    /// How much each feature speaks for each intent: the share of the intent's examples that have it,
    /// against the same shares of the others.
    fn learn_evidence(&mut self) {
        let mut sizes = vec![0.0; self.intents];
        for &owner in &self.owners {
            sizes[owner] += 1.0;
        }
        for feature in self.features.values_mut() {
            let mut shares = BTreeMap::<usize, f64>::new();
            for &(example, _) in &feature.examples {
                let owner = self.owners[example];
                *shares.entry(owner).or_default() += 1.0 / sizes[owner];
            }
            let sum: f64 = shares.values().sum();
            feature.intents = shares
                .into_iter()
                .map(|(intent, share)| (intent, share / sum))
                .collect();
        }
    }

    fn length(&self, bag: &BTreeMap<String, f64>) -> f64 {
        let square = |(name, count): (&String, &f64)| {
            let weight = count
                * self
                    .features
                    .get(name)
                    .map_or(self.unseen, |feature| feature.weight);
            weight * weight
        };
        bag.iter()
            .map(square)
            .sum::<f64>()
            .sqrt()
            .max(f64::MIN_POSITIVE)
    }

    /// Resemblance to each intent: its nearest example, and how much of the sentence speaks for it
    /// (which finds sentences put together from several examples).
    fn scores(&self, bag: &BTreeMap<String, f64>) -> Vec<f64> {
        let length = self.length(bag);
        let mut nearness = vec![0.0; self.owners.len()];
        let mut evidence = vec![0.0; self.intents];
        for (name, count) in bag {
            let Some(feature) = self.features.get(name) else {
                continue;
            };
            let share = count * feature.weight / length;
            for &(example, other) in &feature.examples {
                nearness[example] += share * other;
            }
            for &(intent, part) in &feature.intents {
                evidence[intent] += share * share * part;
            }
        }
        let mut nearest = vec![0.0_f64; self.intents];
        for (&intent, score) in self.owners.iter().zip(nearness) {
            nearest[intent] = nearest[intent].max(score);
        }
        // An example itself must stay certain, however little its words are its own; and one telling
        // word does not make a sentence.
        let both = |(near, evidence): (f64, f64)| {
            near.max((1.0 - EVIDENCE) * near + EVIDENCE * evidence)
                .min(near + MOST_EVIDENCE)
        };
        nearest.into_iter().zip(evidence).map(both).collect()
    }

    /// Whether an example has this word.
    pub fn knows(&self, word: &str) -> bool {
        self.features.contains_key(&format!("w{word}"))
    }

    /// Intents by falling confidence; those below every resemblance are left out.
    pub fn rank(&self, words: &[&str]) -> Vec<Ranked> {
        let essence = essence(words);
        let bag = bag(&essence);
        let scores = self.scores(&bag);
        let mut ranked: Vec<(usize, f64)> = scores
            .into_iter()
            .enumerate()
            .filter(|&(_, score)| score > LOW)
            .collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let runner_up = ranked.get(1).map_or(0.0, |&(_, score)| score);
        ranked
            .iter()
            .enumerate()
            .map(|(place, &(intent, score))| {
                let margin = if place == 0 { score - runner_up } else { 0.0 };
                Ranked {
                    intent,
                    confidence: confidence(score, margin),
                }
            })
            .collect()
    }
}

/// Confidence from the resemblance and the lead over the next intent. A tie costs a third.
fn confidence(score: f64, margin: f64) -> Confidence {
    let raw = ((score - LOW) / (HIGH - LOW)).clamp(0.0, 1.0);
    let lead = 0.67 + 0.33 * (margin / 0.12).clamp(0.0, 1.0);
    (raw * lead * 1000.0).round() as Confidence
}

/// Is the feature a function word, or a pair of them?
fn says_little(feature: &str) -> bool {
    let word = |word: &str| word == "^" || word == "$" || is_function_word(word);
    match feature.split_at(1) {
        ("w", rest) => word(rest),
        ("p", rest) => rest.split(' ').all(word),
        _ => false,
    }
}

/// 1 + log2(total / holders), the logarithm by halving and a straight line in between.
fn rarity(total: f64, holders: f64) -> f64 {
    let mut ratio = total / holders.max(1.0);
    let mut log = 1.0;
    while ratio >= 2.0 {
        ratio /= 2.0;
        log += 1.0;
    }
    log + (ratio - 1.0).max(0.0)
}

fn bag<S: AsRef<str>>(words: &[S]) -> BTreeMap<String, f64> {
    let mut out: BTreeMap<String, f64> = BTreeMap::new();
    let mut add = |name: String, weight: f64| {
        let entry = out.entry(name).or_default();
        *entry = entry.max(weight);
    };
    let mut before = "^";
    for word in words.iter().map(AsRef::as_ref) {
        add(format!("w{word}"), 1.0);
        add(format!("p{before} {word}"), 0.45);
        before = word;
        let key = sound::key(word);
        if !key.is_empty() {
            add(format!("s{key}"), 0.5);
        }
        let padded: Vec<char> = std::iter::once('^')
            .chain(word.chars())
            .chain(['$'])
            .collect();
        let trigrams = padded.windows(3);
        let share = 0.7 / (trigrams.len().max(1) as f64).sqrt();
        for trigram in trigrams {
            add(format!("t{}", trigram.iter().collect::<String>()), share);
        }
    }
    add(format!("p{before} $"), 0.45);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranker() -> Ranker {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect();
        Ranker::train(&[
            (0, words("where is my order")),
            (0, words("track my order")),
            (1, words("what are your opening hours")),
            (1, words("when do you open")),
            (2, words("goodbye")),
        ])
    }

    fn best(text: &str) -> Option<Ranked> {
        ranker()
            .rank(&text.split(' ').collect::<Vec<_>>())
            .first()
            .copied()
    }

    #[test]
    fn an_example_itself_is_certain() {
        assert_eq!(
            best("where is my order"),
            Some(Ranked {
                intent: 0,
                confidence: 1000
            })
        );
        assert_eq!(
            best("goodbye"),
            Some(Ranked {
                intent: 2,
                confidence: 1000
            })
        );
    }

    #[test]
    fn dropped_and_misheard_words_are_survived() {
        assert_eq!(best("where my order").map(|ranked| ranked.intent), Some(0));
        assert_eq!(
            best("what are your opening ours").map(|ranked| ranked.intent),
            Some(1)
        );
        assert_eq!(
            best("good buy").map_or(0, |ranked| ranked.confidence / 1000),
            0
        );
    }

    #[test]
    fn strange_words_are_none_of_these() {
        assert!(
            best("insulin prescription metformin").is_none_or(|ranked| ranked.confidence < 200)
        );
        assert!(ranker().rank(&[]).is_empty());
    }
}
