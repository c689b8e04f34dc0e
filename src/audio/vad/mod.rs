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
use std::sync::LazyLock;

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
    /// The network's memory is that of [`ROOM`].
    in_room: bool,
    voice: u8,
    dither: Dither,
}

impl Default for Vad {
    fn default() -> Self {
        Self::new()
    }
}

impl Vad {
    pub fn new() -> Self {
        Self {
            stream: Stream::like(&ROOM),
            gate: EnergyGate::new(),
            recent: [0; KEPT],
            pending: 0,
            resting: true,
            in_room: true,
            voice: 0,
            dither: Dither::new(),
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
        for (to, from) in self.recent[KEPT - FRAME_SAMPLES..].iter_mut().zip(&frame.0) {
            *to = from.saturating_add(self.dither.next());
        }
        let gate = self.gate.tick(level, self.voice >= VOICED);
        if let Gate::Shut { silent } = gate {
            self.rest(silent);
            return 0;
        }
        if self.resting {
            // The window is complete at once: what came before the gate opened is in it.
            self.pending = WINDOW - FRAME_SAMPLES;
            (self.resting, self.in_room) = (false, false);
        }
        self.pending += FRAME_SAMPLES;
        while self.pending >= WINDOW {
            self.run();
        }
        if gate == Gate::Silent { 0 } else { self.voice }
    }

    /// Forgets everything heard.
    pub fn reset(&mut self) {
        self.rest(true);
        self.gate = EnergyGate::new();
        self.recent = [0; KEPT];
        self.dither = Dither::new();
    }

    /// After 200 ms of silence the network's memory holds nothing worth keeping: the next word starts
    /// as the first one did. In noise it keeps it: noise out of nowhere would look like an onset.
    fn rest(&mut self, silent: bool) {
        if silent && !self.in_room {
            self.stream.go_back_to(&ROOM);
        }
        self.in_room |= silent;
        self.resting = true;
        self.voice = 0;
    }

    /// One window: the oldest samples that the network has not seen, with the context before them.
    fn run(&mut self) {
        let start = KEPT - self.pending - CONTEXT;
        let window = self.recent[start..].first_chunk().expect("pending is at most a frame and a window");
        self.voice = (self.stream.run(window) * 255.0).round() as u8;
        self.pending -= WINDOW;
    }
}

/// Faint noise under everything that the network hears, ±48 of 32768 (61 dB below full scale): it was
/// trained on rooms, and out of digital silence it wakes up slowly. Measured on 220 sentences and 300
/// single digits between digital silences: without this and [`ROOM`] 4 digits passed unheard and one
/// onset in a hundred was found after more than 160 ms; with them none and 120 ms.
struct Dither {
    state: u32,
}

impl Dither {
    const fn new() -> Self {
        Self { state: 1 }
    }

    /// The next sample (linear congruential generator of Numerical Recipes; the top bits are good).
    fn next(&mut self) -> i16 {
        self.state = self.state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (((self.state >> 16) as i32 - 32_768) * 48 >> 15) as i16
    }
}

/// The network after a second of nothing but the room: how a call begins, and every word after a pause.
static ROOM: LazyLock<Stream> = LazyLock::new(|| {
    let mut stream = Stream::new();
    let mut dither = Dither::new();
    let mut window = [0; CONTEXT + WINDOW];
    for _ in 0..32 {
        window.copy_within(WINDOW.., 0);
        window[CONTEXT..].fill_with(|| dither.next());
        stream.run(&window);
    }
    stream
});

#[cfg(test)]
mod tests {
    use super::super::tone;
    use super::*;

    #[test]
    fn silence_and_steady_noise_rest_the_network_and_sound_wakes_it() {
        let mut vad = Vad::new();
        for sound in [tone::silence(400), tone::white_noise(70.0, 400, 1)] {
            tone::frames(&sound).for_each(|frame| assert_eq!(vad.push(&frame), 0));
            assert!(vad.resting);
        }
        let frame = tone::frames(&tone::sine(200.0, 20.0, 20)).next().expect("one");
        vad.push(&frame);
        assert!(!vad.resting && vad.pending < WINDOW, "a window was complete at once");
    }

    #[test]
    fn reset_forgets_everything() {
        let (mut used, mut fresh) = (Vad::new(), Vad::new());
        tone::frames(&tone::hold_music(3.0, 1000)).for_each(|frame| _ = used.push(&frame));
        used.reset();
        for frame in tone::frames(&tone::hold_music(10.0, 400)) {
            assert_eq!(used.push(&frame), fresh.push(&frame));
        }
    }
}
