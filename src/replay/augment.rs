//! A recorded call under worse conditions: the same caller on a telephone, in noise, on a line that
//! loses packets, too loud, too soft, faster and slower. Seeded: the same every time.

use super::ReplayError;
use super::audio::{Heard, Models, run_with};
use crate::audio::level::level_db;
use crate::audio::resample::resample_all;
use crate::audio::tone::{Random, add, pink_noise, white_noise};
use crate::audio::{FRAME_SAMPLES, RATE_HZ, g711};
use crate::bundle::Bundle;

/// Rate of a telephone line, in Hz.
const TELEPHONE_HZ: u32 = 8000;
/// How far a caller who is too loud is over what the line can carry, in dB.
const CLIPPED_DB: f32 = 15.0;
/// How far the peak of a caller who is too soft is below full scale, in dB.
const SOFT_DB: f32 = 40.0;
/// Level of a voice on the telephone, in dB below full scale (ITU-T P.56, active speech).
const USUAL_DB: f32 = 26.0;
/// Samples with sound in them: the rest is left out when a level is measured.
const SOUNDING: u16 = 200;

/// One way in which a call may sound worse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Condition {
    /// As it was.
    Clean,
    /// 8 kHz, G.711 µ-law.
    Telephone,
    /// White noise, so many dB below the voice.
    White { snr_db: u32 },
    /// Pink noise: nearer to what rooms and streets sound like.
    Pink { snr_db: u32 },
    /// Frames of 20 ms that never arrive, in percent.
    Loss { percent: u32 },
    /// Far too loud for the line.
    Clipped,
    /// Hardly to be heard.
    Soft,
    /// Faster, in percent; the voice rises with it.
    Faster { percent: u32 },
    /// Slower, in percent; the voice falls with it.
    Slower { percent: u32 },
}

/// Those that a table shows, in order.
pub const CONDITIONS: &[Condition] = &[
    Condition::Clean,
    Condition::Telephone,
    Condition::White { snr_db: 20 },
    Condition::White { snr_db: 10 },
    Condition::Pink { snr_db: 20 },
    Condition::Pink { snr_db: 10 },
    Condition::Pink { snr_db: 5 },
    Condition::Loss { percent: 2 },
    Condition::Loss { percent: 5 },
    Condition::Loss { percent: 10 },
    Condition::Clipped,
    Condition::Soft,
    Condition::Faster { percent: 15 },
    Condition::Slower { percent: 15 },
];

impl Condition {
    /// As a table names it.
    pub fn name(self) -> String {
        match self {
            Self::Clean => "as recorded".into(),
            Self::Telephone => "telephone (8 kHz, µ-law)".into(),
            Self::White { snr_db } => format!("white noise, {snr_db} dB"),
            Self::Pink { snr_db } => format!("pink noise, {snr_db} dB"),
            Self::Loss { percent } => format!("{percent} % of packets lost"),
            Self::Clipped => format!("clipped by {CLIPPED_DB:.0} dB"),
            Self::Soft => format!("soft, peak at -{SOFT_DB:.0} dB"),
            Self::Faster { percent } => format!("{percent} % faster"),
            Self::Slower { percent } => format!("{percent} % slower"),
        }
    }

    /// The sound under this condition, 16 kHz. `voice_db`: how far the caller's voice is below full scale,
    /// in dB. `seed`: another noise, other packets.
    pub fn apply(self, sound: &[i16], voice_db: f32, seed: u64) -> Vec<i16> {
        match self {
            Self::Clean => sound.to_vec(),
            Self::Telephone => telephone(sound),
            Self::White { snr_db } => {
                noisy(sound, voice_db, snr_db, |db, ms| white_noise(db, ms, seed))
            }
            Self::Pink { snr_db } => {
                noisy(sound, voice_db, snr_db, |db, ms| pink_noise(db, ms, seed))
            }
            Self::Loss { percent } => lossy(sound, percent, seed),
            Self::Clipped => scaled(sound, peak_gain(sound) * 10f32.powf(CLIPPED_DB / 20.0)),
            Self::Soft => scaled(sound, peak_gain(sound) * 10f32.powf(-SOFT_DB / 20.0)),
            Self::Faster { percent } => paced(sound, 100 + percent),
            Self::Slower { percent } => paced(sound, 100 - percent.min(50)),
        }
    }
}

/// Runs a call under a condition.
///
/// # Errors
/// As [`super::audio::run`].
pub fn run(
    bundle: &Bundle,
    models: &Models,
    condition: Condition,
    seed: u64,
) -> Result<Heard, ReplayError> {
    run_with(bundle, models, |caller| {
        let level = voice_db(&caller.said());
        let mut part = seed;
        caller.change(|sound| {
            part = part.wrapping_add(1);
            condition.apply(sound, level, part)
        });
    })
}

fn telephone(sound: &[i16]) -> Vec<i16> {
    let narrow = resample_all(sound, RATE_HZ, TELEPHONE_HZ);
    let mut coded = vec![0; narrow.len()];
    g711::encode_ulaw(&narrow, &mut coded);
    let mut decoded = vec![0; narrow.len()];
    g711::decode_ulaw(&coded, &mut decoded);
    resample_all(&decoded, TELEPHONE_HZ, RATE_HZ)
}

/// Adds noise so many dB below the level of the sounding part.
fn noisy(
    sound: &[i16],
    voice_db: f32,
    snr_db: u32,
    noise: impl FnOnce(f64, u32) -> Vec<i16>,
) -> Vec<i16> {
    let ms = (sound.len() as u64 * 1000).div_ceil(u64::from(RATE_HZ)) as u32;
    // The generators' level is that of a sine, 3 dB above what is measured of noise.
    let noise = noise(f64::from(voice_db) + f64::from(snr_db) - 3.0, ms);
    add(sound, &noise)
}

/// Level of the part that sounds, in dB below full scale. Silence: a voice of usual level.
pub fn voice_db(sound: &[i16]) -> f32 {
    let sounding = |frame: &&[i16]| frame.iter().any(|s| s.unsigned_abs() >= SOUNDING);
    let loud = sound.chunks(FRAME_SAMPLES).filter(sounding).flatten();
    let loud: Vec<i16> = loud.copied().collect();
    if loud.is_empty() {
        USUAL_DB
    } else {
        level_db(&loud)
    }
}

fn lossy(sound: &[i16], percent: u32, seed: u64) -> Vec<i16> {
    let mut random = Random::new(seed);
    let mut lost = || random.bits() % 100 < u64::from(percent);
    let frames = sound.chunks(FRAME_SAMPLES);
    frames
        .flat_map(|frame| {
            if lost() {
                vec![0; frame.len()]
            } else {
                frame.to_vec()
            }
        })
        .collect()
}

/// What brings the loudest sample to full scale.
fn peak_gain(sound: &[i16]) -> f32 {
    let peak = sound.iter().map(|sample| sample.unsigned_abs()).max();
    match peak {
        Some(peak) if peak >= SOUNDING => f32::from(i16::MAX) / f32::from(peak),
        // The room stays as it is.
        _ => 1.0,
    }
}

fn scaled(sound: &[i16], gain: f32) -> Vec<i16> {
    let scale = |sample: &i16| (f32::from(*sample) * gain).round() as i16;
    sound.iter().map(scale).collect()
}

/// At `percent` of the pace.
fn paced(sound: &[i16], percent: u32) -> Vec<i16> {
    resample_all(sound, RATE_HZ * percent / 100, RATE_HZ)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::tone::sine;

    fn voice() -> Vec<i16> {
        let mut sound = vec![0; 4800];
        sound.extend(sine(300.0, 20.0, 600));
        sound.extend(vec![0; 4800]);
        sound
    }

    #[test]
    fn noise_lies_as_far_below_the_voice_as_it_says() {
        for condition in [
            Condition::White { snr_db: 10 },
            Condition::Pink { snr_db: 10 },
        ] {
            let noisy = condition.apply(&voice(), voice_db(&voice()), 1);
            // The pauses are all noise.
            let pause = level_db(&noisy[..4800]);
            let level = voice_db(&voice());
            assert!(
                (pause - level - 10.0).abs() <= 2.0,
                "{condition:?}: {pause} {level}"
            );
        }
    }

    #[test]
    fn conditions_change_what_they_say_and_nothing_twice() {
        let sound = voice();
        for condition in CONDITIONS {
            let once = condition.apply(&sound, 23.0, 7);
            assert_eq!(once, condition.apply(&sound, 23.0, 7), "{condition:?}");
            assert_eq!(
                once == sound,
                *condition == Condition::Clean,
                "{condition:?}"
            );
        }
        let faster = Condition::Faster { percent: 25 }.apply(&sound, 23.0, 1);
        let share = faster.len() as f32 / sound.len() as f32;
        assert!((share - 0.8).abs() < 0.02, "{share}");
        let zeros = |sound: &[i16]| {
            let frames = sound.chunks(FRAME_SAMPLES);
            frames.filter(|frame| frame.iter().all(|s| *s == 0)).count()
        };
        let long = sine(300.0, 20.0, 20_000);
        let lost = zeros(&Condition::Loss { percent: 10 }.apply(&long, 23.0, 3));
        assert!((60..=140).contains(&lost), "{lost} of 1000 frames lost");
        assert!(
            Condition::Clipped
                .apply(&sound, 23.0, 1)
                .contains(&i16::MAX)
        );
    }
}
