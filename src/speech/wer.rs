//! Word error rate: how far recognised texts are from what was said.
//!
//! Pure. Decides how texts are made comparable and how errors are counted; where the texts come from
//! is the caller's affair.
//!
//! Normalisation before counting: lower case, punctuation dropped (an apostrophe within a word stays),
//! a hyphen is a space, digits are read one by one as words ("45" = "4 5" = "four five"), "oh" is
//! "zero", spoken letters "a m" and "p m" are "am" and "pm", "ok" is "okay", and hesitations ("uh",
//! "um", "er", "hmm") do not count.

use std::collections::VecDeque;

/// Word errors of one text against its reference (Levenshtein, each error costs 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Errors {
    pub substitutions: u32,
    pub deletions: u32,
    pub insertions: u32,
    /// Words in the reference.
    pub words: u32,
}

impl Errors {
    pub fn total(self) -> u32 {
        self.substitutions + self.deletions + self.insertions
    }

    /// Errors per reference word. Without reference words: 0 when nothing was recognised, else 1.
    pub fn rate(self) -> f64 {
        if self.words == 0 {
            f64::from(self.insertions.min(1))
        } else {
            f64::from(self.total()) / f64::from(self.words)
        }
    }
}

impl std::iter::Sum for Errors {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |a, b| Self {
            substitutions: a.substitutions + b.substitutions,
            deletions: a.deletions + b.deletions,
            insertions: a.insertions + b.insertions,
            words: a.words + b.words,
        })
    }
}

const DIGITS: [&str; 10] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
];

/// The words that count, in comparable form (see the module).
pub fn normalise(text: &str) -> Vec<String> {
    let mut raw: VecDeque<String> = VecDeque::new();
    let spaced = text
        .to_lowercase()
        .replace(['\u{2019}', '\u{2018}'], "'")
        .replace(['-', '\u{2013}', '/'], " ");
    for word in spaced.split_whitespace() {
        let mut letters = String::new();
        for c in word.trim_matches('\'').chars() {
            if let Some(digit) = c.to_digit(10) {
                if !letters.is_empty() {
                    raw.push_back(std::mem::take(&mut letters));
                }
                raw.push_back(DIGITS[digit as usize].into());
            } else if c.is_alphanumeric() || c == '\'' {
                letters.push(c);
            }
        }
        if !letters.is_empty() {
            raw.push_back(letters);
        }
    }
    let mut words = Vec::with_capacity(raw.len());
    while let Some(word) = raw.pop_front() {
        match word.as_str() {
            "uh" | "um" | "er" | "erm" | "hm" | "hmm" | "mm" => {}
            "oh" | "o" => words.push("zero".into()),
            "ok" => words.push("okay".into()),
            "a" | "p" if raw.front().is_some_and(|next| next == "m") => {
                raw.pop_front();
                words.push(format!("{word}m"));
            }
            _ => words.push(word),
        }
    }
    words
}

/// Counts the errors of `recognised` against `reference`.
pub fn compare(reference: &str, recognised: &str) -> Errors {
    let (reference, recognised) = (normalise(reference), normalise(recognised));
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    // One row of the edit table: the cheapest way to each prefix of what was recognised.
    let mut row: Vec<Errors> = (0..=recognised.len())
        .map(|n| Errors {
            insertions: count(n),
            ..Errors::default()
        })
        .collect();
    for word in &reference {
        let mut diagonal = row[0];
        row[0].deletions += 1;
        for (n, heard) in recognised.iter().enumerate() {
            let above = row[n + 1];
            let substituted = Errors {
                substitutions: diagonal.substitutions + u32::from(word != heard),
                ..diagonal
            };
            let deleted = Errors {
                deletions: above.deletions + 1,
                ..above
            };
            let inserted = Errors {
                insertions: row[n].insertions + 1,
                ..row[n]
            };
            row[n + 1] = [substituted, deleted, inserted]
                .into_iter()
                .min_by_key(|e| e.total())
                .unwrap_or(substituted);
            diagonal = above;
        }
    }
    Errors {
        words: count(reference.len()),
        ..row[recognised.len()]
    }
}

/// The error rate over all of `files` with its 95 % confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Interval {
    pub rate: f64,
    pub low: f64,
    pub high: f64,
}

/// Bootstrap over files (Bisani and Ney 2004): words of one file share a voice and a line, so files,
/// not words, are drawn again. Seeded: the same files give the same interval.
pub fn interval(files: &[Errors]) -> Option<Interval> {
    const ROUNDS: usize = 2000;
    if files.is_empty() {
        return None;
    }
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut rates: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            (0..files.len())
                .map(|_| files[below(&mut state, files.len())])
                .sum::<Errors>()
                .rate()
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    let at = |share: f64| rates[((ROUNDS - 1) as f64 * share).round() as usize];
    Some(Interval {
        rate: files.iter().copied().sum::<Errors>().rate(),
        low: at(0.025),
        high: at(0.975),
    })
}

/// A number below `limit` (xorshift64*, Vigna 2016).
fn below(state: &mut u64, limit: usize) -> usize {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    let drawn = state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
    ((drawn * limit as u64) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(substitutions: u32, deletions: u32, insertions: u32, words: u32) -> Errors {
        Errors {
            substitutions,
            deletions,
            insertions,
            words,
        }
    }

    #[test]
    fn errors_are_counted_by_kind() {
        assert_eq!(
            compare("where is my order", "where is my order"),
            errors(0, 0, 0, 4)
        );
        assert_eq!(
            compare("where is my order please", "where my order thanks a"),
            errors(1, 1, 1, 5)
        );
        assert_eq!(compare("yes", ""), errors(0, 1, 0, 1));
        assert_eq!(compare("", "thank you"), errors(0, 0, 2, 0));
        assert_eq!(
            compare("one two three", "four five six seven"),
            errors(3, 0, 1, 3)
        );
    }

    #[test]
    fn spellings_of_the_same_words_are_no_errors() {
        for (a, b) in [
            ("4 5", "four five"),
            ("45", "four five"),
            ("oh one", "zero 1"),
            ("That's ALL, thank you.", "that\u{2019}s all thank you"),
            ("at five p m", "at 5 PM"),
            ("um yes", "yes"),
            ("forty-five", "forty five"),
        ] {
            assert_eq!(compare(a, b).total(), 0, "{a} / {b}");
        }
        assert_ne!(compare("its", "it's").total(), 0);
    }

    #[test]
    fn a_rate_without_words_is_defined() {
        assert_eq!(compare("", "").rate(), 0.0);
        assert_eq!(compare("", "one two").rate(), 1.0);
        assert_eq!(interval(&[]), None);
    }

    #[test]
    fn the_interval_holds_the_rate_and_narrows_with_more_files() {
        let some: Vec<_> = (0..20)
            .map(|n| errors(u32::from(n % 4 == 0), 0, 0, 2))
            .collect();
        let many: Vec<_> = some.iter().copied().cycle().take(2000).collect();
        let (wide, narrow) = (interval(&some).unwrap(), interval(&many).unwrap());
        assert_eq!(wide.rate, 0.125);
        assert!(wide.low < wide.rate && wide.rate < wide.high);
        assert!(narrow.high - narrow.low < (wide.high - wide.low) / 5.0);
        // Binomial: 1.96 * sqrt(0.25 * 0.75 / 2000) / 2 = 0.0095.
        assert!(
            (narrow.high - narrow.rate - 0.0095).abs() < 0.002,
            "{narrow:?}"
        );
        assert_eq!(interval(&some), interval(&some));
    }

    proptest::proptest! {
        #[test]
        fn errors_stay_within_their_bounds(a in "[a-d ]{0,30}", b in "[a-d ]{0,30}") {
            let (n, m) = (normalise(&a).len() as u32, normalise(&b).len() as u32);
            let e = compare(&a, &b);
            proptest::prop_assert!(e.total() <= n.max(m) && e.total() >= n.abs_diff(m));
            proptest::prop_assert_eq!(n + e.insertions, m + e.deletions);
            proptest::prop_assert_eq!(compare(&b, &a).total(), e.total());
        }
    }
}
