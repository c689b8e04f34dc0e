//! Whether something that was said was said to be not so. Decides by the words around it: a "not" that
//! reaches it over light words only, a list that began with a "not", or an end ("is gone", "ya no").
//! Anything less clear is no denial.

use crate::dialogue::spoken::Language;

/// Words before a phrase among which a "not" is looked for.
const BEFORE: usize = 6;
/// Words after a phrase that may say it is over.
const AFTER: usize = 6;

struct Lists {
    not: &'static [&'static str],
    /// What a "not" reaches over.
    light: &'static [&'static str],
    /// Joins the members of a denied list.
    or: &'static [&'static str],
    /// Where a new thought begins.
    bounds: &'static [&'static str],
    /// Said after it: it is over. The words in this order, little ones between them.
    over: &'static [&'static [&'static str]],
    /// Said after it: it goes on, whenever it began.
    ongoing: &'static [&'static str],
    /// "not only", "not sure if": no denial.
    unsure: &'static [&'static str],
}

const ENGLISH: Lists = Lists {
    not: &["not", "no", "never", "without", "neither", "nor", "nobody"],
    light: &[
        "have",
        "has",
        "had",
        "having",
        "any",
        "got",
        "a",
        "an",
        "the",
        "more",
        "real",
        "really",
        "feel",
        "feeling",
        "felt",
        "been",
        "get",
        "getting",
        "experiencing",
        "experience",
        "see",
        "seeing",
        "such",
        "is",
        "sign",
        "signs",
        "of",
        "kind",
        "sort",
        "actual",
        "being",
        "about",
        "calling",
        "currently",
        "now",
        "having",
        "longer",
        "anymore",
        "an",
        "ever",
        "severe",
        "bad",
        "strong",
        "noticed",
        "reporting",
        "be",
        "because",
    ],
    or: &["or", "nor", "and"],
    bounds: &[
        "but", "because", "i", "my", "he", "she", "there", "though", "however", "although", "now",
    ],
    over: &[
        &["gone"],
        &["went", "away"],
        &["goes", "away"],
        &["stopped"],
        &["over", "now"],
        &["disappeared"],
        &["has", "passed"],
        &["resolved"],
        &["cleared", "up"],
        &["years", "ago"],
        &["last", "year"],
    ],
    ongoing: &[
        "since", "for", "started", "began", "back", "still", "again", "keeps", "every",
    ],
    unsure: &[
        "only", "just", "sure", "know", "stop", "bear", "stand", "help", "ignore", "tell",
    ],
};

const SPANISH: Lists = Lists {
    not: &[
        "no", "sin", "nunca", "ni", "tampoco", "ningun", "ninguna", "jamas", "nadie",
    ],
    light: &[
        "tengo", "tiene", "tienen", "tenemos", "he", "ha", "han", "tenido", "siento", "siente",
        "sentido", "hay", "es", "son", "un", "una", "el", "la", "los", "las", "ningun", "ninguna",
        "me", "le", "se", "nos", "da", "dan", "sufro", "sufre", "noto", "nota", "trata", "de",
        "del", "mas", "esta", "estoy", "ya", "tan", "fuerte", "nada", "mi", "su", "tuve", "tuvo",
        "sufrido", "ese", "este", "signos", "señales", "ser", "por", "fue", "era", "sea", "puede",
    ],
    or: &["ni", "o", "y", "u"],
    bounds: &["pero", "porque", "aunque", "ahora", "sino"],
    over: &[
        &["se", "ha", "ido"],
        &["se", "fue"],
        &["se", "me", "fue"],
        &["ya", "paso"],
        &["ha", "pasado"],
        &["ha", "desaparecido"],
        &["desaparecio"],
        &["se", "me", "quito"],
        &["se", "quito"],
        &["se", "ha", "quitado"],
        &["se", "me", "ha", "quitado"],
        &["se", "me", "ha", "pasado"],
        &["se", "me", "paso"],
        &["hace", "años"],
        &["el", "año", "pasado"],
    ],
    ongoing: &[
        "desde", "empezo", "comenzo", "sigue", "todavia", "aun", "vuelto", "volvio",
    ],
    unsure: &[
        "solo",
        "solamente",
        "se",
        "seguro",
        "segura",
        "para",
        "puedo",
        "aguanto",
        "soporto",
    ],
};

fn lists(language: Language) -> &'static Lists {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

/// Words of denying.
pub(super) fn is_not(word: &str, language: Language) -> bool {
    lists(language).not.contains(&word)
}

/// Words that are as good as a "not" inside a phrase: "can hardly breathe", "never authorized".
pub(super) fn is_hardly(word: &str, language: Language) -> bool {
    match language {
        Language::English => has(&["hardly", "barely", "scarcely", "never"], word),
        Language::Spanish => has(&["apenas", "nunca", "jamas"], word),
    }
}

/// Whether what is said from `span.0` to before `span.1` is denied.
pub(super) fn denied(words: &[String], span: (usize, usize), language: Language) -> bool {
    let lists = lists(language);
    let before = &words[..span.0.min(words.len())];
    let after = words.get(span.1..).unwrap_or_default();
    reaches(before, lists) || in_list(before, lists) || is_over(after, lists)
}

fn has(list: &[&str], word: &str) -> bool {
    list.contains(&word)
}

/// "no chest pain", "I do not have any chest pain".
fn reaches(before: &[String], lists: &Lists) -> bool {
    for (back, word) in before.iter().rev().take(BEFORE).enumerate() {
        if has(lists.not, word) {
            let next = before.get(before.len() - back).map_or("", String::as_str);
            return !has(lists.unsure, next) || has(lists.light, next);
        }
        if !has(lists.light, word) {
            return false;
        }
    }
    false
}

/// "no fever or chest pain".
fn in_list(before: &[String], lists: &Lists) -> bool {
    let joined = before
        .iter()
        .rev()
        .take(3)
        .find(|word| !has(lists.light, word))
        .is_some_and(|word| has(lists.or, word) && word != "and" && word != "y");
    joined
        && before
            .iter()
            .rev()
            .take(BEFORE + 2)
            .take_while(|word| !has(lists.bounds, word))
            .any(|word| has(lists.not, word))
}

/// "the chest pain is gone".
fn is_over(after: &[String], lists: &Lists) -> bool {
    let reach = after.len().min(AFTER);
    let reach = &after[..reach];
    let end = reach
        .iter()
        .position(|word| has(&["but", "pero", "and", "y"], word))
        .unwrap_or(reach.len());
    let reach = &reach[..end];
    // "is not gone", "since last year"
    if reach
        .iter()
        .any(|word| has(lists.not, word) || has(lists.ongoing, word))
    {
        return false;
    }
    lists
        .over
        .iter()
        .any(|over| (0..reach.len()).any(|at| follows(over, &reach[at..])))
}

/// Whether the words begin with these, one other word between two at most ("hace tres años").
fn follows(these: &[&str], words: &[String]) -> bool {
    let [first, rest @ ..] = these else {
        return true;
    };
    if words.first().is_none_or(|word| word != first) {
        return false;
    }
    rest.is_empty()
        || follows(rest, &words[1..])
        || words.get(2..).is_some() && follows(rest, &words[2..])
}
