//! From a model's tokens to words with their confidence.
//!
//! Pure. Decides what a word is and how sure its text is; whether it is believed is plausible.rs.

use super::plausible::Decoded;
use crate::dialogue::{Confidence, Hypothesis, Word};

/// The words of a run. Text in brackets or between notes is a description, not speech.
pub fn hypothesis(decoded: &Decoded) -> Hypothesis {
    let mut spelt: Vec<(Vec<u8>, f32)> = Vec::new();
    for token in &decoded.tokens {
        match spelt.last_mut() {
            Some((bytes, probability)) if !token.text.starts_with(b" ") => {
                bytes.extend_from_slice(&token.text);
                *probability *= token.probability;
            }
            _ => spelt.push((token.text.clone(), token.probability)),
        }
    }
    let mut described = None;
    let mut words = Vec::new();
    for (bytes, probability) in spelt {
        let word = String::from_utf8_lossy(&bytes);
        let word = word.trim();
        if described.is_none() {
            described = match word.chars().next() {
                Some('[') => Some(']'),
                Some('(') => Some(')'),
                Some('*') => Some('*'),
                _ => None,
            };
            let spoken = described.is_none() && word.chars().any(char::is_alphanumeric);
            if spoken {
                words.push(Word {
                    text: word.into(),
                    confidence: per_mille(probability),
                });
            }
        }
        if described.is_some_and(|end| word.len() > 1 && word.contains(end)) {
            described = None;
        }
    }
    let text = words
        .iter()
        .map(|w| w.text.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    // Half the mean, half the least certain token: one wrong digit makes the whole number wrong.
    Hypothesis {
        text,
        confidence: per_mille((decoded.mean() * decoded.lowest()).sqrt()),
        words,
        ..Hypothesis::default()
    }
}

fn per_mille(probability: f32) -> Confidence {
    (probability.clamp(0.0, 1.0) * 1000.0).round() as Confidence
}

/// Pieces of one sound as one text, as certain as the least certain of them.
pub fn joined(parts: impl IntoIterator<Item = Hypothesis>) -> Option<Hypothesis> {
    parts
        .into_iter()
        .filter(|part| !part.words.is_empty())
        .reduce(|mut all, part| {
            all.text = format!("{} {}", all.text, part.text);
            all.confidence = all.confidence.min(part.confidence);
            all.words.extend(part.words);
            all
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::plausible::Token;

    fn decoded(tokens: &[(&str, f32)]) -> Decoded {
        let token = |(text, probability): &(&str, f32)| Token {
            text: text.as_bytes().to_vec(),
            probability: *probability,
        };
        Decoded {
            tokens: tokens.iter().map(token).collect(),
            end: 1.0,
            no_speech: 0.0,
        }
    }

    #[test]
    fn tokens_become_words_with_their_confidence() {
        let heard = hypothesis(&decoded(&[
            (" that", 0.9),
            ("'s", 0.5),
            (" all", 1.0),
            (".", 1.0),
        ]));
        assert_eq!(heard.text, "that's all.");
        assert_eq!(
            heard.words[0],
            Word {
                text: "that's".into(),
                confidence: 450
            }
        );
        assert!(
            heard.confidence > 500 && heard.confidence < 900,
            "{}",
            heard.confidence
        );
    }

    #[test]
    fn descriptions_are_no_words() {
        for text in [" [BLANK_AUDIO]", " (music)", " *sighs*", " ♪ ♪", " ..."] {
            assert_eq!(hypothesis(&decoded(&[(text, 1.0)])).text, "", "{text}");
        }
        assert_eq!(
            hypothesis(&decoded(&[
                (" [", 1.0),
                ("upbeat", 1.0),
                (" music", 1.0),
                ("]", 1.0),
                (" yes", 1.0)
            ]))
            .text,
            "yes"
        );
    }

    #[test]
    fn a_character_split_over_tokens_is_whole_again() {
        let cafe = " café".as_bytes();
        let tokens = [cafe[..5].to_vec(), cafe[5..].to_vec()];
        let tokens = tokens
            .map(|text| Token {
                text,
                probability: 1.0,
            })
            .to_vec();
        assert_eq!(
            hypothesis(&Decoded {
                tokens,
                end: 1.0,
                no_speech: 0.0
            })
            .text,
            "café"
        );
    }

    #[test]
    fn pieces_are_joined() {
        let part = |text: &str, confidence| Hypothesis {
            text: text.into(),
            confidence,
            words: vec![Word {
                text: text.into(),
                confidence,
            }],
            ..Hypothesis::default()
        };
        let all = joined(vec![part("one", 900), part("two", 700)]).unwrap();
        assert_eq!(
            (all.text.as_str(), all.confidence, all.words.len()),
            ("one two", 700, 2)
        );
        assert_eq!(joined([]), None);
    }
}
