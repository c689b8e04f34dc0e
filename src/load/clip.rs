//! What a caller says: a WAV file or a built-in sound, cut into blocks of 20 ms.

use crate::audio::resample::resample_all;
use crate::audio::wav::{Channel, WavReader};
use crate::audio::{Frame, RATE_HZ, TICK_MS};
use audio_codec_algorithms::encode_ulaw;
use std::io::{BufReader, Cursor};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Sampling rate on the wire, in Hz.
const WIRE_HZ: usize = 8000;
/// Samples of a media message: 20 ms.
pub const BLOCK: usize = 160;
/// 20 ms of µ-law.
pub type Block = [u8; BLOCK];
/// 20 ms of nothing.
pub const SILENCE: Block = [0xFF; BLOCK];
/// Longest clip, in s.
const LONGEST_S: usize = 60;
/// The same in frames.
const LONGEST_FRAMES: usize = LONGEST_S * 1000 / TICK_MS as usize;

/// What the built-in caller says: asks, gives a number, confirms it, asks on.
const SHOP: [(&str, &[u8]); 5] = [
    (
        "order",
        include_bytes!("../../audio-fixtures/hearing/order.wav"),
    ),
    (
        "number",
        include_bytes!("../../audio-fixtures/hearing/number.wav"),
    ),
    (
        "yes",
        include_bytes!("../../audio-fixtures/hearing/yes.wav"),
    ),
    (
        "hours",
        include_bytes!("../../audio-fixtures/hearing/hours.wav"),
    ),
    (
        "return",
        include_bytes!("../../audio-fixtures/hearing/return.wav"),
    ),
];

/// Speech, ready to send.
#[derive(Debug)]
pub struct Clip {
    /// For the report: the file's name without its ending.
    pub name: String,
    pub blocks: Vec<Block>,
    /// Samples before the first one that can be heard.
    pub voice_from: usize,
    /// Samples up to and with the last one that can be heard.
    pub voice_to: usize,
}

/// Why a file is no clip.
#[derive(Debug, thiserror::Error)]
pub enum ClipError {
    #[error("{path} cannot be read: {cause}")]
    Read { path: PathBuf, cause: String },
    #[error("{path} cannot be listed: {cause}\nhint: give a WAV file, or a folder of them")]
    List {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error("{path} holds no WAV file\nhint: give a WAV file, or a folder of them")]
    Empty { path: PathBuf },
    #[error("{path} is silent")]
    Silent { path: PathBuf },
    #[error("{path} is longer than {LONGEST_S} s\nhint: cut it into turns")]
    Long { path: PathBuf },
}

impl Clip {
    /// The WAV file, or every WAV file of the folder, by name.
    ///
    /// # Errors
    /// When there is none, or one is not usable.
    pub fn load(path: &Path) -> Result<Vec<Self>, ClipError> {
        if !path.is_dir() {
            return Ok(vec![Self::read(path)?]);
        }
        let list = |cause| ClipError::List {
            path: path.to_owned(),
            cause,
        };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(path).map_err(list)? {
            let file = entry.map_err(list)?.path();
            if file
                .extension()
                .is_some_and(|extension| extension.eq_ignore_ascii_case("wav"))
            {
                files.push(file);
            }
        }
        files.sort();
        if files.is_empty() {
            return Err(ClipError::Empty {
                path: path.to_owned(),
            });
        }
        files.iter().map(|file| Self::read(file)).collect()
    }

    fn read(path: &Path) -> Result<Self, ClipError> {
        let unreadable = |cause: String| ClipError::Read {
            path: path.to_owned(),
            cause,
        };
        let file = std::fs::File::open(path).map_err(|error| unreadable(error.to_string()))?;
        let name = path
            .file_stem()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        // The first channel: the caller's, in a stereo recording of ours.
        let frames = WavReader::new(BufReader::new(file), Channel::Left)
            .map_err(|error| unreadable(error.to_string()))?;
        let frames: Vec<_> = frames.take(LONGEST_FRAMES + 1).collect();
        if frames.len() > LONGEST_FRAMES {
            return Err(ClipError::Long {
                path: path.to_owned(),
            });
        }
        Self::of(name, &frames).ok_or_else(|| ClipError::Silent {
            path: path.to_owned(),
        })
    }

    /// A caller of the sample shop, sentence by sentence: several voices, telephone band.
    pub fn shop() -> Vec<Self> {
        SHOP.iter()
            .filter_map(|(name, wav)| {
                let frames: Vec<Frame> = WavReader::new(Cursor::new(*wav), Channel::Left)
                    .ok()?
                    .collect();
                Self::of((*name).to_owned(), &frames)
            })
            .collect()
    }

    /// Frames; none where nothing can be heard in them.
    pub fn of(name: String, frames: &[Frame]) -> Option<Self> {
        let samples: Vec<i16> = frames.iter().flat_map(|frame| frame.0).collect();
        let narrow: Vec<f32> = resample_all(&samples, RATE_HZ, WIRE_HZ as u32)
            .into_iter()
            .map(f32::from)
            .collect();
        Self::new(name, &narrow)
    }

    /// A voiced sound of 1.2 s, for want of a file: pulses at 120 Hz through three resonances that
    /// glide from "ah" to "ee". No recogniser takes it for words, but a voice detector may for voice.
    pub fn synthetic() -> Self {
        let (rate, pitch_hz, total) = (WIRE_HZ as f32, 120.0, WIRE_HZ * 6 / 5);
        let mut filters = [[0.0f32; 2]; 3];
        let samples: Vec<f32> = (0..total)
            .map(|n| {
                let along = n as f32 / total as f32;
                let formants = [(730.0, 270.0), (1090.0, 2290.0), (2440.0, 3010.0)];
                let mut sound = if (n as f32 * pitch_hz / rate).fract() < pitch_hz / rate {
                    1.0
                } else {
                    0.0
                };
                for (state, (from, to)) in filters.iter_mut().zip(formants) {
                    let (hz, radius) = (from + (to - from) * along, 0.97f32);
                    let turn = (hz * std::f32::consts::TAU / rate).cos();
                    let y = sound * (1.0 - radius) + 2.0 * radius * turn * state[0]
                        - radius * radius * state[1];
                    *state = [y, state[0]];
                    sound = y;
                }
                // Fades of 50 ms.
                sound * (along * 24.0).min((1.0 - along) * 24.0).min(1.0)
            })
            .collect();
        let peak = samples
            .iter()
            .fold(f32::MIN_POSITIVE, |peak, s| peak.max(s.abs()));
        let scaled: Vec<f32> = samples.iter().map(|s| s / peak * 12_000.0).collect();
        Self::new("synthetic".into(), &scaled).expect("it is not silent")
    }

    /// Samples at 8 kHz, full scale 32767. `None`: nothing can be heard in them.
    fn new(name: String, samples: &[f32]) -> Option<Self> {
        let peak = samples.iter().fold(0.0f32, |peak, s| peak.max(s.abs()));
        // 30 dB below the peak is the end of a word, not yet the room.
        let voiced = |s: &f32| s.abs() >= (peak / 31.6).max(64.0);
        let voice_from = samples.iter().position(voiced)?;
        let voice_to = samples.iter().rposition(voiced)? + 1;
        let blocks = samples
            .chunks(BLOCK)
            .map(|chunk| {
                let mut block = SILENCE;
                for (byte, sample) in block.iter_mut().zip(chunk) {
                    *byte = encode_ulaw(sample.round() as i16);
                }
                block
            })
            .collect();
        Some(Self {
            name,
            blocks,
            voice_from,
            voice_to,
        })
    }

    /// Time from the clip's start to a sample.
    pub fn time_of(sample: usize) -> Duration {
        Duration::from_micros(sample as u64 * 125)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(
        path: &Path,
        rate_hz: u32,
        channels: u16,
        voice: std::ops::Range<usize>,
        total: usize,
    ) {
        let spec = hound::WavSpec {
            channels,
            sample_rate: rate_hz,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut wav = hound::WavWriter::create(path, spec).expect("a file");
        for n in 0..total {
            let tone = (n as f32 * 500.0 * std::f32::consts::TAU / rate_hz as f32).sin() * 9000.0;
            for channel in 0..channels {
                let sound = if voice.contains(&n) && channel == 0 {
                    tone as i16
                } else {
                    0
                };
                wav.write_sample(sound).expect("room");
            }
        }
        wav.finalize().expect("room");
    }

    #[test]
    fn the_voice_is_found_at_any_rate() {
        let dir = tempfile::tempdir().expect("a folder");
        for (rate_hz, channels) in [(8000u32, 1), (16_000, 2), (44_100, 1)] {
            let file = dir.path().join(format!("{rate_hz}.wav"));
            let rate = rate_hz as usize;
            write(&file, rate_hz, channels, rate / 2..rate, rate * 2);
            let clip = Clip::load(&file).expect("a clip").remove(0);
            assert!(
                clip.voice_from.abs_diff(4000) < 40,
                "{rate_hz}: from {}",
                clip.voice_from
            );
            assert!(
                clip.voice_to.abs_diff(8000) < 40,
                "{rate_hz}: to {}",
                clip.voice_to
            );
            assert_eq!(clip.blocks.len(), 100);
        }
        assert_eq!(Clip::load(dir.path()).expect("a folder of clips").len(), 3);
    }

    #[test]
    fn unusable_files_say_why() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("a.wav");
        assert!(matches!(
            Clip::load(dir.path()),
            Err(ClipError::Empty { .. })
        ));
        write(&file, 8000, 1, 0..0, 800);
        assert!(matches!(Clip::load(&file), Err(ClipError::Silent { .. })));
        std::fs::write(&file, b"RIFF").expect("room");
        assert!(matches!(Clip::load(&file), Err(ClipError::Read { .. })));
    }

    #[test]
    fn the_built_in_caller_speaks() {
        let clips = Clip::shop();
        assert_eq!(clips.len(), SHOP.len(), "every clip can be read and heard");
    }

    #[test]
    fn the_built_in_sound_can_be_heard() {
        let clip = Clip::synthetic();
        assert!(
            clip.voice_to - clip.voice_from > 8000,
            "{} to {}",
            clip.voice_from,
            clip.voice_to
        );
    }
}
