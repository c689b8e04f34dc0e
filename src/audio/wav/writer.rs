//! Writing: 16 kHz, 16 bits, one channel (what the engine heard) or two (caller left, bot right).

use crate::audio::{Frame, RATE_HZ};
use std::io::{self, Seek, Write};

/// Why a recording cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("writing failed: {0}\nhint: check the space left on the disk and the folder's permissions")]
    Io(#[from] io::Error),
    /// 4 GiB: 37 hours in mono, 18 in stereo.
    #[error("a WAV file cannot grow beyond 4 GiB\nhint: start a new file")]
    Full,
}

/// Bytes of sound that fit, with room for the header.
const MAX_BYTES: u64 = u32::MAX as u64 - 1024;

/// A WAV file in the making. Call [`WavWriter::finish`]: a process that dies leaves a header whose
/// lengths are those of the last [`WavWriter::flush`].
pub struct WavWriter<W: Write + Seek> {
    inner: hound::WavWriter<W>,
    /// Bytes of sound written.
    written: u64,
}

impl<W: Write + Seek> WavWriter<W> {
    /// # Errors
    /// [`WriteError::Io`] when the header cannot be written.
    pub fn mono(sink: W) -> Result<Self, WriteError> {
        Self::new(sink, 1)
    }

    /// # Errors
    /// [`WriteError::Io`] when the header cannot be written.
    pub fn stereo(sink: W) -> Result<Self, WriteError> {
        Self::new(sink, 2)
    }

    fn new(sink: W, channels: u16) -> Result<Self, WriteError> {
        let sample_format = hound::SampleFormat::Int;
        let spec = hound::WavSpec { channels, sample_rate: RATE_HZ, bits_per_sample: 16, sample_format };
        Ok(Self { inner: hound::WavWriter::new(sink, spec)?, written: 0 })
    }

    /// Appends a frame; in a stereo file to both channels.
    ///
    /// # Errors
    /// The disk is full, or the file is.
    pub fn write(&mut self, frame: &Frame) -> Result<(), WriteError> {
        match self.inner.spec().channels {
            1 => self.append(frame.0.iter().copied()),
            _ => self.write_pair(frame, frame),
        }
    }

    /// Appends a frame to each channel; in a mono file their mean.
    ///
    /// # Errors
    /// The disk is full, or the file is.
    pub fn write_pair(&mut self, left: &Frame, right: &Frame) -> Result<(), WriteError> {
        let pairs = left.0.iter().zip(&right.0);
        match self.inner.spec().channels {
            1 => self.append(pairs.map(|(&l, &r)| ((i32::from(l) + i32::from(r)) / 2) as i16)),
            _ => self.append(pairs.flat_map(|(&l, &r)| [l, r])),
        }
    }

    /// Appends samples of a mono file (of a stereo one: left, right, left …).
    ///
    /// # Errors
    /// The disk is full, or the file is.
    pub fn write_samples(&mut self, samples: &[i16]) -> Result<(), WriteError> {
        self.append(samples.iter().copied())
    }

    /// Brings the header up to date and hands everything to the sink.
    ///
    /// # Errors
    /// The disk is full.
    pub fn flush(&mut self) -> Result<(), WriteError> {
        Ok(self.inner.flush()?)
    }

    /// Completes the header.
    ///
    /// # Errors
    /// The disk is full.
    pub fn finish(self) -> Result<(), WriteError> {
        Ok(self.inner.finalize()?)
    }

    fn append(&mut self, samples: impl Iterator<Item = i16>) -> Result<(), WriteError> {
        for sample in samples {
            self.written += 2;
            if self.written > MAX_BYTES {
                return Err(WriteError::Full);
            }
            self.inner.write_sample(sample)?;
        }
        Ok(())
    }
}

impl From<hound::Error> for WriteError {
    fn from(error: hound::Error) -> Self {
        match error {
            hound::Error::IoError(error) => Self::Io(error),
            _ => Self::Full,
        }
    }
}
