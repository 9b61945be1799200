//! Environment steps a second on one core: 1,024 trading environments, 47 observations, fee,
//! spread, slippage and carry on, random actions; then the classic tasks. An argument picks the
//! lines whose name contains it.

use domain::{Bars, Clock, Nanos, StreamRng, Streams, SystemClock, Timeframe};
use sim::{
    AccountSpec, ActionSpace, Actions, ClassicTask, CostSpec, Market, Shard, SlippageModel,
    StepOut, TradingEnv, TradingSpec, VecEnv,
};
use std::{error::Error, io::Write, sync::Arc};

const ENVS: usize = 1_024;
/// As many as the peer programs' environments walk over.
const BARS: usize = 100_000;
const FEATURES: usize = 44;
const REPEATS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let market = random_market()?;
    let costs = |slippage| CostSpec {
        fee_bps: 10.0,
        maker_fee_bps: 2.0,
        spread_bps: 2.0,
        slippage,
        borrow_bps_per_day: 1.0,
        funding_bps_per_day: 3.0,
        ..CostSpec::default()
    };
    let constant = SlippageModel::Constant { bps: 1.0 };
    let square_root = SlippageModel::SqrtImpact {
        bps_at_full_volume: 10.0,
    };
    for (name, slippage) in [
        ("trading, all costs", constant),
        ("trading, all costs, sqrt impact", square_root),
    ] {
        let spec = TradingSpec {
            account: AccountSpec {
                costs: costs(slippage),
                ..AccountSpec::default()
            },
            ..TradingSpec::default()
        };
        let shard = Shard::whole(ENVS);
        let mut env = TradingEnv::new(&market, 0..BARS, &spec, shard, Streams::new(1))?;
        report(name, &mut env, 4_000_000)?;
    }
    for task in ClassicTask::ALL {
        let mut env = task.vectorised(Shard::whole(ENVS), Streams::new(1))?;
        report(task.id(), env.as_mut(), 500_000)?;
    }
    Ok(())
}

fn report(name: &str, env: &mut dyn VecEnv, steps: usize) -> Result<(), Box<dyn Error>> {
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    if wanted.is_some_and(|part| !name.contains(&part)) {
        return Ok(());
    }
    let mut rates: Vec<f64> = (0..REPEATS).map(|_| rate(env, steps)).collect();
    rates.sort_by(f64::total_cmp);
    writeln!(
        std::io::stdout(),
        "{name}: {:.2} M steps/s (min {:.2}, max {:.2}; {ENVS} envs, {} observations, 1 thread)",
        rates[REPEATS / 2] / 1e6,
        rates[0] / 1e6,
        rates[REPEATS - 1] / 1e6,
        env.obs_dim(),
    )?;
    Ok(())
}

fn rate(env: &mut dyn VecEnv, steps: usize) -> f64 {
    let (n, dim) = (env.n_envs(), env.obs_dim());
    let (mut obs, mut final_obs) = (vec![0.0; n * dim], vec![0.0; n * dim]);
    let (mut reward, mut terminated, mut truncated) =
        (vec![0.0; n], vec![false; n], vec![false; n]);
    let mut rng = StreamRng::seeded(3);
    let choices = match env.action_space() {
        ActionSpace::Discrete(choices) => choices as u64,
        ActionSpace::Continuous(_) => 1,
    };
    let discrete: Vec<u32> = (0..64 * n).map(|_| rng.below(choices) as u32).collect();
    let continuous: Vec<f32> = (0..64 * n).map(|_| rng.uniform_f32() * 2.0 - 1.0).collect();
    env.reset(&mut obs);
    let clock = SystemClock::new();
    let start = clock.steady();
    for round in 0..steps / n {
        let batch = (round % 64) * n..(round % 64 + 1) * n;
        let actions = match env.action_space() {
            ActionSpace::Discrete(_) => Actions::Discrete(&discrete[batch]),
            ActionSpace::Continuous(_) => Actions::Continuous(&continuous[batch]),
        };
        let mut out = StepOut {
            obs: &mut obs,
            reward: &mut reward,
            terminated: &mut terminated,
            truncated: &mut truncated,
            final_obs: &mut final_obs,
        };
        env.step(actions, &mut out);
    }
    let taken = clock.steady() - start;
    (steps / n * n) as f64 / taken.as_secs_f64()
}

fn random_market() -> Result<Market, Box<dyn Error>> {
    let mut rng = StreamRng::seeded(5);
    let mut bars = Bars::empty("BENCH", Timeframe::HOUR);
    let mut price = 100.0_f64;
    for index in 0..BARS {
        let open = price;
        price *= (0.005 * rng.normal()).exp();
        bars.open_time
            .push(Nanos(index as i64 * Timeframe::HOUR.nanos()));
        bars.open.push(open);
        bars.high.push(open.max(price));
        bars.low.push(open.min(price));
        bars.close.push(price);
        bars.volume.push(1e6 * (1.0 + rng.uniform()));
        bars.flags.push(domain::BarFlags::CLEAN);
    }
    let features: Vec<f32> = (0..BARS * FEATURES).map(|_| rng.uniform_f32()).collect();
    Ok(Market::new(
        Arc::new(bars),
        Arc::new(features),
        FEATURES,
        0,
    )?)
}
