//! The pitch of the last 40 ms, if they are voiced.

use crate::audio::FRAME_SAMPLES;

/// Samples at 16 kHz per sample looked at: 4 kHz are left.
const DOWN: usize = 4;
/// Samples at 4 kHz in a frame, and in what is looked at: two frames.
const STEP: usize = FRAME_SAMPLES / DOWN;
const LENGTH: usize = 2 * STEP;
/// Lags at 4 kHz: 400 Hz to just under 60 Hz.
const SHORTEST: usize = 10;
const LONGEST: usize = 67;
/// Samples that are compared at each lag.
const WINDOW: usize = LENGTH - LONGEST - 1;
/// How alike two periods are in a voiced frame.
const VOICED: f32 = 0.6;
/// The shortest lag that is nearly as good as the best is the period; the best may be two of them.
const NEARLY: f32 = 0.87;

/// Low-pass before every fourth sample is taken: a Hann window, its first zero at 2 kHz.
const FILTER: [f32; 15] = [
    0.004_757, 0.018_305, 0.038_582, 0.0625, 0.086_418, 0.106_695, 0.120_243, 0.125, 0.120_243,
    0.106_695, 0.086_418, 0.0625, 0.038_582, 0.018_305, 0.004_757,
];

/// Keeps the last two frames at 4 kHz.
#[derive(Clone, Debug)]
pub(super) struct Tracker {
    /// Tail of the last frame, for the filter.
    tail: [f32; FILTER.len() - 1],
    past: [f32; LENGTH],
}

impl Tracker {
    pub(super) fn new() -> Self {
        Self {
            tail: [0.0; FILTER.len() - 1],
            past: [0.0; LENGTH],
        }
    }

    /// The pitch in Hz, if `loud` and voiced.
    pub(super) fn push(&mut self, frame: &[i16; FRAME_SAMPLES], loud: bool) -> Option<f32> {
        self.take(frame);
        if !loud {
            return None;
        }
        let mut alike = [0.0; LONGEST + 2];
        let mut own = energy(&self.past[..WINDOW]);
        let mut other = energy(&self.past[SHORTEST - 1..SHORTEST - 1 + WINDOW]);
        own = own.max(1.0);
        for (lag, alike) in alike.iter_mut().enumerate().skip(SHORTEST - 1) {
            if lag >= SHORTEST {
                // The window moves on by one sample.
                let gone = self.past[lag - 1];
                let come = self.past.get(lag + WINDOW - 1).copied().unwrap_or(0.0);
                other += come * come - gone * gone;
            }
            let both: f32 = self.past[..WINDOW]
                .iter()
                .zip(&self.past[lag..])
                .map(|(a, b)| a * b)
                .sum();
            *alike = both / (own * other.max(1.0)).sqrt();
        }
        period(&alike).map(|lag| 16_000.0 / DOWN as f32 / lag)
    }

    fn take(&mut self, frame: &[i16; FRAME_SAMPLES]) {
        self.past.copy_within(STEP.., 0);
        let mut samples = [0.0; FRAME_SAMPLES + FILTER.len() - 1];
        let (before, now) = samples.split_at_mut(FILTER.len() - 1);
        before.copy_from_slice(&self.tail);
        for (to, from) in now.iter_mut().zip(frame) {
            *to = f32::from(*from);
        }
        for (n, to) in self.past[LENGTH - STEP..].iter_mut().enumerate() {
            let around = &samples[n * DOWN..n * DOWN + FILTER.len()];
            *to = around.iter().zip(&FILTER).map(|(a, b)| a * b).sum();
        }
        self.tail.copy_from_slice(&samples[FRAME_SAMPLES..]);
    }
}

fn energy(samples: &[f32]) -> f32 {
    samples.iter().map(|x| x * x).sum()
}

/// The lag of one period, between samples where the peak lies there.
fn period(alike: &[f32; LONGEST + 2]) -> Option<f32> {
    let is_peak = |lag: &usize| alike[*lag] >= alike[lag - 1] && alike[*lag] >= alike[lag + 1];
    let peaks = || (SHORTEST..=LONGEST).filter(is_peak);
    let best = peaks().map(|lag| alike[lag]).fold(0.0, f32::max);
    if best < VOICED {
        return None;
    }
    let lag = peaks().find(|&lag| alike[lag] >= best * NEARLY)?;
    let (left, top, right) = (alike[lag - 1], alike[lag], alike[lag + 1]);
    let bend = left - 2.0 * top + right;
    let shift = if bend < 0.0 {
        (left - right) / (2.0 * bend)
    } else {
        0.0
    };
    Some(lag as f32 + shift.clamp(-0.5, 0.5))
}
