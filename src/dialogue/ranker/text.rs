//! What of a sentence is looked at: its words, their stems, meanings, neighbours, letters and sound.
//!
//! Decides what a word is. A token that starts with `#` stands for a value (`#date`) and is one word,
//! whatever follows; accents are dropped, since a recogniser may or may not write them.

use super::meaning::{Meanings, meanings};
use crate::dialogue::sound;
use crate::dialogue::spoken::Language;
use rust_stemmers::{Algorithm, Stemmer};
use std::collections::BTreeMap;

/// Longest sentence that is looked at, in words.
const MAX_WORDS: usize = 120;
/// Longest word that is looked at, in characters.
const MAX_LETTERS: usize = 40;
/// Lengths of the letter groups.
const GROUPS: std::ops::RangeInclusive<usize> = 2..=4;

/// How many letters before and after a gap between words.
const SEAMS: [(usize, usize); 6] = [(1, 1), (1, 2), (2, 1), (2, 2), (1, 3), (3, 1)];
/// How far apart two words may stand that count as a pair, whichever comes first.
const REACH: usize = 12;

/// Kinds of features; each kind is brought to the same length by itself, so that the many letter groups
/// do not drown the few words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Words,
    Letters,
    Sound,
    /// Letters on both sides of a gap: "top up", "topup".
    Seams,
}

/// Number of [`Block`]s.
pub(super) const BLOCKS: usize = 4;

/// Features by block, as hashes; one that occurs twice is there twice.
pub(super) type Features = [Vec<u64>; BLOCKS];

/// What there is to know of a single word.
#[derive(Clone, Debug)]
struct Word {
    own: u64,
    stem: u64,
    /// Shared with words that mean the same; the stem where there are none.
    meaning: u64,
    /// None where nothing of it can be said aloud.
    sound: Option<u64>,
    letters: Vec<u64>,
}

/// Turns sentences into features.
pub(super) struct Reader {
    stemmer: Stemmer,
    meanings: &'static Meanings,
    /// Words met before: a few hundred make up most of what is said.
    met: BTreeMap<String, Word>,
}

impl Reader {
    pub(super) fn new(language: Language) -> Self {
        let algorithm = match language {
            Language::English => Algorithm::English,
            Language::Spanish => Algorithm::Spanish,
        };
        let stemmer = Stemmer::create(algorithm);
        Self {
            meanings: meanings(language, &stemmer),
            stemmer,
            met: BTreeMap::new(),
        }
    }

    pub(super) fn features(&mut self, text: &str) -> Features {
        let mut out = Features::default();
        let (mut meanings, mut sounds) = (vec![EDGE], vec![EDGE]);
        let words = words(text);
        add_seams(&words, &mut out[Block::Seams as usize]);
        for text in words {
            if !self.met.contains_key(&text) {
                self.met.insert(text.clone(), self.look_at(&text));
            }
            let word = &self.met[&text];
            out[Block::Words as usize].extend([word.own, word.stem]);
            out[Block::Letters as usize].extend(&word.letters);
            if word.meaning != word.stem {
                out[Block::Words as usize].push(word.meaning);
            }
            meanings.push(word.meaning);
            sounds.extend(word.sound);
        }
        meanings.push(EDGE);
        add_pairs(&meanings, &mut out[Block::Words as usize]);
        let said = &mut out[Block::Sound as usize];
        said.extend(&sounds[1..]);
        said.extend(sounds.windows(2).map(|pair| both(b'p', pair[0], pair[1])));
        out
    }

    fn look_at(&self, word: &str) -> Word {
        let own = hash(b'w', word.as_bytes());
        if word.starts_with('#') {
            return Word {
                own,
                stem: own,
                meaning: own,
                sound: Some(own),
                letters: Vec::new(),
            };
        }
        let key = sound::key(word);
        let stem = self.stemmer.stem(word);
        let own_meaning = self.meanings.get(stem.as_ref());
        let stem = hash(b't', stem.as_bytes());
        Word {
            own,
            stem,
            meaning: own_meaning.map_or(stem, |number| both(b'm', 0, *number)),
            sound: (!key.is_empty()).then(|| hash(b's', key.as_bytes())),
            letters: letters(word),
        }
    }
}

/// The sentence's beginning and end, as a word.
const EDGE: u64 = 1;

/// Neighbours in their order, and pairs that stand near each other in any.
fn add_pairs(words: &[u64], out: &mut Vec<u64>) {
    out.extend(words.windows(2).map(|pair| both(b'2', pair[0], pair[1])));
    let inner = &words[1..words.len() - 1];
    for (at, &one) in inner.iter().enumerate() {
        for &other in inner[at + 1..].iter().take(REACH) {
            out.push(both(b'b', one.min(other), one.max(other)));
        }
    }
}

/// Groups of letters that reach over a gap between words, without the gap.
fn add_seams(words: &[String], out: &mut Vec<u64>) {
    for pair in words.windows(2) {
        if pair.iter().any(|word| word.starts_with('#')) {
            continue;
        }
        let end = |count: usize| pair[0].char_indices().rev().nth(count - 1).map(|at| at.0);
        let start = |count: usize| pair[1].char_indices().nth(count - 1);
        for (before, after) in SEAMS {
            if let (Some(from), Some((to, last))) = (end(before), start(after)) {
                let to = to + last.len_utf8();
                out.push(both(
                    b'x',
                    hash(b'x', &pair[0].as_bytes()[from..]),
                    hash(b'x', &pair[1].as_bytes()[..to]),
                ));
            }
        }
    }
}

/// Groups of neighbouring letters, the word's ends included.
fn letters(word: &str) -> Vec<u64> {
    let padded = format!("^{word}$");
    let starts: Vec<usize> = padded
        .char_indices()
        .map(|(at, _)| at)
        .chain([padded.len()])
        .collect();
    let mut out = Vec::new();
    for length in GROUPS {
        for edges in starts.windows(length + 1) {
            out.push(hash(b'l', &padded.as_bytes()[edges[0]..edges[length]]));
        }
    }
    out
}

/// The words of a text: lower case, no punctuation, no accents; "that's" is one word, "4th" two.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut letters = 0;
    for c in text.chars().chain([' ']) {
        if matches!(c, '\'' | '’') {
            continue;
        }
        let value = word.starts_with('#');
        let starts_value = c == '#' && word.is_empty();
        let goes_on = starts_value || c.is_alphanumeric() || (value && matches!(c, '_' | '-'));
        let seam = !value
            && word
                .chars()
                .next_back()
                .is_some_and(|last| last.is_ascii_digit() != c.is_ascii_digit());
        if (!goes_on || seam) && !word.is_empty() {
            let full = std::mem::take(&mut word);
            if full != "#" {
                out.push(full);
            }
            letters = 0;
            if out.len() >= MAX_WORDS {
                return out;
            }
        }
        if goes_on && letters < MAX_LETTERS {
            word.extend(c.to_lowercase().map(plain));
            letters += 1;
        }
    }
    out
}

/// A letter without its accent.
fn plain(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        other => other,
    }
}

/// FNV-1a, stirred at the end so that its low bits can be used.
fn hash(tag: u8, bytes: &[u8]) -> u64 {
    let eat = |state: u64, byte: &u8| (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    stir(bytes.iter().fold(eat(0xcbf2_9ce4_8422_2325, &tag), eat))
}

/// A hash of two hashes in this order.
fn both(tag: u8, one: u64, other: u64) -> u64 {
    stir((one ^ u64::from(tag)).wrapping_mul(0x0100_0000_01b3) ^ other)
}

fn stir(mut state: u64) -> u64 {
    state ^= state >> 32;
    state = state.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    state ^ (state >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_words() {
        assert_eq!(words("Where’s my ORDER?"), ["wheres", "my", "order"]);
        assert_eq!(words("the 4th, ¿mañana?"), ["the", "4", "th", "manana"]);
        assert_eq!(
            words("on #date for #amount_2, # alone"),
            ["on", "#date", "for", "#amount_2", "alone"]
        );
        assert!(words("…!?#").is_empty());
    }

    #[test]
    fn endless_text_is_cut() {
        assert_eq!(words(&"four ".repeat(100_000)).len(), MAX_WORDS);
        assert_eq!(words(&"x".repeat(100_000))[0].len(), MAX_LETTERS);
    }

    #[test]
    fn forms_of_a_word_share_their_stem() {
        for (language, one, other) in [
            (Language::English, "tracking", "tracked"),
            (Language::Spanish, "pedido", "pedidos"),
        ] {
            let mut reader = Reader::new(language);
            let (one, other) = (reader.features(one), reader.features(other));
            assert!(one[0].iter().any(|feature| other[0].contains(feature)));
        }
    }
}
