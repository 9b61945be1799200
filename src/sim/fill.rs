//! What happened on the venue: one record a fill, and where such records go.

use crate::costs::CostItems;
use domain::Nanos;
use serde::{Deserialize, Serialize};

/// Why an order was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FillReason {
    /// The target position changed.
    Target,
    /// The stop-loss was reached.
    StopLoss,
    /// The trailing stop was reached.
    TrailingStop,
    /// The take-profit was reached.
    TakeProfit,
}

/// One executed order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fill {
    /// Row of the bar in which it was done.
    pub bar: usize,
    /// Open time of that bar.
    pub time: Nanos,
    /// Signed quantity in base units; positive buys.
    pub quantity: f64,
    /// Quantity held afterwards, signed.
    pub held: f64,
    /// Price paid or received, in quote currency.
    pub price: f64,
    /// Mid price against which spread and slippage are counted.
    pub mid: f64,
    /// What it cost, by item.
    pub costs: CostItems,
    /// Why.
    pub reason: FillReason,
}

/// Takes fills as they happen; `()` drops them at no cost.
pub trait FillSink {
    /// Whether fills are looked at at all; where not, what only they need is never read.
    const RECORDS: bool = true;

    /// Takes one fill. Fills come in time order.
    fn fill(&mut self, fill: &Fill);
}

impl FillSink for () {
    const RECORDS: bool = false;

    #[inline]
    fn fill(&mut self, _fill: &Fill) {}
}

impl FillSink for Vec<Fill> {
    fn fill(&mut self, fill: &Fill) {
        self.push(*fill);
    }
}
