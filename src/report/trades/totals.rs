//! What a set of round trips comes to.

use runs::TradeRecord;
use serde::Serialize;

/// Sums over round trips.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Totals {
    /// Round trips.
    pub count: usize,
    /// Those with a profit after fees.
    pub wins: usize,
    /// Profits of those, quote currency.
    pub won: f64,
    /// Losses of the others, quote currency, positive.
    pub lost: f64,
    /// Fees, quote currency.
    pub fees: f64,
}

impl Totals {
    /// Adds a round trip; a profit that is no number counts as a trade and as nothing else.
    pub fn add(&mut self, trade: &TradeRecord) {
        self.count += 1;
        if trade.pnl > 0.0 {
            self.wins += 1;
            self.won += trade.pnl;
        } else if trade.pnl < 0.0 {
            self.lost -= trade.pnl;
        }
        if trade.fees.is_finite() {
            self.fees += trade.fees;
        }
    }

    /// Sums `trades`.
    #[must_use]
    pub fn of(trades: &[TradeRecord]) -> Self {
        let mut totals = Self::default();
        trades.iter().for_each(|trade| totals.add(trade));
        totals
    }

    /// Returns the profit after fees, quote currency.
    #[must_use]
    pub fn net(&self) -> f64 {
        self.won - self.lost
    }

    /// Returns wins over all trades; `None` without any.
    #[must_use]
    pub fn win_rate(&self) -> Option<f64> {
        (self.count > 0).then(|| self.wins as f64 / self.count as f64)
    }

    /// Returns profits over losses; `None` without a loss.
    #[must_use]
    pub fn profit_factor(&self) -> Option<f64> {
        (self.lost > 0.0).then(|| self.won / self.lost)
    }
}
