//! Makes every voice equally loud and every sentence safe to join: level, limiter, trim, fades.
//!
//! Pure arithmetic on a whole sentence at 16 kHz. What is said and by which engine is decided elsewhere.

use crate::audio::RATE_HZ;
use std::collections::VecDeque;

/// RMS over the voiced parts (the idea of ITU-T P.56 active speech level), in dB of full scale.
pub const ACTIVE_LEVEL_DBFS: f32 = -20.0;
/// No sample goes above this, in dB of full scale: µ-law and a carrier's gain keep headroom.
pub const PEAK_DBFS: f32 = -3.0;
/// Silence kept before the first sound, in ms: latency that the caller would hear as a slow answer.
pub const LEAD_MS: u32 = 12;
/// Silence kept after the last sound, in ms: the pause between two sentences.
pub const TAIL_MS: u32 = 110;
/// Fade at both ends, in ms.
pub const FADE_MS: u32 = 5;

/// Energy window, in ms.
const WINDOW_MS: u32 = 10;
/// A window counts as voiced when it is no more than this below the loudest one, in dB.
const VOICED_RANGE_DB: f32 = 30.0;
/// Below this a clip is silence, not quiet speech, in dB of full scale.
const SILENCE_DBFS: f32 = -60.0;
/// Sound starts and ends where the amplitude is this far below the peak, in dB.
const EDGE_DB: f32 = -42.0;
/// More gain than this would only lift noise, in dB.
const MAX_GAIN_DB: f32 = 30.0;
/// The limiter sees peaks this long before they come, in ms: too slow to be heard as distortion.
const LOOKAHEAD_MS: u32 = 3;

const fn samples(ms: u32) -> usize {
    (RATE_HZ / 1000 * ms) as usize
}

fn amplitude(db: f32) -> f32 {
    10_f32.powf(db / 20.0)
}

/// A sentence at telephone loudness, trimmed to [`LEAD_MS`] and [`TAIL_MS`] of quiet, zero at both
/// ends. 16 kHz in and out. Silence comes back as no samples at all.
pub fn normalize(speech: &[i16]) -> Vec<i16> {
    let Some(level) = active_level(speech) else {
        return Vec::new();
    };
    let gain = amplitude((ACTIVE_LEVEL_DBFS - level).clamp(-MAX_GAIN_DB, MAX_GAIN_DB));
    let mut wave: Vec<f32> = trim(speech)
        .iter()
        .map(|&s| f32::from(s) / 32768.0 * gain)
        .collect();
    limit(&mut wave, amplitude(PEAK_DBFS));
    fade(&mut wave);
    wave.iter().map(|s| (s * 32767.0).round() as i16).collect()
}

/// RMS over the voiced windows, in dB of full scale; none for silence.
pub fn active_level(speech: &[i16]) -> Option<f32> {
    let powers: Vec<f32> = speech.chunks(samples(WINDOW_MS)).map(power).collect();
    let loudest = powers.iter().copied().fold(0.0, f32::max);
    if decibels(loudest) < SILENCE_DBFS {
        return None;
    }
    let floor = loudest * 10_f32.powf(-VOICED_RANGE_DB / 10.0);
    let (sum, count) = powers
        .iter()
        .filter(|&&p| p >= floor)
        .fold((0.0, 0_u32), |(sum, count), p| (sum + p, count + 1));
    Some(decibels(sum / count as f32))
}

/// Mean square of full-scale samples.
fn power(window: &[i16]) -> f32 {
    let sum: f64 = window.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
    (sum / window.len().max(1) as f64 / (32768.0 * 32768.0)) as f32
}

fn decibels(power: f32) -> f32 {
    10.0 * power.max(1e-12).log10()
}

/// The sound with exactly the wanted quiet around it: cut, or padded with zeros where there is less.
fn trim(speech: &[i16]) -> Vec<i16> {
    let peak = speech.iter().map(|s| s.unsigned_abs()).max().unwrap_or(0);
    let edge = (f32::from(peak) * amplitude(EDGE_DB)).max(1.0) as u16;
    let sounds = |s: &i16| s.unsigned_abs() >= edge;
    let (Some(first), Some(last)) = (
        speech.iter().position(sounds),
        speech.iter().rposition(sounds),
    ) else {
        return Vec::new();
    };
    let lead = samples(LEAD_MS);
    let tail = samples(TAIL_MS);
    let mut out = vec![0; lead.saturating_sub(first)];
    out.extend_from_slice(&speech[first.saturating_sub(lead)..(last + 1 + tail).min(speech.len())]);
    out.resize(
        out.len() + (last + 1 + tail).saturating_sub(speech.len()),
        0,
    );
    out
}

/// Look-ahead limiter: the gain that each sample needs, its minimum over a window around it, then the
/// mean of those minima. The mean over no more than that window never exceeds what the sample needs,
/// so nothing clips, and it moves too slowly to be heard.
fn limit(wave: &mut [f32], ceiling: f32) {
    if wave.iter().all(|s| s.abs() <= ceiling) {
        return;
    }
    let half = samples(LOOKAHEAD_MS);
    let need: Vec<f32> = wave
        .iter()
        .map(|s| {
            if s.abs() > ceiling {
                ceiling / s.abs()
            } else {
                1.0
            }
        })
        .collect();
    let lowest = sliding(&need, half);
    let window = 2 * half + 1;
    // Values beyond the ends count as 1: the mean there is taken over the clipped window instead.
    let mut sum: f64 = lowest.iter().take(half).map(|&g| f64::from(g)).sum();
    let mut count = half.min(lowest.len());
    for i in 0..wave.len() {
        if let Some(&entering) = lowest.get(i + half) {
            sum += f64::from(entering);
            count += 1;
        }
        if i + half >= window {
            sum -= f64::from(lowest[i + half - window]);
            count -= 1;
        }
        // Rounding of the running sum may miss the exact bound by a hair.
        wave[i] = (wave[i] * (sum / count as f64) as f32).clamp(-ceiling, ceiling);
    }
}

/// Minimum over `half` values to each side, in one pass (monotonic queue).
fn sliding(values: &[f32], half: usize) -> Vec<f32> {
    let mut queue: VecDeque<usize> = VecDeque::new();
    let mut out = Vec::with_capacity(values.len());
    for next in 0..values.len() + half {
        if let Some(&value) = values.get(next) {
            while queue.back().is_some_and(|&i| values[i] >= value) {
                queue.pop_back();
            }
            queue.push_back(next);
        }
        if next >= half {
            let centre = next - half;
            while queue.front().is_some_and(|&i| i + half < centre) {
                queue.pop_front();
            }
            out.push(queue.front().map_or(1.0, |&i| values[i]));
        }
    }
    out
}

fn fade(wave: &mut [f32]) {
    let length = samples(FADE_MS).min(wave.len() / 2);
    let end = wave.len();
    for i in 0..length {
        let gain = i as f32 / length as f32;
        wave[i] *= gain;
        wave[end - 1 - i] *= gain;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bursts of a buzz with pauses, like words: `level` is the amplitude, 0 to 1.
    fn words(level: f32, before_ms: u32, after_ms: u32) -> Vec<i16> {
        let mut out = vec![0; samples(before_ms)];
        for word in 0..4 {
            out.extend((0..samples(250)).map(|i| {
                let t = i as f32 / RATE_HZ as f32;
                let buzz: f32 = (1..12)
                    .map(|h| (t * 120.0 * h as f32 * std::f32::consts::TAU).sin() / h as f32)
                    .sum();
                (buzz / 2.0 * level * (1.0 - word as f32 * 0.15) * 32767.0).clamp(-32768.0, 32767.0)
                    as i16
            }));
            out.extend(vec![0; samples(60)]);
        }
        out.extend(vec![0; samples(after_ms)]);
        out
    }

    fn peak_db(wave: &[i16]) -> f32 {
        20.0 * (f32::from(wave.iter().map(|s| s.unsigned_abs()).max().unwrap_or(0)) / 32768.0)
            .log10()
    }

    #[test]
    fn loud_and_soft_voices_come_out_alike() {
        for level in [0.01, 0.05, 0.2, 0.9] {
            let out = normalize(&words(level, 100, 100));
            let active = active_level(&out).expect("speech");
            assert!(
                (active - ACTIVE_LEVEL_DBFS).abs() < 1.0,
                "amplitude {level} came out at {active} dBFS"
            );
            assert!(peak_db(&out) <= PEAK_DBFS + 0.01);
        }
    }

    #[test]
    fn peaks_are_held_without_clipping() {
        let mut speech = words(0.05, 20, 20);
        // A click 40 dB above the words: full gain would put it far over full scale.
        speech[samples(200)] = 32767;
        let out = normalize(&speech);
        assert!(peak_db(&out) <= PEAK_DBFS + 0.01, "peak {}", peak_db(&out));
        let flat = out
            .windows(3)
            .filter(|w| w[0].unsigned_abs() > 23_000 && w[0] == w[1] && w[1] == w[2])
            .count();
        assert_eq!(flat, 0, "a flat top is a clipped one");
    }

    #[test]
    fn starts_at_once_and_ends_with_a_short_pause() {
        for (before, after) in [(0, 0), (3, 20), (700, 900)] {
            let out = normalize(&words(0.3, before, after));
            let loud = |s: &i16| s.unsigned_abs() > 200;
            let first = out.iter().position(loud).expect("speech");
            let last = out.len() - out.iter().rposition(loud).expect("speech");
            assert!(first <= samples(20), "speech starts after {first} samples");
            assert!(
                (samples(60)..=samples(120)).contains(&last),
                "{last} samples after the last sound"
            );
        }
    }

    #[test]
    fn joins_make_no_click() {
        let mut joined = normalize(&words(0.4, 0, 0));
        // Starts and ends in the middle of a wave: the worst case.
        let cut = words(0.4, 0, 0);
        joined.extend(normalize(&cut[37..cut.len() - samples(75)]));
        assert_eq!((joined[0], joined[joined.len() - 1]), (0, 0));
        let natural = words(0.4, 0, 0)
            .windows(2)
            .map(|w| (i32::from(w[1]) - i32::from(w[0])).abs())
            .max();
        let seam = normalize(&words(0.4, 0, 0)).len();
        let around = &joined[seam - samples(FADE_MS)..seam + samples(FADE_MS)];
        let jump = around
            .windows(2)
            .map(|w| (i32::from(w[1]) - i32::from(w[0])).abs())
            .max();
        assert!(
            jump < Some(2000) && jump < natural,
            "a jump of {jump:?} at the join, {natural:?} in the words"
        );
    }

    #[test]
    fn silence_stays_silence() {
        assert!(normalize(&[]).is_empty());
        assert!(normalize(&vec![0; 8000]).is_empty());
        assert!(normalize(&vec![3; 8000]).is_empty());
    }

    proptest! {
        #[test]
        fn anything_stays_under_the_ceiling(speech in prop::collection::vec(any::<i16>(), 0..3000)) {
            let out = normalize(&speech);
            prop_assert!(out.is_empty() || peak_db(&out) <= PEAK_DBFS + 0.01);
            prop_assert!(out.first().is_none_or(|&s| s == 0) && out.last().is_none_or(|&s| s == 0));
        }
    }
}
