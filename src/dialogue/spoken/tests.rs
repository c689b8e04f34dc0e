//! Tables of what is read how, and properties of any text.

use super::*;
use jiff::civil::{date as day, time as clock};
use proptest::prelude::*;

#[test]
fn digits_are_grouped() {
    for (number, want) in [
        ("456712", "4 5 6, 7 1 2"),
        ("4567", "4 5 6 7"),
        ("45671", "4 5 6, 7 1"),
        ("4567123", "4 5 6, 7 1 2 3"),
        ("45671234", "4 5 6 7, 1 2 3 4"),
        ("2025550123", "2 0 2, 5 5 5, 0 1 2 3"),
        ("4111111111111111", "4 1 1 1, 1 1 1 1, 1 1 1 1, 1 1 1 1"),
        ("12-345", "1 2, 3 4 5"),
        ("7", "7"),
        ("", ""),
    ] {
        assert_eq!(digits(number), want);
    }
}

#[test]
fn phone_numbers_follow_their_country_code() {
    for (number, want) in [
        ("+12025550123", "plus 1, 2 0 2, 5 5 5, 0 1 2 3"),
        ("+442079460958", "plus 4 4, 2 0 7, 9 4 6, 0 9 5 8"),
        ("+4915112345678", "plus 4 9, 1 5 1, 1 2 3, 4 5 6, 7 8"),
        ("+35312345678", "plus 3 5 3, 1 2 3 4, 5 6 7 8"),
        ("(202) 555-0123", "2 0 2, 5 5 5, 0 1 2 3"),
        ("+1", "plus 1"),
        ("+", ""),
    ] {
        assert_eq!(phone(number), want);
    }
}

#[test]
fn money_has_whole_and_small_units() {
    for (minor, currency, want) in [
        (1250, Currency::Dollar, "12 dollars and 50 cents"),
        (100, Currency::Dollar, "1 dollar"),
        (101, Currency::Euro, "1 euro and 1 cent"),
        (5, Currency::Pound, "5 pence"),
        (201, Currency::Pound, "2 pounds and 1 penny"),
        (0, Currency::Euro, "0 euros"),
        (-350, Currency::Dollar, "minus 3 dollars and 50 cents"),
        (
            i64::MIN,
            Currency::Dollar,
            "minus 92233720368547758 dollars and 8 cents",
        ),
    ] {
        assert_eq!(money(minor, currency), want);
    }
}

#[test]
fn dates_count_from_today() {
    let today = day(2026, 11, 22);
    for (value, want) in [
        (day(2026, 11, 22), "today"),
        (day(2026, 11, 23), "tomorrow"),
        (day(2026, 11, 21), "yesterday"),
        (day(2026, 11, 24), "Tuesday, November 24th"),
        (day(2026, 12, 1), "Tuesday, December 1st"),
        (day(2027, 1, 2), "Saturday, January 2nd, 2027"),
    ] {
        assert_eq!(date(value, Some(today)), want);
    }
    assert_eq!(date(today, None), "Sunday, November 22nd, 2026");
    assert_eq!(date(Date::MAX, Some(Date::MAX)), "today");
}

#[test]
fn times_are_of_the_twelve_hour_clock() {
    for (value, want) in [
        (clock(14, 30, 0, 0), "2 30 p.m."),
        (clock(9, 0, 0, 0), "9 a.m."),
        (clock(12, 0, 0, 0), "noon"),
        (clock(0, 0, 0, 0), "midnight"),
        (clock(0, 5, 0, 0), "12 oh 5 a.m."),
        (clock(12, 45, 0, 0), "12 45 p.m."),
    ] {
        assert_eq!(time(value), want);
    }
    assert_eq!(
        Language::English.hours(clock(9, 0, 0, 0), clock(18, 0, 0, 0)),
        "9 a.m. to 6 p.m."
    );
    let day = (Time::midnight(), DAY_ENDS);
    assert_eq!(
        Language::English.hours(day.0, day.1),
        "midnight to midnight"
    );
}

#[test]
fn ordinals_ids_and_lists() {
    let english = Language::English;
    for (number, want) in [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (11, "11th"),
        (12, "12th"),
        (22, "22nd"),
        (113, "113th"),
    ] {
        assert_eq!(english.ordinal(number), want);
    }
    for (id, want) in [
        ("A7-93", "A, 7, 9 3"),
        ("BA7", "B A, 7"),
        ("7A", "7 A"),
        ("xk42", "X K 4 2"),
        ("b/456712", "B, 4 5 6, 7 1 2"),
        ("--", ""),
    ] {
        assert_eq!(english.identifier(id), want);
    }
    assert_eq!(english.list(&["a", "b", "c"]), "a, b and c");
    assert_eq!(english.list(&["a", "b"]), "a and b");
    assert_eq!(english.list(&["a"]), "a");
    assert_eq!(english.list::<&str>(&[]), "");
}

#[test]
fn free_text_is_read_as_people_say_it() {
    for (text, want) in [
        (
            "Your order 456712 is here.",
            "Your order 4 5 6, 7 1 2 is here.",
        ),
        ("It costs $12.50.", "It costs 12 dollars and 50 cents."),
        (
            "It costs $1,250, or €3.",
            "It costs 1250 dollars, or 3 euros.",
        ),
        (
            "Pay 12.50 EUR or GBP 5 (or $0.99).",
            "Pay 12 euros and 50 cents or 5 pounds (or 99 cents).",
        ),
        ("Sales of $3.5 million", "Sales of 3.5 million dollars"),
        ("$5-$10 each", "5 dollars to 10 dollars each"),
        (
            "It arrives 2026-11-24.",
            "It arrives Tuesday, November 24th, 2026.",
        ),
        ("at 14:30, or 09:00", "at 2 30 p.m., or 9 a.m."),
        ("at 3:30 or 4:00", "at 3 30 or 4 o'clock"),
        ("at 2:30 pm and 9 a.m.", "at 2 30 p.m. and 9 a.m."),
        ("9:00-18:00", "9 a.m. to 6 p.m."),
        ("Mon 9:00 – 12:00", "Mon 9 o'clock to 12 o'clock"),
        ("9am-5pm", "9 a.m. to 5 p.m."),
        ("9:00-5:00 pm", "9 o'clock to 5 p.m."),
        ("08:00-24:00", "8 a.m. to midnight"),
        ("Call (202) 555-0123 now", "Call 2 0 2, 5 5 5, 0 1 2 3 now"),
        (
            "Call +1 202 555 0123.",
            "Call plus 1, 2 0 2, 5 5 5, 0 1 2 3.",
        ),
        ("Call 202-555-0123!", "Call 2 0 2, 5 5 5, 0 1 2 3!"),
        ("12.5% off, 10 %", "12.5 percent off, 10 percent"),
        ("3-5 days, 10%-20%", "3 to 5 days, 10 percent to 20 percent"),
        ("Part A7-93, box XK42", "Part A, 7, 9 3, box X K 4 2"),
        ("order #456712", "order number 4 5 6, 7 1 2"),
        ("code 0412", "code 0 4 1 2"),
        (
            "Mail info@shop.com today",
            "Mail info at shop dot com today",
        ),
        ("See www.shop.com.", "See www dot shop dot com."),
    ] {
        assert_eq!(read_aloud(text), want, "{text}");
    }
}

#[test]
fn ordinary_words_and_numbers_stay() {
    for text in [
        "Hello, how can I help you?",
        "We are open 24/7.",
        "In 2026 we sold 1500 chairs and 50000 cups.",
        "Version 1.2.3.4 of COVID-19, A4, 3D and 4K",
        "The 24th of May; the 3rd, I think",
        "twenty-one two-seat sofas",
        "It's 5 - 3, you see. Mix 1:2:3.",
        "e.g. this, i.e. that... and so on",
        "pi is 3.14159 (nearly)",
        "A + B - C # D",
        "12,500 people",
        "  spaces \n stay\t",
    ] {
        assert_eq!(read_aloud(text), text);
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_loss(text in "\\PC{0,200}") {
        let read = read_aloud(&text);
        prop_assert_eq!(read.trim().is_empty(), text.trim().is_empty());
    }

    #[test]
    fn near_misses_never_panic(text in "[-+$€£#(0-9:.,/ %apmEURA-C@)–]{0,60}") {
        let read = read_aloud(&text);
        prop_assert_eq!(read.trim().is_empty(), text.trim().is_empty());
        let _ = (digits(&text), phone(&text), Language::English.identifier(&text));
    }

    #[test]
    fn plain_words_come_back_unchanged(text in "[a-zA-Z',.!? ]{0,80}") {
        prop_assert_eq!(read_aloud(&text), text);
    }
}
