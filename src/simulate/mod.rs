//! Simulated callers: scripts with variants against a whole session on a virtual clock, thousands of calls,
//! and what must hold of every one of them.
//!
//! | file | decides |
//! |---|---|
//! | `script` | what a caller does, as a value and as a file |
//! | `examples` | the caller's part of an example dialogue |
//! | `vary` | what chance makes of a script; the result needs none |
//! | `caller` | when each step is done |
//! | `ears` | what stands for the recogniser and the voice, where nobody listens |
//! | `simulator` | one call, and all that is watched of it |
//! | `invariants`, `confirmed`, `secrets` | what must hold |
//! | `shrink` | the smallest call that still breaks it |

pub mod caller;
pub mod confirmed;
pub mod ears;
pub mod examples;
pub mod invariants;
pub mod random;
pub mod script;
pub mod secrets;
pub mod shrink;
pub mod simulator;
mod told;
pub mod vary;

pub use invariants::{Broken, Rule};
pub use script::Script;
pub use simulator::{Called, SimulateError, Simulator};
pub use vary::Variants;

use random::Random;
use std::path::Path;
use vary::{Stock, vary};

/// A run: callers, how they vary, and from which seed.
pub struct Run {
    pub callers: Vec<Script>,
    pub variants: Variants,
    pub seed: u64,
    stock: Stock,
}

/// A call that broke an invariant, and the smallest one that does.
#[derive(Clone, Debug)]
pub struct Failure {
    pub number: u64,
    pub broken: Broken,
    pub script: Script,
}

impl Run {
    pub fn new(callers: Vec<Script>, simulator: &Simulator, seed: u64) -> Self {
        let said = callers.iter().flat_map(|script| &script.step);
        let texts = said.flat_map(|step| step.say.all());
        let words = texts.flat_map(|text| text.split_whitespace());
        let mut words: Vec<String> = words.map(str::to_owned).collect();
        words.sort();
        words.dedup();
        let tasks = simulator.business.domain.tasks.iter();
        let operations = tasks.flat_map(|task| &task.steps).filter_map(|step| {
            use crate::dialogue::domain::Act;
            match &step.act {
                Act::Look { operation, .. } | Act::Do { operation, .. } => Some(operation.clone()),
                _ => None,
            }
        });
        let mut operations: Vec<String> = operations.collect();
        operations.sort();
        operations.dedup();
        Self {
            callers,
            variants: Variants::default(),
            seed,
            stock: Stock { words, operations },
        }
    }

    /// The script of call `number`, from 0; `None`: there are no callers.
    pub fn script(&self, number: u64) -> Option<Script> {
        let count = self.callers.len() as u64;
        let at = number.checked_rem(count)?;
        let caller = self.callers.get(at as usize)?;
        let mut random = Random::of(self.seed, number);
        Some(vary(caller, &self.variants, &self.stock, &mut random))
    }
}

impl Simulator {
    /// The smallest script that breaks the same rule.
    pub fn shrunk(&self, script: &Script, rule: Rule) -> Script {
        shrink::shrink(script, |script| {
            let tried = self.try_out(script);
            tried.is_ok_and(|(_, broken)| broken.iter().any(|broken| broken.rule == rule))
        })
    }

    /// Makes the call once more and keeps it: a bundle with the script beside it.
    ///
    /// # Errors
    /// It cannot be made, or written.
    pub fn save(&self, script: &Script, folder: &Path, name: &str) -> Result<Called, SaveError> {
        let called = self.phone(script, Some((folder, name)))?;
        let to = folder.join(name).join(CALLER);
        std::fs::write(&to, script.to_toml()).map_err(|error| SaveError::Write {
            path: to.display().to_string(),
            error,
        })?;
        Ok(called)
    }

    /// Makes the call with its record on disk, and says whether a secret of it is in the record: in the
    /// texts, or as tones in the sound. `None`: nothing secret was keyed, or nothing is there.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn recorded(
        &self,
        script: &Script,
        folder: &Path,
    ) -> Result<Option<Broken>, SimulateError> {
        let called = self.phone(script, Some((folder, "recorded")))?;
        let files = folder.join("recorded");
        let leak = kept::leak(&called, &files);
        // What is left of it is in a folder of the caller's own, who deletes that too.
        let _ = std::fs::remove_dir_all(&files);
        Ok(leak)
    }
}

mod kept;

/// The script, beside the bundle's own files.
pub const CALLER: &str = "caller.toml";

/// Why a failure could not be saved. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    #[error("{0}")]
    Call(#[from] SimulateError),
    #[error("cannot write {path}: {error}\nhint: --save names a folder that can be written to")]
    Write { path: String, error: std::io::Error },
}
