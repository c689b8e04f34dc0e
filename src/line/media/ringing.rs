//! The ringing tone that a caller hears while a person's telephone rings, where the line gives none: 440 and
//! 480 Hz, 2 s on and 4 s off (the precise tone plan of North America; ITU-T E.180 for those of others).

use crate::audio::{FRAME_SAMPLES, Frame, RATE_HZ};
use std::f32::consts::TAU;

/// Level of each of the two tones: both together stay 12 dB below full scale.
const LEVEL: f32 = 4_000.0;
const ON_S: u64 = 2;
const CADENCE_S: u64 = 6;

/// The tone, a frame of 20 ms after the other.
#[derive(Debug, Default)]
pub struct Ringing {
    sample: u64,
}

impl Ringing {
    /// The next 20 ms.
    pub fn frame(&mut self) -> Frame {
        let mut frame = Frame::SILENCE;
        for sample in &mut frame.0[..FRAME_SAMPLES] {
            let at = self.sample % (u64::from(RATE_HZ) * CADENCE_S);
            if at < u64::from(RATE_HZ) * ON_S {
                let time = at as f32 / RATE_HZ as f32;
                let tone = (440.0 * TAU * time).sin() + (480.0 * TAU * time).sin();
                *sample = (tone * LEVEL) as i16;
            }
            self.sample += 1;
        }
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_seconds_of_every_six_are_heard() {
        let mut ringing = Ringing::default();
        let heard: Vec<bool> = (0..600)
            .map(|_| ringing.frame().0.iter().any(|s| *s != 0))
            .collect();
        assert!(heard[..100].iter().all(|heard| *heard));
        assert!(heard[101..300].iter().all(|heard| !heard));
        assert_eq!(heard[..300], heard[300..]);
        let loudest = Ringing::default()
            .frame()
            .0
            .iter()
            .map(|s| s.unsigned_abs())
            .max();
        assert!(loudest.is_some_and(|loudest| loudest > 4_000 && loudest <= 8_000));
    }
}
