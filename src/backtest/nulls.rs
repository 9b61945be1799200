//! Runs that should not work: the agent's decisions damaged on purpose.
//!
//! Owns the damage; the runs with shuffled features come from the worker, which alone can ask the
//! policy again.

use crate::baseline::Bounds;
use crate::words::Words;
use serde::{Deserialize, Serialize};

/// What was damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Null {
    /// Every decision one bar late.
    Delayed,
    /// Every decision mirrored within the bounds.
    Flipped,
    /// The policy saw features in random order of time.
    ShuffledFeatures,
}

impl Null {
    /// Returns its name.
    #[must_use]
    pub fn label(self) -> Words {
        match self {
            Self::Delayed => Words::new("signal one bar late", "신호 한 봉 지연"),
            Self::Flipped => Words::new("signal flipped", "신호 반전"),
            Self::ShuffledFeatures => Words::new("features shuffled", "특징 뒤섞기"),
        }
    }
}

/// Returns the targets one bar late; the first bar has none and stays flat.
#[must_use]
pub fn delayed(targets: &[f64]) -> Vec<f64> {
    let kept = targets.len().saturating_sub(1);
    std::iter::once(0.0)
        .take(targets.len())
        .chain(targets[..kept].iter().copied())
        .collect()
}

/// Returns the targets mirrored within `bounds`: long-only 0.2 becomes 0.8, otherwise −0.2.
#[must_use]
pub fn flipped(targets: &[f64], bounds: Bounds) -> Vec<f64> {
    targets
        .iter()
        .map(|target| bounds.low + bounds.high - target)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_what_its_name_says() {
        assert_eq!(delayed(&[0.5, 1.0, 0.0]), [0.0, 0.5, 1.0]);
        assert_eq!(delayed(&[]), [0.0; 0]);
        assert_eq!(flipped(&[0.0, 1.0], Bounds::LONG_ONLY), [1.0, 0.0]);
        assert_eq!(flipped(&[1.0, -0.5], Bounds::LONG_SHORT), [-1.0, 0.5]);
    }
}
