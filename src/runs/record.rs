//! The rows of the append-only files: metrics, equity points and round trips.

use crate::real;
use domain::Nanos;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A record that belongs to a training step, by which readers join segments.
pub trait Stepped {
    /// Returns the training step, in environment steps.
    fn step(&self) -> u64;
}

/// Metrics of one moment of training: `{"step":…,"t":…,"k":{"loss/policy":…}}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricRecord {
    /// Environment steps done so far.
    pub step: u64,
    /// Wall-clock time of the record.
    pub t: Nanos,
    /// Values by key, e.g. `loss/policy`; see [`real`] for NaN and infinities.
    #[serde(with = "real::map")]
    pub k: BTreeMap<String, f64>,
}

/// Which window an evaluation ran on.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The training window.
    Train,
    /// The validation window, on which the checkpoint is chosen.
    #[default]
    Valid,
    /// The held-out window, looked at once.
    Test,
    /// Simulated money on live prices.
    Paper,
    /// Real money.
    Live,
}

/// One point of an equity curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EquityRecord {
    /// Training step of the evaluated policy.
    pub step: u64,
    /// Window.
    pub scope: Scope,
    /// Close time of the bar.
    pub t: Nanos,
    /// Equity in quote currency, marked at the close.
    #[serde(with = "real")]
    pub equity: f64,
    /// Fraction below the highest equity so far, in `[0, 1]`.
    #[serde(with = "real")]
    pub drawdown: f64,
    /// Position held over the bar, as a fraction of equity; negative is short.
    #[serde(with = "real")]
    pub position: f64,
}

/// Direction of a round trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Bought first.
    Long,
    /// Sold first.
    Short,
}

/// One round trip of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TradeRecord {
    /// Training step of the evaluated policy.
    pub step: u64,
    /// Window.
    pub scope: Scope,
    /// Direction.
    pub side: Side,
    /// Quantity in base units, positive.
    #[serde(with = "real")]
    pub qty: f64,
    /// Bar of the entry fill, counted from the data set's first.
    pub entry_bar: u64,
    /// Time of the entry fill.
    pub entry_t: Nanos,
    /// Price of the entry fill, costs included.
    #[serde(with = "real")]
    pub entry_price: f64,
    /// Bar of the exit fill.
    pub exit_bar: u64,
    /// Time of the exit fill.
    pub exit_t: Nanos,
    /// Price of the exit fill, costs included.
    #[serde(with = "real")]
    pub exit_price: f64,
    /// Profit in quote currency, fees taken off.
    #[serde(with = "real")]
    pub pnl: f64,
    /// Fees in quote currency, both fills.
    #[serde(with = "real")]
    pub fees: f64,
}

impl TradeRecord {
    /// Returns how many bars the position was held.
    #[must_use]
    pub fn bars_held(&self) -> u64 {
        self.exit_bar.saturating_sub(self.entry_bar)
    }

    /// Returns the profit as a fraction of the entry's notional; 0 when that is 0.
    #[must_use]
    pub fn return_on_entry(&self) -> f64 {
        let notional = self.entry_price * self.qty;
        if notional > 0.0 {
            self.pnl / notional
        } else {
            0.0
        }
    }
}

impl Stepped for MetricRecord {
    fn step(&self) -> u64 {
        self.step
    }
}

impl Stepped for EquityRecord {
    fn step(&self) -> u64 {
        self.step
    }
}

impl Stepped for TradeRecord {
    fn step(&self) -> u64 {
        self.step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_have_the_documented_form() {
        let record = MetricRecord {
            step: 2048,
            t: Nanos(7),
            k: BTreeMap::from([
                ("loss/policy".to_owned(), -0.25),
                ("loss/value".to_owned(), f64::NAN),
            ]),
        };
        let json = serde_json::to_string(&record).unwrap();
        assert_eq!(
            json,
            r#"{"step":2048,"t":7,"k":{"loss/policy":-0.25,"loss/value":null}}"#
        );
        let back: MetricRecord = serde_json::from_str(&json).unwrap();
        assert!(back.k["loss/value"].is_nan());
    }
}
