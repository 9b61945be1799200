//! The one error enum of the crate, by cause.

use std::fmt;
use thiserror::Error;

/// Why an environment, a market or a saved state was refused.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum SimError {
    /// A setting lies outside its range.
    #[error("{key} = {value} must {rule}")]
    Setting {
        /// The field's path within its spec, e.g. `costs.fee_bps`.
        key: &'static str,
        /// The offending value.
        value: String,
        /// The rule it breaks, worded to follow "must".
        rule: &'static str,
    },
    /// Bars and feature matrix do not fit each other.
    #[error(
        "feature matrix holds {values} values, {bars} bars × {n_features} features need {expected}; build the matrix from these bars"
    )]
    Matrix {
        /// Values in the matrix.
        values: usize,
        /// Rows needed.
        bars: usize,
        /// Columns needed.
        n_features: usize,
        /// `bars × n_features`.
        expected: usize,
    },
    /// A price or a feature that a step would read is no number.
    #[error("{column} of bar {bar} is {value}; repair the data or start the range after it")]
    Value {
        /// Column name.
        column: &'static str,
        /// Row, from 0.
        bar: usize,
        /// What stands there.
        value: f64,
    },
    /// A bar range leaves no room for an episode.
    #[error(
        "bars {start}..{end} leave {room} steps after warm-up {warmup} and window {window}; at least 1 is needed: widen the range or shorten the window"
    )]
    Range {
        /// First bar of the range.
        start: usize,
        /// One past its last bar.
        end: usize,
        /// Steps that would fit.
        room: usize,
        /// First bar with complete features.
        warmup: usize,
        /// Rows in one observation.
        window: usize,
    },
    /// A saved state belongs to another environment or is damaged.
    #[error(
        "saved environment state does not fit: {reason}; resume with the settings that the run was started with"
    )]
    State {
        /// What differs.
        reason: String,
    },
}

/// Refuses `value` unless `holds`; the one way in which specs check their fields.
pub(crate) fn require(
    holds: bool,
    key: &'static str,
    value: impl fmt::Display,
    rule: &'static str,
) -> Result<(), SimError> {
    if holds {
        Ok(())
    } else {
        Err(SimError::Setting {
            key,
            value: format!("{value}"),
            rule,
        })
    }
}
