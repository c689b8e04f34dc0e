//! Telephone sound to frames and back: G.711 µ-law at 8 kHz on the wire, 16 kHz inside. Allocates
//! once, at the start. Each direction adds 10 ms (half a block of the resampler).

use crate::audio::g711::{self, ULAW_SILENCE};
use crate::audio::resample::Resampler;
use crate::audio::{FRAME_SAMPLES, Frame, RATE_HZ};

/// Bytes of 20 ms of µ-law at 8 kHz.
pub const WIRE_BYTES: usize = 160;
/// µ-law silence (+0).
pub const SILENCE: u8 = ULAW_SILENCE;

const WIRE_HZ: u32 = 8_000;

/// One direction's resampler with its buffer.
struct Rate {
    resampler: Resampler,
    output: Vec<i16>,
}

impl Rate {
    fn new(from_hz: u32, to_hz: u32) -> Self {
        Self {
            resampler: Resampler::new(from_hz, to_hz).expect("8 and 16 kHz are within the limits"),
            output: Vec::with_capacity(FRAME_SAMPLES),
        }
    }

    /// 20 ms in, 20 ms out: a block of the resampler is that long at both rates.
    fn run(&mut self, input: &[i16]) -> &[i16] {
        self.output.clear();
        self.resampler.push(input, &mut self.output);
        &self.output
    }
}

/// Wire to frames.
pub struct Decoder {
    rate: Rate,
}

impl Decoder {
    pub fn new() -> Self {
        Self {
            rate: Rate::new(WIRE_HZ, RATE_HZ),
        }
    }

    /// The next 20 ms.
    pub fn decode(&mut self, wire: &[u8; WIRE_BYTES]) -> Frame {
        let mut samples = [0; WIRE_BYTES];
        g711::decode_ulaw(wire, &mut samples);
        let mut frame = Frame::SILENCE;
        frame.0.copy_from_slice(self.rate.run(&samples));
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
        Self {
            rate: Rate::new(RATE_HZ, WIRE_HZ),
        }
    }

    /// The next 20 ms.
    pub fn encode(&mut self, frame: &Frame) -> [u8; WIRE_BYTES] {
        let mut wire = [SILENCE; WIRE_BYTES];
        g711::encode_ulaw(self.rate.run(&frame.0), &mut wire);
        wire
    }
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
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
