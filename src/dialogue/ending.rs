//! How a conversation ends: goodbye, or a person with the story in two sentences; and how it goes
//! on when nobody took the call.

use super::reply::{Disposition, Handover, Reason, Reply, Sentence, Then};
use super::state::{Dialogue, Open, last_words};

impl Dialogue {
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
        // Twice nobody came: go on here, and let the ladder end it.
        if self.returned >= 2 {
            self.open = if self.open == Open::Waiting { Open::AnythingElse } else { self.open };
            return self.on_failure("still_nobody");
        }
        let mut out = Vec::new();
        self.say(&mut out, "person", &[]);
        self.hand_over(out, Reason::Requested)
    }

    /// The bot cannot help.
    pub(super) fn give_up(&mut self, reason: Reason) -> Reply {
        self.give_up_with(Vec::new(), reason)
    }

    pub(super) fn give_up_with(&mut self, mut out: Vec<Sentence>, reason: Reason) -> Reply {
        if self.returned == 0 {
            self.say(&mut out, if reason == Reason::Fault { "person_fault" } else { "person_after_failures" }, &[]);
        }
        self.hand_over(out, reason)
    }

    pub(super) fn hand_over(&mut self, mut out: Vec<Sentence>, reason: Reason) -> Reply {
        if self.returned > 0 && matches!(reason, Reason::ThirdFailure | Reason::Fault) {
            // Nobody took the call before, and the bot cannot help: say so rather than go in circles.
            out.clear();
            self.say_hours_now(&mut out);
            return self.hang_up(out, "nobody", Disposition::Failed);
        }
        let summary = self.summary(reason);
        self.before_handover = self.open;
        self.end(last_words(out, Then::HandOver(Handover { reason, summary })))
    }

    fn end(&mut self, reply: Reply) -> Reply {
        self.open = Open::Ended;
        self.ending = Some(reply.clone());
        reply
    }

    pub(super) fn on_closing(&mut self) -> Reply {
        if self.open == Open::AnythingElse {
            return self.hang_up(Vec::new(), "closing_goodbye", Disposition::Completed);
        }
        let mut out = Vec::new();
        self.say(&mut out, "closing_person", &[]);
        self.hand_over(out, Reason::Closing)
    }

    /// Nobody took the call: apologise, say when somebody is there, and go on where we were.
    pub(super) fn on_returned(&mut self) -> Reply {
        self.ending = None;
        self.returned = self.returned.saturating_add(1);
        self.failures = 0;
        self.stalls = 0;
        self.patience = false;
        let mut out = Vec::new();
        self.say(&mut out, "returned", &[]);
        self.say_hours_now(&mut out);
        self.open = match (self.before_handover, &mut self.form) {
            (Open::ConfirmSlot, Some(_)) => Open::ConfirmSlot,
            (_, Some(form)) => {
                form.values.clear();
                form.misses = 0;
                Open::Slot
            }
            _ => Open::AnythingElse,
        };
        if self.form.is_some() {
            self.say(&mut out, "back_to_form", &[]);
        }
        self.ask(out)
    }

    /// What is known of the form's values, for the summary.
    pub(super) fn given(&self) -> String {
        let Some(form) = &self.form else { return String::new() };
        let slot = self.slot().map(|slot| slot.name.clone());
        let heard = [&form.candidate, &form.part].into_iter().find(|value| !value.is_empty()).cloned();
        let doubtful = slot.zip(heard).map(|(name, value)| format!("{name} {value}, not confirmed"));
        let sure = form.values.iter().map(|(name, value)| format!("{name} {value}"));
        sure.chain(doubtful).collect::<Vec<_>>().join(", ")
    }

    /// Two sentences for the person who takes over: what the caller wants, and why not here.
    fn summary(&mut self, reason: Reason) -> String {
        let mut out = Vec::new();
        let given = self.given();
        let topic = self.form.as_ref().and_then(|form| self.domain.forms.get(&form.name)).map(|form| form.topic.clone());
        match topic {
            Some(topic) if given.is_empty() => self.say(&mut out, "summary_open", &[("topic", &topic)]),
            Some(topic) => self.say(&mut out, "summary_open_number", &[("topic", &topic), ("given", &given)]),
            None if self.done.is_empty() => self.say(&mut out, "summary_nothing", &[]),
            None => {
                let done = self.done.join(", ");
                self.say(&mut out, "summary_done", &[("done", &done)]);
            }
        }
        let why = match reason {
            Reason::Requested => "summary_requested",
            Reason::ThirdFailure => "summary_third_failure",
            Reason::Fault => "summary_fault",
            Reason::Closing => "summary_closing",
        };
        self.say(&mut out, why, &[]);
        out.iter().map(|sentence| sentence.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}
