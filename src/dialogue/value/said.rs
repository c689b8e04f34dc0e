//! The words of a turn as the readers of values see them: without accents, with the number words known.
//! What they mean together is decided by those readers.

use super::number::{Num, num};
use crate::dialogue::spoken::Language;
use crate::dialogue::words::Token;
use std::ops::Range;

/// Longest turn that is looked at, in words.
const MAX_WORDS: usize = 120;

/// A turn.
pub struct Said<'a> {
    pub tokens: &'a [Token],
    /// As in `tokens`, without accents.
    pub words: Vec<String>,
    pub kinds: Vec<Num>,
    pub language: Language,
}

impl<'a> Said<'a> {
    pub fn new(tokens: &'a [Token], language: Language) -> Self {
        let tokens = &tokens[..tokens.len().min(MAX_WORDS)];
        let words: Vec<String> = tokens.iter().map(|token| fold(&token.text)).collect();
        let kinds = words.iter().map(|word| num(word, language)).collect();
        Self {
            tokens,
            words,
            kinds,
            language,
        }
    }

    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// The word at `at`; empty beyond the end.
    pub fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }

    /// The word before `at`; empty at the start.
    pub fn before(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |at| self.word(at))
    }

    pub fn kind(&self, at: usize) -> Num {
        self.kinds.get(at).copied().unwrap_or(Num::Other)
    }

    pub fn slice(&self, range: Range<usize>) -> Vec<&str> {
        self.words[range].iter().map(String::as_str).collect()
    }

    /// Whether the word at `at` is one of `words`.
    pub fn is(&self, at: usize, words: &[&str]) -> bool {
        self.words
            .get(at)
            .is_some_and(|word| words.contains(&word.as_str()))
    }

    /// Where `phrase` ends that starts at `at`.
    pub fn phrase(&self, at: usize, phrase: &str) -> Option<usize> {
        let mut end = at;
        for word in phrase.split(' ') {
            if self.word(end) != word {
                return None;
            }
            end += 1;
        }
        Some(end)
    }

    /// The end of the longest of `phrases` that starts at `at`.
    pub fn any(&self, at: usize, phrases: &[&str]) -> Option<usize> {
        phrases
            .iter()
            .filter_map(|phrase| self.phrase(at, phrase))
            .max()
    }

    /// Where the longest of `phrases` that ends at `end` starts.
    pub fn ends_with(&self, end: usize, phrases: &[&str]) -> Option<usize> {
        phrases
            .iter()
            .filter_map(|phrase| {
                let start = end.checked_sub(phrase.split(' ').count())?;
                self.phrase(start, phrase).map(|_| start)
            })
            .min()
    }

    /// The number that a written one says.
    pub fn literal(&self, at: usize) -> Option<u64> {
        if self.kind(at) == Num::Literal {
            self.word(at).parse().ok()
        } else {
            None
        }
    }

    /// Nothing but fillers stands from `at` on: what ends there may go on.
    pub fn ends(&self, at: usize) -> bool {
        self.kinds
            .iter()
            .skip(at)
            .all(|kind| matches!(kind, Num::Filler | Num::And | Num::Times(_)))
    }

    pub fn is_spanish(&self) -> bool {
        self.language == Language::Spanish
    }
}

/// A lower-case word without accents: recognisers and people leave them out.
pub fn fold(word: &str) -> String {
    word.chars()
        .map(|c| match c {
            'á' | 'à' | 'â' | 'ä' => 'a',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'í' | 'ì' | 'î' | 'ï' => 'i',
            'ó' | 'ò' | 'ô' | 'ö' => 'o',
            'ú' | 'ù' | 'û' | 'ü' => 'u',
            'ñ' => 'n',
            'ç' => 'c',
            c => c,
        })
        .collect()
}
