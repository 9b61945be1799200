//! Episodes, rewards, saving and sharding of the trading environment.

use super::{ActionScheme, EpisodeSpec, ObservationSpec, TradingEnv, TradingSpec};
use crate::{
    account::{Account, AccountSpec, BarId},
    brackets::Brackets,
    costs::{CostSpec, SlippageModel},
    env::{Actions, Shard, StepOut, VecEnv},
    market::Market,
    reward::{RewardRule, RewardSpec},
    sizing::Sizing,
};
use domain::{BarFlags, Bars, Nanos, StreamRng, Streams, Timeframe};
use rstest::rstest;
use std::sync::Arc;

pub(super) const FEATURES: usize = 3;

/// Returns `bars` random bars with gaps between them.
pub(super) fn random_bars(bars: usize, seed: u64) -> Bars {
    let mut rng = StreamRng::seeded(seed);
    let mut path = Bars::empty("TEST", Timeframe::HOUR);
    let mut price = 100.0_f64;
    for index in 0..bars {
        let open = price * (0.002 * rng.normal()).exp();
        price = open * (0.01 * rng.normal()).exp();
        path.open_time
            .push(Nanos(index as i64 * Timeframe::HOUR.nanos()));
        path.open.push(open);
        path.high.push(open.max(price) * 1.003);
        path.low.push(open.min(price) * 0.997);
        path.close.push(price);
        path.volume.push(1e4 * (0.5 + rng.uniform()));
        path.flags.push(BarFlags::CLEAN);
    }
    path
}

/// Causal features: the close, its change and the volume of the bar itself.
pub(super) fn market_of(bars: Bars) -> Market {
    let features = (0..bars.len())
        .flat_map(|t| {
            let change = bars.close[t] / bars.close[t.max(1) - 1] - 1.0;
            [bars.close[t] as f32, change as f32, bars.volume[t] as f32]
        })
        .collect::<Vec<f32>>();
    Market::new(Arc::new(bars), Arc::new(features), FEATURES, 2).unwrap()
}

pub(super) fn full_costs() -> CostSpec {
    CostSpec {
        fee_bps: 10.0,
        maker_fee_bps: 2.0,
        spread_bps: 3.0,
        slippage: SlippageModel::SqrtImpact {
            bps_at_full_volume: 30.0,
        },
        borrow_bps_per_day: 2.0,
        funding_bps_per_day: 1.0,
        ..CostSpec::default()
    }
}

pub(super) fn spec() -> TradingSpec {
    TradingSpec {
        account: AccountSpec {
            costs: full_costs(),
            ..AccountSpec::default()
        },
        observation: ObservationSpec {
            window: 4,
            remaining_episode: true,
        },
        episode: EpisodeSpec {
            length: 50,
            cost_scale: [0.5, 2.0],
        },
        ..TradingSpec::default()
    }
}

/// What a run of steps wrote.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Trace {
    pub obs: Vec<Vec<f32>>,
    pub reward: Vec<f32>,
    pub ends: Vec<(bool, bool)>,
}

/// Steps `env` with actions drawn per environment from `rngs`; returns one trace each.
pub(super) fn drive(env: &mut TradingEnv, rngs: &mut [StreamRng], steps: usize) -> Vec<Trace> {
    let (n, dim) = (env.n_envs(), env.obs_dim());
    let mut traces: Vec<Trace> = (0..n).map(|_| Trace::default()).collect();
    let (mut obs, mut final_obs) = (vec![0.0; n * dim], vec![0.0; n * dim]);
    let (mut reward, mut terminated, mut truncated) =
        (vec![0.0; n], vec![false; n], vec![false; n]);
    for _ in 0..steps {
        let mut out = StepOut {
            obs: &mut obs,
            reward: &mut reward,
            terminated: &mut terminated,
            truncated: &mut truncated,
            final_obs: &mut final_obs,
        };
        match env.action_space() {
            crate::ActionSpace::Discrete(size) => {
                let draw = |rng: &mut StreamRng| rng.below(size as u64) as u32;
                let actions: Vec<u32> = rngs.iter_mut().map(draw).collect();
                env.step(Actions::Discrete(&actions), &mut out);
            }
            crate::ActionSpace::Continuous(_) => {
                let draw = |rng: &mut StreamRng| rng.normal() as f32;
                let actions: Vec<f32> = rngs.iter_mut().map(draw).collect();
                env.step(Actions::Continuous(&actions), &mut out);
            }
        }
        for (i, trace) in traces.iter_mut().enumerate() {
            trace.obs.push(obs[i * dim..(i + 1) * dim].to_vec());
            trace.reward.push(reward[i]);
            trace.ends.push((terminated[i], truncated[i]));
        }
    }
    traces
}

pub(super) fn action_rngs(shard: Shard) -> Vec<StreamRng> {
    (shard.first..shard.first + shard.n_envs)
        .map(|index| Streams::new(77).stream("policy", index as u64))
        .collect()
}

fn started(market: &Market, spec: &TradingSpec, shard: Shard) -> TradingEnv {
    let mut env = TradingEnv::new(market, 10..400, spec, shard, Streams::new(3)).unwrap();
    env.reset(&mut vec![0.0; shard.n_envs * env.obs_dim()]);
    env
}

fn with_action(action: ActionScheme) -> TradingSpec {
    TradingSpec { action, ..spec() }
}

#[rstest]
#[case(spec())]
#[case(with_action(ActionScheme::Continuous { deadband: 0.1 }))]
fn shards_give_the_bits_of_the_whole(#[case] spec: TradingSpec) {
    let market = market_of(random_bars(400, 1));
    let run = |shard: Shard| {
        let mut env = started(&market, &spec, shard);
        drive(&mut env, &mut action_rngs(shard), 200)
    };
    let whole = run(Shard::whole(5));
    let mut parts = run(Shard {
        first: 0,
        n_envs: 3,
    });
    parts.extend(run(Shard {
        first: 3,
        n_envs: 2,
    }));
    assert_eq!(whole, parts);
    assert_ne!(whole[0], whole[1]);
}

#[test]
fn a_loaded_state_continues_bit_identically() {
    let market = market_of(random_bars(400, 1));
    let mut bracketed = spec();
    bracketed.account.brackets = Brackets {
        stop_loss: 0.02,
        take_profit: 0.03,
        trailing_stop: 0.02,
    };
    let shard = Shard::whole(6);
    let mut env = started(&market, &bracketed, shard);
    let mut rngs = action_rngs(shard);
    drive(&mut env, &mut rngs, 123);
    let mut other = TradingEnv::new(&market, 10..400, &bracketed, shard, Streams::new(9)).unwrap();
    other.load(&env.save()).unwrap();
    let mut same = rngs.clone();
    assert_eq!(
        drive(&mut env, &mut rngs, 300),
        drive(&mut other, &mut same, 300)
    );
    assert_eq!(env.save(), other.save());
    let mut elsewhere =
        TradingEnv::new(&market, 20..400, &bracketed, shard, Streams::new(9)).unwrap();
    let error = elsewhere.load(&env.save()).unwrap_err().to_string();
    assert!(error.contains("the first bar"), "{error}");
}

#[test]
fn bars_outside_the_range_are_never_lived_through() {
    let bars = random_bars(400, 1);
    let mut poisoned = bars.clone();
    for t in (0..6).chain(300..400) {
        for column in [
            &mut poisoned.open,
            &mut poisoned.high,
            &mut poisoned.low,
            &mut poisoned.close,
        ] {
            column[t] *= 7.0;
        }
    }
    let run = |bars: Bars| {
        let market = market_of(bars);
        let shard = Shard::whole(8);
        let mut env = TradingEnv::new(&market, 10..300, &spec(), shard, Streams::new(3)).unwrap();
        env.reset(&mut vec![0.0; 8 * env.obs_dim()]);
        drive(&mut env, &mut action_rngs(shard), 500)
    };
    assert_eq!(run(bars), run(poisoned));
}

#[test]
fn episodes_start_at_random_and_are_truncated_at_their_length() {
    let market = market_of(random_bars(400, 1));
    let shard = Shard::whole(16);
    let mut env = started(&market, &spec(), shard);
    let traces = drive(&mut env, &mut action_rngs(shard), 400);
    for trace in &traces {
        assert!(trace.ends.iter().all(|(terminated, _)| !terminated));
        let cuts: Vec<usize> = (0..400).filter(|t| trace.ends[*t].1).collect();
        assert!(cuts[0] < 50 && cuts.windows(2).all(|pair| pair[1] - pair[0] == 50));
    }
    let first_cut = |trace: &Trace| trace.ends.iter().position(|end| end.1);
    let firsts: std::collections::BTreeSet<_> = traces.iter().map(first_cut).collect();
    assert!(firsts.len() > 8, "first episodes end together: {firsts:?}");
}

#[test]
fn ruin_terminates_and_starts_afresh() {
    let mut spec = spec();
    spec.account.costs.fee_bps = 1_000.0;
    spec.account.ruin_floor = 0.5;
    spec.reward = RewardSpec::default();
    let market = market_of(random_bars(400, 1));
    let mut env = TradingEnv::evaluator(&market, 0..400, &spec).unwrap();
    env.reset(&mut vec![0.0; env.obs_dim()]);
    let traces = drive(&mut env, &mut action_rngs(Shard::whole(1)), 60);
    let end = traces[0].ends.iter().position(|end| end.0).unwrap();
    assert_eq!(traces[0].ends[end], (true, false));
    let record = env.record().unwrap();
    assert!(record.complete && record.ruined && record.equity.len() == end + 1);
    assert!(*record.equity.last().unwrap() <= 5_000.0);
}

#[rstest]
#[case::log(RewardRule::LogEquity)]
#[case::pnl(RewardRule::Pnl)]
#[case::sharpe(RewardRule::DifferentialSharpe { rate: 0.02 })]
#[case::drawdown(RewardRule::DrawdownPenalised { penalty: 0.5 })]
fn a_recorded_pass_reconciles_with_its_rewards_and_with_the_account(
    #[case] rule: RewardRule,
    #[values(Sizing::Fraction, Sizing::WholeUnits, Sizing::Units { base: 20.0 })] sizing: Sizing,
) {
    let mut spec = spec();
    spec.account.sizing = sizing;
    spec.account.brackets.stop_loss = 0.03;
    spec.reward = RewardSpec { rule, scale: 3.0 };
    let market = market_of(random_bars(1_200, 4));
    let mut env = TradingEnv::evaluator(&market, 100..1_200, &spec).unwrap();
    env.reset(&mut vec![0.0; env.obs_dim()]);
    let traces = drive(&mut env, &mut action_rngs(Shard::whole(1)), 1_099);
    let record = env.record().unwrap();
    assert!(record.complete && record.first_bar == 100 && record.targets.len() == 1_099);

    let sum: f64 = record.rewards.iter().map(|terms| terms.growth).sum();
    let (first, last) = (spec.account.initial_equity, *record.equity.last().unwrap());
    let change = match rule {
        RewardRule::Pnl => (last - first) / first,
        _ => (last / first).ln(),
    };
    assert!((sum - change).abs() < 1e-9, "{sum} {change}");
    for (reward, terms) in traces[0].reward.iter().zip(&record.rewards) {
        assert!(
            (f64::from(*reward) - 3.0 * terms.total()).abs() < 1e-6 * (1.0 + reward.abs() as f64)
        );
    }

    let model = spec.account.model(Timeframe::HOUR).unwrap();
    let mut account = Account::open(&model, market.bars().close[100], 1.0);
    let mut fills = Vec::new();
    for (index, (target, equity)) in (101..).zip(record.targets.iter().zip(&record.equity)) {
        let id = BarId {
            index,
            time: market.bars().open_time[index],
        };
        account.step(&model, &market.ticks()[index], id, *target, &mut fills);
        assert_eq!(account.equity.to_bits(), equity.to_bits());
    }
    assert_eq!(fills, record.fills);
}

#[test]
fn small_changes_within_the_deadband_keep_the_position() {
    let spec = with_action(ActionScheme::Continuous { deadband: 0.2 });
    let market = market_of(random_bars(100, 4));
    let mut env = TradingEnv::evaluator(&market, 0..100, &spec).unwrap();
    let dim = env.obs_dim();
    let mut obs = vec![0.0; dim];
    env.reset(&mut obs);
    for action in [0.5, 0.65, 0.35, 0.9, 7.0] {
        env.step(
            Actions::Continuous(&[action]),
            &mut StepOut {
                obs: &mut obs,
                reward: &mut [0.0],
                terminated: &mut [false],
                truncated: &mut [false],
                final_obs: &mut vec![0.0; dim],
            },
        );
    }
    let record = env.record().unwrap();
    assert_eq!(record.targets[..3], [0.5; 3]);
    assert!((record.targets[3] - 0.9).abs() < 1e-7);
    // 7 is clipped to the reach of 1, and lies within the deadband of 0.9.
    assert_eq!(record.fills.len(), 2);
}

#[test]
fn the_observation_holds_what_its_documentation_says() {
    let mut spec = spec();
    spec.account.brackets.stop_loss = 0.1;
    let market = market_of(random_bars(100, 4));
    let mut env = TradingEnv::evaluator(&market, 0..100, &spec).unwrap();
    let dim = env.obs_dim();
    assert_eq!(dim, 4 * FEATURES + 3 + 1 + 2);
    let mut obs = vec![0.0; dim];
    env.reset(&mut obs);
    let features = market.features();
    // Warm-up 2 and a window of 4: the first decision is at the close of bar 5.
    assert_eq!(obs[..12], features[6..18]);
    assert_eq!(obs[12..15], [0.0; 3]);
    env.step(
        Actions::Discrete(&[2]),
        &mut StepOut {
            obs: &mut obs,
            reward: &mut [0.0],
            terminated: &mut [false],
            truncated: &mut [false],
            final_obs: &mut vec![0.0; dim],
        },
    );
    let account = env.account(0);
    assert_eq!(obs[..12], features[9..21]);
    let unrealised = (100.0 * account.unrealised() / account.equity) as f32;
    assert!((obs[12] - account.exposure() as f32).abs() < 1e-6);
    assert!((obs[13] - unrealised).abs() < 1e-6 && (obs[14] - 0.01).abs() < 1e-6);
    // 94 steps in the range, 93 left, counted down in episodes of 50.
    assert!((obs[15] - 0.86).abs() < 1e-5, "{}", obs[15]);
    assert!((obs[16] - 10.0).abs() < 3.0 && obs[17].abs() < 1e-9);
}

#[rstest]
#[case(|spec: &mut TradingSpec| spec.observation.window = 0, "observation.window")]
#[case(|spec: &mut TradingSpec| spec.episode.length = 0, "episode.length")]
#[case(|spec: &mut TradingSpec| spec.episode.cost_scale = [2.0, 1.0], "episode.cost_scale")]
#[case(|spec: &mut TradingSpec| spec.reward.scale = -1.0, "reward.scale")]
#[case(|spec: &mut TradingSpec| spec.account.max_leverage = 0.0, "account.max_leverage")]
#[case(|spec: &mut TradingSpec| spec.account.brackets.stop_loss = 1.0, "brackets.stop_loss")]
#[case(|spec: &mut TradingSpec| spec.action = ActionScheme::Discrete { targets: vec![1.0] }, "action.targets")]
#[case(|spec: &mut TradingSpec| spec.observation.window = 60, "bars 0..60")]
fn a_wrong_setting_is_named(#[case] spoil: fn(&mut TradingSpec), #[case] starts: &str) {
    let market = market_of(random_bars(60, 4));
    let mut spec = spec();
    spoil(&mut spec);
    let error = TradingEnv::evaluator(&market, 0..60, &spec)
        .unwrap_err()
        .to_string();
    assert!(error.starts_with(starts), "{error}");
}

#[test]
fn bad_prices_and_features_are_named_with_their_bar() {
    let mut bars = random_bars(20, 1);
    bars.close[7] = f64::NAN;
    let refuse = |bars: Bars, features: Vec<f32>| {
        Market::new(Arc::new(bars), Arc::new(features), 1, 2)
            .unwrap_err()
            .to_string()
    };
    assert!(refuse(bars, vec![0.0; 20]).starts_with("close of bar 7"));
    let mut features = vec![0.0; 20];
    features[0] = f32::NAN;
    features[9] = f32::INFINITY;
    assert!(refuse(random_bars(20, 1), features).starts_with("a feature of bar 9"));
    assert!(refuse(random_bars(20, 1), vec![0.0; 19]).contains("20 bars"));
}
