//! A warm transfer, as the caller hears it: a person's telephone rings while he is still with us. What he is
//! told meanwhile, and how he calls it off.

use super::domain::{Command, Label};
use super::ending::listen;
use super::hear::hear;
use super::policy::ACCEPT;
use super::reply::{Input, Reply, Then};
use super::state::{Dialogue, Open};
use std::sync::Arc;

/// Silence after which the caller is told again that somebody is being called, in ms.
pub(super) const REASSURE_MS: u32 = 10_000;

impl Dialogue {
    /// A person is being called, and the caller stays.
    pub(super) fn on_calling(&mut self) -> Reply {
        self.calling = self.ending.take();
        self.open = Open::Calling;
        self.hold("calling")
    }

    /// The person has the caller.
    pub(super) fn on_joined(&mut self) -> Reply {
        self.ending = self.calling.take().or_else(|| self.ending.take());
        self.open = Open::Ended;
        Reply::default()
    }

    /// Something happens while the telephone rings: the caller may call it off, and is reassured otherwise.
    pub(super) fn while_calling(&mut self, input: Input<'_>) -> Reply {
        match input {
            Input::Keys("2") => self.call_off(),
            Input::Speech(hypotheses) => {
                let (domain, words) = (Arc::clone(&self.domain), self.words());
                let meaning = hear(&domain, &words, hypotheses, self.context.now);
                self.explain(&meaning);
                let command = Self::accepted(&meaning, ACCEPT).map(|intent| intent.label);
                let is_no = Self::answered(&meaning).is_some_and(|answer| !answer.yes);
                match command {
                    Some(Label::Command(Command::Goodbye)) => self.goodbye(Vec::new()),
                    Some(Label::Command(
                        Command::Cancel
                        | Command::Undo
                        | Command::Back
                        | Command::Wrong
                        | Command::Restart,
                    )) => self.call_off(),
                    _ if is_no => self.call_off(),
                    _ => self.reassure(),
                }
            }
            // Also where the house closes: a person is on the way already.
            _ => self.reassure(),
        }
    }

    fn reassure(&mut self) -> Reply {
        self.hold("calling_still")
    }

    /// Says how it stands; what the caller says then is an answer to it.
    fn hold(&mut self, prompt: &str) -> Reply {
        let mut out = Vec::new();
        self.say(&mut out, prompt, &[]);
        if let Some(last) = out.last_mut() {
            last.question = true;
        }
        listen(out)
    }

    /// The caller would rather go on with us.
    fn call_off(&mut self) -> Reply {
        self.because("rule: the caller calls the transfer off");
        self.calling = None;
        self.stack.clear();
        self.queue.clear();
        self.progress();
        let mut out = Vec::new();
        self.say(&mut out, "called_off", &[]);
        self.open = Open::Main;
        Reply {
            then: Then::CallOff,
            ..self.ask(out)
        }
    }
}
