//! Sums, central moments and quantiles over long slices.
//!
//! Sums run in independent lanes: the compiler can then use vector registers, the result
//! does not depend on the machine's vector width, and the rounding error is that of a part of
//! the length.

/// Lanes of every sum in this module; part of the numerical result, not a tuning knob.
const LANES: usize = 8;
/// Lanes where several sums run side by side, so that all stay in registers.
const FEW_LANES: usize = 4;

/// Returns `Σ f(x)`.
pub(crate) fn sum(values: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += f(*value);
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|value| f(*value)).sum::<f64>()
}

/// Returns `Σ f(x)` for three terms at once.
pub(crate) fn sums(values: &[f64], f: impl Fn(f64) -> [f64; 3]) -> [f64; 3] {
    let mut lanes = [[0.0; FEW_LANES]; 3];
    for chunk in values.chunks(FEW_LANES) {
        for (k, value) in chunk.iter().enumerate() {
            let terms = f(*value);
            lanes[0][k] += terms[0];
            lanes[1][k] += terms[1];
            lanes[2][k] += terms[2];
        }
    }
    lanes.map(|lane| lane.iter().sum())
}

/// Lowest and highest of a slice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span {
    pub low: f64,
    pub high: f64,
    /// No value is infinite or NaN.
    pub finite: bool,
}

impl Span {
    /// Measures `values`; `None` of nothing. `low` and `high` mean something if `finite`.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let first = *values.first()?;
        let (mut low, mut high) = ([first; FEW_LANES], [first; FEW_LANES]);
        // A product with zero is zero for a finite value and NaN for any other.
        let mut zero = [0.0; FEW_LANES];
        let chunks = values.chunks_exact(FEW_LANES);
        let rest = chunks.remainder();
        let mut take = |k: usize, value: f64| {
            low[k] = if value < low[k] { value } else { low[k] };
            high[k] = if value > high[k] { value } else { high[k] };
            zero[k] += value * 0.0;
        };
        for chunk in chunks {
            for (k, value) in chunk.iter().enumerate() {
                take(k, *value);
            }
        }
        for (k, value) in rest.iter().enumerate() {
            take(k, *value);
        }
        Some(Self {
            low: low.into_iter().fold(first, f64::min),
            high: high.into_iter().fold(first, f64::max),
            finite: zero.iter().sum::<f64>() == 0.0,
        })
    }
}

/// Returns the arithmetic mean; `None` of nothing.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| sum(values, |x| x) / values.len() as f64)
}

/// Central moments of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// Sample size.
    pub count: usize,
    /// Arithmetic mean.
    pub mean: f64,
    /// Sum of squared deviations from the mean.
    pub squares: f64,
    /// Third central moment, divided by the count.
    pub third: f64,
    /// Fourth central moment, divided by the count.
    pub fourth: f64,
    /// Whether all values are equal: rounding then leaves a deviation near 1e-18, which would
    /// turn an undefined ratio into one near 1e15.
    pub constant: bool,
}

impl Moments {
    /// Measures `values`; `None` of nothing.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let mean = mean(values)?;
        let first = values[0];
        let mut lanes = [[0.0; FEW_LANES]; 3];
        let chunks = values.chunks_exact(FEW_LANES);
        let rest = chunks.remainder();
        for chunk in chunks {
            for (k, value) in chunk.iter().enumerate() {
                let d = value - mean;
                let d2 = d * d;
                lanes[0][k] += d2;
                lanes[1][k] += d2 * d;
                lanes[2][k] += d2 * d2;
            }
        }
        for (k, value) in rest.iter().enumerate() {
            let d = value - mean;
            let d2 = d * d;
            lanes[0][k] += d2;
            lanes[1][k] += d2 * d;
            lanes[2][k] += d2 * d2;
        }
        let [squares, third, fourth] = lanes.map(|lane| lane.iter().sum::<f64>());
        let count = values.len() as f64;
        Some(Self {
            count: values.len(),
            mean,
            squares,
            third: third / count,
            fourth: fourth / count,
            constant: values
                .iter()
                .all(|value| value.to_bits() == first.to_bits()),
        })
    }

    /// Returns the standard deviation with `ddof` delta degrees of freedom; `None` where the
    /// sample is no larger than `ddof`.
    #[must_use]
    pub fn deviation(&self, ddof: u8) -> Option<f64> {
        let freedom = self.count.checked_sub(usize::from(ddof))?;
        if freedom == 0 {
            return None;
        }
        Some(if self.constant {
            0.0
        } else {
            (self.squares / freedom as f64).sqrt()
        })
    }

    /// Returns the skewness `m₃ / m₂^1.5` (Fisher–Pearson, biased, as `scipy.stats.skew`).
    #[must_use]
    pub fn skew(&self) -> Option<f64> {
        let variance = self.positive_variance()?;
        Some(self.third / variance.powf(1.5))
    }

    /// Returns the excess kurtosis `m₄ / m₂² − 3` (biased, as `scipy.stats.kurtosis`).
    #[must_use]
    pub fn excess_kurtosis(&self) -> Option<f64> {
        let variance = self.positive_variance()?;
        Some(self.fourth / (variance * variance) - 3.0)
    }

    fn positive_variance(&self) -> Option<f64> {
        let variance = self.squares / self.count as f64;
        (!self.constant && variance > 0.0).then_some(variance)
    }
}

/// Returns the `q`-quantile by linear interpolation between order statistics (numpy's default).
///
/// `values` is reordered. `None` of nothing; `q` lies in `[0, 1]`.
#[must_use]
pub fn quantile(values: &mut [f64], q: f64) -> Option<f64> {
    let position = q * values.len().checked_sub(1)? as f64;
    let low = position.floor() as usize;
    let (_, at, above) = values.select_nth_unstable_by(low, f64::total_cmp);
    let at = *at;
    let next = above.iter().copied().reduce(f64::min).unwrap_or(at);
    Some(between(at, next, position - position.floor()))
}

/// Interpolates from `low` at 0 to `high` at 1.
pub(crate) fn between(low: f64, high: f64, share: f64) -> f64 {
    low + (high - low) * share
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0.0, 1.0)]
    #[case(0.05, 1.2)]
    #[case(0.5, 3.0)]
    #[case(0.95, 4.8)]
    #[case(1.0, 5.0)]
    fn quantiles_interpolate_as_numpy(#[case] q: f64, #[case] expected: f64) {
        let mut values = [3.0, 1.0, 5.0, 2.0, 4.0];
        assert!((quantile(&mut values, q).unwrap() - expected).abs() < 1e-15);
    }

    #[test]
    fn moments_of_a_known_sample() {
        // scipy.stats.skew / kurtosis of [1, 2, 4, 8, 16].
        let moments = Moments::of(&[1.0, 2.0, 4.0, 8.0, 16.0]).unwrap();
        assert!((moments.deviation(1).unwrap() - 6.099_180_272_790_763).abs() < 1e-14);
        assert!((moments.skew().unwrap() - 0.889_048_134_816_954_2).abs() < 1e-12);
        assert!((moments.excess_kurtosis().unwrap() + 0.674_059_139_784_947_4).abs() < 1e-12);
    }

    #[rstest]
    #[case(&[2.0, -1.0, 3.0, 0.5, 9.0], -1.0, 9.0)]
    #[case(&[4.0], 4.0, 4.0)]
    fn a_span_has_both_ends(#[case] values: &[f64], #[case] low: f64, #[case] high: f64) {
        let span = Span::of(values).unwrap();
        assert!(span.finite && (span.low - low).abs() < 1e-15 && (span.high - high).abs() < 1e-15);
        for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for at in 0..values.len() {
                let mut planted = values.to_vec();
                planted[at] = wrong;
                assert!(!Span::of(&planted).unwrap().finite);
            }
        }
    }

    #[test]
    fn a_constant_sample_has_no_dispersion() {
        let moments = Moments::of(&[0.1; 7]).unwrap();
        assert_eq!(moments.deviation(1), Some(0.0));
        assert_eq!(moments.skew(), None);
    }

    #[test]
    fn nothing_has_no_moments() {
        assert_eq!(Moments::of(&[]), None);
        assert_eq!(quantile(&mut [], 0.5), None);
    }
}
