//! Days, seen from Sunday, November 29th, 2026.

use super::*;

#[test]
fn days_where_they_are_asked_for() {
    hold(
        &Kind::Date,
        Language::English,
        true,
        &[
            ("today", "2026-11-29"),
            ("tomorrow", "2026-11-30"),
            ("tomorrow please", "2026-11-30"),
            ("the day after tomorrow", "2026-12-01"),
            ("yesterday", "2026-11-28"),
            ("Monday", "2026-11-30"),
            ("on Wednesday", "2026-12-02"),
            ("this Friday", "2026-12-04"),
            ("next Friday", "2026-12-04"),
            ("last Friday", "2026-11-27"),
            ("Friday next week", "2026-12-04"),
            ("Sunday", "2026-12-06"),
            ("the 15th", "2026-12-15"),
            ("the fifteenth", "2026-12-15"),
            ("on the 30th", "2026-11-30"),
            ("fifteenth", "2026-12-15"),
            ("the third", "2026-12-03"),
            ("fifteen", "2026-12-15"),
            ("March third", "2027-03-03"),
            ("March 3rd", "2027-03-03"),
            ("March 3", "2027-03-03"),
            ("march the third", "2027-03-03"),
            ("the third of March", "2027-03-03"),
            ("3 March", "2027-03-03"),
            ("December twenty first", "2026-12-21"),
            ("december twenty one", "2026-12-21"),
            ("3/15", "2027-03-15"),
            ("3/15/2026", "2026-03-15"),
            ("03/15/85", "1985-03-15"),
            ("2026-12-24", "2026-12-24"),
            ("in two weeks", "2026-12-13"),
            ("in a week", "2026-12-06"),
            ("in 3 days", "2026-12-02"),
            ("two weeks ago", "2026-11-15"),
            ("a week from Monday", "2026-12-07"),
            ("two weeks from tomorrow", "2026-12-14"),
            ("a week from today", "2026-12-06"),
            ("in a month", "2026-12-29"),
            ("March third nineteen eighty five", "1985-03-03"),
            ("the third of March 1985", "1985-03-03"),
            ("march 3rd eighty five", "1985-03-03"),
            ("April first two thousand and five", "2005-04-01"),
            ("april first two thousand", "2000-04-01"),
            ("July fourth nineteen oh five", "1905-07-04"),
            ("June 10 2026", "2026-06-10"),
            ("oh three fifteen nineteen eighty five", "1985-03-15"),
            ("zero three one five one nine eight five", "1985-03-15"),
            ("Friday March fifth", "2027-03-05"),
            ("Tuesday the 15th", "2026-12-15"),
            ("tuesday the fifteenth of december", "2026-12-15"),
            ("May fifth", "2027-05-05"),
            ("february 29th", "2028-02-29"),
            ("no, the 15th, not the 16th", "2026-12-15"),
            ("not the 16th, the 15th", "2026-12-15"),
            ("the 16th, sorry, the 15th", "2026-12-15"),
            ("Monday, I mean Tuesday", "2026-12-01"),
            ("March third, no, the fourth", "2027-03-04"),
            ("not Monday but Wednesday", "2026-12-02"),
            ("Monday instead of Tuesday", "2026-11-30"),
            ("Monday or Tuesday", "2026-11-30 | 2026-12-01"),
            ("the 15th at three thirty", "2026-12-15"),
            ("tomorrow at three", "2026-11-30"),
            ("Friday at three thirty", "2026-12-04"),
            ("tonight", "2026-11-29"),
            ("the first one", ""),
            ("two Fridays from now", "2026-12-11"),
            ("Monday after next", "2026-12-07"),
            ("christmas eve", "2026-12-24"),
            ("the fifteenth of next month", "2026-12-15"),
            ("the thirtieth of this month", "2026-11-30"),
            ("twelve twenty two", "2026-12-22"),
            ("the 31st of February", ""),
            ("one second", ""),
            ("I don't know", ""),
            ("two people", ""),
        ],
    );
}

#[test]
fn days_that_nobody_asked_for() {
    hold(
        &Kind::Date,
        Language::English,
        false,
        &[
            ("book a table for four tomorrow at seven", "2026-11-30"),
            ("move it to next Tuesday", "2026-12-01"),
            ("the appointment on March third at nine", "2027-03-03"),
            ("on the 15th", "2026-12-15"),
            ("it may be three", ""),
            ("the third one", ""),
            ("three fifteen", ""),
            ("45 67", ""),
        ],
    );
}

#[test]
fn days_in_spanish() {
    hold(
        &Kind::Date,
        Language::Spanish,
        true,
        &[
            ("hoy", "2026-11-29"),
            ("mañana", "2026-11-30"),
            ("mañana por la mañana", "2026-11-30"),
            ("pasado mañana", "2026-12-01"),
            ("ayer", "2026-11-28"),
            ("el lunes", "2026-11-30"),
            ("el miércoles", "2026-12-02"),
            ("el próximo viernes", "2026-12-04"),
            ("el viernes que viene", "2026-12-04"),
            ("este viernes", "2026-12-04"),
            ("el viernes pasado", "2026-11-27"),
            ("el viernes de la semana que viene", "2026-12-04"),
            ("el 15", "2026-12-15"),
            ("nací el 3 del 3 del 85", "1985-03-03"),
            ("de hoy en ocho", "2026-12-06"),
            ("navidad", "2026-12-25"),
            ("el quince", "2026-12-15"),
            ("el día quince", "2026-12-15"),
            ("quince de marzo", "2027-03-15"),
            ("el 3 de marzo", "2027-03-03"),
            (
                "tres de marzo de mil novecientos ochenta y cinco",
                "1985-03-03",
            ),
            ("3 de marzo de 1985", "1985-03-03"),
            ("el tres de marzo del ochenta y cinco", "1985-03-03"),
            ("primero de mayo", "2027-05-01"),
            ("uno de mayo de dos mil cinco", "2005-05-01"),
            ("veintiuno de diciembre", "2026-12-21"),
            ("el treinta y uno de diciembre", "2026-12-31"),
            ("15/3", "2027-03-15"),
            ("15/3/1985", "1985-03-15"),
            ("dentro de dos semanas", "2026-12-13"),
            ("en una semana", "2026-12-06"),
            ("dentro de tres días", "2026-12-02"),
            ("hace dos días", "2026-11-27"),
            ("lunes 14 de diciembre", "2026-12-14"),
            ("no el 16, el 15", "2026-12-15"),
            ("el 16, no, el 15", "2026-12-15"),
            ("el lunes, perdón, el martes", "2026-12-01"),
            ("el lunes quiero decir el martes", "2026-12-01"),
            ("no, el 15", "2026-12-15"),
            ("por la mañana", ""),
            ("no sé", ""),
            ("un segundo", ""),
        ],
    );
    hold(
        &Kind::Date,
        Language::Spanish,
        false,
        &[
            ("una mesa para cuatro mañana a las nueve", "2026-11-30"),
            ("quiero una cita el martes por la mañana", "2026-12-01"),
            ("la cita del 3 de marzo", "2027-03-03"),
            ("a las tres y media de la mañana", ""),
        ],
    );
}

#[test]
fn other_days_that_may_be_meant() {
    hold_readings(
        &Kind::Date,
        Language::English,
        &[
            ("March third", "2027-03-03 / 2026-03-03"),
            ("the 15th", "2026-12-15 / 2026-11-15"),
            ("March third 1985", "1985-03-03"),
            ("Wednesday", "2026-12-02 / 2026-11-25"),
            ("tomorrow", "2026-11-30"),
            ("3/4", "2027-03-04 / 2026-03-04 / 2027-04-03"),
        ],
    );
    let wednesday = jiff::civil::date(2026, 11, 25).at(10, 0, 0, 0);
    let found = find(
        &Kind::Date,
        &tokens_of("next friday"),
        Language::English,
        wednesday,
        true,
    );
    assert_eq!(found[0].value, "2026-12-04");
    assert_eq!(found[0].alternatives, ["2026-11-27"]);
}

#[test]
fn the_ends_of_the_calendar_do_no_harm() {
    for now in [DateTime::MIN, DateTime::MAX] {
        for text in [
            "tomorrow",
            "yesterday",
            "next friday",
            "in two weeks",
            "march 3rd",
            "the 15th",
            "two months ago",
            "3/15/85",
            "march third eighty five",
        ] {
            let _ = find(&Kind::Date, &tokens_of(text), Language::English, now, true);
        }
    }
}
