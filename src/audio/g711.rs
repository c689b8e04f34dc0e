//! G.711: the telephone's 8-bit samples (ITU-T G.711, 8 kHz). µ-law in North America and Japan,
//! A-law elsewhere. Decides nothing; the arithmetic is that of `audio-codec-algorithms`.

use audio_codec_algorithms as codec;

/// A byte of µ-law silence.
pub const ULAW_SILENCE: u8 = 0xff;
/// A byte of A-law silence (the smallest step: A-law has no zero).
pub const ALAW_SILENCE: u8 = 0xd5;

/// Decodes µ-law (PCMU) into as many samples as both slices have.
pub fn decode_ulaw(bytes: &[u8], out: &mut [i16]) {
    convert(bytes, out, codec::decode_ulaw);
}

/// Decodes A-law (PCMA) into as many samples as both slices have.
pub fn decode_alaw(bytes: &[u8], out: &mut [i16]) {
    convert(bytes, out, codec::decode_alaw);
}

/// Encodes as µ-law (PCMU) as many samples as both slices have.
pub fn encode_ulaw(samples: &[i16], out: &mut [u8]) {
    convert(samples, out, codec::encode_ulaw);
}

/// Encodes as A-law (PCMA) as many samples as both slices have.
pub fn encode_alaw(samples: &[i16], out: &mut [u8]) {
    convert(samples, out, codec::encode_alaw);
}

fn convert<A: Copy, B>(from: &[A], to: &mut [B], one: fn(A) -> B) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = one(*from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    fn table(decode: fn(&[u8], &mut [i16])) -> [i16; 256] {
        let bytes: [u8; 256] = std::array::from_fn(|b| b as u8);
        let mut out = [0; 256];
        decode(&bytes, &mut out);
        out
    }

    fn digest(table: &[i16]) -> String {
        let bytes: Vec<u8> = table.iter().flat_map(|s| s.to_le_bytes()).collect();
        Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
    }

    #[test]
    fn decodes_as_the_rest_of_the_world() {
        // The 256 values that sox and Python's audioop agree on, as little-endian i16.
        let ulaw = "3dab54339e520bb2c924826e3b72a917a2b612e9fd12fc867500f1d983a75827";
        let alaw = "e04788d110e58ff8c70c93b8480190d973e3b67876b6119abbaec766cc75c174";
        assert_eq!(digest(&table(decode_ulaw)), ulaw);
        assert_eq!(digest(&table(decode_alaw)), alaw);
        assert_eq!(table(decode_ulaw)[usize::from(ULAW_SILENCE)], 0);
        assert_eq!(table(decode_alaw)[usize::from(ALAW_SILENCE)], 8);
    }

    #[test]
    fn every_byte_survives_a_round_trip() {
        for byte in 0..=255 {
            let (mut sample, mut back) = ([0], [0]);
            decode_ulaw(&[byte], &mut sample);
            encode_ulaw(&sample, &mut back);
            // 0x7f is the other zero.
            assert_eq!(back[0], if byte == 0x7f { 0xff } else { byte });
            decode_alaw(&[byte], &mut sample);
            encode_alaw(&sample, &mut back);
            assert_eq!(back[0], byte);
        }
    }

    #[test]
    fn a_sample_comes_back_within_half_a_step() {
        for sample in (i16::MIN..=i16::MAX).step_by(7) {
            for (encode, decode) in [
                (encode_ulaw as fn(&[i16], &mut [u8]), decode_ulaw as fn(&[u8], &mut [i16])),
                (encode_alaw, decode_alaw),
            ] {
                let (mut byte, mut back) = ([0], [0]);
                encode(&[sample], &mut byte);
                decode(&byte, &mut back);
                let error = (i32::from(back[0]) - i32::from(sample)).abs();
                // Steps double from 8 or 16 up to 1024; above ±32256 the codes end.
                let half_step = (i32::from(sample).abs() + 132) / 32 + 8;
                assert!(error <= half_step, "{sample} became {}", back[0]);
            }
        }
    }
}
