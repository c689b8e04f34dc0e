//! Whole calls through the engine: turn-taking, keys, barge-in, silence, lookups, endings.

mod properties;

use crate::support::counting::allocations;
use crate::support::rig::{Parrot, Rig};
use attendant::audio::Heard;
use attendant::call::{Call, Event, ticks};
use attendant::dialogue::Disposition;

/// Digits one by one with 1 s between them, each 400 ms long.
fn says_digits(rig: &mut Rig, digits: &[&str]) {
    for (index, digit) in digits.iter().enumerate() {
        if index > 0 {
            rig.silence(1000);
        }
        rig.says(400, digit);
    }
}

#[test]
fn a_question_gets_its_answer_after_the_usual_pause() {
    let mut rig = Rig::greeted();
    rig.says(900, "where is my order");
    rig.silence(1000);
    assert_eq!(
        rig.lines(),
        [
            "turn ended (Pause) after 720 ms",
            "caller: where is my order",
            "bot: [speech where is my order]?"
        ]
    );
}

#[test]
fn a_tick_in_steady_state_allocates_nothing() {
    let heard = |voice| {
        Event::Heard(Heard {
            voice,
            level: 30,
            tone: false,
        })
    };
    let mut call = Rig::greeted().call;
    for voice in [0, 230] {
        // The first ticks are a change: speech starts.
        (0..20).for_each(|_| steady(&mut call, &heard(voice)));
        let before = allocations();
        (0..200).for_each(|_| steady(&mut call, &heard(voice)));
        assert_eq!(allocations() - before, 0, "ticks of voice {voice}");
    }
}

fn steady(call: &mut Call<Parrot>, event: &Event) {
    call.handle(event);
    while call.poll_action().is_some() {}
}

#[test]
fn a_complete_answer_ends_the_turn_at_once() {
    let mut rig = Rig::greeted();
    rig.says(1800, "four five six seven one two");
    rig.silence(400);
    assert_eq!(rig.lines()[0], "turn ended (Complete) after 280 ms");
}

#[test]
fn a_sentence_with_a_pause_of_600_ms_is_one_turn() {
    let mut rig = Rig::greeted();
    rig.says(600, "where is");
    rig.silence(600);
    rig.says(500, "my order");
    rig.silence(1000);
    assert_eq!(
        rig.lines()[1..],
        [
            "caller: where is my order",
            "bot: [speech where is my order]?"
        ]
    );
    assert_eq!(
        rig.count("clear"),
        0,
        "the bot never began to speak in between"
    );
}

#[test]
fn digits_one_by_one_with_a_second_between_them_are_one_turn_and_answered_at_once() {
    let mut rig = Rig::greeted();
    says_digits(&mut rig, &["four", "five", "six", "seven", "one", "two"]);
    let last = rig.call.now();
    rig.silence(400);
    assert_eq!(
        rig.lines()[1..],
        [
            "caller: four five six seven one two",
            "bot: [speech four five six seven one two]?"
        ]
    );
    assert!(rig.when("bot:") - last <= ticks(400));
}

#[test]
fn a_digit_heard_twice_does_not_end_a_number_that_is_being_dictated() {
    let mut rig = Rig::greeted();
    says_digits(&mut rig, &["four", "five", "six", "seven", "one one"]);
    rig.silence(1000);
    assert_eq!(rig.lines(), [""; 0], "six words in five breaths");
    rig.says(400, "two");
    rig.silence(2200);
    assert_eq!(rig.count("caller:"), 1);
    assert_eq!(rig.count("clear"), 0);
}

#[test]
fn a_half_number_is_taken_after_the_longer_pause() {
    let mut rig = Rig::greeted();
    rig.says(900, "four five six");
    rig.silence(2200);
    assert_eq!(rig.lines()[0], "turn ended (Incomplete) after 2000 ms");
}

#[test]
fn a_barge_in_silences_the_bot_within_200_ms_and_is_answered() {
    let mut rig = Rig::greeted();
    rig.says(500, "explain");
    rig.silence(1700);
    let began = rig.call.now();
    rig.says(600, "where is my order");
    rig.silence(1000);
    assert!(rig.when("clear") - began <= ticks(200), "{:#?}", rig.log);
    assert_eq!(
        rig.lines()[5..],
        [
            "caller: where is my order",
            "bot: [speech where is my order]?"
        ]
    );
}

#[test]
fn a_nod_in_an_explanation_lets_it_go_on_from_the_cut_sentence() {
    let mut rig = Rig::greeted();
    rig.says(500, "explain");
    rig.silence(2300);
    rig.says(300, "mm-hm");
    let end = rig.call.now();
    rig.silence(6000);
    let resumed = rig.when("resumed");
    assert!(resumed - end <= ticks(400), "{:#?}", rig.log);
    assert_eq!(rig.count("caller:"), 1, "the nod is no turn");
    assert_eq!(
        rig.lines().last(),
        Some(&"bot: Part two. Part three. Is that right?")
    );
}

#[test]
fn a_yeah_after_the_question_was_asked_is_an_answer() {
    let mut rig = Rig::greeted();
    rig.says(500, "explain");
    rig.silence(720 + 3400);
    rig.says(300, "yeah");
    rig.silence(1500);
    assert_eq!(
        rig.lines().last(),
        Some(&"bot: [speech yeah]?"),
        "{:#?}",
        rig.log
    );
}

#[test]
fn a_cough_over_a_prompt_lets_it_go_on() {
    let mut rig = Rig::greeted();
    rig.says(500, "explain");
    rig.silence(1700);
    rig.says(200, "");
    rig.silence(600);
    assert_eq!(rig.count("resumed"), 1);
    assert_eq!(rig.count("caller:"), 1);
}

#[test]
fn a_prompt_that_may_not_be_cut_is_heard_to_its_end() {
    let mut rig = Rig::greeted();
    rig.says(500, "legal");
    rig.silence(1000);
    rig.says(600, "stop it");
    rig.silence(5000);
    assert_eq!(rig.count("clear"), 0);
    assert_eq!(rig.count("caller:"), 1);
}

#[test]
fn a_caller_who_goes_on_takes_the_turn_back() {
    let mut rig = Rig::greeted();
    rig.says(1800, "four five six seven one two");
    rig.silence(340);
    assert_eq!(rig.count("bot:"), 1, "answered already");
    rig.says(400, "please");
    rig.silence(1000);
    assert_eq!(rig.count("taken back"), 1);
    assert_eq!(
        rig.lines().last(),
        Some(&"bot: [speech four five six seven one two please]?")
    );
    assert_eq!(
        rig.call.dialogue().steps.len(),
        2,
        "the dialogue forgot the half turn"
    );
}

#[test]
fn a_caller_who_reacts_to_the_reply_does_not_take_it_back() {
    let mut rig = Rig::greeted();
    rig.says(1800, "four five six seven one two");
    rig.silence(900);
    rig.says(400, "yes");
    rig.silence(500);
    assert_eq!(rig.count("taken back"), 0);
    assert_eq!(rig.lines().last(), Some(&"bot: [speech yes]?"));
}

#[test]
fn silence_is_counted_from_the_end_of_the_prompt() {
    let mut rig = Rig::answered();
    let heard = rig.call.now() + ticks(1000);
    rig.silence(8000);
    let asked = rig.when("bot: [no input]?");
    assert!(
        (asked - heard).abs_diff(ticks(6000)) <= 3,
        "{asked} {heard}"
    );
}

#[test]
fn keys_cut_the_prompt_and_are_collected() {
    let mut rig = Rig::answered();
    rig.silence(200);
    rig.press("456712");
    assert_eq!(
        rig.lines(),
        ["bot: [start]?", "clear", "bot: [keys 456712]?"]
    );
    rig.silence(1500);
    rig.press("45#");
    assert_eq!(rig.lines().last(), Some(&"bot: [keys 45]?"));
    rig.silence(1500);
    rig.press("4");
    rig.silence(3000);
    assert_eq!(rig.lines().last(), Some(&"bot: [keys 4]?"));
}

#[test]
fn a_number_keyed_where_one_key_is_due_is_one_mistake() {
    let mut rig = Rig::greeted();
    rig.press("7#");
    rig.silence(1500);
    rig.press("###");
    assert_eq!(rig.count("bot: [keys #]"), 1, "{:#?}", rig.log);
    rig.silence(1500);
    rig.press("#");
    assert_eq!(rig.count("bot: [keys #]"), 2);
}

#[test]
fn keys_win_over_speech() {
    let mut rig = Rig::greeted();
    rig.says(500, "where is my order");
    rig.press("4#");
    rig.silence(3000);
    assert_eq!(rig.count("caller:"), 0);
    assert_eq!(rig.lines().last(), Some(&"bot: [keys 4]?"));
}

#[test]
fn an_answer_of_the_back_end_follows_the_bridge() {
    let mut rig = Rig::greeted();
    rig.says(500, "look");
    rig.silence(2000);
    let lines = rig.lines();
    assert_eq!(
        lines[2..],
        [
            "bot: Looking.",
            "look up order",
            "bot: [found 77 Rows([])]?"
        ]
    );
}

#[test]
fn a_dead_back_end_is_told_to_the_dialogue_within_five_seconds() {
    let mut rig = Rig::greeted();
    rig.back_end_works = false;
    rig.says(500, "look");
    rig.silence(6000);
    assert_eq!(rig.lines().last(), Some(&"bot: [found 77 Failed]?"));
}

#[test]
fn a_dead_recogniser_is_told_to_the_dialogue() {
    let mut rig = Rig::greeted();
    rig.recognizer_works = false;
    rig.says(500, "hello");
    rig.silence(1000);
    assert_eq!(rig.lines().last(), Some(&"bot: [deaf]?"));
}

#[test]
fn the_farewell_is_heard_before_the_line_is_cut() {
    let mut rig = Rig::greeted();
    rig.says(500, "bye");
    rig.silence(2500);
    assert_eq!(rig.lines()[2..], ["bot: Goodbye.", "hang up: Completed"]);
    assert!(rig.when("hang up") - rig.when("bot: Goodbye") >= ticks(1000));
    rig.silence(10_000);
    assert_eq!(rig.log.len(), 4, "nothing happens after the end");
}

#[test]
fn a_caller_nobody_takes_is_with_us_again() {
    let mut rig = Rig::greeted();
    rig.says(500, "person");
    rig.silence(2500);
    assert_eq!(rig.lines().last(), Some(&"hand over: Asked."));
    assert_eq!(rig.call.disposition(), Some(Disposition::HandedOver));
    rig.silence(3000);
    rig.feed(Event::Returned);
    assert_eq!(rig.lines().last(), Some(&"bot: [returned]?"));
    rig.silence(1500);
    rig.says(500, "where is my order");
    rig.silence(1000);
    assert_eq!(
        rig.lines().last(),
        Some(&"bot: [speech where is my order]?")
    );
}

/// A caller who waits with us while a person's telephone rings.
fn waiting() -> Rig {
    let mut rig = Rig::greeted();
    rig.says(500, "person");
    rig.silence(2500);
    assert_eq!(rig.lines().last(), Some(&"hand over: Asked."));
    rig.feed(Event::Calling);
    assert_eq!(rig.lines().last(), Some(&"bot: [calling]?"));
    rig
}

#[test]
fn a_caller_who_waits_for_a_person_is_heard_and_reassured() {
    let mut rig = waiting();
    rig.silence(1500);
    assert_eq!(rig.call.disposition(), None);
    rig.says(500, "hello");
    rig.silence(1000);
    assert_eq!(rig.lines().last(), Some(&"bot: [speech hello]?"));
    rig.silence(10_000);
    assert!(
        rig.lines().contains(&"bot: [no input]?"),
        "{:?}",
        rig.lines()
    );
}

#[test]
fn a_person_who_takes_the_call_ends_it_in_mid_sentence() {
    let mut rig = waiting();
    rig.silence(200);
    rig.feed(Event::Joined);
    assert_eq!(rig.call.disposition(), Some(Disposition::HandedOver));
    let told = rig.log.len();
    rig.says(500, "hello");
    rig.silence(10_000);
    assert_eq!(rig.log.len(), told, "{:?}", rig.lines());
}

#[test]
fn a_person_who_does_not_take_it_leaves_the_caller_with_us() {
    let mut rig = waiting();
    rig.silence(200);
    rig.feed(Event::Returned);
    assert_eq!(rig.lines().last(), Some(&"bot: [returned]?"));
    rig.silence(1500);
    rig.feed(Event::HungUp);
    assert_eq!(rig.call.disposition(), Some(Disposition::Abandoned));
}

#[test]
fn draining_waits_for_the_floor() {
    let mut rig = Rig::greeted();
    rig.says(500, "explain");
    rig.silence(1000);
    rig.feed(Event::Drain);
    assert_eq!(rig.count("bot: [closing]"), 0);
    rig.silence(5000);
    assert_eq!(rig.lines().last(), Some(&"bot: [closing]?"));
}

#[test]
fn a_house_without_time_waits_for_nobody() {
    let mut rig = Rig::greeted();
    rig.says(500, "explain");
    rig.silence(1000);
    rig.feed(Event::Drain);
    rig.says(300, "");
    rig.feed(Event::Hurry);
    assert_eq!(rig.lines().last(), Some(&"bot: [hurry]?"), "{:?}", rig.log);
    rig.silence(1500);
    // Who is leaving already hears the farewell to its end.
    rig.says(500, "bye");
    rig.silence(800);
    rig.feed(Event::Hurry);
    rig.silence(1500);
    assert_eq!(rig.count("bot: [hurry]"), 1, "{:?}", rig.log);
    assert_eq!(rig.lines().last(), Some(&"hang up: Completed"));
}

#[test]
fn a_voice_without_end_is_cut_at_the_limit() {
    let mut rig = Rig::greeted();
    rig.says(40_000, "");
    assert_eq!(rig.count("bot: [noise]"), 1, "{:#?}", rig.log);
    assert!(
        rig.count("bot: [no input]") >= 2,
        "music does not keep us from going on: {:#?}",
        rig.log
    );
    rig.silence(1500);
    rig.says(500, "where is my order");
    rig.silence(1000);
    assert_eq!(
        rig.lines().last(),
        Some(&"bot: [speech where is my order]?")
    );
}

#[test]
fn a_caller_who_hangs_up_leaves_an_abandoned_call() {
    let mut rig = Rig::greeted();
    rig.says(500, "explain");
    rig.feed(Event::HungUp);
    rig.silence(5000);
    assert_eq!(rig.call.disposition(), Some(Disposition::Abandoned));
    assert_eq!(rig.lines(), [""; 0]);
}
