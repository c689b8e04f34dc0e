//! Finds phrases in what was said. Decides when a word is that word and how far apart the words of a
//! phrase may stand.

use super::negation;
use crate::dialogue::lexis;
use crate::dialogue::spoken::Language;

/// Other words between two words of a phrase.
const GAP: usize = 3;

/// A word and what it shares with others.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    text: String,
    stem: String,
}

/// A phrase to look for: its telling words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Phrase {
    words: Vec<Word>,
}

/// What was said.
pub(super) struct Heard {
    words: Vec<Word>,
    texts: Vec<String>,
    language: Language,
}

/// First word and the one after the last.
type Span = (usize, usize);

impl Word {
    fn new(text: String, language: Language) -> Self {
        let stem = lexis::stem(&text, language);
        Self { text, stem }
    }
}

/// Little words that may be there or not in a phrase: "my chest hurts", "the chest hurts".
fn is_little(word: &str, language: Language) -> bool {
    let little: &[&str] = match language {
        Language::English => &[
            "a", "an", "the", "my", "your", "his", "her", "our", "their", "i", "we", "he", "she",
            "it", "is", "am", "are", "was", "were", "be", "been", "being", "have", "has", "had",
            "do", "does", "did", "can", "could", "will", "would", "of", "to", "um", "uh", "er",
            "really", "very", "so", "just", "this", "that", "these", "those", "seem", "seems",
            "able", "even", "properly", "well",
        ],
        Language::Spanish => &[
            "el", "la", "los", "las", "un", "una", "mi", "mis", "su", "sus", "me", "se", "le",
            "lo", "nos", "yo", "es", "esta", "estoy", "ha", "he", "han", "tengo", "tiene", "de",
            "del", "en", "a", "al", "eh", "muy", "que", "puedo", "puede", "hay", "este", "ese",
            "esa", "estos", "esos", "casi", "bien", "siquiera",
        ],
    };
    little.contains(&word)
}

impl Phrase {
    /// None when the text has no word that tells anything.
    pub(super) fn new(text: &str, language: Language) -> Option<Self> {
        let all = lexis::words(text, language);
        let telling: Vec<&String> = all
            .iter()
            .filter(|word| !is_little(word, language))
            .collect();
        let words: Vec<Word> = telling
            .iter()
            .map(|word| Word::new((*word).clone(), language))
            .collect();
        let says = words
            .iter()
            .any(|word| !negation::is_not(&word.text, language));
        says.then_some(Self { words })
    }
}

impl Heard {
    pub(super) fn new<S: AsRef<str>>(words: &[S], language: Language) -> Self {
        let texts = lexis::normal(words, language);
        let words = texts
            .iter()
            .map(|text| Word::new(text.clone(), language))
            .collect();
        Self {
            words,
            texts,
            language,
        }
    }

    /// Whether a phrase is said and neither denied nor excepted.
    pub(super) fn raises(&self, phrases: &[Phrase], unless: &[Phrase]) -> bool {
        let mut excepted: Option<Vec<Span>> = None;
        for phrase in phrases {
            for span in self.spans(phrase) {
                if negation::denied(&self.texts, span, self.language) {
                    continue;
                }
                let excepted = excepted
                    .get_or_insert_with(|| unless.iter().flat_map(|one| self.spans(one)).collect());
                if !excepted.iter().any(|one| one.0 < span.1 && span.0 < one.1) {
                    return true;
                }
            }
        }
        false
    }

    /// Every place where a phrase is said.
    fn spans(&self, phrase: &Phrase) -> Vec<Span> {
        (0..self.words.len())
            .filter_map(|at| self.span(phrase, at))
            .collect()
    }

    fn span(&self, phrase: &Phrase, start: usize) -> Option<Span> {
        let mut at = start;
        let mut misheard = 0;
        for (n, want) in phrase.words.iter().enumerate() {
            // Little words are no gap; the first word has to stand at the start.
            let mut gap = 0;
            // "not" belongs to the very next word: "not breathing", but not "no trouble breathing".
            let previous = n.checked_sub(1).map(|n| &phrase.words[n].text);
            let after_not = previous.is_some_and(|word| negation::is_not(word, self.language));
            let most = if after_not { 0 } else { GAP };
            loop {
                let heard = self.words.get(at)?;
                if heard.stem == want.stem || heard.text == want.text {
                    break;
                }
                let denies = negation::is_not(&want.text, self.language);
                if denies && negation::is_hardly(&heard.text, self.language) {
                    break;
                }
                // One misheard word a phrase, and only beside others that are certain.
                if misheard == 0
                    && phrase.words.len() > 1
                    && lexis::alike(&heard.text, &want.text, self.language)
                {
                    misheard += 1;
                    break;
                }
                if n == 0
                    && lexis::alike(&heard.text, &want.text, self.language)
                    && same_end(heard, want)
                {
                    break;
                }
                if n == 0 {
                    return None;
                }
                // A "not" between two words says something else.
                if negation::is_not(&heard.text, self.language) {
                    return None;
                }
                if !is_little(&heard.text, self.language) {
                    gap += 1;
                }
                if gap > most {
                    return None;
                }
                at += 1;
            }
            at += 1;
        }
        Some((start, at))
    }
}

/// A phrase of one word forgives less: its end has to be right.
fn same_end(a: &Word, b: &Word) -> bool {
    let end = |text: &str| text.chars().rev().take(3).collect::<String>();
    end(&a.text) == end(&b.text)
}
