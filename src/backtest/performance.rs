//! What a series of returns was worth and how rough the way was.
//!
//! Owns every figure that needs returns alone; what needs fills and trades is in
//! [`crate::activity`]. A figure that is undefined (no fall, no dispersion, too few periods) is
//! `None`, never a number near infinity. Definitions follow empyrical-reloaded 0.7.1 unless the
//! [`Conventions`] say otherwise. Start at [`Performance::of_equity`].

use crate::conventions::{Conventions, MeanKind, ReturnKind, VolatilityKind};
use crate::drawdown::{Drawdown, DrawdownTracker};
use crate::moments::{Moments, Span, sums};
use crate::tails::Tails;
use serde::{Deserialize, Serialize};

/// Figures of one return series, under the [`Conventions`] they were computed with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Performance {
    /// Periods measured.
    pub periods: usize,
    /// `Π(1+r) − 1`.
    pub total_return: f64,
    /// Compound growth a year.
    pub annual_return: Option<f64>,
    /// Standard deviation a year.
    pub annual_volatility: Option<f64>,
    /// `√mean(min(r − rf, 0)²)` a year.
    pub downside_risk: Option<f64>,
    /// Excess return a year over volatility a year.
    pub sharpe: Option<f64>,
    /// Excess return a year over downside risk (Sortino and Price 1994).
    pub sortino: Option<f64>,
    /// Annual return over the depth of the deepest fall.
    pub calmar: Option<f64>,
    /// Sum of gains over sum of losses of excess returns (Keating and Shadwick 2002).
    pub omega: Option<f64>,
    /// Deepest fall; indices count equity points, point 0 before the first return. `None` where
    /// equity never fell.
    pub max_drawdown: Option<Drawdown>,
    /// Return at the lower tail probability, interpolated; negative is a loss.
    pub value_at_risk: Option<f64>,
    /// Mean of the returns in the lower tail.
    pub conditional_value_at_risk: Option<f64>,
    /// Size of the upper tail's quantile over that of the lower.
    pub tail_ratio: Option<f64>,
    /// Skewness (Fisher–Pearson, biased).
    pub skew: Option<f64>,
    /// Kurtosis above the normal distribution's (biased).
    pub excess_kurtosis: Option<f64>,
    /// R² of a straight line through cumulative log returns.
    pub stability: Option<f64>,
    /// Best period.
    pub best: Option<f64>,
    /// Worst period.
    pub worst: Option<f64>,
}

impl Performance {
    /// Measures an equity curve: `n` points make `n − 1` returns. Values are positive.
    #[must_use]
    pub fn of_equity(equity: &[f64], conventions: &Conventions) -> Self {
        Self::of_returns(&returns_of(equity), conventions)
    }

    /// Measures simple period returns; each lies above −1.
    #[must_use]
    pub fn of_returns(returns: &[f64], conventions: &Conventions) -> Self {
        let count = returns.len();
        if returns.is_empty() {
            return Self::default();
        }
        let path = Path::follow(returns);
        let years = count as f64 / conventions.periods_per_year;
        let annual_return = Some(path.wealth.max(0.0).powf(1.0 / years) - 1.0);

        let logs;
        let kept = match conventions.returns {
            ReturnKind::Simple => returns,
            ReturnKind::Log => {
                logs = as_log_returns(returns);
                &logs
            }
        };
        let ratios = Ratios::of(kept, annual_return, conventions);
        let tails = Tails::of(kept, conventions.tail);
        let depth = path.max_drawdown.map(|fall| -fall.depth);
        Self {
            periods: count,
            total_return: path.wealth - 1.0,
            annual_return,
            annual_volatility: ratios.volatility,
            downside_risk: ratios.downside,
            sharpe: ratios.sharpe,
            sortino: ratios.sortino,
            calmar: annual_return
                .zip(depth)
                .map(|(growth, depth)| growth / depth),
            omega: ratios.omega,
            max_drawdown: path.max_drawdown,
            value_at_risk: tails.map(|tails| tails.value_at_risk),
            conditional_value_at_risk: tails.map(|tails| tails.conditional),
            tail_ratio: tails.and_then(|tails| tails.ratio),
            skew: ratios.skew,
            excess_kurtosis: ratios.excess_kurtosis,
            stability: path.stability,
            best: Some(path.ends[1]),
            worst: Some(path.ends[0]),
        }
    }
}

/// Returns `equity[i+1] / equity[i] − 1`, one fewer than the points; 0 once equity is zero.
#[must_use]
pub fn returns_of(equity: &[f64]) -> Vec<f64> {
    let mut returns = Vec::new();
    returns_into(equity, &mut returns);
    returns
}

/// Computes [`returns_of`] into memory that is used again.
pub(crate) fn returns_into(equity: &[f64], returns: &mut Vec<f64>) {
    returns.clear();
    let later = equity.get(1..).unwrap_or_default();
    returns.extend(equity.iter().zip(later).map(|(before, after)| {
        let change = after / before - 1.0;
        if *before > 0.0 { change } else { 0.0 }
    }));
}

/// Returns the Sharpe ratio a year of simple returns under `conventions`; `None` where the
/// returns have no dispersion.
#[must_use]
pub fn sharpe(returns: &[f64], conventions: &Conventions) -> Option<f64> {
    let growth = || {
        let years = returns.len() as f64 / conventions.periods_per_year;
        let wealth: f64 = returns.iter().map(|r| 1.0 + r).product();
        (wealth > 0.0).then(|| wealth.powf(1.0 / years) - 1.0)
    };
    let annual = match conventions.mean {
        MeanKind::Arithmetic => None,
        MeanKind::Geometric => growth(),
    };
    match conventions.returns {
        ReturnKind::Simple => Ratios::of(returns, annual, conventions).sharpe,
        ReturnKind::Log => Ratios::of(&as_log_returns(returns), annual, conventions).sharpe,
    }
}

/// Values worked on at a time: they stay in the first-level cache.
const TILE: usize = 1_024;

/// Writes `ln(1 + r)` of each return into `logs`, which is as long.
///
/// Small returns, which nearly all are, use `2 artanh(r / (2 + r))` as a series whose first
/// neglected term is below 1e-18 of the result; it runs in vector registers.
fn log_returns(returns: &[f64], logs: &mut [f64]) {
    const SMALL: f64 = 0.03;
    for (slots, chunk) in logs.chunks_mut(16).zip(returns.chunks(16)) {
        if chunk.iter().fold(true, |all, r| all & (r.abs() < SMALL)) {
            for (slot, r) in slots.iter_mut().zip(chunk) {
                let s = r / (2.0 + r);
                let q = s * s;
                let series = 1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q / 9.0));
                *slot = 2.0 * s * (1.0 + q * series);
            }
        } else {
            for (slot, r) in slots.iter_mut().zip(chunk) {
                *slot = r.ln_1p();
            }
        }
    }
}

fn as_log_returns(returns: &[f64]) -> Vec<f64> {
    let mut logs = vec![0.0; returns.len()];
    log_returns(returns, &mut logs);
    logs
}

/// Wealth along the way, starting at 1.
struct Path {
    wealth: f64,
    max_drawdown: Option<Drawdown>,
    stability: Option<f64>,
    /// Lowest and highest return.
    ends: [f64; 2],
}

impl Path {
    /// Follows `returns`, which are not empty; a tile is read twice while it is in the cache.
    fn follow(returns: &[f64]) -> Self {
        let mut wealth = 1.0;
        let mut tracker = DrawdownTracker::new(wealth);
        let mut ends = [f64::INFINITY, f64::NEG_INFINITY];
        for (tile, chunk) in returns.chunks(TILE).enumerate() {
            let mut at = 0;
            while at < chunk.len() {
                let (passed, after) = quiet_stretch(&chunk[at..], wealth, tracker.quiet_range());
                wealth = after;
                at += passed;
                tracker.push(tile * TILE + at, wealth);
            }
            if let Some(span) = Span::of(chunk) {
                ends = [ends[0].min(span.low), ends[1].max(span.high)];
            }
        }
        Self {
            wealth,
            max_drawdown: tracker.finish(),
            stability: stability(returns, wealth),
            ends,
        }
    }
}

/// Compounds `wealth` until it leaves `quiet`, a range in which no peak and no deeper fall lies;
/// returns the periods passed, at least one, and the wealth after them.
fn quiet_stretch(returns: &[f64], mut wealth: f64, quiet: (f64, f64)) -> (usize, f64) {
    let (threshold, peak) = quiet;
    for (at, value) in returns.iter().enumerate() {
        wealth *= 1.0 + value;
        if wealth < threshold || wealth >= peak {
            return (at + 1, wealth);
        }
    }
    (returns.len(), wealth)
}

/// R² of the least-squares line through `(i, log wealth)`; `wealth` is the final one.
///
/// Sums of squares are taken around half the final log wealth, near the mean of any steady path.
fn stability(returns: &[f64], wealth: f64) -> Option<f64> {
    let n = returns.len() as f64;
    let (x_mean, centre) = ((n - 1.0) / 2.0, wealth.ln() / 2.0);
    let mut logs = [0.0; TILE];
    let (mut total, mut y, mut xy, mut yy) = (-centre, 0.0, 0.0, 0.0);
    for (tile, chunk) in returns.chunks(TILE).enumerate() {
        let logs = &mut logs[..chunk.len()];
        log_returns(chunk, logs);
        for value in logs.iter_mut() {
            total += *value;
            *value = total;
        }
        let first = (tile * TILE) as f64 - x_mean;
        let (mut lanes_y, mut lanes_xy, mut lanes_yy) = ([0.0; 4], [0.0; 4], [0.0; 4]);
        for (group, values) in logs.chunks(4).enumerate() {
            for (k, value) in values.iter().enumerate() {
                lanes_y[k] += value;
                lanes_xy[k] += (first + (group * 4 + k) as f64) * value;
                lanes_yy[k] += value * value;
            }
        }
        y += lanes_y.iter().sum::<f64>();
        xy += lanes_xy.iter().sum::<f64>();
        yy += lanes_yy.iter().sum::<f64>();
    }
    let spread = yy - y * y / n;
    let xx = n * (n * n - 1.0) / 12.0;
    (n >= 2.0 && spread > 0.0 && spread.is_finite()).then(|| xy * xy / (xx * spread))
}

/// Figures that come from moments of the (simple or log) returns.
#[derive(Default)]
struct Ratios {
    volatility: Option<f64>,
    downside: Option<f64>,
    sharpe: Option<f64>,
    sortino: Option<f64>,
    omega: Option<f64>,
    skew: Option<f64>,
    excess_kurtosis: Option<f64>,
}

impl Ratios {
    fn of(returns: &[f64], annual_return: Option<f64>, conventions: &Conventions) -> Self {
        let Some(moments) = Moments::of(returns) else {
            return Self::default();
        };
        let year = conventions.periods_per_year;
        let rate = conventions.risk_free_per_period();
        let deviation = moments.deviation(conventions.ddof);
        let volatility = match conventions.volatility {
            VolatilityKind::SquareRootOfTime => deviation.map(|sigma| sigma * year.sqrt()),
            VolatilityKind::Compounded => deviation.zip(annual_return).map(|(sigma, growth)| {
                let period = (1.0 + growth).powf(2.0 / year);
                ((sigma * sigma + period).powf(year) - (1.0 + growth).powi(2)).sqrt()
            }),
        };
        let excess = match conventions.mean {
            MeanKind::Arithmetic => Some((moments.mean - rate) * year),
            MeanKind::Geometric => annual_return.map(|growth| growth - conventions.risk_free),
        };
        let [squares, gains, losses] = sums(returns, |r| {
            let excess = r - rate;
            let below = if excess < 0.0 { -excess } else { 0.0 };
            let above = if excess > 0.0 { excess } else { 0.0 };
            [below * below, above, below]
        });
        let downside = (squares / returns.len() as f64).sqrt() * year.sqrt();
        let over = |risk: Option<f64>| {
            excess
                .zip(risk)
                .filter(|(_, risk)| *risk > 0.0)
                .map(|(excess, risk)| excess / risk)
        };
        Self {
            volatility,
            downside: Some(downside),
            sharpe: over(volatility),
            sortino: over(Some(downside).filter(|_| returns.len() > 1)),
            omega: (losses > 0.0 && returns.len() > 1).then(|| gains / losses),
            skew: moments.skew(),
            excess_kurtosis: moments.excess_kurtosis(),
        }
    }
}
