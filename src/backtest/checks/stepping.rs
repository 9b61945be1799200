//! The replay's record equals stepping the account bar by bar, and bad input is refused.

use super::bars_from;
use crate::replay;
use domain::{Bars, StreamRng, Timeframe};
use proptest::prelude::*;
use rstest::rstest;
use sim::{Account, AccountSpec, BarId, BarTick, Brackets, CostSpec, Sizing, SlippageModel};

fn market(count: usize, volatility: f64, seed: u64) -> Bars {
    let mut rng = StreamRng::seeded(seed);
    let returns: Vec<f64> = (0..count).map(|_| volatility * rng.normal()).collect();
    bars_from(&returns, Timeframe::HOUR, &mut rng)
}

/// Steps every bar and returns equity and quantity at each close.
fn stepped(bars: &Bars, targets: &[f64], spec: &AccountSpec) -> (Vec<f64>, Vec<f64>) {
    let model = spec.model(bars.timeframe).unwrap();
    let mut account = Account::open(&model, bars.close[0], 1.0);
    let (mut equity, mut quantity) = (vec![account.equity], vec![0.0]);
    for at in 1..bars.len() {
        let id = BarId {
            index: at,
            time: bars.open_time[at],
        };
        account.step(&model, &BarTick::of(bars, at), id, targets[at - 1], &mut ());
        equity.push(account.equity);
        quantity.push(account.quantity);
    }
    (equity, quantity)
}

fn specs() -> Vec<AccountSpec> {
    let costs = CostSpec {
        fee_bps: 10.0,
        spread_bps: 3.0,
        slippage: SlippageModel::Constant { bps: 1.0 },
        ..CostSpec::default()
    };
    let base = AccountSpec {
        costs: costs.clone(),
        ..AccountSpec::default()
    };
    vec![
        AccountSpec::default(),
        base.clone(),
        AccountSpec {
            sizing: Sizing::WholeUnits,
            ..base.clone()
        },
        AccountSpec {
            sizing: Sizing::Units { base: 3.0 },
            ..base.clone()
        },
        AccountSpec {
            costs: CostSpec {
                min_notional: 3_000.0,
                ..costs.clone()
            },
            ..base.clone()
        },
        AccountSpec {
            costs: CostSpec {
                borrow_bps_per_day: 5.0,
                funding_bps_per_day: 3.0,
                ..costs
            },
            ..base.clone()
        },
        AccountSpec {
            brackets: Brackets {
                stop_loss: 0.02,
                take_profit: 0.03,
                trailing_stop: 0.0,
            },
            ..base
        },
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whole_stretches_equal_single_steps(
        runs in prop::collection::vec((0_usize..12, -2_i32..=2), 1..40),
        which in 0_usize..7,
        seed in 0_u64..1_000,
    ) {
        let targets: Vec<f64> = runs
            .iter()
            .flat_map(|(length, level)| std::iter::repeat_n(f64::from(*level) / 2.0, *length + 1))
            .chain([0.0])
            .collect();
        let bars = market(targets.len(), 0.01, seed);
        let spec = &specs()[which];
        let replayed = replay(bars.view(), &targets, spec).unwrap();
        let (equity, quantity) = stepped(&bars, &targets, spec);
        prop_assert_eq!(&replayed.equity, &equity);
        prop_assert_eq!(&replayed.quantities(), &quantity);
        prop_assert_eq!(replayed.fills.len() as u64, replayed.orders.filled);
        let ended: f64 = replayed.trades.iter().map(sim::Trade::net_pnl).sum();
        let open = replayed.open_trade.map_or(0.0, |trade| trade.net_pnl());
        let gain = equity[equity.len() - 1] - equity[0] + replayed.paid.carry;
        prop_assert!((ended + open - gain).abs() < 1e-6, "{} {}", ended + open, gain);
    }
}

#[test]
fn a_ruined_account_stays_where_it_fell() {
    let mut bars = market(20, 0.001, 1);
    for price in [
        &mut bars.open,
        &mut bars.high,
        &mut bars.low,
        &mut bars.close,
    ] {
        for value in &mut price[10..] {
            *value *= 3.0;
        }
    }
    let run = replay(bars.view(), &[-1.0; 20], &AccountSpec::default()).unwrap();
    assert_eq!(run.ruined_at, Some(10));
    assert!(run.equity[10..].iter().all(|equity| equity.abs() < 1e-12));
    assert!((run.returns[9] + 1.0).abs() < 1e-12);
    assert!(run.returns[10..].iter().all(|change| change.abs() < 1e-12));
    let metrics = crate::Metrics::of(&run, bars.view(), &crate::Conventions::default());
    assert!((metrics.performance.total_return + 1.0).abs() < 1e-12);
}

#[rstest]
#[case::short(1, 1, None, "1 bars are too few")]
#[case::unpaired(5, 4, None, "4 targets for 5 bars")]
#[case::target(5, 5, Some(f64::NAN), "target of bar 2 is NaN")]
fn bad_input_is_named(
    #[case] count: usize,
    #[case] targets: usize,
    #[case] planted: Option<f64>,
    #[case] message: &str,
) {
    let bars = market(count, 0.01, 1);
    let mut targets = vec![0.0; targets];
    if let Some(value) = planted {
        targets[2] = value;
    }
    let error = replay(bars.view(), &targets, &AccountSpec::default()).unwrap_err();
    assert!(error.to_string().starts_with(message), "{error}");
}

#[rstest]
#[case::open("open", -1.0)]
#[case::close("close", f64::NAN)]
#[case::low("low", 0.0)]
#[case::high("high", f64::INFINITY)]
fn a_price_that_is_none_is_named(#[case] column: &str, #[case] value: f64) {
    let mut bars = market(5, 0.01, 1);
    match column {
        "open" => bars.open[3] = value,
        "close" => bars.close[3] = value,
        "low" => bars.low[3] = value,
        _ => bars.high[3] = value,
    }
    let bracketed = specs().pop().unwrap();
    let error = replay(bars.view(), &[0.0; 5], &bracketed).unwrap_err();
    let message = format!("{column} of bar 3 is {value}; repair the data");
    assert!(error.to_string().starts_with(&message), "{error}");
}
