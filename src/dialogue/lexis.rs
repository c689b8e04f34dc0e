//! Words of a language by what they share: spelling without accents, stem, sound. Decides when two
//! words count as the same one and which words tell nothing; what they mean is decided by who asks.
//!
//! A recogniser writes "devolucion" and "devolución", "can't" and "cannot": all are brought to one
//! spelling first, and English contractions are taken apart so that "not" is always a word.

mod english;
mod spanish;

use super::sound;
use super::spoken::Language;
use rust_stemmers::{Algorithm, Stemmer};

/// Letters from which on a word may be misheard and still be known.
const LONG: usize = 6;
/// Letters from which on one wrong letter is forgiven whatever it sounds like.
const LONGER: usize = 8;

/// The words of a text as they are compared: lower case, without accents (ñ stays a letter of its
/// own), contractions apart. Of any length: pages go through here too.
pub fn words(text: &str, language: Language) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    for c in text.chars().chain([' ']) {
        if matches!(c, '\'' | '’') {
            continue; // "that's" and "thats" are one word
        }
        if c.is_alphanumeric() {
            // "x6" and "4th" are heard as two words.
            let seam = word
                .chars()
                .next_back()
                .is_some_and(|last| last.is_ascii_digit() != c.is_ascii_digit());
            if seam {
                push(&mut out, &std::mem::take(&mut word), language);
            }
            word.extend(c.to_lowercase().map(plain));
        } else if !word.is_empty() {
            push(&mut out, &std::mem::take(&mut word), language);
        }
    }
    out
}

/// Words that came one by one, from a recogniser; see [`words`].
pub fn normal<S: AsRef<str>>(heard: &[S], language: Language) -> Vec<String> {
    heard
        .iter()
        .flat_map(|word| words(word.as_ref(), language))
        .collect()
}

fn push(out: &mut Vec<String>, word: &str, language: Language) {
    match language {
        Language::English => english::apart(out, word),
        Language::Spanish => out.push(word.to_owned()),
    }
}

/// A letter without its accent.
fn plain(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        other => other,
    }
}

/// The stem of a word out of [`words`].
pub fn stem(word: &str, language: Language) -> String {
    match language {
        Language::English => {
            let known = english::STEMS.iter().find(|(form, _)| *form == word);
            match known {
                Some((_, stem)) => (*stem).to_owned(),
                None => stemmer(Algorithm::English, word),
            }
        }
        Language::Spanish => {
            let known = spanish::STEMS.iter().find(|(form, _)| *form == word);
            let word = known.map_or(word, |(_, basic)| basic);
            // The stemmer takes "dificultad" for "dificult" and its plural for "dificultad".
            let many = ["dades", "tades"].iter().any(|end| word.ends_with(end));
            let word = if many { &word[..word.len() - 2] } else { word };
            // The stemmer knows endings by their accents.
            let accented = ["cion", "sion"]
                .iter()
                .any(|end| word.ends_with(end))
                .then(|| format!("{}ón", &word[..word.len() - 2]));
            let stem = stemmer(Algorithm::Spanish, accented.as_deref().unwrap_or(word));
            stem.chars().map(plain).collect()
        }
    }
}

fn stemmer(algorithm: Algorithm, word: &str) -> String {
    Stemmer::create(algorithm).stem(word).into_owned()
}

/// What words are about: the stems of those that tell something, where one of several words for the
/// same thing stands for all ("fee", "price", "how much"). Looser than [`stem`]: for finding a page,
/// not for what hangs on the very word. Each with the word it was written as.
pub fn subjects(words: &[String], language: Language) -> Vec<(String, String)> {
    let (pairs, same) = match language {
        Language::English => (&english::PAIRS[..], &english::SAME[..]),
        Language::Spanish => (&spanish::PAIRS[..], &spanish::SAME[..]),
    };
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    for at in 0..words.len() {
        let near = at + 1..words.len().min(at + 4);
        for (first, second, meant) in pairs {
            if words[at] != *first {
                continue;
            }
            if let Some(place) = near.clone().find(|place| words[*place] == *second) {
                words[at] = meant;
                words[place] = "";
                break;
            }
        }
    }
    words
        .into_iter()
        .filter(|word| !word.is_empty() && !is_stop(word, language))
        .map(|word| {
            let stem = stem(word, language);
            let one = same.iter().find(|(_, all)| all.contains(&stem.as_str()));
            let subject = one.map_or(stem, |(one, _)| (*one).to_owned());
            (subject, word.to_owned())
        })
        .collect()
}

/// Words that sentences are built with, and words of asking: they tell nothing about the subject.
pub fn is_stop(word: &str, language: Language) -> bool {
    match language {
        Language::English => english::STOP.contains(&word),
        Language::Spanish => spanish::STOP.contains(&word),
    }
}

/// Whether a question that begins with these words is a sentence of its own.
pub fn opens_question(words: &[String], language: Language) -> bool {
    let openers: &[&[&str]] = match language {
        Language::English => &english::OPENERS,
        Language::Spanish => &spanish::OPENERS,
    };
    openers.iter().any(|opener| {
        words.len() > opener.len() && opener.iter().zip(words).all(|(a, b)| *a == b.as_str())
    })
}

/// Whether a recogniser may have written one of these for the other: long words that sound the same
/// or differ in one letter. Compares whole words, never stems: a stem is too short to forgive.
pub fn alike(a: &str, b: &str, language: Language) -> bool {
    let (short, long) = (a.len().min(b.len()), a.len().max(b.len()));
    if short < LONG - 1 || long < LONG || long - short > 2 {
        return false;
    }
    // Cheap, and true of all but a few: most pairs of words stop here.
    let edges = |word: &str| (word.as_bytes()[0], word.as_bytes()[word.len() - 1]);
    let (a_edges, b_edges) = (edges(a), edges(b));
    if (a_edges.0 != b_edges.0 && a_edges.1 != b_edges.1) || a_edges.0.is_ascii_digit() {
        return false;
    }
    let (sound_a, sound_b) = (sound_of(a, language), sound_of(b, language));
    let same_sound = sound_a.len() >= 3 && sound_a == sound_b;
    let away = strsim::damerau_levenshtein(a, b);
    (same_sound && away <= 2)
        || (short >= LONGER && away <= 1 && a.as_bytes()[0] == b.as_bytes()[0])
}

fn sound_of(word: &str, language: Language) -> String {
    match language {
        Language::English => sound::key(word),
        Language::Spanish => spanish::sound(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Spanish};

    #[test]
    fn words_are_brought_to_one_spelling() {
        assert_eq!(
            words("I can't, I CANNOT!", English),
            ["i", "can", "not", "i", "can", "not"]
        );
        assert_eq!(
            words("they aren’t x6", English),
            ["they", "are", "not", "x", "6"]
        );
        assert_eq!(
            words("¿Cuánto cuesta la niña?", Spanish),
            ["cuanto", "cuesta", "la", "niña"]
        );
        assert_eq!(normal(&["don't", "go"], English), ["do", "not", "go"]);
    }

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for (a, b, language) in [
            ("returns", "returning", English),
            ("delivery", "deliveries", English),
            ("bought", "buy", English),
            ("breathe", "breathing", English),
            ("stolen", "steal", English),
            ("devolucion", "devoluciones", Spanish),
            ("tarjeta", "tarjetas", Spanish),
            ("abierto", "abierta", Spanish),
            ("duele", "dolor", Spanish),
        ] {
            assert_eq!(stem(a, language), stem(b, language), "{a} {b}");
        }
        assert_ne!(stem("order", English), stem("ordinary", English));
    }

    #[test]
    fn several_words_are_about_one_thing() {
        let about = |text: &str, language| {
            let subjects = subjects(&words(text, language), language);
            subjects
                .into_iter()
                .map(|(subject, _)| subject)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            about("how much is the shipping", English),
            about("the price of delivery", English)
        );
        assert_eq!(
            about("can i send it back", English),
            about("can i return it", English)
        );
        assert_eq!(
            about("i have to call off my appointment", English),
            about("cancel an appointment", English)
        );
        assert_eq!(
            about("cuánto vale el envío", Spanish),
            about("precio de la entrega", Spanish)
        );
    }

    #[test]
    fn no_stem_stands_for_two_things() {
        for same in [&english::SAME[..], &spanish::SAME[..]] {
            let all: Vec<&str> = same
                .iter()
                .flat_map(|(_, all)| all.iter().copied())
                .collect();
            for one in &all {
                assert_eq!(all.iter().filter(|other| *other == one).count(), 1, "{one}");
            }
        }
    }

    #[test]
    fn what_is_misheard_is_alike_and_other_words_are_not() {
        for (a, b, language) in [
            ("refund", "revund", English),
            ("breathing", "breathink", English),
            ("overdose", "overdos", English),
            ("appointment", "apointment", English),
            ("respirar", "respidar", Spanish),
            ("embarazada", "enbarazada", Spanish),
        ] {
            assert!(alike(a, b, language), "{a} {b}");
        }
        for (a, b, language) in [
            ("dental", "mental", English),
            ("chest", "chess", English),
            ("heart", "heard", English),
            ("fraud", "afraid", English),
            ("refund", "defend", English),
            ("pecho", "techo", Spanish),
            ("billete", "brillante", Spanish),
        ] {
            assert!(!alike(a, b, language), "{a} {b}");
        }
    }
}
