//! Sentences already rendered, by text, language and pace: bounded by bytes, the one used longest ago
//! goes first, fixed prompts stay.

use super::Saying;
use std::collections::BTreeMap;
use std::sync::Arc;

/// See the module.
pub(super) struct SentenceCache {
    limit: usize,
    bytes: usize,
    kept_bytes: usize,
    entries: BTreeMap<Arc<Saying>, Entry>,
    /// Sentences by last use; kept ones are not here.
    by_age: BTreeMap<u64, Arc<Saying>>,
    now: u64,
}

struct Entry {
    samples: Arc<[i16]>,
    used: u64,
    keep: bool,
}

impl SentenceCache {
    /// An empty store of at most `limit` bytes; at most half of it for what must stay.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            bytes: 0,
            kept_bytes: 0,
            entries: BTreeMap::new(),
            by_age: BTreeMap::new(),
            now: 0,
        }
    }

    /// The samples of `saying`, which counts as used now.
    pub(super) fn get(&mut self, saying: &Saying) -> Option<Arc<[i16]>> {
        self.now += 1;
        let entry = self.entries.get_mut(saying)?;
        if let Some(saying) = self.by_age.remove(&entry.used) {
            self.by_age.insert(self.now, saying);
        }
        entry.used = self.now;
        Some(Arc::clone(&entry.samples))
    }

    /// Marks `saying` as one that stays; false when it is not here.
    pub(super) fn keep(&mut self, saying: &Saying) -> bool {
        let Some(entry) = self.entries.get_mut(saying) else {
            return false;
        };
        let size = size(saying, &entry.samples);
        if !entry.keep && self.kept_bytes + size <= self.limit / 2 {
            entry.keep = true;
            self.kept_bytes += size;
            self.by_age.remove(&entry.used);
        }
        true
    }

    /// Stores `saying`, dropping what was used longest ago until it fits. Something that would take a
    /// quarter of the store is not worth it.
    pub(super) fn put(&mut self, saying: Arc<Saying>, samples: Arc<[i16]>, keep: bool) {
        let size = size(&saying, &samples);
        if size > self.limit / 4 || self.entries.contains_key(&saying) {
            return;
        }
        while self.bytes + size > self.limit {
            let Some((_, oldest)) = self.by_age.pop_first() else {
                return;
            };
            if let Some(entry) = self.entries.remove(&oldest) {
                self.bytes -= self::size(&oldest, &entry.samples);
            }
        }
        self.now += 1;
        self.bytes += size;
        self.by_age.insert(self.now, Arc::clone(&saying));
        self.entries.insert(
            Arc::clone(&saying),
            Entry {
                samples,
                used: self.now,
                keep: false,
            },
        );
        if keep {
            self.keep(&saying);
        }
    }
}

/// Bytes that an entry takes, its bookkeeping roughly included.
fn size(saying: &Saying, samples: &[i16]) -> usize {
    size_of_val(samples) + saying.text.len() + 128
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::spoken::Language;

    fn put(cache: &mut SentenceCache, text: &str, keep: bool) {
        cache.put(Arc::new(text.into()), vec![0; 1000].into(), keep);
    }

    #[test]
    fn drops_what_was_used_longest_ago_and_keeps_fixed_prompts() {
        // Room for four and a bit.
        let mut cache = SentenceCache::new(10_000);
        put(&mut cache, "fixed", true);
        for text in ["a", "b", "c"] {
            put(&mut cache, text, false);
        }
        assert!(cache.get(&"a".into()).is_some());
        put(&mut cache, "d", false);
        assert!(cache.get(&"b".into()).is_none(), "used longest ago");
        for n in 0..50 {
            put(&mut cache, &format!("new {n}"), false);
            assert!(cache.bytes <= 10_000);
        }
        assert!(cache.get(&"fixed".into()).is_some() && cache.get(&"a".into()).is_none());
        assert_eq!(cache.entries.len(), cache.by_age.len() + 1);
    }

    #[test]
    fn fixed_prompts_take_half_at_most_and_giants_are_not_stored() {
        let mut cache = SentenceCache::new(10_000);
        for n in 0..20 {
            put(&mut cache, &format!("fixed {n}"), true);
        }
        assert!(cache.kept_bytes <= 5_000 && cache.bytes <= 10_000);
        put(&mut cache, "still room", false);
        assert!(cache.get(&"still room".into()).is_some());
        cache.put(Arc::new("giant".into()), vec![0; 100_000].into(), false);
        assert!(cache.get(&"giant".into()).is_none() && cache.bytes <= 10_000);
        assert!(cache.keep(&"still room".into()) && !cache.keep(&"giant".into()));
    }

    #[test]
    fn language_and_pace_are_kept_apart() {
        let mut cache = SentenceCache::new(10_000);
        put(&mut cache, "no", false);
        let slow = Saying {
            slow: true,
            ..Saying::from("no")
        };
        let spanish = Saying {
            language: Some(Language::Spanish),
            ..Saying::from("no")
        };
        assert!(cache.get(&slow).is_none() && cache.get(&spanish).is_none());
        cache.put(Arc::new(slow.clone()), vec![1; 10].into(), false);
        assert_eq!(cache.get(&slow).map(|samples| samples.len()), Some(10));
        assert_eq!(
            cache.get(&"no".into()).map(|samples| samples.len()),
            Some(1000)
        );
    }
}
