//! The account: every step reconciles, every mode sizes as it says, brackets are pessimistic.

use crate::{
    account::{Account, AccountSpec, BarId, BarTick},
    brackets::Brackets,
    costs::{CostSpec, SlippageModel},
    fill::{Fill, FillReason},
    sizing::Sizing,
    trade::TradeBook,
};
use domain::Timeframe;
use proptest::prelude::*;
use rstest::rstest;

fn bar(open: f64, high: f64, low: f64, close: f64) -> BarTick {
    BarTick {
        open,
        high,
        low,
        close,
        volume_before: 1_000.0,
    }
}

fn flat_bar(price: f64) -> BarTick {
    bar(price, price, price, price)
}

/// Steps a fresh account over `bars` with `targets`; returns it with its fills.
fn run(spec: &AccountSpec, bars: &[BarTick], targets: &[f64]) -> (Account, Vec<Fill>) {
    let model = spec.model(Timeframe::HOUR).unwrap();
    let mut account = Account::open(&model, bars[0].open, 1.0);
    let mut fills = Vec::new();
    for (index, (bar, target)) in bars.iter().zip(targets).enumerate() {
        let id = BarId {
            index,
            ..BarId::default()
        };
        account.step(&model, bar, id, *target, &mut fills);
    }
    (account, fills)
}

fn any_costs() -> impl Strategy<Value = CostSpec> {
    let slippage = prop_oneof![
        (0.0..20.0).prop_map(|bps| SlippageModel::Constant { bps }),
        (0.0..50.0).prop_map(|bps_at_full_volume| SlippageModel::SqrtImpact { bps_at_full_volume }),
        (0.0..50.0).prop_map(|bps_at_full_volume| SlippageModel::VolumeShare {
            bps_at_full_volume,
            max_share: 0.1
        }),
    ];
    let limits = prop_oneof![Just([0.0; 3]), Just([10.0, 0.01, 0.05])];
    (
        0.0..30.0,
        0.0..20.0,
        slippage,
        0.0..10.0,
        -10.0..10.0,
        limits,
    )
        .prop_map(
            |(fee_bps, spread_bps, slippage, borrow, funding, [min_notional, lot, tick])| {
                CostSpec {
                    fee_bps,
                    maker_fee_bps: fee_bps / 2.0,
                    spread_bps,
                    slippage,
                    borrow_bps_per_day: borrow,
                    funding_bps_per_day: funding,
                    min_notional,
                    lot,
                    tick,
                }
            },
        )
}

fn any_path() -> impl Strategy<Value = Vec<(BarTick, f64)>> {
    let moves = (
        -0.05..0.05_f64,
        -0.05..0.05_f64,
        0.0..0.05_f64,
        0.0..0.05_f64,
    );
    let target = prop_oneof![Just(-1.0), Just(0.0), Just(1.0), -2.0..2.0_f64];
    prop::collection::vec((moves, target), 1..60).prop_map(|steps| {
        let mut price = 100.0;
        let mut step = |((gap, change, up, down), target): ((f64, f64, f64, f64), f64)| {
            let open = price * (1.0 + gap);
            let close = open * (1.0 + change);
            let (high, low) = (open.max(close) * (1.0 + up), open.min(close) * (1.0 - down));
            price = close;
            (bar(open, high, low, close), target)
        };
        steps.into_iter().map(&mut step).collect()
    })
}

fn any_sizing() -> impl Strategy<Value = Sizing> {
    prop_oneof![
        Just(Sizing::Fraction),
        Just(Sizing::WholeUnits),
        Just(Sizing::Units { base: 7.0 })
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Equity changes by what the market gave and the itemised costs took, in every step; fills
    /// and trades add up to the same account.
    #[test]
    fn every_step_reconciles(
        costs in any_costs(),
        sizing in any_sizing(),
        stop_loss in prop_oneof![Just(0.0), 0.01..0.1_f64],
        trailing_stop in prop_oneof![Just(0.0), 0.01..0.1_f64],
        take_profit in prop_oneof![Just(0.0), 0.01..0.1_f64],
        path in any_path(),
    ) {
        let spec = AccountSpec {
            sizing,
            costs,
            max_leverage: 1.5,
            brackets: Brackets { stop_loss, take_profit, trailing_stop },
            ..AccountSpec::default()
        };
        let model = spec.model(Timeframe::HOUR).unwrap();
        let mut account = Account::open(&model, path[0].0.open, 1.0);
        let mut fills: Vec<Fill> = Vec::new();
        for (bar, target) in &path {
            let before = account.equity;
            let flows = account.step(&model, bar, BarId::default(), *target, &mut fills);
            let explained = before + flows.market - flows.costs.total();
            prop_assert!((account.equity - explained).abs() < 1e-7, "{} {explained}", account.equity);
            prop_assert!(flows.costs.fee >= 0.0 && flows.costs.spread >= 0.0);
            prop_assert!(flows.costs.slippage >= -1e-9, "{flows:?}");
            if account.is_ruined(&model) {
                break;
            }
        }
        let cash: f64 = fills.iter().map(|f| -f.quantity * f.price - f.costs.fee).sum();
        prop_assert!((model.initial_equity + cash - account.paid.carry - account.cash).abs() < 1e-7);
        let held: f64 = fills.iter().map(|fill| fill.quantity).sum();
        prop_assert!((held - account.quantity).abs() < 1e-7);
        let mut book = TradeBook::default();
        fills.iter().for_each(|fill| crate::FillSink::fill(&mut book, fill));
        let mark = account.equity - account.cash;
        let open = book.open_at(0, domain::Nanos(0), if held == 0.0 { 1.0 } else { mark / account.quantity });
        let pnl: f64 = book.closed().iter().chain(&open).map(crate::Trade::net_pnl).sum();
        let account_pnl = account.equity + account.paid.carry - model.initial_equity;
        prop_assert!((pnl - account_pnl).abs() < 1e-6, "{pnl} {account_pnl}");
    }
}

#[rstest]
// The first trade of the SMA-cross reference run: 59 shares short at 169.02 of 10,000.
#[case(-1.0, 169.02, -59.0)]
#[case(1.0, 169.02, 59.0)]
#[case(1.0, 10_001.0, 0.0)]
fn whole_units_leave_room_for_the_fee(#[case] target: f64, #[case] price: f64, #[case] held: f64) {
    let spec = AccountSpec {
        sizing: Sizing::WholeUnits,
        costs: CostSpec::fee_only(20.0),
        ..AccountSpec::default()
    };
    let (account, _) = run(&spec, &[flat_bar(price)], &[target]);
    assert!((account.quantity - held).abs() < 1e-12);
    assert_eq!(account.orders.refused, u64::from(held.abs() < 1e-12));
}

#[test]
fn an_unchanged_target_never_trades() {
    let spec = AccountSpec {
        costs: CostSpec::fee_only(10.0),
        ..AccountSpec::default()
    };
    let bars: Vec<BarTick> = [100.0, 150.0, 80.0, 120.0].map(flat_bar).to_vec();
    let (account, fills) = run(&spec, &bars, &[1.0; 4]);
    assert_eq!((fills.len(), account.bars_held), (1, 4));
}

#[test]
fn units_ignore_the_equity() {
    let spec = AccountSpec {
        sizing: Sizing::Units { base: 3.0 },
        ..AccountSpec::default()
    };
    let bars: Vec<BarTick> = [100.0, 150.0, 80.0].map(flat_bar).to_vec();
    let (account, _) = run(&spec, &bars, &[1.0, 1.0, -1.0]);
    assert!((account.equity - (10_000.0 - 3.0 * 20.0)).abs() < 1e-9);
    assert!((account.quantity + 3.0).abs() < 1e-12);
}

#[test]
fn orders_below_the_minimum_are_counted_and_tried_again() {
    let spec = AccountSpec {
        initial_equity: 50.0,
        costs: CostSpec {
            min_notional: 60.0,
            ..CostSpec::default()
        },
        ..AccountSpec::default()
    };
    let (account, fills) = run(&spec, &[flat_bar(10.0); 3], &[1.0; 3]);
    assert!(fills.is_empty());
    assert_eq!((account.orders.refused, account.orders.filled), (3, 0));
}

#[test]
fn the_leverage_cap_holds() {
    let spec = AccountSpec {
        max_leverage: 2.0,
        costs: CostSpec::fee_only(10.0),
        ..AccountSpec::default()
    };
    let (account, _) = run(&spec, &[flat_bar(10.0)], &[5.0]);
    assert!(
        (account.exposure() - 2.0).abs() < 1e-9,
        "{}",
        account.exposure()
    );
}

#[test]
fn ruin_is_at_or_below_the_floor() {
    let spec = AccountSpec {
        max_leverage: 3.0,
        ruin_floor: 0.5,
        ..AccountSpec::default()
    };
    let model = spec.model(Timeframe::HOUR).unwrap();
    let (fine, _) = run(&spec, &[flat_bar(100.0), flat_bar(84.0)], &[3.0, 3.0]);
    assert!(!fine.is_ruined(&model));
    let (ruined, _) = run(&spec, &[flat_bar(100.0), flat_bar(83.0)], &[3.0, 3.0]);
    assert!(ruined.is_ruined(&model));
}

#[rstest]
#[case::stop(1.0, bar(100.0, 101.0, 94.0, 99.0), 95.0, FillReason::StopLoss)]
#[case::stop_gapped(1.0, bar(90.0, 91.0, 89.0, 90.0), 90.0, FillReason::StopLoss)]
#[case::profit(1.0, bar(100.0, 112.0, 99.0, 108.0), 110.0, FillReason::TakeProfit)]
#[case::profit_gapped(1.0, bar(115.0, 116.0, 112.0, 113.0), 115.0, FillReason::TakeProfit)]
#[case::both_in_one_bar(1.0, bar(100.0, 112.0, 94.0, 108.0), 95.0, FillReason::StopLoss)]
#[case::short_stop(-1.0, bar(100.0, 106.0, 99.0, 101.0), 105.0, FillReason::StopLoss)]
#[case::short_profit(-1.0, bar(100.0, 101.0, 89.0, 95.0), 90.0, FillReason::TakeProfit)]
fn brackets_close_at_their_level(
    #[case] target: f64,
    #[case] second: BarTick,
    #[case] price: f64,
    #[case] reason: FillReason,
) {
    let spec = AccountSpec {
        brackets: Brackets {
            stop_loss: 0.05,
            take_profit: 0.1,
            trailing_stop: 0.0,
        },
        ..AccountSpec::default()
    };
    let bars = [flat_bar(100.0), second, flat_bar(100.0), flat_bar(100.0)];
    let (account, fills) = run(&spec, &bars[..2], &[target; 2]);
    assert!((fills[1].price - price).abs() < 1e-9, "{fills:?}");
    assert_eq!(fills[1].reason, reason);
    assert!(account.stopped_out && account.quantity.abs() < 1e-12);
    // The same target waits; a new one trades again.
    assert_eq!(run(&spec, &bars, &[target; 4]).1.len(), 2);
    assert_eq!(run(&spec, &bars, &[target, target, 0.0, target]).1.len(), 3);
}

#[test]
fn a_trailing_stop_follows_closed_bars_only() {
    let spec = AccountSpec {
        brackets: Brackets {
            trailing_stop: 0.1,
            ..Brackets::default()
        },
        ..AccountSpec::default()
    };
    // The high of 130 and the low of 118 share a bar: which came first is unknown, so the stop
    // still stands at 90 there, and at 117 from the next bar on.
    let bars = [
        flat_bar(100.0),
        bar(100.0, 130.0, 95.0, 120.0),
        bar(120.0, 121.0, 116.0, 118.0),
    ];
    let (account, fills) = run(&spec, &bars, &[1.0; 3]);
    assert!(
        (fills[1].price - 117.0).abs() < 1e-9 && fills[1].bar == 2,
        "{fills:?}"
    );
    assert!((account.equity - 11_700.0).abs() < 1e-9);
}
