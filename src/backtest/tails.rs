//! Both ends of a return distribution: value at risk, its conditional form, the tail ratio.
//!
//! Only a twentieth of the values lies in either tail, so a pass with two thresholds guessed from
//! a sample collects candidates, and order statistics are taken among those alone. A bad guess
//! costs time, never digits: the exact selection then runs over everything.

use crate::moments::{between, sum};

/// Figures that come from order statistics.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tails {
    /// Quantile at the tail probability, interpolated (numpy's default).
    pub value_at_risk: f64,
    /// Mean of the `⌊p·(n − 1)⌋ + 1` lowest values (empyrical's definition).
    pub conditional: f64,
    /// Size of the upper quantile over that of the lower; `None` where the lower is zero.
    pub ratio: Option<f64>,
}

/// Below this length a plain selection is quick enough.
const SAMPLED_FROM: usize = 20_000;
/// Every such value goes into the sample.
const STRIDE: usize = 61;

impl Tails {
    /// Measures `returns` at probability `tail` in (0, ½); `None` of nothing.
    pub(crate) fn of(returns: &[f64], tail: f64) -> Option<Self> {
        let last = returns.len().checked_sub(1)? as f64;
        let rank = (tail * last).floor() as usize;
        let upper_position = (1.0 - tail) * last;
        let upper_rank = upper_position.floor() as usize;
        // The upper tail is the lower tail of the negated values.
        let lower = Lowest::of(returns, rank, tail, |value| value);
        let from_top = returns.len() - 1 - upper_rank;
        let upper = Lowest::of(returns, from_top.saturating_sub(1), tail, |value| -value);
        let value_at_risk = between(lower.at, lower.next, tail * last - rank as f64);
        // `upper_rank` counted from the top is one above the value selected there.
        let high = if from_top == 0 {
            -upper.at
        } else {
            between(-upper.next, -upper.at, upper_position - upper_rank as f64)
        };
        Some(Self {
            value_at_risk,
            conditional: lower.sum / (rank as f64 + 1.0),
            ratio: (value_at_risk != 0.0).then(|| high.abs() / value_at_risk.abs()),
        })
    }
}

/// The lowest values of a series.
struct Lowest {
    /// Value of the rank asked for, counted from 0.
    at: f64,
    /// Value of the rank after it, or the same at the end.
    next: f64,
    /// Sum of the values up to and including `at`.
    sum: f64,
}

impl Lowest {
    fn of(values: &[f64], rank: usize, tail: f64, key: impl Fn(f64) -> f64) -> Self {
        let mut candidates = Self::candidates(values, rank, tail, &key);
        if candidates.len() < rank + 2 {
            candidates.clear();
            candidates.extend(values.iter().map(|value| key(*value)));
        }
        let (below, at, above) = candidates.select_nth_unstable_by(rank, f64::total_cmp);
        let at = *at;
        Self {
            at,
            next: above.iter().copied().reduce(f64::min).unwrap_or(at),
            sum: sum(below, |value| value) + at,
        }
    }

    /// Collects every value at or below a threshold that most likely leaves `rank + 2` of them.
    fn candidates(values: &[f64], rank: usize, tail: f64, key: &impl Fn(f64) -> f64) -> Vec<f64> {
        if values.len() < SAMPLED_FROM {
            return Vec::new();
        }
        let mut sample: Vec<f64> = values.iter().step_by(STRIDE).map(|v| key(*v)).collect();
        // Six standard deviations of the sample's rank on top of the expected one.
        let expected = tail * sample.len() as f64;
        let pick = ((expected + 6.0 * expected.sqrt()) as usize).min(sample.len() - 1);
        let (_, threshold, _) = sample.select_nth_unstable_by(pick, f64::total_cmp);
        let threshold = *threshold;
        let mut found = vec![0.0; rank + rank / 2 + values.len() / 32 + 64];
        let mut count = 0;
        for value in values {
            let value = key(*value);
            if count == found.len() {
                // Many equal values: the threshold cuts off too little to be of use.
                return Vec::new();
            }
            found[count] = value;
            count += usize::from(value <= threshold);
        }
        found.truncate(count);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moments::quantile;
    use domain::StreamRng;
    use rstest::rstest;

    fn check(values: &[f64]) {
        let tails = Tails::of(values, 0.05).unwrap();
        let low = quantile(&mut values.to_vec(), 0.05).unwrap();
        let high = quantile(&mut values.to_vec(), 0.95).unwrap();
        assert!((tails.value_at_risk - low).abs() <= 1e-15 * low.abs());
        if let Some(ratio) = tails.ratio {
            assert!((ratio - high.abs() / low.abs()).abs() <= 1e-12 * ratio);
        }
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let worst = &sorted[..=((values.len() - 1) as f64 * 0.05) as usize];
        let mean = worst.iter().sum::<f64>() / worst.len() as f64;
        assert!((tails.conditional - mean).abs() <= 1e-12 * mean.abs().max(1e-12));
    }

    #[rstest]
    #[case(1)]
    #[case(2)]
    #[case(20)]
    #[case(21)]
    #[case(101)]
    #[case(19_999)]
    #[case(20_000)]
    #[case(50_000)]
    fn sampled_and_plain_selection_agree(#[case] count: usize) {
        let mut rng = StreamRng::seeded(count as u64);
        let values: Vec<f64> = (0..count).map(|_| rng.normal()).collect();
        check(&values);
    }

    #[test]
    fn a_misleading_sample_costs_no_digits() {
        // Every sampled value is low: the threshold leaves too few; and mostly flat returns.
        let mut rng = StreamRng::seeded(1);
        let trap = |at: usize, rng: &mut StreamRng| {
            if at.is_multiple_of(STRIDE) {
                -9.0
            } else {
                rng.normal()
            }
        };
        check(&(0..40_000).map(|at| trap(at, &mut rng)).collect::<Vec<_>>());
        let idle = |at: usize| if at.is_multiple_of(50) { 0.01 } else { 0.0 };
        check(&(0..40_000).map(idle).collect::<Vec<_>>());
    }
}
