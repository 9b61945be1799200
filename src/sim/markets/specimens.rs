//! The four known-answer markets, as specs and as laws.

use super::law::{Edge, MarkovLaw};
use crate::error::{SimError, require};
use domain::Text;
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// A market whose optimum is known. Deviations are fractions of the price, times are bars.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum KnownMarketSpec {
    /// A sine of the price with noise around it, on top of a random walk.
    ///
    /// Seen: sine and cosine of the phase, distance from the sine.
    NoisySine {
        /// Bars of one cycle, range [4, 512].
        period: usize,
        /// Amplitude, range (0, 0.5).
        amplitude: f64,
        /// Standard deviation around the sine, drawn anew each bar, range [0, 0.1].
        jitter: f64,
        /// Standard deviation of the random walk below, range [0, 0.1].
        noise: f64,
    },
    /// A logarithmic price that reverts to its mean: an AR(1) process on 41 levels (Rouwenhorst
    /// 1995, exact in mean reversion and variance), the discrete form of Ornstein–Uhlenbeck.
    ///
    /// Seen: distance from the mean in standard deviations.
    MeanReverting {
        /// Autocorrelation of one bar, range (0, 1).
        persistence: f64,
        /// Standard deviation of the logarithmic price, range (0, 0.5).
        deviation: f64,
        /// Standard deviation of the random walk below, range [0, 0.1].
        noise: f64,
    },
    /// Two regimes of rising and falling prices that change at random.
    ///
    /// Seen: the regime of the bar that closed.
    RegimeSwitching {
        /// Probability to stay in a regime for the next bar, range (0.5, 1).
        persistence: f64,
        /// Drift of a bar, up or down, range (0, 0.1).
        drift: f64,
        /// Standard deviation of a bar, range [0, 0.1].
        noise: f64,
    },
    /// A random walk. There is nothing to see, and flat is the best position.
    PureNoise {
        /// Standard deviation of a bar, range (0, 0.1].
        noise: f64,
    },
}

impl KnownMarketSpec {
    /// The noisy sine of the published figures.
    pub const NOISY_SINE: Self = Self::NoisySine {
        period: 32,
        amplitude: 0.03,
        jitter: 0.002,
        noise: 0.002,
    };
    /// The mean-reverting market of the published figures.
    pub const MEAN_REVERTING: Self = Self::MeanReverting {
        persistence: 0.9,
        deviation: 0.02,
        noise: 0.001,
    };
    /// The regime-switching market of the published figures.
    pub const REGIME_SWITCHING: Self = Self::RegimeSwitching {
        persistence: 0.97,
        drift: 0.003,
        noise: 0.005,
    };
    /// The pure noise of the published figures.
    pub const PURE_NOISE: Self = Self::PureNoise { noise: 0.01 };

    /// Returns the short name used in configurations and reports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoisySine { .. } => "noisy_sine",
            Self::MeanReverting { .. } => "mean_reverting",
            Self::RegimeSwitching { .. } => "regime_switching",
            Self::PureNoise { .. } => "pure_noise",
        }
    }

    /// Returns the published market of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [
            Self::NOISY_SINE,
            Self::MEAN_REVERTING,
            Self::REGIME_SWITCHING,
            Self::PURE_NOISE,
        ]
        .into_iter()
        .find(|spec| spec.name() == name)
    }

    /// Returns the law.
    ///
    /// # Errors
    /// [`SimError::Setting`] for the first field outside its range.
    pub fn law(&self) -> Result<MarkovLaw, SimError> {
        match *self {
            Self::NoisySine {
                period,
                amplitude,
                jitter,
                noise,
            } => {
                let rule = Text::new("lie in [4, 512] bars", "[4, 512]봉 안에 있어야 합니다");
                require((4..=512).contains(&period), "market.period", period, rule)?;
                within("market.amplitude", amplitude, 1e-9, 0.5)?;
                within("market.jitter", jitter, 0.0, 0.1)?;
                within("market.noise", noise, 0.0, 0.1)?;
                Ok(noisy_sine(period, amplitude, jitter, noise))
            }
            Self::MeanReverting {
                persistence,
                deviation,
                noise,
            } => {
                within("market.persistence", persistence, 1e-9, 1.0 - 1e-9)?;
                within("market.deviation", deviation, 1e-9, 0.5)?;
                within("market.noise", noise, 0.0, 0.1)?;
                Ok(mean_reverting(persistence, deviation, noise))
            }
            Self::RegimeSwitching {
                persistence,
                drift,
                noise,
            } => {
                within("market.persistence", persistence, 0.5, 1.0 - 1e-9)?;
                within("market.drift", drift, 1e-9, 0.1)?;
                within("market.noise", noise, 0.0, 0.1)?;
                Ok(regime_switching(persistence, drift, noise))
            }
            Self::PureNoise { noise } => {
                within("market.noise", noise, 1e-9, 0.1)?;
                Ok(MarkovLaw {
                    edges: vec![vec![Edge {
                        to: 0,
                        probability: 1.0,
                        growth: 0.0,
                    }]],
                    start: vec![1.0],
                    features: vec![Vec::new()],
                    noise,
                })
            }
        }
    }
}

fn within(key: &'static str, value: f64, low: f64, high: f64) -> Result<(), SimError> {
    require(
        (low..=high).contains(&value),
        key,
        value,
        Text::new(
            "lie in its documented range",
            "정해진 범위 안에 있어야 합니다",
        ),
    )
}

/// Levels of the jitter: a binomial distribution, close to normal and finite.
const JITTER_LEVELS: usize = 9;

fn noisy_sine(period: usize, amplitude: f64, jitter: f64, noise: f64) -> MarkovLaw {
    let weights = binomial(JITTER_LEVELS);
    let spread = ((JITTER_LEVELS - 1) as f64).sqrt() / 2.0;
    let middle = (JITTER_LEVELS - 1) as f64 / 2.0;
    let score = |m: usize| (m as f64 - middle) / spread;
    let angle = |k: usize| TAU * k as f64 / period as f64;
    let level = |k: usize, m: usize| {
        (1.0 + amplitude * angle(k % period).sin()) * (1.0 + jitter * score(m))
    };
    let states = || (0..period).flat_map(|k| (0..JITTER_LEVELS).map(move |m| (k, m)));
    let edges_of = |(k, m): (usize, usize)| {
        let edge = |(next, probability): (usize, &f64)| Edge {
            to: (k + 1) % period * JITTER_LEVELS + next,
            probability: *probability,
            growth: level(k + 1, next) / level(k, m) - 1.0,
        };
        weights.iter().enumerate().map(edge).collect()
    };
    let features_of = |(k, m): (usize, usize)| {
        let (sin, cos) = angle(k).sin_cos();
        vec![sin as f32, cos as f32, score(m) as f32]
    };
    MarkovLaw {
        edges: states().map(edges_of).collect(),
        start: states().map(|(_, m)| weights[m] / period as f64).collect(),
        features: states().map(features_of).collect(),
        noise,
    }
}

/// Levels of the logarithmic price.
const REVERTING_LEVELS: usize = 41;

fn mean_reverting(persistence: f64, deviation: f64, noise: f64) -> MarkovLaw {
    let width = ((REVERTING_LEVELS - 1) as f64).sqrt();
    let score = |i: usize| width * (2.0 * i as f64 / (REVERTING_LEVELS - 1) as f64 - 1.0);
    let edges = rouwenhorst(REVERTING_LEVELS, f64::midpoint(1.0, persistence))
        .into_iter()
        .enumerate()
        .map(|(from, row)| {
            let edge = |(to, probability): (usize, f64)| Edge {
                to,
                probability,
                growth: (deviation * (score(to) - score(from))).exp_m1(),
            };
            row.into_iter().enumerate().map(edge).collect()
        })
        .collect();
    MarkovLaw {
        edges,
        start: binomial(REVERTING_LEVELS),
        features: (0..REVERTING_LEVELS)
            .map(|i| vec![score(i) as f32])
            .collect(),
        noise,
    }
}

fn regime_switching(persistence: f64, drift: f64, noise: f64) -> MarkovLaw {
    let drifts = [-drift, drift];
    let edges_of = |from: usize| {
        let edge = |to: usize| Edge {
            to,
            probability: if to == from {
                persistence
            } else {
                1.0 - persistence
            },
            growth: drifts[to],
        };
        vec![edge(0), edge(1)]
    };
    MarkovLaw {
        edges: vec![edges_of(0), edges_of(1)],
        start: vec![0.5, 0.5],
        features: vec![vec![-1.0], vec![1.0]],
        noise,
    }
}

/// Returns the binomial distribution with probability ½ on `levels` levels.
fn binomial(levels: usize) -> Vec<f64> {
    let mut row = vec![1.0];
    for _ in 1..levels {
        let mut next = vec![0.0; row.len() + 1];
        for (index, weight) in row.iter().enumerate() {
            next[index] += 0.5 * weight;
            next[index + 1] += 0.5 * weight;
        }
        row = next;
    }
    row
}

/// Returns Rouwenhorst's transition matrix for an AR(1) process of autocorrelation `2p − 1`
/// (Kopecky and Suen 2010, eq. 6 to 8).
fn rouwenhorst(levels: usize, p: f64) -> Vec<Vec<f64>> {
    let mut matrix = vec![vec![1.0]];
    for size in 2..=levels {
        let mut next = vec![vec![0.0; size]; size];
        for (i, row) in matrix.iter().enumerate() {
            for (j, weight) in row.iter().enumerate() {
                next[i][j] += p * weight;
                next[i][j + 1] += (1.0 - p) * weight;
                next[i + 1][j] += (1.0 - p) * weight;
                next[i + 1][j + 1] += p * weight;
            }
        }
        for row in &mut next[1..size - 1] {
            row.iter_mut().for_each(|weight| *weight *= 0.5);
        }
        matrix = next;
    }
    matrix
}
