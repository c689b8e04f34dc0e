//! The ranker as a whole, on a small shop.

use super::*;
use proptest::prelude::*;

const SHOP: [&[&str]; 4] = [
    &[
        "where is my order",
        "track my order",
        "has my parcel been sent yet",
        "when will my package arrive",
        "I am still waiting for order #digits",
        "what is the status of my delivery",
        "my order has not arrived",
        "can you tell me where my parcel is",
    ],
    &[
        "what are your opening hours",
        "when do you open",
        "are you open on #date",
        "how late are you open tonight",
        "when does the shop close",
        "what time do you close on #date",
        "are you closed on holidays",
        "till when is the store open",
    ],
    &[
        "I want to return something",
        "how do I send this back",
        "I would like my money back",
        "can I get a refund",
        "the shoes do not fit, I want to return them",
        "I need to bring back what I bought",
        "refund my last purchase",
        "send back an item",
    ],
    &[
        "I want to speak to a person",
        "put me through to an agent",
        "can I talk to somebody",
        "get me a human being",
        "connect me with customer service",
        "let me speak with a representative",
        "transfer me to an operator",
        "is there a real person there",
    ],
];

fn examples() -> Vec<(usize, String)> {
    let labelled = |(label, texts): (usize, &&[&str])| {
        let own: Vec<_> = texts
            .iter()
            .map(|text| (label * 10, (*text).to_owned()))
            .collect();
        own
    };
    SHOP.iter().enumerate().flat_map(labelled).collect()
}

fn shop() -> Ranker {
    Ranker::train(&examples(), &[], Language::English)
}

#[test]
fn other_words_for_the_same_are_found() {
    let ranker = shop();
    for (text, label) in [
        ("where's my package", 0),
        ("I would like to know where my order is please", 0),
        ("track order #digits", 0),
        ("hi, are you open this #date", 10),
        ("until when are you open", 10),
        ("I'd like to return these shoes", 20),
        ("can you refund me", 20),
        ("let me talk to a real person", 30),
        ("an agent please", 30),
    ] {
        let answer = ranker.rank(text).answer();
        assert_eq!(
            answer.map(|answer| answer.label),
            Some(label),
            "{text}: {:?}",
            ranker.rank(text)
        );
    }
}

#[test]
fn misheard_words_are_found_by_their_sound() {
    let ranker = shop();
    for (text, label) in [
        ("wear is my odor", 0),
        ("wen do you opan", 10),
        ("i want a revunt", 20),
    ] {
        let best = ranker.rank(text).best;
        assert_eq!(best[0].label, label, "{text}: {best:?}");
    }
}

#[test]
fn sentences_of_other_trades_are_outside() {
    let ranker = shop();
    for text in [
        "insulin prescription metformin",
        "the quick brown fox jumps over a lazy dog",
        "book a flight from London to Madrid",
        "zebra",
        "¿qué tal?",
        "",
        "…",
    ] {
        let ranking = ranker.rank(text);
        assert_eq!(ranking.answer(), None, "{text}: {ranking:?}");
    }
}

#[test]
fn an_example_itself_is_sure() {
    let ranker = shop();
    for (label, text) in examples() {
        let ranking = ranker.rank(&text);
        assert_eq!(ranking.best[0].label, label, "{text}");
        assert!(ranking.best[0].confidence > 700, "{text}: {ranking:?}");
    }
}

#[test]
fn sentences_from_outside_are_learnt() {
    let outside: Vec<String> = ["what is my account balance", "pay my electricity bill"]
        .map(str::to_owned)
        .to_vec();
    let without = shop().rank("what is my balance").outside;
    let with = Ranker::train(&examples(), &outside, Language::English)
        .rank("what is my balance")
        .outside;
    assert!(with > without && with > 500, "{without} {with}");
}

#[test]
fn training_twice_gives_the_same() {
    let (one, other) = (shop(), shop());
    for (_, text) in examples() {
        let cut = &text[..text.len() / 2];
        assert_eq!(one.rank(cut), other.rank(cut));
    }
}

#[test]
fn too_little_to_learn_from_is_no_crash() {
    let nothing = Ranker::train(&[], &[], Language::English).rank("hello");
    assert_eq!((nothing.best.len(), nothing.outside), (0, 1000));
    let outside = ["hello".to_owned()];
    assert_eq!(
        Ranker::train(&[], &outside, Language::English)
            .rank("hello")
            .answer(),
        None
    );
    let one = [(7, "track my order".to_owned())];
    let ranker = Ranker::train(&one, &[], Language::English);
    let answer = ranker.rank("track my order").answer();
    assert_eq!(answer.map(|answer| answer.label), Some(7));
    assert_eq!(ranker.rank("what a lovely evening").answer(), None);
    // The same sentence under two labels, and sentences without a word.
    let odd = [
        (0, "same".to_owned()),
        (1, "same".to_owned()),
        (2, "?".to_owned()),
    ];
    assert_eq!(
        Ranker::train(&odd, &[], Language::English)
            .rank("same")
            .best
            .len(),
        3
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_learnt_and_asked_shares_add_up(
        examples in prop::collection::vec((0_usize..4, "\\PC{0,30}"), 0..12),
        outside in prop::collection::vec("[a-z #]{0,20}", 0..4),
        asked in "\\PC{0,60}",
    ) {
        let ranker = Ranker::train(&examples, &outside, Language::English);
        for text in examples.iter().map(|example| &example.1).chain([&asked]) {
            let ranking = ranker.rank(text);
            let best: u32 = ranking.best.iter().map(|best| u32::from(best.confidence)).sum();
            let sum = best + u32::from(ranking.outside);
            prop_assert!(sum <= 1005, "{ranking:?}");
            prop_assert!(ranking.best.is_empty() || sum >= 995, "{ranking:?}");
            prop_assert!(ranking.best.is_sorted_by(|one, other| one.confidence >= other.confidence));
        }
    }
}
