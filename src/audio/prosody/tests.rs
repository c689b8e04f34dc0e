//! Synthetic voices: harmonics of a known pitch, shaped into syllables.

use super::*;
use crate::audio::tone::{add, frames, silence, white_noise};
use crate::audio::wav::{Channel, WavReader};
use crate::audio::{RATE_HZ, level};
use std::f64::consts::TAU;

/// A vowel of `hz` in syllables: `on` ms of voice, `off` ms of a faint rest, `count` times; its
/// harmonics between `band.0` and `band.1` Hz, falling by 6 dB an octave.
fn voice(hz: f64, on: u32, off: u32, count: u32, band: (f64, f64), gain: f64) -> Vec<i16> {
    let rate = f64::from(RATE_HZ);
    let period = f64::from(on + off) / 1000.0;
    let length = (f64::from(count) * period * rate) as usize;
    (0..length)
        .map(|n| {
            let t = n as f64 / rate;
            let at = (t % period) / (f64::from(on) / 1000.0);
            // A syllable swells and fades.
            let swell = if at < 1.0 {
                (at * std::f64::consts::PI).sin().max(0.0)
            } else {
                0.0
            };
            let sum: f64 = (1..)
                .map(|k| f64::from(k) * hz)
                .take_while(|f| *f <= band.1)
                .filter(|f| *f >= band.0)
                .map(|f| (TAU * f * t + f).sin() * (hz / f))
                .sum();
            (sum * (0.03 + swell) * gain * 32767.0) as i16
        })
        .collect()
}

const WIDE: (f64, f64) = (50.0, 7000.0);
const PHONE: (f64, f64) = (300.0, 3400.0);

fn measure(sound: &[i16]) -> Option<Tone> {
    let mut prosody = Prosody::new();
    for frame in frames(sound) {
        prosody.push(&frame);
    }
    prosody.finish()
}

#[test]
fn pitch_is_found_from_deep_to_high_also_over_a_telephone() {
    for band in [WIDE, PHONE] {
        for hz in [75.0, 90.0, 110.0, 140.0, 180.0, 210.0, 250.0, 300.0, 380.0] {
            let tone = measure(&voice(hz, 200, 50, 8, band, 0.2)).expect("a voice");
            let off = (f64::from(tone.pitch_hz) - hz).abs() / hz;
            assert!(off < 0.03, "{} instead of {hz} in {band:?}", tone.pitch_hz);
        }
    }
}

#[test]
fn pitch_survives_noise() {
    for hz in [100.0, 220.0] {
        let clean = voice(hz, 200, 50, 8, PHONE, 0.3);
        let noisy = add(&clean, &white_noise(32.0, 2000, 7));
        let tone = measure(&noisy).expect("a voice");
        let off = (f64::from(tone.pitch_hz) - hz).abs() / hz;
        assert!(off < 0.04, "{} instead of {hz}", tone.pitch_hz);
    }
}

#[test]
fn level_follows_the_voice_and_not_its_pauses() {
    let soft = voice(120.0, 200, 50, 8, WIDE, 0.05);
    let loud = voice(120.0, 200, 50, 8, WIDE, 0.2);
    let a = measure(&soft).expect("a voice").level_db;
    let b = measure(&loud).expect("a voice").level_db;
    assert!((b - a - 12).abs() <= 1, "{a} {b}");
    let mut paused = loud.clone();
    paused.extend(silence(3000));
    paused.extend(&loud);
    let c = measure(&paused).expect("a voice");
    assert!((c.level_db - b).abs() <= 1, "{b} {c:?}");
    let whole = -level::level_db(&loud);
    assert!((f32::from(b) - whole).abs() < 3.0, "{b} {whole}");
}

#[test]
fn syllables_are_counted_and_pauses_left_out() {
    for band in [WIDE, PHONE] {
        for (on, off, rate) in [
            (250, 50, 200),
            (200, 40, 250),
            (150, 40, 316),
            (120, 30, 400),
        ] {
            let sound = voice(130.0, on, off, 12, band, 0.2);
            let tone = measure(&sound).expect("a voice");
            let off_by = (i32::from(tone.rate) - rate).abs();
            assert!(off_by * 100 <= rate * 15, "{tone:?} instead of {rate}");
            let mut paused = sound.clone();
            paused.extend(silence(1500));
            paused.extend(&sound);
            let again = measure(&paused).expect("a voice");
            let off_by = (i32::from(again.rate) - rate).abs();
            assert!(off_by * 100 <= rate * 20, "{again:?} instead of {rate}");
        }
    }
}

#[test]
fn what_is_no_voice_has_no_tone() {
    assert_eq!(measure(&[]), None);
    assert_eq!(measure(&silence(2000)), None);
    assert_eq!(measure(&white_noise(20.0, 2000, 3)), None);
    assert_eq!(
        measure(&voice(120.0, 60, 40, 1, WIDE, 0.2)),
        None,
        "too short"
    );
}

#[test]
fn more_frames_may_follow_a_finish_and_the_same_frames_give_the_same() {
    let sound = voice(150.0, 200, 50, 8, PHONE, 0.2);
    let mut prosody = Prosody::new();
    for (n, frame) in frames(&sound).enumerate() {
        prosody.push(&frame);
        if n == 40 {
            assert!(prosody.finish().is_some());
        }
    }
    assert_eq!(prosody.finish(), measure(&sound));
}

#[test]
fn a_full_scale_square_breaks_nothing() {
    let square: Vec<i16> = (0..32_000)
        .map(|n| if n / 50 % 2 == 0 { i16::MAX } else { i16::MIN })
        .collect();
    let tone = measure(&square).expect("periodic");
    assert_eq!(tone.pitch_hz, 160);
    assert!(tone.level_db >= -1);
}

/// Of a recorded voice over a telephone.
fn recorded(wav: &[u8]) -> Tone {
    let mut prosody = Prosody::new();
    for frame in WavReader::new(wav, Channel::Mix).expect("a recording") {
        prosody.push(&frame);
    }
    prosody.finish().expect("a voice")
}

#[test]
fn recorded_voices_measure_as_they_sound() {
    let woman = recorded(include_bytes!(
        "../../../audio-fixtures/speech/order-slt.wav"
    ));
    let man = recorded(include_bytes!(
        "../../../audio-fixtures/speech/person-rms.wav"
    ));
    assert!((150..190).contains(&woman.pitch_hz), "{woman:?}");
    assert!((85..120).contains(&man.pitch_hz), "{man:?}");
    for tone in [woman, man] {
        // Three and a half to four syllables a second.
        assert!((180..260).contains(&tone.rate), "{tone:?}");
        assert!((-30..-10).contains(&tone.level_db), "{tone:?}");
    }
}
