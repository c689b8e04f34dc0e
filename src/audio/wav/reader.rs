//! Reading: chunks, then samples a few thousand at a time, then frames.
//!
//! Memory does not depend on the file: a 10-hour recording takes no more than a short one.

use super::format::WavFormat;
use crate::audio::resample::{RateError, Resampler, check_rate, converted_len};
use crate::audio::{FRAME_SAMPLES, Frame, RATE_HZ};
use std::io::{self, Read};

/// Bytes read at a time, at most.
const READ_BYTES: usize = 16 * 1024;
/// A format chunk longer than this is nonsense.
const MAX_FORMAT_BYTES: u64 = 1024;
/// More chunks before the data than this are nonsense.
const MAX_CHUNKS: usize = 1000;
/// More channels than this are nonsense.
const MAX_CHANNELS: u16 = 64;

/// Why a file cannot be heard. Each text ends with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum WavError {
    #[error("not a WAV file\nhint: convert it first, for example with `sox IN OUT.wav`")]
    NotWav,
    #[error("the file is empty\nhint: the recording may have failed; make it again")]
    EmptyFile,
    #[error("the WAV file holds no sound\nhint: the recording may have failed; make it again")]
    NoSound,
    #[error(
        "this WAV file cannot be read: {0}\n\
         hint: convert it first, for example with `sox IN.wav -b 16 -r 16000 OUT.wav`"
    )]
    Unsupported(String),
    #[error(transparent)]
    Rate(#[from] RateError),
    #[error(
        "the WAV file has {channels} channel(s), there is no right one\nhint: choose left or mix"
    )]
    NoSuchChannel { channels: u16 },
    #[error("reading failed: {0}\nhint: check the disk and the file's permissions")]
    Io(#[from] io::Error),
}

/// What was wrong with a file that could be heard all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WavWarning {
    /// The end is missing.
    Truncated,
    /// Reading failed half way.
    ReadFailed(io::ErrorKind),
}

impl std::error::Error for WavWarning {}

impl std::fmt::Display for WavWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Truncated => write!(
                f,
                "the file ends before its header says; what is there was read\nhint: the recording or the copy was cut off; make it again"
            ),
            Self::ReadFailed(kind) => write!(
                f,
                "reading failed half way ({kind}); what came before was used"
            ),
        }
    }
}

/// Which channel is heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Channel {
    /// The mean of all.
    #[default]
    Mix,
    /// The first.
    Left,
    /// The second.
    Right,
}

/// An iterator over a file's sound in 16 kHz mono frames, the last one filled up with silence. Ask
/// [`WavReader::warning`] when it has ended.
pub struct WavReader<R> {
    source: R,
    format: WavFormat,
    channel: Channel,
    /// Bytes of sound left, as far as the header knows.
    left: Option<u64>,
    /// Raw bytes: whole samples and perhaps a part of one.
    raw: Vec<u8>,
    raw_len: usize,
    mono: Vec<i16>,
    converter: Resampler,
    /// Converted samples; `start..` are still to be handed out.
    ready: Vec<i16>,
    start: usize,
    /// Converted samples to be dropped: the converter's delay.
    skip: usize,
    /// Source samples read, and converted ones handed out or ready.
    read: u64,
    converted: u64,
    ended: bool,
    warning: Option<WavWarning>,
}

impl<R: Read> WavReader<R> {
    /// Reads the header and the first samples.
    ///
    /// # Errors
    /// Everything that leaves nothing to hear: [`WavError`].
    pub fn new(mut source: R, channel: Channel) -> Result<Self, WavError> {
        let (format, left) = find_sound(&mut source)?;
        check_rate(format.rate_hz)?;
        if format.channels > MAX_CHANNELS {
            return Err(WavError::Unsupported(format!(
                "it has {} channels",
                format.channels
            )));
        }
        if channel == Channel::Right && format.channels < 2 {
            return Err(WavError::NoSuchChannel {
                channels: format.channels,
            });
        }
        let converter = Resampler::new(format.rate_hz, RATE_HZ)?;
        let frames = READ_BYTES / format.frame_bytes();
        let mut reader = Self {
            source,
            format,
            channel,
            left,
            raw: vec![0; frames * format.frame_bytes()],
            raw_len: 0,
            mono: Vec::with_capacity(frames),
            skip: converter.delay(),
            converter,
            ready: Vec::new(),
            start: 0,
            read: 0,
            converted: 0,
            ended: false,
            warning: None,
        };
        reader.fill();
        match (reader.read, reader.warning) {
            (0, Some(WavWarning::ReadFailed(kind))) => Err(WavError::Io(kind.into())),
            (0, _) => Err(WavError::NoSound),
            _ => Ok(reader),
        }
    }

    /// What the header says.
    pub fn format(&self) -> WavFormat {
        self.format
    }

    /// Length as the header gives it, in ms; none where it does not (a recorder that died, a stream).
    pub fn declared_ms(&self) -> Option<u64> {
        let total = self.left? / self.format.frame_bytes() as u64 + self.read;
        Some(total * 1000 / u64::from(self.format.rate_hz))
    }

    /// Samples at 16 kHz handed out or ready; once the iterator has ended, the length of the sound
    /// without the filling of the last frame.
    pub fn samples(&self) -> u64 {
        self.converted
    }

    /// What was wrong, as far as is known by now.
    pub fn warning(&self) -> Option<WavWarning> {
        self.warning
    }

    /// Reads on until there is something ready, or the end.
    fn fill(&mut self) {
        let before = self.ready.len();
        while !self.ended && self.ready.len() == before {
            let wanted = (self.raw.len() - self.raw_len) as u64;
            let wanted = wanted.min(self.left.unwrap_or(u64::MAX)) as usize;
            match self
                .source
                .read(&mut self.raw[self.raw_len..self.raw_len + wanted])
            {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.end(Some(WavWarning::ReadFailed(error.kind()))),
                Ok(0) => self.end(
                    self.left
                        .is_some_and(|left| left > 0)
                        .then_some(WavWarning::Truncated),
                ),
                Ok(count) => self.take(count),
            }
        }
    }

    /// Converts the whole samples among the raw bytes, of which `count` are new.
    fn take(&mut self, count: usize) {
        self.raw_len += count;
        self.left = self.left.map(|left| left - count as u64);
        let frame_bytes = self.format.frame_bytes();
        let whole = self.raw_len - self.raw_len % frame_bytes;
        let (format, channel) = (self.format, self.channel);
        self.mono.clear();
        self.mono.extend(
            self.raw[..whole]
                .chunks_exact(frame_bytes)
                .map(|frame| to_mono(frame, format, channel)),
        );
        self.raw.copy_within(whole..self.raw_len, 0);
        self.raw_len -= whole;
        self.read += self.mono.len() as u64;
        let before = self.ready.len();
        self.converter.push(&self.mono, &mut self.ready);
        self.settle(before);
    }

    /// Drops the converter's delay from what was appended after `before`, and counts the rest.
    fn settle(&mut self, before: usize) {
        let dropped = self.skip.min(self.ready.len() - before);
        self.ready.drain(before..before + dropped);
        self.skip -= dropped;
        self.converted += (self.ready.len() - before) as u64;
    }

    /// Gets the last samples out of the converter: as long after as before.
    fn end(&mut self, warning: Option<WavWarning>) {
        self.ended = true;
        self.warning = warning;
        let total = converted_len(self.read, self.format.rate_hz, RATE_HZ);
        while self.converted < total {
            let before = self.ready.len();
            self.converter.flush(&mut self.ready);
            self.settle(before);
        }
        let surplus = (self.converted - total) as usize;
        self.ready
            .truncate(self.ready.len().saturating_sub(surplus));
        self.converted = total;
    }
}

impl<R: Read> Iterator for WavReader<R> {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        while !self.ended && self.ready.len() - self.start < FRAME_SAMPLES {
            self.ready.drain(..self.start);
            self.start = 0;
            self.fill();
        }
        let rest = &self.ready[self.start..];
        if rest.is_empty() {
            return None;
        }
        let count = rest.len().min(FRAME_SAMPLES);
        let mut frame = Frame::SILENCE;
        frame.0[..count].copy_from_slice(&rest[..count]);
        self.start += count;
        Some(frame)
    }
}

fn to_mono(frame: &[u8], format: WavFormat, channel: Channel) -> i16 {
    let bytes = format.sample_bytes();
    let sample = |n: usize| format.coding.decode(&frame[n * bytes..(n + 1) * bytes]);
    match channel {
        Channel::Left => sample(0),
        Channel::Right => sample(1),
        Channel::Mix => {
            let channels = usize::from(format.channels);
            let sum: i32 = (0..channels).map(|n| i32::from(sample(n))).sum();
            (sum / channels as i32) as i16
        }
    }
}

/// Walks the chunks up to the sound; the format, and the bytes of sound where the header knows.
fn find_sound(source: &mut impl Read) -> Result<(WavFormat, Option<u64>), WavError> {
    let mut head = [0; 12];
    match read_up_to(source, &mut head)? {
        0 => return Err(WavError::EmptyFile),
        12 if matches!(&head[..4], b"RIFF" | b"RF64") && &head[8..] == b"WAVE" => {}
        _ => return Err(WavError::NotWav),
    }
    let riff_end = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]])) + 8;
    let mut format = None;
    // Counted, not asked for: a pipe does not know where it is.
    let mut here = 12;
    for _ in 0..MAX_CHUNKS {
        let mut head = [0; 8];
        if read_up_to(source, &mut head)? < head.len() {
            break;
        }
        let length = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
        here += 8;
        match (&head[..4], format) {
            (b"data", Some(format)) => {
                return Ok((format, sound_len(length, riff_end, here)));
            }
            (b"data", None) => {
                return Err(WavError::Unsupported(
                    "no format chunk comes before the sound".into(),
                ));
            }
            (b"fmt ", _) if length <= MAX_FORMAT_BYTES => {
                let mut body = vec![0; length as usize];
                let there = read_up_to(source, &mut body)?;
                format = Some(WavFormat::parse(&body[..there]).map_err(WavError::Unsupported)?);
                skip(source, length % 2)?;
            }
            // Chunks lie at even places.
            _ => skip(source, length + length % 2)?,
        }
        here += length + length % 2;
    }
    Err(WavError::NoSound)
}

/// 0 and all ones mean that the recorder never came back to fill it in (RF64: that it is elsewhere),
/// but 0 is true where the file's own length says that something follows.
fn sound_len(length: u64, riff_end: u64, here: u64) -> Option<u64> {
    let unknown =
        length == 0xffff_ffff || (length == 0 && !(here + 8..0xffff_ffff).contains(&riff_end));
    (!unknown).then_some(length)
}

/// Reads past, so that pipes can be heard, too.
fn skip(source: &mut impl Read, bytes: u64) -> io::Result<()> {
    io::copy(&mut source.take(bytes), &mut io::sink()).map(|_| ())
}

/// Fills `buffer` as far as the source goes.
fn read_up_to(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
