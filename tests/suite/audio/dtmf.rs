//! In-band keys against the limits of ITU-T Q.24 Annex A (AT&T column), after a telephone line too.

use attendant::audio::digit::Digit;
use attendant::audio::dtmf::Dtmf;
use attendant::audio::resample::resample_all;
use attendant::audio::{g711, tone};

const ALL_KEYS: &str = "123A456B789C*0#D";

/// The keys heard in `sound`.
fn keys(sound: &[i16]) -> String {
    let mut dtmf = Dtmf::new();
    tone::frames(sound).filter_map(|frame| dtmf.push(&frame).digit).map(Digit::as_char).collect()
}

/// A telephone line: 8 kHz, µ-law, back to 16 kHz.
fn over_the_phone(sound: &[i16]) -> Vec<i16> {
    let narrow = resample_all(sound, 16_000, 8_000);
    let (mut bytes, mut decoded) = (vec![0; narrow.len()], vec![0; narrow.len()]);
    g711::encode_ulaw(&narrow, &mut bytes);
    g711::decode_ulaw(&bytes, &mut decoded);
    resample_all(&decoded, 8_000, 16_000)
}

/// One tone pair as a test asks for it.
#[derive(Clone, Copy)]
struct Press {
    /// dB below full scale.
    row_db: f64,
    column_db: f64,
    /// Share by which the frequencies are off.
    off: f64,
    ms: u32,
    /// Samples of silence before it: where in a tick it falls must not matter.
    shift: usize,
}

const USUAL: Press = Press { row_db: 12.0, column_db: 12.0, off: 0.0, ms: 60, shift: 0 };

impl Press {
    fn sound(self, key: char) -> Vec<i16> {
        let (row, column) = tone::key_hz(Digit::new(key).expect("a key"));
        let mut sound = vec![0; 800 + self.shift];
        let tones = [(row * (1.0 + self.off), self.row_db), (column * (1.0 + self.off), self.column_db)];
        sound.extend(tone::mix(&tones, self.ms));
        sound.extend(tone::silence(60));
        sound
    }
}

/// Every key at several places in the tick: how many were heard right, and how many there were.
fn heard(press: Press, line: impl Fn(&[i16]) -> Vec<i16>) -> (usize, usize) {
    let (mut right, mut all) = (0, 0);
    for key in ALL_KEYS.chars() {
        for shift in [0, 17, 40, 95, 161, 250] {
            let found = keys(&line(&Press { shift, ..press }.sound(key)));
            right += usize::from(found == key.to_string());
            assert!(found.is_empty() || found == key.to_string(), "{key} heard as {found:?}");
            all += 1;
        }
    }
    (right, all)
}

#[track_caller]
fn all_taken(press: Press) {
    let (right, all) = heard(press, <[i16]>::to_vec);
    assert_eq!(right, all, "clean");
    let (right, all) = heard(press, over_the_phone);
    assert_eq!(right, all, "over the phone");
}

#[track_caller]
fn all_refused(press: Press) {
    assert_eq!(heard(press, <[i16]>::to_vec).0, 0, "clean");
    assert_eq!(heard(press, over_the_phone).0, 0, "over the phone");
}

#[test]
fn a_tone_of_40_ms_is_a_key_and_one_of_23_ms_is_not() {
    all_taken(Press { ms: 40, ..USUAL });
    all_refused(Press { ms: 23, ..USUAL });
}

#[test]
fn frequencies_are_taken_within_one_and_a_half_percent_and_refused_beyond_three_and_a_half() {
    for sign in [-1.0, 1.0] {
        all_taken(Press { off: 0.015 * sign, ..USUAL });
        all_refused(Press { off: 0.035 * sign, ms: 500, ..USUAL });
        all_refused(Press { off: 0.05 * sign, ms: 500, ..USUAL });
    }
}

#[test]
fn levels_are_taken_from_the_loudest_to_28_db_below() {
    // 3 dB below full scale is 0 dBm0; two such tones together clip.
    for db in [3.0, 6.0, 15.0, 28.0] {
        all_taken(Press { row_db: db, column_db: db, ..USUAL });
    }
    all_refused(Press { row_db: 58.0, column_db: 58.0, ms: 500, ..USUAL });
}

#[test]
fn twist_is_taken_both_ways_and_refused_where_one_tone_is_nearly_alone() {
    all_taken(Press { row_db: 14.0, column_db: 10.0, ..USUAL });
    all_taken(Press { row_db: 10.0, column_db: 18.0, ..USUAL });
    all_refused(Press { row_db: 22.0, column_db: 10.0, ms: 500, ..USUAL });
    all_refused(Press { row_db: 10.0, column_db: 24.0, ms: 500, ..USUAL });
}

#[test]
fn keys_are_heard_in_noise_10_db_below_them() {
    // Both tones at 12 dB have together the power of one at 9; noise over 8 kHz at 19.
    for seed in 1..4 {
        let noisy = |sound: &[i16]| tone::add(sound, &tone::white_noise(19.0, 300, seed));
        let (right, all) = heard(Press { ms: 70, ..USUAL }, noisy);
        assert_eq!(right, all, "seed {seed}");
    }
}

#[test]
fn a_pause_of_40_ms_makes_two_keys_and_a_break_of_10_ms_does_not() {
    let five = |ms| tone::dtmf(Digit::new('5').expect("a key"), 12.0, ms);
    let with_pause = |ms| [tone::silence(33), five(60), tone::silence(ms), five(60), tone::silence(60)].concat();
    for line in [over_the_phone as fn(&[i16]) -> Vec<i16>, <[i16]>::to_vec] {
        assert_eq!(keys(&line(&with_pause(40))), "55");
        assert_eq!(keys(&line(&with_pause(10))), "5");
    }
}

#[test]
fn a_number_keyed_fast_is_heard_whole_and_a_key_held_long_counts_once() {
    let fast = "0918273645*#".chars().flat_map(|k| Press { ms: 50, shift: 0, ..USUAL }.sound(k)).collect::<Vec<_>>();
    assert_eq!(keys(&over_the_phone(&fast)), "0918273645*#");
    assert_eq!(keys(&Press { ms: 10_000, ..USUAL }.sound('8')), "8");
}

#[test]
fn the_ticks_of_a_key_are_marked_as_tone() {
    let mut dtmf = Dtmf::new();
    let sound = [tone::silence(100), tone::dtmf(Digit::new('1').expect("a key"), 12.0, 200), tone::silence(200)].concat();
    let marked: Vec<bool> = tone::frames(&sound).map(|frame| dtmf.push(&frame).tone).collect();
    let tones = marked.iter().filter(|&&t| t).count();
    assert!(marked[5..15].iter().all(|&t| t), "{marked:?}");
    assert!((10..=12).contains(&tones), "ends within 40 ms: {marked:?}");
}

#[test]
fn music_and_noise_are_no_keys() {
    for sound in [tone::hold_music(6.0, 60_000), tone::white_noise(6.0, 60_000, 7), tone::pink_noise(6.0, 60_000, 7)] {
        assert_eq!(keys(&over_the_phone(&sound)), "");
    }
    for hz in (300..3400).step_by(10) {
        assert_eq!(keys(&tone::sine(hz.into(), 6.0, 200)), "", "{hz} Hz");
    }
}
