//! Spoken forms of digits and what is to be made of them.

use super::*;

const SIX: Kind = Kind::Digits { min: 6, max: 6 };

#[test]
fn six_digits_are_read_in_any_usual_form() {
    hold(
        &SIX,
        Language::English,
        true,
        &[
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
            (
                "four hundred and fifty six seven hundred and twelve",
                "456712",
            ),
            ("nine hundred ninety nine triple zero", "999000"),
            ("one hundred two hundred", "100200"),
            ("forty five hundred sixty seven twelve", "456712"),
            (
                "four hundred fifty six thousand seven hundred twelve",
                "456712",
            ),
            (
                "four hundred fifty six thousand seven hundred and twelve",
                "456712",
            ),
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
            (
                "I have two orders, the first is four five six seven one two",
                "456712",
            ),
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
            (
                "three one eight two oh four I mean four five six seven one two",
                "456712",
            ),
            ("no four five six seven one two", "456712"),
            ("four five six eight one two, no, seven one two", "456712"),
            ("nine nine nine wait four five six seven one two", "456712"),
            (
                "one two three actually four five six seven one two",
                "456712",
            ),
            ("no no it's four five six seven one two", "456712"),
        ],
    );
}

#[test]
fn six_digits_in_spanish() {
    hold(
        &SIX,
        Language::Spanish,
        true,
        &[
            ("cuatro cinco seis siete uno dos", "456712"),
            ("456712", "456712"),
            ("cuarenta y cinco sesenta y siete doce", "456712"),
            ("cuarenta y cinco, sesenta y siete, doce", "456712"),
            ("cero uno dos tres cuatro cinco", "012345"),
            ("doble cuatro cinco seis siete uno", "445671"),
            ("triple siete uno dos tres", "777123"),
            ("cuatro doble cinco siete uno dos", "455712"),
            ("veintitrés cuarenta y cinco sesenta y siete", "234567"),
            ("veintidós veintiuno veintinueve", "222129"),
            ("cuatrocientos cincuenta y seis setecientos doce", "456712"),
            (
                "cuatrocientos cincuenta y seis mil setecientos doce",
                "456712",
            ),
            ("ciento veintitrés cuatrocientos cincuenta y seis", "123456"),
            ("mi número es cuatro cinco seis siete uno dos", "456712"),
            ("eh cuatro cinco seis pues siete uno dos gracias", "456712"),
            (
                "es el cuatro cinco seis, siete uno dos, por favor",
                "456712",
            ),
            ("cuatro cinco seis siete uno tres, perdón, dos", "456712"),
            (
                "uno dos tres, no, cuatro cinco seis siete uno dos",
                "456712",
            ),
            (
                "cuatro cinco seis ocho uno dos quiero decir siete uno dos",
                "456712",
            ),
            ("no, es cuatro cinco seis siete uno dos", "456712"),
            ("sinco cuatro tres dos uno sero", "543210"),
            ("diez veinte treinta", "102030"),
            ("cuatro cinco seis", "456"),
            ("", ""),
            ("un momento", ""),
            ("quiero hablar con una persona", ""),
            ("dónde está mi pedido", ""),
        ],
    );
}

#[test]
fn a_part_of_the_number_is_kept_as_a_part() {
    hold(
        &SIX,
        Language::English,
        true,
        &[
            ("four five six", "456"),
            ("order for four five six", "456"),
            ("it's for five six", "56"),
            ("no four five six", "456"),
            ("four five six seven one", "45671"),
        ],
    );
    assert!(said(&SIX, "four five six", Language::English, true)[0].partial);
    let long = said(
        &SIX,
        "four five six seven one two nine",
        Language::English,
        true,
    );
    assert_eq!((long[0].value.as_str(), long[0].confidence), ("4567129", 0));
}

#[test]
fn words_without_digits_give_none() {
    hold(
        &SIX,
        Language::English,
        true,
        &[
            ("", ""),
            ("where is my order", ""),
            ("for you to see", ""),
            ("to be or not to be", ""),
            ("double trouble", ""),
            ("hundred", ""),
            ("no", ""),
            ("thousand to", ""),
            ("one moment please", ""),
            ("I have one question", ""),
            ("which one do you mean", ""),
        ],
    );
}

#[test]
fn without_a_question_only_whole_numbers_count() {
    let kind = Kind::Digits { min: 4, max: 10 };
    hold(
        &kind,
        Language::English,
        false,
        &[
            ("my account is four five six seven eight", "45678"),
            ("from 4455 to 7788", "4455 | 7788"),
            (
                "transfer fifty dollars from 4455 to 7788 please",
                "4455 | 7788",
            ),
            ("I have two questions", ""),
            ("I need two hundred dollars", ""),
            ("for four days", ""),
            ("I was born on march 3 1985", ""),
            ("order 456712 from march 3 1985", "456712"),
        ],
    );
}

#[test]
fn lengths_may_vary() {
    let kind = Kind::Digits { min: 4, max: 8 };
    hold(
        &kind,
        Language::English,
        true,
        &[
            ("four five six seven", "4567"),
            ("four five six seven eight", "45678"),
            ("it's for five six seven eight", "5678"),
            ("four five six seven to", "45672"),
            ("four five six seven to my savings", "4567"),
            ("four five", "45"),
            ("four five six seven, no, four five six eight", "4568"),
            ("forty five sixty seven", "4567"),
        ],
    );
}

#[test]
fn a_number_word_that_may_go_on_hangs() {
    let hanging = |text: &str| said(&SIX, text, Language::English, true)[0].hanging;
    for text in [
        "forty five sixty seven seventy",
        "four hundred",
        "four five six double",
        "four five and",
    ] {
        assert!(hanging(text), "{text}");
    }
    assert!(!hanging("four five six seven one two"));
}

#[test]
fn a_doubtful_word_lowers_the_confidence() {
    let of = |text: &str| said(&SIX, text, Language::English, true)[0].confidence;
    assert!(of("for five six seven one two") < of("four five six seven one two"));
}

#[test]
fn a_stuttered_digit_is_dropped_where_it_is_least_certain() {
    let mut tokens = tokens_of("three three one four one one five");
    tokens[5].confidence = 400;
    let found = find(&SIX, &tokens, Language::English, now(), true);
    assert_eq!(values(&found), "331415");
    assert!(found[0].corrected);
}

#[test]
fn huge_numbers_do_not_overflow() {
    let text = "nine hundred ninety nine thousand nine hundred ninety nine million ".repeat(10);
    for kind in [
        SIX,
        Kind::Amount,
        Kind::Count,
        Kind::Date,
        Kind::Time,
        Kind::Phone,
    ] {
        let _ = said(&kind, &text, Language::English, true);
        let _ = said(&kind, &"9".repeat(5000), Language::English, true);
        let _ = said(&kind, &"999 ".repeat(100), Language::English, true);
    }
}

#[test]
fn telephone_numbers() {
    hold(
        &Kind::Phone,
        Language::English,
        true,
        &[
            ("two oh two five five five oh one two three", "2025550123"),
            ("202-555-0123", "2025550123"),
            ("(202) 555 0123", "2025550123"),
            (
                "plus one two oh two five five five oh one two three",
                "+12025550123",
            ),
            ("+1 202 555 0123", "12025550123"),
            (
                "my number is two oh two, triple five, zero one two three",
                "2025550123",
            ),
            ("it's five five five oh one two three", "5550123"),
            (
                "plus forty four two zero seven nine four six zero nine five eight",
                "+442079460958",
            ),
            (
                "eight hundred five five five oh one two three",
                "8005550123",
            ),
            (
                "two oh two five five five oh one two three no four",
                "2025550124",
            ),
            ("five five five", "555"),
            ("you have it", ""),
        ],
    );
    hold(
        &Kind::Phone,
        Language::Spanish,
        true,
        &[
            (
                "seiscientos doce treinta y cuatro cincuenta y seis setenta y ocho",
                "612345678",
            ),
            (
                "seis uno dos tres cuatro cinco seis siete ocho",
                "612345678",
            ),
            (
                "más treinta y cuatro seis uno dos tres cuatro cinco seis siete ocho",
                "+34612345678",
            ),
            ("mi teléfono es el 612 345 678", "612345678"),
            (
                "dos cero dos, cinco cinco cinco, cero uno dos tres",
                "2025550123",
            ),
        ],
    );
    hold(
        &Kind::Phone,
        Language::English,
        false,
        &[
            ("call me at 202 555 0123", "2025550123"),
            ("I have two accounts", ""),
        ],
    );
}
