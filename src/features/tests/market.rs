//! Bars made from a fixed formula; `fixtures/talib_parity.py` makes the same bits.

use domain::{BarFlags, Bars, Nanos, Timeframe};

/// Knuth's 64-bit linear congruential generator; 53 bits become a uniform value.
struct Lcg(u64);

impl Lcg {
    fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / 9_007_199_254_740_992.0
    }
}

/// Returns `rows` hourly bars from 2024-01-01 that wander around 100.
pub fn bars(rows: usize) -> Bars {
    let mut lcg = Lcg(2024);
    let mut bars = Bars::empty("SYNTH", Timeframe::HOUR);
    let mut close = 100.0;
    for row in 0..rows {
        let open = close * (1.0 + 0.004 * (lcg.uniform() - 0.5));
        close = open * (1.0 + 0.03 * (lcg.uniform() - 0.5) + 0.01 * ((100.0 - open) / 100.0));
        let high = f64::max(open, close) * (1.0 + 0.01 * lcg.uniform());
        let low = f64::min(open, close) * (1.0 - 0.01 * lcg.uniform());
        let volume = 1000.0 * (0.2 + lcg.uniform());
        push(&mut bars, row, [open, high, low, close], volume);
    }
    bars
}

/// Returns `rows` hourly bars at one price without volume.
pub fn dead(rows: usize) -> Bars {
    let mut bars = Bars::empty("DEAD", Timeframe::HOUR);
    for row in 0..rows {
        push(&mut bars, row, [42.0; 4], 0.0);
    }
    bars
}

fn push(bars: &mut Bars, row: usize, prices: [f64; 4], volume: f64) {
    let [open, high, low, close] = prices;
    bars.open_time.push(Nanos::from_millis(
        1_704_067_200_000 + 3_600_000 * row as i64,
    ));
    bars.open.push(open);
    bars.high.push(high);
    bars.low.push(low);
    bars.close.push(close);
    bars.volume.push(volume);
    bars.flags.push(BarFlags::CLEAN);
}
