//! The stationary bootstrap of Politis and Romano (1994), for the Sharpe ratio of one series.
//!
//! Blocks of geometric length start anywhere and wrap around. The Sharpe ratio needs only sums of
//! returns and of their squares, so a block costs two look-ups in running sums, however long it
//! is: a thousand resamples of a year of hours take milliseconds.

use super::block::block_length_for_sharpe;
use crate::conventions::Conventions;
use crate::moments::{mean, quantile};
use crate::performance::sharpe;
use domain::StreamRng;
use serde::{Deserialize, Serialize};

/// A two-sided interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Coverage it was built for, e.g. 0.95.
    pub confidence: f64,
}

impl Interval {
    /// Cuts `draws` at both tails of `confidence`; `None` of nothing. `draws` is reordered.
    #[must_use]
    pub fn of_draws(draws: &mut [f64], confidence: f64) -> Option<Self> {
        let tail = (1.0 - confidence) / 2.0;
        Some(Self {
            low: quantile(draws, tail)?,
            high: quantile(draws, 1.0 - tail)?,
            confidence,
        })
    }

    /// Returns whether the whole interval lies above `value`.
    #[must_use]
    pub fn above(&self, value: f64) -> bool {
        self.low > value
    }
}

/// The Sharpe ratio of a series with its bootstrap interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharpeBootstrap {
    /// Estimate, a year.
    pub sharpe: f64,
    /// Percentile interval, a year.
    pub interval: Interval,
    /// Share of resamples at or below zero.
    pub share_not_positive: f64,
    /// Mean block length used, in periods.
    pub block_length: f64,
    /// Number of resamples.
    pub resamples: usize,
}

/// Returns the bootstrap interval of the Sharpe ratio a year.
///
/// Uses simple returns, arithmetic mean and `σ √P` whatever `conventions` say of those, and their
/// risk-free rate, ddof and periods a year. The mean block length follows
/// [`block_length_for_sharpe`]. `None` for fewer than ten returns or returns without dispersion.
#[must_use]
pub fn sharpe_interval(
    returns: &[f64],
    conventions: &Conventions,
    resamples: usize,
    confidence: f64,
    rng: &mut StreamRng,
) -> Option<SharpeBootstrap> {
    if returns.len() < 10 || resamples == 0 {
        return None;
    }
    let plain = Conventions {
        risk_free: conventions.risk_free,
        ddof: conventions.ddof,
        ..Conventions::empyrical(conventions.periods_per_year)
    };
    let estimate = sharpe(returns, &plain)?;
    let block_length = block_length_for_sharpe(returns);
    let sums = RunningSums::of(returns)?;
    let mut draws = Vec::with_capacity(resamples);
    for _ in 0..resamples {
        let mut totals = [0.0; 2];
        for_each_block(returns.len(), block_length, rng, |start, length| {
            sums.add_block(start, length, &mut totals);
        });
        draws.extend(sums.sharpe(totals, &plain));
    }
    let below = draws.iter().filter(|draw| **draw <= 0.0).count();
    Some(SharpeBootstrap {
        sharpe: estimate,
        share_not_positive: below as f64 / draws.len().max(1) as f64,
        interval: Interval::of_draws(&mut draws, confidence)?,
        block_length,
        resamples,
    })
}

/// Cuts `count` positions into blocks of one resample and calls `take(start, length)` for each.
///
/// Lengths are geometric with mean `block_length`; a block may run past the end, where it wraps.
pub(crate) fn for_each_block(
    count: usize,
    block_length: f64,
    rng: &mut StreamRng,
    mut take: impl FnMut(usize, usize),
) {
    let stay = (1.0 - 1.0 / block_length.max(1.0)).max(0.0);
    let mut left = count;
    while left > 0 {
        let start = rng.below(count as u64) as usize;
        let length = if stay <= 0.0 {
            1
        } else {
            // Inverse of the geometric distribution function.
            let draw = (1.0 - rng.uniform()).ln() / stay.ln();
            1 + draw.min(left as f64) as usize
        };
        let length = length.min(left);
        take(start, length);
        left -= length;
    }
}

/// Running sums of centred returns and of their squares.
#[derive(Debug)]
pub(crate) struct RunningSums {
    centre: f64,
    sums: Vec<[f64; 2]>,
}

impl RunningSums {
    pub(crate) fn of(returns: &[f64]) -> Option<Self> {
        let centre = mean(returns)?;
        let mut total = [0.0; 2];
        let mut sums = Vec::with_capacity(returns.len() + 1);
        sums.push(total);
        for value in returns {
            let d = value - centre;
            total[0] += d;
            total[1] += d * d;
            sums.push(total);
        }
        Some(Self { centre, sums })
    }

    /// Adds the block's sums to `totals`; the block may wrap around the end.
    #[inline]
    pub(crate) fn add_block(&self, start: usize, length: usize, totals: &mut [f64; 2]) {
        let count = self.sums.len() - 1;
        let end = start + length;
        for (k, total) in totals.iter_mut().enumerate() {
            *total += if end <= count {
                self.sums[end][k] - self.sums[start][k]
            } else {
                self.sums[count][k] - self.sums[start][k] + self.sums[end - count][k]
            };
        }
    }

    /// Returns the Sharpe ratio a year of a resample with these totals.
    pub(crate) fn sharpe(&self, totals: [f64; 2], conventions: &Conventions) -> Option<f64> {
        let n = (self.sums.len() - 1) as f64;
        let shift = totals[0] / n;
        let squares = totals[1] - n * shift * shift;
        let deviation = (squares / (n - f64::from(conventions.ddof))).sqrt();
        let excess = self.centre + shift - conventions.risk_free_per_period();
        (deviation > 0.0).then(|| excess / deviation * conventions.periods_per_year.sqrt())
    }
}
