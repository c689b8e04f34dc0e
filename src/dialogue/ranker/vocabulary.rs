//! Which features count and how much: the dictionary of a ranker, and sentences as vectors over it.
//!
//! Numbers are given in the order in which features are first met, so that nothing depends on how a
//! table happens to be laid out.

use super::math::{exp, ln};
use super::text::{BLOCKS, Features};

/// Share of each block in a vector: words, letters, sound, seams.
const SHARES: [f64; BLOCKS] = [1.4, 1.0, 0.4, 0.4];
const NONE: u32 = u32::MAX;

/// A sentence: numbers of features, ascending, with their weights; its length is 1 where all of its
/// features are known.
pub(super) type Vector = Vec<(u32, f32)>;

/// Feature hashes by open addressing: no order of its own, and the same on every machine.
#[derive(Clone, Debug, Default)]
struct Numbers {
    slots: Vec<(u64, u32)>,
    used: usize,
}

impl Numbers {
    fn slot(&self, hash: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at].1 != NONE && self.slots[at].0 != hash {
            at = (at + 1) & mask;
        }
        at
    }

    fn get(&self, hash: u64) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let number = self.slots[self.slot(hash)].1;
        (number != NONE).then_some(number)
    }

    /// The feature's number, a new one where it has none.
    fn give(&mut self, hash: u64) -> u32 {
        if self.used * 2 >= self.slots.len() {
            let larger = (self.slots.len() * 2).max(1024);
            let old = std::mem::replace(&mut self.slots, vec![(0, NONE); larger]);
            for entry in old.into_iter().filter(|entry| entry.1 != NONE) {
                let at = self.slot(entry.0);
                self.slots[at] = entry;
            }
        }
        let at = self.slot(hash);
        if self.slots[at].1 == NONE {
            self.slots[at] = (hash, self.used as u32);
            self.used += 1;
        }
        self.slots[at].1
    }
}

/// The features that count, with their weights.
#[derive(Clone, Debug, Default)]
pub(super) struct Vocabulary {
    numbers: Numbers,
    weights: Vec<f32>,
    /// Whether a single sentence has the feature.
    single: Vec<bool>,
    /// Weight of a feature that no example has.
    unseen: f32,
}

impl Vocabulary {
    /// Learns how rare features are. Those that fewer than `least` sentences have are forgotten.
    pub(super) fn learn(sentences: &[Features], least: u32) -> Self {
        let mut all = Numbers::default();
        // For each feature: its hash, sentences that have it, the last of them.
        let mut holders: Vec<(u64, u32, u32)> = Vec::new();
        for (index, sentence) in sentences.iter().enumerate() {
            for &hash in sentence.iter().flatten() {
                let number = all.give(hash) as usize;
                if number == holders.len() {
                    holders.push((hash, 0, NONE));
                }
                let holder = &mut holders[number];
                if holder.2 != index as u32 {
                    holder.1 += 1;
                    holder.2 = index as u32;
                }
            }
        }
        let total = sentences.len() as f64;
        let rarity = |count: u32| rarity(total, f64::from(count)) as f32;
        let mut out = Self {
            unseen: rarity(least),
            ..Self::default()
        };
        for (hash, count, _) in holders {
            if count >= least {
                out.numbers.give(hash);
                out.weights.push(rarity(count));
                out.single.push(count == 1);
            }
        }
        out
    }

    /// Number of features.
    pub(super) fn len(&self) -> usize {
        self.weights.len()
    }

    /// The sentence as a vector. Features that no example has count towards its length only.
    pub(super) fn vector(&self, features: &Features) -> Vector {
        let mut out = Vector::new();
        let all: f64 = SHARES.iter().map(|share| share * share).sum();
        for (block, share) in features.iter().zip(SHARES) {
            self.add_block(block, share / all.sqrt(), &mut out);
        }
        out.sort_unstable_by_key(|entry| entry.0);
        out
    }

    /// How much of a sentence other sentences know, if this one was learnt from: 0 to 1.
    pub(super) fn known_to_others(&self, vector: &Vector) -> f32 {
        let shared = vector.iter().filter(|entry| !self.single[entry.0 as usize]);
        shared.map(|entry| entry.1 * entry.1).sum()
    }

    fn add_block(&self, block: &[u64], share: f64, out: &mut Vector) {
        let mut hashes = block.to_vec();
        hashes.sort_unstable();
        let from = out.len();
        let mut square = 0.0_f64;
        for same in hashes.chunk_by(|one, other| one == other) {
            let number = self.numbers.get(same[0]);
            let rarity = number.map_or(self.unseen, |number| self.weights[number as usize]);
            let weight = rarity * (1.0 + ln(same.len() as f64)) as f32;
            square += f64::from(weight) * f64::from(weight);
            out.extend(number.map(|number| (number, weight)));
        }
        let scale = (share / square.sqrt().max(1e-9)) as f32;
        for entry in &mut out[from..] {
            entry.1 *= scale;
        }
    }
}

/// How much a feature tells that `count` of `total` sentences have: (1 + ln …) to the power of 0.7,
/// less steep than usual.
fn rarity(total: f64, count: f64) -> f64 {
    exp(0.7 * ln(1.0 + ln((1.0 + total) / (1.0 + count))))
}
