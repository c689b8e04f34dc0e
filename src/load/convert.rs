//! A caller's µ-law sound to what a provider sends, and what it gets back. Each change of rate adds
//! 10 ms of delay; whole pieces of 20 ms stay whole.

use crate::audio::g711;
use crate::audio::resample::{RateError, Resampler};
use crate::line::coding::Coding;

/// The sound of one line, both ways.
pub struct Coder {
    coding: Coding,
    widen: Widen,
    narrow: Narrow,
}

impl Coder {
    /// # Errors
    /// A rate that cannot be converted.
    pub fn new(coding: Coding) -> Result<Self, RateError> {
        Ok(Self {
            coding,
            widen: Widen::new(coding.rate_hz())?,
            narrow: Narrow::new(coding.rate_hz())?,
        })
    }

    /// A coder of linear samples.
    ///
    /// # Errors
    /// A rate that cannot be converted.
    pub fn linear(rate_hz: u32) -> Result<Self, RateError> {
        Self::new(Coding::L16 { rate_hz })
    }

    pub fn coding(&self) -> Coding {
        self.coding
    }

    /// The caller's µ-law as it stands on the line.
    pub fn encode(&mut self, ulaw: &[u8]) -> Vec<u8> {
        match self.coding {
            Coding::Ulaw => ulaw.to_vec(),
            Coding::Alaw => alaw_of_ulaw(ulaw),
            Coding::L16 { .. } => self.widen.l16(ulaw),
        }
    }

    /// The line's bytes as µ-law.
    pub fn decode(&mut self, bytes: &[u8]) -> Vec<u8> {
        match self.coding {
            Coding::Ulaw => bytes.to_vec(),
            Coding::Alaw => ulaw_of_alaw(bytes),
            Coding::L16 { .. } => self.narrow.l16(bytes),
        }
    }
}

/// µ-law 8 kHz to linear samples at any rate.
pub struct Widen {
    resampler: Resampler,
    narrow: Vec<i16>,
    wide: Vec<i16>,
}

impl Widen {
    /// # Errors
    /// A rate that cannot be converted.
    pub fn new(rate_hz: u32) -> Result<Self, RateError> {
        Ok(Self {
            resampler: Resampler::new(8_000, rate_hz)?,
            narrow: Vec::new(),
            wide: Vec::new(),
        })
    }

    /// The next samples.
    pub fn linear(&mut self, ulaw: &[u8]) -> &[i16] {
        self.narrow.resize(ulaw.len(), 0);
        g711::decode_ulaw(ulaw, &mut self.narrow);
        self.wide.clear();
        self.resampler.push(&self.narrow, &mut self.wide);
        &self.wide
    }

    /// The same as 16-bit little-endian bytes.
    pub fn l16(&mut self, ulaw: &[u8]) -> Vec<u8> {
        let samples = self.linear(ulaw).iter();
        samples.flat_map(|sample| sample.to_le_bytes()).collect()
    }
}

/// Linear samples at any rate to µ-law 8 kHz.
pub struct Narrow {
    resampler: Resampler,
    odd: Option<u8>,
    narrow: Vec<i16>,
}

impl Narrow {
    /// # Errors
    /// A rate that cannot be converted.
    pub fn new(rate_hz: u32) -> Result<Self, RateError> {
        Ok(Self {
            resampler: Resampler::new(rate_hz, 8_000)?,
            odd: None,
            narrow: Vec::new(),
        })
    }

    /// The next sound.
    pub fn ulaw(&mut self, samples: &[i16]) -> Vec<u8> {
        self.narrow.clear();
        self.resampler.push(samples, &mut self.narrow);
        let mut bytes = vec![0; self.narrow.len()];
        g711::encode_ulaw(&self.narrow, &mut bytes);
        bytes
    }

    /// From 16-bit little-endian bytes; half a sample waits for its other half.
    pub fn l16(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut whole: Vec<u8> = self
            .odd
            .take()
            .into_iter()
            .chain(bytes.iter().copied())
            .collect();
        if whole.len() % 2 == 1 {
            self.odd = whole.pop();
        }
        let (pairs, _) = whole.as_chunks();
        let samples: Vec<i16> = pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect();
        self.ulaw(&samples)
    }
}

/// µ-law as A-law.
pub fn alaw_of_ulaw(ulaw: &[u8]) -> Vec<u8> {
    let (mut samples, mut alaw) = (vec![0; ulaw.len()], vec![0; ulaw.len()]);
    g711::decode_ulaw(ulaw, &mut samples);
    g711::encode_alaw(&samples, &mut alaw);
    alaw
}

/// A-law as µ-law.
pub fn ulaw_of_alaw(alaw: &[u8]) -> Vec<u8> {
    let (mut samples, mut ulaw) = (vec![0; alaw.len()], vec![0; alaw.len()]);
    g711::decode_alaw(alaw, &mut samples);
    g711::encode_ulaw(&samples, &mut ulaw);
    ulaw
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_survives_the_way_there_and_back() {
        let loud = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte & 0x7F < 0x30).count();
        let tone: Vec<u8> = (0..160)
            .map(|n| if n / 8 % 2 == 0 { 0x90 } else { 0x10 })
            .collect();
        for rate_hz in [8_000, 16_000, 24_000, 48_000] {
            let mut wide = Widen::new(rate_hz).expect("a rate");
            let mut narrow = Narrow::new(rate_hz).expect("a rate");
            let mut back = Vec::new();
            for _ in 0..5 {
                let bytes = wide.l16(&tone);
                assert_eq!(bytes.len(), rate_hz as usize / 25, "whole pieces of 20 ms");
                let (first, rest) = bytes.split_at(7);
                back = [narrow.l16(first), narrow.l16(rest)].concat();
            }
            assert_eq!(back.len(), 160, "{rate_hz}");
            assert!(loud(&back) > 120, "{rate_hz}: {}", loud(&back));
        }
        // A-law has fewer small steps: not every byte comes back, loud ones do.
        assert_eq!(ulaw_of_alaw(&alaw_of_ulaw(&tone)), tone);
    }
}
