//! A model file packed to 4 or 5 bits a weight, unpacked to 8 bits for whisper.cpp.
//!
//! Decides how the bundled model lies in memory. Small on disk is 5 bits; quick to compute is 8 bits
//! (its matrix kernels need no bit fiddling: about a third less time for the encoder). The step sizes stay
//! as they are, so not one weight changes. Whether a file is a whole model is ggml.rs; this trusts it.
//!
//! Block layouts: ggml `ggml-common.h` (block_q4_0, block_q5_0, block_q8_0).

use super::ggml::{self, GgmlError};
use std::io::Cursor;

/// Weights in a block, of every type here.
const BLOCK: usize = 32;
const Q4_0: i32 = 2;
const Q5_0: i32 = 6;
const Q8_0: i32 = 8;
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
    let mut wide = Vec::with_capacity(file.len() * 8 / 5);
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
            wide.extend_from_slice(&block[..2]);
            wide.extend(unpack(block).map(|q| q as u8));
        }
        copied = tensor.data.end;
    }
    wide.extend_from_slice(&file[copied..]);
    wide[FILE_TYPE..FILE_TYPE + 4].copy_from_slice(&FILE_TYPE_Q8_0.to_le_bytes());
    Ok(Some(wide))
}

type Unpack = fn(&[u8]) -> [i8; BLOCK];

/// Bytes of a block, and how its weights are read.
fn unpacker(kind: i32) -> Option<(usize, Unpack)> {
    match kind {
        Q4_0 => Some((18, unpack_4 as Unpack)),
        Q5_0 => Some((22, unpack_5)),
        _ => None,
    }
}

/// Step, then 16 bytes: the low halves are weights 0 to 15, the high halves 16 to 31, all less 8.
fn unpack_4(block: &[u8]) -> [i8; BLOCK] {
    std::array::from_fn(|i| half(block, 2, i) as i8 - 8)
}

/// Step, 32 fifth bits, then as above, all less 16.
fn unpack_5(block: &[u8]) -> [i8; BLOCK] {
    std::array::from_fn(|i| {
        let fifth = block[2 + i / 8] >> (i % 8) & 1;
        (half(block, 6, i) | fifth << 4) as i8 - 16
    })
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
        let weights = unpack_5(&block);
        assert_eq!(
            (weights[0], weights[16], weights[31], weights[1]),
            (15, -15, 0, -16)
        );
    }

    #[test]
    fn four_bits_are_read_as_ggml_writes_them() {
        let mut block = [0x88_u8; 18];
        block[2] = 0x0f;
        let weights = unpack_4(&block);
        assert_eq!((weights[0], weights[16], weights[1]), (7, -8, 0));
    }

    #[test]
    fn no_model_is_an_error() {
        assert!(widened(b"RIFF").is_err());
    }
}
