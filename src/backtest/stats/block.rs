//! The block length of the stationary bootstrap, chosen from the series itself.

/// Returns the mean block length that minimises the bootstrap's mean squared error, at least 1.
///
/// Politis and White (2004) with the correction of Patton, Politis and White (2009), as
/// `arch.bootstrap.optimal_block_length` (column `stationary`). A series without dispersion, or
/// with fewer than ten values, has length 1.
#[must_use]
pub fn block_length(values: &[f64]) -> f64 {
    let count = values.len();
    if count < 10 {
        return 1.0;
    }
    let n = count as f64;
    let mean = values.iter().sum::<f64>() / n;
    let centred: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let square: f64 = dot(&centred, &centred);
    // Rounding alone leaves about n · (ε · mean)²; nothing that small is dispersion.
    if square <= n * (mean * f64::EPSILON * 4.0).powi(2) {
        return 1.0;
    }
    let longest = (3.0 * n.sqrt()).min(n / 3.0).ceil();
    let run = 5.max(n.log10() as usize);
    let lags = ((n.sqrt().ceil() as usize) + run).min(count - 1);
    let band = 2.0 * (n.log10() / n).sqrt();

    let mut covariance = Vec::with_capacity(lags + 1);
    let mut correlation = Vec::with_capacity(lags + 1);
    let mut cut: Option<usize> = None;
    for lag in 0..=lags {
        let cross = dot(&centred[lag..], &centred[..count - lag]);
        let late: f64 = dot(&centred[lag + 1..], &centred[lag + 1..]);
        let early: f64 = dot(&centred[..count - lag - 1], &centred[..count - lag - 1]);
        covariance.push(cross / n);
        correlation.push(cross.abs() / (late * early).sqrt());
        if lag >= run && cut.is_none() && correlation[lag - run..lag].iter().all(|c| *c < band) {
            cut = Some(lag - run);
        }
    }
    let bandwidth = cut.map_or(lags, |cut| (2 * cut.max(1)).min(lags));

    let (mut slope, mut long_run) = (0.0, covariance[0]);
    for (lag, value) in covariance.iter().enumerate().take(bandwidth + 1).skip(1) {
        let share = lag as f64 / bandwidth as f64;
        let weight = if share <= 0.5 {
            1.0
        } else {
            2.0 * (1.0 - share)
        };
        slope += 2.0 * weight * lag as f64 * value;
        long_run += 2.0 * weight * value;
    }
    if long_run.abs() <= f64::MIN_POSITIVE {
        return longest;
    }
    let length = (slope * slope / (long_run * long_run)).cbrt() * n.cbrt();
    length.min(longest).max(1.0)
}

/// Returns the block length for a statistic of mean and variance, such as the Sharpe ratio: the
/// longer of those of the values and of their squared deviations, which carry the clustering of
/// volatility.
#[must_use]
pub fn block_length_for_sharpe(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / (values.len().max(1)) as f64;
    let squares: Vec<f64> = values.iter().map(|value| (value - mean).powi(2)).collect();
    block_length(values).max(block_length(&squares))
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (left, right) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = left
        .remainder()
        .iter()
        .zip(right.remainder())
        .map(|(x, y)| x * y)
        .sum();
    for (x, y) in left.zip(right) {
        for k in 0..8 {
            lanes[k] += x[k] * y[k];
        }
    }
    lanes.iter().sum::<f64>() + rest
}
