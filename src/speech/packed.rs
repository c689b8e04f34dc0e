//! A model file packed with gzip, as the bundled one is.
//!
//! Decides whether a file is packed, and unpacks it. The rows of tokens that a business never says are alike:
//! packing takes them away, and nearly half of the file with them. What lies in it is ggml.rs.

use super::ggml::GgmlError;
use std::borrow::Cow;
use std::io::Read;

/// What a gzip file begins with.
const MAGIC: [u8; 2] = [0x1f, 0x8b];
/// Longer than any Whisper model, in bytes: what unpacks to more is none.
const MOST: u64 = 4 << 30;

/// Whether a file that begins with `start` is packed.
pub fn is_packed(start: &[u8]) -> bool {
    start.starts_with(&MAGIC)
}

/// The file as whisper.cpp knows it: unpacked, or as it is where it is not packed.
///
/// # Errors
/// [`GgmlError`] when the file is packed and damaged or cut off.
pub fn plain(file: &[u8]) -> Result<Cow<'_, [u8]>, GgmlError> {
    if !is_packed(file) {
        return Ok(Cow::Borrowed(file));
    }
    let mut whole = Vec::with_capacity(file.len() * 2);
    flate2::read::GzDecoder::new(file)
        .take(MOST)
        .read_to_end(&mut whole)?;
    Ok(Cow::Owned(whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    #[test]
    fn what_was_packed_comes_back_and_a_cut_is_noticed() {
        let text: Vec<u8> = (0..10_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut packer = GzEncoder::new(Vec::new(), Compression::default());
        packer.write_all(&text).unwrap();
        let packed = packer.finish().unwrap();
        assert!(is_packed(&packed) && packed.len() < text.len());
        assert_eq!(*plain(&packed).unwrap(), *text);
        assert_eq!(*plain(&text).unwrap(), *text);
        for keep in [2, packed.len() / 2, packed.len() - 1] {
            assert!(matches!(plain(&packed[..keep]), Err(GgmlError::Truncated)));
        }
    }
}
