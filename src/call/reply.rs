//! Carrying out the dialogue's replies: say, then wait, ask, hand over or hang up; and what marks
//! from the line change in that.

use super::{Action, Asked, Call, Converse, Mark, Note, Tick};
use crate::dialogue::{Disposition, Input, Reply, Then};

impl<D: Converse> Call<D> {
    /// One step of the dialogue, carried out.
    pub(super) fn step(&mut self, input: Input<'_>) {
        self.waiting_since = None;
        self.spoken_secret = None;
        let reply = self.dialogue.step(input);
        self.perform(reply);
    }

    fn perform(&mut self, reply: Reply) {
        if let Some(understood) = reply.understood {
            self.note(Note::Understood(understood));
        }
        let playback = self.next_playback;
        if !reply.say.is_empty() {
            self.next_playback += 1;
            self.playout
                .push(playback, reply.say.clone(), reply.barge_in, 0);
            self.act(Action::Say {
                playback,
                sentences: reply.say,
                first: 0,
            });
        }
        self.then = Some(reply.then);
        // A question to the back end goes out while the bridge is spoken.
        if let Some(Then::LookUp(lookup)) = &self.then {
            let mut lookup = lookup.clone();
            // Numbered anew, so that an answer to a turn that was taken back finds no taker.
            let own = std::mem::replace(&mut lookup.id, self.next_lookup);
            self.next_lookup += 1;
            // What is being done cannot be taken back with the words that asked for it.
            if lookup.action {
                self.committed = None;
            }
            self.lookup = Some(Asked {
                id: lookup.id,
                own,
                at: self.now,
                bridged: false,
            });
            self.then = None;
            self.act(Action::LookUp(lookup));
        }
        // At once, whatever is still to be said; and it cannot be taken back.
        if self.then == Some(Then::CallOff) {
            self.then = Some(Then::Listen);
            self.calling = false;
            self.committed = None;
            self.act(Action::CallOff);
        }
        self.proceed();
    }

    /// Does what follows, once everything was heard.
    pub(super) fn proceed(&mut self) {
        if !self.playout.is_silent() {
            return;
        }
        match self.then.take() {
            None | Some(Then::LookUp(_)) => {}
            Some(Then::Listen | Then::CallOff) => {
                self.waiting_since = Some(self.now);
                self.hear_spoken_secret();
            }
            Some(Then::HandOver(handover)) => {
                self.end(Disposition::HandedOver);
                self.act(Action::HandOver(handover));
            }
            Some(Then::HangUp(disposition)) => {
                self.end(disposition);
                self.act(Action::HangUp(disposition));
            }
        }
    }

    pub(super) fn played(&mut self, mark: Mark) {
        if self.playout.played(mark) {
            // While the caller speaks, the goodbye must wait for what is being said.
            if self.turn.is_none() {
                self.proceed();
            }
        }
    }

    /// Stops what plays, for good.
    pub(super) fn cut(&mut self) {
        if let Some(playing) = self.playout.current() {
            let mark = playing.mark();
            self.act(Action::Clear(mark.playback));
            self.playout.clear();
            self.note(Note::BargedIn { mark });
            // A question that was cut still stands; a farewell does not.
            self.then = Some(Then::Listen);
        }
        self.proceed();
    }

    /// Says the rest of what a nod or a noise had stopped, from the sentence that was cut.
    pub(super) fn resume(&mut self, cut: Vec<super::playout::Playing>) {
        for playing in cut {
            let playback = self.next_playback;
            self.next_playback += 1;
            let first = playing.mark().sentence;
            self.note(Note::Resumed {
                mark: Mark {
                    playback,
                    sentence: first,
                },
            });
            self.playout
                .push(playback, playing.sentences.clone(), playing.barge_in, first);
            self.act(Action::Say {
                playback,
                sentences: playing.sentences,
                first,
            });
        }
        self.proceed();
    }

    /// Ticks since `then`.
    pub(super) fn since(&self, then: Tick) -> Tick {
        self.now.saturating_sub(then)
    }
}
