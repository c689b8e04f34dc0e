//! Choices by name, place and number.

use super::*;

fn list(names: &[&[&str]]) -> Vec<Choice> {
    names
        .iter()
        .enumerate()
        .map(|(n, names)| Choice {
            value: format!("{}", n + 1),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        })
        .collect()
}

fn check(choices: &[Choice], language: Language, asked: bool, table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(text, want)| {
            let got = values(&choose(choices, &tokens_of(text), language, asked, true));
            (got != *want).then(|| format!("{text:?}: {got:?}, not {want:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn accounts() {
    let accounts = list(&[
        &["checking", "checking account", "current account"],
        &["savings", "savings account"],
        &["credit card", "visa"],
    ]);
    check(
        &accounts,
        Language::English,
        true,
        &[
            ("checking", "1"),
            ("my checking account please", "1"),
            ("the savings", "2"),
            ("saving", "2"),
            ("savings account", "2"),
            ("the credit card", "3"),
            ("visa", "3"),
            ("current account", "1"),
            ("cheking", "1"),
            ("checkin", "1"),
            ("chequing account", "1"),
            ("the first one", "1"),
            ("the second", "2"),
            ("second one", "2"),
            ("the last one", "3"),
            ("the third", "3"),
            ("number two", "2"),
            ("option 3", "3"),
            ("option three please", "3"),
            ("two", "2"),
            ("2", "2"),
            ("one", "1"),
            ("not checking, savings", "2"),
            ("savings not checking", "2"),
            ("checking, no, savings", "2"),
            ("checking, I mean savings", "2"),
            ("from checking to savings", "1 | 2"),
            ("number four", ""),
            ("either one", ""),
            ("anything but savings", ""),
            ("not the first one, the second", "2"),
            ("one moment", ""),
            ("I don't know", ""),
            ("where is my order", ""),
            ("the savings account, the second one", "2"),
        ],
    );
    check(
        &accounts,
        Language::English,
        false,
        &[
            ("move money from savings to checking", "2 | 1"),
            ("two", ""),
            ("the second one", "2"),
            ("chicken", ""),
            ("an appointment on the second", ""),
        ],
    );
}

#[test]
fn names_that_fit_two_give_both() {
    let people = list(&[
        &["Doctor Anna Smith"],
        &["Doctor John Smith"],
        &["Doctor Patel"],
        &["Doctor Nguyen"],
    ]);
    check(
        &people,
        Language::English,
        true,
        &[
            ("Smith", "1 | 2"),
            ("doctor smith", "1 | 2"),
            ("John Smith", "2"),
            ("Doctor Anna Smith", "1"),
            ("smyth", "1 | 2"),
            ("anna", "1"),
            ("Patel", "3"),
            ("patell", "3"),
            ("doctor pattel", "3"),
            ("nguyen please", "4"),
            ("Smith, the second one", "2"),
            ("the last one", "4"),
        ],
    );
}

#[test]
fn spanish() {
    let services = list(&[
        &["corte de pelo", "corte"],
        &["tinte", "color"],
        &["peinado"],
        &["cuenta de ahorros", "ahorros"],
    ]);
    check(
        &services,
        Language::Spanish,
        true,
        &[
            ("corte de pelo", "1"),
            ("un corte por favor", "1"),
            ("el tinte", "2"),
            ("color", "2"),
            ("peinado", "3"),
            ("peynado", "3"),
            ("la cuenta de ahorros", "4"),
            ("aorros", "4"),
            ("el primero", "1"),
            ("la segunda", "2"),
            ("el tercero", "3"),
            ("la última", "4"),
            ("el último", "4"),
            ("opción dos", "2"),
            ("el número tres", "3"),
            ("la dos", "2"),
            ("dos", "2"),
            ("no el corte, el tinte", "2"),
            ("el corte, perdón, el tinte", "2"),
            ("un momento", ""),
            ("no sé", ""),
        ],
    );
}

#[test]
fn a_name_said_rightly_is_surer_than_a_misheard_one() {
    let accounts = list(&[&["checking"], &["savings"]]);
    let of = |text: &str| {
        choose(&accounts, &tokens_of(text), Language::English, true, true)[0].confidence
    };
    assert!(of("checking") > of("cheking"));
    assert_eq!(of("savings"), 1000);
}
