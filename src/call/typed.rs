//! A turn that the caller typed: its words are sure and whole, so nothing is waited for.
//!
//! At a secret question nothing typed reaches the engine but digits, as keys; whoever feeds the call
//! sees to that, and an empty text stands for the rest.

use super::{Call, Converse, EndOfTurn, Note, Phase};
use crate::dialogue::{BargeIn, Hypothesis, Input, Word};

/// Certain, in thousandths.
const SURE: u16 = 1000;

impl<D: Converse> Call<D> {
    /// Typing is as deliberate as keying: it wins over speech, and over any prompt that may be cut.
    pub(super) fn typed(&mut self, text: &str) {
        if self.is_farewell() {
            return;
        }
        self.committed = None;
        self.keys.clear();
        self.drop_turn();
        if self
            .playout
            .current()
            .is_some_and(|playing| playing.barge_in != BargeIn::Never)
        {
            self.cut();
        }
        // What was waiting for silence may have ended the call just now.
        if self.phase != Phase::Talking {
            return;
        }
        if self.dialogue.question().secret {
            // As a voice there: nobody looks at what it was.
            self.note(Note::Noise);
            self.step(Input::Noise);
            return;
        }
        let heard = sure(text);
        if heard.words.is_empty() {
            return;
        }
        self.note(Note::TurnEnded {
            speech_end: self.now,
            why: EndOfTurn::Typed,
        });
        self.note(Note::Caller(heard.clone()));
        self.step(Input::Speech(&[heard]));
    }
}

fn sure(text: &str) -> Hypothesis {
    let words = text.split_whitespace().map(|word| Word {
        text: word.into(),
        confidence: SURE,
    });
    Hypothesis {
        text: text.into(),
        confidence: SURE,
        words: words.collect(),
        ..Hypothesis::default()
    }
}
