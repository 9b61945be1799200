//! Simple moving averages and their crossings.

/// Bars after which moving sums are formed afresh, so that rounding errors cannot pile up.
const REFRESH: usize = 256;

/// Returns the simple moving average of the last `window` values, `None` until it is full.
/// `window` is positive.
#[must_use]
pub fn simple_moving_average(values: &[f64], window: usize) -> Vec<Option<f64>> {
    let mut averages = vec![None; values.len().min(window - 1)];
    for start in (window..=values.len()).step_by(REFRESH) {
        let end = (start + REFRESH).min(values.len() + 1);
        let mut sum: f64 = values[start - window..start].iter().sum();
        averages.push(Some(sum / window as f64));
        for (new, old) in values[start..end - 1].iter().zip(&values[start - window..]) {
            sum += new - old;
            averages.push(Some(sum / window as f64));
        }
    }
    averages
}

/// Returns targets `[n]` that turn at each crossing of two moving averages of `close`: to `up`
/// where the fast one crosses above the slow one, to `down` where it crosses below.
///
/// The target is 0 before the first crossing. A crossing needs strict inequality on two bars in
/// a row, as in backtesting.py's `crossover`. `0 < fast < slow`.
#[must_use]
pub fn moving_average_cross(
    close: &[f64],
    fast: usize,
    slow: usize,
    up: f64,
    down: f64,
) -> Vec<f64> {
    let mut targets = Vec::new();
    moving_average_cross_into(close, fast, slow, up, down, &mut targets);
    targets
}

/// Computes [`moving_average_cross`] into memory that is used again.
pub fn moving_average_cross_into(
    close: &[f64],
    fast: usize,
    slow: usize,
    up: f64,
    down: f64,
    targets: &mut Vec<f64>,
) {
    targets.clear();
    targets.resize(close.len(), 0.0);
    let (per_fast, per_slow) = (1.0 / fast as f64, 1.0 / slow as f64);
    let mut target = 0.0;
    for start in (slow..close.len()).step_by(REFRESH) {
        let end = (start + REFRESH).min(close.len());
        let mut quick: f64 = close[start - fast..start].iter().sum();
        let mut steady: f64 = close[start - slow..start].iter().sum();
        let mut before = quick * per_fast - steady * per_slow;
        let leaving = close[start - fast..end - fast]
            .iter()
            .zip(&close[start - slow..end - slow]);
        let bars = close[start..end].iter().zip(leaving);
        for (slot, (new, (fast_old, slow_old))) in targets[start..end].iter_mut().zip(bars) {
            quick += new - fast_old;
            steady += new - slow_old;
            let now = quick * per_fast - steady * per_slow;
            if before < 0.0 && now > 0.0 {
                target = up;
            } else if before > 0.0 && now < 0.0 {
                target = down;
            }
            before = now;
            *slot = target;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_are_fresh_sums() {
        let values: Vec<f64> = (0..200).map(|i| 1e6 + (f64::from(i) * 0.7).sin()).collect();
        for (at, mean) in simple_moving_average(&values, 7).into_iter().enumerate() {
            let fresh = (at >= 6).then(|| values[at - 6..=at].iter().sum::<f64>() / 7.0);
            match (mean, fresh) {
                (Some(mean), Some(fresh)) => assert!((mean - fresh).abs() < 1e-8),
                (mean, fresh) => assert_eq!(mean, fresh),
            }
        }
    }

    #[test]
    fn targets_turn_at_crossings_only() {
        // Falls, rises, falls again.
        let close: Vec<f64> = [9, 8, 7, 6, 5, 6, 7, 8, 9, 8, 7, 6, 5]
            .map(f64::from)
            .to_vec();
        let targets = moving_average_cross(&close, 2, 4, 1.0, -1.0);
        assert!(targets[..6].iter().all(|target| target.abs() < 1e-12));
        assert!((targets[7] - 1.0).abs() < 1e-12);
        assert!((targets[12] + 1.0).abs() < 1e-12);
        let turns = targets
            .windows(2)
            .filter(|pair| (pair[0] - pair[1]).abs() > 0.5)
            .count();
        assert_eq!(turns, 2);
    }
}
