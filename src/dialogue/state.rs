//! The dialogue as a value: what is asked, what is known so far, and how an input is passed to the
//! rule that decides. The rules are in `policy`, `tasks` and `ending`.

use super::domain::{Domain, Slot, SlotKind};
use super::prompt::{Stage, Text, Values};
use super::reply::{
    BargeIn, Context, Input, Keypad, Lookup, Question, Reply, Sentence, Then, Understood,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Silence that counts as no input, in ms.
const NO_INPUT_MS: u32 = 6000;
/// The same after "hold on".
const PATIENCE_MS: u32 = 20_000;

/// One conversation. Deterministic: the same inputs give the same replies.
#[derive(Clone, Debug)]
pub struct Dialogue {
    pub(super) domain: Arc<Domain>,
    pub(super) context: Context,
    pub(super) open: Open,
    /// What was asked when the caller was handed over.
    pub(super) before_handover: Open,
    pub(super) form: Option<FormState>,
    question: Question,
    /// Failures at the open question.
    pub(super) failures: u8,
    /// Turns in a row that brought nothing forward although they were understood.
    pub(super) stalls: u8,
    /// How often each prompt was used, so that its variants take turns.
    used: BTreeMap<String, usize>,
    /// What "repeat that" repeats.
    pub(super) last: Vec<Sentence>,
    /// The recogniser is out: ask for keys.
    pub(super) deaf: bool,
    /// The caller asked for a moment.
    pub(super) patience: bool,
    /// How often nobody took the transferred call.
    pub(super) returned: u8,
    /// The back-end question whose answer is awaited, or the last one.
    pub(super) lookup: Lookup,
    /// Turns spent waiting for it.
    pub(super) waits: u8,
    /// Tasks that were done, in the words of the summary.
    pub(super) done: Vec<String>,
    /// The reply that ended the conversation.
    pub(super) ending: Option<Reply>,
    pub(super) understood: Option<Understood>,
}

/// What the caller was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Open {
    /// "How can I help?"
    Main,
    /// The first slot of the form without a value.
    Slot,
    /// "I heard …, is that right?"
    ConfirmSlot,
    /// "You'd like to …, is that right?" of this intent.
    ConfirmIntent(usize),
    AnythingElse,
    /// A back end is being asked.
    Waiting,
    Ended,
}

/// A form being filled.
#[derive(Clone, Debug, Default)]
pub(super) struct FormState {
    pub name: String,
    pub values: Values,
    /// Value that is being read back.
    pub candidate: String,
    /// First digits of a value whose rest is still to come.
    pub part: String,
    /// Values that were denied or not found.
    pub misses: u8,
}

impl Dialogue {
    pub fn new(domain: Arc<Domain>, context: Context) -> Self {
        let mut dialogue = Self {
            domain,
            context,
            open: Open::Main,
            before_handover: Open::Main,
            form: None,
            question: Question::default(),
            failures: 0,
            stalls: 0,
            used: BTreeMap::new(),
            last: Vec::new(),
            deaf: false,
            patience: false,
            returned: 0,
            lookup: Lookup { id: 0, name: String::new(), arguments: BTreeMap::new() },
            waits: 0,
            done: Vec::new(),
            ending: None,
            understood: None,
        };
        dialogue.question = dialogue.make_question();
        dialogue
    }

    /// Decides what to say to `input`. Never empty: every reply has a sentence.
    pub fn step(&mut self, input: Input<'_>) -> Reply {
        self.understood = matches!(input, Input::Speech(_)).then(Understood::default);
        let reply = match (input, self.ending.clone()) {
            (Input::Returned, _) => self.on_returned(),
            (_, Some(ending)) => Reply { understood: None, ..ending },
            (Input::Start, _) => self.greet(),
            (Input::Speech(hypotheses), _) => self.on_speech(hypotheses),
            (Input::Keys(entry), _) => self.on_keys(entry),
            (Input::NoInput, _) => self.on_failure("no_input"),
            (Input::Noise, _) => self.on_failure("noise"),
            (Input::Deaf, _) => self.on_deaf(),
            (Input::Found { lookup, result }, _) => self.on_found(lookup, result),
            (Input::Closing, _) => self.on_closing(),
        };
        if matches!(reply.then, Then::Listen) {
            self.last.clone_from(&reply.say);
        }
        self.question = self.make_question();
        Reply { understood: self.understood.take(), ..reply }
    }

    /// The question that is open now.
    pub fn question(&self) -> &Question {
        &self.question
    }

    fn make_question(&self) -> Question {
        let no_input_ms = if self.patience { PATIENCE_MS } else { NO_INPUT_MS };
        let yes_no = || "Yes. No. Yes please. No thank you. That's right.".to_owned();
        let (slot, bias, keypad) = match self.open {
            Open::Slot => match self.slot() {
                Some(slot) => {
                    let SlotKind::Digits(count) = slot.kind;
                    let max_digits = u8::try_from(count).unwrap_or(0);
                    (slot.name.clone(), slot.bias.clone(), Keypad { max_digits, ..Keypad::default() })
                }
                None => (String::new(), String::new(), Keypad::default()),
            },
            Open::ConfirmSlot | Open::ConfirmIntent(_) => ("yes_no".to_owned(), yes_no(), Keypad::default()),
            Open::AnythingElse => {
                let bias = format!("{} {}", yes_no(), self.domain.bias);
                ("anything_else".to_owned(), bias, Keypad::default())
            }
            Open::Main | Open::Waiting | Open::Ended => (String::new(), self.domain.bias.clone(), Keypad::default()),
        };
        Question { slot, keypad, no_input_ms, bias }
    }

    /// The first slot of the form that has no value yet.
    pub(super) fn slot(&self) -> Option<&Slot> {
        let state = self.form.as_ref()?;
        self.domain.forms.get(&state.name)?.slots.iter().find(|slot| !state.values.contains_key(&slot.name))
    }

    /// Number of digits that make sense at the open question.
    pub(super) fn expected(&self) -> Option<usize> {
        match self.slot() {
            Some(slot) => {
                let SlotKind::Digits(count) = slot.kind;
                Some(count)
            }
            None => self.domain.digits_intent().map(|(_, count)| count),
        }
    }

    /// Is a yes or no what the open question asks for?
    pub(super) fn asks_yes_no(&self) -> bool {
        matches!(self.open, Open::ConfirmSlot | Open::ConfirmIntent(_) | Open::AnythingElse)
    }

    /// The values that prompts may use now.
    pub(super) fn values(&self) -> Values {
        let mut values = self.domain.values();
        if let Some(state) = &self.form {
            values.extend(state.values.clone());
            if let Some(slot) = self.slot() {
                let SlotKind::Digits(count) = slot.kind;
                values.insert(slot.name.clone(), state.candidate.clone());
                values.insert("missing".into(), count.saturating_sub(state.part.len()).to_string());
                values.insert("part".into(), state.part.clone());
            }
        }
        if let Open::ConfirmIntent(index) = self.open
            && let Some(intent) = self.domain.intents.get(index)
        {
            values.extend(intent.values());
        }
        values
    }

    /// Adds the statement `name`, with `more` values, to `out`.
    pub(super) fn say(&mut self, out: &mut Vec<Sentence>, name: &str, more: &[(&str, &str)]) {
        let domain = Arc::clone(&self.domain);
        let mut values = self.values();
        values.extend(more.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
        self.say_variant(out, name, &domain.prompt(name).say, &values);
    }

    fn say_variant(&mut self, out: &mut Vec<Sentence>, name: &str, variants: &[Text], values: &Values) {
        let used = self.used.entry(name.to_owned()).or_default();
        let Some(text) = variants.get(*used % variants.len().max(1)) else { return };
        *used = used.wrapping_add(1);
        out.extend(text.0.iter().map(|template| template.render(values, self.context.now)));
    }

    /// Adds the open question to `out`, worded for the number of failures, and listens.
    pub(super) fn ask(&mut self, mut out: Vec<Sentence>) -> Reply {
        let stage = match self.failures {
            _ if self.deaf => Stage::Keys,
            0 => Stage::Ask,
            1 => Stage::Retry,
            _ => Stage::Keys,
        };
        let domain = Arc::clone(&self.domain);
        let values = self.values();
        if self.open == Open::Main && stage == Stage::Keys {
            self.say_menu(&mut out);
        } else {
            let name = self.question_prompt();
            let variants = domain.prompt(&name).stage(stage);
            self.say_variant(&mut out, &format!("{name}?{stage:?}"), variants, &values);
        }
        if let Some(last) = out.last_mut() {
            last.question = true;
        }
        listen(out)
    }

    fn question_prompt(&self) -> String {
        let of_slot = |pick: fn(&Slot) -> &String| self.slot().map(pick).cloned().unwrap_or_default();
        match self.open {
            Open::Slot if self.form.as_ref().is_some_and(|form| !form.part.is_empty()) => of_slot(|slot| &slot.part),
            Open::Slot => of_slot(|slot| &slot.prompt),
            Open::ConfirmSlot => of_slot(|slot| &slot.confirm),
            Open::ConfirmIntent(_) => "confirm_intent".to_owned(),
            Open::AnythingElse => "anything_else".to_owned(),
            Open::Main | Open::Waiting | Open::Ended => "main".to_owned(),
        }
    }

    /// The keypad twin of the open question: one sentence per intent with a key.
    fn say_menu(&mut self, out: &mut Vec<Sentence>) {
        let domain = Arc::clone(&self.domain);
        for (_, intent) in domain.menu() {
            let values = intent.values();
            self.say_variant(out, "menu_item", &domain.prompt("menu_item").say, &values);
        }
    }

    /// Records what was made of the caller's words.
    pub(super) fn note(&mut self, intent: &str, confidence: u16, slots: &[(&str, &str)]) {
        if let Some(understood) = &mut self.understood {
            intent.clone_into(&mut understood.intent);
            understood.confidence = confidence;
            understood.slots.extend(slots.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
        }
    }
}

/// A reply that waits for the caller.
pub(super) fn listen(say: Vec<Sentence>) -> Reply {
    Reply { say, barge_in: BargeIn::Any, then: Then::Listen, understood: None }
}

/// A reply that is not to be cut short.
pub(super) fn last_words(say: Vec<Sentence>, then: Then) -> Reply {
    Reply { say, barge_in: BargeIn::Never, then, understood: None }
}
