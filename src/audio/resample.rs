//! Sampling-rate conversion between a line's rate and ours.
//!
//! Decides block sizes and how the delay is made up for; the filter is rubato's FFT resampler, which
//! cuts images and aliases below −100 dB and delays by half a block (10 ms where 20 ms is a whole
//! number of samples on both sides).

use audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Resampler as _};

/// Lowest rate taken, Hz: the telephone's.
pub const MIN_RATE_HZ: u32 = 8_000;
/// Highest rate taken, Hz.
pub const MAX_RATE_HZ: u32 = 192_000;

/// A sampling rate that cannot be converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a sampling rate of {0} Hz is outside {MIN_RATE_HZ} to {MAX_RATE_HZ} Hz\n\
     hint: convert it first, for example with `sox IN.wav -r 16000 OUT.wav`"
)]
pub struct RateError(pub u32);

/// A converter for one stream. After the first block it does not allocate, as long as the caller's
/// buffer has room.
pub struct Resampler {
    /// None: both rates are the same.
    fft: Option<Fft<f32>>,
    /// A block in the making, of which `filled` samples are there.
    input: Vec<f32>,
    filled: usize,
    output: Vec<f32>,
}

impl Resampler {
    /// # Errors
    /// A rate outside [`MIN_RATE_HZ`] to [`MAX_RATE_HZ`].
    pub fn new(from_hz: u32, to_hz: u32) -> Result<Self, RateError> {
        let (from, to) = (check_rate(from_hz)? as usize, check_rate(to_hz)? as usize);
        if from == to {
            return Ok(Self { fft: None, input: vec![], filled: 0, output: vec![] });
        }
        // Blocks of 20 ms where that is a whole number of samples, of more where it is not.
        let fft = Fft::new(from, to, from.div_ceil(50), 1, FixedSync::Both)
            .expect("both rates and the block are above zero");
        let (block_in, block_out) = (fft.input_frames_max(), fft.output_frames_max());
        Ok(Self { fft: Some(fft), input: vec![0.0; block_in], filled: 0, output: vec![0.0; block_out] })
    }

    /// Samples that make a block: so many in give [`Resampler::block_out`] out. 160 to 320 from 8 to
    /// 16 kHz; 1 to 1 where the rates are equal.
    pub fn block_in(&self) -> usize {
        self.input.len().max(1)
    }

    /// See [`Resampler::block_in`].
    pub fn block_out(&self) -> usize {
        self.output.len().max(1)
    }

    /// By how much the output lags, in output samples.
    pub fn delay(&self) -> usize {
        self.fft.as_ref().map_or(0, |fft| fft.output_delay())
    }

    /// Converts `samples`, of any number, and appends every block that became complete to `out`.
    pub fn push(&mut self, mut samples: &[i16], out: &mut Vec<i16>) {
        if self.fft.is_none() {
            return out.extend_from_slice(samples);
        }
        while !samples.is_empty() {
            let count = samples.len().min(self.input.len() - self.filled);
            let (now, later) = samples.split_at(count);
            for (to, from) in self.input[self.filled..].iter_mut().zip(now) {
                *to = f32::from(*from);
            }
            (self.filled, samples) = (self.filled + count, later);
            if self.filled == self.input.len() {
                self.convert(out);
            }
        }
    }

    /// Fills the block in the making with silence and appends it to `out`: for the end of a stream.
    pub fn flush(&mut self, out: &mut Vec<i16>) {
        if self.fft.is_some() {
            self.input[self.filled..].fill(0.0);
            self.convert(out);
        }
    }

    /// Forgets the sound before.
    pub fn reset(&mut self) {
        self.filled = 0;
        if let Some(fft) = &mut self.fft {
            fft.reset();
        }
    }

    fn convert(&mut self, out: &mut Vec<i16>) {
        let Some(fft) = &mut self.fft else { return };
        let (block_in, block_out) = (self.input.len(), self.output.len());
        let input = SequentialSlice::new(&self.input[..], 1, block_in).expect("one channel, whole slice");
        let mut output = SequentialSlice::new_mut(&mut self.output[..], 1, block_out).expect("one channel, whole slice");
        fft.process_into_buffer(&input, &mut output, None).expect("blocks as the converter asked for");
        // `as` saturates: what the filter overshoots is clipped.
        out.extend(self.output.iter().map(|x| x.round() as i16));
        self.filled = 0;
    }
}

/// A whole recording from one rate to another: as long as before, and nothing delayed.
///
/// # Panics
/// A rate outside [`MIN_RATE_HZ`] to [`MAX_RATE_HZ`]: where it comes from outside, ask [`check_rate`].
pub fn resample_all(samples: &[i16], from_hz: u32, to_hz: u32) -> Vec<i16> {
    let mut converter = Resampler::new(from_hz, to_hz).unwrap_or_else(|error| panic!("{error}"));
    let (delay, length) = (converter.delay(), converted_len(samples.len() as u64, from_hz, to_hz) as usize);
    let mut out = Vec::with_capacity(delay + length + 2 * converter.block_out());
    converter.push(samples, &mut out);
    while converter.fft.is_some() && out.len() < delay + length {
        converter.flush(&mut out);
    }
    out.drain(..delay);
    out.truncate(length);
    out
}

/// How many samples `count` samples become, to the nearest.
pub fn converted_len(count: u64, from_hz: u32, to_hz: u32) -> u64 {
    let exact = u128::from(count) * u128::from(to_hz);
    ((exact + u128::from(from_hz) / 2) / u128::from(from_hz.max(1))) as u64
}

/// # Errors
/// A rate outside [`MIN_RATE_HZ`] to [`MAX_RATE_HZ`].
pub fn check_rate(hz: u32) -> Result<u32, RateError> {
    if (MIN_RATE_HZ..=MAX_RATE_HZ).contains(&hz) { Ok(hz) } else { Err(RateError(hz)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    fn sine(hz: f64, rate: u32, count: usize) -> Vec<i16> {
        (0..count).map(|n| (10_000.0 * (TAU * hz * n as f64 / f64::from(rate)).sin()) as i16).collect()
    }

    #[test]
    fn every_usual_rate_keeps_pitch_place_and_length() {
        for rate in [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000] {
            for (from, to) in [(rate, 16_000), (16_000, rate)] {
                let found = resample_all(&sine(440.0, from, from as usize), from, to);
                let expected = sine(440.0, to, to as usize);
                assert_eq!(found.len(), expected.len(), "{from} to {to}");
                let inside = to as usize / 50..found.len() - to as usize / 50;
                for n in inside {
                    let error = (i32::from(found[n]) - i32::from(expected[n])).abs();
                    assert!(error < 60, "{from} to {to}: sample {n} is off by {error}");
                }
            }
        }
    }

    #[test]
    fn a_stream_gives_the_same_in_whatever_pieces_it_comes() {
        let sound = sine(1000.0, 8000, 1600);
        let (mut whole, mut pieces) = (vec![], vec![]);
        Resampler::new(8000, 16_000).expect("usual rates").push(&sound, &mut whole);
        let mut converter = Resampler::new(8000, 16_000).expect("usual rates");
        sound.chunks(7).for_each(|piece| converter.push(piece, &mut pieces));
        assert_eq!(whole.len(), 3200);
        assert!(whole.iter().zip(&pieces).all(|(a, b)| a.abs_diff(*b) <= 1));
    }

    #[test]
    fn telephone_blocks_are_20_ms_and_lag_by_10() {
        let up = Resampler::new(8000, 16_000).expect("usual rates");
        assert_eq!((up.block_in(), up.block_out(), up.delay()), (160, 320, 160));
        let down = Resampler::new(16_000, 8000).expect("usual rates");
        assert_eq!((down.block_in(), down.block_out(), down.delay()), (320, 160, 80));
    }

    #[test]
    fn what_the_narrower_side_cannot_hold_is_filtered_out() {
        let found = resample_all(&sine(6000.0, 16_000, 16_000), 16_000, 8000);
        assert!(found[200..7800].iter().all(|s| s.abs() <= 2), "an alias of 6 kHz");
    }

    #[test]
    fn impossible_rates_are_refused_and_odd_ones_work() {
        assert_eq!(Resampler::new(0, 16_000).err(), Some(RateError(0)));
        assert_eq!(Resampler::new(16_000, 4_000_000).err(), Some(RateError(4_000_000)));
        assert_eq!(resample_all(&sine(440.0, 15_999, 15_999), 15_999, 16_000).len(), 16_000);
        assert!(resample_all(&[], 8000, 16_000).is_empty());
    }
}
