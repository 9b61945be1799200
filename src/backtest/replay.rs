//! Plays decisions over history through the same account that training uses.
//!
//! Owns the loop and its record; every price, fee and rounding is `sim`'s. A target decided at
//! the close of bar `t` fills at the open of bar `t + 1`; the last bar's target never fills.
//! Start at [`replay`].

use crate::error::BacktestError;
use crate::moments::Span;
use crate::performance::returns_into;
use domain::{BarsView, Nanos, Timeframe};
use serde::{Deserialize, Serialize};
use sim::account::OrderCounts;
use sim::{Account, AccountModel, AccountSpec, BarId, BarTick, CostItems, Fill, FillSink};
use sim::{Trade, TradeBook};

/// Everything that happened while decisions were replayed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// Equity at each bar's close, `[n_bars]`, quote currency; point 0 is the initial equity.
    pub equity: Vec<f64>,
    /// Simple return of each bar after the first, `[n_bars − 1]`.
    pub returns: Vec<f64>,
    /// Executed orders in time order.
    pub fills: Vec<Fill>,
    /// Round trips that ended.
    pub trades: Vec<Trade>,
    /// The round trip still open at the end, marked at the last close without exit costs.
    pub open_trade: Option<Trade>,
    /// Everything paid, by item.
    pub paid: CostItems,
    /// Orders filled and refused.
    pub orders: OrderCounts,
    /// Notional traded, quote currency.
    pub notional: f64,
    /// Bar at whose close the account was ruined; equity stays as it was from there on.
    pub ruined_at: Option<usize>,
}

impl Replay {
    /// Returns the stretches between orders: `(first bar, one past the last, quantity held at
    /// each close of it)`, without gaps, from bar 0 to the end.
    pub fn holdings(&self) -> impl Iterator<Item = (usize, usize, f64)> + '_ {
        let count = self.equity.len();
        // Whatever an account held when it was ruined is gone.
        let last = self.ruined_at.map_or(count, |ruin| (ruin + 1).min(count));
        let starts = std::iter::once((0, 0.0))
            .chain(self.fills.iter().map(|fill| (fill.bar, fill.held)))
            .chain((last < count).then_some((last, 0.0)));
        let ends = self.fills.iter().map(|fill| fill.bar);
        let ends = ends.chain((last < count).then_some(last)).chain([count]);
        starts
            .zip(ends)
            .filter(|((start, _), end)| end > start)
            .map(|((start, held), end)| (start, end, held))
    }

    /// Returns the signed quantity held at each close, `[n_bars]`, base units.
    #[must_use]
    pub fn quantities(&self) -> Vec<f64> {
        let mut quantities = Vec::with_capacity(self.equity.len());
        for (_, end, held) in self.holdings() {
            quantities.resize(end, held);
        }
        quantities
    }

    /// Returns the position's value as a multiple of equity at each close, `[n_bars]`, signed.
    ///
    /// `close` are the closes of the bars that were replayed.
    #[must_use]
    pub fn exposures(&self, close: &[f64]) -> Vec<f64> {
        self.quantities()
            .iter()
            .zip(close)
            .zip(&self.equity)
            .map(|((quantity, close), equity)| {
                if *equity > 0.0 {
                    quantity * close / equity
                } else {
                    0.0
                }
            })
            .collect()
    }
}

/// Replays one target a bar over `bars`.
///
/// `targets[t]`, `[n_bars]`, is decided at the close of bar `t` and means what `spec.sizing` says.
///
/// # Errors
/// [`BacktestError`] when fewer than two bars, not one target a bar, a value that is no number,
/// or account settings out of range were given.
pub fn replay(
    bars: BarsView<'_>,
    targets: &[f64],
    spec: &AccountSpec,
) -> Result<Replay, BacktestError> {
    let mut into = Replay::default();
    replay_into(bars, targets, spec, &mut into)?;
    Ok(into)
}

/// Replays as [`replay`] into a record whose memory is used again; its old content is dropped.
///
/// # Errors
/// As [`replay`]; `into` is then unchanged.
pub fn replay_into(
    bars: BarsView<'_>,
    targets: &[f64],
    spec: &AccountSpec,
    into: &mut Replay,
) -> Result<(), BacktestError> {
    check(bars, targets, spec)?;
    run_into(
        bars,
        targets,
        &PreparedAccount::new(spec, bars.timeframe)?,
        into,
    );
    Ok(())
}

/// Replays without checking the input again; for many replays of the same checked bars.
///
/// Between two orders the account only marks its position, `cash + quantity × close`. Without
/// brackets and carry that is all a held bar does, so such stretches are marked as a whole; the
/// equity is bit for bit that of stepping every bar (see the tests).
pub(crate) fn run_into(
    bars: BarsView<'_>,
    targets: &[f64],
    spec: &PreparedAccount,
    into: &mut Replay,
) {
    let count = bars.len();
    let model = &spec.model;
    let mut account = Account::open(model, bars.close[0], FULL_COSTS);
    let mut sink = Record {
        fills: std::mem::take(&mut into.fills),
        book: TradeBook::default(),
    };
    sink.fills.clear();
    let equity = &mut into.equity;
    equity.clear();
    equity.reserve_exact(count);
    equity.push(account.equity);
    let mut ruined_at = None;
    let mut at = 1;
    while at < count {
        let target = targets[at - 1];
        account.step(
            model,
            &tick_at(bars, at),
            id_at(bars, at),
            target,
            &mut sink,
        );
        equity.push(account.equity);
        if account.is_ruined(model) {
            ruined_at = Some(at);
            break;
        }
        at += 1;
        let settled = account.target.to_bits() == target.to_bits();
        if !(settled && spec.holds_are_marks) {
            continue;
        }
        let held = targets[at - 1..count - 1]
            .iter()
            .take_while(|next| next.to_bits() == target.to_bits())
            .count();
        let end = at + held;
        let (cash, position) = (account.cash, account.quantity);
        equity.extend(
            bars.close[at..end]
                .iter()
                .map(|close| cash + position * close),
        );
        if Span::of(&equity[at..]).is_some_and(|span| span.low <= spec.ruin_level) {
            ruined_at = (at..end).find(|bar| equity[*bar] <= spec.ruin_level);
            break;
        }
        at = end;
    }
    if let Some(ruin) = ruined_at {
        // A short can lose more than everything; equity below zero has no return.
        equity.truncate(ruin + 1);
        equity[ruin] = equity[ruin].max(0.0);
        let rest = equity[ruin];
        equity.resize(count, rest);
    }
    let end = count - 1;
    let open_trade = sink
        .book
        .open_at(end, bars.open_time[end], bars.close[end])
        .filter(|_| ruined_at.is_none());
    returns_into(equity, &mut into.returns);
    into.fills = sink.fills;
    into.trades = sink.book.into_closed();
    into.open_trade = open_trade;
    into.paid = account.paid;
    into.orders = account.orders;
    into.notional = account.turnover;
    into.ruined_at = ruined_at;
}

/// An account resolved for one bar length, with what the loop needs to know of it.
#[derive(Clone, Debug)]
pub(crate) struct PreparedAccount {
    model: AccountModel,
    ruin_level: f64,
    /// Nothing happens in a bar without an order: no bracket watches it, no carry is paid.
    holds_are_marks: bool,
}

impl PreparedAccount {
    pub(crate) fn new(spec: &AccountSpec, timeframe: Timeframe) -> Result<Self, BacktestError> {
        let carries = spec.costs.borrow_bps_per_day.abs() + spec.costs.funding_bps_per_day.abs();
        Ok(Self {
            model: spec.model(timeframe)?,
            ruin_level: spec.ruin_floor * spec.initial_equity,
            holds_are_marks: !spec.brackets.any() && carries <= 0.0,
        })
    }
}

fn tick_at(bars: BarsView<'_>, at: usize) -> BarTick {
    BarTick {
        open: bars.open[at],
        high: bars.high[at],
        low: bars.low[at],
        close: bars.close[at],
        volume_before: bars.volume[at - 1],
    }
}

fn id_at(bars: BarsView<'_>, at: usize) -> BarId {
    BarId {
        index: at,
        time: bars.open_time[at],
    }
}

/// Returns when each bar closed: its open time plus its length, `[n_bars]`.
#[must_use]
pub fn close_times(bars: BarsView<'_>) -> Vec<Nanos> {
    let length = bars.timeframe.nanos();
    bars.open_time
        .iter()
        .map(|time| Nanos(time.0 + length))
        .collect()
}

/// Checks that bars and targets can be replayed: every value that a step will read. Highs and
/// lows are read by brackets alone.
pub(crate) fn check(
    bars: BarsView<'_>,
    targets: &[f64],
    spec: &AccountSpec,
) -> Result<(), BacktestError> {
    if bars.len() < 2 {
        return Err(BacktestError::TooFewBars { bars: bars.len() });
    }
    if targets.len() != bars.len() {
        return Err(BacktestError::Length {
            targets: targets.len(),
            bars: bars.len(),
        });
    }
    if let Some(bar) = first_not(targets, |target| target.is_finite(), f64::MIN) {
        return Err(BacktestError::Target {
            bar,
            value: targets[bar],
        });
    }
    let columns = [
        ("open", bars.open),
        ("close", bars.close),
        ("high", bars.high),
        ("low", bars.low),
    ];
    let read = if spec.brackets.any() { 4 } else { 2 };
    for (column, values) in &columns[..read] {
        let good = |value: f64| value > 0.0 && value.is_finite();
        if let Some(bar) = first_not(values, good, f64::MIN_POSITIVE) {
            return Err(BacktestError::Price {
                column,
                bar,
                value: values[bar],
            });
        }
    }
    Ok(())
}

/// Returns the first position that is not `good`, where every good value is finite and at least
/// `floor`; one vectorised pass clears the usual case.
fn first_not(values: &[f64], good: impl Fn(f64) -> bool, floor: f64) -> Option<usize> {
    let span = Span::of(values)?;
    if span.finite && span.low >= floor {
        return None;
    }
    values.iter().position(|value| !good(*value))
}

/// Costs as stated; scenarios in training scale them.
const FULL_COSTS: f64 = 1.0;

/// Keeps fills and puts them together to round trips.
#[derive(Debug)]
struct Record {
    fills: Vec<Fill>,
    book: TradeBook,
}

impl FillSink for Record {
    fn fill(&mut self, fill: &Fill) {
        self.fills.push(*fill);
        self.book.fill(fill);
    }
}
