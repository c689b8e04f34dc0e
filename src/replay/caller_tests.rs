//! A caller who phones again waits, cuts in and pauses as he did.

use super::*;
use crate::audio::{self, FRAME_SAMPLES};
use crate::call::Mark;
use crate::call::journal::Header;
use crate::dialogue::Context;

fn header() -> Header {
    Header {
        journal: crate::call::journal::FORMAT,
        attendant: String::new(),
        call: "c1".into(),
        line: "recording".into(),
        endpointing: crate::call::Endpointing {
            early_ms: 160,
            complete_ms: 200,
            whole_ms: 420,
            open_ms: 720,
            incomplete_ms: 2000,
            max_speech_ms: 15_000,
        },
        domain: "shop".into(),
        domain_digest: String::new(),
        recognizer: String::new(),
    }
}

/// A call in which the bot speaks in `bot` and the caller in `caller` (ticks from, to).
fn call(bot: &[(Tick, Tick)], caller: &[(Tick, Tick)], length: Tick) -> Journal {
    let mut entries = Vec::new();
    let within =
        |spans: &[(Tick, Tick)], tick| spans.iter().any(|(from, to)| (*from..*to).contains(&tick));
    let context = Context {
        now: "2026-11-24T10:30:00".parse().expect("a time"),
        caller: None,
        language: String::new(),
    };
    entries.push((0, Entry::In(Event::Answered(context))));
    for tick in 0..length {
        for (nth, (from, to)) in (1..).zip(bot) {
            let mark = Mark {
                playback: nth,
                sentence: 0,
            };
            if tick == *from {
                entries.push((tick, Entry::In(Event::Started(mark))));
            }
            if tick == *to {
                let cleared = false;
                entries.push((tick, Entry::In(Event::Played { mark, cleared })));
            }
        }
        let voice = if within(caller, tick) { 200 } else { 0 };
        let heard = audio::Heard {
            voice,
            level: 40,
            tone: false,
        };
        entries.push((tick + 1, Entry::In(Event::Heard(heard))));
    }
    entries.push((length, Entry::In(Event::HungUp)));
    Journal {
        header: header(),
        entries,
        truncated: false,
    }
}

/// Frame `n` is full of `n + 1`.
fn frames(count: Tick) -> Vec<Frame> {
    (0..count)
        .map(|n| Frame([n as i16 + 1; FRAME_SAMPLES]))
        .collect()
}

/// Ticks at which the caller's parts begin, with a bot that speaks as `bot` says, and the first sample of each.
fn phone(caller: &mut Caller, bot: impl Fn(Tick) -> bool, length: Tick) -> Vec<(Tick, i16)> {
    let mut begins = Vec::new();
    let mut spoke = false;
    for tick in 0..length {
        let heard = caller.next(bot(tick));
        if heard.speaks && !spoke {
            begins.push((tick, heard.frame.0[0]));
        }
        spoke = heard.speaks;
    }
    begins
}

#[test]
fn a_caller_waits_for_a_bot_that_takes_longer() {
    let journal = call(&[(0, 100)], &[(200, 250)], 300);
    let mut caller = Caller::new(&journal, &frames(300));
    // Then it was 100 ticks from the bot's end to the caller's voice; 15 before that its sound begins.
    let begins = phone(&mut caller, |tick| tick < 300, 500);
    assert_eq!(begins[0], (385 - 1, 186));
}

#[test]
fn a_caller_cuts_in_where_he_cut_in() {
    let journal = call(&[(50, 250)], &[(150, 200)], 300);
    let mut caller = Caller::new(&journal, &frames(300));
    let begins = phone(&mut caller, |tick| (80..300).contains(&tick), 400);
    // 85 ticks into the bot's words: it began 30 later today.
    assert_eq!(begins[0].0, 165 - 1);
}

#[test]
fn a_pause_between_two_words_stays_as_long_as_it_was() {
    let journal = call(&[(0, 20)], &[(100, 120), (200, 220)], 300);
    let mut caller = Caller::new(&journal, &frames(300));
    let begins = phone(&mut caller, |tick| tick < 20, 400);
    assert_eq!(begins[1].0 - begins[0].0, 100);
}

#[test]
fn a_caller_who_is_never_answered_speaks_in_the_end_and_hangs_up() {
    let journal = call(&[(0, 50), (150, 200)], &[(100, 110), (250, 260)], 400);
    let mut caller = Caller::new(&journal, &frames(400));
    // Today the bot says one thing less.
    let mut hung_up = false;
    for tick in 0..2000 {
        let heard = caller.next(tick < 50);
        hung_up |= heard.does.contains(&Does::HangsUp);
    }
    assert!(hung_up && caller.is_done());
}

#[test]
fn another_pace_keeps_keys_in_their_place() {
    let mut journal = call(&[(0, 20)], &[(100, 200)], 300);
    let key = Event::Digit {
        digit: Digit::new('5').expect("a key"),
        source: DigitSource::Signalled,
    };
    let at = journal
        .entries
        .iter()
        .position(|(tick, entry)| *tick == 151 && matches!(entry, Entry::In(Event::Heard(_))));
    journal
        .entries
        .insert(at.expect("a tick"), (150, Entry::In(key)));
    let mut caller = Caller::new(&journal, &frames(300));
    caller.change(|sound| sound.iter().step_by(2).copied().collect());
    let mut pressed = None;
    let mut length = 0;
    for tick in 0..300 {
        let heard = caller.next(tick < 20);
        length += u32::from(heard.speaks);
        if heard.does.iter().any(|does| matches!(does, Does::Key(_))) {
            pressed = Some(length);
        }
    }
    // The part is 127 ticks long, half of that now, and the key came 65 into it.
    let pressed = pressed.expect("a key");
    assert!((30..=36).contains(&pressed), "{pressed}");
}

#[test]
fn a_bot_of_several_sentences_has_spoken_once() {
    let mut journal = call(&[], &[(200, 250)], 300);
    let at = |tick: Tick, event: Event| (tick, Entry::In(event));
    let mark = |sentence| Mark {
        playback: 1,
        sentence,
    };
    let played = |sentence| Event::Played {
        mark: mark(sentence),
        cleared: false,
    };
    // As a player tells it: the next sentence begins, then that the one before was heard.
    for (after, event) in [
        at(10, Event::Started(mark(0))),
        at(60, Event::Started(mark(1))),
        at(60, played(0)),
        at(120, Event::Started(mark(2))),
        at(120, played(1)),
        at(180, played(2)),
    ] {
        let place = journal.entries.iter().rposition(|(tick, _)| *tick <= after);
        journal
            .entries
            .insert(place.expect("a tick") + 1, (after, event));
    }
    let caller = Caller::new(&journal, &frames(300));
    let wait = caller.parts().next().expect("a part").wait;
    assert_eq!(wait, Wait::AfterBot { times: 1, ticks: 5 });
}

#[test]
fn a_key_that_is_answered_while_it_sounds_waits_for_no_answer() {
    let mut journal = call(&[(0, 100), (203, 280)], &[], 300);
    for (tick, entry) in &mut journal.entries {
        if let Entry::In(Event::Heard(heard)) = entry {
            heard.tone = (201..207).contains(tick);
        }
    }
    let caller = Caller::new(&journal, &frames(300));
    let wait = caller.parts().next().expect("a part").wait;
    assert!(matches!(wait, Wait::AfterBot { times: 1, .. }), "{wait:?}");
}
