//! How fast PPO trains end to end: the trading task of the peers' comparison.
//!
//! 47 observations, 3 actions, two hidden layers of 64, 1,024 environments, horizon 128, 4 epochs,
//! minibatches of 8,192, all costs on; rollout, learning and callbacks included.
//! `cargo bench -p learn --bench ppo_speed [-- <seconds> <threads> <units of a hidden layer>]`

use domain::{BarFlags, Bars, Clock, Nanos, StreamRng, Streams, SystemClock, Timeframe};
use learn::{
    Callback, DeviceChoice, MemorySink, PpoSpec, Schedule, Schedules, Surroundings, Throughput,
    Trainer, Uncontrolled,
};
use sim::{AccountSpec, CostSpec, Market, Shard, SlippageModel, TradingEnv, TradingSpec, VecEnv};
use std::{
    error::Error,
    fs,
    io::{Write, stdout},
    sync::Arc,
};

const BARS: usize = 200_000;
const FEATURES: usize = 44;
/// Updates before the clock starts.
const WARM_UP: u64 = 2;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<usize> = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok())
        .collect();
    let seconds = words.first().copied().unwrap_or(20) as f64;
    let threads = words.get(1).copied().unwrap_or(0);
    let units = words.get(2).copied().unwrap_or(64);
    let market = random_market()?;
    let trading = trading_spec();
    let family = |shard: Shard, streams: Streams| {
        TradingEnv::new(&market, 0..BARS, &trading, shard, streams)
            .map(|env| Box::new(env) as Box<dyn VecEnv>)
    };
    let clock = SystemClock::new();
    let one_update = 1_024 * 128;
    let spec = |updates: u64| PpoSpec {
        total_steps: updates * one_update,
        n_envs: 1_024,
        horizon: 128,
        epochs: 4,
        minibatch_size: 8_192,
        hidden: vec![units, units],
        entropy_coef: Schedule::constant(0.01),
        learning_rate: Schedule::linear(3e-4),
        threads,
        device: DeviceChoice::Cpu,
        ..PpoSpec::default()
    };
    let timed = |updates: u64| -> Result<(Trainer, MemorySink, f64), Box<dyn Error>> {
        let callbacks: Vec<Box<dyn Callback>> =
            vec![Box::new(Schedules), Box::new(Throughput::default())];
        let mut trainer = Trainer::new(spec(updates), &family, callbacks)?;
        let mut sink = MemorySink::default();
        let start = clock.steady();
        trainer.run(&mut Surroundings {
            sink: &mut sink,
            control: &mut Uncontrolled,
            store: None,
            clock: &clock,
        })?;
        Ok((trainer, sink, (clock.steady() - start).as_secs_f64()))
    };
    let (_, _, warm) = timed(WARM_UP)?;
    let updates = ((seconds / (warm / WARM_UP as f64)) as u64).max(3);
    let (trainer, sink, taken) = timed(updates)?;
    let mut rates = sink.series("perf/steps_per_second");
    rates.sort_by(f64::total_cmp);
    writeln!(
        stdout(),
        "ppo 2x{units}, 1,024 envs, horizon 128, 4 epochs, minibatch 8,192: {:.0} k steps/s \
         (updates: median {:.0} k, min {:.0} k, max {:.0} k), peak RSS {:.0} MB, {}",
        (updates * one_update) as f64 / taken / 1e3,
        rates[rates.len() / 2] / 1e3,
        rates[0] / 1e3,
        rates[rates.len() - 1] / 1e3,
        peak_rss_mb().unwrap_or(f64::NAN),
        trainer.backend(),
    )?;
    Ok(())
}

fn trading_spec() -> TradingSpec {
    let costs = CostSpec {
        fee_bps: 10.0,
        spread_bps: 2.0,
        slippage: SlippageModel::Constant { bps: 1.0 },
        borrow_bps_per_day: 1.0,
        funding_bps_per_day: 3.0,
        ..CostSpec::default()
    };
    TradingSpec {
        account: AccountSpec {
            costs,
            ..AccountSpec::default()
        },
        ..TradingSpec::default()
    }
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
        bars.flags.push(BarFlags::CLEAN);
    }
    let features: Vec<f32> = (0..BARS * FEATURES).map(|_| rng.normal() as f32).collect();
    Ok(Market::new(
        Arc::new(bars),
        Arc::new(features),
        FEATURES,
        0,
    )?)
}

/// Returns the process's largest resident size so far.
fn peak_rss_mb() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}
