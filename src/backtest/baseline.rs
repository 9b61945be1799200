//! What anybody could have done instead: rules without learning, on the same bars and costs.
//!
//! Owns the rules' targets and the standard set. A rule sees closes up to its bar only, like the
//! agent. Start at [`Baseline::targets`].

use crate::cross::moving_average_cross;
use crate::error::BacktestError;
use crate::words::Words;
use domain::{BarsView, StreamRng, Text, Timeframe};
use serde::{Deserialize, Serialize};

/// Targets that a policy may take.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Lowest target: 0 for long-only, −1 where shorts are allowed.
    pub low: f64,
    /// Highest target.
    pub high: f64,
}

impl Bounds {
    /// Flat to fully long.
    pub const LONG_ONLY: Self = Self {
        low: 0.0,
        high: 1.0,
    };
    /// Fully short to fully long.
    pub const LONG_SHORT: Self = Self {
        low: -1.0,
        high: 1.0,
    };
}

/// A rule to compare with. Windows count bars.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Baseline {
    /// Never in the market.
    Flat,
    /// Fully long from the first bar on.
    BuyAndHold,
    /// Long in proportion to `annual / realised volatility`, moved in steps of a tenth.
    VolatilityTarget {
        /// Volatility aimed at, a year, as a fraction.
        annual: f64,
        /// Bars over which volatility is measured.
        window: usize,
    },
    /// Long after a rise over `lookback` bars, else at the lower bound
    /// (Moskowitz, Ooi and Pedersen 2012).
    Momentum {
        /// Bars looked back.
        lookback: usize,
    },
    /// Long above a crossing of two moving averages, else at the lower bound.
    MovingAverageCross {
        /// Bars of the fast average.
        fast: usize,
        /// Bars of the slow average.
        slow: usize,
    },
    /// Buys `entry` standard deviations below the moving average, leaves at the average; the
    /// mirror image above it where shorts are allowed.
    MeanReversion {
        /// Bars of the average and of the deviation.
        window: usize,
        /// Standard deviations.
        entry: f64,
    },
    /// The agent's own decisions at the wrong time: its targets rotated by a random offset, which
    /// keeps turnover, holding times and exposure. Of `rotations` tries the median return counts.
    RandomTiming {
        /// Tries.
        rotations: usize,
    },
}

impl Baseline {
    /// Returns the usual rules with windows in days turned into bars of `timeframe`, none longer
    /// than a quarter of `bars`.
    #[must_use]
    pub fn standard_set(timeframe: Timeframe, bars: usize) -> Vec<Self> {
        let days = |days: i64| {
            let wanted = days * Timeframe::DAY.nanos() / timeframe.nanos();
            (wanted.max(2) as usize).min((bars / 4).max(4))
        };
        vec![
            Self::Flat,
            Self::BuyAndHold,
            Self::VolatilityTarget {
                annual: 0.2,
                window: days(20),
            },
            Self::Momentum { lookback: days(30) },
            Self::MovingAverageCross {
                fast: days(10).min(days(30) / 2).max(1),
                slow: days(30),
            },
            Self::MeanReversion {
                window: days(5),
                entry: 2.0,
            },
            Self::RandomTiming { rotations: 99 },
        ]
    }

    /// Returns the rule's stable name, e.g. `buy_and_hold`.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::BuyAndHold => "buy_and_hold",
            Self::VolatilityTarget { .. } => "volatility_target",
            Self::Momentum { .. } => "momentum",
            Self::MovingAverageCross { .. } => "moving_average_cross",
            Self::MeanReversion { .. } => "mean_reversion",
            Self::RandomTiming { .. } => "random_timing",
        }
    }

    /// Returns the name of the rule called `id`, without its settings; the id where no rule has it.
    #[must_use]
    pub fn name_of(id: &str) -> Words {
        match id {
            "flat" => Words::new("flat", "무포지션"),
            "buy_and_hold" => Words::new("buy and hold", "매수 후 보유"),
            "volatility_target" => Words::new("volatility target", "변동성 목표"),
            "momentum" => Words::new("momentum", "모멘텀"),
            "moving_average_cross" => Words::new("moving-average cross", "이동평균 교차"),
            "mean_reversion" => Words::new("mean reversion", "평균 회귀"),
            "random_timing" => Words::new("random timing", "무작위 시점"),
            other => Words::new(other, other),
        }
    }

    /// Returns the rule's name with its settings.
    #[must_use]
    pub fn label(&self) -> Words {
        match self {
            Self::Flat => Words::new("flat", "무포지션"),
            Self::BuyAndHold => Words::new("buy and hold", "매수 후 보유"),
            Self::VolatilityTarget { annual, window } => {
                let percent = annual * 100.0;
                Words::new(
                    format!("volatility target {percent} % ({window} bars)"),
                    format!("변동성 목표 {percent} % ({window}봉)"),
                )
            }
            Self::Momentum { lookback } => Words::new(
                format!("momentum ({lookback} bars)"),
                format!("모멘텀 ({lookback}봉)"),
            ),
            Self::MovingAverageCross { fast, slow } => Words::new(
                format!("moving-average cross {fast}/{slow}"),
                format!("이동평균 교차 {fast}/{slow}"),
            ),
            Self::MeanReversion { window, entry } => Words::new(
                format!("mean reversion ({window} bars, {entry} σ)"),
                format!("평균 회귀 ({window}봉, {entry} σ)"),
            ),
            Self::RandomTiming { .. } => {
                Words::new("random timing, same turnover", "무작위 시점, 같은 회전율")
            }
        }
    }

    /// Returns one target a bar. [`Baseline::RandomTiming`] needs the agent's targets and has
    /// none of its own: see [`rotated`].
    ///
    /// # Errors
    /// [`BacktestError::Setting`] for windows or levels that mean nothing.
    pub fn targets(
        &self,
        bars: BarsView<'_>,
        bounds: Bounds,
        periods_per_year: f64,
    ) -> Result<Vec<f64>, BacktestError> {
        self.check()?;
        let close = bars.close;
        Ok(match *self {
            Self::Flat | Self::RandomTiming { .. } => vec![0.0; close.len()],
            Self::BuyAndHold => vec![bounds.high.min(1.0); close.len()],
            Self::VolatilityTarget { annual, window } => {
                volatility_target(close, annual / periods_per_year.sqrt(), window, bounds)
            }
            Self::Momentum { lookback } => (0..close.len())
                .map(|at| {
                    if at < lookback {
                        0.0
                    } else if close[at] > close[at - lookback] {
                        bounds.high
                    } else {
                        bounds.low
                    }
                })
                .collect(),
            Self::MovingAverageCross { fast, slow } => {
                moving_average_cross(close, fast, slow, bounds.high, bounds.low)
            }
            Self::MeanReversion { window, entry } => mean_reversion(close, window, entry, bounds),
        })
    }

    fn check(&self) -> Result<(), BacktestError> {
        let wrong = |key, value: String, rule| Err(BacktestError::Setting { key, value, rule });
        let at_least_two = Text::new("be at least 2 bars", "2봉 이상이어야 합니다");
        match *self {
            Self::VolatilityTarget { window, .. } | Self::MeanReversion { window, .. }
                if window < 2 =>
            {
                wrong("baseline.window", window.to_string(), at_least_two)
            }
            Self::VolatilityTarget { annual, .. } if annual.is_nan() || annual <= 0.0 => wrong(
                "baseline.annual",
                annual.to_string(),
                Text::new("be positive", "0보다 커야 합니다"),
            ),
            Self::Momentum { lookback: 0 } => wrong(
                "baseline.lookback",
                "0".to_owned(),
                Text::new("be at least 1 bar", "1봉 이상이어야 합니다"),
            ),
            Self::MovingAverageCross { fast, slow } if fast == 0 || fast >= slow => wrong(
                "baseline.fast",
                fast.to_string(),
                Text::new(
                    "be positive and below baseline.slow",
                    "0보다 크고 baseline.slow보다 작아야 합니다",
                ),
            ),
            _ => Ok(()),
        }
    }
}

/// Returns the agent's targets started somewhere else: position `i` takes what stood at
/// `i + offset`, around the end. The offset is drawn from the middle eight tenths.
#[must_use]
pub fn rotated(targets: &[f64], rng: &mut StreamRng) -> Vec<f64> {
    let count = targets.len();
    let margin = count / 10;
    let offset = margin + rng.below((count - 2 * margin).max(1) as u64) as usize;
    let mut moved = targets.to_vec();
    moved.rotate_left(offset % count.max(1));
    moved
}

fn volatility_target(close: &[f64], per_period: f64, window: usize, bounds: Bounds) -> Vec<f64> {
    let mut targets = vec![0.0; close.len()];
    let mut held = 0.0;
    for at in window..close.len() {
        let changes = close[at - window..=at]
            .windows(2)
            .map(|pair| (pair[1] / pair[0]).ln());
        let squares: f64 = changes.map(|change| change * change).sum();
        let deviation = (squares / window as f64).sqrt();
        let wanted = if deviation > 0.0 {
            (per_period / deviation).min(bounds.high)
        } else {
            bounds.high
        };
        // A band of a tenth: following every wiggle would only pay fees.
        if (wanted - held).abs() >= 0.1 {
            held = (wanted * 10.0).round() / 10.0;
        }
        targets[at] = held;
    }
    targets
}

fn mean_reversion(close: &[f64], window: usize, entry: f64, bounds: Bounds) -> Vec<f64> {
    let mut targets = vec![0.0; close.len()];
    let mut held = 0.0;
    for at in window..close.len() {
        let recent = &close[at + 1 - window..=at];
        let mean = recent.iter().sum::<f64>() / window as f64;
        let squares: f64 = recent.iter().map(|price| (price - mean).powi(2)).sum();
        let deviation = (squares / (window - 1) as f64).sqrt();
        let gap = close[at] - mean;
        if gap < -entry * deviation {
            held = bounds.high;
        } else if gap > entry * deviation {
            held = bounds.low.min(0.0);
        } else if held * gap > 0.0 {
            held = 0.0;
        }
        targets[at] = held;
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::bars_from;
    use rstest::rstest;

    fn rules() -> Vec<Baseline> {
        Baseline::standard_set(Timeframe::HOUR, 2_000)
    }

    #[test]
    fn no_rule_looks_ahead() {
        let mut rng = StreamRng::seeded(1);
        let returns: Vec<f64> = (0..2_000).map(|_| 0.01 * rng.normal()).collect();
        let bars = bars_from(&returns, Timeframe::HOUR, &mut rng);
        let mut changed = bars.clone();
        for price in &mut changed.close[1_500..] {
            *price *= 1.5;
        }
        for rule in rules() {
            let before = rule
                .targets(bars.view(), Bounds::LONG_SHORT, 8_760.0)
                .unwrap();
            let after = rule
                .targets(changed.view(), Bounds::LONG_SHORT, 8_760.0)
                .unwrap();
            assert_eq!(before[..1_500], after[..1_500], "{}", rule.id());
            assert_eq!(before.len(), 2_000);
        }
    }

    #[test]
    fn every_rule_stays_within_its_bounds() {
        let mut rng = StreamRng::seeded(2);
        let returns: Vec<f64> = (0..2_000).map(|_| 0.002 * rng.normal()).collect();
        let bars = bars_from(&returns, Timeframe::HOUR, &mut rng);
        for rule in rules() {
            let targets = rule
                .targets(bars.view(), Bounds::LONG_ONLY, 8_760.0)
                .unwrap();
            assert!(
                targets.iter().all(|t| (0.0..=1.0).contains(t)),
                "{}",
                rule.id()
            );
        }
    }

    #[test]
    fn every_rule_has_a_name_in_both_languages() {
        let timing = Baseline::RandomTiming { rotations: 1 };
        for rule in rules()
            .into_iter()
            .chain([Baseline::Flat, Baseline::BuyAndHold, timing])
        {
            let Words { en, ko } = Baseline::name_of(rule.id());
            assert!(!en.contains('_') && en != ko, "{en}");
            assert!(rule.label().en.starts_with(&en), "{en}");
        }
    }

    #[test]
    fn rotation_keeps_what_was_done_and_moves_when() {
        let targets: Vec<f64> = (0..100).map(|at| f64::from(u8::from(at < 30))).collect();
        let moved = rotated(&targets, &mut StreamRng::seeded(3));
        assert_ne!(targets, moved);
        assert!((targets.iter().sum::<f64>() - moved.iter().sum::<f64>()).abs() < 1e-12);
    }

    #[rstest]
    #[case(Baseline::MovingAverageCross { fast: 5, slow: 5 }, "baseline.fast = 5 must")]
    #[case(Baseline::Momentum { lookback: 0 }, "baseline.lookback = 0 must")]
    #[case(Baseline::MeanReversion { window: 1, entry: 2.0 }, "baseline.window = 1 must")]
    fn settings_without_meaning_are_refused(#[case] rule: Baseline, #[case] message: &str) {
        let bars = bars_from(&[0.0; 20], Timeframe::HOUR, &mut StreamRng::seeded(1));
        let error = rule
            .targets(bars.view(), Bounds::LONG_ONLY, 252.0)
            .unwrap_err();
        assert!(error.to_string().starts_with(message), "{error}");
    }
}
