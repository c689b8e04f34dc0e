//! Spoken forms of digits and what is to be made of them.

use super::*;
use crate::dialogue::words::tokens_of;

fn six(text: &str) -> Option<String> {
    digits(&tokens_of(text), Some(6)).map(|digits| digits.value)
}

#[test]
fn six_digits_are_read_in_any_usual_form() {
    const TABLE: [(&str, &str); 74] = [
        // one by one
        ("four five six seven one two", "456712"),
        ("456712", "456712"),
        ("4 5 6 7 1 2", "456712"),
        ("456 712", "456712"),
        ("456-712.", "456712"),
        ("45 67 12", "456712"),
        ("zero one two three four five", "012345"),
        ("oh one two three four five", "012345"),
        ("four oh six seven oh two", "406702"),
        ("four o six seven o two", "406702"),
        ("nought nil six seven one two", "006712"),
        ("niner fife six seven one two", "956712"),
        // double, triple
        ("double four five six seven one", "445671"),
        ("four double five seven one two", "455712"),
        ("triple seven one two three", "777123"),
        ("treble nine double oh one", "999001"),
        ("nine nine nine triple zero", "999000"),
        ("double four double five double six", "445566"),
        ("four five six seven double one", "456711"),
        ("double 4 5 6 7 1", "445671"),
        // groups
        ("forty five sixty seven twelve", "456712"),
        ("four fifty six seven twelve", "456712"),
        ("four five six seven twelve", "456712"),
        ("forty five sixty seven one two", "456712"),
        ("ninety nine ninety eighty seven", "999087"),
        ("twelve thirty four fifty six", "123456"),
        ("eleven twelve thirteen", "111213"),
        ("ten twenty thirty", "102030"),
        ("four hundred fifty six seven hundred twelve", "456712"),
        ("four hundred and fifty six seven hundred and twelve", "456712"),
        ("nine hundred ninety nine triple zero", "999000"),
        ("one hundred two hundred", "100200"),
        ("forty five hundred sixty seven twelve", "456712"),
        ("four hundred fifty six thousand seven hundred twelve", "456712"),
        ("four hundred fifty six thousand seven hundred and twelve", "456712"),
        ("nine hundred ninety nine thousand", "999000"),
        ("four five six seven hundred twelve", "456712"),
        ("twenty oh five sixty one", "200561"),
        ("three eighteen two oh four", "318204"),
        ("three hundred eighteen two zero four", "318204"),
        // hesitation and fillers
        ("um four five uh six seven one two", "456712"),
        ("four five six and then seven one two", "456712"),
        ("four five six dash seven one two", "456712"),
        ("well four five six hmm seven one two", "456712"),
        ("four five six, seven one two please", "456712"),
        ("it's four five six seven one two thank you", "456712"),
        ("my order number is four five six seven one two", "456712"),
        ("where is order four five six seven one two", "456712"),
        ("yes it's four five six that's seven one two", "456712"),
        ("I have two orders, the first is four five six seven one two", "456712"),
        ("order number 456712 from last week", "456712"),
        // homophones
        ("for five six seven one two", "456712"),
        ("four five six seven one to", "456712"),
        ("four five six seven won too", "456712"),
        ("for five sicks seven won to", "456712"),
        ("free won ate to oh for", "318204"),
        ("three one ate two oh for", "318204"),
        ("tree one eight two zero four", "318204"),
        ("the status for four five six seven one two", "456712"),
        ("to four five six seven one two too", "456712"),
        ("four five six seven one two to", "456712"),
        ("oh four five six seven one two", "456712"),
        ("oh it's four five six seven one two", "456712"),
        ("nein nein nein zero zero zero", "999000"),
        ("forty to sixty for won ate", "426418"),
        // corrections
        ("four five six seven one three no two", "456712"),
        ("four five six seven one three sorry one two", "456712"),
        ("four five seven no four five six seven one two", "456712"),
        ("three one eight two oh four I mean four five six seven one two", "456712"),
        ("no four five six seven one two", "456712"),
        ("four five six eight one two, no, seven one two", "456712"),
        ("nine nine nine wait four five six seven one two", "456712"),
        ("one two three actually four five six seven one two", "456712"),
        ("no no it's four five six seven one two", "456712"),
    ];
    for (said, expected) in TABLE {
        assert_eq!(six(said).as_deref(), Some(expected), "{said:?}");
    }
}

#[test]
fn a_part_of_the_number_is_kept_as_a_part() {
    for (said, expected) in [
        ("four five six", "456"),
        ("order for four five six", "456"),
        ("it's for five six", "56"),
        ("no four five six", "456"),
        ("four five six seven one", "45671"),
        ("four five six seven one two nine", "4567129"),
    ] {
        assert_eq!(six(said).as_deref(), Some(expected), "{said:?}");
    }
}

#[test]
fn words_without_digits_give_none() {
    for said in ["", "where is my order", "for you to see", "to be or not to be", "double trouble", "hundred", "no", "thousand to"] {
        assert_eq!(six(said), None, "{said:?}");
    }
}

#[test]
fn a_number_word_that_may_go_on_hangs() {
    let hanging = |text: &str| digits(&tokens_of(text), Some(6)).is_some_and(|digits| digits.hanging);
    for text in ["forty five sixty seven seventy", "four hundred", "four five six double", "four five and"] {
        assert!(hanging(text), "{text}");
    }
    assert!(!hanging("four five six seven one two"));
}

#[test]
fn a_doubtful_word_lowers_the_confidence() {
    let of = |text: &str| digits(&tokens_of(text), Some(6)).map_or(0, |digits| digits.confidence);
    assert!(of("for five six seven one two") < of("four five six seven one two"));
}

#[test]
fn a_stuttered_digit_is_dropped_where_it_is_least_certain() {
    let mut heard = digits(&tokens_of("three three one four one one five"), Some(6)).expect("digits");
    heard.each[5] = 400;
    assert_eq!(unstutter(&heard, 6).map(|digits| digits.value).as_deref(), Some("331415"));
    let plain = digits(&tokens_of("three one four one five nine two"), Some(6)).expect("digits");
    assert_eq!(unstutter(&plain, 6), None);
}

#[test]
fn huge_numbers_do_not_overflow() {
    let text = "nine hundred ninety nine thousand nine hundred ninety nine ".repeat(10);
    assert!(digits(&tokens_of(&text), Some(6)).is_some());
    assert!(digits(&tokens_of(&"9".repeat(5000)), None).is_some());
}
