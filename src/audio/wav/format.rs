//! The `fmt ` chunk: how samples are written down, and how one becomes 16 bits.
//!
//! Microsoft and IBM, Multimedia Programming Interface 1.0 (1991); `WAVEFORMATEXTENSIBLE`, mmreg.h.

use crate::audio::g711;

/// How a sample is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Unsigned.
    U8,
    I16,
    I24,
    I32,
    F32,
    F64,
    ALaw,
    MuLaw,
}

/// What the header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WavFormat {
    pub coding: Coding,
    pub channels: u16,
    pub rate_hz: u32,
}

const PCM: u16 = 1;
const FLOAT: u16 = 3;
const ALAW: u16 = 6;
const MULAW: u16 = 7;
const EXTENSIBLE: u16 = 0xfffe;

impl WavFormat {
    /// Reads the chunk's body.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn parse(body: &[u8]) -> Result<Self, String> {
        let u16_at = |at: usize| body.get(at..at + 2).map(|b| u16::from_le_bytes([b[0], b[1]]));
        let (Some(mut tag), Some(channels), Some(rate), Some(bits)) =
            (u16_at(0), u16_at(2), body.first_chunk::<8>(), u16_at(14))
        else {
            return Err(format!("its format chunk has {} bytes instead of 16", body.len()));
        };
        if tag == EXTENSIBLE {
            // The first two bytes of the sub-format's GUID are the tag it had before.
            tag = u16_at(24).ok_or("its extended format chunk is too short")?;
        }
        let rate_hz = u32::from_le_bytes([rate[4], rate[5], rate[6], rate[7]]);
        if channels == 0 {
            return Err("it has no channel".into());
        }
        Ok(Self { coding: coding(tag, bits)?, channels, rate_hz })
    }

    /// Bytes of one sample of one channel.
    pub(super) fn sample_bytes(&self) -> usize {
        match self.coding {
            Coding::U8 | Coding::ALaw | Coding::MuLaw => 1,
            Coding::I16 => 2,
            Coding::I24 => 3,
            Coding::I32 | Coding::F32 => 4,
            Coding::F64 => 8,
        }
    }

    /// Bytes of one sample of all channels.
    pub(super) fn frame_bytes(&self) -> usize {
        self.sample_bytes() * usize::from(self.channels)
    }
}

fn coding(tag: u16, bits: u16) -> Result<Coding, String> {
    Ok(match (tag, bits) {
        (PCM, 8) => Coding::U8,
        (PCM, 9..=16) => Coding::I16,
        (PCM, 17..=24) => Coding::I24,
        (PCM, 25..=32) => Coding::I32,
        (FLOAT, 32) => Coding::F32,
        (FLOAT, 64) => Coding::F64,
        (ALAW, 8) => Coding::ALaw,
        (MULAW, 8) => Coding::MuLaw,
        (PCM | FLOAT | ALAW | MULAW, _) => return Err(format!("it has {bits} bits per sample")),
        _ => return Err(format!("its coding (format tag {tag:#06x}) is a compressed one")),
    })
}

impl Coding {
    /// One sample as 16 bits; `bytes` are exactly as many as the coding has.
    pub(super) fn decode(self, bytes: &[u8]) -> i16 {
        let last = |n: usize| i16::from_le_bytes([bytes[n], bytes[n + 1]]);
        match self {
            Self::U8 => (i16::from(bytes[0]) - 128) << 8,
            Self::I16 => last(0),
            Self::I24 => last(1),
            Self::I32 => last(2),
            Self::F32 => float(f64::from(f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))),
            Self::F64 => float(bytes.first_chunk().map_or(0.0, |b| f64::from_le_bytes(*b))),
            Self::ALaw => one(bytes, g711::decode_alaw),
            Self::MuLaw => one(bytes, g711::decode_ulaw),
        }
    }
}

/// ±1 is full scale; `as` clips what is above and makes 0 of what is not a number.
fn float(x: f64) -> i16 {
    (x * 32768.0).round() as i16
}

fn one(bytes: &[u8], decode: fn(&[u8], &mut [i16])) -> i16 {
    let mut sample = [0];
    decode(bytes, &mut sample);
    sample[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_scale_is_half_scale_in_every_coding() {
        for (coding, bytes) in [
            (Coding::U8, &[0xc0][..]),
            (Coding::I16, &[0, 0x40]),
            (Coding::I24, &[9, 0, 0x40]),
            (Coding::I32, &[9, 9, 0, 0x40]),
            (Coding::F32, &0.5f32.to_le_bytes()),
            (Coding::F64, &0.5f64.to_le_bytes()),
        ] {
            assert_eq!(coding.decode(bytes), 16_384, "{coding:?}");
        }
        assert_eq!(Coding::MuLaw.decode(&[0x80]), 32_124);
        assert_eq!(Coding::ALaw.decode(&[0xaa]), 32_256);
    }

    #[test]
    fn floats_beyond_full_scale_clip_and_nonsense_is_silence() {
        assert_eq!(Coding::F32.decode(&7.0f32.to_le_bytes()), i16::MAX);
        assert_eq!(Coding::F32.decode(&f32::NEG_INFINITY.to_le_bytes()), i16::MIN);
        assert_eq!(Coding::F64.decode(&f64::NAN.to_le_bytes()), 0);
    }
}
