//! One account trading one instrument: the step that training, backtest, paper and live share.
//!
//! A target decided at the close of bar `t` is filled at the open of bar `t + 1`, moved against
//! the order by half the spread and the slippage, with a fee on the notional; equity is marked at
//! the close of `t + 1`. An order is sent only when the target differs from the one held: a drift
//! of the position's value alone never trades. Units: prices and cash in quote currency,
//! quantities in base units. Start at [`Account::step`].

use crate::{
    brackets::{Brackets, Hit},
    costs::{CostItems, CostModel, CostSpec, Quote, Side},
    error::{SimError, require},
    fill::{Fill, FillReason, FillSink},
    sizing::{Sizing, SizingInput, to_lots},
};
use domain::{Bars, Nanos, Text, Timeframe};
use serde::{Deserialize, Serialize};

/// Targets closer than this are the same.
const SAME_TARGET: f64 = 1e-12;

/// An account as a user states it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountSpec {
    /// Cash at the start, quote currency. Default 10,000, positive.
    pub initial_equity: f64,
    /// What a target of 1 means. Default: the whole equity.
    pub sizing: Sizing,
    /// Largest |target| for the two modes that size by equity. Default 1, range (0, 100].
    pub max_leverage: f64,
    /// Share of the initial equity at or below which the account is ruined. Default 0, range [0, 1).
    pub ruin_floor: f64,
    /// Protective orders. Default none.
    pub brackets: Brackets,
    /// What trading costs. Default nothing.
    pub costs: CostSpec,
}

impl Default for AccountSpec {
    fn default() -> Self {
        Self {
            initial_equity: 10_000.0,
            sizing: Sizing::Fraction,
            max_leverage: 1.0,
            ruin_floor: 0.0,
            brackets: Brackets::default(),
            costs: CostSpec::default(),
        }
    }
}

impl AccountSpec {
    /// Resolves for bars of `timeframe`.
    ///
    /// # Errors
    /// [`SimError::Setting`] for the first field outside its range.
    pub fn model(&self, timeframe: Timeframe) -> Result<AccountModel, SimError> {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        require(
            positive(self.initial_equity),
            "account.initial_equity",
            self.initial_equity,
            Text::new("be positive", "0보다 커야 합니다"),
        )?;
        if let Sizing::Units { base } = self.sizing {
            require(
                positive(base),
                "account.sizing.base",
                base,
                Text::new("be positive", "0보다 커야 합니다"),
            )?;
        }
        require(
            positive(self.max_leverage) && self.max_leverage <= 100.0,
            "account.max_leverage",
            self.max_leverage,
            Text::new("lie in (0, 100]", "(0, 100] 안에 있어야 합니다"),
        )?;
        require(
            (0.0..1.0).contains(&self.ruin_floor),
            "account.ruin_floor",
            self.ruin_floor,
            Text::new("lie in [0, 1)", "[0, 1) 안에 있어야 합니다"),
        )?;
        self.brackets.check()?;
        Ok(AccountModel {
            initial_equity: self.initial_equity,
            sizing: self.sizing,
            max_target: match self.sizing {
                Sizing::Units { .. } => f64::MAX,
                Sizing::Fraction | Sizing::WholeUnits => self.max_leverage,
            },
            ruin_level: self.ruin_floor * self.initial_equity,
            brackets: self.brackets,
            bracketed: self.brackets.any(),
            costs: self.costs.model(timeframe)?,
        })
    }
}

/// An account's fixed part, resolved and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountModel {
    /// Cash at the start.
    pub initial_equity: f64,
    /// What a target of 1 means.
    pub sizing: Sizing,
    /// Protective orders.
    pub brackets: Brackets,
    /// Costs.
    pub costs: CostModel,
    max_target: f64,
    ruin_level: f64,
    bracketed: bool,
}

/// The bar in which a step happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BarTick {
    /// First price: where orders fill.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price: where equity is marked.
    pub close: f64,
    /// Volume of the bar *before*, the last one known when the order is sent.
    pub volume_before: f64,
}

impl BarTick {
    /// Returns bar `index` of `bars`.
    #[must_use]
    pub fn of(bars: &Bars, index: usize) -> Self {
        Self {
            open: bars.open[index],
            high: bars.high[index],
            low: bars.low[index],
            close: bars.close[index],
            volume_before: if index == 0 {
                0.0
            } else {
                bars.volume[index - 1]
            },
        }
    }
}

/// Where in the data a step happens; goes into the fill records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BarId {
    /// Row of the bar.
    pub index: usize,
    /// Its open time.
    pub time: Nanos,
}

/// Where the change of equity in one step came from, quote currency.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StepFlows {
    /// Change of the position's value at mid prices.
    pub market: f64,
    /// Costs by item.
    pub costs: CostItems,
}

/// What the venue counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCounts {
    /// Orders filled.
    pub filled: u64,
    /// Orders refused: below the minimum notional, or rounded to nothing.
    pub refused: u64,
}

/// The moving part: plain data, saved in checkpoints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Cash; negative when borrowed.
    pub cash: f64,
    /// Quantity held, signed.
    pub quantity: f64,
    /// Average entry price of the position; zero when flat.
    pub entry_price: f64,
    /// Equity marked at the last close.
    pub equity: f64,
    /// Target that the position was last set to.
    pub target: f64,
    /// Closes since the position was opened; zero when flat.
    pub bars_held: u32,
    /// A bracket closed the position; the target that was asked for then waits for a new one.
    pub stopped_out: bool,
    /// Everything paid since the account was opened, by item.
    pub paid: CostItems,
    /// Orders since then.
    pub orders: OrderCounts,
    /// Notional traded since then, quote currency at mid prices.
    pub turnover: f64,
    asked: f64,
    mark: f64,
    best: f64,
    cost_scale: f64,
}

impl Account {
    /// Opens an account without position. `mark` is the last known close, `cost_scale` multiplies
    /// every cost (1 as stated).
    #[must_use]
    pub fn open(model: &AccountModel, mark: f64, cost_scale: f64) -> Self {
        Self {
            cash: model.initial_equity,
            quantity: 0.0,
            entry_price: 0.0,
            equity: model.initial_equity,
            target: 0.0,
            bars_held: 0,
            stopped_out: false,
            paid: CostItems::default(),
            orders: OrderCounts::default(),
            turnover: 0.0,
            asked: 0.0,
            mark,
            best: 0.0,
            cost_scale,
        }
    }

    /// Lives through one bar: fills at its open what `target` asks for, then checks brackets, pays
    /// carry and marks equity at its close.
    ///
    /// `equity_after = equity_before + market − costs.total()`, up to rounding. Brackets see the
    /// bar from its open on. Once ruined the account should not be stepped again.
    #[inline(always)]
    pub fn step<S: FillSink>(
        &mut self,
        model: &AccountModel,
        bar: &BarTick,
        id: BarId,
        target: f64,
        sink: &mut S,
    ) -> StepFlows {
        let mut flows = StepFlows {
            market: self.quantity * (bar.open - self.mark),
            costs: CostItems::default(),
        };
        let target = target.clamp(-model.max_target, model.max_target);
        if differs(target, self.asked) {
            self.asked = target;
            self.stopped_out = false;
        }
        if differs(target, self.target) && !self.stopped_out {
            self.rebalance(model, bar, id, &mut flows, sink);
        }
        let mut mark = bar.open;
        if model.bracketed && is_held(self.quantity) {
            mark = self.watch_brackets(model, bar, id, &mut flows, sink);
        }
        flows.market += self.quantity * (bar.close - mark);
        let carry = model.costs.carry(self.quantity, bar.close, self.cost_scale);
        flows.costs.carry += carry;
        self.cash -= carry;
        self.paid.add(&flows.costs);
        self.mark = bar.close;
        self.equity = self.cash + self.quantity * bar.close;
        self.bars_held += u32::from(is_held(self.quantity));
        flows
    }

    /// Returns whether the equity is at or below the floor.
    #[must_use]
    #[inline]
    pub fn is_ruined(&self, model: &AccountModel) -> bool {
        self.equity <= model.ruin_level
    }

    /// Returns the profit of the open position at the last close, before exit costs.
    #[must_use]
    #[inline]
    pub fn unrealised(&self) -> f64 {
        self.quantity * (self.mark - self.entry_price)
    }

    /// Returns the position's value at the last close, signed, quote currency.
    #[must_use]
    #[inline]
    pub fn position_value(&self) -> f64 {
        self.quantity * self.mark
    }

    /// Returns the position's value as a multiple of equity, signed; zero once ruined.
    #[must_use]
    #[inline]
    pub fn exposure(&self) -> f64 {
        if self.equity > 0.0 {
            self.position_value() / self.equity
        } else {
            0.0
        }
    }

    /// Returns how far the stop in force lies from the last close, as a fraction of the close;
    /// zero when flat or without stops.
    #[must_use]
    pub fn distance_to_stop(&self, model: &AccountModel) -> f64 {
        if !is_held(self.quantity) {
            return 0.0;
        }
        let side = self.quantity.signum();
        model
            .brackets
            .stop(side, self.entry_price, self.best)
            .map_or(0.0, |stop| side * (self.mark - stop.mid) / self.mark)
    }

    #[inline(always)]
    fn rebalance<S: FillSink>(
        &mut self,
        model: &AccountModel,
        bar: &BarTick,
        id: BarId,
        flows: &mut StepFlows,
        sink: &mut S,
    ) {
        let input = SizingInput {
            target: self.asked,
            equity: (self.cash + self.quantity * bar.open).max(0.0),
            held: self.quantity,
            mid: bar.open,
        };
        let gap = model.sizing.gap(input);
        let quote = model.costs.quote(
            bar.open,
            Side::of(gap),
            gap.abs() / bar.open,
            bar.volume_before,
            self.cost_scale,
        );
        let wanted = model.sizing.quantity(input, gap, quote.cost_fraction());
        let order = to_lots(wanted, model.costs.lot) - self.quantity;
        if !is_held(order) && !is_held(gap) {
            // Flat already, e.g. after a refused entry: there is nothing to send.
            self.target = self.asked;
        } else if !is_held(order) || order.abs() * bar.open < model.costs.min_notional {
            self.orders.refused += 1;
        } else {
            self.target = self.asked;
            self.fill(&quote, order, id, FillReason::Target, flows, sink);
        }
    }

    /// Closes the position where a bracket is reached; returns the price marked at last.
    #[cold]
    fn watch_brackets<S: FillSink>(
        &mut self,
        model: &AccountModel,
        bar: &BarTick,
        id: BarId,
        flows: &mut StepFlows,
        sink: &mut S,
    ) -> f64 {
        let side = self.quantity.signum();
        let Some(hit) = model.brackets.hit(side, self.entry_price, self.best, bar) else {
            self.best = if side > 0.0 {
                self.best.max(bar.high)
            } else {
                self.best.min(bar.low)
            };
            return bar.open;
        };
        let quote = self.exit_quote(model, bar, hit);
        flows.market += self.quantity * (quote.mid - bar.open);
        self.fill(&quote, -self.quantity, id, hit.reason, flows, sink);
        self.target = 0.0;
        self.stopped_out = true;
        quote.mid
    }

    fn exit_quote(&self, model: &AccountModel, bar: &BarTick, hit: Hit) -> Quote {
        let side = Side::of(-self.quantity);
        match hit.reason {
            FillReason::TakeProfit => model.costs.quote_resting(hit.mid, side, self.cost_scale),
            FillReason::Target | FillReason::StopLoss | FillReason::TrailingStop => {
                let size = self.quantity.abs();
                let volume = bar.volume_before;
                model
                    .costs
                    .quote(hit.mid, side, size, volume, self.cost_scale)
            }
        }
    }

    #[inline(always)]
    fn fill<S: FillSink>(
        &mut self,
        quote: &Quote,
        order: f64,
        id: BarId,
        reason: FillReason,
        flows: &mut StepFlows,
        sink: &mut S,
    ) {
        let costs = quote.costs(order);
        flows.costs.add(&costs);
        self.cash -= order * quote.price + costs.fee;
        self.turnover += order.abs() * quote.mid;
        self.orders.filled += 1;
        let before = self.quantity;
        let mut held = before + order;
        if held.abs() <= 1e-12 * order.abs() {
            held = 0.0;
        }
        self.quantity = held;
        // Selects rather than branches: no predictor guesses a policy's next move.
        let flat = !is_held(held);
        let fresh = before * held <= 0.0;
        if !fresh && held.abs() > before.abs() {
            self.entry_price = (before * self.entry_price + order * quote.price) / held;
        }
        let entry = if fresh { quote.price } else { self.entry_price };
        self.entry_price = if flat { 0.0 } else { entry };
        self.best = if fresh { quote.price } else { self.best };
        self.bars_held = if fresh { 0 } else { self.bars_held };
        sink.fill(&Fill {
            bar: id.index,
            time: id.time,
            quantity: order,
            held,
            price: quote.price,
            mid: quote.mid,
            costs,
            reason,
        });
    }
}

#[inline]
fn differs(one: f64, other: f64) -> bool {
    (one - other).abs() > SAME_TARGET
}

#[inline]
fn is_held(quantity: f64) -> bool {
    quantity.abs() > 0.0
}
