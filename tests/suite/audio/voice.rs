//! Voice activity on real clips: found soon, ended soon, and never in noise, music or keys.

use attendant::audio::ear::Ear;
use attendant::audio::level::level_db;
use attendant::audio::wav::{Channel, WavReader};
use attendant::audio::{Heard, digit::Digit, tone};
use std::io::Cursor;

/// Telephone recordings of speech: µ-law, 8 kHz.
const CLIPS: [(&str, &[u8]); 3] = [
    ("order-slt", include_bytes!("../../../audio-fixtures/speech/order-slt.wav")),
    ("person-rms", include_bytes!("../../../audio-fixtures/speech/person-rms.wav")),
    ("hours-espeak", include_bytes!("../../../audio-fixtures/speech/hours-espeak.wav")),
];

/// The network says "speech".
const VOICED: u8 = 128;
const LEAD_MS: u32 = 1000;

/// The clip between a second of quiet and two, at 16 kHz.
fn clip(bytes: &'static [u8]) -> Vec<i16> {
    let reader = WavReader::new(Cursor::new(bytes), Channel::Mix).expect("a fixture");
    let speech: Vec<i16> = reader.flat_map(|frame| frame.0).collect();
    [tone::silence(LEAD_MS), speech, tone::silence(2000)].concat()
}

fn hear(sound: &[i16]) -> Vec<Heard> {
    let mut ear = Ear::new();
    tone::frames(sound).map(|frame| ear.hear(&frame).0).collect()
}

/// First and last tick that is loud enough to be a voice.
fn loud(sound: &[i16]) -> (usize, usize) {
    let loud: Vec<usize> = (0..).zip(sound.chunks(320)).filter(|(_, tick)| level_db(tick) < 40.0).map(|(n, _)| n).collect();
    (loud[0], *loud.last().expect("speech"))
}

#[track_caller]
fn found_soon_and_ended_soon(name: &str, clean: &[i16], heard: &[Heard]) {
    let (first, last) = loud(clean);
    let voiced: Vec<usize> = (0..heard.len()).filter(|&n| heard[n].voice >= VOICED).collect();
    let (start, end) = (voiced[0], *voiced.last().expect("not empty"));
    assert!(start + 5 >= first, "{name}: voice at tick {start}, speech begins at {first}");
    assert!(start <= first + 5, "{name}: onset found after {} ms, 100 allowed", (start - first) * 20);
    assert!(end <= last + 10, "{name}: end found after {} ms, 200 allowed", (end - last) * 20);
    assert!(voiced.len() * 10 >= (last - first) * 7, "{name}: {} of {} ticks", voiced.len(), last - first);
}

#[test]
fn speech_on_a_silent_line_is_found_within_100_ms() {
    for (name, bytes) in CLIPS {
        let sound = clip(bytes);
        found_soon_and_ended_soon(name, &sound, &hear(&sound));
    }
}

#[test]
fn speech_on_a_noisy_line_is_found_as_soon() {
    for (name, bytes) in CLIPS {
        let sound = clip(bytes);
        let ms = (sound.len() / 16) as u32;
        for noise in [tone::white_noise(45.0, ms, 5), tone::pink_noise(40.0, ms, 5)] {
            found_soon_and_ended_soon(name, &sound, &hear(&tone::add(&sound, &noise)));
        }
    }
}

#[test]
fn a_soft_voice_is_found_too() {
    for (name, bytes) in CLIPS {
        let sound = clip(bytes);
        // 18 dB less: peaks 27 dB below full scale.
        let soft: Vec<i16> = sound.iter().map(|s| s / 8).collect();
        let heard = hear(&soft);
        let (first, _) = loud(&sound);
        let start = heard.iter().position(|h| h.voice >= VOICED).expect("found");
        assert!(start <= first + 8, "{name}: {} ms", (start - first) * 20);
    }
}

#[test]
fn noise_music_and_silence_are_no_voice() {
    // Plucked chords may pass for a voice in one tick of 25.
    for (name, allowed, sound) in [
        ("silence", 0, tone::silence(5_000)),
        ("faint noise", 0, tone::white_noise(60.0, 5_000, 1)),
        ("white noise", 0, tone::white_noise(30.0, 5_000, 2)),
        ("loud white noise", 0, tone::white_noise(12.0, 5_000, 3)),
        ("pink noise", 0, tone::pink_noise(30.0, 5_000, 4)),
        ("loud pink noise", 0, tone::pink_noise(12.0, 5_000, 5)),
        ("hold music", 10, tone::hold_music(20.0, 5_000)),
        ("dial tone", 0, tone::mix(&[(350.0, 16.0), (440.0, 16.0)], 5_000)),
    ] {
        let voiced = hear(&sound).iter().filter(|h| h.voice >= VOICED).count();
        assert!(voiced <= allowed, "{name}: {voiced} of 250 ticks");
    }
}

#[test]
fn keys_are_heard_once_masked_and_never_a_voice() {
    let mut ear = Ear::new();
    let press = |c| [tone::dtmf(Digit::new(c).expect("a key"), 10.0, 100), tone::silence(80)].concat();
    let sound: Vec<i16> = "4567".chars().flat_map(press).collect();
    let ticks: Vec<(Heard, Option<Digit>)> = tone::frames(&sound).map(|frame| ear.hear(&frame)).collect();
    let digits: String = ticks.iter().filter_map(|(_, digit)| digit.map(Digit::as_char)).collect();
    assert_eq!(digits, "4567");
    assert!(ticks.iter().all(|(heard, _)| heard.voice < VOICED));
    let loud = ticks.iter().filter(|(heard, _)| heard.level < 20);
    assert!(loud.clone().count() >= 20 && loud.filter(|(heard, _)| !heard.tone).count() <= 4);
}

#[test]
fn levels_are_those_of_the_tick() {
    let heard = hear(&[tone::silence(20), tone::sine(1000.0, 7.0, 20)].concat());
    assert_eq!((heard[0].level, heard[1].level), (127, 10));
}
