//! Running examples against the fake business: what holds passes, what does not is shown, blessed,
//! counted and written as XML; and the same conversation typed.

use super::chat::{Chat, Typed};
use super::coverage::Coverage;
use super::judge::rehearse;
use super::report::{Run, difference, json, summary};
use super::*;

fn runs(text: &str) -> Vec<Run> {
    let examples = parse(text).expect("no problems");
    examples
        .into_iter()
        .map(|example| Run {
            file: "fake.txt".into(),
            outcome: rehearse(&fake::FakeShop, &example).expect("the stage opens"),
            example,
        })
        .collect()
}

/// The differences of all examples in `text`.
fn told(text: &str) -> String {
    runs(text)
        .iter()
        .filter(|run| !run.outcome.passed())
        .map(|run| difference(run, text, false))
        .collect()
}

/// What stands instead of the only line that does not hold.
fn instead(text: &str) -> Vec<String> {
    let runs = runs(text);
    let misses: Vec<_> = runs.iter().flat_map(|run| &run.outcome.misses).collect();
    assert_eq!(misses.len(), 1, "{text}: {misses:?}");
    misses[0].instead.clone()
}

#[test]
fn the_example_of_the_manual_passes() {
    let text = include_str!("example.txt");
    assert_eq!(told(text), "");
    let runs = runs(text);
    let summary = summary(&runs);
    assert!(summary.starts_with("2 passed, 0 failed   (1"), "{summary}");
    let met = runs
        .iter()
        .flat_map(|run| run.outcome.met.clone())
        .collect();
    let coverage = Coverage::new(&fake::FakeShop.universe(), &met);
    assert!(
        !coverage.table().contains("never met"),
        "{}",
        coverage.table()
    );
}

#[test]
fn a_turn_takes_well_under_a_millisecond() {
    let mut took: Vec<_> = runs(include_str!("example.txt"))
        .into_iter()
        .flat_map(|run| run.outcome.took)
        .collect();
    took.sort_unstable();
    assert!(took[took.len() / 2].as_micros() < 500, "{took:?}");
}

#[test]
fn every_kind_of_line_can_fail() {
    let start = "# t\ncaller: cancel 4567\n";
    for (line, happened) in [
        ("bot: toaster", "bot: One moment."),
        ("bot= one moment.", "bot= One moment."),
        ("bot not: coffee *", "bot: That's the coffee machine."),
        ("intent person", "intent cancel_order"),
        ("slot order = 4568", "slot order = 4567"),
        ("slot reason = bored", "no slot reason"),
        ("no slot order", "slot order = 4567"),
        ("asks anything", "asks confirm"),
        ("does cancel_order", "does order order=4567"),
        ("does order order=4568", "does order order=4567"),
        ("goes on", "# the reply was cut"),
        ("end completed", "# the call goes on"),
        ("returned", "# nobody was passed on"),
        ("back end: order dead", "# order was not asked any more"),
        (
            "caller: yes\n  does nothing",
            "does cancel_order order=4567",
        ),
        ("caller: bye\nend failed", "end completed"),
        ("caller: bye\nsilence", "# the call is over: completed"),
    ] {
        assert_eq!(instead(&format!("{start}{line}\n"))[0], happened, "{line}");
    }
}

#[test]
fn what_is_done_counts_once() {
    let yes = "# t\ncaller: cancel 4567\ncaller: yes\n";
    assert_eq!(
        told(&format!(
            "{yes}does order\ndoes cancel_order\ndoes nothing\n"
        )),
        ""
    );
    assert_eq!(
        instead(&format!("{yes}does cancel_order\ndoes cancel_order\n")),
        ["does order order=4567"]
    );
    assert_eq!(
        instead(&format!(
            "{yes}does cancel_order\nsilence\ndoes cancel_order\n"
        )),
        ["does nothing"]
    );
}

#[test]
fn lines_to_the_letter_leave_nothing_out() {
    let start = "# t\ncaller: cancel 4567\n";
    let miss = instead(&format!("{start}bot= One moment.\n"));
    assert_eq!(
        miss,
        [
            "bot= One moment.",
            "bot= That's the coffee machine.",
            "bot= Cancel it?"
        ]
    );
    let two = "bot= One moment. That's the coffee machine.\nbot= Cancel it?\n";
    assert_eq!(told(&format!("{start}{two}")), "");
    let mixed = "bot: moment\nbot= Cancel it?\n";
    assert_eq!(told(&format!("{start}{mixed}")), "");
}

#[test]
fn a_failure_is_shown_as_a_difference_with_lines() {
    let text = "# one\nbot: fake\n---\n# two\n# why\n\nbot: Fake shop\nbot: may I help\n  asks order\nsilence\nbot: hello\nsilence\nsilence\nsilence\n";
    assert_eq!(
        told(text),
        "FAIL fake.txt:4  two\n       \
           5  # why\n       \
           6\n       \
           7  bot: Fake shop\n  \
         -    8  bot: may I help\n  \
         -    9    asks order\n  \
         +       bot: How can I help you?\n  \
         +         asks anything\n      \
           10  silence\n      \
           11  bot: hello\n      \
           12  silence\n"
    );
    let colored = difference(&runs(text)[1], text, true);
    assert!(colored.contains("\x1b[32m  +       bot: How can I help you?\x1b[0m\n"));
}

#[test]
fn blessing_rewrites_the_wording_only_and_then_the_example_passes() {
    let text = "# t\n  bot: Fake shop\n  bot: May I help?\n  bot: Please!\n\ncaller: cancel\r\nbot= What?\nintent person\nbot: \nend failed"
        .replace("bot: \n", "");
    let runs = runs(&text);
    let blessed = bless::bless(&text, runs.iter().map(|run| &run.outcome));
    assert_eq!(
        blessed,
        "# t\n  bot: Fake shop\n  bot: How can I help you?\n\ncaller: cancel\r\nbot= Which order?\nintent person\nend failed"
    );
    let after = told(&blessed);
    assert!(!after.contains("bot:"), "{after}");
    assert!(after.contains("intent cancel_order"), "{after}");
}

#[test]
fn a_line_that_ends_within_a_sentence_is_blessed_with_the_ones_before() {
    let text = "# t\nbot: How can\nbot: I do that\n";
    let runs = runs(text);
    let blessed = bless::bless(text, runs.iter().map(|run| &run.outcome));
    assert_eq!(blessed, "# t\nbot: Fake shop.\nbot: How can I help you?\n");
}

#[test]
fn build_servers_get_xml_and_programs_json() {
    let text = "# good\nbot: fake\n---\n# b<a>d\nbot: false\n";
    let runs = runs(text);
    let xml = junit::junit(&runs, |_| text).expect("xml");
    for part in [
        "<testsuite name=\"fake.txt\" tests=\"2\"",
        "failures=\"1\"",
        "name=\"b&lt;a&gt;d\"",
        "bot: Fake shop.",
    ] {
        assert!(xml.contains(part), "{part}: {xml}");
    }
    let json = json(&runs, None);
    assert_eq!((&json["passed"], &json["failed"]), (&1.into(), &1.into()));
    assert_eq!(json["examples"][1]["misses"][0]["line"], 5);
    assert_eq!(json["examples"][1]["misses"][0]["expected"], "bot: false");
}

#[test]
fn a_stage_that_does_not_open_is_a_problem_of_the_example() {
    let examples = parse("# t\ncall: eo\nsilence\n").expect("one");
    let problem = rehearse(&fake::FakeShop, &examples[0]).expect_err("no Esperanto");
    assert_eq!(problem.line, 1);
    assert!(problem.what.contains("does not speak eo"));
}

#[test]
fn a_typed_conversation_is_an_example_that_passes() {
    let (mut chat, first) =
        Chat::begin(&fake::FakeShop, Header::default()).expect("the stage opens");
    assert_eq!(first, "Fake shop.\nHow can I help you?\n");
    let mut told = String::new();
    for line in [
        "",
        "/why",
        "cancel an order (0.7)",
        "/slow order",
        "/keys 4567",
        "/keys x",
        "/silence",
        "yes",
        "/nonsense",
        "/save",
        "bye",
        "hello?",
    ] {
        match chat.typed(line) {
            Typed::Text(text) => told.push_str(&text),
            other => panic!("{other:?}"),
        }
    }
    for part in [
        "asks \"\"\n",
        "Which order?\n",
        "'x' is no telephone key",
        "── asks order order=4567\nThat's the coffee machine.\n",
        "there is no /nonsense",
        "to which file",
        "── the call is over: completed\n",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let Typed::Save { file, text } = chat.typed("/save my/cancel-it.txt") else {
        panic!("not saved");
    };
    assert_eq!(file, "my/cancel-it.txt");
    assert!(text.starts_with("# cancel it\ncall: withheld, 2026-11-24 10:30\nbot: Fake shop.\n"));
    assert!(
        text.contains("caller: cancel an order (0.7)\n  intent cancel_order\nbot: Which order?\n")
    );
    assert!(text.contains("  does cancel_order order=4567\n"));
    assert_eq!(self::told(&text), "", "{text}");
    assert_eq!(chat.typed("/quit"), Typed::Quit);
}
