//! The moving-average cross of backtesting.py 0.6.6, trade by trade.
//!
//! GOOG's prices ship in an AGPL package and are not ours to commit: `make oracles` fetches them
//! into the cache folder, and without them that one test says so. The generated markets run
//! always. backtesting.py charges its spread at the entry alone, ours is half at either end; a
//! spread without a fee is therefore held against its commission of half that size.

use super::{assert_close, fixture, numbers};
use crate::cross::moving_average_cross;
use crate::{Conventions, Metrics, Replay, replay};
use domain::{BarFlags, Bars, Nanos, Timeframe};
use rstest::rstest;
use serde_json::Value;
use sim::{AccountSpec, CostSpec, Sizing};
use std::path::PathBuf;

const TOLERANCE: f64 = 1e-9;
/// Share market: 252 days.
const DAYS: f64 = 252.0;

fn account(expected: &Value, costs: CostSpec) -> AccountSpec {
    AccountSpec {
        initial_equity: expected["cash"].as_f64().unwrap(),
        sizing: Sizing::WholeUnits,
        costs,
        ..AccountSpec::default()
    }
}

fn commission_bps(expected: &Value) -> f64 {
    expected["commission"].as_f64().unwrap() * 1e4
}

fn run(bars: &Bars, expected: &Value, costs: CostSpec) -> Replay {
    let window = |key: &str| expected[key].as_u64().unwrap() as usize;
    let targets = moving_average_cross(&bars.close, window("fast"), window("slow"), 1.0, -1.0);
    replay(bars.view(), &targets, &account(expected, costs)).unwrap()
}

fn bars_of(columns: [Vec<f64>; 4]) -> Bars {
    let [open, high, low, close] = columns;
    let count = close.len();
    let mut bars = Bars::empty("TEST", Timeframe::DAY);
    bars.open_time = (0..count as i64)
        .map(|day| Nanos(day * Timeframe::DAY.nanos()))
        .collect();
    bars.volume = vec![1.0; count];
    bars.flags = vec![BarFlags::CLEAN; count];
    (bars.open, bars.high, bars.low, bars.close) = (open, high, low, close);
    bars
}

fn generated(case: usize) -> (Bars, Value) {
    let expected = fixture("synthetic_sma_cross.json")["cases"][case].clone();
    let columns = ["open", "high", "low", "close"].map(|column| numbers(&expected[column]));
    (bars_of(columns), expected)
}

/// Compares the trade list; prices only where no spread moves ours.
fn assert_trades(run: &Replay, expected: &Value, with_prices: bool) {
    let trades = expected["trades"].as_array().unwrap();
    assert_eq!(run.trades.len(), trades.len(), "number of trades");
    for (ours, theirs) in run.trades.iter().zip(trades) {
        let number = |key: &str| theirs[key].as_f64().unwrap();
        assert_eq!(ours.entry_bar as u64, theirs["entry_bar"].as_u64().unwrap());
        assert_eq!(ours.exit_bar as u64, theirs["exit_bar"].as_u64().unwrap());
        assert_close("size", ours.quantity, number("size"), 1e-12);
        assert_close("pnl", ours.net_pnl(), number("pnl"), TOLERANCE);
        assert_close("costs", ours.costs.total(), number("commission"), TOLERANCE);
        if with_prices {
            assert_close("entry", ours.entry_price, number("entry_price"), TOLERANCE);
            assert_close("exit", ours.exit_price, number("exit_price"), TOLERANCE);
            assert_close("return", ours.net_return(), number("return"), TOLERANCE);
        }
    }
}

/// Compares backtesting.py's statistics under its own conventions.
fn assert_statistics(run: &Replay, bars: &Bars, expected: &Value) {
    let metrics = Metrics::of(run, bars.view(), &Conventions::backtesting_py(DAYS));
    let (performance, activity) = (metrics.performance, metrics.activity);
    let in_trades: usize = run.trades.iter().map(|trade| trade.bars_held()).sum();
    // A bar in which one trade ends and the next begins belongs to both, and counts once; theirs
    // leaves the trade that is still open out.
    let shared = run
        .trades
        .windows(2)
        .filter(|pair| pair[0].exit_bar == pair[1].entry_bar)
        .count();
    let exposed = (in_trades + run.trades.len() - shared) as f64 / bars.len() as f64;
    let peak = run.equity.iter().copied().fold(0.0, f64::max);
    for (key, got) in [
        ("equity_final", run.equity[run.equity.len() - 1]),
        ("equity_peak", peak),
        ("commissions", activity.fees_of_trades),
        ("return_percent", performance.total_return * 100.0),
        ("exposure_percent", exposed * 100.0),
        (
            "annual_return_percent",
            performance.annual_return.unwrap() * 100.0,
        ),
        (
            "annual_volatility_percent",
            performance.annual_volatility.unwrap() * 100.0,
        ),
        ("sharpe", performance.sharpe.unwrap()),
        ("sortino", performance.sortino.unwrap()),
        ("calmar", performance.calmar.unwrap()),
        (
            "max_drawdown_percent",
            performance.max_drawdown.unwrap().depth * 100.0,
        ),
        ("win_rate_percent", activity.hit_rate.unwrap() * 100.0),
        ("best_trade_percent", activity.best_trade.unwrap() * 100.0),
        ("worst_trade_percent", activity.worst_trade.unwrap() * 100.0),
        ("profit_factor", activity.profit_factor_of_returns.unwrap()),
        ("expectancy_percent", activity.mean_trade.unwrap() * 100.0),
    ] {
        assert_close(key, got, expected[key].as_f64().unwrap(), TOLERANCE);
    }
}

#[rstest]
#[case(0)]
#[case(1)]
#[case(2)]
#[case(3)]
fn generated_markets_give_backtestings_run(#[case] case: usize) {
    let (bars, expected) = generated(case);
    let run = run(
        &bars,
        &expected,
        CostSpec::fee_only(commission_bps(&expected)),
    );
    for (at, (ours, theirs)) in run
        .equity
        .iter()
        .zip(numbers(&expected["equity"]))
        .enumerate()
    {
        assert_close(&format!("equity of bar {at}"), *ours, theirs, TOLERANCE);
    }
    assert_trades(&run, &expected, true);
    assert_statistics(&run, &bars, &expected);
}

#[rstest]
#[case(1)]
#[case(2)]
#[case(3)]
fn a_spread_costs_what_a_commission_of_half_its_size_does(#[case] case: usize) {
    let (bars, expected) = generated(case);
    let costs = CostSpec {
        spread_bps: 2.0 * commission_bps(&expected),
        ..CostSpec::default()
    };
    let run = run(&bars, &expected, costs);
    for (ours, theirs) in run.equity.iter().zip(numbers(&expected["equity"])) {
        assert_close("equity", *ours, theirs, TOLERANCE);
    }
    assert_trades(&run, &expected, false);
}

#[test]
fn filling_at_the_observed_close_is_caught() {
    // The negative control: decisions moved one bar ahead must not reproduce the run.
    let (bars, expected) = generated(1);
    let targets = moving_average_cross(&bars.close, 10, 20, 1.0, -1.0);
    let ahead: Vec<f64> = targets[1..].iter().chain([&0.0]).copied().collect();
    let costs = CostSpec::fee_only(commission_bps(&expected));
    let run = replay(bars.view(), &ahead, &account(&expected, costs)).unwrap();
    let last = run.equity[run.equity.len() - 1];
    assert!((last - expected["equity_final"].as_f64().unwrap()).abs() > 1.0);
}

#[test]
fn googs_run_is_reproduced() {
    let name = "googs_run_is_reproduced";
    let Some(text) = cached_goog().and_then(|path| std::fs::read_to_string(path).ok()) else {
        eprintln!("SKIPPED: {name}: GOOG.csv is not in the cache; `make oracles` fetches it");
        return;
    };
    let mut columns: [Vec<f64>; 4] = Default::default();
    for line in text.lines().skip(1) {
        for (column, field) in columns.iter_mut().zip(line.split(',').skip(1)) {
            column.push(field.parse().unwrap());
        }
    }
    let bars = bars_of(columns);
    let expected = fixture("goog_sma_cross.json");
    let run = run(
        &bars,
        &expected,
        CostSpec::fee_only(commission_bps(&expected)),
    );
    let points = numbers(&expected["equity"]);
    for (ours, theirs) in run.equity.iter().step_by(40).zip(points) {
        assert_close("equity", *ours, theirs, TOLERANCE);
    }
    assert_trades(&run, &expected, true);
    assert_eq!(run.trades.len(), 93);
    assert_close(
        "final equity",
        run.equity[bars.len() - 1],
        56_263.519_34,
        TOLERANCE,
    );
    assert_statistics(&run, &bars, &expected);
    // Theirs starts where the slow average is complete.
    let held = bars.close[bars.len() - 1] / bars.close[19] - 1.0;
    let buy_and_hold = expected["buy_and_hold_percent"].as_f64().unwrap();
    assert_close("buy and hold", held * 100.0, buy_and_hold, TOLERANCE);
}

/// Where `tests/oracles.py fetch` puts the prices.
fn cached_goog() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    Some(cache.join("makook/oracles/GOOG.csv"))
}
