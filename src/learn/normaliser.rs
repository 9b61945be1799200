//! Running scales of observations and rewards, with exact, serialisable state.
//!
//! Owns the moments and how they are applied. Statistics are gathered per shard and merged in
//! shard order between rollouts, so neither the thread count nor timing can change a bit. Within
//! a rollout the scale is frozen: the policy that acts and the one that learns see the same input.

use serde::{Deserialize, Serialize};

/// Scaled values are cut to ± this, as in OpenAI Baselines' `VecNormalize`.
pub const CLIP: f32 = 10.0;
/// Added to a variance before its root.
const EPSILON: f64 = 1e-8;

/// Count, mean and sum of squared deviations of each feature (Chan et al. 1979).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    /// Samples seen.
    pub count: f64,
    /// Mean of each feature.
    pub mean: Vec<f64>,
    /// Sum of squared deviations from the mean of each feature.
    pub squares: Vec<f64>,
}

impl Moments {
    /// Returns the moments of no sample of `dim` features.
    #[must_use]
    pub fn empty(dim: usize) -> Self {
        Self {
            count: 0.0,
            mean: vec![0.0; dim],
            squares: vec![0.0; dim],
        }
    }

    /// Returns the moments of `rows`, `[n, dim]` row-major, in two passes.
    #[must_use]
    pub fn of_rows(rows: &[f32], dim: usize) -> Self {
        let mut moments = Self::empty(dim);
        let n = rows.len() / dim.max(1);
        if n == 0 {
            return moments;
        }
        for row in rows.chunks_exact(dim) {
            for (mean, x) in moments.mean.iter_mut().zip(row) {
                *mean += f64::from(*x);
            }
        }
        moments.mean.iter_mut().for_each(|mean| *mean /= n as f64);
        for row in rows.chunks_exact(dim) {
            for ((square, mean), x) in moments.squares.iter_mut().zip(&moments.mean).zip(row) {
                let deviation = f64::from(*x) - mean;
                *square += deviation * deviation;
            }
        }
        moments.count = n as f64;
        moments
    }

    /// Takes over `other`'s samples; the result depends on the order of merges only.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0.0 {
            return;
        }
        let total = self.count + other.count;
        let share = other.count / total;
        for i in 0..self.mean.len() {
            let delta = other.mean[i] - self.mean[i];
            self.mean[i] += delta * share;
            self.squares[i] += other.squares[i] + delta * delta * self.count * share;
        }
        self.count = total;
    }

    /// Returns the population variance of feature `i`; 1 before any sample.
    #[must_use]
    pub fn variance(&self, i: usize) -> f64 {
        if self.count > 0.0 {
            self.squares[i] / self.count
        } else {
            1.0
        }
    }

    /// Returns whether every moment is a number.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.mean.iter().chain(&self.squares).all(|x| x.is_finite())
    }
}

/// Scales observations to zero mean and unit variance, clipped to ±10; or leaves them as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObsNormaliser {
    /// What was seen; `None` when observations pass unchanged.
    moments: Option<Moments>,
    /// Frozen `mean` and `1 / deviation` of each feature, as applied.
    #[serde(skip)]
    frozen: Vec<(f32, f32)>,
    dim: usize,
}

impl ObsNormaliser {
    /// Returns a normaliser that leaves `[n, dim]` observations unchanged for ever.
    #[must_use]
    pub fn identity(dim: usize) -> Self {
        Self {
            moments: None,
            frozen: Vec::new(),
            dim,
        }
    }

    /// Returns a normaliser that learns its scale; the identity until the first update.
    #[must_use]
    pub fn running(dim: usize) -> Self {
        Self {
            moments: Some(Moments::empty(dim)),
            frozen: vec![(0.0, 1.0); dim],
            dim,
        }
    }

    /// Returns the normaliser with these moments.
    #[must_use]
    pub fn from_moments(moments: Moments) -> Self {
        let mut normaliser = Self::running(moments.mean.len());
        normaliser.moments = Some(moments);
        normaliser.freeze();
        normaliser
    }

    /// Returns what was seen so far; `None` for the identity.
    #[must_use]
    pub fn moments(&self) -> Option<&Moments> {
        self.moments.as_ref()
    }

    /// Returns the number of features.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Adds samples and refreshes the scale. Called between rollouts only.
    pub fn update(&mut self, seen: &Moments) {
        if let Some(moments) = &mut self.moments {
            moments.merge(seen);
            self.freeze();
        }
    }

    fn freeze(&mut self) {
        let Some(moments) = &self.moments else { return };
        self.frozen = (0..self.dim)
            .map(|i| {
                let deviation = (moments.variance(i) + EPSILON).sqrt();
                (moments.mean[i] as f32, (1.0 / deviation) as f32)
            })
            .collect();
    }

    /// Writes the scaled form of `raw` to `scaled`, both `[n, dim]`.
    pub fn apply(&self, raw: &[f32], scaled: &mut [f32]) {
        if self.moments.is_none() {
            scaled.copy_from_slice(raw);
            return;
        }
        for (from, to) in raw
            .chunks_exact(self.dim)
            .zip(scaled.chunks_exact_mut(self.dim))
        {
            for ((x, y), (mean, inverse)) in from.iter().zip(to).zip(&self.frozen) {
                *y = ((x - mean) * inverse).clamp(-CLIP, CLIP);
            }
        }
    }
}

/// Divides rewards by the deviation of the discounted return (Engstrom et al. 2020), clipped to ±10.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RewardScaler {
    moments: Moments,
    enabled: bool,
}

impl RewardScaler {
    /// Returns a scaler that learns its scale.
    #[must_use]
    pub fn running() -> Self {
        Self {
            moments: Moments::empty(1),
            enabled: true,
        }
    }

    /// Returns a scaler that leaves rewards unchanged for ever.
    #[must_use]
    pub fn identity() -> Self {
        Self {
            moments: Moments::empty(1),
            enabled: false,
        }
    }

    /// Returns whether rewards are scaled at all.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// Adds discounted returns. Called between rollouts only.
    pub fn update(&mut self, returns: &Moments) {
        if self.enabled {
            self.moments.merge(returns);
        }
    }

    /// Scales `rewards` in place.
    pub fn apply(&self, rewards: &mut [f32]) {
        if !self.enabled {
            return;
        }
        let inverse = (1.0 / (self.moments.variance(0) + EPSILON).sqrt()) as f32;
        for reward in rewards {
            *reward = (*reward * inverse).clamp(-CLIP, CLIP);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn merged_moments_are_those_of_all_rows(
            rows in proptest::collection::vec(-50.0f32..50.0, 6..120),
            cut in 0usize..60,
        ) {
            let rows = &rows[..rows.len() / 3 * 3];
            let cut = (cut * 3).min(rows.len());
            let mut merged = Moments::of_rows(&rows[..cut], 3);
            merged.merge(&Moments::of_rows(&rows[cut..], 3));
            let whole = Moments::of_rows(rows, 3);
            for i in 0..3 {
                prop_assert!((merged.mean[i] - whole.mean[i]).abs() < 1e-9);
                prop_assert!((merged.variance(i) - whole.variance(i)).abs() < 1e-8);
            }
        }
    }

    #[test]
    fn observations_come_out_centred_scaled_and_clipped() {
        let mut normaliser = ObsNormaliser::running(1);
        normaliser.update(&Moments::of_rows(&[4.0, 6.0], 1));
        let mut scaled = [0.0; 3];
        normaliser.apply(&[5.0, 6.0, 1e6], &mut scaled);
        assert!((scaled[0]).abs() < 1e-6 && (scaled[1] - 1.0).abs() < 1e-6);
        assert!((scaled[2] - CLIP).abs() < 1e-6);
    }

    #[test]
    fn the_identity_changes_nothing() {
        let mut normaliser = ObsNormaliser::identity(2);
        normaliser.update(&Moments::of_rows(&[4.0, 6.0], 2));
        let mut scaled = [0.0; 2];
        normaliser.apply(&[500.0, -3.0], &mut scaled);
        assert!((scaled[0] - 500.0).abs() < 1e-9 && (scaled[1] + 3.0).abs() < 1e-9);
    }

    #[test]
    fn a_constant_feature_is_not_blown_up() {
        let mut normaliser = ObsNormaliser::running(1);
        normaliser.update(&Moments::of_rows(&[3.0; 8], 1));
        let mut scaled = [9.0];
        normaliser.apply(&[3.0], &mut scaled);
        assert!(scaled[0].abs() < 1e-6);
    }
}
