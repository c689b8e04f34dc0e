//! A recogniser that answers from a script, for tests of the engine and for load tests: it does not
//! listen.
//!
//! Decides nothing about words. It can be made as slow as a real one by burning processor time
//! (a sleep would hide how many recognitions fit on a core).

use super::{Cancel, Recognizer, Request, SpeechError};
use crate::dialogue::{Hypothesis, Word};
use std::collections::VecDeque;

type Script = Box<dyn FnMut(&Request) -> Result<Vec<Hypothesis>, SpeechError> + Send>;

/// See the module.
pub struct Scripted {
    script: Script,
    rounds: u32,
}

impl Scripted {
    /// Answers what `script` says.
    pub fn new(
        script: impl FnMut(&Request) -> Result<Vec<Hypothesis>, SpeechError> + Send + 'static,
    ) -> Self {
        Self {
            script: Box::new(script),
            rounds: 0,
        }
    }

    /// Answers these texts in turn, each fully sure; an empty text and everything after the last is
    /// "nothing was said".
    pub fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        let mut texts: VecDeque<String> = texts.into_iter().map(Into::into).collect();
        Self::new(move |_| {
            Ok(texts
                .pop_front()
                .filter(|t| !t.is_empty())
                .map(|t| sure(&t))
                .into_iter()
                .collect())
        })
    }

    /// Computes this many rounds (a million or so multiplications each, about a millisecond) before
    /// every answer.
    #[must_use]
    pub fn busy_for(mut self, rounds: u32) -> Self {
        self.rounds = rounds;
        self
    }
}

impl Recognizer for Scripted {
    fn recognize(
        &mut self,
        request: &Request,
        cancel: &Cancel,
    ) -> Result<Vec<Hypothesis>, SpeechError> {
        let mut state = request.samples.len() as u64;
        for _ in 0..self.rounds {
            if cancel.is_cancelled() {
                return Err(SpeechError::Abandoned);
            }
            for _ in 0..1_000_000 {
                state = std::hint::black_box(
                    state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1),
                );
            }
        }
        (self.script)(request)
    }
}

/// A hypothesis of full confidence.
pub fn sure(text: &str) -> Hypothesis {
    let words = text
        .split_whitespace()
        .map(|w| Word {
            text: w.into(),
            confidence: 1000,
        })
        .collect();
    Hypothesis {
        text: text.into(),
        confidence: 1000,
        words,
        ..Hypothesis::default()
    }
}
