//! What a screen shows of a few calls.

use super::*;
use crate::call::Tick;
use crate::dialogue::Hypothesis;

fn sentence(text: &str) -> Sentence {
    Sentence {
        text: text.into(),
        ..Sentence::default()
    }
}

fn say(playback: PlaybackId, texts: &[&str], first: u16) -> Action {
    Action::Say {
        playback,
        sentences: texts.iter().map(|text| sentence(text)).collect(),
        first,
    }
}

fn mark(playback: PlaybackId, sentence: u16) -> Mark {
    Mark { playback, sentence }
}

fn hypothesis(text: &str) -> Hypothesis {
    Hypothesis {
        text: text.into(),
        confidence: 900,
        ..Hypothesis::default()
    }
}

fn words(text: &str) -> Event {
    Event::Recognized {
        id: 1,
        outcome: Recognition::Words(vec![hypothesis(text)]),
    }
}

/// A screen: every caption as "who id state text".
#[derive(Default)]
struct Screen {
    captions: Captions,
    out: Vec<Out>,
}

impl Screen {
    fn event(&mut self, event: &Event) {
        self.captions.event(event, false, &mut self.out);
    }

    fn action(&mut self, action: &Action) {
        self.captions.action(action, &mut self.out);
    }

    fn note(&mut self, note: Note) {
        self.action(&Action::Note(note));
    }

    fn shown(&mut self) -> Vec<String> {
        let show = |out: Out| match out {
            Out::Caption(Caption::Words {
                who,
                id,
                text,
                state,
                ..
            }) => format!("{who:?} {id} {state:?} {text}"),
            Out::Caption(Caption::Secret(secret)) => format!("secret {secret}"),
            out => panic!("no caption: {out:?}"),
        };
        self.out.drain(..).map(show).collect()
    }
}

#[test]
fn sentences_are_shown_when_they_begin_to_sound() {
    let mut screen = Screen::default();
    screen.action(&say(1, &["Hello.", "How can I help?"], 0));
    assert!(screen.shown().is_empty(), "nothing sounds yet");
    screen.event(&Event::Started(mark(1, 0)));
    screen.event(&Event::Started(mark(1, 1)));
    screen.action(&say(2, &["Yes."], 0));
    screen.event(&Event::Started(mark(2, 0)));
    let expected = [
        "Bot 0 Final Hello.",
        "Bot 1 Final How can I help?",
        "Bot 2 Final Yes.",
    ];
    assert_eq!(screen.shown(), expected);
}

#[test]
fn a_sentence_that_was_cut_says_so_and_after_a_nod_it_goes_on_as_the_same() {
    let mut screen = Screen::default();
    screen.action(&say(1, &["One.", "Two.", "Three."], 0));
    screen.event(&Event::Started(mark(1, 0)));
    screen.event(&Event::Started(mark(1, 1)));
    screen.note(Note::BargedIn { mark: mark(1, 1) });
    screen.event(&words("mm-hm"));
    screen.note(Note::Resumed { mark: mark(2, 1) });
    screen.action(&say(2, &["One.", "Two.", "Three."], 1));
    screen.event(&Event::Started(mark(2, 1)));
    screen.action(&say(3, &["Four."], 0));
    screen.event(&Event::Started(mark(3, 0)));
    let expected = [
        "Bot 0 Final One.",
        "Bot 1 Final Two.",
        "Bot 1 Cut Two.",
        "Caller 0 Interim mm-hm",
        "Caller 0 Final mm-hm",
        "Bot 1 Final Two.",
        "Bot 3 Final Four.",
    ];
    assert_eq!(screen.shown(), expected);
}

#[test]
fn a_turn_that_is_taken_back_is_replaced_by_its_whole() {
    let mut screen = Screen::default();
    screen.event(&words("where is"));
    screen.note(Note::Caller(hypothesis("where is")));
    screen.note(Note::TakenBack);
    screen.event(&words("where is my order"));
    screen.note(Note::Caller(hypothesis("where is my order")));
    screen.note(Note::Caller(hypothesis("yes")));
    let expected = [
        "Caller 0 Interim where is",
        "Caller 0 Final where is",
        "Caller 0 Interim where is my order",
        "Caller 0 Final where is my order",
        "Caller 1 Final yes",
    ];
    assert_eq!(screen.shown(), expected);
}

#[test]
fn a_secret_is_dots_and_what_is_heard_meanwhile_is_not_shown() {
    let mut screen = Screen::default();
    screen.captions.secret(true, &mut screen.out);
    screen.captions.secret(true, &mut screen.out);
    screen
        .captions
        .event(&words("one two three four"), true, &mut screen.out);
    screen.note(Note::Keys("•1:4•".into()));
    screen.captions.dots(400, &mut screen.out);
    screen.captions.secret(false, &mut screen.out);
    screen.note(Note::Keys("12".into()));
    let expected = [
        "secret true",
        "Caller 0 Final ••••",
        "Caller 1 Final ••••••••••••",
        "secret false",
        "Caller 2 Final 12",
    ];
    assert_eq!(screen.shown(), expected);
}

#[test]
fn a_long_call_keeps_few_replies() {
    let mut screen = Screen::default();
    for playback in 1..1000 {
        screen.action(&say(playback, &["x"], 0));
    }
    assert_eq!(screen.captions.replies.len(), REPLIES);
    let last: Tick = 999;
    screen.event(&Event::Started(mark(last, 0)));
    assert_eq!(screen.shown(), ["Bot 998 Final x"]);
}
