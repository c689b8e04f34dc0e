//! Times and parts of a day.

use super::*;
use jiff::civil::time as clock;

#[test]
fn times_where_they_are_asked_for() {
    hold(
        &Kind::Time,
        Language::English,
        true,
        &[
            ("three", "15:00"),
            ("at three", "15:00"),
            ("three o'clock", "15:00"),
            ("three pm", "15:00"),
            ("3 p.m.", "15:00"),
            ("3pm", "15:00"),
            ("three am", "03:00"),
            ("nine", "09:00"),
            ("nine in the morning", "09:00"),
            ("nine at night", "21:00"),
            ("half past three", "15:30"),
            ("half three", "15:30"),
            ("quarter to four", "15:45"),
            ("a quarter to four", "15:45"),
            ("quarter past nine", "09:15"),
            ("quarter after nine", "09:15"),
            ("ten past three", "15:10"),
            ("twenty to four", "15:40"),
            ("five minutes to four", "15:55"),
            ("three thirty", "15:30"),
            ("three thirty pm", "15:30"),
            ("three oh five", "15:05"),
            ("nine forty five", "09:45"),
            ("ten forty five am", "10:45"),
            ("14:30", "14:30"),
            ("2:30 pm", "14:30"),
            ("1430", "14:30"),
            ("fifteen thirty", "15:30"),
            ("fifteen hundred hours", "15:00"),
            ("twenty thirty", "20:30"),
            ("noon", "12:00"),
            ("oh nine hundred", "09:00"),
            ("zero nine thirty", "09:30"),
            ("the second one", ""),
            ("not at seven at eight", "08:00"),
            ("seven or seven thirty", "19:00 | 19:30"),
            ("at noon please", "12:00"),
            ("midnight", "00:00"),
            ("twelve", "12:00"),
            ("twelve thirty", "12:30"),
            ("twelve at night", "00:00"),
            ("seven in the evening", "19:00"),
            ("seven tonight", "19:00"),
            ("tomorrow afternoon at four", "16:00"),
            ("tomorrow morning at eight", "08:00"),
            ("quarter to one", "12:45"),
            ("three, no, four", "16:00"),
            ("at three, sorry, four thirty", "16:30"),
            ("not three but four", "16:00"),
            ("four not three", "16:00"),
            ("March 3 at 4 pm", "16:00"),
            ("three people", ""),
            ("one moment", ""),
            ("I don't know", ""),
            ("the third", ""),
        ],
    );
}

#[test]
fn times_that_nobody_asked_for() {
    hold(
        &Kind::Time,
        Language::English,
        false,
        &[
            ("book a table for four tomorrow at seven", "19:00"),
            ("a table for two at seven thirty tonight", "19:30"),
            ("an appointment at nine on Monday", "09:00"),
            ("half past ten would be good", "10:30"),
            ("move it to 3 pm", "15:00"),
            ("a table for four", ""),
            ("my account is 1430", ""),
            ("twelve main street", ""),
            ("I live at 12 main street", ""),
        ],
    );
}

#[test]
fn times_in_spanish() {
    hold(
        &Kind::Time,
        Language::Spanish,
        true,
        &[
            ("a las tres", "15:00"),
            ("las tres", "15:00"),
            ("tres", "15:00"),
            ("a las tres y media de la tarde", "15:30"),
            ("las tres y media", "15:30"),
            ("a las nueve y cuarto", "09:15"),
            ("a las cuatro menos cuarto", "15:45"),
            ("a las cuatro menos veinte", "15:40"),
            ("a las tres y diez", "15:10"),
            ("a las tres y cinco", "15:05"),
            ("a la una", "13:00"),
            ("a la una y media", "13:30"),
            ("a la una menos cuarto", "12:45"),
            ("a las nueve de la mañana", "09:00"),
            ("a las nueve de la noche", "21:00"),
            ("a las doce de la noche", "00:00"),
            ("a las doce de la mañana", "12:00"),
            ("al mediodía", "12:00"),
            ("a medio día", "12:00"),
            ("a medianoche", "00:00"),
            ("a las tres en punto", "15:00"),
            ("tres treinta", "15:30"),
            ("a las 15:30", "15:30"),
            ("a las quince treinta", "15:30"),
            ("a las 3 pm", "15:00"),
            ("cuarto para las cuatro", "15:45"),
            ("diez para las cuatro", "15:50"),
            ("a las diez de la mañana por favor", "10:00"),
            ("mañana por la tarde a las cinco", "17:00"),
            ("a las tres, no, a las cuatro", "16:00"),
            ("a las tres, perdón, a las cuatro", "16:00"),
            ("no a las tres sino a las cuatro", "16:00"),
            ("cuatro personas", ""),
            ("un momento", ""),
        ],
    );
    hold(
        &Kind::Time,
        Language::Spanish,
        false,
        &[
            ("una mesa para cuatro mañana a las nueve", "09:00"),
            ("una cita a las diez y media", "10:30"),
            ("una mesa para cuatro", ""),
            ("la cuenta tres", ""),
        ],
    );
}

#[test]
fn the_other_half_of_the_day_is_an_alternative() {
    hold_readings(
        &Kind::Time,
        Language::English,
        &[
            ("three", "15:00 / 03:00"),
            ("nine", "09:00 / 21:00"),
            ("seven thirty", "19:30 / 07:30"),
            ("twelve", "12:00 / 00:00"),
            ("three pm", "15:00"),
            ("14:30", "14:30"),
        ],
    );
}

#[test]
fn parts_of_a_day() {
    let of = |text: &str, language| {
        period(&tokens_of(text), language).map(|period| (period.from.hour(), period.to.hour()))
    };
    for (text, want) in [
        ("in the morning", Some((6, 12))),
        ("tomorrow afternoon", Some((12, 18))),
        ("Friday evening", Some((17, 21))),
        ("late afternoon", Some((15, 18))),
        ("after three", Some((15, 23))),
        ("before noon", Some((0, 12))),
        ("between two and four", Some((14, 16))),
        ("between ten and one", Some((10, 13))),
        ("good morning", None),
        ("at three", None),
    ] {
        assert_eq!(of(text, Language::English), want, "{text}");
    }
    for (text, want) in [
        ("por la mañana", Some((6, 12))),
        ("mañana", None),
        ("el martes por la tarde", Some((12, 20))),
        ("después de las tres", Some((15, 23))),
        ("antes de las doce", Some((0, 12))),
        ("entre las dos y las cuatro", Some((14, 16))),
        ("esta noche", Some((20, 23))),
    ] {
        assert_eq!(of(text, Language::Spanish), want, "{text}");
    }
    let night = period(&tokens_of("tonight"), Language::English).expect("a period");
    assert_eq!(night.to, clock(23, 59, 0, 0));
}
