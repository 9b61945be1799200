//! Round trips, put together from fills.
//!
//! A trade runs from flat to flat; a fill that turns the position around ends one and opens the
//! next, its costs split by quantity. Start at [`TradeBook`].

use crate::{
    costs::CostItems,
    fill::{Fill, FillReason, FillSink},
};
use domain::Nanos;
use serde::{Deserialize, Serialize};

/// Quantities below this share of the trade's peak count as flat: rounding, not a position.
const DUST: f64 = 1e-9;

/// One round trip.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trade {
    /// Bar of the first fill.
    pub entry_bar: usize,
    /// Bar of the last fill.
    pub exit_bar: usize,
    /// Open time of the entry bar.
    pub entry_time: Nanos,
    /// Open time of the exit bar.
    pub exit_time: Nanos,
    /// Largest quantity held, signed: negative is short.
    pub quantity: f64,
    /// Average price of the fills that opened or added.
    pub entry_price: f64,
    /// Average price of the fills that reduced or closed.
    pub exit_price: f64,
    /// Proceeds of the fills before fees, in quote currency; spread and slippage are in the prices.
    pub gross_pnl: f64,
    /// Costs by item; fees only reduce [`net_pnl`](Self::net_pnl), the rest is within the prices.
    pub costs: CostItems,
    /// Why it ended.
    pub exit_reason: FillReason,
}

impl Trade {
    /// Returns the profit after fees, in quote currency; carry is booked to the account alone.
    #[must_use]
    pub fn net_pnl(&self) -> f64 {
        self.gross_pnl - self.costs.fee
    }

    /// Returns the profit after fees as a fraction of the entry notional.
    #[must_use]
    pub fn net_return(&self) -> f64 {
        self.net_pnl() / (self.quantity.abs() * self.entry_price)
    }

    /// Returns how many bars it was held.
    #[must_use]
    pub fn bars_held(&self) -> usize {
        self.exit_bar - self.entry_bar
    }
}

/// Puts fills together to round trips.
#[derive(Clone, Debug, Default)]
pub struct TradeBook {
    closed: Vec<Trade>,
    open: Option<Open>,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    trade: Trade,
    held: f64,
    bought: f64,
    sold: f64,
}

impl TradeBook {
    /// Returns the round trips that ended, in order of their exits.
    #[must_use]
    pub fn closed(&self) -> &[Trade] {
        &self.closed
    }

    /// Takes the round trips that ended.
    #[must_use]
    pub fn into_closed(self) -> Vec<Trade> {
        self.closed
    }

    /// Returns the round trip that is still open as if it ended at `price` without costs.
    #[must_use]
    pub fn open_at(&self, bar: usize, time: Nanos, price: f64) -> Option<Trade> {
        self.open.map(|mut open| {
            let part = Part {
                quantity: -open.held,
                price,
                costs: CostItems::default(),
            };
            open.apply(part);
            open.ended(bar, time, FillReason::Target)
        })
    }

    fn open_with(&mut self, fill: &Fill, part: Part) {
        let mut open = Open {
            trade: Trade {
                entry_bar: fill.bar,
                exit_bar: fill.bar,
                entry_time: fill.time,
                exit_time: fill.time,
                quantity: 0.0,
                entry_price: 0.0,
                exit_price: 0.0,
                gross_pnl: 0.0,
                costs: CostItems::default(),
                exit_reason: fill.reason,
            },
            held: 0.0,
            bought: 0.0,
            sold: 0.0,
        };
        open.apply(part);
        self.open = Some(open);
    }
}

impl FillSink for TradeBook {
    fn fill(&mut self, fill: &Fill) {
        let Some(mut open) = self.open.take() else {
            self.open_with(fill, Part::of(fill, fill.quantity));
            return;
        };
        let turns = open.held * (open.held + fill.quantity) < 0.0;
        let closing = if turns { -open.held } else { fill.quantity };
        open.apply(Part::of(fill, closing));
        if open.held.abs() > DUST * open.trade.quantity.abs() {
            self.open = Some(open);
            return;
        }
        self.closed
            .push(open.ended(fill.bar, fill.time, fill.reason));
        let rest = fill.quantity - closing;
        if turns && rest.abs() > DUST * closing.abs() {
            self.open_with(fill, Part::of(fill, rest));
        }
    }
}

/// The part of a fill that belongs to one trade.
#[derive(Clone, Copy)]
struct Part {
    quantity: f64,
    price: f64,
    costs: CostItems,
}

impl Part {
    fn of(fill: &Fill, quantity: f64) -> Self {
        let share = quantity / fill.quantity;
        Self {
            quantity,
            price: fill.price,
            costs: CostItems {
                fee: fill.costs.fee * share,
                spread: fill.costs.spread * share,
                slippage: fill.costs.slippage * share,
                carry: fill.costs.carry * share,
            },
        }
    }
}

impl Open {
    fn apply(&mut self, part: Part) {
        let notional = part.quantity.abs() * part.price;
        let (total, price) = if self.held * part.quantity >= 0.0 {
            (&mut self.bought, &mut self.trade.entry_price)
        } else {
            (&mut self.sold, &mut self.trade.exit_price)
        };
        *price = (*price * *total + notional) / (*total + part.quantity.abs());
        *total += part.quantity.abs();
        self.held += part.quantity;
        if self.held.abs() > self.trade.quantity.abs() {
            self.trade.quantity = self.held;
        }
        self.trade.gross_pnl -= part.quantity * part.price;
        self.trade.costs.add(&part.costs);
    }

    fn ended(mut self, bar: usize, time: Nanos, reason: FillReason) -> Trade {
        self.trade.exit_bar = bar;
        self.trade.exit_time = time;
        self.trade.exit_reason = reason;
        self.trade
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(bar: usize, quantity: f64, price: f64) -> Fill {
        Fill {
            bar,
            time: Nanos(bar as i64),
            quantity,
            held: 0.0,
            price,
            mid: price,
            costs: CostItems {
                fee: quantity.abs() * 0.1,
                ..CostItems::default()
            },
            reason: FillReason::Target,
        }
    }

    #[test]
    fn a_turn_ends_one_trade_and_opens_the_next() {
        let mut book = TradeBook::default();
        book.fill(&fill(1, 10.0, 100.0));
        book.fill(&fill(4, -15.0, 110.0));
        book.fill(&fill(6, 5.0, 120.0));
        let [long, short] = book.closed() else {
            panic!("{book:?}")
        };
        assert!((long.net_pnl() - (100.0 - 2.0)).abs() < 1e-9);
        assert!((short.net_pnl() - (-50.0 - 1.0)).abs() < 1e-9);
        assert_eq!(
            (long.bars_held(), short.entry_bar, short.exit_bar),
            (3, 4, 6)
        );
        assert!(short.quantity < 0.0);
    }

    #[test]
    fn adding_and_reducing_stays_one_trade() {
        let mut book = TradeBook::default();
        book.fill(&fill(1, 10.0, 100.0));
        book.fill(&fill(2, 10.0, 110.0));
        book.fill(&fill(3, -5.0, 120.0));
        assert!(book.closed().is_empty());
        let marked = book.open_at(5, Nanos(5), 130.0).unwrap();
        assert!((marked.gross_pnl - (5.0 * 120.0 + 15.0 * 130.0 - 2100.0)).abs() < 1e-9);
        book.fill(&fill(4, -15.0, 130.0));
        let [trade] = book.closed() else {
            panic!("{book:?}")
        };
        assert!(
            (trade.entry_price - 105.0).abs() < 1e-9 && (trade.exit_price - 127.5).abs() < 1e-9
        );
        assert!((trade.gross_pnl - marked.gross_pnl).abs() < 1e-9);
    }
}
