//! The reader of examples: what is written is read back, faults name their line, nothing panics.

use super::super::pattern::Pattern;
use super::super::script::{Check, Ended, Guess, Mode, Setting};
use super::*;
use crate::dialogue::Reason;
use proptest::prelude::*;

const CANCEL: &str = include_str!("example.txt");

#[test]
fn the_example_of_the_manual_is_read() {
    let examples = parse(CANCEL).expect("no problems");
    assert_eq!(examples.len(), 2);
    let first = &examples[0];
    assert_eq!(first.title, "Cancel an order, corrected");
    assert_eq!(first.header.from.as_deref(), Some("+15550102"));
    assert_eq!(first.header.now.to_string(), "2026-11-24T10:15:00");
    let says = first.lines.iter().find_map(|line| match &line.what {
        What::Act(Act::Says(guesses)) => Some(guesses.clone()),
        _ => None,
    });
    assert_eq!(
        says.expect("words")
            .iter()
            .map(|guess| (guess.text.as_str(), guess.confidence))
            .collect::<Vec<_>>(),
        [("cancel order 4567", 620), ("cancel odour 4567", 400)]
    );
}

#[test]
fn faults_name_their_line_and_the_nearest_keyword() {
    for (text, line, part) in [
        ("# t\nbott: hello", 2, "did you mean bot:"),
        ("# t\n\ncalller: hello", 3, "did you mean caller:"),
        ("# t\nsilense", 2, "did you mean silence"),
        ("# t\nhangs-up", 2, "did you mean hangs up"),
        ("# t\nwhatever 1", 2, "there are call:, bot:"),
        ("bot: x", 1, "no title"),
        ("# t\ncaller:", 2, "silence, or noise"),
        ("# t\ncaller: stop (1.2)", 2, "0 to 1"),
        ("# t\ncaller: stop (62%)", 2, "0 to 1"),
        ("# t\nkeys: 12x", 2, "'x' is no telephone key"),
        ("# t\nkeys:", 2, "no keys"),
        ("# t\nbot: ...", 2, "no words"),
        ("# t\nsilence\ncall: en", 3, "before everything else"),
        ("# t\ncall: from 0151", 2, "+ and the country code"),
        ("# t\ncall: 2026-11-31 10:00", 2, "no date and time"),
        ("# t\ncall: 2026-11-30", 2, "no date and time"),
        ("# t\ncall: today", 2, "says nothing about a call"),
        ("# t\nend compleated", 2, "did you mean completed"),
        ("# t\nend handed over: tired", 2, "unknown variant"),
        ("# t\nend failed: tired", 2, "has no reason"),
        ("# t\nslot order", 2, "which value"),
        ("# t\ndoes cancel order", 2, "without a value"),
        ("# t\ndoes cancel a=\"b", 2, "without its partner"),
        ("# t\nback end: order sleepy", 2, "slow, or dead"),
        ("# t\nbarge-in after soon: stop", 2, "no time to cut in"),
        ("# t\ncall: en", 1, "nothing happens"),
        ("# t\nbot: a\n---\n\nbot: b", 5, "no title"),
    ] {
        let problems = parse(text).expect_err(text);
        let found = problems
            .iter()
            .any(|problem| problem.line == line && problem.what.contains(part));
        assert!(found, "{text:?}: {problems:?}");
    }
}

#[test]
fn all_faults_are_reported_at_once() {
    let problems = parse("# t\nfoo\nbot: x\nbar").expect_err("two");
    assert_eq!(
        problems
            .iter()
            .map(|problem| problem.line)
            .collect::<Vec<_>>(),
        [2, 4]
    );
}

#[test]
fn notes_and_empty_parts_are_no_examples() {
    assert_eq!(parse("# About this file.\n\n---\n---\n"), Ok(Vec::new()));
    assert_eq!(parse("\u{feff}# t\r\nsilence\r\n").expect("one").len(), 1);
}

fn words() -> impl Strategy<Value = String> {
    "[a-zé][a-z0-9é',.?]{0,5}( [a-z0-9]{1,4}){0,3}"
}

fn identifier() -> impl Strategy<Value = String> {
    "[a-z][a-z_]{0,6}[0-9]"
}

fn guesses() -> impl Strategy<Value = Vec<Guess>> {
    let guess = (words(), 0..=1000_u16).prop_map(|(text, confidence)| Guess { text, confidence });
    prop::collection::vec(guess, 1..4)
}

fn what() -> impl Strategy<Value = What> {
    let act = prop_oneof![
        guesses().prop_map(Act::Says),
        (0..10_000_u32, guesses())
            .prop_map(|(after_ms, guesses)| Act::BargesIn { after_ms, guesses }),
        "[0-9*#A-D]{1,8}".prop_map(Act::Keys),
        Just(Act::Silence),
        Just(Act::Noise),
        Just(Act::Deaf),
        Just(Act::Returned),
        Just(Act::Closing),
        Just(Act::HangsUp),
    ];
    let pattern = || {
        r"\*?[a-z]{1,4}( \*)?( [a-z*]{1,4}){0,3}"
            .prop_filter_map("no words", |text| Pattern::new(&text))
    };
    let argument = (identifier(), "[a-z0-9:-]{1,5}( [a-z]{1,3})?|");
    let check = prop_oneof![
        pattern().prop_map(Check::Bot),
        pattern().prop_map(Check::BotNot),
        words().prop_map(Check::BotExactly),
        identifier().prop_map(Check::Intent),
        Just(Check::Intent(String::new())),
        (identifier(), words()).prop_map(|(name, value)| Check::Slot { name, value }),
        identifier().prop_map(Check::NoSlot),
        identifier().prop_map(Check::Asks),
        Just(Check::Asks(String::new())),
        (identifier(), prop::collection::vec(argument, 0..3)).prop_map(|(operation, arguments)| {
            Check::Does {
                operation,
                arguments,
            }
        }),
        Just(Check::DoesNothing),
        Just(Check::GoesOn),
        prop_oneof![
            Just(Ended::Completed),
            Just(Ended::HandedOver(None)),
            Just(Ended::HandedOver(Some(Reason::ThirdFailure))),
            Just(Ended::Abandoned),
            Just(Ended::Failed),
        ]
        .prop_map(Check::End),
    ];
    let mode = prop_oneof![Just(Mode::Slow), Just(Mode::Dead)];
    let setting = (identifier(), mode).prop_map(|(operation, mode)| Setting { operation, mode });
    prop_oneof![
        act.prop_map(What::Act),
        check.prop_map(What::Check),
        setting.prop_map(What::Set),
    ]
}

fn header() -> impl Strategy<Value = Header> {
    let from = prop::option::of("\\+[0-9]{2,15}");
    let language = prop::option::of("[a-z]{2}");
    (from, 0..=59_i8, language).prop_map(|(from, minute, language)| Header {
        from,
        now: jiff::civil::date(2026, 2, 28).at(23, minute, 0, 0),
        language,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(header in header(), lines in prop::collection::vec(what(), 1..8)) {
        let mut text = format!("# A title\n{header}\n");
        for what in &lines {
            text.push_str(&format!("  {what}\n"));
        }
        let examples = parse(&text);
        prop_assert!(examples.is_ok(), "{text}\n{examples:?}");
        let examples = examples.unwrap_or_default();
        prop_assert_eq!(examples.len(), 1);
        prop_assert_eq!(&examples[0].header, &header);
        let read: Vec<&What> = examples[0].lines.iter().map(|line| &line.what).collect();
        prop_assert_eq!(read, lines.iter().collect::<Vec<_>>(), "{}", text);
    }

    #[test]
    fn any_text_is_examples_or_problems(text in "(\\PC|\n){0,200}") {
        if let Err(problems) = parse(&text) {
            prop_assert!(problems.iter().all(|problem| problem.line >= 1));
        }
    }

    /// The fuzz target's property, on texts that are nearly right.
    #[test]
    fn what_was_read_is_written_and_read_again(
        parts in prop::collection::vec(prop_oneof![
            prop::sample::select(KEYWORDS.to_vec()).prop_map(|word| format!("\n{word} ")),
            prop::sample::select(KEYWORDS.to_vec()).prop_map(|word| format!("\n{word} a=1 b (0.5)")),
            prop::sample::select(KEYWORDS.to_vec()).prop_map(|word| format!("\n{word} 2026-11-24 10:15")),
            "[ #:|()=*\"é…0-9.+a-]{1,3}",
            Just("\n---\n# title\n".to_owned()),
            Just("\n".to_owned()),
        ], 0..12)
    ) {
        let text = format!("# title\n{}", parts.concat());
        for example in parse(&text).unwrap_or_default() {
            let mut written = format!("# {}\n{}\n", example.title, example.header);
            for line in &example.lines {
                written.push_str(&format!("{}\n", line.what));
            }
            let again = parse(&written);
            prop_assert!(again.is_ok(), "{written}\n{again:?}");
            let again = again.unwrap_or_default();
            prop_assert_eq!(again.len(), 1);
            prop_assert_eq!(&again[0].header, &example.header);
            let what = |example: &Example| example.lines.iter().map(|line| line.what.clone()).collect::<Vec<_>>();
            prop_assert_eq!(what(&again[0]), what(&example), "{}", written);
        }
    }
}
