//! Which reading of the caller's words counts at the open question, what keys mean there, and what
//! happens when nothing fits: the ladder from a shorter prompt over keys to a person.

use super::domain::{Command, Does};
use super::prompt::Values;
use super::reply::{Confidence, Hypothesis, Reason, Reply};
use super::state::{Dialogue, Open, listen};
use super::understand::{Meaning, understand};
use super::yes_no::YesNo;
use std::sync::Arc;

/// An intent at or above this is acted upon.
pub(super) const ACCEPT: Confidence = 400;
/// An intent at or above this is asked about ("You'd like to …, is that right?").
const ASK: Confidence = 300;
/// A goodbye below this is asked about too: hanging up cannot be undone.
const GOODBYE: Confidence = 600;
/// Words below this are more likely wrong than right: what hands over, hangs up, begins a task or ends
/// one is not done on them, but asked about, or asked again.
pub(super) const SURE: Confidence = 500;
/// A no below this is not one. A yes must be [`SURE`]: it lets something happen.
const NO: Confidence = 300;
/// Failures at one question after which a person takes over.
const LAST_FAILURE: u8 = 3;
/// Understood turns in a row that bring nothing forward ("repeat that") before a person takes over.
const LAST_STALL: u8 = 9;

impl Dialogue {
    pub(super) fn greet(&mut self) -> Reply {
        let mut out = Vec::new();
        self.say(&mut out, "welcome", &[]);
        self.ask(out)
    }

    pub(super) fn on_speech(&mut self, hypotheses: &[Hypothesis]) -> Reply {
        self.deaf = false;
        self.patience = false;
        let meaning = understand(&self.domain, self.expected(), hypotheses);
        match self.open {
            Open::Main => self.at_main(&meaning),
            Open::Slot => self.at_slot(&meaning),
            Open::ConfirmSlot => self.at_confirmation(&meaning),
            Open::ConfirmIntent(intent) => self.at_intent_confirmation(&meaning, intent),
            Open::AnythingElse => self.at_anything_else(&meaning),
            Open::Waiting | Open::Ended => self.at_waiting(&meaning),
        }
    }

    /// The intent if it is sure enough to act upon.
    fn accepted(&self, meaning: &Meaning) -> Option<usize> {
        meaning
            .intent
            .filter(|ranked| ranked.confidence >= ACCEPT)
            .map(|ranked| ranked.intent)
    }

    /// Whether this would let something happen on words that are likely wrong.
    fn is_rash(&self, intent: usize, meaning: &Meaning) -> bool {
        let does = self.domain.intents.get(intent).map(|intent| &intent.does);
        let matters = matches!(
            does,
            Some(
                Does::Form(_)
                    | Does::Command(Command::Person | Command::Goodbye | Command::Restart)
            )
        );
        matters && meaning.heard < SURE
    }

    /// Does what was accepted, or asks first where that would be rash.
    fn act_carefully(&mut self, intent: usize, meaning: &Meaning) -> Reply {
        if !self.is_rash(intent, meaning) {
            return self.act(intent, meaning);
        }
        if matches!(self.open, Open::Main | Open::AnythingElse) {
            self.note_intent(meaning);
            return self.ask_about(intent);
        }
        // In the middle of something: the open question again, with its keys.
        self.on_failure("no_match")
    }

    /// "You'd like to …, is that right?" Failures are kept: a caller who denies again and again gets to
    /// a person.
    fn ask_about(&mut self, intent: usize) -> Reply {
        self.open = Open::ConfirmIntent(intent);
        let failures = std::mem::take(&mut self.failures);
        let reply = self.ask(Vec::new());
        self.failures = failures;
        reply
    }

    /// The yes or no, if it is sure enough to be one.
    fn answered(meaning: &Meaning) -> Option<YesNo> {
        meaning
            .yes_no
            .filter(|answer| answer.confidence >= if answer.yes { SURE } else { NO })
    }

    fn at_main(&mut self, meaning: &Meaning) -> Reply {
        if let Some(key) = spoken_key(meaning)
            && let Some(intent) = self.by_key(key)
        {
            return self.act(intent, meaning);
        }
        if let Some(reply) = self.digits_at_main(meaning, false) {
            return reply;
        }
        if let Some(intent) = self.accepted(meaning) {
            return self.act_carefully(intent, meaning);
        }
        if let Some(reply) = self.digits_at_main(meaning, true) {
            return reply;
        }
        match meaning.intent.filter(|ranked| ranked.confidence >= ASK) {
            Some(ranked) => {
                self.note_intent(meaning);
                self.ask_about(ranked.intent)
            }
            None => self.on_failure("no_match"),
        }
    }

    /// Digits without another wish are an order number; `part`: also a part of one.
    fn digits_at_main(&mut self, meaning: &Meaning, part: bool) -> Option<Reply> {
        let (intent, count) = self.domain.digits_intent()?;
        let digits = meaning.digits.as_ref()?;
        let fits =
            digits.value.len() == count || (part && (3..=count + 1).contains(&digits.value.len()));
        fits.then(|| self.act(intent, meaning))
    }

    fn at_slot(&mut self, meaning: &Meaning) -> Reply {
        let count = self.expected().unwrap_or(0);
        let part = self.form.as_ref().map_or(0, |form| form.part.len());
        let intent = self.accepted(meaning);
        if let Some(digits) = &meaning.digits
            && (digits.value.len() > 1 || part + digits.value.len() == count || intent.is_none())
        {
            return self.take_digits(digits, meaning.rival);
        }
        let Some(intent) = intent else {
            return self.on_failure("no_match");
        };
        self.act_carefully(intent, meaning)
    }

    fn at_confirmation(&mut self, meaning: &Meaning) -> Reply {
        let yes_no = Self::answered(meaning);
        let denied = yes_no.is_some_and(|answer| !answer.yes);
        if let Some(digits) = &meaning.digits
            && (digits.value.len() >= 3 || denied)
        {
            return self.correct_digits(digits, denied);
        }
        if let Some(answer) = yes_no
            && (answer.alone || self.accepted(meaning).is_none())
        {
            self.note_yes_no(answer.yes, answer.confidence);
            return if answer.yes {
                self.confirmed()
            } else {
                self.denied()
            };
        }
        match self.accepted(meaning) {
            Some(intent) => self.act_carefully(intent, meaning),
            None => self.on_failure("no_match"),
        }
    }

    fn at_intent_confirmation(&mut self, meaning: &Meaning, asked: usize) -> Reply {
        let intent = self.accepted(meaning);
        match Self::answered(meaning) {
            Some(answer) if answer.alone || intent.is_none() => {
                self.note_yes_no(answer.yes, answer.confidence);
                self.open = Open::Main;
                // What was said before is forgotten: the question was only about the intent.
                if answer.yes {
                    self.act(asked, &Meaning::default())
                } else {
                    self.on_failure("understood")
                }
            }
            _ => match intent {
                Some(intent) if !self.is_rash(intent, meaning) => {
                    self.open = Open::Main;
                    self.act(intent, meaning)
                }
                _ => self.on_failure("no_match"),
            },
        }
    }

    fn at_anything_else(&mut self, meaning: &Meaning) -> Reply {
        let intent = self.accepted(meaning);
        let thanks = intent.is_some() && intent == self.domain.command(Command::Thanks);
        // A no ends the call here, so it must be as sure as a yes.
        if let Some(answer) = Self::answered(meaning).filter(|answer| answer.confidence >= SURE)
            && (answer.alone || intent.is_none())
            && !thanks
            && meaning
                .digits
                .as_ref()
                .is_none_or(|digits| digits.value.len() < 3)
        {
            self.note_yes_no(answer.yes, answer.confidence);
            return self.anything_else(answer.yes);
        }
        if thanks && meaning.heard >= SURE {
            // "Anything else?" – "Thank you": the caller is done.
            self.note_intent(meaning);
            let mut out = Vec::new();
            self.say(&mut out, "thanks", &[]);
            return self.goodbye(out);
        }
        if let Some(reply) = self.digits_at_main(meaning, false) {
            return reply;
        }
        match intent {
            Some(intent) => self.act_carefully(intent, meaning),
            None => self.on_failure("no_match"),
        }
    }

    fn anything_else(&mut self, yes: bool) -> Reply {
        self.progress();
        if !yes {
            return self.goodbye(Vec::new());
        }
        self.open = Open::Main;
        self.ask(Vec::new())
    }

    /// Words while a back end is being asked: only the ways out count.
    fn at_waiting(&mut self, meaning: &Meaning) -> Reply {
        match self.accepted(meaning) {
            Some(intent)
                if matches!(
                    self.command_of(intent),
                    Some(Command::Person | Command::Goodbye)
                ) && !self.is_rash(intent, meaning) =>
            {
                self.act(intent, meaning)
            }
            _ => self.still_looking(),
        }
    }

    fn command_of(&self, intent: usize) -> Option<Command> {
        match self.domain.intents.get(intent)?.does {
            Does::Command(command) => Some(command),
            _ => None,
        }
    }

    /// Does what an intent is for.
    pub(super) fn act(&mut self, intent: usize, meaning: &Meaning) -> Reply {
        self.note_intent_as(intent, meaning);
        let doubtful = meaning
            .intent
            .is_some_and(|ranked| ranked.intent == intent && ranked.confidence < GOODBYE);
        if doubtful
            && self.command_of(intent) == Some(Command::Goodbye)
            && matches!(self.open, Open::Main | Open::AnythingElse)
        {
            self.open = Open::ConfirmIntent(intent);
            return self.ask(Vec::new());
        }
        let domain = Arc::clone(&self.domain);
        let Some(intent) = domain.intents.get(intent) else {
            return self.on_failure("no_match");
        };
        match &intent.does {
            Does::Form(form) => self.start_form(form, meaning),
            Does::Hours => self.tell_hours(intent, meaning.day),
            Does::Knowledge(section) => self.tell(intent, section),
            Does::Say(prompt) => self.stall(|dialogue| {
                let mut out = Vec::new();
                dialogue.say(&mut out, prompt, &[]);
                dialogue.ask(out)
            }),
            Does::Command(command) => self.command(*command),
        }
    }

    fn command(&mut self, command: Command) -> Reply {
        let mut out = Vec::new();
        match command {
            Command::Person => self.person(),
            Command::Goodbye => self.goodbye(out),
            Command::Repeat => self.repeat(),
            Command::Restart => self.stall(|dialogue| {
                dialogue.form = None;
                dialogue.open = Open::Main;
                dialogue.failures = 0;
                dialogue.say(&mut out, "restart", &[]);
                dialogue.ask(out)
            }),
            Command::Wait => self.stall(|dialogue| {
                dialogue.patience = true;
                dialogue.say(&mut out, "wait", &[]);
                if let Some(last) = out.last_mut() {
                    last.question = true;
                }
                listen(out)
            }),
            Command::Help => self.say_and_ask("help"),
            Command::Thanks => self.say_and_ask("thanks"),
            Command::Greeting => self.say_and_ask("greeting"),
        }
    }

    fn say_and_ask(&mut self, prompt: &str) -> Reply {
        self.stall(|dialogue| {
            let mut out = Vec::new();
            dialogue.say(&mut out, prompt, &[]);
            dialogue.ask(out)
        })
    }

    fn repeat(&mut self) -> Reply {
        self.stall(|dialogue| match dialogue.last.clone() {
            nothing if nothing.is_empty() => dialogue.ask(nothing),
            last => listen(last),
        })
    }

    /// A turn that was understood but brought nothing forward.
    fn stall(&mut self, reply: impl FnOnce(&mut Self) -> Reply) -> Reply {
        self.stalls += 1;
        if self.stalls >= LAST_STALL {
            self.give_up(Reason::ThirdFailure)
        } else {
            reply(self)
        }
    }

    /// The caller and the bot got on.
    pub(super) fn progress(&mut self) {
        self.failures = 0;
        self.stalls = 0;
    }

    /// Keys, terminator removed.
    pub(super) fn on_keys(&mut self, entry: &str) -> Reply {
        self.patience = false;
        if matches!(self.open, Open::Waiting | Open::Ended) {
            return if entry == "0" {
                self.person()
            } else {
                self.still_looking()
            };
        }
        match entry {
            "0" => return self.person(),
            "*" => return self.repeat(),
            "" => return self.on_failure("no_input"),
            _ => {}
        }
        match (self.open, entry) {
            (Open::Slot, _) => self.keyed_digits(entry),
            (Open::Main, _) => match entry.chars().next().and_then(|key| self.by_key(key)) {
                Some(intent) if entry.len() == 1 => self.act(intent, &Meaning::default()),
                _ => self.on_failure("bad_key"),
            },
            (Open::ConfirmSlot, "1") => self.confirmed(),
            (Open::ConfirmSlot, "2") => self.denied(),
            (Open::ConfirmIntent(intent), "1") => {
                self.open = Open::Main;
                self.act(intent, &Meaning::default())
            }
            (Open::ConfirmIntent(_), "2") => {
                self.open = Open::Main;
                self.on_failure("understood")
            }
            (Open::AnythingElse, "1") => self.anything_else(true),
            (Open::AnythingElse, "2") => self.anything_else(false),
            _ => self.on_failure("bad_key"),
        }
    }

    fn by_key(&self, key: char) -> Option<usize> {
        self.domain
            .intents
            .iter()
            .position(|intent| intent.key == Some(key))
    }

    /// The recogniser is out: keys at once; when that does not help either, a person.
    pub(super) fn on_deaf(&mut self) -> Reply {
        if self.open == Open::Waiting {
            self.deaf = true;
            return self.still_looking();
        }
        if std::mem::replace(&mut self.deaf, true) {
            return self.on_failure("deaf");
        }
        let mut out = Vec::new();
        self.say(&mut out, "deaf", &[]);
        self.ask(out)
    }

    /// One step down the ladder; `cause` names the prompt that says what went wrong.
    pub(super) fn on_failure(&mut self, cause: &str) -> Reply {
        self.fail(cause, &Values::new())
    }

    pub(super) fn fail(&mut self, cause: &str, values: &Values) -> Reply {
        self.patience = false;
        if matches!(self.open, Open::Waiting | Open::Ended) {
            return self.still_looking();
        }
        self.failures += 1;
        if self.failures >= LAST_FAILURE {
            if cause == "no_input" && self.open == Open::AnythingElse {
                return self.goodbye_to_silence();
            }
            return self.give_up(if cause == "deaf" {
                Reason::Fault
            } else {
                Reason::ThirdFailure
            });
        }
        let mut out = Vec::new();
        let values: Vec<(&str, &str)> = values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.say_nth(&mut out, cause, self.failures - 1, &values);
        self.ask(out)
    }

    fn note_intent(&mut self, meaning: &Meaning) {
        if let Some(ranked) = meaning.intent {
            self.note_intent_as(ranked.intent, meaning);
        }
    }

    fn note_intent_as(&mut self, intent: usize, meaning: &Meaning) {
        let domain = Arc::clone(&self.domain);
        let Some(name) = domain
            .intents
            .get(intent)
            .map(|intent| intent.name.as_str())
        else {
            return;
        };
        // Taken for another reason than its words (digits, a spoken key): as sure as those.
        let ranked = meaning
            .intent
            .filter(|ranked| ranked.intent == intent)
            .map(|ranked| ranked.confidence);
        let digits = meaning.digits.as_ref().map(|digits| digits.confidence);
        if let Some(confidence) = ranked.max(digits) {
            self.note(name, confidence, &[]);
        }
    }

    pub(super) fn note_yes_no(&mut self, yes: bool, confidence: Confidence) {
        self.note(
            "yes_no",
            confidence,
            &[("answer", if yes { "yes" } else { "no" })],
        );
    }
}

/// "press one", "option two", "three": a menu key in words.
fn spoken_key(meaning: &Meaning) -> Option<char> {
    let digits = meaning
        .digits
        .as_ref()
        .filter(|digits| digits.confidence >= SURE)?;
    let said = |word: &String| {
        matches!(
            word.as_str(),
            "press" | "option" | "number" | "key" | "please"
        )
    };
    let rest = meaning
        .words
        .iter()
        .enumerate()
        .filter(|(at, _)| !digits.words.contains(at))
        .map(|(_, word)| word);
    let mut value = digits.value.chars();
    match (value.next(), value.next()) {
        (Some(key), None) if rest.clone().all(said) => Some(key),
        _ => None,
    }
}
