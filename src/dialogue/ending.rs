//! How a conversation begins, and how it ends: goodbye, or a person; and how it goes on when nobody took the call.

use super::desk::TRIES;
use super::domain::Level;
use super::reply::{BargeIn, Disposition, Reason, Reply, Row, Sentence, Then};
use super::state::{Dialogue, Open, Waiting};
use super::template::plain;
use std::collections::BTreeMap;

/// A reply that waits for the caller.
pub(super) fn listen(say: Vec<Sentence>) -> Reply {
    Reply {
        say,
        ..Reply::default()
    }
}

/// A reply that is not to be cut short.
pub(super) fn last_words(say: Vec<Sentence>, then: Then) -> Reply {
    Reply {
        say,
        barge_in: BargeIn::Never,
        then,
        understood: None,
    }
}

impl Dialogue {
    /// The call is answered: who calls is looked up first, where that can be known.
    pub(super) fn on_start(&mut self) -> Reply {
        let phone = self.context.caller.clone().unwrap_or_default();
        match self.domain.identity.look.clone() {
            Some(look) if !phone.is_empty() => {
                let arguments = BTreeMap::from([("phone".to_owned(), phone)]);
                self.ask_back_end(&look, arguments, Waiting::Caller, &mut Vec::new())
            }
            _ => self.greet(Vec::new()),
        }
    }

    pub(super) fn caller_found(&mut self, rows: &[Row]) -> Reply {
        // Two people behind one number are nobody.
        let [row] = rows else {
            return self.greet(Vec::new());
        };
        self.level = self.level.max(Level::Known);
        self.caller = serde_json::to_value(row).unwrap_or_default();
        if let Some(language) = self.caller.get(&self.domain.identity.language) {
            self.speak_unless_chosen(&plain(language));
        }
        let caller = self.caller.get("id").map(plain).unwrap_or_default();
        let arguments = BTreeMap::from([("caller".to_owned(), caller)]);
        self.ask_back_end("recall", arguments, Waiting::Memory, &mut Vec::new())
    }

    /// What is remembered of the caller: rows of `key` and `value`.
    pub(super) fn memory_found(&mut self, rows: &[Row]) -> Reply {
        let value = |key: &str| {
            let row = rows
                .iter()
                .find(|row| row.get("key").is_some_and(|found| found == key))?;
            row.get("value").map(plain)
        };
        if let Some(language) = value("language") {
            self.speak_unless_chosen(&language);
        }
        self.slow = value("pace").is_some_and(|pace| pace == "slow");
        let words = self.words();
        self.unfinished = value("unfinished").unwrap_or_default();
        let unfinished = value("unfinished").and_then(|name| {
            let (place, _) = self.domain.task(&name)?;
            let topic = words.tasks.get(place)?.topic.clone();
            let label = words
                .labels
                .iter()
                .position(|label| *label == super::domain::Label::Task(place))?;
            Some((label, topic))
        });
        let mut out = Vec::new();
        self.say(&mut out, "welcome_back", &[]);
        match unfinished {
            Some((label, topic)) => {
                self.say(&mut out, "unfinished", &[("topic", topic.into())]);
                self.open = Open::Intent(label);
                self.ask(out)
            }
            None => {
                self.open = Open::Main;
                self.ask(out)
            }
        }
    }

    /// What is known from before does not go against what was chosen for this call.
    fn speak_unless_chosen(&mut self, code: &str) {
        if !self.spoke {
            self.speak(code);
        }
    }

    pub(super) fn greet(&mut self, mut out: Vec<Sentence>) -> Reply {
        self.say(&mut out, "welcome", &[]);
        self.open = Open::Main;
        self.ask(out)
    }

    pub(super) fn anything_else(&mut self, out: Vec<Sentence>) -> Reply {
        self.open = Open::AnythingElse;
        self.ask(out)
    }

    pub(super) fn goodbye(&mut self, out: Vec<Sentence>) -> Reply {
        self.hang_up(out, "goodbye", Disposition::Completed)
    }

    /// The task is done and the caller says nothing more.
    pub(super) fn goodbye_to_silence(&mut self) -> Reply {
        self.hang_up(Vec::new(), "goodbye_silence", Disposition::Completed)
    }

    fn hang_up(&mut self, mut out: Vec<Sentence>, prompt: &str, disposition: Disposition) -> Reply {
        self.say(&mut out, prompt, &[]);
        self.end(last_words(out, Then::HangUp(disposition)))
    }

    /// The caller asks for a person.
    pub(super) fn person(&mut self) -> Reply {
        self.note("person", 1000);
        let mut out = Vec::new();
        if self.returned < TRIES {
            self.announce(&mut out, "person", Reason::Requested);
        }
        self.hand_over(out, Reason::Requested)
    }

    /// The bot cannot help.
    pub(super) fn give_up_with(&mut self, mut out: Vec<Sentence>, reason: Reason) -> Reply {
        if self.returned == 0 {
            let prompt = match reason {
                Reason::Fault => "person_fault",
                Reason::Doubt => "person_doubt",
                Reason::Overload => "person_overload",
                _ => "person_after_failures",
            };
            self.announce(&mut out, prompt, reason);
        }
        self.hand_over(out, reason)
    }

    pub(super) fn hand_over(&mut self, mut out: Vec<Sentence>, reason: Reason) -> Reply {
        // Whoever fails at a secret has shown nothing, whatever was right before.
        if reason == Reason::Verification {
            self.level = self.level.min(Level::Known);
        }
        if self.is_at_desk() {
            return self.person_at_desk(out, reason);
        }
        if !self.may_pass_on(reason) {
            self.say(&mut out, "desk_closed", &[]);
            return self.offer_desk(out, reason);
        }
        // Nobody took the call before, and the bot cannot help: not in circles.
        let helpless = matches!(
            reason,
            Reason::ThirdFailure | Reason::Fault | Reason::Overload
        );
        if self.returned >= TRIES || self.returned > 0 && helpless {
            out.clear();
            self.say(&mut out, "still_nobody", &[]);
            return self.offer_desk(out, reason);
        }
        self.pass_on(out, reason)
    }

    /// The caller leaves us for a person, whoever is there.
    pub(super) fn pass_on(&mut self, out: Vec<Sentence>, reason: Reason) -> Reply {
        self.wanted = reason;
        let handover = self.tell_person(reason);
        self.because(format!("handed over: {}", reason.name()));
        self.met(format!("handover:{}", reason.name()));
        self.end(last_words(out, Then::HandOver(handover)))
    }

    pub(super) fn end(&mut self, reply: Reply) -> Reply {
        self.open = Open::Ended;
        self.ending = Some(reply.clone());
        reply
    }

    /// No time is left for a callback or a message: a person, where one may still be tried, or goodbye.
    pub(super) fn on_hurry(&mut self) -> Reply {
        if self.is_settled() {
            return self.hang_up(Vec::new(), "closing_goodbye", Disposition::Completed);
        }
        if self.is_at_desk() || self.returned >= TRIES {
            return self.hang_up(Vec::new(), "closing_goodbye", Disposition::Failed);
        }
        self.on_closing()
    }

    pub(super) fn on_closing(&mut self) -> Reply {
        if self.open == Open::AnythingElse {
            return self.hang_up(Vec::new(), "closing_goodbye", Disposition::Completed);
        }
        if !self.is_staffed() {
            return self.hang_up(Vec::new(), "closing_goodbye", Disposition::Failed);
        }
        let mut out = Vec::new();
        self.say(&mut out, "closing_person", &[]);
        self.hand_over(out, Reason::Closing)
    }

    /// Nobody took the call: an apology, and what can be done instead. Danger is told again.
    pub(super) fn on_returned(&mut self) -> Reply {
        self.ending = None;
        self.calling = None;
        self.returned = self.returned.saturating_add(1);
        self.progress();
        self.patience = false;
        let mut out = Vec::new();
        self.say(&mut out, "returned", &[]);
        let danger = matches!(self.wanted, Reason::Emergency | Reason::Fraud);
        if danger && self.returned < TRIES && !self.stack.is_empty() {
            return self.run(out);
        }
        self.offer_desk(out, self.wanted)
    }

    /// Whether the business is open now, and when it opens.
    pub(super) fn say_hours(&mut self, out: &mut Vec<Sentence>) {
        self.say(out, "hours_now", &[]);
    }
}
