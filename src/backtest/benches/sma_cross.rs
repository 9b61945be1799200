//! Measures a moving-average-cross backtest over a million bars: signal, replay with costs, trade
//! list and every metric. Prints bars a second of the median and of the best run, and by the
//! time on the processor, which a busy neighbour does not stretch as much.

use backtest::cross::moving_average_cross_into;
use backtest::replay::{Replay, replay_into};
use backtest::{Conventions, Metrics};
use domain::{BarFlags, Bars, Clock, Nanos, StreamRng, SystemClock, Timeframe};
use sim::{AccountSpec, CostSpec};
use std::hint::black_box;

const BARS: usize = 1_000_000;
const RUNS: usize = 25;

fn main() {
    let bars = random_walk();
    let spec = AccountSpec {
        costs: CostSpec {
            spread_bps: 2.0,
            ..CostSpec::fee_only(10.0)
        },
        ..AccountSpec::default()
    };
    let conventions = Conventions::for_market(bars.timeframe, 365.0);
    let clock = SystemClock::new();
    let mut seconds: Vec<[f64; 3]> = Vec::new();
    let mut trades = 0;
    // As a sweep does it: memory is used again from one run to the next.
    let (mut targets, mut run) = (Vec::new(), Replay::default());
    let processor_before = processor_seconds();
    for _ in 0..RUNS {
        let start = clock.steady();
        moving_average_cross_into(black_box(&bars.close), 20, 50, 1.0, 0.0, &mut targets);
        let signal = clock.steady();
        replay_into(bars.view(), &targets, &spec, &mut run).expect("the walk is valid");
        let replayed = clock.steady();
        let metrics = black_box(Metrics::of(&run, bars.view(), &conventions));
        let end = clock.steady();
        trades = metrics.activity.trades;
        seconds.push([signal - start, replayed - signal, end - replayed].map(|d| d.as_secs_f64()));
    }
    if let Some((before, after)) = processor_before.zip(processor_seconds()) {
        let rate = (RUNS * BARS) as f64 / (after - before) / 1e6;
        report(&format!(
            "sma_cross, processor time of {RUNS}: {rate:.1} M bars/s"
        ));
    }
    seconds.sort_by(|a, b| a.iter().sum::<f64>().total_cmp(&b.iter().sum()));
    for (label, run) in [("median", seconds[RUNS / 2]), ("best", seconds[0])] {
        let [signal, replayed, measured] = run.map(|s| s * 1e9 / BARS as f64);
        let rate = 1e3 / (signal + replayed + measured);
        report(&format!(
            "sma_cross, {label} of {RUNS}: {BARS} bars, {trades} trades, {rate:.1} M bars/s \
             (signal {signal:.1} + replay {replayed:.1} + metrics {measured:.1} ns a bar)"
        ));
    }
}

/// Returns this thread's time on a processor so far; `None` where the kernel does not tell.
fn processor_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(nanos * 1e-9)
}

#[expect(clippy::print_stdout, reason = "a benchmark's data goes to stdout")]
fn report(line: &str) {
    println!("{line}");
}

fn random_walk() -> Bars {
    let mut rng = StreamRng::seeded(7);
    let mut bars = Bars::empty("WALK", Timeframe::MINUTE);
    let mut price = 30_000.0;
    for at in 0..BARS {
        let open = price;
        price *= (0.001 * rng.normal()).exp();
        bars.open_time
            .push(Nanos(at as i64 * Timeframe::MINUTE.nanos()));
        bars.open.push(open);
        bars.high.push(open.max(price) * 1.0002);
        bars.low.push(open.min(price) * 0.9998);
        bars.close.push(price);
        bars.volume.push(1.0 + rng.uniform());
        bars.flags.push(BarFlags::CLEAN);
    }
    bars
}
