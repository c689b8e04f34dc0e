//! Doing tasks: the steps of the task on top are run from the first that is not settled, after every
//! turn, until one of them needs the caller or a back end. So a value that changes late changes
//! everything that hangs on it, and nothing that was done already.

use super::domain::{Act, Label, Level, Stage, Step};
use super::ending::last_words;
use super::handover::How;
use super::reply::{Disposition, Reason, Reply, Sentence, Then};
use super::slots::{Filled, SURE};
use super::state::{Dialogue, Done, Frame, Open, Waiting};
use super::template::{Values, View, plain};
use super::words::Token;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Steps after which a business's tasks are taken for going in circles.
const LONGEST: usize = 300;
/// Values that were denied or not found after which a person takes over.
pub(super) const LAST_MISS: u8 = 3;
/// Tasks that can be on top of each other.
const DEEPEST: usize = 6;

/// What a step leads to.
pub(super) enum Next {
    /// Its business is done.
    Done,
    /// The stack has changed.
    Turn,
    /// The caller or a back end is needed, or the call is over.
    Reply(Reply),
}

impl Dialogue {
    /// Begins the task at this place; `said` are the words it was asked for in.
    pub(super) fn begin(&mut self, task: usize, said: Vec<Token>, out: Vec<Sentence>) -> Reply {
        self.push(task, said);
        self.run(out)
    }

    pub(super) fn push(&mut self, task: usize, said: Vec<Token>) {
        // Asked for again while it is being done, it goes on with what was added.
        if let Some(at) = self.stack.iter().position(|frame| frame.task == task) {
            self.stack.truncate(at + 1);
            self.hear_more(said);
            return;
        }
        if self.stack.len() >= DEEPEST {
            self.stack.remove(0);
        }
        let words = self.words();
        let points_back = super::slots::points_back(&said, words.language);
        self.stack.push(Frame {
            task,
            taken: vec![false; said.len()],
            said,
            points_back,
            ..Frame::default()
        });
    }

    /// The words of a later turn may hold values too.
    pub(super) fn hear_more(&mut self, said: Vec<Token>) {
        if let Some(frame) = self.stack.last_mut() {
            frame.taken = vec![false; said.len()];
            frame.said = said;
        }
    }

    /// Runs what there is to do until somebody is needed.
    pub(super) fn run(&mut self, mut out: Vec<Sentence>) -> Reply {
        let domain = Arc::clone(&self.domain);
        let mut steps = 0;
        'tasks: loop {
            let Some((place, floor)) = self.stack.last().map(|frame| (frame.task, frame.floor))
            else {
                match self.queue.is_empty() {
                    true => return self.anything_else(out),
                    false => {
                        let (task, said) = self.queue.remove(0);
                        self.say_topic(&mut out, "next_task", task);
                        self.push(task, said);
                        continue 'tasks;
                    }
                }
            };
            let Some(task) = domain.tasks.get(place) else {
                self.stack.pop();
                continue 'tasks;
            };
            if task.needs > self.level {
                match self.identify(task.needs) {
                    true => continue 'tasks,
                    false => {
                        self.stack.pop();
                        self.say(&mut out, "not_verified", &[]);
                        continue 'tasks;
                    }
                }
            }
            // Conditions in a row see the same values.
            let mut view: Option<View> = None;
            for (at, step) in task.steps.iter().enumerate().skip(floor) {
                steps += 1;
                if steps > LONGEST {
                    self.because("the task goes in circles");
                    return self.give_up_with(out, Reason::Fault);
                }
                if let Some(when) = &step.when {
                    let view = view.get_or_insert_with(|| View::from(&self.view()));
                    let holds = self.words().templates.holds(when, view);
                    self.met(format!("branch:{}/{at}:{holds}", task.name));
                    if !holds {
                        continue;
                    }
                }
                if step.act != Act::Say {
                    view = None;
                }
                match self.advance(at, step, &mut out) {
                    Next::Done => {}
                    Next::Turn => continue 'tasks,
                    Next::Reply(reply) => return reply,
                }
            }
            self.finish(&mut out);
        }
    }

    /// Puts the task that identifies or verifies the caller on top; false where there is none, or it
    /// was just done in vain.
    fn identify(&mut self, needs: Level) -> bool {
        let identity = &self.domain.identity;
        let name = match (needs, self.level) {
            (Level::Verified, Level::Known) => identity.verified.as_ref(),
            (Level::Verified, _) => identity.known.as_ref().or(identity.verified.as_ref()),
            _ => identity.known.as_ref(),
        };
        let Some((task, _)) = name.and_then(|name| self.domain.task(name)) else {
            return false;
        };
        let Some(frame) = self.stack.last_mut() else {
            return false;
        };
        // A task is verified for once; when that failed, it is not asked for again.
        let key = format!("identified {task}");
        if frame.values.insert(key, true.into()).is_some() {
            return false;
        }
        let said = frame.said.clone();
        self.push(task, said);
        true
    }

    /// Asks for the slot, or whether what was heard is right.
    fn ask_for(&mut self, slot: &str, filled: Filled, out: Vec<Sentence>) -> Reply {
        let mut read_back = filled == Filled::Doubtful;
        if let Some(frame) = self.stack.last_mut() {
            // Something else came between: what was read back is read back once more.
            read_back |= frame.asking == slot && frame.candidate.is_some();
            // Another question: its ladder begins anew.
            if frame.asking != slot {
                frame.part.clear();
                self.failures = 0;
            }
            slot.clone_into(&mut frame.asking);
            frame.asked = true;
        }
        self.open = if read_back { Open::Check } else { Open::Slot };
        let domain = Arc::clone(&self.domain);
        let digits = domain.slots.get(slot).filter(|_| !read_back);
        if let Some(mut reply) = digits.and_then(|slot| self.misfit(slot)) {
            reply.say.splice(0..0, out);
            return reply;
        }
        self.ask(out)
    }

    fn advance(&mut self, at: usize, step: &Step, out: &mut Vec<Sentence>) -> Next {
        match &step.act {
            Act::Ask(slot) => match self.fill(slot) {
                Filled::Yes => Next::Done,
                filled => Next::Reply(self.ask_for(slot, filled, std::mem::take(out))),
            },
            Act::Take(slot) => {
                if self.fill(slot) == Filled::Doubtful
                    && let Some(frame) = self.stack.last_mut()
                {
                    frame.candidate = None;
                }
                Next::Done
            }
            Act::More(slot) => self.more(at, slot, out),
            Act::Look {
                operation,
                arguments,
                name,
                ..
            } => {
                let arguments = self.arguments(arguments);
                let looked = Done::Looked(arguments.clone());
                let frame = self.stack.last();
                if frame.is_some_and(|frame| {
                    frame.done.get(&at) == Some(&looked) && frame.values.contains_key(name)
                }) {
                    return Next::Done;
                }
                Next::Reply(self.ask_back_end(operation, arguments, Waiting::Step(at), out))
            }
            Act::Do {
                operation,
                arguments,
                ..
            } => {
                if self.is_done(at) {
                    return Next::Done;
                }
                let arguments = self.arguments(arguments);
                Next::Reply(self.ask_back_end(operation, arguments, Waiting::Step(at), out))
            }
            Act::Confirm(_) => {
                let slots = self.filled();
                let confirmed = Done::Confirmed(slots);
                if self.stack.last().and_then(|frame| frame.done.get(&at)) == Some(&confirmed) {
                    return Next::Done;
                }
                if self.confirming != Some((self.stack.len(), at)) {
                    self.confirming = Some((self.stack.len(), at));
                    self.failures = 0;
                    self.doubts = 0;
                }
                self.open = Open::Confirm(at);
                if let Some(frame) = self.stack.last_mut() {
                    frame.asked = true;
                }
                Next::Reply(self.ask(std::mem::take(out)))
            }
            Act::Set(values) => {
                for (name, expression) in values {
                    let value = self
                        .words()
                        .templates
                        .value(expression, &View::from(&self.view()));
                    let slot = self.domain.slots.get(name);
                    if slot.is_some_and(|slot| slot.recall) && !value.is_null() {
                        let known = (value.clone(), SURE, How::Known);
                        self.memory.insert(name.clone(), known);
                    }
                    if let Some(frame) = self.stack.last_mut() {
                        frame.values.insert(name.clone(), value);
                        frame.heard.remove(name);
                    }
                }
                Next::Done
            }
            act => {
                self.say_step(at, step, out);
                self.turn(act, out)
            }
        }
    }

    /// The steps that end or turn a task.
    fn turn(&mut self, act: &Act, out: &mut Vec<Sentence>) -> Next {
        match act {
            Act::Again(names) => {
                let Some(frame) = self.stack.last_mut() else {
                    return Next::Turn;
                };
                for name in names {
                    frame.values.remove(name);
                    self.memory.remove(name);
                }
                frame
                    .done
                    .retain(|_, done| !matches!(done, Done::Said(_) | Done::Acted | Done::Settled));
                frame.said.clear();
                frame.taken.clear();
                frame.part.clear();
                frame.floor = 0;
                frame.added = 0;
                frame.misses += 1;
                let misses = frame.misses;
                if misses >= LAST_MISS {
                    return Next::Reply(
                        self.give_up_with(std::mem::take(out), Reason::ThirdFailure),
                    );
                }
                self.failures = self.failures.max(misses);
                Next::Turn
            }
            Act::Grant { level, caller } => {
                self.level = self.level.max(*level);
                if let Some(expression) = caller {
                    self.caller = self
                        .words()
                        .templates
                        .value(expression, &View::from(&self.view()));
                }
                Next::Done
            }
            Act::Person(reason) => {
                if self.is_at_desk() {
                    return self.try_again(std::mem::take(out));
                }
                let reason = Reason::from_name(reason);
                Next::Reply(self.hand_over(std::mem::take(out), reason))
            }
            Act::Go(task) => {
                let Some((task, _)) = self.domain.task(task) else {
                    return Next::Done;
                };
                let whole = self.words().labels.contains(&Label::Task(task));
                if let Some(frame) = self.stack.last_mut() {
                    frame.part_of = (!whole).then(|| frame.wish());
                    frame.task = task;
                    frame.done.clear();
                    frame.floor = 0;
                    frame.asking.clear();
                }
                Next::Turn
            }
            Act::End => {
                self.finish(out);
                Next::Turn
            }
            Act::HangUp => {
                let reply = last_words(std::mem::take(out), Then::HangUp(Disposition::Completed));
                Next::Reply(self.end(reply))
            }
            Act::Speak(language) => {
                self.speak(language);
                Next::Done
            }
            _ => Next::Done,
        }
    }

    /// Says a step's prompt, unless just that was said already.
    fn say_step(&mut self, at: usize, step: &Step, out: &mut Vec<Sentence>) {
        let Some(prompt) = &step.say else { return };
        let mut said = Vec::new();
        self.say(&mut said, prompt, &[]);
        let text: String = said.iter().map(|sentence| sentence.text.as_str()).collect();
        let Some(frame) = self.stack.last_mut() else {
            return;
        };
        // A wording that varies must not be said again because it varies.
        let new = match frame.done.get(&at) {
            Some(Done::Said(before)) => *before != text && !self.is_varied(prompt),
            _ => true,
        };
        if new {
            if let Some(frame) = self.stack.last_mut() {
                frame.done.insert(at, Done::Said(text));
            }
            out.extend(said);
        }
    }

    fn is_varied(&self, prompt: &str) -> bool {
        self.words().variants(prompt, Stage::Say) > 1
    }

    /// The task on top is done: back to the one below, if there is one.
    fn finish(&mut self, out: &mut Vec<Sentence>) {
        let Some(frame) = self.stack.pop() else {
            return;
        };
        let shared = self
            .domain
            .tasks
            .get(frame.task)
            .is_some_and(|task| task.shared);
        if shared {
            self.desk_done(frame.done.values().any(|done| *done == Done::Acted));
        }
        if !self.domain.identifies(frame.task) {
            let done = self.told_done(&frame);
            self.done
                .extend(done.filter(|done| !self.done.contains(done)));
            self.progress();
            let below = self
                .stack
                .last()
                .filter(|below| below.asked)
                .map(Frame::wish);
            if let Some(below) = below {
                self.say_topic(out, "back_to", below);
            }
        }
    }

    pub(super) fn say_topic(&mut self, out: &mut Vec<Sentence>, prompt: &str, task: usize) {
        let words = self.words();
        let topic = words.tasks.get(task).map(|task| task.topic.clone());
        self.say(out, prompt, &[("topic", topic.unwrap_or_default().into())]);
    }

    fn is_done(&self, at: usize) -> bool {
        let done = self.stack.last().and_then(|frame| frame.done.get(&at));
        done == Some(&Done::Acted)
    }

    /// The values of the task's slots.
    pub(super) fn filled(&self) -> Values {
        let Some(frame) = self.stack.last() else {
            return Values::new();
        };
        let of_slots =
            |(name, _): &(&String, &serde_json::Value)| self.domain.slots.contains_key(*name);
        frame
            .values
            .iter()
            .filter(of_slots)
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// Arguments by expression. A row stands for its `id`.
    fn arguments(&self, expressions: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let words = self.words();
        let view = View::from(&self.view());
        expressions
            .iter()
            .map(|(name, expression)| {
                let value = words.templates.value(expression, &view);
                let value = match value.get("id") {
                    Some(id) => plain(id),
                    None => plain(&value),
                };
                (name.clone(), value)
            })
            .collect()
    }
}
