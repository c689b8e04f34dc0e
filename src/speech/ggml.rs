//! What a Whisper ggml file says about itself, read before whisper.cpp sees the file.
//!
//! Decides whether the file is a whole Whisper model and of what shape. whisper.cpp trusts every
//! number in the file (it would allocate, index or abort by them) and does not notice a file that
//! ends within its last tensor, so all of it is walked here first. Running the model is whisper.rs.
//!
//! Layout: whisper.cpp `models/convert-pt-to-ggml.py` and `whisper_model_load`.

use super::mel;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;

const MAGIC: u32 = 0x6767_6d6c;
/// Where the mel filters begin: after the magic number and the eleven sizes, in bytes.
const FILTERS_AT: u64 = 48;
/// Weights stored per quantised block, and the bytes of a block, by ggml type number.
const TYPES: [(i32, u64, u64); 12] = [
    (0, 1, 4),      // f32
    (1, 1, 2),      // f16
    (2, 32, 18),    // q4_0
    (3, 32, 20),    // q4_1
    (6, 32, 22),    // q5_0
    (7, 32, 24),    // q5_1
    (8, 32, 34),    // q8_0
    (10, 256, 84),  // q2_K
    (11, 256, 110), // q3_K
    (12, 256, 144), // q4_K
    (13, 256, 176), // q5_K
    (14, 256, 210), // q6_K
];

/// The sizes that the recogniser needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Tokens in the vocabulary; 51865 and more: multilingual.
    pub n_vocab: u32,
    /// Longest audio, in units of 20 ms.
    pub n_audio_ctx: u32,
    /// Width of the encoder.
    pub n_audio_state: u32,
    /// Longest text with its prompt, in tokens.
    pub n_text_ctx: u32,
    /// Bands of the spectrogram.
    pub n_mels: u32,
}

/// Why a file is no usable model.
#[derive(Debug, thiserror::Error)]
pub enum GgmlError {
    #[error("the file is empty")]
    Empty,
    #[error("this is not a ggml file (it does not begin with the ggml magic number)")]
    NotGgml,
    #[error("the file ends too early: it was not copied or downloaded whole")]
    Truncated,
    #[error("{0}")]
    Damaged(String),
    #[error(transparent)]
    Io(std::io::Error),
}

impl From<std::io::Error> for GgmlError {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == ErrorKind::UnexpectedEof {
            Self::Truncated
        } else {
            Self::Io(error)
        }
    }
}

/// Where a tensor lies in the file, in bytes from its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// ggml's type number.
    pub kind: i32,
    /// Position of that number.
    pub kind_at: usize,
    /// The weights.
    pub data: Range<usize>,
}

/// Walks the whole file (without reading the weights) and returns its shape.
///
/// # Errors
/// [`GgmlError`], by what is wrong with the file.
pub fn inspect<R: Read + Seek>(file: &mut R) -> Result<Shape, GgmlError> {
    walk(file, |_| ())
}

/// The places of all tensors, in the file's order.
///
/// # Errors
/// [`GgmlError`], by what is wrong with the file.
pub fn tensors<R: Read + Seek>(file: &mut R) -> Result<Vec<Tensor>, GgmlError> {
    let mut found = Vec::new();
    walk(file, |tensor| found.push(tensor))?;
    Ok(found)
}

fn walk<R: Read + Seek>(file: &mut R, mut found: impl FnMut(Tensor)) -> Result<Shape, GgmlError> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(0))?;
    if length == 0 {
        return Err(GgmlError::Empty);
    }
    if length < 4 || read_i32(file)? as u32 != MAGIC {
        return Err(GgmlError::NotGgml);
    }
    let shape = read_shape(file)?;
    let filters = in_range(read_i32(file)?, 1, 1024, "mel filters")? as u64
        * in_range(read_i32(file)?, 1, 65_536, "filter length")? as u64;
    skip(file, filters * 4, length)?;
    // Also a model with more tokens than words is valid: the special tokens have no text.
    for _ in 0..in_range(read_i32(file)?, 1, 1_000_000, "words")? {
        let bytes = in_range(read_i32(file)?, 0, 4096, "bytes in a word")?;
        skip(file, u64::from(bytes), length)?;
    }
    let mut tensors = 0;
    while file.stream_position()? < length {
        found(skip_tensor(file, length)?);
        tensors += 1;
    }
    // whisper.cpp takes a file without tensors for its own unit test and "runs" it.
    if tensors == 0 {
        Err(GgmlError::Truncated)
    } else {
        Ok(shape)
    }
}

/// The mel filters of a file that [`inspect`] found whole.
///
/// # Errors
/// [`GgmlError`] when they are not for Whisper's spectrogram or cannot be read.
pub fn mel_filters<R: Read + Seek>(file: &mut R) -> Result<mel::Filters, GgmlError> {
    file.seek(SeekFrom::Start(FILTERS_AT))?;
    let bands = in_range(read_i32(file)?, 1, 1024, "mel filters")? as usize;
    if read_i32(file)? as usize != mel::BINS {
        return Err(GgmlError::Damaged(
            "its mel filters are for another spectrogram".into(),
        ));
    }
    let mut bytes = vec![0; bands * mel::BINS * 4];
    file.read_exact(&mut bytes)?;
    let weights: Vec<f32> = bytes
        .as_chunks()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect();
    Ok(mel::Filters::new(&weights))
}

fn read_shape<R: Read>(file: &mut R) -> Result<Shape, GgmlError> {
    let mut next = |least, most, what| in_range(read_i32(file)?, least, most, what);
    let n_vocab = next(51_000, 60_000, "n_vocab")?;
    let n_audio_ctx = next(8, 1500, "n_audio_ctx")?;
    let n_audio_state = next(8, 4096, "n_audio_state")?;
    let audio_heads = next(1, 64, "n_audio_head")?;
    next(1, 128, "n_audio_layer")?;
    let n_text_ctx = next(16, 4096, "n_text_ctx")?;
    let text_state = next(8, 4096, "n_text_state")?;
    let text_heads = next(1, 64, "n_text_head")?;
    next(1, 128, "n_text_layer")?;
    let n_mels = next(40, 256, "n_mels")?;
    next(0, 100_000, "ftype")?;
    if n_audio_state != text_state
        || !n_audio_state.is_multiple_of(audio_heads)
        || !text_state.is_multiple_of(text_heads)
    {
        return Err(GgmlError::Damaged(
            "its layer widths contradict each other".into(),
        ));
    }
    Ok(Shape {
        n_vocab,
        n_audio_ctx,
        n_audio_state,
        n_text_ctx,
        n_mels,
    })
}

fn skip_tensor<R: Read + Seek>(file: &mut R, length: u64) -> Result<Tensor, GgmlError> {
    let dimensions = in_range(read_i32(file)?, 1, 4, "tensor dimensions")?;
    let name = in_range(read_i32(file)?, 1, 256, "bytes in a tensor's name")?;
    let kind_at = position(file)?;
    let kind = read_i32(file)?;
    let Some(&(_, block, bytes)) = TYPES.iter().find(|(number, ..)| *number == kind) else {
        return Err(GgmlError::Damaged(format!(
            "a tensor has the unknown type {kind}"
        )));
    };
    let mut elements = 1_u64;
    for _ in 0..dimensions {
        elements *= u64::from(in_range(read_i32(file)?, 1, 1_000_000, "tensor size")?);
        if elements > 1 << 32 {
            return Err(GgmlError::Damaged("a tensor is impossibly large".into()));
        }
    }
    skip(file, u64::from(name), length)?;
    let start = position(file)?;
    skip(file, elements / block * bytes, length)?;
    Ok(Tensor {
        kind,
        kind_at,
        data: start..position(file)?,
    })
}

fn position<R: Seek>(file: &mut R) -> Result<usize, GgmlError> {
    usize::try_from(file.stream_position()?).map_err(|_| GgmlError::Truncated)
}

fn read_i32<R: Read>(file: &mut R) -> Result<i32, GgmlError> {
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes)?;
    Ok(i32::from_le_bytes(bytes))
}

fn in_range(value: i32, least: u32, most: u32, what: &str) -> Result<u32, GgmlError> {
    u32::try_from(value)
        .ok()
        .filter(|v| (least..=most).contains(v))
        .ok_or_else(|| GgmlError::Damaged(format!("{what} is {value}, which no Whisper model has")))
}

fn skip<R: Read + Seek>(file: &mut R, bytes: u64, length: u64) -> Result<(), GgmlError> {
    if file.stream_position()?.saturating_add(bytes) > length {
        return Err(GgmlError::Truncated);
    }
    file.seek_relative(i64::try_from(bytes).map_err(|_| GgmlError::Truncated)?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::packed;
    use super::*;
    use std::borrow::Cow;
    use std::io::Cursor;

    fn bundled() -> Cow<'static, [u8]> {
        packed::plain(include_bytes!("../../models/attendant-en.bin")).unwrap()
    }

    #[test]
    fn the_bundled_model_is_whole() {
        let file = bundled();
        let shape = inspect(&mut Cursor::new(&file)).unwrap();
        assert!(shape.n_audio_ctx >= 250, "{shape:?}");
        let filters = mel_filters(&mut Cursor::new(&file)).unwrap();
        assert_eq!(filters.bands(), shape.n_mels as usize);
    }

    #[test]
    fn every_cut_is_noticed() {
        let file = bundled();
        for keep in [1, 4, 47, 1000, file.len() / 2, file.len() - 1] {
            let error = inspect(&mut Cursor::new(&file[..keep])).unwrap_err();
            assert!(
                matches!(error, GgmlError::Truncated | GgmlError::NotGgml),
                "{keep}: {error}"
            );
        }
        assert!(matches!(
            inspect(&mut Cursor::new([])),
            Err(GgmlError::Empty)
        ));
    }

    #[test]
    fn a_lying_header_is_refused() {
        let mut file = bundled()[..4096].to_vec();
        file[8..12].copy_from_slice(&i32::MAX.to_le_bytes());
        assert!(matches!(
            inspect(&mut Cursor::new(file)),
            Err(GgmlError::Damaged(_))
        ));
    }

    proptest::proptest! {
        #[test]
        fn garbage_never_panics(tail in proptest::collection::vec(proptest::num::u8::ANY, 0..600)) {
            let mut file = MAGIC.to_le_bytes().to_vec();
            file.extend(tail);
            proptest::prop_assert!(inspect(&mut Cursor::new(file)).is_err());
        }
    }
}
