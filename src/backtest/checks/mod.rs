//! Tests that span several modules: parity with independent software, equality with the stepped
//! account, and verdicts on planted edges and planted noise.

mod backtesting_py;
mod empyrical;
mod environment;
mod stepping;
mod verdicts;

use domain::{BarFlags, Bars, Nanos, StreamRng, Timeframe};
use std::path::{Path, PathBuf};

/// Reads a committed fixture.
fn fixture(name: &str) -> serde_json::Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// Returns the repository's folder of shipped market data.
fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../data/sample")
        .join(name)
}

fn numbers(value: &serde_json::Value) -> Vec<f64> {
    let list = value.as_array().unwrap();
    list.iter().map(|number| number.as_f64().unwrap()).collect()
}

/// Asserts equality to `tolerance`, relative to the larger of `expected` and one.
#[track_caller]
fn assert_close(name: &str, got: f64, expected: f64, tolerance: f64) {
    let error = (got - expected).abs() / expected.abs().max(1.0);
    assert!(
        error <= tolerance,
        "{name}: {got} is not {expected} (off by {error:.1e})"
    );
}

/// Makes bars whose closes follow the given log returns; opens gap a little.
pub(crate) fn bars_from(returns: &[f64], timeframe: Timeframe, rng: &mut StreamRng) -> Bars {
    let mut bars = Bars::empty("TEST", timeframe);
    let mut close = 100.0_f64;
    for (at, change) in returns.iter().enumerate() {
        let open = close * (0.0005 * rng.normal()).exp();
        close *= change.exp();
        bars.open_time.push(Nanos(at as i64 * timeframe.nanos()));
        bars.open.push(open);
        bars.high.push(open.max(close) * 1.001);
        bars.low.push(open.min(close) * 0.999);
        bars.close.push(close);
        bars.volume.push(1_000.0);
        bars.flags.push(BarFlags::CLEAN);
    }
    bars
}
