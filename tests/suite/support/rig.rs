//! A rig for the call engine: a fake line, a fake recogniser and a fake dialogue around a real
//! [`Call`], on a virtual clock. Tests on it read like calls.

use attendant::audio::{Digit, DigitSource, Heard};
use attendant::call::{
    Action, Call, Converse, Endpointing, Event, Mark, Note, Recognition, RecognitionId, Span, Tick,
    ticks,
};
use attendant::dialogue::{
    BargeIn, Completeness, Context, Disposition, Handover, Hypothesis, Input, Interruption, Keypad,
    Lookup, LookupId, LookupResult, Question, Reason, Reply, Sentence, Then,
};
use std::collections::VecDeque;

pub const ENDPOINTING: Endpointing = Endpointing {
    early_ms: 200,
    complete_ms: 240,
    whole_ms: 420,
    open_ms: 720,
    incomplete_ms: 2000,
    max_speech_ms: 15_000,
};

/// A fake dialogue: echoes what it understood, counts its steps, and obeys a few words.
#[derive(Clone, Debug)]
pub struct Parrot {
    question: Question,
    pub steps: Vec<String>,
    barge_in: BargeIn,
}

impl Parrot {
    pub fn new() -> Self {
        let keypad = Keypad {
            max_digits: 6,
            termchar: Some('#'),
            interdigit_ms: 3000,
        };
        let question = Question {
            slot: "order".into(),
            keypad,
            no_input_ms: 6000,
            bias: "four five six".into(),
            ..Question::default()
        };
        Self {
            question,
            steps: Vec::new(),
            barge_in: BargeIn::Any,
        }
    }

    fn reply(&self, say: &[&str], then: Then) -> Reply {
        let sentence = |text: &&str| Sentence {
            text: (*text).to_owned(),
            question: text.ends_with('?'),
            ..Sentence::default()
        };
        Reply {
            say: say.iter().map(sentence).collect(),
            barge_in: self.barge_in,
            then,
            understood: None,
        }
    }
}

impl Converse for Parrot {
    fn step(&mut self, input: Input<'_>) -> Reply {
        let step = match &input {
            Input::Start => "start".to_owned(),
            Input::Speech(hypotheses) => format!("speech {}", hypotheses[0].text),
            Input::Keys(keys) => format!("keys {keys}"),
            Input::NoInput => "no input".to_owned(),
            Input::Noise => "noise".to_owned(),
            Input::Deaf => "deaf".to_owned(),
            Input::Slow => "slow".to_owned(),
            Input::Found { lookup, result } => format!("found {lookup} {result:?}"),
            Input::Calling => "calling".to_owned(),
            Input::Joined => "joined".to_owned(),
            Input::Returned => "returned".to_owned(),
            Input::Closing => "closing".to_owned(),
            Input::Hurry => "hurry".to_owned(),
        };
        self.steps.push(step.clone());
        match &input {
            Input::Speech(hypotheses) => {
                self.question.secret = hypotheses[0].text.contains("secret");
            }
            Input::Keys(_) => self.question.secret = false,
            _ => {}
        }
        match input {
            Input::Speech(hypotheses) if hypotheses[0].text.contains("explain") => self.reply(
                &["Part one.", "Part two.", "Part three.", "Is that right?"],
                Then::Listen,
            ),
            Input::Speech(hypotheses) if hypotheses[0].text.contains("person") => {
                let handover = Handover::new(Reason::Requested, "Asked.");
                self.reply(&["One moment."], Then::HandOver(handover))
            }
            Input::Speech(hypotheses) if hypotheses[0].text.contains("bye") => {
                self.reply(&["Goodbye."], Then::HangUp(Disposition::Completed))
            }
            Input::Speech(hypotheses) if hypotheses[0].text.contains("look") => {
                let lookup = Lookup {
                    id: 77,
                    name: "order".into(),
                    arguments: Default::default(),
                    action: false,
                };
                self.reply(&["Looking."], Then::LookUp(lookup))
            }
            Input::Speech(hypotheses) if hypotheses[0].text.contains("legal") => {
                self.barge_in = BargeIn::Never;
                let reply = self.reply(&["Legal text.", "More of it?"], Then::Listen);
                self.barge_in = BargeIn::Any;
                reply
            }
            _ => self.reply(&[&format!("[{step}]?")], Then::Listen),
        }
    }

    fn question(&self) -> &Question {
        &self.question
    }

    fn completeness(&self, hypotheses: &[Hypothesis]) -> Completeness {
        let words: Vec<_> = hypotheses[0].text.split(' ').collect();
        let digits = words
            .iter()
            .filter(|word| "zero one two three four five six seven eight nine".contains(*word));
        match digits.count() {
            6.. => Completeness::Complete,
            1..6 => Completeness::Incomplete,
            0 if hypotheses[0].text == "yes" => Completeness::Complete,
            0 => Completeness::Open,
        }
    }

    fn interruption(&self, hypotheses: &[Hypothesis], asked: bool) -> Interruption {
        let nod = matches!(hypotheses[0].text.as_str(), "mm-hm" | "yeah");
        if nod && !asked {
            Interruption::Backchannel
        } else {
            Interruption::Meant
        }
    }
}

/// A sentence takes this long to say.
pub const SENTENCE: Tick = ticks(1000);
/// The fake recogniser takes this long.
const RECOGNITION: Tick = ticks(80);

/// A call with a line, a clock and somebody who speaks.
pub struct Rig {
    pub call: Call<Parrot>,
    /// What happened, in words, with its tick.
    pub log: Vec<(Tick, String)>,
    /// What the caller says: when, and the words that the recogniser will make of it.
    spoken: Vec<(Span, String)>,
    owed: VecDeque<(Tick, RecognitionId, Vec<Span>)>,
    playing: VecDeque<Mark>,
    playing_since: Option<Tick>,
    pub recognizer_works: bool,
    pub back_end_works: bool,
    found: Option<(Tick, LookupId)>,
    /// Events fed, for journals.
    pub events: Vec<Event>,
}

impl Rig {
    /// A call that has just been answered.
    pub fn answered() -> Self {
        let mut rig = Self {
            call: Call::new(ENDPOINTING, Parrot::new()),
            log: Vec::new(),
            spoken: Vec::new(),
            owed: VecDeque::new(),
            playing: VecDeque::new(),
            playing_since: None,
            recognizer_works: true,
            back_end_works: true,
            found: None,
            events: Vec::new(),
        };
        let now = "2026-11-22T10:00:00".parse().expect("a time");
        rig.feed(Event::Answered(Context {
            now,
            caller: None,
            language: String::new(),
        }));
        rig
    }

    /// A call whose greeting has been heard.
    pub fn greeted() -> Self {
        let mut rig = Self::answered();
        rig.silence(1500);
        rig.log.clear();
        rig
    }

    /// The caller is silent for so long.
    pub fn silence(&mut self, ms: u32) {
        (0..ticks(ms)).for_each(|_| self.tick(0));
    }

    /// The caller says something, taking so long.
    pub fn says(&mut self, ms: u32, words: &str) {
        let from = self.call.now() + 1;
        self.spoken.push((
            Span {
                from,
                to: from + ticks(ms),
            },
            words.to_owned(),
        ));
        (0..ticks(ms)).for_each(|_| self.tick(230));
    }

    pub fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            let digit = Digit::new(key).expect("a key");
            self.feed(Event::Digit {
                digit,
                source: DigitSource::Signalled,
            });
            self.silence(100);
        }
    }

    pub fn feed(&mut self, event: Event) {
        self.events.push(event.clone());
        self.call.handle(&event);
        while let Some(action) = self.call.poll_action() {
            self.carry_out(action);
        }
    }

    pub fn tick(&mut self, voice: u8) {
        let level = if voice > 0 { 30 } else { 60 };
        self.feed(Event::Heard(Heard {
            voice,
            level,
            tone: false,
        }));
        let now = self.call.now();
        while let Some((_, id, spans)) = self.owed.pop_front_if(|(due, ..)| now >= *due) {
            let outcome = self.recognition(&spans);
            self.feed(Event::Recognized { id, outcome });
        }
        if let Some((_, id)) = self.found.take_if(|(due, _)| now >= *due) {
            self.feed(Event::Found {
                id,
                result: LookupResult::Rows(Vec::new()),
            });
        }
        match (self.playing_since, self.playing.front().copied()) {
            (None, Some(mark)) => {
                self.playing_since = Some(now);
                self.feed(Event::Started(mark));
            }
            (Some(since), Some(mark)) if now >= since + SENTENCE => {
                self.playing.pop_front();
                self.playing_since = None;
                self.feed(Event::Played {
                    mark,
                    cleared: false,
                });
            }
            _ => {}
        }
    }

    fn recognition(&self, spans: &[Span]) -> Recognition {
        if !self.recognizer_works {
            return Recognition::Failed;
        }
        let covered = |spoken: &Span| {
            spans
                .iter()
                .any(|span| span.from <= spoken.from && spoken.to <= span.to)
        };
        let words: Vec<_> = self
            .spoken
            .iter()
            .filter(|(span, _)| covered(span))
            .map(|(_, w)| w.as_str())
            .collect();
        let text = words.join(" ").trim().to_owned();
        if text.is_empty() {
            return Recognition::Nothing;
        }
        Recognition::Words(vec![Hypothesis {
            text,
            confidence: 900,
            ..Hypothesis::default()
        }])
    }

    fn carry_out(&mut self, action: Action) {
        let now = self.call.now();
        let line = match action {
            Action::Recognize { id, spans, .. } => {
                self.owed.push_back((now + RECOGNITION, id, spans));
                return;
            }
            Action::Abandon(_) => return,
            Action::Say {
                playback,
                sentences,
                first,
            } => {
                let marks =
                    (first..sentences.len() as u16).map(|sentence| Mark { playback, sentence });
                self.playing.extend(marks);
                let texts: Vec<_> = sentences[usize::from(first)..]
                    .iter()
                    .map(|s| s.text.as_str())
                    .collect();
                format!("bot: {}", texts.join(" "))
            }
            Action::Clear(_) => {
                self.playing.clear();
                self.playing_since = None;
                "clear".to_owned()
            }
            Action::LookUp(lookup) => {
                if self.back_end_works {
                    self.found = Some((now + ticks(200), lookup.id));
                }
                format!("look up {}", lookup.name)
            }
            Action::HandOver(handover) => format!("hand over: {}", handover.summary),
            Action::CallOff => "call off".into(),
            Action::HangUp(disposition) => format!("hang up: {disposition:?}"),
            Action::Note(Note::Caller(hypothesis)) => format!("caller: {}", hypothesis.text),
            Action::Note(Note::TakenBack) => "taken back".to_owned(),
            Action::Note(Note::Resumed { .. }) => "resumed".to_owned(),
            Action::Note(Note::TurnEnded { speech_end, why }) => {
                format!("turn ended ({why:?}) after {} ms", (now - speech_end) * 20)
            }
            Action::Seal { keys } => format!("seal {keys}"),
            Action::Note(_) => return,
        };
        self.log.push((now, line));
    }

    /// The log without ticks.
    pub fn lines(&self) -> Vec<&str> {
        self.log.iter().map(|(_, line)| line.as_str()).collect()
    }

    /// When a line was logged.
    pub fn when(&self, line: &str) -> Tick {
        let found = self.log.iter().find(|(_, logged)| logged.starts_with(line));
        found
            .unwrap_or_else(|| panic!("no {line:?} in {:#?}", self.log))
            .0
    }

    /// How often such a line was logged.
    pub fn count(&self, line: &str) -> usize {
        self.log
            .iter()
            .filter(|(_, logged)| logged.starts_with(line))
            .count()
    }
}
