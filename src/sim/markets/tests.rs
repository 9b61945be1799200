//! The dynamic programme against brute force, its path against its expectation, and what it must
//! not know.

use super::{Edge, KnownMarket, KnownMarketSpec, MarkovLaw};
use crate::{
    account::{Account, AccountSpec, BarId, BarTick},
    costs::{CostSpec, SlippageModel},
    env::{Actions, StepOut, VecEnv},
    sizing::Sizing,
    trading::TradingEnv,
};
use domain::{StreamRng, Timeframe};
use rstest::rstest;

const TARGETS: [f64; 3] = [-1.0, 0.0, 1.0];

fn account() -> AccountSpec {
    AccountSpec {
        sizing: Sizing::Units { base: 10.0 },
        costs: CostSpec::fee_only(10.0),
        ..AccountSpec::default()
    }
}

fn small_law() -> MarkovLaw {
    let edge = |to, probability, growth| Edge {
        to,
        probability,
        growth,
    };
    MarkovLaw {
        edges: vec![
            vec![edge(0, 0.7, 0.004), edge(1, 0.3, -0.01)],
            vec![edge(0, 0.4, 0.002), edge(1, 0.6, -0.003)],
        ],
        start: vec![1.0, 0.0],
        features: vec![vec![0.0], vec![1.0]],
        noise: 0.0,
    }
}

/// Profit of a whole history-dependent policy, averaged over every path, through the account.
fn expected_by_account(
    law: &MarkovLaw,
    spec: &AccountSpec,
    policy: &dyn Fn(&[usize]) -> f64,
) -> f64 {
    let model = spec.model(Timeframe::HOUR).unwrap();
    let mut paths = vec![(1.0, vec![0_usize], Account::open(&model, 100.0, 1.0), 100.0)];
    for _ in 0..3 {
        paths = paths
            .into_iter()
            .flat_map(|(weight, history, account, price)| {
                let target = policy(&history);
                let edges = law.edges[*history.last().unwrap()].clone();
                let model = &model;
                edges.into_iter().map(move |edge| {
                    let close = price * (1.0 + edge.growth);
                    let bar = BarTick {
                        open: price,
                        high: price.max(close),
                        low: price.min(close),
                        close,
                        volume_before: 1.0,
                    };
                    let mut account = account.clone();
                    account.step(model, &bar, BarId::default(), target, &mut ());
                    let history = [&history[..], &[edge.to]].concat();
                    (weight * edge.probability, history, account, close)
                })
            })
            .collect();
    }
    paths
        .iter()
        .map(|(weight, _, account, _)| weight * (account.equity - model.initial_equity))
        .sum()
}

/// Every deterministic policy of three decisions: 1 + 2 + 4 histories, 3 targets each.
fn best_by_enumeration(law: &MarkovLaw, spec: &AccountSpec) -> f64 {
    (0..3_usize.pow(7))
        .map(|code| {
            let policy = |history: &[usize]| {
                let slot = match history {
                    [_] => 0,
                    [_, one] => 1 + one,
                    [_, one, two] => 3 + 2 * one + two,
                    _ => unreachable!("three decisions"),
                };
                TARGETS[code / 3_usize.pow(slot as u32) % 3]
            };
            expected_by_account(law, spec, &policy)
        })
        .fold(f64::MIN, f64::max)
}

#[rstest]
#[case::free(CostSpec::default())]
#[case::fee(CostSpec::fee_only(10.0))]
#[case::every_cost(CostSpec {
    fee_bps: 3.0,
    spread_bps: 4.0,
    slippage: SlippageModel::Constant { bps: 2.0 },
    borrow_bps_per_day: 40.0,
    funding_bps_per_day: 30.0,
    ..CostSpec::default()
})]
#[case::too_dear(CostSpec::fee_only(200.0))]
fn no_policy_of_any_kind_beats_the_dynamic_programme(#[case] costs: CostSpec) {
    let spec = AccountSpec { costs, ..account() };
    let known = KnownMarket::draw("small", small_law(), 4, &mut StreamRng::seeded(1)).unwrap();
    let optimum = known.optimum(0..4, &spec, &TARGETS).unwrap();
    let best = best_by_enumeration(&small_law(), &spec);
    assert!(
        (optimum.expected - best).abs() < 1e-9,
        "{} {best}",
        optimum.expected
    );
}

#[rstest]
#[case(KnownMarketSpec::NOISY_SINE)]
#[case(KnownMarketSpec::MEAN_REVERTING)]
#[case(KnownMarketSpec::REGIME_SWITCHING)]
fn the_best_policy_earns_what_it_expects(#[case] spec: KnownMarketSpec) {
    let known = spec.generate(10_000, &mut StreamRng::seeded(11)).unwrap();
    let optimum = known.optimum(0..10_000, &account(), &TARGETS).unwrap();
    assert!(optimum.expected > 0.0);
    // A price that wanders multiplies what is realised; only a level one can be compared closely.
    if matches!(spec, KnownMarketSpec::MeanReverting { .. }) {
        let ratio = optimum.realised / optimum.expected;
        assert!((ratio - 1.0).abs() < 0.2, "{ratio}");
    }
    assert!(optimum.realised > 0.0, "{optimum:?}");
    let profit = known.profit(0, &account(), &optimum.targets).unwrap();
    assert!((optimum.share_captured(profit).unwrap() - 1.0).abs() < 1e-12);
}

#[rstest]
#[case(KnownMarketSpec::NOISY_SINE)]
#[case(KnownMarketSpec::MEAN_REVERTING)]
#[case(KnownMarketSpec::REGIME_SWITCHING)]
fn simple_rules_stay_below_and_foresight_stays_above(#[case] spec: KnownMarketSpec) {
    let known = spec.generate(5_000, &mut StreamRng::seeded(5)).unwrap();
    let optimum = known.optimum(0..5_000, &account(), &TARGETS).unwrap();
    let close = &known.market().bars().close;
    let share = |rule: &dyn Fn(usize) -> f64| {
        let targets: Vec<f64> = (0..4_999).map(rule).collect();
        let profit = known.profit(0, &account(), &targets).unwrap();
        optimum.share_captured(profit).unwrap()
    };
    assert!(share(&|_| 1.0) < 0.5, "always long");
    assert!(share(&|t| [1.0, -1.0][t % 2]) < 0.0, "churn");
    // Negative control: a policy that reads the next close is no member of the class.
    let free = AccountSpec {
        costs: CostSpec::default(),
        ..account()
    };
    let optimum = known.optimum(0..5_000, &free, &TARGETS).unwrap();
    let foresight: Vec<f64> = close.windows(2).map(|p| (p[1] - p[0]).signum()).collect();
    let profit = known.profit(0, &free, &foresight).unwrap();
    let seen = optimum.share_captured(profit).unwrap();
    assert!(seen > 1.005, "foresight: {seen}");
}

/// The environment's accounting is the optimum's: what an agent earns can be divided by it.
#[test]
fn the_best_policy_earns_the_same_in_the_environment() {
    let known = KnownMarketSpec::MEAN_REVERTING
        .generate(2_000, &mut StreamRng::seeded(3))
        .unwrap();
    let spec = KnownMarketSpec::environment();
    let optimum = known
        .optimum(1_000..2_000, &spec.account, &TARGETS)
        .unwrap();
    let mut env = TradingEnv::evaluator(known.market(), 1_000..2_000, &spec).unwrap();
    let mut obs = vec![0.0; env.obs_dim()];
    let mut final_obs = obs.clone();
    env.reset(&mut obs);
    for target in &optimum.targets {
        let action = TARGETS
            .iter()
            .position(|t| (t - target).abs() < 1e-12)
            .unwrap();
        env.step(
            Actions::Discrete(&[action as u32]),
            &mut StepOut {
                obs: &mut obs,
                reward: &mut [0.0],
                terminated: &mut [false],
                truncated: &mut [false],
                final_obs: &mut final_obs,
            },
        );
    }
    let record = env.record().unwrap();
    assert!(record.complete && record.targets == optimum.targets);
    let profit = record.equity.last().unwrap() - spec.account.initial_equity;
    assert!(
        (profit - optimum.realised).abs() < 1e-6,
        "{profit} {optimum:?}"
    );
    let shared = known
        .profit(record.first_bar, &spec.account, &record.targets)
        .unwrap();
    assert!((shared - profit).abs() < 1e-6);
}

#[test]
fn on_noise_the_best_position_is_none() {
    let known = KnownMarketSpec::PURE_NOISE
        .generate(5_000, &mut StreamRng::seeded(2))
        .unwrap();
    let optimum = known.optimum(0..5_000, &account(), &TARGETS).unwrap();
    assert!(optimum.expected.abs() < 1e-12 && optimum.realised.abs() < 1e-12);
    assert!(optimum.targets.iter().all(|target| target.abs() < 1e-12));
    assert!(optimum.share_captured(1.0).is_none());
}

#[rstest]
#[case(0.9)]
#[case(0.5)]
fn the_reverting_chain_has_the_moments_of_its_process(#[case] persistence: f64) {
    let spec = KnownMarketSpec::MeanReverting {
        persistence,
        deviation: 0.02,
        noise: 0.0,
    };
    let law = spec.law().unwrap();
    let x: Vec<f64> = law.features.iter().map(|row| f64::from(row[0])).collect();
    let variance: f64 = law.start.iter().zip(&x).map(|(p, x)| p * x * x).sum();
    assert!((variance - 1.0).abs() < 1e-6);
    for (state, edges) in law.edges.iter().enumerate() {
        let total: f64 = edges.iter().map(|edge| edge.probability).sum();
        let mean: f64 = edges.iter().map(|edge| edge.probability * x[edge.to]).sum();
        assert!((total - 1.0).abs() < 1e-12 && (mean - persistence * x[state]).abs() < 1e-5);
    }
}

#[test]
fn an_account_whose_profits_do_not_add_up_is_refused() {
    let known = KnownMarketSpec::PURE_NOISE
        .generate(10, &mut StreamRng::seeded(2))
        .unwrap();
    let compounding = AccountSpec::default();
    assert!(known.optimum(0..10, &compounding, &TARGETS).is_err());
    let lots = AccountSpec {
        costs: CostSpec {
            lot: 1.0,
            ..CostSpec::default()
        },
        ..account()
    };
    assert!(known.optimum(0..10, &lots, &TARGETS).is_err());
    assert!(known.optimum(0..10, &account(), &[-1.0, 1.0]).is_err());
    assert!(known.optimum(0..11, &account(), &TARGETS).is_err());
}
