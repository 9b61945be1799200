//! Rewards, each as growth of the account plus a named shaping term.
//!
//! Whatever the rule, `reward = scale × (growth + shaping)`, and the growth terms of an episode
//! add up to the account's own change, so that no reward can hide what was earned.

use crate::error::{SimError, require};
use domain::Text;
use serde::{Deserialize, Serialize};

/// Equity never counts as less than this share of the initial one: the logarithm of ruin is finite.
const LOG_FLOOR: f64 = 1e-6;

/// What is rewarded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RewardRule {
    /// `Δ ln(equity)`.
    #[default]
    LogEquity,
    /// Profit over the initial equity; with [`Sizing::Units`](crate::Sizing::Units) it adds up.
    Pnl,
    /// The differential Sharpe ratio (Moody and Saffell 2001, eq. 14) of log returns.
    DifferentialSharpe {
        /// Adaptation rate η, range (0, 1); 1/η is about the memory in bars.
        rate: f64,
    },
    /// `Δ ln(equity) − penalty × max(0, Δ drawdown)`, drawdown = `ln(peak / equity)`.
    DrawdownPenalised {
        /// Weight, range [0, 100].
        penalty: f64,
    },
}

/// A rule and its scale.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RewardSpec {
    /// What is rewarded. Default log equity.
    pub rule: RewardRule,
    /// Factor on every reward. Default 100 (log returns in percent), positive.
    pub scale: f64,
}

impl Default for RewardSpec {
    fn default() -> Self {
        Self {
            rule: RewardRule::LogEquity,
            scale: 100.0,
        }
    }
}

impl RewardSpec {
    pub(crate) fn check(&self) -> Result<(), SimError> {
        require(
            self.scale > 0.0 && self.scale.is_finite(),
            "reward.scale",
            self.scale,
            Text::new("be positive", "0보다 커야 합니다"),
        )?;
        match self.rule {
            RewardRule::LogEquity | RewardRule::Pnl => Ok(()),
            RewardRule::DifferentialSharpe { rate } => require(
                rate > 0.0 && rate < 1.0,
                "reward.rate",
                rate,
                Text::new("lie in (0, 1)", "(0, 1) 안에 있어야 합니다"),
            ),
            RewardRule::DrawdownPenalised { penalty } => require(
                (0.0..=100.0).contains(&penalty),
                "reward.penalty",
                penalty,
                Text::new("lie in [0, 100]", "[0, 100] 안에 있어야 합니다"),
            ),
        }
    }
}

/// The terms of one reward, or of a whole episode's sum; unscaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RewardTerms {
    /// `Δ ln(equity)`, or profit over the initial equity under [`RewardRule::Pnl`].
    pub growth: f64,
    /// What the rule adds to it.
    pub shaping: f64,
}

impl RewardTerms {
    /// Returns the reward before scaling.
    #[must_use]
    #[inline]
    pub fn total(self) -> f64 {
        self.growth + self.shaping
    }
}

/// Equity around one step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Growth {
    pub before: f64,
    pub after: f64,
    pub initial: f64,
}

impl Growth {
    /// Returns `ln(after / before)` to a few units in the last place.
    ///
    /// The series `2·artanh(s)` with `s = (a − b)/(a + b)` replaces a library call in the hottest
    /// line of the environment; its error at the bound is below 1e-17.
    #[inline]
    fn log(self) -> f64 {
        let floor = LOG_FLOOR * self.initial;
        let s = (self.after - self.before) / (self.after + self.before);
        let square = s * s;
        if square < 4e-4 && self.before > floor {
            let tail = 1.0 / 7.0 + square * (1.0 / 9.0 + square * (1.0 / 11.0));
            let series = square * (1.0 / 3.0 + square * (1.0 / 5.0 + square * tail));
            2.0 * (s + s * series)
        } else {
            (self.after.max(floor) / self.before.max(floor)).ln()
        }
    }
}

/// What a rule remembers of one environment's episode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct RewardMemory {
    /// Sums since the episode began.
    pub totals: RewardTerms,
    /// `ln(peak / equity)`.
    drawdown: f64,
    mean: f64,
    square: f64,
}

impl RewardMemory {
    #[inline]
    pub(crate) fn book(&mut self, terms: RewardTerms) {
        self.totals.growth += terms.growth;
        self.totals.shaping += terms.shaping;
    }
}

/// One rule with its parameters; the environment's loop is compiled once for each.
pub(crate) trait Rule: Copy {
    fn terms(self, memory: &mut RewardMemory, growth: Growth) -> RewardTerms;
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct LogEquity;

impl Rule for LogEquity {
    #[inline]
    fn terms(self, _memory: &mut RewardMemory, growth: Growth) -> RewardTerms {
        RewardTerms {
            growth: growth.log(),
            shaping: 0.0,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Pnl;

impl Rule for Pnl {
    #[inline]
    fn terms(self, _memory: &mut RewardMemory, growth: Growth) -> RewardTerms {
        RewardTerms {
            growth: (growth.after - growth.before) / growth.initial,
            shaping: 0.0,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct DifferentialSharpe {
    pub rate: f64,
}

impl Rule for DifferentialSharpe {
    #[inline]
    fn terms(self, memory: &mut RewardMemory, growth: Growth) -> RewardTerms {
        let change = growth.log();
        let (mean, square) = (memory.mean, memory.square);
        let variance = square - mean * mean;
        let (step_mean, step_square) = (change - mean, change * change - square);
        // Before the first movement there is no variance, and so no Sharpe ratio to improve.
        let ratio = if variance > f64::EPSILON * square {
            (square * step_mean - 0.5 * mean * step_square) / (variance * variance.sqrt())
        } else {
            0.0
        };
        memory.mean += self.rate * step_mean;
        memory.square += self.rate * step_square;
        RewardTerms {
            growth: change,
            shaping: ratio - change,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct DrawdownPenalised {
    pub penalty: f64,
}

impl Rule for DrawdownPenalised {
    #[inline]
    fn terms(self, memory: &mut RewardMemory, growth: Growth) -> RewardTerms {
        let change = growth.log();
        let drawdown = (memory.drawdown - change).max(0.0);
        let deeper = (drawdown - memory.drawdown).max(0.0);
        memory.drawdown = drawdown;
        RewardTerms {
            growth: change,
            shaping: -self.penalty * deeper,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(rule: impl Rule, equity: &[f64]) -> Vec<RewardTerms> {
        let mut memory = RewardMemory::default();
        equity
            .windows(2)
            .map(|pair| {
                let growth = Growth {
                    before: pair[0],
                    after: pair[1],
                    initial: equity[0],
                };
                rule.terms(&mut memory, growth)
            })
            .collect()
    }

    const EQUITY: [f64; 6] = [100.0, 110.0, 99.0, 95.0, 120.0, 119.0];

    #[test]
    fn growth_adds_up_to_the_change_of_log_equity_under_every_log_rule() {
        let change = (EQUITY[5] / EQUITY[0]).ln();
        for terms in [
            run(LogEquity, &EQUITY),
            run(DifferentialSharpe { rate: 0.1 }, &EQUITY),
            run(DrawdownPenalised { penalty: 2.0 }, &EQUITY),
        ] {
            let sum: f64 = terms.iter().map(|terms| terms.growth).sum();
            assert!((sum - change).abs() < 1e-12);
        }
        let pnl: f64 = run(Pnl, &EQUITY).iter().map(|terms| terms.growth).sum();
        assert!((pnl - 0.19).abs() < 1e-12);
    }

    #[test]
    fn only_new_depth_is_penalised() {
        let terms = run(DrawdownPenalised { penalty: 2.0 }, &EQUITY);
        let depths: f64 = (110.0_f64 / 95.0).ln() + (120.0_f64 / 119.0).ln();
        let sum: f64 = terms.iter().map(|terms| terms.shaping).sum();
        assert!((sum + 2.0 * depths).abs() < 1e-12);
    }

    /// The differential Sharpe ratio is the derivative of the moving Sharpe ratio by the rate.
    #[test]
    fn differential_sharpe_is_the_slope_of_the_moving_sharpe_ratio() {
        let changes: Vec<f64> = EQUITY.windows(2).map(|p| (p[1] / p[0]).ln()).collect();
        let (mut mean, mut square) = (0.0, 0.0);
        let rate = 0.1;
        let terms = run(DifferentialSharpe { rate }, &EQUITY);
        for (index, change) in changes.iter().enumerate() {
            let sharpe = |rate: f64| {
                let a: f64 = mean + rate * (change - mean);
                let b: f64 = square + rate * (change * change - square);
                a / (b - a * a).sqrt()
            };
            if index > 0 {
                let h = 1e-7;
                let slope = (sharpe(h) - sharpe(-h)) / (2.0 * h);
                assert!((terms[index].total() - slope).abs() < 1e-5);
            }
            mean += rate * (change - mean);
            square += rate * (change * change - square);
        }
    }

    #[test]
    fn the_logarithm_is_exact_where_the_series_ends_and_begins() {
        for ratio in [
            1.0,
            1.0 + 1e-12,
            0.999,
            1.0408,
            1.0409,
            0.9608,
            0.96,
            3.0,
            0.2,
        ] {
            let growth = Growth {
                before: 1e4,
                after: 1e4 * ratio,
                initial: 1e4,
            };
            let exact = ((1e4 * ratio - 1e4) / 1e4).ln_1p();
            assert!(
                (growth.log() - exact).abs() <= 1e-14 * exact.abs(),
                "{ratio}"
            );
        }
    }

    #[test]
    fn ruin_has_a_finite_reward() {
        let terms = run(LogEquity, &[100.0, -5.0]);
        assert!((terms[0].growth - 1e-6_f64.ln()).abs() < 1e-12);
    }
}
