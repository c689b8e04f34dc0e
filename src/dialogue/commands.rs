//! Doing what was understood: a task, or one of the commands that every business understands; and
//! the business's pages.

use super::domain::{Command, Label};
use super::ending::listen;
use super::flow::LAST_MISS;
use super::hear::{Intent, Meaning};
use super::pages::{Passage, SPOKEN_WORDS};
use super::reply::{Reason, Reply, Sentence};
use super::spoken::Language;
use super::state::{Deed, Dialogue, Done, Open, Waiting};
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
            None => self.on_failure("no_match"),
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
        self.stall(|dialogue| {
            let filled = dialogue.filled();
            let asked = dialogue
                .task()
                .map(|task| task.slots.clone())
                .unwrap_or_default();
            let last = asked
                .iter()
                .rev()
                .find(|slot| filled.contains_key(*slot))
                .cloned();
            match last {
                Some(slot) => {
                    dialogue.forget_slot(&slot);
                    dialogue.run(Vec::new())
                }
                None if dialogue.stack.is_empty() => dialogue.ask(Vec::new()),
                None => dialogue.drop_task(),
            }
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
                let filled = self.filled();
                let asked = self
                    .task()
                    .map(|task| task.slots.clone())
                    .unwrap_or_default();
                let last = asked
                    .iter()
                    .rev()
                    .find(|slot| filled.contains_key(*slot))
                    .cloned();
                match last {
                    Some(slot) => {
                        self.forget_slot(&slot);
                        self.run(out)
                    }
                    None => {
                        self.stack.pop();
                        self.run(out)
                    }
                }
            }
            _ => {
                self.open = Open::Main;
                self.failed_with(out)
            }
        }
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
            return match self.open {
                Open::AnythingElse => self.goodbye(Vec::new()),
                _ => self.stall(|dialogue| {
                    dialogue.open = Open::Main;
                    dialogue.ask(Vec::new())
                }),
            };
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

    /// The task's "is that right?" was answered.
    pub(super) fn confirmed(&mut self, step: usize, yes: bool) -> Reply {
        self.progress();
        if yes {
            let slots = self.filled();
            if let Some(frame) = self.stack.last_mut() {
                frame.done.insert(step, Done::Confirmed(slots));
            }
            return self.run(Vec::new());
        }
        let filled = self.filled();
        let changeable = filled
            .keys()
            .filter(|name| {
                self.domain
                    .slots
                    .get(*name)
                    .is_some_and(|slot| !slot.secret)
            })
            .count();
        let asked = self.task().map_or(0, |task| task.slots.len());
        if changeable == 0 || asked == 0 {
            return self.drop_task();
        }
        let misses = self.stack.last_mut().map_or(0, |frame| {
            frame.misses += 1;
            frame.misses
        });
        if misses >= LAST_MISS {
            return self.give_up_with(Vec::new(), Reason::ThirdFailure);
        }
        self.open = Open::Change(step);
        self.ask(Vec::new())
    }

    /// The slot whose name the caller says: "the date", "the amount".
    pub(super) fn named_slot(&self, meaning: &Meaning) -> Option<String> {
        let words = self.words();
        let said: Vec<&str> = meaning
            .tokens
            .iter()
            .map(|token| token.text.as_str())
            .collect();
        let said = format!(" {} ", said.join(" "));
        let filled = self.filled();
        let task = self.task()?;
        let named = |slot: &&String| {
            let label = words.slot_label(slot);
            filled.contains_key(*slot)
                && label
                    .split(' ')
                    .filter(|word| word.len() > 3)
                    .any(|word| said.contains(&format!(" {word} ")))
        };
        task.slots.iter().find(named).cloned()
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

    fn change_language(&mut self, language: Language) -> Reply {
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

    /// The page that answers, if any.
    pub(super) fn page(&self, meaning: &Meaning) -> Option<Passage> {
        let said: Vec<&str> = meaning
            .tokens
            .iter()
            .map(|token| token.text.as_str())
            .collect();
        self.words().pages.search(&said.join(" "))
    }

    /// Reads from a page, then goes on.
    pub(super) fn tell(&mut self, page: &Passage) -> Reply {
        self.note("page", page.score);
        let source = format!("{} / {}", page.page, page.section);
        if let Some(understood) = &mut self.understood {
            understood.slots.insert("source".into(), source.clone());
        }
        self.because(format!("rule: page {source} ({} per mille)", page.score));
        self.met(format!("page:{source}"));
        let out = self.soothing();
        self.read_on(out, page, 0)
    }

    fn tell_more(&mut self) -> Reply {
        let Some((page, from)) = self.more.take() else {
            return self.stall(|dialogue| {
                let mut out = Vec::new();
                dialogue.say(&mut out, "no_more", &[]);
                dialogue.ask(out)
            });
        };
        self.read_on(Vec::new(), &page, from)
    }

    fn read_on(&mut self, mut out: Vec<Sentence>, page: &Passage, from: usize) -> Reply {
        let (now, more) = page.spoken(SPOKEN_WORDS, from);
        let words = self.words();
        out.extend(now.iter().map(|text| words.templates.read(text)));
        self.more = more.then(|| (page.clone(), from + now.len()));
        if more {
            self.say(&mut out, "more_there_is", &[]);
        }
        self.progress();
        self.run(out)
    }

    /// Says something kind, where the mood calls for it.
    pub(super) fn soothing(&mut self) -> Vec<Sentence> {
        let mut out = Vec::new();
        if self.mood.wants_soothing() && self.soothed == 0 {
            self.soothed = 1;
            self.say(&mut out, "soothe", &[]);
        }
        out
    }

    /// What was understood, for people who look.
    pub(super) fn explain(&mut self, meaning: &Meaning) {
        let said: Vec<&str> = meaning
            .tokens
            .iter()
            .map(|token| token.text.as_str())
            .collect();
        self.because(format!(
            "heard: {} ({} per mille)",
            said.join(" "),
            meaning.heard
        ));
        if let Some(intent) = meaning.intent {
            let name = self.label_name(intent.label);
            self.because(format!("intent: {name} ({} per mille)", intent.confidence));
        }
        if let Some((second, _)) = &meaning.second {
            let name = self.label_name(second.label);
            self.because(format!(
                "and then: {name} ({} per mille)",
                second.confidence
            ));
        }
        if let Some(answer) = &meaning.yes_no {
            let value = if answer.yes { "yes" } else { "no" };
            self.because(format!("{value} ({} per mille)", answer.confidence));
        }
        self.because(format!("none of these: {} per mille", meaning.outside));
        let open = format!("open question: {:?}", self.open);
        self.because(open);
    }
}
