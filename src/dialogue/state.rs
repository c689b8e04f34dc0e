//! The dialogue as a value: what is asked, what is known so far, and how an input is passed to the
//! rule that decides. The rules are in `policy`, `flow`, `slots`, `commands` and `ending`.

use super::domain::{Domain, Level, Slot, Task, Words};
use super::handover::How;
use super::mood::Mood;
use super::pages::Passage;
use super::reply::{
    Confidence, Context, Input, Lookup, Question, Reason, Reply, Sentence, Then, Understood,
};
use super::spoken::Language;
use super::template::Values;
use super::words::Token;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One conversation. Deterministic: the same inputs give the same replies.
#[derive(Clone, Debug)]
pub struct Dialogue {
    pub(super) domain: Arc<Domain>,
    pub(super) context: Context,
    pub(super) language: Language,
    pub(super) open: Open,
    /// Why a person was wanted the last time.
    pub(super) wanted: Reason,
    /// Tasks begun and not done; the last one is being done.
    pub(super) stack: Vec<Frame>,
    /// Wishes that were named beside another one, with the words they were named in.
    pub(super) queue: Vec<(usize, Vec<Token>)>,
    pub(super) question: Question,
    /// What the caller has shown of who he is.
    pub(super) level: Level,
    /// His row, or null.
    pub(super) caller: serde_json::Value,
    /// Values given in this call, by slot, and how sure they are: "cancel it".
    pub(super) memory: BTreeMap<String, (serde_json::Value, Confidence, How)>,
    /// Actions that were done, for "undo that".
    pub(super) deeds: Vec<Deed>,
    pub(super) mood: Mood,
    /// The caller was offered a person because of his mood.
    pub(super) soothed: u8,
    /// Failures at the open question.
    pub(super) failures: u8,
    /// The confirmation that was asked last: depth of the stack, step.
    pub(super) confirming: Option<(usize, usize)>,
    /// Turns in a row that brought nothing forward although they were understood.
    pub(super) stalls: u8,
    /// How often each prompt was used, so that its variants take turns.
    pub(super) used: BTreeMap<String, usize>,
    /// What "repeat that" repeats.
    pub(super) last: Vec<Sentence>,
    /// What a page has left for "tell me more".
    pub(super) more: Option<(Passage, usize)>,
    /// The recogniser is out: ask for keys.
    pub(super) deaf: bool,
    /// The turn as it was recognised.
    pub(super) said: String,
    /// Turns in which the recogniser was out.
    pub(super) deafs: u8,
    /// Times that a yes to what cannot be taken back was not heard well enough.
    pub(super) doubts: u8,
    /// The caller asked for a moment.
    pub(super) patience: bool,
    /// Speak slower.
    pub(super) slow: bool,
    /// The caller chose the language.
    pub(super) spoke: bool,
    /// What was left unfinished the last time, by what is remembered.
    pub(super) unfinished: String,
    /// How often nobody took the transferred call.
    pub(super) returned: u8,
    /// The back-end question whose answer is awaited, or the last one.
    pub(super) lookup: Lookup,
    /// What is done with its answer.
    pub(super) waiting: Waiting,
    /// Turns spent waiting for it.
    pub(super) waits: u8,
    /// Back ends that did not answer, in a row.
    pub(super) faults: u8,
    /// Tasks that were done, in the words of the summary.
    pub(super) done: Vec<String>,
    /// The reply that ended the conversation.
    pub(super) ending: Option<Reply>,
    /// The same, while a person is called and the caller is still here.
    pub(super) calling: Option<Reply>,
    pub(super) understood: Option<Understood>,
    /// Intents, prompts and branches that were met since they were last asked for.
    pub(super) trail: Vec<String>,
    /// Why the last reply is what it is.
    pub(super) why: Vec<String>,
}

/// What the caller was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Open {
    /// "How can I help?"
    Main,
    /// The slot that the task asks for.
    Slot,
    /// "I heard …, is that right?"
    Check,
    /// The task's "is that right?", at this step.
    Confirm(usize),
    /// What should be changed, after a no at this step.
    Change(usize),
    /// What is to be added to a text, at this step.
    More(usize),
    /// "You'd like to …, is that right?" of this label.
    Intent(usize),
    AnythingElse,
    /// "Shall I put you through to a person?"
    OfferPerson,
    /// "Shall I take … back?" of the last deed.
    Undo,
    /// A back end is being asked.
    Waiting,
    /// Nothing: a person is being called.
    Calling,
    Ended,
}

/// What an awaited answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    Nothing,
    /// Who calls.
    Caller,
    /// What is remembered of the caller.
    Memory,
    /// This step of the task.
    Step(usize),
    /// Taking back the last deed.
    Undo,
}

/// A task that was begun.
#[derive(Clone, Debug, Default)]
pub(super) struct Frame {
    /// Its place in the domain.
    pub task: usize,
    /// The task that the caller wants, where this one is only a part of it: the check of a PIN.
    pub part_of: Option<usize>,
    /// Slots and rows by name.
    pub values: Values,
    /// What was done at each step.
    pub done: BTreeMap<usize, Done>,
    /// Steps before this one are settled: something was done after them.
    pub floor: usize,
    /// The slot that is being asked.
    pub asking: String,
    /// A value that is being read back.
    pub candidate: Option<Candidate>,
    /// First digits of a value whose rest is still to come.
    pub part: String,
    /// Values that were denied or not found.
    pub misses: u8,
    /// Words of the turn, in which more values may be.
    pub said: Vec<Token>,
    /// Words among them that were taken for a value.
    pub taken: Vec<bool>,
    /// How sure each slot's value is.
    pub heard: BTreeMap<String, (Confidence, How)>,
    /// The words point back: "cancel it".
    pub points_back: bool,
    /// A question was asked in this task.
    pub asked: bool,
    /// A text ended with "that's all": nothing is to be added.
    pub all: bool,
    /// Times that something was added to a text.
    pub added: u8,
}

impl Frame {
    /// The task that the caller wants.
    pub fn wish(&self) -> usize {
        self.part_of.unwrap_or(self.task)
    }
}

/// A value that is not yet believed.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub value: serde_json::Value,
    /// As the prompt says it.
    pub name: String,
    pub confidence: Confidence,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Done {
    Looked(BTreeMap<String, String>),
    Acted,
    Said(String),
    /// Nothing more is to be added.
    Settled,
    /// With these slots.
    Confirmed(Values),
}

/// An action that was done.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    pub undo: Option<String>,
    pub arguments: BTreeMap<String, String>,
    pub topic: String,
}

impl Dialogue {
    /// A conversation that has not begun; [`Input::Start`] greets.
    pub fn new(domain: Arc<Domain>, context: Context) -> Self {
        let chosen = Language::from_code(&context.language);
        let chosen = chosen.filter(|language| domain.languages.contains(language));
        let language = chosen.unwrap_or(domain.language());
        let mut dialogue = Self {
            language,
            domain,
            context,
            open: Open::Main,
            wanted: Reason::Requested,
            stack: Vec::new(),
            queue: Vec::new(),
            question: Question::default(),
            level: Level::Anyone,
            caller: serde_json::Value::Null,
            memory: BTreeMap::new(),
            deeds: Vec::new(),
            mood: Mood::default(),
            soothed: 0,
            failures: 0,
            confirming: None,
            stalls: 0,
            used: BTreeMap::new(),
            last: Vec::new(),
            more: None,
            deaf: false,
            said: String::new(),
            deafs: 0,
            doubts: 0,
            patience: false,
            slow: false,
            spoke: chosen.is_some(),
            unfinished: String::new(),
            returned: 0,
            lookup: Lookup {
                id: 0,
                name: String::new(),
                arguments: BTreeMap::new(),
                action: false,
            },
            waiting: Waiting::Nothing,
            waits: 0,
            faults: 0,
            done: Vec::new(),
            ending: None,
            calling: None,
            understood: None,
            trail: Vec::new(),
            why: Vec::new(),
        };
        dialogue.question = dialogue.make_question();
        dialogue
    }

    /// Decides what to say to `input`.
    pub fn step(&mut self, input: Input<'_>) -> Reply {
        self.understood = matches!(input, Input::Speech(_)).then(Understood::default);
        self.why.clear();
        let reply = match (input, self.ending.clone()) {
            (Input::Returned, _) => self.on_returned(),
            (Input::Calling, _) => self.on_calling(),
            (Input::Joined, _) => self.on_joined(),
            (input, None) if self.open == Open::Calling => self.while_calling(input),
            (_, Some(ending)) => Reply {
                understood: None,
                ..ending
            },
            (Input::Start, _) => self.on_start(),
            (Input::Speech(hypotheses), _) => self.on_speech(hypotheses),
            (Input::Keys(entry), _) => self.on_keys(entry),
            (Input::NoInput, _) => self.on_failure("no_input"),
            // Nobody has listened: it may have been the secret.
            (Input::Noise, _) if self.question.secret => self.on_failure("secret_spoken"),
            (Input::Noise, _) => self.on_failure("noise"),
            (Input::Deaf, _) => self.on_deaf(),
            (Input::Slow, _) => self.on_slow(),
            (Input::Found { lookup, result }, _) => self.on_found(lookup, result),
            (Input::Closing, _) => self.on_closing(),
            (Input::Hurry, _) => self.on_hurry(),
        };
        if matches!(reply.then, Then::Listen) && !reply.say.is_empty() {
            self.last.clone_from(&reply.say);
        }
        self.question = self.make_question();
        Reply {
            understood: self.understood.take(),
            ..self.voiced(reply)
        }
    }

    /// The reply with its language and pace, where they are not the usual ones.
    fn voiced(&self, mut reply: Reply) -> Reply {
        for sentence in &mut reply.say {
            if sentence.language.is_empty() && self.language != self.domain.language() {
                self.language.code().clone_into(&mut sentence.language);
            }
            sentence.slow = self.slow;
        }
        reply
    }

    /// The question that is open now.
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// The language that is spoken now.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Intents, prompts and branches that were met since the last call of this.
    pub fn trail(&mut self) -> Vec<String> {
        std::mem::take(&mut self.trail)
    }

    /// Why the last reply is what it is: what was understood, and which rule spoke.
    pub fn why(&self) -> String {
        self.why.join("\n")
    }

    /// How the caller feels, as far as that was heard.
    pub fn mood(&self) -> &Mood {
        &self.mood
    }

    /// What to keep for the caller's next call, as arguments of the operation `remember`: what he had
    /// begun and not finished, the language and the pace he likes. Nothing of a caller who is not known,
    /// or whose record says `remember` = 0.
    pub fn to_remember(&self) -> Vec<BTreeMap<String, String>> {
        let Some(caller) = self.caller.get("id").map(super::template::plain) else {
            return Vec::new();
        };
        let consent = self.caller.get("remember").map(super::template::plain);
        if consent.is_some_and(|consent| matches!(consent.as_str(), "0" | "false")) {
            return Vec::new();
        }
        let handed_over = self
            .ending
            .as_ref()
            .is_some_and(|ending| matches!(ending.then, Then::HandOver(_)));
        let begun = self
            .stack
            .first()
            .filter(|frame| frame.asked && !handed_over);
        let task = begun.and_then(|frame| self.domain.tasks.get(frame.wish()));
        let unfinished = task.map(|task| task.name.clone()).unwrap_or_default();
        let mut keep = Vec::new();
        if unfinished != self.unfinished {
            keep.push(("unfinished", unfinished));
        }
        if self.spoke {
            keep.push(("language", self.language.code().to_owned()));
        }
        if self.slow {
            keep.push(("pace", "slow".to_owned()));
        }
        keep.into_iter()
            .map(|(key, value)| {
                BTreeMap::from([
                    ("caller".to_owned(), caller.clone()),
                    ("key".to_owned(), key.to_owned()),
                    ("value".to_owned(), value),
                ])
            })
            .collect()
    }

    pub(super) fn words(&self) -> Arc<Words> {
        Arc::clone(self.domain.words(self.language))
    }

    /// The task that is being done.
    pub(super) fn task(&self) -> Option<&Task> {
        self.domain.tasks.get(self.stack.last()?.task)
    }

    /// The slot that is asked for, or whose value is read back.
    pub(super) fn slot(&self) -> Option<&Slot> {
        if !matches!(self.open, Open::Slot | Open::Check | Open::More(_)) {
            return None;
        }
        self.domain.slots.get(&self.stack.last()?.asking)
    }

    /// Is a yes or no what the open question asks for?
    pub(super) fn asks_yes_no(&self) -> bool {
        matches!(
            self.open,
            Open::Check
                | Open::Confirm(_)
                | Open::Intent(_)
                | Open::AnythingElse
                | Open::OfferPerson
                | Open::Undo
        )
    }

    /// The values that templates and conditions may use now.
    pub(super) fn view(&self) -> Values {
        let mut values = self.domain.constants.clone();
        values.insert("title".into(), self.words().title.clone().into());
        values.insert("today".into(), self.context.now.date().to_string().into());
        let now = self.context.now;
        let minute = now.with().second(0).subsec_nanosecond(0).build();
        let now = minute.unwrap_or(now).strftime("%Y-%m-%dT%H:%M").to_string();
        values.insert("now".into(), now.into());
        values.insert("language".into(), self.language.code().into());
        values.insert("caller".into(), self.caller.clone());
        values.insert("known".into(), (self.level >= Level::Known).into());
        values.insert("verified".into(), (self.level >= Level::Verified).into());
        let phone = self.context.caller.clone().unwrap_or_default();
        values.insert("phone".into(), phone.into());
        if let Some(frame) = self.stack.last() {
            values.extend(frame.values.clone());
            values.insert("misses".into(), frame.misses.into());
            values.insert("part".into(), frame.part.clone().into());
            if let Some(candidate) = &frame.candidate {
                values.insert("value".into(), candidate.value.clone());
                values.insert("name".into(), candidate.name.clone().into());
            }
        }
        values
    }

    /// Remembers what was met, for coverage.
    pub(super) fn met(&mut self, what: String) {
        self.trail.push(what);
    }

    pub(super) fn because(&mut self, why: impl Into<String>) {
        self.why.push(why.into());
    }

    /// Records what was made of the caller's words.
    pub(super) fn note(&mut self, intent: &str, confidence: u16) {
        self.met(format!("intent:{intent}"));
        if let Some(understood) = &mut self.understood
            && understood.intent.is_empty()
        {
            intent.clone_into(&mut understood.intent);
            understood.confidence = confidence;
        }
    }

    /// Records a value that was taken from the caller's words.
    pub(super) fn note_slot(&mut self, slot: &str, value: &str) {
        self.met(format!("slot:{slot}"));
        if let Some(understood) = &mut self.understood {
            understood.slots.insert(slot.to_owned(), value.to_owned());
        }
    }
}
