//! The waveforms of both sides, small enough for a page: the lowest and highest sample of each stretch,
//! in 8 bits. An hour has 180 000 stretches of 20 ms, 720 kB for both sides.

use crate::audio::wav::{Channel, WavReader};
use crate::bundle::{BOTH, Bundle, CALLER};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Samples of the shortest stretch: 10 ms.
const FINEST: usize = 160;
const FINEST_MS: u32 = 10;
/// Stretches of a side; above this they are made twice as long.
const MOST: usize = 200_000;
/// A side quieter than this is not drawn as if it were loud, in 16-bit samples: −30 dB.
const QUIET: u16 = 1036;

/// Both sides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sound {
    pub caller: Option<Wave>,
    pub bot: Option<Wave>,
}

/// One side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wave {
    /// Length of a stretch.
    pub ms: u32,
    /// Lowest and highest sample of each, 127 being the loudest of the call.
    pub extremes: Vec<[i8; 2]>,
}

impl Sound {
    /// What of a call's sound is there: of damaged files as much as can be read.
    pub fn of(bundle: &Bundle) -> Self {
        let both = bundle.file(BOTH);
        let side = |channel| wave(both.as_deref()?, channel);
        let alone = || wave(bundle.file(CALLER)?.as_path(), Channel::Mix);
        Self {
            caller: side(Channel::Left).or_else(alone),
            bot: side(Channel::Right),
        }
    }
}

fn wave(path: &Path, channel: Channel) -> Option<Wave> {
    let frames = WavReader::new(BufReader::new(File::open(path).ok()?), channel).ok()?;
    let samples = frames.flat_map(|frame| frame.0);
    Some(Wave::of(samples)).filter(|wave| !wave.extremes.is_empty())
}

impl Wave {
    /// The envelope of 16 kHz samples.
    pub fn of(samples: impl Iterator<Item = i16>) -> Self {
        let mut ms = FINEST_MS;
        let mut length = FINEST;
        let mut all: Vec<[i16; 2]> = Vec::new();
        let (mut now, mut count) = ([i16::MAX, i16::MIN], 0);
        for sample in samples {
            now = [now[0].min(sample), now[1].max(sample)];
            count += 1;
            if count == length {
                all.push(now);
                (now, count) = ([i16::MAX, i16::MIN], 0);
                if all.len() == MOST {
                    all = halved(&all);
                    ms *= 2;
                    length *= 2;
                }
            }
        }
        if count > 0 {
            all.push(now);
        }
        let loudest = all
            .iter()
            .flatten()
            .map(|sample| sample.unsigned_abs())
            .max();
        let loudest = i32::from(loudest.unwrap_or_default().max(QUIET));
        let small = |sample: i16| (i32::from(sample) * 127 / loudest) as i8;
        Self {
            ms,
            extremes: all.iter().map(|pair| pair.map(small)).collect(),
        }
    }

    /// The extremes between two moments, in ms.
    pub fn between(&self, from_ms: u32, to_ms: u32) -> [i8; 2] {
        let last = self.extremes.len();
        let from = ((from_ms / self.ms) as usize).min(last);
        let to = (to_ms.div_ceil(self.ms) as usize).clamp(from, last);
        let stretch = &self.extremes[from..to];
        let low = stretch.iter().map(|pair| pair[0]).min().unwrap_or_default();
        let high = stretch.iter().map(|pair| pair[1]).max().unwrap_or_default();
        [low, high]
    }
}

fn halved(all: &[[i16; 2]]) -> Vec<[i16; 2]> {
    let pairs = all.chunks(2);
    pairs
        .map(|pair| {
            let low = pair.iter().map(|one| one[0]).min().unwrap_or_default();
            let high = pair.iter().map(|one| one[1]).max().unwrap_or_default();
            [low, high]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_keeps_the_extremes_of_each_stretch() {
        let loud = (0..FINEST as i32 * 3).map(|n| if n / 160 == 1 { -20_000 } else { 10_000 });
        let wave = Wave::of(loud.map(|sample| sample as i16));
        assert_eq!(wave.extremes, [[63, 63], [-127, -127], [63, 63]]);
        assert_eq!(wave.between(0, 20), [-127, 63]);
        assert_eq!(wave.between(500, 900), [0, 0], "after its end");
    }

    #[test]
    fn a_silent_line_is_not_drawn_loud() {
        let wave = Wave::of(std::iter::repeat_n(10, 16_000));
        assert!(wave.extremes.iter().all(|pair| pair[1] <= 1));
    }

    #[test]
    fn an_hour_stays_small() {
        let hour = (0..16_000 * 3600u32).map(|n| (n % 1000) as i16);
        let wave = Wave::of(hour);
        assert!(wave.extremes.len() <= MOST, "{}", wave.extremes.len());
        assert_eq!(wave.ms, 20);
    }

    fn bundle(folder: &Path) -> Bundle {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("audio-fixtures/calls/nod");
        Bundle {
            folder: folder.to_owned(),
            ..Bundle::open(&fixture).expect("a call")
        }
    }

    #[test]
    fn both_sides_are_read_from_one_file_the_caller_alone_from_the_other() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(Sound::of(&bundle(folder.path())), Sound::default());
        let write = |name, channels: u16, samples: &[i16]| {
            let spec = hound::WavSpec {
                channels,
                sample_rate: 16_000,
                bits_per_sample: 16,
                sample_format: hound::SampleFormat::Int,
            };
            let path = folder.path().join(name);
            let mut wav = hound::WavWriter::create(path, spec).expect("a file");
            for sample in samples {
                wav.write_sample(*sample).expect("written");
            }
            wav.finalize().expect("written");
        };
        write(CALLER, 1, &[5000; 3200]);
        let sound = Sound::of(&bundle(folder.path()));
        assert!(sound.bot.is_none());
        assert_eq!(sound.caller.map(|wave| wave.extremes[3]), Some([127, 127]));
        let both: Vec<i16> = [[-8000, 2000]; 3200].concat();
        write(BOTH, 2, &both);
        let sound = Sound::of(&bundle(folder.path()));
        assert_eq!(
            sound.caller.map(|wave| wave.extremes[3]),
            Some([-127, -127])
        );
        assert_eq!(sound.bot.map(|wave| wave.extremes[3]), Some([127, 127]));
    }
}
