//! Words as the rest of the dialogue sees them: lower case, no punctuation, each with its confidence.
//! What the words mean is decided elsewhere. The word lists are English; a second language gets
//! its own lists here.

use super::reply::{Confidence, Hypothesis};

/// Longest turn that is looked at, in words: a recogniser gone astray repeats itself for ever.
const MAX_WORDS: usize = 120;
/// Longest word that is looked at, in characters.
const MAX_LETTERS: usize = 40;

/// A normalised word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub confidence: Confidence,
}

/// The words of a hypothesis. Word confidences are used where the recogniser gave them, else that
/// of the whole text.
pub fn tokens(hypothesis: &Hypothesis) -> Vec<Token> {
    let mut out = Vec::new();
    if hypothesis.words.is_empty() {
        push(&mut out, &hypothesis.text, hypothesis.confidence);
    } else {
        for word in &hypothesis.words {
            push(&mut out, &word.text, word.confidence);
        }
    }
    out
}

/// The words of a written text, all certain.
pub fn tokens_of(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    push(&mut out, text, 1000);
    out
}

fn push(out: &mut Vec<Token>, text: &str, confidence: Confidence) {
    let confidence = confidence.min(1000);
    let mut word = String::new();
    let mut letters = 0;
    for c in text.chars().chain([' ']) {
        if out.len() >= MAX_WORDS {
            return;
        }
        if matches!(c, '\'' | '’') {
            continue; // "that's" and "thats" are one word
        }
        let currency = match c {
            '$' => Some("dollars"),
            '€' => Some("euros"),
            '£' => Some("pounds"),
            _ => None,
        };
        if let Some(currency) = currency {
            // "$50": the only mark that is a word.
            for word in [std::mem::take(&mut word), currency.to_owned()] {
                if !word.is_empty() {
                    out.push(Token {
                        text: word,
                        confidence,
                    });
                }
            }
            letters = 0;
        } else if c.is_alphanumeric() {
            // A digit and a letter side by side are two words: "4th", "x6".
            let seam = word
                .chars()
                .next_back()
                .is_some_and(|last| last.is_ascii_digit() != c.is_ascii_digit());
            if seam {
                out.push(Token {
                    text: std::mem::take(&mut word),
                    confidence,
                });
                letters = 0;
            }
            if letters < MAX_LETTERS {
                word.extend(c.to_lowercase());
                letters += 1;
            }
        } else if !word.is_empty() {
            out.push(Token {
                text: std::mem::take(&mut word),
                confidence,
            });
            letters = 0;
        }
    }
    out.truncate(MAX_WORDS);
}

/// Sounds of thinking: never part of an answer.
pub fn is_hesitation(word: &str) -> bool {
    matches!(
        word,
        "um" | "uh"
            | "umm"
            | "uhm"
            | "er"
            | "erm"
            | "eh"
            | "ah"
            | "hm"
            | "hmm"
            | "mm"
            | "well"
            | "like"
            | "so"
    )
}

/// Words of courtesy: they surround what is meant, and mean something only when alone.
pub fn is_courtesy(words: &[&str]) -> usize {
    const PHRASES: [&[&str]; 14] = [
        &["thank", "you", "very", "much"],
        &["thank", "you"],
        &["thanks", "a", "lot"],
        &["thanks"],
        &["good", "morning"],
        &["good", "afternoon"],
        &["good", "evening"],
        &["hi", "there"],
        &["excuse", "me"],
        &["hello"],
        &["hi"],
        &["hey"],
        &["please"],
        &["okay"],
    ];
    PHRASES
        .iter()
        .find(|phrase| words.starts_with(phrase))
        .map_or(0, |phrase| phrase.len())
}

/// Words that sentences are built with, whatever they are about.
pub fn is_function_word(word: &str) -> bool {
    matches!(
        word,
        "a" | "an"
            | "the"
            | "my"
            | "your"
            | "our"
            | "i"
            | "you"
            | "we"
            | "it"
            | "me"
            | "is"
            | "are"
            | "was"
            | "do"
            | "does"
            | "did"
            | "have"
            | "has"
            | "can"
            | "could"
            | "would"
            | "will"
            | "to"
            | "of"
            | "for"
            | "in"
            | "on"
            | "at"
            | "with"
            | "about"
            | "and"
            | "or"
            | "that"
            | "this"
            | "what"
            | "which"
            | "id"
            | "im"
            | "its"
            | "want"
            | "need"
            | "like"
            | "tell"
            | "get"
            | "please"
            | "know"
            | "be"
    )
}

/// `words` without hesitations, and without courtesy where something else remains.
pub fn essence<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let words: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !is_hesitation(word))
        .collect();
    let mut rest = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        match is_courtesy(&words[at..]) {
            0 => {
                rest.push(words[at]);
                at += 1;
            }
            skipped => at += skipped,
        }
    }
    if rest.is_empty() { words } else { rest }
}

/// Sounds that mean "I am listening".
pub fn is_nod(word: &str) -> bool {
    is_hesitation(word)
        || matches!(
            word,
            // As a recogniser spells a hum: "M M H M".
            "m" | "h"
                | "mhm"
                | "uhhuh"
                | "huh"
                | "mmhm"
                | "mmhmm"
                | "aha"
                | "oh"
                | "okay"
                | "ok"
                | "k"
                | "right"
                | "yeah"
                | "yea"
                | "ya"
                | "yep"
                | "yup"
                | "yes"
                | "sure"
                | "alright"
                | "good"
                | "great"
                | "fine"
                | "i"
                | "see"
                | "all"
                | "got"
                | "it"
        )
}

/// Whole turns that are nods although their words are not all sounds of listening.
pub fn is_nodding(words: &[&str]) -> bool {
    if !words.iter().all(|word| is_nod(word)) {
        return false;
    }
    // "i see", "all right", "got it" are nods; their words alone are not.
    let joined = words.join(" ");
    let rest = ["i see", "all right", "got it", "all good"]
        .iter()
        .fold(joined, |text, nod| text.replace(nod, ""));
    !rest
        .split_whitespace()
        .any(|word| matches!(word, "i" | "see" | "all" | "got" | "it"))
}

/// Does a sentence that ends in these words surely go on?
pub fn hangs(words: &[&str]) -> bool {
    const ENDS: [&str; 59] = [
        "a", "an", "the", "my", "your", "our", "his", "her", "this", "these", "those", "some",
        "any", "and", "or", "but", "because", "if", "of", "for", "to", "from", "with", "about",
        "at", "by", "into", "is", "are", "was", "were", "its", "im", "i", "id", "ill", "um", "uh",
        "umm", "er", "erm", "want", "need", "like", "track", "check", "find", "give", "tell",
        "which", "can", "could", "would", "double", "triple", "than", "whether", "number", "on",
    ];
    let Some(last) = words.last() else {
        return false;
    };
    // Whole sentences that end in one of these are rare ("yes it is", "where do you come from"):
    // waiting a second longer there costs less than cutting the others in half.
    if matches!(words, [.., "it", "is"] | [.., "where", "it", "was"]) {
        return false;
    }
    ENDS.contains(last)
        || matches!(
            words,
            [.., "give" | "tell" | "show", "me"] | [.., "to", "know"]
        )
        || matches!(words, [_, _, .., "when" | "where" | "what" | "how" | "who"])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        tokens_of(text)
            .into_iter()
            .map(|token| token.text)
            .collect()
    }

    #[test]
    fn text_is_normalised() {
        assert_eq!(words("Where’s my ORDER?"), ["wheres", "my", "order"]);
        assert_eq!(words("456-712."), ["456", "712"]);
        assert_eq!(words("the 4th"), ["the", "4", "th"]);
        assert_eq!(words("$12.50"), ["dollars", "12", "50"]);
        assert!(words("…!?").is_empty());
    }

    #[test]
    fn endless_text_is_cut() {
        assert_eq!(words(&"four ".repeat(100_000)).len(), MAX_WORDS);
        assert_eq!(words(&"x".repeat(100_000))[0].len(), MAX_LETTERS);
    }

    #[test]
    fn courtesy_is_dropped_around_a_request_and_kept_alone() {
        assert_eq!(essence(&["hello", "um", "help", "please"]), ["help"]);
        assert_eq!(essence(&["thank", "you"]), ["thank", "you"]);
    }

    #[test]
    fn a_nod_is_told_from_words() {
        for nod in [
            "mm hm",
            "uh huh",
            "okay",
            "right",
            "yeah",
            "i see",
            "all right",
            "oh okay",
            "got it",
        ] {
            assert!(is_nodding(&nod.split(' ').collect::<Vec<_>>()), "{nod}");
        }
        for meant in ["no", "stop", "i", "it", "all", "where is my order"] {
            assert!(
                !is_nodding(&meant.split(' ').collect::<Vec<_>>()),
                "{meant}"
            );
        }
    }

    #[test]
    fn unfinished_sentences_hang() {
        for text in [
            "my order number is",
            "i want to",
            "where is the",
            "and",
            "um",
            "can you tell me",
            "can you tell me when",
            "i would like to know",
            "its",
        ] {
            assert!(hangs(&text.split(' ').collect::<Vec<_>>()), "{text}");
        }
        for text in [
            "where is my order",
            "yes",
            "what are your opening hours",
            "thats all",
        ] {
            assert!(!hangs(&text.split(' ').collect::<Vec<_>>()), "{text}");
        }
    }
}
