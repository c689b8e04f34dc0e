//! Spanish as it is read aloud, and values as templates give them.

use super::*;
use jiff::civil::{date as day, time as clock};

const SPANISH: Language = Language::Spanish;

#[test]
fn codes_name_languages() {
    for language in Language::ALL {
        assert_eq!(Language::from_code(language.code()), Some(language));
    }
    assert_eq!(Language::from_code("de"), None);
    assert_eq!(Currency::from_code("EUR").map(Currency::code), Some("EUR"));
}

#[test]
fn numbers_in_words_agree_with_what_they_count() {
    use spanish::{Gender, number};
    for (value, gender, want) in [
        (0, Gender::Alone, "cero"),
        (1, Gender::Masculine, "un"),
        (21, Gender::Masculine, "veintiún"),
        (31, Gender::Feminine, "treinta y una"),
        (100, Gender::Alone, "cien"),
        (101, Gender::Alone, "ciento uno"),
        (500, Gender::Feminine, "quinientas"),
        (1000, Gender::Alone, "mil"),
        (1250, Gender::Alone, "mil doscientos cincuenta"),
        (21_000, Gender::Alone, "veintiún mil"),
        (200_000, Gender::Feminine, "doscientas mil"),
        (1_000_000, Gender::Alone, "un millón"),
        (2_500_001, Gender::Alone, "dos millones quinientos mil uno"),
        (u64::MAX, Gender::Alone, "18446744073709551615"),
    ] {
        assert_eq!(number(value, gender), want);
    }
}

#[test]
fn money() {
    for (minor, currency, want) in [
        (1250, Currency::Dollar, "doce dólares con cincuenta"),
        (100, Currency::Dollar, "un dólar"),
        (2100, Currency::Euro, "veintiún euros"),
        (5, Currency::Euro, "cinco céntimos"),
        (1, Currency::Dollar, "un centavo"),
        (20_100, Currency::Pound, "doscientas una libras"),
        (-350, Currency::Dollar, "menos tres dólares con cincuenta"),
        (100_000_000, Currency::Dollar, "un millón de dólares"),
        (0, Currency::Euro, "cero euros"),
    ] {
        assert_eq!(SPANISH.money(minor, currency), want);
    }
}

#[test]
fn dates_and_times() {
    let today = day(2026, 11, 22);
    for (value, want) in [
        (day(2026, 11, 22), "hoy"),
        (day(2026, 11, 23), "mañana"),
        (day(2026, 11, 21), "ayer"),
        (day(2026, 12, 1), "el martes primero de diciembre"),
        (day(2027, 1, 2), "el sábado 2 de enero de 2027"),
    ] {
        assert_eq!(SPANISH.date(value, Some(today)), want);
    }
    for (value, want) in [
        (clock(15, 30, 0, 0), "las tres y media de la tarde"),
        (clock(9, 0, 0, 0), "las nueve de la mañana"),
        (clock(13, 15, 0, 0), "la una y cuarto de la tarde"),
        (
            clock(21, 45, 0, 0),
            "las nueve y cuarenta y cinco de la noche",
        ),
        (clock(12, 0, 0, 0), "mediodía"),
        (clock(0, 0, 0, 0), "medianoche"),
        (clock(4, 5, 0, 0), "las cuatro y cinco de la madrugada"),
    ] {
        assert_eq!(SPANISH.time(value), want);
    }
    assert_eq!(
        SPANISH.hours(clock(9, 0, 0, 0), clock(18, 0, 0, 0)),
        "de las nueve de la mañana a las seis de la tarde"
    );
}

#[test]
fn lists_and_choices() {
    assert_eq!(SPANISH.list(&["a", "b", "c"]), "a, b y c");
    assert_eq!(SPANISH.list(&["padres", "hijos"]), "padres e hijos");
    assert_eq!(SPANISH.list(&["agua", "hielo"]), "agua y hielo");
    assert_eq!(SPANISH.choice(&["siete", "ocho"]), "siete u ocho");
    assert_eq!(SPANISH.choice(&["a", "b"]), "a o b");
    assert_eq!(Language::English.choice(&["a", "b", "c"]), "a, b or c");
}

#[test]
fn free_text() {
    for (text, want) in [
        (
            "Su pedido 456712 está aquí.",
            "Su pedido 4 5 6, 7 1 2 está aquí.",
        ),
        ("Cuesta $12.50.", "Cuesta doce dólares con cincuenta."),
        ("El 10% de €3.", "El 10 por ciento de tres euros."),
        ("a las 12:00", "a las doce"),
        (
            "de 09:00-18:00",
            "de las nueve de la mañana a las seis de la tarde",
        ),
        ("a las 14:30", "a las dos y media de la tarde"),
        (
            "Escriba a info@shop.com",
            "Escriba a info arroba shop punto com",
        ),
        ("pedido #456712", "pedido número 4 5 6, 7 1 2"),
    ] {
        assert_eq!(SPANISH.read_aloud(text), want, "{text}");
    }
}

#[test]
fn values_are_written_and_spoken() {
    let english = Language::English;
    let today = day(2026, 11, 29);
    let reading = |text: &str, speak: &str| Reading {
        text: text.into(),
        speak: speak.into(),
    };
    assert_eq!(english.read_id("456712"), reading("456712", "4 5 6, 7 1 2"));
    assert_eq!(english.read_id("XK42"), reading("XK42", "X K 4 2"));
    assert_eq!(
        english.read_money(125_050, Currency::Dollar),
        reading("$1,250.50", "1250 dollars and 50 cents")
    );
    assert_eq!(
        SPANISH.read_money(125_050, Currency::Euro),
        reading("1.250,50 €", "mil doscientos cincuenta euros con cincuenta")
    );
    for (value, want, spanish) in [
        (day(2026, 11, 29), "today", "hoy"),
        (day(2026, 11, 30), "tomorrow", "mañana"),
        (day(2026, 12, 3), "Thursday", "el jueves"),
        (day(2026, 11, 26), "last Thursday", "el jueves pasado"),
        (day(2026, 12, 24), "December 24th", "el 24 de diciembre"),
        (day(2027, 3, 3), "March 3rd, 2027", "el 3 de marzo de 2027"),
    ] {
        assert_eq!(english.read_date(value, today).text, want);
        assert_eq!(SPANISH.read_date(value, today).text, spanish);
    }
    assert_eq!(
        english.read_time(clock(14, 30, 0, 0)),
        reading("2:30 p.m.", "2 30 p.m.")
    );
    assert_eq!(
        SPANISH.read_time(clock(15, 30, 0, 0)),
        reading("las 3:30 de la tarde", "las tres y media de la tarde")
    );
    assert_eq!(english.read_spelled("Smith").speak, "S, M, I, T, H");
    assert_eq!(english.read_count(12_500), reading("12,500", "12500"));
    assert_eq!(SPANISH.read_count(21), reading("21", "veintiuno"));
    assert_eq!(SPANISH.read_ordinal(2).text, "segundo");
    let items = [english.read_id("12"), english.read_id("34")];
    assert_eq!(
        english.read_list(&items),
        reading("12 and 34", "1 2 and 3 4")
    );
    assert_eq!(english.read_choice(&items).text, "12 or 34");
    assert_eq!(
        english.read_full_date(day(1985, 3, 3)).text,
        "March 3rd, 1985"
    );
}
