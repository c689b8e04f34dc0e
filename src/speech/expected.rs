//! Which tokens are favoured next, from what is expected: digits, yes and no, a customer's names and numbers.
//!
//! Pure. Decides how much. A word that is expected is favoured wherever it may begin; within a phrase that has
//! begun (an order number on file, a first and last name) the next word is favoured more, so that a doubtful
//! digit becomes the one that makes a known number. Nothing is forced: other words stay possible.

use std::collections::BTreeMap;

/// Added to the score (a natural logarithm) of an expected word's first token. models/README.md has the
/// measurements.
const WORD: f32 = 2.0;
/// Added on top where a phrase has begun and this goes on with it.
const PHRASE: f32 = 2.0;

/// Expected words and phrases as tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    phrases: Vec<Vec<usize>>,
    /// First tokens of all, and the end.
    firsts: Vec<usize>,
}

/// The words and phrases in a bias text: separated by commas or line ends; without any of those each word is
/// on its own.
pub fn phrases(bias: &str) -> impl Iterator<Item = String> + '_ {
    let separators: &[char] = if bias.contains([',', '\n']) {
        &[',', '\n']
    } else {
        &[' ', '\n']
    };
    bias.split(separators)
        .map(|phrase| {
            let words = phrase.split(|c: char| !c.is_alphanumeric() && c != '\'');
            words
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .join(" ")
        })
        .filter(|phrase| !phrase.is_empty())
}

impl Expected {
    /// `phrases`: the tokens of each. `end`: the token that ends a text; it is favoured like a word, or
    /// numbers would grow digits.
    pub fn new(phrases: Vec<Vec<usize>>, end: usize) -> Self {
        let mut firsts: Vec<usize> = phrases.iter().filter_map(|p| p.first().copied()).collect();
        if !firsts.is_empty() {
            firsts.push(end);
        }
        firsts.sort_unstable();
        firsts.dedup();
        Self { phrases, firsts }
    }

    /// Before the first token.
    pub fn start(&self) -> Following<'_> {
        Following {
            expected: self,
            open: Vec::new(),
        }
    }
}

/// How far a text has come into the expected phrases.
#[derive(Clone, Debug)]
pub struct Following<'a> {
    expected: &'a Expected,
    /// Phrase, and how many of its tokens were taken.
    open: Vec<(usize, usize)>,
}

impl Following<'_> {
    /// What is added to the score of which token.
    pub fn favoured(&self) -> BTreeMap<usize, f32> {
        let mut favoured: BTreeMap<usize, f32> = self
            .expected
            .firsts
            .iter()
            .map(|token| (*token, WORD))
            .collect();
        for (phrase, taken) in &self.open {
            if let Some(token) = self.expected.phrases[*phrase].get(*taken) {
                favoured.insert(*token, WORD + PHRASE);
            }
        }
        favoured
    }

    /// The text goes on with `token`.
    pub fn take(&mut self, token: usize) {
        let phrases = &self.expected.phrases;
        self.open.retain_mut(|(phrase, taken)| {
            let goes_on = phrases[*phrase].get(*taken) == Some(&token);
            *taken += 1;
            goes_on && *taken < phrases[*phrase].len()
        });
        let begun = phrases
            .iter()
            .enumerate()
            .filter(|(_, p)| p.len() > 1 && p[0] == token);
        self.open.extend(begun.map(|(phrase, _)| (phrase, 1)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: usize = 99;

    #[test]
    fn words_are_favoured_anywhere_and_the_end_with_them() {
        let expected = Expected::new(vec![vec![4], vec![5]], END);
        let mut at = expected.start();
        let everywhere = BTreeMap::from([(4, WORD), (5, WORD), (END, WORD)]);
        assert_eq!(at.favoured(), everywhere);
        at.take(7);
        assert_eq!(at.favoured(), everywhere);
        assert!(Expected::new(vec![], END).start().favoured().is_empty());
    }

    #[test]
    fn a_phrase_that_has_begun_pulls_its_next_word() {
        let expected = Expected::new(vec![vec![4, 5, 6], vec![4, 7]], END);
        let mut at = expected.start();
        at.take(4);
        assert_eq!(at.favoured()[&5], WORD + PHRASE);
        assert_eq!(at.favoured()[&7], WORD + PHRASE);
        at.take(5);
        assert_eq!(at.favoured().get(&7), None);
        assert_eq!(at.favoured()[&6], WORD + PHRASE);
        at.take(6);
        assert_eq!(at.favoured().get(&6), None, "the phrase is complete");
    }

    #[test]
    fn a_phrase_may_begin_again_within_itself() {
        let expected = Expected::new(vec![vec![4, 4, 5]], END);
        let mut at = expected.start();
        at.take(4);
        at.take(4);
        at.take(4);
        assert_eq!(at.favoured()[&5], WORD + PHRASE);
    }

    #[test]
    fn commas_keep_words_together() {
        let of = |text| phrases(text).collect::<Vec<_>>();
        assert_eq!(of("zero one  two"), ["zero", "one", "two"]);
        assert_eq!(
            of("four five, yes,Anna O'Hara\nno"),
            ["four five", "yes", "Anna O'Hara", "no"]
        );
        assert_eq!(of(" ,;"), [""; 0]);
    }
}
