//! Whether words lie outside what a business talks about: evidence that they were misheard, or meant
//! for somebody else.
//!
//! Decides what counts as one of its words: those of its examples, values of every kind, yes and no,
//! and the words that any sentence is built with. Names and other values are outside, and may well be
//! right; what follows from that is the recogniser's affair.

use super::domain::{Domain, Words};
use super::reply::Confidence;
use super::spoken::Language;
use super::value::tongue::{courtesy, is_function_word, is_hesitation};
use super::value::{Kind, find, yes_no};
use super::words::{Token, tokens_of};
use jiff::civil::DateTime;

/// The share of the telling words of `text` that `domain` does not know in any of its languages, in
/// thousandths; 0 without any.
pub fn outside(domain: &Domain, text: &str) -> Confidence {
    let tokens = tokens_of(text);
    let share = |words: &Words| {
        let telling: Vec<&Token> = tokens
            .iter()
            .filter(|token| tells(&token.text, words.language))
            .collect();
        let strange = telling
            .iter()
            .filter(|token| !is_known(words, token))
            .count();
        Confidence::try_from(strange * 1000 / telling.len().max(1)).unwrap_or(1000)
    };
    let languages = domain.languages.iter();
    languages
        .map(|&language| share(domain.words(language)))
        .min()
        .unwrap_or(0)
}

fn tells(word: &str, language: Language) -> bool {
    !is_function_word(word, language)
        && !is_hesitation(word, language)
        && courtesy(&[word], language) == 0
}

fn is_known(words: &Words, token: &Token) -> bool {
    let alone = std::slice::from_ref(token);
    let now = DateTime::constant(2026, 1, 1, 0, 0, 0, 0);
    let kinds = [
        Kind::Digits { min: 1, max: 30 },
        Kind::Date,
        Kind::Count,
        Kind::Time,
    ];
    words.knows(&token.text)
        || yes_no(alone, words.language).is_some()
        || kinds
            .iter()
            .any(|kind| !find(kind, alone, words.language, now, true).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_telling_words_are_strange() {
        let shop = Domain::shop();
        assert_eq!(outside(&shop, "where is my order"), 0);
        assert_eq!(outside(&shop, "four five six on tuesday"), 0);
        assert!(outside(&shop, "purple elephants juggle teapots") >= 750);
        assert_eq!(outside(&shop, ""), 0);
    }
}
