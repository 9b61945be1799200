//! Figures over a moving window and over calendar months, for charts and tables.

use crate::conventions::Conventions;
use domain::Nanos;
use serde::{Deserialize, Serialize};

/// Returns fewer than which no figure a year rests on.
pub const FEWEST: usize = 30;

/// Returns how many bars a moving window over `bars` bars has: a twelfth of them, at least
/// [`FEWEST`] and at most a quarter of a year. Where there are fewer bars than that, it never fills.
#[must_use]
pub fn window_of(bars: usize, conventions: &Conventions) -> usize {
    let quarter = (conventions.periods_per_year / 4.0) as usize;
    (bars / 12).clamp(FEWEST, quarter.max(FEWEST))
}

/// Returns the Sharpe ratio a year of the last `window` returns at each period; `None` until the
/// window is full and where it has no dispersion.
///
/// Plain convention: arithmetic mean, `σ √P`, with `conventions`' risk-free rate and ddof. Each
/// window is summed anew from compensated running sums of squares around the series' mean, so the
/// error does not grow along the series.
#[must_use]
pub fn rolling_sharpe(
    returns: &[f64],
    window: usize,
    conventions: &Conventions,
) -> Vec<Option<f64>> {
    let freedom = window.saturating_sub(usize::from(conventions.ddof));
    let mut out = vec![None; returns.len()];
    if window == 0 || freedom == 0 || window > returns.len() {
        return out;
    }
    let n = window as f64;
    let year = conventions.periods_per_year.sqrt();
    let rate = conventions.risk_free_per_period();
    let centre = returns.iter().sum::<f64>() / returns.len() as f64;
    let (mut sum, mut squares) = (Compensated::default(), Compensated::default());
    for (at, value) in returns.iter().enumerate() {
        let d = value - centre;
        sum.add(d);
        squares.add(d * d);
        if at >= window {
            let old = returns[at - window] - centre;
            sum.add(-old);
            squares.add(-old * old);
        }
        if at + 1 >= window {
            let shift = sum.value / n;
            let variance = (squares.value - n * shift * shift) / freedom as f64;
            // Below this, what remains is rounding, not dispersion.
            if variance > 1e-24 {
                out[at] = Some((centre + shift - rate) / variance.sqrt() * year);
            }
        }
    }
    out
}

/// A sum that keeps what rounding cuts off (Kahan 1965).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Compensated {
    pub(crate) value: f64,
    lost: f64,
}

impl Compensated {
    #[inline]
    pub(crate) fn add(&mut self, term: f64) {
        let y = term - self.lost;
        let next = self.value + y;
        self.lost = (next - self.value) - y;
        self.value = next;
    }
}

/// The return of one calendar month, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MonthlyReturn {
    /// Year.
    pub year: i16,
    /// Month, 1 to 12.
    pub month: i8,
    /// Compounded simple return within the month.
    pub value: f64,
}

/// Returns each calendar month's compounded return, in time order.
///
/// `times[i]` is when `returns[i]` was complete (the bar's close); months are UTC. The close that
/// falls exactly on a month's first instant still belongs to the month before.
#[must_use]
pub fn monthly_returns(times: &[Nanos], returns: &[f64]) -> Vec<MonthlyReturn> {
    let mut months: Vec<MonthlyReturn> = Vec::new();
    for (time, value) in times.iter().zip(returns) {
        let date = Nanos(time.0 - 1).civil().date();
        match months.last_mut() {
            Some(last) if last.year == date.year() && last.month == date.month() => {
                last.value = (1.0 + last.value) * (1.0 + value) - 1.0;
            }
            _ => months.push(MonthlyReturn {
                year: date.year(),
                month: date.month(),
                value: *value,
            }),
        }
    }
    months
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::performance::sharpe;
    use domain::{StreamRng, time::SECOND};

    #[test]
    fn each_window_equals_a_fresh_measurement() {
        let mut rng = StreamRng::seeded(4);
        let returns: Vec<f64> = (0..400).map(|_| 0.01 * rng.normal()).collect();
        let conventions = Conventions::default();
        let rolled = rolling_sharpe(&returns, 63, &conventions);
        assert!(rolled[..62].iter().all(Option::is_none));
        for at in 62..400 {
            let fresh = sharpe(&returns[at - 62..=at], &conventions).unwrap();
            assert!((rolled[at].unwrap() - fresh).abs() < 1e-9);
        }
    }

    #[test]
    fn a_window_is_a_twelfth_within_its_bounds() {
        let hours = Conventions::empyrical(8_760.0);
        assert_eq!(window_of(0, &hours), 30);
        assert_eq!(window_of(120, &hours), 30);
        assert_eq!(window_of(1_200, &hours), 100);
        assert_eq!(window_of(1_000_000, &hours), 2_190);
        assert_eq!(window_of(1_000, &Conventions::empyrical(52.0)), 30);
        let few = rolling_sharpe(&[0.1, -0.1, 0.2], window_of(4, &hours), &hours);
        assert!(few.iter().all(Option::is_none));
    }

    #[test]
    fn a_flat_window_has_no_ratio() {
        let rolled = rolling_sharpe(&[0.0; 10], 5, &Conventions::default());
        assert!(rolled.iter().all(Option::is_none));
    }

    #[test]
    fn months_compound_and_a_midnight_close_ends_its_month() {
        // 2024-01-31 00:00, 2024-02-01 00:00 (January's last close), 2024-02-02 00:00.
        let day = 86_400 * SECOND;
        let times = [19_753, 19_754, 19_755].map(|days| Nanos(days * day));
        let months = monthly_returns(&times, &[0.1, 0.1, -0.5]);
        assert_eq!(months.len(), 2);
        assert_eq!((months[0].year, months[0].month), (2024, 1));
        assert!((months[0].value - 0.21).abs() < 1e-12);
        assert!((months[1].value + 0.5).abs() < 1e-12);
    }
}
