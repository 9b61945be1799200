//! What environments trade on: candles and the feature matrix beside them, shared read-only.

use crate::{account::BarTick, error::SimError};
use domain::Bars;
use std::{fmt, sync::Arc};

/// Rows of `f32` shared by all environments; a `Vec<f32>` or a memory map.
pub type FeatureMatrix = Arc<dyn AsRef<[f32]> + Send + Sync>;

/// Candles and features of one instrument; cloning shares the data.
#[derive(Clone)]
pub struct Market {
    bars: Arc<Bars>,
    features: FeatureMatrix,
    n_features: usize,
    warmup: usize,
    ticks: Arc<[BarTick]>,
}

impl Market {
    /// Puts bars and features together.
    ///
    /// `features` is `[bars, n_features]` row-major; row `t` holds what is known at the close of
    /// bar `t`. Rows before `warmup` are incomplete and never observed.
    ///
    /// # Errors
    /// [`SimError::Matrix`] when the shapes differ; [`SimError::Value`] at the first price that is
    /// not a positive number, or feature from `warmup` on that is not finite.
    pub fn new(
        bars: Arc<Bars>,
        features: FeatureMatrix,
        n_features: usize,
        warmup: usize,
    ) -> Result<Self, SimError> {
        let values: &[f32] = (*features).as_ref();
        let expected = bars.len() * n_features;
        if values.len() != expected {
            return Err(SimError::Matrix {
                values: values.len(),
                bars: bars.len(),
                n_features,
                expected,
            });
        }
        check_prices(&bars)?;
        let seen = (warmup * n_features).min(expected);
        if let Some(at) = values[seen..].iter().position(|value| !value.is_finite()) {
            return Err(SimError::Value {
                column: "a feature",
                bar: (seen + at) / n_features,
                value: f64::from(values[seen + at]),
            });
        }
        let ticks = (0..bars.len())
            .map(|index| BarTick::of(&bars, index))
            .collect();
        Ok(Self {
            bars,
            features,
            n_features,
            warmup,
            ticks,
        })
    }

    /// Returns the candles.
    #[must_use]
    pub fn bars(&self) -> &Arc<Bars> {
        &self.bars
    }

    /// Returns the number of features of a bar.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// Returns the first bar with complete features.
    #[must_use]
    pub fn warmup(&self) -> usize {
        self.warmup
    }

    /// Returns the feature matrix, `[bars, n_features]`.
    #[must_use]
    pub fn features(&self) -> &[f32] {
        (*self.features).as_ref()
    }

    /// Returns the bars as the account reads them.
    #[must_use]
    pub fn ticks(&self) -> &[BarTick] {
        &self.ticks
    }
}

impl fmt::Debug for Market {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Market")
            .field("symbol", &self.bars.symbol)
            .field("bars", &self.bars.len())
            .field("n_features", &self.n_features)
            .field("warmup", &self.warmup)
            .finish_non_exhaustive()
    }
}

fn check_prices(bars: &Bars) -> Result<(), SimError> {
    let columns: [(&'static str, &[f64]); 4] = [
        ("open", &bars.open),
        ("high", &bars.high),
        ("low", &bars.low),
        ("close", &bars.close),
    ];
    for (column, values) in columns {
        let bad = |price: &f64| !(price.is_finite() && *price > 0.0);
        if let Some(bar) = values.iter().position(bad) {
            return Err(SimError::Value {
                column,
                bar,
                value: values[bar],
            });
        }
    }
    Ok(())
}
