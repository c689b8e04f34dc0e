//! Answers from the business's own pages: finds the section that a question is about, and says how
//! sure it is. Decides what is read to the caller and how much at once; whether to read it at all,
//! to ask back or to say that it does not know is the dialogue's affair (see [`SURE`], [`MAYBE`]).
//!
//! The score is honest rather than hopeful: the share of the question's telling words that the section
//! covers, each word weighing the more the rarer it is in the pages. A word that stands nowhere in
//! them weighs most, so "can I pay with seashells" is not answered with how to pay.
//!
//! Which of several covering sections comes first is decided by BM25. Its term weights come from the
//! `bm25` crate; the sum is taken here, since the crate's scorer gives ties in hash order and does not
//! show the weight of a word, which the score needs too.

mod markdown;
mod score;

use super::lexis;
use super::reply::Confidence;
use super::spoken::Language;
use score::{Query, Weights};

/// From here on a passage answers the question.
pub const SURE: Confidence = 570;
/// From here on it may: offer it ("do you mean returns?") instead of reading it.
pub const MAYBE: Confidence = 400;
/// About twelve seconds of speech, in words.
pub const SPOKEN_WORDS: usize = 30;
/// A remainder so short is read along instead of being offered.
const CRUMB_WORDS: usize = 6;

/// What is wrong with a page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {what}")]
pub struct PageError {
    pub file: String,
    /// From 1.
    pub line: usize,
    pub what: String,
}

/// The pages of a business in one language.
#[derive(Clone, Debug, Default)]
pub struct Pages {
    language: Language,
    sections: Vec<Section>,
    weights: Weights,
}

/// One section as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Section {
    page: String,
    title: String,
    /// Example questions.
    asks: Vec<String>,
    sentences: Vec<String>,
}

/// A section that may answer a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The title of its page.
    pub page: String,
    /// Its heading; empty for what a page says before its first one.
    pub section: String,
    /// What it says, sentence by sentence, as written.
    pub sentences: Vec<String>,
    /// How sure it answers the question.
    pub score: Confidence,
}

impl Pages {
    /// Reads pages of (file name, Markdown).
    ///
    /// # Errors
    /// The first thing that cannot be spoken or is out of place.
    pub fn parse(files: &[(String, String)], language: Language) -> Result<Self, PageError> {
        let mut sections = Vec::new();
        for (file, text) in files {
            let page = markdown::sections(text).map_err(|(line, what)| PageError {
                file: file.clone(),
                line,
                what,
            })?;
            sections.extend(page);
        }
        let weights = Weights::of(&sections, language);
        Ok(Self {
            language,
            sections,
            weights,
        })
    }

    /// The example questions of all sections.
    pub fn asks(&self) -> impl Iterator<Item = &str> {
        self.sections
            .iter()
            .flat_map(|section| section.asks.iter().map(String::as_str))
    }

    /// Whether there is nothing to answer from.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// The section that the words are most likely about, however unlikely that is; none when no
    /// telling word of theirs stands in any.
    pub fn search(&self, words: &str) -> Option<Passage> {
        self.ranked(words, 1).into_iter().next()
    }

    /// The sections that come after the one that [`Pages::search`] gives, best first, at most `count`.
    pub fn runners_up(&self, words: &str, count: usize) -> Vec<Passage> {
        let mut ranked = self.ranked(words, count.saturating_add(1));
        if !ranked.is_empty() {
            ranked.remove(0);
        }
        ranked
    }

    fn ranked(&self, words: &str, count: usize) -> Vec<Passage> {
        let words = lexis::words(words, self.language);
        let queries: Vec<Query> = score::clauses(&words, self.language)
            .into_iter()
            .map(|clause| self.weights.query(clause, self.language))
            .collect();
        self.weights
            .rank(&queries)
            .into_iter()
            .take(count)
            .filter_map(|(at, score)| {
                let section = self.sections.get(at)?;
                Some(Passage {
                    page: section.page.clone(),
                    section: section.title.clone(),
                    sentences: section.sentences.clone(),
                    score,
                })
            })
            .collect()
    }
}

impl Passage {
    /// What to read at once from sentence `from` on, at most about `limit` words ([`SPOKEN_WORDS`]) but
    /// never nothing, and whether more is left. "Tell me more" continues at `from` plus what was given.
    pub fn spoken(&self, limit: usize, from: usize) -> (&[String], bool) {
        let rest = self.sentences.get(from..).unwrap_or_default();
        let lengths: Vec<usize> = rest.iter().map(|sentence| spoken_words(sentence)).collect();
        let mut taken = 0;
        let mut said = 0;
        for length in &lengths {
            if taken > 0 && said + length > limit {
                break;
            }
            said += length;
            taken += 1;
        }
        let left: usize = lengths[taken..].iter().sum();
        if left <= CRUMB_WORDS {
            taken = rest.len();
        }
        (&rest[..taken], taken < rest.len())
    }
}

/// Words as they take time: a number is read digit by digit at worst, two digits to a word at best.
fn spoken_words(sentence: &str) -> usize {
    sentence
        .split_whitespace()
        .map(|word| {
            let digits = word.chars().filter(char::is_ascii_digit).count();
            1 + digits.div_ceil(2).saturating_sub(1)
        })
        .sum()
}

#[cfg(test)]
#[path = "pages/tests.rs"]
mod tests;
