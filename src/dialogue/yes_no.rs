//! Yes and no in the forms people use, English. What follows ("no, it's four five six") is left
//! to the reader of digits and intents.

use super::reply::Confidence;
use super::words::{Token, is_courtesy, is_hesitation};

/// A yes or a no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YesNo {
    pub yes: bool,
    pub confidence: Confidence,
    /// Nothing else was said.
    pub alone: bool,
}

// Longer phrases first within a start word is not needed: the longest match wins.
const NO: [&str; 38] = [
    "no", "nope", "nah", "no no", "no no no", "know", "not really", "not quite", "not right", "not correct", "wrong",
    "thats wrong", "its wrong", "that is wrong", "thats not right", "that is not right", "thats not it", "thats not correct",
    "that is not correct", "its not", "it isnt", "that isnt right", "incorrect", "thats incorrect", "negative", "no way",
    "absolutely not", "certainly not", "of course not", "no its not", "no it isnt", "no thats wrong", "no thats not right",
    "not at all", "i dont think so", "never", "false", "nothing",
];
const YES: [&str; 44] = [
    "yes", "yeah", "yea", "ya", "yep", "yup", "yes yes", "yes it is", "yes thats right", "yes thats correct", "yeah thats right",
    "sure", "sure thing", "correct", "thats correct", "that is correct", "its correct", "right", "thats right", "that is right",
    "all right", "alright", "okay", "ok", "exactly", "absolutely", "definitely", "certainly", "of course", "indeed",
    "affirmative", "true", "thats it", "it is", "yes i do", "i do", "uh huh", "mm hm", "mhm", "uhhuh", "mmhm", "mm hmm",
    "you got it", "sounds right",
];

/// Reads a yes or no at the start of a turn (after hesitation and courtesy), or at its end.
pub fn yes_no(tokens: &[Token]) -> Option<YesNo> {
    let words: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
    let start = skip(&words, 0);
    // Whole phrase first, because "mm" and "uh" are also hesitations.
    for from in [0, start] {
        if let Some((yes, len)) = phrase(&words[from..]) {
            return Some(answer(yes, tokens, from, len, skip(&words, from + len) == words.len()));
        }
    }
    let end = trailing(&words)?;
    let (yes, len) = phrase(&words[end..])?;
    Some(answer(yes, tokens, end, len, false))
}

fn answer(yes: bool, tokens: &[Token], from: usize, len: usize, alone: bool) -> YesNo {
    let confidence = tokens[from..from + len].iter().map(|token| token.confidence).min().unwrap_or(0);
    YesNo { yes, confidence, alone }
}

/// First position from `at` on that is neither hesitation nor courtesy.
fn skip(words: &[&str], mut at: usize) -> usize {
    loop {
        let rest = words.get(at..).unwrap_or(&[]);
        match rest.first() {
            Some(word) if is_hesitation(word) => at += 1,
            // "okay" is a courtesy elsewhere, but an answer here.
            Some(&"okay") | None => return at,
            Some(_) => match is_courtesy(rest) {
                0 => return at,
                len => at += len,
            },
        }
    }
}

/// The longest yes or no phrase that `words` start with.
fn phrase(words: &[&str]) -> Option<(bool, usize)> {
    let longest = |phrases: &[&str]| {
        phrases
            .iter()
            .filter(|phrase| {
                let mut at = words.iter();
                phrase.split(' ').all(|word| at.next() == Some(&word))
            })
            .map(|phrase| phrase.split(' ').count())
            .max()
            .unwrap_or(0)
    };
    let (yes, no) = (longest(&YES), longest(&NO));
    match yes.max(no) {
        0 => None,
        len if words.len() > len && words[..len] == ["know"] => None,
        // "no problem", "not right now" and the like are no answers to us; "right now" neither.
        len if matches!(words.get(len), Some(&"problem" | &"now" | &"idea" | &"clue" | &"matter")) => None,
        len => Some((yes > no, len)),
    }
}

/// "that's my number, yes": where a one-word answer at the end starts.
fn trailing(words: &[&str]) -> Option<usize> {
    let last = words.len().checked_sub(1)?;
    matches!(words[last], "yes" | "yeah" | "yep" | "no" | "nope" | "correct" | "right" | "wrong").then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::words::tokens_of;

    fn read(text: &str) -> Option<bool> {
        yes_no(&tokens_of(text)).map(|answer| answer.yes)
    }

    #[test]
    fn yes_in_thirty_forms() {
        for text in [
            "yes", "Yes.", "yeah", "yep", "yup", "ya", "yes please", "um yes", "uh yeah", "yes it is", "that's right", "right",
            "that is correct", "correct", "sure", "sure thing", "okay", "ok", "all right", "exactly", "absolutely", "of course",
            "definitely", "yes thank you", "yes that's correct", "uh huh", "mm hm", "it is", "you got it", "that's my number, yes",
            "yes yes", "well yes", "indeed", "affirmative",
        ] {
            assert_eq!(read(text), Some(true), "{text}");
        }
    }

    #[test]
    fn no_in_thirty_forms() {
        for text in [
            "no", "No!", "nope", "nah", "no thank you", "no thanks", "um no", "no no", "not really", "that's wrong", "wrong",
            "that's not right", "not right", "incorrect", "that is not correct", "no it's not", "it isn't", "no that's wrong",
            "no it's four five six", "not quite", "negative", "absolutely not", "of course not", "I don't think so", "not at all",
            "know", "no no no", "that's not it", "nothing", "uh no sorry", "that is wrong", "no I want to return something",
        ] {
            assert_eq!(read(text), Some(false), "{text}");
        }
    }

    #[test]
    fn neither() {
        for text in ["", "I don't know", "maybe", "where is my order", "no problem", "know my number", "right now", "um", "four"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn what_follows_is_noticed() {
        let alone = |text: &str| yes_no(&tokens_of(text)).is_some_and(|answer| answer.alone);
        assert!(alone("no thank you"));
        assert!(alone("um yes please"));
        assert!(!alone("no it's four five six"));
        assert!(!alone("yes what are your hours"));
    }
}
