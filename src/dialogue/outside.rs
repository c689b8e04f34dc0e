//! Whether words lie outside what a business talks about: evidence that they were misheard, or meant
//! for somebody else.
//!
//! Decides what counts as one of its words: those of its examples, numbers, days, yes and no, and the
//! words that any sentence is built with. Names and other values are outside, and may well be right;
//! what follows from that is the recogniser's affair.

use super::domain::Domain;
use super::number::digits;
use super::reply::Confidence;
use super::understand::day;
use super::words::{Token, is_courtesy, is_function_word, is_hesitation, tokens_of};
use super::yes_no::yes_no;

/// The share of the telling words of `text` that `domain` does not know, in thousandths; 0 without any.
pub fn outside(domain: &Domain, text: &str) -> Confidence {
    let tokens = tokens_of(text);
    let telling: Vec<&Token> = tokens.iter().filter(|token| tells(&token.text)).collect();
    let strange = telling
        .iter()
        .filter(|token| !is_known(domain, token))
        .count();
    Confidence::try_from(strange * 1000 / telling.len().max(1)).unwrap_or(1000)
}

fn tells(word: &str) -> bool {
    !is_function_word(word) && !is_hesitation(word) && is_courtesy(&[word]) == 0
}

fn is_known(domain: &Domain, token: &Token) -> bool {
    let alone = std::slice::from_ref(token);
    domain.ranker.knows(&token.text)
        || day(&token.text).is_some()
        || digits(alone, None).is_some()
        || yes_no(alone).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_shop_is_asked_is_inside() {
        let shop = Domain::shop();
        for text in [
            "where is my order",
            "uh my order number is four five six seven one two",
            "are you open on Sunday",
            "yes please",
            "no thank you",
            "the and of",
            "",
        ] {
            assert_eq!(outside(&shop, text), 0, "{text}");
        }
    }

    #[test]
    fn what_nobody_asks_a_shop_is_outside() {
        let shop = Domain::shop();
        for text in [
            "insulin prescription metformin",
            "the quick brown fox jumps",
            "zebra",
        ] {
            assert!(outside(&shop, text) >= 500, "{text}");
        }
        // One strange word in a sentence is a name or a slip.
        assert!(outside(&shop, "where is my order Cavendish") < 500);
    }
}
