//! One episode through the training environment and through the replay: the same money.

use super::bars_from;
use crate::evaluate::{AgentPath, cut};
use crate::replay;
use domain::{StreamRng, Timeframe};
use rstest::rstest;
use sim::trading::{ActionScheme, EpisodeRecord};
use sim::{AccountSpec, Actions, Brackets, CostSpec, Market, Sizing, SlippageModel};
use sim::{StepOut, TradingEnv, TradingSpec, VecEnv};
use std::sync::Arc;

const FEATURES: usize = 2;

fn market(seed: u64) -> Market {
    let mut rng = StreamRng::seeded(seed);
    let returns: Vec<f64> = (0..1_000).map(|_| 0.01 * rng.normal()).collect();
    let bars = bars_from(&returns, Timeframe::HOUR, &mut rng);
    let features = vec![0.0_f32; bars.len() * FEATURES];
    Market::new(Arc::new(bars), Arc::new(features), FEATURES, 0).unwrap()
}

/// Acts at random, staying with an action for a while, until the range is passed.
fn episode(market: &Market, spec: &TradingSpec, seed: u64) -> EpisodeRecord {
    let mut env = TradingEnv::evaluator(market, 100..900, spec).unwrap();
    let mut rng = StreamRng::seeded(seed);
    let mut obs = vec![0.0; env.obs_dim()];
    let mut final_obs = obs.clone();
    env.reset(&mut obs);
    let mut action = 1;
    for _ in 0..env.steps_in_range() {
        if rng.uniform() < 0.2 {
            action = rng.below(3) as u32;
        }
        let mut out = StepOut {
            obs: &mut obs,
            reward: &mut [0.0],
            terminated: &mut [false],
            truncated: &mut [false],
            final_obs: &mut final_obs,
        };
        env.step(Actions::Discrete(&[action]), &mut out);
    }
    env.record().unwrap().clone()
}

#[rstest]
#[case::fractions(Sizing::Fraction, Brackets::default())]
#[case::whole_units(Sizing::WholeUnits, Brackets::default())]
#[case::units(Sizing::Units { base: 2.0 }, Brackets::default())]
#[case::brackets(Sizing::Fraction, Brackets { stop_loss: 0.02, take_profit: 0.03, trailing_stop: 0.0 })]
fn environment_and_replay_agree_to_the_bit(#[case] sizing: Sizing, #[case] brackets: Brackets) {
    let spec = TradingSpec {
        account: AccountSpec {
            sizing,
            brackets,
            costs: CostSpec {
                fee_bps: 10.0,
                spread_bps: 3.0,
                slippage: SlippageModel::SqrtImpact {
                    bps_at_full_volume: 30.0,
                },
                borrow_bps_per_day: 2.0,
                ..CostSpec::default()
            },
            ..AccountSpec::default()
        },
        action: ActionScheme::Discrete {
            targets: vec![-1.0, 0.0, 1.0],
        },
        ..TradingSpec::default()
    };
    let market = market(5);
    let record = episode(&market, &spec, 6);
    assert!(record.complete && !record.fills.is_empty());
    let count = record.equity.len() + 1;
    let window = record.first_bar..record.first_bar + count;
    let path = AgentPath::of_episode(6, &record, count);
    let bars = cut(market.bars().view(), window);
    let run = replay(bars, &path.targets, &spec.account).unwrap();
    assert_eq!(run.equity[1..], record.equity);
    assert_eq!(run.fills.len(), record.fills.len());
    for (ours, theirs) in run.fills.iter().zip(&record.fills) {
        assert_eq!(ours.bar + record.first_bar, theirs.bar);
        assert_eq!((ours.time, ours.costs), (theirs.time, theirs.costs));
        assert_eq!(ours.price.to_bits(), theirs.price.to_bits());
    }
}
