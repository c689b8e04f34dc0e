//! The log-mel spectrogram that a Whisper hears, from samples.
//!
//! Computes what whisper.cpp's `log_mel_spectrogram` does, to rounding: whisper.cpp takes 12 ms of one
//! core for 3 s of speech, a sixth of the whole recognition, this 1 ms. Where the filters come from is
//! ggml.rs.

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use std::sync::Arc;

/// Samples in the window of one frame (25 ms).
const WINDOW: usize = 400;
/// Samples from frame to frame (10 ms).
const HOP: usize = 160;
/// Samples before the first one, mirrored: the first frame's middle is the first sample.
const MIRRORED: usize = WINDOW / 2;
/// Frequencies in a frame, 0 Hz to 8 kHz.
pub const BINS: usize = WINDOW / 2 + 1;
/// Least energy, as a logarithm: silence.
const SILENCE: f32 = -10.0;
/// What is this much weaker than the loudest is raised to it (80 dB).
const RANGE: f32 = 8.0;

/// The mel filters of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Filters {
    bands: Vec<Band>,
}

/// The frequencies that a filter lets through.
#[derive(Clone, Debug, PartialEq)]
struct Band {
    first: usize,
    weights: Vec<f32>,
}

impl Filters {
    /// From the weights of all [`BINS`] for each band in turn.
    pub fn new(weights: &[f32]) -> Self {
        let band = |all: &[f32]| {
            let first = all.iter().position(|w| *w != 0.0).unwrap_or(0);
            let end = all.iter().rposition(|w| *w != 0.0).map_or(first, |n| n + 1);
            Band {
                first,
                weights: all[first..end].to_vec(),
            }
        };
        Self {
            bands: weights.chunks_exact(BINS).map(band).collect(),
        }
    }

    /// Number of bands.
    pub fn bands(&self) -> usize {
        self.bands.len()
    }
}

/// Makes spectrograms; keeps its memory between them.
pub struct Spectrograph {
    transform: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    frame: Vec<f32>,
    bins: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    mel: Vec<f32>,
}

impl Default for Spectrograph {
    fn default() -> Self {
        let transform = RealFftPlanner::new().plan_fft_forward(WINDOW);
        // Hann, periodic.
        let hann = |n| 0.5 * (1.0 - (std::f64::consts::TAU * n as f64 / WINDOW as f64).cos());
        Self {
            window: (0..WINDOW).map(|n| hann(n) as f32).collect(),
            frame: vec![0.0; WINDOW],
            bins: transform.make_output_vec(),
            scratch: transform.make_scratch_vec(),
            transform,
            mel: Vec::new(),
        }
    }
}

impl Spectrograph {
    /// The spectrogram of `samples` (16 kHz), `frames` long, silence after the end: band after band.
    pub fn spectrogram(&mut self, filters: &Filters, samples: &[i16], frames: usize) -> &[f32] {
        self.mel.clear();
        self.mel.resize(filters.bands() * frames, SILENCE);
        let heard = (samples.len() + MIRRORED) / HOP + 1;
        for at in 0..frames.min(heard) {
            self.transform_frame(samples, at * HOP);
            for (band, row) in filters.bands.iter().zip(self.mel.chunks_exact_mut(frames)) {
                let energy: f32 = band
                    .weights
                    .iter()
                    .zip(&self.bins[band.first..])
                    .map(|(weight, bin)| weight * bin.norm_sqr())
                    .sum();
                row[at] = energy.max(1e-10).log10();
            }
        }
        let loudest = self.mel.iter().copied().fold(SILENCE, f32::max);
        for value in &mut self.mel {
            *value = (value.max(loudest - RANGE) + 4.0) / 4.0;
        }
        &self.mel
    }

    /// The frequencies of the window that begins at `start`, counted from the first mirrored sample.
    fn transform_frame(&mut self, samples: &[i16], start: usize) {
        for (n, (value, window)) in self.frame.iter_mut().zip(&self.window).enumerate() {
            let mirrored = (start + n).abs_diff(MIRRORED);
            let sample = samples
                .get(mirrored)
                .map_or(0.0, |s| f32::from(*s) / 32768.0);
            *value = window * sample;
        }
        self.transform
            .process_with_scratch(&mut self.frame, &mut self.bins, &mut self.scratch)
            .expect("the buffers are as long as the transform wants them");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three triangles on 1, 2 and 4 kHz.
    fn filters() -> Filters {
        let mut weights = vec![0.0; 3 * BINS];
        for (band, middle) in [25_usize, 50, 100].into_iter().enumerate() {
            for (n, weight) in [(middle - 1, 0.5), (middle, 1.0), (middle + 1, 0.5)] {
                weights[band * BINS + n] = weight;
            }
        }
        Filters::new(&weights)
    }

    fn tone(hz: f32, samples: usize) -> Vec<i16> {
        (0..samples)
            .map(|n| (8000.0 * (n as f32 * hz * std::f32::consts::TAU / 16_000.0).sin()) as i16)
            .collect()
    }

    /// The sum as it is written in the textbook, for one frame within the sound.
    fn energy(samples: &[i16], frame: usize, bin: usize) -> f64 {
        let (mut re, mut im) = (0.0, 0.0);
        for n in 0..WINDOW {
            let turn = std::f64::consts::TAU * n as f64 / WINDOW as f64;
            let value = 0.5 * (1.0 - turn.cos()) * f64::from(samples[frame * HOP + n - MIRRORED]);
            re += value / 32768.0 * (turn * bin as f64).cos();
            im -= value / 32768.0 * (turn * bin as f64).sin();
        }
        re * re + im * im
    }

    #[test]
    fn a_frame_is_what_the_definition_says() {
        let samples = tone(1010.0, 3200);
        let mut spectrograph = Spectrograph::default();
        let mel = spectrograph.spectrogram(&filters(), &samples, 20).to_vec();
        let log = |frame| {
            let energy = 0.5 * energy(&samples, frame, 24)
                + energy(&samples, frame, 25)
                + 0.5 * energy(&samples, frame, 26);
            (energy.log10() as f32 + 4.0) / 4.0
        };
        for frame in [4, 9, 15] {
            assert!((mel[frame] - log(frame)).abs() < 1e-4, "{frame}");
        }
        assert!(
            mel[9] > mel[20 + 9] + 1.0,
            "1 kHz is not in the band of 2 kHz"
        );
    }

    #[test]
    fn what_follows_the_sound_is_silence_and_nothing_is_80_db_below_the_loudest() {
        let mut spectrograph = Spectrograph::default();
        let mel = spectrograph
            .spectrogram(&filters(), &tone(1000.0, 1600), 40)
            .to_vec();
        let loudest = mel.iter().copied().fold(f32::MIN, f32::max);
        assert_eq!(mel[39], loudest - RANGE / 4.0);
        let silent = spectrograph.spectrogram(&filters(), &[], 4);
        assert!(
            silent.iter().all(|v| *v == (SILENCE + 4.0) / 4.0),
            "{silent:?}"
        );
    }

    #[test]
    fn any_length_gives_the_frames_that_were_asked_for() {
        let mut spectrograph = Spectrograph::default();
        for samples in [0, 1, 199, 200, 201, 399, 400, 401, 5000] {
            for frames in [0, 1, 7, 100] {
                let mel = spectrograph.spectrogram(&filters(), &vec![9; samples], frames);
                assert_eq!(mel.len(), 3 * frames);
                assert!(mel.iter().all(|v| v.is_finite()));
            }
        }
    }
}
