//! Asking back ends, and what becomes of their answers.

use super::domain::Act;
use super::reply::{Lookup, LookupId, LookupResult, Reason, Reply, Row, Sentence, Then};
use super::state::{Deed, Dialogue, Done, Open, Waiting};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Dialogue {
    pub(super) fn ask_back_end(
        &mut self,
        operation: &str,
        arguments: BTreeMap<String, String>,
        waiting: Waiting,
        out: &mut Vec<Sentence>,
    ) -> Reply {
        self.open = Open::Waiting;
        self.waiting = waiting;
        self.waits = 0;
        self.lookup = Lookup {
            id: self.lookup.id + 1,
            name: operation.to_owned(),
            arguments,
            action: self.domain.is_action(operation),
        };
        Reply {
            say: std::mem::take(out),
            then: Then::LookUp(self.lookup.clone()),
            ..Reply::default()
        }
    }

    /// A back end answered.
    pub(super) fn on_found(&mut self, lookup: LookupId, result: &LookupResult) -> Reply {
        if self.open != Open::Waiting {
            return self.ask(Vec::new()); // Too late: the caller is elsewhere.
        }
        if lookup != self.lookup.id {
            return self.on_slow();
        }
        let rows = match result {
            LookupResult::Rows(rows) => rows.as_slice(),
            LookupResult::Failed => return self.on_fault(),
        };
        self.faults = 0;
        match std::mem::replace(&mut self.waiting, Waiting::Nothing) {
            Waiting::Nothing => self.run(Vec::new()),
            Waiting::Caller => self.caller_found(rows),
            Waiting::Memory => self.memory_found(rows),
            Waiting::Step(at) => self.step_found(at, rows),
            Waiting::Undo => self.undone(!rows.is_empty()),
        }
    }

    fn step_found(&mut self, at: usize, rows: &[Row]) -> Reply {
        let domain = Arc::clone(&self.domain);
        let words = self.words();
        let topic = |task: usize| words.tasks.get(task).map(|task| task.topic.clone());
        let Some(frame) = self.stack.last_mut() else {
            return self.run(Vec::new());
        };
        let act = domain
            .tasks
            .get(frame.task)
            .and_then(|task| task.steps.get(at))
            .map(|step| &step.act);
        let row = || rows.first().map_or(serde_json::Value::Null, as_value);
        match act {
            Some(Act::Look { name, all, .. }) => {
                let value = match all {
                    true => rows.iter().map(as_value).collect(),
                    false => row(),
                };
                frame.values.insert(name.clone(), value);
                let arguments = self.lookup.arguments.clone();
                frame.done.insert(at, Done::Looked(arguments));
            }
            Some(Act::Do {
                operation, name, ..
            }) => {
                frame.values.insert(name.clone(), row());
                frame.done.insert(at, Done::Acted);
                // What was agreed on before is settled now.
                frame.floor = at + 1;
                let topic = topic(frame.task).unwrap_or_default();
                if !rows.is_empty() && !domain.identifies(frame.task) {
                    self.deeds.push(Deed {
                        undo: domain.actions.get(operation).cloned().flatten(),
                        arguments: self.lookup.arguments.clone(),
                        topic,
                    });
                    self.met(format!("action:{operation}"));
                }
            }
            _ => {}
        }
        self.run(Vec::new())
    }

    /// A back end does not answer: an apology, an alternative, and then a person.
    fn on_fault(&mut self) -> Reply {
        self.because("the back end failed");
        self.faults += 1;
        let waiting = std::mem::replace(&mut self.waiting, Waiting::Nothing);
        if self.is_at_desk() {
            return self.desk_fault(waiting);
        }
        if self.stack.is_empty() && self.faults < 2 {
            // Only who calls is not known: greet like anybody.
            return self.greet(Vec::new());
        }
        let mut out = Vec::new();
        if self.faults >= 2 {
            return self.give_up_with(out, Reason::Fault);
        }
        // The task is kept for the person who may take over.
        self.say(&mut out, "fault", &[]);
        self.open = Open::OfferPerson;
        self.ask(out)
    }

    /// The back end takes its time, or the caller speaks meanwhile: a bridge.
    pub(super) fn on_slow(&mut self) -> Reply {
        if self.open != Open::Waiting {
            return Reply::default();
        }
        let mut out = Vec::new();
        let prompt = if self.waits == 0 {
            "looking_up"
        } else {
            "still_looking"
        };
        self.waits += 1;
        self.say(&mut out, prompt, &[]);
        Reply {
            say: out,
            ..Reply::default()
        }
    }
}

fn as_value(row: &Row) -> serde_json::Value {
    row.iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
