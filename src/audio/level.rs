//! How loud a stretch of sound is.

/// What digital silence counts as, in dB below full scale.
pub const SILENT_DB: f32 = 127.0;

/// Root mean square in dB below full scale (a square wave at ±32768), 0 to [`SILENT_DB`].
pub fn level_db(samples: &[i16]) -> f32 {
    let sum: u64 = samples.iter().map(|&s| u64::from(s.unsigned_abs()).pow(2)).sum();
    if sum == 0 {
        return SILENT_DB;
    }
    let mean = sum as f64 / samples.len() as f64 / f64::from(1u32 << 30);
    (-10.0 * mean.log10()).clamp(0.0, f64::from(SILENT_DB)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_scale_half_scale_and_silence() {
        assert_eq!(level_db(&[i16::MIN; 320]), 0.0);
        assert!((level_db(&[16384; 320]) - 6.02).abs() < 0.01);
        assert_eq!(level_db(&[0; 320]), SILENT_DB);
        assert_eq!(level_db(&[]), SILENT_DB);
    }
}
