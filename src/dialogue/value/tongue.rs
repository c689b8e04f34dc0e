//! The small words of each language: sounds of thinking, courtesy, words that sentences are built with,
//! nods; and which language it is. What they do to an answer is decided elsewhere.

use super::said::fold;
use crate::dialogue::spoken::Language;
use crate::dialogue::words::{self, Token};

/// Sounds of thinking: never part of an answer.
pub fn is_hesitation(word: &str, language: Language) -> bool {
    match language {
        Language::English => words::is_hesitation(word),
        Language::Spanish => matches!(
            word,
            "eh" | "ehm"
                | "em"
                | "este"
                | "pues"
                | "mm"
                | "mmm"
                | "hm"
                | "hmm"
                | "um"
                | "uh"
                | "ah"
                | "bueno"
                | "a ver"
                | "er"
        ),
    }
}

/// How many of `words`, at their start, are courtesy: it surrounds what is meant, and means something
/// only when alone.
pub fn courtesy(words: &[&str], language: Language) -> usize {
    const SPANISH: [&[&str]; 29] = [
        &["senor"],
        &["senora"],
        &["senorita"],
        &["muchas", "gracias"],
        &["muchisimas", "gracias"],
        &["mil", "gracias"],
        &["gracias"],
        &["buenos", "dias"],
        &["buenas", "tardes"],
        &["buenas", "noches"],
        &["muy", "buenas"],
        &["buenas"],
        &["hola", "que", "tal"],
        &["hola"],
        &["por", "favor"],
        &["si", "es", "tan", "amable"],
        &["si", "fuera", "tan", "amable"],
        &["disculpe"],
        &["disculpa"],
        &["perdone"],
        &["oiga"],
        &["mire"],
        &["oye"],
        &["mira"],
        &["vale"],
        &["encantado"],
        &["encantada"],
        &["muy", "amable"],
        &["se", "lo", "agradezco"],
    ];
    match language {
        Language::English => words::is_courtesy(words),
        Language::Spanish => {
            let folded: Vec<String> = words.iter().take(4).map(|word| fold(word)).collect();
            let starts = |phrase: &&&[&str]| {
                phrase.len() <= folded.len() && phrase.iter().zip(&folded).all(|(a, b)| a == b)
            };
            SPANISH
                .iter()
                .filter(starts)
                .map(|phrase| phrase.len())
                .max()
                .unwrap_or(0)
        }
    }
}

/// Words that sentences are built with, whatever they are about.
pub fn is_function_word(word: &str, language: Language) -> bool {
    match language {
        Language::English => words::is_function_word(word),
        Language::Spanish => matches!(
            fold(word).as_str(),
            "el" | "la"
                | "los"
                | "las"
                | "lo"
                | "un"
                | "una"
                | "unos"
                | "unas"
                | "mi"
                | "mis"
                | "su"
                | "sus"
                | "tu"
                | "yo"
                | "usted"
                | "ustedes"
                | "me"
                | "te"
                | "se"
                | "le"
                | "nos"
                | "es"
                | "son"
                | "esta"
                | "estan"
                | "estoy"
                | "era"
                | "ser"
                | "hay"
                | "ha"
                | "he"
                | "tengo"
                | "tiene"
                | "tienen"
                | "puedo"
                | "puede"
                | "pueden"
                | "podria"
                | "quiero"
                | "quisiera"
                | "queria"
                | "necesito"
                | "gustaria"
                | "a"
                | "al"
                | "de"
                | "del"
                | "en"
                | "con"
                | "por"
                | "para"
                | "sobre"
                | "y"
                | "e"
                | "o"
                | "u"
                | "que"
                | "como"
                | "cual"
                | "cuales"
                | "este"
                | "ese"
                | "eso"
                | "esto"
                | "saber"
                | "decir"
                | "dime"
                | "digame"
                | "favor"
                | "ya"
                | "si"
                | "pues"
        ),
    }
}

/// `words` without hesitations, and without courtesy where something else remains.
pub fn essence<'a>(words: &[&'a str], language: Language) -> Vec<&'a str> {
    if language == Language::English {
        return words::essence(words);
    }
    let words: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !is_hesitation(&fold(word), language))
        .collect();
    let mut rest = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        match courtesy(&words[at..], language) {
            0 => {
                rest.push(words[at]);
                at += 1;
            }
            skipped => at += skipped,
        }
    }
    if rest.is_empty() { words } else { rest }
}

/// Whole turns that only mean "I am listening".
pub fn is_nodding(words: &[&str], language: Language) -> bool {
    const SPANISH: [&str; 22] = [
        "si",
        "aja",
        "aha",
        "ah",
        "mhm",
        "mm",
        "ya",
        "vale",
        "ok",
        "okay",
        "okey",
        "claro",
        "bien",
        "bueno",
        "eh",
        "oh",
        "perfecto",
        "entiendo",
        "entendido",
        "um",
        "uh",
        "hm",
    ];
    match language {
        Language::English => words::is_nodding(words),
        Language::Spanish => words
            .iter()
            .all(|word| SPANISH.contains(&fold(word).as_str())),
    }
}

/// Does a sentence that ends in these words surely go on?
pub fn hangs(words: &[&str], language: Language) -> bool {
    const SPANISH: [&str; 52] = [
        "el", "los", "las", "un", "unos", "mi", "mis", "su", "sus", "este", "ese", "y", "o",
        "pero", "porque", "de", "del", "para", "por", "con", "en", "sobre", "a", "al", "es", "son",
        "quiero", "quisiera", "queria", "necesito", "puedo", "puede", "podria", "que", "cual",
        "como", "donde", "cuando", "numero", "doble", "triple", "entre", "desde", "hasta", "eh",
        "em", "este", "pues", "seria", "gustaria", "saber", "tengo",
    ];
    match language {
        Language::English => words::hangs(words),
        Language::Spanish => words
            .last()
            .is_some_and(|last| SPANISH.contains(&fold(last).as_str())),
    }
}

/// Words of one language that the other does not have.
const ENGLISH: [&str; 62] = [
    "the",
    "my",
    "is",
    "i",
    "you",
    "want",
    "need",
    "to",
    "of",
    "what",
    "where",
    "when",
    "how",
    "please",
    "yes",
    "yeah",
    "would",
    "like",
    "can",
    "could",
    "and",
    "for",
    "with",
    "have",
    "do",
    "does",
    "this",
    "that",
    "it",
    "its",
    "im",
    "id",
    "are",
    "was",
    "not",
    "dont",
    "help",
    "hello",
    "hi",
    "thanks",
    "thank",
    "your",
    "from",
    "account",
    "order",
    "number",
    "card",
    "make",
    "appointment",
    "book",
    "table",
    "tomorrow",
    "today",
    "check",
    "get",
    "speak",
    "someone",
    "order",
    "wheres",
    "whats",
    "transfer",
    "am",
];
const SPANISH: [&str; 74] = [
    "el", "los", "las", "una", "mi", "mis", "es", "esta", "quiero", "quisiera", "necesito",
    "queria", "que", "donde", "cuando", "como", "por", "favor", "si", "de", "del", "para", "con",
    "tengo", "puedo", "puede", "podria", "yo", "usted", "hola", "gracias", "buenos", "buenas",
    "dias", "tardes", "noches", "cuenta", "pedido", "tarjeta", "numero", "cita", "mesa", "manana",
    "hoy", "hablar", "hacer", "saber", "cual", "pero", "muy", "gustaria", "ayuda", "espanol",
    "quien", "cuanto", "cuantos", "tiene", "hay", "y", "se", "lo", "su", "al", "en", "dinero",
    "hasta", "luego", "adios", "vale", "claro", "senor", "senora", "le", "nos",
];

/// The language that the words surely are, and not the other.
pub fn language_of(tokens: &[Token]) -> Option<Language> {
    let count = |list: &[&str]| {
        tokens
            .iter()
            .filter(|token| list.contains(&fold(&token.text).as_str()))
            .count()
    };
    let (english, spanish) = (count(&ENGLISH), count(&SPANISH));
    // One telling word is enough in a turn of one or two words that names nothing else.
    let enough = |mine: usize, other: usize| mine >= 2 && mine >= other * 3;
    if enough(english, spanish) {
        Some(Language::English)
    } else if enough(spanish, english) {
        Some(Language::Spanish)
    } else {
        None
    }
}
