//! Pictures' raw material: curves thinned to what a screen can show, and a histogram.

use crate::conventions::Conventions;
use crate::drawdown::drawdown_curve;
use crate::moments::quantile;
use crate::replay::{Replay, close_times};
use crate::rolling::{rolling_sharpe, window_of};
use domain::{BarsView, Nanos};
use serde::{Deserialize, Serialize};
use sim::Trade;

/// Most points of a curve in a report.
pub const MOST_POINTS: usize = 1_500;
/// Most trades in a report, the latest ones; all are in the run's trade files.
pub const MOST_TRADES: usize = 4_000;
/// Bins of the histogram.
const BINS: usize = 41;

/// One named equity curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedCurve {
    /// Seed or baseline, e.g. `seed 3`, `buy_and_hold`.
    pub name: String,
    /// Equity at each of [`Curves::time`], quote currency.
    pub values: Vec<f64>,
}

/// Candles, each over the bars since the point before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candles {
    /// First prices.
    pub open: Vec<f64>,
    /// Highest prices.
    pub high: Vec<f64>,
    /// Lowest prices.
    pub low: Vec<f64>,
    /// Last prices.
    pub close: Vec<f64>,
}

/// Everything drawn over time; all lists have one value a point of `time`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Curves {
    /// Bar closes shown, at most [`MOST_POINTS`].
    pub time: Vec<Nanos>,
    /// Equity of each seed.
    pub seeds: Vec<NamedCurve>,
    /// Equity of each baseline.
    pub baselines: Vec<NamedCurve>,
    /// Deepest drawdown of the chosen agent since the point before: 0 or negative.
    pub drawdown: Vec<f64>,
    /// Sharpe ratio a year of the chosen agent over the last `rolling_window` bars.
    pub rolling_sharpe: Vec<Option<f64>>,
    /// Bars of that window.
    pub rolling_window: usize,
    /// Mean position of the chosen agent since the point before, as a multiple of equity.
    pub position: Vec<f64>,
    /// Prices.
    pub candles: Candles,
    /// The chosen agent's round trips, the latest [`MOST_TRADES`].
    pub trades: Vec<Trade>,
}

/// Counts of returns in equal bins; the outermost bins hold everything beyond.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Histogram {
    /// Lower end of the first bin.
    pub low: f64,
    /// Upper end of the last bin.
    pub high: f64,
    /// Counts, lowest bin first.
    pub counts: Vec<u64>,
}

impl Histogram {
    /// Counts `values` between their half-percent quantiles.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        let ends = quantile(&mut sorted, 0.005).zip(quantile(&mut sorted, 0.995));
        let Some((low, high)) = ends.filter(|(low, high)| high > low) else {
            return Self::default();
        };
        let mut counts = vec![0; BINS];
        for value in values {
            let at = (value - low) / (high - low) * BINS as f64;
            counts[(at.max(0.0) as usize).min(BINS - 1)] += 1;
        }
        Self { low, high, counts }
    }
}

/// The points of a series of `count` bars that are shown: the last of each stretch.
#[derive(Clone, Debug)]
pub(crate) struct Thinning {
    ends: Vec<usize>,
}

impl Thinning {
    pub(crate) fn of(count: usize) -> Self {
        let points = count.clamp(1, MOST_POINTS);
        let ends = (1..=points).map(|point| point * count / points - 1);
        Self {
            ends: ends.collect(),
        }
    }

    /// Returns the value at each shown point.
    pub(crate) fn last<T: Copy>(&self, values: &[T]) -> Vec<T> {
        self.ends.iter().map(|end| values[*end]).collect()
    }

    /// Returns `f` of the values since the point before.
    fn each<T>(&self, values: &[f64], f: impl Fn(&[f64]) -> T) -> Vec<T> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|end| end + 1));
        starts
            .zip(&self.ends)
            .map(|(start, end)| f(&values[start..=*end]))
            .collect()
    }
}

/// Draws the chosen agent's `run` over `bars`; seeds and baselines are added by the caller.
pub(crate) fn curves_of(
    run: &Replay,
    bars: BarsView<'_>,
    conventions: &Conventions,
    thinning: &Thinning,
) -> Curves {
    let rolling_window = window_of(bars.len(), conventions);
    // Point 0 of the equity has no return.
    let mut rolled = vec![None];
    rolled.extend(rolling_sharpe(&run.returns, rolling_window, conventions));
    let lowest = |part: &[f64]| part.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = |part: &[f64]| part.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let skip = run.trades.len().saturating_sub(MOST_TRADES);
    Curves {
        time: thinning.last(&close_times(bars)),
        seeds: Vec::new(),
        baselines: Vec::new(),
        drawdown: thinning.each(&drawdown_curve(&run.equity), lowest),
        rolling_sharpe: thinning.last(&rolled),
        rolling_window,
        position: thinning.each(&run.exposures(bars.close), mean),
        candles: Candles {
            open: thinning.each(bars.open, |part| part[0]),
            high: thinning.each(bars.high, highest),
            low: thinning.each(bars.low, lowest),
            close: thinning.last(bars.close),
        },
        trades: run.trades[skip..].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(1, 1)]
    #[case(700, 700)]
    #[case(1_501, 1_500)]
    #[case(100_000, 1_500)]
    fn thinning_covers_every_bar_once(#[case] count: usize, #[case] points: usize) {
        let thinning = Thinning::of(count);
        let ones = vec![1.0; count];
        let lengths = thinning.each(&ones, <[f64]>::len);
        assert_eq!(lengths.len(), points);
        assert_eq!(lengths.iter().sum::<usize>(), count);
        assert_eq!(thinning.ends.last(), Some(&(count - 1)));
    }

    #[test]
    fn the_histogram_counts_every_value() {
        let values: Vec<f64> = (0..1_000).map(f64::from).collect();
        let histogram = Histogram::of(&values);
        assert_eq!(histogram.counts.iter().sum::<u64>(), 1_000);
        assert_eq!(Histogram::of(&[1.0; 5]), Histogram::default());
    }
}
