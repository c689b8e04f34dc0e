//! From the device's rate to ours and back, 20 ms at a time, without allocating.

use crate::audio::{Frame, RATE_HZ};
use audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Resampler};

/// A stream's resampler; adds 10 ms of delay, none when the rates are equal.
pub(super) struct Converter {
    fft: Option<Fft<f32>>,
    from: Vec<f32>,
    to: Vec<f32>,
    /// Samples in 20 ms at the device's rate.
    device_block: usize,
}

impl Converter {
    /// Rates in Hz, with a whole number of samples in 20 ms.
    fn new(from_hz: u32, to_hz: u32, device_hz: u32) -> Result<Self, String> {
        let (from, to) = (from_hz as usize / 50, to_hz as usize / 50);
        let fft = if from_hz == to_hz {
            None
        } else {
            let fft = Fft::new(from_hz as usize, to_hz as usize, from, 1, FixedSync::Both);
            Some(fft.map_err(|error| error.to_string())?)
        };
        Ok(Self {
            fft,
            from: vec![0.0; from],
            to: vec![0.0; to],
            device_block: device_hz as usize / 50,
        })
    }

    pub(super) fn from_device(rate_hz: u32) -> Result<Self, String> {
        Self::new(rate_hz, RATE_HZ, rate_hz)
    }

    pub(super) fn to_device(rate_hz: u32) -> Result<Self, String> {
        Self::new(RATE_HZ, rate_hz, rate_hz)
    }

    /// Samples in 20 ms at the device's rate.
    pub(super) fn block(&self) -> usize {
        self.device_block
    }

    /// 20 ms: exactly one block in, one block out.
    pub(super) fn convert(&mut self, from: &[i16], to: &mut [i16]) {
        let Some(fft) = &mut self.fft else {
            to.copy_from_slice(from);
            return;
        };
        for (slot, sample) in self.from.iter_mut().zip(from) {
            *slot = f32::from(*sample) / 32768.0;
        }
        let (frames_in, frames_out) = (self.from.len(), self.to.len());
        let input = SequentialSlice::new(&self.from, 1, frames_in)
            .expect("one channel of exactly this length");
        let mut output = SequentialSlice::new_mut(&mut self.to, 1, frames_out)
            .expect("one channel of exactly this length");
        fft.process_into_buffer(&input, &mut output, None)
            .expect("blocks are of the size that the resampler was made for");
        for (slot, sample) in to.iter_mut().zip(&self.to) {
            // `as` saturates: an overshoot of the filter is clipped, not wrapped.
            *slot = (sample * 32768.0).round() as i16;
        }
    }
}

/// A block of device samples as a frame.
pub(super) fn to_frame(converter: &mut Converter, block: &[i16]) -> Frame {
    let mut frame = Frame::SILENCE;
    converter.convert(block, &mut frame.0);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(rate_hz: u32, samples: usize) -> Vec<i16> {
        let step = std::f32::consts::TAU * 1000.0 / rate_hz as f32;
        (0..samples)
            .map(|n| (10_000.0 * (step * n as f32).sin()) as i16)
            .collect()
    }

    #[test]
    fn a_tone_keeps_its_level_and_pitch_at_every_rate() {
        for rate_hz in super::super::RATES_HZ {
            let mut down = Converter::from_device(rate_hz).unwrap();
            let block = rate_hz as usize / 50;
            assert_eq!(down.block(), block, "{rate_hz}");
            let sound = tone(rate_hz, block * 20);
            let frames: Vec<Frame> = sound
                .chunks(block)
                .map(|block| to_frame(&mut down, block))
                .collect();
            let peak = frames[10..]
                .iter()
                .flat_map(|f| f.0)
                .map(i16::unsigned_abs)
                .max()
                .unwrap();
            assert!((9_800..10_300).contains(&peak), "{rate_hz} Hz: peak {peak}");
            let rises = frames[10..].iter().flat_map(|f| f.0).collect::<Vec<_>>();
            let cycles = rises.windows(2).filter(|w| w[0] < 0 && w[1] >= 0).count();
            assert!(
                (198..=202).contains(&cycles),
                "{rate_hz} Hz: {cycles} cycles in 200 ms"
            );
        }
    }
}
