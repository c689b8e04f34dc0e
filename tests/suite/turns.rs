//! Turn-taking with real ears, recogniser and voice, over a telephone line: the fast twin of
//! `cargo bench --bench turns`. Computing time counts on the virtual clock and differs from machine to
//! machine, so what is asserted is the order of things, not how many ms they took.
#![cfg(feature = "speech")]

use crate::support::phone::{Clips, Phone};
use attendant::call::Note;
use attendant::config::Config;
use attendant::runtime::house::{House, Keep};
use std::sync::{Arc, OnceLock};

fn house() -> &'static Arc<House> {
    static HOUSE: OnceLock<Arc<House>> = OnceLock::new();
    HOUSE.get_or_init(|| {
        let mut config = Config::default();
        config.recordings.dir = std::env::temp_dir();
        let now = "2026-11-24T10:30:00".parse().unwrap();
        let house = House::open(&config, Keep::Nothing, Some(now));
        let mut house = house.expect("the bundled models");
        house.recorder = None;
        Arc::new(house)
    })
}

/// A call whose greeting has been heard.
fn greeted() -> Phone {
    let mut phone = Phone::call(house(), 0);
    phone.hear_out();
    phone
}

fn clip(clips: &Clips, voice: &str, phrases: &[&str], pause_ms: usize) -> Vec<u8> {
    clips
        .say(voice, phrases, pause_ms)
        .expect("a phrase of script.txt")
}

#[test]
fn a_sentence_with_a_pause_of_600_ms_is_not_cut_off() {
    let clips = Clips::open();
    for (voice, phrases) in [
        ("awb", ["I want to check", "the status of my order"]),
        ("us", ["are you open", "on saturday"]),
    ] {
        let mut phone = greeted();
        let (first, last) = phone.say(&clip(&clips, voice, &phrases, 600));
        phone.listen(4000);
        assert_eq!(
            phone.bot_sound(first..last),
            None,
            "{voice}: the bot spoke into {phrases:?}"
        );
        assert!(
            phone.bot_sound(last..phone.now()).is_some(),
            "{voice}: no answer to {phrases:?}"
        );
        assert_eq!(phone.turns().len(), 1, "{voice}: {:?}", phone.turns());
    }
}

#[test]
fn digits_said_one_by_one_are_one_turn() {
    let clips = Clips::open();
    let mut phone = greeted();
    phone.say(&clip(&clips, "rms", &["where is my order"], 0));
    phone.hear_begin(0);
    phone.hear_out();
    let digits = ["four", "five", "six", "seven", "one", "two"];
    let (first, last) = phone.say(&clip(&clips, "rms", &digits, 1000));
    phone.listen(4000);
    assert_eq!(
        phone.bot_sound(first..last),
        None,
        "the bot spoke into the number"
    );
    assert!(phone.bot_sound(last..phone.now()).is_some(), "no answer");
    assert_eq!(phone.turns().len(), 2, "{:?}", phone.turns());
}

#[test]
fn the_bot_falls_silent_when_the_caller_cuts_in() {
    let clips = Clips::open();
    let mut phone = Phone::call(house(), 0);
    phone.hear_begin(1500);
    let (first, last) = phone.say(&clip(&clips, "slt", &["where is my order"], 0));
    // Finding a voice takes no model but the ear, which costs the line no time: 200 ms are 200 ms.
    let silenced = phone
        .silenced(first)
        .expect("the prompt goes on over the caller");
    assert!(
        silenced - first <= 200 * 8,
        "silent only {} ms after the voice began",
        (silenced - first) / 8
    );
    assert!(silenced <= last);
    phone.listen(4000);
    assert_eq!(phone.turns().len(), 1, "{:?}", phone.turns());
}

#[test]
fn okay_does_not_stop_an_explanation() {
    let clips = Clips::open();
    let mut phone = greeted();
    phone.say(&clip(&clips, "rms", &["I want to return the shoes"], 0));
    phone.hear_begin(2500);
    let (_, last) = phone.say(&clip(&clips, "rms", &["okay"], 0));
    phone.listen(4000);
    assert!(
        phone.bot_sound(last..phone.now()).is_some(),
        "the explanation does not go on"
    );
    assert_eq!(
        phone.turns().len(),
        1,
        "the nod was taken for a turn: {:?}",
        phone.turns()
    );
    assert!(phone.count(|note| matches!(note, Note::Resumed { .. })) > 0);
}
