//! A secret said aloud over the prompt that asks for it: nobody listens, and the caller soon hears that.

use crate::support::rig::Rig;
use attendant::call::ticks;

/// The prompt of the secret question begins to sound.
fn asked() -> Rig {
    let mut rig = Rig::greeted();
    rig.says(500, "my secret");
    rig.silence(740);
    assert_eq!(rig.lines().last(), Some(&"bot: [speech my secret]?"));
    rig
}

#[test]
fn who_says_it_over_the_prompt_is_soon_told_that_it_was_not_heard() {
    // The prompt takes 1000 ms. The voice ends before it, with it, and after it.
    for (begins, takes) in [(100, 600), (100, 900), (300, 720), (500, 560), (500, 1500)] {
        let mut rig = asked();
        let from = rig.call.now();
        rig.silence(begins);
        rig.says(takes, "three oh four one");
        rig.silence(2000);
        let ends = from + ticks((begins + takes).max(1000));
        let told = rig.when("bot: [noise]?");
        assert!(told - ends <= ticks(800), "{begins} {takes}: {told} {ends}");
        assert_eq!(rig.count("clear"), 0, "no voice stops that prompt");
        assert_eq!(rig.count("caller:"), 1, "and nothing of it is heard");
    }
}

#[test]
fn who_says_the_rest_of_it_after_the_prompt_is_told_too() {
    let mut rig = Rig::greeted();
    rig.says(500, "explain my secret");
    rig.silence(740);
    // Most of it ends long before the prompt of 4 s does, the last word comes after it.
    rig.says(600, "three oh four");
    rig.silence(3500);
    assert_eq!(rig.count("bot: [noise]"), 0, "{:?}", rig.log);
    let ends = rig.call.now() + ticks(200);
    rig.says(200, "one");
    rig.silence(2000);
    let told = rig.when("bot: [noise]?");
    assert!(told - ends <= ticks(800), "{told} {ends}");
}

#[test]
fn a_cough_over_it_and_a_voice_long_before_its_end_are_no_answer() {
    for takes in [200, 300] {
        let mut rig = asked();
        rig.silence(700);
        rig.says(takes, "ahem");
        rig.silence(4500);
        assert_eq!(rig.count("bot:"), 1, "{takes}: {:?}", rig.log);
    }
}

#[test]
fn who_says_it_and_then_keys_it_has_keyed_it() {
    let mut rig = asked();
    rig.silence(200);
    rig.says(700, "three oh four one");
    rig.silence(200);
    for _ in 0..4 {
        rig.feed(attendant::call::Event::SecretDigit);
        rig.silence(100);
    }
    rig.silence(5000);
    assert_eq!(rig.count("bot: [noise]"), 0, "{:?}", rig.log);
    assert_eq!(rig.count("seal 4"), 1, "{:?}", rig.log);
}
