//! A model file packed to 4 or 5 bits a weight, unpacked to 8 bits for whisper.cpp.
//!
//! Decides how the bundled model lies in memory. Small on disk is 5 bits; quick to compute is 8 bits
//! (its matrix kernels need no bit fiddling: about a third less time for the encoder). The step sizes stay
//! as they are, so not one weight changes. Whether a file is a whole model is ggml.rs; this trusts it.
//!
//! Block layouts: ggml `ggml-common.h` (block_q4_0, block_q5_0, block_mxfp4, block_q8_0).

use super::ggml::{self, GgmlError};
use std::io::Cursor;

/// Weights in a block, of every type here.
const BLOCK: usize = 32;
const Q4_0: i32 = 2;
const Q5_0: i32 = 6;
const Q8_0: i32 = 8;
const MXFP4: i32 = 39;
/// What four bits mean in mxfp4, in half steps; the upper eight are negative.
const MAGNITUDES: [i8; 8] = [0, 1, 2, 3, 4, 6, 8, 12];
/// Position of the file type in the header: after the magic number and ten sizes.
const FILE_TYPE: usize = 4 + 10 * 4;
/// The header's file type for q8_0: quantisation version 2, GGML_FTYPE_MOSTLY_Q8_0.
const FILE_TYPE_Q8_0: i32 = 2007;

/// The same model with its 4- and 5-bit matrices as 8-bit ones; `None` when there is none.
///
/// # Errors
/// [`GgmlError`] when `file` is not a whole Whisper ggml file.
pub fn widened(file: &[u8]) -> Result<Option<Vec<u8>>, GgmlError> {
    let tensors = ggml::tensors(&mut Cursor::new(file))?;
    if !tensors.iter().any(|t| unpacker(t.kind).is_some()) {
        return Ok(None);
    }
    let mut wide = Vec::with_capacity(file.len() * 2);
    let mut copied = 0;
    for tensor in &tensors {
        let Some((bytes, unpack)) = unpacker(tensor.kind) else {
            continue;
        };
        wide.extend_from_slice(&file[copied..tensor.kind_at]);
        wide.extend_from_slice(&Q8_0.to_le_bytes());
        wide.extend_from_slice(&file[tensor.kind_at + 4..tensor.data.start]);
        for block in file[tensor.data.clone()].chunks_exact(bytes) {
            // The step (a 16-bit float), then the weights as whole steps.
            let (step, weights) = unpack(block);
            wide.extend_from_slice(&step);
            wide.extend(weights.map(|q| q as u8));
        }
        copied = tensor.data.end;
    }
    wide.extend_from_slice(&file[copied..]);
    wide[FILE_TYPE..FILE_TYPE + 4].copy_from_slice(&FILE_TYPE_Q8_0.to_le_bytes());
    Ok(Some(wide))
}

type Unpack = fn(&[u8]) -> ([u8; 2], [i8; BLOCK]);

/// Bytes of a block, and how its weights are read.
fn unpacker(kind: i32) -> Option<(usize, Unpack)> {
    match kind {
        Q4_0 => Some((18, unpack_4 as Unpack)),
        Q5_0 => Some((22, unpack_5)),
        MXFP4 => Some((17, unpack_mx)),
        _ => None,
    }
}

/// Step, then 16 bytes: the low halves are weights 0 to 15, the high halves 16 to 31, all less 8.
fn unpack_4(block: &[u8]) -> ([u8; 2], [i8; BLOCK]) {
    let weights = std::array::from_fn(|i| half(block, 2, i) as i8 - 8);
    ([block[0], block[1]], weights)
}

/// Step, 32 fifth bits, then as above, all less 16.
fn unpack_5(block: &[u8]) -> ([u8; 2], [i8; BLOCK]) {
    let weights = std::array::from_fn(|i| {
        let fifth = block[2 + i / 8] >> (i % 8) & 1;
        (half(block, 6, i) | fifth << 4) as i8 - 16
    });
    ([block[0], block[1]], weights)
}

/// The exponent of the step, 127 more than it is, then as in q4_0; a weight is a sign and a magnitude.
fn unpack_mx(block: &[u8]) -> ([u8; 2], [i8; BLOCK]) {
    let weights = std::array::from_fn(|i| {
        let bits = half(block, 1, i);
        let magnitude = MAGNITUDES[usize::from(bits & 7)];
        if bits & 8 == 0 { magnitude } else { -magnitude }
    });
    (power_of_two(i32::from(block[0]) - 128), weights)
}

/// 2 to the `exponent` as a 16-bit float; 0 where that has none so small, the greatest where none so large.
fn power_of_two(exponent: i32) -> [u8; 2] {
    let bits: u16 = match exponent {
        ..-24 => 0,
        -24..-14 => 1 << (exponent + 24),
        -14..16 => ((exponent + 15) as u16) << 10,
        _ => 15 << 11,
    };
    bits.to_le_bytes()
}

fn half(block: &[u8], start: usize, i: usize) -> u8 {
    block[start + i % 16] >> (4 * (i / 16)) & 15
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_bits_are_read_as_ggml_writes_them() {
        let mut block = [0_u8; 22];
        // Weight 0 is 31 (5 bits set), weight 16 is 1, weight 31 is 16; the others 0.
        block[2] = 0b0000_0001;
        block[5] = 0b1000_0000;
        block[6] = 0x1f;
        let (_, weights) = unpack_5(&block);
        assert_eq!(
            (weights[0], weights[16], weights[31], weights[1]),
            (15, -15, 0, -16)
        );
    }

    #[test]
    fn four_bits_are_read_as_ggml_writes_them() {
        let mut block = [0x88_u8; 18];
        block[2] = 0x0f;
        let (_, weights) = unpack_4(&block);
        assert_eq!((weights[0], weights[16], weights[1]), (7, -8, 0));
    }

    #[test]
    fn four_bit_floats_are_read_as_ggml_writes_them() {
        let mut block = [0_u8; 17];
        // A step of 2⁻⁵; weight 0 is 6 of them, weight 16 minus one and a half.
        block[0] = 127 - 5;
        block[1] = 0b1011_0111;
        let (half_step, weights) = unpack_mx(&block);
        // 2⁻⁶ as a 16-bit float.
        assert_eq!(u16::from_le_bytes(half_step), 9 << 10);
        assert_eq!((weights[0], weights[16], weights[1]), (12, -3, 0));
    }

    #[test]
    fn powers_of_two_are_16_bit_floats_or_the_nearest_there_is() {
        let bits = |exponent| u16::from_le_bytes(power_of_two(exponent));
        assert_eq!(
            (bits(0), bits(15), bits(16)),
            (15 << 10, 30 << 10, 30 << 10)
        );
        assert_eq!((bits(-14), bits(-15), bits(-24)), (1 << 10, 1 << 9, 1));
        assert_eq!((bits(-25), bits(-128)), (0, 0));
    }

    #[test]
    fn no_model_is_an_error() {
        assert!(widened(b"RIFF").is_err());
    }
}
