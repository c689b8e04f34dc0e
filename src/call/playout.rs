//! What is being said, and what of it the caller has heard: from the line's marks.

use super::{Mark, PlaybackId, Tick};
use crate::dialogue::{BargeIn, Sentence};
use std::collections::VecDeque;

/// One reply on its way to the caller's ear.
#[derive(Clone, Debug)]
pub struct Playing {
    pub playback: PlaybackId,
    pub sentences: Vec<Sentence>,
    pub barge_in: BargeIn,
    /// Index of the first sentence that the caller has not heard to its end.
    unheard: u16,
    /// Index and start of the sentence that sounds now.
    sounding: Option<(u16, Tick)>,
    started: Option<Tick>,
}

impl Playing {
    /// The sentence at which to go on after an interruption: the one that sounds, or comes next.
    pub fn mark(&self) -> Mark {
        Mark {
            playback: self.playback,
            sentence: self.unheard,
        }
    }

    /// Has the sentence with the open question begun to sound?
    pub fn asked(&self) -> bool {
        let reached = self
            .sounding
            .map_or(self.unheard, |(index, _)| index.saturating_add(1));
        self.sentences
            .iter()
            .take(usize::from(reached))
            .any(|sentence| sentence.question)
    }

    /// When the caller began to hear this reply.
    pub fn started(&self) -> Option<Tick> {
        self.started
    }
}

/// Replies in the order in which they are heard.
#[derive(Clone, Debug, Default)]
pub struct Playout {
    queue: VecDeque<Playing>,
}

impl Playout {
    /// Adds a reply, spoken from sentence `first` on. Nothing to say: nothing is added.
    pub fn push(
        &mut self,
        playback: PlaybackId,
        sentences: Vec<Sentence>,
        barge_in: BargeIn,
        first: u16,
    ) {
        if sentences.len() > usize::from(first) {
            self.queue.push_back(Playing {
                playback,
                sentences,
                barge_in,
                unheard: first,
                sounding: None,
                started: None,
            });
        }
    }

    /// The reply that sounds now or comes next.
    pub fn current(&self) -> Option<&Playing> {
        self.queue.front()
    }

    /// Everything has been heard (or there is nothing).
    pub fn is_silent(&self) -> bool {
        self.queue.is_empty()
    }

    /// The first sample of a sentence went out.
    pub fn started(&mut self, now: Tick, mark: Mark) {
        if let Some(playing) = self
            .queue
            .iter_mut()
            .find(|playing| playing.playback == mark.playback)
        {
            playing.sounding = Some((mark.sentence, now));
            playing.started.get_or_insert(now);
        }
    }

    /// A sentence was heard to its end; true when that made everything heard. Marks of what was
    /// cleared before are not ours any more and change nothing.
    pub fn played(&mut self, mark: Mark) -> bool {
        let Some(index) = self
            .queue
            .iter()
            .position(|playing| playing.playback == mark.playback)
        else {
            return false;
        };
        // A mark vouches for everything before it: earlier marks may have been lost.
        self.queue.drain(..index);
        let Some(playing) = self.queue.front_mut() else {
            return false;
        };
        playing.unheard = playing.unheard.max(mark.sentence.saturating_add(1));
        if usize::from(playing.unheard) >= playing.sentences.len() {
            self.queue.pop_front();
        }
        self.queue.is_empty()
    }

    /// Stops everything; returns what was cut.
    pub fn clear(&mut self) -> Vec<Playing> {
        self.queue.drain(..).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(questions: &[bool]) -> Vec<Sentence> {
        let sentence = |&question| Sentence {
            text: "s".into(),
            question,
            ..Sentence::default()
        };
        questions.iter().map(sentence).collect()
    }

    #[test]
    fn the_caller_has_heard_what_the_marks_say() {
        let mut playout = Playout::default();
        playout.push(1, sentences(&[false, false, true]), BargeIn::Any, 0);
        playout.started(
            10,
            Mark {
                playback: 1,
                sentence: 0,
            },
        );
        assert!(!playout.played(Mark {
            playback: 1,
            sentence: 0
        }));
        playout.started(
            50,
            Mark {
                playback: 1,
                sentence: 1,
            },
        );
        let playing = playout.current().expect("still playing");
        assert_eq!(
            playing.mark(),
            Mark {
                playback: 1,
                sentence: 1
            }
        );
        assert!(!playing.asked());
        playout.started(
            90,
            Mark {
                playback: 1,
                sentence: 2,
            },
        );
        assert!(playout.current().expect("still playing").asked());
        assert!(playout.played(Mark {
            playback: 1,
            sentence: 2
        }));
    }

    #[test]
    fn a_lost_mark_is_made_good_by_the_next() {
        let mut playout = Playout::default();
        playout.push(1, sentences(&[false]), BargeIn::Any, 0);
        playout.push(2, sentences(&[false, true]), BargeIn::Any, 0);
        assert!(playout.played(Mark {
            playback: 2,
            sentence: 1
        }));
    }

    #[test]
    fn a_mark_of_a_cleared_playback_changes_nothing() {
        let mut playout = Playout::default();
        playout.push(1, sentences(&[true]), BargeIn::Any, 0);
        assert_eq!(playout.clear().len(), 1);
        assert!(!playout.played(Mark {
            playback: 1,
            sentence: 0
        }));
    }
}
