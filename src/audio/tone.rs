//! Sounds made by arithmetic, for tests, benchmarks and fixtures: keys, tones, noise, music, silence.
//!
//! The same arguments give the same samples. Levels are dB below full scale (a sine at full scale
//! counts as 0); 0 dBm0 on a telephone line is about 3.

use super::digit::Digit;
use super::{FRAME_SAMPLES, Frame, RATE_HZ};
use std::f64::consts::TAU;

/// Tones of the rows, Hz (ITU-T Q.23).
pub const ROWS_HZ: [u16; 4] = [697, 770, 852, 941];
/// Tones of the columns, Hz.
pub const COLUMNS_HZ: [u16; 4] = [1209, 1336, 1477, 1633];
/// The keys by row and column.
pub const KEYS: [[char; 4]; 4] = [
    ['1', '2', '3', 'A'],
    ['4', '5', '6', 'B'],
    ['7', '8', '9', 'C'],
    ['*', '0', '#', 'D'],
];

/// Samples at 16 kHz in `ms` milliseconds.
pub const fn samples(ms: u32) -> usize {
    (ms as usize * RATE_HZ as usize) / 1000
}

/// Nothing.
pub fn silence(ms: u32) -> Vec<i16> {
    vec![0; samples(ms)]
}

/// One tone of `hz`, `db` below full scale.
pub fn sine(hz: f64, db: f64, ms: u32) -> Vec<i16> {
    mix(&[(hz, db)], ms)
}

/// The sum of tones, each of (Hz, dB below full scale); clipped where it is too loud.
pub fn mix(tones: &[(f64, f64)], ms: u32) -> Vec<i16> {
    let at = |n: usize, (hz, db): (f64, f64)| {
        gain(db) * (TAU * hz * n as f64 / f64::from(RATE_HZ)).sin()
    };
    (0..samples(ms))
        .map(|n| to_i16(tones.iter().map(|&tone| at(n, tone)).sum()))
        .collect()
}

/// The frequencies of a key, Hz: row, column.
pub fn key_hz(key: Digit) -> (f64, f64) {
    let at = |row: usize| KEYS[row].iter().position(|&k| k == key.as_char());
    let (row, column) = (0..4)
        .find_map(|row| at(row).map(|column| (row, column)))
        .expect("sixteen keys, all in the table");
    (ROWS_HZ[row].into(), COLUMNS_HZ[column].into())
}

/// A key held for `ms`, each of its two tones `db` below full scale.
pub fn dtmf(key: Digit, db: f64, ms: u32) -> Vec<i16> {
    let (row, column) = key_hz(key);
    mix(&[(row, db), (column, db)], ms)
}

/// White noise, its power that of a full-scale sine less `db`.
pub fn white_noise(db: f64, ms: u32, seed: u64) -> Vec<i16> {
    let mut random = Random(seed);
    // Uniform noise of this amplitude has the power of a sine of amplitude 1.
    let amplitude = gain(db) * 1.5f64.sqrt();
    (0..samples(ms))
        .map(|_| to_i16(random.next() * amplitude))
        .collect()
}

/// Pink noise (3 dB less per octave), about `db` below a full-scale sine: room and street.
pub fn pink_noise(db: f64, ms: u32, seed: u64) -> Vec<i16> {
    let mut random = Random(seed);
    // Voss and McCartney: row k takes a new value every 2^k samples.
    let mut rows = [0.0; 10];
    let scale = gain(db) * (1.5 / 10.0f64).sqrt();
    let mut next = |n: usize| {
        let row = (n.trailing_zeros() as usize).min(rows.len() - 1);
        rows[row] = random.next();
        to_i16(rows.iter().sum::<f64>() * scale)
    };
    (1..=samples(ms)).map(&mut next).collect()
}

/// Music on hold: four chords, one every half second, plucked and with overtones.
pub fn hold_music(db: f64, ms: u32) -> Vec<i16> {
    const CHORDS: [[f64; 3]; 4] = [
        [261.6, 329.6, 392.0],
        [220.0, 261.6, 329.6],
        [174.6, 220.0, 261.6],
        [196.0, 246.9, 293.7],
    ];
    let at = |n: usize| {
        let t = n as f64 / f64::from(RATE_HZ);
        let fade = (-2.5 * (t % 0.5)).exp();
        let note = |hz: f64| {
            (1..=4)
                .map(|k| (TAU * hz * f64::from(k) * t).sin() / f64::from(k * k))
                .sum::<f64>()
        };
        to_i16(gain(db) * fade * CHORDS[(t / 0.5) as usize % 4].map(note).iter().sum::<f64>() / 2.0)
    };
    (0..samples(ms)).map(at).collect()
}

/// `sound` with `other` added to it, sample by sample; as long as `sound`.
pub fn add(sound: &[i16], other: &[i16]) -> Vec<i16> {
    sound
        .iter()
        .zip(other.iter().chain(std::iter::repeat(&0)))
        .map(|(a, b)| a.saturating_add(*b))
        .collect()
}

/// Cut into frames, the last one filled up with silence.
pub fn frames(sound: &[i16]) -> impl Iterator<Item = Frame> + '_ {
    sound.chunks(FRAME_SAMPLES).map(|chunk| {
        let mut frame = Frame::SILENCE;
        frame.0[..chunk.len()].copy_from_slice(chunk);
        frame
    })
}

fn gain(db: f64) -> f64 {
    10f64.powf(-db / 20.0)
}

fn to_i16(x: f64) -> i16 {
    (x * 32767.0).round() as i16
}

/// splitmix64 (Steele, Lea, Flood 2014): the same on every machine.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// −1 to 1, uniform.
    fn next(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::level::level_db;
    use super::*;

    #[test]
    fn levels_are_as_asked() {
        // A sine lies 3 dB below the square wave that level_db counts from.
        for (sound, expected) in [
            (sine(1000.0, 10.0, 1000), 13.0),
            (white_noise(20.0, 1000, 1), 23.0),
            (pink_noise(20.0, 4000, 1), 23.0),
        ] {
            let found = f64::from(level_db(&sound));
            assert!(
                (found - expected).abs() < 1.0,
                "{found} dB instead of {expected}"
            );
        }
    }

    #[test]
    fn every_key_has_its_own_pair_of_tones() {
        let mut pairs: Vec<_> = KEYS
            .as_flattened()
            .iter()
            .map(|&k| key_hz(Digit::new(k).expect("a key")))
            .collect();
        pairs.dedup();
        assert_eq!(pairs.len(), 16);
        assert_eq!(key_hz(Digit::new('5').expect("a key")), (770.0, 1336.0));
    }
}
