//! Causal rolling windows that a transform keeps between bars.
//!
//! One state machine serves batch and streaming, so both give the same bits.

/// The last `lag` values; gives back the one that leaves.
#[derive(Clone, Debug)]
pub struct Delay {
    ring: Vec<f64>,
    at: usize,
    lag: usize,
}

impl Delay {
    /// Starts empty. `lag` is at least 1.
    pub fn new(lag: usize) -> Self {
        Self {
            ring: Vec::with_capacity(lag),
            at: 0,
            lag,
        }
    }

    /// Takes `value`; returns the value of `lag` pushes ago, `None` until there is one.
    pub fn push(&mut self, value: f64) -> Option<f64> {
        if self.ring.len() < self.lag {
            self.ring.push(value);
            return None;
        }
        let old = std::mem::replace(&mut self.ring[self.at], value);
        self.at = if self.at + 1 == self.lag {
            0
        } else {
            self.at + 1
        };
        Some(old)
    }
}

/// A window spread below this share of its mean's magnitude is rounding noise.
const FLAT: f64 = 1e-12;

/// Mean and standard deviation of the last `period` values (population, ddof 0).
///
/// Updated by sliding (Welford's form) and recomputed exactly once a window, so that rounding does
/// not accumulate over millions of bars.
#[derive(Clone, Debug)]
pub struct RollingZ {
    delay: Delay,
    period: usize,
    mean: f64,
    squares: f64,
    since_exact: usize,
}

impl RollingZ {
    /// Starts empty. `period` is at least 2.
    pub fn new(period: usize) -> Self {
        Self {
            delay: Delay::new(period),
            period,
            mean: 0.0,
            squares: 0.0,
            since_exact: 0,
        }
    }

    /// Takes `value`; returns how many standard deviations it lies from the mean of the window that
    /// ends with it, 0 where the window is constant, `None` until the window is full.
    pub fn push(&mut self, value: f64) -> Option<f64> {
        let old = self.delay.push(value);
        if self.delay.ring.len() < self.period {
            return None;
        }
        self.since_exact += 1;
        match old {
            Some(old) if self.since_exact < self.period => self.slide(old, value),
            _ => self.recompute(),
        }
        let deviation = (self.squares.max(0.0) / self.period as f64).sqrt();
        if deviation <= FLAT * self.mean.abs() {
            return Some(0.0);
        }
        Some((value - self.mean) / deviation)
    }

    fn slide(&mut self, old: f64, new: f64) {
        let before = self.mean;
        self.mean += (new - old) / self.period as f64;
        self.squares += (new - old) * (new - self.mean + old - before);
    }

    fn recompute(&mut self) {
        let window = &self.delay.ring;
        self.mean = window.iter().sum::<f64>() / self.period as f64;
        self.squares = window
            .iter()
            .map(|x| (x - self.mean) * (x - self.mean))
            .sum();
        self.since_exact = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::StreamRng;

    #[test]
    fn rolling_z_equals_the_definition_for_a_long_time() {
        let mut rng = StreamRng::seeded(1);
        let values: Vec<f64> = (0..20_000).map(|_| 1e6 + rng.normal()).collect();
        let mut rolling = RollingZ::new(50);
        for (t, value) in values.iter().enumerate() {
            let found = rolling.push(*value);
            assert_eq!(found.is_some(), t >= 49);
            let Some(found) = found else { continue };
            let window = &values[t + 1 - 50..=t];
            let mean = window.iter().sum::<f64>() / 50.0;
            let variance = window.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 50.0;
            let expected = (value - mean) / variance.sqrt();
            assert!(
                (found - expected).abs() < 1e-6,
                "bar {t}: {found} is not {expected}"
            );
        }
    }

    #[test]
    fn a_constant_window_is_zero_not_noise() {
        let mut rolling = RollingZ::new(7);
        for t in 0..40 {
            let found = rolling.push(0.1);
            assert!(t < 6 || found == Some(0.0), "bar {t}: {found:?}");
        }
    }

    #[test]
    fn a_delay_returns_the_value_of_lag_bars_ago() {
        let mut delay = Delay::new(3);
        let found: Vec<_> = (0..7).map(|x| delay.push(f64::from(x))).collect();
        assert_eq!(
            found,
            [None, None, None, Some(0.0), Some(1.0), Some(2.0), Some(3.0)]
        );
    }
}
