//! Units of money that are easily confused, as types.
//!
//! Prices and cash stay `f64` inside the simulation's inner loop; what crosses a border carries
//! its unit in its type or its name.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Basis points: 1 bps = 0.0001.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bps(pub f64);

impl Bps {
    /// Returns the plain fraction: `Bps(10.0)` is `0.001`.
    #[must_use]
    pub fn fraction(self) -> f64 {
        self.0 * 1e-4
    }
}

impl fmt::Display for Bps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bps", self.0)
    }
}
