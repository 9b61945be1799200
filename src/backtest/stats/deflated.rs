//! What a Sharpe ratio is worth after its length, its tails and the number of trials.
//!
//! Sharpe ratios here are *per period*, not per year, as in the papers. Kurtosis is the plain one
//! (3 for the normal distribution).

use super::normal;
use crate::moments::Moments;
use serde::{Deserialize, Serialize};

/// Euler's constant γ.
const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;

/// Returns the probability that the true Sharpe ratio exceeds `benchmark`
/// (Bailey and López de Prado 2012, "The Sharpe ratio efficient frontier", eq. 11).
///
/// Both ratios are per period; `kurtosis` is 3 for normal returns.
#[must_use]
pub fn probabilistic_sharpe(
    sharpe: f64,
    benchmark: f64,
    periods: usize,
    skew: f64,
    kurtosis: f64,
) -> f64 {
    let spread = estimator_variance(sharpe, skew, kurtosis);
    let periods = periods.saturating_sub(1) as f64;
    normal::cdf((sharpe - benchmark) * (periods / spread).sqrt())
}

/// Returns the Sharpe ratio that the best of `trials` worthless strategies is expected to show
/// (Bailey and López de Prado 2014, "The deflated Sharpe ratio", eq. 9).
///
/// `variance` is the variance of the trials' per-period Sharpe ratios. One trial expects zero.
#[must_use]
pub fn expected_best_sharpe(trials: u64, variance: f64) -> f64 {
    if trials < 2 {
        return 0.0;
    }
    let n = trials as f64;
    let most = normal::quantile(1.0 - 1.0 / n);
    let more = normal::quantile(1.0 - 1.0 / (n * std::f64::consts::E));
    variance.sqrt() * ((1.0 - EULER_GAMMA) * most + EULER_GAMMA * more)
}

/// Returns how many periods a record needs before the true Sharpe ratio exceeds `benchmark` with
/// `confidence` (Bailey and López de Prado 2012, eq. 13); `None` where it never will.
#[must_use]
pub fn minimum_track_record(
    sharpe: f64,
    benchmark: f64,
    skew: f64,
    kurtosis: f64,
    confidence: f64,
) -> Option<f64> {
    let spread = estimator_variance(sharpe, skew, kurtosis);
    (sharpe > benchmark)
        .then(|| 1.0 + spread * (normal::quantile(confidence) / (sharpe - benchmark)).powi(2))
}

/// A Sharpe ratio held against the best of many worthless trials.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeflatedSharpe {
    /// Estimate per period.
    pub sharpe: f64,
    /// Trials counted: search trials × checkpoints looked at × seeds.
    pub trials: u64,
    /// Sharpe ratio per period expected of the best worthless trial.
    pub benchmark: f64,
    /// Probability that the true ratio exceeds zero.
    pub probabilistic: f64,
    /// Probability that the true ratio exceeds `benchmark`.
    pub deflated: f64,
    /// Periods needed for 95 % confidence that the true ratio exceeds zero; `None`: never.
    pub minimum_track_record: Option<f64>,
}

/// Deflates the Sharpe ratio of excess `returns` by the number of `trials`.
///
/// `trial_sharpes` are the trials' per-period Sharpe ratios; their variance is used when there
/// are at least two, else that of a worthless strategy's estimate, `1 / (n − 1)`. `None` for
/// fewer than two returns or returns without dispersion.
#[must_use]
pub fn deflated_sharpe(
    returns: &[f64],
    trials: u64,
    trial_sharpes: &[f64],
) -> Option<DeflatedSharpe> {
    let moments = Moments::of(returns)?;
    let deviation = moments.deviation(1).filter(|sigma| *sigma > 0.0)?;
    let (skew, kurtosis) = (moments.skew()?, moments.excess_kurtosis()? + 3.0);
    let sharpe = moments.mean / deviation;
    let variance = Moments::of(trial_sharpes)
        .and_then(|trials| trials.deviation(1))
        .map_or(1.0 / (returns.len() as f64 - 1.0), |sigma| sigma * sigma);
    let benchmark = expected_best_sharpe(trials, variance);
    let against = |level| probabilistic_sharpe(sharpe, level, returns.len(), skew, kurtosis);
    Some(DeflatedSharpe {
        sharpe,
        trials,
        benchmark,
        probabilistic: against(0.0),
        deflated: against(benchmark),
        minimum_track_record: minimum_track_record(sharpe, 0.0, skew, kurtosis, 0.95),
    })
}

/// Variance of the Sharpe estimator times the number of periods (Mertens 2002).
fn estimator_variance(sharpe: f64, skew: f64, kurtosis: f64) -> f64 {
    1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe * sharpe
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of Bailey and López de Prado (2014).
    #[test]
    fn the_papers_example() {
        let benchmark = expected_best_sharpe(100, 0.5 / 250.0);
        assert!((benchmark - 0.113_172).abs() < 5e-7, "{benchmark}");
        let daily = 2.5 / 250.0_f64.sqrt();
        let deflated = probabilistic_sharpe(daily, benchmark, 1_250, -3.0, 10.0);
        assert!((deflated - 0.900_397).abs() < 5e-7, "{deflated}");
    }

    #[test]
    fn one_trial_needs_no_deflation() {
        let returns: Vec<f64> = (0..100)
            .map(|i| 0.001 + 0.01 * f64::from(i % 7 - 3))
            .collect();
        let one = deflated_sharpe(&returns, 1, &[]).unwrap();
        assert!((one.deflated - one.probabilistic).abs() < 1e-15);
        let many = deflated_sharpe(&returns, 1_000, &[]).unwrap();
        assert!(many.deflated < one.deflated);
    }

    #[test]
    fn the_minimum_record_gives_exactly_the_confidence() {
        let periods = minimum_track_record(0.1, 0.0, -0.5, 5.0, 0.95).unwrap();
        let whole = probabilistic_sharpe(0.1, 0.0, periods.ceil() as usize, -0.5, 5.0);
        assert!((0.95..0.9505).contains(&whole), "{whole}");
        assert_eq!(minimum_track_record(-0.1, 0.0, 0.0, 3.0, 0.95), None);
    }
}
