//! Example dialogues by sound: a voice speaks the caller's lines, and voice detector, endpointer and
//! the bundled recogniser hear them. The examples are named in `audio-fixtures/aloud.txt`.
#![cfg(feature = "speech")]

use attendant::cli::test::aloud::Aloud;
use attendant::config::Config;
use attendant::dialogue::domain::trade;
use attendant::rehearsal::parse;
use attendant::rehearsal::report::{Run, difference};
use std::collections::BTreeMap;

/// Titles by trade, as the list has them: `shop: Title`.
fn wanted() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut out: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let list = include_str!("../../audio-fixtures/aloud.txt");
    let lines = list.lines().map(str::trim);
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (trade, title) = line.split_once(':').expect("trade: title");
        out.entry(trade.trim()).or_default().push(title.trim());
    }
    out
}

#[test]
fn twenty_examples_hold_when_they_are_spoken() {
    let (mut told, mut held) = (String::new(), 0);
    for (name, titles) in wanted() {
        let mut config = Config::default();
        config.business.domain = Some(name.into());
        let mut aloud = Aloud::open(&config).expect("the bundled models");
        let files = trade(name).expect("a trade in the binary");
        let examples = files
            .iter()
            .filter(|(file, _)| file.starts_with("examples/"))
            .flat_map(|(file, text)| {
                let examples = parse(text).expect("examples that parse");
                examples
                    .into_iter()
                    .map(move |example| (file, text, example))
            });
        let mut found = 0;
        for (file, text, example) in examples {
            if !titles.contains(&example.title.as_str()) {
                continue;
            }
            found += 1;
            let outcome = aloud.rehearse(&example).expect("a call");
            let run = Run {
                file: file.clone(),
                example,
                outcome,
            };
            if run.outcome.passed() && run.outcome.skipped.is_none() {
                held += 1;
            } else {
                told += &difference(&run, text, false);
                told += &format!("heard: {:?}\n", run.outcome.heard);
            }
        }
        assert!(
            found >= titles.len(),
            "{name}: a title of the list is not there"
        );
    }
    // More are listed than must hold: computing time counts on the call's clock, and machines differ.
    assert!(
        held >= 20,
        "only {held} examples hold when they are spoken\n{told}"
    );
}
