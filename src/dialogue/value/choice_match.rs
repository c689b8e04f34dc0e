//! How well words fit a name: exactly, by sound, or with a letter or two misheard. Decides the fit only;
//! which choice wins is `choice`'s business.

use super::said::{Said, fold};
use super::tongue::is_function_word;
use crate::dialogue::sound::key;
use crate::dialogue::spoken::Language;

/// A name found at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    pub end: usize,
    /// Of 1000.
    pub fit: u16,
    /// Words of the name that were said.
    words: usize,
    /// The whole name was said.
    whole: bool,
}

impl Match {
    /// Better matches are greater.
    pub fn rank(&self) -> (usize, u16, bool) {
        (self.words, self.fit, self.whole)
    }
}

/// The best match of any of `names` at `at`; `lenient`: misheard names too.
pub fn best(said: &Said<'_>, at: usize, names: &[Vec<String>], lenient: bool) -> Option<Match> {
    names
        .iter()
        .filter_map(|name| one(said, at, name, lenient))
        .max_by_key(Match::rank)
}

fn one(said: &Said<'_>, at: usize, words: &[String], lenient: bool) -> Option<Match> {
    if words.is_empty() || words.len() > 12 {
        return None;
    }
    if let Some(fit) = run(said, at, words, lenient) {
        return Some(Match {
            end: at + words.len(),
            fit,
            words: words.len(),
            whole: true,
        });
    }
    // Two words that were heard as one, or one as two.
    if lenient && let Some((end, fit)) = joined(said, at, words) {
        return Some(Match {
            end,
            fit,
            words: words.len(),
            whole: true,
        });
    }
    // A part of the name: "Smith" of "Doctor Smith", "checking" of "checking account".
    let telling = |word: &str| word.chars().count() >= 3 && !is_function_word(word, said.language);
    let mut found: Option<Match> = None;
    for start in 0..words.len() {
        let mut fit = 1000;
        let mut count = 0;
        let mut tells = false;
        while start + count < words.len() {
            let Some(one) = alike(said, at + count, &words[start + count], lenient) else {
                break;
            };
            fit = fit.min(one);
            tells |= telling(&words[start + count]);
            count += 1;
        }
        if count == 0 || count == words.len() || !tells {
            continue;
        }
        let part = Match {
            end: at + count,
            // The rest of the name may be what tells it from another.
            fit: fit * 9 / 10,
            words: count,
            whole: false,
        };
        if found.is_none_or(|before| part.rank() > before.rank()) {
            found = Some(part);
        }
    }
    found
}

/// The words of a name, as the words of a turn are.
pub fn name_words(name: &str) -> Vec<String> {
    crate::dialogue::words::tokens_of(name)
        .iter()
        .map(|token| fold(&token.text))
        .collect()
}

fn run(said: &Said<'_>, at: usize, words: &[String], lenient: bool) -> Option<u16> {
    words
        .iter()
        .enumerate()
        .map(|(n, word)| alike(said, at + n, word, lenient))
        .try_fold(1000, |worst, fit| Some(worst.min(fit?)))
}

/// "hair cut" for "haircut", and the other way round.
fn joined(said: &Said<'_>, at: usize, words: &[String]) -> Option<(usize, u16)> {
    let name = words.concat();
    if name.chars().count() < 6 {
        return None;
    }
    let mut heard = String::new();
    for (n, word) in said.words.iter().skip(at).take(words.len() + 1).enumerate() {
        heard.push_str(word);
        let close = strsim::osa_distance(&heard, &name);
        if n + 1 != words.len() && close <= name.chars().count() / 8 {
            return Some((at + n + 1, if close == 0 { 950 } else { 750 }));
        }
    }
    None
}

/// How well the word at `at` fits `name`, if at all.
fn alike(said: &Said<'_>, at: usize, name: &str, lenient: bool) -> Option<u16> {
    let word = said.words.get(at)?;
    if word == name {
        return Some(1000);
    }
    let count = name.chars().count();
    // "savings" for "saving", "Smith's" as "smiths".
    let plural = |long: &str, short: &str| {
        long.strip_prefix(short)
            .is_some_and(|end| matches!(end, "s" | "es"))
    };
    if count >= 3 && (plural(word, name) || plural(name, word)) {
        return Some(950);
    }
    let number = |word: &str| word.bytes().all(|b| b.is_ascii_digit());
    if !lenient || count < 3 || word.chars().count() < 3 || number(word) || number(name) {
        return None;
    }
    if is_function_word(word, said.language) || is_function_word(name, said.language) {
        return None;
    }
    let distance = strsim::osa_distance(word, name);
    let longest = count.max(word.chars().count());
    let sounds = sounds(word, said.language) == sounds(name, said.language);
    let first = word.chars().next() == name.chars().next();
    if sounds && distance * 2 <= longest {
        return Some(850);
    }
    let allowed = match longest {
        0..=4 => usize::from(first && sounds),
        5..=7 => {
            let long = count.min(word.chars().count()) >= 5;
            1 + usize::from(long && first && near(word, name, said.language))
        }
        8..=10 => 2,
        _ => 3,
    };
    (distance <= allowed).then_some(if distance == 1 { 750 } else { 650 })
}

/// Words whose sounds differ in one place.
fn near(word: &str, name: &str, language: Language) -> bool {
    strsim::osa_distance(&sounds(word, language), &sounds(name, language)) <= 1
}

/// How a word sounds: words that are mixed up get the same key.
pub fn sounds(word: &str, language: Language) -> String {
    match language {
        Language::English => key(word),
        Language::Spanish => spanish(word),
    }
}

/// Spanish is written nearly as it sounds: b and v, s, z and soft c, ll and y fall together, h is silent.
fn spanish(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < letters.len() {
        let next = letters.get(at + 1).copied().unwrap_or(' ');
        let soft = matches!(next, 'e' | 'i');
        let (sound, used) = match (letters[at], next) {
            ('c', 'h') => ("ch", 2),
            ('l', 'l') => ("y", 2),
            ('q', 'u') => ("k", 2),
            ('g', 'u') if matches!(letters.get(at + 2), Some('e' | 'i')) => ("g", 2),
            ('g', _) if soft => ("j", 1),
            ('c', _) if soft => ("s", 1),
            ('c' | 'k' | 'q', _) => ("k", 1),
            ('z', _) => ("s", 1),
            ('v' | 'w', _) => ("b", 1),
            ('x', _) => ("s", 1),
            ('h', _) => ("", 1),
            ('y', ' ') => ("i", 1),
            ('m', 'b' | 'v' | 'p') => ("n", 1),
            (letter, _) => {
                if !out.ends_with(letter) {
                    out.push(letter);
                }
                ("", 1)
            }
        };
        if !sound.is_empty() && !out.ends_with(sound) {
            out.push_str(sound);
        }
        at += used;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spanish_words_that_sound_alike_share_a_key() {
        for (a, b) in [
            ("vaca", "baca"),
            ("caza", "casa"),
            ("hola", "ola"),
            ("pollo", "poyo"),
            ("gente", "jente"),
            ("queso", "keso"),
            ("guerra", "gerra"),
            ("carro", "caro"),
        ] {
            let (a, b) = (spanish(a), spanish(b));
            assert!(a == b || strsim::osa_distance(&a, &b) <= 1, "{a} {b}");
        }
        assert_ne!(spanish("corte"), spanish("tinte"));
    }
}
