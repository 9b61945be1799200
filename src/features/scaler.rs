//! Brings columns to a common size with statistics of the training window only.
//!
//! A scaler is fitted once, then frozen: it is saved with the policy and applied to validation, test
//! and live rows as it is. It never sees a row outside the range it was given. Start at
//! [`Scaler::fit`].

use crate::{error::FeatureError, matrix::Matrix, normal::quantile};
use domain::Text;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How columns are brought to a common size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScalerKind {
    /// Left as they are (clipping still applies).
    None,
    /// (x − mean) / standard deviation (population, ddof 0).
    #[default]
    Standard,
    /// (x − median) / (interquartile range / 1.349), which equals the standard deviation of a normal
    /// column; the standard deviation itself where the quartiles coincide.
    Robust,
    /// The rank among the training rows, as a normal score.
    RankNormal,
    /// The rank among the training rows, from −1 to 1.
    RankUniform,
}

/// Settings of a scaler.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScalerSpec {
    /// Method; default standard.
    pub kind: ScalerKind,
    /// Scaled values are limited to ±clip; default 5, range 0.1 to 1e6.
    pub clip: f64,
    /// Columns that are limited by construction keep their own scale; default true.
    pub keep_bounded: bool,
}

impl Default for ScalerSpec {
    fn default() -> Self {
        Self {
            kind: ScalerKind::Standard,
            clip: 5.0,
            keep_bounded: true,
        }
    }
}

/// The frozen statistics of one column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnScale {
    /// Left alone, not even clipped.
    Keep,
    /// (x − shift) · factor.
    Affine {
        /// Mean or median; 0 for kind `none`.
        shift: f64,
        /// One over the spread; 1 for a column that is constant in the training window.
        factor: f64,
    },
    /// Rank by interpolation between evenly spaced quantiles of the training rows, rising.
    Quantiles(Vec<f32>),
}

/// Frozen statistics of every column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scaler {
    spec: ScalerSpec,
    names: Vec<String>,
    columns: Vec<ColumnScale>,
    fitted_on: Range<usize>,
}

/// Quantiles kept by the rank scalers.
const QUANTILES: usize = 513;

/// Interquartile range of the standard normal distribution.
const NORMAL_IQR: f64 = 1.348_979_500_392_163_4;

impl Scaler {
    /// Fits on rows `train` of `matrix` and freezes.
    ///
    /// # Errors
    /// [`FeatureError::FitRange`] when the range reaches into the warm-up, past the end, or has fewer
    /// than two rows; [`FeatureError::ScalerSpec`].
    pub fn fit(
        matrix: &Matrix,
        train: Range<usize>,
        spec: &ScalerSpec,
    ) -> Result<Self, FeatureError> {
        if !(0.1..=1e6).contains(&spec.clip) {
            let range = Text::new("in 0.1..=1000000", "0.1..=1000000 안에 있어야 합니다");
            return Err(FeatureError::ScalerSpec {
                key: "clip",
                value: spec.clip,
                range,
            });
        }
        if train.start < matrix.warmup || train.end > matrix.rows || train.end < train.start + 2 {
            return Err(FeatureError::FitRange {
                start: train.start,
                end: train.end,
                first: matrix.warmup,
                rows: matrix.rows,
            });
        }
        let mut columns = Vec::with_capacity(matrix.cols);
        while columns.len() < matrix.cols {
            let group = columns.len()..(columns.len() + GROUP).min(matrix.cols);
            for (index, values) in group.clone().zip(gather(matrix, &train, group)) {
                columns.push(if spec.keep_bounded && matrix.bounded[index] {
                    ColumnScale::Keep
                } else {
                    fit_column(values, spec.kind)
                });
            }
        }
        Ok(Self {
            spec: spec.clone(),
            names: matrix.names.clone(),
            columns,
            fitted_on: train,
        })
    }

    /// Scales every row in place.
    ///
    /// # Errors
    /// [`FeatureError::ScalerColumns`] when the matrix has other columns than the one fitted on.
    pub fn apply(&self, matrix: &mut Matrix) -> Result<(), FeatureError> {
        if self.names != matrix.names {
            let same = |index: &usize| self.names.get(*index) == matrix.names.get(*index);
            let index = (0..).find(|index| !same(index)).unwrap_or(0);
            let name =
                |names: &[String]| names.get(index).map_or("(none)", String::as_str).to_owned();
            return Err(FeatureError::ScalerColumns {
                index,
                found: name(&matrix.names),
                expected: name(&self.names),
            });
        }
        for row in matrix.data.chunks_exact_mut(matrix.cols) {
            self.apply_row(row);
        }
        Ok(())
    }

    /// Scales one row in place; it has the columns the scaler was fitted on.
    pub fn apply_row(&self, row: &mut [f32]) {
        debug_assert_eq!(row.len(), self.columns.len(), "one scale a column");
        let clip = self.spec.clip;
        for (cell, scale) in row.iter_mut().zip(&self.columns) {
            let x = f64::from(*cell);
            let scaled = match scale {
                ColumnScale::Keep => continue,
                ColumnScale::Affine { shift, factor } => (x - shift) * factor,
                ColumnScale::Quantiles(quantiles) => {
                    let rank = rank(quantiles, *cell);
                    match self.spec.kind {
                        ScalerKind::RankNormal => quantile(inside(rank, quantiles.len())),
                        _ => 2.0 * rank - 1.0,
                    }
                }
            };
            *cell = scaled.clamp(-clip, clip) as f32;
        }
    }

    /// Returns the frozen statistics, one a column.
    #[must_use]
    pub fn columns(&self) -> &[ColumnScale] {
        &self.columns
    }

    /// Returns the columns' names, in order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the rows it was fitted on.
    #[must_use]
    pub fn fitted_on(&self) -> Range<usize> {
        self.fitted_on.clone()
    }
}

/// Columns gathered at once: as many f32 as fill a cache line.
const GROUP: usize = 16;

/// Copies the rows `train` of the columns `group`, one vector a column.
fn gather(matrix: &Matrix, train: &Range<usize>, group: Range<usize>) -> Vec<Vec<f32>> {
    let mut columns = vec![Vec::with_capacity(train.len()); group.len()];
    for row in train.clone() {
        for (column, value) in columns.iter_mut().zip(&matrix.row(row)[group.clone()]) {
            column.push(*value);
        }
    }
    columns
}

fn fit_column(mut values: Vec<f32>, kind: ScalerKind) -> ColumnScale {
    match kind {
        ScalerKind::None => ColumnScale::Affine {
            shift: 0.0,
            factor: 1.0,
        },
        ScalerKind::Standard => {
            let (mean, deviation) = moments(&values);
            ColumnScale::Affine {
                shift: mean,
                factor: factor(deviation, mean),
            }
        }
        ScalerKind::Robust => {
            let (_, deviation) = moments(&values);
            values.sort_unstable_by(f32::total_cmp);
            let [low, median, high] = [0.25, 0.5, 0.75].map(|p| sorted_quantile(&values, p));
            let spread = (high - low) / NORMAL_IQR;
            let spread = if spread > 0.0 { spread } else { deviation };
            ColumnScale::Affine {
                shift: median,
                factor: factor(spread, median),
            }
        }
        ScalerKind::RankNormal | ScalerKind::RankUniform => {
            values.sort_unstable_by(f32::total_cmp);
            let step =
                |k: usize| sorted_quantile(&values, k as f64 / (QUANTILES - 1) as f64) as f32;
            ColumnScale::Quantiles((0..QUANTILES).map(step).collect())
        }
    }
}

/// Mean and population standard deviation in two passes.
fn moments(values: &[f32]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().map(|x| f64::from(*x)).sum::<f64>() / count;
    let squares: f64 = values.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum();
    (mean, (squares / count).sqrt())
}

/// One over the spread; a column that does not vary beyond rounding is only shifted.
fn factor(spread: f64, center: f64) -> f64 {
    if spread > f64::from(f32::EPSILON) * center.abs() {
        1.0 / spread
    } else {
        1.0
    }
}

/// Quantile by linear interpolation (Hyndman and Fan's type 7). `values` rise and are not empty.
fn sorted_quantile(values: &[f32], p: f64) -> f64 {
    let place = p * (values.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(values.len() - 1);
    let (low, high) = (f64::from(values[below]), f64::from(values[above]));
    low + (high - low) * (place - below as f64)
}

/// Returns the share of the training rows below `x`, in 0..=1; ties get the middle of theirs.
fn rank(quantiles: &[f32], x: f32) -> f64 {
    let below = quantiles.partition_point(|q| *q < x);
    let not_above = quantiles.partition_point(|q| *q <= x);
    let last = (quantiles.len() - 1) as f64;
    if not_above > below {
        return (below + not_above - 1) as f64 / 2.0 / last;
    }
    if below == 0 || below == quantiles.len() {
        return if below == 0 { 0.0 } else { 1.0 };
    }
    let (low, high) = (f64::from(quantiles[below - 1]), f64::from(quantiles[below]));
    ((below - 1) as f64 + (f64::from(x) - low) / (high - low)) / last
}

/// Keeps a rank off 0 and 1 by half a step, so that its normal score is finite.
fn inside(rank: f64, quantiles: usize) -> f64 {
    let margin = 0.5 / quantiles as f64;
    rank.clamp(margin, 1.0 - margin)
}

#[cfg(test)]
mod tests;
