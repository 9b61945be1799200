//! The future must not reach the past, and a decision must not be filled at what it saw.
//!
//! Two detectors, each with its planted fault.

use super::{
    TradingEnv,
    tests::{action_rngs, drive, market_of, random_bars, spec},
};
use crate::{
    account::{Account, BarId},
    env::{Shard, VecEnv},
    fill::Fill,
    market::Market,
};
use domain::{Bars, Timeframe};
use rstest::rstest;
use std::sync::Arc;

const BARS: usize = 200;

/// Every observation, reward and fill of one pass, each with the last bar it may depend on.
fn pass(market: &Market) -> Vec<(usize, Vec<u64>)> {
    let mut env = TradingEnv::evaluator(market, 0..BARS, &spec()).unwrap();
    let mut obs = vec![0.0; env.obs_dim()];
    env.reset(&mut obs);
    let first = env.record().unwrap().first_bar;
    let steps = env.steps_in_range() - 1;
    let trace = drive(&mut env, &mut action_rngs(Shard::whole(1)), steps).remove(0);
    let bits = |row: &[f32]| {
        row.iter()
            .map(|x| u64::from(x.to_bits()))
            .collect::<Vec<_>>()
    };
    let mut facts = vec![(first, bits(&obs))];
    for (t, (obs, reward)) in (first + 1..).zip(trace.obs.iter().zip(&trace.reward)) {
        facts.push((t, bits(obs)));
        facts.push((t, bits(&[*reward])));
    }
    for fill in &env.record().unwrap().fills {
        facts.push((
            fill.bar,
            vec![fill.price.to_bits(), fill.quantity.to_bits()],
        ));
    }
    facts
}

/// Changes every value of every bar after `t`.
fn mutate_after(bars: &Bars, t: usize) -> Bars {
    let mut mutated = bars.clone();
    for column in [
        &mut mutated.open,
        &mut mutated.high,
        &mut mutated.low,
        &mut mutated.close,
        &mut mutated.volume,
    ] {
        column[t + 1..].iter_mut().for_each(|value| *value *= 1.37);
    }
    mutated
}

/// Returns whether anything up to some bar changes when only later bars do.
fn sees_the_future(build: &dyn Fn(Bars) -> Market) -> bool {
    let bars = random_bars(BARS, 8);
    let honest = pass(&build(bars.clone()));
    [20, 57, 58, 131, 180].into_iter().any(|t| {
        let mutated = pass(&build(mutate_after(&bars, t)));
        honest
            .iter()
            .filter(|(bar, _)| *bar <= t)
            .ne(mutated.iter().filter(|(bar, _)| *bar <= t))
    })
}

/// Features that show the next bar's close one bar early.
fn leaking_features(bars: Bars) -> Market {
    let next = |t: usize| bars.close[(t + 1).min(bars.len() - 1)] as f32;
    let features: Vec<f32> = (0..bars.len()).flat_map(|t| [next(t), 0.0, 0.0]).collect();
    Market::new(Arc::new(bars), Arc::new(features), 3, 2).unwrap()
}

/// Features scaled by a statistic of the whole sample.
fn full_sample_scaling(bars: Bars) -> Market {
    let mean = bars.close.iter().sum::<f64>() / bars.len() as f64;
    let scaled = |t: usize| (bars.close[t] / mean) as f32;
    let features: Vec<f32> = (0..bars.len())
        .flat_map(|t| [scaled(t), 0.0, 0.0])
        .collect();
    Market::new(Arc::new(bars), Arc::new(features), 3, 2).unwrap()
}

#[test]
fn nothing_up_to_a_bar_depends_on_later_bars() {
    assert!(!sees_the_future(&market_of));
}

#[rstest]
#[case::next_close(leaking_features)]
#[case::global_scaler(full_sample_scaling)]
fn a_planted_leak_is_caught(#[case] build: fn(Bars) -> Market) {
    assert!(sees_the_future(&build));
}

/// Runs targets that are decided at the closes of bars `0..n`; returns (decision, fill price).
type Replay = fn(&Bars, &[f64]) -> Vec<(usize, f64)>;

fn replay(bars: &Bars, targets: &[f64], bars_later: usize) -> Vec<(usize, f64)> {
    let market = market_of(bars.clone());
    let model = spec().account.model(Timeframe::HOUR).unwrap();
    let mut account = Account::open(&model, bars.close[0], 1.0);
    let mut prices = Vec::new();
    for (decision, target) in targets.iter().enumerate() {
        let tick = &market.ticks()[decision + bars_later];
        let mut fills: Vec<Fill> = Vec::new();
        account.step(&model, tick, BarId::default(), *target, &mut fills);
        prices.extend(fills.iter().map(|fill| (decision, fill.price)));
    }
    prices
}

fn next_bar_fills(bars: &Bars, targets: &[f64]) -> Vec<(usize, f64)> {
    replay(bars, targets, 1)
}

fn same_bar_fills(bars: &Bars, targets: &[f64]) -> Vec<(usize, f64)> {
    replay(bars, targets, 0)
}

/// Returns whether a decision is filled at a price that was already known when it was made: then
/// its fill stays where it is when every later price moves.
fn fills_at_the_observed_price(replay: Replay) -> bool {
    let bars = random_bars(BARS, 8);
    let targets: Vec<f64> = (0..BARS - 1).map(|t| [0.0, 1.0, -1.0][t / 5 % 3]).collect();
    let price = |bars: &Bars, decision: usize| {
        let fills = replay(bars, &targets);
        let fill = fills.iter().find(|fill| fill.0 == decision);
        fill.expect("the target changes at every fifth bar")
            .1
            .to_bits()
    };
    [15, 60, 120]
        .into_iter()
        .any(|decision| price(&bars, decision) == price(&mutate_after(&bars, decision), decision))
}

#[test]
fn a_planted_same_bar_fill_is_caught() {
    assert!(fills_at_the_observed_price(same_bar_fills));
    assert!(!fills_at_the_observed_price(next_bar_fills));
}

#[test]
fn the_environment_fills_at_the_open_after_the_decision() {
    let bars = random_bars(BARS, 8);
    let mut env = TradingEnv::evaluator(&market_of(bars.clone()), 0..BARS, &spec()).unwrap();
    env.reset(&mut vec![0.0; env.obs_dim()]);
    let steps = env.steps_in_range();
    drive(&mut env, &mut action_rngs(Shard::whole(1)), steps);
    let record = env.record().unwrap();
    assert!(record.fills.len() > 50);
    for fill in &record.fills {
        let decision = fill.bar - 1 - record.first_bar;
        assert_eq!(fill.mid.to_bits(), bars.open[fill.bar].to_bits());
        let before = if decision == 0 {
            0.0
        } else {
            record.targets[decision - 1]
        };
        assert!((record.targets[decision] - before).abs() > 0.5, "{fill:?}");
    }
}
