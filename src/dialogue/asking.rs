//! Putting questions: their wording, their keypad twin, and the ladder when nothing fits: a clearer
//! prompt, the keys, a person.

use super::domain::{Slot, SlotKind, Stage};
use super::ending::listen;
use super::reply::{Keypad, Question, Reason, Reply, Sentence};
use super::state::{Dialogue, Open};
use super::template::{Values, View};
use super::value::{self, Found, Kind};
use serde_json::{Value, json};
use std::sync::Arc;

/// Silence that counts as no input, in ms.
const NO_INPUT_MS: u32 = 6000;
/// The same after "hold on".
const PATIENCE_MS: u32 = 20_000;
/// Silence after which a text is taken to be whole.
const PAUSE_MS: u32 = 4000;
/// Turns of a call that the recogniser was out in, after which a person takes over: it is too busy for it.
const LAST_DEAF: u8 = 5;
/// Failures at one question after which a person takes over.
const LAST_FAILURE: u8 = 3;

impl Dialogue {
    pub(super) fn make_question(&self) -> Question {
        let words = self.words();
        let no_input_ms = if self.patience {
            PATIENCE_MS
        } else {
            NO_INPUT_MS
        };
        let yes_no = || words.prompt_text("yes_no_bias");
        let mut question = Question {
            no_input_ms,
            language: words.language.code().to_owned(),
            ..Question::default()
        };
        match &self.open {
            Open::Slot => {
                if let Some(slot) = self.slot() {
                    question.slot.clone_from(&slot.name);
                    question.secret = slot.secret;
                    question.keypad = self.keypad(slot);
                    question.bias = self.bias(slot);
                }
            }
            Open::Check | Open::Confirm(_) | Open::Intent(_) | Open::OfferPerson | Open::Undo => {
                question.slot = "yes_no".into();
                question.bias = yes_no();
            }
            Open::Change(_) => {
                question.slot = "change".into();
                question.bias.clone_from(&words.bias);
            }
            Open::More(_) => {
                question.slot = "more".into();
                question.no_input_ms = PAUSE_MS;
                question.bias.clone_from(&words.bias);
            }
            Open::AnythingElse => {
                question.slot = "anything_else".into();
                question.bias = format!("{} {}", yes_no(), words.bias);
            }
            Open::Calling => {
                question.no_input_ms = super::calling::REASSURE_MS;
                question.bias.clone_from(&words.bias);
            }
            Open::Main | Open::Waiting | Open::Ended => question.bias.clone_from(&words.bias),
        }
        question
    }

    fn keypad(&self, slot: &Slot) -> Keypad {
        match &slot.kind {
            SlotKind::Value(kind) => value::keypad(kind),
            SlotKind::Choice(_) | SlotKind::Record(_) => {
                let many = self.choices(slot).len() > 9;
                Keypad {
                    max_digits: if many { 2 } else { 1 },
                    ..Keypad::default()
                }
            }
        }
    }

    /// Words to expect as the slot's value.
    fn bias(&self, slot: &Slot) -> String {
        let mut parts = vec![slot.bias.clone()];
        for choice in self.choices(slot).iter().take(40) {
            parts.extend(choice.names.first().map(|name| format!("{name}.")));
        }
        parts.retain(|part| !part.is_empty());
        // The shared slots are of every language.
        if !parts.is_empty() || !self.is_at_desk() {
            return parts.join(" ");
        }
        let words = self.words();
        match slot.kind {
            SlotKind::Value(Kind::YesNo) => words.prompt_text("yes_no_bias"),
            _ => words.bias.clone(),
        }
    }

    /// Adds the statement `prompt`, with `more` values, to `out`.
    pub(super) fn say(&mut self, out: &mut Vec<Sentence>, prompt: &str, more: &[(&str, Value)]) {
        let calm = self.mood.wants_soothing() && self.words().variants(prompt, Stage::Calm) > 0;
        let stage = if calm { Stage::Calm } else { Stage::Say };
        self.say_stage(out, prompt, stage, more);
    }

    /// Adds a stage of a prompt: its variants take turns.
    pub(super) fn say_stage(
        &mut self,
        out: &mut Vec<Sentence>,
        prompt: &str,
        stage: Stage,
        more: &[(&str, Value)],
    ) {
        let words = self.words();
        let count = words.variants(prompt, stage);
        if count == 0 {
            return;
        }
        let used = self
            .used
            .entry(format!("{prompt}?{}", stage.name()))
            .or_default();
        let nth = *used % count;
        *used = used.wrapping_add(1);
        self.say_nth(out, prompt, stage, nth, more);
    }

    /// Adds variant `nth` (the last one where there are fewer).
    fn say_nth(
        &mut self,
        out: &mut Vec<Sentence>,
        prompt: &str,
        stage: Stage,
        nth: usize,
        more: &[(&str, Value)],
    ) {
        let words = self.words();
        let count = words.variants(prompt, stage);
        if count == 0 {
            return;
        }
        let mut values: Values = self.view();
        values.extend(
            more.iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone())),
        );
        self.met(format!("prompt:{prompt}/{}", stage.name()));
        out.extend(words.render(prompt, stage, nth.min(count - 1), &View::from(&values)));
    }

    /// Adds a slot's prompt: its own, or that of its kind.
    pub(super) fn say_slot(
        &mut self,
        out: &mut Vec<Sentence>,
        slot: &Slot,
        stage: Stage,
        more: &[(&str, Value)],
    ) {
        let words = self.words();
        let own = format!("slots.{}", slot.name);
        let prompt = match words.variants(&own, stage) {
            0 => format!("slots.{}", slot.kind.name()),
            _ => own,
        };
        let mut values: Vec<(&str, Value)> = vec![("choices", self.choices_value(slot))];
        let label = words.slot_label(&slot.name);
        values.push(("label", label.into()));
        if let SlotKind::Value(Kind::Digits { min, max }) = slot.kind {
            let part = self.stack.last().map_or(0, |frame| frame.part.len());
            values.push(("digits", max.into()));
            values.push(("least", min.into()));
            values.push(("missing", usize::from(max).saturating_sub(part).into()));
        }
        values.extend(more.iter().cloned());
        self.say_stage(out, &prompt, stage, &values);
    }

    /// What there is to choose from, for templates: rows, or names with their keys.
    fn choices_value(&self, slot: &Slot) -> Value {
        let choices = self.choices(slot);
        choices
            .iter()
            .enumerate()
            .map(|(at, choice)| {
                json!({
                    "key": at + 1,
                    "name": choice.names.first(),
                    "row": self.chosen(slot, &choice.value),
                })
            })
            .collect()
    }

    /// Adds the open question to `out`, worded for the number of failures, and listens.
    pub(super) fn ask(&mut self, mut out: Vec<Sentence>) -> Reply {
        let stage = match self.failures {
            _ if self.deaf => Stage::Keys,
            0 => Stage::Ask,
            1 => Stage::Retry,
            _ => Stage::Keys,
        };
        let before = out.len();
        let domain = Arc::clone(&self.domain);
        match self.open.clone() {
            Open::Main if stage == Stage::Keys => self.say_menu(&mut out),
            Open::Main => self.question_of(&mut out, "main", stage, &[]),
            Open::Slot => {
                if let Some(slot) = self.slot().and_then(|slot| domain.slots.get(&slot.name)) {
                    self.ask_slot(&mut out, slot, stage);
                }
            }
            Open::Check => {
                if let Some(slot) = self.slot().and_then(|slot| domain.slots.get(&slot.name)) {
                    self.say_slot(&mut out, slot, Stage::Confirm, &[]);
                }
                if stage == Stage::Keys {
                    self.say(&mut out, "yes_no_keys", &[]);
                }
            }
            Open::Confirm(step) => {
                let prompt = self
                    .task()
                    .and_then(|task| task.steps.get(step))
                    .map(|step| &step.act);
                if let Some(super::domain::Act::Confirm(prompt)) = prompt.cloned() {
                    self.question_of(&mut out, &prompt, stage, &[]);
                    if stage == Stage::Keys && self.words().variants(&prompt, Stage::Keys) == 0 {
                        self.say(&mut out, "yes_no_keys", &[]);
                    }
                }
            }
            Open::Change(_) => self.question_of(&mut out, "change", stage, &[]),
            Open::More(_) => {
                if let Some(slot) = self.slot().and_then(|slot| domain.slots.get(&slot.name)) {
                    self.say_slot(&mut out, slot, Stage::Part, &[]);
                }
            }
            Open::Intent(place) => {
                let label = self.intent_label(place);
                self.question_of(
                    &mut out,
                    "confirm_intent",
                    stage,
                    &[("label", label.into())],
                );
            }
            Open::AnythingElse => self.question_of(&mut out, "anything_else", stage, &[]),
            Open::OfferPerson => self.question_of(&mut out, "offer_person", stage, &[]),
            Open::Undo => {
                let topic = self
                    .deeds
                    .last()
                    .map(|deed| deed.topic.clone())
                    .unwrap_or_default();
                self.question_of(&mut out, "confirm_undo", stage, &[("topic", topic.into())]);
            }
            Open::Waiting | Open::Calling | Open::Ended => {}
        }
        if out.len() > before
            && let Some(last) = out.last_mut()
        {
            last.question = true;
        } else if out.len() == before && self.must_be_asked() {
            return self.speechless(out);
        }
        listen(out)
    }

    /// Whether the caller would wait for a question that nobody asks.
    fn must_be_asked(&self) -> bool {
        let silent = matches!(
            self.open,
            Open::More(_) | Open::Waiting | Open::Calling | Open::Ended
        );
        let part = self
            .stack
            .last()
            .is_some_and(|frame| !frame.part.is_empty());
        !silent && !part
    }

    /// The open question has no words: its template cannot read a value. A yes to it would be to nothing.
    fn speechless(&mut self, out: Vec<Sentence>) -> Reply {
        self.because("the question has no words");
        if self.is_at_desk() {
            return self.nobody(out);
        }
        self.give_up_with(out, Reason::Fault)
    }

    /// A question; an earlier stage where that one is not written.
    fn question_of(
        &mut self,
        out: &mut Vec<Sentence>,
        prompt: &str,
        stage: Stage,
        more: &[(&str, Value)],
    ) {
        let words = self.words();
        let calm = self.mood.wants_soothing() && stage == Stage::Ask;
        let stages: &[Stage] = match stage {
            Stage::Ask if calm => &[Stage::Calm, Stage::Ask],
            Stage::Keys => &[Stage::Keys, Stage::Retry, Stage::Ask],
            Stage::Retry => &[Stage::Retry, Stage::Ask],
            _ => &[Stage::Ask],
        };
        let found = stages
            .iter()
            .find(|stage| words.variants(prompt, **stage) > 0);
        if let Some(&stage) = found {
            self.say_stage(out, prompt, stage, more);
        }
    }

    fn ask_slot(&mut self, out: &mut Vec<Sentence>, slot: &Slot, stage: Stage) {
        let words = self.words();
        let own = format!("slots.{}", slot.name);
        let part = self
            .stack
            .last()
            .is_some_and(|frame| !frame.part.is_empty());
        if part {
            return self.say_slot(out, slot, Stage::Part, &[]);
        }
        let has = |stage| words.variants(&own, stage) > 0;
        let calm = self.mood.wants_soothing() && has(Stage::Calm);
        match stage {
            Stage::Keys if has(Stage::Keys) => self.say_slot(out, slot, Stage::Keys, &[]),
            Stage::Keys => {
                // The keypad twin of the question: one sentence per choice, or how to key the kind.
                match &slot.kind {
                    SlotKind::Choice(_) | SlotKind::Record(_) => {
                        for (at, choice) in self.choices(slot).iter().take(9).enumerate() {
                            let name = choice.names.first().cloned().unwrap_or_default();
                            let values = [("key", (at + 1).into()), ("name", name.into())];
                            self.say_stage(out, "choice_item", Stage::Say, &values);
                        }
                    }
                    SlotKind::Value(_) => self.say_slot(out, slot, Stage::Keys, &[]),
                }
            }
            Stage::Retry if has(Stage::Retry) => self.say_slot(out, slot, Stage::Retry, &[]),
            _ if calm => self.say_slot(out, slot, Stage::Calm, &[]),
            _ => self.say_slot(out, slot, Stage::Ask, &[]),
        }
    }

    /// The keypad twin of "How can I help?": one sentence per task with a key.
    fn say_menu(&mut self, out: &mut Vec<Sentence>) {
        let domain = Arc::clone(&self.domain);
        let words = self.words();
        for (key, task) in domain.menu() {
            let menu = words
                .tasks
                .get(task)
                .map(|task| task.menu.clone())
                .unwrap_or_default();
            let values = [("key", key.to_string().into()), ("menu", menu.into())];
            self.say_stage(out, "menu_item", Stage::Say, &values);
        }
        self.say(out, "menu_person", &[]);
        // In the language that it is about.
        for language in self.other_languages() {
            let words = domain.words(language);
            let said = words.render("menu_language", Stage::Say, 0, &View::from(&Values::new()));
            out.extend(said.into_iter().map(|sentence| Sentence {
                language: language.code().to_owned(),
                ..sentence
            }));
        }
    }

    fn intent_label(&self, place: usize) -> String {
        use super::domain::{Command, Label};
        let words = self.words();
        match words.labels.get(place) {
            Some(Label::Task(task)) => words
                .tasks
                .get(*task)
                .map(|task| task.label.clone())
                .unwrap_or_default(),
            Some(Label::Command(Command::Goodbye)) => words.prompt_text("label_goodbye"),
            Some(Label::Command(_)) => words.prompt_text("label_person"),
            Some(Label::Page) | None => String::new(),
        }
    }

    /// Nothing fits: say what went wrong, then the question in its next, clearer form; after the third
    /// time, a person.
    pub(super) fn on_failure(&mut self, prompt: &str) -> Reply {
        self.because(format!("rule: {prompt}"));
        if self.open == Open::Waiting {
            return self.on_slow();
        }
        if let Open::More(step) = self.open
            && prompt == "no_input"
        {
            return self.settle(step);
        }
        if self.failures + 1 >= LAST_FAILURE {
            match prompt {
                "no_input" if self.open == Open::AnythingElse => return self.goodbye_to_silence(),
                "deaf" => {
                    self.failures += 1;
                    return self.give_up_with(Vec::new(), Reason::Overload);
                }
                _ => {}
            }
        }
        let mut out = Vec::new();
        let (words, failures) = (self.words(), usize::from(self.failures));
        if words.variants(prompt, Stage::Say) > 0 && failures + 1 < usize::from(LAST_FAILURE) {
            self.say_nth(&mut out, prompt, Stage::Say, failures, &[]);
        }
        self.failed_with(out)
    }

    pub(super) fn failed_with(&mut self, out: Vec<Sentence>) -> Reply {
        self.failures += 1;
        if self.failures >= LAST_FAILURE {
            let doubtful = self.doubts > 0 && matches!(self.open, Open::Confirm(_));
            let reason = match doubtful {
                true => Reason::Doubt,
                false => Reason::ThirdFailure,
            };
            return self.give_up_with(Vec::new(), reason);
        }
        self.ask(out)
    }

    /// The recogniser is out: keys at once; when that does not help either, a person.
    pub(super) fn on_deaf(&mut self) -> Reply {
        if self.open == Open::Waiting {
            self.deaf = true;
            return self.on_slow();
        }
        // What was said before is there: it is read back.
        if let Open::More(step) = self.open {
            self.deaf = true;
            return self.settle(step);
        }
        self.deafs = self.deafs.saturating_add(1);
        if self.deafs >= LAST_DEAF {
            return self.give_up_with(Vec::new(), Reason::Overload);
        }
        if std::mem::replace(&mut self.deaf, true) {
            return self.on_failure("deaf");
        }
        let mut out = Vec::new();
        self.say(&mut out, "deaf", &[]);
        self.ask(out)
    }
}

/// Is it a number, of digits or letters, rather than a quantity?
pub(super) fn is_number(slot: &Slot) -> bool {
    matches!(
        slot.kind,
        SlotKind::Value(Kind::Digits { .. } | Kind::Code { .. } | Kind::Phone)
    )
}

/// Whether a reading has as many digits as the slot wants.
pub(super) fn fits(slot: &Slot, found: &Found) -> bool {
    match slot.kind {
        SlotKind::Value(
            Kind::Digits { min, max } | Kind::Letters { min, max } | Kind::Code { min, max },
        ) => (usize::from(min)..=usize::from(max)).contains(&found.value.len()),
        _ => true,
    }
}
