//! The standard normal distribution.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// Returns `P(Z ≤ z)`.
#[must_use]
pub fn cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// Returns the `z` with `P(Z ≤ z) = p`; infinite at 0 and 1, NaN outside.
///
/// Starts from Abramowitz and Stegun 26.2.23 (error < 4.5e-4) and refines by Halley's method,
/// which reaches the last digits in three steps. The tail in which `p` lies is kept throughout,
/// so that small probabilities lose no digits.
#[must_use]
pub fn quantile(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    let tail = p.min(1.0 - p);
    if tail <= 0.0 {
        return if p < 0.5 {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        };
    }
    let t = (-2.0 * tail.ln()).sqrt();
    let start = t
        - (2.515_517 + t * (0.802_853 + t * 0.010_328))
            / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    let mut z = -start;
    for _ in 0..4 {
        let density = (-0.5 * z * z).exp() / TAU.sqrt();
        let step = (cdf(z) - tail) / density;
        z -= step / (1.0 + 0.5 * z * step);
    }
    if p < 0.5 { z } else { -z }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    // scipy.stats.norm.ppf
    #[rstest]
    #[case(0.5, 0.0)]
    #[case(0.975, 1.959_963_984_540_054)]
    #[case(0.99, 2.326_347_874_040_840_8)]
    #[case(1e-10, -6.361_340_902_404_056)]
    #[case(0.3, -0.524_400_512_708_041)]
    fn quantile_is_scipys(#[case] p: f64, #[case] z: f64) {
        assert!((quantile(p) - z).abs() < 1e-13, "{}", quantile(p));
        assert!((cdf(z) - p).abs() < 1e-15);
    }

    #[test]
    fn the_ends_are_infinite() {
        assert!(quantile(0.0).is_infinite() && quantile(0.0) < 0.0);
        assert!(quantile(1.0).is_infinite() && quantile(1.0) > 0.0);
        assert!(quantile(1.5).is_nan());
    }
}
