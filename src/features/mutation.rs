//! Ways of changing the future, all of which leave the past bit for bit as it was.

use domain::{Bars, StreamRng, Text, Timeframe};

/// How the bars after `t` are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutation {
    /// Another random walk in price and volume, and other times.
    RandomWalk,
    /// The same bars with a tenfold spike now and then.
    Spikes,
    /// Everything stands still at the last close, with no volume.
    Constant,
    /// The same bars at a thousand times the price and volume.
    Scale,
    /// The bars in reverse order.
    Reverse,
    /// There are no later bars.
    Truncation,
}

impl Mutation {
    /// Every kind, in the order in which they are tried.
    pub const ALL: [Self; 6] = [
        Self::RandomWalk,
        Self::Spikes,
        Self::Constant,
        Self::Scale,
        Self::Reverse,
        Self::Truncation,
    ];

    /// Returns what was done to the later bars, for a person.
    #[must_use]
    pub fn title(self) -> Text {
        match self {
            Self::RandomWalk => Text::new("another random walk", "다른 무작위 경로"),
            Self::Spikes => Text::new("tenfold spikes", "10배 급등"),
            Self::Constant => Text::new("standing still", "멈춘 가격"),
            Self::Scale => Text::new("a thousand times the price", "1,000배 가격"),
            Self::Reverse => Text::new("reversed", "거꾸로 뒤집음"),
            Self::Truncation => Text::new("cut off", "잘라 냄"),
        }
    }

    /// Returns `bars` with everything after bar `t` changed. `t` lies within the bars.
    #[must_use]
    pub fn apply(self, bars: &Bars, t: usize, rng: &mut StreamRng) -> Bars {
        let mut changed = bars.clone();
        let after = t + 1..bars.len();
        match self {
            Self::RandomWalk => random_walk(&mut changed, t, rng),
            Self::Spikes => {
                for row in after {
                    if rng.below(5) == 0 {
                        scale(
                            &mut changed,
                            row,
                            if rng.below(2) == 0 { 10.0 } else { 0.1 },
                        );
                    }
                }
            }
            Self::Constant => {
                for row in after {
                    let close = bars.close[t];
                    set(&mut changed, row, [close; 4], 0.0);
                }
            }
            Self::Scale => after.for_each(|row| scale(&mut changed, row, 1_000.0)),
            Self::Reverse => {
                for column in columns(&mut changed) {
                    column[t + 1..].reverse();
                }
            }
            Self::Truncation => truncate(&mut changed, t + 1),
        }
        changed
    }
}

fn random_walk(bars: &mut Bars, t: usize, rng: &mut StreamRng) {
    let mut price = bars.close[t];
    let jump = Timeframe::HOUR.nanos() * (1 + rng.below(1_000) as i64);
    for row in t + 1..bars.len() {
        let open = price;
        price *= (0.05 * rng.normal()).exp();
        let high = open.max(price) * (1.0 + 0.02 * rng.uniform());
        let low = open.min(price) * (1.0 - 0.02 * rng.uniform());
        set(bars, row, [open, high, low, price], 1e4 * rng.uniform());
        bars.open_time[row].0 += jump;
    }
}

fn set(bars: &mut Bars, row: usize, prices: [f64; 4], volume: f64) {
    [
        bars.open[row],
        bars.high[row],
        bars.low[row],
        bars.close[row],
    ] = prices;
    bars.volume[row] = volume;
}

fn scale(bars: &mut Bars, row: usize, by: f64) {
    for column in columns(bars) {
        column[row] *= by;
    }
}

fn columns(bars: &mut Bars) -> [&mut Vec<f64>; 5] {
    [
        &mut bars.open,
        &mut bars.high,
        &mut bars.low,
        &mut bars.close,
        &mut bars.volume,
    ]
}

fn truncate(bars: &mut Bars, len: usize) {
    columns(bars)
        .into_iter()
        .for_each(|column| column.truncate(len));
    bars.open_time.truncate(len);
    bars.flags.truncate(len);
}
