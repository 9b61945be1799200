//! The same decisions at other costs, and the cost at which nothing is left.

use crate::conventions::Conventions;
use crate::error::BacktestError;
use crate::performance::Performance;
use crate::replay::{PreparedAccount, Replay, check, run_into};
use domain::BarsView;
use serde::{Deserialize, Serialize};
use sim::{AccountSpec, CostSpec, SlippageModel};

/// Costs at which every result is shown, bps of each order's notional.
pub const LEVELS_BPS: [f64; 6] = [0.0, 1.0, 2.0, 5.0, 10.0, 25.0];

/// Highest cost looked at for the break-even, bps: the highest fee an account accepts.
const HIGHEST_BPS: f64 = 1_000.0;

/// One cost level.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostRow {
    /// Cost of every order, bps of its notional, all in.
    pub bps: f64,
    /// Total return of the window.
    pub total_return: f64,
    /// Compound growth a year.
    pub annual_return: Option<f64>,
    /// Sharpe ratio a year.
    pub sharpe: Option<f64>,
    /// Depth of the deepest fall, negative; 0 without one.
    pub max_drawdown: f64,
}

/// The cost at which the total return is zero.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum BreakEven {
    /// Not even free trading earns anything.
    Never,
    /// Profits end at this cost.
    At {
        /// bps of each order's notional.
        bps: f64,
    },
    /// Still profitable at the highest cost looked at.
    Above {
        /// bps of each order's notional.
        bps: f64,
    },
}

impl BreakEven {
    /// Returns the cost that is certainly survived, bps: 0 for [`BreakEven::Never`].
    #[must_use]
    pub fn bps(self) -> f64 {
        match self {
            Self::Never => 0.0,
            Self::At { bps } | Self::Above { bps } => bps,
        }
    }
}

/// The same decisions at each of [`LEVELS_BPS`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostTable {
    /// One row a level, cheapest first.
    pub rows: Vec<CostRow>,
    /// Where the profit ends.
    pub break_even: BreakEven,
    /// What the run itself assumed for each order, bps: fee, half spread and constant slippage.
    pub stated_bps: f64,
}

/// Replays `targets` at every level and finds the break-even cost by bisection to 0.01 bps.
///
/// A level replaces fee, spread and slippage by one all-in cost; carry, minimum notional, lots
/// and ticks stay as `spec` says.
///
/// # Errors
/// As [`crate::replay()`].
pub fn cost_table(
    bars: BarsView<'_>,
    targets: &[f64],
    spec: &AccountSpec,
    conventions: &Conventions,
) -> Result<CostTable, BacktestError> {
    check(bars, targets, spec)?;
    let mut run = Replay::default();
    let mut at_cost = |bps: f64| -> Result<Performance, BacktestError> {
        let account = PreparedAccount::new(&at_level(spec, bps), bars.timeframe)?;
        run_into(bars, targets, &account, &mut run);
        Ok(Performance::of_returns(&run.returns, conventions))
    };
    let mut rows = Vec::with_capacity(LEVELS_BPS.len());
    for bps in LEVELS_BPS {
        let measured = at_cost(bps)?;
        rows.push(CostRow {
            bps,
            total_return: measured.total_return,
            annual_return: measured.annual_return,
            sharpe: measured.sharpe,
            max_drawdown: measured.max_drawdown.map_or(0.0, |fall| fall.depth),
        });
    }
    let break_even = if rows[0].total_return <= 0.0 {
        BreakEven::Never
    } else if at_cost(HIGHEST_BPS)?.total_return > 0.0 {
        BreakEven::Above { bps: HIGHEST_BPS }
    } else {
        let (mut low, mut high) = (0.0, HIGHEST_BPS);
        while high - low > 0.01 {
            let middle = 0.5 * (low + high);
            if at_cost(middle)?.total_return > 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        BreakEven::At { bps: low }
    };
    Ok(CostTable {
        rows,
        break_even,
        stated_bps: stated_bps(&spec.costs),
    })
}

/// Returns what one order costs by `costs`, bps; volume-dependent slippage counts nothing here.
#[must_use]
pub fn stated_bps(costs: &CostSpec) -> f64 {
    let slippage = match costs.slippage {
        SlippageModel::Constant { bps } => bps,
        SlippageModel::VolumeShare { .. } | SlippageModel::SqrtImpact { .. } => 0.0,
    };
    costs.fee_bps + 0.5 * costs.spread_bps + slippage
}

fn at_level(spec: &AccountSpec, bps: f64) -> AccountSpec {
    AccountSpec {
        costs: CostSpec {
            fee_bps: bps,
            maker_fee_bps: bps,
            spread_bps: 0.0,
            slippage: SlippageModel::Constant { bps: 0.0 },
            ..spec.costs.clone()
        },
        ..spec.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::bars_from;
    use domain::{StreamRng, Timeframe};

    #[test]
    fn the_break_even_of_a_known_trade() {
        // One round trip that gains a tenth before costs: (1.1)(1 − c)/(1 + c) = 1.
        let mut bars = bars_from(&[0.0; 10], Timeframe::HOUR, &mut StreamRng::seeded(1));
        bars.open = vec![100.0; 10];
        bars.close = vec![100.0; 10];
        for price in bars.open[6..].iter_mut().chain(&mut bars.close[5..]) {
            *price = 110.0;
        }
        let targets = [0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0];
        let spec = AccountSpec::default();
        let table = cost_table(bars.view(), &targets, &spec, &Conventions::default()).unwrap();
        let expected = (1.1 - 1.0) / (1.1 + 1.0) * 1e4;
        assert!(
            (table.break_even.bps() - expected).abs() < 0.02,
            "{:?}",
            table.break_even
        );
        assert!((table.rows[0].total_return - 0.1).abs() < 1e-12);
        let falling = table
            .rows
            .windows(2)
            .all(|pair| pair[0].total_return > pair[1].total_return);
        assert!(falling);
    }

    #[test]
    fn doing_nothing_never_breaks_even() {
        let bars = bars_from(&[0.01; 10], Timeframe::HOUR, &mut StreamRng::seeded(1));
        let spec = AccountSpec::default();
        let table = cost_table(bars.view(), &[0.0; 10], &spec, &Conventions::default()).unwrap();
        assert_eq!(table.break_even, BreakEven::Never);
    }
}
