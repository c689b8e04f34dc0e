//! Voice activity: how likely somebody speaks, tick by tick.
//!
//! Decides when the network runs and on which samples; what a probability means for a turn is the
//! call's business. Silero VAD rather than an energy or pitch rule: it marks 0.1 % of noise as speech
//! where the others mark 40 to 70 %.

mod gate;
mod kernel;
mod network;

use super::level::level_db;
use super::{FRAME_SAMPLES, Frame};
use gate::{EnergyGate, Gate};
use network::{CONTEXT, Stream, WINDOW};

/// Samples kept: a window with its context, and the part of a frame that is not yet in a window.
const KEPT: usize = CONTEXT + WINDOW + FRAME_SAMPLES;
/// Half way: the network says "speech".
const VOICED: u8 = 128;

/// Follows one stream of sound. About 20 KiB; allocates only when made.
pub struct Vad {
    stream: Stream,
    gate: EnergyGate,
    /// The latest samples, newest last.
    recent: [i16; KEPT],
    /// How many of them the network has not seen.
    pending: usize,
    resting: bool,
    voice: u8,
}

impl Default for Vad {
    fn default() -> Self {
        Self::new()
    }
}

impl Vad {
    pub fn new() -> Self {
        Self {
            stream: Stream::new(),
            gate: EnergyGate::new(),
            recent: [0; KEPT],
            pending: 0,
            resting: true,
            voice: 0,
        }
    }

    /// Probability that somebody speaks in this tick, 0 (certainly not) to 255 (certainly). The
    /// network looks at 32 ms at a time, so a value may be the tick's before.
    pub fn push(&mut self, frame: &Frame) -> u8 {
        self.push_at_level(frame, level_db(&frame.0))
    }

    /// [`Vad::push`] where the frame's level (dB below full scale) is known already.
    pub(super) fn push_at_level(&mut self, frame: &Frame, level: f32) -> u8 {
        self.recent.copy_within(FRAME_SAMPLES.., 0);
        self.recent[KEPT - FRAME_SAMPLES..].copy_from_slice(&frame.0);
        let gate = self.gate.tick(level, self.voice >= VOICED);
        if gate == Gate::Shut {
            self.rest();
            return 0;
        }
        if self.resting {
            // The window is complete at once: what came before the gate opened is in it.
            self.pending = WINDOW - FRAME_SAMPLES;
            self.resting = false;
        }
        self.pending += FRAME_SAMPLES;
        while self.pending >= WINDOW {
            self.run();
        }
        if gate == Gate::Silent { 0 } else { self.voice }
    }

    /// Forgets everything heard.
    pub fn reset(&mut self) {
        self.rest();
        self.gate = EnergyGate::new();
        self.recent = [0; KEPT];
    }

    /// After 200 ms of quiet the network's memory holds nothing worth keeping: the next word starts
    /// from a clean one, as a call does.
    fn rest(&mut self) {
        if !self.resting {
            self.stream.reset();
            self.resting = true;
            self.voice = 0;
        }
    }

    /// One window: the oldest samples that the network has not seen, with the context before them.
    fn run(&mut self) {
        let start = KEPT - self.pending - CONTEXT;
        let window = self.recent[start..].first_chunk().expect("pending is at most a frame and a window");
        self.voice = (self.stream.run(window) * 255.0).round() as u8;
        self.pending -= WINDOW;
    }
}
