//! Whatever a caller does, and whenever.

use crate::support::rig::Rig;
use attendant::call::{Event, Recognition};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Doing {
    Speak(u16, u8),
    Silence(u16),
    Key(char),
    Stale(u32),
    Drain,
    Hurry,
    Returned,
}

fn doing() -> impl Strategy<Value = Doing> {
    prop_oneof![
        4 => (60..3000u16, 0..8u8).prop_map(|(ms, words)| Doing::Speak(ms, words)),
        4 => (20..9000u16).prop_map(Doing::Silence),
        2 => prop::sample::select("0123456789*#".chars().collect::<Vec<_>>()).prop_map(Doing::Key),
        1 => (0..20u32).prop_map(Doing::Stale),
        1 => Just(Doing::Drain),
        1 => Just(Doing::Hurry),
        1 => Just(Doing::Returned),
    ]
}

const WORDS: [&str; 8] = [
    "",
    "mm-hm",
    "yes",
    "explain",
    "four five",
    "look",
    "legal",
    "person",
];

fn act(rig: &mut Rig, doing: &Doing) {
    match doing {
        Doing::Speak(ms, words) => rig.says(u32::from(*ms), WORDS[usize::from(*words)]),
        Doing::Silence(ms) => rig.silence(u32::from(*ms)),
        Doing::Key(key) => rig.press(&key.to_string()),
        Doing::Stale(id) => rig.feed(Event::Recognized {
            id: *id,
            outcome: Recognition::Nothing,
        }),
        Doing::Drain => rig.feed(Event::Drain),
        Doing::Hurry => rig.feed(Event::Hurry),
        Doing::Returned => rig.feed(Event::Returned),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever happens: a live call never falls silent for good, and an ended one stays quiet.
    #[test]
    fn nobody_is_left_in_silence(script in prop::collection::vec(doing(), 1..25)) {
        let mut rig = Rig::answered();
        script.iter().for_each(|doing| act(&mut rig, doing));
        let before = rig.log.len();
        rig.silence(20_000);
        let spoke = rig.log[before..].iter().any(|(_, line)| line.starts_with("bot:"));
        match rig.call.disposition() {
            None => prop_assert!(spoke, "silent for 20 s: {:#?}", rig.log),
            Some(_) => {
                let end = rig.log.len();
                rig.silence(5_000);
                prop_assert_eq!(rig.log.len(), end);
            }
        }
    }
}
