//! Where a conversation stands, for whoever watches it from outside: a test of the whole, a debugger.
//! Decides nothing.

use super::state::{Dialogue, Open};
use super::template::Values;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// The task that is being done; empty: none.
    pub task: String,
    /// It and those below it, which wait.
    pub tasks: Vec<String>,
    /// The step whose "is that right?" is open.
    pub confirming: Option<usize>,
    /// "Shall I take it back?" is open.
    pub undoing: bool,
    /// The task's slots that have a value. A secret's is what stands for it.
    pub values: Values,
}

impl Dialogue {
    pub fn place(&self) -> Place {
        let frames = self.stack.iter();
        let tasks = frames.filter_map(|frame| self.domain.tasks.get(frame.task));
        let tasks: Vec<String> = tasks.map(|task| task.name.clone()).collect();
        Place {
            task: tasks.last().cloned().unwrap_or_default(),
            tasks,
            confirming: match self.open {
                Open::Confirm(step) => Some(step),
                _ => None,
            },
            undoing: self.open == Open::Undo,
            values: self.filled(),
        }
    }
}
