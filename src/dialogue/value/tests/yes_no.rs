//! Yes and no.

use super::super::yes_no as read_answer;
use super::*;

fn read(text: &str, language: Language) -> Option<bool> {
    read_answer(&tokens_of(text), language).map(|answer| answer.yes)
}

fn all(language: Language, want: Option<bool>, texts: &[&str]) {
    let wrong: Vec<&&str> = texts
        .iter()
        .filter(|text| read(text, language) != want)
        .collect();
    assert!(wrong.is_empty(), "not {want:?}: {wrong:?}");
}

#[test]
fn english() {
    all(
        Language::English,
        Some(true),
        &[
            "yes",
            "Yes.",
            "yeah",
            "yep",
            "yup",
            "ya",
            "yes please",
            "um yes",
            "uh yeah",
            "yes it is",
            "that's right",
            "right",
            "that is correct",
            "correct",
            "sure",
            "sure thing",
            "okay",
            "ok",
            "all right",
            "exactly",
            "absolutely",
            "of course",
            "definitely",
            "yes thank you",
            "yes that's correct",
            "uh huh",
            "mm hm",
            "it is",
            "you got it",
            "that's my number, yes",
            "yes yes",
            "well yes",
            "indeed",
            "affirmative",
            "go ahead",
            "I guess so",
            "great",
            "looks good",
            "sounds good",
            "please do",
            "that works for me",
            "yes I'd like that",
        ],
    );
    all(
        Language::English,
        Some(false),
        &[
            "no",
            "No!",
            "nope",
            "nah",
            "no thank you",
            "no thanks",
            "um no",
            "no no",
            "not really",
            "that's wrong",
            "wrong",
            "that's not right",
            "not right",
            "incorrect",
            "that is not correct",
            "no it's not",
            "it isn't",
            "no that's wrong",
            "no it's four five six",
            "not quite",
            "negative",
            "absolutely not",
            "of course not",
            "I don't think so",
            "not at all",
            "not yet",
            "I do not",
            "know",
            "no no no",
            "that's not it",
            "nothing",
            "uh no sorry",
            "that is wrong",
            "no I want to return something",
        ],
    );
    all(
        Language::English,
        None,
        &[
            "",
            "I don't know",
            "maybe",
            "where is my order",
            "no problem",
            "know my number",
            "right now",
            "um",
            "four",
        ],
    );
}

#[test]
fn spanish() {
    all(
        Language::Spanish,
        Some(true),
        &[
            "sí",
            "si",
            "Sí.",
            "sí, claro",
            "claro",
            "claro que sí",
            "vale",
            "de acuerdo",
            "correcto",
            "es correcto",
            "eso es",
            "así es",
            "exacto",
            "exactamente",
            "por supuesto",
            "desde luego",
            "ok",
            "okay",
            "bueno",
            "está bien",
            "perfecto",
            "cierto",
            "es cierto",
            "afirmativo",
            "efectivamente",
            "en efecto",
            "dale",
            "adelante",
            "sí por favor",
            "sí, es correcto",
            "eh sí",
            "bueno, sí",
            "sí gracias",
            "cómo no",
            "sí es ese",
            "muy bien",
            "pues sí",
            "ese es mi número, sí",
        ],
    );
    all(
        Language::Spanish,
        Some(false),
        &[
            "no",
            "No.",
            "no no",
            "no gracias",
            "para nada",
            "en absoluto",
            "incorrecto",
            "no es correcto",
            "eso no es",
            "no es eso",
            "no es así",
            "está mal",
            "negativo",
            "claro que no",
            "por supuesto que no",
            "creo que no",
            "nada",
            "mejor no",
            "eh no",
            "bueno, no",
            "pues no",
            "nunca",
            "jamás",
            "ni hablar",
            "no, es cuatro cinco seis",
            "de ninguna manera",
            "no no no",
            "no, gracias",
            "falso",
            "tampoco",
            "no quiero",
        ],
    );
    all(
        Language::Spanish,
        None,
        &[
            "",
            "no sé",
            "no lo sé",
            "no entiendo",
            "quizás",
            "dónde está mi pedido",
            "eh",
            "cuatro",
            "si puedo elegir",
            "bien caliente",
        ],
    );
}

#[test]
fn what_follows_is_noticed() {
    let alone = |text: &str, language| {
        read_answer(&tokens_of(text), language).is_some_and(|answer| answer.alone)
    };
    for text in [
        "no thank you",
        "um yes please",
        "yes that's right yes",
        "yes sure",
    ] {
        assert!(alone(text, Language::English), "{text}");
    }
    for text in ["sí por favor", "no gracias", "sí claro correcto"] {
        assert!(alone(text, Language::Spanish), "{text}");
    }
    let last = read_answer(&tokens_of("no, sorry, yes"), Language::English);
    assert!(last.is_some_and(|last| last.yes && last.confidence == 500));
    assert!(!alone("no it's four five six", Language::English));
    assert!(!alone("yes what are your hours", Language::English));
    assert!(!alone("no, el quince", Language::Spanish));
}

#[test]
fn a_language_is_told_by_its_small_words() {
    for (text, want) in [
        ("I want to check my account", Some(Language::English)),
        ("where is my order", Some(Language::English)),
        ("quiero saber dónde está mi pedido", Some(Language::Spanish)),
        ("hola buenos días", Some(Language::Spanish)),
        ("necesito una cita para mañana", Some(Language::Spanish)),
        ("no", None),
        ("taxi", None),
        ("four five six", None),
        ("", None),
    ] {
        assert_eq!(language_of(&tokens_of(text)), want, "{text}");
    }
}
