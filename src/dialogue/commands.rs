//! Doing what was understood: a task, or one of the commands that every business understands; and
//! the business's pages.

use super::domain::{Command, Label};
use super::ending::listen;
use super::flow::LAST_MISS;
use super::hear::{Intent, Meaning};
use super::reply::{Reason, Reply};
use super::spoken::Language;
use super::state::{Deed, Dialogue, Open, Waiting};
use super::value::YesNo;

/// Understood turns in a row that bring nothing forward ("repeat that") before a person takes over.
const LAST_STALL: u8 = 9;
/// A goodbye below this is asked about: hanging up cannot be undone.
const GOODBYE: u16 = 600;

impl Dialogue {
    pub(super) fn note_intent(&mut self, intent: Intent) {
        let name = self.label_name(intent.label);
        self.note(&name, intent.confidence);
    }

    pub(super) fn label_name(&self, label: Label) -> String {
        match label {
            Label::Task(task) => self
                .domain
                .tasks
                .get(task)
                .map(|task| task.name.clone())
                .unwrap_or_default(),
            Label::Command(command) => command.name().to_owned(),
            Label::Page => "page".to_owned(),
        }
    }

    pub(super) fn note_yes_no(&mut self, answer: &YesNo) {
        self.note("yes_no", answer.confidence);
        let value = if answer.yes { "yes" } else { "no" };
        if let Some(understood) = &mut self.understood {
            understood.slots.insert("yes_no".into(), value.into());
        }
    }

    /// Does what an intent is for.
    pub(super) fn act(&mut self, intent: Intent, meaning: &Meaning) -> Reply {
        self.note_intent(intent);
        let name = self.label_name(intent.label);
        self.because(format!("rule: does {name}"));
        match intent.label {
            Label::Task(task) => {
                self.progress();
                if let Some((second, said)) = &meaning.second
                    && let Label::Task(next) = second.label
                {
                    self.queue.retain(|(queued, _)| *queued != next);
                    self.queue.push((next, said.clone()));
                }
                let said = self.words_of(meaning);
                let out = self.soothing();
                self.begin(task, said, out)
            }
            Label::Command(Command::Goodbye)
                if intent.confidence < GOODBYE
                    && matches!(self.open, Open::Main | Open::AnythingElse) =>
            {
                self.open = Open::Intent(intent.place);
                self.ask(Vec::new())
            }
            Label::Command(command) => self.command(command),
            Label::Page => match self.page(meaning) {
                Some(page) if page.score >= super::pages::MAYBE => self.tell(&page),
                _ => self.on_failure("out_of_scope"),
            },
        }
    }

    /// The words of the first of two wishes, or all.
    fn words_of(&self, meaning: &Meaning) -> Vec<super::words::Token> {
        let all = &meaning.tokens;
        match &meaning.second {
            Some((_, second)) => all[..all.len().saturating_sub(second.len())].to_vec(),
            None => all.clone(),
        }
    }

    /// Does what the label is for, after it was asked about: the words are forgotten.
    pub(super) fn act_on(&mut self, place: usize) -> Reply {
        match self.words().labels.get(place) {
            Some(Label::Task(task)) => self.begin(*task, Vec::new(), Vec::new()),
            Some(Label::Command(command)) => self.command(*command),
            Some(Label::Page) | None => self.on_failure("no_match"),
        }
    }

    fn command(&mut self, command: Command) -> Reply {
        match command {
            Command::Person => self.person(),
            Command::Goodbye => self.goodbye(Vec::new()),
            Command::Repeat => self.repeat(),
            Command::Slower => {
                self.slow = true;
                self.say_last("slower")
            }
            Command::Restart => self.stall(|dialogue| {
                dialogue.stack.clear();
                dialogue.queue.clear();
                dialogue.open = Open::Main;
                dialogue.failures = 0;
                let mut out = Vec::new();
                dialogue.say(&mut out, "restart", &[]);
                dialogue.ask(out)
            }),
            Command::Wait => self.stall(|dialogue| {
                dialogue.patience = true;
                let mut out = Vec::new();
                dialogue.say(&mut out, "wait", &[]);
                if let Some(last) = out.last_mut() {
                    last.question = true;
                }
                listen(out)
            }),
            Command::Back => self.back(),
            Command::Wrong => self.wrong(),
            Command::Cancel => self.cancel(),
            Command::Undo => self.undo(),
            Command::DontKnow => self.cannot_say(),
            Command::More => self.tell_more(),
            Command::English => self.change_language(Language::English),
            Command::Spanish => self.change_language(Language::Spanish),
            Command::Help
            | Command::Thanks
            | Command::Greeting
            | Command::HowAreYou
            | Command::Robot => self.stall(|dialogue| {
                let mut out = Vec::new();
                dialogue.say(&mut out, command.name(), &[]);
                dialogue.ask(out)
            }),
        }
    }

    pub(super) fn repeat(&mut self) -> Reply {
        self.stall(|dialogue| match dialogue.last.clone() {
            nothing if nothing.is_empty() => dialogue.ask(nothing),
            last => listen(last),
        })
    }

    fn say_last(&mut self, prompt: &str) -> Reply {
        self.stall(|dialogue| {
            let mut out = Vec::new();
            dialogue.say(&mut out, prompt, &[]);
            out.extend(dialogue.last.clone());
            listen(out)
        })
    }

    /// A turn that was understood but brought nothing forward.
    pub(super) fn stall(&mut self, reply: impl FnOnce(&mut Self) -> Reply) -> Reply {
        self.stalls += 1;
        if self.stalls >= LAST_STALL {
            self.give_up_with(Vec::new(), Reason::ThirdFailure)
        } else {
            reply(self)
        }
    }

    /// The caller and the bot got on.
    pub(super) fn progress(&mut self) {
        self.failures = 0;
        self.stalls = 0;
    }

    /// "Go back": the slot that was filled last is asked again.
    fn back(&mut self) -> Reply {
        self.stall(|dialogue| match dialogue.last_filled() {
            Some(slot) => {
                dialogue.forget_slot(&slot);
                dialogue.run(Vec::new())
            }
            None if dialogue.stack.is_empty() => dialogue.ask(Vec::new()),
            None => dialogue.drop_task(),
        })
    }

    /// "That's not what I said": what was taken last is asked again.
    fn wrong(&mut self) -> Reply {
        let mut out = Vec::new();
        self.say(&mut out, "wrong", &[]);
        match self.open {
            Open::Check => self.missed(out),
            Open::Confirm(step) => self.confirmed(step, false),
            _ if !self.stack.is_empty() => {
                match self.last_filled() {
                    Some(slot) => self.forget_slot(&slot),
                    None => drop(self.stack.pop()),
                }
                self.run(out)
            }
            _ => {
                self.open = Open::Main;
                self.failed_with(out)
            }
        }
    }

    /// The last of the task's slots, in its own order, that has a value.
    fn last_filled(&self) -> Option<String> {
        let filled = self.filled();
        let slots = &self.task()?.slots;
        let last = slots.iter().rev().find(|slot| filled.contains_key(*slot));
        last.cloned()
    }

    fn forget_slot(&mut self, slot: &str) {
        self.memory.remove(slot);
        if let Some(frame) = self.stack.last_mut() {
            frame.values.remove(slot);
            frame.said.clear();
            frame.taken.clear();
            frame.points_back = false;
        }
    }

    /// "Never mind": the task is dropped.
    fn cancel(&mut self) -> Reply {
        if self.stack.is_empty() {
            // "Can I still cancel that?" is no goodbye.
            return self.stall(|dialogue| {
                dialogue.open = Open::Main;
                dialogue.ask(Vec::new())
            });
        }
        self.drop_task()
    }

    pub(super) fn drop_task(&mut self) -> Reply {
        self.stack.pop();
        self.progress();
        let mut out = Vec::new();
        self.say(&mut out, "dropped", &[]);
        self.run(out)
    }

    /// "I don't know", "I don't have it": the task's own way on, or a person.
    pub(super) fn cannot_say(&mut self) -> Reply {
        let Open::Slot = self.open else {
            return self.stall(|dialogue| {
                let mut out = Vec::new();
                dialogue.say(&mut out, "help", &[]);
                dialogue.ask(out)
            });
        };
        let slot = self
            .slot()
            .map(|slot| slot.name.clone())
            .unwrap_or_default();
        let Some(frame) = self.stack.last_mut() else {
            return self.ask(Vec::new());
        };
        // Tasks may go another way: `if = "unknown_order"`.
        let unknown = format!("unknown_{slot}");
        let handles = self.domain.tasks.get(frame.task).is_some_and(|task| {
            let uses =
                |when: &Option<String>| when.as_ref().is_some_and(|when| when.contains(&unknown));
            task.steps.iter().any(|step| uses(&step.when))
        });
        if handles && frame.values.insert(unknown, true.into()).is_none() {
            return self.run(Vec::new());
        }
        frame.misses += 1;
        if frame.misses >= LAST_MISS {
            return self.give_up_with(Vec::new(), Reason::ThirdFailure);
        }
        let mut out = Vec::new();
        self.say(&mut out, "dont_know", &[]);
        self.failures = self.failures.max(1);
        self.ask(out)
    }

    /// "Undo that": the last action, where it can be taken back.
    fn undo(&mut self) -> Reply {
        let mut out = Vec::new();
        match self.deeds.last().cloned() {
            None => self.stall(|dialogue| {
                dialogue.say(&mut out, "nothing_to_undo", &[]);
                dialogue.ask(out)
            }),
            Some(Deed {
                undo: None, topic, ..
            }) => {
                self.say(&mut out, "cannot_undo", &[("topic", topic.into())]);
                self.open = Open::OfferPerson;
                self.progress();
                self.ask(out)
            }
            Some(_) => {
                self.open = Open::Undo;
                self.progress();
                self.ask(out)
            }
        }
    }

    pub(super) fn undo_confirmed(&mut self, yes: bool) -> Reply {
        self.progress();
        let deed = self.deeds.last().cloned();
        match deed.and_then(|deed| Some((deed.undo?, deed.arguments))) {
            Some((undo, arguments)) if yes => {
                self.ask_back_end(&undo, arguments, Waiting::Undo, &mut Vec::new())
            }
            _ => {
                let mut out = Vec::new();
                self.say(&mut out, "go_on", &[]);
                self.run(out)
            }
        }
    }

    pub(super) fn undone(&mut self, done: bool) -> Reply {
        let deed = self.deeds.pop();
        let topic = deed.map(|deed| deed.topic).unwrap_or_default();
        let mut out = Vec::new();
        let prompt = if done { "undone" } else { "cannot_undo" };
        self.say(&mut out, prompt, &[("topic", topic.into())]);
        self.run(out)
    }

    /// The business's other languages, beginning with the one after that which is spoken.
    pub(super) fn other_languages(&self) -> Vec<Language> {
        let all = &self.domain.languages;
        let at = all
            .iter()
            .position(|language| *language == self.language)
            .unwrap_or(0);
        let (before, after) = all.split_at(at);
        after.iter().skip(1).chain(before).copied().collect()
    }

    pub(super) fn change_language(&mut self, language: Language) -> Reply {
        let mut out = Vec::new();
        if !self.domain.languages.contains(&language) {
            return self.stall(|dialogue| {
                dialogue.say(&mut out, "no_such_language", &[]);
                dialogue.ask(out)
            });
        }
        self.language = language;
        self.spoke = true;
        self.progress();
        self.say(&mut out, "language_changed", &[]);
        self.ask(out)
    }

    /// Goes on in the language of this code, if the business speaks it.
    pub(super) fn speak(&mut self, code: &str) {
        if let Some(language) = Language::from_code(code)
            && self.domain.languages.contains(&language)
        {
            self.language = language;
        }
    }
}
