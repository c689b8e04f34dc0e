//! Turn-taking as one would tell it to a colleague, held against the call engine: the same events go into
//! both, and both must want the same. The model knows no marks in flight, no numbers out of date and no
//! machines within machines; it was written from the rules, not from the engine:
//!
//! - Four of eight ticks with voice are speech; a pause of 200 ms ends it, and what was said is recognised.
//! - Who speaks into a prompt stops it, unless it may not be stopped. A nod or a noise lets it go on from the
//!   sentence that was cut.
//! - Words end the turn at a pause as long as they need; a cough is not spoken about.
//! - Who goes on before the answer sounds, or just as it does, takes the turn back.
//! - Keys win over speech and over what may be stopped; an entry that led nowhere swallows what is keyed right after.
//! - Silence counts from when everything was heard. What follows a goodbye follows it; then nothing does.

mod model;

use attendant::audio::{Digit, DigitSource, Heard};
use attendant::call::{Action, Call, Converse, Endpointing, Event, Mark, Recognition, Tick};
use attendant::dialogue::{
    BargeIn, Completeness, Context, Disposition, Handover, Hypothesis, Input, Interruption, Keypad,
    Question, Reason, Reply, Sentence, Then,
};
use model::{After, BETWEEN_KEYS, Model, NO_INPUT, answer};
use proptest::prelude::*;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

const ENDPOINTING: Endpointing = Endpointing {
    early_ms: 200,
    complete_ms: 240,
    whole_ms: 420,
    open_ms: 720,
    incomplete_ms: 2000,
    max_speech_ms: 600_000,
};

/// A dialogue that answers by the table.
#[derive(Clone)]
struct Table {
    question: Question,
    inputs: Arc<Mutex<Vec<String>>>,
}

impl Converse for Table {
    fn step(&mut self, input: Input<'_>) -> Reply {
        let input = match input {
            Input::Start => "start".to_owned(),
            Input::Speech(words) => format!("says {}", words[0].text),
            Input::Keys(keys) => format!("keys {keys}"),
            Input::NoInput => "no input".into(),
            Input::Noise => "noise".into(),
            Input::Deaf => "deaf".into(),
            Input::Returned => "returned".into(),
            other => format!("{other:?}"),
        };
        // An entry with a one in it leads somewhere.
        if input.starts_with("keys") && input.contains('1') {
            self.question.slot.push('x');
        }
        self.inputs.lock().unwrap().push(input.clone());
        let (sentences, stops, after) = answer(&input);
        let sentence = |question: &bool| Sentence {
            text: input.clone(),
            question: *question,
            ..Sentence::default()
        };
        Reply {
            say: sentences.iter().map(sentence).collect(),
            barge_in: if stops { BargeIn::Any } else { BargeIn::Never },
            then: match after {
                After::Listen => Then::Listen,
                After::HangUp => Then::HangUp(Disposition::Completed),
                After::HandOver => Then::HandOver(Handover::new(Reason::Requested, "Asked.")),
            },
            understood: None,
        }
    }

    fn question(&self) -> &Question {
        &self.question
    }

    fn completeness(&self, words: &[Hypothesis]) -> Completeness {
        match words[0].text.as_str() {
            "yes" => Completeness::Complete,
            "well" => Completeness::Incomplete,
            _ => Completeness::Open,
        }
    }

    fn interruption(&self, words: &[Hypothesis], asked: bool) -> Interruption {
        match words[0].text == "mhm" && !asked {
            true => Interruption::Backchannel,
            false => Interruption::Meant,
        }
    }
}

/// What somebody does for a while.
#[derive(Clone, Debug)]
enum Move {
    Speak(Tick, &'static str),
    Quiet(Tick),
    Key(char),
    /// An answer or a mark that nobody waits for.
    Late(u32),
    Returned,
    HangUp,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let words = proptest::sample::select(vec![
        "", "", "yes", "well", "so", "mhm", "mhm", "story", "story", "law", "hush", "person",
        "bye", "soon", "!",
    ]);
    let one = prop_oneof![
        6 => (1..60_u32, words).prop_map(|(ticks, word)| Move::Speak(ticks, word)),
        6 => (1..140_u32).prop_map(Move::Quiet),
        2 => proptest::sample::select(vec!['1', '2', '0', '#']).prop_map(Move::Key),
        1 => (0..6_u32).prop_map(Move::Late),
        1 => Just(Move::Returned),
        1 => (0..8_u32).prop_map(|n| if n == 0 { Move::HangUp } else { Move::Quiet(n) }),
    ];
    proptest::collection::vec(one, 1..40)
}

/// The engine with a line and a recogniser around it, and the model beside it.
struct World {
    call: Call<Table>,
    model: Model,
    inputs: Arc<Mutex<Vec<String>>>,
    word: &'static str,
    /// Ticks that the recogniser takes, and a sentence.
    pace: (Tick, Tick),
    owed: Vec<(Tick, u32)>,
    playing: VecDeque<Mark>,
    sounds: Option<Tick>,
    told: Vec<String>,
}

impl World {
    fn new(pace: (Tick, Tick)) -> Self {
        let inputs = Arc::default();
        let question = Question {
            keypad: Keypad {
                max_digits: 2,
                termchar: Some('#'),
                interdigit_ms: BETWEEN_KEYS * 20,
            },
            no_input_ms: NO_INPUT * 20,
            ..Question::default()
        };
        let table = Table {
            question,
            inputs: Arc::clone(&inputs),
        };
        Self {
            call: Call::new(ENDPOINTING, table),
            model: Model::default(),
            inputs,
            word: "",
            pace,
            owed: Vec::new(),
            playing: VecDeque::new(),
            sounds: None,
            told: Vec::new(),
        }
    }

    /// Both get the event, and must want the same.
    fn feed(&mut self, event: Event) -> Result<(), TestCaseError> {
        self.call.handle(&event);
        let mut wants = Vec::new();
        while let Some(action) = self.call.poll_action() {
            match action {
                Action::Recognize { id, .. } => {
                    self.owed.push((self.call.now() + self.pace.0, id));
                    wants.push(format!("hear {id}"));
                }
                Action::Abandon(id) => wants.push(format!("forget {id}")),
                Action::Say {
                    playback,
                    sentences,
                    first,
                } => {
                    let marks = first..sentences.len() as u16;
                    self.playing
                        .extend(marks.map(|sentence| Mark { playback, sentence }));
                    wants.push(format!("say {playback} from {first}"));
                }
                Action::Clear(_) => {
                    self.playing.clear();
                    self.sounds = None;
                    wants.push("stop".into());
                }
                Action::HandOver(_) => wants.push("hand over".into()),
                Action::HangUp(_) => wants.push("hang up".into()),
                _ => {}
            }
        }
        wants.extend(
            self.inputs
                .lock()
                .unwrap()
                .drain(..)
                .map(|input| format!("in: {input}")),
        );
        let mut expected = self.model.feed(&event);
        let now = self.call.now();
        self.told
            .extend(wants.iter().map(|want| format!("{now}: {want}")));
        // What goes into the dialogue is known apart from what comes out.
        expected.sort_by_key(|want| want.starts_with("in:"));
        prop_assert_eq!(
            wants,
            expected,
            "at {} {:?}, after {:#?}",
            now,
            event,
            self.told
        );
        Ok(())
    }

    fn tick(&mut self, voice: bool) -> Result<(), TestCaseError> {
        self.feed(Event::Heard(Heard {
            voice: if voice { 230 } else { 0 },
            level: if voice { 30 } else { 60 },
            tone: false,
        }))?;
        let now = self.call.now();
        while let Some(at) = self.owed.iter().position(|(due, _)| *due <= now) {
            let (_, id) = self.owed.remove(at);
            let outcome = self.recognition();
            self.feed(Event::Recognized { id, outcome })?;
        }
        match (self.sounds, self.playing.front().copied()) {
            (None, Some(mark)) => {
                self.sounds = Some(now);
                self.feed(Event::Started(mark))
            }
            (Some(since), Some(mark)) if now >= since + self.pace.1 => {
                self.playing.pop_front();
                self.sounds = None;
                self.feed(Event::Played {
                    mark,
                    cleared: false,
                })
            }
            _ => Ok(()),
        }
    }

    fn recognition(&self) -> Recognition {
        match self.word {
            "" => Recognition::Nothing,
            "!" => Recognition::Failed,
            word => Recognition::Words(vec![Hypothesis {
                text: word.into(),
                confidence: 900,
                ..Hypothesis::default()
            }]),
        }
    }

    fn play(&mut self, step: &Move) -> Result<(), TestCaseError> {
        match *step {
            Move::Speak(ticks, word) => {
                self.word = word;
                (0..ticks).try_for_each(|_| self.tick(true))
            }
            Move::Quiet(ticks) => (0..ticks).try_for_each(|_| self.tick(false)),
            Move::Key(key) => {
                let digit = Digit::new(key).unwrap();
                let source = DigitSource::Signalled;
                self.feed(Event::Digit { digit, source })?;
                (0..5).try_for_each(|_| self.tick(false))
            }
            Move::Late(number) => {
                let outcome = self.recognition();
                let mark = Mark {
                    playback: number,
                    sentence: 0,
                };
                if self.owed.iter().all(|(_, id)| *id != number) {
                    self.feed(Event::Recognized {
                        id: number,
                        outcome,
                    })?;
                }
                if self
                    .playing
                    .iter()
                    .all(|playing| playing.playback != number)
                {
                    self.feed(Event::Played {
                        mark,
                        cleared: false,
                    })?;
                }
                Ok(())
            }
            Move::Returned => self.feed(Event::Returned),
            Move::HangUp => self.feed(Event::HungUp),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_takes_turns_as_the_model_does(
        moves in moves(),
        pace in (0..60_u32, 10..80_u32),
    ) {
        let mut world = World::new(pace);
        let now = "2026-11-22T10:00:00".parse().unwrap();
        world.feed(Event::Answered(Context {
            now,
            caller: None,
            language: String::new(),
        }))?;
        for step in &moves {
            world.play(step)?;
        }
    }
}

/// A model that no event could prove wrong would prove nothing: everything it speaks of is met.
#[test]
fn a_call_meets_all_that_the_model_speaks_of() {
    let mut world = World::new((8, 30));
    let now = "2026-11-22T10:00:00".parse().unwrap();
    world
        .feed(Event::Answered(Context {
            now,
            caller: None,
            language: String::new(),
        }))
        .unwrap();
    let moves = [
        Move::Quiet(60),
        Move::Speak(20, "story"),
        Move::Quiet(60),
        // A nod into it, then a cough, then words; and on, before the answer.
        Move::Speak(15, "mhm"),
        Move::Quiet(30),
        Move::Speak(8, ""),
        Move::Quiet(60),
        Move::Speak(15, "so"),
        Move::Quiet(38),
        Move::Speak(15, "so"),
        Move::Quiet(240),
        Move::Speak(40, ""),
        Move::Quiet(60),
        Move::Speak(20, "law"),
        Move::Quiet(50),
        Move::Speak(15, "so"),
        Move::Key('2'),
        Move::Key('#'),
        Move::Quiet(200),
        Move::Speak(20, "!"),
        Move::Quiet(60),
        Move::Speak(20, "person"),
        Move::Quiet(120),
        Move::Returned,
        Move::Quiet(40),
        Move::Speak(15, "so"),
        Move::Quiet(12),
        Move::Speak(15, "so"),
        Move::Quiet(90),
        Move::Speak(20, "bye"),
        Move::Quiet(90),
    ];
    for step in &moves {
        world.play(step).unwrap();
    }
    let told = world.told.join("\n");
    for want in [
        "in: start",
        "in: says story",
        "stop",
        "say 3 from",
        "in: no input",
        "in: noise",
        "in: says law",
        "forget",
        "in: keys 2",
        "in: deaf",
        "hand over",
        "in: returned",
        "hang up",
    ] {
        assert!(told.contains(want), "{want}: {told}");
    }
}
