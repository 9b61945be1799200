//! Whether one return series beats others over the same periods.

use super::block::block_length_for_sharpe;
use super::bootstrap::{Interval, RunningSums, for_each_block};
use crate::conventions::Conventions;
use domain::StreamRng;
use serde::{Deserialize, Serialize};

/// A paired test of the difference of two Sharpe ratios.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairedTest {
    /// What it was compared with.
    pub baseline: String,
    /// Sharpe ratio minus the baseline's, a year.
    pub difference: f64,
    /// Bootstrap interval of the difference, a year.
    pub interval: Interval,
    /// One-sided p-value of "no better than the baseline".
    pub p_value: f64,
    /// The p-value after Holm's correction over all baselines of this call.
    pub p_adjusted: f64,
}

/// Compares `returns` with each baseline's returns over the same periods.
///
/// Both series are resampled together by the stationary bootstrap (block length by
/// [`block_length_for_sharpe`] of their difference and of `returns`, the longer); the p-value is
/// the share of centred differences at or above the observed one, `(1 + k) / (1 + resamples)`
/// (after Ledoit and Wolf 2008, without studentising). p-values are then corrected by [`holm`].
/// A flat baseline has Sharpe ratio zero. Series have one length; a baseline equal to `returns`
/// differs by nothing and gets p = 1.
#[must_use]
pub fn compare_to_baselines(
    returns: &[f64],
    baselines: &[(&str, &[f64])],
    conventions: &Conventions,
    resamples: usize,
    confidence: f64,
    rng: &mut StreamRng,
) -> Vec<PairedTest> {
    let mut tests: Vec<PairedTest> = baselines
        .iter()
        .filter(|(_, baseline)| baseline.len() == returns.len())
        .filter_map(|(name, baseline)| {
            paired(returns, baseline, conventions, resamples, confidence, rng).map(
                |(difference, interval, p_value)| PairedTest {
                    baseline: (*name).to_owned(),
                    difference,
                    interval,
                    p_value,
                    p_adjusted: p_value,
                },
            )
        })
        .collect();
    let adjusted = holm(&tests.iter().map(|test| test.p_value).collect::<Vec<_>>());
    for (test, p) in tests.iter_mut().zip(adjusted) {
        test.p_adjusted = p;
    }
    tests
}

/// Corrects p-values of simultaneous tests by Holm's step-down method (1979), in input order.
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut floor: f64 = 0.0;
    for (rank, index) in order.into_iter().enumerate() {
        let scaled = p_values[index] * (p_values.len() - rank) as f64;
        floor = floor.max(scaled.min(1.0));
        adjusted[index] = floor;
    }
    adjusted
}

fn paired(
    a: &[f64],
    b: &[f64],
    conventions: &Conventions,
    resamples: usize,
    confidence: f64,
    rng: &mut StreamRng,
) -> Option<(f64, Interval, f64)> {
    if a.len() < 10 || resamples == 0 {
        return None;
    }
    let (sums_a, sums_b) = (RunningSums::of(a)?, RunningSums::of(b)?);
    let difference_of = |totals_a, totals_b| {
        sums_a.sharpe(totals_a, conventions).unwrap_or(0.0)
            - sums_b.sharpe(totals_b, conventions).unwrap_or(0.0)
    };
    let whole = |sums: &RunningSums| {
        let mut totals = [0.0; 2];
        sums.add_block(0, a.len(), &mut totals);
        totals
    };
    let observed = difference_of(whole(&sums_a), whole(&sums_b));
    let gap: Vec<f64> = a.iter().zip(b).map(|(x, y)| x - y).collect();
    let block = block_length_for_sharpe(&gap).max(block_length_for_sharpe(a));
    let mut draws = Vec::with_capacity(resamples);
    let mut at_least = 0_usize;
    for _ in 0..resamples {
        let (mut totals_a, mut totals_b) = ([0.0; 2], [0.0; 2]);
        for_each_block(a.len(), block, rng, |start, length| {
            sums_a.add_block(start, length, &mut totals_a);
            sums_b.add_block(start, length, &mut totals_b);
        });
        let draw = difference_of(totals_a, totals_b);
        at_least += usize::from(draw - observed >= observed);
        draws.push(draw);
    }
    let p_value = (1 + at_least) as f64 / (1 + resamples) as f64;
    Some((
        observed,
        Interval::of_draws(&mut draws, confidence)?,
        p_value,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holm_is_the_step_down_correction() {
        // statsmodels.stats.multitest.multipletests(p, method="holm")
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (got, expected) in adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((got - expected).abs() < 1e-15);
        }
    }

    #[test]
    fn a_series_does_not_beat_itself() {
        let mut rng = StreamRng::seeded(1);
        let returns: Vec<f64> = (0..500).map(|_| 0.001 + 0.01 * rng.normal()).collect();
        let tests = compare_to_baselines(
            &returns,
            &[("itself", &returns)],
            &Conventions::default(),
            200,
            0.95,
            &mut rng,
        );
        assert!((tests[0].p_value - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_planted_advantage_is_found() {
        let mut rng = StreamRng::seeded(2);
        let market: Vec<f64> = (0..1_000).map(|_| 0.01 * rng.normal()).collect();
        let better: Vec<f64> = market.iter().map(|r| 0.3 * r + 0.001).collect();
        let worse: Vec<f64> = market.iter().map(|r| r + 0.002).collect();
        let tests = compare_to_baselines(
            &better,
            &[("market", &market), ("stronger", &worse)],
            &Conventions::default(),
            1_000,
            0.95,
            &mut rng,
        );
        assert!(
            tests[0].p_adjusted < 0.01 && tests[0].interval.above(0.0),
            "{tests:?}"
        );
        assert!(tests[1].difference > 0.0);
    }
}
