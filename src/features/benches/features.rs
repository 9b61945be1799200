//! Seconds for the default set over a million bars, and nanoseconds a bar of each of its calls.
//!
//! `cargo bench -p features` prints one table; `-- 200000` takes other counts of bars. Processor
//! seconds (of all threads, where `/proc` tells) stand beside the clock's: on a busy machine they are
//! the steadier figure.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads the clock and prints"
)]

use domain::{Bars, Nanos, StreamRng, Timeframe};
use features::{
    Bar, DEFAULT_SET, FeatureSet, FeatureStream, Scaler, ScalerSpec, bars_hash, compute,
};
use std::{fmt, hint::black_box, num::NonZeroUsize, time::Instant};

fn main() {
    let rows = std::env::args()
        .filter_map(|arg| arg.parse().ok())
        .next()
        .unwrap_or(1_000_000);
    let bars = walk(rows);
    let set = FeatureSet::standard();
    println!("{rows} bars, {} columns", set.columns().len());
    for threads in [1, 2] {
        let threads = NonZeroUsize::new(threads).expect("not zero");
        let spent = best(|| compute(bars.view(), &set, threads));
        println!("default set, {threads} threads: {spent}");
    }
    let mut matrix = compute(bars.view(), &set, NonZeroUsize::MIN).expect("valid bars");
    let train = set.warmup()..rows * 7 / 10;
    let fit = || Scaler::fit(&matrix, train.clone(), &ScalerSpec::default());
    println!("standard scaler, fit on 70 %: {}", best(fit));
    let scaler = Scaler::fit(&matrix, train, &ScalerSpec::default()).expect("valid range");
    println!(
        "standard scaler, apply: {}",
        best(|| scaler.apply(&mut matrix))
    );
    println!("hash of the bars: {}", best(|| bars_hash(bars.view())));
    let streamed = rows.min(100_000);
    let stream = || {
        let mut stream = FeatureStream::new(&set, bars.timeframe).expect("a valid set");
        for t in 0..streamed {
            black_box(stream.push(&Bar::of(bars.view(), t)).expect("valid bars"));
        }
    };
    println!("stream of {streamed} bars, every column: {}", best(stream));
    println!("\n  ns/bar     cpu  column, alone on one thread");
    for feature in DEFAULT_SET {
        let one = FeatureSet::parse(&[feature.spec]).expect("a valid spec");
        let spent = best(|| compute(bars.view(), &one, NonZeroUsize::MIN));
        let [wall, cpu] = [spent.wall, spent.cpu].map(|seconds| seconds * 1e9 / rows as f64);
        println!("{wall:>8.1}{cpu:>8.1}  {}", feature.spec);
    }
}

/// The best of a few runs.
struct Spent {
    wall: f64,
    cpu: f64,
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} s ({:.3} s processor)", self.wall, self.cpu)
    }
}

/// Returns the least seconds of three runs.
fn best<T>(mut work: impl FnMut() -> T) -> Spent {
    let mut best = Spent {
        wall: f64::INFINITY,
        cpu: f64::INFINITY,
    };
    for _ in 0..3 {
        let (started, cpu) = (Instant::now(), cpu_seconds());
        black_box(work());
        best.wall = best.wall.min(started.elapsed().as_secs_f64());
        best.cpu = best.cpu.min(cpu_seconds() - cpu);
    }
    best
}

/// Returns the processor seconds of this process: fields 14 and 15 of its `stat`, in hundredths.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks
        .filter_map(|field| field.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

fn walk(rows: usize) -> Bars {
    let mut rng = StreamRng::seeded(1);
    let mut bars = Bars::empty("WALK", Timeframe::MINUTE);
    let mut close: f64 = 100.0;
    for row in 0..rows {
        let open = close;
        close *= (0.001 * rng.normal() - 1e-4 * (close / 100.0).ln()).exp();
        bars.open_time
            .push(Nanos(row as i64 * Timeframe::MINUTE.nanos()));
        bars.open.push(open);
        bars.high
            .push(open.max(close) * (1.0 + 0.0005 * rng.uniform()));
        bars.low
            .push(open.min(close) * (1.0 - 0.0005 * rng.uniform()));
        bars.close.push(close);
        bars.volume.push(10.0 * rng.normal().exp());
    }
    bars
}
