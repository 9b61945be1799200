//! Why a backtest was refused: one enum, by cause.

use sim::SimError;
use thiserror::Error;

/// Why decisions could not be replayed or judged.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum BacktestError {
    /// Too little data to mark a single step.
    #[error("{bars} bars are too few to replay; at least 2 are needed: widen the window")]
    TooFewBars {
        /// Bars given.
        bars: usize,
    },
    /// Decisions and bars are not paired.
    #[error("{targets} targets for {bars} bars; give one target a bar, decided at its close")]
    Length {
        /// Targets given.
        targets: usize,
        /// Bars given.
        bars: usize,
    },
    /// A decision is no number.
    #[error("target of bar {bar} is {value}; the policy or its features produced no number")]
    Target {
        /// Row, from 0.
        bar: usize,
        /// What stands there.
        value: f64,
    },
    /// A price is no positive number.
    #[error("{column} of bar {bar} is {value}; repair the data or start the window after it")]
    Price {
        /// Column name.
        column: &'static str,
        /// Row, from 0.
        bar: usize,
        /// What stands there.
        value: f64,
    },
    /// The instruments of a panel do not share their bars.
    #[error(
        "{symbol} has {bars} bars and the panel {expected}; align the instruments to common times"
    )]
    Panel {
        /// Instrument that differs.
        symbol: String,
        /// Its bars.
        bars: usize,
        /// Bars of the first instrument.
        expected: usize,
    },
    /// A baseline's or a test's own setting is out of range.
    #[error("{key} = {value} must {rule}")]
    Setting {
        /// Field, e.g. `baseline.fast`.
        key: &'static str,
        /// What stands there.
        value: String,
        /// The rule it breaks, worded to follow "must".
        rule: &'static str,
    },
    /// The account refused its settings.
    #[error(transparent)]
    Account(#[from] SimError),
}
