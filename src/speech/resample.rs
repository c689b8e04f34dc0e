//! One-shot conversion of a whole clip between sampling rates.
//!
//! Voices speak at their own rate (22.05 kHz mostly); the rest of attendant hears 16 kHz.

use audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Resampler as _, WindowFunction};

/// `samples` at `to_hz`, delay compensated: as long in time as before, nothing shifted.
/// Equal or zero rates give the samples back unchanged.
pub fn resample_all(samples: &[i16], from_hz: u32, to_hz: u32) -> Vec<i16> {
    if from_hz == to_hz || from_hz == 0 || to_hz == 0 || samples.is_empty() {
        return samples.to_vec();
    }
    let wave: Vec<f32> = samples.iter().map(|&s| f32::from(s) / 32768.0).collect();
    // 80 ms blocks: the filter delays by half a block, and half of 20 or 40 ms at 11.025 kHz is no whole
    // number of samples: the clip would come out shifted by the rest.
    let chunk = (from_hz as usize * 2 / 25).max(1);
    let window = WindowFunction::BlackmanHarris2;
    let converted = Fft::<f32>::new_custom(
        from_hz as usize,
        to_hz as usize,
        chunk,
        1,
        1,
        window,
        FixedSync::Both,
    )
    .ok()
    .and_then(|mut fft| {
        let input = SequentialSlice::new(&wave, 1, wave.len()).ok()?;
        Some(fft.process_all(&input, wave.len(), None).ok()?.take_data())
    })
    // Non-zero rates, one channel and a buffer of the stated length leave nothing to refuse.
    .unwrap_or_default();
    converted
        .iter()
        .map(|s| (s * 32768.0).round().clamp(-32768.0, 32767.0) as i16)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(hz: f32, rate: u32, seconds: f32) -> Vec<i16> {
        let n = (rate as f32 * seconds) as usize;
        (0..n)
            .map(|i| {
                ((i as f32 * hz * std::f32::consts::TAU / rate as f32).sin() * 10_000.0) as i16
            })
            .collect()
    }

    #[test]
    fn keeps_length_level_and_phase() {
        for (from, to) in [
            (22_050, 16_000),
            (16_000, 8_000),
            (8_000, 16_000),
            (11_025, 16_000),
            (44_100, 16_000),
        ] {
            let out = resample_all(&sine(440.0, from, 0.5), from, to);
            let want = sine(440.0, to, 0.5);
            assert!(
                out.len().abs_diff(want.len()) <= 1,
                "{from} to {to}: {} for {}",
                out.len(),
                want.len()
            );
            let middle = want.len() / 4..want.len() * 3 / 4;
            let off = middle
                .clone()
                .map(|i| (i32::from(out[i]) - i32::from(want[i])).abs())
                .max();
            assert!(off < Some(60), "{from} to {to}: {off:?} off");
        }
    }

    #[test]
    fn tiny_and_empty_clips() {
        assert!(resample_all(&[], 22_050, 16_000).is_empty());
        assert_eq!(resample_all(&[1, 2, 3], 16_000, 16_000), [1, 2, 3]);
        assert_eq!(resample_all(&[5], 8_000, 16_000).len(), 2);
    }
}
