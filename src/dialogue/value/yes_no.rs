//! Yes and no in the forms people use. What follows ("no, it's four five six") is left to the readers
//! of other values.

use super::said::fold;
use super::tongue::{courtesy, is_hesitation};
use crate::dialogue::reply::Confidence;
use crate::dialogue::spoken::Language;
use crate::dialogue::words::Token;
use std::ops::Range;

/// A yes or a no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YesNo {
    pub yes: bool,
    pub confidence: Confidence,
    /// Nothing else was said.
    pub alone: bool,
    pub words: Range<usize>,
}

// The longest match wins, so the order does not matter.
const NO: &[&str] = &[
    "not that one",
    "not yet",
    "i do not",
    "i dont",
    "no i dont",
    "no i do not",
    "no",
    "nope",
    "nah",
    "no no",
    "no no no",
    "know",
    "not really",
    "not quite",
    "not right",
    "not correct",
    "wrong",
    "thats wrong",
    "its wrong",
    "that is wrong",
    "thats not right",
    "that is not right",
    "thats not it",
    "thats not correct",
    "that is not correct",
    "its not",
    "it isnt",
    "that isnt right",
    "incorrect",
    "thats incorrect",
    "negative",
    "no way",
    "absolutely not",
    "certainly not",
    "of course not",
    "no its not",
    "no it isnt",
    "no thats wrong",
    "no thats not right",
    "not at all",
    "i dont think so",
    "never",
    "false",
    "nothing",
    "please dont",
    "dont",
    "id rather not",
    "i would rather not",
    "not today",
];
const YES: &[&str] = &[
    "you bet",
    "go for it",
    "im sure",
    "i guess so",
    "i think so",
    "i believe so",
    "looks good",
    "looks right",
    "thats great",
    "great",
    "sounds great",
    "thats perfect",
    "yes",
    "yeah",
    "yea",
    "ya",
    "yep",
    "yup",
    "yes yes",
    "yes it is",
    "yes thats right",
    "yes thats correct",
    "yeah thats right",
    "sure",
    "sure thing",
    "correct",
    "thats correct",
    "that is correct",
    "its correct",
    "right",
    "thats right",
    "that is right",
    "all right",
    "alright",
    "okay",
    "ok",
    "exactly",
    "absolutely",
    "definitely",
    "certainly",
    "of course",
    "indeed",
    "affirmative",
    "true",
    "thats it",
    "it is",
    "yes i do",
    "i do",
    "uh huh",
    "mm hm",
    "mhm",
    "uhhuh",
    "mmhm",
    "mm hmm",
    "m m h m",
    "you got it",
    "sounds right",
    "sounds good",
    "go ahead",
    "please do",
    "perfect",
    "that works",
    "works for me",
    "thats fine",
    "thats good",
    "id like that",
    "i would",
    "do it",
    "yes please",
    "lets do it",
    "why not",
];
const SPANISH_NO: &[&str] = &[
    "nada mas",
    "ninguno",
    "ninguna",
    "todavia no",
    "aun no",
    "no",
    "no no",
    "no no no",
    "que no",
    "para nada",
    "en absoluto",
    "incorrecto",
    "es incorrecto",
    "no es correcto",
    "no es asi",
    "no es eso",
    "eso no es",
    "no es",
    "esta mal",
    "eso esta mal",
    "negativo",
    "nunca",
    "jamas",
    "claro que no",
    "por supuesto que no",
    "desde luego que no",
    "creo que no",
    "me parece que no",
    "nada",
    "tampoco",
    "mejor no",
    "falso",
    "no gracias",
    "ni hablar",
    "de ninguna manera",
    "no quiero",
    "no esta bien",
    "no correcto",
];
const SPANISH_YES: &[&str] = &[
    "creo que asi es",
    "asi esta bien",
    "genial",
    "eso mismo",
    "estupendo",
    "esa es",
    "ese es",
    "esta correcto",
    "todo correcto",
    "todo bien",
    "si",
    "si si",
    "que si",
    "si claro",
    "claro",
    "claro que si",
    "por supuesto",
    "desde luego",
    "vale",
    "de acuerdo",
    "correcto",
    "es correcto",
    "eso es",
    "asi es",
    "exacto",
    "exactamente",
    "ok",
    "okay",
    "okey",
    "okei",
    "bueno",
    "muy bien",
    "esta bien",
    "bien",
    "perfecto",
    "afirmativo",
    "cierto",
    "es cierto",
    "verdad",
    "efectivamente",
    "en efecto",
    "dale",
    "adelante",
    "sip",
    "si por favor",
    "si es correcto",
    "si eso es",
    "si asi es",
    "por supuesto que si",
    "creo que si",
    "como no",
    "venga",
    "aja",
    "aha",
    "me parece bien",
    "hagalo",
    "confirmo",
    "lo confirmo",
];

/// Reads a yes or no at the start of a turn (after hesitation and courtesy), or at its end.
pub fn yes_no(tokens: &[Token], language: Language) -> Option<YesNo> {
    let folded: Vec<String> = tokens.iter().map(|token| fold(&token.text)).collect();
    let words: Vec<&str> = folded.iter().map(String::as_str).collect();
    let start = skip(&words, 0, language);
    // Whole phrase first, because "mm" and "bueno" are also hesitations; but "bueno, no" is a no.
    let first = phrase(&words, language).map(|found| (0, found));
    let later = phrase(&words[start..], language).map(|found| (start, found));
    let chosen = match (first, later) {
        (Some((_, (_, len))), Some(later)) if start > 0 && len <= start => Some(later),
        (first, later) => first.or(later),
    };
    if let Some((from, (yes, len))) = chosen {
        if let Some(last) = taken_back(tokens, &words, from + len, yes, language) {
            return Some(last);
        }
        let alone = rest_is_same(&words, from + len, yes, language);
        return Some(answer(yes, tokens, from..from + len, alone));
    }
    let end = trailing(&words)?;
    let (yes, len) = phrase(&words[end..], language)?;
    Some(answer(yes, tokens, end..end + len, false))
}

/// "yes, no", "no, sorry, yes": the last counts, but is half as sure.
fn taken_back(
    tokens: &[Token],
    words: &[&str],
    at: usize,
    yes: bool,
    language: Language,
) -> Option<YesNo> {
    const MARKS: [&str; 10] = [
        "sorry", "wait", "actually", "perdon", "perdona", "perdone", "digo", "espera", "espere",
        "oh",
    ];
    let mut at = skip(words, at, language);
    while words.get(at).is_some_and(|word| MARKS.contains(word)) {
        at = skip(words, at + 1, language);
    }
    let (other, len) = phrase(words.get(at..)?, language)?;
    let ends = skip(words, at + len, language) == words.len();
    (other != yes && ends).then(|| {
        let last = answer(other, tokens, at..at + len, true);
        YesNo {
            confidence: last.confidence / 2,
            ..last
        }
    })
}

/// Nothing but courtesy and the same answer in other words follows.
fn rest_is_same(words: &[&str], mut at: usize, yes: bool, language: Language) -> bool {
    loop {
        at = skip(words, at, language);
        if at >= words.len() {
            return true;
        }
        match phrase(&words[at..], language) {
            Some((same, len)) if same == yes => at += len,
            _ => return false,
        }
    }
}

fn answer(yes: bool, tokens: &[Token], words: Range<usize>, alone: bool) -> YesNo {
    let confidence = tokens[words.clone()]
        .iter()
        .map(|token| token.confidence)
        .min()
        .unwrap_or(0);
    YesNo {
        yes,
        confidence,
        alone,
        words,
    }
}

/// First position from `at` on that is neither hesitation nor courtesy.
fn skip(words: &[&str], mut at: usize, language: Language) -> usize {
    loop {
        let rest = words.get(at..).unwrap_or(&[]);
        match rest.first() {
            Some(word) if is_hesitation(word, language) => at += 1,
            // "okay" and "vale" are courtesies elsewhere, but answers here.
            Some(&("okay" | "vale")) | None => return at,
            Some(_) => match courtesy(rest, language) {
                0 => return at,
                len => at += len,
            },
        }
    }
}

/// The longest yes or no phrase that `words` start with.
fn phrase(words: &[&str], language: Language) -> Option<(bool, usize)> {
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
    let (yes, no) = match language {
        Language::English => (longest(YES), longest(NO)),
        Language::Spanish => (longest(SPANISH_YES), longest(SPANISH_NO)),
    };
    let len = yes.max(no);
    if len == 0 {
        return None;
    }
    let (said, rest) = words.split_at(len);
    let other = match language {
        Language::English => other_english(said, rest),
        Language::Spanish => other_spanish(said, rest),
    };
    (!other).then_some((yes > no, len))
}

/// "no problem", "not right now" and the like are no answers to us; "right now" neither.
fn other_english(said: &[&str], rest: &[&str]) -> bool {
    match (said, rest) {
        (_, ["problem" | "now" | "idea" | "clue" | "matter", ..]) => true,
        (
            ["know" | "dont" | "nothing" | "never"] | ["i", "do" | "would"] | ["do", "it"],
            [_, ..],
        ) => true,
        (["great" | "true"] | ["i", "dont"] | ["i", "do", "not"], [_, ..]) => {
            courtesy(rest, Language::English) == 0
        }
        _ => false,
    }
}

/// "no sé", "no lo sé", "si no", "bien caliente": none either.
fn other_spanish(said: &[&str], rest: &[&str]) -> bool {
    match (said, rest) {
        (["no"], ["lo", "se", ..]) => true,
        (["no"], [next, ..]) => matches!(
            *next,
            "se" | "entiendo"
                | "entendi"
                | "recuerdo"
                | "tengo"
                | "puedo"
                | "funciona"
                | "encuentro"
                | "me"
                | "he"
                | "hay"
        ),
        (["si"], ["no" | "puedo" | "puede" | "tengo", ..]) => true,
        (["bien" | "verdad" | "nada" | "nunca"], [_, ..]) => true,
        _ => false,
    }
}

/// "that's my number, yes": where a one-word answer at the end starts.
fn trailing(words: &[&str]) -> Option<usize> {
    let last = words.len().checked_sub(1)?;
    matches!(
        words[last],
        "yes"
            | "yeah"
            | "yep"
            | "no"
            | "nope"
            | "correct"
            | "right"
            | "wrong"
            | "si"
            | "correcto"
            | "exacto"
    )
    .then_some(last)
}
