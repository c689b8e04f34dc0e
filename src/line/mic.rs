//! A call over microphone and loudspeaker: what happens in each 20 ms of the microphone's clock.
//!
//! Decides when the microphone is muted (half-duplex, so that the bot does not hear itself), how far
//! ahead sound is handed to the loudspeaker, and when a mark counts as heard. Devices are left to
//! [`super::sound`], the terminal to the command line; neither is needed to test this.

use super::CallSession;
use crate::audio::{Digit, Frame, TICK_MS};
use crate::call::Mark;
use crate::runtime::session::{Ending, Out};
use std::collections::VecDeque;

/// After the last sound of the bot the room still rings: the microphone stays muted this long.
pub const TAIL_MS: u32 = 150;

/// Longest sound that waits for the loudspeaker, in frames (60 s). A session that sends more than
/// that ahead loses the newest.
const MAX_QUEUE: usize = 3000;

/// A device that takes sound in bursts (a sound server, a Bluetooth headset) runs dry although as
/// much is handed over as it takes: each time, so many more frames are kept ready, up to 240 ms.
const MARGIN_STEP: usize = 2;
const MAX_MARGIN: usize = 12;

/// A loudspeaker, as this loop sees it.
pub trait Player {
    /// Frames for which there is space.
    fn room(&self) -> usize;
    /// Takes a frame; only called while there is room.
    fn play(&mut self, frame: &Frame);
    /// Drops everything that was taken and has not sounded.
    fn clear(&mut self);
    /// Frames taken and not yet sounded (or dropped).
    fn pending(&self) -> usize;
    /// Time from leaving [`pending`](Self::pending) to the air, in ms.
    fn latency_ms(&self) -> u32;
    /// Frames that must be ready before the first one is played, so that there are no gaps.
    fn cushion(&self) -> usize;
}

/// What a terminal shows of a tick. Levels in dB relative to full scale, -127 for digital silence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// At the microphone, also while it is muted.
    pub heard_db: f32,
    /// At the loudspeaker.
    pub played_db: f32,
    pub muted: bool,
}

/// A call over microphone and loudspeaker.
pub struct Kiosk<S> {
    session: S,
    full_duplex: bool,
    /// What the session wants played and the player has no room for.
    queue: VecDeque<Frame>,
    /// Frames ever queued, less those cleared: the position at which a mark stands.
    queued: u64,
    marks: VecDeque<(u64, Mark)>,
    /// Marks whose sound has left the player, with the tick in which it reaches the ear.
    leaving: VecDeque<(u64, Mark)>,
    ticks: u64,
    /// Ticks for which the microphone stays muted.
    mute: u64,
    out: Vec<Out>,
    ending: Option<Ending>,
    lost: u64,
    starved: u64,
    /// The session sent sound in the last tick: it is in the middle of a prompt.
    speaking: bool,
    /// Frames to have ready beyond the player's own cushion: grows when that was too little.
    margin: usize,
    played_db: f32,
}

impl<S: CallSession> Kiosk<S> {
    /// `full_duplex`: the microphone is never muted (headset, or a room with echo cancellation).
    pub fn new(session: S, full_duplex: bool) -> Self {
        Self {
            session,
            full_duplex,
            queue: VecDeque::new(),
            queued: 0,
            marks: VecDeque::new(),
            leaving: VecDeque::new(),
            ticks: 0,
            mute: 0,
            out: Vec::new(),
            ending: None,
            lost: 0,
            starved: 0,
            speaking: false,
            margin: 0,
            played_db: SILENCE_DB,
        }
    }

    pub fn answer(&mut self) {
        self.session.answered(None);
    }

    pub fn digit(&mut self, digit: Digit) {
        if self.ending.is_none() {
            self.session.digit(digit);
        }
    }

    /// Gives the session back, after the call.
    pub fn into_session(self) -> S {
        self.session
    }

    /// The caller leaves.
    pub fn hang_up(&mut self) {
        self.session.hung_up();
    }

    /// How the call ended, once it has and everything said was heard.
    pub fn ended(&self, player: &dyn Player) -> Option<&Ending> {
        let silent = self.queue.is_empty() && player.pending() == 0 && self.leaving.is_empty();
        self.ending.as_ref().filter(|_| silent)
    }

    /// Frames that were lost because the session sent more than a minute ahead.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// How often the loudspeaker had nothing to play in the middle of a prompt.
    pub fn starved(&self) -> u64 {
        self.starved
    }

    /// 20 ms came in from the microphone.
    pub fn tick(&mut self, heard: &Frame, player: &mut dyn Player) -> Levels {
        self.ticks += 1;
        self.report_marks(player);
        let muted = self.muted(player);
        if self.ending.is_none() {
            let mut out = std::mem::take(&mut self.out);
            self.session
                .tick(Some(if muted { &Frame::SILENCE } else { heard }), &mut out);
            self.obey(&mut out, player);
            self.out = out;
        }
        self.pump(player);
        Levels {
            heard_db: level_db(heard),
            played_db: self.played_db,
            muted,
        }
    }

    fn muted(&mut self, player: &dyn Player) -> bool {
        if self.sounding(player) {
            self.mute = u64::from((TAIL_MS + player.latency_ms()).div_ceil(TICK_MS));
            return !self.full_duplex;
        }
        let muted = self.mute > 0;
        self.mute = self.mute.saturating_sub(1);
        muted && !self.full_duplex
    }

    fn sounding(&self, player: &dyn Player) -> bool {
        !self.queue.is_empty() || player.pending() > 0
    }

    fn obey(&mut self, out: &mut Vec<Out>, player: &mut dyn Player) {
        let mut fresh = 0;
        for item in out.drain(..) {
            match item {
                Out::Clear => {
                    self.clear(player);
                    fresh = 0;
                }
                Out::Media(frame) if self.queue.len() < MAX_QUEUE => {
                    self.queue.push_back(frame);
                    self.queued += 1;
                    fresh += 1;
                }
                Out::Media(_) => self.lost += 1,
                Out::Mark(mark) => self.marks.push_back((self.queued, mark)),
                Out::Caption(_) | Out::CallOff => {}
                Out::End(ending) => self.ending = Some(ending),
            }
        }
        let speaking = std::mem::replace(&mut self.speaking, fresh > 0);
        if fresh > 0 && player.pending() == 0 {
            if speaking {
                self.starved += 1;
                self.margin = (self.margin + MARGIN_STEP).min(MAX_MARGIN);
            }
            self.cushion(player.cushion() + self.margin);
        }
    }

    /// Puts silence before what is queued, up to `frames` in all, so that late ticks make no gaps.
    fn cushion(&mut self, frames: usize) {
        for _ in self.queue.len()..frames {
            self.queue.push_front(Frame::SILENCE);
            self.queued += 1;
            // A mark stands behind sound that moves back with it.
            self.marks
                .iter_mut()
                .for_each(|(position, _)| *position += 1);
        }
    }

    fn clear(&mut self, player: &mut dyn Player) {
        self.queued -= self.queue.len() as u64;
        self.queue.clear();
        player.clear();
        for (_, mark) in self.leaving.drain(..).chain(self.marks.drain(..)) {
            self.session.played(mark);
        }
    }

    fn pump(&mut self, player: &mut dyn Player) {
        self.played_db = SILENCE_DB;
        // Little is handed over ahead, because all of it counts as spoken.
        let ahead = player.cushion() + self.margin + 1;
        while player.room() > 0 && player.pending() < ahead {
            let Some(frame) = self.queue.pop_front() else {
                break;
            };
            self.played_db = self.played_db.max(level_db(&frame));
            player.play(&frame);
        }
    }

    fn report_marks(&mut self, player: &dyn Player) {
        let sounded = self.queued - (self.queue.len() + player.pending()) as u64;
        while let Some((_, mark)) = self
            .marks
            .pop_front_if(|(position, _)| *position <= sounded)
        {
            let due = self.ticks + u64::from(player.latency_ms().div_ceil(TICK_MS));
            self.leaving.push_back((due, mark));
        }
        let now = self.ticks;
        while let Some((_, mark)) = self.leaving.pop_front_if(|(due, _)| *due <= now) {
            self.session.played(mark);
        }
    }
}

/// Level of digital silence, in dB relative to full scale.
pub const SILENCE_DB: f32 = -127.0;

/// Root mean square of a frame, in dB relative to a full-scale square wave.
pub fn level_db(frame: &Frame) -> f32 {
    let energy: f64 = frame
        .0
        .iter()
        .map(|sample| f64::from(*sample).powi(2))
        .sum();
    let mean = energy / frame.0.len() as f64;
    if mean == 0.0 {
        SILENCE_DB
    } else {
        (10.0 * (mean / f64::from(i16::MAX).powi(2)).log10()) as f32
    }
}

#[cfg(test)]
mod tests;
