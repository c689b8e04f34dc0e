//! Telephone sound to frames and back: G.711 µ-law at 8 kHz on the wire, 16 kHz inside. Allocates
//! once, at the start. Each direction adds 10 ms (half a block of the resampler).

use crate::audio::{FRAME_SAMPLES, Frame};
use audio_codec_algorithms::{decode_ulaw, encode_ulaw};
use audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Resampler};

/// Bytes of 20 ms of µ-law at 8 kHz.
pub const WIRE_BYTES: usize = 160;
/// µ-law silence (+0).
pub const SILENCE: u8 = 0xFF;

const WIRE_HZ: usize = 8_000;
const FRAME_HZ: usize = 16_000;

/// One direction's resampler with its buffers.
struct Rate {
    fft: Fft<f32>,
    input: Vec<f32>,
    output: Vec<f32>,
}

impl Rate {
    fn new(from_hz: usize, to_hz: usize) -> Self {
        let fft = Fft::new(from_hz, to_hz, from_hz / 50, 1, FixedSync::Both)
            .expect("8 and 16 kHz have 20 ms blocks");
        Self {
            fft,
            input: vec![0.0; from_hz / 50],
            output: vec![0.0; to_hz / 50],
        }
    }

    /// Resamples the 20 ms in `input` into `output`.
    fn run(&mut self) {
        let (frames_in, frames_out) = (self.input.len(), self.output.len());
        let input =
            SequentialSlice::new(&self.input, 1, frames_in).expect("one channel of that length");
        let mut output = SequentialSlice::new_mut(&mut self.output, 1, frames_out)
            .expect("one channel of that length");
        self.fft
            .process_into_buffer(&input, &mut output, None)
            .expect("exactly one block in and out");
    }
}

/// Wire to frames.
pub struct Decoder {
    rate: Rate,
}

impl Decoder {
    pub fn new() -> Self {
        Self {
            rate: Rate::new(WIRE_HZ, FRAME_HZ),
        }
    }

    /// The next 20 ms.
    pub fn decode(&mut self, wire: &[u8; WIRE_BYTES]) -> Frame {
        for (sample, &byte) in self.rate.input.iter_mut().zip(wire) {
            *sample = f32::from(decode_ulaw(byte));
        }
        self.rate.run();
        let mut frame = Frame::SILENCE;
        for (to, &from) in frame.0.iter_mut().zip(&self.rate.output) {
            *to = to_i16(from);
        }
        frame
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

/// Frames to wire.
pub struct Encoder {
    rate: Rate,
}

impl Encoder {
    pub fn new() -> Self {
        debug_assert_eq!(FRAME_SAMPLES, FRAME_HZ / 50);
        Self {
            rate: Rate::new(FRAME_HZ, WIRE_HZ),
        }
    }

    /// The next 20 ms.
    pub fn encode(&mut self, frame: &Frame) -> [u8; WIRE_BYTES] {
        for (to, &from) in self.rate.input.iter_mut().zip(&frame.0) {
            *to = f32::from(from);
        }
        self.rate.run();
        let mut wire = [SILENCE; WIRE_BYTES];
        for (to, &from) in wire.iter_mut().zip(&self.rate.output) {
            *to = encode_ulaw(to_i16(from));
        }
        wire
    }
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}

/// Rounds; `as` saturates and takes NaN for 0.
fn to_i16(sample: f32) -> i16 {
    sample.round() as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_survives_the_way_out_and_back() {
        let (mut encoder, mut decoder) = (Encoder::new(), Decoder::new());
        let tone = |n: usize| {
            ((n as f32 * 1000.0 * std::f32::consts::TAU / 16_000.0).sin() * 8000.0) as i16
        };
        let mut energy = 0.0;
        for block in 0..10 {
            let mut frame = Frame::SILENCE;
            for (i, sample) in frame.0.iter_mut().enumerate() {
                *sample = tone(block * FRAME_SAMPLES + i);
            }
            let back = decoder.decode(&encoder.encode(&frame));
            energy =
                back.0.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>() / FRAME_SAMPLES as f64;
        }
        // 8000 / sqrt(2) = 5657 within 2 %.
        assert!((energy.sqrt() - 5657.0).abs() < 113.0, "{}", energy.sqrt());
    }

    #[test]
    fn silence_is_exactly_silent() {
        let (mut encoder, mut decoder) = (Encoder::new(), Decoder::new());
        assert_eq!(encoder.encode(&Frame::SILENCE), [SILENCE; WIRE_BYTES]);
        assert_eq!(decoder.decode(&[SILENCE; WIRE_BYTES]), Frame::SILENCE);
    }
}
