//! Logarithm and exponential from `+ - * /` alone: the same bits on every machine, which the ones of
//! the C library do not promise. Good to about ten digits, which is far more than is used.

use std::f64::consts::{LN_2, SQRT_2};

/// Natural logarithm of a positive number; that of the smallest positive one for anything else.
pub(super) fn ln(x: f64) -> f64 {
    let mut mantissa = if x >= f64::MIN_POSITIVE {
        x.min(f64::MAX)
    } else {
        f64::MIN_POSITIVE
    };
    let bits = mantissa.to_bits();
    let mut power = ((bits >> 52) & 0x7ff) as i32 - 1023;
    mantissa = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | (1023 << 52));
    if mantissa > SQRT_2 {
        mantissa /= 2.0;
        power += 1;
    }
    // ln m = 2 artanh z, with |z| < 0.172: the next term would be below 1e-13.
    let z = (mantissa - 1.0) / (mantissa + 1.0);
    let square = z * z;
    let mut sum = 0.0;
    for odd in [15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        sum = (sum + 1.0 / odd) * square;
    }
    f64::from(power) * LN_2 + 2.0 * z * (1.0 + sum)
}

/// e to the power of `x`, of what lies between -700 and 700.
pub(super) fn exp(x: f64) -> f64 {
    let x = if x.is_nan() {
        0.0
    } else {
        x.clamp(-700.0, 700.0)
    };
    // Rounded by hand: towards zero after half a step outwards.
    let half = if x < 0.0 { -0.5 } else { 0.5 };
    let power = (x / LN_2 + half) as i32;
    let rest = x - f64::from(power) * LN_2;
    let mut sum = 1.0;
    for place in (1..=12).rev() {
        sum = 1.0 + sum * rest / f64::from(place);
    }
    sum * f64::from_bits(((power + 1023) as u64) << 52)
}

/// 1 / (1 + e^-x).
pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_agree_with_the_library() {
        for step in -2000..2000 {
            let x = f64::from(step) / 7.3;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-10, "{x}");
            let y = f64::from(step + 2001) / 77.7;
            assert!((ln(y) - y.ln()).abs() < 1e-10, "{y}");
        }
        assert!((logistic(0.0) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn what_has_no_answer_has_a_finite_one() {
        for x in [
            0.0,
            -1.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            1e-320,
        ] {
            assert!(ln(x).is_finite() && exp(x).is_finite(), "{x}");
            assert!((0.0..=1.0).contains(&logistic(x)), "{x}");
        }
    }
}
