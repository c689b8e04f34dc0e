//! Words that stand for letters: names of letters as recognisers write them, and spelling alphabets.
//! Which of them were meant as letters is `letters`' business.

use super::said::Said;

/// A letter that a word may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter {
    pub letter: char,
    /// False for words that are more often something else ("are", "you", "de").
    pub sure: bool,
    pub words: usize,
}

fn one(letter: char, sure: bool) -> Option<Letter> {
    Some(Letter {
        letter,
        sure,
        words: 1,
    })
}

/// The letter at `at`.
pub fn letter(said: &Said<'_>, at: usize) -> Option<Letter> {
    let word = said.word(at);
    let mut chars = word.chars();
    if let (Some(only), None) = (chars.next(), chars.next())
        && only.is_alphabetic()
    {
        // Accents are gone from the folded word; "ñ" is a letter of its own.
        let written = said.tokens[at].text.chars().next().unwrap_or(only);
        let letter = if written == 'ñ' {
            'Ñ'
        } else {
            only.to_ascii_uppercase()
        };
        let article = if said.is_spanish() {
            matches!(only, 'a' | 'e' | 'o' | 'u' | 'y')
        } else {
            matches!(only, 'a' | 'i' | 'o')
        };
        return one(letter, !article);
    }
    if said.is_spanish() {
        spanish(said, at)
    } else {
        english(said, at)
    }
}

fn english(said: &Said<'_>, at: usize) -> Option<Letter> {
    if said.any(at, &["double u", "double you"]).is_some() {
        return Some(Letter {
            letter: 'W',
            sure: true,
            words: 2,
        });
    }
    let word = said.word(at);
    if let Some(letter) = nato(word) {
        // Alphabets are made of words that are something else as well.
        let common = matches!(
            word,
            "golf" | "hotel" | "mike" | "victor" | "oscar" | "charlie" | "romeo"
        );
        return one(letter, !common);
    }
    match word {
        "ay" | "eh" => one('A', false),
        "bee" | "be" => one('B', word == "bee"),
        "see" | "sea" | "cee" => one('C', word == "cee"),
        "dee" => one('D', true),
        "ee" => one('E', true),
        "ef" | "eff" => one('F', true),
        "gee" | "jee" => one('G', true),
        "aitch" | "haitch" => one('H', true),
        "eye" => one('I', false),
        "jay" => one('J', true),
        "kay" | "okay" => one('K', word == "kay"),
        "el" | "ell" => one('L', true),
        "em" => one('M', true),
        "en" => one('N', true),
        "oh" => one('O', false),
        "pee" | "pea" => one('P', true),
        "queue" | "cue" | "kew" => one('Q', true),
        "are" | "ar" => one('R', word == "ar"),
        "ess" | "es" => one('S', true),
        "tee" | "tea" => one('T', word == "tee"),
        "you" | "yu" => one('U', word == "yu"),
        "vee" => one('V', true),
        "ex" => one('X', true),
        "why" | "wye" => one('Y', word == "wye"),
        "zee" | "zed" => one('Z', true),
        _ => None,
    }
}

/// ICAO spelling alphabet.
fn nato(word: &str) -> Option<char> {
    const WORDS: [&str; 26] = [
        "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india",
        "juliet", "kilo", "lima", "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra",
        "tango", "uniform", "victor", "whiskey", "xray", "yankee", "zulu",
    ];
    let word = match word {
        "alfa" => "alpha",
        "juliett" | "juliette" => "juliet",
        "whisky" => "whiskey",
        other => other,
    };
    ('A'..='Z')
        .zip(WORDS)
        .find(|(_, name)| *name == word)
        .map(|(letter, _)| letter)
}

fn spanish(said: &Said<'_>, at: usize) -> Option<Letter> {
    const LONG: [(&str, char); 12] = [
        ("uve doble", 'W'),
        ("doble uve", 'W'),
        ("doble ve", 'W'),
        ("doble u", 'W'),
        ("ve doble", 'W'),
        ("i griega", 'Y'),
        ("i latina", 'I'),
        ("be larga", 'B'),
        ("be alta", 'B'),
        ("ve corta", 'V'),
        ("ve chica", 'V'),
        ("be grande", 'B'),
    ];
    if let Some((letter, words)) = LONG
        .iter()
        .find_map(|(phrase, letter)| Some((*letter, said.phrase(at, phrase)? - at)))
    {
        return Some(Letter {
            letter,
            sure: true,
            words,
        });
    }
    // Folding has made an n of it.
    if said.tokens[at].text == "eñe" {
        return one('Ñ', true);
    }
    match said.word(at) {
        "be" => one('B', true),
        "ce" => one('C', true),
        "de" => one('D', false),
        "efe" => one('F', true),
        "ge" | "je" => one('G', true),
        "hache" => one('H', true),
        "jota" => one('J', true),
        "ka" => one('K', true),
        "ele" => one('L', true),
        "eme" => one('M', true),
        "ene" => one('N', true),
        "pe" => one('P', true),
        "cu" => one('Q', true),
        "erre" | "ere" => one('R', true),
        "ese" => one('S', false),
        "te" => one('T', false),
        "uve" => one('V', true),
        "ve" => one('V', false),
        "equis" => one('X', true),
        "ye" => one('Y', true),
        "zeta" | "ceta" | "seta" => one('Z', true),
        _ => None,
    }
}
