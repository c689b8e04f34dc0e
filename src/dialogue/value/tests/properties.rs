//! Any words give values without a panic, inside the turn, in bounded work.

use super::super::yes_no as read_answer;
use super::*;
use proptest::prelude::*;

const WORDS: [&str; 96] = [
    "one",
    "two",
    "three",
    "to",
    "for",
    "oh",
    "ten",
    "twelve",
    "twenty",
    "fifty",
    "hundred",
    "thousand",
    "million",
    "double",
    "triple",
    "and",
    "no",
    "not",
    "sorry",
    "the",
    "of",
    "a",
    "half",
    "quarter",
    "past",
    "dollars",
    "cents",
    "point",
    "march",
    "may",
    "monday",
    "friday",
    "next",
    "last",
    "this",
    "week",
    "weeks",
    "in",
    "from",
    "ago",
    "first",
    "second",
    "third",
    "fifteenth",
    "1",
    "15",
    "250",
    "1985",
    "2026",
    "03151985",
    "th",
    "pm",
    "am",
    "p",
    "m",
    "noon",
    "oclock",
    "b",
    "as",
    "bravo",
    "x",
    "are",
    "you",
    "smith",
    "savings",
    "option",
    "number",
    "uno",
    "dos",
    "veinte",
    "cuarenta",
    "y",
    "cien",
    "doscientos",
    "mil",
    "millones",
    "doble",
    "el",
    "la",
    "las",
    "de",
    "marzo",
    "lunes",
    "mañana",
    "pasado",
    "media",
    "menos",
    "cuarto",
    "para",
    "con",
    "sino",
    "perdón",
    "be",
    "ese",
    "último",
    "que",
];

fn kinds() -> Vec<Kind> {
    vec![
        Kind::Digits { min: 6, max: 6 },
        Kind::Digits { min: 0, max: 0 },
        Kind::Digits { min: 4, max: 10 },
        Kind::Amount,
        Kind::Count,
        Kind::Date,
        Kind::Time,
        Kind::Letters { min: 1, max: 20 },
        Kind::Code { min: 3, max: 10 },
        Kind::Phone,
        Kind::YesNo,
        Kind::Text,
    ]
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let tokens = tokens_of(text);
    let choices = [
        Choice {
            value: "a".into(),
            names: vec!["savings".into(), "savings account".into(), String::new()],
        },
        Choice {
            value: "b".into(),
            names: vec!["Doctor Smith".into()],
        },
    ];
    for language in Language::ALL {
        for asked in [false, true] {
            for kind in kinds() {
                for found in find(&kind, &tokens, language, now(), asked) {
                    prop_assert!(found.words.start <= found.words.end);
                    prop_assert!(found.words.end <= tokens.len());
                    prop_assert!(found.confidence <= 1000 && !found.value.is_empty());
                    prop_assert!(
                        found.partial || found.confidence == 0 || kind.fits(&found.value),
                        "{:?} {:?}",
                        kind,
                        found
                    );
                }
            }
            for found in choose(&choices, &tokens, language, asked, true) {
                prop_assert!(found.words.end <= tokens.len());
            }
        }
        let _ = read_answer(&tokens, language);
        let _ = period(&tokens, language);
        let _ = regroup_said("456712", &tokens, language);
        let words: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        let _ = (
            tongue::essence(&words, language),
            tongue::hangs(&words, language),
        );
    }
    let _ = language_of(&tokens);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_known_words_in_any_order(words in proptest::collection::vec(0..WORDS.len(), 0..24)) {
        let text: Vec<&str> = words.into_iter().map(|n| WORDS[n]).collect();
        check(&text.join(" "))?;
    }

    #[test]
    fn any_text(text in "\\PC{0,120}") {
        check(&text)?;
    }

    #[test]
    fn any_keys(entry in "[0-9*#]{0,20}") {
        for kind in kinds() {
            for language in Language::ALL {
                let _ = keyed(&kind, &entry, now(), language);
            }
        }
    }

    #[test]
    fn any_correction(old in "[0-9]{0,12}", said in "\\PC{0,12}") {
        let _ = regroup(&old, &said);
    }
}

#[test]
fn endless_turns_are_bounded() {
    for word in WORDS {
        check(&format!("{word} ").repeat(200)).expect("no panic");
    }
}
