//! What was done to earn the return: trades, holding times, exposure, costs.
//!
//! Shown beside every return, because a return alone hides churn and idleness.

use crate::moments::mean;
use crate::replay::Replay;
use domain::{BarsView, Timeframe};
use serde::{Deserialize, Serialize};
use sim::{CostItems, Trade};

/// Figures that need fills and round trips. Trades are those that ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// Round trips that ended.
    pub trades: usize,
    /// Orders filled.
    pub orders_filled: u64,
    /// Orders refused: below the minimum notional or rounded to nothing.
    pub orders_refused: u64,
    /// Round trips that ended, per calendar day.
    pub trades_per_day: f64,
    /// Notional traded over mean equity, whole window.
    pub turnover: f64,
    /// The same a year of 365 calendar days.
    pub turnover_per_year: f64,
    /// Share of closes with a position.
    pub exposure: f64,
    /// Share of closes with a long position.
    pub exposure_long: f64,
    /// Share of closes with a short position.
    pub exposure_short: f64,
    /// Mean bars from entry to exit.
    pub mean_holding_bars: Option<f64>,
    /// Mean time from entry to exit, hours.
    pub mean_holding_hours: Option<f64>,
    /// Share of trades with a profit after fees.
    pub hit_rate: Option<f64>,
    /// Profits over losses after fees, in money; `None` without a loss.
    pub profit_factor: Option<f64>,
    /// The same over the trades' returns on entry notional (backtesting.py's definition).
    pub profit_factor_of_returns: Option<f64>,
    /// Mean return of a trade on its entry notional, after fees.
    pub mean_trade: Option<f64>,
    /// Best trade's return.
    pub best_trade: Option<f64>,
    /// Worst trade's return.
    pub worst_trade: Option<f64>,
    /// Everything paid in the window, by item, quote currency.
    pub paid: CostItems,
    /// Fees of the trades that ended (the open one's entry fee is missing here).
    pub fees_of_trades: f64,
    /// Everything paid over the initial equity.
    pub costs_of_initial: f64,
}

impl Activity {
    /// Measures a replay over `bars`, the bars that were replayed.
    #[must_use]
    pub fn of(replay: &Replay, bars: BarsView<'_>) -> Self {
        let count = bars.len();
        let trades = &replay.trades;
        let span = bars.open_time[count - 1].0 - bars.open_time[0].0;
        let days = span as f64 / Timeframe::DAY.nanos() as f64;
        let mean_equity = mean(&replay.equity).unwrap_or(replay.equity[0]);
        let turnover = replay.notional / mean_equity;
        let (mut long, mut short) = (0_usize, 0_usize);
        for (start, end, held) in replay.holdings() {
            long += if held > 0.0 { end - start } else { 0 };
            short += if held < 0.0 { end - start } else { 0 };
        }
        let (long, short) = (long as f64 / count as f64, short as f64 / count as f64);
        let tally = Tally::of(trades);
        let ended = trades.len() as f64;
        let per_trade = |sum: f64| (ended > 0.0).then(|| sum / ended);
        let over = |gain: f64, loss: f64| (loss > 0.0).then(|| gain / loss);
        Self {
            trades: trades.len(),
            orders_filled: replay.orders.filled,
            orders_refused: replay.orders.refused,
            trades_per_day: ended / days,
            turnover,
            turnover_per_year: turnover / days * 365.0,
            exposure: long + short,
            exposure_long: long,
            exposure_short: short,
            mean_holding_bars: per_trade(tally.bars),
            mean_holding_hours: per_trade(tally.hours),
            hit_rate: per_trade(tally.wins),
            profit_factor: over(tally.gains, tally.losses),
            profit_factor_of_returns: over(tally.return_gains, tally.return_losses),
            mean_trade: per_trade(tally.return_gains - tally.return_losses),
            best_trade: tally.best,
            worst_trade: tally.worst,
            paid: replay.paid,
            fees_of_trades: tally.fees,
            costs_of_initial: replay.paid.total() / replay.equity[0],
        }
    }
}

/// Sums over round trips.
#[derive(Default)]
struct Tally {
    bars: f64,
    hours: f64,
    wins: f64,
    gains: f64,
    losses: f64,
    return_gains: f64,
    return_losses: f64,
    best: Option<f64>,
    worst: Option<f64>,
    fees: f64,
}

impl Tally {
    fn of(trades: &[Trade]) -> Self {
        let mut tally = Self::default();
        for trade in trades {
            let (pnl, gain) = (trade.net_pnl(), trade.net_return());
            tally.bars += trade.bars_held() as f64;
            tally.hours +=
                (trade.exit_time.0 - trade.entry_time.0) as f64 / Timeframe::HOUR.nanos() as f64;
            tally.wins += f64::from(u8::from(pnl > 0.0));
            tally.gains += pnl.max(0.0);
            tally.losses += (-pnl).max(0.0);
            tally.return_gains += gain.max(0.0);
            tally.return_losses += (-gain).max(0.0);
            tally.best = Some(tally.best.map_or(gain, |best| best.max(gain)));
            tally.worst = Some(tally.worst.map_or(gain, |worst| worst.min(gain)));
            tally.fees += trade.costs.fee;
        }
        tally
    }
}
