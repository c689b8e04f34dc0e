//! How feelings add up, last and pass. What single sentences say is tested in `sentences`.

use super::*;
use Language::{English, Spanish};

#[path = "sentences.rs"]
mod sentences;
#[path = "spanish_sentences.rs"]
mod spanish_sentences;
use sentences::feel;

#[test]
fn words_around_make_it_stronger_or_weaker() {
    let anger = |said| feel(said, English).anger;
    assert!(anger("i am very angry") > anger("i am angry"));
    assert!(anger("i am a bit angry") < anger("i am angry"));
    assert!(anger("you fucking idiots") > EXTREME);
    assert_eq!(anger("i am not angry"), 0);
    assert_eq!(anger("no i am angry"), anger("i am angry"));
    assert!(feel("no estoy contento", Spanish).frustration >= NOTABLE);
}

fn say(mood: &mut Mood, said: &str, tone: Option<(u16, i16, u16)>) -> Feeling {
    let words: Vec<&str> = said.split(' ').collect();
    let tone = tone.map(|(pitch_hz, level_db, rate)| Tone {
        pitch_hz,
        level_db,
        rate,
    });
    mood.turn(&words, English, tone)
}

#[test]
fn a_person_is_wanted_when_it_lasts_or_is_extreme() {
    let mut mood = Mood::default();
    say(&mut mood, "where is my order", None);
    assert!(!mood.wants_soothing() && !mood.wants_person());
    say(&mut mood, "this is ridiculous", None);
    assert!(mood.wants_soothing() && !mood.wants_person());
    say(&mut mood, "this is unacceptable", None);
    assert!(mood.wants_soothing() && mood.wants_person());
    assert!(mood.now < -300, "{mood:?}");

    let mut mood = Mood::default();
    say(&mut mood, "fuck you", None);
    assert!(mood.wants_person());

    let mut mood = Mood::default();
    for _ in 0..4 {
        say(&mut mood, "i already told you that", None);
    }
    assert!(mood.wants_person(), "frustration that goes on: {mood:?}");
}

#[test]
fn moods_pass() {
    let mut mood = Mood::default();
    say(&mut mood, "i am furious", None);
    let at_worst = mood.now;
    for _ in 0..3 {
        say(&mut mood, "my number is four five", None);
    }
    assert!(mood.now > at_worst / 3, "{mood:?}");
    assert!(!mood.wants_soothing() && !mood.wants_person());
    say(&mut mood, "wonderful thank you so much", None);
    assert!(mood.now > 0, "{mood:?}");
}

#[test]
fn a_complaint_said_again_weighs_more() {
    let mut mood = Mood::default();
    let first = say(&mut mood, "this is ridiculous", None);
    let second = say(&mut mood, "this is ridiculous", None);
    let third = say(&mut mood, "this is ridiculous", None);
    assert!(first.frustration < second.frustration && second.frustration < third.frustration);
}

#[test]
fn the_voice_is_compared_with_the_callers_own_start() {
    let usual = Some((120, -25, 220));
    let raised = Some((170, -15, 280));
    let plain = "where is my order";
    let mut mood = Mood::default();
    assert_eq!(say(&mut mood, plain, usual).arousal, 0);
    assert_eq!(say(&mut mood, plain, Some((125, -24, 230))).arousal, 0);
    assert_eq!(
        say(&mut mood, plain, Some((128, -23, 240))),
        Feeling::default()
    );
    let shouted = say(&mut mood.clone(), plain, raised);
    assert!(
        shouted.arousal >= 600 && shouted.anger >= NOTABLE,
        "{shouted:?}"
    );
    let with_words = say(&mut mood.clone(), "this is ridiculous", raised);
    assert!(with_words.anger > say(&mut mood.clone(), "this is ridiculous", usual).anger);
    let afraid = say(&mut mood.clone(), "i am worried", raised);
    assert!(afraid.distress > 500 && afraid.anger == 0, "{afraid:?}");
    let glad = say(&mut mood.clone(), "oh wonderful", raised);
    assert!(glad.anger == 0 && glad.distress == 0, "{glad:?}");
    // Louder alone is a phone held closer.
    let closer = say(&mut mood.clone(), plain, Some((120, -12, 220)));
    assert!(closer.anger == 0, "{closer:?}");
    // A voice that was never measured is compared with nothing.
    let mut silent = Mood::default();
    assert_eq!(say(&mut silent, plain, Some((0, 0, 0))), Feeling::default());
}

#[test]
fn any_words_and_figures_are_survived() {
    let mut mood = Mood::default();
    for n in 0..200_u16 {
        let long = vec!["fuck"; usize::from(n)];
        let tone = Tone {
            pitch_hz: n * 300,
            level_db: (n as i16) * 150,
            rate: u16::MAX,
        };
        let feeling = mood.turn(&long, English, Some(tone));
        assert!(feeling.anger <= 1000 && (-1000..=1000).contains(&mood.now));
    }
}
