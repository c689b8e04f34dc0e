//! Sound as it stands on a wire, to frames and back: G.711 and linear samples at a line's rate outside,
//! 16 kHz inside. Allocates at the start. Each direction that changes the rate adds 10 ms (half a block
//! of the resampler).

use super::provider::LineEvent;
use super::reorder::Piece;
use crate::audio::g711::{self, ALAW_SILENCE, ULAW_SILENCE};
use crate::audio::resample::{RateError, Resampler};
use crate::audio::{FRAME_SAMPLES, Frame, RATE_HZ, TICK_MS};
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// Base64 as providers and their look-alikes write it: some leave the padding out.
pub const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Lost sound that is made up for, in frames: as much as the jitter queue holds. More would only push
/// out what did arrive.
const MOST_LOST: u64 = 10;
/// Samples decoded at once.
const CHUNK: usize = 160;

/// How samples stand on a wire. One channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// PCMU, 8 kHz.
    Ulaw,
    /// PCMA, 8 kHz.
    Alaw,
    /// 16-bit linear samples, little-endian.
    L16 { rate_hz: u32 },
}

impl Coding {
    /// The G.711 coding that a provider names: `PCMU`, `audio/x-mulaw`, `ulaw`, `alaw` and the like.
    pub fn g711(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        match name.strip_prefix("audio/").unwrap_or(&name) {
            "pcmu" | "x-mulaw" | "mulaw" | "ulaw" | "g711u" => Some(Self::Ulaw),
            "pcma" | "x-alaw" | "alaw" | "g711a" => Some(Self::Alaw),
            _ => None,
        }
    }

    /// Samples a second.
    pub fn rate_hz(self) -> u32 {
        match self {
            Self::Ulaw | Self::Alaw => 8_000,
            Self::L16 { rate_hz } => rate_hz,
        }
    }

    /// Bytes of a sample.
    pub fn sample_bytes(self) -> usize {
        match self {
            Self::Ulaw | Self::Alaw => 1,
            Self::L16 { .. } => 2,
        }
    }

    /// Bytes of 20 ms, where that is a whole number of samples.
    pub fn tick_bytes(self) -> usize {
        (self.rate_hz() * TICK_MS / 1000) as usize * self.sample_bytes()
    }

    /// A byte of silence.
    pub fn silence(self) -> u8 {
        match self {
            Self::Ulaw => ULAW_SILENCE,
            Self::Alaw => ALAW_SILENCE,
            Self::L16 { .. } => 0,
        }
    }
}

/// Pieces of any length to frames of 20 ms.
pub struct Ear {
    coding: Coding,
    resampler: Resampler,
    /// Half a sample.
    odd: Option<u8>,
    samples: Vec<i16>,
    /// Samples at 16 kHz that are no whole frame yet.
    ready: Vec<i16>,
    /// Length of the last piece: what a lost one is taken to have had.
    piece_bytes: u64,
}

impl Ear {
    /// # Errors
    /// A rate that cannot be converted.
    pub fn new(coding: Coding) -> Result<Self, RateError> {
        Ok(Self {
            coding,
            resampler: Resampler::new(coding.rate_hz(), RATE_HZ)?,
            odd: None,
            samples: Vec::with_capacity(CHUNK),
            ready: Vec::with_capacity(2 * FRAME_SAMPLES),
            piece_bytes: coding.tick_bytes() as u64,
        })
    }

    /// An ear for G.711.
    ///
    /// # Panics
    /// Never: 8 kHz can be converted.
    pub fn telephone(coding: Coding) -> Self {
        Self::new(coding).expect("8 kHz is within the limits")
    }

    pub fn coding(&self) -> Coding {
        self.coding
    }

    /// A numbered piece, or so many that were lost.
    pub fn take(&mut self, piece: Piece, events: &mut Vec<LineEvent>) {
        match piece {
            Piece::Sound(sound) => self.hear(&sound, events),
            Piece::Lost(pieces) => {
                let bytes = pieces.min(1000) * self.piece_bytes;
                self.lose(bytes.div_ceil(self.coding.tick_bytes() as u64), events);
            }
        }
    }

    /// The next sound.
    pub fn hear(&mut self, sound: &[u8], events: &mut Vec<LineEvent>) {
        self.piece_bytes = sound.len() as u64;
        let mut sound = sound;
        if let (Some(low), Some((&high, rest))) = (self.odd, sound.split_first()) {
            self.odd = None;
            sound = rest;
            self.push(&[low, high], events);
        }
        for chunk in sound.chunks(CHUNK * self.coding.sample_bytes()) {
            let (whole, odd) =
                chunk.split_at(chunk.len() - chunk.len() % self.coding.sample_bytes());
            self.push(whole, events);
            self.odd = odd.first().copied();
        }
    }

    /// So many frames of 20 ms never came.
    pub fn lose(&mut self, frames: u64, events: &mut Vec<LineEvent>) {
        for _ in 0..frames.min(MOST_LOST) {
            events.push(LineEvent::Lost);
        }
    }

    /// At most [`CHUNK`] whole samples.
    fn push(&mut self, bytes: &[u8], events: &mut Vec<LineEvent>) {
        self.samples.clear();
        match self.coding {
            Coding::Ulaw => {
                self.samples.resize(bytes.len(), 0);
                g711::decode_ulaw(bytes, &mut self.samples);
            }
            Coding::Alaw => {
                self.samples.resize(bytes.len(), 0);
                g711::decode_alaw(bytes, &mut self.samples);
            }
            Coding::L16 { .. } => {
                let (pairs, _) = bytes.as_chunks();
                self.samples
                    .extend(pairs.iter().map(|pair| i16::from_le_bytes(*pair)));
            }
        }
        self.resampler.push(&self.samples, &mut self.ready);
        while let Some((frame, _)) = self.ready.split_first_chunk::<FRAME_SAMPLES>() {
            events.push(LineEvent::Frame(Frame(*frame)));
            self.ready.drain(..FRAME_SAMPLES);
        }
    }
}

/// Frames of 20 ms to what goes on the wire.
pub struct Mouth {
    coding: Coding,
    resampler: Resampler,
    samples: Vec<i16>,
    bytes: Vec<u8>,
}

impl Mouth {
    /// # Errors
    /// A rate that cannot be converted.
    pub fn new(coding: Coding) -> Result<Self, RateError> {
        Ok(Self {
            coding,
            resampler: Resampler::new(RATE_HZ, coding.rate_hz())?,
            samples: Vec::with_capacity(FRAME_SAMPLES),
            bytes: Vec::with_capacity(coding.tick_bytes()),
        })
    }

    /// A mouth for G.711.
    ///
    /// # Panics
    /// Never: 8 kHz can be converted.
    pub fn telephone(coding: Coding) -> Self {
        Self::new(coding).expect("8 kHz is within the limits")
    }

    pub fn coding(&self) -> Coding {
        self.coding
    }

    /// The next 20 ms: [`Coding::tick_bytes`] where that is a whole number of samples (at 11,025 Hz it is
    /// not: there pieces come as the resampler completes them, also empty ones).
    pub fn encode(&mut self, frame: &Frame) -> &[u8] {
        self.samples.clear();
        self.resampler.push(&frame.0, &mut self.samples);
        self.bytes.clear();
        match self.coding {
            Coding::Ulaw => {
                self.bytes.resize(self.samples.len(), 0);
                g711::encode_ulaw(&self.samples, &mut self.bytes);
            }
            Coding::Alaw => {
                self.bytes.resize(self.samples.len(), 0);
                g711::encode_alaw(&self.samples, &mut self.bytes);
            }
            Coding::L16 { .. } => {
                let bytes = self.samples.iter().flat_map(|sample| sample.to_le_bytes());
                self.bytes.extend(bytes);
            }
        }
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(events: Vec<LineEvent>) -> Vec<Frame> {
        let frame = |event| match event {
            LineEvent::Frame(frame) => Some(frame),
            _ => None,
        };
        events.into_iter().filter_map(frame).collect()
    }

    #[test]
    fn a_tone_survives_the_way_out_and_back() {
        let tone = |n: usize| {
            ((n as f32 * 1000.0 * std::f32::consts::TAU / 16_000.0).sin() * 8000.0) as i16
        };
        let linear = |rate_hz| Coding::L16 { rate_hz };
        for coding in [
            Coding::Ulaw,
            Coding::Alaw,
            linear(8_000),
            linear(16_000),
            linear(24_000),
            linear(48_000),
        ] {
            let (mut mouth, mut ear) = (
                Mouth::new(coding).expect("a rate"),
                Ear::new(coding).expect("a rate"),
            );
            let mut events = Vec::new();
            for block in 0..10 {
                let mut frame = Frame::SILENCE;
                for (i, sample) in frame.0.iter_mut().enumerate() {
                    *sample = tone(block * FRAME_SAMPLES + i);
                }
                let wire = mouth.encode(&frame);
                assert_eq!(wire.len(), coding.tick_bytes(), "{coding:?}");
                ear.hear(wire, &mut events);
            }
            let last = frames(events).pop().expect("frames came back");
            let energy =
                last.0.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>() / FRAME_SAMPLES as f64;
            // 8000 / sqrt(2) = 5657 within 2 %.
            assert!(
                (energy.sqrt() - 5657.0).abs() < 113.0,
                "{coding:?} {}",
                energy.sqrt()
            );
        }
    }

    #[test]
    fn silence_is_exactly_silent() {
        for coding in [Coding::Ulaw, Coding::L16 { rate_hz: 8_000 }] {
            let (mut mouth, mut ear) = (Mouth::telephone(coding), Ear::telephone(coding));
            let wire = mouth.encode(&Frame::SILENCE).to_vec();
            assert_eq!(wire, vec![coding.silence(); coding.tick_bytes()]);
            let mut events = Vec::new();
            ear.hear(&wire, &mut events);
            assert_eq!(frames(events), [Frame::SILENCE]);
        }
    }

    #[test]
    fn samples_that_are_cut_in_two_are_put_together() {
        let coding = Coding::L16 { rate_hz: 16_000 };
        let bytes: Vec<u8> = (0..2 * FRAME_SAMPLES as u16)
            .map(|n| (n % 251) as u8)
            .collect();
        let (mut whole, mut parts) = (Vec::new(), Vec::new());
        Ear::new(coding).expect("a rate").hear(&bytes, &mut whole);
        let mut ear = Ear::new(coding).expect("a rate");
        for piece in bytes.chunks(7) {
            ear.hear(piece, &mut parts);
        }
        assert_eq!((whole.len(), whole == parts), (1, true));
    }
}
