//! Speech into a WAV file, or as WAV into a pipe.
//!
//! Decides how the header gets its lengths, which are known only at the end: a file is patched and
//! appears under its name when it is whole; a pipe gets true lengths when all of it fits in memory.

use super::Sink;
use anyhow::{Context, bail};
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Held back for the true lengths, in bytes: more than four minutes at 16 kHz.
const HELD_BYTES: usize = 8 * 1024 * 1024;
/// Length that readers take as "until the end of the stream".
const UNKNOWN: u32 = u32::MAX;
/// RIFF header, format and the data chunk's head, in bytes.
const HEADER: u32 = 44;

/// A sink for `path`: a file of its own, or a stream when something other than a file is there.
pub(super) fn open(path: &Path, rate_hz: u32) -> anyhow::Result<Box<dyn Sink>> {
    let special = path.metadata().is_ok_and(|meta| !meta.is_file());
    if path.is_dir() {
        bail!("{} is a folder\nhint: name a file in it", path.display());
    }
    if special {
        let file = File::options()
            .write(true)
            .open(path)
            .with_context(|| cannot_write(path))?;
        return Ok(Box::new(Stream::new(Box::new(file), rate_hz)));
    }
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let file = File::create(&part).with_context(|| cannot_write(path))?;
    let mut sink = WavFile {
        file: BufWriter::new(file),
        part,
        path: path.to_owned(),
        rate_hz,
        bytes: 0,
        whole: false,
    };
    sink.file
        .write_all(&header(rate_hz, 0))
        .with_context(|| cannot_write(path))?;
    Ok(Box::new(sink))
}

fn cannot_write(path: &Path) -> String {
    format!("{} cannot be written", path.display())
}

/// A file that gets its name when it is whole.
struct WavFile {
    file: BufWriter<File>,
    part: PathBuf,
    path: PathBuf,
    rate_hz: u32,
    bytes: u64,
    whole: bool,
}

impl Sink for WavFile {
    fn play(&mut self, samples: &[i16]) -> anyhow::Result<()> {
        self.bytes += samples.len() as u64 * 2;
        if self.bytes > u64::from(u32::MAX - HEADER) {
            bail!(
                "the speech is longer than a WAV file can hold (4 GiB)\nhint: split the text, or lower --rate-hz"
            );
        }
        self.file
            .write_all(&bytes(samples))
            .with_context(|| cannot_write(&self.path))
    }

    fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    fn finish(mut self: Box<Self>) -> anyhow::Result<()> {
        let header = header(self.rate_hz, self.bytes as u32);
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.write_all(&header))
            .and_then(|()| self.file.flush())
            .and_then(|()| std::fs::rename(&self.part, &self.path))
            .with_context(|| cannot_write(&self.path))?;
        self.whole = true;
        Ok(())
    }
}

impl Drop for WavFile {
    fn drop(&mut self) {
        if !self.whole {
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

/// A pipe or a device.
pub(super) struct Stream {
    to: Box<dyn Write>,
    rate_hz: u32,
    /// None once the header is out.
    held: Option<Vec<u8>>,
}

impl Stream {
    pub(super) fn stdout(rate_hz: u32) -> anyhow::Result<Self> {
        let stdout = io::stdout();
        if stdout.is_terminal() {
            bail!("sound cannot be shown on a terminal\nhint: attendant say … --out - | aplay");
        }
        Ok(Self::new(Box::new(stdout), rate_hz))
    }

    fn new(to: Box<dyn Write>, rate_hz: u32) -> Self {
        Self {
            to,
            rate_hz,
            held: Some(Vec::new()),
        }
    }
}

impl Sink for Stream {
    fn play(&mut self, samples: &[i16]) -> anyhow::Result<()> {
        let bytes = bytes(samples);
        match &mut self.held {
            Some(held) if held.len() + bytes.len() <= HELD_BYTES => held.extend(bytes),
            Some(held) => {
                self.to.write_all(&header(self.rate_hz, UNKNOWN))?;
                self.to.write_all(held)?;
                self.to.write_all(&bytes)?;
                self.held = None;
            }
            None => self.to.write_all(&bytes)?,
        }
        Ok(())
    }

    fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    fn finish(mut self: Box<Self>) -> anyhow::Result<()> {
        if let Some(held) = self.held.take() {
            self.to
                .write_all(&header(self.rate_hz, held.len() as u32))?;
            self.to.write_all(&held)?;
        }
        Ok(self.to.flush()?)
    }
}

fn bytes(samples: &[i16]) -> Vec<u8> {
    samples
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect()
}

/// Canonical WAV header: PCM, mono, 16 bits.
fn header(rate_hz: u32, data: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER as usize);
    out.extend(b"RIFF");
    out.extend(data.saturating_add(HEADER - 8).to_le_bytes());
    out.extend(b"WAVEfmt ");
    out.extend(16_u32.to_le_bytes());
    out.extend([1, 0, 1, 0]);
    out.extend(rate_hz.to_le_bytes());
    out.extend((rate_hz * 2).to_le_bytes());
    out.extend([2, 0, 16, 0]);
    out.extend(b"data");
    out.extend(data.to_le_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, data: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("test").extend(data);
            Ok(data.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn stream(blocks: usize) -> Vec<u8> {
        let out = Shared::default();
        let mut stream = Box::new(Stream::new(Box::new(out.clone()), 8000));
        for _ in 0..blocks {
            stream.play(&vec![7; 1024 * 1024]).expect("played");
        }
        stream.finish().expect("finished");
        std::mem::take(&mut out.0.lock().expect("test"))
    }

    #[test]
    fn a_short_stream_has_true_lengths_and_a_long_one_has_none() {
        let short = stream(2);
        let read = hound::WavReader::new(&short[..]).expect("a WAV");
        assert_eq!(
            (read.spec().sample_rate, read.duration()),
            (8000, 2 * 1024 * 1024)
        );
        let long = stream(5);
        assert_eq!(long.len(), HEADER as usize + 5 * 2 * 1024 * 1024);
        assert_eq!(long[40..44], UNKNOWN.to_le_bytes());
    }

    #[test]
    fn a_file_appears_when_it_is_whole() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let path = dir.path().join("a.wav");
        let mut sink = open(&path, 16_000).expect("opened");
        sink.play(&[1, -2, 3]).expect("played");
        assert!(!path.exists());
        drop(sink);
        assert_eq!(
            std::fs::read_dir(dir.path()).expect("listed").count(),
            0,
            "given up: nothing is left"
        );
        let mut sink = open(&path, 16_000).expect("opened");
        sink.play(&[1, -2, 3]).expect("played");
        sink.finish().expect("finished");
        let mut read = hound::WavReader::open(&path).expect("a WAV");
        assert_eq!(
            read.samples::<i16>().flatten().collect::<Vec<_>>(),
            [1, -2, 3]
        );
        assert!(
            open(dir.path(), 16_000).is_err()
                && open(&dir.path().join("no/a.wav"), 16_000).is_err()
        );
    }
}
